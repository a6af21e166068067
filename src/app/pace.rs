//! How fast the program runs: frames per second and the main world's work in each.

use std::time::Instant;

use bevy::prelude::*;

use super::panels::Pace;
use super::view3d::StillView;

/// Smoothing: how much of each new frame enters the shown value.
const NEW_SHARE: f32 = 0.05;

/// Frame times. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct FramePace {
    began: Option<Instant>,
    between_secs: f32,
    work_ms: f32,
    /// Frames since the start.
    pub frames: u64,
}

impl FramePace {
    /// What the status line shows.
    pub fn pace(&self) -> Pace {
        let frames_per_sec = if self.between_secs > 0.0 {
            1.0 / self.between_secs
        } else {
            0.0
        };
        Pace {
            frames_per_sec,
            frame_ms: self.work_ms,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<FramePace>()
        .add_systems(First, begin)
        .add_systems(Last, end);
}

fn begin(mut pace: ResMut<FramePace>, still: Option<Res<StillView>>) {
    pace.frames += 1;
    // How long a picture for a file takes is nothing to be read in it.
    if still.is_some_and(|still| still.0) {
        return;
    }
    let now = Instant::now();
    if let Some(last) = pace.began {
        pace.between_secs += NEW_SHARE * ((now - last).as_secs_f32() - pace.between_secs);
    }
    pace.began = Some(now);
}

fn end(mut pace: ResMut<FramePace>) {
    if let Some(began) = pace.began {
        let work_ms = began.elapsed().as_secs_f32() * 1e3;
        pace.work_ms += NEW_SHARE * (work_ms - pace.work_ms);
    }
}
