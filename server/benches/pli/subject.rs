//! What is measured: the floor or Pli, with 200 pairs of friends who may write to each other.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::client::{Connection, Events};
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
        })
    }

    /// Pli, on an empty folder: accounts made by its own command, everything else by its API.
    ///
    /// # Errors
    /// It does not start, or refuses something.
    pub(crate) async fn pli(program: &Path, folder: &Path) -> Result<Self> {
        for person in 0..N_PAIRS * 2 {
            create_account(program, folder, person).await?;
        }
        let data = folder.to_string_lossy();
        let running = Program::start(program, &["serve", "--data", &data, "--listen", "127.0.0.1:0"]).await?;
        let mut pairs = Vec::new();
        for pair in 0..N_PAIRS {
            pairs.push(befriend(&running.address, pair).await?);
        }
        Ok(Self {
            program: running,
            pairs,
            send_path: "/api/v1/conversations.send_message",
            events_path: "/api/v1/events",
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

const PASSWORD: &str = "une phrase assez longue";

fn email(person: usize) -> String {
    format!("person{person}@bench.example")
}

async fn create_account(program: &Path, folder: &Path, person: usize) -> Result<()> {
    let mut command = tokio::process::Command::new(program);
    command.args([
        "account",
        "create",
        "--email",
        &email(person),
        "--name",
        &format!("Person {person}"),
    ]);
    command
        .args([
            "--profession",
            "Nurse",
            "--workplace",
            "Bench",
            "--password-stdin",
            "--data",
        ])
        .arg(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let mut input = child.stdin.take().context("its input is piped")?;
    input.write_all(PASSWORD.as_bytes()).await?;
    drop(input);
    ensure!(child.wait().await?.success(), "an account was refused");
    Ok(())
}

async fn befriend(address: &str, pair: usize) -> Result<Pair> {
    let (writer, writer_id) = sign_in(address, pair * 2).await?;
    let (reader, reader_id) = sign_in(address, pair * 2 + 1).await?;
    let mut writing = Connection::open(address, &writer).await?;
    let mut reading = Connection::open(address, &reader).await?;
    let to = |account: &Value| json!({ "account": account }).to_string();
    writing
        .post("/api/v1/friendships.send_friend_request", &to(&reader_id))
        .await?;
    reading
        .post("/api/v1/friendships.accept_friend_request", &to(&writer_id))
        .await?;
    let opened = writing
        .post("/api/v1/conversations.open_conversation", &to(&reader_id))
        .await?;
    let opened: Value = serde_json::from_slice(&opened)?;
    Ok(Pair {
        writer,
        reader,
        conversation: opened["conversation"]["id"].clone(),
    })
}

async fn sign_in(address: &str, person: usize) -> Result<(String, Value)> {
    let mut connection = Connection::open(address, "").await?;
    let body = json!({ "email": email(person), "password": PASSWORD, "client": "api" });
    let answer: Value = serde_json::from_slice(
        &connection
            .post("/api/v1/accounts.sign_in", &body.to_string())
            .await?,
    )?;
    let token = answer["token"].as_str().context("no token")?;
    Ok((
        format!("authorization: Bearer {token}\r\n"),
        answer["account"]["id"].clone(),
    ))
}
