//! Stand-in until the branch `history` lands.
#![allow(missing_docs, unused_variables, clippy::all)]
use crate::signal::*;
use crate::time::Timestamp;
use std::time::Duration;
#[derive(Default)]
pub struct HistoryConfig {
    pub window: Duration,
    pub max_samples_per_series: usize,
}
#[derive(Default)]
pub struct History {}
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    pub sample: Sample,
    pub lost: Option<Timestamp>,
}
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    pub sample: Sample,
    pub stale: bool,
    pub lost: bool,
}
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub min: f64,
    pub max: f64,
    pub first: f64,
    pub last: f64,
    pub worst: Quality,
    pub count: u32,
}
impl History {
    pub fn new(signals: usize, config: HistoryConfig) -> Self {
        Self {}
    }
    pub fn insert(&mut self, batch: &SampleBatch) {}
    pub fn revision(&self) -> u64 {
        0
    }
    pub fn latest_at(
        &self,
        origin: Origin,
        signal: SignalId,
        at: Timestamp,
    ) -> Option<Observation> {
        None
    }
    pub fn range(
        &self,
        origin: Origin,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = &Sample> {
        std::iter::empty()
    }
    pub fn columns(
        &self,
        origin: Origin,
        signal: SignalId,
        from: Timestamp,
        to: Timestamp,
        count: usize,
    ) -> Vec<Option<Column>> {
        Vec::new()
    }
    pub fn span(&self, origin: Origin) -> Option<(Timestamp, Timestamp)> {
        None
    }
}
