//! Which alarms are listed, and in which order. Pure, so that it can be kept between frames.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::alarm::{Alarm, AlarmState, Standing};
use crate::scene::{AlarmSource, AssetIndex, Priority, Scene};

/// What alarms are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Letters that tag, area or message hold; not remembered, so that nothing is hidden unasked.
    #[serde(skip)]
    pub text: String,
    /// Of this priority only.
    #[serde(skip)]
    pub priority: Option<Priority>,
    /// In this state only.
    #[serde(skip)]
    pub state: StateChoice,
    /// What it is sorted by.
    pub sorted_by: SortKey,
    /// The other way round.
    pub reversed: bool,
}

/// In which states alarms are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StateChoice {
    /// All.
    #[default]
    Any,
    /// Those that nobody has acknowledged.
    Waiting,
    /// Active and acknowledged.
    Acknowledged,
    /// No longer active, not acknowledged.
    Returned,
    /// Stay until somebody resets them.
    Latched,
}

/// A column that sorts the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortKey {
    /// What waits first, then the more urgent, then the newer.
    #[default]
    Urgency,
    /// The state in words.
    State,
    /// When it was raised, the newest first.
    Raised,
    /// The tag of the asset.
    Tag,
    /// What the operator reads.
    Message,
}

impl StateChoice {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Any,
        Self::Waiting,
        Self::Acknowledged,
        Self::Returned,
        Self::Latched,
    ];

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Any => "Any state",
            Self::Waiting => "Only unacknowledged",
            Self::Acknowledged => "Only acknowledged",
            Self::Returned => "Only returned",
            Self::Latched => "Only latched",
        }
    }

    fn holds(self, alarm: &Alarm) -> bool {
        match self {
            Self::Any => true,
            Self::Waiting => !alarm.state.is_acknowledged(),
            Self::Acknowledged => alarm.state == AlarmState::Acknowledged,
            Self::Returned => alarm.standing == Standing::ReturnedUnacknowledged,
            Self::Latched => alarm.standing == Standing::Latched,
        }
    }
}

impl Filter {
    /// True if it may leave out an alarm.
    pub fn is_narrow(&self) -> bool {
        !self.text.trim().is_empty() || self.priority.is_some() || self.state != StateChoice::Any
    }

    /// The places of the alarms that it holds, in its order.
    pub fn apply(&self, alarms: &[Alarm], scene: &Scene) -> Vec<u32> {
        let wanted = self.text.trim().to_lowercase();
        let fits = |alarm: &Alarm| {
            alarm.state != AlarmState::Normal
                && self.state.holds(alarm)
                && self.priority.is_none_or(|one| one == alarm.priority)
                && (wanted.is_empty() || says(alarm, scene, &wanted))
        };
        let places = (0_u32..).zip(alarms);
        let mut places: Vec<u32> = places
            .filter(|(_, alarm)| fits(alarm))
            .map(|(place, _)| place)
            .collect();
        places.sort_by(|one, other| {
            let (one, other) = (&alarms[*one as usize], &alarms[*other as usize]);
            let order = self.order(one, other, scene);
            if self.reversed {
                order.reverse()
            } else {
                order
            }
        });
        places
    }

    fn order(&self, one: &Alarm, other: &Alarm, scene: &Scene) -> Ordering {
        let urgency = |alarm: &Alarm| (alarm.state.is_acknowledged(), alarm.priority);
        let newest = other.raised.cmp(&one.raised).then(one.id.cmp(&other.id));
        match self.sorted_by {
            SortKey::Urgency => urgency(one).cmp(&urgency(other)),
            SortKey::State => (one.standing as u8).cmp(&(other.standing as u8)),
            SortKey::Raised => Ordering::Equal,
            SortKey::Tag => tag_of(one, scene).cmp(tag_of(other, scene)),
            SortKey::Message => message_of(one, scene).cmp(message_of(other, scene)),
        }
        .then(newest)
    }
}

/// The tag of the asset whose alarm it is.
pub fn tag_of<'a>(alarm: &Alarm, scene: &'a Scene) -> &'a str {
    &scene.asset(asset_of(alarm, scene)).tag
}

/// The asset whose alarm it is.
pub fn asset_of(alarm: &Alarm, scene: &Scene) -> AssetIndex {
    scene.signal(alarm.signal).asset
}

/// What the operator reads.
pub fn message_of<'a>(alarm: &Alarm, scene: &'a Scene) -> &'a str {
    let label = &scene.signal(alarm.signal).label;
    alarm.source(scene).map_or(label, AlarmSource::message)
}

/// The tags of the assets that an asset is a part of, the nearest first.
pub fn area_of(asset: AssetIndex, scene: &Scene) -> impl Iterator<Item = &str> {
    let parent = |index: &AssetIndex| scene.asset(*index).parent;
    let parents = std::iter::successors(scene.asset(asset).parent, parent);
    parents.map(|index| scene.asset(index).tag.as_str())
}

fn says(alarm: &Alarm, scene: &Scene, wanted: &str) -> bool {
    let asset = asset_of(alarm, scene);
    let own = scene.asset(asset);
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    holds(&own.tag)
        || holds(&own.label)
        || holds(message_of(alarm, scene))
        || area_of(asset, scene).any(holds)
}
