//! A small town in many variants: whatever a file can say, both engines do the same with it.
//!
//! A variant is a list of edits to `town.inp`. The base is written in quantities, so that every
//! variant can stand in every unit of flow. The tables are files of this folder.

mod controls;
mod demands;
mod losses;
mod pumps;
mod rules;
mod solving;
mod tanks;
mod times;
mod valves;

use std::fmt::Write as _;
use std::fs;

use super::comparison::Limits;
use super::verdict::{self, Edges};

const TOWN: &str = include_str!("town.inp");

/// One network: its name, and what is different from the base.
pub(super) type Variant = (&'static str, &'static [Edit]);

/// One difference.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    /// Lines at the head of a section.
    Add(&'static str, &'static str),
    /// Instead of the one line that begins with this word, in the whole file.
    Line(&'static str, &'static str),
    /// Nothing in this section.
    Empty(&'static str),
}

/// Units of flow; metric ones come with metres and millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Units {
    Cfs,
    Gpm,
    Mgd,
    Imgd,
    Afd,
    Lps,
    Lpm,
    Mld,
    Cmh,
    Cmd,
}

const ALL_UNITS: [Units; 10] = [
    Units::Cfs,
    Units::Gpm,
    Units::Mgd,
    Units::Imgd,
    Units::Afd,
    Units::Lps,
    Units::Lpm,
    Units::Mld,
    Units::Cmh,
    Units::Cmd,
];

impl Units {
    fn name(self) -> String {
        format!("{self:?}").to_uppercase()
    }

    fn is_metric(self) -> bool {
        matches!(
            self,
            Self::Lps | Self::Lpm | Self::Mld | Self::Cmh | Self::Cmd
        )
    }

    /// For a gallon per minute.
    fn per_gpm(self) -> f64 {
        let cubic_metres_per_sec = 0.003_785_411_784 / 60.0;
        match self {
            Self::Gpm => 1.0,
            Self::Cfs => cubic_metres_per_sec / 0.028_316_846_592,
            Self::Mgd => 1.44e-3,
            Self::Imgd => cubic_metres_per_sec * 86_400.0 / 4_546.09,
            Self::Afd => cubic_metres_per_sec * 86_400.0 / 1_233.481_84,
            Self::Lps => cubic_metres_per_sec * 1_000.0,
            Self::Lpm => cubic_metres_per_sec * 60_000.0,
            Self::Mld => cubic_metres_per_sec * 86.4,
            Self::Cmh => cubic_metres_per_sec * 3_600.0,
            Self::Cmd => cubic_metres_per_sec * 86_400.0,
        }
    }

    /// The factor for a quantity of the base.
    fn factor(self, quantity: char) -> Option<f64> {
        let metres_per_psi: f64 = 0.703_07;
        let metric = |factor| if self.is_metric() { factor } else { 1.0 };
        Some(match quantity {
            'q' => self.per_gpm(),
            'l' | 'r' => metric(0.3048),
            'd' => metric(25.4),
            'p' => metric(metres_per_psi),
            'v' => metric(0.028_316_8),
            'e' => self.per_gpm() / metric(metres_per_psi.sqrt()),
            'k' => metric(0.745_7),
            _ => return None,
        })
    }
}

/// The text of `variant`, in `units`.
pub(super) fn text(edits: &[Edit], units: Units) -> String {
    let mut lines: Vec<String> = TOWN.lines().map(str::to_owned).collect();
    for edit in edits {
        apply(&mut lines, *edit);
    }
    let mut text = String::new();
    for line in &lines {
        let line = if line.trim_start().starts_with("Units ") {
            format!(" Units {}", units.name())
        } else {
            in_units(line, units)
        };
        writeln!(text, "{line}").expect("text");
    }
    text
}

fn apply(lines: &mut Vec<String>, edit: Edit) {
    let place = |lines: &[String], head: &str| {
        let mut found =
            (0..lines.len()).filter(|&line| lines[line].split_whitespace().next() == Some(head));
        found.next().unwrap_or_else(|| panic!("no line `{head}`"))
    };
    match edit {
        Edit::Add(section, text) => {
            let at = place(lines, section) + 1;
            lines.splice(at..at, text.lines().map(str::to_owned));
        }
        Edit::Line(head, text) => {
            let at = place(lines, head);
            lines.splice(at..=at, text.lines().map(str::to_owned));
        }
        Edit::Empty(section) => {
            let at = place(lines, section) + 1;
            let end = (at..lines.len()).find(|&line| lines[line].starts_with('['));
            lines.drain(at..end.unwrap_or(at));
        }
    }
}

/// Numbers in brackets after a quantity's letter become numbers in `units`.
fn in_units(line: &str, units: Units) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let factor = letters.next().and_then(|letter| units.factor(letter))?;
        let number = letters.as_str().strip_prefix('(')?.strip_suffix(')')?;
        let value: f64 = number.parse().ok()?;
        Some(format!("{:.6}", value * factor))
    };
    let words = line
        .split(' ')
        .map(|text| word(text).unwrap_or_else(|| text.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// Variants that EPANET cannot decide: a breaker valve turns the last digit of a head into a
/// flow, and nothing says what head a part without water and without demand has.
const ON_EDGE: &[&str] = &[
    "controls: of other valves' settings, Gpm",
    "controls: of other valves' settings, Lps",
    "losses: of a part without water, Gpm",
    "losses: of a part without water, Lps",
    "rules: of all valves, Gpm",
    "rules: of all valves, Lps",
    "valves: a PBV the wrong way round, Gpm",
    "valves: a PBV the wrong way round, Lps",
    "valves: a PBV, Gpm",
    "valves: a PBV, Lps",
];

/// Compares every variant of a family in some units.
#[track_caller]
fn check(family: &str, variants: &[Variant], units: &[Units]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    for (name, edits) in variants {
        for &units in units {
            let file = folder.path().join(format!("{}.inp", files.len()));
            fs::write(&file, text(edits, units)).expect("a network");
            files.push((format!("{family}: {name}, {units:?}"), file));
        }
    }
    let test = format!("epanet::variants::{family}");
    verdict::check(&test, &files, Edges::Listed(ON_EDGE), Limits::default());
}

#[test]
fn the_town_is_the_same_in_all_units_of_flow() {
    let everything: &[Variant] = &[
        ("as it is", &[]),
        (
            "with a valve of each kind of unit",
            &[
                Edit::Line("link", ""),
                Edit::Line("p7", ""),
                Edit::Add(
                    "[VALVES]",
                    " link F G d(8) PRV p(40) 0\n p7 F D d(8) FCV q(150) 0",
                ),
            ],
        ),
        (
            "with emitters and a pump of known power",
            &[
                Edit::Line("Boost", " Boost C K POWER k(9)"),
                Edit::Add("[EMITTERS]", " I e(4)\n D e(2)"),
            ],
        ),
        (
            "with a volume curve",
            &[
                Edit::Line("Tower", " Tower l(840) l(15) l(1) l(30) l(50) 0 Bowl"),
                Edit::Add(
                    "[CURVES]",
                    " Bowl l(0) v(0)\n Bowl l(10) v(9000)\n Bowl l(20) v(30000)\n Bowl l(32) v(70000)",
                ),
            ],
        ),
        (
            "with rules",
            &[
                Edit::Empty("[CONTROLS]"),
                Edit::Add("[RULES]", rules::BY_PRESSURE_AND_FLOW),
            ],
        ),
    ];
    check("units", everything, &ALL_UNITS);
}
