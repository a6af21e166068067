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

/// The station that has been active longest without a break, by how long each has been, s: what
/// limits the line at this instant (Roser, Nakano and Tanaka, *Shifting bottleneck detection*,
/// Winter Simulation Conference 2002). `None` if none is active.
pub fn momentary_bottleneck(active_for: &[f64]) -> Option<usize> {
    let mut longest = None;
    for (place, span) in active_for.iter().enumerate() {
        if *span > longest.map_or(0.0, |(_, longest)| longest) {
            longest = Some((place, *span));
        }
    }
    longest.map(|(place, _)| place)
}

/// The station at which blocking turns into starving (Li, Chang and Ni, *Data driven bottleneck
/// detection of manufacturing systems*, International Journal of Production Research 47, 2009).
///
/// `after` names the stations that come next after each. Those before the turning point are
/// blocked more than starved, those after it starved more than blocked, and it waits less than
/// its neighbours. Of several such stations it is the one that waits least; `None` if there is
/// none.
pub fn turning_point(stations: &[Activity], after: &[Vec<usize>]) -> Option<usize> {
    let tends = |station: &Activity| station.blocked - station.starved;
    let waits = |place: usize| stations[place].blocked + stations[place].starved;
    let mut turns = vec![true; stations.len()];
    for (place, next) in after.iter().enumerate() {
        for &next in next.iter().filter(|next| **next != place) {
            turns[place] &= tends(&stations[next]) < 0.0 && waits(place) <= waits(next);
            turns[next] &= tends(&stations[place]) > 0.0 && waits(next) <= waits(place);
        }
    }
    let found = (0..stations.len()).filter(|place| turns[*place]);
    found.min_by(|one, other| waits(*one).total_cmp(&waits(*other)))
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

    /// Each station before the next.
    fn row(stations: &[Activity]) -> Vec<Vec<usize>> {
        let count = stations.len();
        let next = (1..=count).map(|next| (next..count).take(1).collect());
        next.collect()
    }

    #[track_caller]
    fn check_turn(waits: &[(f64, f64)], wanted: Option<usize>) {
        let stations = stations(waits);
        assert_eq!(turning_point(&stations, &row(&stations)), wanted);
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
        assert_eq!(turning_point(&line, &row(&line)), Some(2));
        assert_eq!(active_period_bottleneck(&line), Some(2));
        check_turn(&[(0.0, 0.0), (0.0, 0.5)], Some(0));
        check_turn(&[(0.5, 0.0), (0.0, 0.0)], Some(1));
        // Starved before and blocked after: nothing turns.
        check_turn(&[(0.0, 0.5), (0.5, 0.0)], None);
        check_turn(&[], None);
    }

    #[test]
    fn of_lines_side_by_side_the_busiest_turning_point_is_told() {
        let pair = [(0.2, 0.1), (0.1, 0.15), (0.3, 0.0), (0.0, 0.01), (0.0, 0.4)];
        let after = [vec![1], vec![], vec![3], vec![4], vec![]];
        assert_eq!(turning_point(&stations(&pair), &after), Some(3));
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
