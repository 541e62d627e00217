//! The proofs, in their long versions. `cargo xtask chaos` starts them on the release build.
//!
//! Each gets a share of the minutes, prints what it has done, and adds to the one line at the end. A violation, or a
//! planted bug that was not caught, makes the program fail.

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

#[cfg(target_os = "linux")]
#[path = "../../tests/proof/power_cut/mod.rs"]
mod power_cut;

mod long;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    if power_cut::store::run_if_wished() {
        return ExitCode::SUCCESS;
    }
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let [program, minutes] = words.as_slice() else {
        println!("usage: PROGRAM MINUTES; `cargo xtask chaos` knows both");
        return ExitCode::from(2);
    };
    let minutes: f64 = minutes.parse().expect("a number of minutes");
    let mut report = long::Report::default();
    long::run(
        &PathBuf::from(program),
        Duration::from_secs_f64(minutes * 60.0),
        &mut report,
    );
    if report.end() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
