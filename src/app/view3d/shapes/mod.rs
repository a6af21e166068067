//! The shapes of plant: one family per file, drawn to the size of the asset.
//!
//! A shape stands on the middle of its foot, x to the right, y up, z towards the viewer.
//! Assets of one shape and size share one mesh.

mod basin;
mod building;
mod care;
mod city;
mod course;
mod district;
mod instrument;
mod intake;
mod junction;
mod machine;
mod pipe;
mod pump;
mod tank;
mod valve;
mod vehicle;
mod vessel;
mod works;

use bevy::math::Vec3;

pub(super) use pipe::{main, pipe};
pub(super) use tank::tower;

use super::mesh::Sketch;
use super::part::Part;
use crate::scene::Shape;

/// A box that the pointer can hit, in the space of the asset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PickBox {
    /// The lowest corner.
    pub low: Vec3,
    /// The highest corner.
    pub high: Vec3,
}

/// Draws `shape` at `size`: width, height, depth, m. Pipes are drawn by [`pipe`] and [`main`].
pub(super) fn shape(shape: Shape, size: Vec3) -> Sketch {
    let mut sketch = Sketch::default();
    let s = &mut sketch;
    match shape {
        Shape::Tank => tank::tank(s, size),
        Shape::Reservoir => tank::reservoir(s, size),
        Shape::Basin => basin::basin(s, size),
        Shape::FilterBed => basin::filter_bed(s, size),
        Shape::Pump => pump::pump(s, size),
        Shape::DosingPump => pump::dosing_pump(s, size),
        Shape::Motor => machine::motor_alone(s, size),
        Shape::Valve => valve::valve(s, size),
        Shape::Building => building::building(s, size),
        Shape::Instrument => instrument::instrument(s, size),
        Shape::Intake => intake::intake(s, size),
        Shape::District => district::district(s, size),
        Shape::Junction => junction::junction(s, size),
        Shape::HorizontalTank => vessel::horizontal_tank(s, size),
        Shape::ConicalTank => vessel::conical_tank(s, size),
        Shape::SphericalTank => vessel::sphere(s, size),
        Shape::Column => vessel::column(s, size),
        Shape::HeatExchanger => vessel::heat_exchanger(s, size),
        Shape::Compressor => vessel::compressor(s, size),
        Shape::Fan => vessel::fan(s, size),
        Shape::GateValve => valve::gate_valve(s, size),
        Shape::ButterflyValve => valve::butterfly_valve(s, size),
        Shape::ControlValve => valve::control_valve(s, size),
        Shape::CableTray | Shape::Conveyor | Shape::RollerConveyor | Shape::Road => {
            run(s, shape, &[], size);
        }
        Shape::Robot => works::robot(s, size),
        Shape::MachineTool => works::machine_tool(s, size),
        Shape::Filler => works::filler(s, size),
        Shape::Palletiser => works::palletiser(s, size),
        Shape::Wrapper => works::wrapper(s, size),
        Shape::Cabinet => works::cabinet(s, size),
        Shape::Rack => works::rack(s, size),
        Shape::Pallet => works::pallet(s, size),
        Shape::Crate => works::crate_box(s, size),
        Shape::Agv => vehicle::agv(s, size),
        Shape::Forklift => vehicle::forklift(s, size),
        Shape::Truck => vehicle::truck(s, size),
        Shape::Car => vehicle::car(s, size),
        Shape::Bus => vehicle::bus(s, size),
        Shape::Storeys => city::storeys(s, size),
        Shape::StreetLamp => city::street_lamp(s, size),
        Shape::TrafficLight => city::traffic_light(s, size),
        Shape::PowerPole => city::power_pole(s, size),
        Shape::Transformer => city::transformer(s, size),
        Shape::Tree => city::tree(s, size),
        Shape::Bed => care::bed(s, size),
        Shape::Monitor => care::monitor(s, size),
        Shape::Scanner => care::scanner(s, size),
        Shape::Person => care::person(s, size),
        Shape::Unseen => {}
        Shape::Block | Shape::Pipe => {
            let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
            let bevel = size.min_element() * 0.04;
            s.of(Part::Body)
                .block(-half, half + Vec3::Y * size.y, bevel);
        }
    }
    sketch
}

/// Draws what runs along a route in its own space, pipes apart.
pub(super) fn run(s: &mut Sketch, shape: Shape, route: &[Vec3], size: Vec3) {
    match shape {
        Shape::CableTray => course::cable_tray(s, route, size),
        Shape::RollerConveyor => course::roller_conveyor(s, route, size),
        Shape::Road => course::road(s, route, size),
        _ => course::conveyor(s, route, size),
    }
}

/// How far a shape that runs along a route reaches from it: to the sides, down and up, m.
pub(super) fn reach(shape: Shape, size: Vec3) -> (f32, f32, f32) {
    match shape {
        Shape::Conveyor | Shape::RollerConveyor => (size.z * 0.5, size.y, 0.0),
        Shape::CableTray | Shape::Road => (size.z * 0.5, 0.0, size.y),
        _ => (size.x * 0.5, size.x * 0.5, size.x * 0.5),
    }
}

/// What the pointer can hit of `shape` at `size`.
///
/// A building is hit at its floor and low walls only, so that what stands inside can be
/// reached.
pub(super) fn pick_boxes(shape: Shape, size: Vec3) -> Vec<PickBox> {
    let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
    let whole = PickBox {
        low: -half,
        high: half + Vec3::Y * size.y,
    };
    match shape {
        Shape::Building => building::pick_boxes(size),
        Shape::Junction => vec![PickBox {
            low: -size * 0.5,
            high: size * 0.5,
        }],
        Shape::Unseen => Vec::new(),
        _ => vec![whole],
    }
}

/// Where the label of `shape` points, above the middle of its foot, m.
pub(super) fn label_height(shape: Shape, size: Vec3) -> f32 {
    match shape {
        Shape::Reservoir => size.y * 0.9,
        Shape::Junction => size.y * 0.5,
        Shape::Unseen => 0.0,
        _ => size.y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that [`super::shape`] draws.
    fn drawn() -> impl Iterator<Item = Shape> {
        let all = Shape::ALL.iter().copied();
        all.filter(|shape| !matches!(shape, Shape::Unseen | Shape::Pipe))
    }

    const SIZES: [Vec3; 5] = [
        Vec3::new(2.0, 1.5, 1.0),
        Vec3::new(0.3, 0.4, 0.2),
        Vec3::new(30.0, 6.0, 18.0),
        Vec3::new(1.0, 12.0, 40.0),
        Vec3::new(0.01, 0.01, 0.01),
    ];

    #[test]
    fn every_shape_is_finite_bounded_and_within_reason_of_its_size() {
        for shape in drawn() {
            for size in SIZES {
                let sketch = super::shape(shape, size);
                let triangles = sketch.triangles().count();
                assert!(
                    (12..12_000).contains(&triangles),
                    "{shape:?} at {size}: {triangles} triangles"
                );
                for (at, normal) in sketch.vertices() {
                    assert!(at.is_finite(), "{shape:?} at {size}");
                    assert!(
                        (normal.length() - 1.0).abs() < 1e-3,
                        "{shape:?} at {size}: normal {normal}"
                    );
                    let reach = size.max_element() * 1.3;
                    assert!(
                        at.length() < reach * 2.0,
                        "{shape:?} at {size} reaches {at}"
                    );
                }
            }
        }
    }

    #[test]
    fn faces_look_the_way_their_normals_do() {
        for shape in drawn() {
            for size in &SIZES[..4] {
                let sketch = super::shape(shape, *size);
                let vertices: Vec<_> = sketch.vertices().collect();
                for three in sketch.triangles() {
                    let [a, b, c] = three.map(|index| vertices[index].0);
                    let face = (b - a).cross(c - a);
                    let mean: Vec3 = three.iter().map(|&index| vertices[index].1).sum();
                    assert!(face.dot(mean) > 0.0, "{shape:?} at {size}: {a} {b} {c}");
                }
            }
        }
    }

    #[test]
    fn what_can_be_hit_lies_within_the_size() {
        for shape in drawn() {
            for size in SIZES {
                for hit in pick_boxes(shape, size) {
                    assert!(hit.low.cmple(hit.high).all(), "{shape:?}");
                    assert!(hit.high.y <= size.y + 1e-4, "{shape:?}");
                    assert!(hit.high.x <= size.x * 0.5 + 1e-4, "{shape:?}");
                }
            }
        }
    }
}
