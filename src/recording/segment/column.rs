//! A column of a slice as pages. Numbers are encoded in the way that is smaller, tried on two
//! of the pages.

use std::ops::Range;

use parquet::basic::Encoding;
use zstd::bulk::Compressor;

use super::bounds::Bounds;
use super::encoding::dictionary::Dictionary;
use super::encoding::hybrid::{HybridWriter, push_packed, width_of};
use super::encoding::{delta, split};
use super::error::SegmentMistake;
use super::schema::ColumnSpec;
use super::schema::Kind;
use super::words::{Words, ranges};

/// What stands in a column, row by row.
pub(super) enum Values<'a> {
    /// Few different words or codes.
    Words(&'a Words),
    /// The bits of numbers, and the rows that have none, in order.
    Numbers {
        present: &'a [u64],
        missing: &'a [usize],
    },
}

/// A column as it goes to the file, before it is compressed.
pub(super) struct Pages {
    /// The entries that pages refer to, one after another, and how many there are.
    pub(super) dictionary: Option<(Vec<u8>, usize)>,
    pub(super) pages: Vec<Page>,
}

/// Some of its rows.
pub(super) struct Page {
    pub(super) rows: usize,
    pub(super) body: Vec<u8>,
    pub(super) encoding: Encoding,
    pub(super) bounds: Bounds,
}

/// How numbers are encoded.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Plain,
    /// All first bytes, all second bytes, …
    Split,
    /// Differences from number to number.
    Delta,
    /// Places in the dictionary, of so many bits.
    Places(u32),
}

/// A dictionary with fewer entries than one for so many rows needs no rival.
const REPEATS: usize = 16;

impl Pages {
    /// The pages of a column, which end at the rows `ends`.
    pub(super) fn new(
        column: ColumnSpec,
        values: &Values<'_>,
        ends: &[usize],
        compressor: &mut Compressor<'_>,
    ) -> Result<Self, SegmentMistake> {
        match values {
            Values::Words(words) => Ok(of_words(column, words, ends)),
            Values::Numbers { present, missing } => {
                of_numbers(column, present, missing, ends, compressor)
            }
        }
    }
}

fn of_words(column: ColumnSpec, words: &Words, ends: &[usize]) -> Pages {
    let width = width_of(words.entries.len().saturating_sub(1) as u32);
    let pages = words.pages(ends).into_iter().zip(ranges(ends));
    let pages = pages.map(|(runs, rows)| {
        let gaps = runs.iter().filter(|(word, _)| word.is_none());
        let missing: usize = gaps.map(|(_, rows)| rows).sum();
        let mut body = Vec::new();
        if column.optional {
            let present = runs.iter().map(|(word, rows)| (word.is_some(), *rows));
            push_levels(&mut body, present);
        }
        body.push(width as u8);
        let mut places = HybridWriter::new(width);
        for &(word, rows) in &runs {
            if let Some(place) = word {
                places.push(place, rows);
            }
        }
        body.extend(places.finish());
        let used = runs.iter().filter_map(|(word, _)| *word);
        let used = used.map(|place| &*words.entries[place as usize]);
        Page {
            rows: rows.len(),
            body,
            encoding: Encoding::RLE_DICTIONARY,
            bounds: Bounds::of_words(used, missing, column.kind),
        }
    });
    let pages = pages.collect();
    let mut dictionary = Vec::new();
    for entry in &words.entries {
        if column.kind == Kind::Word {
            dictionary.extend((entry.len() as u32).to_le_bytes());
        }
        dictionary.extend(&**entry);
    }
    Pages {
        dictionary: Some((dictionary, words.entries.len())),
        pages,
    }
}

fn of_numbers(
    column: ColumnSpec,
    present: &[u64],
    missing: &[usize],
    ends: &[usize],
    compressor: &mut Compressor<'_>,
) -> Result<Pages, SegmentMistake> {
    let kind = column.kind;
    let mut dictionary = Dictionary::of(present);
    if kind == Kind::Number
        && let Some(dictionary) = &mut dictionary
    {
        // The places of one signal's values are then alike, and compress better.
        dictionary.sort_by_key(|bits| kind.key(bits));
    }
    // Rows count all, numbers only those that are there.
    let number_of = |row: usize| row - missing.partition_point(|&gap| gap < row);
    let parts = ranges(ends).map(|rows| number_of(rows.start)..number_of(rows.end));
    let parts: Vec<Range<usize>> = parts.collect();
    let form = choose(kind, present, dictionary.as_ref(), &parts, compressor)?;
    let pages = ranges(ends).zip(parts).map(|(rows, part)| {
        let first_gap = missing.partition_point(|&gap| gap < rows.start);
        let gaps = &missing[first_gap..missing.partition_point(|&gap| gap < rows.end)];
        let mut body = Vec::with_capacity(part.len() * 2 + 64);
        if column.optional {
            push_levels(&mut body, present_runs(rows.clone(), gaps));
        }
        form.push(&mut body, present, dictionary.as_ref(), part.clone());
        Page {
            rows: rows.len(),
            body,
            encoding: form.encoding(),
            bounds: Bounds::of_numbers(&present[part], gaps.len(), kind),
        }
    });
    let pages = pages.collect();
    let dictionary = dictionary.filter(|_| matches!(form, Form::Places(_)));
    let dictionary = dictionary.map(|dictionary| {
        let entries = dictionary.entries.iter();
        let bytes = entries.flat_map(|bits| bits.to_le_bytes()).collect();
        (bytes, dictionary.entries.len())
    });
    Ok(Pages { dictionary, pages })
}

/// The form that takes the fewest bytes on two of the pages.
fn choose(
    kind: Kind,
    present: &[u64],
    dictionary: Option<&Dictionary>,
    parts: &[Range<usize>],
    compressor: &mut Compressor<'_>,
) -> Result<Form, SegmentMistake> {
    let mut forms = Vec::new();
    if let Some(dictionary) = dictionary {
        let exact = width_of(dictionary.entries.len().saturating_sub(1) as u32);
        // Whole bytes are more, and compress far better: equal numbers are equal bytes.
        forms.push(Form::Places(exact.next_multiple_of(8)));
        if !exact.is_multiple_of(8) {
            forms.push(Form::Places(exact));
        }
    }
    if dictionary.is_none_or(|all| all.entries.len() * REPEATS > present.len()) {
        forms.push(Form::Plain);
        forms.push(match kind {
            Kind::Number => Form::Split,
            Kind::Word | Kind::Code | Kind::Time | Kind::Count => Form::Delta,
        });
    }
    let tried = [parts.len() / 3, parts.len() * 2 / 3];
    let mut best = (usize::MAX, Form::Plain);
    for form in forms {
        let mut bytes = 0;
        for part in tried.into_iter().filter_map(|place| parts.get(place)) {
            let mut body = Vec::new();
            form.push(&mut body, present, dictionary, part.clone());
            bytes += compressor.compress(&body)?.len();
            if let (Form::Places(_), Some(dictionary)) = (form, dictionary) {
                // Its share of the entries, of which four bytes of eight remain as a rule.
                bytes += dictionary.entries.len() * 4 * part.len() / present.len().max(1);
            }
        }
        if bytes < best.0 {
            best = (bytes, form);
        }
    }
    Ok(best.1)
}

impl Form {
    fn encoding(self) -> Encoding {
        match self {
            Self::Plain => Encoding::PLAIN,
            Self::Split => Encoding::BYTE_STREAM_SPLIT,
            Self::Delta => Encoding::DELTA_BINARY_PACKED,
            Self::Places(_) => Encoding::RLE_DICTIONARY,
        }
    }

    /// Adds some of the numbers.
    fn push(
        self,
        out: &mut Vec<u8>,
        present: &[u64],
        dictionary: Option<&Dictionary>,
        part: Range<usize>,
    ) {
        match (self, dictionary) {
            (Self::Places(width), Some(dictionary)) => {
                out.push(width as u8);
                push_packed(out, &dictionary.rows[part], width);
            }
            (Self::Split, _) => split::encode(out, &present[part]),
            (Self::Delta, _) => delta::encode(out, &present[part]),
            (Self::Plain | Self::Places(_), _) => {
                out.extend(present[part].iter().flat_map(|bits| bits.to_le_bytes()));
            }
        }
    }
}

/// Adds which rows have a value: definition levels, as pages of version 1 have them.
fn push_levels(out: &mut Vec<u8>, runs: impl Iterator<Item = (bool, usize)>) {
    let mut levels = HybridWriter::new(1);
    for (present, rows) in runs {
        levels.push(present.into(), rows);
    }
    let levels = levels.finish();
    out.extend((levels.len() as u32).to_le_bytes());
    out.extend(levels);
}

/// Which of `rows` have a value, by the rows that have none.
fn present_runs(rows: Range<usize>, missing: &[usize]) -> impl Iterator<Item = (bool, usize)> {
    let end = rows.end;
    let mut start = rows.start;
    let gaps = missing.iter().flat_map(move |&gap| {
        let before = gap - start;
        start = gap + 1;
        [(true, before), (false, 1)]
    });
    let last = missing.last().map_or(rows.start, |gap| gap + 1);
    gaps.chain([(true, end - last)])
}
