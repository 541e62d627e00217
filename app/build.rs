//! Before the crate is compiled: turns the locales into functions, one per key, and names the icon sprite by its hash.
//!
//! A key or a variable that one language lacks, or French typography that a rule can see, stops the build.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script learns everything from its environment"
)]

#[path = "build/locales.rs"]
mod locales;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for build scripts");
    let out = std::env::var("OUT_DIR").expect("cargo sets it for build scripts");
    let locales = Path::new(&root).join("locales");
    println!("cargo:rerun-if-changed={}", locales.display());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build/locales.rs");
    match locales::generate(&locales) {
        Ok(source) => fs::write(Path::new(&out).join("words.rs"), source).expect("OUT_DIR is writable"),
        Err(problems) => {
            for problem in &problems {
                println!("cargo:error={problem}");
            }
            std::process::exit(1);
        }
    }

    let sprite = Path::new(&root).join("../public/icons.svg");
    println!("cargo:rerun-if-changed={}", sprite.display());
    let bytes = fs::read(&sprite).unwrap_or_default();
    let mut hash = String::new();
    for byte in Sha256::digest(&bytes).iter().take(8) {
        let _ = write!(hash, "{byte:02x}");
    }
    println!("cargo:rustc-env=PLI_ICONS_URL=/pkg/icons.{hash}.svg");
}
