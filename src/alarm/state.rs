//! An alarm and the states it goes through.
//!
//! ```text
//!                raised                  acknowledged
//!     Normal ────────────► Unacknowledged ────────────► Acknowledged
//!       ▲                   │        ▲                     │
//!       │            cleared│        │raised again         │cleared
//!       │ acknowledged      ▼        │                     │
//!       ├──────────── ReturnedUnacknowledged               │
//!       └──────────────────────────────────────────────────┘
//! ```

use std::fmt;
use std::sync::Arc;

use super::lifecycle::Standing;
use crate::scene::{AlarmSource, LimitKind, Priority, Scene};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// An alarm of the open scene: its place in
/// [`Scene::alarm_sources`](crate::scene::Scene::alarm_sources), where limits come first. Not stable across scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlarmId(pub u32);

impl AlarmId {
    /// This alarm's place in a dense array.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Two bits: is the limit passed, and has somebody seen it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AlarmState {
    /// All is well, and known to be.
    #[default]
    Normal,
    /// The limit is passed and nobody has said that he knows.
    Unacknowledged,
    /// The limit is passed and somebody knows.
    Acknowledged,
    /// The limit is left again, before anybody said that he knew.
    ReturnedUnacknowledged,
}

impl AlarmState {
    /// True while the limit is passed.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Unacknowledged | Self::Acknowledged)
    }

    /// True if nobody has to acknowledge anything.
    pub fn is_acknowledged(self) -> bool {
        matches!(self, Self::Normal | Self::Acknowledged)
    }
}

impl fmt::Display for AlarmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::Unacknowledged => "unacknowledged",
            Self::Acknowledged => "acknowledged",
            Self::ReturnedUnacknowledged => "returned, unacknowledged",
        })
    }
}

/// An alarm that is not normal.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Which alarm.
    pub id: AlarmId,
    /// Whose limit is passed.
    pub signal: SignalId,
    /// The limit: its place among the signal's limits; `None` for a rule.
    pub limit: Option<usize>,
    /// The rule: its place in [`Scene::alarms`]; `None` for a limit.
    pub rule: Option<usize>,
    /// Which side of the limit.
    pub kind: LimitKind,
    /// How urgent.
    pub priority: Priority,
    /// Where it stands.
    pub standing: Standing,
    /// Its state: where it stands, as two bits.
    pub state: AlarmState,
    /// When it came into that state.
    pub since: Timestamp,
    /// When the limit was passed last.
    pub raised: Timestamp,
    /// The value that passed it, SI.
    pub value: f64,
    /// Who knows.
    pub acknowledged: Option<Acknowledgement>,
}

impl Alarm {
    /// What it is about; `None` in another scene.
    pub fn source<'a>(&self, scene: &'a Scene) -> Option<AlarmSource<'a>> {
        match (self.limit, self.rule) {
            (Some(limit), _) => {
                let limit = scene.signals.get(self.signal.index())?.limits.get(limit)?;
                Some(AlarmSource::Limit(self.signal, limit))
            }
            (None, rule) => scene.alarms.get(rule?).map(AlarmSource::Rule),
        }
    }
}

/// Who said that he knows, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Arc<str>,
}
