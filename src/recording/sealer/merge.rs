//! Compaction: the parts of a finished hour become one segment, and the minutes of a finished
//! day become hours.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{HOUR, Sealer, SealerError, offer, slices_of};
use crate::recording::block::StartFrame;
use crate::recording::catalogue::{SliceRef, groups};
use crate::recording::layout::{SegmentName, Table, start_of_hour};
use crate::recording::segment::{Effort, Rollup, RollupWriter, SegmentHeader, SegmentWriter};
use crate::time::Timestamp;

/// An hour with more rows is compressed less: the next ones wait.
const MANY_ROWS: u64 = 20_000_000;

impl Sealer {
    /// Merges the oldest hour that is over and has several parts; false if there is none.
    pub fn merge_one(&mut self, until: Timestamp) -> Result<bool, SealerError> {
        let parts = {
            let catalogue = self.library.catalogue();
            let mut hours: BTreeMap<i64, Vec<Arc<SegmentName>>> = BTreeMap::new();
            for slice in catalogue.slices() {
                let name = &slice.segment;
                if name.recorder == self.settings.recorder && start_of_hour(name.hour + 1) <= until
                {
                    let parts = hours.entry(name.hour).or_default();
                    if !parts.contains(name) {
                        parts.push(Arc::clone(name));
                    }
                }
            }
            hours.into_iter().find(|(_, parts)| parts.len() > 1)
        };
        let Some((hour, parts)) = parts else {
            return self.sum_up_one_day(until);
        };
        let order = parts.iter().map(|name| name.order).max().unwrap_or(0);
        self.merge_minutes(hour, order)?;
        self.merge_samples(hour, order)?;
        Ok(true)
    }

    fn merge_samples(&mut self, hour: i64, order: u64) -> Result<(), SealerError> {
        let slices: Vec<SliceRef> = {
            let catalogue = self.library.catalogue();
            let slices = catalogue.slices().iter();
            let own = slices.filter(|slice| {
                slice.segment.hour == hour && slice.segment.recorder == self.settings.recorder
            });
            own.cloned().collect()
        };
        let rows: u64 = slices.iter().map(|slice| slice.rows).sum();
        let effort = match rows {
            0..MANY_ROWS => Effort::Archive,
            _ => Effort::Live,
        };
        let header = SegmentHeader {
            replaces: replaced_by(&slices),
            ..self.header(order)
        };
        let mut writer = SegmentWriter::new(Vec::new(), header, effort)?;
        let mut frame: Option<StartFrame> = None;
        for group in groups(slices) {
            for block in slices_of(self.library.merged(&group)?) {
                let Some((from, to)) = block.span() else {
                    continue;
                };
                let mut start = match frame.take() {
                    Some(frame) => frame,
                    None => self.library.frame_at(from, None)?,
                };
                start.rows.retain(|(_, sample, _)| sample.at <= from);
                writer.write_slice(&start, &block)?;
                offer(&mut start, &block, to);
                frame = Some(start);
            }
        }
        let (bytes, info) = writer.finish()?;
        let name = self.merged_name(Table::Samples, hour, order);
        let depot = Arc::clone(self.library.depot());
        depot.put(&name.to_string(), bytes.into())?;
        self.library.forget(&name);
        let replaced = {
            let mut catalogue = self.library.catalogue_mut();
            catalogue.add_samples(name, &info.slices);
            catalogue.replaced_samples()
        };
        for name in replaced {
            depot.remove(&name.to_string())?;
            self.library.catalogue_mut().remove(&name);
            self.library.forget(&name);
        }
        Ok(())
    }

    fn merge_minutes(&mut self, hour: i64, order: u64) -> Result<(), SealerError> {
        let rows = self.rollup_of(Table::Minutes, hour..hour + 1)?;
        self.write_rollup(Table::Minutes, hour, order, &rows)
    }

    /// Sums up by hours the oldest day that is over and has newer minutes; false if there is
    /// none.
    fn sum_up_one_day(&mut self, until: Timestamp) -> Result<bool, SealerError> {
        let day = {
            let catalogue = self.library.catalogue();
            let own = |name: &&SegmentName| name.recorder == self.settings.recorder;
            let mut days: BTreeMap<i64, u64> = BTreeMap::new();
            for name in catalogue.of(Table::Minutes).filter(own) {
                let day = name.hour.div_euclid(24) * 24;
                let newest = days.entry(day).or_default();
                *newest = name.order.max(*newest);
            }
            for name in catalogue.of(Table::Hours).filter(own) {
                if days
                    .get(&name.hour)
                    .is_some_and(|&order| order <= name.order)
                {
                    days.remove(&name.hour);
                }
            }
            let mut over = days.into_iter();
            over.find(|&(day, _)| start_of_hour(day + 24) <= until)
        };
        let Some((day, order)) = day else {
            return Ok(false);
        };
        let rows = self.rollup_of(Table::Minutes, day..day + 24)?.coarser(HOUR);
        self.write_rollup(Table::Hours, day, order, &rows)?;
        Ok(true)
    }

    /// The buckets of some partitions, those of equal start in one.
    fn rollup_of(&self, table: Table, hours: Range<i64>) -> Result<Rollup, SealerError> {
        let files: Vec<SegmentName> = {
            let catalogue = self.library.catalogue();
            let files = catalogue.of(table).filter(|name| {
                hours.contains(&name.hour) && name.recorder == self.settings.recorder
            });
            files.cloned().collect()
        };
        let mut all = Vec::with_capacity(files.len());
        for file in files {
            all.push(self.library.rollup_rows(&file)?);
        }
        Ok(Rollup::merged(&all))
    }

    fn write_rollup(
        &mut self,
        table: Table,
        hour: i64,
        order: u64,
        rows: &Rollup,
    ) -> Result<(), SealerError> {
        let mut writer = RollupWriter::new(Vec::new(), self.header(order), Effort::Archive)?;
        if !rows.buckets.is_empty() {
            writer.write(rows)?;
        }
        let name = self.merged_name(table, hour, order);
        let depot = Arc::clone(self.library.depot());
        depot.put(&name.to_string(), writer.finish()?.0.into())?;
        self.library.forget(&name);
        let replaced = {
            let mut catalogue = self.library.catalogue_mut();
            catalogue.add_other(name);
            catalogue.replaced_others(table)
        };
        for name in replaced {
            depot.remove(&name.to_string())?;
            self.library.catalogue_mut().remove(&name);
            self.library.forget(&name);
        }
        Ok(())
    }

    fn merged_name(&self, table: Table, hour: i64, order: u64) -> SegmentName {
        SegmentName {
            table,
            hour,
            recorder: self.settings.recorder.clone(),
            order,
            merged: true,
        }
    }
}

/// The paths of the segments of some slices.
fn replaced_by(slices: &[SliceRef]) -> Vec<String> {
    let mut paths: Vec<_> = slices
        .iter()
        .map(|slice| slice.segment.to_string())
        .collect();
    paths.sort();
    paths.dedup();
    paths
}
