//! Where the files of a store stand, and what their names say.

use std::fmt;

use crate::time::Timestamp;

/// Nanoseconds of an hour: the stretch of one partition.
const HOUR: i64 = 3_600_000_000_000;

/// A folder of a store: rows of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Every sample.
    Samples,
    /// Samples summed up by minute.
    Minutes,
    /// Samples summed up by hour.
    Hours,
    /// Changes of alarms.
    Alarms,
    /// What operators noted.
    Notes,
    /// Who did what.
    Audit,
    /// Where those who move were seen.
    Members,
}

/// A segment: a Parquet file of a table, and what its name tells.
///
/// `samples/date=2026-11-22/hour=13/part-main-00000000000002a7.parquet`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// Which table.
    pub table: Table,
    /// The hour of its rows, or the first hour of their day: hours since the Unix epoch.
    pub hour: i64,
    /// Who wrote it: lower-case letters, digits and `_`.
    pub recorder: String,
    /// Rises from one written segment of a recorder to the next. A part takes the number of
    /// the log file that it was sealed from.
    pub order: u64,
    /// True if it was merged from parts, which it replaces.
    pub merged: bool,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Samples,
        Self::Minutes,
        Self::Hours,
        Self::Alarms,
        Self::Notes,
        Self::Audit,
        Self::Members,
    ];

    /// True if each hour has a partition of its own, not only each day.
    pub const fn is_hourly(self) -> bool {
        matches!(self, Self::Samples | Self::Minutes | Self::Members)
    }

    /// The partition of an instant, told by its first hour.
    pub const fn partition(self, at: Timestamp) -> i64 {
        let hour = hour_of(at);
        if self.is_hourly() {
            hour
        } else {
            hour.div_euclid(24) * 24
        }
    }

    /// The name of its folder.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Alarms => "alarms",
            Self::Notes => "notes",
            Self::Audit => "audit",
            Self::Members => "members",
        }
    }
}

/// The partition of an instant: hours since the Unix epoch.
pub const fn hour_of(at: Timestamp) -> i64 {
    at.nanos().div_euclid(HOUR)
}

/// The first instant of a partition.
pub const fn start_of_hour(hour: i64) -> Timestamp {
    Timestamp::from_nanos(hour.saturating_mul(HOUR))
}

impl SegmentName {
    /// The folder of its partition: `samples/date=2026-11-22/hour=13`.
    pub fn folder(&self) -> String {
        let start = start_of_hour(self.hour).to_string();
        let (date, time) = start.split_once('T').unwrap_or((&start, "00"));
        let day = format!("{}/date={date}", self.table.folder());
        if self.table.is_hourly() {
            format!("{day}/hour={}", time.get(..2).unwrap_or("00"))
        } else {
            day
        }
    }

    /// From a path inside a store; `None` for a file that is no segment.
    pub fn parse(path: &str) -> Option<Self> {
        let mut parts = path.split('/');
        let folder = parts.next()?;
        let table = Table::ALL
            .into_iter()
            .find(|table| table.folder() == folder)?;
        let date = parts.next()?.strip_prefix("date=")?;
        let hour = match table.is_hourly() {
            true => parts.next()?.strip_prefix("hour=")?,
            false => "00",
        };
        let start: Timestamp = format!("{date}T{hour}:00:00Z").parse().ok()?;
        let mut words = parts.next()?.strip_suffix(".parquet")?.split('-');
        let merged = match words.next()? {
            "part" => false,
            "merged" => true,
            _ => return None,
        };
        let recorder = words.next()?.to_owned();
        let order = u64::from_str_radix(words.next()?, 16).ok()?;
        let name = Self {
            table,
            hour: hour_of(start),
            recorder,
            order,
            merged,
        };
        // Only what it would be called itself: nothing has two names.
        (name.to_string() == path).then_some(name)
    }
}

/// The path inside the store.
impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.merged { "merged" } else { "part" };
        let (folder, recorder, order) = (self.folder(), &self.recorder, self.order);
        write!(f, "{folder}/{kind}-{recorder}-{order:016x}.parquet")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_path_round_trip() {
        let path = "samples/date=2026-11-22/hour=13/part-main-00000000000002a7.parquet";
        let name = SegmentName::parse(path).expect("a segment");
        assert_eq!(name.to_string(), path);
        assert_eq!((name.order, name.merged), (0x2a7, false));
        assert_eq!(start_of_hour(name.hour).to_string(), "2026-11-22T13:00:00Z");
    }

    #[test]
    fn what_is_rare_is_partitioned_by_day() {
        let path = "alarms/date=2026-11-22/part-main-0000000000000001.parquet";
        let name = SegmentName::parse(path).expect("a segment");
        assert_eq!(name.to_string(), path);
        let noon = start_of_hour(name.hour + 12);
        assert_eq!(Table::Alarms.partition(noon), name.hour);
        assert_eq!(Table::Minutes.partition(noon), name.hour + 12);
    }

    #[test]
    fn what_is_no_segment_has_no_name() {
        for path in [
            "",
            "store.ron",
            "samples/date=2026-11-22/hour=13/.part-main-1.parquet.7.part",
            "samples/date=2026-11-22/hour=25/part-main-00000000000002a7.parquet",
            "samples/date=2026-11-22/hour=13/part-main-2a7.parquet",
            "samples/date=2026-11-22/hour=13/part-main-00000000000002a7.parquet/x",
        ] {
            assert_eq!(SegmentName::parse(path), None, "{path}");
        }
    }
}
