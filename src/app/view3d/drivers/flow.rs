//! Flow: how fast the pattern moves along a pipe.

use super::{Gauge, Reading};

/// Patterns per second at the upper end of the range.
const FULL: f64 = 0.55;
/// Below this share of the range nothing flows: noise must not look like water.
const NOTHING: f64 = 0.004;

/// Patterns per second of a flow, positive along the route; 0 if it is unknown.
pub(super) fn patterns_per_sec(reading: Reading, gauge: &Gauge) -> f32 {
    let reach = gauge.range.0.abs().max(gauge.range.1.abs());
    let share = reading.value().unwrap_or(0.0) / reach;
    if !share.is_finite() || share.abs() < NOTHING {
        return 0.0;
    }
    // A small flow still moves visibly: the root keeps the order and lifts the low end.
    (share.signum() * share.abs().min(1.0).sqrt() * FULL) as f32
}

#[cfg(test)]
mod tests {
    use super::super::testing::signal;
    use super::*;

    #[test]
    fn more_flow_moves_faster_and_the_sign_is_the_direction() {
        let flow = Gauge::from(&signal(0, "flow", 0.4));
        let rate = |value| patterns_per_sec(Reading::Fresh(value), &flow);
        assert!(rate(0.4) > rate(0.1) && rate(0.1) > 0.0);
        assert_eq!(rate(-0.1), -rate(0.1));
        assert_eq!(rate(0.0005), 0.0, "noise about zero");
        assert_eq!(rate(4.0), rate(0.4), "no faster than full");
        assert_eq!(patterns_per_sec(Reading::Unknown, &flow), 0.0);
    }
}
