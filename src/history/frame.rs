//! The plant at an instant, kept up to date with work in proportion to what changed.
//!
//! Each row of the frame is known to stay as it is over a span of instants: from its
//! sample to the next one, split where the value turns stale. While the question moves
//! inside that span and nothing is inserted, the row is not looked at again. Spans are
//! summed up by blocks, so that a still plant of 100,000 signals costs some 1,600
//! comparisons a frame.

use std::ops::Range;
use std::time::Duration;

use super::track::{Held, stale_from};
use super::{Answer, History};
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
    coming: bool,
}

/// Who gave the rows, and how far it had got.
#[derive(Clone, Copy, Debug)]
enum Answerer {
    Nobody,
    Memory {
        /// Which track.
        epoch: u64,
        edge: Timestamp,
        touched: u64,
    },
    Archive {
        origin: Option<Origin>,
        /// The state of its catalogue.
        revision: u64,
        /// From when on the same slices answer.
        since: Timestamp,
    },
}

impl Answerer {
    fn new(answer: &Answer<'_>, origin: Option<Origin>) -> Self {
        match answer {
            Answer::Memory(track) => Self::Memory {
                epoch: track.epoch(),
                edge: track.edge(),
                touched: track.touched().end(),
            },
            Answer::Archive(stairs) => Self::Archive {
                origin,
                revision: stairs.revision,
                since: stairs.span.start,
            },
            Answer::Nobody | Answer::Coming => Self::Nobody,
        }
    }

    /// The signals that it may tell otherwise at `at` than at an instant `before` within the
    /// same span; `None` if that may be any.
    fn touched_since<'a>(
        &self,
        before: &Self,
        answer: &Answer<'a>,
        at: Timestamp,
    ) -> Option<&'a [SignalId]> {
        match (before, self, answer) {
            (Self::Nobody, Self::Nobody, _) => Some(&[]),
            (
                Self::Memory {
                    epoch: old,
                    edge: left,
                    touched,
                },
                Self::Memory { epoch, edge, .. },
                Answer::Memory(track),
            ) => {
                // What the window let go of is missed only by who looks back beyond it.
                let same = old == epoch && (at >= *edge || left == edge);
                same.then(|| track.touched().since(*touched))?
            }
            (
                Self::Archive {
                    origin: old,
                    revision: known,
                    since: left,
                },
                Self::Archive {
                    origin,
                    revision,
                    since,
                },
                _,
            ) => ((old, known, left) == (origin, revision, since)).then_some(&[]),
            _ => None,
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
        let answer = origin.map_or(Answer::Nobody, |origin| history.answer(origin, at));
        let answerer = Answerer::new(&answer, origin);
        let before = self.answered.replace(answerer);
        self.coming = matches!(answer, Answer::Coming);
        self.changed.clear();
        self.rows.resize(history.signals(), None);
        self.spans.resize(history.signals(), ALWAYS);
        self.blocks
            .resize(history.signals().div_ceil(BLOCK), ALWAYS);

        let touched = before.and_then(|before| answerer.touched_since(&before, &answer, at));
        let mut reader = Reader {
            cursor: self,
            answer,
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

    /// The signals whose row the last move changed.
    pub fn changed(&self) -> &[SignalId] {
        &self.changed
    }

    /// True if nothing is shown because the archive is still loading that instant.
    pub fn is_coming(&self) -> bool {
        self.coming
    }
}

/// One move of a cursor.
struct Reader<'a> {
    cursor: &'a mut FrameCursor,
    answer: Answer<'a>,
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
        let id = SignalId(signal as u32);
        let (held, ages) = match &self.answer {
            Answer::Memory(track) => (Some(track.held_at(id, self.at)), track.ages()),
            Answer::Archive(stairs) => (Some(stairs.held_at(id, self.at)), true),
            Answer::Nobody | Answer::Coming => (None, false),
        };
        let max_age = self.max_age.get(signal).filter(|_| ages);
        let max_age = max_age.copied().unwrap_or(Duration::MAX);
        let (row, span) = held.map_or((None, ALWAYS), |held| row_of(&held, self.at, max_age));
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
    let stale_from = stale_from(&sample, held.lost, max_age);
    // What is never stale is not so at the end of time either.
    let stale = lost || (at >= stale_from && stale_from < Timestamp::MAX);
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
