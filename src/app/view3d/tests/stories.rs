//! A story that is recorded shows again what was seen when its steps were kept.

use bevy::prelude::*;

use super::super::orbit::Pose;
use super::super::second_view::SecondEye;
use super::super::steering::pose_at;
use super::{Eye, TANK_AND_PUMP, app, find, run};
use crate::app::action::{Action, Named};
use crate::app::reveal::{RevealEdit, Revealed, Section};
use crate::app::scenarios::SceneFile;
use crate::app::scene::OpenScene;
use crate::app::selection::Selection;
use crate::app::settings::ViewSettings;
use crate::app::story_recorder::{StoryEdit, StoryRecorder};
use crate::app::timeline::Playback;
use crate::app::{notices, story, story_recorder};
use crate::files;
use crate::scene::{StoryTime, StoryView};
use crate::time::Timestamp;
use crate::timeline::{Timeline, TimelineCommand};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// The view with stories, and a file of the scene in a folder of its own.
fn stage(folder: &std::path::Path) -> App {
    let mut app = app(TANK_AND_PUMP);
    for plugin in [story::plugin, story_recorder::plugin, notices::plugin] {
        plugin(&mut app);
    }
    app.insert_resource(SceneFile(folder.join("scene.ron")))
        .insert_resource(Playback(Timeline::new(NOW)));
    run(&mut app, 2);
    app
}

fn act(app: &mut App, action: Action) {
    app.world_mut().write_message(action);
    run(app, 3);
}

fn stand(app: &mut App, pose: Pose) {
    let mut eye = app.world_mut().resource_mut::<Eye>();
    eye.orbit.fly_to(pose);
    eye.orbit.settle();
    // The tab is told of a camera that moved.
    act(app, Action::Turn(0.0));
}

fn pose(app: &App) -> Pose {
    app.world().resource::<Eye>().orbit.goal()
}

#[track_caller]
fn check_same_view(one: &Pose, two: &Pose) {
    let reach = one.distance * 2e-3;
    assert!(one.focus.distance(two.focus) < reach, "{one:?} {two:?}");
    assert!(
        (one.distance - two.distance).abs() < reach,
        "{one:?} {two:?}"
    );
    assert!((one.yaw - two.yaw).abs() < 4e-3, "{one:?} {two:?}");
    assert!((one.pitch - two.pitch).abs() < 4e-3, "{one:?} {two:?}");
    assert_eq!(one.plan, two.plan);
}

#[test]
fn what_was_kept_is_shown_again_and_read_back_from_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = stage(folder.path());
    act(&mut app, Action::Named(Named::RecordStory));
    // One view from the side, of the pump in the past, coloured and cut open.
    let pump = find(&app, "P-1");
    let side = Pose::looking(Vec3::new(20.0, 8.0, 15.0), Vec3::new(11.0, 1.0, 0.5));
    stand(&mut app, side);
    let section = Section {
        low: [-10.0, -10.0, -1.0],
        high: [14.0, 2.5, 20.0],
    };
    act(&mut app, Action::Select(Some(pump)));
    act(&mut app, Action::SetHeat(Some("level".to_owned())));
    act(&mut app, Action::Reveal(RevealEdit::Section(Some(section))));
    let past = NOW.plus_secs(-5_400.0);
    let mut playback = app.world_mut().resource_mut::<Playback>();
    playback.0.apply(TimelineCommand::Seek(past));
    let beside = StoryView {
        eye: [3.0, -9.0, 12.0],
        focus: [0.0, 0.0, 2.0],
        plan: false,
    };
    act(&mut app, Action::SecondView(Some(beside)));
    act(&mut app, Action::Named(Named::KeepStoryStep));
    let caption = "The pump, an hour and a half ago".to_owned();
    act(&mut app, Action::Story(StoryEdit::Caption(caption)));
    // One from above, live.
    act(&mut app, Action::Select(None));
    act(&mut app, Action::SetHeat(None));
    act(&mut app, Action::Reveal(RevealEdit::Section(None)));
    act(&mut app, Action::SecondView(None));
    act(&mut app, Action::Named(Named::TopView));
    let mut playback = app.world_mut().resource_mut::<Playback>();
    playback.0.apply(TimelineCommand::GoLive);
    let above = pose(&app);
    assert!(above.is_plan());
    act(&mut app, Action::Named(Named::KeepStoryStep));
    act(
        &mut app,
        Action::Story(StoryEdit::Caption("From above".to_owned())),
    );
    // A third that is thought better of.
    act(&mut app, Action::Named(Named::KeepStoryStep));
    act(&mut app, Action::Story(StoryEdit::DropStep));
    act(&mut app, Action::Named(Named::RecordStory));
    act(
        &mut app,
        Action::Story(StoryEdit::Keep("A walk".to_owned())),
    );
    assert_eq!(
        *app.world().resource::<StoryRecorder>(),
        StoryRecorder(None)
    );

    let scene = std::sync::Arc::clone(&app.world().resource::<OpenScene>().scene);
    let [told] = &scene.stories[..] else {
        panic!("{:?}", scene.stories);
    };
    assert!(told.kept && told.name == "A walk" && told.steps.len() == 2);
    let back = std::time::Duration::from_secs(5_400);
    assert_eq!(told.steps[0].time, StoryTime::Back(back));
    assert_eq!(told.steps[1].time, StoryTime::Live);
    let file = files::kept_stories(&folder.path().join("scene.ron"));
    let read = files::read_stories(&file, &scene).expect("what was written can be read");
    assert_eq!(read, scene.stories);

    act(&mut app, Action::StartStory(0));
    check_same_view(&side, &pose(&app));
    let second = app.world().resource::<SecondEye>().eye.orbit.goal();
    check_same_view(&pose_at(&beside), &second);
    assert_eq!(app.world().resource::<Selection>().selected, Some(pump));
    let heat = app.world().resource::<ViewSettings>().heat.clone();
    assert_eq!(heat.as_deref(), Some("level"));
    assert_eq!(
        app.world().resource::<Revealed>().now.section,
        Some(section)
    );
    act(&mut app, Action::Named(Named::StoryNext));
    check_same_view(&above, &pose(&app));
    assert!(!app.world().contains_resource::<SecondEye>());
    assert_eq!(app.world().resource::<Selection>().selected, None);
    assert_eq!(app.world().resource::<Revealed>().now.section, None);
}

#[test]
fn a_second_story_is_kept_besides_the_first_and_nothing_is_lost_when_it_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = stage(folder.path());
    let record = |app: &mut App, name: &str| {
        act(app, Action::Named(Named::KeepStoryStep));
        act(app, Action::Story(StoryEdit::Caption("Here".to_owned())));
        act(app, Action::Story(StoryEdit::Keep(name.to_owned())));
    };
    for name in ["One", "Two", "One"] {
        record(&mut app, name);
    }
    let names = |app: &App| {
        let scene = &app.world().resource::<OpenScene>().scene;
        let stories = scene.stories.iter();
        stories.map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&app), ["One", "Two"]);
    let nowhere = folder.path().join("gone").join("scene.ron");
    app.insert_resource(SceneFile(nowhere));
    record(&mut app, "Three");
    assert_eq!(names(&app), ["One", "Two"]);
    let recorder = app.world().resource::<StoryRecorder>().0.clone();
    assert_eq!(recorder.expect("it goes on").steps.len(), 1);
    let notices = &app.world().resource::<notices::Notices>().0;
    assert!(notices.last().is_some_and(|last| last.warning));
}

#[test]
fn an_instant_that_no_scenario_of_the_scene_leads_to_is_not_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = stage(folder.path());
    let mut playback = app.world_mut().resource_mut::<Playback>();
    let ahead = NOW.plus_secs(3_600.0);
    playback.0.apply(TimelineCommand::Seek(ahead));
    act(&mut app, Action::Named(Named::KeepStoryStep));
    assert_eq!(
        *app.world().resource::<StoryRecorder>(),
        StoryRecorder(None)
    );
    let notices = &app.world().resource::<notices::Notices>().0;
    assert!(notices.last().is_some_and(|last| last.warning));
}
