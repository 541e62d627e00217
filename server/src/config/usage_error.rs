//! Why a command line or a set of settings cannot be used.

use std::net::SocketAddr;

use super::CREDENTIAL;
use crate::objects::AddressError;
use crate::openid::SettingsError;
use crate::store::UrlError;

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
        "`--listen {0}` is beyond this machine: passwords and messages would travel in clear. Give a certificate with \
         `--tls-cert` and `--tls-key`, or put a proxy with TLS in front and say so with `--behind-proxy`, or listen on \
         127.0.0.1"
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
    /// A certificate without its key, or the other way round.
    #[error("`--tls-cert` and `--tls-key` go together: give both, or neither")]
    HalfOfTls,
    /// What is encrypted has an address that says so.
    #[error("with `--tls-cert` the address in `--public-url` starts with `https://`")]
    PublicUrlWithoutTls,
    /// The demonstration is in clear: it answers on this machine only.
    #[error("the demonstration serves no TLS: leave `--tls-cert` and `--tls-key` out")]
    DemoWithTls,
    /// The demonstration's people are nobody's.
    #[error("the demonstration knows no provider: leave what begins with `--oidc-` out")]
    DemoWithProvider,
    /// A provider that cannot be used as it is named.
    #[error(transparent)]
    Provider(#[from] SettingsError),
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
    /// An address of a store of files that cannot be used.
    #[error(transparent)]
    Files(#[from] AddressError),
    /// Not a scanner that we know.
    #[error("`--scan {0}` is neither `clamd:HOST:PORT` nor `clamd:/PATH/OF/ITS/SOCKET`")]
    Scanner(String),
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
