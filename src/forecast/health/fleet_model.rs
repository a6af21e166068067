//! A model of a fleet: from the signals of a unit to its remaining life.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::calibration::Calibration;
use super::features::FeatureSpec;
use super::fleet::{Fleet, FleetUnit};
use super::fleet_skill::FleetSkill;
use super::kernel::KernelRidge;
use super::training::FleetSettings;

/// The form of a written model.
const FORMAT: u32 = 1;
/// The probability of the interval.
pub(super) const INTERVAL: f64 = 0.8;

/// Why a model cannot be trained or used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ModelError {
    /// Nobody says when units fail.
    #[error(
        "the fleet has no column `rul`; add it, or say that every unit ran until it failed with \
         --run-to-failure"
    )]
    NoLabels,
    /// There is too little to learn from.
    #[error("{units} units with labels are too few to learn from; {needed} are needed")]
    TooFewUnits {
        /// The units that there are.
        units: usize,
        /// The units that it takes.
        needed: usize,
    },
    /// Every signal is constant or missing.
    #[error("no signal can be used: {}", .0.join(", "))]
    NoSignals(Vec<String>),
    /// The fit has no solution.
    #[error("the fit has no solution; look for values that are far out of range")]
    NoFit,
    /// A setting makes no sense.
    #[error("{0}")]
    Setting(&'static str),
    /// The fleet lacks signals that the model knows.
    #[error("the model was trained with signals that are not here: {}", .signals.join(", "))]
    MissingSignals {
        /// Their names.
        signals: Vec<String>,
    },
    /// A file is no model.
    #[error("not a model of a fleet: {0}")]
    Unreadable(String),
    /// A file is newer than this program.
    #[error("model format {0} is newer than {FORMAT}; use a newer Parallax")]
    TooNew(u32),
}

/// What a model was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainedOn {
    /// Units.
    pub units: usize,
    /// Rows.
    pub rows: usize,
    /// What was odd about them.
    pub notes: Vec<String>,
}

/// The remaining life of a unit at a row, in the unit of time of the fleet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RulEstimate {
    /// The time of the row.
    pub time: f64,
    /// The estimate, no more than the cap.
    pub rul: f64,
    /// The lower end of the 80 % interval.
    pub low: f64,
    /// The upper end; the cap means the cap or more.
    pub high: f64,
}

/// What was learned from a fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetModel {
    pub(super) format: u32,
    /// The version of the program that trained it.
    pub version: String,
    /// How it was trained.
    pub settings: FleetSettings,
    /// What it was trained on.
    pub trained: TrainedOn,
    /// The signals that it uses.
    pub signals: Vec<String>,
    /// The signals that it does not use, and why.
    pub ignored: Vec<String>,
    /// The names of its features.
    pub features: Vec<String>,
    /// How good it was on units that were held out, by cross-validation.
    pub held_out: FleetSkill,
    pub(super) spec: FeatureSpec,
    /// The weight of each feature in distances.
    pub(super) weights: Vec<f64>,
    pub(super) feature_means: Vec<f64>,
    pub(super) members: Vec<KernelRidge>,
    pub(super) calibration: Calibration,
}

impl FleetModel {
    pub(super) const FORMAT: u32 = FORMAT;

    /// The remaining life of each unit of a fleet at its last row.
    pub fn estimate_last(&self, fleet: &Fleet) -> Result<Vec<Option<RulEstimate>>, ModelError> {
        let spec = self.spec_for(fleet)?;
        let last = |unit: &FleetUnit| {
            let features = spec.of(unit);
            let (time, row) = (unit.times.last()?, features.last()?);
            Some(self.estimate(*time, row))
        };
        Ok(fleet.units.iter().map(last).collect())
    }

    /// The remaining life of each unit of a fleet at each of its rows, from that and earlier ones.
    pub fn estimate_all(&self, fleet: &Fleet) -> Result<Vec<Vec<RulEstimate>>, ModelError> {
        let spec = self.spec_for(fleet)?;
        let all = |unit: &FleetUnit| {
            let features = spec.of(unit);
            let rows = unit.times.iter().zip(&features);
            rows.map(|(time, row)| self.estimate(*time, row)).collect()
        };
        Ok(fleet.units.iter().map(all).collect())
    }

    /// How good estimates are where the fleet says the truth; `None` if it nowhere does.
    pub fn skill(&self, fleet: &Fleet, every_row: bool) -> Result<Option<FleetSkill>, ModelError> {
        let mut cases = Vec::new();
        let estimates = if every_row {
            self.estimate_all(fleet)?
        } else {
            let last = self.estimate_last(fleet)?;
            last.into_iter()
                .map(|one| one.into_iter().collect())
                .collect()
        };
        for (unit, estimates) in fleet.units.iter().zip(estimates) {
            let first = unit.labels.len().saturating_sub(estimates.len());
            for (one, truth) in estimates.iter().zip(&unit.labels[first..]) {
                if let Some(truth) = truth {
                    cases.push((one.rul, one.low, one.high, *truth));
                }
            }
        }
        Ok((!cases.is_empty()).then(|| FleetSkill::of(&cases, self.settings.cap)))
    }

    /// The model as text for a file.
    pub fn to_json(&self) -> Result<String, ModelError> {
        serde_json::to_string(self).map_err(|error| ModelError::Unreadable(error.to_string()))
    }

    /// Reads a model that was written.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let unreadable = |error: serde_json::Error| ModelError::Unreadable(error.to_string());
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        if head.format > FORMAT {
            return Err(ModelError::TooNew(head.format));
        }
        let model: Self = serde_json::from_str(text).map_err(unreadable)?;
        let (spec, width) = (&model.spec, model.spec.width());
        let count = model.signals.len();
        let regimes = spec.regimes.count();
        let by_regime = |part: &Vec<Vec<f64>>| {
            part.len() == count && part.iter().all(|one| one.len() == regimes)
        };
        let sized = by_regime(&spec.means)
            && by_regime(&spec.deviations)
            && spec.places.len() == count
            && model.weights.len() == width
            && model.feature_means.len() == width
            && !model.members.is_empty()
            && model.members.iter().all(|member| member.fits(width));
        match sized {
            true => Ok(model),
            false => Err(ModelError::Unreadable(
                "its parts do not fit together; train it again".to_owned(),
            )),
        }
    }

    fn estimate(&self, time: f64, features: &[f64]) -> RulEstimate {
        let point = weighted(features, &self.feature_means, &self.weights);
        let sum: f64 = self.members.iter().map(|member| member.at(&point)).sum();
        let cap = self.settings.cap;
        let rul = (sum / self.members.len() as f64).clamp(0.0, cap);
        let (low, high) = self.calibration.interval(rul, INTERVAL, cap);
        RulEstimate {
            time,
            rul,
            low,
            high,
        }
    }

    /// The features with the places of this fleet's signals.
    fn spec_for(&self, fleet: &Fleet) -> Result<FeatureSpec, ModelError> {
        let place = |name: &String| fleet.signals.iter().position(|other| other == name);
        let places: Vec<_> = self.signals.iter().map(place).collect();
        let missing = self.signals.iter().zip(&places);
        let missing: Vec<_> = missing
            .filter(|(_, place)| place.is_none())
            .map(|(name, _)| name.clone())
            .collect();
        if !missing.is_empty() {
            return Err(ModelError::MissingSignals { signals: missing });
        }
        let settings = settings_places(&self.spec, fleet)?;
        Ok(FeatureSpec {
            places: places.into_iter().flatten().collect(),
            settings,
            ..self.spec.clone()
        })
    }
}

/// Where the settings that tell the regime stand in a fleet.
fn settings_places(spec: &FeatureSpec, fleet: &Fleet) -> Result<Vec<usize>, ModelError> {
    let missing = || ModelError::MissingSignals {
        signals: spec.regimes.settings().to_vec(),
    };
    spec.regimes.places(fleet).ok_or_else(missing)
}

/// Features as coordinates whose distances count.
pub(super) fn weighted(features: &[f64], means: &[f64], weights: &[f64]) -> Vec<f64> {
    let features = features.iter().zip(means).zip(weights);
    features
        .map(|((value, mean), weight)| (value - mean) * weight)
        .collect()
}
