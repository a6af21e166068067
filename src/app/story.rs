//! Story mode: a presenter goes from step to step; any touch takes over, Escape goes on.

use std::collections::VecDeque;
use std::time::Duration;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::reveal::{RevealEdit, Revealed, Section, StoryReveal};
use super::scene::OpenScene;
use super::settings::ViewSettings;
use super::simulation::Runs;
use super::timeline::Playback;
use super::viewport::ViewInput;
use super::who::Who;
use crate::access::Right;
use crate::scene::{Scene, StoryStep, StoryTime};
use crate::simulation::{RunRecord, RunState};
use crate::timeline::TimelineCommand;

/// Where a story stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The story: a place in the scene's.
    pub story: usize,
    /// Its step.
    pub step: usize,
    /// True while somebody looks around by himself.
    pub is_taken_over: bool,
    /// True while the screen is black.
    pub is_blank: bool,
}

/// What happens to a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Start(usize),
    Next,
    Previous,
    Blank,
    Touch,
    Escape,
}

/// What a story does next: where it stands, and whether its step is shown anew.
fn told(now: Option<Telling>, event: Event, steps: usize, loops: bool) -> (Option<Telling>, bool) {
    let begun = |story| Telling {
        story,
        step: 0,
        is_taken_over: false,
        is_blank: false,
    };
    let Some(now) = now else {
        return match event {
            Event::Start(story) => (Some(begun(story)), true),
            _ => (None, false),
        };
    };
    let at = |step: usize| Telling {
        step,
        is_taken_over: false,
        is_blank: false,
        ..now
    };
    let last = steps.saturating_sub(1);
    match event {
        Event::Start(story) => (Some(begun(story)), true),
        Event::Next if now.step < last => (Some(at(now.step + 1)), true),
        Event::Next if loops => (Some(at(0)), true),
        Event::Next => (Some(at(last)), now.is_taken_over),
        Event::Previous => (Some(at(now.step.saturating_sub(1))), true),
        Event::Blank => (
            Some(Telling {
                is_blank: !now.is_blank,
                ..now
            }),
            false,
        ),
        Event::Touch => (
            Some(Telling {
                is_taken_over: true,
                ..now
            }),
            false,
        ),
        Event::Escape if now.is_taken_over || now.is_blank => (Some(at(now.step)), true),
        Event::Escape => (None, false),
    }
}

/// The story that is told. Written by the systems of this file alone.
#[derive(Resource, Debug, Default)]
pub struct StoryTeller {
    /// Where it stands; `None` if none is told.
    pub now: Option<Telling>,
    /// True if it goes on by itself, over and over.
    pub loops: bool,
    /// How long the step has been shown.
    shown: Duration,
    /// What it asked for itself and has not heard of yet.
    own: VecDeque<Action>,
    /// The future that the step waits for: the scenario, and how far in it.
    awaited: Option<(String, Duration)>,
}

impl StoryTeller {
    /// The step that is shown.
    pub fn step<'a>(&self, scene: &'a Scene) -> Option<&'a StoryStep> {
        let now = self.now?;
        scene.stories.get(now.story)?.steps.get(now.step)
    }

    /// True while the future of a step is being computed.
    pub fn is_waiting(&self) -> bool {
        self.awaited.is_some()
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<StoryTeller>()
        .init_resource::<ViewInput>()
        .add_systems(
            PreUpdate,
            (follow, await_future)
                .chain()
                .run_if(resource_exists::<OpenScene>)
                .after(TwinSystems::Admit)
                .before(TwinSystems::Steer),
        );
}

fn follow(
    time: Res<Time>,
    open: Res<OpenScene>,
    input: Res<ViewInput>,
    settings: Res<ViewSettings>,
    revealed: Res<Revealed>,
    playback: Option<Res<Playback>>,
    mut actions: ResMut<Messages<Action>>,
    mut reader: Local<bevy::ecs::message::MessageCursor<Action>>,
    mut teller: ResMut<StoryTeller>,
) {
    if open.is_changed() && teller.now.is_some() {
        *teller = StoryTeller::default();
    }
    let teller = teller.bypass_change_detection();
    let mut events = Vec::new();
    for action in reader.read(&actions) {
        if teller.own.front() == Some(action) {
            teller.own.pop_front();
            continue;
        }
        events.extend(match action {
            Action::StartStory(story) if *story < open.scene.stories.len() => {
                Some(Event::Start(*story))
            }
            Action::Named(Named::StoryNext) if teller.now.is_none() => {
                (!open.scene.stories.is_empty()).then_some(Event::Start(0))
            }
            Action::Named(Named::StoryNext) => Some(Event::Next),
            Action::Named(Named::StoryPrevious) => Some(Event::Previous),
            Action::Named(Named::StoryBlank) => Some(Event::Blank),
            Action::Named(Named::Escape) => Some(Event::Escape),
            Action::Named(Named::StoryLoop) => {
                teller.loops = !teller.loops;
                None
            }
            Action::Refused | Action::Hover(_) | Action::SavePicture(_) => None,
            _ => Some(Event::Touch),
        });
    }
    let moved = [input.orbit, input.pan]
        .iter()
        .any(|drag| *drag != [0.0; 2]);
    if moved || input.zoom != 0.0 || input.fly != [0.0; 3] {
        events.push(Event::Touch);
    }
    let Some(story) = teller.now.map_or(Some(0), |now| Some(now.story)) else {
        return;
    };
    teller.shown += time.delta();
    let hold = open.scene.stories.get(story).map(|story| story.hold);
    let idle = teller.now.is_some_and(|now| !now.is_taken_over) && teller.awaited.is_none();
    if teller.loops && idle && hold.is_some_and(|hold| teller.shown >= hold) {
        events.push(Event::Next);
    }
    for event in events {
        let which = match (event, teller.now) {
            (Event::Start(story), _) => story,
            (_, Some(now)) => now.story,
            (_, None) => continue,
        };
        let steps = open
            .scene
            .stories
            .get(which)
            .map_or(0, |one| one.steps.len());
        let (now, anew) = told(teller.now, event, steps, teller.loops);
        teller.now = now;
        if !anew {
            if now.is_none() {
                teller.awaited = None;
            }
            continue;
        }
        teller.shown = Duration::ZERO;
        teller.awaited = None;
        if let Some(step) = teller.step(&open.scene) {
            let asked = asked_by(step, &open.scene, &settings, &revealed, playback.as_deref());
            if let StoryTime::Ahead { scenario, ahead } = &step.time {
                teller.awaited = Some((scenario.clone(), *ahead));
            }
            teller.own.extend(asked.iter().cloned());
            actions.write_batch(asked);
        }
    }
}

/// What shows a step.
fn asked_by(
    step: &StoryStep,
    scene: &Scene,
    settings: &ViewSettings,
    revealed: &Revealed,
    playback: Option<&Playback>,
) -> Vec<Action> {
    let mut asked = Vec::new();
    if settings.second_view || step.second_view.is_some() {
        asked.push(Action::SecondView(step.second_view));
    }
    asked.extend(step.bookmark.map(Action::GoToBookmark));
    asked.extend(step.view.map(Action::LookAt));
    asked.push(Action::Select(step.select));
    if settings.heat != step.heat {
        asked.push(Action::SetHeat(step.heat.clone()));
    }
    let reveal = StoryReveal {
        shown: step.shown.clone(),
        xray: step.xray,
        section: step.section.map(|(low, high)| Section { low, high }),
    };
    if revealed.now != reveal.reveal(scene) {
        asked.push(Action::Reveal(RevealEdit::Story(Box::new(reveal))));
    }
    match (&step.time, playback) {
        (StoryTime::Live, _) => asked.push(Action::Named(Named::GoLive)),
        (StoryTime::Back(back), Some(playback)) => {
            let at = playback.now().plus_secs(-back.as_secs_f64());
            asked.push(Action::Timeline(TimelineCommand::Seek(at)));
        }
        // A future is branched from the present, which must be looked at.
        _ => asked.push(Action::Named(Named::GoLive)),
    }
    asked
}

/// Looks into the future of a step as soon as there is so much of it.
fn await_future(
    open: Res<OpenScene>,
    runs: Option<Res<Runs>>,
    who: Option<Res<Who>>,
    mut teller: ResMut<StoryTeller>,
    mut actions: MessageWriter<Action>,
) {
    let teller = teller.bypass_change_detection();
    let (Some((name, ahead)), Some(runs)) = (teller.awaited.clone(), runs) else {
        return;
    };
    // What the step asked for comes first.
    if !teller.own.is_empty() {
        return;
    }
    let of_scenario = |run: &&RunRecord| run.scenario.name == name;
    let Some(run) = runs.records.iter().rev().find(of_scenario) else {
        // Who may compute no future is shown the present.
        let may = who.is_none_or(|who| who.may(Right::Simulate, &open.scene, None));
        match open.scene.find_scenario(&name).filter(|_| may) {
            Some(scenario) => {
                let start = Action::StartRun(Box::new(scenario.clone()));
                teller.own.push_back(start.clone());
                actions.write(start);
            }
            None => teller.awaited = None,
        }
        return;
    };
    let at = run.start + ahead;
    let is_there = run.reached >= at || run.state == RunState::Finished;
    if is_there {
        teller.awaited = None;
        for command in [
            TimelineCommand::SelectRun(Some(run.id)),
            TimelineCommand::Seek(at.min(run.reached)),
        ] {
            teller.own.push_back(Action::Timeline(command));
            actions.write(Action::Timeline(command));
        }
    } else if matches!(run.state, RunState::Failed(_)) {
        teller.awaited = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(usize) -> Telling = |step| Telling {
        story: 0,
        step,
        is_taken_over: false,
        is_blank: false,
    };

    fn taken(step: usize) -> Telling {
        Telling {
            is_taken_over: true,
            ..AT(step)
        }
    }

    fn blank(step: usize) -> Telling {
        Telling {
            is_blank: true,
            ..AT(step)
        }
    }

    #[test]
    fn every_state_answers_every_event() {
        use Event::{Blank, Escape, Next, Previous, Start, Touch};
        // A story of three steps: (before, event) -> (after, shown anew).
        let table = [
            (None, Start(0), Some(AT(0)), true),
            (None, Next, None, false),
            (None, Previous, None, false),
            (None, Blank, None, false),
            (None, Touch, None, false),
            (None, Escape, None, false),
            (Some(AT(1)), Start(0), Some(AT(0)), true),
            (Some(AT(1)), Next, Some(AT(2)), true),
            (Some(AT(2)), Next, Some(AT(2)), false),
            (Some(AT(1)), Previous, Some(AT(0)), true),
            (Some(AT(0)), Previous, Some(AT(0)), true),
            (Some(AT(1)), Blank, Some(blank(1)), false),
            (Some(AT(1)), Touch, Some(taken(1)), false),
            (Some(AT(1)), Escape, None, false),
            (Some(taken(1)), Start(0), Some(AT(0)), true),
            (Some(taken(1)), Next, Some(AT(2)), true),
            (Some(taken(2)), Next, Some(AT(2)), true),
            (Some(taken(1)), Previous, Some(AT(0)), true),
            (Some(taken(1)), Touch, Some(taken(1)), false),
            (Some(taken(1)), Escape, Some(AT(1)), true),
            (Some(blank(1)), Blank, Some(AT(1)), false),
            (Some(blank(1)), Next, Some(AT(2)), true),
            (Some(blank(1)), Escape, Some(AT(1)), true),
        ];
        for (before, event, after, anew) in table {
            assert_eq!(
                told(before, event, 3, false),
                (after, anew),
                "{before:?} {event:?}"
            );
        }
    }

    #[test]
    fn a_loop_begins_again_after_its_last_step() {
        assert_eq!(told(Some(AT(2)), Event::Next, 3, true), (Some(AT(0)), true));
    }
}
