//! Runs of equal numbers, and packed bits between them: Parquet's RLE.
//!
//! Dictionary indices and definition levels are written so.

use super::{Damage, push_varint, take, take_varint};

/// Packed numbers come in groups of so many.
const GROUP: usize = 8;

/// Builds runs of numbers of `width` bits, at least one.
pub(in crate::recording::segment) struct HybridWriter {
    width: u32,
    out: Vec<u8>,
    /// Whole groups but for the last, which may be begun.
    pending: Vec<u32>,
}

/// Some numbers of a hybrid run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::recording::segment) enum Run<'a> {
    /// The same number so many times.
    Repeat { number: u32, count: usize },
    /// Packed bits of so many numbers.
    Packed { bits: &'a [u8], count: usize },
}

/// Reads the runs of `left` numbers.
pub(in crate::recording::segment) struct HybridReader<'a> {
    bytes: &'a [u8],
    width: u32,
    left: usize,
}

/// How many bits numbers from 0 to `largest` take; at least one, as all readers know that.
pub(in crate::recording::segment) fn width_of(largest: u32) -> u32 {
    (u32::BITS - largest.leading_zeros()).max(1)
}

impl HybridWriter {
    pub(in crate::recording::segment) fn new(width: u32) -> Self {
        Self {
            width,
            out: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Adds `number` so many times.
    pub(in crate::recording::segment) fn push(&mut self, number: u32, mut count: usize) {
        // Only the last group of all may be filled up, so one that is begun is ended first.
        let gap = (GROUP - self.pending.len() % GROUP) % GROUP;
        let filled = gap.min(count);
        self.pending.extend(std::iter::repeat_n(number, filled));
        count -= filled;
        if count < GROUP {
            self.pending.extend(std::iter::repeat_n(number, count));
            return;
        }
        self.flush();
        push_varint(&mut self.out, (count as u64) << 1);
        let bytes = self.width.div_ceil(8) as usize;
        self.out.extend(&number.to_le_bytes()[..bytes]);
    }

    /// The bytes.
    pub(in crate::recording::segment) fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.out
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            push_packed(&mut self.out, &self.pending, self.width);
            self.pending.clear();
        }
    }
}

/// Adds one run of packed numbers, its last group filled up with zeros.
pub(in crate::recording::segment) fn push_packed(out: &mut Vec<u8>, numbers: &[u32], width: u32) {
    let groups = numbers.len().div_ceil(GROUP);
    push_varint(out, (groups as u64) << 1 | 1);
    let end = out.len() + groups * width as usize;
    match width {
        8 => out.extend(numbers.iter().map(|&number| number as u8)),
        16 => out.extend(
            numbers
                .iter()
                .flat_map(|&number| (number as u16).to_le_bytes()),
        ),
        _ => {
            let (mut held, mut bits) = (0_u64, 0);
            for &number in numbers {
                held |= u64::from(number) << bits;
                bits += width;
                while bits >= 8 {
                    out.push(held as u8);
                    held >>= 8;
                    bits -= 8;
                }
            }
            out.push(held as u8);
            out.truncate(end);
        }
    }
    out.resize(end, 0);
}

/// Unpacks `count` numbers of `width` bits and gives each to `push`.
pub(in crate::recording::segment) fn unpack(
    bits: &[u8],
    width: u32,
    count: usize,
    mut push: impl FnMut(u32),
) {
    match width {
        8 => bits.iter().take(count).for_each(|&byte| push(byte.into())),
        16 => {
            let (pairs, _) = bits.as_chunks::<2>();
            pairs
                .iter()
                .take(count)
                .for_each(|&pair| push(u16::from_le_bytes(pair).into()));
        }
        _ => {
            let mask = (1_u64 << width) - 1;
            let (mut held, mut bits_held, mut bytes) = (0_u64, 0, bits.iter());
            for _ in 0..count {
                while bits_held < width {
                    held |= u64::from(bytes.next().copied().unwrap_or_default()) << bits_held;
                    bits_held += 8;
                }
                push((held & mask) as u32);
                held >>= width;
                bits_held -= width;
            }
        }
    }
}

impl<'a> HybridReader<'a> {
    /// The runs of `count` numbers of `width` bits.
    pub(in crate::recording::segment) fn new(
        bytes: &'a [u8],
        width: u32,
        count: usize,
    ) -> Result<Self, Damage> {
        if width > 32 {
            return Err("numbers are wider than 32 bits");
        }
        Ok(Self {
            bytes,
            width,
            left: count,
        })
    }

    fn run(&mut self) -> Result<Run<'a>, Damage> {
        let header = take_varint(&mut self.bytes)?;
        let length = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        if length == 0 {
            return Err("a run has no numbers");
        }
        if header & 1 == 0 {
            let count = length.min(self.left);
            let bytes = take(&mut self.bytes, self.width.div_ceil(8) as usize)?;
            let mut number = [0; 4];
            number[..bytes.len()].copy_from_slice(bytes);
            let number = u32::from_le_bytes(number);
            self.left -= count;
            return Ok(Run::Repeat { number, count });
        }
        let count = length.saturating_mul(GROUP).min(self.left);
        let bits = take(&mut self.bytes, length.saturating_mul(self.width as usize))?;
        self.left -= count;
        Ok(Run::Packed { bits, count })
    }
}

impl<'a> Iterator for HybridReader<'a> {
    type Item = Result<Run<'a>, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.left > 0).then(|| {
            let run = self.run();
            if run.is_err() {
                self.left = 0;
            }
            run
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(bytes: &[u8], width: u32, count: usize) -> Result<Vec<u32>, Damage> {
        let mut out = Vec::new();
        for run in HybridReader::new(bytes, width, count)? {
            match run? {
                Run::Repeat { number, count } => out.extend(std::iter::repeat_n(number, count)),
                Run::Packed { bits, count } => unpack(bits, width, count, |n| out.push(n)),
            }
        }
        Ok(out)
    }

    #[test]
    fn the_example_of_the_specification() {
        // "The numbers 1 through 7 using bit width 3", encodings.md.
        let packed = [0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(numbers(&packed, 3, 8), Ok((0..8).collect()));
        let mut out = Vec::new();
        push_packed(&mut out, &(0..8).collect::<Vec<_>>(), 3);
        assert_eq!(out, packed);
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read(
            width in 1..=32_u32,
            runs in prop::collection::vec((any::<u32>(), 1..40_usize), 1..40),
        ) {
            let mask = u32::MAX >> (32 - width);
            let mut writer = HybridWriter::new(width);
            let mut expected = Vec::new();
            for (number, count) in runs {
                writer.push(number & mask, count);
                expected.extend(std::iter::repeat_n(number & mask, count));
            }
            let bytes = writer.finish();
            prop_assert_eq!(numbers(&bytes, width, expected.len()), Ok(expected.clone()));
            let mut packed = Vec::new();
            push_packed(&mut packed, &expected, width);
            prop_assert_eq!(numbers(&packed, width, expected.len()), Ok(expected));
        }

        #[test]
        fn no_bytes_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            width in 0..40_u32,
        ) {
            if let Ok(numbers) = numbers(&bytes, width, 1_000) {
                prop_assert_eq!(numbers.len(), 1_000);
            }
        }
    }
}
