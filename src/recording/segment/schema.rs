//! The columns of the tables that hold samples, as Parquet knows them.
//!
//! Times are UTC. They are not marked as adjusted to UTC: DuckDB before 2.0 reads such times to
//! the microsecond only, and 2.0 compares them with no literal without a cast. Unmarked, every
//! reader tells them to the nanosecond.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::schema::types::{Type, TypePtr};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text, of few different ones.
    Word,
    /// A 32-bit code, of few different ones.
    Code,
    /// ns since the Unix epoch, UTC.
    Time,
    /// A number.
    Number,
    /// How many.
    Count,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnSpec {
    /// Its name.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// True if it may say nothing.
    pub(super) optional: bool,
}

/// A table: what its files are called inside, and their columns.
#[derive(Debug)]
pub(super) struct TableSpec {
    /// The name in the metadata.
    pub(super) name: &'static str,
    /// The columns, in order. The first four say whose row it is, the fifth is the time.
    pub(super) columns: &'static [ColumnSpec],
    /// Rows of a page of a column that is read for one signal.
    pub(super) page_rows: usize,
}

const fn column(name: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        optional: false,
    }
}

const fn optional(name: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        optional: true,
    }
}

/// Every sample.
pub(super) static SAMPLES: TableSpec = TableSpec {
    name: "samples",
    columns: &[
        column("tag", Kind::Word),
        column("signal", Kind::Word),
        column("origin", Kind::Word),
        column("unit", Kind::Word),
        column("source_time", Kind::Time),
        column("receive_time", Kind::Time),
        optional("value", Kind::Number),
        optional("text", Kind::Word),
        column("quality", Kind::Code),
        column("clock", Kind::Word),
    ],
    // Some 300 signals of 100 rows.
    page_rows: 32_768,
};

/// Samples summed up.
pub(super) static BUCKETS: TableSpec = TableSpec {
    name: "buckets",
    columns: &[
        column("tag", Kind::Word),
        column("signal", Kind::Word),
        column("origin", Kind::Word),
        column("unit", Kind::Word),
        column("start", Kind::Time),
        column("min", Kind::Number),
        column("max", Kind::Number),
        column("mean", Kind::Number),
        column("first", Kind::Number),
        column("first_time", Kind::Time),
        column("last", Kind::Number),
        column("last_time", Kind::Time),
        column("count", Kind::Count),
        column("quality", Kind::Code),
    ],
    // Some 70 signals of an hour's minutes: one signal is read of many files at once.
    page_rows: 4_096,
};

impl TableSpec {
    /// The place of a column.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The schema.
    pub(super) fn parquet(&self) -> Result<TypePtr, ParquetError> {
        let columns = self.columns.iter().map(|column| {
            let repetition = if column.optional {
                Repetition::OPTIONAL
            } else {
                Repetition::REQUIRED
            };
            let built = Type::primitive_type_builder(column.name, column.kind.physical())
                .with_repetition(repetition)
                .with_logical_type(column.kind.logical())
                .build()?;
            Ok(Arc::new(built))
        });
        let table = Type::group_type_builder(self.name)
            .with_fields(columns.collect::<Result<_, ParquetError>>()?)
            .build()?;
        Ok(Arc::new(table))
    }
}

impl Kind {
    /// The type of its bytes.
    pub(super) fn physical(self) -> PhysicalType {
        match self {
            Self::Word => PhysicalType::BYTE_ARRAY,
            Self::Code => PhysicalType::INT32,
            Self::Time | Self::Count => PhysicalType::INT64,
            Self::Number => PhysicalType::DOUBLE,
        }
    }

    fn logical(self) -> Option<LogicalType> {
        match self {
            Self::Word => Some(LogicalType::String),
            Self::Time => Some(LogicalType::timestamp(false, TimeUnit::NANOS)),
            Self::Code | Self::Number | Self::Count => None,
        }
    }

    /// A number that rises as the values of these bits do. Parquet orders floating-point
    /// numbers as IEEE 754 does in total: -0 before +0.
    pub(super) fn key(self, bits: u64) -> i64 {
        let signed = bits as i64;
        match self {
            Self::Number => signed ^ ((signed >> 63) as u64 >> 1) as i64,
            Self::Word | Self::Code | Self::Time | Self::Count => signed,
        }
    }

    /// The bits of a [`key`](Self::key).
    pub(super) fn bits(self, key: i64) -> u64 {
        // Doing it twice undoes it: the sign stays as it is.
        self.key(key as u64) as u64
    }
}
