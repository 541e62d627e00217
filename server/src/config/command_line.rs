//! The command line: commands, options and the variables beside them, as people see them in `--help`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

/// Direct messages between clinicians who accepted each other.
#[derive(Parser)]
#[command(name = "pli", version, disable_help_subcommand = true)]
pub struct Cli {
    /// The settings that every command understands.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line, and the variables beside it.
    ///
    /// # Errors
    /// What clap says of a wrong one; help and version come this way too.
    pub fn read_from<I, T>(arguments: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let matches = Self::command().try_get_matches_from(arguments)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        cli.settings.is_database_typed = matches.value_source("database") == Some(ValueSource::CommandLine);
        Ok(cli)
    }
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Serve people, with the data in the data folder.
    Serve,
    /// Serve fifteen fictitious clinicians on this machine; nothing is kept.
    Demo,
    /// Create, list, suspend accounts; help with a forgotten password.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Erase a conversation, at the wish of its two people.
    #[command(subcommand)]
    Conversation(ConversationCommand),
    /// Change the keys that open what the database holds.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Look whether the audit is what was written.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look at everything that a running Pli needs, and say what is wrong and the way out. Changes nothing. Exit code 1 if
    /// something does not work.
    Doctor {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Bring the database to the form that this version needs.
    Migrate,
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
    /// Ask the server on `--listen` whether it is ready: exit code 0 if so, 1 if not.
    Healthcheck,
    /// Look at a file on standard input, apart from the server, which starts this for each.
    #[command(hide = true)]
    Workshop {
        /// The ending of its name.
        extension: String,
        /// How many bytes it has.
        size: u64,
    },
}

/// What to do with accounts. Works while a server runs on the same data.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Create an account that can sign in at once; prints its id.
    Create(CreateAccount),
    /// List all accounts and open invitations.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Suspend an account: its devices are signed out.
    Suspend {
        /// The address that it signs in with.
        #[arg(long)]
        email: String,
        /// Lift the suspension instead.
        #[arg(long)]
        lift: bool,
    },
    /// Print a one-time link to choose a new password, good for one day.
    Reset {
        /// The authenticator app, the recovery codes and the passkeys are lost as well: using the link removes them.
        #[arg(long)]
        factors: bool,
        /// The address that the account signs in with.
        #[arg(long)]
        email: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What to do with conversations. Works while a server runs on the same data.
#[derive(Subcommand)]
pub enum ConversationCommand {
    /// Erase every word of the conversation of two people, and its keys. Who wrote when stays. It cannot be undone.
    Erase {
        /// The address that one of them signs in with.
        #[arg(long)]
        of: String,
        /// The other's.
        #[arg(long)]
        with: String,
        /// Say that it is meant.
        #[arg(long, required = true)]
        for_ever: bool,
    },
}

/// What to do with keys. Works while a server runs on the same data.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make a new wrapping key, wrap every key of the database with it and forget the old one. Goes on with what was begun.
    /// Copy the key file afterwards: the copies of the old one open only old copies of the database.
    Rotate,
}

/// What to do with the audit.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Hold every row against the rows before it and against the signed checkpoints: exit code 0 if all fit, 1 if not.
    Verify,
    /// Sign from here on, when the file of checkpoints and all its copies are lost, or the database was put back from an
    /// older copy. The file, if there is one, must be moved away first. A row of the audit keeps that it was done.
    BeginAnew,
}

/// The account to create.
#[derive(Args)]
pub struct CreateAccount {
    /// The address to sign in with.
    #[arg(long)]
    pub email: String,
    /// The name, title first if any: "Dre Anne Roy".
    #[arg(long)]
    pub name: String,
    /// What they do.
    #[arg(long)]
    pub profession: String,
    /// Where.
    #[arg(long)]
    pub workplace: String,
    /// Let them administer the instance.
    #[arg(long)]
    pub admin: bool,
    /// Read the password from standard input. There is no other way: arguments can be seen by other users.
    #[arg(long, required = true)]
    pub password_stdin: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Whether tries are counted and limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Limits {
    /// As it should be.
    On,
    /// For load tests.
    Off,
}

/// The settings that every command understands.
#[derive(Args)]
pub struct Settings {
    /// Where to listen; port 0 picks a free one.
    #[arg(
        long,
        env = "PLI_LISTEN",
        global = true,
        value_name = "ADDR:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: SocketAddr,
    /// The folder that holds the data.
    #[arg(
        long,
        env = "PLI_DATA",
        global = true,
        value_name = "DIR",
        default_value = "./pli-data"
    )]
    pub data: PathBuf,
    /// The database, if it is not `pli.db` in the data folder: `sqlite:PATH`, or `postgres://USER@HOST/DATABASE` (for a
    /// socket: `postgres:///DATABASE?host=/run/postgresql`).
    #[arg(
        long,
        env = "PLI_DATABASE",
        hide_env_values = true,
        global = true,
        value_name = "URL"
    )]
    pub database: Option<String>,
    /// A file that holds the database's address, with its password: arguments can be seen by other users.
    #[arg(long, env = "PLI_DATABASE_FILE", global = true, value_name = "FILE")]
    pub database_file: Option<PathBuf>,
    /// The file with the key that opens what the database holds, if it is not `keys/wrapping.key` in the data folder. Made
    /// at the first start. Keep a copy apart from the copies of the database.
    #[arg(long, env = "PLI_KEY_FILE", global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// The file that takes the signed checkpoints of the audit, if it is not `audit/checkpoints` in the data folder. Have it
    /// copied away from this machine.
    #[arg(long, env = "PLI_AUDIT_CHECKPOINTS", global = true, value_name = "FILE")]
    pub audit_checkpoints: Option<PathBuf>,
    /// Where systemd puts credentials; the one named `pli.key` takes the place of the key file.
    #[arg(
        long,
        env = "CREDENTIALS_DIRECTORY",
        global = true,
        value_name = "DIR",
        hide = true
    )]
    pub credentials_directory: Option<PathBuf>,
    /// Where the files of messages rest, sealed, if it is not `files` in the data folder: a folder, or
    /// `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`.
    #[arg(long, env = "PLI_FILES", global = true, value_name = "URL")]
    pub files: Option<String>,
    /// A file with two lines, the id of the key and the key, that requests to `s3://…` are signed with.
    #[arg(long, env = "PLI_FILES_KEY", global = true, value_name = "FILE")]
    pub files_key: Option<PathBuf>,
    /// The virus scanner that files go through: `clamd:HOST:PORT`, or `clamd:/PATH` for its socket. While it does not answer,
    /// files are held.
    #[arg(long, env = "PLI_SCAN", global = true, value_name = "SCANNER")]
    pub scan: Option<String>,
    /// How much the files of one person may take, in megabytes.
    #[arg(
        long,
        env = "PLI_QUOTA_MB",
        global = true,
        value_name = "MB",
        default_value_t = 5_000
    )]
    pub quota_mb: u64,
    /// Whether `database` was typed as an argument.
    #[arg(skip)]
    pub is_database_typed: bool,
    /// The address that people use: `https://pli.example.org`.
    #[arg(long, env = "PLI_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// A certificate to serve TLS with: PEM, then those that lead to the one that browsers know. Read anew when it changes.
    #[arg(long, env = "PLI_TLS_CERT", global = true, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key: PEM.
    #[arg(long, env = "PLI_TLS_KEY", global = true, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A proxy in front of Pli serves TLS.
    #[arg(long, env = "PLI_BEHIND_PROXY", global = true)]
    pub behind_proxy: bool,
    /// The organisation's OpenID provider, by which people may sign in: its issuer, `https://HOST/PATH`. It sends them back to
    /// `/organisation/retour` of the address in `--public-url`, which must be made known to it.
    #[arg(long, env = "PLI_OIDC_ISSUER", global = true, value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// What the provider calls Pli.
    #[arg(long, env = "PLI_OIDC_CLIENT_ID", global = true, value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// The file that holds what Pli proves itself to the provider with, unless it is a public client.
    #[arg(long, env = "PLI_OIDC_CLIENT_SECRET_FILE", global = true, value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// The classes of authentication that let people in, with commas between them: `eidas1`. They must stand for two factors:
    /// whoever signs in by one needs no other here. Without this option any class lets people in, and stands for a password.
    #[arg(
        long,
        env = "PLI_OIDC_ACR",
        global = true,
        value_name = "NAMES",
        value_delimiter = ','
    )]
    pub oidc_acr: Vec<String>,
    /// What people call the provider: it stands on the button.
    #[arg(long, env = "PLI_OIDC_LABEL", global = true, value_name = "TEXT")]
    pub oidc_label: Option<String>,
    /// Whether tries are limited.
    #[arg(
        long,
        env = "PLI_LIMITS",
        global = true,
        value_enum,
        default_value = "on",
        hide = true
    )]
    pub limits: Limits,
}
