//! How finely the view is drawn, where a person leaves it to the program: as finely as pictures
//! come quickly enough while something moves.

use bevy::prelude::*;

use super::super::settings::{Quality, ViewSettings};
use super::StillView;
use super::camera::Screen;

/// Pictures in a row that are looked at together.
const PICTURES: usize = 10;
/// After a step down none goes up for so long, s.
const PATIENCE: f32 = 60.0;

/// How long a picture may take, and below what it is quick, s.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    slow: f32,
    quick: f32,
    finest: Quality,
}

impl Bounds {
    /// A graphics card draws with the screen; of a processor less is asked.
    fn of(software: bool) -> Self {
        if software {
            Self {
                slow: 0.2,
                quick: 0.06,
                finest: Quality::Balanced,
            }
        } else {
            Self {
                slow: 0.030,
                quick: 0.017_5,
                finest: Quality::Fine,
            }
        }
    }
}

/// The last pictures in a row. Written by [`follow`] alone.
#[derive(Resource, Default)]
pub(super) struct Adapting {
    times: Vec<f32>,
    patience: f32,
}

impl Adapting {
    /// Takes the time of one more picture in a row, s; the quality to go on with.
    fn next(&mut self, time: f32, now: Quality, software: bool) -> Quality {
        self.times.push(time);
        if self.times.len() < PICTURES {
            return now;
        }
        let middle = self.times.len() / 2;
        let (_, median, _) = self.times.select_nth_unstable_by(middle, f32::total_cmp);
        let median = *median;
        self.times.clear();
        let bounds = Bounds::of(software);
        if median > bounds.slow && now.coarser() != now {
            self.patience = PATIENCE;
            return now.coarser();
        }
        if median < bounds.quick && self.patience <= 0.0 && now != bounds.finest {
            return now.finer();
        }
        now
    }
}

/// Chooses the quality by how long the last pictures took.
pub(super) fn follow(
    time: Res<Time<Real>>,
    still: Res<StillView>,
    screen: Res<Screen>,
    cameras: Query<&Camera>,
    mut adapting: ResMut<Adapting>,
    mut settings: ResMut<ViewSettings>,
    mut drew: Local<bool>,
) {
    let draws = cameras
        .get(screen.camera)
        .is_ok_and(|camera| camera.is_active);
    let in_a_row = std::mem::replace(&mut *drew, draws) && draws;
    adapting.patience = (adapting.patience - time.delta_secs()).max(0.0);
    if still.0 || settings.quality.is_some() || !in_a_row {
        adapting.times.clear();
        return;
    }
    let next = adapting.next(
        time.delta_secs(),
        settings.chosen_quality,
        settings.software,
    );
    if next != settings.chosen_quality {
        settings.chosen_quality = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(adapting: &mut Adapting, time: f32, now: Quality, software: bool) -> Quality {
        (0..PICTURES).fold(now, |now, _| adapting.next(time, now, software))
    }

    #[test]
    fn slow_pictures_get_coarser_and_quick_ones_finer_after_a_while() {
        let mut adapting = Adapting::default();
        assert_eq!(
            after(&mut adapting, 0.4, Quality::Balanced, true),
            Quality::Fast
        );
        assert_eq!(
            after(&mut adapting, 0.01, Quality::Fast, true),
            Quality::Fast,
            "not to and fro"
        );
        adapting.patience = 0.0;
        let finer = after(&mut adapting, 0.01, Quality::Fast, true);
        assert_eq!(finer, Quality::Balanced);
        assert_eq!(
            after(&mut adapting, 0.01, finer, true),
            Quality::Balanced,
            "a processor gets no finer"
        );
        assert_eq!(
            after(&mut adapting, 0.0167, Quality::Balanced, false),
            Quality::Fine
        );
    }

    #[test]
    fn one_slow_picture_among_many_changes_nothing() {
        let mut adapting = Adapting::default();
        let now = adapting.next(5.0, Quality::Balanced, false);
        let now = (1..PICTURES).fold(now, |now, _| adapting.next(0.02, now, false));
        assert_eq!(now, Quality::Balanced);
    }
}
