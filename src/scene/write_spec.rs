//! How a signal is written to the plant, as a scene says it and as it was checked.

use std::time::Duration;

use serde::Deserialize;

/// How a signal is written. It is off unless a source of the scene takes `commands`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Write", default, deny_unknown_fields)]
pub struct WriteSpec {
    /// Lowest and highest value that may be written, in the signal's unit; its range if not
    /// given.
    pub range: Option<(f64, f64)>,
    /// The signal of the same asset that shows whether the plant obeyed; itself if empty.
    pub reads_back: String,
    /// How far that may lie from what was written, in the signal's unit.
    pub tolerance: f64,
    /// How long the plant may take; 10 s if empty.
    pub within: String,
}

/// How a signal is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// Lowest and highest value that may be written, SI.
    pub range: (f64, f64),
    /// The signal that shows whether the plant obeyed: its place among those of the asset.
    pub reads_back: u32,
    /// How far that may lie from what was written, SI.
    pub tolerance: f64,
    /// How long the plant may take.
    pub within: Duration,
}
