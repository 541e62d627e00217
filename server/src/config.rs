//! Commands and settings: the only reader of the command line and of the environment.
//!
//! Every setting is an option and a variable `PLI_…`. A setting that nobody knows is an error, not a silence; one that
//! would put people's words on the wire in clear is refused with the reason.

mod command_line;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::CommandFactory;

use crate::http::CookieMode;
use crate::store::{PostgresUrl, UrlError};

pub use command_line::{
    AccountCommand, AuditCommand, Cli, Command, ConversationCommand, CreateAccount, KeysCommand, Limits,
    Settings,
};

/// What was typed cannot be done that way. The exit code is 2.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// A variable that looks like ours and is not.
    #[error("unknown setting `{name}` in the environment{}", suggestion(.nearest.as_deref()))]
    UnknownVariable {
        /// Its name.
        name: String,
        /// The known one that resembles it most.
        nearest: Option<String>,
    },
    /// Listening for other machines without anybody encrypting.
    #[error(
        "`--listen {0}` is beyond this machine: passwords and messages would travel in clear. Put a proxy with TLS in \
         front and say so with `--behind-proxy`, or listen on 127.0.0.1"
    )]
    InClear(SocketAddr),
    /// The demonstration is for one machine.
    #[error(
        "the demonstration's password is known to everybody: it answers on this machine only, not on `{0}`"
    )]
    DemoBeyondLoopback(SocketAddr),
    /// Limits protect real people.
    #[error(
        "`PLI_LIMITS=off` is for load tests on this machine: not with `--listen {0}` or `--behind-proxy`"
    )]
    LimitsOff(SocketAddr),
    /// Not built yet.
    #[error(
        "`--tls-cert` and `--tls-key` are not supported yet: put a proxy with TLS in front, with `--behind-proxy`"
    )]
    TlsNotYet,
    /// An address of a PostgreSQL database that cannot be used.
    #[error(transparent)]
    Postgres(#[from] UrlError),
    /// Arguments can be seen by other users of the machine.
    #[error(
        "the password of the database stands in an argument, where other users can see it: put the address into \
         the variable `PLI_DATABASE`, or into a file named by `--database-file`"
    )]
    PasswordInArgument,
    /// Two places say where the database is.
    #[error("both `--database` and `--database-file` are given: leave one out")]
    TwoDatabases,
    /// The file that says where the database is.
    #[error("cannot read `--database-file {0}`: {1}")]
    DatabaseFile(String, String),
    /// Not a database that we know.
    #[error("`--database` is neither `sqlite:PATH` nor `postgres://…`")]
    UnknownDatabase,
    /// Two places say where the wrapping key is.
    #[error("both `--key-file` and the credential `{CREDENTIAL}` name the wrapping key: leave one out")]
    TwoKeys,
    /// Not an address that people could open.
    #[error("`--public-url {0}` is not `https://HOST` or `https://HOST:PORT`, without a path")]
    PublicUrl(String),
    /// A public address in clear.
    #[error("`--public-url {0}` is not encrypted: only an address of this machine may start with `http://`")]
    PublicUrlInClear(String),
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(PostgresUrl),
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// The name of the credential that holds the wrapping key, for `LoadCredential=` or `LoadCredentialEncrypted=`.
const CREDENTIAL: &str = "pli.key";

/// Where the wrapping key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file of Pli's own, made at the first start.
    File(PathBuf),
    /// In a credential that systemd passes on.
    Credential(PathBuf),
    /// In memory: gone at the end, with all that it opens.
    Memory,
}

/// Where the audit is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPlace {
    /// The file of the key that signs, beside the wrapping key.
    pub key: PathBuf,
    /// The file of checkpoints.
    pub checkpoints: PathBuf,
}

/// Checked settings of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the data is.
    pub database: Database,
    /// Where the wrapping key is.
    pub keys: KeyPlace,
    /// Where the audit is signed; nowhere in the demonstration.
    pub audit: Option<AuditPlace>,
    /// The file of the pepper, beside the key that signs the audit.
    pub pepper: PathBuf,
    /// The address that people use, if it was declared: scheme, host and port.
    pub public_origin: Option<String>,
    /// How session cookies are written.
    pub cookies: CookieMode,
    /// Whether tries are limited.
    pub limits: Limits,
    /// Whether this is the demonstration.
    pub is_demo: bool,
}

/// Reads the filter of the log lines.
#[expect(
    clippy::disallowed_methods,
    reason = "config.rs is the one that reads the environment"
)]
pub fn log_filter() -> String {
    std::env::var("PLI_LOG").unwrap_or_else(|_| "info".to_owned())
}

/// Checks that every `PLI_…` among these names of variables is a setting.
///
/// # Errors
/// `UnknownVariable` for the first that is not.
pub fn check_environment(names: impl Iterator<Item = String>) -> Result<(), UsageError> {
    let command = Cli::command();
    let mut known: Vec<String> = command
        .get_arguments()
        .filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()))
        .collect();
    known.push("PLI_LOG".to_owned());
    // What the browser journeys are told about the program reaches the program as well.
    known.push("PLI_PROGRAM".to_owned());
    for name in names.filter(|name| name.starts_with("PLI_")) {
        if !known.contains(&name) {
            let nearest = known.into_iter().min_by_key(|one| distance(one, &name));
            let nearest = nearest.filter(|one| distance(one, &name) <= 3);
            return Err(UsageError::UnknownVariable { name, nearest });
        }
    }
    Ok(())
}

impl Settings {
    /// The settings of a server for real use.
    ///
    /// # Errors
    /// Why they cannot be used together.
    pub fn to_config(&self) -> Result<Config, UsageError> {
        if self.tls_cert.is_some() || self.tls_key.is_some() {
            return Err(UsageError::TlsNotYet);
        }
        let is_local = self.listen.ip().is_loopback();
        if !is_local && !self.behind_proxy {
            return Err(UsageError::InClear(self.listen));
        }
        if self.limits == Limits::Off && (!is_local || self.behind_proxy) {
            return Err(UsageError::LimitsOff(self.listen));
        }
        let public_origin = self.public_url.as_deref().map(parse_origin).transpose()?;
        let is_encrypted = public_origin
            .as_deref()
            .map_or(self.behind_proxy, |origin| origin.starts_with("https://"));
        Ok(Config {
            listen: self.listen,
            database: self.database()?,
            audit: Some(self.audit()),
            keys: self.keys()?,
            pepper: self.beside_the_key("pepper"),
            public_origin,
            cookies: if is_encrypted {
                CookieMode::Secure
            } else {
                CookieMode::PlainLoopback
            },
            limits: self.limits,
            is_demo: false,
        })
    }

    /// The settings of the demonstration, with its data in `folder`.
    ///
    /// # Errors
    /// `DemoBeyondLoopback`.
    pub fn to_demo_config(&self, folder: &Path) -> Result<Config, UsageError> {
        if !self.listen.ip().is_loopback() || self.behind_proxy {
            return Err(UsageError::DemoBeyondLoopback(self.listen));
        }
        Ok(Config {
            listen: self.listen,
            database: Database::Sqlite(folder.join("pli.db")),
            keys: KeyPlace::Memory,
            audit: None,
            pepper: folder.join("keys").join("pepper"),
            public_origin: None,
            cookies: CookieMode::PlainLoopback,
            limits: self.limits,
            is_demo: true,
        })
    }

    fn keys(&self) -> Result<KeyPlace, UsageError> {
        let credential = self
            .credentials_directory
            .as_deref()
            .map(|folder| folder.join(CREDENTIAL))
            .filter(|path| path.exists());
        match (&self.key_file, credential) {
            (Some(_), Some(_)) => Err(UsageError::TwoKeys),
            (Some(path), None) => Ok(KeyPlace::File(path.clone())),
            (None, Some(path)) => Ok(KeyPlace::Credential(path)),
            (None, None) => Ok(KeyPlace::File(self.data.join("keys").join("wrapping.key"))),
        }
    }

    fn audit(&self) -> AuditPlace {
        let checkpoints = self.audit_checkpoints.clone();
        AuditPlace {
            key: self.beside_the_key("audit.key"),
            checkpoints: checkpoints.unwrap_or_else(|| self.data.join("audit").join("checkpoints")),
        }
    }

    /// A file of this name in the folder of keys: where the wrapping key is put, or else with the data.
    fn beside_the_key(&self, name: &str) -> PathBuf {
        match &self.key_file {
            Some(path) => path.with_file_name(name),
            None => self.data.join("keys").join(name),
        }
    }

    fn database(&self) -> Result<Database, UsageError> {
        let from_file = self.database_file.as_deref().map(read_address).transpose()?;
        let url = match (self.database.as_deref(), from_file.as_deref()) {
            (Some(_), Some(_)) => return Err(UsageError::TwoDatabases),
            (None, None) => return Ok(Database::Sqlite(self.data.join("pli.db"))),
            (Some(url), None) | (None, Some(url)) => url,
        };
        if PostgresUrl::is_one(url) {
            let url = PostgresUrl::parse(url)?;
            if url.has_password() && self.is_database_typed {
                return Err(UsageError::PasswordInArgument);
            }
            return Ok(Database::Postgres(url));
        }
        match url
            .strip_prefix("sqlite://")
            .or_else(|| url.strip_prefix("sqlite:"))
        {
            Some(path) if !path.is_empty() => Ok(Database::Sqlite(PathBuf::from(path))),
            _ => Err(UsageError::UnknownDatabase),
        }
    }
}

/// The address in a file: its first line.
fn read_address(path: &Path) -> Result<String, UsageError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| UsageError::DatabaseFile(path.display().to_string(), error.to_string()))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// Scheme, host and port of an address, as browsers write an origin.
fn parse_origin(url: &str) -> Result<String, UsageError> {
    let wrong = || UsageError::PublicUrl(url.to_owned());
    let origin = url.trim().trim_end_matches('/').to_ascii_lowercase();
    let (scheme, authority) = origin.split_once("://").ok_or_else(wrong)?;
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    if authority.is_empty() || !authority.chars().all(is_host) {
        return Err(wrong());
    }
    let is_local = ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|host| authority == *host || authority.starts_with(&format!("{host}:")));
    match scheme {
        "https" => {
            // The port that a browser leaves out.
            let authority = authority.strip_suffix(":443").unwrap_or(authority);
            Ok(format!("https://{authority}"))
        }
        "http" if is_local => Ok(origin),
        "http" => Err(UsageError::PublicUrlInClear(url.to_owned())),
        _ => Err(wrong()),
    }
}

/// How many characters to change, add or take away to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(arguments: &[&str]) -> Settings {
        let all = ["pli", "serve"].iter().chain(arguments);
        Cli::read_from(all)
            .expect("the arguments are of the described form")
            .settings
    }

    #[test]
    fn an_unknown_variable_is_an_error_with_a_suggestion() {
        let check = |name: &str| check_environment(std::iter::once(name.to_owned()));

        assert_eq!(check("PLI_LISTEN"), Ok(()));
        assert_eq!(check("PLI_LOG"), Ok(()));
        assert_eq!(check("PATH"), Ok(()));
        assert_eq!(
            check("PLI_LISTN").map_err(|error| error.to_string()),
            Err("unknown setting `PLI_LISTN` in the environment; did you mean `PLI_LISTEN`?".to_owned())
        );
        assert!(check("PLI_SOMETHING_ELSE").is_err());
    }

    #[test]
    fn beyond_loopback_a_proxy_must_be_declared() {
        let beyond: SocketAddr = "0.0.0.0:80".parse().unwrap();

        assert_eq!(
            settings(&["--listen", "0.0.0.0:80"]).to_config(),
            Err(UsageError::InClear(beyond))
        );
        let behind = settings(&["--listen", "0.0.0.0:80", "--behind-proxy"])
            .to_config()
            .unwrap();
        assert_eq!(behind.cookies, CookieMode::Secure);
        let local = settings(&[]).to_config().unwrap();
        assert_eq!(
            (local.cookies, local.database),
            (
                CookieMode::PlainLoopback,
                Database::Sqlite(PathBuf::from("./pli-data/pli.db"))
            )
        );
    }

    #[test]
    fn limits_stay_on_beyond_this_machine() {
        assert!(settings(&["--limits", "off"]).to_config().is_ok());
        assert!(matches!(
            settings(&["--limits", "off", "--listen", "0.0.0.0:80", "--behind-proxy"]).to_config(),
            Err(UsageError::LimitsOff(_))
        ));
    }

    #[test]
    fn a_public_address_is_an_origin() {
        let origin = |url: &str| {
            settings(&["--public-url", url])
                .to_config()
                .map(|config| config.public_origin)
        };

        assert_eq!(
            origin("https://Pli.Example.org/"),
            Ok(Some("https://pli.example.org".to_owned()))
        );
        assert_eq!(
            origin("https://pli.example.org:443"),
            Ok(Some("https://pli.example.org".to_owned()))
        );
        assert_eq!(
            origin("http://localhost:8080"),
            Ok(Some("http://localhost:8080".to_owned()))
        );
        assert!(matches!(
            origin("http://pli.example.org"),
            Err(UsageError::PublicUrlInClear(_))
        ));
        for wrong in [
            "pli.example.org",
            "https://",
            "https://a/b",
            "https://a@b",
            "ftp://a",
        ] {
            assert!(matches!(origin(wrong), Err(UsageError::PublicUrl(_))), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_built_yet_is_said() {
        let refusal = |arguments: &[&str]| settings(arguments).to_config().err();

        assert!(matches!(
            refusal(&["--database", "postgres://db.example/pli"]),
            Some(UsageError::Postgres(UrlError::Beyond(_)))
        ));
        assert_eq!(refusal(&["--tls-cert", "a.pem"]), Some(UsageError::TlsNotYet));
    }

    #[test]
    fn the_database_is_a_file_or_postgresql() {
        let database = |url: &str| {
            settings(&["--database", url])
                .to_config()
                .map(|config| config.database)
        };

        assert_eq!(
            database("sqlite:/srv/pli.db"),
            Ok(Database::Sqlite(PathBuf::from("/srv/pli.db")))
        );
        assert!(matches!(
            database("postgres:///pli?host=/run/postgresql"),
            Ok(Database::Postgres(_))
        ));
        assert_eq!(database("mysql://db"), Err(UsageError::UnknownDatabase));
    }

    #[test]
    fn a_password_comes_from_a_file_or_the_environment_never_from_an_argument() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database");
        let url = "postgres://pli:secret@localhost/pli";
        std::fs::write(&file, format!("{url}\n")).unwrap();
        let file = file.to_str().unwrap();

        let typed = settings(&["--database", url]).to_config();
        let read = settings(&["--database-file", file]).to_config();
        let mut from_environment = settings(&[]);
        from_environment.database = Some(url.to_owned());
        let both = settings(&["--database", "postgres:///pli", "--database-file", file]).to_config();

        assert_eq!(typed, Err(UsageError::PasswordInArgument));
        assert_eq!(
            read.map(|config| config.database),
            Ok(Database::Postgres(PostgresUrl::parse(url).unwrap()))
        );
        assert!(from_environment.to_config().is_ok());
        assert_eq!(both, Err(UsageError::TwoDatabases));
        assert!(matches!(
            settings(&["--database-file", "/does/not/exist"]).to_config(),
            Err(UsageError::DatabaseFile(..))
        ));
    }

    #[test]
    fn the_demonstration_stays_on_this_machine() {
        let folder = Path::new("/tmp/demo");

        assert!(
            settings(&[])
                .to_demo_config(folder)
                .is_ok_and(|config| config.is_demo)
        );
        assert!(
            settings(&["--listen", "0.0.0.0:80"])
                .to_demo_config(folder)
                .is_err()
        );
        assert!(settings(&["--behind-proxy"]).to_demo_config(folder).is_err());
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
