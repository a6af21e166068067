//! What must be: models compute some signals of the plant from others.
//!
//! A [`Model`] has the interface of an FMI 3.0 co-simulation unit: declared ports,
//! initialise, step, save and restore. It has no clock, no thread, no I/O and no
//! global, and draws random numbers from its [`Seed`] alone, so equal inputs give
//! equal outputs, bit for bit. Floor 2: models know neither scene nor history.

mod config;
pub mod controls;
pub mod field;
mod group;
pub mod hydraulics;
pub mod line;
mod saved;
pub mod treatment;
mod wiring;

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use thiserror::Error;

use crate::population::{Population, PopulationMove, PopulationRow};
use crate::problem::{Problem, did_you_mean};
use crate::time::Timestamp;
use crate::units::Quantity;

/// Every kind of model that [`build`] knows.
pub const KINDS: [&str; 5] = ["controls", "epanet", "hydraulics", "line", "treatment"];

/// How many members of a future are best computed together.
pub const GROUP: usize = hydraulics::LANES;

/// Builds the model `name` of `kind` from its configuration, or tells all that is wrong with it.
///
/// The lines of the problems count from the first line of `text`, which is 1.
pub fn build(
    kind: &str,
    name: &str,
    text: &str,
    facts: &dyn Facts,
) -> Result<Box<dyn Model>, Vec<Problem>> {
    match kind {
        "controls" => controls::build(name, text, facts),
        "epanet" => hydraulics::build_epanet(name, text, facts.prefix()),
        "hydraulics" => hydraulics::build(name, text, facts),
        "line" => line::build(name, text, facts),
        "treatment" => treatment::build(name, text, facts),
        _ => Err(vec![Problem::new(
            None,
            format!("model `{name}` is of the unknown kind `{kind}`"),
            did_you_mean(kind, KINDS),
        )]),
    }
}

/// What is known of the assets, for what a configuration leaves out: a pipe's length, say.
///
/// Models do not know scenes; whoever builds them lends them this view of one.
pub trait Facts {
    /// The parameter `name` of the asset `tag`, SI, with what it measures.
    fn parameter(&self, tag: &str, name: &str) -> Option<(f64, Quantity)>;

    /// The length of the course of the pipe `tag`, m.
    fn route_length(&self, tag: &str) -> Option<f64>;

    /// The course of the asset `tag`, m, or the one point where it stands; empty if unknown.
    fn course(&self, _tag: &str) -> Vec<[f64; 3]> {
        Vec::new()
    }

    /// What tags begin with in the scene, before the names that the model's own file gives.
    fn prefix(&self) -> &str {
        ""
    }
}

/// No assets at all: a configuration must then say everything itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFacts;

impl Facts for NoFacts {
    fn parameter(&self, _tag: &str, _name: &str) -> Option<(f64, Quantity)> {
        None
    }

    fn route_length(&self, _tag: &str) -> Option<f64> {
        None
    }
}

/// What the master does with a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Causality {
    /// Read before each step.
    Input,
    /// Written by each step.
    Output,
    /// Written by each step, and taken from the measured plant at the start: a level, a count.
    State,
}

/// A quantity that a model reads or writes, by the signal that it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// The signal, `tag.signal`, such as `TK-1.level`.
    pub signal: String,
    /// What it measures; its unit must agree.
    pub quantity: Quantity,
    /// Who writes it.
    pub causality: Causality,
    /// What an input holds, or a state starts from, when nobody says otherwise, SI; `None` if
    /// somebody must.
    pub default: Option<f64>,
}

impl Port {
    /// A port that is read, and holds `default` when nobody says otherwise.
    pub fn input(signal: impl Into<String>, quantity: Quantity, default: Option<f64>) -> Self {
        Self {
            signal: signal.into(),
            quantity,
            causality: Causality::Input,
            default,
        }
    }

    /// A port that is written.
    pub fn output(signal: impl Into<String>, quantity: Quantity) -> Self {
        Self {
            signal: signal.into(),
            quantity,
            causality: Causality::Output,
            default: None,
        }
    }

    /// A port that is written, and starts from the measured plant or from `default`.
    pub fn state(signal: impl Into<String>, quantity: Quantity, default: f64) -> Self {
        Self {
            signal: signal.into(),
            quantity,
            causality: Causality::State,
            default: Some(default),
        }
    }
}

/// Where the random numbers of one member come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed {
    /// The run's seed.
    pub run: u64,
    /// The member of the ensemble, counted from 0.
    pub member: u32,
    /// The model's place in the plant, so that two models draw apart.
    pub model: u32,
}

impl Seed {
    /// The generator of this member and model; each `step` has a stream of its own.
    pub fn generator(self, step: u64) -> ChaCha8Rng {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.run.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.member.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.model.to_le_bytes());
        bytes[16..24].copy_from_slice(&step.to_le_bytes());
        ChaCha8Rng::from_seed(bytes)
    }
}

/// The world at the start of a run, as one model sees it.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// The analysis time t0.
    pub at: Timestamp,
    /// The values known at t0, SI, in the order of the ports.
    pub known: &'a [Option<f64>],
    /// Where random numbers come from.
    pub seed: Seed,
}

/// One communication step, from `at` to `at + dt`.
#[derive(Clone, Copy, Debug)]
pub struct StepSpan {
    /// The start of the step.
    pub at: Timestamp,
    /// Its length.
    pub dt: Duration,
}

impl StepSpan {
    /// The length, s.
    pub fn dt_secs(self) -> f64 {
        self.dt.as_secs_f64()
    }

    /// The end of the step.
    pub fn end(self) -> Timestamp {
        self.at + self.dt
    }
}

/// What a step tells about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepReport {
    /// Equation solves or events inside the step.
    pub solves: u32,
    /// Iterations inside the solves.
    pub iterations: u32,
    /// The largest relative residual left by a solve.
    pub residual: f64,
    /// Places where the answer strains the model's assumptions: a negative pressure, a
    /// consumer cut off from every source.
    pub warnings: u32,
}

/// The whole state of a model: enough to go on from, bit for bit.
///
/// Two parts, so that a hash or a file needs to know nothing of the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelState {
    /// Continuous state.
    pub reals: Vec<f64>,
    /// Discrete state, counters and flags.
    pub integers: Vec<i64>,
}

/// Why a model could not go on.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ModelError {
    /// A solve did not converge.
    #[error("{model}: no convergence after {iterations} iterations, residual {residual:.1e}")]
    NotConverged {
        /// The model.
        model: String,
        /// Iterations done.
        iterations: u32,
        /// What remained.
        residual: f64,
    },
    /// The equations have no single answer, such as a part cut off from every source.
    #[error("{model}: the equations cannot be solved near `{element}`")]
    Singular {
        /// The model.
        model: String,
        /// The element.
        element: String,
    },
    /// A value left the range in which the model means anything.
    #[error("{model}: `{port}` became {value}")]
    OutOfRange {
        /// The model.
        model: String,
        /// The port.
        port: String,
        /// Its value, SI.
        value: f64,
    },
    /// Parts wait for each other for ever.
    #[error("{model}: nothing can move any more: `{chain}`")]
    Deadlock {
        /// The model.
        model: String,
        /// Who waits for whom.
        chain: String,
    },
    /// A saved state does not fit this model.
    #[error("{model}: a saved state of another model")]
    ForeignState {
        /// The model.
        model: String,
    },
}

/// Computes some signals from others.
///
/// Values are SI and in the order of [`ports`](Self::ports): inputs are read from
/// the slice, outputs and states are written to it, other places are left alone.
pub trait Model: Send + Sync {
    /// The name that messages use.
    fn name(&self) -> &str;

    /// What the model reads and writes. Never changes.
    fn ports(&self) -> &[Port];

    /// The first instant not before `after` at which the model's own time begins, if it has one.
    fn own_start(&self, after: Timestamp) -> Timestamp {
        after
    }

    /// Starts at `start.at` from what is known there, and writes the outputs of that instant.
    fn initialise(
        &mut self,
        start: &Start<'_>,
        values: &mut [f64],
    ) -> Result<StepReport, ModelError>;

    /// Goes on by one step under the inputs in `values`, and writes the outputs of its end.
    fn step(&mut self, span: StepSpan, values: &mut [f64]) -> Result<StepReport, ModelError>;

    /// What moves in it: parts, vehicles. Never changes.
    fn populations(&self) -> &[Population] {
        &[]
    }

    /// Who of population `place` is where at the end of the last step.
    fn population(&self, _place: usize) -> Vec<PopulationRow> {
        Vec::new()
    }

    /// Notes from now on who moves from place to place. Copies and saved states do without.
    fn note_moves(&mut self) {}

    /// Who of population `place` moved since this was asked last, in order of time.
    fn take_moves(&mut self, _place: usize) -> Vec<PopulationMove> {
        Vec::new()
    }

    /// The whole state.
    fn save(&self) -> ModelState;

    /// Goes back to a saved state of this same model.
    fn restore(&mut self, state: &ModelState) -> Result<(), ModelError>;

    /// A copy in the same state, for another member.
    fn boxed_clone(&self) -> Box<dyn Model>;

    /// `members` copies that are started and stepped together, by default one after another.
    ///
    /// Their numbers are those of members alone.
    fn group(&self, members: usize) -> Box<dyn ModelGroup> {
        Box::new(group::OneByOne::new(
            (0..members).map(|_| self.boxed_clone()).collect(),
        ))
    }
}

/// Several members of one model, stepped together; see [`Model`].
///
/// Slices have one place per member, in the same order.
pub trait ModelGroup: Send + Sync {
    /// Starts every member from what is known at its start, and writes the outputs of that
    /// instant.
    fn initialise(
        &mut self,
        starts: &[Start<'_>],
        values: &mut [&mut [f64]],
    ) -> Vec<Result<StepReport, ModelError>>;

    /// Steps the members that are `alive` by one step, and writes the outputs of its end.
    fn step(
        &mut self,
        span: StepSpan,
        values: &mut [&mut [f64]],
        alive: &[bool],
    ) -> Vec<Result<StepReport, ModelError>>;

    /// Who of population `place` is where in one member.
    fn population(&self, _member: usize, _place: usize) -> Vec<PopulationRow> {
        Vec::new()
    }

    /// Notes from now on who moves from place to place in one member.
    fn note_moves(&mut self, _member: usize) {}

    /// Who of population `place` moved in one member since this was asked last.
    fn take_moves(&mut self, _member: usize, _place: usize) -> Vec<PopulationMove> {
        Vec::new()
    }

    /// The whole state of one member.
    fn save(&self, member: usize) -> ModelState;

    /// Brings one member back to a state that was saved from this same model.
    fn restore(&mut self, member: usize, state: &ModelState) -> Result<(), ModelError>;
}
