//! All first bytes, then all second bytes, and so on: BYTE_STREAM_SPLIT.
//!
//! For values that never repeat: their signs and exponents lie together and compress.

use super::Damage;

/// Adds the numbers.
pub(in crate::recording::segment) fn encode(out: &mut Vec<u8>, numbers: &[u64]) {
    for stream in 0..8 {
        out.extend(numbers.iter().map(|number| (number >> (8 * stream)) as u8));
    }
}

/// Gives `count` numbers to `push`, in order.
pub(in crate::recording::segment) fn decode(
    bytes: &[u8],
    count: usize,
    mut push: impl FnMut(u64),
) -> Result<(), Damage> {
    if bytes.len() != count.saturating_mul(8) {
        return Err("there are more or fewer values than rows");
    }
    for row in 0..count {
        let number = (0..8).fold(0, |number, stream| {
            number | u64::from(bytes[stream * count + row]) << (8 * stream)
        });
        push(number);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(numbers in prop::collection::vec(any::<u64>(), 0..100)) {
            let (mut bytes, mut back) = (Vec::new(), Vec::new());
            encode(&mut bytes, &numbers);
            prop_assert_eq!(decode(&bytes, numbers.len(), |number| back.push(number)), Ok(()));
            prop_assert_eq!(back, numbers);
        }
    }
}
