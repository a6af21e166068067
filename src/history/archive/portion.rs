//! A signal over a stretch of the archive: piece by piece, as far as it is loaded.

use super::strand::{Bucket, Resolution, Strand};
use super::stretch::Stretch;
use crate::history::Gap;
use crate::history::columns::Sums;
use crate::signal::Sample;
use crate::time::Timestamp;

/// What is known of a signal over a stretch that lies in one piece.
#[derive(Clone, Copy, Debug)]
pub(in crate::history) struct Portion<'a> {
    pub(in crate::history) stretch: Stretch,
    pub(super) state: State<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum State<'a> {
    /// Loaded, and where the archive has changed since.
    Loaded {
        strand: &'a Strand,
        changed: Option<Stretch>,
        /// False if the change cannot be loaded.
        coming: bool,
    },
    /// To be loaded.
    Coming,
    /// It cannot be loaded.
    Unreadable,
}

impl<'a> Portion<'a> {
    /// What the archive holds of it that is not here yet.
    pub(in crate::history) fn coming(&self) -> Option<Stretch> {
        match self.state {
            State::Loaded {
                changed, coming, ..
            } => changed?.meet(self.stretch).filter(|_| coming),
            State::Coming => Some(self.stretch),
            State::Unreadable => None,
        }
    }

    /// The samples that are here.
    pub(in crate::history) fn samples(&self) -> &'a [Sample] {
        self.strand()
            .map_or(&[], |strand| strand.samples(self.stretch))
    }

    /// The instants at which the link was lost.
    pub(in crate::history) fn losses(&self) -> &'a [Timestamp] {
        self.strand()
            .map_or(&[], |strand| strand.losses(self.stretch))
    }

    /// The stretches that have data without a break, as far as is known, each with the last sample.
    pub(in crate::history) fn runs(&self) -> impl Iterator<Item = (Timestamp, Sample)> {
        let samples = self.samples().iter().map(|sample| (sample.at, *sample));
        let buckets = self.buckets().iter().map(|bucket| &bucket.column);
        samples.chain(buckets.map(|column| (column.first.at, column.last)))
    }

    /// What of it cannot be told for data or a gap.
    pub(in crate::history) fn unknown(&self) -> Option<Stretch> {
        match self.state {
            State::Loaded { changed, .. } => changed?.meet(self.stretch),
            State::Coming | State::Unreadable => Some(self.stretch),
        }
    }

    /// Adds all that is here.
    pub(in crate::history) fn add_to(&self, sums: &mut Sums) {
        sums.add_samples(self.samples());
        for bucket in self.buckets() {
            sums.add_column(&bucket.column);
        }
    }

    fn buckets(&self) -> &'a [Bucket] {
        self.strand()
            .map_or(&[], |strand| strand.buckets(self.stretch))
    }

    fn strand(&self) -> Option<&'a Strand> {
        match self.state {
            State::Loaded { strand, .. } => Some(strand),
            State::Coming | State::Unreadable => None,
        }
    }
}

/// How finely the parts of a stretch are read that ends where the archive does: a bucket
/// that reaches over its end is read sample by sample.
pub(super) fn parts(
    stretch: Stretch,
    edge: Timestamp,
    resolution: Resolution,
) -> impl Iterator<Item = (Stretch, Resolution)> {
    let border = resolution
        .bucket_nanos()
        .map_or(edge, |bucket| floor(edge, bucket));
    let whole = stretch.before(border).map(|part| (part, resolution));
    let rest = stretch.since(border).and_then(|part| part.before(edge));
    let rest = rest.map(|part| (part, Resolution::Samples));
    whole.into_iter().chain(rest)
}

/// The stretches of neighbouring portions as gaps, joined where they touch.
pub(in crate::history) fn joined(stretches: impl Iterator<Item = Stretch>) -> Vec<Gap> {
    let mut joined: Vec<Gap> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(last) if stretch.from <= last.to => last.to = last.to.max(stretch.end()),
            _ => joined.push(Gap {
                from: stretch.from,
                to: stretch.end(),
            }),
        }
    }
    joined
}

/// The start of the bucket of an instant.
fn floor(at: Timestamp, bucket: i64) -> Timestamp {
    let into = at.nanos().rem_euclid(bucket);
    Timestamp::from_nanos(at.nanos().saturating_sub(into))
}
