//! How a connection to PostgreSQL runs statements.
//!
//! What marks and ends a job needs no answer of its own: it travels with the next statement, or with the commit, so a job
//! costs as many round trips as it has statements.

use app::api::AccountId;
use futures::future::join;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{SimpleQueryMessage, Statement};

use super::bells;
use super::cells::Parameter;
use super::link::{Link, Open, describe, is_lost};
use crate::error::{Error, Result};
use crate::store::engine::{Session, failed, unavailable};
use crate::store::{Row, Value};

/// Begins a group: alone among all processes that write to this database, and only if the server still waits for its disk.
/// The number is that of "Pli" in ASCII; nothing else of ours takes locks of this kind.
const BEGIN_WRITE: &str = "begin isolation level read committed read write; \
    select pg_advisory_xact_lock(5270633); \
    select current_setting('fsync'), current_setting('full_page_writes')";
const BEGIN_READ: &str = "begin isolation level repeatable read read only;";
const BEGIN_JOB: &str = "savepoint job;";
const KEEP_JOB: &str = "release savepoint job;";
const UNDO_JOB: &str = "rollback to savepoint job; release savepoint job;";

/// A connection, used by one thread.
pub(super) struct PostgresSession {
    link: Link,
    /// What travels with the next statement.
    ahead: String,
    /// A statement of this job was refused: PostgreSQL takes nothing more until the job is undone.
    is_job_spoilt: bool,
}

impl PostgresSession {
    pub(super) fn new(link: Link) -> Self {
        Self {
            link,
            ahead: String::new(),
            is_job_spoilt: false,
        }
    }

    /// Connects if need be.
    pub(super) fn connect(&mut self) -> Result<()> {
        self.link.connect().map(|_| ())
    }

    /// Runs statements without values, behind what was to go ahead of them.
    fn control(&mut self, sql: &str) -> std::result::Result<Vec<SimpleQueryMessage>, Trouble> {
        let sql = format!("{}{sql}", std::mem::take(&mut self.ahead));
        let Some((runtime, open)) = self.link.current() else {
            return Err(Trouble::Lost);
        };
        let outcome = runtime.block_on(open.client.simple_query(&sql));
        outcome.map_err(|error| self.trouble(&error))
    }

    /// Notes what an error means for the connection.
    fn trouble(&mut self, error: &tokio_postgres::Error) -> Trouble {
        let is_closed = self
            .link
            .current()
            .is_none_or(|(_, open)| open.client.is_closed());
        if is_closed || is_lost(error) {
            tracing::warn!(cause = %describe(error), "the connection to PostgreSQL was lost");
            self.link.drop_connection();
            return Trouble::Lost;
        }
        self.is_job_spoilt = true;
        if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
            return Trouble::Locked;
        }
        Trouble::Refused(describe(error))
    }

    /// Runs a statement, behind what was to go ahead of it.
    fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<(Vec<tokio_postgres::Row>, u64)> {
        let mut ahead = std::mem::take(&mut self.ahead);
        let Some((runtime, open)) = self.link.current() else {
            return Err(unavailable());
        };
        let outcome = runtime.block_on(async {
            if !open.statements.contains_key(sql) && !ahead.is_empty() {
                // A statement that cannot be prepared spoils its own job alone: behind the job's mark.
                open.client.batch_execute(&ahead).await?;
                ahead.clear();
            }
            let statement = statement(open, sql).await?;
            let parameters: Vec<Parameter<'_>> = values.iter().map(Parameter).collect();
            let parameters = parameters.iter().map(|value| value as &(dyn ToSql + Sync));
            let client = &open.client;
            let answered = async {
                let mut stream = std::pin::pin!(client.query_raw(&statement, parameters).await?);
                let mut rows = Vec::new();
                while let Some(row) = futures::TryStreamExt::try_next(&mut stream).await? {
                    rows.push(row);
                }
                Ok((rows, stream.rows_affected().unwrap_or(0)))
            };
            if ahead.is_empty() {
                return answered.await;
            }
            // Both are on their way before the first is answered.
            let (before, answered) = join(client.batch_execute(&ahead), answered).await;
            before.and(answered)
        });
        outcome.map_err(|error| match self.trouble(&error) {
            Trouble::Lost | Trouble::Locked => unavailable(),
            Trouble::Refused(reason) => failed(sql, reason),
        })
    }
}

/// What became of a statement.
enum Trouble {
    /// The connection is gone, and with it whatever was not committed.
    Lost,
    /// Another process writes for too long.
    Locked,
    /// The server refused it.
    Refused(String),
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Lost => Self::failed("asking PostgreSQL", "the connection was lost"),
            Trouble::Locked => Self::failed("asking PostgreSQL", "another process writes for too long"),
            Trouble::Refused(reason) => Self::failed("asking PostgreSQL", reason),
        }
    }
}

/// The statement, prepared once for each connection.
async fn statement(
    open: &mut Open,
    sql: &'static str,
) -> std::result::Result<Statement, tokio_postgres::Error> {
    if let Some(statement) = open.statements.get(sql) {
        return Ok(statement.clone());
    }
    let statement = open.client.prepare(sql).await?;
    open.statements.insert(sql, statement.clone());
    Ok(statement)
}

impl Session for PostgresSession {
    fn begin_read(&mut self) -> Result<()> {
        self.connect()?;
        self.is_job_spoilt = false;
        BEGIN_READ.clone_into(&mut self.ahead);
        Ok(())
    }

    fn end_read(&mut self) {
        if self.ahead.is_empty() {
            let _ = self.control("commit");
        } else {
            // Nothing was asked.
            self.ahead.clear();
        }
    }

    fn begin_write(&mut self) -> Result<()> {
        self.ahead.clear();
        self.is_job_spoilt = false;
        self.connect()?;
        let begun = match self.control(BEGIN_WRITE) {
            Err(Trouble::Lost) => {
                // Nothing of this group was sent: a server that came back meanwhile is as good.
                self.connect()?;
                self.control(BEGIN_WRITE)
            }
            other => other,
        };
        let answers = match begun {
            Ok(answers) => answers,
            Err(trouble) => {
                self.rollback();
                return Err(trouble.into());
            }
        };
        let is_durable = answers.iter().any(|answer| match answer {
            SimpleQueryMessage::Row(row) => {
                row.len() == 2 && row.get(0) == Some("on") && row.get(1) == Some("on")
            }
            _ => false,
        });
        if !is_durable {
            self.rollback();
            return Err(Error::failed(
                "writing to the store",
                "`fsync` or `full_page_writes` was switched off: PostgreSQL no longer waits for its disk",
            ));
        }
        Ok(())
    }

    fn begin_job(&mut self) -> Result<()> {
        self.is_job_spoilt = false;
        self.ahead.push_str(BEGIN_JOB);
        Ok(())
    }

    fn keep_job(&mut self) -> Result<()> {
        if self.is_job_spoilt {
            return Err(Error::failed(
                "keeping a write",
                "one of its statements was refused",
            ));
        }
        if self.ahead.ends_with(BEGIN_JOB) {
            self.ahead.truncate(self.ahead.len() - BEGIN_JOB.len());
        } else {
            self.ahead.push_str(KEEP_JOB);
        }
        Ok(())
    }

    fn undo_job(&mut self) -> Result<()> {
        if self.ahead.ends_with(BEGIN_JOB) {
            self.ahead.truncate(self.ahead.len() - BEGIN_JOB.len());
        } else {
            self.ahead.push_str(UNDO_JOB);
        }
        Ok(())
    }

    fn commit(&mut self, bells: &[AccountId]) -> Result<()> {
        if self.link.current().is_none() {
            // Lost before: the server has undone it all, and nobody is in doubt.
            return Err(unavailable());
        }
        // In a transaction that is spoilt, `commit` would undo it and answer well; the question before it cannot.
        let news = bells::notify(bells);
        self.control(&format!("{news}commit"))
            .map(|_| ())
            .map_err(|trouble| match trouble {
                Trouble::Lost => Error::failed(
                    "committing",
                    "the connection was lost: nobody knows whether it is on disk",
                ),
                other => other.into(),
            })
    }

    fn rollback(&mut self) {
        self.ahead.clear();
        if self.link.current().is_some() {
            let _ = self.control("rollback");
        }
    }

    fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<usize> {
        let (_, n_rows) = self.run(sql, values)?;
        Ok(usize::try_from(n_rows).unwrap_or(usize::MAX))
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let (rows, _) = self.run(sql, values)?;
        for row in &rows {
            if !each(&Row::new(row))? {
                break;
            }
        }
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.control(sql).map(|_| ()).map_err(Into::into)
    }
}
