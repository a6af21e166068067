//! What a store holds: rows of series that are known by name.

use std::collections::HashMap;
use std::sync::Arc;

use crate::signal::{Clock, Origin, Quality, Sample};
use crate::time::Timestamp;

/// A signal as a store knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The tag of its asset.
    pub tag: Arc<str>,
    /// Its name within the asset.
    pub signal: Arc<str>,
}

/// Whose samples a store keeps. What a run computed can be computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// An instrument of the plant.
    Measured,
    /// An estimator, from measurements.
    Estimated,
}

/// What stays the same from row to row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Which signal.
    pub name: Name,
    /// Who says so.
    pub who: Who,
    /// The unit of its values: the symbol of an SI unit, empty for a plain number.
    pub unit: Arc<str>,
    /// Names of the values of a state signal, from 0 up; else none.
    pub states: Arc<[String]>,
}

/// A series among [`Names`]: its place in dense arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesIndex(pub u32);

/// One row of the store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Which series.
    pub series: SeriesIndex,
    /// The instant it speaks of.
    pub at: Timestamp,
    /// When it reached us.
    pub received: Timestamp,
    /// The value, SI; `None` where not a value came but the link was lost.
    pub value: Option<f64>,
    /// How far to trust it.
    pub quality: Quality,
    /// Whose clock [`at`](Self::at) is.
    pub clock: Clock,
}

/// The series that rows speak of; each name and origin once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    series: Vec<Series>,
    places: HashMap<(Name, Who), SeriesIndex>,
}

impl SeriesIndex {
    /// This series' place in a dense array.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Name {
    /// The name `signal` of the asset `tag`.
    pub fn new(tag: &str, signal: &str) -> Self {
        Self {
            tag: tag.into(),
            signal: signal.into(),
        }
    }
}

impl Who {
    /// As it stands in the column `origin`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
        }
    }

    /// From the column `origin`.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Measured, Self::Estimated]
            .into_iter()
            .find(|who| who.text() == text)
    }

    /// The origin that is recorded under this name, if it is recorded at all.
    pub const fn of(origin: Origin) -> Option<Self> {
        match origin {
            Origin::Measured => Some(Self::Measured),
            Origin::Estimated => Some(Self::Estimated),
            Origin::Simulated(_) | Origin::BandLow(_) | Origin::BandHigh(_) => None,
        }
    }

    /// The origin of samples that were recorded under this name.
    pub const fn origin(self) -> Origin {
        match self {
            Self::Measured => Origin::Measured,
            Self::Estimated => Origin::Estimated,
        }
    }
}

impl Row {
    /// The row of a sample.
    pub const fn new(series: SeriesIndex, sample: Sample) -> Self {
        Self {
            series,
            at: sample.at,
            received: sample.received,
            value: Some(sample.value),
            quality: sample.quality,
            clock: sample.clock,
        }
    }

    /// The row that says that the link of a series was lost.
    pub const fn lost(series: SeriesIndex, at: Timestamp) -> Self {
        Self {
            series,
            at,
            received: at,
            value: None,
            quality: Quality::BadNotConnected,
            clock: Clock::Receiver,
        }
    }

    /// The sample; `None` where the link was lost.
    pub fn sample(&self) -> Option<Sample> {
        self.value.map(|value| Sample {
            at: self.at,
            value,
            quality: self.quality,
            clock: self.clock,
            received: self.received,
        })
    }
}

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// All of them, by index.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// One of them.
    pub fn get(&self, index: SeriesIndex) -> &Series {
        &self.series[index.index()]
    }

    /// The index of a name, if it is known.
    pub fn find(&self, name: &Name, who: Who) -> Option<SeriesIndex> {
        self.places.get(&(name.clone(), who)).copied()
    }

    /// The index of a series, new or known; what is known keeps its unit and states.
    pub fn add(&mut self, series: Series) -> SeriesIndex {
        let next = SeriesIndex(self.series.len() as u32);
        let key = (series.name.clone(), series.who);
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.series.push(series);
        }
        place
    }
}
