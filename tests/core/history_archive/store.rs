//! A store in its plainest form: every row ever written, and slices computed from them by
//! the words of the specification.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parallax::history::{
    Bucket, Column, History, Resolution, SampleColumns, Slice, SliceEntry, SliceId, StartRow,
    Strand, StrandKey, Want,
};
use parallax::signal::{Origin, Quality, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;

/// Signals of the plant; the store also knows one that the plant no longer has.
pub(super) const SIGNALS: usize = 3;

/// A row as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) origin: Origin,
    pub(super) signal: SignalId,
    pub(super) at: Timestamp,
    pub(super) received: Timestamp,
    /// `None` where the link was lost.
    pub(super) value: Option<f64>,
}

/// What one log file held.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) recorder: u32,
    pub(super) order: u64,
    pub(super) rows: Vec<Row>,
    /// Its slices have rows of so many instants.
    pub(super) instants: usize,
}

/// Log files, and the slices that they were cut into.
#[derive(Clone, Debug)]
pub(super) struct Store {
    logs: Vec<Log>,
    slices: BTreeMap<SliceId, (SliceEntry, Vec<Row>)>,
}

/// What is known of one signal.
#[derive(Clone, Debug, Default)]
pub(super) struct Truth {
    pub(super) samples: BTreeMap<Timestamp, Sample>,
    pub(super) losses: BTreeSet<Timestamp>,
}

impl Row {
    fn sample(&self) -> Option<Sample> {
        Some(Sample {
            received: self.received,
            quality: if self.value == Some(3.0) {
                Quality::BadSensorFailure
            } else {
                Quality::Good
            },
            ..Sample::good(self.at, self.value?)
        })
    }

    fn is_of(&self, origin: Origin, signal: SignalId) -> bool {
        (self.origin, self.signal) == (origin, signal)
    }
}

impl Store {
    /// Seals the logs. Slices of `salt` have other names than those of another salt.
    pub(super) fn new(mut logs: Vec<Log>, salt: u64) -> Self {
        logs.sort_by_key(|log| (log.recorder, log.order));
        let mut slices = BTreeMap::new();
        for log in &logs {
            let instants: BTreeSet<_> = log.rows.iter().map(|row| row.at).collect();
            let instants: Vec<_> = instants.into_iter().collect();
            for (place, cut) in instants.chunks(log.instants).enumerate() {
                let (from, to) = (cut[0], cut[cut.len() - 1]);
                let inside = |row: &&Row| from <= row.at && row.at <= to;
                let rows: Vec<Row> = log.rows.iter().filter(inside).copied().collect();
                let number = u64::from(log.recorder) * 1_000_000 + log.order * 1_000 + place as u64;
                let entry = SliceEntry {
                    id: SliceId(number + salt * 1_000_000_000),
                    from,
                    to,
                    order: log.order,
                    recorder: log.recorder,
                    rows: rows.len() as u64,
                };
                slices.insert(entry.id, (entry, rows));
            }
        }
        Self { logs, slices }
    }

    /// The store as it was when only these logs had been written.
    pub(super) fn before(&self, order: u64) -> Self {
        let mut store = self.clone();
        store.logs.retain(|log| log.order < order);
        store.slices.retain(|_, (entry, _)| entry.order < order);
        store
    }

    /// The same rows in fewer slices: neighbouring logs of a recorder become one.
    pub(super) fn merged(&self) -> Self {
        let mut logs: Vec<Log> = Vec::new();
        for log in &self.logs {
            match logs.last_mut() {
                Some(last) if last.recorder == log.recorder && log.order % 3 != 0 => {
                    last.order = log.order;
                    last.instants += log.instants;
                    for row in &log.rows {
                        let same = |known: &Row| {
                            known.is_of(row.origin, row.signal)
                                && known.at == row.at
                                && known.value.is_none() == row.value.is_none()
                        };
                        if !last.rows.iter().any(same) {
                            last.rows.push(*row);
                        }
                    }
                }
                _ => logs.push(log.clone()),
            }
        }
        Self::new(logs, 1)
    }

    pub(super) fn entries(&self) -> Vec<SliceEntry> {
        self.slices.values().map(|(entry, _)| *entry).collect()
    }

    pub(super) fn spans(&self) -> Vec<(Timestamp, Timestamp)> {
        let entries = self.slices.values();
        entries.map(|(entry, _)| (entry.from, entry.to)).collect()
    }

    /// All that was ever written of a signal; of equal instants the first counts.
    pub(super) fn truth(&self, origin: Origin, signal: SignalId) -> Truth {
        let mut truth = Truth::default();
        let rows = self.logs.iter().flat_map(|log| &log.rows);
        for row in rows.filter(|row| row.is_of(origin, signal)) {
            match row.sample() {
                Some(sample) => {
                    truth.samples.entry(row.at).or_insert(sample);
                }
                None => {
                    truth.losses.insert(row.at);
                }
            }
        }
        truth
    }

    /// A history with what memory holds from `edge` on, and the rest attached.
    pub(super) fn attach(&self, history: &mut History, edge: Timestamp) {
        history.attach(edge);
        self.seed(history, edge);
        history.set_catalogue(self.entries(), self.spans());
    }

    fn seed(&self, history: &mut History, edge: Timestamp) {
        for origin in [Origin::Measured, Origin::Estimated] {
            for signal in (0..SIGNALS as u32).map(SignalId) {
                let truth = self.truth(origin, signal);
                let last = truth.samples.range(..edge).next_back();
                let samples = last.into_iter().chain(truth.samples.range(edge..));
                let mut batch = SampleBatch::new(origin);
                samples.for_each(|(_, sample)| batch.push(signal, *sample));
                history.insert(&batch);
                let last = truth.losses.range(..edge).next_back();
                for &loss in last.into_iter().chain(truth.losses.range(edge..)) {
                    history.lose_link([signal], loss);
                }
            }
        }
    }

    /// Serves some of what is wanted; false if there was nothing.
    pub(super) fn serve(&self, history: &mut History, most: usize) -> bool {
        let wants = history.wants();
        for &want in wants.iter().take(most) {
            self.load(history, want);
        }
        !wants.is_empty()
    }

    pub(super) fn load(&self, history: &mut History, want: Want) {
        match want {
            Want::Slice(id) => history.load_slice(id, self.slice(id)),
            Want::Strand(key) => {
                let as_of = history.archive_revision();
                history.load_strand(key, self.strand(key), as_of);
            }
        }
    }

    fn slice(&self, id: SliceId) -> Arc<Slice> {
        let (entry, rows) = &self.slices[&id];
        let mut series: BTreeMap<_, Vec<Row>> = BTreeMap::new();
        for row in rows {
            series
                .entry((row.origin, row.signal))
                .or_default()
                .push(*row);
        }
        let (mut ranges, mut columns) = (Vec::new(), SampleColumns::default());
        for ((origin, signal), mut rows) in series {
            let first = columns.len();
            rows.sort_by_key(|row| (row.at, row.value.is_none()));
            rows.dedup_by_key(|row| (row.at, row.value.is_none()));
            for row in rows {
                match row.sample() {
                    Some(sample) => columns.push(sample),
                    None => columns.push_lost(row.at),
                }
            }
            ranges.push((origin, signal, first..columns.len()));
        }
        let frame = self.frame(entry);
        Arc::new(Slice::new(SIGNALS, frame, ranges, columns))
    }

    /// What was known at the start of a slice when it was written.
    fn frame(&self, entry: &SliceEntry) -> Vec<StartRow> {
        let own = |row: &Row, log: &Log| {
            log.order == entry.order && entry.from <= row.at && row.at <= entry.to
        };
        let mut known: BTreeMap<_, (Option<Sample>, Option<Timestamp>)> = BTreeMap::new();
        for log in &self.logs {
            if log.recorder != entry.recorder || log.order > entry.order {
                continue;
            }
            for row in &log.rows {
                if row.at > entry.from || own(row, log) {
                    continue;
                }
                let (newest, lost) = known.entry((row.origin, row.signal)).or_default();
                match row.sample() {
                    Some(sample) if newest.is_none_or(|newest| newest.at < sample.at) => {
                        *newest = Some(sample);
                    }
                    Some(_) => {}
                    None => *lost = (*lost).max(Some(row.at)),
                }
            }
        }
        let rows = known
            .into_iter()
            .map(|((origin, signal), (sample, lost))| StartRow {
                origin,
                signal,
                sample,
                lost,
            });
        rows.collect()
    }

    pub(super) fn strand(&self, key: StrandKey) -> Strand {
        let truth = self.truth(key.origin, key.signal);
        let (from, to) = key.span();
        let samples = truth.samples.range(from..=to).map(|(_, sample)| *sample);
        let bucket = match key.resolution {
            Resolution::Samples => {
                let mut columns = SampleColumns::default();
                samples.for_each(|sample| columns.push(sample));
                let losses = truth.losses.range(from..=to);
                losses.for_each(|&loss| columns.push_lost(loss));
                return Strand::of_samples(&columns);
            }
            Resolution::Minutes => Duration::from_secs(60),
            Resolution::Hours => Duration::from_secs(3600),
        };
        // One bucket for each sample: as many as there might be parts to merge.
        let buckets = samples.map(|sample| Bucket {
            start: floor(sample.at, bucket),
            column: Column::of(sample),
        });
        Strand::of_buckets(buckets.collect())
    }
}

impl Truth {
    /// The newest sample at or before `at`, and whether its link is lost by then.
    pub(super) fn latest_at(&self, at: Timestamp) -> Option<(Sample, Option<Timestamp>)> {
        let (_, sample) = self.samples.range(..=at).next_back()?;
        Some((*sample, self.lost_after(sample).filter(|&lost| lost <= at)))
    }

    /// True if something neither lost nor too old is shown at `at`.
    pub(super) fn is_fresh(&self, at: Timestamp, max_age: Duration) -> bool {
        self.latest_at(at)
            .is_some_and(|(sample, lost)| lost.is_none() && at.since(sample.at) <= max_age)
    }

    pub(super) fn range(&self, from: Timestamp, to: Timestamp) -> Vec<Sample> {
        let inside = self.samples.values();
        let inside = inside.filter(|sample| from <= sample.at && sample.at <= to);
        inside.copied().collect()
    }

    fn lost_after(&self, sample: &Sample) -> Option<Timestamp> {
        let loss = self.losses.range(sample.received..).next()?;
        Some((*loss).max(sample.at))
    }
}

/// The start of the bucket of an instant.
pub(super) fn floor(at: Timestamp, bucket: Duration) -> Timestamp {
    let into = at.nanos().rem_euclid(bucket.as_nanos() as i64);
    Timestamp::from_nanos(at.nanos() - into)
}
