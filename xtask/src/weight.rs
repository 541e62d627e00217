//! What a page costs on the wire before it is alive, and its limit.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::site::{Need, Weighed};

/// What scripts, modules and style sheet together may weigh for any page, in bytes, compressed with Brotli.
///
/// Source: at 1.6 Mbit/s, 250 kB take 1.25 s, which leaves half of the 2.5 s to hydration for latency and work.
const FIRST_LOAD_LIMIT_BYTES: usize = 250_000;

/// Prints the sizes and holds each page's first load to its limit.
///
/// # Errors
/// A first load is heavier than allowed.
pub(crate) fn require_within_limit(files: &[Weighed]) -> Result<()> {
    println!("  {:<44} {:>10} {:>10}", "file", "bytes", "brotli");
    for file in files {
        println!(
            "  {:<44} {:>10} {:>10}",
            file.name, file.size_bytes, file.packed_bytes
        );
    }
    let chunks: BTreeSet<&String> = files
        .iter()
        .filter_map(|file| match &file.need {
            Need::Chunk(chunk) => Some(chunk),
            Need::Every | Need::AllBut(_) | Need::None => None,
        })
        .collect();
    println!("  first load (wasm + js + css) of the pages of each chunk:");
    let mut heaviest = 0;
    for chunk in chunks {
        let needed: Vec<&Weighed> = files.iter().filter(|file| file.need.includes(chunk)).collect();
        let size_bytes: usize = needed.iter().map(|file| file.size_bytes).sum();
        let packed_bytes: usize = needed.iter().map(|file| file.packed_bytes).sum();
        println!("  {chunk:<44} {size_bytes:>10} {packed_bytes:>10}");
        heaviest = heaviest.max(packed_bytes);
    }
    ensure!(
        heaviest <= FIRST_LOAD_LIMIT_BYTES,
        "the heaviest first load weighs {heaviest} bytes, more than the {FIRST_LOAD_LIMIT_BYTES} allowed"
    );
    Ok(())
}

impl Need {
    fn includes(&self, chunk: &String) -> bool {
        match self {
            Need::Every => true,
            Need::Chunk(own) => own == chunk,
            Need::AllBut(others) => !others.contains(&chunk.as_str()),
            Need::None => false,
        }
    }
}
