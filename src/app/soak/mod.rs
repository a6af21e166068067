//! `parallax bench soak`: the whole program without a window, worked hard for hours; what it
//! holds at rest must stay what it was.
//!
//! The plant is a process of its own (see [`plant`]) and lives fifty times as fast, so that what
//! is counted here is the program's alone. In each cycle alarms flood in and are acknowledged,
//! the link is cut twice, panels open and close, a story is told, the second view, heat and look
//! come and go, a run is branched and discarded, and the scene is opened anew. Then the program
//! rests, in the same state each time, and is counted.

mod census;
mod cycle;
mod judge;
pub mod plant;

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;
use thiserror::Error;

pub use census::Census;

use super::launch::LaunchError;
use cycle::Worker;

/// Plant seconds in one second.
pub const SPEED: f64 = 50.0;
/// Cycles that fill caches and start the threads of pools; what the last of them leaves is the base.
const WARM_UP: usize = 2;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Soak {
    /// The scene, which must have models.
    pub scene: PathBuf,
    /// How long it goes on.
    pub wall: Duration,
    /// So many cycles after the warm-up instead.
    pub cycles: Option<usize>,
    /// The size of the picture, pixels.
    pub size: (u32, u32),
}

/// Why it could not be done.
#[derive(Debug, Error)]
pub enum SoakError {
    /// The twin cannot start.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The process that is the plant cannot start, or ended.
    #[error("the plant of the soak: {0}")]
    Plant(#[from] io::Error),
    /// Something that always comes did not come.
    #[error("waited in vain for {0}")]
    Stuck(&'static str),
}

/// What was done in all cycles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deeds {
    /// Alarms that were active at the height of the floods, all floods together.
    pub alarms_in_floods: usize,
    /// Links that were cut and stood again.
    pub reconnects: usize,
    /// Panels that were opened.
    pub panels: usize,
    /// Steps of stories.
    pub story_steps: usize,
    /// Runs that were computed and discarded.
    pub runs: usize,
    /// Scenes that were opened anew.
    pub reloads: usize,
    /// Frames.
    pub frames: u64,
}

/// What it says.
#[derive(Clone, Debug, Serialize)]
pub struct SoakReport {
    /// How long it went on, s.
    pub wall_s: f64,
    /// How long the plant lived meanwhile, h.
    pub plant_hours: f64,
    /// Cycles up to the base.
    pub warm_up: usize,
    /// What was done.
    pub deeds: Deeds,
    /// What was held after the warm-up.
    pub base: Census,
    /// What was held after each cycle, the warm-up first.
    pub at_rest: Vec<Census>,
    /// How resident memory grows by cycle, MiB: the middle of the slopes between all pairs of
    /// cycles from the base on (Theil and Sen).
    pub slope_mib: f64,
    /// What that makes of the cycles, MiB; nothing if they are too few to tell.
    pub growth_mib: Option<f64>,
    /// What it may be at most, MiB.
    pub allowed_mib: f64,
    /// What did not return; empty if all is well.
    pub failures: Vec<String>,
}

/// Works the program until the time is over.
pub fn soak(plan: &Soak) -> Result<SoakReport, SoakError> {
    let began = Instant::now();
    let mut worker = Worker::start(plan)?;
    let mut at_rest = Vec::new();
    let is_over = |done: usize| match plan.cycles {
        Some(cycles) => done >= WARM_UP + cycles.max(1),
        None => done > WARM_UP && began.elapsed() >= plan.wall,
    };
    while !is_over(at_rest.len()) {
        worker.cycle()?;
        let base = at_rest.get(WARM_UP - 1).copied();
        at_rest.push(worker.rest(base)?);
    }
    let verdict = judge::judge(&at_rest[WARM_UP - 1..]);
    Ok(SoakReport {
        wall_s: began.elapsed().as_secs_f64(),
        plant_hours: worker.plant_hours(),
        warm_up: WARM_UP,
        deeds: worker.deeds,
        base: at_rest.get(WARM_UP - 1).copied().unwrap_or_default(),
        slope_mib: verdict.slope_mib,
        growth_mib: verdict.growth_mib,
        allowed_mib: verdict.allowed_mib,
        failures: verdict.failures,
        at_rest,
    })
}
