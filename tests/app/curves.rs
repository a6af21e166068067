//! Curves of the trends: what is on screen of samples that are far more than points.

use parallax::app::panels::axis::TimeAxis;
use parallax::app::panels::curve::{CurveCache, CurveQuery, Detail, Trouble};
use parallax::app::panels::range_table::integral_text;
use parallax::history::{History, HistoryConfig};
use parallax::signal::{Origin, Quality, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use parallax::units::parse_measure;

const SIGNAL: SignalId = SignalId(0);

fn history(samples: impl IntoIterator<Item = Sample>) -> History {
    let mut history = History::new(1, HistoryConfig::default());
    let mut batch = SampleBatch::new(Origin::Measured);
    for sample in samples {
        batch.push(SIGNAL, sample);
    }
    history.insert(&batch);
    history
}

fn axis(from: f64, span: f64) -> TimeAxis {
    let from = Timestamp::from_secs(0).plus_secs(from);
    TimeAxis {
        from,
        to: from.plus_secs(span),
        left: 50.0,
        right: 850.0,
    }
}

fn query(join_secs: f64) -> CurveQuery {
    CurveQuery {
        origin: Origin::Measured,
        signal: SIGNAL,
        join_secs,
    }
}

#[test]
fn a_spike_of_one_sample_is_drawn_in_every_zoom() {
    let at = 12_345;
    let history = history((0..20_000).map(|second| {
        let value = if second == at { 90.0 } else { 1.0 };
        Sample::good(Timestamp::from_secs(second), value)
    }));
    let mut cache = CurveCache::default();
    for span in [50_000.0, 20_000.0, 7_000.0, 900.0, 60.0, 3.0] {
        for part in [0.05, 0.31, 0.5, 0.77, 0.95] {
            for detail in [Detail::Full, Detail::Coarse] {
                let axis = axis(at as f64 - span * part, span);
                let curve = cache.curve(&history, query(2.0), &axis, false, detail);
                let points = curve.pieces.iter().flat_map(|piece| &piece.points);
                let x = axis.x(Timestamp::from_secs(at));
                let seen = points
                    .filter(|point| point.1 == 90.0 && (point.0 - x).abs() <= 2.0)
                    .count();
                assert!(seen >= 1, "{span} s, {part} before it, {detail:?}");
            }
        }
    }
}

#[test]
fn bad_and_stale_stretches_are_told() {
    let history = history(
        (0..100)
            .filter(|second| !(40..60).contains(second))
            .map(|second| {
                let sample = Sample::good(Timestamp::from_secs(second), 1.0);
                let quality = match second {
                    70..=79 => Quality::BadSensorFailure,
                    _ => Quality::Good,
                };
                Sample { quality, ..sample }
            }),
    );
    let mut cache = CurveCache::default();
    let curve = cache.curve(&history, query(5.0), &axis(0.0, 100.0), false, Detail::Full);
    let stale = Trouble {
        from: Timestamp::from_secs(44),
        to: Timestamp::from_secs(60),
        bad: false,
    };
    let bad = Trouble {
        from: Timestamp::from_secs(70),
        to: Timestamp::from_secs(79),
        bad: true,
    };
    assert_eq!(curve.troubles[0], stale);
    assert!(curve.troubles[1..].iter().all(|trouble| trouble.bad));
    assert_eq!(curve.troubles[1].from, bad.from);
    assert_eq!(curve.troubles.last().map(|last| last.to), Some(bad.to));
}

#[test]
fn an_integral_tells_what_flowed_by() {
    for (mean, secs, shown) in [
        ("360 m3/h", 1_800.0, "180.0 m³"),
        ("2 L/s", 60.0, "120.0 L"),
        ("4 kW", 5_400.0, "6.0 kW·h"),
        ("3 m", 7_200.0, "6.0 m·h"),
    ] {
        let (si, unit) = parse_measure(mean).expect("a measure");
        assert_eq!(integral_text(unit, si, secs), shown);
    }
}
