//! The header of a page, in Thrift's compact protocol.
//!
//! The crate `parquet` writes headers without a checksum; here each page carries one. After
//! `parquet.thrift` (format 2.11) and the protocol's specification
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

use parquet::basic::Encoding;

use super::encoding::{Damage, push_varint, take, take_varint, unzigzag, zigzag};

/// No page is larger; a header that says so is wrong.
pub(super) const LARGEST: usize = 1 << 26;

/// What stands before the bytes of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PageHeader {
    /// True for the dictionary of a chunk, false for rows.
    pub(super) dictionary: bool,
    /// Bytes of the page once decompressed.
    pub(super) raw_bytes: usize,
    /// Bytes of the page as they lie in the file.
    pub(super) bytes: usize,
    /// CRC-32 of the bytes as they lie in the file.
    pub(super) crc: u32,
    /// Entries of the dictionary, or rows.
    pub(super) count: usize,
    /// How they are encoded.
    pub(super) encoding: Encoding,
}

/// Types of fields.
const I32: u8 = 5;
const STRUCT: u8 = 12;
/// The end of a struct.
const STOP: u8 = 0;

/// `PageType`.
const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;

/// The code of [`Encoding::RLE`], in which levels are.
const RLE: i64 = 3;

/// `Encoding`, of those that are written here.
const CODES: &[(Encoding, i64)] = &[
    (Encoding::PLAIN, 0),
    (Encoding::RLE, RLE),
    (Encoding::DELTA_BINARY_PACKED, 5),
    (Encoding::RLE_DICTIONARY, 8),
    (Encoding::BYTE_STREAM_SPLIT, 9),
];

impl PageHeader {
    /// Adds the header.
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        let code = |wanted| {
            let found = CODES.iter().find(|(encoding, _)| *encoding == wanted);
            found.map_or(0, |(_, code)| *code)
        };
        let kind = if self.dictionary {
            DICTIONARY_PAGE
        } else {
            DATA_PAGE
        };
        let mut field = |step: u8, number: i64| {
            out.push(step << 4 | I32);
            push_varint(out, zigzag(number));
        };
        field(1, kind);
        field(1, self.raw_bytes as i64);
        field(1, self.bytes as i64);
        field(1, i64::from(self.crc as i32));
        // Field 5 is the header of a page of rows, 7 that of a dictionary.
        out.push(if self.dictionary { 3 } else { 1 } << 4 | STRUCT);
        let mut field = |step: u8, number: i64| {
            out.push(step << 4 | I32);
            push_varint(out, zigzag(number));
        };
        field(1, self.count as i64);
        field(1, code(self.encoding));
        if !self.dictionary {
            field(1, RLE); // of definition levels
            field(1, RLE); // of repetition levels, of which there are none
        }
        out.extend([STOP, STOP]);
    }

    /// Takes a header from the front: just as [`push`](Self::push) writes it.
    pub(super) fn take(bytes: &mut &[u8]) -> Result<Self, Damage> {
        let field = |bytes: &mut &[u8]| {
            if take(bytes, 1)? != [1 << 4 | I32] {
                return Err("a page begins otherwise than it should");
            }
            take_varint(bytes).map(unzigzag)
        };
        let size = |number: i64| match usize::try_from(number) {
            Ok(size) if size <= LARGEST => Ok(size),
            _ => Err("a page has an impossible size"),
        };
        let kind = field(bytes)?;
        let raw_bytes = size(field(bytes)?)?;
        let stored = size(field(bytes)?)?;
        let crc = i32::try_from(field(bytes)?).map_err(|_| "a checksum has more than 32 bits")?;
        let dictionary = match (kind, take(bytes, 1)?) {
            (DATA_PAGE, [begin]) if *begin == 1 << 4 | STRUCT => false,
            (DICTIONARY_PAGE, [begin]) if *begin == 3 << 4 | STRUCT => true,
            _ => return Err("a page is of an unknown kind"),
        };
        let count = size(field(bytes)?)?;
        let code = field(bytes)?;
        let found = CODES.iter().find(|(_, known)| *known == code);
        let (encoding, _) = *found.ok_or("a page has an unknown encoding")?;
        if dictionary && encoding != Encoding::PLAIN {
            return Err("a dictionary is encoded otherwise than it should be");
        }
        if !dictionary && (field(bytes)?, field(bytes)?) != (RLE, RLE) {
            return Err("levels are encoded otherwise than they should be");
        }
        if take(bytes, 2)? != [STOP, STOP] {
            return Err("a page's header goes on where it should end");
        }
        Ok(Self {
            dictionary,
            raw_bytes,
            bytes: stored,
            crc: crc as u32,
            count,
            encoding,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_header_is_read_as_it_was_written(
            dictionary: bool,
            sizes in prop::array::uniform3(0..LARGEST),
            crc: u32,
            code in 0..CODES.len(),
        ) {
            let header = PageHeader {
                dictionary,
                raw_bytes: sizes[0],
                bytes: sizes[1],
                crc,
                count: sizes[2],
                encoding: if dictionary { Encoding::PLAIN } else { CODES[code].0 },
            };
            let mut bytes = Vec::new();
            header.push(&mut bytes);
            bytes.push(7);
            let mut left = bytes.as_slice();
            prop_assert_eq!(PageHeader::take(&mut left), Ok(header));
            prop_assert_eq!(left, [7]);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            PageHeader::take(&mut bytes.as_slice()).ok();
        }
    }
}
