//! A text that somebody reads elsewhere: a report.

use std::io::Write;
use std::path::Path;

use super::ExportError;
use super::draft::Draft;

/// Writes `text` into the file at `target`, whole or not at all.
pub fn write_text(target: &Path, text: &str) -> Result<(), ExportError> {
    let (draft, mut out) = Draft::create(target)?;
    out.write_all(text.as_bytes())
        .map_err(|source| draft.refused(source))?;
    draft.place(out)
}
