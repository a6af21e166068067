//! What will happen, in order of time; at one instant, in the order in which it was planned.

use std::collections::BTreeMap;

use crate::models::ModelState;
use crate::models::saved::Saved;
use crate::time::Timestamp;

/// Something that happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The phase of a bed's wash ends.
    PhaseEnds {
        /// The bed.
        bed: usize,
    },
    /// The truck with the ordered solution is here.
    TruckArrives,
    /// The day tank is full.
    TankFilled,
}

/// The events to come.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    events: BTreeMap<(Timestamp, u64), Event>,
    planned: u64,
}

/// An agenda never grows beyond a few events per bed; more is no state of ours.
const MOST_EVENTS: usize = 1_000_000;

impl Agenda {
    /// Plans `event` for `at`.
    pub(super) fn plan(&mut self, at: Timestamp, event: Event) {
        self.events.insert((at, self.planned), event);
        self.planned += 1;
    }

    /// Takes back every such event.
    pub(super) fn cancel(&mut self, event: Event) {
        self.events.retain(|_, planned| *planned != event);
    }

    /// When the next event happens.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    /// The next event that happens at `now` or before.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<Event> {
        let first = self.events.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        let count = self.events.len() as i64;
        state.integers.extend([count, self.planned.cast_signed()]);
        for ((at, place), event) in &self.events {
            let kind = match event {
                Event::PhaseEnds { bed } => *bed as i64,
                Event::TruckArrives => -1,
                Event::TankFilled => -2,
            };
            state
                .integers
                .extend([at.nanos(), place.cast_signed(), kind]);
        }
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>, beds: usize) -> Option<()> {
        self.events.clear();
        let count = saved.count(MOST_EVENTS)?;
        self.planned = saved.integer()?.cast_unsigned();
        for _ in 0..count {
            let at = Timestamp::from_nanos(saved.integer()?);
            let place = saved.integer()?.cast_unsigned();
            let event = match saved.integer()? {
                -1 => Event::TruckArrives,
                -2 => Event::TankFilled,
                bed => Event::PhaseEnds {
                    bed: usize::try_from(bed).ok().filter(|bed| *bed < beds)?,
                },
            };
            self.events.insert((at, place), event);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_order_of_time_and_then_of_planning() {
        let mut agenda = Agenda::default();
        let at = Timestamp::from_secs;
        agenda.plan(at(20), Event::TruckArrives);
        agenda.plan(at(10), Event::PhaseEnds { bed: 1 });
        agenda.plan(at(10), Event::PhaseEnds { bed: 0 });
        agenda.plan(at(5), Event::TankFilled);
        agenda.cancel(Event::TankFilled);
        assert_eq!(agenda.next_at(), Some(at(10)));
        assert_eq!(agenda.take_due(at(9)), None);
        assert_eq!(agenda.take_due(at(15)), Some(Event::PhaseEnds { bed: 1 }));
        assert_eq!(agenda.take_due(at(15)), Some(Event::PhaseEnds { bed: 0 }));
        assert_eq!(agenda.take_due(at(15)), None);
    }
}
