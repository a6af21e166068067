//! The historian on disk, tested at its borders.

mod exchange;
mod kill;
#[cfg(feature = "lake")]
mod lake;
mod log;
mod peers;
#[path = "../../peers/plant.rs"]
mod plant;
mod postgres;
mod recorder;
mod rollup;
mod rows;
mod segment;
mod shelf;
mod skab;
mod store;
