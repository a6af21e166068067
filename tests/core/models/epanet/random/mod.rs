//! Networks that nobody drew: random ones, in both engines.
//!
//! A seed makes a network with everything a file can hold.

mod draft;
pub(in super::super) mod town;

use std::env;
use std::fs;

use super::comparison::Limits;
use super::verdict::{Edges, check};

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
    let folder = tempfile::tempdir().expect("a folder");
    let file = |seed| {
        let file = folder.path().join(format!("{seed}.inp"));
        fs::write(&file, town::text(seed)).expect("a network");
        (format!("seed {seed}"), file)
    };
    let files: Vec<_> = seeds().map(file).collect();
    let test = "epanet::random_networks_agree";
    check(test, &files, Edges::Any, Limits::default());
}
