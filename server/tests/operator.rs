//! What an operator does at the machine itself: keys, erasure, the audit. The program, as it is run.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

mod harness;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use harness::TestDatabase;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pli");
const PASSWORD: &str = "une phrase que personne ne devine";

/// A data folder and its database.
struct Place {
    database: TestDatabase,
}

impl Place {
    fn new() -> Self {
        Self {
            database: TestDatabase::without_tables(),
        }
    }

    fn folder(&self) -> &Path {
        self.database.folder()
    }

    fn pli(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).env_clear().stdin(Stdio::null());
        command.arg("--data").arg(self.folder());
        if let Some(url) = self.database.url() {
            command.env("PLI_DATABASE", url);
        }
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.pli(words).output().unwrap()
    }

    /// Runs it; answers what it prints.
    fn done(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it in vain; answers why.
    fn refused(&self, words: &[&str], code: i32) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn create_account(&self, name: &str) {
        let email = format!("{name}@demo.example");
        let mut command = self.pli(&["account", "create", "--email", &email, "--name", name]);
        command.args([
            "--profession",
            "cardiologue",
            "--workplace",
            "Parc",
            "--password-stdin",
        ]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(PASSWORD.as_bytes())
            .unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn serve(&self) -> Running {
        let mut command = self.pli(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first_line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first_line)
            .unwrap();
        let address = first_line.trim().rsplit("http://").next().unwrap().to_owned();
        Running { child, address }
    }
}

/// A running program, ended with the test.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn call(&self, token: &str, operation: &str, wish: &Value) -> Value {
        let body = wish.to_string();
        let mut connection = TcpStream::connect(&self.address).unwrap();
        write!(
            connection,
            "POST /api/v1/{operation} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{operation}: {answer}"))
    }

    fn sign_in(&self, name: &str) -> (String, String) {
        let wish = json!({ "email": format!("{name}@demo.example"), "password": PASSWORD, "client": "api" });
        let answer = self.call("", "accounts.sign_in", &wish);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&answer["account"]["id"]), text(&answer["token"]))
    }
}

impl Running {
    /// Lets it end by itself.
    fn stop(&mut self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_first_start_makes_a_key_and_without_it_there_is_no_other() {
    let place = Place::new();
    place.done(&["migrate"]);
    let key = place.folder().join("keys").join("wrapping.key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(
            place
                .refused(&["migrate"], 1)
                .contains("other users of this machine may read it")
        );
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let elsewhere = place.folder().join("elsewhere.key");

    let pepper = key.with_file_name("pepper");

    std::fs::rename(&key, &elsewhere).unwrap();
    let refused = place.refused(&["serve", "--listen", "127.0.0.1:0"], 1);
    assert!(refused.contains("the wrapping key is missing"), "{refused}");
    assert!(!key.exists());

    let named = ["migrate", "--key-file", elsewhere.to_str().unwrap()];
    let refused = place.refused(&named, 1);
    assert!(
        refused.contains("the pepper") && refused.contains("is missing"),
        "it lies beside the key: {refused}"
    );
    std::fs::copy(&pepper, elsewhere.with_file_name("pepper")).unwrap();
    place.done(&named);
    let credentials = place.folder().join("credentials");
    std::fs::create_dir(&credentials).unwrap();
    std::fs::copy(&elsewhere, credentials.join("pli.key")).unwrap();
    let output = place
        .pli(&["migrate"])
        .env("CREDENTIALS_DIRECTORY", &credentials)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let both = place
        .pli(&named)
        .env("CREDENTIALS_DIRECTORY", &credentials)
        .output()
        .unwrap();
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn keys_are_changed_words_erased_and_the_audit_verified_beside_a_running_server() {
    let place = Place::new();
    place.create_account("anne");
    place.create_account("luc");
    let running = place.serve();
    let ((anne, of_anne), (luc, of_luc)) = (running.sign_in("anne"), running.sign_in("luc"));
    running.call(
        &of_anne,
        "friendships.send_friend_request",
        &json!({ "account": luc, "note": "Bonjour" }),
    );
    running.call(
        &of_luc,
        "friendships.accept_friend_request",
        &json!({ "account": anne }),
    );
    let opened = running.call(
        &of_anne,
        "conversations.open_conversation",
        &json!({ "account": luc }),
    );
    let conversation = opened["conversation"]["id"].as_str().unwrap().to_owned();
    let send = |text: &str| {
        let key = format!("0198{:04x}-0000-7000-8000-000000000000", text.len());
        let wish = json!({ "conversation": conversation, "key": key, "body": text });
        running.call(&of_luc, "conversations.send_message", &wish)["message"]["body"].clone()
    };
    let last = || {
        let opened = running.call(
            &of_anne,
            "conversations.open_conversation",
            &json!({ "account": luc }),
        );
        opened["conversation"]["last_message"]["body"].clone()
    };
    assert_eq!(send("Premier."), "Premier.");
    let key = place.folder().join("keys").join("wrapping.key");
    let before = std::fs::read(&key).unwrap();

    let rotated = place.done(&["keys", "rotate"]);

    assert!(rotated.contains("keys are wrapped anew"), "{rotated}");
    assert_ne!(std::fs::read(&key).unwrap(), before);
    assert_eq!(last(), "Premier.");
    assert_eq!(send("Deuxième, après."), "Deuxième, après.");

    let words = [
        "conversation",
        "erase",
        "--of",
        "anne@demo.example",
        "--with",
        "luc@demo.example",
    ];
    assert!(place.refused(&words, 2).contains("--for-ever"));
    assert_eq!(last(), "Deuxième, après.");
    let erased = place.done(&[words.as_slice(), &["--for-ever"]].concat());
    assert_eq!(erased.trim(), conversation);
    assert_eq!(last(), "", "shown as nothing");
    assert_eq!(
        send("On reprend, tout simplement."),
        "On reprend, tout simplement."
    );

    let verified = place.done(&["audit", "verify"]);
    assert!(verified.contains("rows and"), "{verified}");
}

/// Assurance INT-01: the command finds what was changed past the program.
#[test]
fn int_01_a_changed_audit_ends_the_command_with_1_and_the_place() {
    let place = Place::new();
    place.create_account("anne");
    place.create_account("luc");
    assert!(
        place
            .done(&["audit", "verify"])
            .starts_with("2 rows and 0 checkpoints fit")
    );
    let mut running = place.serve();
    running.sign_in("anne");
    running.stop();
    let verified = place.done(&["audit", "verify"]);
    assert!(verified.contains("signed up to row 4"), "{verified}");

    let sql = "update audit set at = at + 1 where number = 2";
    if let Some(lent) = place.database.postgres() {
        drop(lent.run(sql));
    } else {
        let connection = rusqlite::Connection::open(place.database.file()).unwrap();
        connection.execute(sql, []).unwrap();
    }

    let refused = place.refused(&["audit", "verify"], 1);
    assert!(
        refused.contains("row 2, or the one before it, was changed"),
        "{refused}"
    );
}

/// Assurance INT-01: without the file that was signed nothing is called whole, and the command says what to do.
#[test]
fn int_01_lost_checkpoints_end_the_command_with_1_until_signing_begins_anew() {
    let place = Place::new();
    place.create_account("anne");
    // Who has been answered has met a server that can be told to stop.
    let serve = || {
        let mut running = place.serve();
        running.sign_in("anne");
        running.stop();
    };
    serve();
    let checkpoints = place.folder().join("audit").join("checkpoints");
    assert!(place.refused(&["audit", "begin-anew"], 1).contains("away first"));
    let away = checkpoints.with_file_name("away");
    std::fs::rename(&checkpoints, &away).unwrap();

    for _ in 0..2 {
        let refused = place.refused(&["audit", "verify"], 1);
        assert!(
            refused.contains("cannot be verified") && refused.contains("begin-anew"),
            "{refused}"
        );
        serve();
        assert!(!checkpoints.exists(), "a server signs nothing");
        std::fs::write(&checkpoints, "").unwrap();
        assert!(
            place
                .refused(&["audit", "verify"], 1)
                .contains("missing or empty")
        );
        std::fs::remove_file(&checkpoints).unwrap();
    }

    place.done(&["audit", "begin-anew"]);
    let verified = place.done(&["audit", "verify"]);
    assert!(verified.contains("1 checkpoints fit"), "{verified}");
    // The copy is as good as it was.
    place.done(&["audit", "verify", "--audit-checkpoints", away.to_str().unwrap()]);
}

/// Assurance ENC-06.
#[test]
#[cfg(target_os = "linux")]
fn enc_06_a_server_leaves_no_dump() {
    let place = Place::new();
    let running = place.serve();

    let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.child.id())).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();

    assert_eq!(
        line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(),
        ["0", "0"]
    );
}
