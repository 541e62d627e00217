//! The organisation's provider, asked by the program itself over TLS: who is trusted, what `pli doctor` says of it, and that
//! Pli starts without it.
//!
//! AUTH-08.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use server::http::provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pli");

/// A provider behind a certificate that it has signed itself; what it says of itself can be changed.
struct Encrypted {
    issuer: String,
    /// The authority that leads to it.
    authority: PathBuf,
}

impl Encrypted {
    /// Answers for as long as the test runs.
    fn start(folder: &Path, change: impl Fn(&mut Value) + Send + 'static) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let authority = folder.join("authority.pem");
        fs::write(&authority, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let (config, named) = (Arc::new(config), issuer.clone());
        std::thread::spawn(move || {
            for line in listener.incoming() {
                let session = ServerConnection::new(Arc::clone(&config)).unwrap();
                // Who does not trust the certificate goes away.
                let _ = answer(StreamOwned::new(session, line.unwrap()), &named, &change);
            }
        });
        Self { issuer, authority }
    }
}

fn answer(
    mut line: StreamOwned<ServerConnection, std::net::TcpStream>,
    issuer: &str,
    change: &impl Fn(&mut Value),
) -> std::io::Result<()> {
    let mut first = String::new();
    {
        let mut reader = BufReader::new(&mut line);
        reader.read_line(&mut first)?;
        let mut header = String::new();
        while reader.read_line(&mut header)? > 2 {
            header.clear();
        }
    }
    let mut document = if first.contains("/keys") {
        let x = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "a", "x": x, "y": x }] })
    } else {
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": ["eidas1"],
        })
    };
    change(&mut document);
    let body = document.to_string();
    let n_bytes = body.len();
    write!(
        line,
        "HTTP/1.1 200 OK\r\nContent-Length: {n_bytes}\r\nConnection: close\r\n\r\n{body}"
    )?;
    line.flush()
}

/// What `pli doctor` says about something, each with its verdict; its authorities are those of this file.
fn doctor(folder: &Path, authority: &Path, about: &str, more: &[&str]) -> Vec<(String, String)> {
    let output = Command::new(PROGRAM)
        .args(["doctor", "--json", "--data"])
        .arg(folder.join("data"))
        .args(more)
        .env_clear()
        .env("SSL_CERT_FILE", authority)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let findings: Vec<Value> = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{printed}{errors}"));
    findings
        .iter()
        .filter(|found| found["about"] == about)
        .map(|found| {
            let said = format!("{} {}", found["seen"], found["remedy"]);
            (found["verdict"].as_str().unwrap().to_owned(), said)
        })
        .collect()
}

fn is(found: &[(String, String)], verdict: &str, part: &str) -> bool {
    found
        .iter()
        .any(|(known, said)| known == verdict && said.contains(part))
}

#[test]
fn auth_08_the_doctor_asks_the_provider_and_trusts_those_whom_this_machine_trusts() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Encrypted::start(folder.path(), |_| {});
    let named = [
        "--oidc-issuer",
        &provider.issuer,
        "--oidc-client-id",
        "pli",
        "--oidc-acr",
        "eidas1",
    ];
    let about = |authority: &Path, issuer: &str| {
        let named = ["--oidc-issuer", issuer, named[2], named[3], named[4], named[5]];
        doctor(folder.path(), authority, "provider", &named)
    };

    let found = about(&provider.authority, &provider.issuer);
    assert!(
        found.len() == 1 && is(&found, "good", "/organisation/retour"),
        "{found:?}"
    );
    assert!(is(&found, "good", "two factors"), "{found:?}");
    // Another authority, and another name than the certificate's.
    let other = tempfile::tempdir().unwrap();
    let other = Encrypted::start(other.path(), |_| {});
    let found = about(&other.authority, &provider.issuer);
    assert!(
        found.len() == 1 && is(&found, "bad", "cannot be reached"),
        "{found:?}"
    );
    let by_number = provider.issuer.replace("localhost", "127.0.0.1");
    let found = about(&provider.authority, &by_number);
    assert!(is(&found, "bad", "cannot be reached"), "{found:?}");
    // Almost the name that it gives itself.
    let found = about(&provider.authority, &format!("{}/", provider.issuer));
    assert!(is(&found, "bad", "to the letter"), "{found:?}");
}

#[test]
fn auth_08_the_doctor_says_what_of_a_provider_would_let_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let judge = |acr: &str, change: fn(&mut Value)| {
        let folder = tempfile::tempdir().unwrap();
        let provider = Encrypted::start(folder.path(), change);
        let named = [
            "--oidc-issuer",
            &provider.issuer,
            "--oidc-client-id",
            "pli",
            "--oidc-acr",
            acr,
        ];
        doctor(folder.path(), &provider.authority, "provider", &named)
    };

    let found = judge("eidas3", |_| {});
    assert!(
        is(&found, "warning", "eidas3") && is(&found, "good", ""),
        "{found:?}"
    );
    let found = judge("eidas1", |document| {
        if let Some(known) = document.get_mut("code_challenge_methods_supported") {
            *known = json!(["plain"]);
        }
    });
    assert!(is(&found, "warning", "PKCE"), "{found:?}");
    let found = judge("eidas1", |document| {
        if document.get("keys").is_some() {
            *document = json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] });
        }
    });
    assert!(is(&found, "bad", "none of its keys"), "{found:?}");
    let secret = folder.path().join("secret");
    fs::write(&secret, "s3cret\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let named = [
        "--oidc-issuer",
        "https://localhost:1",
        "--oidc-client-id",
        "pli",
        "--oidc-client-secret-file",
        secret.to_str().unwrap(),
    ];
    let found = doctor(folder.path(), &secret, "provider's secret", &named);
    assert!(
        is(&found, "bad", "chmod 600") && !is(&found, "bad", "s3cret"),
        "{found:?}"
    );
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// AUTH-08: a provider that is away, or was named wrongly, keeps nobody from their work.
#[test]
fn auth_08_pli_starts_without_its_provider() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("data"))
        .args(["--oidc-issuer", "https://localhost:1", "--oidc-client-id", "pli"])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let printed = child.stdout.take().unwrap();
    let _running = Running(child);

    let first = BufReader::new(printed).lines().next().unwrap().unwrap();

    assert!(first.contains("http://127.0.0.1:"), "{first}");
}
