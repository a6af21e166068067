//! Parquet's encodings of values, as far as segments use them, for whole columns at a time.
//!
//! The crate `parquet` encodes value by value; a segment has long runs of equal words, and
//! times that repeat from signal to signal, and both are known before anything is written.
//! After <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

pub(super) mod delta;
pub(super) mod dictionary;
pub(super) mod hybrid;
pub(super) mod split;

/// Why encoded bytes cannot be decoded: what is wrong with them.
pub(super) type Damage = &'static str;

/// Adds a number of up to 64 bits, seven at a time, the lowest first (ULEB128).
pub(super) fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number of [`push_varint`] from the front.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Result<u64, Damage> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or("a number is cut off")?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err("a number has too many digits")
}

/// Signed numbers as unsigned ones, small where the distance from zero is.
pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Back from [`zigzag`].
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Takes so many bytes from the front.
pub(super) fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Damage> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or("bytes are missing")?;
    *bytes = rest;
    Ok(taken)
}
