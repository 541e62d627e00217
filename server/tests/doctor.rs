//! `pli doctor`: it names what is wrong and the way out, and changes nothing.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its test")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pli");

/// A data folder that a command of Pli has made.
struct Installation {
    folder: tempfile::TempDir,
}

impl Installation {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let installation = Self { folder };
        assert!(installation.pli(&["migrate"]).0);
        installation
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn pli(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    }

    /// Whether all works, and what was found.
    fn examine(&self, more: &[&str]) -> (bool, Vec<Value>) {
        let (works, printed) = self.pli(&[&["doctor", "--json"], more].concat());
        (works, serde_json::from_str(&printed).unwrap())
    }
}

/// How it stands with something, and all that was said of it.
fn about<'f>(findings: &'f [Value], about: &str) -> (&'f str, String) {
    let found = findings
        .iter()
        .find(|found| found["about"] == about)
        .unwrap_or_else(|| panic!("nothing about {about}: {findings:?}"));
    let said = format!("{} {}", found["seen"], found["remedy"]);
    (found["verdict"].as_str().unwrap(), said)
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = ["pli.db", "keys/wrapping.key", "keys/pepper"]
        .iter()
        .map(|name| folder.join(name))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_sound_installation_is_found_sound_and_left_as_it_was() {
    let installation = Installation::new();
    let before = contents(&installation.data());

    let (works, findings) = installation.examine(&[]);

    assert!(works, "{findings:?}");
    for thing in ["data folder", "database", "wrapping key", "pepper"] {
        assert_eq!(about(&findings, thing).0, "good", "{findings:?}");
    }
    assert_eq!(about(&findings, "address").0, "warning");
    assert_eq!(contents(&installation.data()), before);
}

#[test]
fn where_nothing_is_yet_nothing_is_made() {
    let installation = Installation {
        folder: tempfile::tempdir().unwrap(),
    };

    let (works, findings) = installation.examine(&[]);

    assert!(works, "{findings:?}");
    assert!(about(&findings, "database").1.contains("first start"));
    assert!(!installation.data().exists());
}

#[test]
fn a_lost_key_file_is_named_with_the_way_out() {
    let installation = Installation::new();
    let key = installation.data().join("keys/wrapping.key");
    fs::rename(&key, installation.folder.path().join("elsewhere")).unwrap();

    let (works, findings) = installation.examine(&[]);

    let (verdict, said) = about(&findings, "wrapping key");
    assert!(!works && verdict == "bad", "{findings:?}");
    assert!(said.contains("wrapping.key") && said.contains("copy"), "{said}");
    assert!(!key.exists(), "none is made in its place");
}

#[test]
fn another_installations_key_is_found_to_be_another() {
    let (installation, other) = (Installation::new(), Installation::new());
    let key = "keys/wrapping.key";
    fs::copy(other.data().join(key), installation.data().join(key)).unwrap();

    let (works, findings) = installation.examine(&[]);

    let (verdict, said) = about(&findings, "wrapping key");
    assert!(!works && verdict == "bad", "{findings:?}");
    assert!(said.contains("does not hold the key"), "{said}");
}

#[test]
fn a_key_file_that_others_may_read_is_refused() {
    let installation = Installation::new();
    let key = installation.data().join("keys/wrapping.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();

    let (works, findings) = installation.examine(&[]);

    let (verdict, said) = about(&findings, "wrapping key");
    assert!(!works && verdict == "bad" && said.contains("chmod 600"), "{said}");
}

#[test]
fn a_lost_pepper_is_named() {
    let installation = Installation::new();
    fs::remove_file(installation.data().join("keys/pepper")).unwrap();

    let (works, findings) = installation.examine(&[]);

    assert!(!works);
    assert_eq!(about(&findings, "pepper").0, "bad");
}

#[test]
fn a_database_of_a_newer_version_is_not_opened_by_chance() {
    let installation = Installation::new();
    let database = rusqlite::Connection::open(installation.data().join("pli.db")).unwrap();
    database
        .execute("insert into migrations (name) values ('9999_of_tomorrow')", [])
        .unwrap();

    let (works, findings) = installation.examine(&[]);

    let (verdict, said) = about(&findings, "database");
    assert!(
        !works && verdict == "bad" && said.contains("9999_of_tomorrow"),
        "{said}"
    );
}

#[test]
fn a_damaged_file_and_one_that_is_no_database_are_found() {
    let installation = Installation::new();
    let path = installation.data().join("pli.db");
    // What is still in the log alone would hide what is broken in the file.
    rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
        .unwrap();
    let sound = fs::read(&path).unwrap();
    let mut damaged = sound.clone();
    // Page after page of what is no tree.
    for byte in damaged.iter_mut().skip(8 * 1024).take(64 * 1024) {
        *byte = 0xA5;
    }
    fs::write(&path, &damaged).unwrap();
    let (works, findings) = installation.examine(&[]);
    assert!(!works, "{findings:?}");

    fs::write(&path, b"not a database at all, but long enough to be looked at").unwrap();
    let (works, findings) = installation.examine(&[]);
    assert!(!works, "{findings:?}");
    assert_eq!(about(&findings, "database").0, "bad");
}

#[test]
fn a_folder_that_others_may_enter_is_said() {
    let installation = Installation::new();
    fs::set_permissions(installation.data(), fs::Permissions::from_mode(0o755)).unwrap();

    let (works, findings) = installation.examine(&[]);

    let (verdict, said) = about(&findings, "data folder");
    assert!(
        works && verdict == "warning" && said.contains("chmod 700"),
        "{said}"
    );
}

/// Writes a certificate for these names that is good for so many days from now; some ended already.
fn certificate(folder: &Path, names: &[&str], n_days: i64) -> [String; 2] {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut wanted = rcgen::CertificateParams::new(names).unwrap();
    wanted
        .distinguished_name
        .push(rcgen::DnType::CommonName, "a test");
    let until = time::OffsetDateTime::now_utc() + time::Duration::days(n_days);
    wanted.not_after = until;
    wanted.not_before = until - time::Duration::days(400);
    let key = rcgen::KeyPair::generate().unwrap();
    let made = wanted.self_signed(&key).unwrap();
    let (cert_file, key_file) = (folder.join("pli.pem"), folder.join("pli.key"));
    fs::write(&cert_file, made.pem()).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
    [cert_file, key_file].map(|path| path.to_str().unwrap().to_owned())
}

#[test]
fn a_certificate_is_looked_at_before_it_ends() {
    let installation = Installation::new();
    let judge = |names: &[&str], n_days: i64, url: &str| {
        let [cert, key] = certificate(installation.folder.path(), names, n_days);
        let (_, findings) =
            installation.examine(&["--tls-cert", &cert, "--tls-key", &key, "--public-url", url]);
        let all: Vec<(String, String)> = findings
            .iter()
            .filter(|found| found["about"] == "certificate")
            .map(|found| {
                let seen = found["seen"].as_str().unwrap().to_owned();
                (found["verdict"].as_str().unwrap().to_owned(), seen)
            })
            .collect();
        all
    };
    let is = |found: &[(String, String)], verdict: &str, part: &str| {
        found
            .iter()
            .any(|(known, seen)| known == verdict && seen.contains(part))
    };

    let sound = judge(&["pli.example.org"], 90, "https://pli.example.org");
    assert!(is(&sound, "good", "good for"), "{sound:?}");
    assert!(is(&sound, "warning", "signed by itself"), "{sound:?}");
    assert!(!sound.iter().any(|(verdict, _)| verdict == "bad"), "{sound:?}");
    let soon = judge(&["*.example.org"], 5, "https://pli.example.org:8443");
    assert!(is(&soon, "warning", "ends in"), "{soon:?}");
    assert!(!is(&soon, "bad", "name"), "{soon:?}");
    let over = judge(&["pli.example.org"], -3, "https://pli.example.org");
    assert!(is(&over, "bad", "ended"), "{over:?}");
    let [cert, key] = certificate(installation.folder.path(), &["pli.example.org"], 90);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let (works, findings) = installation.examine(&["--tls-cert", &cert, "--tls-key", &key]);
    assert!(
        !works && about(&findings, "certificate").1.contains("chmod 600"),
        "{findings:?}"
    );
    let other = judge(&["other.example.org"], 90, "https://pli.example.org");
    assert!(is(&other, "bad", "does not name"), "{other:?}");
}

#[test]
fn att_07_a_scanner_that_does_not_answer_is_a_warning_that_says_what_follows() {
    let installation = Installation::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();

    let (works, findings) = installation.examine(&["--scan", &format!("clamd:{closed}")]);

    let (verdict, said) = about(&findings, "scanner");
    assert!(works && verdict == "warning", "{findings:?}");
    assert!(said.contains("held"), "{said}");
    assert_eq!(about(&installation.examine(&[]).1, "scanner").0, "good");
}

#[test]
fn a_store_of_files_that_does_not_answer_is_found() {
    let installation = Installation::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = format!("s3://bucket?endpoint=http://{closed}");
    let key = installation.folder.path().join("s3.key");
    fs::write(&key, "id\nkey\n").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    let (works, findings) = installation.examine(&["--files", &place, "--files-key", key.to_str().unwrap()]);

    let (verdict, said) = about(&findings, "files");
    assert!(!works && verdict == "bad", "{findings:?}");
    assert!(said.contains("--files"), "{said}");
}
