//! The program under the kills: its people are made by its own command, everything else by its API.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::Connection;

const PASSWORD: &str = "une phrase que personne ne devine";
/// Pairs of friends.
const N_PAIRS: usize = 2;

/// Two friends.
#[derive(Clone)]
pub(crate) struct Pair {
    /// Their sessions.
    pub(crate) tokens: [String; 2],
    /// Their conversation.
    pub(crate) conversation: String,
}

/// The program, running or not.
pub(crate) struct Service {
    program: PathBuf,
    folder: PathBuf,
    /// The address of a database on PostgreSQL; none for a file in the folder.
    database: Option<String>,
    child: Option<Child>,
    address: String,
    /// Who writes to whom.
    pub(crate) pairs: Vec<Pair>,
}

impl Service {
    /// Makes the people and their friendships; the program does not run afterwards.
    pub(crate) async fn prepare(program: &Path, folder: &Path, database: Option<String>) -> Self {
        let mut service = Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            database,
            child: None,
            address: String::new(),
            pairs: Vec::new(),
        };
        for person in 0..N_PAIRS * 2 {
            service.create_account(person).await;
        }
        service.start().await;
        for pair in 0..N_PAIRS {
            let pair = service.befriend(pair).await;
            service.pairs.push(pair);
        }
        service.kill().await;
        service
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .arg("--data")
            .arg(&self.folder)
            .kill_on_drop(true);
        command.env_clear().env("PLI_LIMITS", "off");
        if let Some(database) = &self.database {
            command.env("PLI_DATABASE", database);
        }
        command
    }

    async fn create_account(&self, person: usize) {
        let email = format!("personne{person}@demo.example");
        let mut command = self.command(&["account", "create", "--email", &email, "--name", "Anne Roy"]);
        command.args([
            "--profession",
            "cardiologue",
            "--workplace",
            "Hôpital du Parc",
            "--password-stdin",
        ]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(PASSWORD.as_bytes()).await.unwrap();
        drop(input);
        assert!(child.wait().await.unwrap().success());
    }

    /// Starts the program and kills it a moment later, ready or not.
    pub(crate) async fn kill_while_starting(&mut self, after: Duration) {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(after).await;
        child.kill().await.unwrap();
    }

    /// Starts the program; answers its address once it answers requests.
    pub(crate) async fn start(&mut self) -> String {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("it prints its address");
        line.rsplit("http://")
            .next()
            .unwrap()
            .trim()
            .clone_into(&mut self.address);
        self.child = Some(child);
        self.address.clone()
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }

    async fn befriend(&self, pair: usize) -> Pair {
        let mut people = Vec::new();
        for person in [pair * 2, pair * 2 + 1] {
            let mut visitor = Connection::open(&self.address, "").await.unwrap();
            let wish = json!({ "email": format!("personne{person}@demo.example"), "password": PASSWORD, "client": "api" });
            let answer = post(&mut visitor, "accounts.sign_in", wish).await;
            people.push((
                answer["token"].as_str().unwrap().to_owned(),
                answer["account"]["id"].clone(),
            ));
        }
        let [(one, one_id), (other, other_id)] = [people[0].clone(), people[1].clone()];
        let mut asks = self.connect(&one).await;
        let mut accepts = self.connect(&other).await;
        post(
            &mut asks,
            "friendships.send_friend_request",
            json!({ "account": other_id }),
        )
        .await;
        post(
            &mut accepts,
            "friendships.accept_friend_request",
            json!({ "account": one_id }),
        )
        .await;
        let opened = post(
            &mut asks,
            "conversations.open_conversation",
            json!({ "account": other_id }),
        )
        .await;
        let conversation = opened["conversation"]["id"].as_str().unwrap().to_owned();
        Pair {
            tokens: [one, other],
            conversation,
        }
    }

    async fn connect(&self, token: &str) -> Connection {
        Connection::open(&self.address, &format!("authorization: Bearer {token}\r\n"))
            .await
            .unwrap()
    }

    /// Everything that stands in the pair's conversation: position and text. Both see the same.
    pub(crate) async fn timeline(&self, pair: &Pair) -> Vec<(u64, String)> {
        let mut seen = Vec::new();
        for token in &pair.tokens {
            let mut connection = self.connect(token).await;
            let mut messages: Vec<(u64, String)> = Vec::new();
            loop {
                let after = messages.last().map_or(0, |(position, _)| *position);
                let path = format!(
                    "/api/v1/conversations.read_timeline?conversation={}&after={after}&limit=200",
                    pair.conversation
                );
                let page: Value = serde_json::from_slice(&connection.get(&path).await.unwrap()).unwrap();
                let page = page["messages"].as_array().unwrap();
                if page.is_empty() {
                    break;
                }
                messages.extend(page.iter().map(|message| {
                    (
                        message["position"].as_u64().unwrap(),
                        message["body"].as_str().unwrap().to_owned(),
                    )
                }));
            }
            seen.push(messages);
        }
        assert_eq!(seen[0], seen[1], "both friends see one conversation");
        seen.swap_remove(0)
    }
}

async fn post(connection: &mut Connection, operation: &str, wish: Value) -> Value {
    let answer = connection
        .post(&format!("/api/v1/{operation}"), &wish.to_string())
        .await
        .unwrap();
    serde_json::from_slice(&answer).unwrap()
}
