//! Rows in the binary format of COPY.
//!
//! See "Binary Format" at COPY in the manual of PostgreSQL: a header, then per row the number
//! of its fields and, per field, its length and its bytes in network order; a length of -1 is
//! NULL, a number of fields of -1 the end.

use std::io::{self, BufRead};

use super::PostgresError;
use crate::recording::exchange::{clock_text, state_text};
use crate::recording::row::{Row, Series};
use crate::time::Timestamp;

/// The columns in the order in which [`push_row`] writes them.
pub(super) const COLUMNS_WRITTEN: &str = "tag, signal, origin, unit, source_time, source_ns, \
    receive_ns, value, text, quality, clock";
/// The columns in the order in which [`Tuples::next`] reads them.
pub(super) const COLUMNS_READ: &str =
    "tag, signal, origin, unit, text, clock, source_ns, receive_ns, value, quality";

/// What stands before the first row: signature, flags, and no extension.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands behind the last row.
pub(super) const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

/// PostgreSQL counts from the year 2000: microseconds from 1970 until then.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// A text that is longer is not one of ours.
const LONGEST_TEXT: usize = 1 << 16;
/// Before the texts of a row.
const TEXTS: usize = 6;

/// The fields that are the same in all rows of a series.
pub(super) fn series_fields(series: &Series) -> Result<Vec<u8>, PostgresError> {
    let name = &series.name;
    let states = series.states.iter().map(String::as_str);
    let texts = [&*name.tag, &name.signal, series.who.text(), &series.unit];
    if let Some(bad) = texts
        .into_iter()
        .chain(states)
        .find(|text| text.contains('\0'))
    {
        return Err(PostgresError::Zero(bad.escape_debug().to_string()));
    }
    let mut fields = Vec::new();
    for text in texts {
        push(&mut fields, text.as_bytes());
    }
    Ok(fields)
}

/// Appends a row.
pub(super) fn push_row(out: &mut Vec<u8>, fields: &[u8], series: &Series, row: &Row) {
    out.extend(11_i16.to_be_bytes());
    out.extend(fields);
    let micros = row.at.nanos().div_euclid(1_000) - EPOCH_MICROS;
    for number in [micros, row.at.nanos(), row.received.nanos()] {
        push(out, &number.to_be_bytes());
    }
    match row.value {
        Some(value) => push(out, &value.to_be_bytes()),
        None => out.extend((-1_i32).to_be_bytes()),
    }
    match state_text(series, row.value) {
        "" => out.extend((-1_i32).to_be_bytes()),
        text => push(out, text.as_bytes()),
    }
    push(out, &i64::from(row.quality.code()).to_be_bytes());
    push(out, clock_text(row.clock).as_bytes());
}

fn push(out: &mut Vec<u8>, field: &[u8]) {
    // A field is a text of a scene or a few bytes.
    let length = i32::try_from(field.len()).unwrap_or(i32::MAX);
    out.extend(length.to_be_bytes());
    out.extend(field);
}

/// Rows of a COPY, read one by one.
pub(super) struct Tuples<R> {
    from: R,
    texts: Vec<u8>,
}

/// A row of a COPY.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tuple<'t> {
    /// Tag, signal, origin, unit, text and clock; empty for NULL.
    pub(super) texts: [&'t str; TEXTS],
    pub(super) at: Timestamp,
    pub(super) received: Timestamp,
    pub(super) value: Option<f64>,
    pub(super) quality: i64,
}

impl<R: BufRead> Tuples<R> {
    /// Reads what stands before the first row.
    pub(super) fn begin(mut from: R) -> io::Result<Self> {
        let mut header = [0; HEADER.len()];
        from.read_exact(&mut header)?;
        if header[..11] != HEADER[..11] || header[15..] != [0; 4] {
            return Err(invalid("this is no binary COPY"));
        }
        let texts = Vec::new();
        Ok(Self { from, texts })
    }

    /// The next row; `None` behind the last one.
    pub(super) fn next(&mut self) -> io::Result<Option<Tuple<'_>>> {
        match i16::from_be_bytes(self.bytes()?) {
            -1 => {
                // Up to the end, so that the connection is free again.
                io::copy(&mut self.from, &mut io::sink())?;
                return Ok(None);
            }
            10 => {}
            _ => return Err(invalid("a row has another number of fields")),
        }
        self.texts.clear();
        let mut ends = [0; TEXTS];
        for end in &mut ends {
            let length = usize::try_from(self.length()?).unwrap_or(0);
            if length > LONGEST_TEXT {
                return Err(invalid("a text is longer than 64 KiB"));
            }
            let start = self.texts.len();
            self.texts.resize(start + length, 0);
            self.from.read_exact(&mut self.texts[start..])?;
            *end = self.texts.len();
        }
        let at = self.number()?.ok_or_else(|| invalid("a time is NULL"))?;
        let received = self.number()?.ok_or_else(|| invalid("a time is NULL"))?;
        let value = self.number()?;
        let quality = self.number()?.ok_or_else(|| invalid("a quality is NULL"))?;
        let mut texts = [""; TEXTS];
        let mut start = 0;
        for (text, end) in texts.iter_mut().zip(ends) {
            *text = str::from_utf8(&self.texts[start..end])
                .map_err(|_| invalid("a text is not UTF-8"))?;
            start = end;
        }
        Ok(Some(Tuple {
            texts,
            at: Timestamp::from_nanos(i64::from_be_bytes(at)),
            received: Timestamp::from_nanos(i64::from_be_bytes(received)),
            value: value.map(f64::from_be_bytes),
            quality: i64::from_be_bytes(quality),
        }))
    }

    fn length(&mut self) -> io::Result<i32> {
        Ok(i32::from_be_bytes(self.bytes()?))
    }

    /// Eight bytes, or NULL.
    fn number(&mut self) -> io::Result<Option<[u8; 8]>> {
        match self.length()? {
            -1 => Ok(None),
            8 => self.bytes().map(Some),
            _ => Err(invalid("a number is not of eight bytes")),
        }
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
