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

use crate::scene::{LimitKind, Priority};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// An alarm of the open scene: the place of its limit in
/// [`Scene::limits`](crate::scene::Scene::limits). Not stable across scenes.
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

    /// The state after the limit was passed.
    pub(super) fn raised(self) -> Self {
        match self {
            Self::Normal | Self::ReturnedUnacknowledged => Self::Unacknowledged,
            active => active,
        }
    }

    /// The state after the limit was left again.
    pub(super) fn cleared(self) -> Self {
        match self {
            Self::Unacknowledged => Self::ReturnedUnacknowledged,
            Self::Acknowledged => Self::Normal,
            returned => returned,
        }
    }

    /// The state after somebody said that he knows; `None` if there is nothing to know.
    pub(super) fn acknowledged(self) -> Option<Self> {
        match self {
            Self::Unacknowledged => Some(Self::Acknowledged),
            Self::ReturnedUnacknowledged => Some(Self::Normal),
            Self::Normal | Self::Acknowledged => None,
        }
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
    /// The limit: its place among the signal's limits.
    pub limit: usize,
    /// Which side of the limit.
    pub kind: LimitKind,
    /// How urgent.
    pub priority: Priority,
    /// Its state.
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

/// Who said that he knows, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Arc<str>,
}
