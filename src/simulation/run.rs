//! One member of a future: the models under a scenario, step after step.

use std::sync::Arc;

use thiserror::Error;

use super::squad::{SavedMember, Squad};
use super::{Fingerprint, InitialState, Plant};
use crate::models::{ModelError, StepReport};
use crate::population::{PopulationFrame, PopulationId, PopulationMove};
use crate::scene::Scenario;
use crate::signal::SignalId;
use crate::time::Timestamp;

/// What a run is asked: all that its samples depend on.
#[derive(Clone)]
pub struct RunPlan {
    /// The wired models.
    pub plant: Arc<Plant>,
    /// The plant at the analysis time.
    pub initial: InitialState,
    /// What is done to it, how far and how finely.
    pub scenario: Scenario,
    /// Where random numbers come from.
    pub seed: u64,
}

impl RunPlan {
    /// How many outputs a whole run has, the one at the start included.
    pub fn outputs(&self) -> u64 {
        let (horizon, step) = (
            self.scenario.horizon.as_nanos(),
            self.scenario.step.as_nanos(),
        );
        u64::try_from(horizon / step.max(1))
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }

    /// A number that is equal for plans that ask the same of the same program: its version, the
    /// models and how they are wired, the initial state, the scenario and the seed.
    pub fn fingerprint(&self) -> u64 {
        let mut print = Fingerprint::default();
        print.bytes(env!("CARGO_PKG_VERSION").as_bytes());
        print.word(self.plant.fingerprint());
        for signal in self.plant.outputs() {
            print.word(signal.index() as u64);
        }
        for (from, to) in &self.plant.connections {
            print.word(*from as u64);
            print.word(*to as u64);
        }
        print.word(self.initial.fingerprint());
        // Rust writes a number with as many digits as tell it from all others.
        print.bytes(format!("{:?}", self.scenario).as_bytes());
        print.word(self.seed);
        print.value()
    }

    /// The instant of output `place`, counted from 0 at the start.
    pub fn output_at(&self, place: u64) -> Timestamp {
        let step = i64::try_from(self.scenario.step.as_nanos()).unwrap_or(i64::MAX);
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        Timestamp::from_nanos(
            self.initial
                .at()
                .nanos()
                .saturating_add(step.saturating_mul(place)),
        )
    }
}

/// Why a run could not go on.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RunError {
    /// A model failed.
    #[error("member {member}, {secs:.0} s after the start: {cause}")]
    Model {
        /// The member, counted from 0.
        member: u32,
        /// Seconds after the analysis time.
        secs: f64,
        /// What the model said.
        cause: ModelError,
    },
    /// A model gave a value that is no number.
    #[error("member {member}, {secs:.0} s after the start: model `{model}` gave no finite value")]
    NotFinite {
        /// The member, counted from 0.
        member: u32,
        /// Seconds after the analysis time.
        secs: f64,
        /// The model.
        model: String,
    },
    /// A member that was computed apart; what was said there.
    #[error("{0}")]
    Apart(String),
}

/// What runs did, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunTotals {
    /// Members that were asked for.
    pub members: u32,
    /// Members that could not go on; they are left out of every band.
    pub failed_members: u32,
    /// Values computed.
    pub samples: u64,
    /// Equation solves and events.
    pub solves: u64,
    /// Iterations inside the solves.
    pub iterations: u64,
    /// Things that the models found odd, such as negative pressures.
    pub warnings: u64,
    /// The largest relative residual left by any solve.
    pub residual: f64,
}

impl RunTotals {
    pub(super) fn add(&mut self, report: StepReport) {
        self.solves += u64::from(report.solves);
        self.iterations += u64::from(report.iterations);
        self.warnings += u64::from(report.warnings);
        self.residual = self.residual.max(report.residual);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.solves += other.solves;
        self.iterations += other.iterations;
        self.warnings += other.warnings;
        self.residual = self.residual.max(other.residual);
    }
}

/// One future of the plant.
///
/// Reads no clock and draws random numbers only from its own seed, so equal plans give
/// equal samples, bit for bit, in any order, on any thread.
pub struct Run(Squad);

impl Run {
    /// Starts `member` of `plan`: afterwards the values are those of the analysis time.
    pub fn start(plan: Arc<RunPlan>, member: u32) -> Result<Self, RunError> {
        let run = Self(Squad::start(plan, member..member + 1));
        run.check().map(|()| run)
    }

    /// Goes on to the next output. False if the horizon was reached before.
    pub fn step(&mut self) -> Result<bool, RunError> {
        let more = self.0.step();
        self.check().map(|()| more)
    }

    /// Goes on to any later instant, past the horizon as well.
    pub fn advance_to(&mut self, to: Timestamp) -> Result<(), RunError> {
        self.0.advance_to(to);
        self.check()
    }

    /// The instant of the present values.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// The present value of a signal, SI.
    pub fn value(&self, signal: SignalId) -> f64 {
        self.0.member(0).value(signal)
    }

    /// Who of a population of the plant is where now.
    pub fn population(&self, population: PopulationId) -> PopulationFrame {
        self.0.population(0, population)
    }

    /// Notes from now on who moves from place to place.
    pub fn note_moves(&mut self) {
        self.0.note_moves(0);
    }

    /// Who of a population moved since this was asked last, in order of time.
    pub fn take_moves(&mut self, population: PopulationId) -> Vec<PopulationMove> {
        self.0.take_moves(0, population)
    }

    /// What this member did so far.
    pub fn totals(&self) -> &RunTotals {
        self.0.member(0).totals()
    }

    /// The whole state: enough to go on from, bit for bit.
    pub fn save(&self) -> SavedRun {
        SavedRun {
            member: self.0.save(0),
            now: self.0.now(),
            place: self.0.place(),
        }
    }

    /// Goes back to a state that was saved from a run of the same plan and member.
    pub fn restore(&mut self, saved: &SavedRun) -> Result<(), RunError> {
        self.0.restore(&saved.member, saved.now, saved.place)
    }

    fn check(&self) -> Result<(), RunError> {
        self.0.member(0).failure().cloned().map_or(Ok(()), Err)
    }
}

/// The whole state of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRun {
    member: SavedMember,
    now: Timestamp,
    place: u64,
}
