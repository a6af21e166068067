//! Spin: how fast a shaft turns on the screen.

use super::{Gauge, Reading};

/// Turns per second at the upper end of the range: slow enough to be seen as turning.
const FULL: f64 = 0.7;
/// Below this share of full speed it stands.
const NOTHING: f64 = 0.004;

/// Turns per second on the screen; 0 if the speed is unknown.
pub(super) fn turns_per_sec(reading: Reading, gauge: &Gauge) -> f32 {
    let reach = gauge.range.0.abs().max(gauge.range.1.abs());
    let share = reading.value().unwrap_or(0.0) / reach;
    if !share.is_finite() || share.abs() < NOTHING {
        return 0.0;
    }
    (share.clamp(-1.0, 1.0) * FULL) as f32
}

#[cfg(test)]
mod tests {
    use super::super::testing::signal;
    use super::*;

    #[test]
    fn speed_is_proportional_and_bounded() {
        let speed = Gauge::from(&signal(0, "speed", 50.0));
        let rate = |value| turns_per_sec(Reading::Fresh(value), &speed);
        assert!((rate(25.0) * 2.0 - rate(50.0)).abs() < 1e-6);
        assert_eq!(rate(500.0), rate(50.0));
        assert_eq!(rate(0.0), 0.0);
        assert_eq!(turns_per_sec(Reading::Unknown, &speed), 0.0);
    }
}
