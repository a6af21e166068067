//! Columns.
use std::sync::Arc;

use parquet::basic::{
    Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::{Type, TypePtr};

pub(super) enum Kind {
    Text,
    TextOption,
    Time,
    Number,
    NumberOption,
    Code,
    Count,
}

pub(super) fn schema(name: &str, columns: &[(&str, Kind)]) -> Result<TypePtr, ParquetError> {
    let fields: Result<Vec<_>, ParquetError> = columns
        .iter()
        .map(|(name, kind)| {
            let (physical, logical, repetition) = match kind {
                Kind::Text => (
                    Physical::BYTE_ARRAY,
                    Some(LogicalType::String),
                    Repetition::REQUIRED,
                ),
                Kind::TextOption => (
                    Physical::BYTE_ARRAY,
                    Some(LogicalType::String),
                    Repetition::OPTIONAL,
                ),
                Kind::Time => (
                    Physical::INT64,
                    Some(LogicalType::timestamp(false, TimeUnit::NANOS)),
                    Repetition::REQUIRED,
                ),
                Kind::Number => (Physical::DOUBLE, None, Repetition::REQUIRED),
                Kind::NumberOption => (Physical::DOUBLE, None, Repetition::OPTIONAL),
                Kind::Code => (Physical::INT32, None, Repetition::REQUIRED),
                Kind::Count => (Physical::INT64, None, Repetition::REQUIRED),
            };
            Ok(Arc::new(
                Type::primitive_type_builder(name, physical)
                    .with_logical_type(logical)
                    .with_repetition(repetition)
                    .build()?,
            ))
        })
        .collect();
    Ok(Arc::new(
        Type::group_type_builder(name)
            .with_fields(fields?)
            .build()?,
    ))
}

pub(super) fn properties() -> Result<WriterPropertiesBuilder, ParquetError> {
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_created_by(concat!("parallax ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(20_000)
        .set_encoding(Encoding::PLAIN))
}
