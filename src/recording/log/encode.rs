//! From rows to the bytes of a log.

use crc32fast::Hasher;

use super::wire::{put_number, put_signed, put_text};
use super::{FRAMING, JournalRow, MAGIC, VERSION, control, kind, mark};
use crate::recording::layout::Table;
use crate::recording::row::{Names, Row, SeriesIndex, Who};
use crate::signal::{Clock, Quality};
use crate::time::Timestamp;

/// Rows of one record: what a crash amid writing loses at most.
const BATCH: usize = 1 << 16;
/// The most bytes that a row takes: control, series, two times, mark, value.
const ROW_BYTES: usize = 1 + 10 + 10 + 10 + 3 + 8;
/// Of a record of series, after how many bytes the next begins.
const SERIES_BYTES: usize = 1 << 20;

/// Encodes one log file, record after record.
#[derive(Clone, Debug)]
pub struct LogEncoder {
    bytes: Vec<u8>,
    /// The checksum of the record before.
    chain: u32,
    /// By series, its place in this file plus one; 0 if the file has not named it yet.
    places: Vec<u32>,
    named: u32,
}

/// What a row is told by difference from.
pub(super) struct Before {
    pub(super) next: u64,
    pub(super) at: i64,
    pub(super) received: i64,
    pub(super) mark: (u8, Quality),
}

impl LogEncoder {
    /// A log that begins with its header.
    pub fn new(order: u64, recorder: &str, began: Timestamp) -> Self {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(order.to_le_bytes());
        bytes.extend(began.nanos().to_le_bytes());
        put_text(&mut bytes, recorder);
        let chain = crc32fast::hash(&bytes);
        bytes.extend(chain.to_le_bytes());
        Self {
            bytes,
            chain,
            places: Vec::new(),
            named: 0,
        }
    }

    /// What was encoded and not yet taken away.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes away the first of [`bytes`](Self::bytes): so many, or all there are.
    pub fn take_away(&mut self, bytes: usize) {
        self.bytes.drain(..bytes.min(self.bytes.len()));
    }

    /// Adds rows; a series is named before its first row. All of them must be among `names`,
    /// which are the same at each call, but for new ones at their end.
    pub fn rows(&mut self, names: &Names, rows: &[Row]) {
        for batch in rows.chunks(BATCH) {
            self.name_new(names, batch);
            let start = self.begin(kind::ROWS);
            self.bytes.reserve(10 + batch.len() * ROW_BYTES);
            put_number(&mut self.bytes, batch.len() as u64);
            let mut before = Before::START;
            for row in batch {
                self.row(&mut before, row);
            }
            self.end(start);
        }
    }

    /// Adds a line of a journal.
    pub fn note(&mut self, note: &JournalRow) {
        let start = self.begin(kind::JOURNAL);
        let table = Table::ALL.iter().position(|table| *table == note.table);
        self.bytes.push(table.unwrap_or_default() as u8);
        self.bytes.extend(note.at.nanos().to_le_bytes());
        put_text(&mut self.bytes, &note.json);
        self.end(start);
    }

    fn name_new(&mut self, names: &Names, rows: &[Row]) {
        self.places.resize(names.len().max(self.places.len()), 0);
        let mut new: Vec<SeriesIndex> = Vec::new();
        for row in rows {
            let place = &mut self.places[row.series.index()];
            if *place == 0 {
                self.named += 1;
                *place = self.named;
                new.push(row.series);
            }
        }
        let mut new = new.as_slice();
        while !new.is_empty() {
            let mut bytes = 0;
            let fitting = new.iter().take_while(|series| {
                let fits = bytes < SERIES_BYTES;
                bytes += series_bytes(names, **series);
                fits
            });
            let (now, later) = new.split_at(fitting.count());
            let start = self.begin(kind::SERIES);
            put_number(&mut self.bytes, now.len() as u64);
            for series in now {
                self.series(names, *series);
            }
            self.end(start);
            new = later;
        }
    }

    fn series(&mut self, names: &Names, series: SeriesIndex) {
        let series = names.get(series);
        put_text(&mut self.bytes, &series.name.tag);
        put_text(&mut self.bytes, &series.name.signal);
        self.bytes.push(match series.who {
            Who::Measured => 0,
            Who::Estimated => 1,
        });
        put_text(&mut self.bytes, &series.unit);
        put_number(&mut self.bytes, series.states.len() as u64);
        for state in series.states.iter() {
            put_text(&mut self.bytes, state);
        }
    }

    #[inline]
    fn row(&mut self, before: &mut Before, row: &Row) {
        let place = u64::from(self.places[row.series.index()] - 1);
        let (at, received) = (row.at.nanos(), row.received.nanos());
        let bits = match row.clock {
            Clock::Source => 0,
            Clock::Receiver => mark::RECEIVER,
        } | match row.value {
            Some(_) => 0,
            None => mark::LOST,
        };
        let mark = (bits, row.quality);

        let control = self.bytes.len();
        self.bytes.push(0);
        let mut same = 0;
        if place == before.next {
            same |= control::NEXT_SERIES;
        } else {
            put_number(&mut self.bytes, place);
        }
        if at == before.at {
            same |= control::SAME_AT;
        } else {
            put_signed(&mut self.bytes, at.wrapping_sub(before.at));
        }
        if received == before.received {
            same |= control::SAME_RECEIVED;
        } else if received == at {
            same |= control::RECEIVED_AT;
        } else {
            put_signed(&mut self.bytes, received.wrapping_sub(before.received));
        }
        if mark == before.mark {
            same |= control::SAME_MARK;
        } else {
            self.bytes.push(bits);
            let code = (row.quality.code() >> 16) as u16;
            self.bytes.extend(code.to_le_bytes());
        }
        self.bytes[control] = same;
        if let Some(value) = row.value {
            self.bytes.extend(value.to_bits().to_le_bytes());
        }
        *before = Before {
            next: place + 1,
            at,
            received,
            mark,
        };
    }

    fn begin(&mut self, kind: u8) -> usize {
        let start = self.bytes.len();
        self.bytes.extend([0; FRAMING]);
        self.bytes.push(kind);
        start
    }

    fn end(&mut self, start: usize) {
        let (framing, payload) = self.bytes[start..].split_at_mut(FRAMING);
        let length = u32::try_from(payload.len());
        let length = length.expect("no record comes near 4 GiB: see `Recorder::start` and `note`");
        let length = length.to_le_bytes();
        self.chain = checksum(self.chain, length, payload);
        framing[..4].copy_from_slice(&length);
        framing[4..].copy_from_slice(&self.chain.to_le_bytes());
    }
}

impl Before {
    pub(super) const START: Self = Self {
        next: 0,
        at: 0,
        received: 0,
        mark: (0, Quality::Good),
    };
}

/// About how many bytes it takes to name a series.
pub(in crate::recording) fn series_bytes(names: &Names, series: SeriesIndex) -> usize {
    let series = names.get(series);
    let states: usize = series.states.iter().map(|state| state.len() + 2).sum();
    series.name.tag.len() + series.name.signal.len() + series.unit.len() + states + 16
}

/// The checksum of a record behind one whose checksum is `chain`.
pub(super) fn checksum(chain: u32, length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(chain);
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}
