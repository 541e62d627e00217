//! The program itself: what it prints, what it refuses, how it ends.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

mod harness;

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use harness::TestDatabase;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pli");
const PASSWORD: &str = "une phrase que personne ne devine";

thread_local! {
    /// The address of the test's database, when it is not the file in its data folder.
    static DATABASE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The program with nothing of this machine's settings.
fn pli(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().stdin(Stdio::null());
    DATABASE.with_borrow(|url| {
        if let Some(url) = url {
            command.env("PLI_DATABASE", url);
        }
    });
    command
}

fn run(arguments: &[&str]) -> Output {
    pli(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A running program, ended with the test.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    /// `127.0.0.1:PORT`.
    address: String,
    first_line: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = pli(arguments);
        command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first_line = lines.next().unwrap().unwrap();
        let address = first_line.rsplit("http://").next().unwrap().to_owned();
        Self {
            child,
            lines,
            address,
            first_line,
        }
    }

    fn next_line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }

    fn request(&self, head: &str, body: &str) -> String {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        write!(
            connection,
            "{head} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to stop as a service manager does; answers its exit code.
    fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn create_account(data: &str, email: &str, password: &str, more: &[&str]) -> Output {
    let arguments = [
        "account",
        "create",
        "--data",
        data,
        "--email",
        email,
        "--name",
        "Dre Anne Roy",
        "--profession",
        "cardiologue",
        "--workplace",
        "Hôpital du Parc",
        "--password-stdin",
    ];
    let mut child = pli(&[&arguments, more].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{password}\n").as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

/// A place for data that holds nothing yet.
fn folder() -> (TestDatabase, String) {
    let database = TestDatabase::without_tables();
    DATABASE.set(database.url());
    let data = database.folder().join("data").to_str().unwrap().to_owned();
    (database, data)
}

#[test]
fn it_says_its_version_and_describes_its_api() {
    assert_eq!(
        stdout(&run(&["--version"])),
        format!("pli {}\n", env!("CARGO_PKG_VERSION"))
    );

    let output = run(&["openapi"]);

    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/accounts.sign_in"]["post"].is_object());
    assert!(document["paths"]["/api/v1/demo.list_personas"].is_null());
}

#[test]
fn a_program_whose_output_nobody_reads_does_not_break() {
    // Longer than a pipe holds: it is still writing when the reader goes.
    let mut command = pli(&["openapi"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();

    drop(child.stdout.take());

    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn wrong_usage_ends_with_2_and_the_reason() {
    let (_folder, data) = folder();
    let cases: [(&[&str], &str); 9] = [
        (&[], "Usage"),
        (&["serve", "--lisen", "127.0.0.1:0"], "--listen"),
        (
            &["serve", "--data", &data, "--listen", "0.0.0.0:0"],
            "--behind-proxy",
        ),
        (
            &[
                "serve",
                "--data",
                &data,
                "--database",
                "postgres://db.example/pli",
            ],
            "beyond this machine",
        ),
        (
            &[
                "serve",
                "--data",
                &data,
                "--database",
                "postgres://pli:Zx81hush@localhost/pli",
            ],
            "PLI_DATABASE",
        ),
        (&["serve", "--data", &data, "--tls-cert", "a.pem"], "go together"),
        (
            &["serve", "--data", &data, "--public-url", "http://pli.example.org"],
            "not encrypted",
        ),
        (&["demo", "--listen", "0.0.0.0:0"], "this machine only"),
        (
            &["account", "create", "--email", "a@b.example"],
            "--password-stdin",
        ),
    ];
    for (arguments, reason) in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(reason),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("Zx81hush"));
    }
    assert!(
        !std::path::Path::new(&data).exists(),
        "a refused command leaves nothing behind"
    );
}

#[test]
fn an_unknown_variable_is_named_with_the_one_that_was_meant() {
    let output = pli(&["openapi"])
        .env("PLI_LISTN", "127.0.0.1:0")
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`PLI_LISTN`") && stderr(&output).contains("`PLI_LISTEN`"));
}

#[test]
fn limits_are_not_switched_off_beyond_this_machine() {
    let output = pli(&["serve", "--listen", "0.0.0.0:0", "--behind-proxy"])
        .env("PLI_LIMITS", "off")
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("PLI_LIMITS=off"));
}

#[test]
fn a_new_instance_prints_its_address_and_a_setup_link() {
    let (_folder, data) = folder();

    let mut running = Running::start(&["serve", "--data", &data]);

    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        running.first_line,
        format!("Pli {version}: http://{}", running.address)
    );
    let link = running.next_line();
    assert!(
        link.contains(&format!("http://{}/installation#k=", running.address)),
        "{link}"
    );
    assert!(running.request("GET /readyz", "").starts_with("HTTP/1.1 200"));
    assert_eq!(
        run(&["healthcheck", "--listen", &running.address]).status.code(),
        Some(0)
    );
    assert_eq!(running.stop(), Some(0));
    assert_eq!(
        run(&["healthcheck", "--listen", &running.address]).status.code(),
        Some(1)
    );
}

#[cfg(unix)]
#[test]
fn the_data_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (database, data) = folder();

    assert!(run(&["migrate", "--data", &data]).status.success());

    if database.postgres().is_some() {
        let entries = std::fs::read_dir(&data).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["files", "keys"], "everything else is in PostgreSQL");
    }
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn accounts_are_made_and_suspended_while_a_server_runs() {
    let (_folder, data) = folder();
    let running = Running::start(&["serve", "--data", &data]);
    let sign_in = || {
        let body = format!(r#"{{"email":"anne.roy@demo.example","password":"{PASSWORD}","client":"api"}}"#);
        running.request("POST /api/v1/accounts.sign_in", &body)
    };

    let created = create_account(&data, "anne.roy@demo.example", PASSWORD, &["--admin", "--json"]);

    let answer: serde_json::Value = serde_json::from_slice(&created.stdout).unwrap();
    let id = answer["id"].as_str().unwrap();
    assert!(sign_in().starts_with("HTTP/1.1 200"));
    let list = stdout(&run(&["account", "list", "--data", &data]));
    assert_eq!(
        list,
        format!("{id}\tactive\tadmin\tanne.roy@demo.example\tDre Anne Roy\n")
    );

    let email = ["--data", &data, "--email", "anne.roy@demo.example"];
    assert!(
        run(&[&["account", "suspend"], email.as_slice()].concat())
            .status
            .success()
    );
    assert!(sign_in().starts_with("HTTP/1.1 401"));
    assert!(
        run(&[&["account", "suspend", "--lift"], email.as_slice()].concat())
            .status
            .success()
    );
    assert!(sign_in().starts_with("HTTP/1.1 200"));

    let public = ["--public-url", "https://pli.example.org"];
    let reset = stdout(&run(&[
        &["account", "reset"],
        email.as_slice(),
        public.as_slice(),
    ]
    .concat()));
    assert!(
        reset.starts_with("https://pli.example.org/invitation#k="),
        "{reset}"
    );
}

/// AUTH-10: a command in a process of its own ends what is open in a running server, within a second.
#[test]
fn auth_10_a_suspension_by_command_ends_open_streams_by_its_own_bell() {
    let (_folder, data) = folder();
    let running = Running::start(&["serve", "--data", &data]);
    create_account(&data, "anne.roy@demo.example", PASSWORD, &[]);
    let body = format!(r#"{{"email":"anne.roy@demo.example","password":"{PASSWORD}","client":"api"}}"#);
    let answer = running.request("POST /api/v1/accounts.sign_in", &body);
    let answer: serde_json::Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let mut stream = TcpStream::connect(&running.address).unwrap();
    write!(
        stream,
        "GET /api/v1/events HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        running.address,
        answer["token"].as_str().unwrap()
    )
    .unwrap();
    let mut heard = [0; 4_096];
    let mut text = String::new();
    while !text.contains("event: hello") {
        let n = stream.read(&mut heard).unwrap();
        text.push_str(&String::from_utf8_lossy(&heard[..n]));
    }

    let email = "anne.roy@demo.example";
    let suspended = run(&["account", "suspend", "--data", &data, "--email", email]);

    assert!(suspended.status.success());
    // Well before the next beat, which looks at the session as well and comes after fifteen seconds of silence.
    stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    // What is left of the answer, then its end; a longer silence is an error.
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
}

/// AUTH-01: without its pepper, or with another one, a server does not tell everybody that their password is wrong.
#[test]
fn auth_01_a_lost_pepper_is_refused_at_the_start_by_name() {
    let (_folder, data) = folder();
    create_account(&data, "anne.roy@demo.example", PASSWORD, &[]);
    let pepper = std::path::Path::new(&data).join("keys/pepper");
    let kept = std::fs::read(&pepper).unwrap();
    let list = || run(&["account", "list", "--data", &data]);

    std::fs::remove_file(&pepper).unwrap();
    let without = list();
    std::fs::write(&pepper, "0".repeat(64)).unwrap();
    let another = list();
    std::fs::write(&pepper, &kept).unwrap();

    for refused in [&without, &another] {
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(refused).contains("keys/pepper`"), "{}", stderr(refused));
    }
    assert!(stderr(&without).contains("is missing") && stderr(&another).contains("not the one"));
    assert!(list().status.success());
}

#[test]
fn a_refused_account_ends_with_1_and_the_reason() {
    let (_folder, data) = folder();

    let short = create_account(&data, "anne.roy@demo.example", "trop court", &[]);
    let common = create_account(&data, "anne.roy@demo.example", "motdepasse123456", &[]);
    let odd = create_account(&data, "anne", PASSWORD, &[]);
    let nobody = run(&[
        "account",
        "reset",
        "--data",
        &data,
        "--email",
        "nobody@demo.example",
    ]);

    for (output, reason) in [
        (&short, "`password` is shorter than 15 characters"),
        (&common, "`password` is too easy to guess"),
        (&odd, "`email` is not acceptable"),
        (&nobody, "no such account"),
    ] {
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(output).contains(reason), "{}", stderr(output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_address_in_use_ends_with_1_and_the_reason() {
    let (_folder, data) = folder();
    let first = Running::start(&["serve", "--data", &data]);

    let second = run(&["serve", "--data", &data, "--listen", &first.address]);

    assert_eq!(second.status.code(), Some(1));
    assert!(stderr(&second).contains(&format!("listening on `{}`", first.address)));
}

#[test]
fn the_demonstration_knows_fifteen_people_and_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = pli(&["demo", "--listen", "127.0.0.1:0"]);
    command
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first_line = lines.next().unwrap().unwrap();
    let address = first_line.rsplit("http://").next().unwrap().to_owned();
    let mut running = Running {
        child,
        lines,
        address,
        first_line,
    };
    assert!(
        std::fs::read_dir(folder.path()).unwrap().next().is_some(),
        "its data is here while it runs"
    );

    let password = "demonstration-pli";
    let body =
        format!(r#"{{"email":"camille.tremblay@demo.example","password":"{password}","client":"api"}}"#);
    let signed_in = running.request("POST /api/v1/accounts.sign_in", &body);
    let personas = running.request("GET /api/v1/demo.list_personas", "");

    assert!(signed_in.contains("Dre Camille Tremblay"));
    assert!(personas.contains("etienne.lavoie.ergo@demo.example"));
    assert_eq!(running.stop(), Some(0));
    assert!(
        std::fs::read_dir(folder.path()).unwrap().next().is_none(),
        "and gone when it ends"
    );
}
