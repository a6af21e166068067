//! Network files of EPANET 2.2 (`.inp`).

use super::network::Network;
use crate::problem::Problem;

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The network, SI.
    pub network: Network,
    /// Where its parts lie on the map.
    pub map: Map,
    /// What was ignored or guessed, with lines.
    pub notes: Vec<Problem>,
}

/// Where the parts of a network lie, in the units of the file's map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The title, line by line.
    pub title: Vec<String>,
    /// What the file calls each node; the tag may differ.
    pub node_ids: Vec<String>,
    /// What the file calls each link; the tag may differ.
    pub link_ids: Vec<String>,
    /// `(x, y)` by node; `None` where the file gives none.
    pub coordinates: Vec<Option<[f64; 2]>>,
    /// The bends of each link, from its start to its end.
    pub vertices: Vec<Vec<[f64; 2]>>,
    /// Text on the map.
    pub labels: Vec<Label>,
    /// The file's tag of each node; may be empty.
    pub node_tags: Vec<String>,
    /// The file's tag of each link; may be empty.
    pub link_tags: Vec<String>,
    /// What the map's units are: `Meters`, `Feet`, `Degrees` or `None`.
    pub units: String,
    /// The picture behind the map; may be empty.
    pub backdrop: String,
    /// The units of flow that the file is written in, such as `LPS`.
    pub flow_units: String,
}

/// Text on the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    /// Upper left corner.
    pub at: [f64; 2],
    /// What it says.
    pub text: String,
}

/// Reads a file, or everything that is wrong with it, in the order of its lines.
///
/// The bytes are UTF-8 or Latin-1.
pub fn read(_bytes: &[u8]) -> Result<Reading, Vec<Problem>> {
    Err(vec![Problem::new(None, "not read yet", "")])
}
