//! Network files of EPANET 2.2 (`.inp`).
//!
//! ```text
//! bytes ─► text ─► lines of words ─► Draft (the file's units) ─► finish ─► Reading (SI)
//! ```
//!
//! Every section has a file that turns its lines into a part of the [`draft`]; what a
//! line means is what EPANET 2.2 makes of it, and a file that EPANET refuses is refused
//! here, with all its mistakes at once. What EPANET skips without a word is a note.
//!
//! # Limitations
//!
//! Hexadecimal numbers, `NaN` and infinity, which EPANET lets pass, are mistakes. A line
//! is read whole, where EPANET breaks it after 1023 characters.

mod controls;
mod curves;
mod districts;
mod draft;
mod energy;
mod findings;
mod finish;
mod line;
mod links;
mod map;
mod mistake;
mod nodes;
mod options;
mod patterns;
mod pumps;
mod quality;
mod quality_finish;
mod report;
mod rules;
mod section;
mod status;
mod tags;
mod text;
mod times;
mod units;

use super::network::Network;
use crate::problem::Problem;
use draft::Draft;
use line::Line;
use mistake::Mistake;
use section::Section;
use text::Text;

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The network, SI.
    pub network: Network,
    /// Where its parts lie on the map, and what the file calls them.
    pub map: Map,
    /// What was ignored or guessed, with lines.
    pub notes: Vec<Problem>,
}

/// Where the parts of a network lie, in the units of the file's map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The title, line by line.
    pub title: Vec<String>,
    /// What the file calls each node; the tag may differ.
    pub node_ids: Vec<String>,
    /// What the file calls each link; the tag may differ.
    pub link_ids: Vec<String>,
    /// `(x, y)` by node; `None` where the file gives none.
    pub coordinates: Vec<Option<[f64; 2]>>,
    /// The bends of each link, from its start to its end.
    pub vertices: Vec<Vec<[f64; 2]>>,
    /// Text on the map.
    pub labels: Vec<Label>,
    /// The file's tag of each node; may be empty.
    pub node_tags: Vec<String>,
    /// The file's tag of each link; may be empty.
    pub link_tags: Vec<String>,
    /// What the map's units are: `Meters`, `Feet`, `Degrees` or `None`.
    pub units: String,
    /// The picture behind the map; may be empty.
    pub backdrop: String,
    /// The units of flow that the file is written in, such as `LPS`.
    pub flow_units: String,
}

/// Text on the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    /// Upper left corner.
    pub at: [f64; 2],
    /// What it says.
    pub text: String,
}

/// Reads a file, or everything that is wrong with it, in the order of its lines.
///
/// The bytes are UTF-8 or Latin-1, and lines end in any way.
pub fn read(bytes: &[u8]) -> Result<Reading, Vec<Problem>> {
    let text = Text::decode(bytes).map_err(|problem| vec![problem])?;
    let mut draft = Draft::new(&text);
    declare(&text, &mut draft);
    read_lines(&text, &mut draft);
    finish::check_size(&mut draft);
    if draft.findings.is_clean() {
        finish::check(&mut draft);
    }
    if !draft.findings.is_clean() {
        return Err(draft.into_problems());
    }
    Ok(finish::finish(draft))
}

/// Makes every pattern and curve known by name: lines may use one that follows later.
fn declare<'a>(text: &'a Text<'_>, draft: &mut Draft<'a>) {
    let mut section = None;
    let mut line = Line::default();
    for (number, raw) in text.lines() {
        line.read(number, raw);
        let Some(&first) = line.words.first() else {
            continue;
        };
        if first.starts_with('[') {
            section = Section::named(first).or(section);
        }
        match section {
            Some(Section::End) => return,
            Some(Section::Patterns) if !first.starts_with('[') => {
                draft.declare_pattern(first, number)
            }
            Some(Section::Curves) if !first.starts_with('[') => draft.declare_curve(first, number),
            _ => {}
        }
    }
}

fn read_lines<'a>(text: &'a Text<'_>, draft: &mut Draft<'a>) {
    /// Where the lines go that are being read.
    enum Place {
        Before,
        Unknown,
        In(Section),
    }

    let mut place = Place::Before;
    let mut line = Line::default();
    for (number, raw) in text.lines() {
        line.read(number, raw);
        let Some(&first) = line.words.first() else {
            continue;
        };
        draft.findings.about_line(&line);
        if first.starts_with('[') {
            place = match Section::named(first) {
                Some(Section::End) => break,
                Some(section) => Place::In(section),
                None => {
                    draft.mistake(number, Mistake::unknown_section(first));
                    Place::Unknown
                }
            };
            continue;
        }
        let read = match &place {
            Place::In(section) => section.read(draft, &line),
            Place::Unknown => Ok(()),
            Place::Before => {
                place = Place::Unknown;
                Err(Mistake::before_sections())
            }
        };
        if let Err(mistake) = read {
            draft.mistake(number, mistake);
        }
    }
}
