//! The results of EPANET 2.2 that lie beside the shared networks.
//!
//! They stand in SI with five decimals, at the report steps that `INDEX.csv` tells.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use parallax::models::hydraulics::inp;
use parallax::models::hydraulics::simulation::Simulation;

use super::super::shared_data;

/// `id → (first value, second value)` by instant.
type Table = HashMap<i64, HashMap<String, [f64; 2]>>;

/// The columns `first` and `second` of a gzipped table.
fn table(path: &Path, first: &str, second: &str) -> Table {
    let gunzip = Command::new("gzip")
        .arg("-dc")
        .arg(path)
        .stdout(Stdio::piped())
        .spawn();
    let mut text = String::new();
    let mut output = gunzip.expect("gzip runs").stdout.expect("a pipe");
    output.read_to_string(&mut text).expect("a table");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a heading").split(',').collect();
    let column = |name| {
        names
            .iter()
            .position(|found| *found == name)
            .expect("a column")
    };
    let columns = [first, second].map(column);
    let mut found = Table::new();
    for line in lines {
        let words: Vec<&str> = line.split(',').collect();
        let at: i64 = words[0].parse().expect("an instant");
        let values = columns.map(|column| words[column].parse().expect("a number"));
        found
            .entry(at)
            .or_default()
            .insert(words[1].to_owned(), values);
    }
    found
}

/// Between a closed valve and a pump that lifts nothing: their head is a rounding of EPANET's,
/// which moves it by 0.1 m when demands change by 10⁻¹².
const NOWHERE: [(&str, &str); 2] = [
    ("asce-tf-wdst/ky10.inp", "I-RV-4"),
    ("asce-tf-wdst/ky10.inp", "O-Pump-11"),
];

#[test]
fn the_published_results_are_met() {
    let test = "epanet::the_published_results_are_met";
    let Some(folder) = shared_data(test, "epanet_networks") else {
        return;
    };
    let results = folder.join("reference_epanet22");
    let index = fs::read_to_string(results.join("INDEX.csv")).expect("an index");
    let names = index
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next());
    let mut compared = 0;
    for name in names {
        // After its first events Net6 is compared in volumes only (see `networks`).
        let until = if name == "Net6.inp" { 0 } else { i64::MAX };
        let stem = name.trim_end_matches(".inp").replace('/', "__");
        let nodes = table(
            &results.join(format!("{stem}.nodes.csv.gz")),
            "head",
            "demand",
        );
        let links = table(
            &results.join(format!("{stem}.links.csv.gz")),
            "flowrate",
            "status",
        );
        compared += check(name, &folder.join(name), &nodes, &links, until);
    }
    assert!(compared > 100_000, "only {compared} values were compared");
}

fn check(name: &str, file: &Path, nodes: &Table, links: &Table, until: i64) -> usize {
    let bytes = fs::read(file).expect("a network");
    let reading = inp::read(&bytes).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    let network = Arc::new(reading.network);
    let mut simulation = Simulation::new(Arc::clone(&network));
    let mut compared = 0;
    let last = nodes.keys().copied().max().unwrap_or(0).min(until);
    loop {
        let at = simulation.time();
        let report = simulation.solve();
        report.unwrap_or_else(|failure| panic!("{name} at {at} s: {failure:?}"));
        if let (Some(nodes), Some(links)) = (nodes.get(&at), links.get(&at)) {
            for (node, id) in reading.map.node_ids.iter().enumerate() {
                let [head, demand] = nodes[id];
                let found = (simulation.head(node), simulation.demand(node));
                let is_nowhere = NOWHERE.contains(&(name, id.as_str()));
                assert!(
                    is_nowhere || (found.0 - head).abs() < 0.01,
                    "{name} at {at} s, node {id}: head {} m, EPANET {head} m",
                    found.0
                );
                assert!(
                    (found.1 - demand).abs() < allowed(demand),
                    "{name} at {at} s, node {id}: demand {} m³/s, EPANET {demand} m³/s",
                    found.1
                );
                compared += 2;
            }
            for (link, id) in reading.map.link_ids.iter().enumerate() {
                let [flow, status] = links[id];
                let found = simulation.flow(link);
                assert!(
                    (found - flow).abs() < allowed(flow),
                    "{name} at {at} s, link {id}: {found} m³/s, EPANET {flow} m³/s"
                );
                let shut = simulation.status(link).is_shut();
                assert_eq!(shut, status == 0.0, "{name} at {at} s, link {id}: {status}");
                compared += 2;
            }
        }
        if at >= last || simulation.next() == 0 {
            break;
        }
    }
    compared
}

/// What a flow may differ by, m³/s: the numbers are rounded to 10⁻⁵.
fn allowed(flow: f64) -> f64 {
    (1e-3 * flow.abs()).max(1e-5) + 5e-6
}
