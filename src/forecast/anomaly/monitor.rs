//! One monitor: some indicators, what they were in training, and a limit.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::budget::quadratic_limit;

/// How many times training is cut for forward chaining.
const FOLDS: usize = 16;
/// A deviation counts for no more than this many scales when the scale is found.
const WINSOR: f64 = 3.0;

/// What a monitor looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonitorKind {
    /// The levels of the signals, each for itself.
    Level,
    /// The levels of the signals, and how they move together.
    Correlation,
    /// How much the signals scatter.
    Spread,
}

/// A monitor as it was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Monitor {
    pub(super) kind: MonitorKind,
    /// The mean of each indicator.
    pub(super) means: Vec<f64>,
    /// The scale of each indicator.
    scales: Vec<f64>,
    /// R⁻¹ by rows; empty for the identity.
    precision: Vec<f64>,
    /// The value of Q above which a row is flagged.
    limit: f64,
}

/// What a monitor says about a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// √(Q / limit).
    pub(super) score: f64,
    /// The share of each signal in Q.
    pub(super) shares: Vec<f64>,
}

/// How a monitor is trained.
pub(super) struct Recipe {
    pub(super) kind: MonitorKind,
    /// The length of the window, rows.
    pub(super) window: usize,
    /// 1: signals are taken as independent; 0: correlated as they were in training.
    pub(super) shrinkage: f64,
    /// The share of windows that may be flagged by chance.
    pub(super) share: f64,
    /// The limit is widened by this factor, in terms of z.
    pub(super) margin: f64,
    /// No scale is below.
    pub(super) floors: Vec<f64>,
}

impl Monitor {
    /// Trains on indicators, one row after another.
    pub(super) fn train(recipe: &Recipe, rows: &[Vec<Option<f64>>]) -> Self {
        let width = recipe.floors.len();
        let mut chained = chain(rows, width, recipe.window);
        let scales = scales(&chained, &recipe.floors);
        for row in &mut chained {
            for (value, scale) in row.iter_mut().zip(&scales) {
                *value /= scale;
            }
        }
        let precision = if recipe.shrinkage < 1.0 {
            precision(&chained, width, recipe.shrinkage)
        } else {
            Vec::new()
        };
        let settled = rows.get(recipe.window - 1..).unwrap_or_default();
        let mut monitor = Self {
            kind: recipe.kind,
            means: means(settled, width),
            scales,
            precision,
            limit: 1.0,
        };
        let quadratic: Vec<f64> = chained.iter().map(|z| monitor.quadratic(z).0).collect();
        let count = quadratic.len().max(1) as f64;
        let mean = quadratic.iter().sum::<f64>() / count;
        let variance = quadratic.iter().map(|q| (q - mean).powi(2)).sum::<f64>() / count;
        monitor.limit =
            quadratic_limit(mean, variance, recipe.share) * recipe.margin * recipe.margin;
        monitor
    }

    /// True if its parts are those of so many signals.
    pub(super) fn fits(&self, width: usize) -> bool {
        let precision = self.precision.len();
        self.means.len() == width
            && self.scales.len() == width
            && (precision == 0 || precision == width * width)
    }

    /// Looks at a row of indicators, each with a weight, about `means`.
    pub(super) fn look(&self, row: &[Option<f64>], weights: &[f64], means: &[f64]) -> Finding {
        let z: Vec<f64> = (0..self.scales.len())
            .map(|place| {
                let deviation = row[place].map(|value| value - means[place]);
                deviation.unwrap_or(0.0) / self.scales[place] * weights[place]
            })
            .collect();
        let (q, shares) = self.quadratic(&z);
        Finding {
            score: (q / self.limit).sqrt(),
            shares,
        }
    }

    /// Q of deviations in scales, and the share of each in it.
    fn quadratic(&self, z: &[f64]) -> (f64, Vec<f64>) {
        let width = z.len();
        let parts: Vec<f64> = if self.precision.is_empty() {
            z.iter().map(|z| z * z).collect()
        } else {
            let rows = self.precision.chunks_exact(width);
            let turned = rows.map(|row| row.iter().zip(z).map(|(r, z)| r * z).sum::<f64>());
            z.iter().zip(turned).map(|(z, turned)| z * turned).collect()
        };
        let q = parts.iter().sum::<f64>().max(0.0) / width.max(1) as f64;
        let positive: f64 = parts.iter().filter(|part| **part > 0.0).sum();
        let shares = parts
            .iter()
            .map(|part| part.max(0.0) / positive.max(1e-300));
        (q, shares.collect())
    }
}

/// Deviations of rows from the mean of the rows before a cut, for many cuts. A row that shares
/// values with the window at the cut is left out. What is missing deviates by nothing.
fn chain(rows: &[Vec<Option<f64>>], width: usize, window: usize) -> Vec<Vec<f64>> {
    let settled = window - 1;
    let first = (rows.len() / 4).max(settled + 1);
    let last = rows.len().saturating_sub(window);
    let stride = (rows.len() / FOLDS).max(1);
    let mut chained = Vec::new();
    for cut in (first..last).step_by(stride) {
        let known = means(&rows[settled..cut], width);
        for row in &rows[cut + window..] {
            let deviations = row.iter().zip(&known);
            let deviations =
                deviations.map(|(value, mean)| value.map_or(0.0, |value| value - mean));
            chained.push(deviations.collect());
        }
    }
    chained
}

/// The mean of each column over what is known; zero where nothing is.
fn means(rows: &[Vec<Option<f64>>], width: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_usize); width];
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            if let Some(value) = value {
                sum.0 += value;
                sum.1 += 1;
            }
        }
    }
    let mean = |(sum, count): (f64, usize)| sum / count.max(1) as f64;
    sums.into_iter().map(mean).collect()
}

/// The root mean square of each column, once more with what lies far out pulled in.
fn scales(chained: &[Vec<f64>], floors: &[f64]) -> Vec<f64> {
    let root = |place: usize, most: f64| {
        let squares = chained.iter().map(|row| row[place].abs().min(most).powi(2));
        (squares.sum::<f64>() / chained.len().max(1) as f64).sqrt()
    };
    let scale = |(place, floor): (usize, &f64)| {
        let first = root(place, f64::INFINITY);
        root(place, WINSOR * first).max(*floor)
    };
    floors.iter().enumerate().map(scale).collect()
}

/// The inverse of the correlations, shrunk towards independence.
fn precision(chained: &[Vec<f64>], width: usize, shrinkage: f64) -> Vec<f64> {
    let count = chained.len().max(1) as f64;
    let mut matrix = DMatrix::<f64>::identity(width, width) * shrinkage;
    for i in 0..width {
        for j in 0..=i {
            let product: f64 = chained.iter().map(|row| row[i] * row[j]).sum();
            let entry = (1.0 - shrinkage) * product / count;
            matrix[(i, j)] += entry;
            if i != j {
                matrix[(j, i)] += entry;
            }
        }
    }
    match matrix.cholesky() {
        Some(factor) => factor.inverse().as_slice().to_vec(),
        None => Vec::new(), // not finite: the signals are taken as independent
    }
}
