//! The wall clock: the one place in telemetry that reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::time::Timestamp;

/// The present instant by this computer's clock.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::default() + since_epoch
}
