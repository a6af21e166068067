//! What is let go of: samples, minutes and hours that are older than they need be, and the
//! oldest samples and members where the store would grow beyond the size that it may have.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Sealer, SealerError};
use crate::recording::layout::{SegmentName, Table, start_of_hour};
use crate::time::Timestamp;

impl Sealer {
    /// Removes what the settings do not want kept. Returns how many files went.
    ///
    /// What is summed up stays when samples go. Minutes go only when their day is summed up by
    /// hours.
    pub fn let_go(&mut self, now: Timestamp) -> Result<usize, SealerError> {
        let retention = self.settings.retention;
        let mut gone = 0;
        gone += self.drop_old(Table::Samples, retention.samples, now)?;
        gone += self.drop_old(Table::Members, retention.samples, now)?;
        gone += self.drop_old(Table::Minutes, retention.minutes, now)?;
        gone += self.drop_old(Table::Hours, retention.hours, now)?;
        if let Some(size) = retention.size {
            gone += self.keep_to(size)?;
        }
        Ok(gone)
    }

    fn drop_old(
        &mut self,
        table: Table,
        age: Option<Duration>,
        now: Timestamp,
    ) -> Result<usize, SealerError> {
        let Some(age) = age else { return Ok(0) };
        let edge = now - age;
        let hours = if table.is_hourly() { 1 } else { 24 };
        let old: Vec<SegmentName> = self
            .names_of(table)
            .into_iter()
            .filter(|name| start_of_hour(name.hour + hours) <= edge)
            .filter(|name| table != Table::Minutes || self.is_summed_up(name))
            .collect();
        for name in &old {
            self.remove(name)?;
        }
        Ok(old.len())
    }

    fn names_of(&self, table: Table) -> BTreeSet<SegmentName> {
        let catalogue = self.library.catalogue();
        match table {
            Table::Samples => catalogue.samples().map(|name| (**name).clone()).collect(),
            _ => catalogue.of(table).cloned().collect(),
        }
    }

    /// True if the hours of the day of these minutes are in the store.
    fn is_summed_up(&self, minutes: &SegmentName) -> bool {
        let day = minutes.hour.div_euclid(24) * 24;
        let catalogue = self.library.catalogue();
        let mut hours = catalogue.of(Table::Hours);
        hours.any(|name| {
            name.hour == day && name.recorder == minutes.recorder && name.order >= minutes.order
        })
    }

    /// Removes the oldest hours of samples, but for the newest, until the store fits.
    fn keep_to(&mut self, size: u64) -> Result<usize, SealerError> {
        let depot = self.library.depot();
        let mut total = 0;
        let mut sizes: BTreeMap<(i64, SegmentName), u64> = BTreeMap::new();
        for table in Table::ALL {
            for entry in depot.list(table.folder())? {
                total += entry.bytes;
                if let Some(name) = SegmentName::parse(&entry.path)
                    && matches!(name.table, Table::Samples | Table::Members)
                {
                    sizes.insert((name.hour, name), entry.bytes);
                }
            }
        }
        let newest = sizes.keys().map(|(hour, _)| *hour).max();
        let mut gone = 0;
        for ((hour, name), bytes) in sizes {
            if total <= size || Some(hour) == newest {
                break;
            }
            self.remove(&name)?;
            total -= bytes;
            gone += 1;
        }
        Ok(gone)
    }

    fn remove(&mut self, name: &SegmentName) -> Result<(), SealerError> {
        self.library.depot().remove(&name.to_string())?;
        self.library.catalogue_mut().remove(name);
        self.library.forget(name);
        Ok(())
    }
}
