//! The plant at an instant, kept up to date with work in proportion to what changed.
//!
//! Each row of the frame is known to stay as it is over a span of instants: from its
//! sample to the next one, split where the value turns stale. While the question moves
//! inside that span and nothing is inserted, the row is not looked at again. Spans are
//! summed up by blocks, so that a still plant of 100,000 signals costs some 1,600
//! comparisons a frame.

use std::ops::Range;
use std::time::Duration;

use super::History;
use super::track::{Held, Track, stale_from};
use crate::signal::{Origin, Sample, SignalId};
use crate::time::Timestamp;

/// Signals in one block.
const BLOCK: usize = 64;

/// The whole of time.
const ALWAYS: Range<Timestamp> = Timestamp::MIN..Timestamp::MAX;

/// What a signal shows in a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its newest sample.
    pub sample: Sample,
    /// True if the sample should not be taken for the present value any more.
    pub stale: bool,
    /// True if it is stale because its link was lost.
    pub lost: bool,
}

/// The plant at an instant, signal by signal.
///
/// Stepping a cursor and asking a fresh one give equal rows, whatever came between.
#[derive(Debug, Default)]
pub struct FrameCursor {
    /// What gave the rows; `None` before the first answerer.
    answered: Option<Answerer>,
    rows: Vec<Option<Row>>,
    /// By signal, the instants at which the row stays as it is.
    spans: Vec<Range<Timestamp>>,
    /// By block, instants at which all its rows stay as they are; there may be more.
    blocks: Vec<Range<Timestamp>>,
    changed: Vec<SignalId>,
}

/// A track, and how far it had got.
#[derive(Clone, Copy, Debug)]
struct Answerer {
    /// Which track; `None` if nobody answers.
    epoch: Option<u64>,
    edge: Timestamp,
    touched: u64,
}

impl Answerer {
    fn new(track: Option<&Track>) -> Self {
        Self {
            epoch: track.map(Track::epoch),
            edge: track.map_or(Timestamp::MIN, Track::edge),
            touched: track.map_or(0, |track| track.touched().end()),
        }
    }
}

impl FrameCursor {
    /// A cursor that has not been asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves to `at`, as `origin` tells it, and returns the signals whose row has changed.
    ///
    /// With no origin, or beyond its reach, nothing is known. `max_age` holds for each
    /// signal the age beyond which it is stale (none for signals past its end), and must
    /// be the same every time. One cursor serves one history.
    pub fn advance(
        &mut self,
        history: &History,
        origin: Option<Origin>,
        at: Timestamp,
        max_age: &[Duration],
    ) -> &[SignalId] {
        let track = origin.and_then(|origin| history.track_answering(origin, at));
        let answerer = Answerer::new(track);
        let before = self.answered.replace(answerer);
        self.changed.clear();
        self.rows.resize(history.signals(), None);
        self.spans.resize(history.signals(), ALWAYS);
        self.blocks
            .resize(history.signals().div_ceil(BLOCK), ALWAYS);

        let touched = before
            .filter(|before| before.epoch == answerer.epoch)
            // What the window let go of is missed only by who looks back beyond it.
            .filter(|before| at >= answerer.edge || before.edge == answerer.edge)
            .and_then(|before| match track {
                Some(track) => track.touched().since(before.touched),
                None => Some(&[]),
            });
        let mut reader = Reader {
            cursor: self,
            track,
            at,
            max_age,
        };
        match touched {
            Some(touched) => {
                for &signal in touched {
                    reader.read(signal.index());
                }
                reader.read_ended();
            }
            None => reader.read_all(),
        }
        &self.changed
    }

    /// The rows, by signal; `None` where nothing is known.
    pub fn rows(&self) -> &[Option<Row>] {
        &self.rows
    }
}

/// One move of a cursor.
struct Reader<'a> {
    cursor: &'a mut FrameCursor,
    track: Option<&'a Track>,
    at: Timestamp,
    max_age: &'a [Duration],
}

impl Reader<'_> {
    fn read_all(&mut self) {
        for block in 0..self.cursor.blocks.len() {
            for signal in self.signals_of(block) {
                self.read(signal);
            }
            self.sum_up(block);
        }
    }

    /// Reads the rows that the question has moved out of.
    fn read_ended(&mut self) {
        for block in 0..self.cursor.blocks.len() {
            if holds(&self.cursor.blocks[block], self.at) {
                continue;
            }
            for signal in self.signals_of(block) {
                if !holds(&self.cursor.spans[signal], self.at) {
                    self.read(signal);
                }
            }
            self.sum_up(block);
        }
    }

    fn read(&mut self, signal: usize) {
        let (row, span) = match self.track {
            Some(track) => {
                let held = track.held_at(SignalId(signal as u32), self.at);
                let max_age = self.max_age.get(signal).filter(|_| track.ages());
                row_of(&held, self.at, max_age.copied().unwrap_or(Duration::MAX))
            }
            None => (None, ALWAYS),
        };
        let block = &mut self.cursor.blocks[signal / BLOCK];
        *block = intersection(block, &span);
        self.cursor.spans[signal] = span;
        if self.cursor.rows[signal] != row {
            self.cursor.rows[signal] = row;
            self.cursor.changed.push(SignalId(signal as u32));
        }
    }

    fn sum_up(&mut self, block: usize) {
        let spans = &self.cursor.spans[self.signals_of(block)];
        self.cursor.blocks[block] = spans
            .iter()
            .fold(ALWAYS, |all, span| intersection(&all, span));
    }

    fn signals_of(&self, block: usize) -> Range<usize> {
        block * BLOCK..((block + 1) * BLOCK).min(self.cursor.rows.len())
    }
}

/// What is shown at `at` of what is held, and the instants over which that stays so.
fn row_of(held: &Held, at: Timestamp, max_age: Duration) -> (Option<Row>, Range<Timestamp>) {
    let Some(sample) = held.sample else {
        return (None, held.span.clone());
    };
    let lost = held.lost.is_some_and(|lost| at >= lost);
    let stale = lost || at.since(sample.at) > max_age;
    let stale_from = stale_from(&sample, held.lost, max_age);
    let lost_from = held.lost.unwrap_or(Timestamp::MAX);
    let span = match (stale, lost) {
        (_, true) => lost_from..Timestamp::MAX,
        (true, false) => stale_from..lost_from,
        (false, false) => Timestamp::MIN..stale_from,
    };
    let row = Row {
        sample,
        stale,
        lost,
    };
    (Some(row), intersection(&held.span, &span))
}

/// True if `span` holds at `at`; what holds until the end of time holds at the end too.
fn holds(span: &Range<Timestamp>, at: Timestamp) -> bool {
    span.start <= at && (at < span.end || span.end == Timestamp::MAX)
}

fn intersection(one: &Range<Timestamp>, other: &Range<Timestamp>) -> Range<Timestamp> {
    one.start.max(other.start)..one.end.min(other.end)
}
