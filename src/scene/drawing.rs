//! Files that draw assets: what the scene says of them; whoever opens it reads them.

/// A node of a drawing that moves, with all that lies in it.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeMove {
    /// What the node is called.
    pub node: String,
    /// How.
    pub motion: NodeMotion,
}

/// How a node moves, along or about axes of the asset: width, depth, height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NodeMotion {
    /// Turns about this axis through its origin as fast as [`super::DrivenPart::Spin`] says.
    Spin([f64; 3]),
    /// Turns about such an axis by so much, rad, as far as [`super::DrivenPart::Position`] says.
    Turn([f64; 3], f64),
    /// Is shifted by this, m, as far as [`super::DrivenPart::Position`] says.
    Slide([f64; 3]),
    /// Is shifted by this, m, as far as [`super::DrivenPart::Fill`] says.
    Rise([f64; 3]),
}

/// A file that draws assets.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawingFile {
    /// The file, from the scene's folder.
    pub file: String,
    /// Where it lies, if its nodes are assets; `None` if it draws each asset of a type.
    pub place: Option<DrawingPlace>,
}

/// Where a drawing lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawingPlace {
    /// Its origin: east, north, up, m.
    pub at: [f64; 3],
    /// Counter-clockwise seen from above, rad.
    pub heading: f64,
}
