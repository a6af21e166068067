//! An output by the time of day.

use super::spec::ScheduleSpec;
use crate::models::StepSpan;
use crate::models::config::{Entry, Reader};
use crate::models::wiring::Wiring;
use crate::units::Quantity;

const DAY: f64 = 86_400.0;

/// Holds each value from its time of day, UTC, until the next.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    output: usize,
    /// `(seconds after midnight, value)`, ascending.
    values: Vec<(f64, f64)>,
}

impl Schedule {
    pub(super) fn compile(
        spec: &ScheduleSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let first = spec.values.first().map(|(_, value)| value.as_str());
        let (_, quantity) = first.map_or((0.0, Quantity::Number), |text| {
            reader.any_value(entry, "values", text)
        });
        let mut values = Vec::new();
        for (clock, value) in &spec.values {
            let Some(secs) = secs_after_midnight(clock) else {
                let message = format!("`{clock}` is not a time of day");
                reader.problem(
                    entry,
                    "values",
                    message,
                    "write hours and minutes, such as 06:30",
                );
                continue;
            };
            values.push((secs, reader.value(entry, "values", value, quantity)));
        }
        if spec.values.is_empty() {
            let message = format!("{} has no values", entry.name());
            reader.problem(entry, "values", message, "give at least one");
        }
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let output = (entry, "output");
        Self {
            output: wiring.write(output, &spec.output, quantity, None, reader),
            values,
        }
    }

    pub(super) fn work(&self, span: StepSpan, values: &mut [f64]) {
        let secs = (span.at.nanos() as f64 * 1e-9).rem_euclid(DAY);
        let begun = self.values.iter().rev().find(|(from, _)| *from <= secs);
        // Before the first of the day, yesterday's last still holds.
        if let Some((_, value)) = begun.or(self.values.last()) {
            values[self.output] = *value;
        }
    }
}

fn secs_after_midnight(clock: &str) -> Option<f64> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then(|| f64::from(hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use std::time::Duration;

    #[test]
    fn each_value_holds_until_the_next() {
        let schedule = Schedule {
            output: 0,
            values: vec![(6.0 * 3_600.0, 1.0), (22.0 * 3_600.0, 0.4)],
        };
        for (clock, value) in [
            ("05:59", 0.4),
            ("06:00", 1.0),
            ("21:59", 1.0),
            ("23:00", 0.4),
        ] {
            let at = format!("2026-03-01T{clock}:00Z").parse::<Timestamp>();
            let at = at.expect("a time");
            let dt = Duration::from_secs(60);
            let mut values = [f64::NAN];
            schedule.work(StepSpan { at, dt }, &mut values);
            assert_eq!(values, [value], "{clock}");
        }
        assert_eq!(secs_after_midnight("24:00"), None);
        assert_eq!(secs_after_midnight("six"), None);
    }
}
