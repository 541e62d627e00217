//! Where a PostgreSQL database is.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// Where a database is and who asks, checked. Its password shows nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    config: Box<Config>,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is not of the form that PostgreSQL knows.
    #[error("the address of the database is not `postgres://USER@HOST/DATABASE`: {0}")]
    Form(String),
    /// It names no database.
    #[error("the address of the database names no database: `postgres://USER@HOST/DATABASE`")]
    NoDatabase,
    /// On the way, others could read and change everything.
    #[error(
        "the database on `{0}` is beyond this machine, and Pli does not encrypt on the way to PostgreSQL yet: use a socket \
         (`postgres:///DATABASE?host=/run/postgresql`), 127.0.0.1, or a tunnel that ends here"
    )]
    Beyond(String),
    /// TLS is asked for.
    #[error(
        "Pli does not encrypt on the way to PostgreSQL yet: leave `sslmode` out and use a socket, 127.0.0.1 or a tunnel"
    )]
    Tls,
}

/// Where PostgreSQL listens when an address names no host.
const DEFAULT_SOCKETS: &str = "/var/run/postgresql";
/// How long a connection may take to begin.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

impl PostgresUrl {
    /// Whether a text looks like the address of a PostgreSQL database at all.
    pub fn is_one(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// Checks an address.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let mut config: Config = text.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            UrlError::Form(cause.unwrap_or_else(|| error.to_string()))
        })?;
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(UrlError::NoDatabase);
        }
        if config.get_ssl_mode() == SslMode::Require {
            return Err(UrlError::Tls);
        }
        let beyond = config.get_hosts().iter().find_map(|host| match host {
            Host::Tcp(name) if !is_local(name) => Some(name.clone()),
            _ => None,
        });
        let beyond = beyond.or_else(|| {
            let addresses = config.get_hostaddrs();
            addresses
                .iter()
                .find(|address| !address.is_loopback())
                .map(ToString::to_string)
        });
        if let Some(host) = beyond {
            return Err(UrlError::Beyond(host));
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host(DEFAULT_SOCKETS);
        }
        if config.get_application_name().is_none() {
            config.application_name("pli");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WITHIN);
        }
        config.ssl_mode(SslMode::Disable);
        Ok(Self {
            config: Box::new(config),
        })
    }

    /// Whether it carries a password.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PostgreSQL database `{}`",
            self.config.get_dbname().unwrap_or_default()
        )
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_and_this_machine_are_taken() {
        for url in [
            "postgres:///pli",
            "postgresql://pli@localhost/pli",
            "postgres://pli:secret@127.0.0.1:5433/pli",
            "postgres://[::1]/pli",
            "postgres://pli@/pli?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/pli",
        ] {
            assert!(PostgresUrl::parse(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_would_travel_in_clear_is_refused() {
        for url in [
            "postgres://db.example/pli",
            "postgres://10.0.0.1/pli",
            "postgres://localhost,db.example/pli",
        ] {
            assert!(
                matches!(PostgresUrl::parse(url), Err(UrlError::Beyond(_))),
                "{url}"
            );
        }
        assert_eq!(
            PostgresUrl::parse("postgres://localhost/pli?hostaddr=10.0.0.1"),
            Err(UrlError::Beyond("10.0.0.1".to_owned()))
        );
        assert_eq!(
            PostgresUrl::parse("postgres://localhost/pli?sslmode=require"),
            Err(UrlError::Tls)
        );
    }

    #[test]
    fn an_address_without_database_or_with_unknown_options_is_refused() {
        assert_eq!(
            PostgresUrl::parse("postgres://localhost"),
            Err(UrlError::NoDatabase)
        );
        assert!(matches!(
            PostgresUrl::parse("postgres://localhost/pli?hots=/tmp"),
            Err(UrlError::Form(reason)) if reason.contains("hots")
        ));
    }

    #[test]
    fn a_password_shows_nowhere() {
        let url = PostgresUrl::parse("postgres://pli:tres-secret@localhost/pli").unwrap();

        assert!(url.has_password());
        assert!(!format!("{url} {url:?}").contains("secret"));
        assert!(
            !PostgresUrl::parse("postgres://pli@localhost/pli")
                .unwrap()
                .has_password()
        );
    }
}
