//! Stand-in until the branch `history` lands.
#![allow(missing_docs, unused_variables, clippy::all)]
use crate::scene::Priority;
use crate::signal::SignalId;
use crate::time::Timestamp;
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlarmId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlarmState {
    Normal,
    Unacknowledged,
    Acknowledged,
    ReturnedUnacknowledged,
}
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    pub id: AlarmId,
    pub signal: SignalId,
    pub limit: usize,
    pub priority: Priority,
    pub state: AlarmState,
    pub since: Timestamp,
    pub raised: Timestamp,
    pub value: f64,
}
