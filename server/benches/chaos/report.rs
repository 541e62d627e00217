//! What is said on the way, and the one line at the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::tally::Tally;

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Report {
    tally: Tally,
    faults: Vec<String>,
}

impl Report {
    /// Adds what a proof has shown.
    pub(crate) fn add(&mut self, name: &str, tally: Tally, beside: &str) {
        println!("  {name}: {tally}{beside}");
        self.tally += tally;
    }

    /// Notes whether a bug that was planted has been caught.
    pub(crate) fn planted(&mut self, name: &str, is_caught: bool) {
        println!(
            "  planted: {name}: {}",
            if is_caught { "caught" } else { "NOT CAUGHT" }
        );
        self.require(is_caught, &format!("not caught: {name}"));
    }

    /// Notes something else that must hold, by what to say when it does not.
    pub(crate) fn require(&mut self, holds: bool, fault: &str) {
        if !holds {
            println!("  FAULT: {fault}");
            self.faults.push(fault.to_owned());
        }
    }

    /// Prints the one line; answers whether all is well.
    pub(crate) fn end(&self) -> bool {
        for fault in &self.faults {
            println!("FAULT: {fault}");
        }
        println!("{}", self.tally);
        self.faults.is_empty() && self.tally.is_clean() && self.tally.trials > 0
    }
}

/// How often a proof says how far it is.
const EVERY: Duration = Duration::from_secs(15);

/// Says at times how far a proof is, whatever the proof does meanwhile; ends when dropped.
pub(crate) struct Pulse {
    done: Arc<AtomicU64>,
    end: Option<Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Pulse {
    /// Begins to count `what`, up to about `n_wanted`.
    pub(crate) fn start(what: &'static str, n_wanted: u64) -> Self {
        let done = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&done);
        let (end, ended) = channel();
        let begin = Instant::now();
        let thread = std::thread::spawn(move || {
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let (n_done, seconds) = (counted.load(Ordering::Relaxed), begin.elapsed().as_secs());
                println!("  … {what}: {n_done} of {n_wanted} after {seconds} s");
            }
        });
        Self {
            done,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// Where the proof counts.
    pub(crate) fn done(&self) -> &AtomicU64 {
        &self.done
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
