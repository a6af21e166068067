//! Where the window stands on the desktop: remembered, and put back where it can be seen, also
//! when the monitors are others than before.

use std::path::PathBuf;
use std::time::Duration;

use bevy::prelude::*;
use bevy::time::common_conditions::on_real_timer;
use bevy::window::{Monitor, PrimaryMonitor, PrimaryWindow, WindowMode, WindowMoved};
use serde::{Deserialize, Serialize};

use super::remembered::Remembered;

/// How often a window that was moved is remembered.
const SAVE_EVERY: Duration = Duration::from_secs(5);
/// So much of the window's upper edge must be on a monitor for a hand to catch it, pixels.
const HANDLE: (i32, i32) = (120, 24);
/// The smallest window, pixels.
const SMALLEST: (i32, i32) = (640, 480);

/// A rectangle on the desktop, physical pixels: left, top, width, height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// From the left.
    pub left: i32,
    /// From the top.
    pub top: i32,
    /// How wide.
    pub width: i32,
    /// How high.
    pub height: i32,
}

/// What is remembered of the window. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct WindowPlace {
    file: Remembered<Place>,
    now: Option<Place>,
    is_restored: bool,
}

impl WindowPlace {
    /// What stands in the file, if it is there.
    pub fn load(file: Option<PathBuf>) -> Self {
        let file = Remembered::load(file);
        Self {
            now: file.saved,
            file,
            is_restored: false,
        }
    }
}

/// Where a window that stood at `wanted` is put on these monitors, the first of which is the main
/// one: where it was if a hand can catch it there, else in the middle of the main one; never
/// larger than the monitor it is on.
pub fn place_on(monitors: &[Place], wanted: Place) -> Place {
    let Some(main) = monitors.first() else {
        return wanted;
    };
    let seen = |monitor: &Place| {
        let overlap = |from: i32, length: i32, low: i32, high: i32| {
            let end = from.saturating_add(length).min(low.saturating_add(high));
            end.saturating_sub(from.max(low))
        };
        let across = overlap(wanted.left, wanted.width, monitor.left, monitor.width);
        let down = overlap(wanted.top, HANDLE.1, monitor.top, monitor.height);
        (across >= HANDLE.0 && down >= HANDLE.1).then_some(across)
    };
    let on = monitors
        .iter()
        .filter_map(|monitor| Some((seen(monitor)?, monitor)));
    let on = on
        .max_by_key(|(across, _)| *across)
        .map(|(_, monitor)| monitor);
    let monitor = on.unwrap_or(main);
    let width = wanted.width.max(SMALLEST.0).min(monitor.width);
    let height = wanted.height.max(SMALLEST.1).min(monitor.height);
    if on.is_some() {
        return Place {
            width,
            height,
            ..wanted
        };
    }
    Place {
        left: main.left + (main.width - width) / 2,
        top: main.top + (main.height - height) / 2,
        width,
        height,
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WindowPlace>()
        .add_systems(
            Update,
            (
                restore.run_if(|place: Res<WindowPlace>| !place.is_restored),
                remember,
                save.run_if(on_real_timer(SAVE_EVERY)),
            )
                .chain(),
        )
        .add_systems(Last, save.run_if(on_message::<AppExit>));
}

/// Puts the window where it stood, once the monitors are known.
fn restore(
    mut place: ResMut<WindowPlace>,
    monitors: Query<(&Monitor, Has<PrimaryMonitor>)>,
    mut window: Single<&mut Window, With<PrimaryWindow>>,
) {
    if monitors.is_empty() {
        return;
    }
    place.is_restored = true;
    let Some(wanted) = place.file.saved else {
        return;
    };
    let mut known: Vec<_> = monitors.iter().collect();
    known.sort_by_key(|(_, is_main)| !is_main);
    let known: Vec<Place> = known.iter().map(|(monitor, _)| place_of(monitor)).collect();
    let there = place_on(&known, wanted);
    window.position.set(IVec2::new(there.left, there.top));
    let (width, height) = (there.width as u32, there.height as u32);
    window.resolution.set_physical_resolution(width, height);
}

fn place_of(monitor: &Monitor) -> Place {
    Place {
        left: monitor.physical_position.x,
        top: monitor.physical_position.y,
        width: monitor.physical_width as i32,
        height: monitor.physical_height as i32,
    }
}

/// Takes note of where the window is; a desktop that does not tell moves nothing.
fn remember(
    mut moves: MessageReader<WindowMoved>,
    window: Single<&Window, With<PrimaryWindow>>,
    mut place: ResMut<WindowPlace>,
) {
    let moved = moves.read().last().map(|moved| moved.position);
    let known = place.now.map(|now| IVec2::new(now.left, now.top));
    let is_windowed = matches!(window.mode, WindowMode::Windowed);
    let Some(at) = moved.or(known).filter(|_| place.is_restored && is_windowed) else {
        return;
    };
    place.now = Some(Place {
        left: at.x,
        top: at.y,
        width: window.physical_width() as i32,
        height: window.physical_height() as i32,
    });
}

fn save(mut place: ResMut<WindowPlace>) {
    let WindowPlace { file, now, .. } = &mut *place;
    if let Some(now) = now {
        file.save(now, "the window's place");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(left: i32, top: i32, width: i32, height: i32) -> Place {
        Place {
            left,
            top,
            width,
            height,
        }
    }

    const DESK: Place = at(0, 0, 1_920, 1_080);
    const BESIDE: Place = at(1_920, 0, 2_560, 1_440);

    #[test]
    fn a_window_that_can_be_seen_stays() {
        for wanted in [
            at(100, 100, 1_600, 900),
            at(2_000, 50, 1_600, 900),
            at(-1_000, 20, 1_600, 900),
        ] {
            assert_eq!(place_on(&[DESK, BESIDE], wanted), wanted);
        }
    }

    #[test]
    fn a_window_of_a_monitor_that_is_gone_comes_to_the_main_one() {
        for wanted in [
            at(2_000, 50, 1_600, 900),
            at(100, -500, 1_600, 900),
            at(100, 1_070, 1_600, 900),
            at(-1_550, 20, 1_600, 900),
            at(i32::MAX, i32::MIN, 1_600, 900),
        ] {
            assert_eq!(
                place_on(&[DESK], wanted),
                at(160, 90, 1_600, 900),
                "{wanted:?}"
            );
        }
    }

    #[test]
    fn a_window_is_no_larger_than_its_monitor_and_never_lost_in_size() {
        assert_eq!(
            place_on(&[DESK], at(0, 0, 5_000, 3_000)),
            at(0, 0, 1_920, 1_080)
        );
        assert_eq!(place_on(&[DESK], at(0, 0, 200, 0)), at(0, 0, 640, 480));
        let nowhere = at(7, 7, 7, 7);
        assert_eq!(place_on(&[], nowhere), nowhere);
    }
}
