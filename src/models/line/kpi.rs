//! Key figures of stations and of the line: effectiveness and bottlenecks.

use super::ledger::Ledger;
use super::station::State;

/// The three factors of overall equipment effectiveness, by ISO 22400-2.
///
/// * availability = actual production time / planned busy time. Planned busy time is all time but
///   that off shift and in planned maintenance; waiting and blocking are lost availability.
/// * performance (effectiveness) = planned time of all parts made / actual production time.
/// * quality = good parts / parts made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effectiveness {
    /// Share of the planned time in which it produced.
    pub availability: f64,
    /// Planned over actual time of what it made; above 1 if it is faster than planned.
    pub performance: f64,
    /// Share of good parts.
    pub quality: f64,
}

impl Effectiveness {
    /// From times in s and counts; what was not tried yet is not bad.
    pub fn new(planned_busy: f64, producing: f64, planned_for: f64, made: u64, bad: u64) -> Self {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 1.0 };
        Self {
            availability: share(producing, planned_busy),
            performance: share(planned_for, producing),
            quality: share(made.saturating_sub(bad) as f64, made as f64),
        }
    }

    /// The overall equipment effectiveness.
    pub fn overall(&self) -> f64 {
        self.availability * self.performance * self.quality
    }

    /// Of a station up to `now`, ns after the start.
    pub(super) fn of(ledger: &Ledger, now: u64) -> Self {
        let spent = |state| ledger.time_in(state, now);
        let not_planned = spent(State::Off) + spent(State::Maintained);
        let planned_busy = super::plan::secs(now) - not_planned;
        Self::new(
            planned_busy,
            spent(State::Working),
            ledger.planned,
            ledger.made,
            ledger.bad,
        )
    }
}

/// How a station spent its time, for finding the bottleneck.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Activity {
    /// Share of time in which it could not get rid of what it had made.
    pub blocked: f64,
    /// Share of time in which it waited for parts.
    pub starved: f64,
    /// Mean length of its active periods, s: without waiting or being blocked.
    pub mean_active: f64,
}

/// The station with the longest mean active period (Roser, Nakano and Tanaka, *A practical
/// bottleneck detection method*, Winter Simulation Conference 2001).
pub fn active_period_bottleneck(stations: &[Activity]) -> Option<usize> {
    let active = stations.iter().enumerate();
    let active = active.filter(|(_, station)| station.mean_active > 0.0);
    let longest = active.max_by(|(one_place, one), (other_place, other)| {
        let order = one.mean_active.total_cmp(&other.mean_active);
        order.then(other_place.cmp(one_place)) // the first of equals
    });
    longest.map(|(place, _)| place)
}

/// The station at which blocking turns into starving (Li, Chang and Ni, *Data driven bottleneck
/// detection of manufacturing systems*, International Journal of Production Research 47, 2009).
///
/// `stations` are in the order of the line. Stations before the turning point are blocked more
/// than starved, those after it starved more than blocked, and it waits less than its neighbours.
/// `None` if there is no such station.
pub fn turning_point(stations: &[Activity]) -> Option<usize> {
    let tends = |station: &Activity| station.blocked - station.starved;
    let waits = |station: &Activity| station.blocked + station.starved;
    let turns = |place: &usize| {
        let (before, after) = (&stations[..*place], &stations[place + 1..]);
        let upstream = before.last().is_none_or(|last| tends(last) > 0.0);
        let downstream = after.first().is_none_or(|next| tends(next) < 0.0);
        let least = |other: Option<&Activity>| {
            other.is_none_or(|other| waits(&stations[*place]) <= waits(other))
        };
        upstream && downstream && least(before.last()) && least(after.first())
    };
    let found = (0..stations.len()).filter(turns);
    // Of several, the one that waits least.
    found.min_by(|one, other| waits(&stations[*one]).total_cmp(&waits(&stations[*other])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stations(waits: &[(f64, f64)]) -> Vec<Activity> {
        let station = |(blocked, starved): &(f64, f64)| Activity {
            blocked: *blocked,
            starved: *starved,
            mean_active: 1.0 - blocked - starved,
        };
        waits.iter().map(station).collect()
    }

    #[test]
    fn blocking_turns_into_starving_at_the_bottleneck() {
        let line = stations(&[
            (0.4, 0.0),
            (0.3, 0.05),
            (0.02, 0.03),
            (0.05, 0.3),
            (0.0, 0.4),
        ]);
        assert_eq!(turning_point(&line), Some(2));
        assert_eq!(active_period_bottleneck(&line), Some(2));
        assert_eq!(turning_point(&stations(&[(0.0, 0.0), (0.0, 0.5)])), Some(0));
        assert_eq!(turning_point(&stations(&[(0.5, 0.0), (0.0, 0.0)])), Some(1));
        assert_eq!(turning_point(&[]), None);
    }

    #[test]
    fn effectiveness_multiplies_its_three_losses() {
        // 420 planned minutes, 373 producing, planned 1 s a part, 19 271 parts, 423 bad: an
        // example that textbooks on effectiveness repeat, with its usual result of 74.8 %.
        let found = Effectiveness::new(420.0 * 60.0, 373.0 * 60.0, 19_271.0, 19_271, 423);
        assert!((found.availability - 0.888).abs() < 5e-4, "{found:?}");
        assert!((found.performance - 0.861).abs() < 5e-4, "{found:?}");
        assert!((found.quality - 0.978).abs() < 5e-4, "{found:?}");
        assert!((found.overall() - 0.748).abs() < 5e-4, "{found:?}");
    }
}
