//! How a connection to PostgreSQL runs statements.
//!
//! What marks and ends a job needs no answer of its own, nor does a statement whose outcome decides nothing: it travels with
//! the next statement, or with the commit. So a job costs as many round trips as it has answers to wait for.

use app::api::AccountId;
use futures::future::join;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{SimpleQueryMessage, Statement};

use super::ahead::Ahead;
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
const KEEP_JOB: &str = "release savepoint job;";
const UNDO_JOB: &str = "rollback to savepoint job; release savepoint job;";

/// A connection, used by one thread.
pub(super) struct PostgresSession {
    link: Link,
    /// What travels with the next statement.
    ahead: Ahead,
    /// A statement of this job was refused: PostgreSQL takes nothing more until the job is undone.
    is_job_spoilt: bool,
    /// A statement of a job that was kept already was refused: nothing of the group may be committed.
    is_group_spoilt: bool,
}

impl PostgresSession {
    pub(super) fn new(link: Link) -> Self {
        Self {
            link,
            ahead: Ahead::default(),
            is_job_spoilt: false,
            is_group_spoilt: false,
        }
    }

    /// Connects if need be.
    pub(super) fn connect(&mut self) -> Result<()> {
        self.link.connect().map(|_| ())
    }

    /// Runs statements without values, behind what was to go ahead of them.
    fn control(&mut self, sql: &str) -> std::result::Result<Vec<SimpleQueryMessage>, Trouble> {
        let (steps, sql) = std::mem::take(&mut self.ahead).joined_to(sql);
        let Some((runtime, open)) = self.link.current() else {
            return Err(Trouble::Lost);
        };
        let outcome = runtime.block_on(async {
            let (before, answered) = join(steps.run(&open.client), open.client.simple_query(&sql)).await;
            before.map_err(|(_, error)| error).and(answered)
        });
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

    /// Refuses what comes after a failure that one job cannot be blamed for.
    fn require_sound_group(&self) -> Result<()> {
        if self.is_group_spoilt {
            return Err(Error::failed(
                "asking PostgreSQL",
                "a statement of another job in this group was refused",
            ));
        }
        Ok(())
    }

    /// Runs a statement, behind what was to go ahead of it.
    fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<(Vec<tokio_postgres::Row>, u64)> {
        self.require_sound_group()?;
        let mut steps = std::mem::take(&mut self.ahead);
        let n_of_others = steps.n_of_others;
        let Some((runtime, open)) = self.link.current() else {
            return Err(unavailable());
        };
        let outcome = runtime.block_on(async {
            if !open.statements.contains_key(sql) {
                // A statement that cannot be prepared spoils its own job alone: behind the job's mark.
                std::mem::take(&mut steps).run(&open.client).await?;
            }
            let own = |error| (usize::MAX, error);
            let statement = statement(open, sql).await.map_err(own)?;
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
            // All are on their way before the first is answered.
            let (before, answered) = join(steps.run(client), answered).await;
            before.and(answered.map_err(own))
        });
        outcome.map_err(|(step, error)| {
            let trouble = self.trouble(&error);
            self.is_group_spoilt = step < n_of_others;
            match trouble {
                Trouble::Lost | Trouble::Locked => unavailable(),
                Trouble::Refused(reason) => failed(sql, reason),
            }
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
        self.is_group_spoilt = false;
        self.ahead = Ahead::default();
        self.ahead.control(BEGIN_READ);
        Ok(())
    }

    fn end_read(&mut self) {
        if !std::mem::take(&mut self.ahead).is_empty() {
            // Nothing was asked.
            return;
        }
        let Some((runtime, open)) = self.link.current() else {
            return;
        };
        // Nobody waits for this answer: the next statement is answered after it, and hears of a connection that was lost.
        runtime.block_on(async {
            let mut commit = std::pin::pin!(open.client.simple_query("commit"));
            let _ = futures::poll!(commit.as_mut());
            // Once for the connection to be woken, once to write.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
    }

    fn begin_write(&mut self) -> Result<()> {
        self.ahead = Ahead::default();
        self.is_job_spoilt = false;
        self.is_group_spoilt = false;
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
        self.require_sound_group()?;
        self.is_job_spoilt = false;
        self.ahead.begin_job();
        Ok(())
    }

    fn keep_job(&mut self) -> Result<()> {
        self.require_sound_group()?;
        if self.is_job_spoilt {
            return Err(Error::failed(
                "keeping a write",
                "one of its statements was refused",
            ));
        }
        self.ahead.end_job(KEEP_JOB);
        Ok(())
    }

    fn undo_job(&mut self) -> Result<()> {
        self.require_sound_group()?;
        self.ahead.end_job(UNDO_JOB);
        Ok(())
    }

    fn commit(&mut self, bells: &[AccountId]) -> Result<()> {
        if self.link.current().is_none() {
            // Lost before: the server has undone it all, and nobody is in doubt.
            return Err(unavailable());
        }
        self.require_sound_group()?;
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
        self.ahead = Ahead::default();
        if self.link.current().is_some() {
            let _ = self.control("rollback");
        }
    }

    fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<usize> {
        let (_, n_rows) = self.run(sql, values)?;
        Ok(usize::try_from(n_rows).unwrap_or(usize::MAX))
    }

    fn put(&mut self, sql: &'static str, values: &[Value]) -> Result<()> {
        self.require_sound_group()?;
        let known = self
            .link
            .current()
            .and_then(|(_, open)| open.statements.get(sql).cloned());
        match known {
            Some(statement) => self.ahead.statement(statement, values),
            // The first time it has to be prepared, which is waited for.
            None => drop(self.run(sql, values)?),
        }
        Ok(())
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

    fn rewrite(&mut self) -> Result<()> {
        for sql in [
            "vacuum full messages",
            "vacuum full participants",
            "vacuum full relations",
            "vacuum full vaults",
        ] {
            self.batch(sql)?;
        }
        Ok(())
    }
}
