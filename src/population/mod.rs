//! What moves and is not a plate on a wall: vehicles, pallets, people. Floor 1.
//!
//! A population is published frame by frame. A [`PopulationFrame`] says who was where at one
//! instant; [`PopulationFrame::between`] says who is where between two. A [`Trail`] says who went
//! from which place to which, and when: where one member has been, and what flows between places.
//! [`Fixes`] are what a tracking system saw of real members, and say who is where as far as that
//! reaches.

mod fix;
mod flow;
mod frame;
mod trail;

pub use fix::{FixReport, Fixes, Located, Reach, Whereabouts};
pub use flow::{FlowLink, Flows, Stock};
pub use frame::PopulationFrame;
pub use trail::{PopulationMove, Trail, Visit};

use crate::units::Quantity;

/// A population of the open scene: its place in dense arrays. Not stable across scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PopulationId(pub u32);

/// What a population is: the words for the numbers in its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// Its name, such as `LINE-1.parts`.
    pub name: String,
    /// What its members can be, by [`PopulationRow::kind`].
    pub kinds: Vec<String>,
    /// Where they can be, by [`PopulationRow::place`]: tags of assets, or names of stops.
    pub places: Vec<String>,
    /// What [`PopulationRow::value`] tells, such as `time in the line`.
    pub value: String,
    /// What that is measured in.
    pub quantity: Quantity,
}

/// One member of a population at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PopulationRow {
    /// Who it is; the same in every frame while it lives.
    pub id: u64,
    /// What it is, such as car or lorry: an index that the publisher defines.
    pub kind: u16,
    /// Where it is by name, if the publisher tells: an index that it defines.
    pub place: Option<u32>,
    /// East, north, up, m.
    pub position: [f64; 3],
    /// Counter-clockwise from east seen from above, rad.
    pub heading: f64,
    /// What colours it, SI.
    pub value: f64,
}

impl PopulationRow {
    fn is_finite(&self) -> bool {
        let [x, y, z] = self.position;
        [x, y, z, self.heading, self.value]
            .iter()
            .all(|number| number.is_finite())
    }
}
