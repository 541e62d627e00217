//! What a PostgreSQL server says of its own durability, and which of it is refused.

use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use crate::error::{Error, Result};

/// The oldest version that the tests run on.
const MIN_VERSION: u32 = 150_000;

/// What a connection asks when it begins.
const QUESTION: &str = "select current_setting('server_version_num'), current_setting('server_encoding'), \
    current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'), \
    pg_is_in_recovery(), pg_backend_pid()";

/// What a connection does when it was found to be good. What was found stays, should the server be told otherwise
/// meanwhile; whoever stands still inside a transaction for ten seconds loses it, so that nobody waits for a frozen process.
const SETTINGS: &str = "set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '10s'; \
    set synchronous_commit to ";

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    version: u32,
    encoding: String,
    synchronous_commit: String,
    fsync: String,
    full_page_writes: String,
    is_standby: bool,
    pid: i32,
}

/// Asks the server, refuses it if it could lose what was acknowledged, and keeps it as it was found. Answers the number of
/// the server's process.
pub(super) async fn verify(client: &Client) -> Result<i32> {
    let doing = "opening the database";
    let failed = |error: tokio_postgres::Error| Error::failed(doing, super::link::describe(&error));
    let messages = client.simple_query(QUESTION).await.map_err(failed)?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let found = Found::from_row(row.ok_or_else(|| Error::failed(doing, "the server answered nothing"))?);
    if let Some(reason) = found.weakness() {
        return Err(Error::failed(doing, reason));
    }
    client
        .batch_execute(&format!("{SETTINGS}{}", found.synchronous_commit))
        .await
        .map_err(failed)?;
    Ok(found.pid)
}

impl Found {
    fn from_row(row: &SimpleQueryRow) -> Self {
        let text = |index: usize| row.try_get(index).ok().flatten().unwrap_or_default().to_owned();
        Self {
            version: text(0).parse().unwrap_or(0),
            encoding: text(1),
            synchronous_commit: text(2),
            fsync: text(3),
            full_page_writes: text(4),
            is_standby: text(5) != "f",
            pid: text(6).parse().unwrap_or(0),
        }
    }

    /// Why the server is not good enough.
    ///
    /// Source: PostgreSQL manual, "Write Ahead Log", settings; assurance REL-20.
    fn weakness(&self) -> Option<String> {
        if self.version < MIN_VERSION {
            return Some("PostgreSQL 15 or later is needed".to_owned());
        }
        if self.encoding != "UTF8" {
            return Some(format!("its encoding is `{}`: names need `UTF8`", self.encoding));
        }
        if self.is_standby {
            return Some("it is a standby: Pli writes, and reads its own writes, on the primary".to_owned());
        }
        let weak = |name: &str, value: &str, wanted: &str, consequence: &str| {
            Some(format!(
                "`{name}` is `{value}`: {consequence}; set it to {wanted}"
            ))
        };
        // `local` and `remote_write` wait for this machine, but not for the standby that somebody asked to be waited for.
        if !["on", "remote_apply"].contains(&self.synchronous_commit.as_str()) {
            return weak(
                "synchronous_commit",
                &self.synchronous_commit,
                "`on`",
                "a message could be acknowledged before it is on disk",
            );
        }
        if self.fsync != "on" {
            return weak(
                "fsync",
                &self.fsync,
                "`on`",
                "a power cut could take back what was acknowledged",
            );
        }
        if self.full_page_writes != "on" {
            return weak(
                "full_page_writes",
                &self.full_page_writes,
                "`on`",
                "a power cut could damage the database",
            );
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Found {
        Found {
            version: 150_020,
            encoding: "UTF8".to_owned(),
            synchronous_commit: "on".to_owned(),
            fsync: "on".to_owned(),
            full_page_writes: "on".to_owned(),
            is_standby: false,
            pid: 1,
        }
    }

    /// Assurance REL-20, for the second engine.
    #[test]
    fn a_server_that_could_lose_a_commit_is_refused() {
        let off = || "off".to_owned();
        let weak = [
            (
                Found {
                    fsync: off(),
                    ..good()
                },
                "`fsync`",
            ),
            (
                Found {
                    full_page_writes: off(),
                    ..good()
                },
                "`full_page_writes`",
            ),
            (
                Found {
                    synchronous_commit: off(),
                    ..good()
                },
                "`synchronous_commit`",
            ),
            (
                Found {
                    synchronous_commit: "local".to_owned(),
                    ..good()
                },
                "`synchronous_commit`",
            ),
            (
                Found {
                    synchronous_commit: "remote_write".to_owned(),
                    ..good()
                },
                "`synchronous_commit`",
            ),
            (
                Found {
                    is_standby: true,
                    ..good()
                },
                "standby",
            ),
            (
                Found {
                    version: 140_011,
                    ..good()
                },
                "PostgreSQL 15",
            ),
            (
                Found {
                    encoding: "LATIN1".to_owned(),
                    ..good()
                },
                "UTF8",
            ),
        ];

        assert_eq!(good().weakness(), None);
        let stronger = Found {
            synchronous_commit: "remote_apply".to_owned(),
            ..good()
        };
        assert_eq!(stronger.weakness(), None);
        for (found, reason) in weak {
            let refusal = found.weakness().unwrap_or_default();
            assert!(refusal.contains(reason), "{reason}: {refusal}");
        }
    }
}
