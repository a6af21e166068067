//! Files of other programs, turned into assets, models, scenarios and views. Floor 3.
//!
//! An import gets bytes and gives a [`Fragment`](crate::scene::Fragment), as if the scene's
//! author had written it, with a report of what was matched, guessed and ignored.

pub mod epanet;
pub mod gltf;
mod references;

/// Files longer than this are refused: 256 MiB.
pub const MAX_BYTES: usize = 256 << 20;
