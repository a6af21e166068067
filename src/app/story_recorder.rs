//! Stories made by doing: a person shows something, keeps it as a step, and goes on.
//!
//! What is kept is what the story tells later: where the camera stands, the instant, what is
//! highlighted, coloured, seen through and cut open. It is written beside the scene, whose own
//! file stays as it is.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::deeds::Deed;
use super::notices::Tell;
use super::reveal::{Revealed, StoryReveal};
use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::selection::Selection;
use super::settings::ViewSettings;
use super::simulation::Runs;
use super::timeline::Playback;
use super::viewport::ViewPicture;
use crate::files;
use crate::scene::{Scene, Story, StoryStep, StoryTime, StoryView};
use crate::simulation::RunRecord;
use crate::timeline::{PlayState, Timeline};

/// How long a step of a recorded story stays where it goes on by itself.
const HOLD: Duration = Duration::from_secs(12);
/// Less than this long ago is now, s.
const JUST_NOW: f64 = 1.0;

/// What is done to the story that is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoryEdit {
    /// Gives the step that waits its caption.
    Caption(String),
    /// Throws away the step that waits.
    DropStep,
    /// Takes the last step away.
    RemoveLast,
    /// Writes the story under this name.
    Keep(String),
    /// Goes on recording.
    GoOn,
    /// Throws the whole story away.
    Discard,
}

/// A story that is being recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// What was kept.
    pub steps: Vec<StoryStep>,
    /// A step that waits for its caption.
    pub waiting: Option<StoryStep>,
    /// True while its name is asked for.
    pub is_ending: bool,
}

/// The story that is being recorded, if one is. Written by [`follow`] alone.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct StoryRecorder(pub Option<Recorded>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<StoryRecorder>()
        .add_message::<Deed>()
        .init_resource::<ViewPicture>()
        .add_systems(
            PreUpdate,
            (
                forget.run_if(resource_exists_and_changed::<OpenScene>),
                follow
                    .run_if(on_message::<Action>)
                    .run_if(resource_exists::<OpenScene>)
                    .run_if(resource_exists::<Playback>)
                    .after(TwinSystems::Admit)
                    // What is seen is kept, not what the same frame asks for.
                    .before(TwinSystems::Steer),
            )
                .chain(),
        );
}

/// A story tells of one scene.
fn forget(mut recorder: ResMut<StoryRecorder>) {
    recorder.0 = None;
}

fn follow(
    mut actions: MessageReader<Action>,
    mut open: ResMut<OpenScene>,
    file: Option<Res<SceneFile>>,
    picture: Res<ViewPicture>,
    selection: Res<Selection>,
    settings: Res<ViewSettings>,
    revealed: Res<Revealed>,
    playback: Res<Playback>,
    runs: Option<Res<Runs>>,
    mut recorder: ResMut<StoryRecorder>,
    mut deeds: MessageWriter<Deed>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        match action {
            Action::Named(Named::RecordStory) => match &mut recorder.0 {
                None => recorder.0 = Some(Recorded::default()),
                Some(story) => story.is_ending = true,
            },
            Action::Named(Named::KeepStoryStep) => {
                let runs = runs.as_ref().map_or(&[][..], |runs| &runs.records);
                match time_of(&playback, runs, &open.scene) {
                    Ok(time) => {
                        let seen = (&*picture, &*selection, &*settings, &*revealed);
                        let story = recorder.0.get_or_insert_default();
                        story.waiting = Some(step_of(seen, time, &open.scene));
                    }
                    Err(why) => {
                        tell.write(Tell::warning(why));
                    }
                }
            }
            Action::Story(edit) => {
                let Some(story) = recorder.0.take() else {
                    continue;
                };
                let file = file.as_ref().map(|file| file.0.as_path());
                let (next, told) = edited(story, edit, &mut open, file);
                if let (StoryEdit::Keep(name), None) = (edit, &next) {
                    deeds.write(Deed::new("keep story", name, ""));
                }
                recorder.0 = next;
                if let Some(told) = told {
                    tell.write(told);
                }
            }
            _ => {}
        }
    }
}

/// The story after an edit, if it goes on, and what to tell.
fn edited(
    mut story: Recorded,
    edit: &StoryEdit,
    open: &mut ResMut<OpenScene>,
    file: Option<&Path>,
) -> (Option<Recorded>, Option<Tell>) {
    match edit {
        StoryEdit::Caption(caption) => {
            if let Some(step) = story.waiting.take() {
                story.steps.push(StoryStep {
                    caption: caption.clone(),
                    ..step
                });
            }
        }
        StoryEdit::DropStep => story.waiting = None,
        StoryEdit::RemoveLast => {
            story.steps.pop();
        }
        StoryEdit::GoOn => story.is_ending = false,
        StoryEdit::Discard => {
            let told = (!story.steps.is_empty()).then(|| Tell::done("The recorded story is gone"));
            return (None, told);
        }
        StoryEdit::Keep(name) => {
            let kept = Story {
                name: name.clone(),
                hold: HOLD,
                steps: story.steps.clone(),
                kept: true,
            };
            let done = file
                .ok_or_else(|| "the scene has no file".to_owned())
                .and_then(|file| keep(file, &open.scene, kept));
            return match done {
                Ok((scene, told)) => {
                    // Assets and signals are the same: nothing that follows the scene begins anew.
                    open.bypass_change_detection().scene = Arc::new(scene);
                    (None, Some(Tell::done(told)))
                }
                Err(why) => {
                    let why = format!("The story is not kept: {why}");
                    (Some(story), Some(Tell::warning(why)))
                }
            };
        }
    }
    (Some(story), None)
}

/// Writes a story beside the scene in `file`; gives the scene with it, and what to tell.
fn keep(file: &Path, scene: &Scene, story: Story) -> Result<(Scene, String), String> {
    let (name, steps) = (story.name.clone(), story.steps.len());
    let mut scene = scene.clone();
    scene.keep_stories(vec![story]);
    let kept: Vec<&Story> = scene.stories.iter().filter(|one| one.kept).collect();
    let place = files::keep_stories(file, &scene, &kept).map_err(|error| error.to_string())?;
    let counted = if steps == 1 { "step" } else { "steps" };
    let told = format!(
        "Story \"{name}\" kept with {steps} {counted}: {}",
        place.display()
    );
    Ok((scene, told))
}

/// What is seen, as a step without a caption.
fn step_of(
    (picture, selection, settings, revealed): (&ViewPicture, &Selection, &ViewSettings, &Revealed),
    time: StoryTime,
    scene: &Scene,
) -> StoryStep {
    let kept = StoryReveal::of(&revealed.now, scene);
    StoryStep {
        caption: String::new(),
        bookmark: None,
        view: picture.stand.map(rounded),
        second_view: picture
            .beside
            .as_ref()
            .and_then(|second| second.stand.map(rounded)),
        select: selection.selected,
        heat: settings.heat.clone(),
        xray: kept.xray,
        shown: kept.shown,
        section: kept
            .section
            .map(|section| (section.low.map(centimetres), section.high.map(centimetres))),
        time,
    }
}

/// A view in numbers that a person can read: to a thousandth of the distance.
fn rounded(view: StoryView) -> StoryView {
    let away: f64 = (0..3)
        .map(|axis| (view.eye[axis] - view.focus[axis]).powi(2))
        .sum();
    let digits = (3.0 - away.sqrt().max(1e-3).log10().ceil()).clamp(0.0, 6.0);
    let round = |value: f64| (value * 10_f64.powf(digits)).round() / 10_f64.powf(digits);
    StoryView {
        eye: view.eye.map(round),
        focus: view.focus.map(round),
        ..view
    }
}

fn centimetres(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The instant that is looked at, as a story tells it again another day.
fn time_of(timeline: &Timeline, runs: &[RunRecord], scene: &Scene) -> Result<StoryTime, String> {
    let ahead = timeline.playhead().secs_since(timeline.now());
    if timeline.play_state() == PlayState::Live || ahead.abs() < JUST_NOW {
        return Ok(StoryTime::Live);
    }
    let span = |secs: f64| Duration::from_secs(secs.round() as u64);
    if ahead < 0.0 {
        return Ok(StoryTime::Back(span(-ahead)));
    }
    let selected = timeline.selected_run();
    let run = selected.and_then(|id| runs.iter().find(|run| run.id == id));
    let Some(run) = run else {
        return Err("No run answers for this instant, so there is nothing to keep".to_owned());
    };
    let name = &run.scenario.name;
    let Some(known) = scene.find_scenario(name) else {
        return Err(format!(
            "Keep the scenario \"{name}\" first: the story computes it again when it is told"
        ));
    };
    let into = span(timeline.playhead().secs_since(run.start).max(JUST_NOW));
    Ok(StoryTime::Ahead {
        scenario: name.clone(),
        ahead: into.min(known.horizon),
    })
}
