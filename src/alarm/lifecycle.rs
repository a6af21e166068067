//! The whole life of one alarm by ISA-18.2, with all that takes it off the list.
//!
//! Whether the condition holds is followed in every state, so an alarm that comes back
//! to the list while its condition holds is told anew.

use std::sync::Arc;

use thiserror::Error;

use super::state::AlarmState;
use crate::time::Timestamp;

/// Where an alarm stands, as an operator reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// All is well, and known to be.
    #[default]
    Normal,
    /// Active, and nobody has said that he knows.
    Unacknowledged,
    /// Active and known.
    Acknowledged,
    /// No longer active, and nobody has said that he knows.
    ReturnedUnacknowledged,
    /// No longer active and known; stays until somebody resets it.
    Latched,
    /// Put aside by a person for a limited time.
    Shelved,
    /// Put aside by the state of the plant.
    Suppressed,
    /// Put aside for maintenance.
    OutOfService,
}

impl Standing {
    /// True while its condition holds and it is on the list.
    pub fn is_active(self) -> bool {
        self.is_listed() && self.state().is_active()
    }

    /// True unless something keeps it off the list.
    pub fn is_listed(self) -> bool {
        !matches!(self, Self::Shelved | Self::Suppressed | Self::OutOfService)
    }

    /// As two bits: active, and known. A latched alarm still waits for a person.
    pub fn state(self) -> AlarmState {
        match self {
            Self::Unacknowledged => AlarmState::Unacknowledged,
            Self::Acknowledged => AlarmState::Acknowledged,
            Self::ReturnedUnacknowledged | Self::Latched => AlarmState::ReturnedUnacknowledged,
            Self::Normal | Self::Shelved | Self::Suppressed | Self::OutOfService => {
                AlarmState::Normal
            }
        }
    }
}

/// What happens to an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Its condition holds.
    Raised,
    /// Its condition holds no more.
    Cleared,
    /// Somebody says that he knows.
    Acknowledge,
    /// Somebody resets a latched alarm.
    Reset,
    /// Somebody puts it aside.
    Shelve(Shelf),
    /// Somebody takes it back before its time.
    Unshelve,
    /// The state of the plant makes it meaningless.
    Suppress,
    /// The state of the plant makes it meaningful again.
    Unsuppress,
    /// It goes into maintenance.
    TakeOutOfService,
    /// It comes back from maintenance.
    ReturnToService,
}

impl Happening {
    /// True for what no person does.
    pub fn is_of_the_plant(&self) -> bool {
        matches!(
            self,
            Self::Raised | Self::Cleared | Self::Suppress | Self::Unsuppress
        )
    }
}

/// How long an alarm is shelved, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// When it returns by itself.
    pub until: Timestamp,
    /// Why it was put aside.
    pub reason: Arc<str>,
}

/// Why nothing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The alarm is in no state for it.
    #[error("this cannot be done to an alarm that is {0:?}")]
    WrongStanding(Standing),
    /// The alarm was raised in the same instant, so nobody can have seen it.
    #[error("the alarm was raised in the same instant; acknowledge it again")]
    JustRaised,
    /// No person raises, clears or suppresses an alarm.
    #[error("only the plant raises, clears and suppresses alarms")]
    OnlyThePlant,
    /// The scene has no such alarm.
    #[error("the scene has no such alarm")]
    Unknown,
    /// A shelf needs a reason.
    #[error("say why the alarm is shelved")]
    NoReason,
    /// A shelf ends after it begins.
    #[error("the alarm would return before it is shelved; choose a later time")]
    EndsBeforeItBegins,
}

/// One alarm through its life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    latching: bool,
    active: bool,
    shown: Standing,
    raised: Option<Timestamp>,
    shelf: Option<Shelf>,
    suppressed: bool,
    out_of_service: bool,
}

impl Lifecycle {
    /// A normal alarm; `latching` if it stays until somebody resets it.
    pub fn new(latching: bool) -> Self {
        Self {
            latching,
            ..Self::default()
        }
    }

    /// Takes up where a journal ends: it stands there since `at`.
    pub(super) fn resume(&mut self, standing: Standing, at: Timestamp, shelf: Option<Shelf>) {
        *self = Self::new(self.latching);
        self.active = standing.is_active();
        self.raised = self.active.then_some(at);
        self.out_of_service = standing == Standing::OutOfService;
        self.suppressed = standing == Standing::Suppressed;
        if standing.is_listed() {
            self.shown = standing;
        }
        self.shelf = shelf;
    }

    /// Where it stands. Maintenance counts before suppression, suppression before the shelf.
    pub fn standing(&self) -> Standing {
        if self.out_of_service {
            Standing::OutOfService
        } else if self.suppressed {
            Standing::Suppressed
        } else if self.shelf.is_some() {
            Standing::Shelved
        } else {
            self.shown
        }
    }

    /// True while its condition holds, on the list or off it.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Its shelf, also while something stronger keeps it off the list.
    pub fn shelf(&self) -> Option<&Shelf> {
        self.shelf.as_ref()
    }

    /// Returns it from its shelf if its time is over at `now`; true if it did.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let Some(until) = self.shelf.as_ref().map(|shelf| shelf.until) else {
            return false;
        };
        if now < until {
            return false;
        }
        self.shelf = None;
        self.come_back(until);
        true
    }

    /// Makes `happening` happen at `at`; nothing changes where it is refused.
    pub fn apply(&mut self, happening: Happening, at: Timestamp) -> Result<Standing, Refusal> {
        let standing = self.standing();
        let wrong = Err(Refusal::WrongStanding(standing));
        match happening {
            Happening::Raised if !self.active => {
                self.active = true;
                if self.is_listed() {
                    self.tell(at);
                }
            }
            Happening::Cleared if self.active => {
                self.active = false;
                self.shown = match self.shown {
                    Standing::Unacknowledged => Standing::ReturnedUnacknowledged,
                    Standing::Acknowledged => self.known_and_over(),
                    other => other,
                };
            }
            Happening::Raised | Happening::Cleared => {}
            Happening::Acknowledge => {
                let to = match standing {
                    Standing::Unacknowledged => Standing::Acknowledged,
                    Standing::ReturnedUnacknowledged => self.known_and_over(),
                    _ => return wrong,
                };
                if self.raised.is_some_and(|raised| at <= raised) {
                    return Err(Refusal::JustRaised);
                }
                self.shown = to;
            }
            Happening::Reset if standing == Standing::Latched => self.shown = Standing::Normal,
            Happening::Shelve(shelf) if self.shelf.is_none() && self.is_listed() => {
                if shelf.reason.trim().is_empty() {
                    return Err(Refusal::NoReason);
                }
                if shelf.until <= at {
                    return Err(Refusal::EndsBeforeItBegins);
                }
                self.shelf = Some(shelf);
                self.shown = Standing::Normal;
            }
            Happening::Unshelve if self.shelf.is_some() => {
                self.shelf = None;
                self.come_back(at);
            }
            Happening::Suppress if !self.suppressed => {
                self.suppressed = true;
                self.shown = Standing::Normal;
            }
            Happening::Unsuppress if self.suppressed => {
                self.suppressed = false;
                self.come_back(at);
            }
            Happening::TakeOutOfService if !self.out_of_service => {
                self.out_of_service = true;
                self.shown = Standing::Normal;
            }
            Happening::ReturnToService if self.out_of_service => {
                self.out_of_service = false;
                self.come_back(at);
            }
            _ => return wrong,
        }
        Ok(self.standing())
    }

    fn is_listed(&self) -> bool {
        self.shelf.is_none() && !self.suppressed && !self.out_of_service
    }

    fn known_and_over(&self) -> Standing {
        if self.latching {
            Standing::Latched
        } else {
            Standing::Normal
        }
    }

    fn tell(&mut self, at: Timestamp) {
        self.shown = Standing::Unacknowledged;
        self.raised = Some(at);
    }

    fn come_back(&mut self, at: Timestamp) {
        if self.active && self.is_listed() {
            self.tell(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn shelve() -> Happening {
        Happening::Shelve(Shelf {
            until: secs(1000),
            reason: "sensor is cleaned".into(),
        })
    }

    /// The events, in the order of the columns below.
    fn columns() -> [Happening; 10] {
        use Happening::*;
        [
            Raised,
            Cleared,
            Acknowledge,
            Reset,
            shelve(),
            Unshelve,
            Suppress,
            Unsuppress,
            TakeOutOfService,
            ReturnToService,
        ]
    }

    /// A latching alarm to which these happened, a second apart.
    fn after(path: &[Happening]) -> Lifecycle {
        let mut alarm = Lifecycle::new(true);
        for (second, happening) in path.iter().enumerate() {
            alarm
                .apply(happening.clone(), secs(second as i64))
                .expect("it may happen");
        }
        alarm
    }

    /// N U A R L: on the list; S D O: shelved, by design, out of service; `-`: refused.
    fn letter(standing: Standing) -> char {
        match standing {
            Standing::Normal => 'N',
            Standing::Unacknowledged => 'U',
            Standing::Acknowledged => 'A',
            Standing::ReturnedUnacknowledged => 'R',
            Standing::Latched => 'L',
            Standing::Shelved => 'S',
            Standing::Suppressed => 'D',
            Standing::OutOfService => 'O',
        }
    }

    #[track_caller]
    fn check(path: &[Happening], expected: &str) {
        let start = after(path);
        let row: String = columns()
            .into_iter()
            .map(|happening| {
                let mut alarm = start.clone();
                match alarm.apply(happening, secs(100)) {
                    Ok(standing) => letter(standing),
                    Err(_) => {
                        assert_eq!(alarm, start, "a refusal changes nothing");
                        '-'
                    }
                }
            })
            .collect();
        assert_eq!(row, expected, "from {:?}", start.standing());
    }

    #[test]
    fn every_event_in_every_state_leads_where_isa_18_2_says() {
        use Happening::*;
        check(&[], "UN--S-D-O-");
        check(&[Raised], "URA-S-D-O-");
        check(&[Raised, Acknowledge], "AL--S-D-O-");
        check(&[Raised, Cleared], "URL-S-D-O-");
        check(&[Raised, Acknowledge, Cleared], "UL-NS-D-O-");
        check(&[shelve()], "SS---ND-O-");
        check(&[Raised, shelve()], "SS---UD-O-");
        check(&[Suppress], "DD-----NO-");
        check(&[Raised, Suppress], "DD-----UO-");
        check(&[TakeOutOfService], "OO----O--N");
        check(&[Raised, TakeOutOfService], "OO----O--U");
        check(&[Raised, shelve(), Suppress], "DD---D-SO-");
    }

    #[test]
    fn acknowledging_never_takes_an_alarm_of_the_same_instant() {
        let mut alarm = Lifecycle::new(false);
        alarm
            .apply(Happening::Raised, secs(5))
            .expect("it may happen");
        assert_eq!(
            alarm.apply(Happening::Acknowledge, secs(5)),
            Err(Refusal::JustRaised)
        );
        assert_eq!(
            alarm.apply(Happening::Acknowledge, secs(6)),
            Ok(Standing::Acknowledged)
        );
    }

    #[test]
    fn a_shelved_alarm_returns_at_its_time_and_is_told_if_active() {
        let mut alarm = after(&[shelve(), Happening::Raised]);
        assert!(!alarm.tick(secs(999)));
        assert!(alarm.tick(secs(1000)));
        assert_eq!(alarm.standing(), Standing::Unacknowledged);
    }
}
