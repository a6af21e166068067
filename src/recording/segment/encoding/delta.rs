//! Differences from number to number in as few bits as they need: DELTA_BINARY_PACKED.
//!
//! For times that never repeat, as when every sample comes in a message of its own.

use super::{Damage, push_varint, take, take_varint, unzigzag, zigzag};

/// Numbers of a block, and the parts of a block that have a width of their own.
const BLOCK: usize = 128;
const PARTS: usize = 4;
const PART: usize = BLOCK / PARTS;

/// Adds the numbers.
pub(in crate::recording::segment) fn encode(out: &mut Vec<u8>, numbers: &[u64]) {
    push_varint(out, BLOCK as u64);
    push_varint(out, PARTS as u64);
    push_varint(out, numbers.len() as u64);
    let first = numbers.first().copied().unwrap_or_default();
    push_varint(out, zigzag(first as i64));
    let mut last = first as i64;
    for block in numbers.get(1..).unwrap_or_default().chunks(BLOCK) {
        let mut deltas = [0_i64; BLOCK];
        for (delta, &number) in deltas.iter_mut().zip(block) {
            *delta = (number as i64).wrapping_sub(last);
            last = number as i64;
        }
        let deltas = &mut deltas[..block.len()];
        let least = deltas.iter().copied().min().unwrap_or_default();
        for delta in deltas.iter_mut() {
            *delta = delta.wrapping_sub(least);
        }
        push_varint(out, zigzag(least));
        let widths = out.len();
        out.extend([0; PARTS]);
        for (place, part) in deltas.chunks(PART).enumerate() {
            let all = part.iter().fold(0, |all, &delta| all | delta as u64);
            let width = u64::BITS - all.leading_zeros();
            out[widths + place] = width as u8;
            pack(out, part, width);
        }
    }
}

/// Adds a part, filled up with zeros.
fn pack(out: &mut Vec<u8>, part: &[i64], width: u32) {
    let end = out.len() + PART / 8 * width as usize;
    let (mut held, mut bits) = (0_u128, 0);
    for &delta in part {
        held |= u128::from(delta as u64) << bits;
        bits += width;
        while bits >= 8 {
            out.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        out.push(held as u8);
    }
    out.resize(end, 0);
}

/// Gives `count` numbers to `push`, in order.
pub(in crate::recording::segment) fn decode(
    mut bytes: &[u8],
    count: usize,
    mut push: impl FnMut(u64),
) -> Result<(), Damage> {
    let bytes = &mut bytes;
    let shape = (take_varint(bytes)?, take_varint(bytes)?);
    if shape != (BLOCK as u64, PARTS as u64) {
        return Err("differences come in blocks of another size");
    }
    if take_varint(bytes)? != count as u64 {
        return Err("there are more or fewer differences than rows");
    }
    let mut last = unzigzag(take_varint(bytes)?);
    if count == 0 {
        return Ok(());
    }
    push(last as u64);
    let mut left = count - 1;
    while left > 0 {
        let least = unzigzag(take_varint(bytes)?);
        let widths = take(bytes, PARTS)?;
        for &width in widths {
            if left == 0 {
                break;
            }
            let width = u32::from(width);
            if width > 64 {
                return Err("a difference is wider than 64 bits");
            }
            let packed = take(bytes, PART / 8 * width as usize)?;
            let mask = u64::MAX.checked_shr(64 - width).unwrap_or_default();
            let (mut held, mut bits, mut packed) = (0_u128, 0, packed.iter());
            for _ in 0..left.min(PART) {
                while bits < width {
                    held |= u128::from(packed.next().copied().unwrap_or_default()) << bits;
                    bits += 8;
                }
                let delta = (held as u64 & mask) as i64;
                held >>= width;
                bits -= width;
                last = last.wrapping_add(least).wrapping_add(delta);
                push(last as u64);
            }
            left -= left.min(PART);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8], count: usize) -> Result<Vec<u64>, Damage> {
        let mut out = Vec::new();
        decode(bytes, count, |number| out.push(number)).map(|()| out)
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            numbers in prop_oneof![
                prop::collection::vec(any::<u64>(), 0..400),
                prop::collection::vec(1_000_000..1_001_000_u64, 0..400),
            ],
        ) {
            let mut out = Vec::new();
            encode(&mut out, &numbers);
            prop_assert_eq!(decoded(&out, numbers.len()), Ok(numbers));
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(numbers) = decoded(&bytes, 300) {
                prop_assert_eq!(numbers.len(), 300);
            }
            bytes.splice(0..0, [0x80, 0x01, 0x04, 0xAC, 0x02]);
            if let Ok(numbers) = decoded(&bytes, 300) {
                prop_assert_eq!(numbers.len(), 300);
            }
        }
    }
}
