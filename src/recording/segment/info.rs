//! What a segment says of itself in Parquet's key-value metadata.

use parquet::file::metadata::KeyValue;
use serde::{Deserialize, Serialize};

use super::error::SegmentMistake;
use super::parcel::Parcel;
use super::schema::TableSpec;
use crate::time::Timestamp;

/// The version of the schema that is written here; older ones are read.
pub const SCHEMA: u32 = 1;

/// Who writes a segment, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// The recorder, as in the file's name.
    pub recorder: String,
    /// Rises with the time of writing, as in the file's name.
    pub order: u64,
    /// When it is written.
    pub written: Timestamp,
    /// The segments that it was merged from, and whose place it takes.
    pub replaces: Vec<String>,
}

/// What a segment says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentInfo {
    /// The version of its schema.
    pub schema: u32,
    /// The recorder that wrote it.
    pub recorder: String,
    /// Rises with the time of writing.
    pub order: u64,
    /// When it was written.
    pub written: Timestamp,
    /// The segments that it was merged from, and whose place it takes.
    pub replaces: Vec<String>,
    /// Its slices, in the order of the file.
    pub slices: Vec<SliceInfo>,
}

/// A stretch of time within a segment: what is loaded at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceInfo {
    /// The time of its earliest row.
    #[serde(with = "nanos")]
    pub from: Timestamp,
    /// The time of its latest row.
    #[serde(with = "nanos")]
    pub to: Timestamp,
    /// Its rows.
    pub rows: u64,
    /// Which series have how many rows.
    pub(super) directory: Parcel,
    /// What every series showed at its start.
    pub(super) frame: Parcel,
}

/// Bytes at the end of the file that are read only for some of its rows, and their CRC-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Indexes {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) crc: u32,
}

impl SegmentInfo {
    /// How many rows its slices have.
    pub fn rows(&self) -> u64 {
        self.slices.iter().map(|slice| slice.rows).sum()
    }

    /// The times of its earliest and its latest row; `None` if it has none.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let from = self.slices.iter().map(|slice| slice.from).min()?;
        let to = self.slices.iter().map(|slice| slice.to).max()?;
        Some((from, to))
    }

    /// As key-value metadata.
    pub(super) fn to_metadata(
        &self,
        table: &TableSpec,
        catalogue: Parcel,
    ) -> Result<Vec<KeyValue>, SegmentMistake> {
        let unfit = |_| SegmentMistake::Unfit("its metadata are no JSON");
        let pair = |key: &str, value: String| KeyValue::new(format!("parallax.{key}"), value);
        Ok(vec![
            pair("schema", self.schema.to_string()),
            pair("table", table.name.to_owned()),
            pair("recorder", self.recorder.clone()),
            pair("order", format!("{:016x}", self.order)),
            pair("written", self.written.nanos().to_string()),
            pair(
                "replaces",
                serde_json::to_string(&self.replaces).map_err(unfit)?,
            ),
            pair(
                "slices",
                serde_json::to_string(&self.slices).map_err(unfit)?,
            ),
            pair(
                "catalogue",
                serde_json::to_string(&catalogue).map_err(unfit)?,
            ),
        ])
    }

    /// From key-value metadata, with the place of the catalogue.
    pub(super) fn from_metadata(
        pairs: &[KeyValue],
        table: &'static TableSpec,
    ) -> Result<(Self, Parcel), SegmentMistake> {
        let get = |key: &str| {
            let named = |pair: &&KeyValue| pair.key.strip_prefix("parallax.") == Some(key);
            pairs.iter().find(named)?.value.as_deref()
        };
        let missing = SegmentMistake::Damaged("its metadata lack an entry");
        let schema = get("schema").ok_or(SegmentMistake::Foreign)?;
        let schema: u32 = schema.parse().map_err(|_| SegmentMistake::Foreign)?;
        if schema > SCHEMA {
            return Err(SegmentMistake::Newer {
                found: schema,
                known: SCHEMA,
            });
        }
        let found = get("table").unwrap_or_default();
        if found != table.name {
            return Err(SegmentMistake::OtherTable {
                found: found.to_owned(),
                wanted: table.name,
            });
        }
        let read = || {
            let info = Self {
                schema,
                recorder: get("recorder")?.to_owned(),
                order: u64::from_str_radix(get("order")?, 16).ok()?,
                written: Timestamp::from_nanos(get("written")?.parse().ok()?),
                replaces: serde_json::from_str(get("replaces")?).ok()?,
                slices: serde_json::from_str(get("slices")?).ok()?,
            };
            let catalogue = serde_json::from_str(get("catalogue")?).ok()?;
            Some((info, catalogue))
        };
        read().ok_or(missing)
    }
}

/// An instant as its nanoseconds.
mod nanos {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time::Timestamp;

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(at.nanos())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp::from_nanos)
    }
}
