//! One frame of trends: 50 curves of a million samples each that follow the present, from
//! samples to triangles, beside the plain way, which hands every sample of one curve to egui.
//!
//! `cargo bench --bench trends`

use std::time::Duration;

use cpu_time::ThreadTime;
use egui::{Color32, Context, Pos2, RawInput, Rect, Stroke, Vec2};
use parallax::app::panels::axis::TimeAxis;
use parallax::app::panels::curve::{self, CurveCache, CurveQuery, Detail, ValueAxis};
use parallax::history::{History, HistoryConfig};
use parallax::signal::{Origin, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use parallax::units::parse_measure;

const CURVES: u32 = 50;
const SAMPLES: i64 = 1_000_000;
/// Between two samples of a signal.
const STEP: Duration = Duration::from_millis(10);
const FRAMES: i64 = 120;
const SIZE: Vec2 = Vec2::new(1_600.0, 900.0);

fn main() {
    let mut history = filled();
    let ctx = Context::default();
    let mut cache = CurveCache::default();
    let mut frames = Vec::new();
    for frame in 0..FRAMES {
        // Two samples of each signal come with a frame of 20 ms.
        for more in 0..2 {
            history.insert(&row(SAMPLES + frame * 2 + more));
        }
        let now = at(SAMPLES + frame * 2 + 1);
        let began = ThreadTime::now();
        let drawn = draw(&ctx, |painter, rect| {
            cache.begin_frame();
            for id in (0..CURVES).map(SignalId) {
                let curve =
                    cache.curve(&history, query(id), &axis(rect, now), false, Detail::Coarse);
                paint(painter, rect, &curve.pieces);
            }
        });
        frames.push((began.elapsed().as_secs_f64() * 1e3, drawn));
    }
    let (first, drawn) = frames.remove(0);
    let mut rest: Vec<f64> = frames.iter().map(|frame| frame.0).collect();
    rest.sort_by(f64::total_cmp);
    println!("CPU of one thread per frame, ms; triangles");
    println!("ours, {CURVES} curves, first  {first:>10.2} {drawn:>12}");
    println!(
        "ours, {CURVES} curves, median {:>10.2}",
        rest[rest.len() / 2]
    );
    println!(
        "ours, {CURVES} curves, p95    {:>10.2}",
        rest[rest.len() * 95 / 100]
    );

    let now = at(SAMPLES - 1);
    let began = ThreadTime::now();
    let drawn = draw(&ctx, |painter, rect| {
        let axis = axis(rect, now);
        let samples = history.range(Origin::Measured, SignalId(0), axis.from, axis.to);
        let points = samples
            .map(|sample| (axis.x(sample.at), sample.value))
            .collect();
        paint(painter, rect, &[curve::Piece { points, good: true }]);
    });
    let plain = began.elapsed().as_secs_f64() * 1e3;
    println!("plain, 1 curve          {plain:>10.2} {drawn:>12}");
}

fn at(place: i64) -> Timestamp {
    Timestamp::from_nanos(place.saturating_mul(STEP.as_nanos() as i64))
}

/// One sample of each signal.
fn row(place: i64) -> SampleBatch {
    let mut batch = SampleBatch::new(Origin::Measured);
    for id in 0..CURVES {
        let phase = place as f64 / 3e4 + f64::from(id);
        let noise = ((place * 7_919 + i64::from(id)) % 101) as f64 / 500.0;
        batch.push(SignalId(id), Sample::good(at(place), phase.sin() + noise));
    }
    batch
}

fn filled() -> History {
    let config = HistoryConfig {
        max_samples_per_series: 2 * SAMPLES as usize,
        max_samples: 2 * SAMPLES as usize * CURVES as usize,
        ..HistoryConfig::default()
    };
    let mut history = History::new(CURVES as usize, config);
    for place in 0..SAMPLES {
        history.insert(&row(place));
    }
    history
}

fn query(signal: SignalId) -> CurveQuery {
    CurveQuery {
        origin: Origin::Measured,
        signal,
        join_secs: 60.0,
    }
}

/// All samples, up to the present.
fn axis(rect: Rect, now: Timestamp) -> TimeAxis {
    let span = STEP.as_secs_f64() * SAMPLES as f64;
    TimeAxis::across(rect, (now.plus_secs(-span), now))
}

fn paint(painter: &egui::Painter, rect: Rect, pieces: &[curve::Piece]) {
    let values = ValueAxis {
        low: -1.5,
        high: 1.5,
        rect,
    };
    let stroke = Stroke::new(1.0, Color32::WHITE);
    let (_, metre) = parse_measure("1 m").expect("a unit");
    curve::paint_pieces(painter, pieces, metre, &values, stroke, false);
}

/// A frame in which `paint` draws; the triangles that came of it.
fn draw(ctx: &Context, mut paint: impl FnMut(&egui::Painter, Rect)) -> usize {
    let rect = Rect::from_min_size(Pos2::ZERO, SIZE);
    let input = RawInput {
        screen_rect: Some(rect),
        ..RawInput::default()
    };
    let output = ctx.run_ui(input, |ui| paint(ui.painter(), rect));
    let meshes = ctx.tessellate(output.shapes, output.pixels_per_point);
    let triangles = meshes.iter().map(|part| match &part.primitive {
        egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len() / 3,
        egui::epaint::Primitive::Callback(_) => 0,
    });
    triangles.sum()
}
