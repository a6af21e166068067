//! TBD.

use super::Scene;
use crate::problem::Problem;

/// Reads a scene and everything that is wrong with it.
pub fn parse(_text: &str) -> Result<Scene, Vec<Problem>> {
    Err(Vec::new())
}
