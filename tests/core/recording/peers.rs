//! DuckDB and pyarrow, which read what a store holds.
//!
//! `PARALLAX_PEERS` names a Python with the packages duckdb, pyarrow and pandas; `scripts/test`
//! installs one.

use std::ffi::OsStr;
use std::process::Command;

use serde::de::DeserializeOwned;

use crate::telemetry::skip;

/// What each of the two says.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Both<T> {
    pub(super) duckdb: T,
    pub(super) pyarrow: T,
}

/// Asks the script `rows.py`; `None` after saying that there is nobody to ask.
pub(super) fn ask<T: DeserializeOwned>(
    test: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Option<T> {
    let Some(python) = std::env::var_os("PARALLAX_PEERS") else {
        skip(
            test,
            "$PARALLAX_PEERS names no Python with duckdb and pyarrow",
        );
        return None;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/rows.py");
    let output = Command::new(&python)
        .arg(script)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).expect("a line of JSON"))
}
