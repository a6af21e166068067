//! The values of a payload with their places, for whoever looks for one.

use super::json::Json;
use super::{Content, parse};

/// At most `most` values of `payload` with the keys that lead to each, in order. A payload that
/// is one value has it at the empty place; what cannot be read has none.
pub(in crate::telemetry) fn leaves(payload: &str, most: usize) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    match parse(payload.as_bytes()) {
        Ok(Content::Json(json)) => walk(&json, &mut Vec::new(), most, &mut found),
        Ok(Content::Text(text)) => found.push((Vec::new(), text.to_owned())),
        Err(_) => {}
    }
    found
}

fn walk(
    json: &Json<'_>,
    path: &mut Vec<String>,
    most: usize,
    found: &mut Vec<(Vec<String>, String)>,
) {
    if found.len() >= most {
        return;
    }
    let mut leaf = |text: String| found.push((path.clone(), text));
    match json {
        Json::Null => {}
        Json::Bool(value) => leaf(value.to_string()),
        Json::Integer(value) => leaf(value.to_string()),
        Json::Float(value) => leaf(value.to_string()),
        Json::Text(value) => leaf(value.to_string()),
        Json::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                path.push(place.to_string());
                walk(item, path, most, found);
                path.pop();
            }
        }
        Json::Object(entries) => {
            for (key, value) in entries {
                path.push(key.to_string());
                walk(value, path, most, found);
                path.pop();
            }
        }
    }
}
