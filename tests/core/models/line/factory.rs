//! The factory that ships: it opens, conserves its trays, and branches without a trace.

use std::sync::Arc;

use parallax::scene::Scene;
use parallax::session;
use parallax::simulation::{InitialState, Run, RunPlan};
use parallax::time::Timestamp;

pub(super) fn opened() -> session::Opened {
    session::open("scenes/factory".as_ref()).unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn plan(opened: &session::Opened, seed: u64) -> RunPlan {
    RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(&opened.scene, Timestamp::from_secs(0)),
        scenario: session::baseline(&opened.scene),
        seed,
    }
}

fn start(opened: &session::Opened, seed: u64) -> Run {
    Run::start(Arc::new(plan(opened, seed)), 0).expect("a start")
}

fn value(scene: &Scene, run: &Run, name: &str) -> f64 {
    run.value(scene.find_signal(name).expect("a signal"))
}

#[test]
fn every_tray_that_was_begun_is_stored_rejected_or_still_inside() {
    let opened = opened();
    let (mut run, scene) = (start(&opened, 3), &opened.scene);
    run.advance_to(Timestamp::from_secs(4 * 3_600))
        .expect("four hours");
    let of = |name: &str| value(scene, &run, name);
    let begun = of("HP-101.count") + of("HP-201.count");
    let stored = of("WH-01.count");
    // Trays become pallets of forty in the robot cells.
    let shrunk = 39.0 * (of("RC-107.count") + of("RC-207.count"));
    assert!(stored > 20.0, "{stored} pallets");
    let pending = begun - shrunk - stored - of("REJ.count") - of("PLANT.wip");
    assert!(pending.abs() < 1e-9, "{pending} trays are lost or made up");
}

#[test]
fn a_future_of_the_factory_goes_on_where_it_was_saved() {
    let opened = opened();
    let (half, end) = (Timestamp::from_secs(3_600), Timestamp::from_secs(7_200));
    let mut straight = start(&opened, 5);
    straight.advance_to(half).expect("an hour");
    let saved = straight.save();
    straight.advance_to(end).expect("two hours");
    let mut other = start(&opened, 5);
    other.restore(&saved).expect("a restored run");
    other.advance_to(end).expect("two hours");
    for signal in opened.scene.signal_ids() {
        let name = &opened.scene.signal(signal).full_name;
        let (left, right) = (straight.value(signal), other.value(signal));
        assert_eq!(left.to_bits(), right.to_bits(), "{name}");
    }
}
