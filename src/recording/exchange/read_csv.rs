//! CSV files as rows, line by line.
//!
//! The header names the columns, in any order: a tag, a signal, a time and a value are needed,
//! the rest may be missing. The delimiter is guessed from the header. A decimal comma is
//! understood where the comma does not part columns.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use csv::StringRecord;

use super::cell::{read_clock, read_quality, read_time, short};
use super::intake::{Cells, Intake};
use super::{ExchangeError, Imported, ReadSettings, RowSink, read_by};
use crate::problem::Problem;

/// No line is longer. An open quote would make one line of all the rest.
const MAX_LINE: u64 = 1 << 20;

/// Gives the rows of a CSV file to `sink`. Lines with a mistake are left out and told.
pub fn read_csv(
    path: &Path,
    settings: ReadSettings,
    sink: &mut dyn RowSink,
) -> Result<Imported, ExchangeError> {
    read_by(path, settings, sink, |sink| read(path, sink))
}

fn read(path: &Path, sink: &mut dyn RowSink) -> Result<Imported, ExchangeError> {
    let failed = |source| ExchangeError::Read {
        source,
        path: path.to_owned(),
    };
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
    let delimiter = guess_delimiter(&mut file).map_err(failed)?;
    let taken = Rc::new(Cell::new(0));
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(Bounded {
            file,
            taken: Rc::clone(&taken),
        });
    let mut intake = Intake::new(sink);
    let header = csv.headers().map_err(|error| failed(plain(error)))?;
    let columns = Columns::find(header, delimiter).map_err(|reason| ExchangeError::Unusable {
        reason,
        path: path.to_owned(),
    })?;
    for name in &columns.ignored {
        intake.ignore(name);
    }
    let mut record = StringRecord::new();
    loop {
        taken.set(0);
        match csv.read_record(&mut record) {
            Ok(false) => return intake.finish(),
            Ok(true) => {
                let line = record.position().map(|position| position.line() as u32);
                match columns.cells(&record) {
                    Ok(cells) => intake.take(line, String::new, &cells)?,
                    Err((message, hint)) => intake.fault(Problem::new(line, message, hint)),
                }
            }
            Err(error) => match error.kind() {
                csv::ErrorKind::Utf8 { pos, err } => {
                    let line = pos.as_ref().map(|position| position.line() as u32);
                    let message = format!("the text of cell {} is not UTF-8", err.field() + 1);
                    intake.fault(Problem::new(line, message, "write the file as UTF-8"));
                }
                _ => {
                    let line = csv.position().line();
                    let cause = plain(error);
                    let text = format!("{cause}, in what begins at line {line}");
                    return Err(failed(io::Error::new(cause.kind(), text)));
                }
            },
        }
    }
}

/// Where each column stands.
struct Columns {
    tag: usize,
    signal: usize,
    origin: Option<usize>,
    unit: Option<usize>,
    source_time: usize,
    receive_time: Option<usize>,
    value: usize,
    text: Option<usize>,
    quality: Option<usize>,
    clock: Option<usize>,
    count: usize,
    ignored: Vec<String>,
    decimal_comma: bool,
}

impl Columns {
    /// Finds the columns, or says which is missing.
    fn find(header: &StringRecord, delimiter: u8) -> Result<Self, String> {
        let names: Vec<_> = header.iter().map(str::to_ascii_lowercase).collect();
        let find = |wanted: &[&str]| {
            let place = |name: &&str| names.iter().position(|known| known == name);
            wanted.iter().find_map(place)
        };
        let need = |wanted: &[&str]| {
            find(wanted).ok_or_else(|| {
                let there = short(&header.iter().collect::<Vec<_>>().join(", "));
                format!(
                    "no column `{}`; the first line must name tag, signal, source_time and value, and names: {there}",
                    wanted[0]
                )
            })
        };
        let mut columns = Self {
            tag: need(&["tag"])?,
            signal: need(&["signal"])?,
            origin: find(&["origin"]),
            unit: find(&["unit"]),
            source_time: need(&["source_time", "time", "timestamp"])?,
            receive_time: find(&["receive_time"]),
            value: need(&["value"])?,
            text: find(&["text"]),
            quality: find(&["quality"]),
            clock: find(&["clock"]),
            count: names.len(),
            ignored: Vec::new(),
            decimal_comma: delimiter != b',',
        };
        for (place, name) in names.iter().enumerate() {
            if names[..place].contains(name) {
                return Err(format!("the column `{name}` stands there twice"));
            }
            if !columns.places().contains(&Some(place)) {
                columns.ignored.push(name.clone());
            }
        }
        Ok(columns)
    }

    fn places(&self) -> [Option<usize>; 10] {
        [
            Some(self.tag),
            Some(self.signal),
            self.origin,
            self.unit,
            Some(self.source_time),
            self.receive_time,
            Some(self.value),
            self.text,
            self.quality,
            self.clock,
        ]
    }

    /// The cells of a line, or what is wrong with one of them.
    fn cells<'r>(&self, record: &'r StringRecord) -> Result<Cells<'r>, (String, String)> {
        if record.len() != self.count {
            let message = format!(
                "{} cells, where the first line has {}",
                record.len(),
                self.count
            );
            return Err((message, "quote texts that hold the delimiter".to_owned()));
        }
        let cell = |place: Option<usize>| place.map_or("", |place| &record[place]);
        let received = match cell(self.receive_time) {
            "" => None,
            text => Some(read_time("receive_time", text)?),
        };
        let value = match &record[self.value] {
            "" => None,
            text => Some(self.number(text)?),
        };
        Ok(Cells {
            tag: &record[self.tag],
            signal: &record[self.signal],
            origin: cell(self.origin),
            unit: cell(self.unit),
            at: read_time("source_time", &record[self.source_time])?,
            received,
            value,
            text: cell(self.text),
            quality: read_quality(cell(self.quality))?,
            clock: read_clock(cell(self.clock))?,
        })
    }

    fn number(&self, text: &str) -> Result<f64, (String, String)> {
        let number = match text.parse() {
            Err(_) if self.decimal_comma => text.replacen(',', ".", 1).parse(),
            other => other,
        };
        number.map_err(|_| {
            (
                format!("`{}` in `value` is not a number", short(text)),
                "write a number such as 1.5 or 2e-7; a state's name belongs into `text`".to_owned(),
            )
        })
    }
}

/// A file that ends with an error in a line that is too long to be one.
struct Bounded {
    file: BufReader<File>,
    /// Bytes since the last line was complete.
    taken: Rc<Cell<u64>>,
}

impl Read for Bounded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken.get() > MAX_LINE {
            let text = "more than a MiB without the end of a line; close the quote or check that this is CSV";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let count = self.file.read(out)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}

/// The delimiter that the first line has most of.
fn guess_delimiter(file: &mut BufReader<File>) -> io::Result<u8> {
    let start = file.fill_buf()?;
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
    let count = |wanted: &u8| line.iter().filter(|byte| *byte == wanted).count();
    // Of equals the last wins.
    let likely = [b'\t', b';', b','].into_iter().max_by_key(count);
    Ok(likely.unwrap_or(b','))
}

fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => io::Error::other(format!("{other:?}")),
    }
}
