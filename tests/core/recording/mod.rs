//! The historian on disk, at its borders.

mod peers;
#[path = "../../peers/plant.rs"]
mod plant;
mod rollup;
mod segment;
