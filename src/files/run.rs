//! The rows of a run's export, whatever the format.

use std::fmt;
use std::path::Path;

use super::{ExportError, write_run_csv, write_run_parquet};

/// Whose value a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// A member, counted from 0.
    Number(u32),
    /// The ensemble's 10 % quantile.
    P10,
    /// The ensemble's median.
    P50,
    /// The ensemble's 90 % quantile.
    P90,
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::P10 => f.write_str("p10"),
            Self::P50 => f.write_str("p50"),
            Self::P90 => f.write_str("p90"),
        }
    }
}

/// One value of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunRow<'a> {
    /// Seconds from the start of the run.
    pub time_s: f64,
    /// The asset's tag.
    pub tag: &'a str,
    /// The signal's name within the asset.
    pub signal: &'a str,
    /// The unit of the value, in plain text.
    pub unit: &'a str,
    /// Whose value it is.
    pub member: Member,
    /// The value, in `unit`.
    pub value: f64,
}

/// The columns of a run's export.
pub(super) const COLUMNS: [&str; 6] = ["time_s", "tag", "signal", "unit", "member", "value"];

/// Takes the rows of a run one by one, so that they need not all be held.
///
/// Nothing stands in the file's place until [`finish`](Self::finish); dropped before
/// that, the writer leaves nothing behind.
pub trait RunWriter {
    /// Adds a row.
    fn write(&mut self, row: &RunRow<'_>) -> Result<(), ExportError>;

    /// Completes the file and puts it in its place.
    fn finish(self: Box<Self>) -> Result<(), ExportError>;
}

/// The formats in which a run can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RunFormat {
    /// Text with commas, as any program reads it.
    #[default]
    Csv,
    /// Columns, compressed: small, and fast to read with pandas, Polars or DuckDB.
    Parquet,
}

impl RunFormat {
    /// What the file is called: `run.csv` or `run.parquet`.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "run.csv",
            Self::Parquet => "run.parquet",
        }
    }
}

/// Begins to write a run to `path`.
pub fn write_run(format: RunFormat, path: &Path) -> Result<Box<dyn RunWriter>, ExportError> {
    Ok(match format {
        RunFormat::Csv => Box::new(write_run_csv(path)?),
        RunFormat::Parquet => Box::new(write_run_parquet(path)?),
    })
}
