//! What the members of an ensemble are worth: one number each for every KPI of the scene.
//!
//! Values hold from one output to the next, so a total is the sum of value times step, and
//! the last output counts for extremes and for `Last` only. Members that could not go on are
//! left out and counted.
//!
//! The interval is Student's: the mean of n members, plus and minus t(0.975, n − 1) s / √n.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::quantile::quantile;
use crate::scene::{Kpi, KpiMeasure};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// One KPI of an ensemble, SI.
#[derive(Clone, Debug, PartialEq)]
pub struct KpiResult {
    /// Which of the scene's KPIs.
    pub kpi: usize,
    /// By member; `None` if it could not go on.
    pub members: Vec<Option<f64>>,
    /// What they say together; `None` if not one member could go on.
    pub statistics: Option<KpiStatistics>,
}

/// A KPI over the members that could go on, SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KpiStatistics {
    /// How many members.
    pub members: usize,
    /// Their mean.
    pub mean: f64,
    /// The 95 % interval of the mean, by Student's t; `None` for a single member.
    pub interval: Option<(f64, f64)>,
    /// A tenth of them lie below.
    pub p10: f64,
    /// Half of them lie below.
    pub p50: f64,
    /// A tenth of them lie above.
    pub p90: f64,
}

impl KpiStatistics {
    /// The statistics of `values`; `None` if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().collect();
        if values.is_empty() {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let interval = StudentsT::new(0.0, 1.0, count - 1.0).ok().map(|student| {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let deviation = (squares / (count - 1.0)).sqrt();
            let half = student.inverse_cdf(0.975) * deviation / count.sqrt();
            (mean - half, mean + half)
        });
        let mut sorted = values;
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self {
            members: sorted.len(),
            mean,
            interval,
            p10: quantile(&sorted, 0.1, false),
            p50: quantile(&sorted, 0.5, false),
            p90: quantile(&sorted, 0.9, false),
        })
    }
}

/// Makes one number of each member's outputs, chunk by chunk.
#[derive(Clone, Debug)]
pub(super) struct KpiCounter {
    measure: KpiMeasure,
    /// Which outputs are added up.
    columns: Vec<usize>,
    /// By member; `None` if it could not go on.
    members: Vec<Option<Tally>>,
}

/// What one member's outputs came to.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// The last instant, and the value that holds from there on.
    held: Option<(Timestamp, f64)>,
    /// The value by time, or the time that counts, s.
    sum: f64,
    /// For how long, s.
    span: f64,
    least: f64,
    greatest: f64,
}

impl KpiCounter {
    /// A counter for as many members; `None` if the models do not compute all that it is made of.
    pub(super) fn new(kpi: &Kpi, outputs: &[SignalId], members: usize) -> Option<Self> {
        let column = |signal| outputs.iter().position(|output| output == signal);
        let columns: Option<Vec<usize>> = kpi.signals.iter().map(column).collect();
        Some(Self {
            measure: kpi.measure,
            columns: columns?,
            members: vec![Some(Tally::default()); members],
        })
    }

    /// Takes in a member's outputs: a row of `width` values for each instant.
    pub(super) fn observe(
        &mut self,
        member: usize,
        times: &[Timestamp],
        values: &[f64],
        width: usize,
    ) {
        let Some(Some(tally)) = self.members.get_mut(member) else {
            return;
        };
        for (at, row) in times.iter().zip(values.chunks(width.max(1))) {
            let value = self.columns.iter().map(|column| row[*column]).sum();
            tally.observe(self.measure, *at, value);
        }
    }

    /// A member could not go on.
    pub(super) fn leave_out(&mut self, member: usize) {
        if let Some(tally) = self.members.get_mut(member) {
            *tally = None;
        }
    }

    /// What the members came to so far.
    pub(super) fn result(&self, kpi: usize) -> KpiResult {
        let value = |tally: &Option<Tally>| tally.and_then(|tally| tally.value(self.measure));
        let members: Vec<Option<f64>> = self.members.iter().map(value).collect();
        let statistics = KpiStatistics::of(members.iter().flatten().copied());
        KpiResult {
            kpi,
            members,
            statistics,
        }
    }
}

impl Tally {
    fn observe(&mut self, measure: KpiMeasure, at: Timestamp, value: f64) {
        match self.held {
            None => (self.least, self.greatest) = (value, value),
            Some((since, held)) => {
                let secs = at.secs_since(since);
                self.span += secs;
                self.sum += match measure {
                    KpiMeasure::TimeAbove(limit) if held > limit => secs,
                    KpiMeasure::TimeBelow(limit) if held < limit => secs,
                    KpiMeasure::TimeAbove(_) | KpiMeasure::TimeBelow(_) => 0.0,
                    _ => held * secs,
                };
                self.least = self.least.min(value);
                self.greatest = self.greatest.max(value);
            }
        }
        self.held = Some((at, value));
    }

    fn value(&self, measure: KpiMeasure) -> Option<f64> {
        let (_, last) = self.held?;
        Some(match measure {
            KpiMeasure::Total | KpiMeasure::TimeAbove(_) | KpiMeasure::TimeBelow(_) => self.sum,
            KpiMeasure::Mean if self.span > 0.0 => self.sum / self.span,
            KpiMeasure::Mean | KpiMeasure::Last => last,
            KpiMeasure::Min => self.least,
            KpiMeasure::Max => self.greatest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two outputs: the first stands still at 1, the second takes `values`, a minute apart.
    #[track_caller]
    fn check(measure: KpiMeasure, values: &[f64], expected: f64) {
        let outputs = [SignalId(3), SignalId(5)];
        let kpi = Kpi {
            name: "K".to_owned(),
            signals: outputs.to_vec(),
            measure,
            unit: "kWh".parse().expect("a unit"),
            better: crate::scene::Better::Neither,
        };
        let times: Vec<_> = (0..values.len())
            .map(|minute| Timestamp::from_secs(60 * minute as i64))
            .collect();
        let rows: Vec<f64> = values.iter().flat_map(|value| [1.0, *value]).collect();
        for chunk in 1..=values.len() {
            let mut counter = KpiCounter::new(&kpi, &outputs, 2).expect("outputs of the plant");
            for (times, rows) in times.chunks(chunk).zip(rows.chunks(2 * chunk)) {
                counter.observe(0, times, rows, 2);
            }
            counter.leave_out(1);
            let result = counter.result(0);
            let statistics = result.statistics.expect("one member");
            assert_eq!(result.members[1], None);
            assert_eq!(statistics.members, 1);
            let error = (statistics.mean - expected).abs();
            assert!(
                error <= 1e-12 * expected.abs().max(1.0),
                "chunks of {chunk}: {error}"
            );
        }
    }

    #[test]
    fn values_hold_from_one_output_to_the_next() {
        let values = [1.0, 3.0, -2.0, 9.0];
        check(KpiMeasure::Total, &values, 60.0 * (2.0 + 4.0 - 1.0));
        check(KpiMeasure::Mean, &values, (2.0 + 4.0 - 1.0) / 3.0);
        check(KpiMeasure::Min, &values, -1.0);
        check(KpiMeasure::Max, &values, 10.0);
        check(KpiMeasure::Last, &values, 10.0);
        check(KpiMeasure::TimeAbove(2.0), &values, 60.0);
        check(KpiMeasure::TimeBelow(4.0), &values, 120.0);
        check(KpiMeasure::Mean, &[4.0], 5.0);
    }

    #[test]
    fn the_interval_is_students() {
        // R: t.test(c(1, 2, 3, 4, 5))$conf.int gives 1.036757 and 4.963243.
        let known = KpiStatistics::of([1.0, 2.0, 3.0, 4.0, 5.0]).expect("five values");
        let (low, high) = known.interval.expect("more than one");
        assert!(
            (low - 1.036_757).abs() < 1e-6 && (high - 4.963_243).abs() < 1e-6,
            "{low} to {high}"
        );
        assert_eq!(KpiStatistics::of([7.0]).map(|one| one.interval), Some(None));
        assert_eq!(KpiStatistics::of([]), None);
    }
}
