//! Commands and settings: the only reader of the command line and of the environment.
//!
//! Every setting is an option and a variable `PLI_…`. A setting that nobody knows is an error, not a silence; one that
//! would put people's words on the wire in clear is refused with the reason.

mod command_line;
mod environment;
mod usage_error;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use app::accounts::Secret;

use crate::attachments::Scanner;
use crate::http::{CookieMode, TlsFiles};
use crate::objects::Address;
use crate::openid::{self, SettingsError};
use crate::store::PostgresUrl;

pub use command_line::{
    AccountCommand, AuditCommand, Cli, Command, ConversationCommand, CreateAccount, KeysCommand, Limits,
    Settings,
};
pub use environment::check_environment;
pub use usage_error::UsageError;

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
    /// In a credential that systemd passes on; what must be remembered beside it is in a file of Pli's own.
    Credential {
        /// The credential.
        path: PathBuf,
        /// The file of Pli's own.
        marks: PathBuf,
    },
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

/// Where files rest, and what they go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// Where their bytes are.
    pub address: Address,
    /// Who scans them, if anybody does.
    pub scanner: Option<Scanner>,
    /// The most bytes of all files of one person.
    pub quota_bytes: u64,
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
    /// Where files rest.
    pub files: FilePlace,
    /// The address that people use, if it was declared: scheme, host and port.
    pub public_origin: Option<String>,
    /// The certificate to serve TLS with; without one the connections are in clear.
    pub tls: Option<TlsFiles>,
    /// How session cookies are written.
    pub cookies: CookieMode,
    /// The organisation's OpenID provider.
    pub provider: Option<openid::Settings>,
    /// Where the secret was read that Pli proves itself to it with.
    pub provider_secret_file: Option<PathBuf>,
    /// Whether tries are limited.
    pub limits: Limits,
    /// Whether every connection is a proxy's, so that addresses tell nobody apart.
    pub is_behind_proxy: bool,
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

impl Settings {
    /// The settings of a server for real use.
    ///
    /// # Errors
    /// Why they cannot be used together.
    pub fn to_config(&self) -> Result<Config, UsageError> {
        let tls = self.tls()?;
        let is_local = self.listen.ip().is_loopback();
        if !is_local && !self.behind_proxy && tls.is_none() {
            return Err(UsageError::InClear(self.listen));
        }
        if self.limits == Limits::Off && (!is_local || self.behind_proxy) {
            return Err(UsageError::LimitsOff(self.listen));
        }
        let public_origin = self.public_url.as_deref().map(parse_origin).transpose()?;
        let is_encrypted = public_origin
            .as_deref()
            .map_or(self.behind_proxy || tls.is_some(), |origin| {
                origin.starts_with("https://")
            });
        if tls.is_some() && !is_encrypted {
            return Err(UsageError::PublicUrlWithoutTls);
        }
        let provider = self.provider()?;
        if provider.is_some() && is_encrypted && public_origin.is_none() {
            return Err(SettingsError::WithoutPublicUrl.into());
        }
        Ok(Config {
            listen: self.listen,
            database: self.database()?,
            audit: Some(self.audit()),
            keys: self.keys()?,
            pepper: self.beside_the_key("pepper"),
            files: self.files()?,
            public_origin,
            tls,
            cookies: if is_encrypted {
                CookieMode::Secure
            } else {
                CookieMode::PlainLoopback
            },
            provider,
            provider_secret_file: self.oidc_client_secret_file.clone(),
            limits: self.limits,
            is_behind_proxy: self.behind_proxy,
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
        if self.tls()?.is_some() {
            return Err(UsageError::DemoWithTls);
        }
        if self.provider()?.is_some() {
            return Err(UsageError::DemoWithProvider);
        }
        Ok(Config {
            listen: self.listen,
            database: Database::Sqlite(folder.join("pli.db")),
            keys: KeyPlace::Memory,
            audit: None,
            pepper: folder.join("keys").join("pepper"),
            files: FilePlace {
                address: Address::Folder(folder.join("files")),
                ..self.files()?
            },
            public_origin: None,
            tls: None,
            cookies: CookieMode::PlainLoopback,
            provider: None,
            provider_secret_file: None,
            limits: self.limits,
            is_behind_proxy: false,
            is_demo: true,
        })
    }

    /// The certificate, if one is given.
    ///
    /// # Errors
    /// `HalfOfTls`.
    pub fn tls(&self) -> Result<Option<TlsFiles>, UsageError> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles {
                cert: cert.clone(),
                key: key.clone(),
            })),
            (None, None) => Ok(None),
            _ => Err(UsageError::HalfOfTls),
        }
    }

    /// The provider, if one is named.
    ///
    /// # Errors
    /// `Provider`.
    fn provider(&self) -> Result<Option<openid::Settings>, UsageError> {
        let (Some(issuer), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client_id) else {
            let alone = [
                (
                    "--oidc-client-secret-file",
                    self.oidc_client_secret_file.is_some(),
                ),
                ("--oidc-acr", !self.oidc_acr.is_empty()),
                ("--oidc-label", self.oidc_label.is_some()),
            ];
            return match alone.into_iter().find(|(_, is_given)| *is_given) {
                _ if self.oidc_issuer.is_some() || self.oidc_client_id.is_some() => {
                    Err(SettingsError::HalfOfProvider.into())
                }
                Some((name, _)) => Err(SettingsError::WithoutProvider(name).into()),
                None => Ok(None),
            };
        };
        let secret = self
            .oidc_client_secret_file
            .as_deref()
            .map(read_client_secret)
            .transpose()?;
        let label = self.oidc_label.as_deref();
        let settings = openid::Settings::parse(issuer, client_id, secret, &self.oidc_acr, label)?;
        Ok(Some(settings))
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
            (None, Some(path)) => Ok(KeyPlace::Credential {
                path,
                marks: self.data.join("keys").join("wrapping.marks"),
            }),
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

    /// Where files rest: beside the database, unless told.
    fn files(&self) -> Result<FilePlace, UsageError> {
        let told = self.files.as_deref().map(Address::parse).transpose()?;
        let mut address = told.unwrap_or_else(|| Address::Folder(self.data.join("files")));
        if let Some(key) = &self.files_key {
            address = address.signed_by(key)?;
        }
        let scanner = self
            .scan
            .as_deref()
            .map(|text| Scanner::parse(text).ok_or_else(|| UsageError::Scanner(text.to_owned())));
        Ok(FilePlace {
            address,
            scanner: scanner.transpose()?,
            quota_bytes: self.quota_mb.saturating_mul(1_000_000),
        })
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

/// The secret in a file: its first line.
fn read_client_secret(path: &Path) -> Result<Secret, SettingsError> {
    let failed = |why: String| SettingsError::SecretFile(path.display().to_string(), why);
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    match text.lines().next().map(str::trim) {
        Some(secret) if !secret.is_empty() => Ok(Secret(secret.to_owned())),
        _ => Err(failed("its first line is empty".to_owned())),
    }
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::store::UrlError;

    fn settings(arguments: &[&str]) -> Settings {
        let all = ["pli", "serve"].iter().chain(arguments);
        Cli::read_from(all)
            .expect("the arguments are of the described form")
            .settings
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
    }

    #[test]
    fn a_certificate_stands_for_a_proxy_and_needs_its_key() {
        let pair = ["--tls-cert", "a.pem", "--tls-key", "a.key"];
        let with = |more: &[&str]| settings(&[&pair, more].concat()).to_config();

        let config = with(&["--listen", "0.0.0.0:443"]);
        assert!(config.is_ok_and(|config| config.tls.is_some() && config.cookies == CookieMode::Secure));
        assert_eq!(
            settings(&["--tls-cert", "a.pem"]).to_config(),
            Err(UsageError::HalfOfTls)
        );
        assert_eq!(
            with(&["--public-url", "http://localhost:8080"]),
            Err(UsageError::PublicUrlWithoutTls)
        );
        assert_eq!(
            settings(&pair).to_demo_config(Path::new("/tmp/demo")),
            Err(UsageError::DemoWithTls)
        );
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
    fn a_provider_is_named_whole_and_its_secret_comes_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (file, empty) = (folder.path().join("secret"), folder.path().join("empty"));
        std::fs::write(&file, "s3cret\n").unwrap();
        std::fs::write(&empty, "\n").unwrap();
        let of = |more: &[&str]| settings(more).to_config().map(|config| config.provider);
        let named = [
            "--oidc-issuer",
            "https://id.example.org",
            "--oidc-client-id",
            "pli",
        ];
        let with = |more: &[&str]| of(&[&named, more].concat());
        let refused = |error| Err(UsageError::Provider(error));

        let whole = with(&[
            "--oidc-client-secret-file",
            file.to_str().unwrap(),
            "--oidc-acr",
            "eidas1,eidas2",
            "--oidc-label",
            "CISSS du Lac",
        ]);
        let whole = whole.unwrap().unwrap();
        assert_eq!(whole.client_secret, Some(Secret("s3cret".to_owned())));
        assert_eq!((whole.acr.len(), whole.label.as_str()), (2, "CISSS du Lac"));
        assert!(!format!("{whole:?}").contains("s3cret"));
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&named[..2]), refused(SettingsError::HalfOfProvider));
        assert_eq!(of(&named[2..]), refused(SettingsError::HalfOfProvider));
        assert_eq!(
            of(&["--oidc-acr", "a"]),
            refused(SettingsError::WithoutProvider("--oidc-acr"))
        );
        assert!(matches!(
            with(&["--oidc-client-secret-file", empty.to_str().unwrap()]),
            Err(UsageError::Provider(SettingsError::SecretFile(..)))
        ));
        assert_eq!(
            with(&["--behind-proxy"]),
            refused(SettingsError::WithoutPublicUrl)
        );
        assert!(with(&["--behind-proxy", "--public-url", "https://pli.example.org"]).is_ok());
        let in_demo = settings(&named).to_demo_config(Path::new("/tmp/demo"));
        assert_eq!(in_demo, Err(UsageError::DemoWithProvider));
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
