//! The least and the greatest value of a page or a chunk: what readers skip by.

use parquet::data_type::ByteArray;
use parquet::file::statistics::{Statistics, ValueStatistics};

use super::schema::Kind;

/// A value by which values of its column are ordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Number(i64),
    Word(Box<[u8]>),
}

/// What is known about some values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bounds {
    /// The least and the greatest, if there is any that has a place in the order.
    pub(super) range: Option<(Key, Key)>,
    /// Floating-point values that are no numbers, and have no place in it.
    pub(super) not_numbers: u64,
    /// Rows without a value.
    pub(super) missing: u64,
}

impl Bounds {
    /// Of numbers.
    pub(super) fn of_numbers(numbers: &[u64], missing: usize, kind: Kind) -> Self {
        let mut not_numbers = 0;
        let (mut least, mut greatest) = (i64::MAX, i64::MIN);
        for &bits in numbers {
            if kind == Kind::Number && f64::from_bits(bits).is_nan() {
                not_numbers += 1;
                continue;
            }
            let key = kind.key(bits);
            least = least.min(key);
            greatest = greatest.max(key);
        }
        let range = (least <= greatest).then_some((Key::Number(least), Key::Number(greatest)));
        Self {
            range,
            not_numbers,
            missing: missing as u64,
        }
    }

    /// Of words or codes.
    pub(super) fn of_words<'a>(
        words: impl Iterator<Item = &'a [u8]>,
        missing: usize,
        kind: Kind,
    ) -> Self {
        let mut range: Option<(&[u8], &[u8])> = None;
        let before = |a: &[u8], b: &[u8]| match kind {
            Kind::Code => code(a) < code(b),
            _ => a < b,
        };
        for word in words {
            range = Some(range.map_or((word, word), |(least, greatest)| {
                let least = if before(word, least) { word } else { least };
                let greatest = if before(greatest, word) {
                    word
                } else {
                    greatest
                };
                (least, greatest)
            }));
        }
        let key = |word: &[u8]| match kind {
            Kind::Code => Key::Number(code(word).into()),
            _ => Key::Word(word.into()),
        };
        Self {
            range: range.map(|(least, greatest)| (key(least), key(greatest))),
            not_numbers: 0,
            missing: missing as u64,
        }
    }

    /// Of these and those.
    pub(super) fn and(self, other: Self) -> Self {
        let range = match (self.range, other.range) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        Self {
            range,
            not_numbers: self.not_numbers + other.not_numbers,
            missing: self.missing + other.missing,
        }
    }

    /// As a page index has it: the least and the greatest as plain bytes, empty if there is none.
    pub(super) fn plain(&self, kind: Kind) -> (Vec<u8>, Vec<u8>) {
        match &self.range {
            Some((least, greatest)) => (least.plain(kind), greatest.plain(kind)),
            None => Default::default(),
        }
    }

    /// As the metadata of a chunk have it.
    pub(super) fn statistics(&self, kind: Kind) -> Statistics {
        let range = self.range.as_ref();
        let (least, greatest) = range.map(|(a, b)| (a, b)).unzip();
        let missing = Some(self.missing);
        match kind {
            Kind::Word => {
                let word = |key: Option<&Key>| key.map(|key| ByteArray::from(key.plain(kind)));
                Statistics::byte_array(word(least), word(greatest), None, missing, false)
            }
            Kind::Code => {
                let code = |key: Option<&Key>| key.map(|key| key.number() as i32);
                Statistics::int32(code(least), code(greatest), None, missing, false)
            }
            Kind::Time | Kind::Count => {
                let time = |key: Option<&Key>| key.map(Key::number);
                Statistics::int64(time(least), time(greatest), None, missing, false)
            }
            Kind::Number => {
                let value = |key: Option<&Key>| key.map(|key| key.value(kind));
                Statistics::Double(
                    ValueStatistics::new(value(least), value(greatest), None, missing, false)
                        .with_nan_count(Some(self.not_numbers)),
                )
            }
        }
    }
}

impl Key {
    fn number(&self) -> i64 {
        match self {
            Self::Number(key) => *key,
            Self::Word(_) => 0,
        }
    }

    fn value(&self, kind: Kind) -> f64 {
        f64::from_bits(kind.bits(self.number()))
    }

    fn plain(&self, kind: Kind) -> Vec<u8> {
        match (self, kind) {
            (Self::Word(word), _) => word.to_vec(),
            (Self::Number(key), Kind::Code) => (*key as i32).to_le_bytes().to_vec(),
            (Self::Number(key), _) => kind.bits(*key).to_le_bytes().to_vec(),
        }
    }
}

/// The code in the four bytes of an entry.
fn code(word: &[u8]) -> i32 {
    word.try_into().map_or(0, i32::from_le_bytes)
}
