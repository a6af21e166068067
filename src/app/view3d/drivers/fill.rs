//! Fill: how high the water stands.

use super::super::record::{Record, flag};
use super::{Gauge, Reading};

/// Writes how high the water stands, or that nobody knows it or measures it.
pub(super) fn fill(drive: Option<(Reading, &Gauge)>, record: &mut Record) {
    let fraction = drive.and_then(|(reading, gauge)| Some(gauge.fraction(reading.value()?)));
    match fraction {
        Some(fraction) => record.fill = fraction.clamp(0.0, 1.0) as f32,
        None => {
            record.flags |= flag::FILL_UNKNOWN;
            // Where the hatched surface of an open basin lies.
            record.fill = 0.5;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::signal;
    use super::*;

    #[test]
    fn a_level_beyond_the_range_stays_in_the_tank() {
        let level = Gauge::from(&signal(0, "level", 4.0));
        for (value, expected) in [(-1.0, 0.0), (0.0, 0.0), (2.0, 0.5), (9.0, 1.0)] {
            let mut record = Record::default();
            fill(Some((Reading::Fresh(value), &level)), &mut record);
            assert_eq!((record.fill, record.flags), (expected, 0), "{value}");
        }
    }
}
