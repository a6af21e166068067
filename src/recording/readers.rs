//! Reads of many files at once: a disk and a network serve several faster than one by one.

use std::sync::OnceLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Files that are read at once. They wait for the disk far more than they compute.
const AT_ONCE: usize = 16;

/// What `read` makes of each item, in order.
pub(super) fn read_all<T: Sync, R: Send>(items: &[T], read: impl Fn(&T) -> R + Sync) -> Vec<R> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let build = || {
        let builder = ThreadPoolBuilder::new().num_threads(AT_ONCE);
        let named = builder.thread_name(|index| format!("store-read-{index}"));
        // Where no threads can be had, the calling one will do.
        named.build().ok()
    };
    let pool = POOL.get_or_init(build).as_ref();
    match pool.filter(|_| items.len() > 1) {
        Some(pool) => pool.install(|| items.par_iter().with_max_len(1).map(&read).collect()),
        None => items.iter().map(read).collect(),
    }
}
