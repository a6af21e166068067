//! Running: whether a machine runs.

use super::Reading;

/// Whether it runs; `None` if nobody knows.
pub(super) fn runs(reading: Reading) -> Option<bool> {
    reading.value().map(|value| value >= 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_above_runs() {
        assert_eq!(runs(Reading::Fresh(1.0)), Some(true));
        assert_eq!(runs(Reading::Old(0.0)), Some(false));
        assert_eq!(runs(Reading::Unknown), None);
    }
}
