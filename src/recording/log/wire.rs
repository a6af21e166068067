//! Numbers and texts as bytes: little-endian, small numbers short.

/// The most bytes that a number takes.
const LONGEST: u32 = 64;

/// Appends `value` in groups of seven bits, the lowest first; all but the last have the
/// highest bit set (LEB128).
pub(super) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a number that may be negative: 0, −1, 1, −2, … are written as 0, 1, 2, 3, …
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_number(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends a text and its length.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Bytes that are read from the front. What is not there, or is not what it should be, is
/// `None`; then no more can be read that makes sense.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        let mut shift = 0;
        while shift < LONGEST {
            let byte = self.byte()?;
            let group = u64::from(byte & 0x7F);
            if shift == 63 && group > 1 {
                return None; // more than 64 bits
            }
            value |= group << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift += 7;
        }
        None
    }

    #[inline]
    pub(super) fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_and_small_ones_are_short() {
        for (value, length) in [
            (0, 1),
            (-1, 1),
            (63, 1),
            (-64, 1),
            (64, 2),
            (1_000_000_000, 5),
            (i64::MAX, 10),
            (i64::MIN, 10),
        ] {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, value);
            assert_eq!(bytes.len(), length, "{value}");
            let mut cursor = Cursor::new(&bytes);
            assert_eq!((cursor.signed(), cursor.len()), (Some(value), 0));
            let cut = &bytes[..length - 1];
            assert_eq!(Cursor::new(cut).signed(), None, "{value} without its last");
        }
        let mut bytes = Vec::new();
        put_number(&mut bytes, u64::MAX);
        assert_eq!(Cursor::new(&bytes).number(), Some(u64::MAX));
    }

    #[test]
    fn numbers_and_texts_that_cannot_be_are_refused() {
        assert_eq!(Cursor::new(&[0xFF; 11]).number(), None);
        let mut beyond = [0xFF; 10];
        beyond[9] = 0x02;
        assert_eq!(Cursor::new(&beyond).number(), None);
        assert_eq!(Cursor::new(&[3, b'a', b'b']).text(), None);
        assert_eq!(Cursor::new(&[1, 0xFF]).text(), None);
    }
}
