//! `parallax worker`: computes runs of others' campaigns, until it is stopped.

use std::process::ExitCode;

use super::{WorkerArgs, could_not};

/// Computes what comes.
#[cfg(feature = "cluster")]
pub fn worker(args: &WorkerArgs) -> ExitCode {
    use crate::session::campaign;
    let slots = args
        .slots
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
        .clamp(1, 256);
    match campaign::work(&args.nats, slots) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => could_not(error),
    }
}

/// There is nothing to connect with.
#[cfg(not(feature = "cluster"))]
pub fn worker(_: &WorkerArgs) -> ExitCode {
    could_not("this program was built without clusters (feature `cluster`)")
}
