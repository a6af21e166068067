//! How long to wait before the next attempt to connect.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The first wait.
const SHORTEST: Duration = Duration::from_millis(500);
/// The longest wait, before jitter.
const LONGEST: Duration = Duration::from_secs(30);
/// How far a wait is spread, so that many clients do not come back in one instant.
const JITTER: f64 = 0.25;

/// Exponential back-off with jitter.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait: twice the last one, up to half a minute, spread by a quarter.
    pub(super) fn next_wait(&mut self) -> Duration {
        let doubled = SHORTEST.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let spread = 1.0 + JITTER * (2.0 * chance() - 1.0);
        doubled.min(LONGEST).mul_f64(spread)
    }

    /// Starts again with the shortest wait.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A number from the system's entropy, by way of the standard library's hash keys.
pub(super) fn entropy() -> u64 {
    RandomState::new().hash_one(())
}

/// A number from 0 up to 1.
fn chance() -> f64 {
    (entropy() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_within_their_spread() {
        let mut backoff = Backoff::default();
        for nominal in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
            let wait = backoff.next_wait().as_secs_f64();
            assert!((wait / nominal - 1.0).abs() <= JITTER, "{wait} {nominal}");
        }
        backoff.reset();
        assert!(backoff.next_wait() <= SHORTEST.mul_f64(1.0 + JITTER));
    }

    #[test]
    fn waits_differ_between_clients() {
        let first = Backoff::default().next_wait();
        assert!((0..20).any(|_| Backoff::default().next_wait() != first));
    }
}
