//! Futures. Stand-in.
#![allow(missing_docs)]
mod record;
pub use record::{LimitBreach, RunRecord, RunState};
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunTotals {
    pub members: u32,
    pub failed_members: u32,
    pub samples: u64,
    pub solves: u64,
    pub residual: f64,
}
