//! Reading a [`ModelState`] back in the order in which it was written.

use super::{ModelError, ModelState};

/// What is left to read of a saved state.
pub(super) struct Saved<'a> {
    reals: std::slice::Iter<'a, f64>,
    integers: std::slice::Iter<'a, i64>,
}

impl<'a> Saved<'a> {
    /// The whole of `state`.
    pub(super) fn of(state: &'a ModelState) -> Self {
        Self {
            reals: state.reals.iter(),
            integers: state.integers.iter(),
        }
    }

    /// The next real.
    pub(super) fn real(&mut self) -> Option<f64> {
        self.reals.next().copied()
    }

    /// The next integer.
    pub(super) fn integer(&mut self) -> Option<i64> {
        self.integers.next().copied()
    }

    /// The next integer, as a count that is at most `most`.
    pub(super) fn count(&mut self, most: usize) -> Option<usize> {
        let count = usize::try_from(self.integer()?).ok()?;
        (count <= most).then_some(count)
    }

    /// The next integer, as a flag.
    pub(super) fn flag(&mut self) -> Option<bool> {
        self.integer().map(|flag| flag != 0)
    }

    /// `whole` if it was read and nothing is left, else the error of `model`.
    pub(super) fn finish<T>(mut self, model: &str, whole: Option<T>) -> Result<T, ModelError> {
        let spent = self.reals.next().is_none() && self.integers.next().is_none();
        whole
            .filter(|_| spent)
            .ok_or_else(|| ModelError::ForeignState {
                model: model.to_owned(),
            })
    }
}
