//! Which signals were touched lately, so that a reader goes on from where it was.

use crate::signal::SignalId;

/// A bounded list of touched signals, oldest first. A place in it counts from the
/// first touch ever.
#[derive(Debug)]
pub(super) struct Touched {
    signals: Vec<SignalId>,
    /// Touches that are listed no more.
    dropped: u64,
    /// At least this many touches are remembered.
    memory: usize,
}

impl Touched {
    /// Remembers about one touch of each of `signals` signals: beyond that, reading
    /// them all is the cheaper way.
    pub(super) fn new(signals: usize) -> Self {
        Self {
            signals: Vec::new(),
            dropped: 0,
            memory: signals.max(64),
        }
    }

    pub(super) fn push(&mut self, signal: SignalId) {
        if self.signals.len() >= 2 * self.memory {
            let excess = self.signals.len() - self.memory;
            self.signals.drain(..excess);
            self.dropped += excess as u64;
        }
        self.signals.push(signal);
    }

    /// The place after the last touch.
    pub(super) fn end(&self) -> u64 {
        self.dropped + self.signals.len() as u64
    }

    /// What was touched from `place` on; `None` if that is not known any more.
    pub(super) fn since(&self, place: u64) -> Option<&[SignalId]> {
        let start = usize::try_from(place.checked_sub(self.dropped)?).ok()?;
        self.signals.get(start..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_every_touch_once_or_learns_that_it_is_too_late() {
        let mut touched = Touched::new(64);
        let mut place = touched.end();
        for signal in 0..1000 {
            touched.push(SignalId(signal));
            if signal % 50 == 49 {
                let seen = touched.since(place).map(<[SignalId]>::to_vec);
                let expected = (signal - 49..=signal).map(SignalId).collect();
                assert_eq!(seen, Some(expected));
                place = touched.end();
            }
        }
        assert_eq!(touched.since(0), None);
        assert_eq!(touched.since(touched.end()), Some(&[][..]));
    }
}
