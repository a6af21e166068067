//! Rollups.
use std::io::Write;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;

use super::read::{Chunk, doubles, longs, text};
use super::schema::{Kind, properties, schema};
use super::write::put;
use super::{SegmentError, SegmentHeader};
use crate::history::Bucket as HistoryBucket;
use crate::history::Column;
use crate::recording::depot::Piece;
use crate::recording::{Block, Name, Series, Who};
use crate::signal::{Quality, Sample};
use crate::time::Timestamp;

/// Bucket.
pub type Bucket = HistoryBucket;
/// Rows of a rollup.
pub type Rollup = Vec<(Series, Bucket)>;

/// Buckets of a block.
pub fn buckets(block: &Block, step_secs: i64) -> Rollup {
    let step = step_secs * 1_000_000_000;
    let mut out: Rollup = Vec::new();
    for (place, series) in block.series.iter().enumerate() {
        let mut open: Option<Bucket> = None;
        for row in block.rows_of(place) {
            let Some(sample) = block.columns.sample(row) else {
                continue;
            };
            let start = Timestamp::from_nanos(sample.at.nanos().div_euclid(step) * step);
            match &mut open {
                Some(b) if b.start == start => b.column.add(sample),
                _ => {
                    out.extend(open.take().map(|b| (series.clone(), b)));
                    open = Some(Bucket {
                        start,
                        column: Column::of(sample),
                    });
                }
            }
        }
        out.extend(open.map(|b| (series.clone(), b)));
    }
    out
}

/// Writer.
pub struct RollupWriter<W: Write + Send>(SerializedFileWriter<W>);

impl<W: Write + Send> RollupWriter<W> {
    /// New.
    pub fn new(out: W, _header: SegmentHeader) -> Result<Self, SegmentError> {
        let schema = schema(
            "rollup",
            &[
                ("tag", Kind::Text),
                ("signal", Kind::Text),
                ("origin", Kind::Text),
                ("unit", Kind::Text),
                ("start", Kind::Time),
                ("min", Kind::Number),
                ("max", Kind::Number),
                ("mean", Kind::Number),
                ("first", Kind::Number),
                ("first_time", Kind::Time),
                ("last", Kind::Number),
                ("last_time", Kind::Time),
                ("count", Kind::Count),
                ("quality", Kind::Code),
            ],
        )?;
        Ok(Self(SerializedFileWriter::new(
            out,
            schema,
            Arc::new(properties()?.build()),
        )?))
    }

    /// Write.
    pub fn write(&mut self, rows: &Rollup) -> Result<(), SegmentError> {
        let mut sorted: Vec<&(Series, Bucket)> = rows.iter().collect();
        sorted
            .sort_by(|a, b| (&a.0.name, a.0.who, a.1.start).cmp(&(&b.0.name, b.0.who, b.1.start)));
        let mut g = self.0.next_row_group()?;
        let t = |f: &dyn Fn(&Series) -> String| {
            sorted
                .iter()
                .map(|(s, _)| ByteArray::from(f(s).as_str()))
                .collect::<Vec<_>>()
        };
        put::<ByteArrayType, W>(&mut g, &t(&|s| s.name.tag.to_string()), None)?;
        put::<ByteArrayType, W>(&mut g, &t(&|s| s.name.signal.to_string()), None)?;
        put::<ByteArrayType, W>(&mut g, &t(&|s| s.who.text().to_owned()), None)?;
        put::<ByteArrayType, W>(&mut g, &t(&|s| s.unit.to_string()), None)?;
        let n = |f: &dyn Fn(&Bucket) -> i64| sorted.iter().map(|(_, b)| f(b)).collect::<Vec<_>>();
        let d = |f: &dyn Fn(&Bucket) -> f64| sorted.iter().map(|(_, b)| f(b)).collect::<Vec<_>>();
        put::<Int64Type, W>(&mut g, &n(&|b| b.start.nanos()), None)?;
        put::<DoubleType, W>(&mut g, &d(&|b| b.column.min), None)?;
        put::<DoubleType, W>(&mut g, &d(&|b| b.column.max), None)?;
        put::<DoubleType, W>(&mut g, &d(&|b| b.column.mean), None)?;
        put::<DoubleType, W>(&mut g, &d(&|b| b.column.first.value), None)?;
        put::<Int64Type, W>(&mut g, &n(&|b| b.column.first.at.nanos()), None)?;
        put::<DoubleType, W>(&mut g, &d(&|b| b.column.last.value), None)?;
        put::<Int64Type, W>(&mut g, &n(&|b| b.column.last.at.nanos()), None)?;
        put::<Int64Type, W>(&mut g, &n(&|b| b.column.count as i64), None)?;
        let q: Vec<i32> = sorted
            .iter()
            .map(|(_, b)| b.column.worst.code() as i32)
            .collect();
        put::<Int32Type, W>(&mut g, &q, None)?;
        g.close()?;
        Ok(())
    }

    /// Finish.
    pub fn finish(self) -> Result<W, SegmentError> {
        Ok(self.0.into_inner()?)
    }
}

/// File.
pub struct RollupFile(SerializedFileReader<Chunk>);

impl RollupFile {
    /// Open.
    pub fn open(piece: Arc<dyn Piece>) -> Result<Self, SegmentError> {
        Ok(Self(SerializedFileReader::new(Chunk(piece))?))
    }

    /// All.
    pub fn read_all(&self) -> Result<Rollup, SegmentError> {
        let mut out = Vec::new();
        for g in 0..self.0.num_row_groups() {
            let g = self.0.get_row_group(g)?;
            let g = &*g;
            let rows = g.metadata().num_rows() as usize;
            let (tag, signal, who, unit) = (
                text(g, 0, rows)?,
                text(g, 1, rows)?,
                text(g, 2, rows)?,
                text(g, 3, rows)?,
            );
            let (start, ft, lt, count) = (
                longs(g, 4, rows)?,
                longs(g, 9, rows)?,
                longs(g, 11, rows)?,
                longs(g, 12, rows)?,
            );
            let (min, max, mean, first, last) = (
                doubles(g, 5, rows)?,
                doubles(g, 6, rows)?,
                doubles(g, 7, rows)?,
                doubles(g, 8, rows)?,
                doubles(g, 10, rows)?,
            );
            for r in 0..rows {
                let s = |v: &[Option<f64>]| v[r].unwrap_or_default();
                out.push((
                    Series {
                        name: Name {
                            tag: tag[r].clone().unwrap_or_default(),
                            signal: signal[r].clone().unwrap_or_default(),
                        },
                        who: who[r]
                            .as_deref()
                            .and_then(Who::from_text)
                            .unwrap_or(Who::Measured),
                        unit: unit[r].clone().unwrap_or_default(),
                        states: [].into(),
                    },
                    Bucket {
                        start: Timestamp::from_nanos(start[r]),
                        column: Column {
                            first: Sample::good(Timestamp::from_nanos(ft[r]), s(&first)),
                            last: Sample::good(Timestamp::from_nanos(lt[r]), s(&last)),
                            min: s(&min),
                            max: s(&max),
                            mean: s(&mean),
                            worst: Quality::Good,
                            count: count[r] as usize,
                        },
                    },
                ));
            }
        }
        Ok(out)
    }

    /// Series.
    pub fn read_series(
        &self,
        name: &Name,
        who: Who,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Bucket>, SegmentError> {
        let all = self.read_all()?;
        let own = all
            .into_iter()
            .filter(|(s, b)| s.name == *name && s.who == who && (from..=to).contains(&b.start));
        Ok(own.map(|(_, b)| b).collect())
    }
}
