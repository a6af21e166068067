//! What a recorded signal was, span by span.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::scene::{Kpi, KpiMeasure};
use crate::signal::{QualityClass, Sample, SignalId};
use crate::time::Timestamp;

/// A recorded row of a signal: a sample, or `None` where its link was lost.
pub(super) type RecordedRow = (Timestamp, Option<Sample>);

/// What could be known of a signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Held {
    /// A good or uncertain value, SI.
    Value(f64),
    /// A value not to be used.
    Bad,
    /// Nothing, or nothing fresh.
    Missing,
}

/// A stretch of time over which a signal was the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldSpan {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// What it was.
    pub held: Held,
}

impl HeldSpan {
    /// How long, s.
    pub fn secs(&self) -> f64 {
        self.to.secs_since(self.from)
    }
}

/// The spans between `from` and `to`, without a hole between them. `rows` are in order of time and
/// may begin before; a value is missing once it is older than `max_age`.
pub(super) fn held_spans(
    rows: &[RecordedRow],
    (from, to): (Timestamp, Timestamp),
    max_age: Duration,
) -> Vec<HeldSpan> {
    let mut spans: Vec<HeldSpan> = Vec::new();
    let mut push = |begin: Timestamp, end: Timestamp, held: Held| {
        let (begin, end) = (begin.clamp(from, to), end.clamp(from, to));
        if begin >= end {
            return;
        }
        match spans.last_mut() {
            Some(last) if last.held == held => last.to = end,
            _ => spans.push(HeldSpan {
                from: begin,
                to: end,
                held,
            }),
        }
    };
    let first = rows.first().map_or(to, |(at, _)| *at);
    push(from, first, Held::Missing);
    for (place, (at, sample)) in rows.iter().enumerate() {
        let next = rows.get(place + 1).map_or(to, |(at, _)| *at);
        let Some(sample) = sample else {
            push(*at, next, Held::Missing);
            continue;
        };
        let held = match sample.quality.class() {
            QualityClass::Bad => Held::Bad,
            QualityClass::Good | QualityClass::Uncertain => Held::Value(sample.value),
        };
        let old = (*at + max_age).min(next);
        push(*at, old, held);
        push(old, next, Held::Missing);
    }
    spans
}

/// A KPI of what was recorded, and the share of the time, 0 to 1, in which it was known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredKpi {
    /// SI; `None` if it was never known.
    pub value: Option<f64>,
    /// 1 if no value was missing.
    pub known: f64,
}

/// The KPI of signals with these spans. Where one of them is not known, their sum is not either, and
/// that time is left out.
pub(super) fn measured_kpi<'a>(
    kpi: &Kpi,
    spans_of: impl Fn(SignalId) -> &'a [HeldSpan],
    (from, to): (Timestamp, Timestamp),
) -> MeasuredKpi {
    let signals: Vec<&[HeldSpan]> = kpi.signals.iter().map(|&id| spans_of(id)).collect();
    let ends = signals.iter().flat_map(|spans| spans.iter());
    let borders: BTreeSet<Timestamp> = ends.flat_map(|span| [span.from, span.to]).collect();
    let borders: Vec<Timestamp> = borders.into_iter().collect();
    let mut places = vec![0; signals.len()];
    let (mut secs, mut sum) = (0.0, 0.0);
    let (mut least, mut greatest, mut last) = (f64::INFINITY, f64::NEG_INFINITY, None);
    for ends in borders.windows(2) {
        let mut total = Some(0.0);
        for (spans, place) in signals.iter().zip(&mut places) {
            while spans.get(*place).is_some_and(|span| span.to <= ends[0]) {
                *place += 1;
            }
            let held = spans.get(*place).map(|span| span.held);
            total = match (total, held) {
                (Some(total), Some(Held::Value(value))) => Some(total + value),
                _ => None,
            };
        }
        let Some(value) = total else { continue };
        let span = ends[1].secs_since(ends[0]);
        secs += span;
        sum += match kpi.measure {
            KpiMeasure::TimeAbove(limit) if value > limit => span,
            KpiMeasure::TimeBelow(limit) if value < limit => span,
            KpiMeasure::TimeAbove(_) | KpiMeasure::TimeBelow(_) => 0.0,
            KpiMeasure::Total
            | KpiMeasure::Mean
            | KpiMeasure::Min
            | KpiMeasure::Max
            | KpiMeasure::Last => value * span,
        };
        (least, greatest, last) = (
            f64::min(least, value),
            f64::max(greatest, value),
            Some(value),
        );
    }
    let value = last.map(|last| match kpi.measure {
        KpiMeasure::Total | KpiMeasure::TimeAbove(_) | KpiMeasure::TimeBelow(_) => sum,
        KpiMeasure::Mean => sum / secs,
        KpiMeasure::Min => least,
        KpiMeasure::Max => greatest,
        KpiMeasure::Last => last,
    });
    let whole = to.secs_since(from);
    MeasuredKpi {
        value,
        known: if whole > 0.0 { secs / whole } else { 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Better;
    use crate::signal::Quality;
    use crate::units::Unit;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn row(secs: i64, value: f64) -> RecordedRow {
        (at(secs), Some(Sample::good(at(secs), value)))
    }

    fn spans(rows: &[RecordedRow]) -> Vec<(i64, i64, Held)> {
        let spans = held_spans(rows, (at(100), at(200)), Duration::from_secs(30));
        let secs = |at: Timestamp| at.nanos() / 1_000_000_000;
        let all = spans
            .iter()
            .map(|span| (secs(span.from), secs(span.to), span.held));
        all.collect()
    }

    #[test]
    fn spans_leave_no_hole_and_no_value_holds_for_longer_than_its_age() {
        let mut bad = row(150, 9.0);
        if let Some(sample) = &mut bad.1 {
            sample.quality = Quality::BadSensorFailure;
        }
        let rows = [
            row(95, 1.0),
            row(110, 2.0),
            bad,
            (at(160), None),
            row(190, 4.0),
        ];
        assert_eq!(
            spans(&rows),
            [
                (100, 110, Held::Value(1.0)),
                (110, 140, Held::Value(2.0)),
                (140, 150, Held::Missing),
                (150, 160, Held::Bad),
                (160, 190, Held::Missing),
                (190, 200, Held::Value(4.0)),
            ]
        );
        assert_eq!(spans(&[]), [(100, 200, Held::Missing)]);
        assert_eq!(
            spans(&[row(10, 1.0)]),
            [(100, 200, Held::Missing)],
            "too old"
        );
    }

    #[test]
    fn a_kpi_counts_only_the_time_in_which_all_its_signals_are_known() {
        let one = held_spans(
            &[row(100, 2.0), row(125, 4.0), row(150, 4.0), row(175, 4.0)],
            (at(100), at(200)),
            Duration::from_secs(30),
        );
        let other = held_spans(
            &[row(150, 1.0), row(175, 3.0)],
            (at(100), at(200)),
            Duration::from_secs(30),
        );
        let all = [one, other];
        let kpi = |measure| Kpi {
            name: "K".to_owned(),
            signals: vec![SignalId(0), SignalId(1)],
            measure,
            unit: Unit::NUMBER,
            better: Better::Neither,
        };
        let of = |measure| measured_kpi(&kpi(measure), |id| &all[id.index()], (at(100), at(200)));
        // Known from 150 s on: 5, then 7.
        for (measure, value) in [
            (KpiMeasure::Total, 25.0 * 5.0 + 25.0 * 7.0),
            (KpiMeasure::Mean, 6.0),
            (KpiMeasure::Min, 5.0),
            (KpiMeasure::Max, 7.0),
            (KpiMeasure::Last, 7.0),
            (KpiMeasure::TimeAbove(6.0), 25.0),
            (KpiMeasure::TimeBelow(6.0), 25.0),
        ] {
            assert_eq!(
                of(measure),
                MeasuredKpi {
                    value: Some(value),
                    known: 0.5
                },
                "{measure:?}"
            );
        }
    }
}
