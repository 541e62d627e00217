//! What is measured: the floor or Pli, with 200 pairs of friends who may write to each other.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::{Connection, Events};
use crate::people::People;
use crate::program::Program;

/// Pairs of friends.
pub(crate) const N_PAIRS: usize = 200;

/// A pair of friends, one of whom writes and the other reads.
#[derive(Clone)]
pub(crate) struct Pair {
    /// The header line of the one who writes.
    pub(crate) writer: String,
    /// That of the one who reads.
    pub(crate) reader: String,
    /// As it stands in JSON.
    pub(crate) conversation: Value,
}

/// A running server and people on it.
pub(crate) struct Subject {
    /// The server.
    pub(crate) program: Program,
    /// Who writes to whom.
    pub(crate) pairs: Vec<Pair>,
    send_path: &'static str,
    events_path: &'static str,
    /// Whether what goes to the disk goes through it.
    pub(crate) writes_itself: bool,
}

impl Subject {
    /// The floor, on an empty folder.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) async fn floor(folder: &Path) -> Result<Self> {
        let ourselves = std::env::current_exe()?;
        let program = Program::start(&ourselves, &["floor", &folder.to_string_lossy()]).await?;
        let bearer = |user: usize| format!("authorization: Bearer {user}\r\n");
        let pairs = (0..N_PAIRS).map(|pair| Pair {
            writer: bearer(pair * 2),
            reader: bearer(pair * 2 + 1),
            conversation: json!(pair),
        });
        Ok(Self {
            program,
            pairs: pairs.collect(),
            send_path: "/send",
            events_path: "/events",
            writes_itself: true,
        })
    }

    /// Pli, on an empty folder.
    ///
    /// # Errors
    /// It does not start, or refuses something.
    pub(crate) async fn pli(program: &Path, folder: &Path) -> Result<Self> {
        Self::pli_on(program, folder, None).await
    }

    /// Pli, on an empty folder, and on an empty database of PostgreSQL if one is named.
    ///
    /// # Errors
    /// It does not start, or refuses something.
    pub(crate) async fn pli_on(program: &Path, folder: &Path, database: Option<&str>) -> Result<Self> {
        let people = match database {
            Some(url) => People::open_postgres(url, folder)?,
            None => People::open(folder)?,
        };
        let mut pairs = Vec::new();
        for pair in 0..N_PAIRS {
            let (writer, reader) = (people.person(pair * 2).await?, people.person(pair * 2 + 1).await?);
            let conversation = people.befriend(&writer, &reader).await?;
            pairs.push(Pair {
                writer: writer.credentials,
                reader: reader.credentials,
                conversation: json!(conversation),
            });
        }
        drop(people);
        let data = folder.to_string_lossy();
        let mut words = vec!["serve", "--data", &data, "--listen", "127.0.0.1:0"];
        words.extend(database.into_iter().flat_map(|url| ["--database", url]));
        Ok(Self {
            program: Program::start(program, &words).await?,
            pairs,
            send_path: "/api/v1/conversations.send_message",
            events_path: "/api/v1/events",
            writes_itself: database.is_none(),
        })
    }

    /// A connection of the one who writes.
    ///
    /// # Errors
    /// Nobody answers.
    pub(crate) async fn writer(&self, pair: &Pair) -> Result<Connection> {
        Connection::open(&self.program.address, &pair.writer).await
    }

    /// The stream of the one who reads.
    ///
    /// # Errors
    /// Nobody answers.
    pub(crate) async fn reader(&self, pair: &Pair) -> Result<Events> {
        Connection::open(&self.program.address, &pair.reader)
            .await?
            .listen(self.events_path)
            .await
    }

    /// Where messages are posted.
    pub(crate) fn send_path(&self) -> &'static str {
        self.send_path
    }
}
