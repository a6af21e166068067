//! The commands: every one has its words and its rule.

use std::collections::BTreeSet;

use egui::Key;
use egui_kittest::kittest::Queryable;
use parallax::app::action::{Action, Named};
use parallax::app::panels::PanelState;
use parallax::timeline::TimelineCommand;

use super::{crowd, record};
use crate::panels::{Screen, check_texts, draw};
use crate::plant::{NOW, Stage};

#[test]
fn every_command_has_a_title_a_help_and_a_rule() {
    let mut stage = Stage::new();
    stage.raise_alarm();
    record(&mut stage);
    let mut titles = BTreeSet::new();
    for named in Named::ALL {
        assert!(
            titles.insert(named.title()),
            "{named:?}: another is called so"
        );
        let help = named.help();
        assert!(help.len() > 12 && !help.ends_with('.'), "{named:?}: {help}");
        assert!(help.starts_with(char::is_uppercase), "{named:?}: {help}");
        assert_ne!(help, named.title(), "{named:?}");
    }
    let refused = |stage: &Stage| -> Vec<Named> {
        let twin = stage.twin();
        let all = Named::ALL.iter().copied();
        all.filter(|named| named.allowed(&twin).is_err()).collect()
    };
    for named in Named::ALL.iter().filter(|named| named.acts_on_plant()) {
        assert!(
            !refused(&stage).contains(named),
            "{named:?} is allowed live"
        );
    }
    stage.finish_run(1, 0);
    for secs in [-600.0, 600.0, 90_000.0] {
        stage.steer(TimelineCommand::Seek(NOW.plus_secs(secs)));
        let mode = stage.timeline.mode();
        for named in Named::ALL.iter().filter(|named| named.acts_on_plant()) {
            assert!(refused(&stage).contains(named), "{named:?} in {mode:?}");
        }
        for named in [Named::GoLive, Named::ShowAlarms, Named::ToggleLabels] {
            assert!(!refused(&stage).contains(&named), "{named:?} in {mode:?}");
        }
    }
}

#[test]
fn the_palette_says_why_a_command_is_refused() {
    let mut stage = crowd(3);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-600.0)));
    let mut screen = Screen::default();
    screen.panels = PanelState::default();
    let show = Action::Named(Named::ShowPalette);
    screen.panels.follow(&show, &stage.scene);
    let mut harness = draw(&stage, screen);
    harness
        .get_by_label("Command palette")
        .type_text("acknowledge all");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);
    check_texts(&harness, &["Acknowledge all alarms"]);
}
