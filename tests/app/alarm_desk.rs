//! The alarm desk as systems do it: what is refused when, what is remembered, what is found.

use std::time::Duration;

use parallax::alarm::{AlarmId, AlarmState, Happening, Shelf};
use parallax::app::action::{Action, LimitTrial, Named, OrderStep};
use parallax::app::alarm_review::AlarmReview;
use parallax::app::alarms::{Addressed, AlarmBook, AlarmOrder, Foreseen};
use parallax::app::recording::{NoteBook, Store};
use parallax::app::selection::Selection;
use parallax::app::timeline::Playback;
use parallax::command::OrderId;
use parallax::session::{Recording, StorePlan};
use parallax::signal::{RunId, Sample, SignalId};
use parallax::timeline::{Mode, RunSpan, TimelineCommand};

use super::twin::{Twin, secs, tanks};

/// TK-1 and TK-2 are too full since 100 s and 110 s, and it is 200 s.
fn overfull() -> Twin {
    fill(Twin::of(tanks(3)))
}

fn fill(mut twin: Twin) -> Twin {
    let level =
        |tank: u32, at: i64, value: f64| (SignalId((tank - 1) * 2), Sample::good(secs(at), value));
    twin.send(&[
        level(1, 0, 5.0),
        level(2, 0, 5.0),
        level(1, 100, 9.5),
        level(2, 110, 9.6),
        level(3, 200, 5.0),
    ]);
    twin.update();
    twin
}

fn states(twin: &Twin) -> Vec<AlarmState> {
    let book = twin.app.world().resource::<AlarmBook>();
    (0..3).map(|id| book.state(AlarmId(id))).collect()
}

#[test]
fn the_first_alarm_is_acknowledged_by_one_key_and_remembered() {
    let mut twin = overfull();
    twin.act(Action::Named(Named::AcknowledgeFirst));
    // Of two that are equally urgent the newest comes first.
    let waits = AlarmState::Unacknowledged;
    assert_eq!(
        states(&twin),
        [waits, AlarmState::Acknowledged, AlarmState::Normal]
    );
    let addressed = &twin.app.world().resource::<Addressed>().0;
    assert_eq!(addressed.as_ref().map(|alarm| alarm.id), Some(AlarmId(1)));
    twin.act(Action::Named(Named::GoToAlarm));
    twin.update();
    let selected = twin.app.world().resource::<Selection>().selected;
    assert_eq!(selected, twin.scene().find_asset("TK-1"));
    twin.act(Action::Named(Named::AcknowledgeFirst));
    twin.act(Action::Named(Named::AcknowledgeFirst));
    twin.update();
    assert_eq!(twin.last_notice(), "No alarm waits to be acknowledged");
}

/// A run is selected that reaches to 2,000 s.
fn look_ahead(twin: &mut Twin) {
    let run = RunId(7);
    let mut playback = twin.app.world_mut().resource_mut::<Playback>();
    playback.0.apply(TimelineCommand::SelectRun(Some(run)));
    playback.0.set_run_span(RunSpan {
        run,
        start: secs(200),
        reached: secs(2_000),
    });
}

#[test]
fn what_acts_on_the_plant_is_refused_in_history_and_simulated_and_nothing_else_acts() {
    let elsewhere = [
        (Mode::History, secs(150)),
        (Mode::Simulated, secs(1_000)),
        (Mode::Beyond, secs(50_000)),
    ];
    let shelf = Shelf {
        until: secs(9_000),
        reason: "test".into(),
    };
    let others = [
        Action::Acknowledge(AlarmId(0)),
        Action::AlarmAct(AlarmId(0), Happening::Shelve(shelf)),
        Action::AlarmAct(AlarmId(0), Happening::TakeOutOfService),
        Action::CommentAlarms(vec![AlarmId(0)], "seen from afar".to_owned()),
        Action::ReviewAlarms(1),
        Action::Order(OrderStep::Arm(SignalId(0), 5.0)),
        Action::Order(OrderStep::Confirm(OrderId(1))),
    ];
    let named = Named::ALL.iter().copied().map(Action::Named);
    let all: Vec<Action> = named.chain(others).collect();
    assert!(all.iter().filter(|action| action.acts_on_plant()).count() >= 7);
    for (mode, at) in elsewhere {
        let mut twin = overfull();
        for action in &all {
            look_ahead(&mut twin);
            twin.steer(TimelineCommand::Seek(at));
            assert_eq!(twin.timeline().mode(), mode, "before {action:?}");
            let before = twin
                .app
                .world()
                .resource::<AlarmBook>()
                .journal()
                .changes()
                .len();
            twin.act(action.clone());
            twin.update();
            let after = twin
                .app
                .world()
                .resource::<AlarmBook>()
                .journal()
                .changes()
                .len();
            assert_eq!(after, before, "{action:?} changed an alarm in {mode:?}");
            if action.acts_on_plant() {
                let told = twin.last_notice();
                assert!(told.contains("live"), "{action:?} in {mode:?}: {told}");
            }
        }
    }
}

#[test]
fn alarms_of_the_present_are_known_wherever_the_playhead_is() {
    let mut twin = overfull();
    twin.steer(TimelineCommand::Seek(secs(50)));
    twin.update();
    assert!(twin.alarms().is_empty(), "none was active then");
    let order = twin.app.world().resource::<AlarmOrder>();
    assert_eq!(order.live.len(), 2);
    assert!(twin.app.world().resource::<Foreseen>().0.is_empty());
}

#[test]
fn a_comment_that_cannot_be_kept_is_refused() {
    let mut twin = overfull();
    twin.act(Action::CommentAlarms(
        vec![AlarmId(0)],
        "valve stuck".to_owned(),
    ));
    twin.update();
    let told = twin.last_notice();
    assert!(told.contains("Nothing is recorded"), "{told}");
}

/// Updates until `done` says so.
fn wait_for(twin: &mut Twin, done: impl Fn(&AlarmReview) -> bool) {
    for _ in 0..2_000 {
        twin.update();
        if done(twin.app.world().resource::<AlarmReview>()) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the thread found nothing");
}

#[test]
fn limits_are_tried_on_what_was_measured() {
    let mut twin = overfull();
    let signal = SignalId(0);
    let mut limits = twin.scene().signal(signal).limits.clone();
    limits[0].at = 4.0;
    let trial = LimitTrial {
        signal,
        limits,
        hours: 1,
    };
    twin.act(Action::TryLimits(Box::new(trial.clone())));
    wait_for(&mut twin, |review| {
        !review.trial.running && review.trial.done.is_some()
    });
    let review = twin.app.world().resource::<AlarmReview>();
    let done = review.trial.done.as_ref().expect("a trial");
    assert_eq!(done.trial, trial);
    // Above 4 m from the first sample on, and never below again.
    let [raised] = &done.raised[..] else {
        panic!("{:?}", done.raised)
    };
    assert_eq!((raised.raised, raised.cleared), (secs(0), None));
    assert_eq!(done.own, 1, "the scene's own limit is passed at 100 s");
    assert_eq!((done.samples, done.span), (2, Some((secs(0), secs(100)))));
    // The alarms of the plant are untouched.
    assert_eq!(states(&twin)[0], AlarmState::Unacknowledged);
}

#[test]
fn the_performance_of_this_session_is_told_without_a_store() {
    let mut twin = overfull();
    twin.act(Action::ReviewAlarms(24));
    wait_for(&mut twin, |review| {
        !review.review.running && review.review.report.is_some()
    });
    let review = twin.app.world().resource::<AlarmReview>();
    let report = review.review.report.as_ref().expect("a report");
    assert_eq!((report.told, report.by_priority), (2, [0, 2, 0]));
    assert_eq!(review.review.asked, Some(24));
}

#[test]
fn comment_and_performance_come_from_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().display().to_string();
    let mut twin = Twin::of(tanks(3));
    let plan = StorePlan {
        place,
        record: true,
    };
    let recording = Recording::start(&twin.scene(), &plan, None);
    let recording = recording.unwrap_or_else(|error| panic!("{error}"));
    twin.app.insert_resource(Store(Some(recording)));
    let mut twin = fill(twin);
    twin.act(Action::Named(Named::AcknowledgeFirst));
    twin.act(Action::CommentAlarms(
        vec![AlarmId(1)],
        "valve stuck".to_owned(),
    ));
    twin.update();
    let notes = &twin.app.world().resource::<NoteBook>().0;
    let [note] = &notes[..] else {
        panic!("{notes:?}")
    };
    assert_eq!(note.text, "Alarm Level high: valve stuck");
    assert_eq!((note.at, note.tag.as_deref()), (secs(110), Some("TK-2")));
    // What was just written is on the disk a little later.
    for _ in 0..100 {
        twin.act(Action::ReviewAlarms(24));
        wait_for(&mut twin, |review| !review.review.running);
        let view = &twin.app.world().resource::<AlarmReview>().review;
        assert_eq!((view.told_by, &view.trouble), ("the store", &None));
        let told = view.report.as_ref().map_or(0, |report| report.told);
        if told == 2 {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the store never told of both alarms");
}
