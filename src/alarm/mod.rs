//! Which limits are passed, and which of that a person has seen. Floor 3.
//!
//! The [`Engine`] judges measured samples by the limits of a scene and keeps the alarm
//! list; every change goes to its [`Journal`], which tells the list as it was at any
//! instant. Simulated futures are judged by the same limits where they are computed, by
//! [`BreachCounter`](crate::scene::BreachCounter). States are those of ISA-18.2 that need
//! no person to shelve or suppress an alarm.
//!
//! The instants of an alarm are those of the samples that caused it, not of the frame
//! that noticed it.

mod engine;
mod journal;
mod state;

pub use engine::{AcknowledgeError, Counts, Engine};
pub use journal::{Change, Journal};
pub use state::{Acknowledgement, Alarm, AlarmId, AlarmState};
