//! What EPANET opens is opened, and what it refuses is refused.

use std::fs;

use parallax::models::hydraulics::inp;

use super::super::shared_data;
use super::networks::networks;
use super::reference::{open, python};

#[test]
fn the_edge_cases_of_the_wntr_tests_are_taken_or_refused_as_by_epanet() {
    let test = "epanet::the_edge_cases_of_the_wntr_tests_are_taken_or_refused_as_by_epanet";
    let folders = ["epanet_wntr_tests", "epanet_networks"];
    let found: Vec<_> = folders
        .iter()
        .filter_map(|folder| shared_data(test, folder))
        .collect();
    let (Some(python), 2) = (python(test), found.len()) else {
        return;
    };
    let mut trouble = Vec::new();
    for file in found.iter().flat_map(|folder| networks(folder)) {
        let theirs = open(&python, &file);
        let bytes = fs::read(&file).expect("a network");
        let ours = inp::read(&bytes);
        let name = file.file_name().expect("a name").to_string_lossy();
        println!("{name}: EPANET {} {:?}", theirs.code, theirs.errors);
        match &ours {
            Ok(_) if !theirs.is_taken() => {
                trouble.push(format!("{name}: EPANET {:?}", theirs.errors));
            }
            Err(problems) if theirs.is_taken() => {
                let first = problems[0].clone();
                let first = first.located(&name);
                trouble.push(format!("{name}: taken by EPANET, not by us: {first}"));
            }
            _ => {}
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}
