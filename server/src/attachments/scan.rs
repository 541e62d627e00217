//! The virus scanner: clamd, by its own protocol, over TCP or a socket of this machine.
//!
//! A file that could not be scanned is held, never passed.
//!
//! Source: clamd(8), `INSTREAM`; assurance ATT-07.

use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::parts::PartReader;
use crate::error::{Error, Result};

/// How long the scanner may take for one file.
const WITHIN: Duration = Duration::from_mins(1);
/// The most bytes of an answer.
const MAX_ANSWER: u64 = 4_096;

/// Where the scanner listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// At a port.
    Tcp(String),
    /// At a socket of this machine.
    Socket(PathBuf),
}

/// What the scanner says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has found nothing.
    Clean,
    /// It has found something.
    Infected,
}

impl Scanner {
    /// Reads `clamd:HOST:PORT` or `clamd:/PATH`.
    pub fn parse(text: &str) -> Option<Self> {
        let place = text.strip_prefix("clamd:")?;
        if place.starts_with('/') {
            return Some(Self::Socket(PathBuf::from(place)));
        }
        let (host, port) = place.rsplit_once(':')?;
        let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
        (!host.is_empty() && is_port).then(|| Self::Tcp(place.to_owned()))
    }

    /// Whether somebody answers there.
    ///
    /// # Errors
    /// `Failed` when nobody does, or it is no clamd.
    pub async fn ping(&self) -> Result<()> {
        let asked = tokio::time::timeout(WITHIN, async {
            let mut line = self.connect().await?;
            line.write_all(b"zPING\0").await?;
            answer(&mut line).await
        });
        match asked.await {
            Ok(Ok(said)) if said == "PONG" => Ok(()),
            Ok(Ok(_)) => Err(Error::failed(
                "asking the scanner",
                "it does not answer as clamd does",
            )),
            Ok(Err(error)) => Err(Error::failed("asking the scanner", error)),
            Err(too_long) => Err(Error::failed("asking the scanner", too_long)),
        }
    }

    /// Has a file scanned.
    ///
    /// # Errors
    /// `Failed` when the scanner does not answer, or does not say whether the file is clean.
    pub(super) async fn scan(&self, mut file: PartReader) -> Result<Verdict> {
        let doing = "having a file scanned";
        let scanned = tokio::time::timeout(WITHIN, async {
            let mut line = self
                .connect()
                .await
                .map_err(|error| Error::failed(doing, error))?;
            let told = |error: std::io::Error| Error::failed(doing, error);
            line.write_all(b"zINSTREAM\0").await.map_err(told)?;
            while let Some(piece) = file.next().await? {
                let length = u32::try_from(piece.len()).unwrap_or(u32::MAX);
                line.write_all(&length.to_be_bytes()).await.map_err(told)?;
                line.write_all(&piece).await.map_err(told)?;
            }
            line.write_all(&[0; 4]).await.map_err(told)?;
            answer(&mut line).await.map_err(told)
        });
        let said = scanned.await.map_err(|error| Error::failed(doing, error))??;
        match said.strip_prefix("stream: ") {
            Some("OK") => Ok(Verdict::Clean),
            Some(found) if found.ends_with(" FOUND") => Ok(Verdict::Infected),
            // Its own words are about a limit or a fault of its own, and hold nothing of the file.
            _ => Err(Error::failed(doing, format!("the scanner answered `{said}`"))),
        }
    }

    async fn connect(&self) -> std::io::Result<Box<dyn Line>> {
        Ok(match self {
            Self::Tcp(place) => Box::new(TcpStream::connect(place).await?),
            #[cfg(unix)]
            Self::Socket(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
            #[cfg(not(unix))]
            Self::Socket(_) => return Err(std::io::ErrorKind::Unsupported.into()),
        })
    }
}

trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

/// What the scanner says, up to the end of its line.
async fn answer(line: &mut Box<dyn Line>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    line.take(MAX_ANSWER).read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches(['\0', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_is_a_port_or_a_socket() {
        assert_eq!(
            Scanner::parse("clamd:127.0.0.1:3310"),
            Some(Scanner::Tcp("127.0.0.1:3310".to_owned()))
        );
        assert_eq!(
            Scanner::parse("clamd:/run/clamav/clamd.ctl"),
            Some(Scanner::Socket("/run/clamav/clamd.ctl".into()))
        );
        for wrong in [
            "clamd",
            "clamd:",
            "clamd:3310",
            "clamd:host:",
            "clamd:host:0",
            "icap:host:1",
            ":1",
        ] {
            assert_eq!(Scanner::parse(wrong), None, "{wrong}");
        }
    }
}
