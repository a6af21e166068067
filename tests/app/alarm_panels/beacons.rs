//! Marks over the view.

use parallax::app::action::Action;
use parallax::app::viewport::{Sight, ViewSight};

use super::{crowd, press};
use crate::panels::{Screen, check_texts, draw};
use crate::plant::Stage;

#[test]
fn marks_over_the_view_lead_to_their_assets() {
    let mut stage = crowd(500);
    let asset = |tag: &str| stage.scene.find_asset(tag).expect("a tank");
    let sight = |tag: &str, sight: Sight| ViewSight {
        asset: asset(tag),
        sight,
    };
    stage.picture.sights = vec![
        sight("TK-1", Sight::Ahead([300.0, 200.0])),
        sight("TK-2", Sight::Ahead([420.0, 240.0])),
        sight("TK-3", Sight::Ahead([424.0, 244.0])),
        sight("TK-4", Sight::Behind([-1.0, 0.0])),
        sight("TK-5", Sight::Ahead([-900.0, 250.0])),
    ];
    let mut harness = draw(&stage, Screen::default());
    check_texts(
        &harness,
        &[
            "1 alarm at TK-1, priority 1",
            "2 alarms at 2 assets, priority 2",
            "2 alarms out of sight to the left, priority 2",
        ],
    );
    press(
        &mut harness,
        "2 alarms out of sight to the left, priority 2",
    );
    let there = stage.scene.find_asset("TK-4").expect("a tank");
    assert_eq!(
        harness.state().actions,
        [Action::Select(Some(there)), Action::FlyTo(there)]
    );
}

#[test]
fn what_is_expected_has_a_mark_of_its_own() {
    let mut stage = Stage::new();
    stage.finish_run(1, 0);
    let tank = stage.scene.find_asset("TK-1").expect("a tank");
    stage.picture.sights = vec![ViewSight {
        asset: tank,
        sight: Sight::Ahead([300.0, 200.0]),
    }];
    check_texts(
        &draw(&stage, Screen::default()),
        &["1 expected at TK-1, priority 1"],
    );
    stage.raise_alarm();
    // What is an alarm already is not expected besides.
    check_texts(
        &draw(&stage, Screen::default()),
        &["1 alarm at TK-1, priority 1"],
    );
    stage.live[0].limit = Some(0);
    check_texts(
        &draw(&stage, Screen::default()),
        &["1 alarm and 1 expected at TK-1, priority 1"],
    );
}
