//! The smallest true statements about a plant. Floor 1: samples and whose they are.
//!
//! Every number travels as a [`Sample`]: value, time and quality, beside the
//! [`Origin`] that says whether it was measured, estimated or simulated.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A signal of the open scene: its place in dense arrays. Not stable across scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignalId(pub u32);

impl SignalId {
    /// This signal's place in a dense array.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A simulation run. Never used twice while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u32);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// Who says so. It travels with every sample; there is no other "simulation mode".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// An instrument of the plant.
    Measured,
    /// An estimator, from measurements.
    Estimated,
    /// A run: its only member, or the median (P50) of its ensemble.
    Simulated(RunId),
    /// The P10 of a run's ensemble.
    BandLow(RunId),
    /// The P90 of a run's ensemble.
    BandHigh(RunId),
}

/// How far a value can be trusted, in the terms of OPC UA (Part 8, status codes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// The value is as it should be.
    #[default]
    Good,
    /// Uncertain, no further reason.
    Uncertain,
    /// The last value before contact was lost.
    UncertainLastUsable,
    /// A value put in by hand or by rule.
    UncertainSubstitute,
    /// Fewer good sources than required.
    UncertainSubNormal,
    /// Outside the range of its instrument.
    UncertainLimitsExceeded,
    /// Bad, no further reason.
    Bad,
    /// The instrument is not connected.
    BadNotConnected,
    /// The device that carries the value failed.
    BadDeviceFailure,
    /// The sensor failed.
    BadSensorFailure,
    /// Taken out of service.
    BadOutOfService,
    /// Nothing has been received yet.
    BadWaitingForInitialData,
}

/// The three classes that a screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QualityClass {
    /// Use it.
    Good,
    /// Use it with care.
    Uncertain,
    /// Do not use it.
    Bad,
}

/// `(quality, OPC UA status code, name)`; names are OPC UA's.
const QUALITIES: &[(Quality, u32, &str)] = &[
    (Quality::Good, 0x0000_0000, "Good"),
    (Quality::Uncertain, 0x4000_0000, "Uncertain"),
    (
        Quality::UncertainLastUsable,
        0x4090_0000,
        "UncertainLastUsableValue",
    ),
    (
        Quality::UncertainSubstitute,
        0x4091_0000,
        "UncertainSubstituteValue",
    ),
    (
        Quality::UncertainSubNormal,
        0x4095_0000,
        "UncertainSubNormal",
    ),
    (
        Quality::UncertainLimitsExceeded,
        0x4094_0000,
        "UncertainEngineeringUnitsExceeded",
    ),
    (Quality::Bad, 0x8000_0000, "Bad"),
    (Quality::BadNotConnected, 0x808A_0000, "BadNotConnected"),
    (Quality::BadDeviceFailure, 0x808B_0000, "BadDeviceFailure"),
    (Quality::BadSensorFailure, 0x808C_0000, "BadSensorFailure"),
    (Quality::BadOutOfService, 0x808D_0000, "BadOutOfService"),
    (
        Quality::BadWaitingForInitialData,
        0x8032_0000,
        "BadWaitingForInitialData",
    ),
];

impl Quality {
    /// All of them, in the order of their declaration, from the best to the worst.
    pub const ALL: [Self; 12] = [
        Self::Good,
        Self::Uncertain,
        Self::UncertainLastUsable,
        Self::UncertainSubstitute,
        Self::UncertainSubNormal,
        Self::UncertainLimitsExceeded,
        Self::Bad,
        Self::BadNotConnected,
        Self::BadDeviceFailure,
        Self::BadSensorFailure,
        Self::BadOutOfService,
        Self::BadWaitingForInitialData,
    ];

    /// The class a screen shows.
    pub fn class(self) -> QualityClass {
        match self.code() >> 30 {
            0 => QualityClass::Good,
            1 => QualityClass::Uncertain,
            _ => QualityClass::Bad,
        }
    }

    /// The OPC UA status code.
    pub fn code(self) -> u32 {
        self.row().1
    }

    /// OPC UA's name of it, such as `BadSensorFailure`.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// From an OPC UA status code. An unknown code keeps its class.
    pub fn from_code(code: u32) -> Self {
        let exact = QUALITIES.iter().find(|row| row.1 == code & 0xFFFF_0000);
        exact.map_or(
            match code >> 30 {
                0 => Self::Good,
                1 => Self::Uncertain,
                _ => Self::Bad,
            },
            |row| row.0,
        )
    }

    /// From a name such as `good`, `Bad` or `BadSensorFailure`, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        QUALITIES
            .iter()
            .find(|row| row.2.eq_ignore_ascii_case(name.trim()))
            .map(|row| row.0)
    }

    fn row(self) -> &'static (Self, u32, &'static str) {
        // The table is in the order of the enum; a test holds the two together.
        &QUALITIES[self as usize]
    }
}

/// Whose clock a sample's time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The instrument, or whoever sent it.
    #[default]
    Source,
    /// Ours: the message carried no time, so this is when it arrived.
    Receiver,
}

/// One value of one signal at one instant, in SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The instant it speaks of.
    pub at: Timestamp,
    /// The value, SI; always finite.
    pub value: f64,
    /// How far to trust it.
    pub quality: Quality,
    /// Whose clock [`at`](Self::at) is.
    pub clock: Clock,
    /// When it reached us; equal to `at` for what was computed here.
    pub received: Timestamp,
}

impl Sample {
    /// A good sample that knows no time of arrival but its own.
    pub const fn good(at: Timestamp, value: f64) -> Self {
        Self {
            at,
            value,
            quality: Quality::Good,
            clock: Clock::Source,
            received: at,
        }
    }
}

/// Samples of one origin, in any order: what enters the history.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleBatch {
    /// Who says so.
    pub origin: Origin,
    /// The samples, each with its signal.
    pub samples: Vec<(SignalId, Sample)>,
}

impl SampleBatch {
    /// An empty batch of `origin`.
    pub const fn new(origin: Origin) -> Self {
        Self {
            origin,
            samples: Vec::new(),
        }
    }

    /// Adds one sample.
    pub fn push(&mut self, signal: SignalId, sample: Sample) {
        self.samples.push((signal, sample));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, row) in QUALITIES.iter().enumerate() {
            assert_eq!(row.0 as usize, index);
            assert_eq!(Quality::ALL[index], row.0);
            assert_eq!(Quality::from_code(row.1), row.0);
            assert_eq!(Quality::from_name(row.2), Some(row.0));
        }
    }

    #[test]
    fn an_unknown_code_keeps_its_class() {
        assert_eq!(Quality::from_code(0x80AB_0000), Quality::Bad);
        assert_eq!(Quality::from_code(0x4042_1234), Quality::Uncertain);
        assert_eq!(Quality::from_code(0x0000_0400), Quality::Good);
    }
}
