//! The pump rig that ships, against the recordings that it is made for.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use parallax::files::{OpenScene, find_scene, open_scene};
use parallax::scene::{Fragment, Scene};

fn pump_rig() -> OpenScene {
    let path = find_scene("pump-rig").expect("the scene ships");
    open_scene(&path, &mut |_, _| Ok(Fragment::default()))
        .unwrap_or_else(|error| panic!("{}", error.report()))
}

/// The folder of SKAB's files; `None`, said aloud, where it is absent.
fn skab(test: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = env::var_os("PARALLAX_DATA").map(PathBuf::from);
    let beside = ["../shared/data", "../../shared/data"].map(|path| root.join(path));
    let folder = given
        .into_iter()
        .chain(beside)
        .map(|data| data.join("skab/data"))
        .find(|folder| folder.is_dir());
    if folder.is_none() {
        let required = env::var_os("PARALLAX_REQUIRE_DATA").is_some_and(|value| value == "1");
        assert!(!required, "{test}: shared/data/skab is absent");
        eprintln!("skipped: {test}: shared/data/skab is absent");
    }
    folder
}

/// Calls `each` with the signal's column and every value in it, for the files of `folder`.
fn each_value(folder: &Path, mut each: impl FnMut(&str, f64)) {
    for entry in folder.read_dir().expect("a folder of SKAB") {
        let path = entry.expect("an entry").path();
        let mut file = csv::ReaderBuilder::new()
            .delimiter(b';')
            .from_path(&path)
            .expect("a CSV file");
        let header = file.headers().expect("a header").clone();
        for row in file.records() {
            let row = row.expect("a row");
            for (column, text) in header.iter().zip(&row).skip(1) {
                each(column, text.parse().expect("a number"));
            }
        }
    }
}

fn si_value(scene: &Scene, column: &str, value: f64) -> Option<(String, f64)> {
    let replay = scene.replay.as_ref()?;
    let name = replay.columns.get(column)?;
    let signal = scene.signal(scene.find_signal(name)?);
    Some((name.clone(), signal.unit.to_si(value)))
}

#[test]
fn the_rig_has_the_eight_signals_of_skab() {
    let scene = pump_rig().scene;
    let measured: BTreeSet<&str> = scene
        .signals
        .iter()
        .filter(|signal| signal.measured)
        .map(|signal| signal.full_name.as_str())
        .collect();
    let replay = scene.replay.as_ref().expect("a column map");
    let mapped: BTreeSet<&str> = replay.columns.values().map(String::as_str).collect();
    assert_eq!(measured, mapped);
    assert_eq!(mapped.len(), 8);
    assert!(scene.models.is_empty() && scene.scenarios.is_empty());
}

#[test]
fn the_waters_way_leads_round_the_loop() {
    let scene = pump_rig().scene;
    let tank = scene.find_asset("TK-1").expect("the tank");
    let mut way = vec![tank];
    loop {
        let next = scene.asset(way[way.len() - 1]).links[0];
        if next == tank {
            break;
        }
        assert!(!way.contains(&next), "the way crosses itself");
        way.push(next);
    }
    assert_eq!(way.len(), 8);
}

#[test]
fn every_column_of_every_recording_is_known() {
    let Some(skab) = skab("every_column_of_every_recording_is_known") else {
        return;
    };
    let scene = pump_rig().scene;
    let replay = scene.replay.as_ref().expect("a column map");
    let mut unknown = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for folder in ["anomaly-free", "valve1", "valve2", "other"] {
        each_value(&skab.join(folder), |column, _| {
            seen.insert(column.to_owned());
            if !replay.columns.contains_key(column) && !replay.ignore.iter().any(|c| c == column) {
                unknown.insert(column.to_owned());
            }
        });
    }
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(replay.columns.keys().all(|column| seen.contains(column)));
}

#[test]
fn recorded_values_lie_in_the_ranges_of_their_signals() {
    let Some(skab) = skab("recorded_values_lie_in_the_ranges_of_their_signals") else {
        return;
    };
    let scene = pump_rig().scene;
    let mut outside = BTreeSet::new();
    let mut values = 0;
    for folder in ["anomaly-free", "valve1", "valve2", "other"] {
        each_value(&skab.join(folder), |column, value| {
            if let Some((name, si)) = si_value(&scene, column, value) {
                let signal = scene.signal(scene.find_signal(&name).expect("known"));
                values += 1;
                if !(-0.01..=1.01).contains(&signal.fraction(si)) {
                    outside.insert(format!("{name} {}", signal.value_with_unit(si)));
                }
            }
        });
    }
    assert!(outside.is_empty(), "{outside:?}");
    assert_eq!(values, 46_806 * 8);
}
