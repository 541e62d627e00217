//! What travels to PostgreSQL ahead of the next statement that is waited for.
//!
//! All steps are sent before the first is answered. Which of them belong to jobs that were ended already matters when one
//! is refused: then no single job can be undone, and the whole group is.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures::future::{MaybeDone, maybe_done};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};

use super::cells::Parameter;
use crate::store::Value;

const BEGIN_JOB: &str = "savepoint job;";

/// Steps, in their order.
#[derive(Default)]
pub(super) struct Ahead {
    steps: Vec<Step>,
    /// So many of them hold something of the jobs before this one, or its mark.
    pub(super) n_of_others: usize,
}

enum Step {
    /// Statements without values.
    Control(String),
    /// A statement with its values.
    Statement(Statement, Vec<Value>),
}

impl Ahead {
    /// Whether there is nothing to send.
    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Adds statements without values; neighbours travel as one.
    pub(super) fn control(&mut self, sql: &str) {
        if let Some(Step::Control(last)) = self.steps.last_mut() {
            last.push_str(sql);
        } else {
            self.steps.push(Step::Control(sql.to_owned()));
        }
    }

    /// Adds a statement.
    pub(super) fn statement(&mut self, statement: Statement, values: &[Value]) {
        self.steps.push(Step::Statement(statement, values.to_vec()));
    }

    /// Marks where a job begins.
    pub(super) fn begin_job(&mut self) {
        self.control(BEGIN_JOB);
        self.n_of_others = self.steps.len();
    }

    /// Ends a job. One that has done nothing loses its mark instead.
    pub(super) fn end_job(&mut self, sql: &str) {
        let Some(Step::Control(last)) = self.steps.last_mut().filter(|step| step.is_fresh_mark()) else {
            return self.control(sql);
        };
        last.truncate(last.len() - BEGIN_JOB.len());
        if last.is_empty() {
            self.steps.pop();
        }
    }

    /// The steps, and statements without values that go behind them: those of the last step travel with these.
    pub(super) fn joined_to(mut self, sql: &str) -> (Self, String) {
        match self.steps.pop() {
            Some(Step::Control(last)) => (self, last + sql),
            Some(other) => {
                self.steps.push(other);
                (self, sql.to_owned())
            }
            None => (self, sql.to_owned()),
        }
    }

    /// Sends all steps at once and waits until all are answered. An error comes with the number of the first step that was
    /// refused: those after it are refused because of it.
    pub(super) async fn run(self, client: &Client) -> Result<(), (usize, Error)> {
        let mut answers: Vec<_> = self
            .steps
            .into_iter()
            .map(|step| maybe_done(Box::pin(step.run(client))))
            .collect();
        // Each is sent when it is first asked, and all are asked in their order.
        poll_fn(|task| {
            let mut is_pending = false;
            for answer in &mut answers {
                is_pending |= Pin::new(answer).poll(task).is_pending();
            }
            if is_pending {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        let outcomes = answers.into_iter().enumerate();
        for (index, outcome) in outcomes {
            if let MaybeDone::Done(Err(error)) = outcome {
                return Err((index, error));
            }
        }
        Ok(())
    }
}

impl Step {
    fn is_fresh_mark(&self) -> bool {
        matches!(self, Self::Control(sql) if sql.ends_with(BEGIN_JOB))
    }

    async fn run(self, client: &Client) -> Result<(), Error> {
        match self {
            Self::Control(sql) => client.batch_execute(&sql).await,
            Self::Statement(statement, values) => {
                let parameters: Vec<Parameter<'_>> = values.iter().map(Parameter).collect();
                let parameters = parameters.iter().map(|value| value as &(dyn ToSql + Sync));
                client.execute_raw(&statement, parameters).await.map(drop)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(ahead: Ahead) -> String {
        let (rest, sql) = ahead.joined_to("commit");
        assert!(rest.is_empty());
        sql
    }

    #[test]
    fn a_job_that_did_nothing_leaves_no_trace() {
        let mut ahead = Ahead::default();

        ahead.begin_job();
        ahead.end_job("release savepoint job;");

        assert!(ahead.is_empty());
        assert_eq!(sent(ahead), "commit");
    }

    #[test]
    fn the_end_of_a_job_travels_with_the_beginning_of_the_next() {
        let mut ahead = Ahead::default();

        ahead.control("release savepoint job;");
        ahead.begin_job();

        assert_eq!(ahead.n_of_others, 1, "a refusal in it is not this job's alone");
        assert_eq!(sent(ahead), "release savepoint job;savepoint job;commit");
    }

    #[test]
    fn a_job_without_work_takes_its_own_mark_alone() {
        let mut ahead = Ahead::default();

        ahead.control("release savepoint job;");
        ahead.begin_job();
        ahead.end_job("rollback to savepoint job; release savepoint job;");

        assert_eq!(sent(ahead), "release savepoint job;commit");
    }
}
