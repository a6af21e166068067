//! How a station's time is spent, and what it has made.

use super::plan::secs;
use super::station::{STATES, State};
use super::tape::Tape;

/// The accounts of a station.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ledger {
    state: State,
    since: u64,
    /// Time in each state up to `since`, ns.
    spent: [u64; STATES],
    /// Parts made.
    pub(super) made: u64,
    /// Bad ones among them.
    pub(super) bad: u64,
    /// The planned time of all work done, s.
    pub(super) planned: f64,
    /// When the active period at hand began, ns.
    active_since: u64,
    /// When it ended, ns; later activity at this very instant prolongs it.
    active_until: u64,
    /// Sum and number of the active periods before it.
    active_sum: u64,
    active_count: u64,
}

impl Ledger {
    /// Books that the station is in `state` from `now` on.
    #[inline]
    pub(super) fn enter(&mut self, now: u64, state: State) {
        if state == self.state {
            return;
        }
        self.spent[self.state as usize] += now - self.since;
        if state.is_active() != self.state.is_active() {
            if state.is_active() {
                if now > self.active_until || self.active_since == self.active_until {
                    self.close_period();
                    self.active_since = now;
                }
            } else {
                self.active_until = now;
            }
        }
        self.state = state;
        self.since = now;
    }

    fn close_period(&mut self) {
        let length = self.active_until.saturating_sub(self.active_since);
        if length > 0 {
            self.active_sum += length;
            self.active_count += 1;
        }
    }

    /// The state it is in.
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Time in `state` up to `now`, s.
    pub(super) fn time_in(&self, state: State, now: u64) -> f64 {
        let at_hand = if state == self.state {
            now - self.since
        } else {
            0
        };
        secs(self.spent[state as usize] + at_hand)
    }

    /// How long it has been active without a break, s.
    pub(super) fn active_for(&self, now: u64) -> f64 {
        if self.state.is_active() {
            secs(now - self.active_since)
        } else {
            0.0
        }
    }

    /// The mean length of its active periods, that at hand included, s.
    pub(super) fn mean_active(&self, now: u64) -> f64 {
        let end = if self.state.is_active() {
            now
        } else {
            self.active_until
        };
        let last = end.saturating_sub(self.active_since);
        let count = self.active_count + u64::from(last > 0);
        if count == 0 {
            return 0.0;
        }
        secs(self.active_sum + last) / count as f64
    }

    pub(super) fn tape(&mut self, tape: &mut Tape<'_>) {
        let mut state = self.state as i64;
        tape.integer(&mut state);
        match State::of_value(state as f64) {
            Some(state) => self.state = state,
            None => tape.refuse(),
        }
        for word in self.spent.iter_mut().chain([
            &mut self.since,
            &mut self.made,
            &mut self.bad,
            &mut self.active_since,
            &mut self.active_until,
            &mut self.active_sum,
            &mut self.active_count,
        ]) {
            tape.word(word);
        }
        tape.real(&mut self.planned);
    }
}
