//! Starting, and doing nothing.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::client::Connection;
use crate::figures::{Limit, Report, Samples};
use crate::program::Program;

const N_STARTS: usize = 10;
const IDLE: Duration = Duration::from_secs(3);

/// Measures the time to the first answer, and the memory of an idle server.
///
/// # Errors
/// It does not start.
pub(crate) async fn measure(program: &Path, folder: &Path, report: &mut Report) -> Result<()> {
    let data = folder.to_string_lossy();
    let mut samples = Samples::default();
    for _ in 0..N_STARTS {
        samples.push(start_to_answer(program, &["serve", "--data", &data]).await?);
    }
    report.add(
        "serve: start → first answer, p50",
        samples.percentile_ms(0.5),
        "ms",
        Limit::AtMost(500.0),
    );
    let mut samples = Samples::default();
    for _ in 0..N_STARTS {
        samples.push(start_to_answer(program, &["demo"]).await?);
    }
    report.add(
        "demo: start → first answer, p50",
        samples.percentile_ms(0.5),
        "ms",
        Limit::AtMost(500.0),
    );
    let kinds = [
        ("serve", &["serve", "--data", &data][..], "/installation"),
        ("demo", &["demo"][..], "/connexion"),
    ];
    for (name, words, page) in kinds {
        let running = Program::start(program, &[words, &["--listen", "127.0.0.1:0"]].concat()).await?;
        // A page was shown: what rendering keeps is counted.
        Connection::open(&running.address, "").await?.get(page).await?;
        tokio::time::sleep(IDLE).await;
        report.add(
            format!("{name}: idle memory"),
            running.memory_mb()?,
            "MB",
            Limit::AtMost(60.0),
        );
        running.stop().await?;
    }
    Ok(())
}

async fn start_to_answer(program: &Path, words: &[&str]) -> Result<Duration> {
    let address = free_address()?;
    let start = Instant::now();
    let running = Program::start(program, &[words, &["--listen", &address]].concat()).await?;
    Connection::open(&address, "").await?.get("/readyz").await?;
    let elapsed = start.elapsed();
    running.stop().await?;
    Ok(elapsed)
}

fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
