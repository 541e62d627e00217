//! The program under the kills: its people are made by its own command, everything else by its API.

#![allow(dead_code, reason = "the long version uses a part of it")]

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::Connection;

const PASSWORD: &str = "une phrase que personne ne devine";
/// Two friends.
#[derive(Clone)]
pub(crate) struct Pair {
    /// Their sessions.
    pub(crate) tokens: [String; 2],
    /// Their conversation.
    pub(crate) conversation: String,
}

/// Which program, and where its data is.
#[derive(Clone)]
pub(crate) struct Place {
    /// The program.
    pub(crate) program: PathBuf,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// The address of an empty database on PostgreSQL; none for a file in the folder.
    pub(crate) database: Option<String>,
}

/// The program, running or not.
pub(crate) struct Service {
    place: Place,
    child: Option<Child>,
    /// What a shell does before it becomes the program: limits.
    pub(crate) under: Option<&'static str>,
    /// Where it answers.
    pub(crate) address: String,
    /// Who writes to whom.
    pub(crate) pairs: Vec<Pair>,
}

impl Service {
    /// Makes pairs of friends; the program does not run afterwards.
    pub(crate) async fn prepare(place: Place, n_pairs: usize) -> Self {
        let mut service = Self {
            place,
            child: None,
            under: None,
            address: String::new(),
            pairs: Vec::new(),
        };
        for person in 0..n_pairs * 2 {
            service.create_account(person).await;
        }
        service.start().await;
        for pair in 0..n_pairs {
            let pair = service.befriend(pair).await;
            service.pairs.push(pair);
        }
        service.kill().await;
        service
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = match self.under {
            None => Command::new(&self.place.program),
            Some(first) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &format!("{first}; exec \"$0\" \"$@\"")]);
                shell.arg(&self.place.program);
                shell
            }
        };
        command
            .args(words)
            .arg("--data")
            .arg(&self.place.folder)
            .kill_on_drop(true);
        command.env_clear().env("PLI_LIMITS", "off");
        if let Some(database) = &self.place.database {
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
            .stderr(Stdio::null())
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

    /// Asks it to stop, as a service manager does, and waits until it has; answers its exit code.
    pub(crate) async fn stop(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        let id = child.id().unwrap().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(asked.unwrap().success());
        child.wait().await.unwrap().code()
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("it runs")
    }

    /// Whether it says that it is ready.
    pub(crate) async fn is_ready(&self) -> bool {
        let mut visitor = Connection::open(&self.address, "").await.unwrap();
        visitor.get("/readyz").await.is_ok()
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

    /// A connection of the person to whom this session belongs.
    pub(crate) async fn connect(&self, token: &str) -> Connection {
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
