//! Anomalies, through the command line and the library.

mod detector;
mod history;
mod skab;
