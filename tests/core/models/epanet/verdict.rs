//! Many networks at once, and those that stand on a knife's edge.
//!
//! A valve that would open if a head were a hair higher, a closed pipe between parts that nothing
//! else joins, a tank that is full within half a second: what an engine answers there hangs on
//! its roundings. Whether a network is such a one is found by asking EPANET again, with demands
//! higher or lower by as little as a rounding. Where it disagrees with itself, nobody can agree
//! with it; which ones those are is written down, so that none slips in unseen.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::comparison::{Limits, compare, is_cut_off};
use super::reference::{Ask, Reference, kept_text, place_of, python};

/// How often EPANET is asked again, with demands changed by up to a billionth; less often where
/// an answer takes long.
const HAIRS: [usize; 2] = [24, 5];
/// From this size on a file counts as long, bytes.
const LONG: u64 = 200_000;

/// Factors on all demands, as good as 1.
fn hairs(file: &Path) -> impl Iterator<Item = f64> {
    let is_long = file.metadata().is_ok_and(|found| found.len() > LONG);
    let hair = |index: usize| {
        let size = 10_f64.powi(-9 - (index as i32 / 2) % 4) * (1.0 + 0.1 * index as f64);
        1.0 + if index.is_multiple_of(2) { size } else { -size }
    };
    (0..HAIRS[usize::from(is_long)]).map(hair)
}

/// Networks of which EPANET itself is not sure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edges<'a> {
    /// These, and no others.
    Listed(&'a [&'a str]),
    /// Whichever they are.
    Any,
}

/// Compares the named files; everything that is not as it must be is told at once.
#[track_caller]
pub(super) fn check(test: &str, files: &[(String, PathBuf)], edges: Edges, limits: Limits) {
    let Some(python) = python(test) else {
        return;
    };
    let (mut trouble, mut undecided, mut steps) = (Vec::new(), Vec::new(), 0);
    for (name, file) in files {
        let found = compare(&python, file, &Ask::default(), limits);
        steps += found.steps;
        if found.complaints.is_empty() {
            println!("{}", found.summary(name));
            continue;
        }
        let is_listed = match edges {
            Edges::Listed(names) => names.contains(&name.as_str()),
            Edges::Any => true,
        };
        let itself = disagreement(&python, file, limits);
        // Roundings that show may move an event by a second; more takes more.
        let is_second = found.complaints[0].starts_with("step ");
        let text = itself.strong.or(itself.weak.filter(|_| is_second));
        match text {
            Some(text) if is_listed => {
                println!("undecided: {name}: {text}\n  {}", found.trouble(name));
                undecided.push(name);
            }
            Some(text) => {
                trouble.push(format!("{}\n  but EPANET: {text}", found.trouble(name)));
            }
            None => trouble.push(found.trouble(name)),
        }
    }
    println!("{} networks, {steps} steps", files.len());
    assert!(
        trouble.is_empty(),
        "{} of {} differ\n{}",
        trouble.len(),
        files.len(),
        trouble.join("\n")
    );
    let most = files.len() / 4 + 1;
    assert!(
        undecided.len() <= most,
        "too many are undecided: {undecided:?}"
    );
}

/// Where EPANET contradicts itself.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Disagreement {
    /// In instants, statuses or values that count.
    strong: Option<String>,
    /// In digits that do not, but that decide in which second a tank is full.
    weak: Option<String>,
}

/// What EPANET says to hairs, or said last time.
fn disagreement(python: &Path, file: &Path, limits: Limits) -> Disagreement {
    let question = ["disagreement".to_owned(), format!("{limits:?}")];
    let text = kept_text(&place_of(file, &question), || {
        let found = Disagreement::find(python, file, limits);
        serde_json::to_string(&found).expect("an answer in JSON")
    });
    serde_json::from_str(&text).expect("an answer in JSON")
}

impl Disagreement {
    fn find(python: &Path, file: &Path, limits: Limits) -> Self {
        let mut found = Self::default();
        let run = |factor| {
            let factor = Some(factor);
            let ask = Ask {
                factor,
                ..Ask::default()
            };
            Reference::run_once(python, file, &ask)
        };
        let Ok(first) = run(1.0) else {
            return found;
        };
        for factor in hairs(file) {
            if found.strong.is_some() {
                break;
            }
            if let Ok(other) = run(factor) {
                let with = format!("with demands changed by {:.0e}", factor - 1.0);
                found.consider(&first, &other, &with, limits);
            }
        }
        found
    }

    fn consider(&mut self, first: &Reference, other: &Reference, with: &str, limits: Limits) {
        for row in 0..first.rows().min(other.rows()) {
            let at = first.value(row, "time");
            if at != other.value(row, "time") {
                let text = format!("{with} it solves at other instants from {at} s on");
                self.strong.get_or_insert(text);
                return;
            }
            let largest = |column| largest_difference(first, other, row, column);
            let (head, flow) = (largest("heads"), largest("flows"));
            let shares = (head / limits.head, flow / limits.flow);
            let text =
                || format!("{with} it differs by {head:.1e} m and {flow:.1e} m³/s at {at} s");
            if largest("statuses") > 0.0 {
                let text = format!("{with} it has other statuses at {at} s");
                self.strong.get_or_insert(text);
            } else if shares.0 > 0.1 || shares.1 > 0.1 {
                self.strong.get_or_insert_with(text);
            } else if shares.0 > 1e-3 || shares.1 > 1e-2 {
                self.weak.get_or_insert_with(text);
            }
        }
        if first.rows() != other.rows() {
            let text = format!(
                "{with} it makes {} steps, not {}",
                other.rows(),
                first.rows()
            );
            self.strong.get_or_insert(text);
        }
    }
}

fn largest_difference(first: &Reference, other: &Reference, row: usize, column: &str) -> f64 {
    let pairs = first
        .values(row, column)
        .iter()
        .zip(other.values(row, column));
    let pairs = pairs.filter(|(a, _)| !is_cut_off(**a));
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
