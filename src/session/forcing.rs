//! What a scenario prescribes over time, from files beside the scene and from the history.
//!
//! A file is CSV with commas and a header: a column `time`, and one for each signal, in its
//! unit. Times are RFC 3339 instants, or durations after the start of the run: `90min`, or
//! plain seconds. They rise. Empty cells are passed over.

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::inside::{NotInside, path_inside};
use crate::files;
use crate::forecast::{self, RepeatError};
use crate::history::History;
use crate::problem::{Problem, did_you_mean};
use crate::scene::compile::{ForcingFile, forcing_files};
use crate::scene::{ForcingSource, Scenario, Scene};
use crate::signal::SignalId;
use crate::time::{Timestamp, parse_duration};

/// The column that tells when.
const TIME: &str = "time";
/// A longer file is refused: 64 MiB.
const MAX_BYTES: usize = 64 << 20;
/// More rows are refused.
const MAX_ROWS: usize = 1_000_000;

/// Why a scenario cannot be followed.
#[derive(Debug, Error)]
pub enum ForcingError {
    /// The path leads out of the scene's folder.
    #[error("`{file}` is not in the scene's folder; put it there, and write its path from there")]
    Outside {
        /// The path as it is written.
        file: String,
    },
    /// The file cannot be read.
    #[error("cannot read forcing: {source}: {}", path.display())]
    Read {
        /// What the file system says.
        source: std::io::Error,
        /// The file.
        path: PathBuf,
    },
    /// The file is larger than is sensible.
    #[error("the forcing has more than {limit}; give fewer values: {}", path.display())]
    TooLong {
        /// What it may have.
        limit: String,
        /// The file.
        path: PathBuf,
    },
    /// A column is missing.
    #[error("no column `{column}`; {hint}: {}", path.display())]
    NoColumn {
        /// The column.
        column: String,
        /// Which there are.
        hint: String,
        /// The file.
        path: PathBuf,
    },
    /// A line that says nothing usable.
    #[error("line {line}: {what}: {}", path.display())]
    Line {
        /// The line in the file, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// A column without a value.
    #[error("the column `{column}` has no value: {}", path.display())]
    Empty {
        /// The column.
        column: String,
        /// The file.
        path: PathBuf,
    },
    /// All values are of before the start.
    #[error("the last value of `{column}` is of {last}, before the run starts at {start}: {}", path.display())]
    Over {
        /// The column.
        column: String,
        /// The last instant in the file.
        last: Timestamp,
        /// The analysis time.
        start: Timestamp,
        /// The file.
        path: PathBuf,
    },
    /// The past cannot be repeated.
    #[error("`{signal}` cannot be repeated: {source}")]
    Repeat {
        /// The signal.
        signal: String,
        /// Why.
        source: RepeatError,
    },
}

/// A column of a file: when, and the value, SI.
struct Forced {
    values: Vec<(When, f64)>,
}

/// When a value of a file holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// At an instant.
    At(Timestamp),
    /// So many s after the start of the run, whenever that is.
    After(f64),
}

impl ForcingError {
    /// True if it may be otherwise in a moment: the past is being loaded.
    pub fn is_coming(&self) -> bool {
        let source = match self {
            Self::Repeat { source, .. } => Some(source),
            _ => None,
        };
        source == Some(&RepeatError::Coming)
    }
}

/// `scenario` with all that it prescribes as points, for a run that starts at `at`.
pub fn resolve(
    scenario: Scenario,
    scene: &Scene,
    folder: &Path,
    history: &History,
    at: Timestamp,
) -> Result<Scenario, ForcingError> {
    let scenario = resolve_files(scenario, scene, folder, at)?;
    resolve_repeats(scenario, scene, history, at)
}

/// As [`resolve`], but for what is repeated of the past.
pub fn resolve_files(
    mut scenario: Scenario,
    scene: &Scene,
    folder: &Path,
    at: Timestamp,
) -> Result<Scenario, ForcingError> {
    for forcing in &mut scenario.forcing {
        let ForcingSource::File { file, column } = &forcing.source else {
            continue;
        };
        let read = read_column(scene, folder, file, column, forcing.signal)?;
        let points = read.points(at).ok_or_else(|| ForcingError::Over {
            column: column.clone(),
            last: read.last_instant().unwrap_or(at),
            start: at,
            path: folder.join(file),
        })?;
        forcing.source = ForcingSource::Points(points.into());
    }
    Ok(scenario)
}

/// As [`resolve`], but for what stands in files.
pub fn resolve_repeats(
    mut scenario: Scenario,
    scene: &Scene,
    history: &History,
    at: Timestamp,
) -> Result<Scenario, ForcingError> {
    let horizon = scenario.horizon;
    for forcing in &mut scenario.forcing {
        let ForcingSource::Repeat(span) = forcing.source else {
            continue;
        };
        let points = forecast::repeat(scene, history, forcing.signal, at, span, horizon);
        let points = points.map_err(|source| ForcingError::Repeat {
            signal: scene.signal(forcing.signal).full_name.clone(),
            source,
        })?;
        forcing.source = ForcingSource::Points(points.into());
    }
    Ok(scenario)
}

/// What is wrong with the files that the scenarios of a scene name; `text` is the scene's, for
/// the lines.
pub(super) fn check_files(scene: &Scene, folder: &Path, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for ForcingFile {
        signal,
        file,
        column,
        line,
    } in forcing_files(text)
    {
        let Some(id) = scene.find_signal(&signal) else {
            continue; // the scene itself would be wrong
        };
        if let Err(error) = read_column(scene, folder, &file, &column, id) {
            let hint = "a forcing has a column `time` and the one that `column` names, which is \
                        the signal's own name if it is not given";
            problems.push(Problem::new(line, error.to_string(), hint));
        }
    }
    problems
}

/// True if a scenario of the scene names a file.
pub(super) fn names_files(scene: &Scene) -> bool {
    let forcing = scene
        .scenarios
        .iter()
        .flat_map(|scenario| &scenario.forcing);
    let mut sources = forcing.map(|forcing| &forcing.source);
    sources.any(|source| matches!(source, ForcingSource::File { .. }))
}

/// Reads a column of a file in the scene's folder.
fn read_column(
    scene: &Scene,
    folder: &Path,
    file: &str,
    column: &str,
    signal: SignalId,
) -> Result<Forced, ForcingError> {
    let path = folder.join(file);
    let refused = |source| ForcingError::Read {
        source,
        path: path.clone(),
    };
    let whole = path_inside(folder, file).map_err(|error| match error {
        NotInside::Outside => ForcingError::Outside {
            file: file.to_owned(),
        },
        NotInside::Refused(source) => refused(source),
    })?;
    let bytes = files::read_import(&whole, MAX_BYTES).map_err(refused)?;
    let too_long = |limit: String| ForcingError::TooLong {
        limit,
        path: path.clone(),
    };
    if bytes.len() > MAX_BYTES {
        return Err(too_long(format!("{} MiB", MAX_BYTES >> 20)));
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes.as_slice());
    let at_line = |line: u64, what: String| ForcingError::Line {
        line,
        what,
        path: path.clone(),
    };
    let header = reader.headers().cloned();
    let header = header.map_err(|error| at_line(1, error.to_string()))?;
    let place_of = |column: &str| {
        let names = header
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}'));
        let place = names.clone().position(|name| name == column);
        place.ok_or_else(|| ForcingError::NoColumn {
            column: column.to_owned(),
            hint: did_you_mean(column, names),
            path: path.clone(),
        })
    };
    let (time_place, value_place) = (place_of(TIME)?, place_of(column)?);
    let unit = scene.signal(signal).unit;
    let mut values: Vec<(When, f64)> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            at_line(line, "this is no UTF-8 text".to_owned())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: usize| record.get(place).unwrap_or_default();
        let value = cell(value_place);
        if value.is_empty() {
            continue;
        }
        let time = cell(time_place);
        let when = When::read(time).ok_or_else(|| {
            let what = format!("`{time}` is neither an instant nor a duration such as 90min");
            at_line(line, what)
        })?;
        let number: Option<f64> = value.parse().ok().filter(|value: &f64| value.is_finite());
        let number = number
            .ok_or_else(|| at_line(line, format!("`{value}` is no number in {}", unit.name())))?;
        if let Some((before, _)) = values.last() {
            let rises = when.is_after(before);
            let rises = rises.ok_or_else(|| {
                at_line(
                    line,
                    "instants and durations do not mix in a file".to_owned(),
                )
            })?;
            if !rises {
                return Err(at_line(
                    line,
                    format!("`{time}` does not come after the line before"),
                ));
            }
        }
        if values.len() == MAX_ROWS {
            return Err(too_long(format!("{MAX_ROWS} values")));
        }
        values.push((when, unit.to_si(number)));
    }
    if values.is_empty() {
        let column = column.to_owned();
        return Err(ForcingError::Empty { column, path });
    }
    Ok(Forced { values })
}

impl When {
    fn read(text: &str) -> Option<Self> {
        if let Ok(secs) = text.parse::<f64>() {
            let sound = secs.is_finite() && Duration::try_from_secs_f64(secs).is_ok();
            return sound.then_some(Self::After(secs));
        }
        let after = || parse_duration(text).map(|after| Self::After(after.as_secs_f64()));
        text.parse().map(Self::At).or_else(|_| after()).ok()
    }

    /// Whether it comes after `before`; `None` if the two cannot be compared.
    fn is_after(&self, before: &Self) -> Option<bool> {
        match (self, before) {
            (Self::At(this), Self::At(before)) => Some(this > before),
            (Self::After(this), Self::After(before)) => Some(this > before),
            _ => None,
        }
    }
}

impl Forced {
    /// The points of a run that starts at `start`: s after it, SI. `None` if all of them lie
    /// before.
    fn points(&self, start: Timestamp) -> Option<Vec<(f64, f64)>> {
        let secs = |when: &When| match when {
            When::At(at) => at.secs_since(start),
            When::After(secs) => *secs,
        };
        // The last one before the start is where the line to the first one after it begins.
        let after = self.values.partition_point(|(when, _)| secs(when) < 0.0);
        let kept = &self.values[after.saturating_sub(1)..];
        (after < self.values.len()).then(|| {
            let points = kept.iter().map(|(when, value)| (secs(when), *value));
            points.collect()
        })
    }

    fn last_instant(&self) -> Option<Timestamp> {
        match self.values.last()? {
            (When::At(at), _) => Some(*at),
            (When::After(_), _) => None,
        }
    }
}
