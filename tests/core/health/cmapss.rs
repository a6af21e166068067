//! C-MAPSS FD001: remaining life of the test engines, from a light training.
//!
//! Conventions: trained on lives capped at 125 cycles, as the literature does. The RMSE is told
//! against the test labels as they are (11 of the 100 are above 125) and against capped ones. The
//! labels are read for scoring only. `scripts/train-fd001` trains the full model.

use std::fs;

use parallax::forecast::health::{Fleet, FleetModel, FleetSettings, train};

use super::super::telemetry::data;

#[test]
fn the_published_networks_are_outdone_on_fd001() {
    let name = "the_published_networks_are_outdone_on_fd001";
    let Some(folder) = data(name, "cmapss/CMAPSSData") else {
        return;
    };
    let read = |file: &str| fs::read_to_string(folder.join(file)).expect(file);
    let mut engines = Fleet::parse(&read("train_FD001.txt")).expect("a fleet");
    assert_eq!((engines.units.len(), engines.signals.len()), (100, 24));
    engines.label_run_to_failure();
    let settings = FleetSettings {
        points: 1_000,
        members: 2,
        kernel: Some((1.0, 0.05)),
        ..FleetSettings::default()
    };
    let model = train(&engines, &settings).expect("a model");
    println!("held-out engines: {:?}", model.held_out);
    println!("ignored: {:?}", model.ignored);
    assert!(model.held_out.rmse_capped < 13.0);

    let text = model.to_json().expect("it can be written");
    let model = FleetModel::from_json(&text).expect("it can be read");
    let mut test = Fleet::parse(&read("test_FD001.txt")).expect("a fleet");
    let estimates = model.estimate_last(&test).expect("the same signals");
    assert_eq!(estimates.iter().flatten().count(), 100);
    test.label_last(&read("RUL_FD001.txt")).expect("100 labels");
    let skill = model
        .skill(&test, false)
        .expect("the same signals")
        .expect("labels");
    println!("test engines:     {skill:?}");
    assert_eq!(skill.count, 100);
    assert!(skill.rmse_capped <= 13.0 && skill.rmse <= 13.5, "{skill:?}");
    assert!((0.72..=0.88).contains(&skill.coverage), "{skill:?}");
}
