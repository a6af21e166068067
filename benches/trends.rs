//! The trends with 50 pens of a million samples each: what a frame costs a processor, from
//! samples to triangles, legend and numbers counted, while the plot follows the present and
//! while it stands still. Beside it egui's plain ways: the crate egui_plot, and one line of
//! egui, each of which is handed every sample.
//!
//! `cargo bench --bench trends`

#[path = "../tests/app/plant.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod plant;

use std::time::Duration;

use cpu_time::ThreadTime;
use egui::{Color32, Context, Pos2, RawInput, Rect, Stroke, Ui, Vec2};
use egui_plot::{Line, Plot, PlotPoint, PlotPoints};
use parallax::app::action::Action;
use parallax::app::panels::Twin;
use parallax::app::panels::axis::TimeAxis;
use parallax::app::panels::curve::{self, ValueAxis};
use parallax::app::panels::theme;
use parallax::app::panels::trends::{TrendState, trends_ui};
use parallax::history::{History, HistoryConfig};
use parallax::scene::{self, Scene};
use parallax::signal::{Origin, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use parallax::timeline::Timeline;
use parallax::units::parse_measure;
use plant::{NOW, Stage};

const PENS: u32 = 50;
const SAMPLES: i64 = 1_000_000;
/// What the trends show of the past, s; all samples lie in it.
const PAST_SECS: f64 = 7_200.0;
/// Between two samples of a signal.
const STEP: Duration = Duration::from_micros(7_200);
/// Samples of each pen that come with a frame: some 50 frames in a second.
const NEW: i64 = 3;
const FRAMES: i64 = 300;
const SIZE: Vec2 = Vec2::new(1_900.0, 1_000.0);

/// All that a frame of the trends needs.
struct Desk {
    stage: Stage,
    scene: Scene,
    history: History,
    timeline: Timeline,
    state: TrendState,
    ctx: Context,
}

fn main() {
    let mut desk = Desk::new();
    println!("CPU of one thread per frame, ms; {PENS} pens of {SAMPLES} samples");
    println!(
        "{:<36} {:>9} {:>9} {:>9} {:>10}",
        "", "median", "p95", "most", "triangles"
    );
    let (first, triangles) = desk.frame();
    println!(
        "{:<36} {first:>9.2} {:>9} {:>9} {triangles:>10}",
        "ours, the first frame", "", ""
    );
    let sliding = (0..FRAMES).map(|frame| {
        for more in 0..NEW {
            desk.history.insert(&row(SAMPLES + frame * NEW + more));
        }
        desk.timeline
            .advance(at(SAMPLES + frame * NEW + NEW - 1), Duration::ZERO);
        desk.frame()
    });
    tell("ours, following the present", sliding.collect());
    let still = (0..FRAMES).map(|_| desk.frame());
    tell("ours, standing still", still.collect());

    let points = desk.points(SignalId(0));
    for pens in [1, PENS as usize] {
        let ctx = styled();
        let frames = (0..5).map(|_| {
            timed(&ctx, |ui| {
                Plot::new("plain").show(ui, |plot| {
                    for pen in 0..pens {
                        let points = PlotPoints::Borrowed(&points);
                        plot.line(Line::new(pen.to_string(), points).color(Color32::WHITE));
                    }
                });
            })
        });
        tell(&format!("egui_plot, {pens} pens"), frames.collect());
    }
    let ctx = styled();
    let frames = (0..5).map(|_| timed(&ctx, |ui| plain_line(ui, &points)));
    tell("one line of egui, 1 pen", frames.collect());
}

impl Desk {
    fn new() -> Self {
        let signals: Vec<_> = (0..PENS)
            .map(|pen| {
                format!("(name: \"pen{pen}\", unit: \"m\", range: (-2, 2), max_age: \"60s\")")
            })
            .collect();
        let text = format!(
            "Scene(format: 1, name: \"Pens\", types: {{\"rack\": (shape: Tank, size: (1, 1, 1), \
             signals: [{}])}}, assets: [(tag: \"R-1\", type: \"rack\")])",
            signals.join(", ")
        );
        let scene = scene::parse(&text).expect("a scene");
        let past = format!("(past_secs: {PAST_SECS:?})");
        let mut state: TrendState = ron::from_str(&past).expect("a state");
        for signal in &scene.signals {
            state.toggle(signal);
        }
        Self {
            stage: Stage::new(),
            history: filled(),
            timeline: Timeline::new(at(SAMPLES - 1)),
            scene,
            state,
            ctx: styled(),
        }
    }

    /// One frame of the trends: ms, and the triangles that came of it.
    fn frame(&mut self) -> (f64, usize) {
        let rows = vec![None; PENS as usize];
        let twin = Twin {
            scene: &self.scene,
            history: &self.history,
            timeline: &self.timeline,
            rows: &rows,
            alarms: &[],
            ..self.stage.twin()
        };
        let state = &mut self.state;
        let mut actions: Vec<Action> = Vec::new();
        timed(&self.ctx, |ui| trends_ui(ui, &twin, state, &mut actions))
    }

    /// Every sample of a pen: seconds since the first, value.
    fn points(&self, id: SignalId) -> Vec<PlotPoint> {
        let samples = self.history.range(Origin::Measured, id, at(0), at(SAMPLES));
        let points =
            samples.map(|sample| PlotPoint::new(sample.at.secs_since(at(0)), sample.value));
        points.collect()
    }
}

fn at(place: i64) -> Timestamp {
    Timestamp::from_nanos(NOW.nanos() + place * STEP.as_nanos() as i64)
}

/// One sample of each pen.
fn row(place: i64) -> SampleBatch {
    let mut batch = SampleBatch::new(Origin::Measured);
    for id in 0..PENS {
        let phase = place as f64 / 3e4 + f64::from(id);
        let noise = ((place * 7_919 + i64::from(id)) % 101) as f64 / 500.0;
        batch.push(SignalId(id), Sample::good(at(place), phase.sin() + noise));
    }
    batch
}

fn filled() -> History {
    let config = HistoryConfig {
        max_samples_per_series: 2 * SAMPLES as usize,
        max_samples: 2 * SAMPLES as usize * PENS as usize,
        ..HistoryConfig::default()
    };
    let mut history = History::new(PENS as usize, config);
    for place in 0..SAMPLES {
        history.insert(&row(place));
    }
    history
}

/// Every sample as a point of one line.
fn plain_line(ui: &Ui, points: &[PlotPoint]) {
    let rect = ui.max_rect();
    let axis = TimeAxis::across(rect, (at(0), at(SAMPLES)));
    let points = points.iter();
    let points = points.map(|point| (axis.x(at(0).plus_secs(point.x)), point.y));
    let piece = curve::Piece {
        points: points.collect(),
        good: true,
    };
    let values = ValueAxis {
        low: -1.5,
        high: 1.5,
        rect,
    };
    let (_, metre) = parse_measure("1 m").expect("a unit");
    let stroke = Stroke::new(1.0, Color32::WHITE);
    curve::paint_pieces(ui.painter(), &[piece], metre, &values, stroke, false);
}

fn styled() -> Context {
    let ctx = Context::default();
    theme::install(&ctx);
    ctx
}

/// A frame in which `draw` draws: ms until the triangles, and how many.
fn timed(ctx: &Context, mut draw: impl FnMut(&mut Ui)) -> (f64, usize) {
    let began = ThreadTime::now();
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
        ..RawInput::default()
    };
    let mut output = ctx.run_ui(input, |ui| draw(ui));
    output.textures_delta.clear();
    let meshes = ctx.tessellate(output.shapes, output.pixels_per_point);
    let ms = began.elapsed().as_secs_f64() * 1e3;
    let triangles = meshes.iter().map(|part| match &part.primitive {
        egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len() / 3,
        egui::epaint::Primitive::Callback(_) => 0,
    });
    (ms, triangles.sum())
}

/// The first frame of a plain way counts as any other: it keeps nothing.
fn tell(what: &str, frames: Vec<(f64, usize)>) {
    let triangles = frames.last().map_or(0, |frame| frame.1);
    let mut times: Vec<f64> = frames.into_iter().map(|frame| frame.0).collect();
    times.sort_by(f64::total_cmp);
    let of = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let (median, p95, most) = (of(50), of(95), of(100));
    println!("{what:<36} {median:>9.2} {p95:>9.2} {most:>9.2} {triangles:>10}");
}
