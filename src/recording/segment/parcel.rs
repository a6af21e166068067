//! Bytes of our own in a Parquet file: compressed, and with a checksum.
//!
//! They lie between row groups, where other readers do not look.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::encoding::Damage;
use super::error::SegmentMistake;

/// Where a parcel lies, and what it must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parcel {
    /// Its first byte in the file.
    pub(super) at: u64,
    /// Its bytes in the file.
    pub(super) bytes: u32,
    /// Its bytes once decompressed.
    pub(super) raw_bytes: u32,
    /// CRC-32 of the bytes in the file.
    pub(super) crc: u32,
}

/// No parcel is larger: some 50 bytes for each of five million series.
const LARGEST: u32 = 1 << 28;

impl Parcel {
    /// Compresses `raw` to a parcel that will lie `at`.
    pub(super) fn pack(raw: &[u8], at: u64) -> Result<(Self, Vec<u8>), SegmentMistake> {
        let raw_bytes = u32::try_from(raw.len()).unwrap_or(u32::MAX);
        if raw_bytes > LARGEST {
            return Err(SegmentMistake::Unfit("it has too many series"));
        }
        let packed = zstd::bulk::compress(raw, LEVEL)?;
        let parcel = Self {
            at,
            bytes: packed.len() as u32,
            raw_bytes,
            crc: crc32fast::hash(&packed),
        };
        Ok((parcel, packed))
    }

    /// The bytes that were packed.
    pub(super) fn unpack(&self, packed: &Bytes) -> Result<Vec<u8>, Damage> {
        if crc32fast::hash(packed) != self.crc {
            return Err("the series at the start of a slice have another checksum");
        }
        if self.raw_bytes > LARGEST {
            return Err("the series at the start of a slice have an impossible size");
        }
        let raw = zstd::bulk::decompress(packed, self.raw_bytes as usize)
            .map_err(|_| "the series at the start of a slice do not decompress")?;
        if raw.len() != self.raw_bytes as usize {
            return Err("the series at the start of a slice have another size");
        }
        Ok(raw)
    }

    /// Where it lies.
    pub(super) fn range(&self) -> std::ops::Range<u64> {
        self.at..self.end()
    }

    /// The byte after it.
    pub(super) fn end(&self) -> u64 {
        self.at.saturating_add(self.bytes.into())
    }
}

/// How hard to compress: parcels are small.
const LEVEL: i32 = 9;
