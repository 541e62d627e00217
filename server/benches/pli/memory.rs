//! The memory that files in transit take: the program's own, and that of the processes that look at files for it.
//!
//! Source: assurance, twenty uploads of 25 MB at once in 40 MB more.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::figures::{Limit, Report};
use crate::files::{File, finish, upload};
use crate::subject::Subject;

const N_AT_ONCE: usize = 20;
/// Between two looks at the workers; one lives for some hundredths of a second.
const A_LOOK: Duration = Duration::from_millis(2);

/// Measures many people who upload and read the same kind of file at once.
///
/// # Errors
/// Something is refused.
pub(crate) async fn measure(pli: &Subject, file: &File, report: &mut Report) -> Result<()> {
    let (kind, n_bytes) = (file.kind, file.bytes.len());
    let what = format!("20 {kind}s of {:.1} MB", n_bytes as f64 / 1e6);
    let uploads = futures::future::try_join_all(pli.pairs.iter().take(N_AT_ONCE).map(|pair| async {
        let mut connection = pli.writer(pair).await?;
        let id = upload(&mut connection, pair, file).await?;
        finish(&mut connection, &id).await?;
        Ok(id)
    }));
    let (ids, most) = watched(pli, uploads).await?;
    report.add(
        format!("{what} uploaded at once: server's memory grown by"),
        most.grown_mb,
        "MB",
        Limit::AtMost(40.0),
    );
    report.add(
        format!("{what} uploaded at once: all workers together"),
        most.workers_mb,
        "MB",
        Limit::None,
    );
    let reads = futures::future::try_join_all(pli.pairs.iter().zip(&ids).map(|(pair, id)| async move {
        let mut connection = pli.writer(pair).await?;
        let bytes = connection.get(&format!("/api/v1/attachments/{id}")).await?;
        ensure!(!bytes.is_empty(), "nothing came back");
        Ok(())
    }));
    let (_, most) = watched(pli, reads).await?;
    report.add(
        format!("{what} handed out at once: server's memory grown by"),
        most.grown_mb,
        "MB",
        Limit::None,
    );
    Ok(())
}

struct Most {
    /// The server's peak above what it had before.
    grown_mb: f64,
    /// The most that its workers had at one look.
    workers_mb: f64,
}

/// Does something and watches the memory meanwhile.
async fn watched<T>(pli: &Subject, work: impl Future<Output = Result<T>>) -> Result<(T, Most)> {
    pli.program.forget_peak_memory()?;
    let before = pli.program.memory_mb()?;
    let mut workers_mb = 0.0_f64;
    let mut looks = tokio::time::interval(A_LOOK);
    let mut work = std::pin::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done?,
            _ = looks.tick() => workers_mb = workers_mb.max(pli.program.memory_of_workers_mb()?),
        }
    };
    let grown_mb = pli.program.peak_memory_mb()? - before;
    Ok((done, Most { grown_mb, workers_mb }))
}
