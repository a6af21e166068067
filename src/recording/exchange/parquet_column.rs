//! A column of a Parquet file, whoever wrote it, as texts, numbers or instants.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, Int96};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

/// What a column is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// Whole numbers in units of so many nanoseconds since the Unix epoch.
    Time(i64),
}

/// What a column is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Value,
    Time,
    Quality,
}

/// Some cells of a column.
pub(super) enum Values {
    Text(Vec<Option<ByteArray>>),
    Float(Vec<Option<f64>>),
    Whole(Vec<Option<i64>>),
    /// Nanoseconds since the Unix epoch, as many as they may be.
    Nanos(Vec<Option<i128>>),
}

/// The Julian day of the Unix epoch, from which INT96 counts its days.
const EPOCH_DAY: i128 = 2_440_588;
const NANOS_PER_DAY: i128 = 86_400_000_000_000;

/// How to read a column in a role, or what it would have to be.
pub(super) fn kind_of(column: &ColumnDescriptor, role: Role) -> Result<Kind, &'static str> {
    if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
        return Err("plain values, not lists or structures");
    }
    let logical = column.logical_type_ref();
    let converted = column.converted_type();
    let physical = column.physical_type();
    let plain_integer = matches!(logical, None | Some(LogicalType::Integer(_)))
        && !matches!(
            converted,
            ConvertedType::DECIMAL
                | ConvertedType::DATE
                | ConvertedType::TIME_MILLIS
                | ConvertedType::TIME_MICROS
                | ConvertedType::TIMESTAMP_MILLIS
                | ConvertedType::TIMESTAMP_MICROS
        );
    let number = match physical {
        PhysicalType::INT32 | PhysicalType::INT64 => plain_integer,
        PhysicalType::FLOAT | PhysicalType::DOUBLE | PhysicalType::BOOLEAN => true,
        _ => false,
    };
    let text = physical == PhysicalType::BYTE_ARRAY
        && matches!(
            logical,
            None | Some(LogicalType::String | LogicalType::Enum | LogicalType::Json)
        )
        && converted != ConvertedType::DECIMAL;
    match role {
        Role::Text if text => Ok(Kind::Text),
        Role::Text => Err("texts"),
        Role::Value if number => Ok(Kind::Number),
        Role::Value => Err("whole or floating-point numbers"),
        Role::Quality if text => Ok(Kind::Text),
        Role::Quality if number && plain_integer && physical != PhysicalType::BOOLEAN => {
            Ok(Kind::Number)
        }
        Role::Quality => Err("status codes or names of OPC UA"),
        Role::Time if text => Ok(Kind::Text),
        Role::Time => match (physical, logical, converted) {
            (PhysicalType::INT96, ..) => Ok(Kind::Time(1)),
            (PhysicalType::INT64, Some(LogicalType::Timestamp(about)), _) => {
                Ok(Kind::Time(match about.unit {
                    TimeUnit::MILLIS => 1_000_000,
                    TimeUnit::MICROS => 1_000,
                    TimeUnit::NANOS => 1,
                }))
            }
            (PhysicalType::INT64, _, ConvertedType::TIMESTAMP_MILLIS) => Ok(Kind::Time(1_000_000)),
            (PhysicalType::INT64, _, ConvertedType::TIMESTAMP_MICROS) => Ok(Kind::Time(1_000)),
            _ => Err("timestamps; a plain number does not tell its unit"),
        },
    }
}

/// The next cells of a column, up to `rows` of them.
pub(super) fn read_cells(
    reader: &mut ColumnReader,
    column: &ColumnDescriptor,
    kind: Kind,
    rows: usize,
) -> Result<Values, ParquetError> {
    let nullable = column.max_def_level();
    let whole = |cells: Vec<Option<i64>>| match kind {
        Kind::Time(nanos) => {
            let nanos = i128::from(nanos);
            let wide = cells.into_iter();
            Values::Nanos(
                wide.map(|cell| cell.map(|count| i128::from(count) * nanos))
                    .collect(),
            )
        }
        Kind::Text | Kind::Number => Values::Whole(cells),
    };
    Ok(match reader {
        ColumnReader::BoolColumnReader(reader) => {
            whole(read(reader, nullable, rows, |flag| i64::from(*flag))?)
        }
        ColumnReader::Int32ColumnReader(reader) => {
            let unsigned = is_unsigned(column);
            let widen = |number: &i32| {
                let bits = i64::from(*number as u32);
                if unsigned { bits } else { i64::from(*number) }
            };
            whole(read(reader, nullable, rows, widen)?)
        }
        ColumnReader::Int64ColumnReader(reader) => {
            if is_unsigned(column) {
                let float = |number: &i64| *number as u64 as f64;
                Values::Float(read(reader, nullable, rows, float)?)
            } else {
                whole(read(reader, nullable, rows, |number| *number)?)
            }
        }
        ColumnReader::Int96ColumnReader(reader) => {
            Values::Nanos(read(reader, nullable, rows, nanos_of)?)
        }
        ColumnReader::FloatColumnReader(reader) => {
            Values::Float(read(reader, nullable, rows, |number| f64::from(*number))?)
        }
        ColumnReader::DoubleColumnReader(reader) => {
            Values::Float(read(reader, nullable, rows, |number| *number)?)
        }
        ColumnReader::ByteArrayColumnReader(reader) => {
            Values::Text(read(reader, nullable, rows, ByteArray::clone)?)
        }
        ColumnReader::FixedLenByteArrayColumnReader(_) => {
            return Err(ParquetError::General("bytes of fixed length".to_owned()));
        }
    })
}

fn is_unsigned(column: &ColumnDescriptor) -> bool {
    let logical = match column.logical_type_ref() {
        Some(LogicalType::Integer(about)) => !about.is_signed,
        _ => false,
    };
    logical
        || matches!(
            column.converted_type(),
            ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64
        )
}

fn nanos_of(instant: &Int96) -> i128 {
    let &[low, high, day] = instant.data() else {
        return i128::MAX; // refused as a time that is too far away
    };
    let in_day = i128::from(low) + (i128::from(high) << 32);
    (i128::from(day as i32) - EPOCH_DAY) * NANOS_PER_DAY + in_day
}

/// Reads `rows` cells; fewer are an error, for all columns of a group have as many.
fn read<T: DataType, V>(
    reader: &mut ColumnReaderImpl<T>,
    nullable: i16,
    rows: usize,
    of: impl Fn(&T::T) -> V,
) -> Result<Vec<Option<V>>, ParquetError> {
    let mut values = Vec::with_capacity(rows);
    let mut levels = Vec::new();
    let (count, ..) = reader.read_records(rows, Some(&mut levels), None, &mut values)?;
    if count != rows {
        let text = format!("a column ends {} rows early", rows - count);
        return Err(ParquetError::General(text));
    }
    if nullable == 0 {
        return Ok(values.iter().map(|value| Some(of(value))).collect());
    }
    let mut values = values.iter();
    let cell = |level: &i16| {
        if *level == nullable {
            values.next().map(&of)
        } else {
            None
        }
    };
    Ok(levels.iter().map(cell).collect())
}
