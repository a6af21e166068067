//! The historian on disk.

mod log;
mod recorder;
mod store;
