//! The proofs, in their long versions. `cargo xtask chaos` starts them on the release build.
//!
//! Each gets a share of the minutes, says every quarter of a minute how far it is, and adds to the one line at the end. A
//! violation, or a planted bug that was not caught, makes the program fail. One part can be run alone, from a seed on, so
//! that long figures may be gathered in several runs and added up.

#![expect(clippy::print_stdout, reason = "a proof speaks on standard output")]
#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its proof")]
#![expect(
    clippy::disallowed_methods,
    reason = "a proof from outside measures time and has no Context"
)]

#[path = "../../tests/harness/mod.rs"]
mod harness;

#[path = "../pli/client.rs"]
mod client;

#[path = "../../tests/proof/chance.rs"]
mod chance;
#[path = "../../tests/proof/tally.rs"]
mod tally;

#[path = "../../tests/proof/kill/mod.rs"]
mod kill;
#[path = "../../tests/proof/simulation/mod.rs"]
mod simulation;
#[path = "../../tests/proof/streams/mod.rs"]
mod streams;
#[path = "../../tests/proof/uploads.rs"]
mod uploads;

#[cfg(target_os = "linux")]
#[path = "../../tests/proof/power_cut/mod.rs"]
mod power_cut;

mod long;
mod report;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use long::{Part, Wish};

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if power_cut::store::run_if_wished() {
        return ExitCode::SUCCESS;
    }
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let Some(wish) = parse(&words) else {
        println!(
            "usage: PROGRAM MINUTES [all|power|disk|kills|lines|hours|files [SEED]]; `cargo xtask chaos` knows the first two"
        );
        return ExitCode::from(2);
    };
    let mut report = report::Report::default();
    long::run(&wish, &mut report);
    if report.end() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn parse(words: &[String]) -> Option<Wish<'_>> {
    let (front, more) = words.split_at_checked(2)?;
    let minutes: f64 = front[1].parse().ok().filter(|minutes| *minutes > 0.0)?;
    let only = match more.first().map(String::as_str) {
        None | Some("all") => None,
        Some(name) => Some(Part::parse(name)?),
    };
    let seed = match more.get(1) {
        None => 1,
        Some(text) => text.parse().ok().filter(|seed| *seed > 0)?,
    };
    (more.len() <= 2).then(|| Wish {
        program: Path::new(&front[0]),
        time: Duration::from_secs_f64(minutes * 60.0),
        only,
        seed,
    })
}
