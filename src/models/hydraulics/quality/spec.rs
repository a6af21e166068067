//! What is asked of water quality: plain data, SI, every name resolved.

/// What the water carries, and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct QualitySpec {
    /// What is followed.
    pub analysis: Analysis,
    /// Water closer in quality than this is one segment: kg/m³, s or a share.
    pub tolerance: f64,
    /// Molecular diffusivity of the chemical, m²/s.
    pub diffusivity: f64,
    /// Order of the reaction in pipes' bulk water.
    pub bulk_order: f64,
    /// Order of the reaction in tanks.
    pub tank_order: f64,
    /// The reaction at the wall is of order one, else of order zero.
    pub wall_first_order: bool,
    /// Concentration that a reaction tends to, kg/m³; 0 for none.
    pub limit: f64,
    /// At the start, by node: kg/m³, s or a share. Of a trace only that of tanks counts.
    pub initial: Vec<f64>,
    /// Bulk reaction coefficient by link, (kg/m³)^(1 − order)/s; growth above zero. An order
    /// below zero stands for Michaelis–Menten kinetics and counts as zero in this unit.
    pub bulk: Vec<f64>,
    /// Wall reaction coefficient by link: m/s, or kg/(m² s) for order zero.
    pub wall: Vec<f64>,
    /// Reaction coefficient by tank, as in pipes' bulk.
    pub tank_bulk: Vec<f64>,
    /// Mixing by tank.
    pub mixing: Vec<Mixing>,
    /// Where the chemical is added.
    pub sources: Vec<Source>,
}

/// What is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Analysis {
    /// A chemical, kg/m³.
    Chemical {
        /// What the file calls it.
        name: String,
        /// Concentrations in the file are micrograms per litre, else milligrams.
        micrograms: bool,
    },
    /// How long the water has been in the network, s.
    Age,
    /// The share of the water that comes from this node.
    Trace {
        /// The node.
        node: usize,
    },
}

/// How water mixes in a tank.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Mixing {
    /// All at once.
    #[default]
    Complete,
    /// In a part near the pipe, which overflows into the rest.
    TwoCompartments {
        /// Volume of the part near the pipe over the whole volume when full.
        share: f64,
    },
    /// First in, first out.
    FirstInFirstOut,
    /// Last in, first out.
    LastInFirstOut,
}

/// Where a chemical is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// The node.
    pub node: usize,
    /// How.
    pub kind: SourceKind,
    /// kg/m³; kg/s for [`SourceKind::Mass`], in the scale of the equations' flows.
    pub strength: f64,
    /// Factors on the strength: place in the network's patterns.
    pub pattern: Option<usize>,
}

/// How a chemical is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// The concentration of water that enters the network here.
    Concentration,
    /// A mass flow.
    Mass,
    /// Raises what leaves the node to the strength.
    Setpoint,
    /// Adds the strength to what leaves the node.
    FlowPaced,
}
