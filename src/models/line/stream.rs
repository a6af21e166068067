//! Streams of random numbers, one for each thing that happens by chance.
//!
//! xoshiro256++ (Blackman and Vigna, *Scrambled linear pseudorandom number generators*, ACM
//! TOMS 47, 2021): a nanosecond a draw and four words of state, so that a saved state can hold
//! it. A stream of its own for each station's cycle, quality and breakdown makes two futures
//! comparable: what is changed at one machine does not shuffle the luck of the others.

use std::convert::Infallible;

use rand_chacha::rand_core::{Rng, TryRng};

use crate::models::Seed;

/// A stream of random numbers that can be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream([u64; 4]);

impl Stream {
    /// Stream `place` of `seed`. ChaCha spreads the seed, so that streams have nothing in common.
    pub fn new(seed: Seed, place: u64) -> Self {
        let mut generator = seed.generator(place);
        Self(std::array::from_fn(|_| generator.next_u64()))
    }

    /// A number from 0 up to, not with, 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    pub(super) fn words(&mut self) -> &mut [u64; 4] {
        &mut self.0
    }

    #[inline]
    fn next(&mut self) -> u64 {
        let state = &mut self.0;
        let result = state[0]
            .wrapping_add(state[3])
            .rotate_left(23)
            .wrapping_add(state[0]);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        result
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        // The reference implementation by its authors, started from 1, 2, 3, 4.
        let mut stream = Stream([1, 2, 3, 4]);
        let drawn: Vec<_> = (0..4).map(|_| stream.next()).collect();
        assert_eq!(
            drawn,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386
            ]
        );
    }

    #[test]
    fn streams_differ() {
        let seed = Seed {
            run: 1,
            member: 2,
            model: 3,
        };
        assert_ne!(Stream::new(seed, 0), Stream::new(seed, 1));
        assert_eq!(Stream::new(seed, 7), Stream::new(seed, 7));
    }
}
