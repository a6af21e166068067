//! How far to trust a forecast: proper scores by lead time, against forecasts that need no model.
//!
//! Floor 3: scene and history, no runs. A [`Case`] is one forecast of one signal and what then
//! happened; a [`Scorer`] takes in the cases of one forecast after another and keeps a
//! [`SkillTable`]; a [`PastForecast`] finds the cases of a run that lies in the history. What is
//! recorded of a day before is a forecast too: [`repeat`]. What deviates from its own past is an
//! [`anomaly`]; how long a machine will last is a question of its [`health`].

pub mod anomaly;
mod baseline;
mod differences;
pub mod health;
mod lead;
mod measured;
mod past_forecast;
mod score;
mod scorer;
mod table;
mod verdict;

pub use baseline::{RepeatError, day_before, repeat};
pub use differences::Differences;
pub use lead::Lead;
pub use measured::{measured_at, usable_value};
pub use past_forecast::PastForecast;
pub use score::{
    Basis, Case, Predicted, Score, brier, crps_of_members, crps_of_quantiles, wilson_interval,
};
pub use scorer::Scorer;
pub use table::{ModelSkill, SignalSkill, SkillRow, SkillTable, Subject};
pub use verdict::{Baseline, Judgement, MIN_RUNS, Verdict};
