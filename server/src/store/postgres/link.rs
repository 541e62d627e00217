//! One connection to the server: made when it is first needed, made anew when it was lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls, Statement};

use super::durability;
use super::url::PostgresUrl;
use crate::error::{Error, Result};

/// A connection and the runtime that drives it, used by one thread.
pub(super) struct Link {
    url: PostgresUrl,
    runtime: Runtime,
    open: Option<Open>,
    /// Where to note which process of the server serves us.
    pid: Option<Arc<AtomicI32>>,
}

/// An open connection, and what is prepared on it.
pub(super) struct Open {
    pub(super) client: Client,
    pub(super) statements: HashMap<&'static str, Statement>,
}

impl Link {
    /// Prepares to connect.
    pub(super) fn new(url: PostgresUrl) -> Result<Self> {
        Ok(Self {
            url,
            runtime: runtime()?,
            open: None,
            pid: None,
        })
    }

    /// Notes in `pid` which process of the server serves this connection.
    pub(super) fn telling(mut self, pid: Arc<AtomicI32>) -> Self {
        self.pid = Some(pid);
        self
    }

    /// The connection if it is open.
    pub(super) fn current(&mut self) -> Option<(&Runtime, &mut Open)> {
        Some((&self.runtime, self.open.as_mut()?))
    }

    /// The connection, made if there is none or the one there was has ended.
    pub(super) fn connect(&mut self) -> Result<(&Runtime, &mut Open)> {
        // The connection hears of its end only while its runtime runs: once to look at the socket, once to be told.
        self.runtime.block_on(async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
        if self.open.as_ref().is_some_and(|open| open.client.is_closed()) {
            self.open = None;
        }
        let open = match self.open.take() {
            Some(open) => open,
            None => self.runtime.block_on(connect(&self.url, self.pid.as_deref()))?,
        };
        Ok((&self.runtime, self.open.insert(open)))
    }

    /// Gives the connection up; the server ends what was open on it.
    pub(super) fn drop_connection(&mut self) {
        self.open = None;
    }
}

/// A runtime for one thread and its connection.
pub(super) fn runtime() -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failed("starting a runtime for PostgreSQL", error))
}

async fn connect(url: &PostgresUrl, pid: Option<&AtomicI32>) -> Result<Open> {
    let (client, connection) = url
        .config()
        .connect(NoTls)
        .await
        .map_err(|error| Error::failed("connecting to PostgreSQL", describe(&error)))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(cause = %describe(&error), "a connection to PostgreSQL ended");
        }
    });
    let own_pid = durability::verify(&client).await?;
    if let Some(pid) = pid {
        pid.store(own_pid, Ordering::Relaxed);
    }
    Ok(Open {
        client,
        statements: HashMap::new(),
    })
}

/// Whether the connection is of no more use: the server ended, or ended it.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => {
            error.is_closed()
                || std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        }
        Some(code) => {
            code.code().starts_with("08")
                || [
                    SqlState::ADMIN_SHUTDOWN,
                    SqlState::CRASH_SHUTDOWN,
                    SqlState::CANNOT_CONNECT_NOW,
                    SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                ]
                .contains(code)
        }
    }
}

/// What went wrong, for the log. The server quotes values in what it says of data and constraints: of these only the code
/// and the constraint's name.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    let Some(told) = error.as_db_error() else {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
        return format!("{error}{}", cause.unwrap_or_default());
    };
    let code = told.code().code();
    if code.starts_with("22") || code.starts_with("23") {
        let constraint = told.constraint().map(|name| format!(", constraint `{name}`"));
        return format!("SQLSTATE {code}{}", constraint.unwrap_or_default());
    }
    format!("{} (SQLSTATE {code})", told.message())
}
