//! Files: a scene is opened, a run or a recording is written. Floor 4.
//!
//! Every file is written beside its place under another name and put there at the end,
//! so that nobody ever reads half of one. The recorder of live history is not here.

mod accounts;
mod draft;
mod kept;
mod open;
mod recorded;
mod run;
mod run_csv;
mod run_parquet;
mod table;
mod text;

use std::io;
use std::path::PathBuf;

pub use accounts::{Account, AccountError, Accounts};
pub use kept::{
    keep_mappings, keep_scenarios, keep_stories, kept_mappings, kept_scenarios, kept_stories,
};
pub use open::{OpenError, OpenScene, find_scene, open_scene, read_import, read_stories};
pub use recorded::{RecordedRow, write_recorded_csv};
pub use run::{Member, RunFormat, RunRow, RunWriter, write_run};
pub use run_csv::write_run_csv;
pub use run_parquet::write_run_parquet;
pub use table::{Cells, TableColumn, write_table_csv, write_table_parquet};
pub use text::write_text;
use thiserror::Error;

/// Why a file could not be written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The file system refused.
    #[error("cannot write file: {source}: {}", path.display())]
    Write {
        /// The file that was to be.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// The rows could not be put into CSV.
    #[error("cannot write CSV: {source}: {}", path.display())]
    Csv {
        /// The file that was to be.
        path: PathBuf,
        /// What the writer says.
        source: csv::Error,
    },
    /// The rows could not be put into Parquet.
    #[error("cannot write Parquet: {source}: {}", path.display())]
    Parquet {
        /// The file that was to be.
        path: PathBuf,
        /// What the writer says.
        source: parquet::errors::ParquetError,
    },
}
