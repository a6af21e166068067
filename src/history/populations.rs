//! The frames of every population, by origin.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::track::Bounds;
use crate::population::{PopulationFrame, PopulationId, PopulationRow};
use crate::signal::Origin;
use crate::time::Timestamp;

/// The frames of every population, by origin, each in order of time.
#[derive(Debug, Default)]
pub(super) struct Populations(BTreeMap<(Origin, PopulationId), Frames>);

#[derive(Debug, Default)]
struct Frames {
    frames: VecDeque<PopulationFrame>,
    rows: usize,
}

impl Populations {
    /// Puts a frame in its place; false if that instant has one already, or is too old.
    pub(super) fn insert(
        &mut self,
        origin: Origin,
        population: PopulationId,
        frame: PopulationFrame,
        bounds: Bounds,
    ) -> bool {
        let frames = self.0.entry((origin, population)).or_default();
        frames.insert(frame, bounds)
    }

    pub(super) fn at(
        &self,
        origin: Origin,
        population: PopulationId,
        at: Timestamp,
        max_gap: Duration,
    ) -> Option<PopulationFrame> {
        let frames = &self.0.get(&(origin, population))?.frames;
        let after = frames.partition_point(|frame| frame.at() <= at);
        let before = frames.get(after.checked_sub(1)?)?;
        match frames.get(after) {
            Some(next) if next.at().since(before.at()) <= max_gap => {
                Some(PopulationFrame::between(before, next, at))
            }
            // Nobody knows where they are after the end of a run.
            None if at > before.at() && is_simulated(origin) => None,
            _ => Some(before.clone()),
        }
    }

    /// Where member `id` was in each frame from `from` to `to`, in order of time.
    pub(super) fn track(
        &self,
        origin: Origin,
        population: PopulationId,
        id: u64,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<(Timestamp, PopulationRow)> {
        let Some(held) = self.0.get(&(origin, population)) else {
            return Vec::new();
        };
        let first = held.frames.partition_point(|frame| frame.at() < from);
        let frames = held.frames.iter().skip(first);
        let frames = frames.take_while(|frame| frame.at() <= to);
        let rows = frames.filter_map(|frame| Some((frame.at(), *frame.member(id)?)));
        rows.collect()
    }

    /// Drops all frames of `origin`; false if there were none.
    pub(super) fn forget(&mut self, origin: Origin) -> bool {
        let before = self.0.len();
        self.0.retain(|(whose, _), _| *whose != origin);
        self.0.len() < before
    }
}

impl Frames {
    fn insert(&mut self, frame: PopulationFrame, bounds: Bounds) -> bool {
        let at = frame.at();
        let place = self.frames.partition_point(|held| held.at() < at);
        if self.frames.get(place).is_some_and(|held| held.at() == at) {
            return false;
        }
        self.rows += frame.rows().len();
        self.frames.insert(place, frame);
        let newest = self.frames.back().map_or(at, PopulationFrame::at);
        let edge = bounds
            .window
            .map_or(Timestamp::MIN, |window| newest - window);
        let mut oldest_kept = Timestamp::MIN;
        // The newest frame stays whatever its size.
        while self.frames.len() > 1
            && (self.rows > bounds.samples || self.frames[1].at() < edge)
            && let Some(dropped) = self.frames.pop_front()
        {
            self.rows -= dropped.rows().len();
            oldest_kept = self.frames[0].at();
        }
        at >= oldest_kept
    }
}

fn is_simulated(origin: Origin) -> bool {
    !matches!(origin, Origin::Measured | Origin::Estimated)
}
