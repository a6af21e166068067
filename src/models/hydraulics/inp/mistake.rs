//! What can be wrong with a line, with the number that EPANET gives it.

use crate::problem::did_you_mean;

/// Among more names than this none is proposed: the search would take too long.
const MOST_PROPOSED: usize = 20_000;

/// What is wrong with a line.
#[derive(Debug)]
pub(super) struct Mistake {
    /// What is wrong.
    pub(super) message: String,
    /// How to mend it.
    pub(super) hint: String,
    /// The name that names nothing: a hint for it needs the whole file.
    pub(super) unknown: Option<(Kind, String)>,
}

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Link,
    Pattern,
    Curve,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Link => "link",
            Self::Pattern => "pattern",
            Self::Curve => "curve",
        }
    }
}

impl Mistake {
    /// A mistake that EPANET calls error `code`.
    pub(super) fn new(code: u16, message: impl AsRef<str>, hint: impl Into<String>) -> Self {
        Self {
            message: format!("{} (EPANET error {code})", message.as_ref()),
            hint: hint.into(),
            unknown: None,
        }
    }

    /// A name that names nothing of its `kind`.
    pub(super) fn unknown(kind: Kind, name: &str) -> Self {
        let code = match kind {
            Kind::Node => 203,
            Kind::Link => 204,
            Kind::Pattern => 205,
            Kind::Curve => 206,
        };
        let message = format!("there is no {} {}", kind.word(), quoted(name));
        Self {
            unknown: Some((kind, name.to_owned())),
            ..Self::new(code, message, "")
        }
    }

    pub(super) fn unknown_section(word: &str) -> Self {
        let known = super::section::NAMES.iter().map(|(name, _)| *name);
        let name = word.trim_matches(['[', ']']);
        let hint = did_you_mean(name, known);
        Self::new(201, format!("there is no section {}", quoted(word)), hint)
    }

    pub(super) fn before_sections() -> Self {
        let message = "the file does not begin with a section";
        Self::new(200, message, "begin it with a line such as [TITLE]")
    }

    pub(super) fn too_few_words(shape: &str) -> Self {
        Self::new(201, "the line is too short", format!("write {shape}"))
    }

    pub(super) fn not_a_number(what: &str, word: &str) -> Self {
        let message = format!("the {what} {} is not a number", quoted(word));
        Self::new(202, message, "write a number such as 12 or 0.5")
    }

    /// A word that is none of the `known` ones.
    pub(super) fn no_choice(what: &str, word: &str, known: &[&str]) -> Self {
        let message = format!("{} is no {what}", quoted(word));
        Self::new(213, message, did_you_mean(word, known.iter().copied()))
    }
}

/// The hint for a `name` that names nothing, if `known` are the names of its kind and it is
/// defined on line `later`, below its use.
pub(super) fn proposal<'a>(
    name: &str,
    later: Option<u32>,
    known: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> String {
    match later {
        Some(line) => format!("it is defined on line {line}: EPANET wants it before its use"),
        None if known.len() > MOST_PROPOSED => String::new(),
        None => did_you_mean(name, known),
    }
}

/// `text` in backticks, cut to what fits a line.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}
