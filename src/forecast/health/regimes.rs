//! Operating regimes: settings that take a few values, under each of which a machine looks
//! different.
//!
//! Columns named `setting…` tell them. Rows are gathered about the first row of each regime; where
//! there are many regimes the settings are ordinary signals, and there is one.

use serde::{Deserialize, Serialize};

use super::fleet::{Fleet, FleetUnit};

/// A row belongs to a regime within this distance, in standard deviations of the settings.
const RADIUS: f64 = 0.2;
/// More regimes are none.
const MOST: usize = 20;

/// The regimes of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Regimes {
    /// The names of the settings.
    settings: Vec<String>,
    /// The standard deviation of each.
    deviations: Vec<f64>,
    /// The settings of each regime; none if there is one regime only.
    centres: Vec<Vec<f64>>,
}

impl Regimes {
    /// Those of the units of a fleet.
    pub(super) fn of(fleet: &Fleet, units: &[&FleetUnit]) -> Self {
        let mut found = Self::default();
        let mut places = Vec::new();
        for (place, name) in fleet.signals.iter().enumerate() {
            if !name.to_lowercase().starts_with("setting") {
                continue;
            }
            let values = || {
                units
                    .iter()
                    .flat_map(|unit| unit.rows.iter().filter_map(|row| row[place]))
            };
            let count = values().count().max(1) as f64;
            let mean = values().sum::<f64>() / count;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            if variance.sqrt() > 1e-9 * mean.abs() {
                found.settings.push(name.clone());
                found.deviations.push(variance.sqrt());
                places.push(place);
            }
        }
        for row in units.iter().flat_map(|unit| &unit.rows) {
            let Some(here) = places
                .iter()
                .map(|place| row[*place])
                .collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            let near = |centre: &Vec<f64>| found.distance(centre, &here) <= RADIUS;
            if !found.centres.iter().any(near) {
                found.centres.push(here);
            }
            if found.centres.len() > MOST {
                return Self::default();
            }
        }
        match found.centres.len() {
            0 | 1 => Self::default(),
            _ => found,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.centres.len().max(1)
    }

    /// True if a signal only tells the regime.
    pub(super) fn is_setting(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| setting == name)
    }

    /// The places of the settings among the signals of a fleet; `None` if one is missing.
    pub(super) fn places(&self, fleet: &Fleet) -> Option<Vec<usize>> {
        let place = |name: &String| fleet.signals.iter().position(|other| other == name);
        self.settings.iter().map(place).collect()
    }

    /// The names of the settings.
    pub(super) fn settings(&self) -> &[String] {
        &self.settings
    }

    /// The regime of a row: the nearest; `None` where a setting is missing.
    pub(super) fn at(&self, row: &[Option<f64>], places: &[usize]) -> Option<usize> {
        if self.centres.is_empty() {
            return Some(0);
        }
        let here: Vec<f64> = places
            .iter()
            .map(|place| row[*place])
            .collect::<Option<_>>()?;
        let distances = self
            .centres
            .iter()
            .map(|centre| self.distance(centre, &here));
        let nearest = distances
            .enumerate()
            .min_by(|one, other| one.1.total_cmp(&other.1));
        nearest.map(|(regime, _)| regime)
    }

    fn distance(&self, one: &[f64], other: &[f64]) -> f64 {
        let parts = one.iter().zip(other).zip(&self.deviations);
        let squares = parts.map(|((one, other), deviation)| ((one - other) / deviation).powi(2));
        squares.sum::<f64>().sqrt()
    }
}
