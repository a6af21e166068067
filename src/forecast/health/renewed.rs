//! The remaining life of a machine that is renewed now and then: its wear goes towards a threshold,
//! and falls back when it is repaired or maintained.
//!
//! Only what was seen since the last renewal counts: it is followed as a [`WienerDrift`].

use super::remaining_life::RemainingLife;
use super::wiener::WienerDrift;

/// Wear that falls back by more than this share of the threshold is that of a renewed machine,
/// not noise.
const RENEWED: f64 = 0.1;

/// Follows the wear of one machine.
#[derive(Clone, Debug)]
pub struct RenewedWear {
    threshold: f64,
    drift: WienerDrift,
    /// The wear that was seen first, and how far it went towards the threshold.
    first: Option<f64>,
    farthest: f64,
}

impl RenewedWear {
    /// Nothing was seen yet of a machine that fails at this wear.
    pub fn new(threshold: f64) -> Self {
        Self {
            threshold,
            drift: WienerDrift::new(),
            first: None,
            farthest: f64::NEG_INFINITY,
        }
    }

    /// Takes in the wear at a time; true if the machine was renewed before.
    pub fn observe(&mut self, time: f64, worn: f64) -> bool {
        let first = *self.first.get_or_insert(worn);
        let towards = if self.threshold >= first { 1.0 } else { -1.0 };
        let scale = match self.threshold.abs() {
            0.0 => first.abs(),
            threshold => threshold,
        };
        let renewed = towards * worn < self.farthest - RENEWED * scale;
        if renewed {
            self.drift = WienerDrift::new();
            self.first = Some(worn);
            self.farthest = f64::NEG_INFINITY;
        }
        self.drift.observe(time, worn);
        self.farthest = self.farthest.max(towards * worn);
        renewed
    }

    /// How long it lasts from the last wear on, in the unit of the times; `None` where too little
    /// was seen since it was renewed.
    pub fn remaining(&self) -> Option<RemainingLife> {
        self.drift.remaining(self.threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wear of so much an hour, looked at every tenth of an hour, from a renewal on.
    fn worn(from: f64, hours: u32, rate: f64) -> impl Iterator<Item = (f64, f64)> {
        (0..hours * 10).map(move |tick| {
            let since = f64::from(tick) / 10.0;
            (from + since, rate * since)
        })
    }

    fn renewed_life(wear: impl IntoIterator<Item = (f64, f64)>) -> Option<RemainingLife> {
        let mut followed = RenewedWear::new(1.0);
        for (time, worn) in wear {
            followed.observe(time, worn);
        }
        followed.remaining()
    }

    #[test]
    fn only_what_was_seen_since_the_last_renewal_counts() {
        // It once wore ten times as fast; now a tenth an hour, for 4 h: 6 h are left.
        let seen = worn(0.0, 1, 1.0).chain(worn(1.0, 4, 0.1));
        let life = renewed_life(seen).expect("enough was seen");
        let median = life.p50.expect("it ends");
        assert!((median - 6.1).abs() < 0.01, "{life:?}");
    }

    #[test]
    fn nothing_is_foreseen_from_a_machine_that_was_just_renewed() {
        let seen = worn(0.0, 9, 0.1).chain([(9.0, 0.0), (9.1, 0.01)]);
        assert_eq!(renewed_life(seen), None);
    }
}
