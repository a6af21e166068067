//! A column of few different words, by runs: so that writing it costs what its runs cost, and
//! not what its rows cost.

use std::collections::HashMap;
use std::ops::Range;

/// Words row by row, run by run.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Each word once, in the order of first appearance.
    pub(super) entries: Vec<Box<[u8]>>,
    /// What stands in so many rows: the place of a word, or nothing.
    pub(super) runs: Vec<(Option<u32>, usize)>,
    places: HashMap<Box<[u8]>, u32>,
}

impl Words {
    /// Adds rows that say `word`, or nothing.
    pub(super) fn push(&mut self, word: Option<&[u8]>, rows: usize) {
        if rows == 0 {
            return;
        }
        let place = word.map(|word| self.place(word));
        match self.runs.last_mut() {
            Some((last, count)) if *last == place => *count += rows,
            _ => self.runs.push((place, rows)),
        }
    }

    /// The place of a word, new or known.
    fn place(&mut self, word: &[u8]) -> u32 {
        if let Some((Some(last), _)) = self.runs.last()
            && *self.entries[*last as usize] == *word
        {
            return *last;
        }
        if let Some(&place) = self.places.get(word) {
            return place;
        }
        let place = self.entries.len() as u32;
        self.entries.push(word.into());
        self.places.insert(word.into(), place);
        place
    }

    /// The runs of each of the ranges of rows that end at `ends`.
    pub(super) fn pages(&self, ends: &[usize]) -> Vec<Vec<(Option<u32>, usize)>> {
        let mut runs = self.runs.iter().copied();
        let (mut word, mut left) = runs.next().unwrap_or_default();
        let mut start = 0;
        let mut pages = Vec::with_capacity(ends.len());
        for &end in ends {
            let mut page = Vec::new();
            while start < end {
                if left == 0 {
                    match runs.next() {
                        Some(next) => (word, left) = next,
                        None => break,
                    }
                }
                let taken = left.min(end - start);
                page.push((word, taken));
                left -= taken;
                start += taken;
            }
            pages.push(page);
        }
        pages
    }
}

/// Ends of pages of about `rows` rows, so that no series that fits in one is spread over two.
pub(super) fn cut_pages(series_ends: &[usize], rows: usize) -> Vec<usize> {
    let mut pages: Vec<usize> = Vec::new();
    let mut start = 0;
    let mut before = 0;
    for &end in series_ends {
        // With this series the page would be fuller than it should: it begins another.
        if end - start > rows + rows / 4 && before > start {
            pages.push(before);
            start = before;
        }
        while end - start > rows + rows / 4 {
            start += rows;
            pages.push(start);
        }
        before = end;
    }
    if before > start || pages.is_empty() {
        pages.push(before);
    }
    pages
}

/// The ranges of rows that end at `ends`.
pub(super) fn ranges(ends: &[usize]) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, &end)| start..end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pages_hold_all_rows_and_cut_no_series_that_fits(
            lengths in prop::collection::vec(1..300_usize, 1..60),
            rows in 20..200_usize,
        ) {
            let ends: Vec<usize> = lengths
                .iter()
                .scan(0, |sum, length| {
                    *sum += length;
                    Some(*sum)
                })
                .collect();
            let pages = cut_pages(&ends, rows);
            prop_assert_eq!(pages.last(), ends.last());
            for page in ranges(&pages) {
                prop_assert!(!page.is_empty() && page.len() <= rows + rows / 4);
            }
            for series in ranges(&ends).filter(|series| series.len() <= rows) {
                let cut = pages.iter().any(|end| series.start < *end && *end < series.end);
                prop_assert!(!cut, "{:?} in {:?}", series, pages);
            }
        }

        #[test]
        fn pages_of_words_put_together_are_the_rows(
            runs in prop::collection::vec((prop::option::of(0..4_u8), 1..9_usize), 1..40),
            size in 1..20_usize,
        ) {
            let mut words = Words::default();
            let mut expected = Vec::new();
            for (word, rows) in runs {
                words.push(word.as_ref().map(std::slice::from_ref), rows);
                expected.extend(std::iter::repeat_n(word, rows));
            }
            let ends: Vec<_> = (size..expected.len()).step_by(size).chain([expected.len()]).collect();
            let mut back = Vec::new();
            for (page, range) in words.pages(&ends).iter().zip(ranges(&ends)) {
                let before = back.len();
                for (place, rows) in page {
                    let word = place.map(|place| words.entries[place as usize][0]);
                    back.extend(std::iter::repeat_n(word, *rows));
                }
                prop_assert_eq!(before..back.len(), range);
            }
            prop_assert_eq!(back, expected);
        }
    }
}
