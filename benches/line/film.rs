//! What a picture of 20,000 parts on the move costs, CPU time on one thread.

use std::time::Duration;

use cpu_time::ThreadTime;
use parallax::models::{self, NoFacts, Seed, Start, StepSpan};
use parallax::population::{Flows, PopulationFrame, Trail};
use parallax::time::Timestamp;
use serde_json::{Value, json};

/// Belts, each with a station at its end that is slower than what is put on.
const BELTS: usize = 50;
/// Instants that are looked at.
const LOOKS: u32 = 60;

/// Milliseconds for each part of a picture, medians.
pub(crate) fn measure() -> Value {
    let built = models::build("line", "line", &text(), &NoFacts);
    let mut model = built.unwrap_or_else(|problems| panic!("{problems:?}"));
    let ports = model.ports().iter();
    let mut values: Vec<_> = ports.map(|port| port.default.unwrap_or(0.0)).collect();
    let known = vec![None; values.len()];
    let seed = Seed {
        run: 1,
        member: 0,
        model: 0,
    };
    let start = Start {
        at: Timestamp::default(),
        known: &known,
        seed,
    };
    model.initialise(&start, &mut values).expect("a start");
    let mut now = Timestamp::default();
    let mut step = |model: &mut Box<dyn models::Model>, now: &mut Timestamp, dt: Duration| {
        let span = StepSpan { at: *now, dt };
        model.step(span, &mut values).expect("a step");
        *now = span.end();
    };
    step(&mut model, &mut now, Duration::from_secs(3_000));
    model.note_moves();
    let mut trail = Trail::new(now, 1_000_000);
    let mut last = PopulationFrame::new(now, model.population(0));
    let members = last.rows().len();
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..LOOKS {
        let clock = ThreadTime::now();
        step(&mut model, &mut now, Duration::from_secs(1));
        trail.extend(now, model.take_moves(0));
        times[0].push(clock.elapsed());
        let clock = ThreadTime::now();
        let rows = model.population(0);
        times[1].push(clock.elapsed());
        let clock = ThreadTime::now();
        let frame = PopulationFrame::new(now, rows);
        times[2].push(clock.elapsed());
        let clock = ThreadTime::now();
        let half = last.at() + Duration::from_millis(500);
        let between = PopulationFrame::between(&last, &frame, half);
        times[3].push(clock.elapsed());
        assert_eq!(between.rows().len(), last.rows().len());
        last = frame;
    }
    let [tick, rows, order, between] = times.map(|mut times| {
        times.sort();
        1e3 * times[times.len() / 2].as_secs_f64()
    });
    let clock = ThreadTime::now();
    let id = last.rows()[members / 2].id;
    let visits = trail.visits(id, now).len();
    let follow = clock.elapsed();
    let clock = ThreadTime::now();
    let links = Flows::of(&trail, Timestamp::MIN, now).links.len();
    let flows = clock.elapsed();
    json!({
        "members": members,
        "ms": {
            "a tick of 1 s": tick,
            "rows": rows,
            "frame of rows": order,
            "frame between two": between,
            "where one has been": 1e3 * follow.as_secs_f64(),
            "flows": 1e3 * flows.as_secs_f64(),
        },
        "visits": visits,
        "links": links,
    })
}

/// Belts of 400 places round four corners.
fn text() -> String {
    let each = |item: &dyn Fn(usize) -> String| (0..BELTS).map(item).collect::<String>();
    let sources = each(&|k| format!(r#"(tag: "IN-{k}", arrivals: Unlimited, to: "C-{k}"),"#));
    let belts = each(&|k| {
        let y = 12 * k;
        let path = [(0, 0), (95, 0), (95, 5), (5, 5), (5, 10), (110, 10)]
            .map(|(east, north)| format!("({east}, {}, 1)", y + north))
            .join(", ");
        format!(r#"(tag: "C-{k}", speed: "1 m/s", pitch: "0.75 m", path: [{path}], to: "M-{k}"),"#)
    });
    let stations = each(&|k| {
        format!(
            r#"(tag: "M-{k}", cycle: Exponential("2s"), to: "OUT", at: (112, {}, 1)),"#,
            12 * k + 10
        )
    });
    format!(
        r#"(tag: "L", sources: [{sources}], conveyors: [{belts}], stations: [{stations}],
            sinks: [(tag: "OUT")])"#
    )
}
