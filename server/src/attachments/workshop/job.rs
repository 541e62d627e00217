//! The server's side of the workshop: starts the process, gives it a file, takes what it answers. Whatever becomes of the
//! process, the server goes on.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use app::api::ApiError;
use app::attachments::FileProblem;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::super::parts::PartReader;
use super::bench::UNLIMITED;
use super::{Answer, COMMAND, Seen};
use crate::error::{Error, Result};

/// How long the process may take, beside the seconds of a processor that it takes from itself.
const WITHIN: Duration = Duration::from_secs(20);
/// The most bytes of its first line.
const MAX_LINE: u64 = 4_096;
/// The most bytes that are taken from it at once.
const PIECE: u64 = 64 * 1024;

/// A process at work. It is ended when this goes.
pub(in crate::attachments) struct Job {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Job {
    /// Starts the process for a file of that ending and length.
    ///
    /// # Errors
    /// `Failed` when it cannot be started.
    pub(in crate::attachments) fn start(program: &Path, extension: &str, size: u64) -> Result<Self> {
        let doing = "starting the workshop";
        let mut command = Command::new(program);
        command
            .args([COMMAND, extension, &size.to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        // What ends the server from a keyboard says nothing about the file that is looked at.
        #[cfg(unix)]
        command.process_group(0);
        let mut process = command.spawn().map_err(|error| Error::failed(doing, error))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Error::failed(doing, "it has no line to its process"));
        };
        Ok(Self {
            process,
            input: Some(input),
            output: BufReader::new(output),
        })
    }

    /// Gives it the file, and waits for what it sees.
    ///
    /// # Errors
    /// `File` with what is wrong with it; `Failed` when the file cannot be read.
    pub(in crate::attachments) async fn look(&mut self, mut file: PartReader) -> Result<Seen> {
        let looked = tokio::time::timeout(WITHIN, async {
            if let Some(mut input) = self.input.take() {
                while let Some(piece) = file.next().await? {
                    // It has seen enough, or is gone: its answer says which.
                    if input.write_all(&piece).await.is_err() {
                        break;
                    }
                }
                let _ = input.shutdown().await;
            }
            let mut line = String::new();
            let read = (&mut self.output).take(MAX_LINE).read_line(&mut line).await;
            Ok::<_, Error>(read.ok().and_then(|_| serde_json::from_str::<Answer>(&line).ok()))
        });
        match looked.await {
            Ok(Ok(Some(Ok(seen)))) => Ok(seen),
            Ok(Ok(Some(Err(problem)))) => Err(ApiError::File(problem).into()),
            Ok(Ok(None)) => Err(self.why_silent().await),
            Ok(Err(error)) => Err(error),
            Err(_too_long) => Err(ApiError::File(FileProblem::TooComplex).into()),
        }
    }

    /// It has ended without a word: a decoder broke, it was stopped at a limit, or the file has no part in it and is looked at
    /// again later.
    async fn why_silent(&mut self) -> Error {
        let doing = "looking at a file";
        match self.process.wait().await {
            Ok(status) if status.code() == Some(i32::from(UNLIMITED)) => {
                Error::failed(doing, "the workshop could not give up what it does not need")
            }
            Ok(status) if status.code().is_some() => ApiError::File(FileProblem::Unreadable).into(),
            Ok(status) if was_told_to_end(status) => Error::failed(doing, "the workshop was told to end"),
            Ok(_) => ApiError::File(FileProblem::TooComplex).into(),
            Err(error) => Error::failed(doing, error),
        }
    }

    /// The next bytes of what it has made, at most so many.
    ///
    /// # Errors
    /// `File` when they do not come.
    pub(in crate::attachments) async fn read(&mut self, most: u64) -> Result<Vec<u8>> {
        let mut piece = Vec::new();
        let mut line = (&mut self.output).take(most.min(PIECE));
        match tokio::time::timeout(WITHIN, line.read_to_end(&mut piece)).await {
            Ok(Ok(n_bytes)) if n_bytes > 0 => Ok(piece),
            _ => Err(ApiError::File(FileProblem::Unreadable).into()),
        }
    }

    /// Waits for its end.
    pub(in crate::attachments) async fn end(mut self) {
        let _ = tokio::time::timeout(WITHIN, self.process.wait()).await;
    }
}

/// Whether somebody ended it, and no limit.
fn was_told_to_end(status: std::process::ExitStatus) -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::ExitStatusExt;

        [libc::SIGTERM, libc::SIGINT, libc::SIGHUP]
            .map(Some)
            .contains(&status.signal())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = status;
        false
    }
}
