//! The columns of samples in Parquet, and what the metadata of a file say beside them.

use std::sync::Arc;

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, ZstdLevel};
use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use serde::{Deserialize, Serialize};

use crate::recording::row::Names;

/// The metadata key of the version of the schema.
pub(super) const SCHEMA_KEY: &str = "parallax.schema";
/// The version that is written, and the newest that is read.
pub(super) const SCHEMA_VERSION: u32 = 1;
/// The metadata key of the names of states, as JSON: a list of [`NamedStates`].
pub(super) const STATES_KEY: &str = "parallax.states";

/// The states of a signal: a column tells only those that occur.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NamedStates {
    pub(super) tag: String,
    pub(super) signal: String,
    pub(super) states: Vec<String>,
}

/// The columns of [`COLUMNS`](super::COLUMNS), in their order.
pub(super) fn samples_schema() -> Result<TypePtr, ParquetError> {
    let text = |name, repetition| {
        Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
            .with_repetition(repetition)
            .with_logical_type(Some(LogicalType::String))
            .with_converted_type(ConvertedType::UTF8)
            .build()
    };
    let time = |name| {
        Type::primitive_type_builder(name, PhysicalType::INT64)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::NANOS)))
            .build()
    };
    let columns = [
        text("tag", Repetition::REQUIRED)?,
        text("signal", Repetition::REQUIRED)?,
        text("origin", Repetition::REQUIRED)?,
        text("unit", Repetition::REQUIRED)?,
        time("source_time")?,
        time("receive_time")?,
        Type::primitive_type_builder("value", PhysicalType::DOUBLE)
            .with_repetition(Repetition::OPTIONAL)
            .build()?,
        text("text", Repetition::OPTIONAL)?,
        Type::primitive_type_builder("quality", PhysicalType::INT32)
            .with_repetition(Repetition::REQUIRED)
            .build()?,
        text("clock", Repetition::REQUIRED)?,
    ];
    let columns = columns.into_iter().map(Arc::new).collect();
    let samples = Type::group_type_builder("samples")
        .with_fields(columns)
        .build()?;
    Ok(Arc::new(samples))
}

/// How the columns are written.
pub(super) fn samples_properties() -> Result<WriterPropertiesPtr, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_dictionary_enabled(true)
        .set_created_by(concat!("parallax ", env!("CARGO_PKG_VERSION")).to_owned());
    for time in ["source_time", "receive_time"] {
        // Instants hardly ever repeat, but their distances do.
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(time), false)
            .set_column_encoding(ColumnPath::from(time), Encoding::DELTA_BINARY_PACKED);
    }
    Ok(Arc::new(properties.build()))
}

/// What the metadata say of rows of these series.
pub(super) fn samples_metadata(names: &Names) -> Vec<KeyValue> {
    let with_states = names.series().iter().filter(|one| !one.states.is_empty());
    let states: Vec<_> = with_states
        .map(|series| NamedStates {
            tag: series.name.tag.to_string(),
            signal: series.name.signal.to_string(),
            states: series.states.to_vec(),
        })
        .collect();
    let mut metadata = vec![KeyValue::new(
        SCHEMA_KEY.to_owned(),
        SCHEMA_VERSION.to_string(),
    )];
    if let Ok(json) = serde_json::to_string(&states)
        && !states.is_empty()
    {
        metadata.push(KeyValue::new(STATES_KEY.to_owned(), json));
    }
    metadata
}
