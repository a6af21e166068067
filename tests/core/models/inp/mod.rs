//! Files of EPANET at their border: bytes in, networks, notes and problems out.
//!
//! What is expected comes from EPANET 2.2 itself, asked through its toolkit, or from the
//! closed form of a unit.

mod hostile;
mod layout;
mod mistakes;
mod networks;
mod notes;
mod quality;
mod settings;
mod values;

use parallax::models::hydraulics::inp::{self, Reading};
use parallax::models::hydraulics::network::{Link, Network};

/// A small town, in gallons per minute. Sections may stand twice, so a test adds its own.
const TOWN: &str = "\
[TITLE]
Small town
[JUNCTIONS]
;id elevation demand pattern
A 700 0
B 710 150 Day
C 690 100
D 650.5 75 ; the last
[RESERVOIRS]
Lake 800 Level
[TANKS]
Tower 840 15 5 30 50
[PIPES]
p1 A B 2000 12 110
p2 B C 1000 10 100 0.5
p3 C D 1500 8 100 CV
p4 Tower B 500 12 100 0 Closed
[PUMPS]
Lift Lake A HEAD Curve
[VALVES]
v1 C D 8 PRV 40 0.5
[PATTERNS]
Day 0.5 1 1.5
Level 1 1.01
[CURVES]
Curve 900 230
";

/// A foot, m.
const FOOT: f64 = 0.3048;
/// A cubic foot, m³.
const CUBIC_FOOT: f64 = FOOT * FOOT * FOOT;
/// A gallon per minute as EPANET has it, m³/s.
const GPM: f64 = CUBIC_FOOT / 448.831;
/// A litre per second as EPANET has it, m³/s.
const LPS: f64 = CUBIC_FOOT / 28.317;

/// The town with more lines at its end.
fn town_with(lines: &str) -> String {
    format!("{TOWN}{lines}\n")
}

#[track_caller]
fn read(text: &str) -> Reading {
    inp::read(text.as_bytes()).unwrap_or_else(|problems| {
        let texts: Vec<_> = problems
            .iter()
            .map(|problem| problem.located("town.inp").to_string())
            .collect();
        panic!("{}", texts.join("\n"))
    })
}

/// The network of the town with more lines.
#[track_caller]
fn network_with(lines: &str) -> Network {
    read(&town_with(lines)).network
}

/// What is wrong with the town with more lines, one problem after the other.
#[track_caller]
fn problems_with(lines: &str) -> String {
    problems(town_with(lines).as_bytes())
}

#[track_caller]
fn problems(bytes: &[u8]) -> String {
    let Err(problems) = inp::read(bytes) else {
        panic!("nothing is wrong with\n{}", String::from_utf8_lossy(bytes))
    };
    let texts = problems.iter().map(|problem| problem.located("town.inp"));
    let texts: Vec<_> = texts.map(|text| text.to_string()).collect();
    texts.join("\n")
}

#[track_caller]
fn link<'a>(network: &'a Network, tag: &str) -> &'a Link {
    let found = network.links.iter().find(|link| link.tag == tag);
    found.unwrap_or_else(|| panic!("no link {tag}"))
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs(),
        "{what}: {found:e}, not {expected:e}"
    );
}
