//! From the bytes of a log to its rows, whatever the bytes are.

use std::sync::Arc;

use super::encode::{Before, checksum};
use super::wire::Cursor;
use super::{
    FRAMING, JournalRow, LogContents, LogEnd, LogError, MAGIC, Tear, VERSION, control, kind, mark,
};
use crate::recording::layout::Table;
use crate::recording::row::{Name, Names, Row, Series, SeriesIndex, Who};
use crate::signal::{Clock, Quality};
use crate::time::Timestamp;

/// What can be said of a log without reading its records.
pub(super) struct Header {
    pub(super) order: u64,
    pub(super) recorder: String,
    pub(super) began: Timestamp,
    /// Where the records begin.
    pub(super) bytes: usize,
    chain: u32,
}

/// Reads a log as far as it is whole; see [`LogContents::end`].
///
/// Takes memory in proportion to `bytes`, whatever they claim.
pub fn read_log(bytes: &[u8]) -> Result<LogContents, LogError> {
    let header = read_header(bytes)?;
    let mut contents = LogContents {
        order: header.order,
        recorder: header.recorder,
        began: header.began,
        names: Names::default(),
        rows: Vec::new(),
        journal: Vec::new(),
        end: LogEnd::Clean,
    };
    let (mut rest, mut chain) = (&bytes[header.bytes..], header.chain);
    while !rest.is_empty() {
        let taken = split_record(rest, &mut chain).and_then(|(payload, behind)| {
            take(&mut contents, payload)?;
            Ok(behind)
        });
        match taken {
            Ok(behind) => rest = behind,
            Err(reason) => {
                contents.end = LogEnd::Torn {
                    offset: (bytes.len() - rest.len()) as u64,
                    lost_bytes: rest.len() as u64,
                    reason,
                };
                break;
            }
        }
    }
    Ok(contents)
}

pub(super) fn read_header(bytes: &[u8]) -> Result<Header, LogError> {
    let mut cursor = Cursor::new(bytes);
    if cursor.array() != Some(MAGIC) {
        // A header that was cut short is damaged; another beginning is another kind of file.
        let begun = !bytes.is_empty() && MAGIC.starts_with(bytes);
        return Err(if begun {
            LogError::Header
        } else {
            LogError::Foreign
        });
    }
    let version = cursor.array().map(u32::from_le_bytes);
    let version = version.ok_or(LogError::Header)?;
    if version > VERSION {
        return Err(LogError::Newer(version));
    }
    let mut fields = || {
        let order = u64::from_le_bytes(cursor.array()?);
        let began = Timestamp::from_nanos(i64::from_le_bytes(cursor.array()?));
        let recorder = cursor.text()?.to_owned();
        let checked = bytes.len() - cursor.len();
        let chain = u32::from_le_bytes(cursor.array()?);
        (crc32fast::hash(&bytes[..checked]) == chain).then_some(Header {
            order,
            recorder,
            began,
            bytes: checked + 4,
            chain,
        })
    };
    fields().ok_or(LogError::Header)
}

/// The payload of the first record, and what is behind it.
fn split_record<'a>(bytes: &'a [u8], chain: &mut u32) -> Result<(&'a [u8], &'a [u8]), Tear> {
    let tear = |tear| {
        if bytes.iter().all(|byte| *byte == 0) {
            Tear::Zeros
        } else {
            tear
        }
    };
    let mut cursor = Cursor::new(bytes);
    let length: [u8; 4] = cursor.array().ok_or_else(|| tear(Tear::Incomplete))?;
    let sum = cursor.array().ok_or_else(|| tear(Tear::Incomplete))?;
    let payload = u32::from_le_bytes(length) as usize;
    if bytes.len() - FRAMING < payload {
        return Err(tear(Tear::Incomplete));
    }
    let (payload, behind) = bytes[FRAMING..].split_at(payload);
    let next = checksum(*chain, length, payload);
    if u32::from_le_bytes(sum) != next {
        return Err(tear(Tear::Checksum));
    }
    *chain = next;
    Ok((payload, behind))
}

/// Adds what a record holds: all of it, or nothing but names.
fn take(contents: &mut LogContents, payload: &[u8]) -> Result<(), Tear> {
    let mut cursor = Cursor::new(payload);
    let rows = contents.rows.len();
    let taken = match cursor.byte() {
        Some(kind::SERIES) => series(&mut contents.names, &mut cursor),
        Some(kind::ROWS) => {
            let count = rows_into(&mut contents.rows, contents.names.len(), &mut cursor);
            count.inspect_err(|_| contents.rows.truncate(rows))
        }
        Some(kind::JOURNAL) => note(&mut cursor)
            .map(|note| contents.journal.push(note))
            .ok_or(Tear::Content("a line of a journal")),
        _ => Err(Tear::Content("its kind is not known")),
    };
    taken?;
    if cursor.is_empty() {
        return Ok(());
    }
    contents.rows.truncate(rows);
    if payload.first() == Some(&kind::JOURNAL) {
        contents.journal.pop();
    }
    Err(Tear::Content("there is more in it than it says"))
}

fn series(names: &mut Names, cursor: &mut Cursor) -> Result<(), Tear> {
    let count = cursor.number().ok_or(Tear::Content("a count"))?;
    for _ in 0..count {
        let series = one_series(cursor).ok_or(Tear::Content("the name of a series"))?;
        let known = names.len();
        if names.add(series).index() < known {
            return Err(Tear::Content("a series is named twice"));
        }
    }
    Ok(())
}

fn one_series(cursor: &mut Cursor) -> Option<Series> {
    let name = Name::new(cursor.text()?, cursor.text()?);
    let who = match cursor.byte()? {
        0 => Who::Measured,
        1 => Who::Estimated,
        _ => return None,
    };
    let unit = cursor.text()?.into();
    let count = cursor.number()?;
    let states: Option<Arc<[String]>> = (0..count)
        .map(|_| cursor.text().map(str::to_owned))
        .collect();
    Some(Series {
        name,
        who,
        unit,
        states: states?,
    })
}

fn rows_into(rows: &mut Vec<Row>, named: usize, cursor: &mut Cursor) -> Result<(), Tear> {
    let count = cursor.number().ok_or(Tear::Content("a count"))?;
    // A row takes a byte or more: a claim of more rows than bytes reserves no memory.
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > cursor.len() {
        return Err(Tear::Content("there are fewer rows in it than it says"));
    }
    rows.reserve(count);
    let mut before = Before::START;
    for _ in 0..count {
        let row = one_row(&mut before, named as u64, cursor);
        rows.push(row.ok_or(Tear::Content("a row"))?);
    }
    Ok(())
}

#[inline]
fn one_row(before: &mut Before, named: u64, cursor: &mut Cursor) -> Option<Row> {
    let same = cursor.byte()?;
    if same & !control::ALL != 0 {
        return None;
    }
    let place = if same & control::NEXT_SERIES != 0 {
        before.next
    } else {
        cursor.number()?
    };
    if place >= named {
        return None;
    }
    if same & control::SAME_AT == 0 {
        before.at = before.at.wrapping_add(cursor.signed()?);
    }
    if same & control::RECEIVED_AT != 0 {
        before.received = before.at;
    } else if same & control::SAME_RECEIVED == 0 {
        before.received = before.received.wrapping_add(cursor.signed()?);
    }
    if same & control::SAME_MARK == 0 {
        let bits = cursor.byte()?;
        if bits & !(mark::RECEIVER | mark::LOST) != 0 {
            return None;
        }
        let code = u32::from(u16::from_le_bytes(cursor.array()?)) << 16;
        before.mark = (bits, Quality::from_code(code));
    }
    before.next = place + 1;
    let (bits, quality) = before.mark;
    let value = if bits & mark::LOST == 0 {
        Some(f64::from_bits(u64::from_le_bytes(cursor.array()?)))
    } else {
        None
    };
    Some(Row {
        series: SeriesIndex(u32::try_from(place).ok()?),
        at: Timestamp::from_nanos(before.at),
        received: Timestamp::from_nanos(before.received),
        value,
        quality,
        clock: if bits & mark::RECEIVER == 0 {
            Clock::Source
        } else {
            Clock::Receiver
        },
    })
}

fn note(cursor: &mut Cursor) -> Option<JournalRow> {
    let table = *Table::ALL.get(usize::from(cursor.byte()?))?;
    let at = Timestamp::from_nanos(i64::from_le_bytes(cursor.array()?));
    let json = cursor.text()?.to_owned();
    Some(JournalRow { table, at, json })
}
