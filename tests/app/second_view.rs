//! The two views of the tab, by where the pointer is.

use egui::vec2;
use egui_kittest::kittest::Queryable;
use parallax::app::viewport::{Pane, ViewPicture};

use super::panels::{Screen, draw};
use super::plant::Stage;

/// The plant with its second view open.
fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.picture.beside = Some(Box::default());
    stage
}

#[test]
fn the_pointer_belongs_to_the_half_it_is_in() {
    let stage = stage();
    let mut harness = draw(&stage, Screen::default());
    let whole = harness.get_by_label("Plant view").rect();
    let half = whole.width() / 2.0;
    for (pane, from) in [(Pane::First, 0.0), (Pane::Second, half)] {
        // Above the hint, below the tools, and beside the cube.
        let at = whole.left_center() + vec2(from + half * 0.5, 0.0);
        harness.hover_at(at);
        harness.run();
        let input = &harness.state().input;
        assert_eq!(input.pane, pane);
        assert_eq!(input.touched, None, "it only hovers");
        assert!((input.size[0] - half).abs() < 1.0, "{:?}", input.size);
        let pointer = input.pointer.expect("over the view");
        assert!((pointer[0] - half * 0.5).abs() < 1.0, "{pointer:?}");
    }
}

#[test]
fn a_drag_stays_in_the_view_it_began_in() {
    let stage = stage();
    let mut harness = draw(&stage, Screen::default());
    let whole = harness.get_by_label("Plant view").rect();
    let from = whole.center() + vec2(30.0, 0.0);
    harness.drag_at(from);
    harness.step();
    assert_eq!(harness.state().input.touched, Some(Pane::Second));
    harness.hover_at(from - vec2(120.0, 0.0));
    harness.step();
    let input = &harness.state().input;
    assert!(input.orbit[0] < 0.0, "{:?}", input.orbit);
    assert_eq!(input.pane, Pane::Second, "the pointer has left it");
}

#[test]
fn one_view_alone_is_all_of_the_tab() {
    let mut stage = stage();
    stage.picture = ViewPicture::default();
    let mut harness = draw(&stage, Screen::default());
    let whole = harness.get_by_label("Plant view").rect();
    harness.hover_at(whole.right_center() - vec2(60.0, 0.0));
    harness.run();
    let input = &harness.state().input;
    assert_eq!(input.pane, Pane::First);
    assert_eq!(input.size, [whole.width(), whole.height()]);
}
