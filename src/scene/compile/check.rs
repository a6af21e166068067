//! Checks of single values, the same wherever the value stands.

use std::collections::HashMap;
use std::time::Duration;

use super::findings::{Findings, Place};
use crate::time::parse_duration;

/// Coordinates and sizes end here, m: the view's `f32` still resolves a metre.
const MAX_COORDINATE: f64 = 1e7;
/// Spans of time end here: 100 years.
const MAX_DURATION: Duration = Duration::from_secs(36_525 * 86_400);

/// Characters that would break topics, patterns or `tag.signal`.
const RESERVED: &[char] = &['/', '+', '#', '{', '}', '.', '*'];

/// `text` in backticks, cut to what fits a line.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// Checks a name that becomes part of topics: a tag, or a signal's name.
pub(super) fn name(findings: &mut Findings, place: &Place<'_>, what: &str, text: &str) {
    let reserved = |c: &char| RESERVED.contains(c) || c.is_whitespace() || c.is_control();
    if text.is_empty() {
        findings.add(place, format!("the {what} is empty"), "give it a name");
    } else if let Some(bad) = text.chars().find(reserved) {
        findings.add(
            place,
            format!("{bad:?} cannot stand in the {what} {}", quoted(text)),
            "use letters, digits, `-` and `_`: names become parts of topics",
        );
    }
}

/// Checks a text that people read.
pub(super) fn title(findings: &mut Findings, place: &Place<'_>, what: &str, text: &str) {
    if text.trim().is_empty() {
        findings.add(place, format!("the {what} is empty"), "give it a name");
    }
}

/// Reads a span of time, zero allowed; zero if it cannot be read.
pub(super) fn duration(findings: &mut Findings, place: &Place<'_>, text: &str) -> Duration {
    match parse_duration(text) {
        Ok(span) if span <= MAX_DURATION => span,
        Ok(_) => {
            let message = format!("{} is longer than 100 years", quoted(text));
            findings.add(place, message, "write a shorter time");
            Duration::ZERO
        }
        Err(error) => {
            findings.add_error(place, &error);
            Duration::ZERO
        }
    }
}

/// Reads a span of time that must not be zero.
pub(super) fn positive_duration(
    findings: &mut Findings,
    place: &Place<'_>,
    text: &str,
) -> Duration {
    let before = findings.count();
    let span = duration(findings, place, text);
    if span.is_zero() && findings.count() == before {
        findings.add(place, "this time is zero", "write a time such as 5s");
    }
    span
}

/// Checks that a number is finite.
pub(super) fn finite(findings: &mut Findings, place: &Place<'_>, what: &str, value: f64) {
    if !value.is_finite() {
        let message = format!("the {what} is {value}");
        findings.add(place, message, "write an ordinary number");
    }
}

/// Checks that a number is finite and not below zero.
pub(super) fn not_negative(findings: &mut Findings, place: &Place<'_>, what: &str, value: f64) {
    finite(findings, place, what, value);
    if value < 0.0 {
        let message = format!("the {what} is {value}, below zero");
        findings.add(place, message, "write a positive number");
    }
}

/// Checks a factor on lengths.
pub(super) fn scale(findings: &mut Findings, place: &Place<'_>, what: &str, value: f64) {
    if !(value.is_finite() && value > 0.0) {
        let message = format!("the {what} is {value}");
        findings.add(place, message, "write a number above zero, such as 1");
    }
}

/// Checks a point in the world, m.
pub(super) fn point(findings: &mut Findings, place: &Place<'_>, what: &str, point: [f64; 3]) {
    // NaN fails the comparison as well.
    if !point.iter().all(|axis| axis.abs() <= MAX_COORDINATE) {
        findings.add(
            place,
            format!("{what} {point:?} is not a point in the plant"),
            "positions are metres, within 10,000 km of the origin",
        );
    }
}

/// Checks a lowest and a highest ordinary value.
pub(super) fn range(findings: &mut Findings, place: &Place<'_>, (low, high): (f64, f64)) {
    if !(low < high && low.is_finite() && high.is_finite()) {
        findings.add(
            place,
            format!("the range ({low}, {high}) is empty"),
            "write the lowest and the highest ordinary value, the lowest first",
        );
    }
}

/// Checks width, depth and height, m.
pub(super) fn size(findings: &mut Findings, place: &Place<'_>, size: [f64; 3]) {
    if !size
        .iter()
        .all(|axis| *axis > 0.0 && *axis <= MAX_COORDINATE)
    {
        findings.add(
            place,
            format!("the size {size:?} is not a size"),
            "write width, depth and height in metres, each above zero",
        );
    }
}

/// Checks that no two items of a list have the same name in `field`.
pub(super) fn unique<'n>(
    findings: &mut Findings,
    list: &Place<'_>,
    field: &str,
    what: &str,
    names: impl IntoIterator<Item = &'n str>,
) {
    unique_from(findings, list, field, what, names, 0);
}

/// As [`unique`], of the items from `first` on.
pub(super) fn unique_from<'n>(
    findings: &mut Findings,
    list: &Place<'_>,
    field: &str,
    what: &str,
    names: impl IntoIterator<Item = &'n str>,
    first: usize,
) {
    let mut seen = HashMap::new();
    for (index, name) in (first..).zip(names) {
        let first = *seen.entry(name).or_insert(index);
        if first != index {
            findings.add_second(
                &list.item(index).key(field),
                &list.item(first).key(field),
                format!("the {what} {} stands twice", quoted(name)),
            );
        }
    }
}
