//! Writing.
use std::io::Write;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};

use super::schema::{Kind, properties, schema};
use super::{SegmentError, SegmentHeader, SegmentInfo, SliceInfo};
use crate::recording::{Block, StartFrame};
use crate::signal::Clock;

/// Writer.
pub struct SegmentWriter<W: Write + Send> {
    parquet: SerializedFileWriter<W>,
    info: SegmentInfo,
}

pub(super) fn put<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    given: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("columns".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, given, None)?;
    column.close()
}

pub(super) fn texts(
    block: &Block,
    text: impl Fn(&crate::recording::Series) -> String,
) -> Vec<ByteArray> {
    let mut out = Vec::with_capacity(block.len());
    for (place, series) in block.series.iter().enumerate() {
        let text = ByteArray::from(text(series).as_str());
        out.extend(std::iter::repeat_n(text, block.rows_of(place).len()));
    }
    out
}

impl<W: Write + Send> SegmentWriter<W> {
    /// New.
    pub fn new(out: W, header: SegmentHeader) -> Result<Self, SegmentError> {
        let schema = schema(
            "samples",
            &[
                ("tag", Kind::Text),
                ("signal", Kind::Text),
                ("origin", Kind::Text),
                ("unit", Kind::Text),
                ("source_time", Kind::Time),
                ("receive_time", Kind::Time),
                ("value", Kind::NumberOption),
                ("text", Kind::TextOption),
                ("quality", Kind::Code),
                ("clock", Kind::Text),
            ],
        )?;
        let parquet = SerializedFileWriter::new(out, schema, Arc::new(properties()?.build()))?;
        Ok(Self {
            parquet,
            info: SegmentInfo {
                header,
                slices: Vec::new(),
            },
        })
    }

    /// Slice.
    pub fn write_slice(&mut self, frame: &StartFrame, block: &Block) -> Result<(), SegmentError> {
        let Some((from, to)) = block.span() else {
            return Ok(());
        };
        let frame = super::read::encode_frame(frame);
        let at = self.parquet.bytes_written() as u64;
        self.parquet
            .write_all(&frame)
            .map_err(|e| SegmentError::Wrong(e.to_string()))?;
        let mut group = self.parquet.next_row_group()?;
        put::<ByteArrayType, W>(&mut group, &texts(block, |s| s.name.tag.to_string()), None)?;
        put::<ByteArrayType, W>(
            &mut group,
            &texts(block, |s| s.name.signal.to_string()),
            None,
        )?;
        put::<ByteArrayType, W>(&mut group, &texts(block, |s| s.who.text().to_owned()), None)?;
        put::<ByteArrayType, W>(&mut group, &texts(block, |s| s.unit.to_string()), None)?;
        let c = &block.columns;
        let nanos = |t: &[crate::time::Timestamp]| t.iter().map(|t| t.nanos()).collect::<Vec<_>>();
        put::<Int64Type, W>(&mut group, &nanos(&c.at), None)?;
        put::<Int64Type, W>(&mut group, &nanos(&c.received), None)?;
        let given: Vec<i16> = c.mark.iter().map(|m| i16::from(!m.is_lost())).collect();
        let values: Vec<f64> = c
            .value
            .iter()
            .zip(&c.mark)
            .filter(|(_, m)| !m.is_lost())
            .map(|(v, _)| *v)
            .collect();
        put::<DoubleType, W>(&mut group, &values, Some(&given))?;
        let mut states = Vec::new();
        let mut given = Vec::with_capacity(block.len());
        for (place, series) in block.series.iter().enumerate() {
            for row in block.rows_of(place) {
                let state = c
                    .sample(row)
                    .and_then(|s| series.states.get(s.value as usize));
                given.push(i16::from(state.is_some()));
                states.extend(state.map(|s| ByteArray::from(s.as_str())));
            }
        }
        put::<ByteArrayType, W>(&mut group, &states, Some(&given))?;
        let codes: Vec<i32> = c.mark.iter().map(|m| m.quality().code() as i32).collect();
        put::<Int32Type, W>(&mut group, &codes, None)?;
        let clocks: Vec<ByteArray> = c
            .mark
            .iter()
            .map(|m| {
                ByteArray::from(match m.clock() {
                    Clock::Source => "source",
                    Clock::Receiver => "receiver",
                })
            })
            .collect();
        put::<ByteArrayType, W>(&mut group, &clocks, None)?;
        group.close()?;
        self.info.slices.push(SliceInfo {
            from_ns: from.nanos(),
            to_ns: to.nanos(),
            rows: block.len() as u64,
            frame: (at, at + frame.len() as u64),
            frame_crc: crc32fast::hash(&frame),
        });
        Ok(())
    }

    /// Finish.
    pub fn finish(mut self) -> Result<(W, SegmentInfo), SegmentError> {
        let text =
            serde_json::to_string(&self.info).map_err(|e| SegmentError::Wrong(e.to_string()))?;
        self.parquet
            .append_key_value_metadata(KeyValue::new("parallax.schema".to_owned(), "1".to_owned()));
        self.parquet
            .append_key_value_metadata(KeyValue::new("parallax.segment".to_owned(), text));
        Ok((self.parquet.into_inner()?, self.info))
    }
}
