//! The topics on which tracking systems tell who is where, and the words that they use.

use std::time::Duration;

use thiserror::Error;

use crate::population::{FixReport, Population, PopulationId, Reach};
use crate::scene::spec::TrackSpec;
use crate::time::{DurationError, parse_duration};

/// A topic that tells where the members of a population are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Whose members.
    pub population: PopulationId,
    /// Where it is told.
    pub topic: String,
    /// How far what it tells speaks for the time around it.
    pub reach: Reach,
    kinds: Vec<String>,
    places: Vec<String>,
}

/// The tracks of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackMap(Vec<Track>);

/// Fixes of one population, as they came.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedFixes {
    /// Whose.
    pub population: PopulationId,
    /// Where its members were.
    pub report: FixReport,
}

/// Why a track cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrackError {
    /// No model of the scene has that population.
    #[error("no model has the population `{population}`; there is {known}: `{topic}`")]
    UnknownPopulation {
        /// What was asked for.
        population: String,
        /// What there is.
        known: String,
        /// The topic.
        topic: String,
    },
    /// A span of time that cannot be read.
    #[error("{cause}: `{topic}`")]
    Span {
        /// Why.
        cause: DurationError,
        /// The topic.
        topic: String,
    },
}

impl Track {
    /// The kind of a name; without one, the only kind that there is.
    pub fn kind(&self, name: Option<&str>) -> Option<u16> {
        let place = match name {
            Some(name) => self.kinds.iter().position(|kind| kind == name)?,
            None if self.kinds.len() == 1 => 0,
            None => return None,
        };
        u16::try_from(place).ok()
    }

    /// The name of a kind; empty if there is no such kind.
    pub fn kind_name(&self, kind: u16) -> &str {
        self.kinds.get(usize::from(kind)).map_or("", String::as_str)
    }

    /// The place of a name.
    pub fn place(&self, name: &str) -> Option<u32> {
        let place = self.places.iter().position(|place| place == name)?;
        u32::try_from(place).ok()
    }

    /// The name of a place.
    pub fn place_name(&self, place: u32) -> Option<&str> {
        self.places.get(place as usize).map(String::as_str)
    }
}

impl TrackMap {
    /// The tracks of `specs`, for a plant that has `populations`.
    pub fn new(specs: &[TrackSpec], populations: &[&Population]) -> Result<Self, TrackError> {
        let tracks = specs.iter().map(|spec| track(spec, populations));
        tracks.collect::<Result<_, _>>().map(Self)
    }

    /// What is told on `topic`.
    pub fn find(&self, topic: &str) -> Option<&Track> {
        self.0.iter().find(|track| track.topic == topic)
    }

    /// Who tells where the members of `population` are.
    pub fn of(&self, population: PopulationId) -> Option<&Track> {
        self.0.iter().find(|track| track.population == population)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Track> {
        self.0.iter()
    }
}

fn track(spec: &TrackSpec, populations: &[&Population]) -> Result<Track, TrackError> {
    let topic = spec.topic.clone();
    let place = populations
        .iter()
        .position(|one| one.name == spec.population);
    let Some(place) = place else {
        let known: Vec<_> = populations
            .iter()
            .map(|one| format!("`{}`", one.name))
            .collect();
        return Err(TrackError::UnknownPopulation {
            population: spec.population.clone(),
            known: if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            },
            topic,
        });
    };
    let span = |text: &str| -> Result<Duration, TrackError> {
        parse_duration(text).map_err(|cause| TrackError::Span {
            cause,
            topic: topic.clone(),
        })
    };
    let reach = Reach {
        gap: span(&spec.max_gap)?,
        age: span(&spec.max_age)?,
    };
    Ok(Track {
        population: PopulationId(place as u32),
        topic,
        reach,
        kinds: populations[place].kinds.clone(),
        places: populations[place].places.clone(),
    })
}
