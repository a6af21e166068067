//! Whether a value has passed a limit, with its deadband and its delays.
//!
//! One rule for all: the alarm engine judges measured samples by it, an ensemble its
//! members. A value is held from its instant up to the next one.

use std::time::Duration;

use super::{Limit, Scene};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// The numbers of a [`Limit`], and nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// True if values above are abnormal, false if values below are.
    pub is_upper: bool,
    /// A value past this is abnormal, SI.
    pub at: f64,
    /// A value back to this is normal again, SI.
    pub clear: f64,
    /// How long past before it raises.
    pub on_delay: Duration,
    /// How long back before it clears.
    pub off_delay: Duration,
}

/// A limit was passed, or left again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// When, after the delay.
    pub at: Timestamp,
    /// True if passed, false if left again.
    pub raised: bool,
}

/// One value watched against one limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitWatch {
    raised: bool,
    /// Since when the value has asked for the other state.
    asking: Option<Timestamp>,
}

impl Scene {
    /// Every limit with its signal: signals in order, and the limits of a signal in order.
    ///
    /// The place in this list is the place of the limit in all dense arrays.
    pub fn limits(&self) -> impl Iterator<Item = (SignalId, &Limit)> {
        self.signal_ids()
            .flat_map(|id| self.signal(id).limits.iter().map(move |limit| (id, limit)))
    }
}

impl Threshold {
    /// The numbers of `limit`.
    pub fn of(limit: &Limit) -> Self {
        let is_upper = limit.kind.is_upper();
        Self {
            is_upper,
            at: limit.at,
            clear: Self::clears_at(is_upper, limit.at, limit.deadband),
            on_delay: limit.on_delay,
            off_delay: limit.off_delay,
        }
    }

    /// Where a value is normal again. The dust of a conversion to SI is given to the value: 45
    /// has come back over a deadband of 5 below 50.
    pub(super) fn clears_at(is_upper: bool, at: f64, deadband: f64) -> f64 {
        if deadband == 0.0 {
            return at;
        }
        let dust = (at.abs() + deadband) * 1e-12;
        if is_upper {
            at - deadband + dust
        } else {
            at + deadband - dust
        }
    }

    /// True if `value` is beyond the limit.
    pub fn is_past(&self, value: f64) -> bool {
        if self.is_upper {
            value > self.at
        } else {
            value < self.at
        }
    }

    /// True if `value` has come back over the whole deadband.
    pub fn is_back(&self, value: f64) -> bool {
        if self.is_upper {
            value <= self.clear
        } else {
            value >= self.clear
        }
    }

    /// The more abnormal of two values.
    pub fn worse(&self, one: f64, other: f64) -> f64 {
        if self.is_upper {
            one.max(other)
        } else {
            one.min(other)
        }
    }
}

impl LimitWatch {
    /// A watch whose limit was passed before anybody looked.
    pub fn already_raised() -> Self {
        Self {
            raised: true,
            asking: None,
        }
    }

    /// True between raising and clearing.
    pub fn is_raised(&self) -> bool {
        self.raised
    }

    /// Goes on to `at`, where the value becomes `value`.
    ///
    /// Up to then the value before it was held, so a delay may run out on the way: up to
    /// two crossings come back, in order of time. Instants must not go back.
    pub fn observe(
        &mut self,
        threshold: &Threshold,
        at: Timestamp,
        value: f64,
    ) -> [Option<Crossing>; 2] {
        let on_the_way = self.elapse(threshold, at);
        let asks = if self.raised {
            threshold.is_back(value)
        } else {
            threshold.is_past(value)
        };
        self.asking = asks.then(|| self.asking.unwrap_or(at));
        [on_the_way, self.elapse(threshold, at)]
    }

    /// Goes on to `until` with the value that is held.
    pub fn elapse(&mut self, threshold: &Threshold, until: Timestamp) -> Option<Crossing> {
        let at = self.due(threshold).filter(|&due| due <= until)?;
        self.raised = !self.raised;
        self.asking = None;
        Some(Crossing {
            at,
            raised: self.raised,
        })
    }

    /// When the delay that is running runs out.
    pub fn due(&self, threshold: &Threshold) -> Option<Timestamp> {
        let delay = if self.raised {
            threshold.off_delay
        } else {
            threshold.on_delay
        };
        self.asking.map(|since| since + delay)
    }

    /// The value is not known any more: a running delay has to start anew.
    pub fn interrupt(&mut self) {
        self.asking = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// High at 10 with a deadband of 2, or its mirror image: low at −10.
    fn threshold(is_upper: bool, on_delay: u64, off_delay: u64) -> Threshold {
        let sign = if is_upper { 1.0 } else { -1.0 };
        Threshold {
            is_upper,
            at: sign * 10.0,
            clear: sign * 8.0,
            on_delay: Duration::from_secs(on_delay),
            off_delay: Duration::from_secs(off_delay),
        }
    }

    /// Shows `(second, value)` to a watch, lets time pass to the end, and compares the
    /// seconds of crossings: positive for raised, negative for cleared.
    #[track_caller]
    fn check(
        (on_delay, off_delay): (u64, u64),
        values: &[(i64, f64)],
        until: i64,
        expected: &[i64],
    ) {
        for is_upper in [true, false] {
            let threshold = threshold(is_upper, on_delay, off_delay);
            let sign = if is_upper { 1.0 } else { -1.0 };
            let mut watch = LimitWatch::default();
            let mut crossings = Vec::new();
            for &(secs, value) in values {
                let at = Timestamp::from_secs(secs);
                crossings.extend(
                    watch
                        .observe(&threshold, at, sign * value)
                        .into_iter()
                        .flatten(),
                );
            }
            crossings.extend(watch.elapse(&threshold, Timestamp::from_secs(until)));
            let seen: Vec<i64> = crossings
                .iter()
                .map(|crossing| {
                    let secs = crossing.at.nanos() / 1_000_000_000;
                    if crossing.raised { secs } else { -secs }
                })
                .collect();
            assert_eq!(seen, expected, "upper: {is_upper}");
        }
    }

    #[test]
    fn without_delays_it_raises_past_the_limit_and_clears_below_the_deadband() {
        check((0, 0), &[(1, 10.0), (2, 10.1)], 9, &[2]);
        check((0, 0), &[(1, 11.0), (2, 9.0), (3, 8.0)], 9, &[1, -3]);
        check((0, 0), &[(1, 11.0), (2, 9.0), (3, 11.0)], 9, &[1]);
    }

    #[test]
    fn the_on_delay_needs_the_value_past_the_limit_all_along() {
        check((5, 0), &[(1, 11.0)], 5, &[]);
        check((5, 0), &[(1, 11.0)], 6, &[6]);
        check((5, 0), &[(1, 11.0), (4, 9.0), (5, 11.0)], 9, &[]);
        check((5, 0), &[(1, 11.0), (4, 9.0), (5, 11.0)], 10, &[10]);
        check((5, 0), &[(1, 11.0), (3, 12.0), (7, 13.0)], 7, &[6]);
    }

    #[test]
    fn a_value_is_held_up_to_the_next_one() {
        // Past the limit from 1 to 20, told by two samples only.
        check((5, 0), &[(1, 11.0), (20, 0.0)], 20, &[6, -20]);
        check((5, 5), &[(1, 11.0), (20, 0.0)], 30, &[6, -25]);
    }

    #[test]
    fn the_off_delay_needs_the_value_back_all_along() {
        check((0, 5), &[(1, 11.0), (2, 8.0), (6, 9.0), (7, 8.0)], 11, &[1]);
        check(
            (0, 5),
            &[(1, 11.0), (2, 8.0), (6, 9.0), (7, 8.0)],
            12,
            &[1, -12],
        );
    }

    #[test]
    fn an_interruption_starts_the_delay_anew() {
        let threshold = threshold(true, 5, 0);
        let mut watch = LimitWatch::default();
        watch.observe(&threshold, Timestamp::from_secs(1), 11.0);
        watch.interrupt();
        assert_eq!(watch.elapse(&threshold, Timestamp::from_secs(60)), None);
        watch.observe(&threshold, Timestamp::from_secs(61), 11.0);
        assert_eq!(watch.due(&threshold), Some(Timestamp::from_secs(66)));
    }
}
