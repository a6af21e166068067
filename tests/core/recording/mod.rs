//! The historian on disk, tested at its borders.

mod exchange;
#[cfg(feature = "lake")]
mod lake;
mod postgres;
mod rows;
