//! What the history held, as CSV: one row per sample, with its quality.

use std::io;
use std::path::Path;

use super::ExportError;
use super::draft::Draft;
use crate::signal::Quality;
use crate::time::Timestamp;

const COLUMNS: [&str; 6] = ["time", "tag", "signal", "unit", "value", "quality"];

/// One recorded sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedRow<'a> {
    /// The instant it speaks of; written as RFC 3339 in UTC.
    pub at: Timestamp,
    /// The asset's tag.
    pub tag: &'a str,
    /// The signal's name within the asset.
    pub signal: &'a str,
    /// The unit of the value, in plain text.
    pub unit: &'a str,
    /// The value, in `unit`.
    pub value: f64,
    /// How far to trust it; written with OPC UA's name.
    pub quality: Quality,
}

/// Writes recorded samples to `path`, row by row.
pub fn write_recorded_csv<'a>(
    path: &Path,
    rows: impl IntoIterator<Item = RecordedRow<'a>>,
) -> Result<(), ExportError> {
    let (draft, file) = Draft::create(path)?;
    let refused = |source| ExportError::Csv {
        path: path.to_owned(),
        source,
    };
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(COLUMNS).map_err(refused)?;
    for row in rows {
        let (at, value) = (row.at.to_string(), row.value.to_string());
        let quality = row.quality.name();
        csv.write_record([&at, row.tag, row.signal, row.unit, &value, quality])
            .map_err(refused)?;
    }
    let file = csv.into_inner().map_err(|error| {
        let source = io::Error::from(error.error().kind());
        draft.refused(source)
    })?;
    draft.place(file)
}
