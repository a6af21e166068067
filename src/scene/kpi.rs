//! What runs are judged by: one number for each.

use serde::{Deserialize, Serialize};

use crate::signal::SignalId;
use crate::units::Unit;

/// A key performance indicator: one number made of a whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct Kpi {
    /// What it is called on screen.
    pub name: String,
    /// The signals that it is made of, added up at each instant.
    pub signals: Vec<SignalId>,
    /// What is made of them over time.
    pub measure: KpiMeasure,
    /// In which unit it is told.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
}

/// What a run's values become, SI. Values hold from one output to the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum KpiMeasure {
    /// Their integral over time, per second of the signals' unit: kW become J, m3/s become m3.
    Total,
    /// Their mean over time.
    Mean,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The last.
    Last,
    /// For how long they are above a value, s.
    TimeAbove(f64),
    /// For how long they are below a value, s.
    TimeBelow(f64),
}

/// Which way a number is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Better {
    /// Neither: it only tells.
    #[default]
    Neither,
    /// The higher.
    Higher,
    /// The lower.
    Lower,
}
