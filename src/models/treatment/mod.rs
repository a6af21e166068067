//! TBD.

use super::{Facts, Model};
use crate::problem::Problem;

/// TBD
pub fn build(_name: &str, _text: &str, _facts: &dyn Facts) -> Result<Box<dyn Model>, Vec<Problem>> {
    Err(Vec::new())
}
