//! Rates of alarms are over the time that somebody watched.

use parallax::alarm::{AlarmEvent, AlarmReport, Standing};
use parallax::scene::Priority;
use parallax::time::Timestamp;

fn at(minutes: f64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000).plus_secs(60.0 * minutes)
}

/// An alarm that is told at these minutes.
fn told(minutes: &[f64]) -> Vec<AlarmEvent> {
    let each = minutes.iter().map(|&minute| AlarmEvent {
        at: at(minute),
        alarm: 0,
        priority: Priority::Low,
        from: Standing::Normal,
        to: Standing::Unacknowledged,
    });
    each.collect()
}

/// The report of `span` minutes with these gaps.
fn report(events: &[AlarmEvent], span: f64, gaps: &[(f64, f64)]) -> AlarmReport {
    let gaps: Vec<_> = gaps.iter().map(|(from, to)| (at(*from), at(*to))).collect();
    let names = ["TK-1.level high".to_owned()];
    AlarmReport::with_gaps(events, &names, (at(0.0), at(span)), &gaps)
}

#[test]
fn hours_in_which_nothing_was_recorded_do_not_dilute_the_rates() {
    let events = told(&[5.0, 65.0, 125.0, 725.0, 785.0, 845.0]);
    let day = 24.0 * 60.0;
    let whole = report(&events, day, &[]);
    assert_eq!((whole.hours, whole.known_hours), (24.0, 24.0));
    assert_eq!((whole.per_hour, whole.windows), (0.25, 144));
    let gaps = [(130.0, 700.0), (1_290.0, day)];
    let known = report(&events, day, &gaps);
    // 24 h less 9.5 and 2.5.
    assert_eq!((known.hours, known.known_hours), (24.0, 12.0));
    assert_eq!((known.told, known.per_hour), (6, 0.5));
    assert_eq!(known.windows, 144 - 57 - 15);
}

#[test]
fn a_window_of_which_something_is_known_is_one() {
    #[track_caller]
    fn check(span: f64, gap: (f64, f64), windows: usize) {
        assert_eq!(report(&[], span, &[gap]).windows, windows);
    }
    check(60.0, (9.0, 31.0), 4);
    check(60.0, (10.0, 30.0), 4);
    check(60.0, (11.0, 29.0), 6);
    // The last window ends with the report.
    check(55.0, (39.0, 55.0), 4);
    check(55.0, (39.0, 54.0), 5);
    check(55.0, (-10.0, 500.0), 0);
    // What was told in a gap was told to somebody.
    let seen = report(&told(&[15.0]), 60.0, &[(9.0, 31.0)]);
    assert_eq!(seen.windows, 5);
}

#[test]
fn of_a_time_in_which_nothing_was_recorded_there_are_no_rates() {
    let none = report(&[], 60.0, &[(0.0, 60.0)]);
    assert_eq!((none.known_hours, none.windows), (0.0, 0));
    assert!(none.targets.iter().all(|target| target.value == 0.0));
}
