//! Reading.
use std::io::Read;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::reader::{
    ChunkReader, FileReader, Length, RowGroupReader, SerializedFileReader,
};

use super::{SegmentError, SegmentInfo};
use crate::history::{Mark, SampleColumns};
use crate::recording::depot::Piece;
use crate::recording::{Block, Name, Series, StartFrame, Who};
use crate::signal::{Clock, Quality, Sample};
use crate::time::Timestamp;

pub(super) struct Chunk(pub(super) Arc<dyn Piece>);

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl ChunkReader for Chunk {
    type T = Box<dyn Read + Send>;
    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let bytes = self
            .0
            .read(start..self.0.len())
            .map_err(|e| ParquetError::General(e.to_string()))?;
        Ok(Box::new(bytes.reader()))
    }
    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.0
            .read(start..start + length as u64)
            .map_err(|e| ParquetError::General(e.to_string()))
    }
}

/// Open segment.
pub struct Segment {
    piece: Arc<dyn Piece>,
    file: SerializedFileReader<Chunk>,
    info: SegmentInfo,
}

pub(super) fn text(
    reader: &dyn RowGroupReader,
    column: usize,
    rows: usize,
) -> Result<Vec<Option<Arc<str>>>, SegmentError> {
    let ColumnReader::ByteArrayColumnReader(mut r) = reader.get_column_reader(column)? else {
        return Err(SegmentError::Wrong(format!("column {column}")));
    };
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    r.read_records(rows, Some(&mut levels), None, &mut values)?;
    let mut out = Vec::with_capacity(rows);
    let mut last: Option<(Vec<u8>, Arc<str>)> = None;
    let mut values = values.into_iter();
    for row in 0..rows {
        if levels.get(row).is_some_and(|l| *l == 0) {
            out.push(None);
            continue;
        }
        let Some(v) = values.next() else { break };
        match &last {
            Some((b, s)) if b == v.data() => out.push(Some(Arc::clone(s))),
            _ => {
                let s: Arc<str> = String::from_utf8_lossy(v.data()).into();
                last = Some((v.data().to_vec(), Arc::clone(&s)));
                out.push(Some(s));
            }
        }
    }
    Ok(out)
}

pub(super) fn longs(
    reader: &dyn RowGroupReader,
    column: usize,
    rows: usize,
) -> Result<Vec<i64>, SegmentError> {
    let ColumnReader::Int64ColumnReader(mut r) = reader.get_column_reader(column)? else {
        return Err(SegmentError::Wrong(format!("column {column}")));
    };
    let mut values = Vec::new();
    r.read_records(rows, None, None, &mut values)?;
    Ok(values)
}

pub(super) fn doubles(
    reader: &dyn RowGroupReader,
    column: usize,
    rows: usize,
) -> Result<Vec<Option<f64>>, SegmentError> {
    let ColumnReader::DoubleColumnReader(mut r) = reader.get_column_reader(column)? else {
        return Err(SegmentError::Wrong(format!("column {column}")));
    };
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    r.read_records(rows, Some(&mut levels), None, &mut values)?;
    let mut values = values.into_iter();
    Ok((0..rows)
        .map(|row| {
            if levels.get(row).is_some_and(|l| *l == 0) {
                None
            } else {
                values.next()
            }
        })
        .collect())
}

impl Segment {
    /// Open.
    pub fn open(piece: Arc<dyn Piece>) -> Result<Self, SegmentError> {
        let file = SerializedFileReader::new(Chunk(Arc::clone(&piece)))?;
        let metadata = file.metadata().file_metadata();
        let pairs = metadata.key_value_metadata().map_or(&[][..], Vec::as_slice);
        let text = pairs
            .iter()
            .find(|p| p.key == "parallax.segment")
            .and_then(|p| p.value.clone());
        let text =
            text.ok_or_else(|| SegmentError::Wrong("no segment of this program".to_owned()))?;
        let info = serde_json::from_str(&text).map_err(|e| SegmentError::Wrong(e.to_string()))?;
        Ok(Self { piece, file, info })
    }

    /// Info.
    pub fn info(&self) -> &SegmentInfo {
        &self.info
    }

    /// Slice.
    pub fn read_slice(&self, slice: usize) -> Result<(StartFrame, Block), SegmentError> {
        let info = self
            .info
            .slices
            .get(slice)
            .ok_or_else(|| SegmentError::Wrong("slice".to_owned()))?;
        let frame = self.piece.read(info.frame.0..info.frame.1)?;
        if crc32fast::hash(&frame) != info.frame_crc {
            return Err(SegmentError::Wrong("frame checksum".to_owned()));
        }
        let frame = decode_frame(&frame)?;
        let group = self.file.get_row_group(slice)?;
        let g = &*group;
        let rows = g.metadata().num_rows() as usize;
        let (tag, signal, who, unit) = (
            text(g, 0, rows)?,
            text(g, 1, rows)?,
            text(g, 2, rows)?,
            text(g, 3, rows)?,
        );
        let (at, received) = (longs(g, 4, rows)?, longs(g, 5, rows)?);
        let values = doubles(g, 6, rows)?;
        let ColumnReader::Int32ColumnReader(mut r) = g.get_column_reader(8)? else {
            return Err(SegmentError::Wrong("quality".to_owned()));
        };
        let mut codes = Vec::new();
        r.read_records(rows, None, None, &mut codes)?;
        let clock = text(g, 9, rows)?;
        let mut block = Block {
            columns: SampleColumns::with_capacity(rows),
            ..Block::default()
        };
        for row in 0..rows {
            let (Some(t), Some(s)) = (&tag[row], &signal[row]) else {
                continue;
            };
            let w = who[row]
                .as_deref()
                .and_then(Who::from_text)
                .unwrap_or(Who::Measured);
            let same = block
                .series
                .last()
                .is_some_and(|l: &Series| l.name.tag == *t && l.name.signal == *s && l.who == w);
            if !same {
                block.series.push(Series {
                    name: Name {
                        tag: Arc::clone(t),
                        signal: Arc::clone(s),
                    },
                    who: w,
                    unit: unit[row].clone().unwrap_or_default(),
                    states: [].into(),
                });
                block.ends.push(row);
            }
            block.columns.at.push(Timestamp::from_nanos(at[row]));
            block
                .columns
                .received
                .push(Timestamp::from_nanos(received[row]));
            block.columns.value.push(values[row].unwrap_or_default());
            let c = match clock[row].as_deref() {
                Some("receiver") => Clock::Receiver,
                _ => Clock::Source,
            };
            block.columns.mark.push(match values[row] {
                Some(_) => Mark::of(Quality::from_code(codes[row] as u32), c),
                None => Mark::lost(),
            });
            if let Some(end) = block.ends.last_mut() {
                *end = row + 1;
            }
        }
        Ok((frame, block))
    }

    /// Series.
    pub fn read_series(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<SampleColumns, SegmentError> {
        let mut out = SampleColumns::default();
        for (slice, info) in self.info.slices.iter().enumerate() {
            if info.to() < from || info.from() > to {
                continue;
            }
            let (_, block) = self.read_slice(slice)?;
            for (place, series) in block.series.iter().enumerate() {
                if series.name == *name && series.who == who {
                    for row in block.rows_of(place) {
                        if (from..=to).contains(&block.columns.at[row]) {
                            out.push_row(&block.columns, row);
                        }
                    }
                }
            }
        }
        Ok(out)
    }

    /// Verify; rows.
    pub fn verify(&self) -> Result<u64, SegmentError> {
        let mut rows = 0;
        for slice in 0..self.info.slices.len() {
            rows += self.read_slice(slice)?.1.len() as u64;
        }
        Ok(rows)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct FrameRow(
    String,
    String,
    String,
    String,
    i64,
    i64,
    u64,
    u32,
    bool,
    Option<i64>,
);

pub(super) fn encode_frame(frame: &StartFrame) -> Vec<u8> {
    let rows: Vec<FrameRow> = frame
        .rows
        .iter()
        .map(|(s, v, lost)| {
            FrameRow(
                s.name.tag.to_string(),
                s.name.signal.to_string(),
                s.who.text().to_owned(),
                s.unit.to_string(),
                v.at.nanos(),
                v.received.nanos(),
                v.value.to_bits(),
                v.quality.code(),
                v.clock == Clock::Receiver,
                lost.map(|l| l.nanos()),
            )
        })
        .collect();
    let text = serde_json::to_vec(&rows).unwrap_or_default();
    zstd::bulk::compress(&text, 3).unwrap_or_default()
}

fn decode_frame(bytes: &[u8]) -> Result<StartFrame, SegmentError> {
    let text =
        zstd::bulk::decompress(bytes, 1 << 28).map_err(|e| SegmentError::Wrong(e.to_string()))?;
    let rows: Vec<FrameRow> =
        serde_json::from_slice(&text).map_err(|e| SegmentError::Wrong(e.to_string()))?;
    let rows = rows.into_iter().map(|r| {
        let series = Series {
            name: Name::new(&r.0, &r.1),
            who: Who::from_text(&r.2).unwrap_or(Who::Measured),
            unit: r.3.into(),
            states: [].into(),
        };
        let sample = Sample {
            at: Timestamp::from_nanos(r.4),
            received: Timestamp::from_nanos(r.5),
            value: f64::from_bits(r.6),
            quality: Quality::from_code(r.7),
            clock: if r.8 { Clock::Receiver } else { Clock::Source },
        };
        (series, sample, r.9.map(Timestamp::from_nanos))
    });
    Ok(StartFrame {
        rows: rows.collect(),
    })
}
