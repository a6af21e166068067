//! Condition indicators of a stretch of one signal.

/// What a stretch of a signal looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indicators {
    /// The mean.
    pub mean: f64,
    /// The root mean square about the mean: for a vibration, its energy.
    pub rms: f64,
    /// The fourth moment over the square of the second: 3 for normal noise, more with impacts.
    /// `None` where nothing moves.
    pub kurtosis: Option<f64>,
    /// The largest deviation over the RMS. `None` where nothing moves.
    pub crest: Option<f64>,
    /// The least-squares slope, per second. `None` if all samples have one time.
    pub slope: Option<f64>,
}

impl Indicators {
    /// Of samples (time in s, value). `None` without samples, or if one is not finite.
    pub fn of(samples: &[(f64, f64)]) -> Option<Self> {
        let finite = |(time, value): &(f64, f64)| time.is_finite() && value.is_finite();
        if samples.is_empty() || !samples.iter().all(finite) {
            return None;
        }
        let count = samples.len() as f64;
        let mean_time = samples.iter().map(|(time, _)| time).sum::<f64>() / count;
        let mean = samples.iter().map(|(_, value)| value).sum::<f64>() / count;
        let moment = |power: i32| {
            let powers = samples.iter().map(|(_, value)| (value - mean).powi(power));
            powers.sum::<f64>() / count
        };
        let square = moment(2);
        let moves = square > (1e-12 * mean).powi(2);
        let largest = samples.iter().map(|(_, value)| (value - mean).abs());
        let largest = largest.fold(0.0, f64::max);
        let times = samples.iter().map(|(time, _)| (time - mean_time).powi(2));
        let times: f64 = times.sum();
        let products = samples
            .iter()
            .map(|(time, value)| (time - mean_time) * (value - mean));
        Some(Self {
            mean,
            rms: square.sqrt(),
            kurtosis: moves.then(|| moment(4) / (square * square)),
            crest: moves.then(|| largest / square.sqrt()),
            slope: (times > 0.0).then(|| products.sum::<f64>() / times),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{SQRT_2, TAU};

    use super::*;

    #[test]
    fn a_sine_has_the_indicators_of_the_textbook() {
        let sine: Vec<_> = (0..10_000)
            .map(|step| (f64::from(step), 2.0 * (TAU * f64::from(step) / 100.0).sin()))
            .collect();
        let found = Indicators::of(&sine).expect("samples");
        assert!((found.rms - SQRT_2).abs() < 1e-9);
        assert!((found.kurtosis.expect("it moves") - 1.5).abs() < 1e-9);
        assert!((found.crest.expect("it moves") - SQRT_2).abs() < 1e-9);
    }

    #[test]
    fn a_line_has_its_slope_and_stillness_has_no_shape() {
        let line: Vec<_> = (0..50)
            .map(|step| (f64::from(step), 1.0 + 0.25 * f64::from(step)))
            .collect();
        let slope = Indicators::of(&line).and_then(|found| found.slope);
        assert!((slope.expect("times differ") - 0.25).abs() < 1e-12);
        let still = Indicators::of(&[(0.0, 3.0), (1.0, 3.0)]).expect("samples");
        assert_eq!((still.rms, still.kurtosis, still.crest), (0.0, None, None));
        assert_eq!(Indicators::of(&[]), None);
        assert_eq!(Indicators::of(&[(0.0, f64::NAN)]), None);
    }
}
