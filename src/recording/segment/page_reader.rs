//! Reads the pages of a column, whole or some of them, straight into typed columns.

use std::ops::Range;

use bytes::Bytes;
use parquet::basic::Encoding;
use zstd::bulk::Decompressor;

use super::encoding::hybrid::{HybridReader, Run, unpack};
use super::encoding::{Damage, delta, split, take};
use super::error::SegmentMistake;
use super::page_header::PageHeader;

/// Pages of one column that follow one another, and the dictionary they refer to.
pub(super) struct ColumnPart {
    pub(super) dictionary: Option<Bytes>,
    pub(super) pages: Bytes,
    pub(super) rows: usize,
    pub(super) compressed: bool,
    pub(super) optional: bool,
}

/// What stands in rows of a column of words: by runs, the place of a word or nothing.
pub(super) struct WordRuns<T> {
    pub(super) entries: Vec<T>,
    pub(super) runs: Vec<(Option<u32>, usize)>,
}

/// Decompresses pages.
pub(super) struct PageReader {
    decompressor: Decompressor<'static>,
    raw: Vec<u8>,
}

impl PageReader {
    pub(super) fn new() -> Result<Self, SegmentMistake> {
        Ok(Self {
            decompressor: Decompressor::new().map_err(SegmentMistake::Unwritten)?,
            raw: Vec::new(),
        })
    }

    /// Takes a page from the front: its header and what is in it.
    fn take<'a, 'b: 'a>(
        &'a mut self,
        bytes: &mut &'b [u8],
        compressed: bool,
    ) -> Result<(PageHeader, &'a [u8]), Damage> {
        let header = PageHeader::take(bytes)?;
        let stored = take(bytes, header.bytes)?;
        if crc32fast::hash(stored) != header.crc {
            return Err("a page has another checksum");
        }
        if !compressed && header.raw_bytes == header.bytes {
            return Ok((header, stored));
        }
        if !compressed {
            return Err("a page has another size");
        }
        self.raw.clear();
        self.raw.reserve(header.raw_bytes);
        self.decompressor
            .decompress_to_buffer(stored, &mut self.raw)
            .map_err(|_| "a page does not decompress")?;
        if self.raw.len() != header.raw_bytes {
            return Err("a page has another size");
        }
        Ok((header, &self.raw))
    }
}

impl ColumnPart {
    /// Adds a value for each of the `wanted` rows to `out`, as `make` makes it of its bits; rows
    /// that have none get `T::default()` and are told in `missing`. Rows count from the first
    /// of the part, and so do those in `missing`.
    pub(super) fn numbers<T: Copy + Default>(
        &self,
        reader: &mut PageReader,
        wanted: Range<usize>,
        make: impl Fn(u64) -> T + Copy,
        out: &mut Vec<T>,
        missing: &mut Vec<usize>,
    ) -> Result<(), Damage> {
        let mut dictionary = Vec::new();
        if let Some(bytes) = &self.dictionary {
            let (header, raw) = reader.take(&mut bytes.as_ref(), self.compressed)?;
            if raw.len() != header.count.saturating_mul(8) {
                return Err("a dictionary has more or fewer values than it tells");
            }
            dictionary.extend_from_slice(raw);
        }
        let (entries, _) = dictionary.as_chunks::<8>();
        out.reserve(wanted.len());
        let mut left: &[u8] = &self.pages;
        let mut first = 0;
        while first < self.rows {
            let (header, mut raw) = reader.take(&mut left, self.compressed)?;
            if header.dictionary || header.count > self.rows - first || header.count == 0 {
                return Err("a page has rows that are not its own");
            }
            let rows = first..first + header.count;
            let cut = wanted.start.max(rows.start)..wanted.end.min(rows.end);
            first = rows.end;
            let mut gaps = Vec::new();
            if self.optional {
                take_levels(&mut raw, header.count, |gap| gaps.push(rows.start + gap))?;
            }
            if cut.is_empty() {
                continue;
            }
            // Of the numbers in the page, those of the wanted rows.
            let before = |row: usize| row - rows.start - gaps.partition_point(|&gap| gap < row);
            let numbers = before(cut.start)..before(cut.end);
            let present = header.count - gaps.len();
            let start = out.len();
            let mut place = 0;
            let mut push = |bits| {
                if numbers.contains(&place) {
                    out.push(make(bits));
                }
                place += 1;
            };
            match header.encoding {
                Encoding::PLAIN => {
                    let (eights, rest) = raw.as_chunks::<8>();
                    if eights.len() != present || !rest.is_empty() {
                        return Err("there are more or fewer values than rows");
                    }
                    let eights = eights[numbers].iter();
                    out.extend(eights.map(|&eight| make(u64::from_le_bytes(eight))));
                }
                Encoding::BYTE_STREAM_SPLIT => split::decode(raw, present, push)?,
                Encoding::DELTA_BINARY_PACKED => delta::decode(raw, present, &mut push)?,
                Encoding::RLE_DICTIONARY => look_up(raw, present, numbers, entries, make, out)?,
                _ => return Err("numbers are encoded in a way of which they never are"),
            }
            let gaps = gaps.iter().filter(|gap| cut.contains(gap));
            let gaps: Vec<usize> = gaps.map(|gap| gap - cut.start).collect();
            spread(out, start, &gaps);
            missing.extend(gaps.iter().map(|gap| gap + cut.start));
        }
        Ok(())
    }

    /// The words in these rows. `make` takes an entry as it lies in the dictionary.
    pub(super) fn words<T>(
        &self,
        reader: &mut PageReader,
        take_entry: impl Fn(&mut &[u8]) -> Result<T, Damage>,
    ) -> Result<WordRuns<T>, Damage> {
        let dictionary = self.dictionary.as_ref();
        let mut dictionary: &[u8] = dictionary.ok_or("a column of words has no dictionary")?;
        let (header, mut raw) = reader.take(&mut dictionary, self.compressed)?;
        let mut entries = Vec::new();
        for _ in 0..header.count {
            entries.push(take_entry(&mut raw)?);
        }
        if !raw.is_empty() {
            return Err("a dictionary has more words than it tells");
        }
        let mut runs: Vec<(Option<u32>, usize)> = Vec::new();
        let mut left: &[u8] = &self.pages;
        let mut row = 0;
        while row < self.rows {
            let (header, raw) = reader.take(&mut left, self.compressed)?;
            let mine = header.encoding == Encoding::RLE_DICTIONARY && !header.dictionary;
            if !mine || header.count > self.rows - row || header.count == 0 {
                return Err("a page has rows that are not its own");
            }
            self.word_page(raw, header.count, entries.len(), &mut runs)?;
            row += header.count;
        }
        Ok(WordRuns { entries, runs })
    }

    fn word_page(
        &self,
        mut raw: &[u8],
        count: usize,
        entries: usize,
        runs: &mut Vec<(Option<u32>, usize)>,
    ) -> Result<(), Damage> {
        let mut gaps = Vec::new();
        if self.optional {
            take_levels(&mut raw, count, |gap| gaps.push(gap))?;
        }
        let mut push = |word: Option<u32>, rows: usize| {
            if word.is_some_and(|place| place as usize >= entries) {
                return Err("a row has a word that is missing");
            }
            match runs.last_mut() {
                Some((last, count)) if *last == word => *count += rows,
                _ if rows > 0 => runs.push((word, rows)),
                _ => {}
            }
            Ok(())
        };
        let mut gaps = gaps.into_iter().peekable();
        let mut row = 0;
        let present = count - gaps.len();
        let [width] = *take(&mut raw, 1)? else {
            return Err("a page lacks the width of its words");
        };
        // Between two words there may be rows that say nothing.
        let mut skip = |row: &mut usize, push: &mut dyn FnMut(Option<u32>, usize) -> _| {
            let start = *row;
            while gaps.next_if_eq(row).is_some() {
                *row += 1;
            }
            push(None, *row - start)
        };
        let sparse = present < count;
        for run in HybridReader::new(raw, width.into(), present)? {
            match run? {
                Run::Repeat { number, count } if !sparse => push(Some(number), count)?,
                Run::Repeat { number, count } => {
                    for _ in 0..count {
                        skip(&mut row, &mut push)?;
                        push(Some(number), 1)?;
                        row += 1;
                    }
                }
                Run::Packed { bits, count } => {
                    let mut numbers = Vec::with_capacity(count);
                    unpack(bits, width.into(), count, |number| numbers.push(number));
                    for number in numbers {
                        if sparse {
                            skip(&mut row, &mut push)?;
                        }
                        push(Some(number), 1)?;
                        row += 1;
                    }
                }
            }
        }
        skip(&mut row, &mut push)
    }
}

impl<T: Copy> WordRuns<T> {
    /// The runs of a column in which every row has a word.
    pub(super) fn whole(&self) -> Result<Vec<(T, usize)>, Damage> {
        let runs = self.runs.iter().map(|&(word, rows)| {
            let entry = word.and_then(|place| self.entries.get(place as usize));
            entry.map(|&entry| (entry, rows))
        });
        let runs: Option<Vec<_>> = runs.collect();
        runs.ok_or("a row has no word where each must have one")
    }
}

/// Takes definition levels and tells the rows without a value.
fn take_levels(
    raw: &mut &[u8],
    count: usize,
    mut missing: impl FnMut(usize),
) -> Result<(), Damage> {
    let length = take(raw, 4)?;
    let length = length
        .first_chunk()
        .map_or(0, |&four| u32::from_le_bytes(four));
    let levels = take(raw, length as usize)?;
    let mut row = 0;
    for run in HybridReader::new(levels, 1, count)? {
        match run? {
            Run::Repeat { number: 0, count } => {
                (row..row + count).for_each(&mut missing);
                row += count;
            }
            Run::Repeat { count, .. } => row += count,
            Run::Packed { bits, count } => unpack(bits, 1, count, |present| {
                if present == 0 {
                    missing(row);
                }
                row += 1;
            }),
        }
    }
    Ok(())
}

/// Adds the entries at `wanted` of `count` places.
fn look_up<T: Copy>(
    mut raw: &[u8],
    count: usize,
    wanted: Range<usize>,
    entries: &[[u8; 8]],
    make: impl Fn(u64) -> T,
    out: &mut Vec<T>,
) -> Result<(), Damage> {
    const MISSING: Damage = "a row has a value that is missing";
    let [width] = *take(&mut raw, 1)? else {
        return Err("a page lacks the width of its places");
    };
    let value = |entry: [u8; 8]| make(u64::from_le_bytes(entry));
    let mut first = 0;
    for run in HybridReader::new(raw, width.into(), count)? {
        let run = run?;
        let (Run::Repeat { count, .. } | Run::Packed { count, .. }) = run;
        let start = wanted.start.clamp(first, first + count) - first;
        let end = wanted.end.clamp(first, first + count) - first;
        first += count;
        match run {
            Run::Repeat { number, .. } => {
                let entry = *entries.get(number as usize).ok_or(MISSING)?;
                out.extend(std::iter::repeat_n(entry, end - start).map(value));
            }
            Run::Packed { bits, .. } if width == 16 => {
                let (pairs, _) = bits.as_chunks::<2>();
                let pairs = pairs.get(start..end).ok_or(MISSING)?.iter();
                let places = pairs.map(|&pair| usize::from(u16::from_le_bytes(pair)));
                // Looked at before, so that the loop below has nothing to decide.
                if places.clone().max().unwrap_or_default() >= entries.len() {
                    return Err(MISSING);
                }
                out.extend(places.map(|place| value(entries[place])));
            }
            Run::Packed { bits, .. } => {
                let (mut found, mut place) = (true, 0);
                unpack(bits, width.into(), end, |number| {
                    match entries.get(number as usize) {
                        Some(&entry) if place >= start => out.push(value(entry)),
                        Some(_) => {}
                        None => found = false,
                    }
                    place += 1;
                });
                if !found {
                    return Err(MISSING);
                }
            }
        }
    }
    Ok(())
}

/// Moves what was added from `start` on apart, so that rows without a value have one too.
fn spread<T: Copy + Default>(out: &mut Vec<T>, start: usize, gaps: &[usize]) {
    let mut from = out.len();
    out.resize(from + gaps.len(), T::default());
    let mut to = out.len();
    for gap in gaps.iter().rev() {
        // All rows after the gap, then the gap itself.
        let after = to - (start + gap + 1);
        out.copy_within(from - after..from, to - after);
        from -= after;
        to -= after + 1;
        out[to] = T::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A page with the right checksum, whatever is in it.
    fn page(dictionary: bool, count: usize, encoding: Encoding, body: &[u8]) -> Bytes {
        let header = PageHeader {
            dictionary,
            raw_bytes: body.len(),
            bytes: body.len(),
            crc: crc32fast::hash(body),
            count,
            encoding,
        };
        let mut bytes = Vec::new();
        header.push(&mut bytes);
        bytes.extend(body);
        bytes.into()
    }

    #[test]
    fn rows_without_a_value_stand_where_they_belong() {
        for gaps in [
            &[][..],
            &[0],
            &[5],
            &[0, 1, 5],
            &[2, 3],
            &[0, 1, 2, 3, 4, 5],
        ] {
            let mut out = vec![9, 9];
            out.extend(10..16 - gaps.len());
            spread(&mut out, 2, gaps);
            let mut next = 10..;
            let row = |row| {
                if gaps.contains(&row) {
                    0
                } else {
                    next.next().expect("no end")
                }
            };
            let expected: Vec<usize> = [9, 9].into_iter().chain((0..6).map(row)).collect();
            assert_eq!(out, expected, "{gaps:?}");
        }
    }

    proptest! {
        /// Checksums keep out what was damaged; what was made up must not end the program.
        #[test]
        fn no_page_makes_it_panic(
            body in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..90),
            entries in prop::collection::vec(any::<u8>(), 0..4),
            count in 1..70_usize,
            encoding in 0..5_usize,
            optional: bool,
            start in 0..70_usize,
        ) {
            let encoding = [
                Encoding::PLAIN,
                Encoding::RLE,
                Encoding::DELTA_BINARY_PACKED,
                Encoding::RLE_DICTIONARY,
                Encoding::BYTE_STREAM_SPLIT,
            ][encoding];
            let mut entries8 = Vec::new();
            for &entry in &entries {
                entries8.extend([entry; 8]);
            }
            let part = |dictionary: &[u8]| ColumnPart {
                dictionary: Some(page(true, entries.len(), Encoding::PLAIN, dictionary)),
                pages: page(false, count, encoding, &body),
                rows: count,
                compressed: false,
                optional,
            };
            let mut reader = PageReader::new().expect("a reader");
            let (mut out, mut missing) = (Vec::new(), Vec::new());
            let wanted = start.min(count)..count;
            let read = part(&entries8).numbers(
                &mut reader,
                wanted.clone(),
                |bits| bits,
                &mut out,
                &mut missing,
            );
            if read.is_ok() {
                prop_assert_eq!(out.len(), wanted.len());
                prop_assert!(missing.iter().all(|row| wanted.contains(row)));
            }
            let words = part(&entries).words(&mut reader, |bytes| take(bytes, 1).map(<[u8]>::len));
            if let Ok(words) = words {
                let rows: usize = words.runs.iter().map(|(_, rows)| rows).sum();
                prop_assert_eq!(rows, count);
            }
        }
    }
}
