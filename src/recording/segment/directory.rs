//! What stands before the rows of a slice: which series have how many of them, and the frame
//! at its start.

use super::catalogue::{Catalogue, CatalogueWriter};
use super::encoding::dictionary::Dictionary;
use super::encoding::{Damage, push_varint, split, take, take_varint, unzigzag, zigzag};
use super::error::SegmentMistake;
use crate::recording::{Series, StartFrame};
use crate::signal::{Clock, Quality, Sample};
use crate::time::Timestamp;

/// The series of a slice in order, each with the number of its rows.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Directory {
    pub(super) places: Vec<u32>,
    /// By series, where its rows end.
    pub(super) ends: Vec<usize>,
}

/// A clock of ours, beside the quality's place in the order of qualities.
const RECEIVER: u8 = 0x80;
/// The link was lost after the sample had come.
const LOST: u8 = 1 << 6;

impl Directory {
    /// Of a slice's series, whose rows end at `ends`.
    pub(super) fn new(series: &[Series], ends: &[usize], catalogue: &mut CatalogueWriter) -> Self {
        let places = series.iter().map(|series| catalogue.place(series));
        Self {
            places: places.collect(),
            ends: ends.to_vec(),
        }
    }

    /// As bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push_places(&mut out, self.places.iter().copied());
        let mut start = 0;
        for &end in &self.ends {
            push_varint(&mut out, (end - start) as u64);
            start = end;
        }
        out
    }

    /// From bytes; the slice has so many rows.
    pub(super) fn decode(mut bytes: &[u8], rows: usize) -> Result<Self, Damage> {
        let places = take_places(&mut bytes)?;
        let mut ends = Vec::with_capacity(places.len());
        let mut end = 0_usize;
        for _ in &places {
            let length = take_varint(&mut bytes)?;
            end = end.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
            ends.push(end);
        }
        if end != rows {
            return Err("the series of a slice have more or fewer rows than the slice");
        }
        Ok(Self { places, ends })
    }

    /// The rows of one of the places; `None` if it has none.
    pub(super) fn rows_of(&self, place: u32) -> Option<std::ops::Range<usize>> {
        let at = self.places.iter().position(|&other| other == place)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(start..self.ends[at])
    }
}

/// A frame as bytes.
pub(super) fn encode_frame(
    frame: &StartFrame,
    catalogue: &mut CatalogueWriter,
) -> Result<Vec<u8>, SegmentMistake> {
    let sorted = frame
        .rows
        .is_sorted_by(|(one, ..), (other, ..)| (&one.name, one.who) < (&other.name, other.who));
    if !sorted {
        return Err(SegmentMistake::Unfit("the frame at a start is not sorted"));
    }
    let mut out = Vec::new();
    let places = frame
        .rows
        .iter()
        .map(|(series, ..)| catalogue.place(series));
    push_places(&mut out, places);
    let column = |bits: &dyn Fn(&Sample) -> u64| -> Vec<u64> {
        frame
            .rows
            .iter()
            .map(|(_, sample, _)| bits(sample))
            .collect()
    };
    push_numbers(&mut out, &column(&|sample| sample.at.nanos() as u64));
    push_numbers(&mut out, &column(&|sample| sample.received.nanos() as u64));
    push_numbers(&mut out, &column(&|sample| sample.value.to_bits()));
    out.extend(frame.rows.iter().map(|(_, sample, lost)| {
        let clock = match sample.clock {
            Clock::Source => 0,
            Clock::Receiver => RECEIVER,
        };
        let lost = if lost.is_some() { LOST } else { 0 };
        sample.quality as u8 | clock | lost
    }));
    let losses = frame.rows.iter().filter_map(|(.., lost)| *lost);
    let losses: Vec<u64> = losses.map(|lost| lost.nanos() as u64).collect();
    push_numbers(&mut out, &losses);
    Ok(out)
}

/// A frame from bytes.
pub(super) fn decode_frame(mut bytes: &[u8], catalogue: &Catalogue) -> Result<StartFrame, Damage> {
    let bytes = &mut bytes;
    let places = take_places(bytes)?;
    let at = take_numbers(bytes, places.len())?;
    let received = take_numbers(bytes, places.len())?;
    let values = take_numbers(bytes, places.len())?;
    let marks = take(bytes, places.len())?;
    let lost = marks.iter().filter(|&mark| mark & LOST != 0).count();
    let mut losses = take_numbers(bytes, lost)?.into_iter();
    let mut rows = Vec::with_capacity(places.len());
    for (row, &place) in places.iter().enumerate() {
        let quality = Quality::ALL.get(usize::from(marks[row] & !(RECEIVER | LOST)));
        let sample = Sample {
            at: Timestamp::from_nanos(at[row] as i64),
            received: Timestamp::from_nanos(received[row] as i64),
            value: f64::from_bits(values[row]),
            quality: *quality.ok_or("a sample at a start is of an unknown quality")?,
            clock: match marks[row] & RECEIVER {
                0 => Clock::Source,
                _ => Clock::Receiver,
            },
        };
        let lost = match marks[row] & LOST {
            0 => None,
            _ => losses.next().map(|lost| Timestamp::from_nanos(lost as i64)),
        };
        rows.push((catalogue.get(place)?.clone(), sample, lost));
    }
    Ok(StartFrame { rows })
}

/// Adds places of the catalogue, which mostly follow one another.
fn push_places(out: &mut Vec<u8>, places: impl ExactSizeIterator<Item = u32>) {
    push_varint(out, places.len() as u64);
    let mut next = 0;
    for place in places {
        push_varint(out, zigzag(i64::from(place) - next));
        next = i64::from(place) + 1;
    }
}

fn take_places(bytes: &mut &[u8]) -> Result<Vec<u32>, Damage> {
    let count = take_varint(bytes)?;
    let mut places = Vec::new();
    let mut next = 0_i64;
    for _ in 0..count {
        let place = next.wrapping_add(unzigzag(take_varint(bytes)?));
        places.push(u32::try_from(place).map_err(|_| "a series has an impossible place")?);
        next = place + 1;
    }
    Ok(places)
}

/// Adds numbers: by a dictionary if there are few different ones, as times at an instant are.
fn push_numbers(out: &mut Vec<u8>, numbers: &[u64]) {
    let small = Dictionary::of(numbers).filter(|all| all.entries.len() <= 1 << 16);
    let Some(dictionary) = small else {
        push_varint(out, 0);
        split::encode(out, numbers);
        return;
    };
    push_varint(out, dictionary.entries.len() as u64);
    split::encode(out, &dictionary.entries);
    let wide = dictionary.entries.len() > 1 << 8;
    for row in dictionary.rows {
        let bytes = row.to_le_bytes();
        out.extend(&bytes[..if wide { 2 } else { 1 }]);
    }
}

fn take_numbers(bytes: &mut &[u8], count: usize) -> Result<Vec<u64>, Damage> {
    let numbers = |bytes: &mut &[u8], count: usize| {
        let mut numbers = Vec::new();
        let split = take(bytes, count.saturating_mul(8))?;
        split::decode(split, count, |number| numbers.push(number))?;
        Ok(numbers)
    };
    let entries = usize::try_from(take_varint(bytes)?).unwrap_or(usize::MAX);
    if entries == 0 {
        return numbers(bytes, count);
    }
    let entries = numbers(bytes, entries)?;
    let width = if entries.len() > 1 << 8 { 2 } else { 1 };
    let places = take(bytes, count.saturating_mul(width))?;
    let entry = |place: &[u8]| {
        let low = usize::from(place[0]);
        let high = place.get(1).map_or(0, |&byte| usize::from(byte) << 8);
        entries.get(low | high).copied()
    };
    let found: Option<Vec<u64>> = places.chunks(width).map(entry).collect();
    found.ok_or("a number at a start is missing")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::recording::{Name, Who};

    proptest! {
        #[test]
        fn a_frame_is_read_as_it_was_written(
            samples in prop::collection::vec((0..9_i64, any::<i64>(), any::<f64>(), 0..12_usize, any::<bool>()), 0..700),
        ) {
            let mut frame = StartFrame::default();
            for (row, (at, received, value, quality, ours)) in samples.into_iter().enumerate() {
                let series = Series {
                    name: Name::new(&format!("P-{row:04}"), "flow"),
                    who: Who::Measured,
                    unit: "m³/s".into(),
                    states: [].into(),
                };
                let sample = Sample {
                    at: Timestamp::from_nanos(at),
                    received: Timestamp::from_nanos(received),
                    value,
                    quality: Quality::ALL[quality],
                    clock: if ours { Clock::Receiver } else { Clock::Source },
                };
                let lost = (row % 7 == 3).then(|| Timestamp::from_nanos(received));
                frame.rows.push((series, sample, lost));
            }
            let mut catalogue = CatalogueWriter::default();
            let bytes = encode_frame(&frame, &mut catalogue).expect("sorted");
            let catalogue = Catalogue::decode(&catalogue.encode()).expect("as it was written");
            prop_assert_eq!(decode_frame(&bytes, &catalogue), Ok(frame));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(0..20_u8, 0..60)) {
            decode_frame(&bytes, &Catalogue::default()).ok();
            Directory::decode(&bytes, 10).ok();
        }
    }
}
