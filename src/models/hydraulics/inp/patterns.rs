//! Patterns of time.

use super::draft::Draft;
use super::line::Line;
use super::mistake::Mistake;

/// Factors, step by step.
pub(super) struct PatternDraft<'a> {
    pub(super) id: &'a str,
    pub(super) factors: Vec<f64>,
}

impl<'a> PatternDraft<'a> {
    /// A pattern without any factor.
    pub(super) fn new(id: &'a str) -> Self {
        Self {
            id,
            factors: Vec::new(),
        }
    }
}

/// A line of [PATTERNS]: more factors of one.
pub(super) fn pattern<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    line.need(2, "id and factors")?;
    let Some(pattern) = draft.pattern(line.word(0))? else {
        return Err(Mistake::new(205, "the pattern has no name", "give it one"));
    };
    for index in 1..line.len() {
        let factor = line.number(index, "factor")?;
        draft.patterns[pattern].factors.push(factor);
    }
    Ok(())
}
