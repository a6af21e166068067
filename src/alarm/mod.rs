//! Which limits are passed, and which of that a person has seen. Floor 3.
//!
//! The [`Engine`] judges measured samples by the limits and rules of a scene and keeps the
//! alarm list; every change goes to its [`Journal`], which tells the list as it was at any
//! instant. Simulated futures are judged by the same limits where they are computed, by
//! [`BreachCounter`](crate::scene::BreachCounter). States are those of ISA-18.2: a
//! [`Lifecycle`] follows each alarm through them.
//!
//! The instants of an alarm are those of the samples that caused it, not of the frame
//! that noticed it.

mod analytics;
mod engine;
mod grouping;
mod journal;
mod judging;
mod lifecycle;
mod rule;
mod state;
mod trial;

pub use analytics::{AlarmEvent, AlarmReport, Target, Worst};
pub use engine::{AcknowledgeError, Aside, Counts, Engine};
pub use grouping::{AlarmGroup, Grouping, Onset, Topology, group, group_onsets};
pub use journal::{Change, Journal};
pub use lifecycle::{Happening, Lifecycle, Refusal, Shelf, Standing};
pub use state::{Acknowledgement, Alarm, AlarmId, AlarmState};
pub use trial::{Raised, Trial};
