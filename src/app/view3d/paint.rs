//! The colours of the two looks: light, distance, and the paint of every part.
//!
//! Operate is matte and nearly colourless, so that an alarm is the only colour there is.
//! Present is lit and coloured for visitors.

use super::super::palette::{self, Rgb};
use super::super::settings::Theme;
use super::super::viewport::Look;
use super::material::Canvas;
use super::part::{PARTS, Part};
use crate::scene::Shape;

/// Towards the sun: from the south-west, high; not normalised.
const SUN: [f32; 3] = [-0.52, 0.78, 0.42];

/// The colour of painted equipment that has nothing to tell.
pub(super) fn body(look: Look, shape: Shape) -> Rgb {
    match (look, shape) {
        (Look::Operate, Shape::Pipe) => [164, 169, 176],
        (Look::Operate, Shape::Junction) => [196, 200, 206],
        (Look::Operate, Shape::District | Shape::Storeys) => [140, 143, 148],
        (Look::Operate, Shape::Basin | Shape::FilterBed | Shape::Reservoir) => [154, 158, 163],
        (Look::Operate, Shape::Tree) => [112, 118, 114],
        (Look::Operate, _) => [174, 179, 186],
        (Look::Present, shape) => bright(shape),
    }
}

/// What colour a shape has for visitors.
fn bright(shape: Shape) -> Rgb {
    match shape {
        Shape::Tank | Shape::HorizontalTank | Shape::SphericalTank => [236, 240, 243],
        Shape::ConicalTank | Shape::Column | Shape::Filler => [206, 212, 218],
        Shape::HeatExchanger => [196, 206, 214],
        Shape::Reservoir => [214, 216, 212],
        Shape::Basin | Shape::FilterBed => [196, 195, 188],
        Shape::Pump | Shape::Compressor => [36, 96, 168],
        Shape::DosingPump | Shape::Forklift => [232, 178, 48],
        Shape::Motor => [64, 120, 96],
        Shape::Fan => [90, 130, 160],
        Shape::Valve | Shape::GateValve | Shape::ButterflyValve | Shape::ControlValve => {
            [52, 118, 190]
        }
        Shape::Pipe => [180, 203, 220],
        Shape::CableTray => [170, 174, 178],
        Shape::Conveyor | Shape::RollerConveyor => [74, 120, 150],
        Shape::Robot => [236, 128, 40],
        Shape::MachineTool | Shape::Cabinet => [220, 224, 226],
        Shape::Palletiser | Shape::Wrapper => [64, 132, 140],
        Shape::Rack => [40, 92, 160],
        Shape::Pallet | Shape::Crate => [204, 168, 120],
        Shape::Agv => [60, 150, 130],
        Shape::Truck => [42, 104, 176],
        Shape::Car => [150, 44, 52],
        Shape::Bus => [58, 138, 96],
        Shape::Storeys => [214, 204, 190],
        Shape::District => [226, 214, 194],
        Shape::Building => [206, 200, 190],
        Shape::Transformer => [128, 144, 138],
        Shape::Bed => [120, 170, 196],
        Shape::Tree => [112, 148, 84],
        Shape::Monitor | Shape::Scanner => [232, 236, 238],
        Shape::Person => [66, 108, 160],
        Shape::Instrument => [74, 84, 96],
        Shape::Intake => [188, 184, 172],
        Shape::Junction => [62, 92, 128],
        Shape::StreetLamp
        | Shape::TrafficLight
        | Shape::PowerPole
        | Shape::Road
        | Shape::Block
        | Shape::Unseen => [178, 182, 186],
    }
}

/// `colour` of something that runs, or that stands still though it could run.
pub(super) fn running(look: Look, colour: Rgb, runs: bool) -> Rgb {
    match (look, runs) {
        // Lighter runs, darker stands: told by brightness, never by red and green.
        (Look::Operate, true) => [226, 230, 235],
        (Look::Operate, false) => [86, 90, 96],
        (Look::Present, true) => colour,
        (Look::Present, false) => colour.map(|channel| (f32::from(channel) * 0.5) as u8),
    }
}

/// The light and the paints of a look; what changes from picture to picture stays zero.
pub(super) fn canvas(look: Look, theme: Theme) -> Canvas {
    let bright_room = look == Look::Operate && theme == Theme::Light;
    let mut paints = [[0.0; 4]; PARTS];
    let grounds = LIGHT_GROUNDS.iter().filter(|_| bright_room).copied();
    for (part, colour, roughness) in table(look).into_iter().chain(grounds) {
        paints[part as usize] = with(linear(colour), roughness);
    }
    let length = SUN.map(|x| x * x).iter().sum::<f32>().sqrt();
    let sun = SUN.map(|x| x / length);
    let base = Canvas {
        sun: with(sun, 0.78),
        above: with([0.36, 0.37, 0.39], 0.0),
        below: with([0.15, 0.15, 0.15], 0.0),
        horizon: with(linear([28, 31, 36]), 0.0),
        zenith: with(linear([18, 20, 24]), 0.0),
        grid: with(linear([112, 120, 130]), 0.24),
        selection: with(linear(palette::SELECTION), 3.0),
        fade: [0.0; 4],
        clock: [0.0; 4],
        // The fourth: 1 in the look of visitors.
        cut_low: with([f32::MIN; 3], 0.0),
        cut_high: [f32::MAX; 4],
        paints,
    };
    match look {
        Look::Operate if bright_room => Canvas {
            horizon: with(linear([208, 211, 214]), 0.0),
            zenith: with(linear([184, 188, 193]), 0.0),
            grid: with(linear([74, 78, 84]), 0.2),
            ..base
        },
        Look::Operate => base,
        Look::Present => Canvas {
            sun: with(sun, 0.98),
            cut_low: with([f32::MIN; 3], 1.0),
            above: with([0.36, 0.42, 0.50], 0.0),
            below: with([0.20, 0.18, 0.15], 0.0),
            horizon: with(linear([206, 219, 230]), 0.0),
            zenith: with(linear([108, 154, 206]), 0.0),
            grid: with(linear([232, 238, 226]), 0.13),
            ..base
        },
    }
}

/// What equipment stands on in a bright room: of a middle grey, so that what runs is lighter than
/// it and what stands is darker.
const LIGHT_GROUNDS: [(Part, Rgb, f32); 5] = [
    (Part::Ground, [150, 153, 157], 1.0),
    (Part::Grass, [150, 156, 152], 1.0),
    (Part::Asphalt, [124, 127, 131], 0.95),
    (Part::River, [140, 156, 170], 0.3),
    (Part::Sky, [184, 188, 193], 1.0),
];

fn table(look: Look) -> [(Part, Rgb, f32); PARTS] {
    match look {
        Look::Operate => [
            (Part::Body, [174, 179, 186], 0.8),
            (Part::Concrete, [112, 115, 120], 0.95),
            (Part::Metal, [140, 145, 152], 0.7),
            (Part::Dark, [40, 42, 46], 0.8),
            (Part::Accent, [112, 117, 124], 0.75),
            (Part::Water, palette::WATER, 0.25),
            (Part::Gauge, [54, 59, 65], 0.4),
            (Part::Sand, [122, 118, 108], 0.95),
            (Part::Dial, [206, 210, 214], 0.7),
            (Part::Wall, [104, 108, 114], 0.9),
            (Part::Roof, [124, 128, 134], 0.9),
            (Part::Pipe, [164, 169, 176], 0.7),
            (Part::Handle, [188, 192, 198], 0.7),
            (Part::Grass, [66, 72, 70], 1.0),
            (Part::Ground, [45, 48, 53], 1.0),
            (Part::Sky, [20, 22, 26], 1.0),
            (Part::Shade, [6, 7, 9], 1.0),
            (Part::River, [50, 68, 84], 0.3),
            (Part::Belt, [58, 60, 64], 0.85),
            (Part::Glass, [62, 67, 74], 0.2),
            (Part::Asphalt, [58, 60, 64], 0.95),
            (Part::Carton, [136, 134, 130], 0.9),
            (Part::Wood, [118, 116, 112], 0.9),
            (Part::Model, [168, 172, 178], 0.8),
        ],
        Look::Present => [
            (Part::Body, [178, 182, 186], 0.55),
            (Part::Concrete, [188, 186, 180], 0.9),
            (Part::Metal, [166, 172, 178], 0.4),
            (Part::Dark, [52, 55, 60], 0.7),
            (Part::Accent, [70, 128, 102], 0.5),
            (Part::Water, [58, 138, 182], 0.12),
            (Part::Gauge, [92, 108, 122], 0.2),
            (Part::Sand, [206, 186, 142], 0.95),
            (Part::Dial, [246, 247, 248], 0.5),
            (Part::Wall, [206, 192, 172], 0.9),
            (Part::Roof, [152, 100, 82], 0.85),
            (Part::Pipe, [180, 203, 220], 0.5),
            (Part::Handle, [244, 186, 62], 0.5),
            (Part::Grass, [116, 142, 86], 1.0),
            (Part::Ground, [142, 160, 116], 1.0),
            (Part::Sky, [140, 180, 220], 1.0),
            (Part::Shade, [16, 22, 16], 1.0),
            (Part::River, [72, 140, 176], 0.15),
            (Part::Belt, [66, 68, 72], 0.8),
            (Part::Glass, [58, 84, 104], 0.08),
            (Part::Asphalt, [92, 94, 98], 0.95),
            (Part::Carton, [196, 160, 112], 0.9),
            (Part::Wood, [176, 140, 98], 0.85),
            (Part::Model, [190, 190, 190], 0.6),
        ],
    }
}

fn with([a, b, c]: [f32; 3], d: f32) -> [f32; 4] {
    [a, b, c, d]
}

/// sRGB to linear (IEC 61966-2-1).
pub(super) fn linear(colour: Rgb) -> [f32; 3] {
    colour.map(|channel| {
        let share = f32::from(channel) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_paint_in_both_looks() {
        for look in [Look::Operate, Look::Present] {
            let mut seen = [false; PARTS];
            for (part, ..) in table(look) {
                seen[part as usize] = true;
            }
            assert!(seen.iter().all(|&there| there), "{look:?}");
        }
    }

    #[test]
    fn operate_is_nearly_colourless() {
        for (part, colour, _) in table(Look::Operate).into_iter().chain(LIGHT_GROUNDS) {
            let (low, high) = (colour.iter().min(), colour.iter().max());
            let spread = high.copied().unwrap_or(0) - low.copied().unwrap_or(0);
            let allowed = if matches!(part, Part::Water | Part::River) {
                80
            } else {
                20
            };
            assert!(spread <= allowed, "{part:?} has colour: {colour:?}");
        }
    }

    #[test]
    fn running_is_lighter_than_stopped() {
        let sum = |colour: Rgb| colour.iter().map(|&x| u32::from(x)).sum::<u32>();
        for look in [Look::Operate, Look::Present] {
            let colour = body(look, Shape::Pump);
            assert!(sum(running(look, colour, true)) > sum(running(look, colour, false)) + 50);
        }
    }
}
