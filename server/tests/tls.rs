//! TLS in the binary: what a browser meets, and what becomes of certificates that change.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use server::http::{Certificate, TlsFiles, provider};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pli");
const PASSWORD: &str = "une phrase que personne ne devine";

/// A certificate that names `localhost`, signed by itself, in files.
struct Pair {
    files: TlsFiles,
    der: CertificateDer<'static>,
}

impl Pair {
    /// Makes one and writes it into the files of this folder.
    fn write(folder: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files = TlsFiles {
            cert: folder.join("pli.pem"),
            key: folder.join("pli.key"),
        };
        fs::write(&files.cert, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        Self {
            files,
            der: made.cert.der().clone(),
        }
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The program, serving with this certificate; ended with the test.
struct Running {
    child: Child,
    address: SocketAddr,
    first_line: String,
    data: PathBuf,
    tls: [String; 4],
}

impl Running {
    fn start(folder: &Path, pair: &Pair) -> Self {
        let tls = [
            "--tls-cert".to_owned(),
            text(&pair.files.cert),
            "--tls-key".to_owned(),
            text(&pair.files.key),
        ];
        let data = folder.join("data");
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--data", &text(&data)])
            .args(&tls)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first_line = lines.next().unwrap().unwrap();
        let address = first_line.rsplit("https://").next().unwrap().parse().unwrap();
        Self {
            child,
            address,
            first_line,
            data,
            tls,
        }
    }

    fn create_account(&self) {
        let mut child = Command::new(PROGRAM)
            .args(["account", "create", "--data", &text(&self.data)])
            .args(["--email", "anne@example.org", "--name", "Dre Anne Roy"])
            .args(["--profession", "cardiologue", "--workplace", "Hôpital du Parc"])
            .arg("--password-stdin")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn healthcheck(&self, tls: &[String]) -> Output {
        Command::new(PROGRAM)
            .args(["healthcheck", "--listen", &self.address.to_string()])
            .args(tls)
            .env_clear()
            .output()
            .unwrap()
    }

    fn connect(&self, trusted: &Pair) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.der.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let session = ClientConnection::new(Arc::new(config), name).unwrap();
        StreamOwned::new(session, TcpStream::connect(self.address).unwrap())
    }

    /// Sends a request and reads the answer to its end.
    fn ask(&self, trusted: &Pair, request: &str) -> io::Result<String> {
        let mut connection = self.connect(trusted);
        connection.write_all(request.as_bytes())?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn get(&self, trusted: &Pair, path: &str) -> io::Result<String> {
        let host = self.address;
        self.ask(
            trusted,
            &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        )
    }

    fn sign_in(&self, trusted: &Pair, client: &str) -> String {
        let body = format!(r#"{{"email":"anne@example.org","password":"{PASSWORD}","client":"{client}"}}"#);
        let host = self.address;
        let request = format!(
            "POST /api/v1/accounts.sign_in HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.ask(trusted, &request).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_page_travels_encrypted_and_says_that_it_always_will() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::write(folder.path());
    let running = Running::start(folder.path(), &pair);

    let answer = running.get(&pair, "/livez").unwrap();

    assert!(running.first_line.contains("https://127.0.0.1:"));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=63072000; includeSubDomains\r\n"));
    // Who speaks in clear is told nothing, and nothing goes wrong for the others.
    let mut in_clear = TcpStream::connect(running.address).unwrap();
    in_clear
        .write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut said = Vec::new();
    let _ = in_clear.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"));
    assert!(running.get(&pair, "/livez").is_ok());
}

#[test]
fn web_04_the_cookie_is_bound_to_this_host_and_to_encrypted_connections() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::write(folder.path());
    let running = Running::start(folder.path(), &pair);
    running.create_account();

    let answer = running.sign_in(&pair, "browser");

    let cookie = answer
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("set-cookie: __host-"))
        .unwrap_or_else(|| panic!("no such cookie: {answer}"));
    for word in ["Secure", "HttpOnly", "SameSite", "Path=/"] {
        assert!(cookie.contains(word), "{word}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[test]
fn a_stream_lasts_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::write(folder.path());
    let running = Running::start(folder.path(), &pair);
    running.create_account();
    let answer = running.sign_in(&pair, "api");
    let token = answer.split("\"token\":\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();

    let mut stream = running.connect(&pair);
    write!(
        stream,
        "GET /api/v1/events HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
        running.address
    )
    .unwrap();

    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "HTTP/1.1 200 OK");
    assert!(lines.any(|line| line == "event: hello"));
}

#[test]
fn who_says_nothing_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::write(folder.path());
    let running = Running::start(folder.path(), &pair);

    let silent: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(running.address).unwrap())
        .collect();

    assert!(running.get(&pair, "/livez").unwrap().contains("200 OK"));
    drop(silent);
}

#[test]
fn the_health_check_trusts_the_servers_own_certificate_and_no_other() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pair = Pair::write(folder.path());
    let other = Pair::write(elsewhere.path());
    let running = Running::start(folder.path(), &pair);

    assert_eq!(running.healthcheck(&running.tls).status.code(), Some(0));
    let of_other = [
        "--tls-cert",
        &text(&other.files.cert),
        "--tls-key",
        &text(&other.files.key),
    ]
    .map(ToOwned::to_owned);
    assert_eq!(running.healthcheck(&of_other).status.code(), Some(1));
    assert_eq!(running.healthcheck(&[]).status.code(), Some(1));
}

#[test]
fn a_new_certificate_is_taken_up_and_half_of_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = Pair::write(folder.path());
    let held = Certificate::read(&first.files).unwrap();
    assert!(!held.read_again().unwrap());

    let second = Pair::write(folder.path());
    assert!(held.read_again().unwrap());
    assert_eq!(held.end_entity().unwrap(), second.der);

    // The certificate is there already, its key is not.
    let third = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&second.files.cert, format!("\n{}", third.cert.pem())).unwrap();
    assert!(held.read_again().is_err());
    assert_eq!(held.end_entity().unwrap(), second.der);
    fs::write(
        &second.files.key,
        format!("\n{}", third.signing_key.serialize_pem()),
    )
    .unwrap();
    assert!(held.read_again().unwrap());
    assert_eq!(held.end_entity().unwrap(), *third.cert.der());
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::write(folder.path());
    let start = |cert: &Path, key: &Path| {
        let output = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--data", &text(&folder.path().join("data"))])
            .args(["--tls-cert", &text(cert), "--tls-key", &text(key)])
            .env_clear()
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let other = tempfile::tempdir().unwrap();
    let other = Pair::write(other.path());
    fs::write(
        folder.path().join("other.key"),
        fs::read(&other.files.key).unwrap(),
    )
    .unwrap();

    let (code, said) = start(&folder.path().join("none.pem"), &pair.files.key);
    assert!(code == Some(1) && said.contains("none.pem"), "{said}");
    let (code, said) = start(&pair.files.key, &pair.files.key);
    assert!(code == Some(1) && said.contains("holds no certificate"), "{said}");
    let (code, said) = start(&pair.files.cert, &pair.files.cert);
    assert!(code == Some(1) && said.contains("pli.pem"), "{said}");
    let (code, said) = start(&pair.files.cert, &folder.path().join("other.key"));
    assert!(code == Some(1) && said.contains("other.key"), "{said}");
}
