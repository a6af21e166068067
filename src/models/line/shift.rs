//! When the stations work.

use super::plan::{Plan, ShiftPlan, Slot};
use super::world::World;
use crate::time::Timestamp;

/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;
/// The epoch, 1 January 1970, was a Thursday.
const EPOCH_IN_WEEK: i64 = 3 * 86_400;

/// True if one of `shifts` is on at `at`, or if there are none.
pub(super) fn is_on(shifts: &[ShiftPlan], at: Timestamp) -> bool {
    let second = (at.nanos().div_euclid(1_000_000_000) + EPOCH_IN_WEEK).rem_euclid(WEEK);
    let within = |shift: &ShiftPlan| (second - shift.from).rem_euclid(WEEK) < shift.length;
    shifts.is_empty() || shifts.iter().any(within)
}

/// The nanoseconds from `at` to the next beginning or end of a shift.
pub(super) fn until_change(shifts: &[ShiftPlan], at: Timestamp) -> Option<u64> {
    const WEEK_NANOS: i64 = WEEK * 1_000_000_000;
    let in_week = (at.nanos() + EPOCH_IN_WEEK * 1_000_000_000).rem_euclid(WEEK_NANOS);
    let edges = shifts
        .iter()
        .flat_map(|shift| [shift.from, shift.from + shift.length]);
    let spans = edges.map(|edge| (edge * 1_000_000_000 - in_week).rem_euclid(WEEK_NANOS));
    // At an edge itself the next one is meant, a week later at most.
    let spans = spans.map(|span| if span == 0 { WEEK_NANOS } else { span });
    spans.min().map(i64::unsigned_abs)
}

impl World {
    /// Plans the next beginning or end of a shift.
    pub(super) fn plan_shift(&mut self, plan: &Plan) {
        let at = self.instant();
        let slot = plan.slots.iter().position(|slot| *slot == Slot::Shift);
        if let (Some(slot), Some(span)) = (slot, until_change(&plan.shifts, at)) {
            self.calendar.plan(slot as u32, self.now + span);
        }
    }

    /// A shift begins or ends.
    pub(super) fn change_shift(&mut self, plan: &Plan) {
        self.plan_shift(plan);
        self.look_at_shift(plan);
    }

    /// Switches the stations as the shifts and the line's own signal want it.
    pub(super) fn look_at_shift(&mut self, plan: &Plan) {
        self.on_shift = !self.shift_off && is_on(&plan.shifts, self.instant());
        for place in 0..self.stations.len() {
            let off = self.stations[place].switched_off;
            self.switch(plan, place, !self.on_shift, off);
        }
    }

    /// The instant that it is now.
    pub(super) fn instant(&self) -> Timestamp {
        Timestamp::from_nanos(self.start.nanos().saturating_add_unsigned(self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_shift_runs_into_the_next_day_and_week() {
        // Sunday 22:00 to Monday 06:00.
        let shifts = [ShiftPlan {
            from: 6 * 86_400 + 22 * 3_600,
            length: 8 * 3_600,
        }];
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        // 1 March 2026 is a Sunday.
        assert!(!is_on(&shifts, at("2026-03-01T21:59:59Z")));
        assert!(is_on(&shifts, at("2026-03-01T22:00:00Z")));
        assert!(is_on(&shifts, at("2026-03-02T05:59:59Z")));
        assert!(!is_on(&shifts, at("2026-03-02T06:00:00Z")));
        let hour = 3_600_000_000_000;
        assert_eq!(
            until_change(&shifts, at("2026-03-01T20:00:00Z")),
            Some(2 * hour)
        );
        assert_eq!(
            until_change(&shifts, at("2026-03-01T22:00:00Z")),
            Some(8 * hour)
        );
        assert_eq!(
            until_change(&shifts, at("2026-03-02T06:00:00Z")),
            Some((7 * 24 - 8) * hour)
        );
        assert!(is_on(&[], at("2026-03-02T06:00:00Z")));
    }
}
