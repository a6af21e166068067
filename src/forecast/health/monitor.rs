//! A failure foretold from one signal, online: the indicator of its samples, the model that
//! follows it, and how long the machine will last.

use super::exponential::ExponentialTrend;
use super::indicators::Indicators;
use super::paris::ParisCrack;
use super::remaining_life::RemainingLife;
use super::renewed::RenewedWear;
use crate::scene::{CrackSpec, DegradationLaw, Indicator, Prognosis, StretchMeasure};
use crate::signal::{QualityClass, Sample};
use crate::time::Timestamp;

/// An indicator that comes back by more than this share of what is between floor and threshold
/// is that of a renewed machine.
const RENEWED: f64 = 0.5;
/// Samples of a stretch, at most; a stretch with more is told by its first.
const MOST_SAMPLES: usize = 100_000;
const SECS_PER_HOUR: f64 = 3_600.0;

/// What is foretold of a machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// When its indicator was known last.
    pub at: Timestamp,
    /// The indicator then, SI.
    pub indicator: f64,
    /// Since when the machine is followed: since it was renewed, if that was seen.
    pub since: Timestamp,
    /// Indicators since.
    pub seen: usize,
    /// How much the indicator changed an hour since; `None` of a single one.
    pub hourly: Option<f64>,
    /// How long it will last from `at` on, s; `None` where too little was seen.
    pub life: Option<RemainingLife>,
}

/// Follows the indicator of one signal.
#[derive(Clone, Debug)]
pub struct HealthMonitor {
    prognosis: Prognosis,
    follower: Follower,
    /// The samples of the stretch that is not over, s and SI.
    stretch: Vec<(f64, f64)>,
    /// The number of the stretch.
    place: i64,
    /// When the clock of the models stands at 0.
    origin: Option<Timestamp>,
    /// The indicator as it was first since the machine is followed, and how it was last.
    ends: Option<[(Timestamp, f64); 2]>,
    seen: usize,
    most: f64,
}

#[derive(Clone, Debug)]
enum Follower {
    Drift(RenewedWear),
    Exponential(ExponentialTrend),
    Crack(CrackSpec, Option<ParisCrack>),
}

impl Follower {
    fn new(prognosis: &Prognosis) -> Self {
        match &prognosis.law {
            DegradationLaw::Drift => Self::Drift(RenewedWear::new(prognosis.threshold)),
            DegradationLaw::Exponential(floor) => Self::Exponential(ExponentialTrend::new(*floor)),
            DegradationLaw::Crack(crack) => Self::Crack(crack.clone(), None),
        }
    }
}

impl HealthMonitor {
    /// Nothing was seen yet.
    pub fn new(prognosis: &Prognosis) -> Self {
        Self {
            follower: Follower::new(prognosis),
            prognosis: prognosis.clone(),
            stretch: Vec::new(),
            place: i64::MIN,
            origin: None,
            ends: None,
            seen: 0,
            most: f64::NEG_INFINITY,
        }
    }

    /// Takes in a sample. Bad ones say nothing, nor does one that is not later than the last.
    pub fn observe(&mut self, sample: &Sample) {
        if sample.quality.class() == QualityClass::Bad || !sample.value.is_finite() {
            return;
        }
        match self.prognosis.indicator {
            Indicator::Value => self.follow(sample.at, sample.value),
            Indicator::Over(measure, over) => {
                let length = i64::try_from(over.as_nanos()).unwrap_or(i64::MAX).max(1);
                let place = sample.at.nanos().div_euclid(length);
                if place < self.place {
                    return;
                }
                if place > self.place {
                    self.close_stretch(measure, length);
                    self.place = place;
                }
                if self.stretch.len() < MOST_SAMPLES {
                    let begin = Timestamp::from_nanos(place.saturating_mul(length));
                    let secs = sample.at.secs_since(begin);
                    self.stretch.push((secs, sample.value));
                }
            }
        }
    }

    /// The indicator of the stretch that is over.
    fn close_stretch(&mut self, measure: StretchMeasure, length: i64) {
        let samples = std::mem::take(&mut self.stretch);
        let told = Indicators::of(&samples).and_then(|of| match measure {
            StretchMeasure::Mean => Some(of.mean),
            StretchMeasure::Rms => Some(of.rms),
            StretchMeasure::Kurtosis => of.kurtosis,
            StretchMeasure::Crest => of.crest,
            StretchMeasure::Slope => of.slope,
        });
        if let Some(indicator) = told {
            let end = self.place.saturating_add(1).saturating_mul(length);
            self.follow(Timestamp::from_nanos(end), indicator);
        }
    }

    fn follow(&mut self, at: Timestamp, indicator: f64) {
        if self.ends.is_some_and(|[_, (last, _)]| at <= last) {
            return;
        }
        let origin = *self.origin.get_or_insert(at);
        let secs = at.secs_since(origin);
        if self.is_renewed(indicator) {
            self.follower = Follower::new(&self.prognosis);
            self.ends = None;
            self.seen = 0;
            self.most = f64::NEG_INFINITY;
        }
        match &mut self.follower {
            Follower::Drift(wear) => {
                if wear.observe(secs, indicator) {
                    self.ends = None;
                    self.seen = 0;
                }
            }
            Follower::Exponential(trend) => trend.observe(secs, indicator),
            Follower::Crack(spec, crack) => {
                let begun = self.ends.map_or(at, |[(begun, _), _]| begun);
                let cycles = at.secs_since(begun) / SECS_PER_HOUR * spec.cycles_per_hour;
                match crack {
                    Some(crack) => crack.observe(cycles, indicator),
                    None => *crack = crack_of(spec, indicator),
                }
            }
        }
        let first = self.ends.map_or((at, indicator), |[first, _]| first);
        self.ends = Some([first, (at, indicator)]);
        self.seen += 1;
        self.most = self.most.max(indicator);
    }

    /// True where what grows has come back: a part was changed. Drift looks for that itself.
    fn is_renewed(&self, indicator: f64) -> bool {
        let floor = match &self.prognosis.law {
            DegradationLaw::Drift => return false,
            DegradationLaw::Exponential(floor) => *floor,
            DegradationLaw::Crack(_) => 0.0,
        };
        let grown = self.most.min(self.prognosis.threshold) - floor;
        // What has hardly grown falls back by noise.
        grown > 0.2 * (self.prognosis.threshold - floor) && self.most - indicator > RENEWED * grown
    }

    /// What is foretold; `None` before anything was seen.
    pub fn outlook(&self) -> Option<Outlook> {
        let [(since, first), (at, indicator)] = self.ends?;
        let hours = at.secs_since(since) / SECS_PER_HOUR;
        let threshold = self.prognosis.threshold;
        let life = match &self.follower {
            Follower::Drift(wear) => wear.remaining(),
            Follower::Exponential(trend) => trend.remaining(threshold),
            Follower::Crack(spec, crack) => {
                let cycles = crack.as_ref().and_then(|crack| crack.remaining(threshold));
                cycles.map(|cycles| cycles.scaled(SECS_PER_HOUR / spec.cycles_per_hour))
            }
        };
        Some(Outlook {
            at,
            indicator,
            since,
            seen: self.seen,
            hourly: (hours > 0.0).then(|| (indicator - first) / hours),
            life,
        })
    }
}

fn crack_of(spec: &CrackSpec, length: f64) -> Option<ParisCrack> {
    ParisCrack::new(
        (length, spec.noise),
        (spec.coefficient, spec.spread),
        spec.exponent,
        spec.stress_range,
        spec.noise,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Quality;
    use std::time::Duration;

    fn followed(prognosis: &Prognosis, values: impl IntoIterator<Item = (f64, f64)>) -> Outlook {
        let mut monitor = HealthMonitor::new(prognosis);
        for (hours, value) in values {
            monitor.observe(&Sample::good(at(hours), value));
        }
        monitor.outlook().expect("something was seen")
    }

    fn at(hours: f64) -> Timestamp {
        Timestamp::from_secs(1_000_000_000).plus_secs(hours * SECS_PER_HOUR)
    }

    fn median_hours(outlook: &Outlook) -> f64 {
        let life = outlook.life.expect("enough was seen");
        life.p50.expect("it ends") / SECS_PER_HOUR
    }

    #[test]
    fn a_renewed_machine_is_followed_from_its_renewal_on() {
        // A tenth an hour for 9 h, renewed, then a twentieth an hour for 10 h: 10 h are left.
        let first = (0..90).map(|tick| (f64::from(tick) / 10.0, f64::from(tick) / 100.0));
        let second = (0..=100).map(|tick| {
            let since = f64::from(tick) / 10.0;
            (9.0 + since, 0.05 * since)
        });
        let outlook = followed(&Prognosis::of_wear(), first.chain(second));
        assert_eq!((outlook.since, outlook.seen), (at(9.0), 101));
        assert!((median_hours(&outlook) - 10.0).abs() < 1e-6, "{outlook:?}");
        assert!((outlook.hourly.expect("time passed") - 0.05).abs() < 1e-9);
    }

    #[test]
    fn what_wears_down_is_foretold_as_what_wears_up() {
        let prognosis = Prognosis {
            threshold: 0.003,
            ..Prognosis::of_wear()
        };
        let lining = |hours: f64| 0.010 - 0.001 * hours;
        let up_to = |from: f64, hours: u32| {
            (0..=10 * hours).map(move |tick| {
                (
                    from + f64::from(tick) / 10.0,
                    lining(f64::from(tick) / 10.0),
                )
            })
        };
        let outlook = followed(&prognosis, up_to(0.0, 6).chain(up_to(6.1, 4)));
        assert_eq!(outlook.since, at(6.1));
        assert!((median_hours(&outlook) - 3.0).abs() < 1e-6, "{outlook:?}");
    }

    #[test]
    fn scatter_that_grows_is_foretold_by_its_stretches() {
        // The RMS of ±a is a; ten samples a minute, for four hours.
        let prognosis = Prognosis {
            threshold: 5.0,
            indicator: Indicator::Over(StretchMeasure::Rms, Duration::from_secs(60)),
            law: DegradationLaw::Exponential(0.0),
        };
        let shaken = (0..2_400).map(|tick| {
            let hours = f64::from(tick) / 600.0;
            let size = 0.5 * (0.4 * (hours * 60.0).floor() / 60.0).exp();
            (hours, if tick % 2 == 0 { size } else { -size })
        });
        let outlook = followed(&prognosis, shaken);
        // 0.5 e^(0.4 t) = 5 at t = 5.756 h, of the stretch that began then.
        let left = 10.0_f64.ln() / 0.4 + 1.0 / 60.0 - outlook.at.secs_since(at(0.0)) / 3_600.0;
        assert!(
            (median_hours(&outlook) - left).abs() < 0.01,
            "{outlook:?}, {left}"
        );
    }

    #[test]
    fn a_crack_is_foretold_by_the_law_that_it_grew_by() {
        let spec = CrackSpec {
            exponent: 3.0,
            coefficient: 2e-12,
            spread: 1.0,
            stress_range: 100.0,
            cycles_per_hour: 3_600.0,
            noise: 0.01,
        };
        // Grown with a C of 1e-12: half of what was believed.
        let power = 1.0 - 0.5 * spec.exponent;
        let rate = 1e-12 * (spec.stress_range * std::f64::consts::PI.sqrt()).powf(spec.exponent);
        let length = |hours: f64| {
            let grown = 0.002_f64.powf(power) + power * rate * hours * spec.cycles_per_hour;
            grown.powf(1.0 / power)
        };
        let prognosis = Prognosis {
            threshold: 0.02,
            indicator: Indicator::Value,
            law: DegradationLaw::Crack(spec.clone()),
        };
        let outlook = followed(
            &prognosis,
            (0..400).map(|tick| {
                let hours = f64::from(tick) / 2.0;
                (hours, length(hours))
            }),
        );
        let cycles = (0.02_f64.powf(power) - 0.002_f64.powf(power)) / (power * rate);
        let left = cycles / spec.cycles_per_hour - 199.5;
        let median = median_hours(&outlook);
        assert!((median / left - 1.0).abs() < 0.05, "{median} of {left}");
    }

    #[test]
    fn bad_samples_and_samples_of_before_say_nothing() {
        let mut monitor = HealthMonitor::new(&Prognosis::of_wear());
        assert_eq!(monitor.outlook(), None);
        monitor.observe(&Sample {
            quality: Quality::BadSensorFailure,
            ..Sample::good(at(0.0), 0.5)
        });
        assert_eq!(monitor.outlook(), None);
        monitor.observe(&Sample::good(at(1.0), 0.1));
        monitor.observe(&Sample::good(at(0.5), 0.9));
        let outlook = monitor.outlook().expect("one was good");
        assert_eq!(
            (outlook.indicator, outlook.seen, outlook.life),
            (0.1, 1, None)
        );
    }
}
