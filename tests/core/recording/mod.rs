//! The historian on disk, tested at its borders.

mod exchange;
mod kill;
#[cfg(feature = "lake")]
mod lake;
mod log;
mod postgres;
mod recorder;
mod rows;
mod shelf;
mod store;
