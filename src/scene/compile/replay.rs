//! How the columns of recorded CSV files map onto signals.

use std::collections::HashMap;

use super::check::quoted;
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::spec::ReplaySpec;

pub(super) fn compile(
    spec: Option<&ReplaySpec>,
    names: &Names<'_>,
    findings: &mut Findings,
) -> Option<ReplaySpec> {
    let spec = spec?;
    let root = Place::Scene;
    let place = root.key("replay");
    if let Some(delimiter) = spec.delimiter
        && (!delimiter.is_ascii() || matches!(delimiter, '"' | '\n' | '\r'))
    {
        let message = format!("{delimiter:?} cannot separate columns");
        findings.add(&place.key("delimiter"), message, "write ',', ';' or '\\t'");
    }
    let columns = place.key("columns");
    let mut taken = HashMap::new();
    for (column, signal) in &spec.columns {
        let place = columns.key(column);
        let Some(id) = names.signal(findings, &place, signal) else {
            continue;
        };
        let first: &String = taken.entry(id).or_insert(column);
        if first != column {
            let message = format!("two columns lead to {}", quoted(signal));
            findings.add_second(&place, &columns.key(first), message);
        }
    }
    let ignored = place.key("ignore");
    for (index, column) in spec.ignore.iter().enumerate() {
        if spec.columns.contains_key(column) {
            let message = format!("the column {} is both mapped and ignored", quoted(column));
            findings.add(
                &ignored.item(index),
                message,
                "remove it from one of the two",
            );
        }
    }
    if let Some(time) = &spec.time
        && spec.columns.contains_key(time)
    {
        let message = format!("the column {} is both time and value", quoted(time));
        findings.add(&place.key("time"), message, "remove it from `columns`");
    }
    Some(spec.clone())
}
