//! What the alarm desk knows of the present, wherever the playhead is.

use std::cmp::Reverse;

use super::alarms::review::ReviewView;
use super::alarms::trial::TrialView;
use crate::alarm::{Alarm, Standing};
use crate::scene::Priority;

/// The alarm desk, as panels read it.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The alarms of the present, the most urgent first.
    pub live: &'a [Alarm],
    /// Changes whenever the shown alarms do.
    pub revision: u64,
    /// The alarm that a person acknowledged last.
    pub addressed: Option<&'a Alarm>,
    /// What is heard.
    pub horn: HornView,
    /// How the alarm system does.
    pub review: &'a ReviewView,
    /// What other limits would have raised.
    pub trial: &'a TrialView,
}

/// What is heard of alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HornView {
    /// How urgent what sounds now is; `None` while it is quiet.
    pub sounding: Option<Priority>,
    /// The program that plays it; `None` if none was found, or nothing is to be heard here.
    pub player: Option<&'static str>,
}

impl<'a> Desk<'a> {
    /// The alarm that is told in the banner: the most pressing one.
    pub fn first(&self) -> Option<&'a Alarm> {
        most_pressing(self.live)
    }

    /// The alarm that a comment is about: the one acknowledged last, or that in the banner.
    pub fn subject(&self) -> Option<&'a Alarm> {
        self.addressed.or_else(|| self.first())
    }
}

/// True if somebody has yet to say that he knows of it.
pub fn waits(alarm: &Alarm) -> bool {
    !alarm.state.is_acknowledged() && alarm.standing != Standing::Latched
}

/// Of the alarms that wait, the most urgent: those that are active first, of equal ones the
/// newest.
pub fn most_pressing(alarms: &[Alarm]) -> Option<&Alarm> {
    let waiting = alarms.iter().filter(|alarm| waits(alarm));
    waiting.min_by_key(|alarm| {
        let newest = Reverse(alarm.raised);
        (!alarm.state.is_active(), alarm.priority, newest, alarm.id)
    })
}
