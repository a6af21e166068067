//! When the members of an ensemble first breach a limit: a distribution over the horizon.
//!
//! ```text
//! counts[k] = members whose first breach lies in [start + k bin, start + (k + 1) bin)
//! never     = members that breach nothing up to the horizon
//! ```
//!
//! The last stretch includes the horizon itself. Members that could not go on are in none.

use std::time::Duration;

use crate::time::Timestamp;

/// Stretches of a horizon.
const BINS: u32 = 48;

/// How many members first breach a limit in each stretch of the horizon, and how many never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreachTimes {
    /// Where the first stretch begins: the analysis time.
    pub start: Timestamp,
    /// How long each stretch is.
    pub bin: Duration,
    /// Members by stretch.
    pub counts: Vec<u32>,
    /// Members that never breach it.
    pub never: u32,
}

impl BreachTimes {
    /// The distribution of `firsts` over `horizon` from `start` on, and of `never` that have none.
    pub fn of(
        start: Timestamp,
        horizon: Duration,
        firsts: impl IntoIterator<Item = Timestamp>,
        never: u32,
    ) -> Self {
        let bin = (horizon / BINS).max(Duration::from_nanos(1));
        let mut counts = vec![0; BINS as usize];
        for first in firsts {
            let place = first.since(start).as_nanos() / bin.as_nanos();
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            counts[place.min(BINS as usize - 1)] += 1;
        }
        Self {
            start,
            bin,
            counts,
            never,
        }
    }

    /// Members that went on.
    pub fn members(&self) -> u32 {
        self.counts.iter().sum::<u32>() + self.never
    }

    /// For each stretch, where it ends and the share of members that breach the limit up to then.
    pub fn cumulative(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        let members = f64::from(self.members().max(1));
        let mut sum = 0;
        let counted = (1..).zip(&self.counts);
        counted.map(move |(place, count): (u32, &u32)| {
            sum += count;
            (self.start + self.bin * place, f64::from(sum) / members)
        })
    }
}
