//! Kernel ridge regression with a Gaussian kernel: the mean of a Gaussian process.
//!
//! ```text
//! f(x) = ȳ + Σ αᵢ exp(−|x − xᵢ|² / (ℓ d))     (K + λ I) α = y − ȳ
//! ```
//!
//! d is the median squared distance of the points. C. E. Rasmussen, C. K. I. Williams, Gaussian
//! Processes for Machine Learning (2006), chapter 2.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

/// Points that the median distance is taken of.
const DISTANCES: usize = 300;

/// A fitted function. Points are kept as `f32`, and are rounded so before the fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct KernelRidge {
    points: Vec<Vec<f32>>,
    weights: Vec<f64>,
    mean: f64,
    /// ℓ d.
    scale: f64,
}

impl KernelRidge {
    /// Fits; `length` is ℓ, `ridge` is λ > 0. `None` without points or if a value is not finite.
    pub(super) fn fit(points: &[&[f64]], targets: &[f64], length: f64, ridge: f64) -> Option<Self> {
        let rounded = |point: &&[f64]| point.iter().map(|value| *value as f32).collect();
        let points: Vec<Vec<f32>> = points.iter().map(rounded).collect();
        let count = points.len();
        if count == 0 {
            return None;
        }
        let mean = targets.iter().sum::<f64>() / count as f64;
        let scale = length * median_distance(&points).max(1e-12);
        let mut kernel = DMatrix::<f64>::zeros(count, count);
        for column in 0..count {
            for row in column..count {
                // The lower half is all that the factorisation reads.
                kernel[(row, column)] = (-distance(&points[row], &points[column]) / scale).exp();
            }
            kernel[(column, column)] += ridge;
        }
        let centred = targets.iter().map(|target| target - mean);
        let targets = DVector::from_iterator(count, centred);
        let weights = kernel.cholesky()?.solve(&targets);
        let finite = weights.iter().all(|weight| weight.is_finite());
        finite.then(|| Self {
            points,
            weights: weights.as_slice().to_vec(),
            mean,
            scale,
        })
    }

    /// The value at a point.
    pub(super) fn at(&self, point: &[f64]) -> f64 {
        let point: Vec<f32> = point.iter().map(|value| *value as f32).collect();
        let terms = self.points.iter().zip(&self.weights);
        let terms =
            terms.map(|(known, weight)| weight * (-distance(known, &point) / self.scale).exp());
        self.mean + terms.sum::<f64>()
    }

    /// True if its parts fit together and its points are so wide.
    pub(super) fn fits(&self, width: usize) -> bool {
        let wide = self.points.iter().all(|point| point.len() == width);
        wide && self.points.len() == self.weights.len() && self.scale > 0.0
    }
}

fn distance(one: &[f32], other: &[f32]) -> f64 {
    let squares = one
        .iter()
        .zip(other)
        .map(|(one, other)| (one - other) * (one - other));
    f64::from(squares.sum::<f32>())
}

fn median_distance(points: &[Vec<f32>]) -> f64 {
    let some = &points[..points.len().min(DISTANCES)];
    let mut distances = Vec::with_capacity(some.len() * some.len() / 2);
    for (place, one) in some.iter().enumerate() {
        distances.extend(some[..place].iter().map(|other| distance(one, other)));
    }
    distances.sort_by(f64::total_cmp);
    distances.get(distances.len() / 2).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smooth_function_is_learned_between_its_points() {
        let points: Vec<[f64; 1]> = (0..60).map(|step| [0.1 * f64::from(step)]).collect();
        let targets: Vec<f64> = points.iter().map(|[x]| 5.0 + x.sin()).collect();
        let points: Vec<&[f64]> = points.iter().map(|point| point.as_slice()).collect();
        let fitted = KernelRidge::fit(&points, &targets, 0.2, 1e-4).expect("points");
        for x in [0.55, 2.35, 4.75] {
            assert!((fitted.at(&[x]) - 5.0 - f64::sin(x)).abs() < 0.01, "{x}");
        }
        assert!(KernelRidge::fit(&[], &[], 1.0, 0.1).is_none());
    }
}
