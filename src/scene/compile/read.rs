//! From text to [`SceneSpec`]: RON, with its complaints put into words.

use ron::error::{Error, Position, SpannedError};
use ron::extensions::Extensions;
use serde::Deserialize;

use super::check::quoted;
use crate::problem::{Problem, did_you_mean};
use crate::scene::FORMAT_VERSION;
use crate::scene::spec::{ScenarioSpec, ScenariosSpec, SceneSpec};

/// Reads the text as RON of the right shape.
pub(super) fn read(text: &str) -> Result<SceneSpec<'_>, Problem> {
    options().from_str(text).map_err(|error| {
        // Another format may have fields that this one has never heard of.
        match format_of(text) {
            Some(format) if format != FORMAT_VERSION => {
                let (message, hint) = foreign_format(format);
                Problem::new(None, message, hint)
            }
            _ => in_words(&error, text),
        }
    })
}

/// Reads a file of scenarios.
pub(super) fn read_scenarios(text: &str) -> Result<Vec<ScenarioSpec>, Problem> {
    let read: ScenariosSpec = options()
        .from_str(text)
        .map_err(|error| in_words(&error, text))?;
    if read.format != FORMAT_VERSION {
        let (message, hint) = foreign_format(read.format);
        return Err(Problem::new(None, message, hint));
    }
    Ok(read.scenarios)
}

/// Reads another text that people write, such as the plan of a campaign, as a scene is read.
pub(crate) fn read_as<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Problem> {
    options()
        .from_str(text)
        .map_err(|error| in_words(&error, text))
}

/// Authors write neither `Some(..)` nor the second pair of brackets in `Mqtt((..))`.
fn options() -> ron::Options {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES)
}

/// Message and hint for a scene of another format than ours.
pub(super) fn foreign_format(format: u32) -> (String, String) {
    if format > FORMAT_VERSION {
        (
            format!("the scene has format {format}, newer than {FORMAT_VERSION}"),
            "open it with a newer Parallax".to_owned(),
        )
    } else {
        (
            format!("there is no scene format {format}"),
            format!("write `format: {FORMAT_VERSION}`"),
        )
    }
}

fn format_of(text: &str) -> Option<u32> {
    #[derive(Deserialize)]
    #[serde(rename = "Scene")]
    struct Header {
        format: u32,
    }
    let header: Header = options().from_str(text).ok()?;
    Some(header.format)
}

fn in_words(error: &SpannedError, text: &str) -> Problem {
    let line = u32::try_from(error.span.start.line).ok();
    let (message, hint) = match &error.code {
        Error::NoSuchStructField {
            expected,
            found,
            outer,
        } => (
            format!("{} has no field {}", owner(outer.as_ref()), quoted(found)),
            did_you_mean(found, expected.iter().copied()),
        ),
        Error::NoSuchEnumVariant {
            expected, found, ..
        } => (
            format!("{} is not known here", quoted(found)),
            did_you_mean(found, expected.iter().copied()),
        ),
        Error::MissingStructField { field, outer } => (
            format!("{} lacks `{field}`", owner(outer.as_ref())),
            format!("add `{field}: ...`"),
        ),
        Error::DuplicateStructField { field, outer } => (
            format!("`{field}` stands twice in {}", owner(outer.as_ref())),
            "remove one".to_owned(),
        ),
        Error::ExpectedDifferentStructName { expected, found } => (
            format!("{} stands where `{expected}` belongs", quoted(found)),
            format!("write `{expected}(...)`, or the brackets alone"),
        ),
        Error::ExpectedIdentifier => {
            let (message, hint) = nameless(character_at(text, error.span.end));
            (message.to_owned(), hint.to_owned())
        }
        code => {
            let (message, hint) = syntax(code);
            (message, hint.to_owned())
        }
    };
    Problem::new(line, message, hint)
}

fn owner(name: Option<&String>) -> String {
    name.map_or_else(|| "this".to_owned(), |name| format!("`{name}`"))
}

/// What RON says of brackets and commas, for people who do not know RON.
fn syntax(code: &Error) -> (String, &'static str) {
    let expected = |what: &str| format!("{what} is expected here");
    match code {
        Error::Eof => (
            "the text ends too early".to_owned(),
            "a bracket or a quote is not closed",
        ),
        Error::ExpectedComma => (
            expected("a comma"),
            "the entry before does not end with one, or ends too early",
        ),
        Error::ExpectedMapColon => (expected("a colon"), "write `name: value`"),
        Error::ExpectedString => (expected("a text"), "texts stand in double quotes"),
        Error::ExpectedStringEnd => (
            "a text does not end".to_owned(),
            "texts end with a double quote",
        ),
        Error::ExpectedFloat | Error::ExpectedInteger => {
            (expected("a number"), "a number has no quotes and no unit")
        }
        Error::IntegerOutOfBounds => ("this number is too large or below zero".to_owned(), ""),
        Error::ExpectedBoolean => (expected("`true` or `false`"), ""),
        Error::ExpectedArray => (expected("`[`"), "a list stands in [square brackets]"),
        Error::ExpectedMap => (expected("`{`"), "a map stands in {curly brackets}"),
        Error::ExpectedStructLike | Error::ExpectedNamedStructLike(_) => {
            (expected("`(`"), "fields stand in (round brackets)")
        }
        Error::ExpectedStructLikeEnd | Error::ExpectedOptionEnd => (
            expected("`)`"),
            "a comma is missing before, or there is one entry too many",
        ),
        Error::ExpectedArrayEnd => (expected("`]`"), "a comma may be missing before"),
        Error::ExpectedMapEnd => (expected("`}`"), "a comma may be missing before"),
        Error::TrailingCharacters => (
            "the text goes on after its last bracket".to_owned(),
            "a bracket may be closed too early",
        ),
        Error::ExceededRecursionLimit => ("brackets are nested too deep".to_owned(), ""),
        other => (uncapitalised(&other.to_string()), ""),
    }
}

/// What to say where a name should stand and `found` does.
fn nameless(found: Option<char>) -> (&'static str, &'static str) {
    match found {
        Some('"') => (
            "a name without quotes is expected here",
            "write a choice as Tank, and a secret as env(\"PLANT_PASSWORD\")",
        ),
        Some('(') => (
            "one pair of brackets too many",
            "write Mqtt(name: \"plant\", ...)",
        ),
        _ => (
            "the name of a field is expected here",
            "fields are written `name: value`",
        ),
    }
}

/// The first character at or after `position` that is not blank.
fn character_at(text: &str, position: Position) -> Option<char> {
    let mut lines = text
        .split_inclusive('\n')
        .skip(position.line.checked_sub(1)?);
    let first = lines.next()?.chars().skip(position.col.checked_sub(1)?);
    let rest = lines.flat_map(str::chars);
    first.chain(rest).find(|c| !c.is_whitespace())
}

fn uncapitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
