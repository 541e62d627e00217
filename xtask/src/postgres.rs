//! A throwaway PostgreSQL for tests: made in a temporary folder, reached by a socket in it alone, gone with its last use.
//!
//! It waits for its disk as a real one must, because Pli refuses one that does not. Its letters are sorted by the rules of
//! French, as a hospital's would be, so that a query whose order depends on them shows.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::workspace::{output_of, run};

/// Where Debian and others keep the programs that are not for everybody.
const FOLDERS: &str = "/usr/lib/postgresql";
/// Each test has a handful of connections, and as many tests run at once as there are processors.
const MAX_CONNECTIONS: u32 = 500;

/// A running server.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    /// Starts one; `None` where the programs are not installed.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start() -> Result<Option<Self>> {
        let Some(programs) = find_programs() else {
            return Ok(None);
        };
        let folder = shared_folder().join("pli-postgres-XXXXXX");
        let folder = output_of(as_owner("mktemp").arg("-d").arg(folder))?;
        let cluster = Self {
            programs,
            folder: PathBuf::from(folder.trim()),
        };
        run(cluster
            .program("initdb")
            .arg("-D")
            .arg(cluster.data())
            .args([
                "-U",
                "postgres",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ])
            .args(["--locale-provider=icu", "--icu-locale=fr-CA"])
            .stdout(Stdio::null()))?;
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories={} -c max_connections={MAX_CONNECTIONS}",
            cluster.folder.display()
        );
        run(cluster
            .program("pg_ctl")
            .args(["start", "-s", "-w", "-o", &options, "-D"])
            .arg(cluster.data())
            .arg("-l")
            .arg(cluster.folder.join("log"))
            .stdout(Stdio::null()))?;
        Ok(Some(cluster))
    }

    /// The address of its first database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@/postgres?host={}", self.folder.display())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn program(&self, name: &str) -> Command {
        as_owner(&self.programs.join(name).to_string_lossy())
    }

    fn stop(&self) -> Result<()> {
        let status = self
            .program("pg_ctl")
            .args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(self.data())
            .status()
            .context("cannot start pg_ctl")?;
        ensure!(status.success(), "pg_ctl stop failed: {status}");
        run(as_owner("rm").arg("-rf").arg(&self.folder))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!(
                "the throwaway PostgreSQL in {} was not cleared away: {error:#}",
                self.folder.display()
            );
        }
    }
}

/// A command as somebody whom PostgreSQL accepts: it does not run as root.
fn as_owner(program: &str) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", program]);
        command
    } else {
        Command::new(program)
    };
    // The owner may not be allowed to stand where we do.
    command.current_dir(shared_folder());
    command
}

/// A folder for passing things: root's own may be closed to whoever PostgreSQL runs as.
fn shared_folder() -> PathBuf {
    if is_root() {
        PathBuf::from("/tmp")
    } else {
        std::env::temp_dir()
    }
}

fn is_root() -> bool {
    let uid = Command::new("id").arg("-u").output();
    uid.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The folder with `initdb` and `pg_ctl`: of the path, or the newest of Debian's.
fn find_programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|folder| has_programs(folder));
    on_path.or_else(|| {
        let versions = std::fs::read_dir(FOLDERS).ok()?.flatten();
        let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
        let newest = versions
            .map(|entry| entry.path())
            .filter(|version| has_programs(&version.join("bin")))
            .max_by_key(|version| number(version))?;
        Some(newest.join("bin"))
    })
}

fn has_programs(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where PostgreSQL is not installed, nothing can be shown; the run of the integration tests says so.
    #[test]
    fn a_throwaway_server_listens_on_its_socket_and_leaves_nothing() {
        let Some(cluster) = Cluster::start().unwrap() else {
            return;
        };
        let folder = cluster.folder.clone();
        assert!(cluster.url().contains(&*folder.to_string_lossy()));
        assert!(
            as_owner("test")
                .arg("-S")
                .arg(folder.join(".s.PGSQL.5432"))
                .status()
                .unwrap()
                .success()
        );

        drop(cluster);

        assert!(!folder.exists());
    }
}
