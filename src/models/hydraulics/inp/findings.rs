//! What is found while a file is read: problems, and notes about what was ignored or guessed.

use std::collections::BTreeMap;

use super::line::{Line, MOST_WORDS, number};
use super::mistake::quoted;
use crate::problem::Problem;

/// More problems than this are only counted.
const MOST_PROBLEMS: usize = 100;
/// More notes of one kind are only counted.
const MOST_NOTES: usize = 3;
/// EPANET reads no more of a line at once, bytes.
const LONGEST_LINE: usize = 1_023;

/// Collects problems and notes.
#[derive(Debug, Default)]
pub(super) struct Findings {
    problems: Vec<Problem>,
    /// How many more problems there were.
    more: usize,
    notes: BTreeMap<&'static str, Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    first: Vec<Problem>,
    more: usize,
}

impl Findings {
    /// Nothing is wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Notes that something is wrong.
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Notes, under the heading `kind`, that something was ignored or guessed. The same words
    /// are noted once.
    pub(super) fn note(
        &mut self,
        kind: &'static str,
        line: impl Into<Option<u32>>,
        message: impl FnOnce() -> String,
    ) {
        let notes = self.notes.entry(kind).or_default();
        if notes.first.len() == MOST_NOTES {
            notes.more += 1;
            return;
        }
        let message = message();
        if notes.first.iter().all(|note| note.message != message) {
            notes.first.push(Problem::new(line.into(), message, ""));
        }
    }

    /// Notes words of `line` from `from` on, which nobody reads.
    pub(super) fn extra(&mut self, line: &Line<'_>, from: usize) {
        if line.len() > from {
            let word = line.word(from);
            self.note("words behind the end of a line", line.number, || {
                format!("{} and what follows is ignored", quoted(word))
            });
        }
    }

    /// Notes what is peculiar about any line.
    pub(super) fn about_line(&mut self, line: &Line<'_>) {
        if line.raw.len() > LONGEST_LINE {
            self.note("long lines", line.number, || {
                format!("the line has more than {LONGEST_LINE} characters; EPANET breaks it")
            });
        }
        if line.is_cut {
            self.note("many words", line.number, || {
                format!("as in EPANET, words after the first {MOST_WORDS} are ignored")
            });
        }
        if line.raw.is_ascii() {
            return;
        }
        let is_tailed = |word: &&&str| !word.is_ascii() && number(word).is_some();
        if let Some(word) = line.words.iter().find(is_tailed) {
            self.note("numbers with a tail", line.number, || {
                format!(
                    "{} counts as {} where a number is expected",
                    quoted(word),
                    number(word).unwrap_or_default()
                )
            });
        }
    }

    /// The problems in the order of their lines.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems.dedup();
        if self.more > 0 {
            let message = format!("and {} problems more", self.more);
            self.problems.push(Problem::new(None, message, ""));
        }
        self.problems
    }

    /// The notes in the order of their lines.
    pub(super) fn into_notes(self) -> Vec<Problem> {
        let mut notes = Vec::new();
        for (kind, of_kind) in self.notes {
            notes.extend(of_kind.first);
            if of_kind.more > 0 {
                let message = format!("{kind}: {} more like these", of_kind.more);
                notes.push(Problem::new(None, message, ""));
            }
        }
        notes.sort_by_key(|note| note.line.unwrap_or(u32::MAX));
        notes
    }
}
