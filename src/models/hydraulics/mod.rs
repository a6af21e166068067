//! Pressurised water networks.

pub mod control;
pub mod curve;
pub mod inp;
pub mod network;
pub mod pattern;
pub mod pump;
pub mod quality;
pub mod simulation;
pub mod solver;
pub mod sparse;

use super::{Facts, Model};
use crate::problem::Problem;

/// Builds the model `name` from its configuration.
pub fn build(_name: &str, _text: &str, _facts: &dyn Facts) -> Result<Box<dyn Model>, Vec<Problem>> {
    Err(vec![Problem::new(None, "not built yet", "")])
}
