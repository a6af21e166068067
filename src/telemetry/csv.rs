//! CSV files of recorded data, read row by row.
//!
//! The columns of time and signals are told by the scene's `replay` section or guessed:
//! the time by its name or by its first cell, a signal by its full name, or by its own
//! name where only one signal of the scene has it. The delimiter is guessed from the
//! header. A decimal comma is understood where the comma does not part columns.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use thiserror::Error;

use super::payload::{Rejection, instant, value};
use crate::problem::{Problem, did_you_mean};
use crate::scene::spec::ReplaySpec;
use crate::scene::{Scene, TimeFormat};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// Names that a time column goes by, in lower case.
const TIME_NAMES: [&str; 6] = ["datetime", "timestamp", "time", "date", "ts", "date_time"];
/// How many broken cells are kept with their place.
const MAX_KEPT_FAULTS: usize = 20;

/// Why a file cannot be replayed.
#[derive(Debug, Error)]
pub enum CsvError {
    /// It cannot be read.
    #[error("cannot read recorded data: {source}: {path}")]
    Read {
        /// Why.
        source: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// It has no header, no times or no signals. All its problems, the fatal one last.
    #[error("not recorded data of this scene: {path}")]
    Unusable {
        /// What is wrong with it.
        problems: Vec<Problem>,
        /// The file.
        path: PathBuf,
    },
}

/// One cell that gave no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The line in the file, counted from 1.
    pub line: u64,
    /// The column's name.
    pub column: String,
    /// What stands there.
    pub cell: String,
    /// What is wrong with it.
    pub reason: Rejection,
}

/// Cells that gave no value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// How many.
    pub count: u64,
    /// The first twenty.
    pub first: Vec<Fault>,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its line in the file, counted from 1.
    pub line: u64,
    /// Its time.
    pub at: Timestamp,
    /// Its values, SI; empty cells are left out.
    pub values: Vec<(SignalId, f64)>,
}

/// An open file of recorded data.
pub struct CsvFile {
    path: PathBuf,
    reader: csv::Reader<BufReader<File>>,
    record: StringRecord,
    header: Vec<String>,
    time_column: usize,
    signal_columns: Vec<(usize, SignalId)>,
    decimal_comma: bool,
    problems: Vec<Problem>,
    faults: Faults,
}

impl CsvFile {
    /// Opens `path` and finds out what its columns mean.
    pub fn open(path: &Path, scene: &Scene) -> Result<Self, CsvError> {
        let failed = |source| CsvError::Read {
            source,
            path: path.to_owned(),
        };
        let spec = scene.replay.clone().unwrap_or(ReplaySpec {
            time: None,
            delimiter: None,
            columns: Default::default(),
            ignore: Vec::new(),
        });
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        let delimiter = match spec.delimiter {
            Some(delimiter) => u8::try_from(delimiter).unwrap_or(b','),
            None => guess_delimiter(&mut file).map_err(failed)?,
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(file);
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(clean).collect(),
            Err(error) => return Err(failed(io::Error::other(error))),
        };
        let mut first = StringRecord::new();
        let start = reader.position().clone();
        let has_rows = reader.read_record(&mut first).unwrap_or(false);
        if has_rows {
            reader
                .seek(start)
                .map_err(|error| failed(io::Error::other(error)))?;
        }
        let columns = columns_of(&header, &first, &spec, scene);
        let (time_column, signal_columns, problems) =
            columns.map_err(|problems| CsvError::Unusable {
                problems,
                path: path.to_owned(),
            })?;
        Ok(Self {
            path: path.to_owned(),
            reader,
            record: first,
            header,
            time_column,
            signal_columns,
            decimal_comma: delimiter != b',',
            problems,
            faults: Faults::default(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is odd about the file without making it useless: columns that are unknown
    /// or missing.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The signals that the file has.
    pub fn signals(&self) -> impl Iterator<Item = SignalId> {
        self.signal_columns.iter().map(|(_, signal)| *signal)
    }

    /// The cells so far that gave no value.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Reads the next row that has a time into `row`; false at the end of the file.
    pub fn read(&mut self, scene: &Scene, row: &mut Row) -> Result<bool, CsvError> {
        loop {
            let more = self.reader.read_record(&mut self.record);
            match more.map_err(io::Error::other) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(source) if source.get_ref().is_some_and(is_utf8_error) => {
                    let line = self.reader.position().line();
                    self.note(line, 0, "", Rejection::NotUtf8);
                    continue;
                }
                Err(source) => {
                    return Err(CsvError::Read {
                        source,
                        path: self.path.clone(),
                    });
                }
            }
            if self.read_cells(scene, row) {
                return Ok(true);
            }
        }
    }

    /// Reads the current record; false if it has no time.
    fn read_cells(&mut self, scene: &Scene, row: &mut Row) -> bool {
        let record = std::mem::take(&mut self.record);
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let time = cell(self.time_column);
        let at = instant::from_text(time, TimeFormat::Auto);
        match at {
            None => self.note(line, self.time_column, time, Rejection::BadTime),
            Some(at) => {
                row.line = line;
                row.at = at;
                row.values.clear();
                for place in 0..self.signal_columns.len() {
                    let (column, signal) = self.signal_columns[place];
                    let text = cell(column);
                    match self.value(text, signal, scene) {
                        Ok(value) => row.values.push((signal, value)),
                        Err(Rejection::NoValue) => {}
                        Err(reason) => self.note(line, column, text, reason),
                    }
                }
            }
        }
        self.record = record;
        at.is_some()
    }

    fn value(&self, text: &str, signal: SignalId, scene: &Scene) -> Result<f64, Rejection> {
        let about = scene.signal(signal);
        match value::from_text(text, about) {
            Err(Rejection::NotANumber) if self.decimal_comma && text.contains(',') => {
                value::from_text(&text.replace(',', "."), about)
            }
            read => read,
        }
    }

    fn note(&mut self, line: u64, column: usize, cell: &str, reason: Rejection) {
        self.faults.count += 1;
        if self.faults.first.len() < MAX_KEPT_FAULTS {
            self.faults.first.push(Fault {
                line,
                column: self.header.get(column).cloned().unwrap_or_default(),
                cell: cell.chars().take(40).collect(),
                reason,
            });
        }
    }
}

fn is_utf8_error(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let error = error.downcast_ref::<csv::Error>();
    error.is_some_and(|error| matches!(error.kind(), csv::ErrorKind::Utf8 { .. }))
}

fn clean(name: &str) -> String {
    name.trim_start_matches('\u{feff}').trim().to_owned()
}

/// The delimiter that stands most often in the header.
fn guess_delimiter(file: &mut BufReader<File>) -> io::Result<u8> {
    let mut header = Vec::new();
    file.by_ref().take(1 << 16).read_until(b'\n', &mut header)?;
    file.rewind()?;
    let count = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    // The first of equals, so that a file of one column is read with commas.
    let delimiters = [b',', b';', b'\t', b'|'].into_iter().rev();
    Ok(delimiters
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b','))
}

/// What the columns of a file mean: the time's place, the signals' places, and what is odd.
fn columns_of(
    header: &[String],
    first: &StringRecord,
    spec: &ReplaySpec,
    scene: &Scene,
) -> Result<(usize, Vec<(usize, SignalId)>, Vec<Problem>), Vec<Problem>> {
    let mut problems = Vec::new();
    let time = time_column(header, first, spec);
    let mut signals = Vec::new();
    let mut taken = BTreeSet::new();
    for (place, name) in header.iter().enumerate() {
        if Some(place) == time || spec.ignore.iter().any(|ignored| ignored == name) {
            continue;
        }
        match signal_of_column(name, spec, scene) {
            Some(signal) if taken.insert(signal) => signals.push((place, signal)),
            Some(signal) => problems.push(problem(
                format!(
                    "a second column for `{}`: `{name}`",
                    scene.signal(signal).full_name
                ),
                "the first one counts",
            )),
            None => problems.push(unknown_column(name, scene)),
        }
    }
    for name in spec.columns.keys().chain(&spec.time) {
        if !header.contains(name) {
            let known = header.iter().map(String::as_str);
            let message = format!("the scene expects a column `{name}`, which is missing");
            problems.push(problem(message, did_you_mean(name, known)));
        }
    }
    let Some(time) = time else {
        let hint = "name the column in the scene: replay: (time: \"...\")";
        problems.push(problem("no column of times".to_owned(), hint));
        return Err(problems);
    };
    if signals.is_empty() {
        let hint = "map columns in the scene: replay: (columns: {\"column\": \"tag.signal\"})";
        problems.push(problem(
            "no column of any signal of this scene".to_owned(),
            hint,
        ));
        return Err(problems);
    }
    Ok((time, signals, problems))
}

fn problem(message: String, hint: impl Into<String>) -> Problem {
    Problem::new(Some(1), message, hint)
}

fn unknown_column(name: &str, scene: &Scene) -> Problem {
    let known = scene.signals.iter().map(|signal| signal.full_name.as_str());
    problem(
        format!("column `{name}` is no signal of this scene"),
        format!(
            "map it under `replay`, or list it under `ignore`; {}",
            did_you_mean(name, known)
        ),
    )
}

fn time_column(header: &[String], first: &StringRecord, spec: &ReplaySpec) -> Option<usize> {
    if let Some(name) = &spec.time {
        return header.iter().position(|column| column == name);
    }
    let named = TIME_NAMES.iter().find_map(|name| {
        let same = |column: &String| column.eq_ignore_ascii_case(name);
        header.iter().position(same)
    });
    // A number alone could be anything; a guess needs a date.
    let is_date = |cell: &str| cell.parse::<f64>().is_err() && cell.parse::<Timestamp>().is_ok();
    named.or_else(|| first.iter().position(is_date))
}

fn signal_of_column(name: &str, spec: &ReplaySpec, scene: &Scene) -> Option<SignalId> {
    if let Some(full_name) = spec.columns.get(name) {
        return scene.find_signal(full_name);
    }
    let same = |text: &str| text.eq_ignore_ascii_case(name);
    let full = |id: &SignalId| same(&scene.signal(*id).full_name);
    let own = |id: &SignalId| same(&scene.signal(*id).name);
    scene.signal_ids().find(full).or_else(|| {
        let mut found = scene.signal_ids().filter(own);
        let only = found.next();
        only.filter(|_| found.next().is_none())
    })
}
