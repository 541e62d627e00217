//! Developer commands, run as `cargo xtask COMMAND`.
//!
//! They need rustup and a C compiler; what else a command needs, it sets up or names in one line. Each step says what it
//! does and how long it took.

#![expect(clippy::print_stdout, reason = "a command line speaks on standard output")]
#![expect(
    clippy::disallowed_methods,
    reason = "no Context here: these commands time their steps and read the environment"
)]

mod arguments;
mod workspace;

// The artefact: the front end, its site, the server around it.
mod assemble;
mod form;
mod front;
mod learn;
mod names;
mod part;
mod profile;
mod prune;
mod shorten;
mod split;

mod embedded;
mod places;

mod css;
mod files;
mod site;
mod weight;

mod dev;
mod server;

// The proofs.
mod assurance;
mod bench;
mod chaos;
mod check;

mod node;
mod one_file;
mod pictures;
mod postgres;
mod table;
mod tally;

// What it is all made of.
mod advisories;
mod lock;
mod mutants;
mod parts;
mod passwords;
mod reproduce;
mod sbom;
mod supply;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use arguments::Command;
use workspace::Variant;

fn main() -> ExitCode {
    match arguments::parse(std::env::args().skip(1)).and_then(obey) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> Result<()> {
    match command {
        Command::Build => server::build_release().map(drop),
        Command::Demo { passed_on } => server::run_release("demo", &passed_on),
        Command::Serve { passed_on } => server::run_release("serve", &passed_on),
        Command::Dev { passed_on } => dev::watch(&passed_on),
        Command::Test { is_fast } => check::test(is_fast),
        Command::EndToEnd { is_debug, filter } => check::end_to_end(
            if is_debug {
                Variant::Debug
            } else {
                Variant::Release
            },
            &filter,
        ),
        Command::Bench => bench::measure(),
        Command::Assurance => assurance::write(),
        Command::Passwords => passwords::write(),
        Command::Advisories { database } => advisories::check(database.as_deref()),
        Command::Sbom => sbom::write(),
        Command::Reproduce { is_browser_alone } => reproduce::twice(is_browser_alone),
        Command::Mutants { rule } => mutants::measure(rule.as_deref()),
        Command::Chaos { minutes, passed_on } => chaos::prove(minutes, &passed_on),
        Command::Shots { is_for_docs } => pictures::take(is_for_docs),
        Command::Weigh => {
            site::build(Variant::Release).and_then(|files| weight::require_within_limit(&files))
        }
        Command::Profile => learn::learn(),
        Command::Site => site::build(Variant::Debug).map(drop),
    }
}
