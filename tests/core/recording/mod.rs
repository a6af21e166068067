//! The historian on disk.

mod kill;
mod log;
mod recorder;
mod shelf;
mod store;
