//! The models at their border: configuration text and inputs in, values out.

mod controls;
mod epanet;
mod hydraulics;
mod inp;
mod line;
mod members;
mod quality;
mod treatment;
mod waterworks;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use parallax::models::{self, Causality, Facts, Model, ModelState, NoFacts, Seed, Start, StepSpan};
use parallax::time::Timestamp;

/// Models stepped together over a board of values by signal, as the master does it.
struct Plant {
    models: Vec<Box<dyn Model>>,
    board: BTreeMap<String, f64>,
    /// Signals that are held whatever the models say.
    held: BTreeMap<String, f64>,
    at: Timestamp,
    warnings: u32,
    iterations: u32,
    residual: f64,
}

impl Plant {
    /// The models of `(kind, configuration)`, not yet started.
    #[track_caller]
    fn new(configurations: &[(&str, &str)]) -> Self {
        Self::with_facts(configurations, &NoFacts)
    }

    #[track_caller]
    fn with_facts(configurations: &[(&str, &str)], facts: &dyn Facts) -> Self {
        let build = |&(kind, text): &(&str, &str)| {
            models::build(kind, kind, text, facts).unwrap_or_else(|problems| {
                let texts: Vec<_> = problems
                    .iter()
                    .map(|problem| problem.located(kind).to_string())
                    .collect();
                panic!("{}", texts.join("\n"))
            })
        };
        Self {
            models: configurations.iter().map(build).collect(),
            board: BTreeMap::new(),
            held: BTreeMap::new(),
            at: Timestamp::from_secs(0),
            warnings: 0,
            iterations: 0,
            residual: 0.0,
        }
    }

    /// Starts at `at`; what stands on the board is what is known.
    fn start(&mut self, at: Timestamp, seed: u64) {
        self.at = at;
        for (index, model) in self.models.iter_mut().enumerate() {
            let ports = model.ports().to_vec();
            let known: Vec<_> = ports
                .iter()
                .map(|port| self.board.get(&port.signal).copied())
                .collect();
            let mut values = gather(model.as_ref(), &self.board, &self.held);
            let seed = Seed {
                run: seed,
                member: 0,
                model: index as u32,
            };
            let start = Start {
                at,
                known: &known,
                seed,
            };
            model.initialise(&start, &mut values).expect("a start");
            scatter(model.as_ref(), &values, &mut self.board);
        }
    }

    /// Goes on by `secs`.
    fn step(&mut self, secs: f64) {
        let span = StepSpan {
            at: self.at,
            dt: Duration::from_secs_f64(secs),
        };
        for model in &mut self.models {
            let mut values = gather(model.as_ref(), &self.board, &self.held);
            let report = model.step(span, &mut values).expect("a step");
            scatter(model.as_ref(), &values, &mut self.board);
            self.warnings += report.warnings;
            self.iterations += report.iterations;
            self.residual = self.residual.max(report.residual);
        }
        self.at = span.end();
    }

    #[track_caller]
    fn read(&self, signal: &str) -> f64 {
        *self
            .board
            .get(signal)
            .unwrap_or_else(|| panic!("nobody wrote `{signal}`"))
    }

    fn set(&mut self, signal: &str, value: f64) {
        self.board.insert(signal.to_owned(), value);
    }

    fn hold(&mut self, signal: &str, value: f64) {
        self.held.insert(signal.to_owned(), value);
    }

    fn save(&self) -> Vec<ModelState> {
        self.models.iter().map(|model| model.save()).collect()
    }

    fn restore(&mut self, states: &[ModelState]) {
        for (model, state) in self.models.iter_mut().zip(states) {
            model.restore(state).expect("its own state");
        }
    }
}

fn gather(
    model: &dyn Model,
    board: &BTreeMap<String, f64>,
    held: &BTreeMap<String, f64>,
) -> Vec<f64> {
    let value = |port: &models::Port| {
        let found = held.get(&port.signal).or(board.get(&port.signal));
        found.copied().or(port.default).unwrap_or(f64::NAN)
    };
    model.ports().iter().map(value).collect()
}

fn scatter(model: &dyn Model, values: &[f64], board: &mut BTreeMap<String, f64>) {
    for (port, &value) in model.ports().iter().zip(values) {
        if port.causality != Causality::Input {
            assert!(value.is_finite(), "{} is {value}", port.signal);
            board.insert(port.signal.clone(), value);
        }
    }
}

/// The text of a wrong configuration's problems.
#[track_caller]
fn problems(kind: &str, text: &str) -> String {
    let Err(problems) = models::build(kind, "model", text, &NoFacts) else {
        panic!("{kind}: nothing is wrong with {text}")
    };
    let texts: Vec<_> = problems
        .iter()
        .map(|problem| problem.located("config").to_string())
        .collect();
    texts.join("\n")
}

/// The folder of shared data; `None`, loudly, where it is absent.
fn shared_data(test: &str, path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PARALLAX_DATA").map(PathBuf::from);
    let candidates = root
        .into_iter()
        .chain(["../shared/data", "../../shared/data"].map(PathBuf::from))
        .map(|folder| folder.join(path));
    let found = candidates.into_iter().find(|file| file.exists());
    if found.is_none() {
        let required = std::env::var_os("PARALLAX_REQUIRE_DATA").is_some_and(|flag| flag == "1");
        assert!(!required, "{test}: no ../shared/data/{path}");
        eprintln!("skipped: {test}: no ../shared/data/{path}");
    }
    found
}
