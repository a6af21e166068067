//! Samples of a series within a minute or an hour, summed up.

use std::ops::Range;
use std::time::Duration;

use crate::recording::{Block, Series};
use crate::signal::{Clock, Quality, Sample};
use crate::time::Timestamp;

/// What the samples of a series were from one instant on until the next bucket's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// When it begins: a whole number of steps since the Unix epoch.
    pub start: Timestamp,
    /// The lowest value, SI.
    pub min: f64,
    /// The highest value, SI.
    pub max: f64,
    /// The mean of the values, each counted once; SI.
    pub mean: f64,
    /// The first value, SI, and its time.
    pub first: f64,
    /// See [`first`](Self::first).
    pub first_at: Timestamp,
    /// The last value, SI, and its time.
    pub last: f64,
    /// See [`last`](Self::last).
    pub last_at: Timestamp,
    /// How many samples there are.
    pub count: u64,
    /// The worst quality of a sample, or that of a lost link.
    pub worst: Quality,
}

/// Buckets of many series: sorted by tag, signal and origin, then by start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollup {
    /// The series that have buckets.
    pub series: Vec<Series>,
    /// By series, where its buckets end; they begin where those of the series before end.
    pub ends: Vec<usize>,
    /// The buckets.
    pub buckets: Vec<Bucket>,
}

impl Bucket {
    /// Takes in a later or earlier bucket of the same start, or of a finer step within it. Of
    /// samples of equal time this one's counts as first and last.
    pub fn merge(&mut self, other: &Self) {
        let total = self.count.saturating_add(other.count);
        // Each by its share, so that no sum is beyond what a number can be.
        let share = |bucket: &Self| bucket.count as f64 / total.max(1) as f64;
        let mean = self.mean * share(self) + other.mean * share(other);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.mean = within(mean, self.min, self.max);
        if other.first_at < self.first_at {
            (self.first, self.first_at) = (other.first, other.first_at);
        }
        if other.last_at > self.last_at {
            (self.last, self.last_at) = (other.last, other.last_at);
        }
        self.count = total;
        self.worst = self.worst.max(other.worst);
    }

    /// The first sample, with the worst quality of all: a bucket knows no other.
    pub fn first_sample(&self) -> Sample {
        self.sample(self.first_at, self.first)
    }

    /// The last sample, with the worst quality of all: a bucket knows no other.
    pub fn last_sample(&self) -> Sample {
        self.sample(self.last_at, self.last)
    }

    fn sample(&self, at: Timestamp, value: f64) -> Sample {
        Sample {
            at,
            value,
            quality: self.worst,
            clock: Clock::Source,
            received: at,
        }
    }
}

impl Rollup {
    /// The samples of a block by `step`.
    pub fn of(block: &Block, step: Duration) -> Self {
        let mut rollup = Self::default();
        let columns = &block.columns;
        for (place, series) in block.series.iter().enumerate() {
            let rows = block.rows_of(place);
            let mut start = rows.start;
            while start < rows.end {
                let bucket_start = floor(columns.at[start], step);
                let same = |row: &usize| floor(columns.at[*row], step) == bucket_start;
                let end = (start..rows.end).take_while(same).count() + start;
                if let Some(bucket) = sum_up(block, start..end, bucket_start) {
                    rollup.push(series, bucket);
                }
                start = end;
            }
        }
        rollup
    }

    /// The same buckets by a longer `step`.
    pub fn coarser(&self, step: Duration) -> Self {
        let mut rollup = Self::default();
        for (place, series) in self.series.iter().enumerate() {
            for bucket in &self.buckets[self.buckets_of(place)] {
                let start = floor(bucket.start, step);
                rollup.push(series, Bucket { start, ..*bucket });
            }
        }
        rollup
    }

    /// The buckets of several rollups, in the order of their writing.
    pub fn merged(all: &[Self]) -> Self {
        let mut rows: Vec<(&Series, &Bucket)> = Vec::new();
        for rollup in all {
            for (place, series) in rollup.series.iter().enumerate() {
                let own = &rollup.buckets[rollup.buckets_of(place)];
                rows.extend(own.iter().map(|bucket| (series, bucket)));
            }
        }
        // Stable: of equal buckets the one that was written first comes first.
        rows.sort_by(|(a, x), (b, y)| (&a.name, a.who, x.start).cmp(&(&b.name, b.who, y.start)));
        let mut merged = Self::default();
        for (series, bucket) in rows {
            merged.push(series, *bucket);
        }
        merged
    }

    /// The buckets of a series, by its place in [`series`](Self::series).
    pub fn buckets_of(&self, place: usize) -> Range<usize> {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[place]
    }

    /// Adds a bucket that does not come before what is there; one of the same series and start
    /// is merged.
    pub fn push(&mut self, series: &Series, bucket: Bucket) {
        let same = |last: &Series| last.name == series.name && last.who == series.who;
        if !self.series.last().is_some_and(same) {
            self.series.push(series.clone());
            self.ends.push(self.buckets.len());
        } else if let Some(last) = self.buckets.last_mut()
            && last.start == bucket.start
        {
            last.merge(&bucket);
            return;
        }
        self.buckets.push(bucket);
        if let Some(end) = self.ends.last_mut() {
            *end = self.buckets.len();
        }
    }
}

/// The bucket of some rows; `None` if there is no sample among them.
fn sum_up(block: &Block, rows: Range<usize>, start: Timestamp) -> Option<Bucket> {
    let columns = &block.columns;
    let samples = rows.clone().filter_map(|row| columns.sample(row));
    let first = samples.clone().next()?;
    let mut bucket = Bucket {
        start,
        min: first.value,
        max: first.value,
        mean: first.value,
        first: first.value,
        first_at: first.at,
        last: first.value,
        last_at: first.at,
        count: 0,
        worst: Quality::Good,
    };
    let mut sum = 0.0;
    for sample in samples {
        bucket.min = bucket.min.min(sample.value);
        bucket.max = bucket.max.max(sample.value);
        (bucket.last, bucket.last_at) = (sample.value, sample.at);
        bucket.count += 1;
        sum += sample.value;
    }
    bucket.mean = within(sum / bucket.count as f64, bucket.min, bucket.max);
    let qualities = columns.mark[rows].iter().map(|mark| mark.quality());
    bucket.worst = qualities.max().unwrap_or_default();
    Some(bucket)
}

/// The start of the step that an instant falls into.
fn floor(at: Timestamp, step: Duration) -> Timestamp {
    let step = i64::try_from(step.as_nanos()).unwrap_or(i64::MAX).max(1);
    Timestamp::from_nanos(at.nanos().div_euclid(step).saturating_mul(step))
}

/// A mean lies between the extremes, whatever was rounded or ran over.
fn within(mean: f64, min: f64, max: f64) -> f64 {
    if min <= max {
        mean.max(min).min(max)
    } else {
        mean
    }
}
