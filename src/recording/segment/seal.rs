//! The checksum over a file's own metadata, so that nothing flipped in them goes unseen and
//! nothing but what was sealed here is taken apart.
//!
//! Parquet has checksums for pages and none for the footer. The seal is its last key-value
//! pair: eight hexadecimal digits that count as zeros when the checksum is made.

use std::io::{self, Write};

use parquet::file::metadata::KeyValue;

use super::error::SegmentMistake;
use super::info::Indexes;

/// What stands at the very end: the footer's length and the magic number.
pub(super) const TAIL: usize = 8;
/// How a Parquet file begins and ends.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// The key, then Thrift's field header of a string of so many bytes.
const INDEXES: &[u8] = b"parallax.indexes\x18\x30";
const SEAL: &[u8] = b"parallax.seal\x18\x08";
/// Digits of a place in the file, of which there are two, and of a checksum.
const PLACE: usize = 20;
const CHECKSUM: usize = 8;

/// A writer that can hold back what comes last.
pub(super) struct Held<W> {
    inner: W,
    held: Option<Vec<u8>>,
}

/// The pairs that [`Held::seal`] fills in; the last of all.
pub(super) fn blank() -> [KeyValue; 2] {
    let zeros = |digits| "0".repeat(digits);
    [
        KeyValue::new("parallax.indexes".to_owned(), zeros(2 * PLACE + CHECKSUM)),
        KeyValue::new("parallax.seal".to_owned(), zeros(CHECKSUM)),
    ]
}

impl<W: Write> Held<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, held: None }
    }

    /// From here on nothing is written until [`seal`](Self::seal).
    pub(super) fn hold(&mut self) {
        self.held = Some(Vec::new());
    }

    /// Fills in the checksums of page indexes and footer, which begin at `from` in the file,
    /// and writes both.
    pub(super) fn seal(mut self, from: u64) -> Result<W, SegmentMistake> {
        let broken = SegmentMistake::Unfit("its footer has no room for a seal");
        let mut held = self.held.take().unwrap_or_default();
        let fill = |held: &mut Vec<u8>| {
            let footer = footer_start(held)?;
            let indexes = find(&held[footer..], INDEXES)? + footer + INDEXES.len();
            let crc = crc32fast::hash(&held[..footer]);
            let to = from + footer as u64;
            let text = format!("{from:0PLACE$}{to:0PLACE$}{crc:0CHECKSUM$x}");
            held.get_mut(indexes..indexes + text.len())?
                .copy_from_slice(text.as_bytes());
            let (seal, crc) = checksum(&held[footer..])?;
            let seal = footer + seal;
            held[seal..seal + CHECKSUM].copy_from_slice(format!("{crc:0CHECKSUM$x}").as_bytes());
            Some(())
        };
        fill(&mut held).ok_or(broken)?;
        self.inner.write_all(&held)?;
        self.inner.flush()?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for Held<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.held {
            Some(held) => held.write(bytes),
            None => self.inner.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.held {
            Some(_) => Ok(()),
            None => self.inner.flush(),
        }
    }
}

/// Where the page indexes lie, by a footer whose seal is whole. The footer ends with the file.
pub(super) fn open(footer: &[u8]) -> Result<Indexes, SegmentMistake> {
    let (seal, crc) = checksum(footer).ok_or(SegmentMistake::Foreign)?;
    let digits = &footer[seal..seal + CHECKSUM];
    if format!("{crc:0CHECKSUM$x}").as_bytes() != digits {
        return Err(SegmentMistake::Damaged("its footer has another checksum"));
    }
    let indexes = || {
        let at = find(footer, INDEXES)? + INDEXES.len();
        let text = str::from_utf8(footer.get(at..at + 2 * PLACE + CHECKSUM)?).ok()?;
        Some(Indexes {
            from: text.get(..PLACE)?.parse().ok()?,
            to: text.get(PLACE..2 * PLACE)?.parse().ok()?,
            crc: u32::from_str_radix(text.get(2 * PLACE..)?, 16).ok()?,
        })
    };
    indexes().ok_or(SegmentMistake::Damaged(
        "its footer does not tell its indexes",
    ))
}

/// Where the footer begins in the last bytes of a file.
fn footer_start(end: &[u8]) -> Option<usize> {
    let tail = end.len().checked_sub(TAIL)?;
    let length = end[tail..].first_chunk::<4>()?;
    tail.checked_sub(u32::from_le_bytes(*length) as usize)
}

/// Where the digits of the seal stand, and what they must be.
fn checksum(footer: &[u8]) -> Option<(usize, u32)> {
    let at = find(footer, SEAL)? + SEAL.len();
    let after = footer.get(at + CHECKSUM..)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&footer[..at]);
    hasher.update(&[b'0'; CHECKSUM]);
    hasher.update(after);
    Some((at, hasher.finalize()))
}

/// Where `wanted` stands for the last time.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|part| part == wanted)
}
