//! Water quality: what the water carries through the network, and what becomes of it.

mod spec;

pub use spec::{Analysis, Mixing, QualitySpec, Source, SourceKind};
