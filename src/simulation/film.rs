//! A run to look at: who is where at any instant of it, forwards and backwards.
//!
//! Outputs of a run lie minutes apart, and a vehicle takes corners in between. A [`Film`] steps
//! the same plan by a *tick* that the eye takes for continuous, keeps saved states to go back to,
//! and notes every move from place to place. The frame of an instant depends on the plan, the
//! tick and the instant alone, not on what was looked at before.

use std::sync::Arc;
use std::time::Duration;

use super::run::SavedRun;
use super::{Run, RunError, RunPlan};
use crate::population::{PopulationFrame, PopulationId, PopulationMove, Trail};
use crate::time::Timestamp;

/// Most saved states that are kept; beyond, every other is dropped.
const MOST_SAVED: usize = 128;
/// Ticks from one saved state to the next, at first.
const FIRST_SPACING: u64 = 16;
/// Most moves that the trail of one population keeps.
const MOST_MOVES: usize = 4_000_000;

/// One member of a future as it can be looked at.
pub struct Film {
    plan: Arc<RunPlan>,
    run: Run,
    /// The tick that the run is at.
    at: u64,
    /// Where one can go back to, by tick.
    saved: Vec<(u64, SavedRun)>,
    spacing: u64,
    trails: Vec<Trail>,
    /// Frames of all populations at a tick and the next.
    shown: [Option<(u64, Vec<PopulationFrame>)>; 2],
}

impl Film {
    /// Starts the film of `member` of `plan`; `tick` is a second if it is nothing.
    pub fn start(plan: &RunPlan, member: u32, tick: Duration) -> Result<Self, RunError> {
        let mut plan = plan.clone();
        let tick = if tick.is_zero() {
            Duration::from_secs(1)
        } else {
            tick
        };
        plan.scenario.step = tick.min(plan.scenario.horizon);
        let plan = Arc::new(plan);
        let mut run = Run::start(Arc::clone(&plan), member)?;
        let saved = vec![(0, run.save())];
        run.note_moves();
        let mut film = Self {
            trails: Vec::new(),
            saved,
            spacing: FIRST_SPACING,
            at: 0,
            shown: [None, None],
            run,
            plan,
        };
        let frames = film.frames();
        film.trails = frames.iter().map(trail_of).collect();
        film.shown[0] = Some((0, frames));
        Ok(film)
    }

    /// The first and the last instant.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.plan.output_at(0), self.plan.output_at(self.last()))
    }

    /// Goes towards `at` by at most `most` ticks, that a frame on the screen never waits long;
    /// true once [`frame`](Self::frame) knows that instant.
    pub fn seek(&mut self, at: Timestamp, most: usize) -> Result<bool, RunError> {
        let wanted = self.tick_before(at);
        let next = (wanted + 1).min(self.last());
        if self.holds(wanted) && self.holds(next) {
            return Ok(true);
        }
        self.keep(wanted);
        let missing = if self.holds(wanted) { next } else { wanted };
        if self.at > missing {
            self.go_back(missing)?;
        }
        for _ in 0..most {
            if self.at == wanted || self.at == next {
                self.show();
            }
            if self.holds(wanted) && self.holds(next) {
                return Ok(true);
            }
            self.step()?;
        }
        if self.at == wanted || self.at == next {
            self.show();
        }
        Ok(self.holds(wanted) && self.holds(next))
    }

    /// Who of a population is where at `at`; `None` outside the film, and before
    /// [`seek`](Self::seek) has come there.
    pub fn frame(&self, population: PopulationId, at: Timestamp) -> Option<PopulationFrame> {
        let (first, last) = self.span();
        if at < first || at > last {
            return None;
        }
        let tick = self.tick_before(at);
        let place = population.0 as usize;
        let before = self.held(tick)?.get(place)?;
        if before.at() == at {
            return Some(before.clone());
        }
        let after = self.held(tick + 1)?.get(place)?;
        Some(PopulationFrame::between(before, after, at))
    }

    /// The frames of all populations at the tick before `at` and at the next one; `None` before
    /// [`seek`](Self::seek) has come there.
    pub fn around(&self, at: Timestamp) -> Option<[&[PopulationFrame]; 2]> {
        let (first, last) = self.span();
        if at < first || at > last {
            return None;
        }
        let tick = self.tick_before(at);
        let next = (tick + 1).min(self.last());
        Some([self.held(tick)?, self.held(next)?])
    }

    /// Who of a population moved from place to place, as far as the film was ever run.
    pub fn trail(&self, population: PopulationId) -> Option<&Trail> {
        self.trails.get(population.0 as usize)
    }

    fn last(&self) -> u64 {
        self.plan.outputs() - 1
    }

    fn tick_before(&self, at: Timestamp) -> u64 {
        let since = at.nanos().saturating_sub(self.plan.output_at(0).nanos());
        let tick = self.plan.scenario.step.as_nanos().max(1);
        let ticks = u128::try_from(since).unwrap_or(0) / tick;
        u64::try_from(ticks).unwrap_or(u64::MAX).min(self.last())
    }

    fn held(&self, tick: u64) -> Option<&Vec<PopulationFrame>> {
        let shown = self.shown.iter().flatten();
        shown
            .filter(|(held, _)| *held == tick)
            .map(|(_, frames)| frames)
            .next()
    }

    fn holds(&self, tick: u64) -> bool {
        self.held(tick).is_some()
    }

    /// Drops the frames that lie elsewhere than at `tick` and the one after it.
    fn keep(&mut self, tick: u64) {
        for shown in &mut self.shown {
            let fine = |(held, _): &(u64, _)| *held == tick || *held == tick + 1;
            *shown = shown.take().filter(fine);
        }
    }

    /// Keeps the frames of the present tick.
    fn show(&mut self) {
        if !self.holds(self.at) {
            let frames = Some((self.at, self.frames()));
            let free = self.shown.iter().position(Option::is_none).unwrap_or(0);
            self.shown[free] = frames;
        }
    }

    fn frames(&self) -> Vec<PopulationFrame> {
        let count = self.plan.plant.populations().count() as u32;
        let all = (0..count).map(PopulationId);
        all.map(|population| self.run.population(population))
            .collect()
    }

    /// Goes on by a tick.
    fn step(&mut self) -> Result<(), RunError> {
        self.run.step()?;
        self.at += 1;
        let now = self.run.now();
        for (population, trail) in (0..).map(PopulationId).zip(&mut self.trails) {
            let moves = self.run.take_moves(population);
            trail.extend(now, moves);
        }
        let newest = self.saved.last().map_or(0, |(tick, _)| *tick);
        if self.at >= newest + self.spacing {
            self.saved.push((self.at, self.run.save()));
            if self.saved.len() > MOST_SAVED {
                let mut place = 0;
                self.saved.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.spacing *= 2;
            }
        }
        Ok(())
    }

    /// Goes back to the last saved state that is not after `tick`.
    fn go_back(&mut self, tick: u64) -> Result<(), RunError> {
        let after = self.saved.partition_point(|(saved, _)| *saved <= tick);
        if let Some((saved, state)) = self.saved.get(after.saturating_sub(1)) {
            self.run.restore(state)?;
            self.at = *saved;
        }
        Ok(())
    }
}

/// A trail that begins with those who are there.
fn trail_of(frame: &PopulationFrame) -> Trail {
    let mut trail = Trail::new(frame.at(), MOST_MOVES);
    let there = frame.rows().iter().map(|row| PopulationMove {
        at: frame.at(),
        id: row.id,
        kind: row.kind,
        from: None,
        to: row.place,
    });
    trail.extend(frame.at(), there);
    trail
}
