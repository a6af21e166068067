//! Fields: areas over which the values of a signal are shown between the sensors.

use super::Scene;
use crate::signal::SignalId;
use crate::units::Unit;

/// An area over which a signal is shown between the places where it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What it is called on screen.
    pub name: String,
    /// The name of the signal, of any asset.
    pub signal: String,
    /// A place farther than this from every sensor is left empty, m.
    pub radius: f64,
    /// The south-west corner: east and north, m.
    pub low: [f64; 2],
    /// The north-east corner.
    pub high: [f64; 2],
    /// How far above the ground it is drawn, m.
    pub height: f64,
    /// Its sensors: the signals, and where they are: east and north, m.
    pub stations: Vec<(SignalId, [f64; 2])>,
    /// The unit of the screen.
    pub unit: Unit,
}

/// The signals of this name, all of one quantity, and where their assets are.
pub(super) fn stations(scene: &Scene, name: &str) -> (Vec<(SignalId, [f64; 2])>, Option<Unit>) {
    let named = |id: &SignalId| scene.signal(*id).name == name;
    let Some(first) = scene.signal_ids().find(named) else {
        return (Vec::new(), None);
    };
    let unit = scene.signal(first).unit;
    let alike = |id: &SignalId| scene.signal(*id).unit.quantity() == unit.quantity();
    let stations = scene.signal_ids().filter(named).filter(alike).map(|id| {
        let [east, north, _] = scene.asset(scene.signal(id).asset).position;
        (id, [east, north])
    });
    (stations.collect(), Some(unit))
}
