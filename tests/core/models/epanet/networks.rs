//! Every shared network, as its file has it, and some of them very accurately.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::shared_data;
use super::comparison::{Comparison, Limits, compare};
use super::reference::{Ask, open, python};

/// All `.inp` files under `folder`, by name.
pub(super) fn networks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).expect("a folder");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(networks(&path));
        } else if path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("inp"))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Compares the files that EPANET takes; all trouble is told at once.
#[track_caller]
fn check_all(test: &str, files: &[PathBuf]) {
    let Some(python) = python(test) else {
        return;
    };
    let mut trouble = Vec::new();
    for file in files {
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let opening = open(&python, file);
        if !opening.is_taken() {
            println!("{name}: EPANET does not take it ({})", opening.code);
            continue;
        }
        let found = compare(&python, file, &Ask::default(), Limits::default());
        if found.complaints.is_empty() {
            println!("{}", found.summary(&name));
        } else {
            trouble.push(found.trouble(&name));
        }
    }
    assert!(
        trouble.is_empty(),
        "{} of {} differ\n{}",
        trouble.len(),
        files.len(),
        trouble.join("\n")
    );
}

fn check_folder(test: &str, folder: &str) {
    if let Some(folder) = shared_data(test, folder) {
        check_all(test, &networks(&folder));
    }
}

fn compare_shared(test: &str, name: &str, ask: &Ask, limits: Limits) -> Option<Comparison> {
    let folder = shared_data(test, "epanet_networks")?;
    let python = python(test)?;
    let found = compare(&python, &folder.join(name), ask, limits);
    println!("{}", found.summary(name));
    Some(found)
}

#[track_caller]
fn check_accurately(test: &str, name: &str) {
    let ask = Ask {
        accuracy: Some(1e-6),
        ..Ask::default()
    };
    let limits = Limits {
        head: 1e-4,
        ..Limits::default()
    };
    if let Some(found) = compare_shared(test, name, &ask, limits) {
        assert!(found.complaints.is_empty(), "{}", found.trouble(name));
    }
}

#[test]
fn the_networks_of_the_task_force_agree() {
    check_folder(
        "epanet::the_networks_of_the_task_force_agree",
        "epanet_networks/asce-tf-wdst",
    );
}

#[test]
fn the_networks_of_the_wntr_tests_agree() {
    check_folder(
        "epanet::the_networks_of_the_wntr_tests_agree",
        "epanet_wntr_tests",
    );
}

#[test]
fn net3_over_a_week_and_l_town_agree() {
    let test = "epanet::net3_over_a_week_and_l_town_agree";
    if let Some(folder) = shared_data(test, "epanet_networks") {
        check_all(test, &[folder.join("Net3.inp"), folder.join("L-TOWN.inp")]);
    }
}

#[test]
fn net1_agrees_to_a_tenth_of_a_millimetre_when_solved_accurately() {
    check_accurately("epanet::net1_accurately", "asce-tf-wdst/Net1.inp");
}

#[test]
fn net3_agrees_to_a_tenth_of_a_millimetre_when_solved_accurately() {
    check_accurately("epanet::net3_accurately", "Net3.inp");
}

#[test]
fn l_town_agrees_to_a_tenth_of_a_millimetre_when_solved_accurately() {
    check_accurately("epanet::l_town_accurately", "L-TOWN.inp");
}

/// The instants of its tanks running full are decided by a rounding; after the first that
/// falls a second apart, heads are those of different instants.
#[test]
fn net6_agrees_at_the_start_and_in_volume_and_energy() {
    let test = "epanet::net6_agrees_at_the_start_and_in_volume_and_energy";
    let name = "Net6.inp";
    let Some(found) = compare_shared(test, name, &Ask::default(), Limits::default()) else {
        return;
    };
    println!("first difference: {:?}", found.complaints.first());
    let at_start = found.complaints.iter().any(|text| text.starts_with("0 s"));
    assert!(found.steps > 0 && !at_start, "{}", found.trouble(name));
    for (what, [ours, theirs]) in [("volume", found.volume), ("energy", found.energy)] {
        println!("{what}: {ours}, EPANET {theirs}");
        assert!(
            (ours / theirs - 1.0).abs() < 5e-3,
            "{what}: {ours}, EPANET {theirs}"
        );
    }
}

/// `PARALLAX_INP_DIR` names a folder with networks of your own.
#[test]
fn the_networks_of_a_named_folder_agree() {
    match env::var_os("PARALLAX_INP_DIR").map(PathBuf::from) {
        Some(folder) => check_all(
            "epanet::the_networks_of_a_named_folder_agree",
            &networks(&folder),
        ),
        None => println!("PARALLAX_INP_DIR names no folder"),
    }
}
