//! Skill by signal and lead time: what is kept of all cases.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::verdict::judge;
use super::{Judgement, Lead, Score, Verdict};
use crate::scene::Scene;
use crate::signal::SignalId;

/// A signal whose forecasts are scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The signal, `tag.signal`.
    pub signal: String,
    /// The model that computes it, if one does.
    pub model: Option<String>,
    /// True for a state such as running or stopped.
    pub is_state: bool,
    /// What no screen shows, SI: a smaller gain is none.
    pub margin: f64,
    /// The width of its ordinary range, SI, to compare it with other signals.
    pub scale: f64,
}

/// The scores of one signal, by lead time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalSkill {
    /// The signal.
    pub subject: Subject,
    scores: Vec<Score>,
}

/// The skill of forecasts, by signal and lead time. Its size does not depend on how many there
/// were.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SkillTable {
    signals: BTreeMap<String, SignalSkill>,
}

/// A signal at a lead time. Values are SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkillRow<'a> {
    /// The signal.
    pub subject: &'a Subject,
    /// The lead time.
    pub lead: Lead,
    /// How forecasts did.
    pub score: &'a Score,
    /// What they are worth.
    pub judgement: Judgement,
}

/// All signals of a model at a lead time.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSkill {
    /// The model.
    pub model: String,
    /// The lead time.
    pub lead: Lead,
    /// Signals with this verdict: skilful, no better, worse, unknown.
    pub verdicts: [usize; 4],
    /// 1 less its loss over that of persistence, each signal measured by its range.
    pub skill: Option<f64>,
}

impl Subject {
    /// A signal of a scene, and the model that computes it.
    pub fn of(scene: &Scene, signal: SignalId, model: Option<&str>) -> Self {
        let about = scene.signal(signal);
        let is_state = !about.states.is_empty();
        let decimals = i32::try_from(about.decimals).unwrap_or(i32::MAX);
        let last_digit = about.unit.span_to_si(10_f64.powi(-decimals)).abs();
        Self {
            signal: about.full_name.clone(),
            model: model.map(str::to_owned),
            is_state,
            margin: if is_state { 0.0 } else { 0.5 * last_digit },
            scale: about.range.1 - about.range.0,
        }
    }
}

impl SignalSkill {
    fn new(subject: Subject) -> Self {
        Self {
            subject,
            scores: vec![Score::default(); Lead::COUNT],
        }
    }

    /// The score at a lead time.
    pub fn score(&self, lead: Lead) -> Option<&Score> {
        self.scores.get(lead.index())
    }

    /// The verdict at a lead time.
    pub fn judge(&self, lead: Lead) -> Option<Judgement> {
        let score = self.score(lead)?;
        Some(judge(score, self.subject.margin))
    }

    /// The signal at a lead time, if something is known of it there.
    pub fn row(&self, lead: Lead) -> Option<SkillRow<'_>> {
        let score = self.score(lead)?;
        (score.count > 0 || score.left_out > 0).then(|| SkillRow {
            subject: &self.subject,
            lead,
            score,
            judgement: judge(score, self.subject.margin),
        })
    }
}

impl SkillTable {
    /// What is known of a signal.
    pub fn signal(&self, full_name: &str) -> Option<&SignalSkill> {
        self.signals.get(full_name)
    }

    /// True if nothing was scored.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// Every signal and lead time of which something is known, signals in order of their names.
    pub fn rows(&self) -> impl Iterator<Item = SkillRow<'_>> {
        let signals = self.signals.values();
        signals.flat_map(|signal| Lead::all().filter_map(|lead| signal.row(lead)))
    }

    /// How many rows have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        let rows = self.rows();
        rows.filter(|row| row.judgement.verdict == verdict).count()
    }

    /// The models at every lead time of which something is known.
    pub fn models(&self) -> Vec<ModelSkill> {
        #[derive(Default)]
        struct Sum {
            verdicts: [usize; 4],
            own: f64,
            persistence: f64,
        }
        let mut sums: BTreeMap<(&str, Lead), Sum> = BTreeMap::new();
        for row in self.rows() {
            let Some(model) = &row.subject.model else {
                continue;
            };
            let sum = sums.entry((model, row.lead)).or_default();
            sum.verdicts[row.judgement.verdict as usize] += 1;
            let (against, scale) = (&row.score.persistence, row.subject.scale);
            if against.count > 0 && scale > 0.0 {
                let weight = 1.0 / (scale * against.count as f64);
                sum.own += against.own_loss * weight;
                sum.persistence += against.loss * weight;
            }
        }
        let models = sums.into_iter().map(|((model, lead), sum)| ModelSkill {
            model: model.to_owned(),
            lead,
            verdicts: sum.verdicts,
            skill: (sum.persistence > 0.0).then(|| 1.0 - sum.own / sum.persistence),
        });
        models.collect()
    }

    /// Takes in what another table knows. A signal that both know keeps what is here said about
    /// it.
    pub fn merge(&mut self, other: &Self) {
        for skill in other.signals.values() {
            for (lead, score) in Lead::all().zip(&skill.scores) {
                self.take(&skill.subject, lead, score);
            }
        }
    }

    /// Takes in a score of a signal at a lead time.
    pub(super) fn take(&mut self, subject: &Subject, lead: Lead, score: &Score) {
        if score.count == 0 && score.left_out == 0 {
            return;
        }
        let skill = match self.signals.get_mut(&subject.signal) {
            Some(known) => known,
            None => self
                .signals
                .entry(subject.signal.clone())
                .or_insert_with(|| SignalSkill::new(subject.clone())),
        };
        // A table that was read from a file may have been cut.
        skill.scores.resize(Lead::COUNT, Score::default());
        skill.scores[lead.index()].merge(score);
    }
}

impl SkillRow<'_> {
    /// The RMSE of persistence over the same truths, SI.
    pub fn persistence_rmse(&self) -> Option<f64> {
        self.score.persistence.rmse()
    }

    /// The mean loss of persistence: its mean absolute error, SI, or Brier score.
    pub fn persistence_loss(&self) -> Option<f64> {
        self.score.persistence.loss()
    }

    /// The mean loss of the day before.
    pub fn day_before_loss(&self) -> Option<f64> {
        self.score.day_before.loss()
    }

    /// Skill against persistence: 1 is perfect, 0 no better, below 0 worse.
    pub fn skill(&self) -> Option<f64> {
        self.score.persistence.skill()
    }

    /// Skill against the day before.
    pub fn day_before_skill(&self) -> Option<f64> {
        self.score.day_before.skill()
    }
}
