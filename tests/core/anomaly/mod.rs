//! Anomalies, through the command line and the library.

mod command;
mod detector;
mod history;
mod skab;
mod stored;
