//! The fates that a power cut is tried with: all, none, one thing alone, all but one, one torn, and by chance.

use super::disk::Fate;
use crate::chance::Chance;

/// A way in which a power cut may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Nothing that was not synced has come to pass.
    Nothing,
    /// All of it has.
    Everything,
    /// The files have grown, but hold zeros there.
    LengthsAlone,
    /// The content has come to pass, but the names have not.
    ContentAlone,
    /// This step alone has come to pass.
    Only(usize),
    /// All but this step.
    Without(usize),
    /// Everything before this step, and of the step itself the sectors of one half.
    Torn { step: usize, is_first_half: bool },
    /// Each thing by chance.
    Random(u64),
}

impl Cut {
    /// Every systematic cut while the outcome of these steps is open.
    pub(crate) fn systematic(open: &[usize]) -> Vec<Self> {
        let mut cuts = vec![Self::Nothing];
        if open.is_empty() {
            return cuts;
        }
        cuts.extend([Self::Everything, Self::LengthsAlone, Self::ContentAlone]);
        // Earlier steps were torn and left out at the cuts before this one: now it is the last few's turn.
        for step in open.iter().rev().take(4).copied() {
            cuts.extend([Self::Only(step), Self::Without(step)]);
            cuts.extend([true, false].map(|is_first_half| Self::Torn { step, is_first_half }));
        }
        cuts
    }

    /// What becomes of each thing.
    pub(crate) fn fate(self) -> CutFate {
        let seed = if let Self::Random(seed) = self { seed } else { 0 };
        CutFate {
            cut: self,
            chance: Chance::new(seed),
        }
    }
}

/// A [`Cut`] that decides.
pub(crate) struct CutFate {
    cut: Cut,
    chance: Chance,
}

impl CutFate {
    fn has_happened(&mut self, step: usize) -> bool {
        match self.cut {
            Cut::Nothing | Cut::LengthsAlone => false,
            Cut::Everything | Cut::ContentAlone => true,
            Cut::Only(only) => step == only,
            Cut::Without(without) => step != without,
            Cut::Torn { step: torn, .. } => step < torn,
            Cut::Random(_) => self.chance.percent(50),
        }
    }
}

impl Fate for CutFate {
    fn sector(&mut self, sector: usize, steps: &[usize]) -> usize {
        match self.cut {
            Cut::Random(_) => self.chance.index(steps.len() + 1),
            Cut::Torn { step, is_first_half } => {
                let n_before = steps.iter().filter(|known| **known < step).count();
                let is_in_half = sector.is_multiple_of(2) == is_first_half;
                n_before + usize::from(is_in_half && steps.contains(&step))
            }
            // A sector holds what was written to it up to some moment: without one write, without those after it too.
            Cut::Without(without) => steps.iter().take_while(|step| **step != without).count(),
            Cut::Only(only) => steps
                .iter()
                .position(|step| *step == only)
                .map_or(0, |index| index + 1),
            _ => {
                if self.has_happened(0) {
                    steps.len()
                } else {
                    0
                }
            }
        }
    }

    fn length(&mut self, lengths: &[usize]) -> usize {
        match self.cut {
            Cut::Nothing => 0,
            Cut::Random(_) => self.chance.index(lengths.len()),
            _ => lengths.len() - 1,
        }
    }

    fn name(&mut self, step: usize) -> bool {
        match self.cut {
            Cut::ContentAlone => false,
            Cut::LengthsAlone => true,
            _ => self.has_happened(step),
        }
    }
}
