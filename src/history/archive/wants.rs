//! What was asked of the archive and was not there: the list that a loader serves.

use std::collections::HashMap;

use super::catalogue::SliceId;
use super::strand::StrandKey;

/// Something to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Want {
    /// The plant over a stretch.
    Slice(SliceId),
    /// A signal over a stretch.
    Strand(StrandKey),
}

/// Rounds for which a slice is in use, or wanted: the plant on screen asks in every frame.
pub(super) const SLICE_PATIENCE: u64 = 1;
/// Rounds for which a strand is in use, or wanted: panels look up what is costly now and then.
pub(super) const STRAND_PATIENCE: u64 = 60;
/// No more is wanted at once. The oldest wants are forgotten; who still misses them asks again.
const MOST: usize = 1_024;

/// What was asked lately and lacks.
#[derive(Debug, Default)]
pub(super) struct Wants {
    asked: HashMap<Want, Asked>,
    questions: u64,
}

/// When something was last asked for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    question: u64,
    round: u64,
}

impl Wants {
    /// Notes that something was asked for in `round`.
    pub(super) fn note(&mut self, want: Want, round: u64) {
        self.questions += 1;
        let question = self.questions;
        self.asked.insert(want, Asked { question, round });
        if self.asked.len() > 2 * MOST {
            let mut questions: Vec<u64> = self.asked.values().map(|asked| asked.question).collect();
            let (_, oldest, _) =
                questions.select_nth_unstable_by(MOST, |one, other| other.cmp(one));
            let oldest = *oldest;
            self.asked.retain(|_, asked| asked.question > oldest);
        }
    }

    /// Ends a round: what is still wanted, the latest question first.
    pub(super) fn told(&mut self, round: u64) -> Vec<Want> {
        self.asked
            .retain(|want, asked| round < asked.round + patience(want));
        self.latest()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Forgets a want that was served, or cannot be.
    pub(super) fn landed(&mut self, want: Want) {
        self.asked.remove(&want);
    }

    /// Forgets the slices that are gone.
    pub(super) fn retain_slices(&mut self, has: impl Fn(SliceId) -> bool) {
        self.asked.retain(|want, _| match want {
            Want::Slice(id) => has(*id),
            Want::Strand(_) => true,
        });
    }

    fn latest(&self) -> Vec<Want> {
        let asked = self.asked.iter();
        let mut latest: Vec<_> = asked.map(|(want, asked)| (asked.question, *want)).collect();
        latest.sort_unstable_by(|one, other| other.cmp(one));
        latest.truncate(MOST);
        latest.into_iter().map(|(_, want)| want).collect()
    }
}

fn patience(want: &Want) -> u64 {
    match want {
        Want::Slice(_) => SLICE_PATIENCE,
        Want::Strand(_) => STRAND_PATIENCE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Resolution;
    use crate::signal::{Origin, SignalId};

    fn slice(id: u64) -> Want {
        Want::Slice(SliceId(id))
    }

    fn strand(piece: i64) -> StrandKey {
        StrandKey {
            origin: Origin::Measured,
            signal: SignalId(0),
            resolution: Resolution::Samples,
            piece,
        }
    }

    #[test]
    fn the_latest_question_comes_first_and_an_old_one_is_forgotten() {
        let mut wants = Wants::default();
        wants.note(slice(1), 0);
        wants.note(slice(2), 0);
        wants.note(slice(1), 0);
        wants.note(Want::Strand(strand(7)), 0);
        assert_eq!(wants.told(0), [Want::Strand(strand(7)), slice(1), slice(2)]);
        wants.note(slice(2), 1);
        assert_eq!(wants.told(1), [slice(2), Want::Strand(strand(7))]);
        assert_eq!(wants.told(STRAND_PATIENCE), []);
        assert!(wants.is_empty());
    }

    #[test]
    fn wants_are_bounded() {
        let mut wants = Wants::default();
        for id in 0..10 * MOST as u64 {
            wants.note(slice(id), 0);
            assert!(wants.asked.len() <= 2 * MOST);
        }
        assert_eq!(wants.told(0).len(), MOST);
    }
}
