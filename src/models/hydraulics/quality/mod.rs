//! Water quality: what the water carries through the network, and what becomes of it.
//!
//! [`Quality`] follows a chemical, the age of the water or the share that comes from one
//! node, under the flows that the hydraulics lend it.

mod balance;
mod mixing;
mod plan;
mod reaction;
mod route;
mod segments;
mod source;
mod spec;
mod state;
mod transport;

pub use balance::Balance;
pub use spec::{Analysis, Mixing, QualitySpec, Source, SourceKind};
pub use transport::{Flows, Quality};
