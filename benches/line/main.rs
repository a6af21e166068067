//! Events per CPU second on one thread, beside simpy and nexosim in one run.
//!
//! `cargo bench --bench line --features nexosim`; without the feature nexosim is left out. simpy is that of `$PARALLAX_PEERS` or of the folder that
//! `scripts/test` installed, and is left out where it is absent. All engines compute the same
//! lines: stations in a row, fed without end, exponential cycles of 1 s, buffers of 5 between
//! them, blocking after service. An event is something that happens in the plant at an instant of
//! its own: a cycle, a life or a repair ends. What an engine does besides to make that happen
//! (messages, wake-ups) counts for nothing. Prints one JSON object.

mod calendars;
mod film;
#[cfg(feature = "nexosim")]
mod nexosim_line;

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use cpu_time::ThreadTime;
use parallax::models::{self, Model, NoFacts, Seed, Start, StepSpan};
use parallax::time::Timestamp;
use serde_json::{Value, json};

/// Rounds in which the engines take turns, so that all see the same machine.
const ROUNDS: usize = 5;

/// A line that all engines compute.
pub struct Case {
    name: &'static str,
    /// Stations in a row.
    pub stations: usize,
    /// Mean time at work between failures, s; 0 for none.
    pub mtbf: f64,
    /// Mean time to repair, s.
    pub mttr: f64,
    /// How long each engine runs, s of plant time: ours, nexosim, simpy.
    spans: [f64; 3],
}

const CASES: [Case; 2] = [
    Case {
        name: "ten stations",
        stations: 10,
        mtbf: 0.0,
        mttr: 0.0,
        spans: [4e5, 1e5, 2e4],
    },
    Case {
        name: "100 stations with breakdowns",
        stations: 100,
        mtbf: 200.0,
        mttr: 10.0,
        spans: [4e4, 1e4, 2e3],
    },
];

/// Places of a buffer between two stations.
pub const BUFFER: u32 = 5;

fn main() {
    let mut lines = Vec::new();
    for case in &CASES {
        let mut rates = [const { Vec::new() }; 3];
        let mut throughputs = [0.0; 3];
        for _ in 0..ROUNDS {
            let engines: [Engine; 3] = [ours, nexosim, simpy];
            for (place, run) in engines.into_iter().enumerate() {
                let span = case.spans[place];
                if let Some(measured) = run(case, span) {
                    rates[place].push(measured.events / measured.cpu_s);
                    throughputs[place] = measured.out / span;
                }
            }
        }
        let [ours, nexosim, simpy] = rates.map(median);
        let over = |other: Option<f64>| Some(ours? / other?);
        lines.push(json!({
            "line": case.name,
            "events_per_cpu_s": { "parallax": ours, "nexosim": nexosim, "simpy": simpy },
            "times_nexosim": over(nexosim),
            "times_simpy": over(simpy),
            "parts_per_s": { "parallax": throughputs[0], "nexosim": throughputs[1],
                             "simpy": throughputs[2] },
        }));
    }
    let report = json!({ "rounds": ROUNDS, "lines": lines, "calendars": calendars::compare(),
                         "parts on the move": film::measure() });
    println!("{report:#}");
}

/// Runs a case for a span, s; `None` where the engine is not installed.
type Engine = fn(&Case, f64) -> Option<Measured>;

/// What an engine did, and what it took.
pub struct Measured {
    /// Events of the plant.
    pub events: f64,
    /// CPU seconds.
    pub cpu_s: f64,
    /// Parts that left the line.
    pub out: f64,
}

/// The configuration of a case.
fn text(case: &Case) -> String {
    let failures = if case.mtbf > 0.0 {
        format!(
            r#"failures: [(every: Exponential("{}s"), repair: Exponential("{}s"))],"#,
            case.mtbf, case.mttr
        )
    } else {
        String::new()
    };
    let stations = (1..=case.stations).map(|station| {
        let last = station == case.stations;
        let to = if last {
            "OUT".to_owned()
        } else {
            format!("B-{station}")
        };
        format!(r#"(tag: "M-{station}", cycle: Exponential("1s"), {failures} to: "{to}"),"#)
    });
    let buffers = (1..case.stations).map(|buffer| {
        let to = buffer + 1;
        format!(r#"(tag: "B-{buffer}", capacity: {BUFFER}, to: "M-{to}"),"#)
    });
    format!(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
            stations: [{}], buffers: [{}], sinks: [(tag: "OUT")])"#,
        stations.collect::<String>(),
        buffers.collect::<String>()
    )
}

fn ours(case: &Case, span: f64) -> Option<Measured> {
    let built = models::build("line", "line", &text(case), &NoFacts);
    let mut model: Box<dyn Model> = built.unwrap_or_else(|problems| panic!("{problems:?}"));
    let ports = model.ports();
    let out = ports.iter().position(|port| port.signal == "OUT.count");
    let mut values: Vec<_> = ports
        .iter()
        .map(|port| port.default.unwrap_or(0.0))
        .collect();
    let known = vec![None; values.len()];
    let start = Start {
        at: Timestamp::default(),
        known: &known,
        seed: Seed {
            run: 1,
            member: 0,
            model: 0,
        },
    };
    model.initialise(&start, &mut values).expect("a start");
    let clock = ThreadTime::now();
    let span = StepSpan {
        at: Timestamp::default(),
        dt: Duration::from_secs_f64(span),
    };
    let report = model.step(span, &mut values).expect("a step");
    Some(Measured {
        events: f64::from(report.solves),
        cpu_s: clock.elapsed().as_secs_f64(),
        out: values[out.expect("a sink")],
    })
}

#[cfg(feature = "nexosim")]
use nexosim_line::run as nexosim;

#[cfg(not(feature = "nexosim"))]
fn nexosim(_: &Case, _: f64) -> Option<Measured> {
    None
}

fn simpy(case: &Case, span: f64) -> Option<Measured> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/line.py");
    let output = Command::new(python()?)
        .args([script, "time", "--buffer", &BUFFER.to_string()])
        .args(["--stations", &case.stations.to_string()])
        .args([
            "--mtbf",
            &case.mtbf.to_string(),
            "--mttr",
            &case.mttr.to_string(),
        ])
        .args(["--span", &span.to_string()])
        .output()
        .ok()?;
    let told: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(Measured {
        events: told["events"].as_f64()?,
        cpu_s: told["cpu_s"].as_f64()?,
        out: told["out"].as_f64()?,
    })
}

fn python() -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let installed = cache.map(|folder| folder.join("parallax/peers/bin/python"));
    let named = env::var_os("PARALLAX_PEERS").map(PathBuf::from);
    named.or(installed).filter(|python| python.exists())
}

fn median(mut rates: Vec<f64>) -> Option<f64> {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied()
}
