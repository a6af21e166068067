//! `parallax store info|verify|compact DIR`: what is in a store, whether it is whole, and
//! tidying it up.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;

use super::{PROBLEMS_FOUND, StoreAction, StoreArgs, could_not, print_json};
use crate::recording::{
    DepotError, IntakeError, Library, LibraryError, LockError, Sealer, SealerError, SegmentName,
    Store, StoreError, StoreLock, Table, seal_logs, verify,
};
use crate::telemetry::now;

/// Why nothing could be said of a store.
#[derive(Debug, Error)]
enum StoreCommandError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Depot(#[from] DepotError),
    #[error(transparent)]
    Seal(#[from] SealerError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

/// What `store info` tells.
#[derive(Debug, Serialize)]
struct Info {
    store: String,
    recorder: String,
    from: Option<String>,
    to: Option<String>,
    rows: u64,
    slices: usize,
    tables: BTreeMap<&'static str, TableInfo>,
    /// Files that are no segments, or broken ones.
    broken: usize,
}

#[derive(Debug, Default, Serialize)]
struct TableInfo {
    files: usize,
    bytes: u64,
}

/// What `store verify` tells.
#[derive(Debug, Serialize)]
struct Verdict {
    segments: usize,
    rows: u64,
    logs: usize,
    log_rows: u64,
    problems: Vec<String>,
}

/// What `store compact` did.
#[derive(Debug, Serialize)]
struct Tidied {
    sealed_logs: u64,
    merged: usize,
    removed: usize,
}

/// Does what is asked of the store.
pub fn store(args: &StoreArgs) -> ExitCode {
    let done = match &args.action {
        StoreAction::Info(place) => info(&place.store),
        StoreAction::Verify(place) => check(&place.store),
        StoreAction::Compact(place) => compact(&place.store),
    };
    done.unwrap_or_else(could_not)
}

fn info(place: &str) -> Result<ExitCode, StoreCommandError> {
    let store = Store::open(place)?;
    let library = Library::open(store.depot())?;
    let mut tables: BTreeMap<_, TableInfo> = BTreeMap::new();
    for table in Table::ALL {
        let about = tables.entry(table.folder()).or_default();
        for entry in library.depot().list(table.folder())? {
            if SegmentName::parse(&entry.path).is_some() {
                about.files += 1;
                about.bytes += entry.bytes;
            }
        }
    }
    let catalogue = library.catalogue();
    let span = catalogue.span();
    print_json(&Info {
        store: store.place(),
        recorder: store.settings().recorder.clone(),
        from: span.map(|(from, _)| from.to_string()),
        to: span.map(|(_, to)| to.to_string()),
        rows: catalogue.slices().iter().map(|slice| slice.rows).sum(),
        slices: catalogue.slices().len(),
        tables,
        broken: library.broken().len(),
    });
    Ok(ExitCode::SUCCESS)
}

fn check(place: &str) -> Result<ExitCode, StoreCommandError> {
    let store = Store::open(place)?;
    let library = Library::open(store.depot())?;
    let found = verify(&store, &library)?;
    let problems = found.problems.iter();
    let problems: Vec<_> = problems
        .map(|(path, why)| format!("{path}: {why}"))
        .collect();
    let is_whole = problems.is_empty();
    print_json(&Verdict {
        segments: found.segments,
        rows: found.rows,
        logs: found.logs,
        log_rows: found.log_rows,
        problems,
    });
    Ok(match is_whole {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(PROBLEMS_FOUND),
    })
}

fn compact(place: &str) -> Result<ExitCode, StoreCommandError> {
    let store = Store::open(place)?;
    let library = Arc::new(Library::open(store.depot())?);
    // What the last recorder left in its log becomes segments first.
    let sealed_logs = seal_logs(&store, &library, now)?;
    // Held to the end: a recorder must not write meanwhile.
    let _lock = StoreLock::acquire(store.folder(), now())?;
    let mut sealer = Sealer::new(Arc::clone(&library), store.settings().clone(), now);
    let until = library.catalogue().span().map(|(_, to)| to);
    let mut merged = 0;
    while let Some(until) = until
        && sealer.merge_one(until)?
    {
        merged += 1;
    }
    let removed = sealer.let_go(now())?;
    print_json(&Tidied {
        sealed_logs,
        merged,
        removed,
    });
    Ok(ExitCode::SUCCESS)
}
