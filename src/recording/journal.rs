//! What alarms, operators, programs and those who move did: tables of few rows and many texts.
//!
//! Each record has its own columns in its own table; an entry is the form in which all of them
//! go through the log, as JSON, and into Parquet.

use std::sync::Arc;

use parquet::basic::{
    Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType, ZstdLevel,
};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::layout::Table;
use super::log::JournalRow;
use crate::time::Timestamp;

/// The version of the columns of journals.
const SCHEMA: &str = "1";
/// The metadata key of the version.
const SCHEMA_KEY: &str = "parallax.schema";

/// An entry of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Which table.
    pub table: Journal,
    /// When it happened, or the instant that it is about, ns since the Unix epoch.
    pub at_ns: i64,
    /// A number, where the table has one.
    pub value: Option<f64>,
    /// By column of the table.
    pub texts: Vec<Option<String>>,
}

/// A table of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Journal {
    /// Changes of alarms.
    Alarms,
    /// What operators noted.
    Notes,
    /// Who did what.
    Audit,
    /// Where those who move were seen.
    Members,
}

/// One alarm went from one state to another.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmRecord {
    /// When.
    pub at: Timestamp,
    /// The tag of the asset.
    pub tag: String,
    /// The name of the signal.
    pub signal: String,
    /// Which of the signal's limits, such as `high 3`.
    pub limit: String,
    /// How urgent.
    pub priority: String,
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// The value of the signal then, SI.
    pub value: f64,
    /// Who did it, if somebody did.
    pub by: Option<String>,
    /// When a shelved alarm comes back.
    pub shelved_until: Option<Timestamp>,
    /// Why it is shelved.
    pub reason: Option<String>,
}

/// What an operator noted.
#[derive(Clone, Debug, PartialEq)]
pub struct NoteRecord {
    /// The instant that it is about.
    pub at: Timestamp,
    /// When it was written.
    pub written: Timestamp,
    /// Who wrote it.
    pub by: String,
    /// The asset that it is about, if it is about one.
    pub tag: Option<String>,
    /// The note.
    pub text: String,
}

/// Somebody did something.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What, in a word or two.
    pub action: String,
    /// To what.
    pub subject: String,
    /// The particulars.
    pub detail: String,
}

/// Where members of a population were seen at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct MembersRecord {
    /// When.
    pub at: Timestamp,
    /// The name of the population.
    pub population: String,
    /// The report, as JSON: names of kinds and places, metres, degrees.
    pub report: String,
}

/// Why a journal could not be read or written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// It is no Parquet, or a broken one.
    #[error("not a whole Parquet file ({0}): restore it from a copy, or move it away")]
    Parquet(#[from] ParquetError),
    /// Another program wrote it.
    #[error("no journal of this program (`{SCHEMA_KEY}` is missing): move it out of the store")]
    Foreign,
    /// A later program wrote it.
    #[error("schema {found} is newer than {SCHEMA}: open it with a newer version")]
    Newer {
        /// Its version.
        found: String,
    },
    /// Columns are not what they should be.
    #[error("column `{column}` is not what the schema says: restore the file from a copy")]
    Column {
        /// Which.
        column: &'static str,
    },
}

impl Journal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Alarms, Self::Notes, Self::Audit, Self::Members];

    /// Its table.
    pub const fn table(self) -> Table {
        match self {
            Self::Alarms => Table::Alarms,
            Self::Notes => Table::Notes,
            Self::Audit => Table::Audit,
            Self::Members => Table::Members,
        }
    }

    /// The names of its columns of text, after `time` and `value`.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Alarms => &[
                "tag",
                "signal",
                "limit",
                "priority",
                "from_state",
                "to_state",
                "by",
                "shelved_until",
                "reason",
            ],
            Self::Notes => &["written", "by", "tag", "text"],
            Self::Audit => &["by", "action", "subject", "detail"],
            Self::Members => &["population", "report"],
        }
    }
}

impl JournalEntry {
    /// As a line of the log.
    pub fn to_row(&self) -> JournalRow {
        JournalRow {
            table: self.table.table(),
            at: self.at(),
            // Plain numbers and texts: nothing that JSON could not hold.
            json: serde_json::to_string(self).unwrap_or_default(),
        }
    }

    /// From a line of the log; `None` if it is no entry of this program.
    pub fn from_row(row: &JournalRow) -> Option<Self> {
        serde_json::from_str(&row.json).ok()
    }

    /// When it happened, or the instant that it is about.
    pub const fn at(&self) -> Timestamp {
        Timestamp::from_nanos(self.at_ns)
    }

    /// The text of a column; empty if there is none.
    fn text(&self, column: usize) -> String {
        let text = self.texts.get(column).cloned().flatten();
        text.unwrap_or_default()
    }
}

impl From<AlarmRecord> for JournalEntry {
    fn from(record: AlarmRecord) -> Self {
        Self {
            table: Journal::Alarms,
            at_ns: record.at.nanos(),
            value: Some(record.value),
            texts: vec![
                Some(record.tag),
                Some(record.signal),
                Some(record.limit),
                Some(record.priority),
                Some(record.from),
                Some(record.to),
                record.by,
                record.shelved_until.map(|until| until.to_string()),
                record.reason,
            ],
        }
    }
}

impl AlarmRecord {
    /// From a row of the table of alarms.
    pub fn from_entry(row: &JournalEntry) -> Option<Self> {
        (row.table == Journal::Alarms).then(|| Self {
            at: row.at(),
            tag: row.text(0),
            signal: row.text(1),
            limit: row.text(2),
            priority: row.text(3),
            from: row.text(4),
            to: row.text(5),
            value: row.value.unwrap_or_default(),
            by: row.texts.get(6).cloned().flatten(),
            shelved_until: row.text(7).parse().ok(),
            reason: row.texts.get(8).cloned().flatten(),
        })
    }
}

impl From<NoteRecord> for JournalEntry {
    fn from(record: NoteRecord) -> Self {
        Self {
            table: Journal::Notes,
            at_ns: record.at.nanos(),
            value: None,
            texts: vec![
                Some(record.written.to_string()),
                Some(record.by),
                record.tag,
                Some(record.text),
            ],
        }
    }
}

impl NoteRecord {
    /// From a row of the table of notes.
    pub fn from_entry(row: &JournalEntry) -> Option<Self> {
        (row.table == Journal::Notes).then(|| Self {
            at: row.at(),
            written: row.text(0).parse().unwrap_or_else(|_| row.at()),
            by: row.text(1),
            tag: row.texts.get(2).cloned().flatten(),
            text: row.text(3),
        })
    }
}

impl From<AuditRecord> for JournalEntry {
    fn from(record: AuditRecord) -> Self {
        Self {
            table: Journal::Audit,
            at_ns: record.at.nanos(),
            value: None,
            texts: [record.by, record.action, record.subject, record.detail]
                .map(Some)
                .to_vec(),
        }
    }
}

impl AuditRecord {
    /// From a row of the table of deeds.
    pub fn from_entry(row: &JournalEntry) -> Option<Self> {
        (row.table == Journal::Audit).then(|| Self {
            at: row.at(),
            by: row.text(0),
            action: row.text(1),
            subject: row.text(2),
            detail: row.text(3),
        })
    }
}

impl From<MembersRecord> for JournalEntry {
    fn from(record: MembersRecord) -> Self {
        Self {
            table: Journal::Members,
            at_ns: record.at.nanos(),
            value: None,
            texts: vec![Some(record.population), Some(record.report)],
        }
    }
}

impl MembersRecord {
    /// From a row of the table of members.
    pub fn from_entry(row: &JournalEntry) -> Option<Self> {
        (row.table == Journal::Members).then(|| Self {
            at: row.at(),
            population: row.text(0),
            report: row.text(1),
        })
    }
}

/// The rows of one table as Parquet, in order of time.
pub(super) fn write_journal(
    journal: Journal,
    rows: &[&JournalEntry],
) -> Result<Vec<u8>, JournalError> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.at_ns);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_created_by(concat!("parallax ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(
            SCHEMA_KEY.to_owned(),
            SCHEMA.to_owned(),
        )]))
        .build();
    let mut parquet =
        SerializedFileWriter::new(Vec::new(), schema(journal)?, Arc::new(properties))?;
    let mut group = parquet.next_row_group()?;
    let times: Vec<i64> = rows.iter().map(|row| row.at_ns).collect();
    write_column::<Int64Type>(&mut group, &times, None)?;
    let values: Vec<f64> = rows.iter().filter_map(|row| row.value).collect();
    let given: Vec<i16> = rows
        .iter()
        .map(|row| i16::from(row.value.is_some()))
        .collect();
    write_column::<DoubleType>(&mut group, &values, Some(&given))?;
    for column in 0..journal.columns().len() {
        let texts: Vec<Option<&str>> = rows
            .iter()
            .map(|row| row.texts.get(column).and_then(Option::as_deref))
            .collect();
        let given: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
        let texts: Vec<ByteArray> = texts.into_iter().flatten().map(ByteArray::from).collect();
        write_column::<ByteArrayType>(&mut group, &texts, Some(&given))?;
    }
    group.close()?;
    Ok(parquet.into_inner()?)
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    given: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("more columns than the schema has".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, given, None)?;
    column.close()
}

fn schema(journal: Journal) -> Result<TypePtr, ParquetError> {
    let time = Type::primitive_type_builder("time", PhysicalType::INT64)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::NANOS)))
        .build()?;
    let value = Type::primitive_type_builder("value", PhysicalType::DOUBLE)
        .with_repetition(Repetition::OPTIONAL)
        .build()?;
    let mut columns = vec![Arc::new(time), Arc::new(value)];
    for name in journal.columns() {
        let text = Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(LogicalType::String))
            .build()?;
        columns.push(Arc::new(text));
    }
    let row = Type::group_type_builder(journal.table().folder()).with_fields(columns);
    Ok(Arc::new(row.build()?))
}

/// The rows of a Parquet file that [`write_journal`] wrote.
pub(super) fn read_journal(
    journal: Journal,
    bytes: bytes::Bytes,
) -> Result<Vec<JournalEntry>, JournalError> {
    let file = SerializedFileReader::new(bytes)?;
    let metadata = file.metadata().file_metadata();
    let pairs = metadata.key_value_metadata().map_or(&[][..], Vec::as_slice);
    let version = pairs.iter().find(|pair| pair.key == SCHEMA_KEY);
    match version.and_then(|pair| pair.value.as_deref()) {
        Some(SCHEMA) => {}
        Some(found) => {
            return Err(JournalError::Newer {
                found: found.chars().take(20).collect(),
            });
        }
        None => return Err(JournalError::Foreign),
    }
    let mut rows = Vec::new();
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group)?;
        let count = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let ColumnReader::Int64ColumnReader(mut times) = group.get_column_reader(0)? else {
            return Err(JournalError::Column { column: "time" });
        };
        let mut at = Vec::new();
        times.read_records(count, None, None, &mut at)?;
        let ColumnReader::DoubleColumnReader(mut values) = group.get_column_reader(1)? else {
            return Err(JournalError::Column { column: "value" });
        };
        let (mut value, mut given) = (Vec::new(), Vec::new());
        values.read_records(count, Some(&mut given), None, &mut value)?;
        let mut value = value.into_iter();
        let first = rows.len();
        rows.extend(
            at.into_iter()
                .zip(given)
                .map(|(at_ns, given)| JournalEntry {
                    table: journal,
                    at_ns,
                    value: (given > 0).then(|| value.next()).flatten(),
                    texts: Vec::new(),
                }),
        );
        // Columns were added at the end: an older file has fewer.
        let held = group.metadata().num_columns().saturating_sub(2);
        for (place, column) in journal.columns().iter().enumerate().take(held) {
            let ColumnReader::ByteArrayColumnReader(mut texts) =
                group.get_column_reader(2 + place)?
            else {
                return Err(JournalError::Column { column });
            };
            let (mut text, mut given) = (Vec::new(), Vec::new());
            texts.read_records(count, Some(&mut given), None, &mut text)?;
            let mut text = text.into_iter();
            for (row, given) in rows[first..].iter_mut().zip(given) {
                let text = (given > 0).then(|| text.next()).flatten();
                let text = text.map(|text| String::from_utf8_lossy(text.data()).into_owned());
                row.texts.push(text);
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_through_a_file_and_come_back() {
        let at = Timestamp::from_nanos(1_700_000_000_123_456_789);
        let alarm = AlarmRecord {
            at,
            tag: "P-101".to_owned(),
            signal: "flow".to_owned(),
            limit: "low 3".to_owned(),
            priority: "high".to_owned(),
            from: "normal".to_owned(),
            to: "unacknowledged".to_owned(),
            value: 0.1,
            by: None,
            shelved_until: Some(at),
            reason: Some("cleaning".to_owned()),
        };
        let row = JournalEntry::from(alarm.clone());
        let bytes = write_journal(Journal::Alarms, &[&row]).expect("written");
        let rows = read_journal(Journal::Alarms, bytes.into()).expect("read");
        assert_eq!(rows, [row]);
        assert_eq!(AlarmRecord::from_entry(&rows[0]), Some(alarm));

        let note = NoteRecord {
            at,
            written: at,
            by: "operator".to_owned(),
            tag: None,
            text: "seal replaced ✓".to_owned(),
        };
        let row = JournalEntry::from(note.clone());
        let bytes = write_journal(Journal::Notes, &[&row, &row]).expect("written");
        let rows = read_journal(Journal::Notes, bytes.into()).expect("read");
        assert_eq!(NoteRecord::from_entry(&rows[1]), Some(note));
    }

    #[test]
    fn what_is_no_journal_is_refused() {
        let told = read_journal(Journal::Notes, vec![7; 100].into());
        assert!(matches!(told, Err(JournalError::Parquet(_))), "{told:?}");
    }
}
