//! Curves of the trends: what is on screen of samples that are far more than points.

use egui::{Color32, Pos2, RawInput, Rect, Stroke, Vec2};
use parallax::app::panels::axis::TimeAxis;
use parallax::app::panels::curve::{Curve, CurveQuery, Detail, Trouble, ValueAxis};
use parallax::app::panels::curve_cache::{CurveCache, Look};
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

const PLOT: Rect = Rect {
    min: Pos2::new(50.0, 0.0),
    max: Pos2::new(850.0, 100.0),
};

/// Like the trends': a plot that slides by whole pixels.
fn sliding_axis(to: f64, span: f64) -> TimeAxis {
    let to = Timestamp::from_secs(0).plus_secs(to);
    TimeAxis::across_in_pixels(PLOT, (to.plus_secs(-span), to), 1.0)
}

/// What of a curve lies within the plot.
fn seen(curve: &Curve, axis: &TimeAxis) -> Vec<(f32, f64)> {
    let points = curve.pieces.iter().flat_map(|piece| &piece.points);
    let points = points.filter(|point| (PLOT.left()..=PLOT.right()).contains(&point.0));
    let mut seen: Vec<_> = points.copied().collect();
    for trouble in &curve.troubles {
        let (from, to) = (axis.x(trouble.from), axis.x(trouble.to));
        if to > PLOT.left() && from < PLOT.right() {
            seen.push((from.max(PLOT.left()), f64::from(to.min(PLOT.right()))));
        }
    }
    seen
}

/// Samples with gaps, bad stretches and spikes, as they came in.
fn eventful(place: i64) -> Option<Sample> {
    let at = Timestamp::from_nanos(place * 170_000_000);
    let quality = match place % 911 {
        40..=90 => Quality::BadSensorFailure,
        300..=330 => Quality::UncertainLastUsable,
        _ => Quality::Good,
    };
    let spike = if place % 1_013 == 0 { 40.0 } else { 0.0 };
    let value = (place as f64 / 300.0).sin() * 5.0 + spike;
    let sample = Sample::good(at, value);
    (place % 1_777 > 120).then_some(Sample { quality, ..sample })
}

/// What is kept of a curve while it slides, stops, jumps, zooms and late samples come is what
/// would be drawn of it anew.
#[test]
fn a_curve_that_slid_is_a_curve_made_anew() {
    for detail in [Detail::Full, Detail::Coarse] {
        let mut history = history((0..6_000).filter_map(eventful));
        let mut cache = CurveCache::default();
        let mut to = 900.0;
        for frame in 0..400 {
            let span = if (200..260).contains(&frame) {
                97.0
            } else {
                610.0
            };
            to += match frame {
                100 => -400.0,
                101..=140 => 0.0,
                300 => 350.0,
                _ => 0.83,
            };
            let place = 6_000 + frame * 5;
            let mut batch = SampleBatch::new(Origin::Measured);
            for sample in (place..place + 5).filter_map(eventful) {
                batch.push(SIGNAL, sample);
            }
            if frame % 37 == 5 {
                let late = Timestamp::from_secs(0).plus_secs(to - 55.551);
                batch.push(SIGNAL, Sample::good(late, 17.0));
            }
            history.insert(&batch);
            cache.begin_frame();
            let axis = sliding_axis(to, span);
            let kept = cache.curve(&history, query(2.0), &axis, false, detail);
            let extent = cache.bring_up(&history, query(2.0), &axis, false, detail);
            let mut fresh = CurveCache::default();
            let anew = fresh.curve(&history, query(2.0), &axis, false, detail);
            let expected = fresh.bring_up(&history, query(2.0), &axis, false, detail);
            assert_eq!(extent, expected, "frame {frame}, {detail:?}");
            let (kept, anew) = (seen(&kept, &axis), seen(&anew, &axis));
            assert_eq!(kept.len(), anew.len(), "frame {frame}, {detail:?}");
            for (kept, anew) in kept.iter().zip(&anew) {
                let near = (kept.0 - anew.0).abs() < 0.01 && (kept.1 - anew.1).abs() < 0.01;
                assert!(near, "frame {frame}, {detail:?}: {kept:?}, not {anew:?}");
            }
        }
    }
}

/// A plot that stands costs nothing anew, one that slides only its newest stretch; what is on
/// screen has moved as far as the axis.
#[test]
fn what_is_drawn_is_kept_and_moves_with_the_axis() {
    let mut history = history((0..20_000).map(|place| {
        let at = Timestamp::from_nanos(place * 100_000_000);
        Sample::good(at, (place as f64 / 50.0).sin())
    }));
    let values = ValueAxis {
        low: -1.2,
        high: 1.2,
        rect: PLOT,
    };
    let look = Look {
        unit: parse_measure("1 m").expect("a unit").1,
        values,
        stroke: Stroke::new(1.6, Color32::WHITE),
        dashed: false,
    };
    let ctx = egui::Context::default();
    // How many stretches were made into triangles, and the corners of all within the plot.
    let draw = |cache: &mut CurveCache, history: &History, to: f64| {
        let axis = sliding_axis(to, 1_000.0);
        let mut inked = 0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, Vec2::new(900.0, 120.0))),
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            cache.begin_frame();
            let query = query(2.0);
            cache.bring_up(history, query, &axis, false, Detail::Full);
            cache.paint(ui.painter(), (query.origin, query.signal), &axis, look);
            inked = cache.inked();
        });
        output.textures_delta.clear();
        let mut corners: Vec<Pos2> = Vec::new();
        for part in ctx.tessellate(output.shapes, 1.0) {
            if let egui::epaint::Primitive::Mesh(mesh) = part.primitive {
                corners.extend(mesh.vertices.iter().map(|vertex| vertex.pos));
            }
        }
        corners.retain(|corner| (60.5..839.5).contains(&corner.x));
        (inked, corners)
    };
    let mut cache = CurveCache::default();
    let (first, drawn) = draw(&mut cache, &history, 2_000.0);
    assert!(first >= 12, "{first} stretches of 64 points in 800");
    assert!(drawn.len() > 2_000, "{} corners", drawn.len());
    let (still, same) = draw(&mut cache, &history, 2_000.0);
    assert_eq!((still, same), (0, drawn));
    let mut most = 0;
    for step in 1..=300 {
        let place = 20_000 + step;
        let at = Timestamp::from_nanos(place * 100_000_000);
        let mut batch = SampleBatch::new(Origin::Measured);
        batch.push(SIGNAL, Sample::good(at, (place as f64 / 50.0).sin()));
        history.insert(&batch);
        let (inked, _) = draw(&mut cache, &history, 2_000.0 + step as f64 * 0.1);
        most = most.max(inked);
    }
    assert!((1..=2).contains(&most), "{most} stretches in a frame");
    let (_, kept) = draw(&mut cache, &history, 2_030.0);
    let (_, anew) = draw(&mut CurveCache::default(), &history, 2_030.0);
    assert_eq!(kept.len(), anew.len());
    for (kept, anew) in kept.iter().zip(&anew) {
        assert!(kept.distance(*anew) < 0.05, "{kept:?}, not {anew:?}");
    }
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
