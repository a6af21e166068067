//! Saving and restoring the whole state of a line by one description of it.
//!
//! Every part of the state walks over the [`Tape`] in the same order; the tape writes what it is
//! shown, or overwrites it with what was written. So the two cannot disagree.

use std::collections::VecDeque;

use super::slim::{Slim, Sparing};
use crate::models::ModelState;
use crate::models::saved::Saved;

/// Writes a state, or reads it back.
pub(super) enum Tape<'a> {
    /// What is shown is written.
    Write(&'a mut ModelState),
    /// What is shown is overwritten; false once something did not fit.
    Read(Saved<'a>, bool),
}

/// No list of a line is longer; more is no state of ours.
const LONGEST_LIST: usize = 50_000_000;

impl Tape<'_> {
    /// True unless something that was read did not fit.
    pub(super) fn is_fine(&self) -> bool {
        matches!(self, Self::Write(_) | Self::Read(_, true))
    }

    /// True if what is shown is overwritten.
    pub(super) fn is_reading(&self) -> bool {
        matches!(self, Self::Read(..))
    }

    /// Says that what was read does not fit.
    pub(super) fn refuse(&mut self) {
        if let Self::Read(_, fine) = self {
            *fine = false;
        }
    }

    pub(super) fn integer(&mut self, value: &mut i64) {
        match self {
            Self::Write(state) => state.integers.push(*value),
            Self::Read(saved, fine) => match saved.integer() {
                Some(read) => *value = read,
                None => *fine = false,
            },
        }
    }

    pub(super) fn real(&mut self, value: &mut f64) {
        match self {
            Self::Write(state) => state.reals.push(*value),
            Self::Read(saved, fine) => match saved.real() {
                Some(read) => *value = read,
                None => *fine = false,
            },
        }
    }

    pub(super) fn word(&mut self, value: &mut u64) {
        let mut integer = value.cast_signed();
        self.integer(&mut integer);
        *value = integer.cast_unsigned();
    }

    pub(super) fn small(&mut self, value: &mut u32) {
        let mut integer = i64::from(*value);
        self.integer(&mut integer);
        match u32::try_from(integer) {
            Ok(read) => *value = read,
            Err(_) => self.refuse(),
        }
    }

    pub(super) fn flag(&mut self, value: &mut bool) {
        let mut integer = i64::from(*value);
        self.integer(&mut integer);
        *value = integer != 0;
    }

    /// A number that is below `most`.
    pub(super) fn below(&mut self, value: &mut u32, most: usize) {
        self.small(value);
        if self.is_reading() && *value as usize >= most {
            self.refuse();
        }
    }

    /// A number that is below `most`, or nothing.
    pub(super) fn optional_below(&mut self, value: &mut Option<u32>, most: usize) {
        let mut present = value.is_some();
        self.flag(&mut present);
        let mut inner = value.unwrap_or(0);
        if present {
            self.below(&mut inner, most);
        }
        *value = present.then_some(inner);
    }

    pub(super) fn optional_word(&mut self, value: &mut Option<u64>) {
        let mut present = value.is_some();
        self.flag(&mut present);
        let mut inner = value.unwrap_or(0);
        if present {
            self.word(&mut inner);
        }
        *value = present.then_some(inner);
    }

    /// The same of a slim number.
    pub(super) fn slim_below(&mut self, value: &mut Slim<u32>, most: usize) {
        let mut inner = value.get();
        self.optional_below(&mut inner, most);
        *value = self.slim(inner);
    }

    /// The same of a slim word.
    pub(super) fn slim_word(&mut self, value: &mut Slim<u64>) {
        let mut inner = value.get();
        self.optional_word(&mut inner);
        *value = self.slim(inner);
    }

    fn slim<T: Sparing>(&mut self, value: Option<T>) -> Slim<T> {
        if value == Some(T::UNUSED) {
            // Nobody wrote that.
            self.refuse();
            return Slim::NONE;
        }
        value.into()
    }

    /// The length of a list.
    fn length(&mut self, now: usize) -> usize {
        let mut length = now as i64;
        self.integer(&mut length);
        match usize::try_from(length) {
            Ok(length) if length <= LONGEST_LIST && self.is_fine() => length,
            _ => {
                self.refuse();
                0
            }
        }
    }

    /// A list of any length; places that it does not have yet begin as `blank`.
    pub(super) fn list<T: Clone>(
        &mut self,
        list: &mut Vec<T>,
        blank: T,
        mut each: impl FnMut(&mut T, &mut Self),
    ) {
        let length = self.length(list.len());
        list.truncate(length);
        for place in 0..length {
            if !self.is_fine() {
                return;
            }
            if place == list.len() {
                list.push(blank.clone());
            }
            each(&mut list[place], self);
        }
    }

    /// A queue of numbers that are below `most`.
    pub(super) fn queue(&mut self, queue: &mut VecDeque<u32>, most: usize) {
        let mut list: Vec<_> = queue.iter().copied().collect();
        self.indices(&mut list, most);
        if matches!(self, Self::Read(..)) {
            *queue = list.into();
        }
    }

    /// A list of numbers that are below `most`.
    pub(super) fn indices(&mut self, list: &mut Vec<u32>, most: usize) {
        let mut fits = true;
        self.list(list, 0, |index, tape| {
            tape.small(index);
            fits &= (*index as usize) < most;
        });
        if !fits {
            self.refuse();
        }
    }
}
