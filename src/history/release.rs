//! From which instant on memory keeps its samples, once the older ones are in the archive.

use crate::time::Timestamp;

/// Samples of one signal, taken for evenly spread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    from: i64,
    to: i64,
    count: usize,
}

/// What instants are told apart by, ns.
const RESOLUTION: i64 = 1_000_000_000;

impl Run {
    /// The samples between two instants, of which none lies before `floor`.
    pub(super) fn new(
        (from, to, count): (Timestamp, Timestamp, usize),
        floor: Timestamp,
    ) -> Option<Self> {
        (floor <= to).then(|| Self {
            from: from.max(floor).nanos(),
            to: to.nanos(),
            count,
        })
    }

    /// About how many lie in `from..to`.
    fn within(&self, from: i64, to: i64) -> f64 {
        let length = self.to.saturating_sub(self.from).saturating_add(1);
        let shared = to
            .min(self.to.saturating_add(1))
            .saturating_sub(from.max(self.from));
        self.count as f64 * shared.max(0) as f64 / length as f64
    }
}

/// An instant from which on there are about as many samples as `keep`, and not many more.
///
/// Halves the time in which it must lie, and looks only at what reaches into it.
pub(super) fn keep_from(mut runs: Vec<Run>, keep: usize) -> Option<Timestamp> {
    let mut low = runs.iter().map(|run| run.from).min()?;
    let mut high = runs.iter().map(|run| run.to).max()?.saturating_add(1);
    let mut later = 0.0;
    while high.saturating_sub(low) > RESOLUTION {
        let middle = low.midpoint(high);
        let upper: f64 = runs.iter().map(|run| run.within(middle, high)).sum();
        if later + upper > keep as f64 {
            low = middle;
            runs.retain(|run| run.to >= middle);
        } else {
            later += upper;
            high = middle;
            runs.retain(|run| run.from < middle);
        }
    }
    Some(Timestamp::from_nanos(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_samples_remain_whatever_lies_far_away() {
        let secs = Timestamp::from_secs;
        // A sample a second for a day by each of ten signals, in pieces; one has a broken clock.
        let hours = (0..24).flat_map(|hour| {
            let (from, to) = (
                1_700_000_000 + hour * 3600,
                1_700_000_000 + hour * 3600 + 3599,
            );
            std::iter::repeat_n((secs(from), secs(to), 3600), 10)
        });
        let runs = hours.chain([(secs(5), secs(6), 2)]);
        let runs: Vec<Run> = runs.filter_map(|run| Run::new(run, secs(0))).collect();
        for keep in [0, 100_000, 500_000] {
            let from = keep_from(runs.clone(), keep).expect("there are samples");
            let kept: f64 = runs
                .iter()
                .map(|run| run.within(from.nanos(), i64::MAX))
                .sum();
            assert!(
                kept <= keep as f64 && keep as f64 - kept < 50.0,
                "{kept} of {keep}"
            );
        }
    }
}
