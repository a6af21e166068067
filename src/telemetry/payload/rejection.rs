//! Why a payload, or a part of one, gave no sample; counted by reason.

use thiserror::Error;

/// Why a payload, or one element of it, gave no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
pub enum Rejection {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 text")]
    NotUtf8,
    /// It looks like JSON and is not, or is no word that means anything.
    #[error("neither a number nor JSON")]
    NotJson,
    /// A value that is no number, no truth value and no state of its signal.
    #[error("the value is not a number")]
    NotANumber,
    /// NaN, an infinity, or a number too large for 64 bits.
    #[error("the number is not finite")]
    NotFinite,
    /// Larger than [`MAX_PAYLOAD_BYTES`](super::MAX_PAYLOAD_BYTES).
    #[error("the payload is larger than 1 MiB")]
    TooLarge,
    /// Nested deeper than 127 levels.
    #[error("the payload is nested too deeply")]
    TooDeep,
    /// No value where one is expected: empty, null, or the field is missing.
    #[error("no value")]
    NoValue,
    /// The topic or the payload names a signal that does not exist.
    #[error("unknown signal")]
    UnknownSignal,
    /// The topic names an asset that does not exist.
    #[error("unknown asset")]
    UnknownAsset,
    /// The time cannot be read.
    #[error("the time cannot be read")]
    BadTime,
    /// Several values of one signal with no time to tell them apart.
    #[error("several values of one signal for one instant")]
    NoTime,
    /// More than a day ahead of our clock.
    #[error("the time lies more than a day ahead")]
    TooFarInFuture,
    /// Before 1990: an unset clock.
    #[error("the time lies before 1990")]
    TooOld,
    /// Beyond anything that a plant can have: more than 1e15 in SI.
    #[error("the value is implausibly large")]
    Implausible,
    /// A member of a population is of no kind that the population has.
    #[error("unknown kind")]
    UnknownKind,
}

impl Rejection {
    /// Every reason.
    pub const ALL: [Self; 15] = [
        Self::NotUtf8,
        Self::NotJson,
        Self::NotANumber,
        Self::NotFinite,
        Self::TooLarge,
        Self::TooDeep,
        Self::NoValue,
        Self::UnknownSignal,
        Self::UnknownAsset,
        Self::BadTime,
        Self::NoTime,
        Self::TooFarInFuture,
        Self::TooOld,
        Self::Implausible,
        Self::UnknownKind,
    ];
}

/// How often each reason came up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejections {
    counts: [u64; Rejection::ALL.len()],
}

impl Rejections {
    /// Counts one more.
    pub fn count(&mut self, reason: Rejection) {
        self.counts[reason as usize] += 1;
    }

    /// How often `reason` came up.
    pub fn of(&self, reason: Rejection) -> u64 {
        self.counts[reason as usize]
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The reasons that came up, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Rejection, u64)> + use<> {
        let counts = self.counts;
        Rejection::ALL
            .into_iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
    }

    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_place() {
        for (place, reason) in Rejection::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, place);
        }
    }
}
