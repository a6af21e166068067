//! What is wrong with a text that a person wrote, and where. Floor 0.
//!
//! A [`Problem`] names the line, the mistake and the way out. An [`Outline`] finds
//! the line of any part of a RON text, so that a check made long after parsing
//! still points at its cause.

mod outline;

use std::fmt;

pub use outline::{Outline, Step};

/// One mistake in a text, for the person who can mend it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, where it is another than the one that was opened: one that it imports.
    pub file: Option<String>,
    /// The line, counted from 1; `None` if the whole text is meant.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// How to mend it; empty if the message says it all.
    pub hint: String,
}

impl Problem {
    /// A problem on `line`.
    pub fn new(line: Option<u32>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            file: None,
            line,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The same problem in `file`, which the opened one imports; one that has a file keeps it.
    pub fn in_file(self, file: &str) -> Self {
        Self {
            file: self.file.or_else(|| Some(file.to_owned())),
            ..self
        }
    }

    /// The problem as a compiler would print it: `scene.ron:12: message` and the hint below.
    ///
    /// `file` is the one that was opened.
    pub fn located<'a>(&'a self, file: &'a str) -> impl fmt::Display + 'a {
        Located {
            problem: self,
            file,
        }
    }
}

struct Located<'a> {
    problem: &'a Problem,
    file: &'a str,
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.problem.file.as_deref().unwrap_or(self.file);
        match self.problem.line {
            Some(line) => write!(f, "{file}:{line}: {}", self.problem.message)?,
            None => write!(f, "{file}: {}", self.problem.message)?,
        }
        if !self.problem.hint.is_empty() {
            write!(f, "\n    {}", self.problem.hint)?;
        }
        Ok(())
    }
}

/// Longer texts are not slips of the finger, and comparing them takes too long.
const LONGEST_WORD: usize = 200;

/// The entry of `known` that is most like `word`, for "did you mean".
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LONGEST_WORD {
        return None;
    }
    let limit = (length / 3).max(1);
    known
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// A hint that offers the nearest known word, or lists the known ones.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(word, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let mut names: Vec<_> = known.into_iter().collect();
    names.sort_unstable();
    match names.len() {
        0 => String::new(),
        1..=12 => format!("known are {}", names.join(", ")),
        more => format!("known are {}, ... ({more} in all)", names[..10].join(", ")),
    }
}

/// Edits from one word to the other, ignoring case: a letter more, less or another, or two
/// neighbours exchanged (optimal string alignment).
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            let exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if exchanged {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["raw_pump", "tank", "valve"];
        assert_eq!(did_you_mean("raw_pmup", known), "did you mean `raw_pump`?");
        assert_eq!(
            did_you_mean("reactor", known),
            "known are raw_pump, tank, valve"
        );
        assert_eq!(did_you_mean("tga", ["at", "tag"]), "did you mean `tag`?");
    }

    #[test]
    fn a_problem_reads_like_a_compilers() {
        let problem = Problem::new(Some(12), "asset `P-1` has no type", "add `type`");
        assert_eq!(
            problem.located("plant.ron").to_string(),
            "plant.ron:12: asset `P-1` has no type\n    add `type`"
        );
        let imported = problem.in_file("net.inp").in_file("other.inp");
        let text = imported.located("plant.ron").to_string();
        assert!(text.starts_with("net.inp:12: "), "{text}");
    }
}
