//! What an estimator sees of a unit at a row: the row and earlier ones.
//!
//! Of each signal three exponential averages, by their time constants, and the slope over a trailing
//! stretch, drawn to zero where the stretch is short; and the age of the unit. Times count in
//! steps of the fleet, so that gaps count as long as they are.

use serde::{Deserialize, Serialize};

use super::fleet::FleetUnit;
use super::regimes::Regimes;

/// What the features are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FeatureSpec {
    /// The places of the signals in a fleet's rows.
    pub(super) places: Vec<usize>,
    /// The regimes of operation.
    pub(super) regimes: Regimes,
    /// The places of the settings that tell the regime.
    pub(super) settings: Vec<usize>,
    /// The mean of each signal in training, by regime.
    pub(super) means: Vec<Vec<f64>>,
    /// The standard deviation of each signal in training, by regime.
    pub(super) deviations: Vec<Vec<f64>>,
    /// The median step of time in training.
    pub(super) step: f64,
    /// The time constants of the averages, steps.
    pub(super) constants: Vec<f64>,
    /// The length of the stretch of the slope, steps.
    pub(super) stretch: f64,
}

impl FeatureSpec {
    /// How many features there are.
    pub(super) fn width(&self) -> usize {
        self.places.len() * (self.constants.len() + 1) + 1
    }

    /// Their names, by those of the signals.
    pub(super) fn names(&self, signals: &[String]) -> Vec<String> {
        let mut names = Vec::with_capacity(self.width());
        for name in signals {
            for constant in &self.constants {
                names.push(format!("{name} averaged over {constant}"));
            }
            names.push(format!("{name} slope over {}", self.stretch));
        }
        names.push("age".to_owned());
        names
    }

    /// The features of every row of a unit.
    pub(super) fn of(&self, unit: &FleetUnit) -> Vec<Vec<f64>> {
        let mut features = vec![Vec::with_capacity(self.width()); unit.times.len()];
        let Some(start) = unit.times.first() else {
            return features;
        };
        let ages: Vec<f64> = unit
            .times
            .iter()
            .map(|time| (time - start) / self.step)
            .collect();
        let regime = |row: &Vec<Option<f64>>| self.regimes.at(row, &self.settings);
        let regimes: Vec<Option<usize>> = unit.rows.iter().map(regime).collect();
        for (column, place) in self.places.iter().enumerate() {
            let (means, deviations) = (&self.means[column], &self.deviations[column]);
            let scaled = |(row, regime): (&Vec<Option<f64>>, &Option<usize>)| {
                let regime = (*regime)?;
                Some((row[*place]? - means[regime]) / deviations[regime])
            };
            let values: Vec<Option<f64>> = unit.rows.iter().zip(&regimes).map(scaled).collect();
            for constant in &self.constants {
                let averages = averages(&ages, &values, *constant);
                append(&mut features, averages);
            }
            append(&mut features, self.slopes(&ages, &values));
        }
        append(&mut features, ages.iter().map(|age| age / 100.0).collect());
        features
    }

    fn slopes(&self, ages: &[f64], values: &[Option<f64>]) -> Vec<f64> {
        // What the squared times of a full stretch sum up to, halved: a short one counts less.
        let drawn = self.stretch.powi(3) / 24.0;
        let mut first = 0;
        let slope = |last: usize| {
            while ages[last] - ages[first] >= self.stretch {
                first += 1;
            }
            let known = (first..=last).filter_map(|row| Some((ages[row], values[row]?)));
            let (mut count, mut time, mut value) = (0.0, 0.0, 0.0);
            for (t, v) in known.clone() {
                count += 1.0;
                time += t;
                value += v;
            }
            if count < 3.0 {
                return 0.0;
            }
            let (time, value) = (time / count, value / count);
            let (mut squares, mut products) = (0.0, 0.0);
            for (t, v) in known {
                squares += (t - time).powi(2);
                products += (t - time) * (v - value);
            }
            self.stretch * products / (squares + drawn)
        };
        (0..ages.len()).map(slope).collect()
    }
}

/// Exponential averages; the mean of training, zero, before anything is known.
fn averages(ages: &[f64], values: &[Option<f64>], constant: f64) -> Vec<f64> {
    let (mut average, mut weight, mut before) = (0.0, 0.0, 0.0);
    let step = |(age, value): (&f64, &Option<f64>)| {
        weight *= (-(age - before) / constant).exp();
        before = *age;
        if let Some(value) = value {
            weight += 1.0;
            average += (value - average) / weight;
        }
        average
    };
    ages.iter().zip(values).map(step).collect()
}

fn append(features: &mut [Vec<f64>], column: Vec<f64>) {
    for (row, value) in features.iter_mut().zip(column) {
        row.push(value);
    }
}
