//! The light of a plant whose place on the earth is known, in the visitors' look: the sun stands
//! where it does at the playhead, goes down and leaves the night.
//!
//! Operate has one light for ever: what a colour means there must not hang on the hour.

use bevy::prelude::*;

use super::super::scene::OpenScene;
use super::super::settings::ViewSettings;
use super::super::timeline::Playback;
use super::super::viewport::Look;
use super::material::Canvas;
use super::redraw::Wake;
use crate::time::Timestamp;

/// The light is looked at anew after this much time of the plant, s: the sun moves by 0.25°.
const STEP: f64 = 60.0;
/// Sine of the height below which it is night, and above which it is day.
const NIGHT: f32 = -0.10;
const DAY: f32 = 0.14;
/// The lowest sun that still lays shadows of a length that can be drawn, sine.
const LOWEST: f32 = 0.2;
/// What is left of the light at night.
const MOON: f32 = 0.32;

/// Where the sun stands. Written by [`follow`] alone.
#[derive(Resource, Default, PartialEq)]
pub(super) struct Daylight {
    /// Towards it, in the world's axes; `None` for the light of every day.
    sun: Option<Vec3>,
    looked: Option<Timestamp>,
}

/// Looks where the sun stands at the playhead.
pub(super) fn follow(
    settings: Res<ViewSettings>,
    open: Res<OpenScene>,
    playback: Option<Res<Playback>>,
    mut daylight: ResMut<Daylight>,
    mut wake: ResMut<Wake>,
) {
    let site = open
        .scene
        .site
        .filter(|_| settings.look == Look::Present && settings.daylight);
    let at = playback.map(|playback| playback.playhead());
    let next = match site.zip(at) {
        None => Daylight::default(),
        Some((_, at))
            if !open.is_changed()
                && daylight
                    .looked
                    .is_some_and(|last| at.secs_since(last).abs() < STEP) =>
        {
            return;
        }
        Some((site, at)) => {
            let [east, north, up] = site.sun(at).map(|side| side as f32);
            Daylight {
                sun: Some(Vec3::new(east, up, -north)),
                looked: Some(at),
            }
        }
    };
    if daylight.set_if_neq(next) {
        wake.redraw();
    }
}

impl Daylight {
    /// How much of the day's light there is, 0 to 1.
    pub(super) fn share(&self) -> f32 {
        self.sun.map_or(1.0, |sun| {
            MOON + (1.0 - MOON) * smooth((sun.y - NIGHT) / (DAY - NIGHT))
        })
    }

    /// Lights a canvas as the hour does.
    pub(super) fn light(&self, canvas: &mut Canvas) {
        let Some(sun) = self.sun else { return };
        let day = smooth((sun.y - NIGHT) / (DAY - NIGHT));
        // Red and low: most so at the horizon.
        let dusk = (1.0 - ((sun.y - 0.03) / 0.16).abs()).max(0.0);
        let strength = canvas.sun[3];
        if sun.y > 0.0 {
            let level = Vec3::new(sun.x, 0.0, sun.z).normalize_or(Vec3::Z);
            let height = sun.y.max(LOWEST);
            let towards = level * (1.0 - height * height).sqrt() + Vec3::Y * height;
            canvas.sun = towards.extend(strength).to_array();
        }
        canvas.sun[3] = strength * (0.16 + 0.84 * day);
        let night = [[0.13, 0.16, 0.24], [0.07, 0.07, 0.09]];
        let skies = [[0.030, 0.042, 0.075], [0.006, 0.010, 0.026]];
        for (light, dark) in [&mut canvas.above, &mut canvas.below]
            .into_iter()
            .zip(night)
        {
            blend(light, dark, day);
        }
        for (sky, dark) in [&mut canvas.horizon, &mut canvas.zenith]
            .into_iter()
            .zip(skies)
        {
            blend(sky, dark, day);
        }
        blend(&mut canvas.horizon, [0.62, 0.30, 0.14], 1.0 - 0.6 * dusk);
    }
}

/// `colour` with so much of its own, and `other` for the rest; its fourth part stays.
fn blend(colour: &mut [f32; 4], other: [f32; 3], own: f32) {
    for (channel, other) in colour.iter_mut().zip(other) {
        *channel = *channel * own + other * (1.0 - own);
    }
}

fn smooth(share: f32) -> f32 {
    let share = share.clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

#[cfg(test)]
mod tests {
    use super::super::super::settings::Theme;
    use super::super::paint;
    use super::*;

    fn lit(sun: Vec3) -> Canvas {
        let mut canvas = paint::canvas(Look::Present, Theme::Dark);
        let daylight = Daylight {
            sun: Some(sun.normalize()),
            looked: None,
        };
        daylight.light(&mut canvas);
        canvas
    }

    #[test]
    fn day_is_as_bright_as_ever_and_night_is_dark_but_not_black() {
        let plain = paint::canvas(Look::Present, Theme::Dark);
        let noon = lit(Vec3::new(0.2, 0.9, 0.3));
        assert_eq!((noon.above, noon.zenith), (plain.above, plain.zenith));
        assert!((noon.sun[3] - plain.sun[3]).abs() < 1e-6);
        let night = lit(Vec3::new(0.2, -0.9, 0.3));
        assert!(night.sun[3] < 0.2 && night.above[0] > 0.1);
        assert!(night.zenith[2] < 0.05);
    }

    #[test]
    fn a_low_sun_lays_shadows_that_can_be_drawn() {
        let evening = lit(Vec3::new(-1.0, 0.02, 0.0));
        assert!(evening.sun[1] >= LOWEST && evening.sun[0] < -0.9);
        assert!(evening.horizon[0] > evening.horizon[2], "the sky is red");
    }
}
