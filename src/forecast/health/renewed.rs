//! The remaining life of a machine that is renewed now and then: wear from 0 to 1, which falls
//! back when it is repaired or maintained.
//!
//! Only what was seen since the last renewal counts: it is followed as a [`WienerDrift`] to 1.

use super::remaining_life::RemainingLife;
use super::wiener::WienerDrift;

/// Wear that falls by more than this is that of a renewed machine, not noise.
const RENEWED: f64 = 0.1;

/// How long a machine lasts from the last of `wear` on: pairs of a time and the share of its
/// life that was used up then, in order of time. Lives are in the unit of the times.
///
/// `None` where too little was seen since it was renewed.
pub fn renewed_life(wear: impl IntoIterator<Item = (f64, f64)>) -> Option<RemainingLife> {
    let mut drift = WienerDrift::new();
    let mut most = f64::NEG_INFINITY;
    for (time, worn) in wear {
        if worn < most - RENEWED {
            drift = WienerDrift::new();
            most = worn;
        }
        drift.observe(time, worn);
        most = most.max(worn);
    }
    drift.remaining(1.0)
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
