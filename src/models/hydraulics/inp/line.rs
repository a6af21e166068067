//! One line of a file: its words, and what they mean as keywords, numbers and times.

use super::mistake::Mistake;

/// More words on a line are not looked at.
pub(super) const MOST_WORDS: usize = 40;

const SEPARATORS: [char; 4] = [' ', '\t', '\n', '\r'];

/// A line, split into words.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u32,
    /// All of it.
    pub(super) raw: &'a str,
    /// The words before the comment, at most [`MOST_WORDS`].
    pub(super) words: Vec<&'a str>,
    /// What stands behind the first semicolon.
    pub(super) comment: &'a str,
    /// There were more words.
    pub(super) is_cut: bool,
}

impl<'a> Line<'a> {
    /// Becomes line `number`, which is `raw`.
    pub(super) fn read(&mut self, number: u32, raw: &'a str) {
        self.number = number;
        // To EPANET, which is written in C, a text ends at its first zero byte.
        self.raw = raw.split('\0').next().unwrap_or_default();
        let (body, comment) = self.raw.split_once(';').unwrap_or((self.raw, ""));
        self.comment = comment.trim();
        self.words.clear();
        let mut rest = body.trim_start_matches(SEPARATORS);
        while !rest.is_empty() && self.words.len() < MOST_WORDS {
            let (word, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .unwrap_or((quoted.trim_end_matches(SEPARATORS), "")),
                None => rest.split_once(SEPARATORS).unwrap_or((rest, "")),
            };
            self.words.push(word);
            rest = after.trim_start_matches(SEPARATORS);
        }
        self.is_cut = !rest.is_empty();
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Word `index`, or an empty one.
    pub(super) fn word(&self, index: usize) -> &'a str {
        self.words.get(index).copied().unwrap_or_default()
    }

    /// The last word.
    pub(super) fn last(&self) -> &'a str {
        self.words.last().copied().unwrap_or_default()
    }

    /// Word `index` is, or begins with, `keyword`.
    pub(super) fn is(&self, index: usize, keyword: &str) -> bool {
        begins(self.word(index), keyword)
    }

    /// At least `count` words, or a mistake that shows the `shape` of a line.
    pub(super) fn need(&self, count: usize, shape: &str) -> Result<(), Mistake> {
        if self.words.len() < count {
            return Err(Mistake::too_few_words(shape));
        }
        Ok(())
    }

    /// The number at `index`, which is called `what`.
    pub(super) fn number(&self, index: usize, what: &str) -> Result<f64, Mistake> {
        let word = self.word(index);
        number(word).ok_or_else(|| Mistake::not_a_number(what, word))
    }

    /// The number at `index`, or `default` on a shorter line.
    pub(super) fn number_or(&self, index: usize, default: f64, what: &str) -> Result<f64, Mistake> {
        if index < self.words.len() {
            self.number(index, what)
        } else {
            Ok(default)
        }
    }
}

/// `word` begins with `keyword`, in any case: so EPANET knows its keywords.
pub(super) fn begins(word: &str, keyword: &str) -> bool {
    let word = word.trim_start_matches(' ').as_bytes();
    let head = word.get(..keyword.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(keyword.as_bytes()))
}

/// The place of the first of `keywords` that `word` begins with.
pub(super) fn which(word: &str, keywords: &[&str]) -> Option<usize> {
    keywords.iter().position(|keyword| begins(word, keyword))
}

/// The finite number that `word` is.
///
/// A tail that begins with a character beyond ASCII is no part of it: EPANET does not see
/// the no-break space or degree sign behind a number either.
pub(super) fn number(word: &str) -> Option<f64> {
    let end = word.find(|c: char| !c.is_ascii()).unwrap_or(word.len());
    let digits = word[..end].trim_start();
    // An empty text in quotes is zero to EPANET.
    if word.is_empty() {
        return Some(0.0);
    }
    digits.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The number that `word` begins with; 0 if it begins with none.
pub(super) fn leading_number(word: &str) -> f64 {
    let bytes = word.trim_start().as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = |from: usize| from + usize::from(matches!(bytes.get(from), Some(b'+' | b'-')));
    let mut end = digits(sign(0));
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent = sign(end + 1);
        if digits(exponent) > exponent {
            end = digits(exponent);
        }
    }
    number(word.trim_start().get(..end).unwrap_or_default()).unwrap_or(0.0)
}

/// The whole number that `word` begins with; 0 if it begins with none.
pub(super) fn leading_integer(word: &str) -> i64 {
    let word = word.trim_start();
    let (sign, rest) = match word.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, word.strip_prefix('+').unwrap_or(word)),
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit);
    let size = digits.fold(0_i64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    sign * size
}

/// Hours of `word`, such as `1.5`, `1:30` or `1:30:00`, in `unit`, which may be empty.
pub(super) fn hours(word: &str, unit: &str) -> Option<f64> {
    let mut parts = [0.0; 3];
    let mut count = 0;
    for part in word.split(':').filter(|part| !part.is_empty()) {
        *parts.get_mut(count)? = number(part)?;
        count += 1;
    }
    let units = [("SEC", 3_600.0), ("MIN", 60.0), ("HOU", 1.0)];
    if count == 1 {
        if let Some((_, per_hour)) = units.iter().find(|(name, _)| begins(unit, name)) {
            return Some(parts[0] / per_hour);
        }
        if begins(unit, "DAY") {
            return Some(parts[0] * 24.0);
        }
    }
    let hours = match count {
        0 | 1 => parts[0],
        _ => parts[0] + parts[1] / 60.0 + parts[2] / 3_600.0,
    };
    if unit.is_empty() {
        return Some(hours);
    }
    let afternoon = begins(unit, "PM");
    if !(afternoon || begins(unit, "AM")) || hours >= 13.0 {
        return None;
    }
    Some(match (afternoon, hours >= 12.0) {
        (false, true) => hours - 12.0,
        (true, false) => hours + 12.0,
        _ => hours,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, words: &[&str], comment: &str) {
        let mut line = Line::default();
        line.read(1, raw);
        assert_eq!(
            (line.words.as_slice(), line.comment),
            (words, comment),
            "{raw}"
        );
    }

    #[test]
    fn words_end_at_space_and_comments_begin_at_semicolons() {
        check(" P1\tA  B;note ; more\r", &["P1", "A", "B"], "note ; more");
        check("\"a b\" 3 \"c", &["a b", "3", "c"], "");
        check("\"\" 1\0 2", &["", "1"], "");
        check("   ", &[], "");
    }

    #[test]
    fn times_are_read_as_epanet_reads_them() {
        for (word, unit, expected) in [
            ("1.5", "", Some(1.5)),
            ("90", "MIN", Some(1.5)),
            ("90", "minutes", Some(1.5)),
            ("3600", "SECONDS", Some(1.0)),
            ("2", "days", Some(48.0)),
            ("1:30", "", Some(1.5)),
            ("1:30:36", "", Some(1.51)),
            ("12", "am", Some(0.0)),
            ("12:30", "PM", Some(12.5)),
            ("1", "PM", Some(13.0)),
            ("13", "PM", None),
            ("1:30", "MIN", None),
            ("1:2:3:4", "", None),
            ("x", "", None),
        ] {
            assert_eq!(hours(word, unit), expected, "{word} {unit}");
        }
    }

    #[test]
    fn numbers_may_be_followed_by_what_epanet_does_not_see() {
        for (word, expected) in [
            ("12", Some(12.0)),
            ("-.5e2", Some(-50.0)),
            ("12\u{a0}", Some(12.0)),
            ("12m", None),
            ("1e999", None),
            ("nan", None),
            ("\u{b0}", None),
        ] {
            assert_eq!(number(word), expected, "{word}");
        }
        assert_eq!(leading_number("10kW"), 10.0);
        assert_eq!(leading_number("-1.5e3x"), -1_500.0);
        assert_eq!(leading_number("kW"), 0.0);
        assert_eq!(leading_integer("-12a"), -12);
    }
}
