//! The configuration of vehicles and their lanes as it is written in a scene.
//!
//! ```text
//! stops: [(name: "a", at: (0, 0, 0)), (name: "b", at: (40, 0, 0))],
//! lanes: [(from: "a", to: "b", two_way: true)],
//! fleets: [(tag: "AGVS", count: 3, speed: "1.2 m/s", home: "a")],
//! carriers: [(tag: "T-1", fleet: "AGVS", pick_up: "a", drop: "b", load: 4, to: "B-2")],
//! ```

use serde::Deserialize;

use super::spec::To;

/// A way on which vehicles carry parts: where they wait, and where they are brought.
///
/// Ports: `waiting`, `count`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierSpec {
    /// The asset, such as the pick-up place.
    pub tag: String,
    /// The fleet that carries.
    pub fleet: String,
    /// The stop where parts wait.
    pub pick_up: String,
    /// The stop where they are brought.
    pub drop: String,
    /// How many parts may wait.
    #[serde(default = "one")]
    pub capacity: u32,
    /// The most parts on a vehicle; it does not wait for more than there are.
    #[serde(default = "one")]
    pub load: u32,
    /// Where parts go from the drop.
    pub to: To,
}

/// Vehicles of one kind. Ports: `busy`, `utilisation`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetSpec {
    /// The asset.
    pub tag: String,
    /// How many vehicles.
    pub count: u32,
    /// How fast they drive.
    pub speed: String,
    /// How long loading takes, and unloading.
    #[serde(default = "ten_seconds")]
    pub handling: String,
    /// The stop where they begin.
    pub home: String,
}

/// A place on the lanes. Vehicles that wait stand in a bay beside it, off the lanes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopSpec {
    /// Its name.
    pub name: String,
    /// Where it is: east, north, up, m.
    pub at: (f64, f64, f64),
}

/// A lane: one vehicle at a time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaneSpec {
    /// Where it begins.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// May be driven both ways, still by one vehicle at a time.
    #[serde(default)]
    pub two_way: bool,
}

fn one() -> u32 {
    1
}

fn ten_seconds() -> String {
    "10s".to_owned()
}
