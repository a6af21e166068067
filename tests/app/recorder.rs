//! A story that is recorded: what is shown of it, and what its windows ask for.

use std::time::Duration;

use egui::Key;
use egui_kittest::kittest::Queryable;
use parallax::app::action::{Action, Named};
use parallax::app::story_recorder::{Recorded, StoryEdit};
use parallax::scene::{AssetIndex, StoryShown, StoryStep, StoryTime};

use crate::panels::{Screen, check_texts, draw};
use crate::plant::Stage;

fn step(caption: &str) -> StoryStep {
    StoryStep {
        caption: caption.to_owned(),
        bookmark: None,
        view: None,
        second_view: None,
        select: None,
        heat: Some("level".to_owned()),
        xray: true,
        section: None,
        shown: StoryShown {
            hidden: [AssetIndex(0), AssetIndex(1)].into(),
            ..StoryShown::default()
        },
        time: StoryTime::Back(Duration::from_secs(7_200)),
    }
}

fn recording(recorded: Recorded) -> Stage {
    let mut stage = Stage::new();
    stage.recorded = Some(recorded);
    stage
}

#[test]
fn a_story_that_is_recorded_says_so_and_takes_steps() {
    let stage = recording(Recorded {
        steps: vec![step("Here"), step("There")],
        ..Recorded::default()
    });
    let mut harness = draw(&stage, Screen::default());
    check_texts(&harness, &["Recording a story, 2 steps"]);
    harness.get_by_label("Keep this step").click();
    harness.run();
    harness.get_by_label("Remove the last").click();
    harness.run();
    harness.get_by_label("End...").click();
    harness.run();
    let expected = [
        Action::Named(Named::KeepStoryStep),
        Action::Story(StoryEdit::RemoveLast),
        Action::Named(Named::RecordStory),
    ];
    assert_eq!(harness.state().actions, expected);
}

#[test]
fn a_step_says_what_it_keeps_and_asks_for_a_caption() {
    let stage = recording(Recorded {
        waiting: Some(step("")),
        ..Recorded::default()
    });
    let mut harness = draw(&stage, Screen::default());
    let kept = "Kept: the view 2 h 0 min ago, colours of level, x-ray, 2 assets hidden";
    check_texts(&harness, &[kept]);
    harness.get_by_label("Keep the step").click();
    harness.run();
    assert!(harness.state().actions.is_empty(), "it has no caption yet");
    harness.get_by_label("Caption").type_text("Two hours ago");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let caption = StoryEdit::Caption("Two hours ago".to_owned());
    assert_eq!(harness.state().actions, [Action::Story(caption)]);
}

#[test]
fn a_story_without_a_step_is_not_kept() {
    let stage = recording(Recorded {
        is_ending: true,
        ..Recorded::default()
    });
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("Name").type_text("Nothing");
    harness.run();
    harness.get_by_label("Keep the story").click();
    harness.run();
    assert!(harness.state().actions.is_empty());
    harness.get_by_label("Throw away").click();
    harness.run();
    let discard = Action::Story(StoryEdit::Discard);
    assert_eq!(harness.state().actions, [discard]);
}
