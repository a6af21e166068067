//! Networks that nobody drew: random ones, in both engines.
//!
//! A seed makes a network with everything a file can hold. Some of these stand on a knife's
//! edge: a valve that would open if a head were a hair higher. Whether one does is found by
//! asking EPANET twice, the second time with demands higher by a billionth; where it disagrees
//! with itself, nobody can agree with it.

mod draft;
mod town;

use std::env;
use std::fs;
use std::path::Path;

use super::comparison::{Limits, compare};
use super::reference::{Ask, Reference, open, python};

/// Seeds that every run of the tests tries; `PARALLAX_SEEDS` names others (`from..to`).
const SEEDS: std::ops::Range<u64> = 0..60;

fn seeds() -> std::ops::Range<u64> {
    let named = env::var("PARALLAX_SEEDS").ok();
    let named = named.as_deref().and_then(|text| text.split_once(".."));
    named.map_or(SEEDS, |(from, to)| {
        from.parse().expect("a seed")..to.parse().expect("a seed")
    })
}

#[test]
fn random_networks_agree() {
    let Some(python) = python("epanet::random_networks_agree") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut trouble, mut compared, mut undecided) = (Vec::new(), 0, Vec::new());
    for seed in seeds() {
        let file = folder.path().join(format!("{seed}.inp"));
        fs::write(&file, town::text(seed)).expect("a network");
        let found = compare(&python, &file, &Ask::default(), Limits::default());
        if found.complaints.is_empty() {
            compared += 1;
        } else if is_on_edge(&python, &file) {
            undecided.push(seed);
        } else {
            trouble.push(found.trouble(&format!("seed {seed}")));
        }
    }
    println!("{compared} agree, EPANET disagrees with itself on {undecided:?}");
    assert!(
        trouble.is_empty(),
        "{} differ\n{}",
        trouble.len(),
        trouble.join("\n")
    );
    assert!(compared > undecided.len(), "{undecided:?} are undecided");
}

/// EPANET answers otherwise when demands are a billionth higher.
fn is_on_edge(python: &Path, file: &Path) -> bool {
    if !open(python, file).is_taken() {
        return false;
    }
    let ask = |multiplier| Ask {
        multipliers: vec![multiplier],
        ..Ask::default()
    };
    let run = |multiplier| Reference::run(python, file, &ask(multiplier)).expect("a result");
    let (one, other) = (run(1.0), run(1.0 + 1e-9));
    if one.rows() != other.rows() {
        return true;
    }
    (0..one.rows()).any(|row| {
        let differ = |column, limit: f64| {
            let pairs = one
                .values(row, column)
                .iter()
                .zip(other.values(row, column));
            pairs
                .into_iter()
                .any(|(a, b)| (a - b).abs() > limit.max(1e-7 * a.abs()))
        };
        differ("time", 0.0)
            || differ("heads", 0.002)
            || differ("flows", 2e-6)
            || differ("statuses", 0.5)
    })
}
