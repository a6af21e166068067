//! Rows to exchange, and a sink that remembers what came.

use std::sync::Arc;

use parallax::recording::exchange::{ExchangeError, RowSink};
use parallax::recording::{Name, Names, Row, Series, SeriesIndex, Who};
use parallax::signal::{Clock, Quality};
use parallax::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

/// A row with all that it means, without the places of a reader; the value bit by bit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    pub(super) name: Name,
    pub(super) who: Who,
    pub(super) unit: Arc<str>,
    pub(super) at: Timestamp,
    pub(super) received: Timestamp,
    pub(super) value: Option<u64>,
    pub(super) quality: Quality,
    pub(super) clock: &'static str,
}

/// Remembers rows.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) names: Names,
    pub(super) rows: Vec<Told>,
}

impl RowSink for Collected {
    fn rows(&mut self, names: &Names, rows: &[Row]) -> Result<(), ExchangeError> {
        self.names = names.clone();
        self.rows.extend(rows.iter().map(|row| told(names, row)));
        Ok(())
    }
}

impl Collected {
    /// The rows in an order that does not depend on how they came.
    pub(super) fn sorted(mut self) -> Vec<Told> {
        self.rows.sort();
        self.rows
    }

    /// The names of the states of a signal.
    pub(super) fn states(&self, tag: &str, signal: &str) -> Vec<String> {
        let place = self.names.find(&Name::new(tag, signal), Who::Measured);
        self.names.get(place.expect("known")).states.to_vec()
    }
}

pub(super) fn told(names: &Names, row: &Row) -> Told {
    let series = names.get(row.series);
    Told {
        name: series.name.clone(),
        who: series.who,
        unit: series.unit.clone(),
        at: row.at,
        received: row.received,
        value: row.value.map(f64::to_bits),
        quality: row.quality,
        clock: match row.clock {
            Clock::Source => "source",
            Clock::Receiver => "receiver",
        },
    }
}

pub(super) fn all_told(names: &Names, rows: &[Row]) -> Vec<Told> {
    let mut told: Vec<_> = rows.iter().map(|row| told(names, row)).collect();
    told.sort();
    told
}

fn series(tag: &str, signal: &str, who: Who, unit: &str, states: &[&str]) -> Series {
    Series {
        name: Name::new(tag, signal),
        who,
        unit: unit.into(),
        states: states.iter().map(|&state| state.to_owned()).collect(),
    }
}

/// Series whose names need care in every format.
pub(super) fn names() -> Names {
    let mut names = Names::default();
    names.add(series("P-101", "flow", Who::Measured, "m³/s", &[]));
    names.add(series("P-101", "flow", Who::Estimated, "m³/s", &[]));
    names.add(series(
        "TK \"1\", north",
        "level; a",
        Who::Measured,
        "m",
        &[],
    ));
    names.add(series(
        "Pümpe_2",
        "läuft%",
        Who::Measured,
        "",
        &["off", "on", "a, \"b\""],
    ));
    names.add(series("T-1", "temperature", Who::Measured, "K", &[]));
    names
}

/// Rows with every quality and clock, values and times as far as they go, and lost links.
pub(super) fn edge_rows() -> Vec<Row> {
    let values = [
        0.0,
        -0.0,
        0.1,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        f64::from_bits(1),
        -1.0 / 3.0,
        1e300,
        1e16,
        123_456_789.123_456_7,
    ];
    let times = [i64::MIN, -1, 0, 1, 999, 1_795_000_000_123_456_789, i64::MAX];
    let mut rows = Vec::new();
    for (place, value) in values.into_iter().enumerate() {
        for (other, nanos) in times.into_iter().enumerate() {
            rows.push(Row {
                series: SeriesIndex([0, 1, 2, 4][place % 4]),
                // Of its own for each value, and still at the edge.
                at: Timestamp::from_nanos(if nanos > 0 {
                    nanos - place as i64
                } else {
                    nanos + 1_000_000 * place as i64
                }),
                received: Timestamp::from_nanos(times[(other + place) % times.len()]),
                value: Some(value),
                quality: Quality::ALL[(place + other) % Quality::ALL.len()],
                clock: [Clock::Source, Clock::Receiver][other % 2],
            });
        }
    }
    for state in 0..3 {
        let mut row = rows[state];
        row.series = SeriesIndex(3);
        row.value = Some(state as f64);
        rows.push(row);
    }
    // At the time of a sample, too.
    rows.push(Row::lost(SeriesIndex(0), rows[0].at));
    rows.push(Row::lost(SeriesIndex(3), Timestamp::from_nanos(77)));
    rows
}

prop_compose! {
    /// Any row of [`names`] with a time in some days around 2026, so that few partitions do.
    fn any_row()(
        series in 0_u32..5,
        nanos in 0_i64..300_000_000_000_000,
        delay in -2_000_000_i64..90_000_000_000,
        value in any::<f64>().prop_filter("finite", |value| value.is_finite()),
        state in 0_u8..3,
        quality in 0_usize..12,
        receiver in any::<bool>(),
        lost in 0_u8..20,
    ) -> Row {
        let at = Timestamp::from_nanos(1_795_000_000_000_000_000 + nanos);
        let series = SeriesIndex(series);
        if lost == 0 {
            return Row::lost(series, at);
        }
        Row {
            series,
            at,
            received: Timestamp::from_nanos(at.nanos() + delay),
            value: Some(if series.0 == 3 { f64::from(state) } else { value }),
            quality: Quality::ALL[quality],
            clock: if receiver { Clock::Receiver } else { Clock::Source },
        }
    }
}

/// Up to `count` rows, no two of which are of one series, time and kind.
pub(super) fn any_rows(count: usize) -> impl Strategy<Value = Vec<Row>> {
    vec(any_row(), 0..count).prop_map(|mut rows| {
        let key = |row: &Row| (row.series, row.at, row.value.is_none());
        rows.sort_by_key(key);
        rows.dedup_by_key(|row| key(row));
        rows
    })
}
