//! The promise of the artefact: one file, copied alone into an empty folder, is all of Pli.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::files;
use crate::workspace::target;

/// Copies the program alone, starts its demonstration there, and fetches a page with all that it links to.
///
/// # Errors
/// It does not start, or a file is missing from it.
pub(crate) fn check(program: &Path) -> Result<()> {
    let folder = target().join("one-file");
    files::empty_folder(&folder)?;
    let copy = folder.join("pli");
    fs::copy(program, &copy).with_context(|| format!("cannot copy {}", program.display()))?;
    let mut running = Running::start(&copy, &folder)?;
    let checked = running.address().and_then(|address| check_page(&address));
    drop(running);
    let left: Vec<_> = files::files_below(&folder)?
        .into_iter()
        .filter(|path| *path != copy)
        .collect();
    ensure!(left.is_empty(), "the demonstration left files behind: {left:?}");
    checked
}

fn check_page(address: &str) -> Result<()> {
    let page = fetch(address, "/connexion")?;
    let links: Vec<&str> = page
        .split(['"', '\'', '(', ')'])
        .filter(|part| part.starts_with("/pkg/"))
        .collect();
    for ending in [".js", ".wasm", ".css"] {
        ensure!(
            links.iter().any(|link| link.ends_with(ending)),
            "the page links to no `{ending}` file"
        );
    }
    let root_files = [
        "/sw.js",
        "/manifest.webmanifest",
        "/icon-192.png",
        "/pkg/shell.json",
    ];
    for path in links
        .iter()
        .map(|link| link.split('#').next().unwrap_or(link))
        .chain(root_files)
    {
        fetch(address, path)?;
    }
    println!(
        "  {} files of the page answered 200",
        links.len() + root_files.len()
    );
    Ok(())
}

/// A started program, ended when dropped, and what it prints.
struct Running {
    child: Child,
    printed: BufReader<ChildStdout>,
}

impl Running {
    fn start(program: &Path, folder: &Path) -> Result<Self> {
        let mut pli = Command::new(program);
        pli.current_dir(folder)
            .args(["demo", "--listen", "127.0.0.1:0"])
            .env_clear()
            .stdout(Stdio::piped());
        let mut child = pli.spawn().context("the copied program does not start")?;
        let printed = child.stdout.take().context("its output is not ours")?;
        Ok(Self {
            child,
            printed: BufReader::new(printed),
        })
    }

    /// The address that it prints once it answers.
    fn address(&mut self) -> Result<String> {
        for line in self.printed.by_ref().lines() {
            let line = line?;
            if let Some((_, rest)) = line.split_once("http://") {
                let address: String = rest
                    .chars()
                    .take_while(|c| c.is_ascii_digit() || ".:".contains(*c))
                    .collect();
                return Ok(address);
            }
        }
        bail!("the copied program ended without printing an address")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of a page, which must answer 200. HTTP/1.0, so that the body comes in one piece and ends with the connection.
fn fetch(address: &str, path: &str) -> Result<String> {
    let mut connection =
        TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(connection, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = Vec::new();
    connection
        .read_to_end(&mut answer)
        .with_context(|| format!("no answer for {path}"))?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).unwrap_or_default();
    ensure!(status == "200", "{path} answered {status}");
    Ok(answer.into_owned())
}
