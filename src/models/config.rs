//! How a model reads its configuration: RON, quantities as text with units, all mistakes at once.
//!
//! A [`Reader`] hands out values and keeps what is wrong with them. After a mistake it
//! hands out a stand-in, so that reading goes on; [`Reader::finish`] never lets one out.

use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

use super::Facts;
use crate::problem::{Outline, Problem, Step};
use crate::units::{Quantity, Unit, parse_value};

/// Reads `text` as a `T`; the one problem of a text that has another shape.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Vec<Problem>> {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    let options = ron::Options::default().with_default_extension(extensions);
    options.from_str(text).map_err(|error| {
        vec![Problem::new(
            u32::try_from(error.span.start.line).ok(),
            error.code.to_string(),
            "",
        )]
    })
}

/// An entry of the configuration: where it stands and what messages call it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    path: Vec<Step>,
    name: String,
    is_tag: bool,
}

impl Entry {
    /// The entry at `path`, which messages call by the words `name`.
    pub(super) fn new(path: impl IntoIterator<Item = Step>, name: impl Into<String>) -> Self {
        Self {
            path: path.into_iter().collect(),
            name: name.into(),
            is_tag: false,
        }
    }

    /// Item `index` of the list `list`, which has a tag or is a signal.
    pub(super) fn item(list: &str, index: usize, tag: &str) -> Self {
        Self {
            is_tag: true,
            ..Self::new([list.into(), index.into()], tag)
        }
    }

    /// The part `step` of this entry, under the same name.
    pub(super) fn part(&self, step: impl Into<Step>) -> Self {
        let mut part = self.clone();
        part.path.push(step.into());
        part
    }

    /// Its tag, or the words that messages use.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its name as it stands in a message.
    pub(super) fn called(&self) -> String {
        if self.is_tag {
            format!("`{}`", self.name)
        } else {
            self.name.clone()
        }
    }
}

/// Hands out the values of one configuration and collects its problems.
pub(super) struct Reader<'a> {
    outline: Outline,
    facts: &'a dyn Facts,
    problems: Vec<Problem>,
}

/// What is handed out for a value that cannot be read.
const STAND_IN: f64 = 1.0;

impl<'a> Reader<'a> {
    /// A reader of `text`, with `facts` for what it leaves out.
    pub(super) fn new(text: &str, facts: &'a dyn Facts) -> Self {
        Self {
            outline: Outline::of(text),
            facts,
            problems: Vec::new(),
        }
    }

    /// True if nothing was wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// The problems so far, in the order of their lines.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }

    /// Notes that `field` of `entry` is wrong.
    pub(super) fn problem(
        &mut self,
        entry: &Entry,
        field: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let mut path = entry.path.clone();
        path.push(field.into());
        let line = self.outline.line(&path);
        self.problems.push(Problem::new(line, message, hint));
    }

    /// The value of `text`, SI, which must measure `quantity`.
    pub(super) fn value(
        &mut self,
        entry: &Entry,
        field: &str,
        text: &str,
        quantity: Quantity,
    ) -> f64 {
        let name = entry.called();
        match parse_value(text) {
            Ok((value, found)) if found == quantity => return value,
            Ok((_, found)) => self.problem(
                entry,
                field,
                format!("`{field}` of {name} is `{text}`: {found:?}, not {quantity:?}"),
                units_of(quantity),
            ),
            Err(error) => self.problem(
                entry,
                field,
                format!("`{field}` of {name}: {error}"),
                units_of(quantity),
            ),
        }
        STAND_IN
    }

    /// The value of `text`, SI, of any quantity.
    pub(super) fn any_value(&mut self, entry: &Entry, field: &str, text: &str) -> (f64, Quantity) {
        parse_value(text).unwrap_or_else(|error| {
            let name = entry.called();
            self.problem(entry, field, format!("`{field}` of {name}: {error}"), "");
            (STAND_IN, Quantity::Number)
        })
    }

    /// Like [`value`](Self::value), and above zero.
    pub(super) fn positive(
        &mut self,
        entry: &Entry,
        field: &str,
        text: &str,
        quantity: Quantity,
    ) -> f64 {
        let value = self.value(entry, field, text, quantity);
        self.above_zero(entry, field, value)
    }

    /// `text` if it is given, else the parameter `field` of the asset, else a problem.
    pub(super) fn known(
        &mut self,
        entry: &Entry,
        field: &str,
        text: Option<&str>,
        quantity: Quantity,
    ) -> f64 {
        if let Some(text) = text {
            return self.value(entry, field, text, quantity);
        }
        let name = entry.name().to_owned();
        match self.facts.parameter(&name, field) {
            Some((value, found)) if found == quantity => value,
            Some((_, found)) => {
                self.problem(
                    entry,
                    field,
                    format!("parameter `{field}` of asset `{name}` is {found:?}, not {quantity:?}"),
                    units_of(quantity),
                );
                STAND_IN
            }
            None => {
                self.problem(
                    entry,
                    field,
                    format!("`{name}` has no `{field}`"),
                    "give it here or as a parameter of the asset",
                );
                STAND_IN
            }
        }
    }

    /// Like [`known`](Self::known), and above zero.
    pub(super) fn known_positive(
        &mut self,
        entry: &Entry,
        field: &str,
        text: Option<&str>,
        quantity: Quantity,
    ) -> f64 {
        let value = self.known(entry, field, text, quantity);
        self.above_zero(entry, field, value)
    }

    /// The length of a pipe, m: its text, its asset's parameter or its asset's course.
    pub(super) fn pipe_length(&mut self, entry: &Entry, text: Option<&str>) -> f64 {
        let course = self.facts.route_length(entry.name());
        let told = text.is_some() || self.facts.parameter(entry.name(), "length").is_some();
        match course {
            Some(length) if !told && length > 0.0 => length,
            _ => self.known_positive(entry, "length", text, Quantity::Length),
        }
    }

    /// A span of time, s.
    pub(super) fn span(&mut self, entry: &Entry, field: &str, text: &str) -> f64 {
        match crate::time::parse_duration(text) {
            Ok(span) => span.as_secs_f64(),
            Err(error) => {
                let name = entry.called();
                self.problem(entry, field, format!("`{field}` of {name}: {error}"), "");
                STAND_IN
            }
        }
    }

    /// A span of time above zero, s.
    pub(super) fn positive_span(&mut self, entry: &Entry, field: &str, text: &str) -> f64 {
        let span = self.span(entry, field, text);
        self.above_zero(entry, field, span)
    }

    /// An internal step, s: no shorter than a second, so that no run takes for ever.
    pub(super) fn step(&mut self, entry: &Entry, text: &str) -> f64 {
        let step = self.span(entry, "step", text);
        self.checked(entry, "step", step, step >= 1.0, "1s or more")
    }

    /// `value` if `is_fine`, else a problem that says what is `wanted`.
    pub(super) fn checked(
        &mut self,
        entry: &Entry,
        field: &str,
        value: f64,
        is_fine: bool,
        wanted: &str,
    ) -> f64 {
        if is_fine {
            return value;
        }
        let name = entry.called();
        self.problem(
            entry,
            field,
            format!("`{field}` of {name} must be {wanted}"),
            "",
        );
        STAND_IN
    }

    /// A signal's name, `tag.signal`.
    pub(super) fn signal(&mut self, entry: &Entry, field: &str, text: &str) -> String {
        let parts: Vec<_> = text.split('.').collect();
        if parts.len() != 2 || parts.iter().any(|part| part.is_empty()) {
            self.problem(
                entry,
                field,
                format!("`{text}` is not the name of a signal"),
                "write tag.signal, such as TK-1.level",
            );
        }
        text.to_owned()
    }

    fn above_zero(&mut self, entry: &Entry, field: &str, value: f64) -> f64 {
        self.checked(entry, field, value, value > 0.0, "above zero")
    }
}

/// A hint that lists the units of `quantity`.
fn units_of(quantity: Quantity) -> String {
    let names: Vec<_> = Unit::all()
        .filter(|unit| unit.quantity() == quantity && !unit.name().is_empty())
        .map(Unit::name)
        .collect();
    if names.is_empty() {
        return "write a plain number".to_owned();
    }
    format!("write a number and one of the units {}", names.join(", "))
}
