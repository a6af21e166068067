//! An `Option` that takes no more room than its value: the largest number stands for nothing.
//!
//! What is read in every event lies closer together so.

use std::fmt;

/// A number, or nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Slim<T>(T);

/// A number whose largest value nobody needs.
pub(super) trait Sparing: Copy + PartialEq {
    /// That value.
    const UNUSED: Self;
}

impl Sparing for u32 {
    const UNUSED: Self = Self::MAX;
}

impl Sparing for u64 {
    const UNUSED: Self = Self::MAX;
}

impl<T: Sparing> Slim<T> {
    /// Nothing.
    pub(super) const NONE: Self = Self(T::UNUSED);

    #[inline(always)]
    pub(super) fn get(self) -> Option<T> {
        (self.0 != T::UNUSED).then_some(self.0)
    }

    #[inline(always)]
    pub(super) fn is_some(self) -> bool {
        self.0 != T::UNUSED
    }
}

impl<T: Sparing> From<Option<T>> for Slim<T> {
    #[inline(always)]
    fn from(value: Option<T>) -> Self {
        debug_assert!(value != Some(T::UNUSED), "the largest number is nothing");
        Self(value.unwrap_or(T::UNUSED))
    }
}

impl<T: Sparing> Default for Slim<T> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<T: Sparing + fmt::Debug> fmt::Debug for Slim<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_it_was_made_from_and_as_small_as_its_value() {
        for value in [None, Some(0), Some(7), Some(u32::MAX - 1)] {
            let slim = Slim::from(value);
            assert_eq!((slim.get(), slim.is_some()), (value, value.is_some()));
        }
        assert_eq!(Slim::<u64>::default().get(), None);
        assert_eq!(size_of::<Slim<u64>>(), 8);
        assert_eq!(format!("{:?}", Slim::from(Some(3_u32))), "Some(3)");
    }
}
