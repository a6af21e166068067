//! How a signal foretells the failure of its asset, as a scene says it and as it was checked.

use std::time::Duration;

use serde::Deserialize;

use crate::units::Unit;

/// Foretells when the asset fails, by what the signal was.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Prognosis", deny_unknown_fields)]
pub struct PrognosisSpec {
    /// Where the asset fails: a value of the indicator. Levels and scatter are in the signal's
    /// unit, slopes in that unit per second.
    pub threshold: f64,
    /// What is looked at.
    #[serde(default)]
    pub indicator: IndicatorSpec,
    /// How it worsens.
    #[serde(default)]
    pub law: LawSpec,
}

/// What of a signal is looked at. Each but the value is taken over stretches of this length.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub enum IndicatorSpec {
    /// The value itself.
    #[default]
    Value,
    /// The mean.
    Mean(String),
    /// The root mean square about the mean.
    Rms(String),
    /// Four moments over the square of two: 3 for noise, more with impacts.
    Kurtosis(String),
    /// The largest deviation over the root mean square.
    Crest(String),
    /// The slope.
    Slope(String),
}

/// How an indicator worsens.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub enum LawSpec {
    /// Wear that adds up: a Wiener process with drift. The asset is renewed now and then.
    #[default]
    Drift,
    /// Wear that feeds on itself: an exponential trend above this floor.
    Exponential(f64),
    /// A crack that grows with every cycle, by Paris' law.
    Crack(CrackSpec),
}

/// What is known of a crack.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename = "Crack", deny_unknown_fields)]
pub struct CrackSpec {
    /// m of da/dN = C ΔK^m.
    pub exponent: f64,
    /// C, for ΔK in MPa√m and a in m.
    pub coefficient: f64,
    /// The standard deviation of ln C.
    pub spread: f64,
    /// The range of the stress in each cycle, MPa.
    pub stress_range: f64,
    /// Cycles an hour.
    pub cycles_per_hour: f64,
    /// The relative standard deviation of a measured length.
    pub noise: f64,
}

/// How a signal foretells a failure, SI.
#[derive(Clone, Debug, PartialEq)]
pub struct Prognosis {
    /// Where the asset fails.
    pub threshold: f64,
    /// What is looked at.
    pub indicator: Indicator,
    /// How it worsens.
    pub law: DegradationLaw,
}

/// What of a signal is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indicator {
    /// The value itself.
    Value,
    /// A measure of stretches of this length.
    Over(StretchMeasure, Duration),
}

/// What is told of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StretchMeasure {
    /// The mean.
    Mean,
    /// The root mean square about the mean.
    Rms,
    /// Four moments over the square of two.
    Kurtosis,
    /// The largest deviation over the root mean square.
    Crest,
    /// The slope, per second.
    Slope,
}

/// How an indicator worsens.
#[derive(Clone, Debug, PartialEq)]
pub enum DegradationLaw {
    /// A Wiener process with drift.
    Drift,
    /// An exponential trend above this floor.
    Exponential(f64),
    /// Paris' law.
    Crack(CrackSpec),
}

impl Prognosis {
    /// Of a share of a life that is used up: over at 1.
    pub fn of_wear() -> Self {
        Self {
            threshold: 1.0,
            indicator: Indicator::Value,
            law: DegradationLaw::Drift,
        }
    }

    /// A value of the indicator, in the signal's unit where it has one, else as it is.
    pub fn from_si(&self, unit: Unit, si: f64) -> f64 {
        match self.indicator {
            Indicator::Value | Indicator::Over(StretchMeasure::Mean, _) => unit.from_si(si),
            Indicator::Over(StretchMeasure::Rms | StretchMeasure::Slope, _) => {
                unit.span_from_si(si)
            }
            Indicator::Over(StretchMeasure::Kurtosis | StretchMeasure::Crest, _) => si,
        }
    }
}

impl StretchMeasure {
    /// What it is called.
    pub fn text(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Rms => "RMS",
            Self::Kurtosis => "kurtosis",
            Self::Crest => "crest factor",
            Self::Slope => "slope",
        }
    }
}

impl DegradationLaw {
    /// What it is called.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Drift => "wear that adds up",
            Self::Exponential(_) => "wear that feeds on itself",
            Self::Crack(_) => "a crack that grows",
        }
    }
}
