//! Stand-in until the branch `telemetry` lands.
#![allow(missing_docs)]
#[derive(Clone, Debug, Default)]
pub struct SourceStatus {
    pub name: String,
    pub broker: String,
    pub connected: bool,
    pub messages: u64,
    pub samples: u64,
    pub reconnects: u64,
    pub last_error: Option<String>,
    pub lag_secs: Option<f64>,
    pub rejected: Vec<(String, u64)>,
    pub unmapped: Vec<(String, u64, String)>,
}
