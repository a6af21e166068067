//! The core's tests: one binary, no window.

mod mosquitto;
mod telemetry;
