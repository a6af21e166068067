//! A 3D visual twin: one scene, one history, one timeline.
//!
//! Telemetry and simulation runs are both sources of samples. Samples enter by
//! [`History::insert`](history::History::insert) and leave by its reads; the
//! [`Timeline`](timeline::Timeline) decides the instant and whose samples answer
//! for it. What is on screen is a function of that answer.
//!
//! Modules are listed from the lowest floor up. A module imports only from floors
//! below its own; `tests/core/floors` checks this.

// Floor 0: words.
pub mod problem;
mod quantile;
pub mod time;
pub mod units;

// Floor 1: the smallest true statements.
pub mod access;
pub mod population;
pub mod signal;

// Floor 2: three views of the plant, each ignorant of the others.
pub mod history;
pub mod models;
pub mod scene;

// Floor 3: reasoning.
pub mod alarm;
pub mod command;
pub mod forecast;
pub mod import;
pub mod simulation;
pub mod timeline;

// Floor 4: edges, where threads, sockets and files are.
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod files;
pub mod recording;
pub mod telemetry;

// Floor 5: floors 0 to 4 put together, without a window.
pub mod session;

// Floor 6: programs.
#[cfg(feature = "app")]
pub mod app;
pub mod cli;
