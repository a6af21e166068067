//! How the alarm system does, and limits tried on the past.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use parallax::alarm::{AlarmEvent, AlarmReport, Raised, Standing};
use parallax::app::action::{Action, LimitTrial};
use parallax::app::panels::alarms::trial::TrialResult;
use parallax::app::panels::layout::Tab;
use parallax::scene::Priority;
use parallax::session::Watch;

use super::{crowd, press};
use crate::panels::{Screen, check_texts, draw};
use crate::plant::NOW;

#[test]
fn the_performance_is_held_against_its_targets() {
    let mut stage = crowd(500);
    let events: Vec<_> = (0..500)
        .map(|place| AlarmEvent {
            at: NOW.plus_secs(-3_000.0 + f64::from(place)),
            alarm: place % 20,
            priority: Priority::High,
            from: Standing::Normal,
            to: Standing::Unacknowledged,
        })
        .collect();
    let names: Vec<_> = (0..20)
        .map(|place| format!("TK-{place}.level high"))
        .collect();
    let span = (NOW.plus_secs(-3_600.0), NOW);
    stage.review.report = Some(AlarmReport::of(&events, &names, span.0, span.1));
    stage.review.watch = Watch::of([span], span);
    stage.review.told_by = "the store";
    let mut harness = draw(&stage, Screen::showing(Tab::Alarms));
    press(&mut harness, "Performance");
    check_texts(
        &harness,
        &[
            "alarms an hour",
            "500",
            "Told most often",
            "TK-0.level high",
            "2 high 500 (100 %)",
        ],
    );
    assert!(harness.state().actions.contains(&Action::ReviewAlarms(24)));
    press(&mut harness, "Week");
    let asked = harness.state().actions.last();
    assert_eq!(asked, Some(&Action::ReviewAlarms(168)));
}

#[test]
fn since_when_and_with_which_gaps_somebody_watched_is_told() {
    let mut stage = crowd(1);
    let at = |minutes: f64| NOW.plus_secs(minutes * 60.0);
    let day = (at(-1_440.0), NOW);
    let recorded = [(at(-180.0), at(-120.0)), (at(-90.0), NOW)];
    let watch = Watch::of(recorded, day).expect("watched");
    stage.review.report = Some(AlarmReport::of(&[], &[], watch.from, watch.to));
    stage.review.watch = Some(watch);
    stage.review.asked = Some(24);
    let mut harness = draw(&stage, Screen::showing(Tab::Alarms));
    press(&mut harness, "Performance");
    check_texts(
        &harness,
        &[
            "Watching began then: 3 h 0 min of 1 d 0 h are judged",
            "Nothing was recorded for 30 min of it, in 1 gap, the longest from 01 Mar 04:30 to \
             01 Mar 05:00 UTC: rates are over the rest",
        ],
    );
}

#[test]
fn limits_are_tried_from_the_inspector_and_what_they_raise_is_listed() {
    let mut stage = crowd(500);
    stage.select("TK-7");
    let signal = stage.signal("TK-7.level");
    let limits = stage.scene.signal(signal).limits.clone();
    let trial = LimitTrial {
        signal,
        limits,
        hours: 24,
    };
    {
        let mut harness = draw(&stage, Screen::default());
        press(&mut harness, "Try limits");
        let asked = Action::TryLimits(Box::new(trial.clone()));
        assert_eq!(harness.state().actions, [asked]);
    }
    stage.trial.asked = Some(trial.clone());
    stage.trial.done = Some(TrialResult {
        raised: vec![Raised {
            signal,
            limit: 0,
            raised: NOW.plus_secs(-500.0),
            cleared: Some(NOW.plus_secs(-380.0)),
            value: 9.4,
        }],
        own: 3,
        span: Some((NOW.plus_secs(-7_200.0), NOW)),
        samples: 7_200,
        trial: trial.clone(),
    });
    let mut screen = Screen::default();
    let asked = Action::TryLimits(Box::new(trial.clone()));
    screen.panels.follow(&asked, &stage.scene);
    let mut harness = draw(&stage, screen);
    check_texts(
        &harness,
        &[
            "1 alarm",
            "in 2 h 0 min, 0.50 an hour; the scene's limits: 3",
            "for 2 min 0 s",
        ],
    );
    assert_eq!(harness.state().actions, [], "nothing is asked twice");
    // Another limit is asked for as soon as it is set.
    harness.get_by_label("Limit H").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label("Limit H").type_text("8");
    harness.key_press(Key::Enter);
    harness.run();
    let Some(Action::TryLimits(asked)) = harness.state().actions.last() else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!((asked.signal, asked.limits[0].at), (signal, 8.0));
}
