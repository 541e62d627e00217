//! `pli`: the commands. Each reads its settings, asks the rules and prints what a person or a script needs; log lines go
//! to standard error.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage.

mod commands;
mod healthcheck;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use server::attachments::workshop;
use server::config::{self, Cli, Command, Limits, UsageError};
use server::error::Error;

/// What gives out memory.
///
/// Source: `docs/decisions/0012-allocator.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long a thread that hashes passwords waits for the next one. When it ends, the 47 MB that it worked with go back to
/// the system.
const HASHING_THREADS_REST: Duration = Duration::from_secs(2);

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
enum Ending {
    /// It cannot be done that way: exit code 2.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// It did not work: exit code 1.
    #[error("{}", .0.chain())]
    Failed(Error),
    /// A rule refused it, in words: exit code 1.
    #[error("{0}")]
    Refused(String),
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::Refused(commands::refusal_words(&refusal)),
            failed @ Error::Failed { .. } => Self::Failed(failed),
        }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::read_from(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; clap knows which stream they belong to, and the exit code.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if let Some(code) = work_apart(&cli) {
        return code;
    }
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ending) => {
            complain(&ending.to_string());
            ExitCode::from(if matches!(ending, Ending::Usage(_)) { 2 } else { 1 })
        }
    }
}

/// Whether this was started apart, for one file: then nothing of a server is begun.
fn work_apart(cli: &Cli) -> Option<ExitCode> {
    match &cli.command {
        Command::Workshop { extension, size } => Some(workshop::run(extension, *size)),
        _ => None,
    }
}

fn run(cli: Cli) -> Result<(), Ending> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    config::check_environment(names)?;
    log_to_stderr();
    if cli.settings.limits == Limits::On {
        forbid_dumps();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_keep_alive(HASHING_THREADS_REST)
        .build()
        .map_err(|error| Error::failed("starting the runtime", error))?;
    runtime.block_on(commands::run(cli))
}

/// A dump of this process would hold keys and words: the system makes none, and lets no other program of the same user
/// look inside. A load test, which says so with `PLI_LIMITS=off`, may look.
///
/// Source: assurance ENC-06.
#[cfg(target_os = "linux")]
fn forbid_dumps() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let refused =
        set_dumpable_behavior(DumpableBehavior::NotDumpable).and_then(|()| setrlimit(Resource::Core, none));
    if let Err(error) = refused {
        tracing::warn!(cause = %error, "the system may dump this process");
    }
}

#[cfg(not(target_os = "linux"))]
fn forbid_dumps() {}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_new(config::log_filter())
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}

/// Prints a line for the person or the script that started the command. Whoever has gone away meanwhile hears nothing, and a
/// server goes on without them; an answer that cannot be written for another reason ends the program with 1.
fn say(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}")
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        complain(&format!("cannot print the answer: {error}"));
        std::process::exit(1);
    }
}

/// Prints why the command ends.
fn complain(reason: &str) {
    eprintln!("pli: {reason}");
}
