//! The past that is not in memory: known by stretches, loaded when it is asked for.

mod block;

pub use block::{Mark, SampleColumns};
