//! Takes in the cases of one forecast and hands them to a table.

use std::sync::Arc;
use std::time::Duration;

use super::{Case, Lead, Score, SkillTable, Subject};

/// The cases of one forecast, by signal and lead time.
#[derive(Clone, Debug)]
pub struct Scorer {
    subjects: Arc<[Subject]>,
    /// Subjects × leads.
    scores: Vec<Score>,
}

impl Scorer {
    /// Scores forecasts of these.
    pub fn new(subjects: Arc<[Subject]>) -> Self {
        Self {
            scores: vec![Score::default(); subjects.len() * Lead::COUNT],
            subjects,
        }
    }

    /// Whose forecasts are scored.
    pub fn subjects(&self) -> &Arc<[Subject]> {
        &self.subjects
    }

    /// Takes in a case. One at the analysis time, or with a value that is no number, says nothing.
    pub fn add(&mut self, case: &Case<'_>) {
        let told = match case.predicted {
            super::Predicted::Value(value) => value.is_finite(),
            super::Predicted::Quantiles(low, middle, high) => {
                low.is_finite() && middle.is_finite() && high.is_finite()
            }
            super::Predicted::Members(sorted) => {
                !sorted.is_empty() && sorted.iter().all(|value| value.is_finite())
            }
        };
        if !told || !case.truth.is_finite() {
            return;
        }
        let Some(place) = self.place(case.subject, case.ahead) else {
            return;
        };
        self.scores[place].add(case, self.subjects[case.subject].is_state);
    }

    /// Notes a value that cannot be scored.
    pub fn leave_out(&mut self, subject: usize, ahead: Duration) {
        if let Some(place) = self.place(subject, ahead) {
            self.scores[place].left_out += 1;
        }
    }

    /// Adds what was taken in so far to `table`, as one run.
    pub fn add_to(&self, table: &mut SkillTable) {
        for (subject, scores) in self.subjects.iter().zip(self.scores.chunks(Lead::COUNT)) {
            for (lead, score) in Lead::all().zip(scores) {
                table.take(subject, lead, &score.close_run());
            }
        }
    }

    fn place(&self, subject: usize, ahead: Duration) -> Option<usize> {
        let lead = Lead::of(ahead)?;
        (subject < self.subjects.len()).then(|| subject * Lead::COUNT + lead.index())
    }
}
