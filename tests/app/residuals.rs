//! The plant against what a run expected of it: one run, one rule, in view and panels alike.

use std::time::Duration;

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use parallax::app::action::{Action, Named};
use parallax::app::differences::Differences;
use parallax::app::panels::expected::{Expected, judge};
use parallax::app::residuals::{AssetResidual, Residuals};
use parallax::app::settings::ViewSettings;
use parallax::app::simulation::Runs;
use parallax::app::telemetry::Historian;
use parallax::app::timeline::Playback;
use parallax::scene::Scenario;
use parallax::signal::{Origin, Quality, RunId, Sample, SampleBatch, SignalId};
use parallax::simulation::{Residual, RunRecord, RunState, RunTotals};
use parallax::timeline::{RunSpan, TimelineCommand};

use super::panels::{Screen, check_texts, draw};
use super::plant::{NOW, Stage};
use super::twin::{Twin, secs, tanks};

/// Levels of three tanks.
const LEVELS: [SignalId; 3] = [SignalId(0), SignalId(2), SignalId(4)];
/// P10 and P90 of a normal distribution lie so many standard deviations apart.
const BAND: f64 = 2.563_103;

/// A run from `from` to `to`, s, that expects 4 m of the first two tanks, 3.5 to 4.5 m in four
/// of five cases, and knows nothing of the third.
fn add_run(twin: &mut Twin, id: u32, from: i64, to: i64) {
    let (run, world) = (RunId(id), twin.app.world_mut());
    for (origin, level) in [
        (Origin::Simulated(run), 4.0),
        (Origin::BandLow(run), 3.5),
        (Origin::BandHigh(run), 4.5),
    ] {
        let mut batch = SampleBatch::new(origin);
        for at in [from, to] {
            batch.push(LEVELS[0], Sample::good(secs(at), level));
            batch.push(LEVELS[1], Sample::good(secs(at), level));
        }
        let mut history = world.resource_mut::<Historian>();
        history.insert(&batch);
        history.set_reach(origin, secs(to));
    }
    let horizon = Duration::from_secs((to - from) as u64);
    let scenario = Scenario::plain("As is", horizon, Duration::from_secs(10));
    world.resource_mut::<Runs>().records.push(RunRecord {
        id: run,
        start: secs(from),
        seed: 1,
        reached: secs(to),
        state: RunState::Finished,
        totals: RunTotals {
            members: 20,
            ..RunTotals::default()
        },
        cpu_secs: 0.0,
        kpis: Vec::new(),
        breaches: Vec::new(),
        scenario,
    });
    let mut playback = world.resource_mut::<Playback>();
    playback.set_run_span(RunSpan {
        run,
        start: secs(from),
        reached: secs(to),
    });
    playback.apply(TimelineCommand::SelectRun(Some(run)));
}

/// Three tanks at 200 s, of which the second has been silent since 100 s.
fn plant() -> Twin {
    let mut twin = Twin::of(tanks(3));
    for at in (0..=200).step_by(10) {
        let mut seen = vec![LEVELS[0], LEVELS[2]];
        seen.extend((at <= 100).then_some(LEVELS[1]));
        let samples = seen.iter().map(|id| (*id, Sample::good(secs(at), 5.0)));
        twin.send(&samples.collect::<Vec<_>>());
    }
    twin.update();
    twin
}

fn told(twin: &Twin) -> (Option<RunId>, Vec<AssetResidual>) {
    let residuals = twin.app.world().resource::<Residuals>();
    (residuals.run, residuals.assets.clone())
}

#[test]
fn assets_are_judged_in_standard_deviations_and_never_by_an_old_or_bad_reading() {
    let mut twin = plant();
    add_run(&mut twin, 1, 0, 1_000);
    twin.update();
    assert_eq!(told(&twin), (None, Vec::new()), "nobody asked");
    twin.act(Action::Named(Named::ToggleResiduals));
    let off = AssetResidual::Sigmas(BAND as f32);
    let run = Some(RunId(1));
    let expected = vec![off, AssetResidual::Doubtful, AssetResidual::None];
    assert_eq!(told(&twin), (run, expected));
    // While the second was heard, it could be compared.
    twin.steer(TimelineCommand::Seek(secs(100)));
    assert_eq!(told(&twin), (run, vec![off, off, AssetResidual::None]));

    let bad = Sample {
        quality: Quality::Bad,
        ..Sample::good(secs(210), 5.0)
    };
    twin.send(&[(LEVELS[0], bad)]);
    twin.steer(TimelineCommand::GoLive);
    assert_eq!(told(&twin).1[0], AssetResidual::Doubtful);
    // Nothing was measured of the future.
    twin.steer(TimelineCommand::Seek(secs(600)));
    assert_eq!(told(&twin), (None, Vec::new()));
}

#[test]
fn differences_and_residuals_are_held_against_the_same_run() {
    let mut twin = plant();
    add_run(&mut twin, 2, 120, 1_000);
    // Selected, but over by now.
    add_run(&mut twin, 1, 0, 100);
    twin.act(Action::Named(Named::ToggleResiduals));
    assert_eq!(told(&twin).0, Some(RunId(2)));
    twin.act(Action::Named(Named::ToggleDifferences));
    assert_eq!(told(&twin).0, None, "one scale at a time");
    let against = twin.app.world().resource::<Differences>().coloured();
    assert_eq!(against, Some(Origin::Simulated(RunId(2))));
    twin.act(Action::Named(Named::ToggleResiduals));
    assert_eq!(twin.app.world().resource::<Differences>().coloured(), None);
    twin.steer(TimelineCommand::Seek(secs(60)));
    assert_eq!(
        told(&twin).0,
        Some(RunId(1)),
        "the selected one tells of it"
    );
    twin.act(Action::SetHeat(Some("level".to_owned())));
    let settings = twin.app.world().resource::<ViewSettings>();
    assert!(!settings.residuals, "a signal colours the view now");
}

/// A plant two hours after its run began, with the level of TK-1 measured then.
fn two_hours_later(quality: Quality) -> (Stage, SignalId) {
    let mut stage = Stage::new();
    let level = stage.signal("TK-1.level");
    stage.finish_run(1, 0);
    let later = NOW.plus_secs(7_200.0);
    let mut batch = SampleBatch::new(Origin::Measured);
    let sample = Sample::good(later, 1.35);
    batch.push(level, Sample { quality, ..sample });
    stage.history.insert(&batch);
    stage.timeline.advance(later, Duration::ZERO);
    stage.steer(TimelineCommand::GoLive);
    stage.select("TK-1");
    (stage, level)
}

#[test]
fn a_bad_reading_has_no_residual_and_the_inspector_says_so() {
    let (stage, level) = two_hours_later(Quality::Bad);
    let twin = stage.twin();
    let expected = Expected::of(&twin, level).expect("the run tells");
    assert!(matches!(expected.residual, Residual::Doubtful { .. }));
    let said = "Expected 1.65 m by run #1, not compared: bad: Bad, 0 s";
    check_texts(&draw(&stage, Screen::default()), &[said]);
}

#[test]
fn colours_by_residuals_are_offered_where_there_is_something_to_compare() {
    let mut stage = Stage::new();
    let why = Named::ToggleResiduals.allowed(&stage.twin());
    assert!(why.expect_err("no run").contains("No run tells"));
    let (mut stage_later, _) = two_hours_later(Quality::Good);
    assert_eq!(Named::ToggleResiduals.allowed(&stage_later.twin()), Ok(()));
    stage_later.runs[0].totals.members = 1;
    let why = Named::ToggleResiduals.allowed(&stage_later.twin());
    assert!(why.expect_err("no band").contains("one member"));
    assert!(judge(&stage_later.twin()).is_some());

    // In the list of colours it is greyed, and taken where it can be.
    for (stage, usable) in [(&mut stage, false), (&mut stage_later, true)] {
        if let Some(run) = stage.runs.first_mut() {
            run.totals.members = 20;
        }
        let mut harness = draw(stage, Screen::default());
        let shown = |value: Option<String>| value.is_some_and(|text| text.contains("No heat"));
        harness
            .get_by(|node| node.role() == Role::ComboBox && shown(node.value()))
            .click();
        harness.run();
        let choice = harness.get_by_label("Residuals, in σ");
        assert_eq!(choice.accesskit_node().is_disabled(), !usable);
        choice.click();
        harness.run();
        let asked = harness.state().actions.clone();
        let wanted = [Action::Named(Named::ToggleResiduals)];
        assert_eq!(asked, if usable { &wanted[..] } else { &[] });
    }
}
