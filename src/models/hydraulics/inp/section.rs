//! The sections of a file, and who reads the lines of each.

use super::draft::Draft;
use super::line::{Line, begins};
use super::mistake::Mistake;
use super::{
    controls, curves, energy, links, map, nodes, options, patterns, pumps, quality, report, rules,
    status, times,
};

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Title,
    Junctions,
    Tanks,
    Pipes,
    Pumps,
    Valves,
    Controls,
    Rules,
    Demands,
    Sources,
    Emitters,
    Patterns,
    Curves,
    Quality,
    Status,
    Roughness,
    Energy,
    Reactions,
    Mixing,
    Report,
    Times,
    Options,
    Coordinates,
    Vertices,
    Labels,
    Backdrop,
    Tags,
    End,
}

/// Every section by its name.
pub(super) const NAMES: [(&str, Section); 29] = [
    ("TITLE", Section::Title),
    ("JUNCTIONS", Section::Junctions),
    // What a line of these two describes is told by how many words it has.
    ("RESERVOIRS", Section::Tanks),
    ("TANKS", Section::Tanks),
    ("PIPES", Section::Pipes),
    ("PUMPS", Section::Pumps),
    ("VALVES", Section::Valves),
    ("CONTROLS", Section::Controls),
    ("RULES", Section::Rules),
    ("DEMANDS", Section::Demands),
    ("SOURCES", Section::Sources),
    ("EMITTERS", Section::Emitters),
    ("PATTERNS", Section::Patterns),
    ("CURVES", Section::Curves),
    ("QUALITY", Section::Quality),
    ("STATUS", Section::Status),
    ("ROUGHNESS", Section::Roughness),
    ("ENERGY", Section::Energy),
    ("REACTIONS", Section::Reactions),
    ("MIXING", Section::Mixing),
    ("REPORT", Section::Report),
    ("TIMES", Section::Times),
    ("OPTIONS", Section::Options),
    ("COORDINATES", Section::Coordinates),
    ("VERTICES", Section::Vertices),
    ("LABELS", Section::Labels),
    ("BACKDROP", Section::Backdrop),
    ("TAGS", Section::Tags),
    ("END", Section::End),
];

impl Section {
    /// The section that `word`, such as `[PIPES]`, begins.
    pub(super) fn named(word: &str) -> Option<Self> {
        let inside = word.strip_prefix('[')?;
        let is_named = |name: &str| begins(inside, name) && inside[name.len()..].starts_with(']');
        let found = NAMES.iter().find(|(name, _)| is_named(name))?;
        Some(found.1)
    }

    /// Reads a line of this section.
    pub(super) fn read<'a>(self, draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
        match self {
            Self::Title => {
                draft.map.title.push(line.raw.trim().to_owned());
                Ok(())
            }
            Self::Junctions => nodes::junction(draft, line),
            Self::Tanks => nodes::tank(draft, line),
            Self::Demands => nodes::demand(draft, line),
            Self::Emitters => nodes::emitter(draft, line),
            Self::Pipes => links::pipe(draft, line),
            Self::Pumps => pumps::pump(draft, line),
            Self::Valves => links::valve(draft, line),
            Self::Status => status::status(draft, line),
            Self::Patterns => patterns::pattern(draft, line),
            Self::Curves => curves::curve(draft, line),
            Self::Controls => controls::control(draft, line),
            Self::Rules => rules::clause(draft, line),
            Self::Energy => energy::energy(draft, line),
            Self::Times => times::time(draft, line),
            Self::Options => options::option(draft, line),
            Self::Quality => quality::initial(draft, line),
            Self::Sources => quality::source(draft, line),
            Self::Reactions => quality::reaction(draft, line),
            Self::Mixing => quality::mixing(draft, line),
            Self::Report => report::report(draft, line),
            Self::Coordinates => map::coordinate(draft, line),
            Self::Vertices => map::vertex(draft, line),
            Self::Labels => map::label(draft, line),
            Self::Backdrop => map::backdrop(draft, line),
            Self::Tags => map::tag(draft, line),
            Self::Roughness => {
                draft.findings.note("roughness", line.number, || {
                    "EPANET 2.2 does not use [ROUGHNESS]; the line is ignored".to_owned()
                });
                Ok(())
            }
            Self::End => Ok(()),
        }
    }
}
