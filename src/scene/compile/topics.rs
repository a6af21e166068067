//! Topic patterns: levels of text, `+`, a last `#`, and the two placeholders.

use super::check::quoted;
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::AssetIndex;
use crate::scene::spec::TopicSpec;

const ASSET: &str = "{asset}";
const SIGNAL: &str = "{signal}";
/// The protocol's bound on a topic, bytes.
const MAX_TOPIC: usize = 65_535;

pub(super) fn check(
    topic: &TopicSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let pattern = place.key("pattern");
    if let Err((message, hint)) = check_pattern(&topic.pattern) {
        findings.add(&pattern, message, hint);
        return;
    }
    let tells = |placeholder| topic.pattern.split('/').any(|level| level == placeholder);
    let (tells_asset, tells_signal) = (tells(ASSET), tells(SIGNAL));

    if topic.asset.is_some() && tells_asset {
        let message = "both the pattern and `asset` tell the asset";
        findings.add(&place.key("asset"), message, "remove one of them");
    }
    if topic.signal.is_some() && tells_signal {
        let message = "both the pattern and `signal` tell the signal";
        findings.add(&place.key("signal"), message, "remove one of them");
    }
    let asset = topic
        .asset
        .as_ref()
        .and_then(|tag| names.asset(findings, &place.key("asset"), tag));
    let asset_told = tells_asset || topic.asset.is_some();
    if asset_told && topic.signal.as_ref().is_some_and(|name| name.contains('.')) {
        let message = "both the topic and `signal` tell the asset";
        findings.add(
            &place.key("signal"),
            message,
            "write the signal's name alone",
        );
    }
    if let Some(signal) = &topic.signal {
        let place = place.key("signal");
        check_signal(signal, asset, asset_told, names, &place, findings);
    }
    for (field, signal) in &topic.fields {
        let fields = place.key("fields");
        let place = fields.key(field);
        check_signal(signal, asset, asset_told, names, &place, findings);
    }
    if !asset_told && !tells_signal && topic.signal.is_none() && topic.fields.is_empty() {
        findings.add(
            &pattern,
            format!("{} tells neither asset nor signal", quoted(&topic.pattern)),
            "put {asset} and {signal} in the pattern, or add `signal: \"P-1.flow\"`; \
             of payloads about many assets, list the `fields`",
        );
    }
}

/// Checks the syntax: `Err` holds message and hint.
fn check_pattern(pattern: &str) -> Result<(), (String, &'static str)> {
    let refuse = |what: String, hint| Err((what, hint));
    let shown = quoted(pattern);
    if pattern.is_empty() {
        return refuse(
            "the topic pattern is empty".to_owned(),
            "write plant/{asset}/{signal}",
        );
    }
    if pattern.len() > MAX_TOPIC || pattern.contains('\0') {
        return refuse(format!("{shown} cannot be a topic"), "write a shorter one");
    }
    let levels: Vec<&str> = pattern.split('/').collect();
    for (index, level) in levels.iter().enumerate() {
        let last = index + 1 == levels.len();
        match *level {
            "+" | ASSET | SIGNAL => {}
            "#" if last => {}
            "#" => {
                return refuse(
                    format!("`#` is not the last level of {shown}"),
                    "move it to the end",
                );
            }
            text if text.contains(['+', '#']) => {
                let hint = "`+` and `#` stand for whole levels";
                return refuse(format!("{} is not a level of a topic", quoted(text)), hint);
            }
            text if text.contains(['{', '}']) => {
                let hint = "the placeholders are {asset} and {signal}, each a whole level";
                return refuse(format!("{} is no placeholder", quoted(text)), hint);
            }
            _ => {}
        }
    }
    for placeholder in [ASSET, SIGNAL] {
        if levels.iter().filter(|level| **level == placeholder).count() > 1 {
            return refuse(
                format!("{placeholder} stands twice in {shown}"),
                "put `+` for one of them",
            );
        }
    }
    Ok(())
}

/// Checks `tag.signal`, or `signal` of the asset that the topic tells.
fn check_signal(
    text: &str,
    asset: Option<AssetIndex>,
    asset_told: bool,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    match asset {
        _ if text.contains('.') || !asset_told => {
            names.signal(findings, place, text);
        }
        Some(asset) => {
            names.signal_of(findings, place, asset, text);
        }
        None => names.signal_of_any(findings, place, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_checked_level_by_level() {
        for good in ["plant/{asset}/{signal}", "+/{asset}/x/#", "#", "a", "/a//b"] {
            assert_eq!(check_pattern(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "a/#/b",
            "a+/b",
            "a#",
            "x{asset}",
            "{tag}",
            "{asset}/{asset}",
            "a\0",
        ] {
            assert!(check_pattern(bad).is_err(), "{bad}");
        }
    }
}
