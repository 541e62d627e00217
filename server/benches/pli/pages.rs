//! Pages: a conversation with 50 messages, complete as HTML.

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::client::Connection;
use crate::figures::{Limit, Report, Samples};
use crate::messages;
use crate::subject::Subject;

const N_MESSAGES: usize = 50;
const N_WARM_UP: usize = 50;
const N_PAGES: usize = 500;

/// Measures one reader, then two at once, which is what two cores can take.
///
/// # Errors
/// A page is refused or incomplete.
pub(crate) async fn measure(subject: &Subject, report: &mut Report) -> Result<()> {
    // The last pair, so that the first still has the history that the floor's first pair has.
    let pair = subject.pairs.last().context("there are pairs")?;
    messages::fill(subject, pair, N_MESSAGES).await?;
    let path = format!(
        "/messages/{}",
        pair.conversation.as_str().context("an id is text")?
    );
    let (mut samples, size_bytes) = read(&subject.program.address, &pair.reader, &path).await?;
    report.add(
        "page of 50 messages: one reader, p50",
        samples.percentile_ms(0.5),
        "ms",
        Limit::AtMost(5.0),
    );
    report.add(
        "page of 50 messages: one reader, p99",
        samples.percentile_ms(0.99),
        "ms",
        Limit::AtMost(20.0),
    );
    report.add(
        "page of 50 messages: HTML",
        size_bytes as f64 / 1e3,
        "kB",
        Limit::None,
    );
    let start = Instant::now();
    let address = &subject.program.address;
    tokio::try_join!(
        read(address, &pair.reader, &path),
        read(address, &pair.writer, &path),
        read(address, &pair.reader, &path),
        read(address, &pair.writer, &path)
    )?;
    let rate = (4 * (N_WARM_UP + N_PAGES)) as f64 / start.elapsed().as_secs_f64();
    report.add(
        "page of 50 messages: four readers",
        rate,
        "pages/s",
        Limit::AtLeast(1_000.0),
    );
    Ok(())
}

async fn read(address: &str, credentials: &str, path: &str) -> Result<(Samples, usize)> {
    let mut connection = Connection::open(address, credentials).await?;
    let mut samples = Samples::default();
    let mut size_bytes = 0;
    for number in 0..N_WARM_UP + N_PAGES {
        let start = Instant::now();
        let page = connection.get(path).await?;
        if number >= N_WARM_UP {
            samples.push(start.elapsed());
        }
        size_bytes = page.len();
    }
    let page = connection.get(path).await?;
    let page = String::from_utf8_lossy(&page);
    ensure!(
        page.contains("Message 49:") && page.contains("</html>"),
        "the page is not complete"
    );
    Ok((samples, size_bytes))
}
