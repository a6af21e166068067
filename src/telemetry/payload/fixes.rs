//! Payloads of tracking systems: where members of a population are, to fixes, and back.
//!
//! ```text
//! {"t": "2026-03-01T06:00:00Z", "whole": true, "members": [{"id": 3, "kind": "AGV", "x": 1.5, "y": 20}]}
//! {"t": …, "gone": [3]}                                 these have left
//! {"t": …, "id": 3, "x": 1.5, "y": 20, "heading": 90}   one member
//! [ …, … ]                                              any number of these
//! ```
//!
//! `x`, `y`, `z` are metres to the east, north and up, in the scene's coordinates; `heading` is
//! degrees counter-clockwise from the east; `kind` and `place` are names that the population
//! has. A member may have a time of its own. `whole` says that who is not told of is nowhere.
//! What cannot be used is counted by [`Rejection`] and rejects only itself.

use serde::Serialize;

use super::instant;
use super::json::Json;
use super::rejection::{Rejection, Rejections};
use super::{Arrival, Content, parse};
use crate::population::{FixReport, PopulationRow};
use crate::scene::TimeFormat;
use crate::telemetry::track::Track;
use crate::time::Timestamp;

/// Farther away from the origin nothing of a plant is, m.
const FARTHEST: f64 = 1e7;
/// The largest value that colours a member, SI.
const LARGEST: f64 = 1e15;

/// Appends the reports of `payload` to `out` and counts what gave none.
pub fn decode_fixes(
    payload: &[u8],
    track: &Track,
    arrival: Arrival,
    out: &mut Vec<FixReport>,
    rejections: &mut Rejections,
) {
    let mut walk = Walk {
        track,
        arrival,
        out,
        rejections,
    };
    let outcome = parse(payload).and_then(|content| match content {
        Content::Json(Json::Array(items)) => {
            for item in &items {
                walk.message(item);
            }
            if items.is_empty() {
                return Err(Rejection::NoValue);
            }
            Ok(())
        }
        Content::Json(json) => {
            walk.message(&json);
            Ok(())
        }
        Content::Text(_) => Err(Rejection::NotJson),
    });
    if let Err(reason) = outcome {
        rejections.count(reason);
    }
}

/// The payload of a report, which [`decode_fixes`] reads back: places to a millimetre, headings
/// to a thousandth of a degree.
pub fn encode_fixes(track: &Track, report: &FixReport) -> String {
    let members = report.rows.iter().map(|row| Member {
        id: row.id,
        kind: track.kind_name(row.kind),
        place: row.place.and_then(|place| track.place_name(place)),
        x: thousandths(row.position[0]),
        y: thousandths(row.position[1]),
        z: thousandths(row.position[2]),
        heading: thousandths(row.heading.to_degrees()),
        value: thousandths(row.value),
    });
    let message = Message {
        t: report.at.to_string(),
        whole: report.whole,
        members: members.collect(),
        gone: &report.gone,
    };
    // Numbers and texts alone: nothing that JSON could not hold.
    serde_json::to_string(&message).unwrap_or_default()
}

#[derive(Serialize)]
struct Message<'a> {
    t: String,
    whole: bool,
    members: Vec<Member<'a>>,
    #[serde(skip_serializing_if = "<[u64]>::is_empty")]
    gone: &'a [u64],
}

#[derive(Serialize)]
struct Member<'a> {
    id: u64,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    x: f64,
    y: f64,
    z: f64,
    heading: f64,
    value: f64,
}

fn thousandths(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

struct Walk<'w> {
    track: &'w Track,
    arrival: Arrival,
    out: &'w mut Vec<FixReport>,
    rejections: &'w mut Rejections,
}

impl Walk<'_> {
    fn message(&mut self, json: &Json<'_>) {
        if let Err(reason) = self.try_message(json) {
            self.rejections.count(reason);
        }
    }

    fn try_message(&mut self, json: &Json<'_>) -> Result<(), Rejection> {
        let Json::Object(_) = json else {
            return Err(Rejection::NoValue);
        };
        let own = self.own_time(json)?;
        let mut report = FixReport {
            at: own.unwrap_or(self.arrival.at),
            rows: Vec::new(),
            gone: Vec::new(),
            whole: matches!(find(json, "whole"), Some(Json::Bool(true))),
        };
        let members = find(json, "members");
        let gone = find(json, "gone");
        if members.is_none() && gone.is_none() {
            report.whole = false;
            self.member(json, own, &mut report)?;
        }
        if let Some(Json::Array(members)) = members {
            for member in members {
                if let Err(reason) = self.member(member, own, &mut report) {
                    self.rejections.count(reason);
                    // All that there are is not known when one of them cannot be read.
                    report.whole = false;
                }
            }
        }
        if let Some(Json::Array(gone)) = gone {
            for who in gone {
                match id(who) {
                    Ok(id) if own.is_some() || !self.arrival.retained => report.gone.push(id),
                    Ok(_) => self.rejections.count(Rejection::NoTime),
                    Err(reason) => self.rejections.count(reason),
                }
            }
        }
        let says_something = report.whole || !report.rows.is_empty() || !report.gone.is_empty();
        if says_something {
            self.out.push(report);
        }
        Ok(())
    }

    /// Reads one member into `report`, or into one of its own if it has its own time.
    fn member(
        &mut self,
        json: &Json<'_>,
        outer: Option<Timestamp>,
        report: &mut FixReport,
    ) -> Result<(), Rejection> {
        let own = self.own_time(json)?;
        if own.or(outer).is_none() && self.arrival.retained {
            // Nobody knows how old it is.
            return Err(Rejection::NoTime);
        }
        let row = PopulationRow {
            id: id(find(json, "id").ok_or(Rejection::NoValue)?)?,
            kind: self.kind(json)?,
            place: match find(json, "place") {
                Some(Json::Text(name)) => self.track.place(name),
                _ => None,
            },
            position: [
                required(json, "x", FARTHEST)?,
                required(json, "y", FARTHEST)?,
                optional(json, "z", FARTHEST)?,
            ],
            heading: optional(json, "heading", 1e6)?.to_radians(),
            value: optional(json, "value", LARGEST)?,
        };
        match own {
            Some(at) if at != report.at => self.out.push(FixReport {
                at,
                rows: vec![row],
                gone: Vec::new(),
                whole: false,
            }),
            _ => report.rows.push(row),
        }
        Ok(())
    }

    fn own_time(&self, json: &Json<'_>) -> Result<Option<Timestamp>, Rejection> {
        match find(json, "t") {
            None | Some(Json::Null) => Ok(None),
            Some(time) => instant::read(time, TimeFormat::Auto, self.arrival.at).map(Some),
        }
    }

    fn kind(&self, json: &Json<'_>) -> Result<u16, Rejection> {
        let name = match find(json, "kind") {
            Some(Json::Text(name)) => Some(name.as_ref()),
            None | Some(Json::Null) => None,
            Some(_) => return Err(Rejection::UnknownKind),
        };
        self.track.kind(name).ok_or(Rejection::UnknownKind)
    }
}

fn find<'j>(json: &'j Json<'_>, key: &str) -> Option<&'j Json<'j>> {
    let Json::Object(entries) = json else {
        return None;
    };
    let entry = entries.iter().find(|(name, _)| name == key);
    entry.map(|(_, value)| value)
}

fn id(json: &Json<'_>) -> Result<u64, Rejection> {
    match json {
        Json::Integer(id) => u64::try_from(*id).map_err(|_| Rejection::NotANumber),
        Json::Null => Err(Rejection::NoValue),
        _ => Err(Rejection::NotANumber),
    }
}

fn required(json: &Json<'_>, key: &str, most: f64) -> Result<f64, Rejection> {
    let number = match find(json, key) {
        None | Some(Json::Null) => return Err(Rejection::NoValue),
        Some(Json::Integer(number)) => *number as f64,
        Some(Json::Float(number)) => *number,
        Some(_) => return Err(Rejection::NotANumber),
    };
    if !number.is_finite() {
        Err(Rejection::NotFinite)
    } else if number.abs() > most {
        Err(Rejection::Implausible)
    } else {
        Ok(number)
    }
}

fn optional(json: &Json<'_>, key: &str, most: f64) -> Result<f64, Rejection> {
    match find(json, key) {
        None | Some(Json::Null) => Ok(0.0),
        Some(_) => required(json, key, most),
    }
}
