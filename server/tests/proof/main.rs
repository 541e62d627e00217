//! The proofs, in their short versions: what is acknowledged is on disk, once, in order, and shown truthfully.
//!
//! Each has its planted bugs, which it must catch. `cargo xtask chaos` runs the long versions.

#![expect(clippy::unwrap_used, reason = "a scene that cannot be set ends its proof")]

#[path = "../harness/mod.rs"]
mod harness;

#[path = "../../benches/pli/client.rs"]
mod client;

mod chance;
mod cut_uploads;
mod tally;

mod kill;
mod kills;
mod stopping;

mod simulated_time;
mod simulation;
mod stream_cuts;
mod streams;

#[cfg(target_os = "linux")]
mod mount;
#[cfg(target_os = "linux")]
mod power_cut;
#[cfg(target_os = "linux")]
mod power_cuts;
#[cfg(target_os = "linux")]
mod refusing_disks;
#[cfg(target_os = "linux")]
mod slow_readers;
