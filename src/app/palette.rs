//! Colours that view and panels share, sRGB.
//!
//! Red is for alarms only. Sequential data is drawn in cividis, which reads the same
//! for all three colour-vision deficiencies and in grey (Nuñez, Anderton, Renslow 2018).

use crate::scene::Priority;
use crate::timeline::Mode;

/// An opaque colour, sRGB.
pub type Rgb = [u8; 3];

/// The frame and badge of a mode.
pub const fn mode_colour(mode: Mode) -> Rgb {
    match mode {
        Mode::Live => [72, 160, 120],
        Mode::History => [96, 150, 214],
        Mode::Simulated => [176, 132, 222],
        Mode::Beyond => [130, 130, 138],
    }
}

/// The badge of data that comes from an emulated plant.
pub const DEMO: Rgb = [205, 164, 74];

/// The mark of an alarm. Each is lighter than the next more urgent one, so that they are told apart
/// in grey and without any kind of cone, from each other and from the greys of a plant.
pub const fn priority_colour(priority: Priority) -> Rgb {
    match priority {
        Priority::Urgent => [232, 50, 46],
        Priority::High => [255, 166, 46],
        Priority::Low => [250, 218, 70],
    }
}

/// The same as a line or a letter on light ground, where the bright ones could not be read.
pub const fn priority_ink(priority: Priority) -> Rgb {
    match priority {
        Priority::Urgent => [152, 8, 20],
        Priority::High => [148, 86, 0],
        Priority::Low => [150, 124, 0],
    }
}

/// What is selected.
pub const SELECTION: Rgb = [80, 190, 255];

/// Water at rest in a tank.
pub const WATER: Rgb = [86, 128, 158];

/// Seven anchors of cividis, from low to high.
const CIVIDIS: [Rgb; 7] = [
    [0, 34, 78],
    [42, 63, 108],
    [87, 92, 109],
    [125, 124, 120],
    [165, 156, 116],
    [211, 193, 100],
    [254, 232, 56],
];

/// The colour of `fraction`, 0 to 1, of a sequential scale.
pub fn heat_colour(fraction: f32) -> Rgb {
    let place = fraction.clamp(0.0, 1.0) * (CIVIDIS.len() - 1) as f32;
    let low = (place as usize).min(CIVIDIS.len() - 2);
    let share = place - low as f32;
    std::array::from_fn(|channel| {
        let (from, to) = (CIVIDIS[low][channel], CIVIDIS[low + 1][channel]);
        (f32::from(from) + share * (f32::from(to) - f32::from(from)) + 0.5) as u8
    })
}

/// Line colours of trends, told apart in grey as well (after Okabe and Ito, 2008).
pub const SERIES: [Rgb; 7] = [
    [86, 180, 233],
    [230, 159, 0],
    [0, 158, 115],
    [204, 121, 167],
    [240, 228, 66],
    [150, 160, 255],
    [200, 200, 200],
];
