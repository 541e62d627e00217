//! What the proofs count, and the one line that they end with.

use std::fmt;
use std::ops::AddAssign;

/// What was tried, what was promised, and what was broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Kills, cuts, crash states, seeds.
    pub(crate) trials: u64,
    /// Messages that a client was told are on disk.
    pub(crate) acknowledged: u64,
    /// Acknowledged, and gone or changed.
    pub(crate) lost: u64,
    /// One message that stands twice.
    pub(crate) doubled: u64,
    /// Positions with a hole, or messages in another order than they were written.
    pub(crate) out_of_order: u64,
    /// Shown as sent although the server does not have it.
    pub(crate) false_sent: u64,
    /// Anything else that must not be: a database that does not open, a server that does not come back.
    pub(crate) broken: u64,
}

impl Tally {
    /// Whether nothing was broken.
    pub(crate) fn is_clean(&self) -> bool {
        (
            self.lost,
            self.doubled,
            self.out_of_order,
            self.false_sent,
            self.broken,
        ) == (0, 0, 0, 0, 0)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.trials += other.trials;
        self.acknowledged += other.acknowledged;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.out_of_order += other.out_of_order;
        self.false_sent += other.false_sent;
        self.broken += other.broken;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "trials {}, acknowledged {}, lost {}, doubled {}, out of order {}, false \"sent\" {}",
            self.trials, self.acknowledged, self.lost, self.doubled, self.out_of_order, self.false_sent
        )?;
        if self.broken > 0 {
            write!(to, ", broken {}", self.broken)?;
        }
        Ok(())
    }
}
