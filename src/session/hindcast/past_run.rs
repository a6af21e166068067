//! A run of the program as a forecast that can be scored.

use super::past::unfit_at;
use crate::forecast::{PastForecast, Subject};
use crate::history::History;
use crate::scene::Scene;
use crate::signal::{Origin, SignalId};
use crate::simulation::{Plant, RunRecord};

/// What scores a run of the program as its future becomes the past; `None` while the plant at its
/// analysis time is being loaded.
///
/// As of a hindcast, only what starts from values that were fit counts.
pub fn past_forecast(
    record: &RunRecord,
    scene: &Scene,
    plant: &Plant,
    history: &History,
) -> Option<PastForecast> {
    if history.is_coming_at(Origin::Measured, record.start) {
        return None;
    }
    let unfit = unfit_at(scene, history, record.start);
    let outputs = plant.outputs().iter().copied();
    let is_fit = |signal: SignalId| {
        let all_fit = || {
            let mut from = plant.starts_from(signal).into_iter();
            from.all(|id| !unfit.contains(&id))
        };
        unfit.is_empty() || all_fit()
    };
    let counts = |signal: &SignalId| {
        let computed = plant.model_of(*signal).is_some();
        scene.signal(*signal).measured && computed && is_fit(*signal)
    };
    let signals: Vec<_> = outputs.filter(counts).collect();
    let subject = |id: &SignalId| Subject::of(scene, *id, plant.model_of(*id));
    let subjects = signals.iter().map(subject).collect();
    let (step, horizon) = (record.scenario.step, record.scenario.horizon);
    let forecast = PastForecast::new(record.id, record.start, step, horizon, signals, subjects);
    Some(forecast)
}
