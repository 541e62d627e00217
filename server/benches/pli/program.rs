//! A program under measurement: started, observed through `/proc`, ended.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running program; ends when dropped.
pub(crate) struct Program {
    child: Child,
    /// `host:port`.
    pub(crate) address: String,
}

impl Program {
    /// Starts it, and waits for the address that it prints.
    ///
    /// # Errors
    /// It does not start, or ends without an address.
    pub(crate) async fn start(program: &Path, words: &[&str]) -> Result<Self> {
        let mut child = Command::new(program)
            .args(words)
            .env("PLI_LIMITS", "off")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        while let Some(line) = lines.next_line().await? {
            let Some((_, rest)) = line.split_once("http://") else {
                continue;
            };
            let address = rest
                .chars()
                .take_while(|c| c.is_ascii_digit() || ".:".contains(*c))
                .collect();
            // Whatever it prints later must find a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(Self { child, address });
        }
        bail!("{} printed no address", program.display())
    }

    /// Ends it, and waits until it has.
    ///
    /// # Errors
    /// It cannot be ended.
    pub(crate) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Memory in use now, in megabytes.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn memory_mb(&self) -> Result<f64> {
        self.status_mb("VmRSS:")
    }

    /// The most memory it had in use, in megabytes.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn peak_memory_mb(&self) -> Result<f64> {
        self.status_mb("VmHWM:")
    }

    /// Lets the most memory begin anew from what is in use now.
    ///
    /// # Errors
    /// It has ended, or whoever measures is not root: the program lets nobody else look into it.
    pub(crate) fn forget_peak_memory(&self) -> Result<()> {
        let id = self.child.id().context("the program has ended")?;
        // Source: proc(5), `/proc/pid/clear_refs`: 5 resets the peak resident set size.
        std::fs::write(format!("/proc/{id}/clear_refs"), "5")
            .context("cannot reset the peak of memory, which takes root")
    }

    /// Memory in use now by the processes that it has started, in megabytes, all together.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn memory_of_workers_mb(&self) -> Result<f64> {
        let id = self.child.id().context("the program has ended")?;
        let mut sum = 0.0;
        for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
            // Threads and workers may end between being named and being looked at.
            let workers = std::fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
            for worker in workers.split_whitespace() {
                let status = std::fs::read_to_string(format!("/proc/{worker}/status")).unwrap_or_default();
                sum += megabytes(&status, "VmRSS:").unwrap_or_default();
            }
        }
        Ok(sum)
    }

    fn status_mb(&self, name: &str) -> Result<f64> {
        megabytes(&self.proc_file("status")?, name)
    }

    /// Processor time so far, by all its threads.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let stat = self.proc_file("stat")?;
        // The name may hold spaces; what follows its bracket does not. Fields 14 and 15, in hundredths of a second.
        let (_, after_name) = stat.rsplit_once(')').context("no name")?;
        let ticks = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>);
        let ticks: u64 = ticks.sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Bytes sent to the disk so far.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn written_bytes(&self) -> Result<f64> {
        let io = self.proc_file("io")?;
        let line = io
            .lines()
            .find_map(|line| line.strip_prefix("write_bytes:"))
            .context("no such line")?;
        Ok(line.trim().parse()?)
    }

    fn proc_file(&self, name: &str) -> Result<String> {
        let id = self.child.id().context("the program has ended")?;
        Ok(std::fs::read_to_string(format!("/proc/{id}/{name}"))?)
    }
}

/// A line of a process's status, in megabytes.
fn megabytes(status: &str, name: &str) -> Result<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .context("no such line")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
