//! How much room a store has: on its disk, and under its quota.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::recording::depot::{Depot, Folder};
use crate::recording::settings::StoreSettings;

/// How often the files are counted, at most …
const EVERY: Duration = Duration::from_secs(1);
/// … and so rarely that counting takes no more than this share of the time.
const COUNTING_SHARE: u32 = 20;

/// The room of a store, as it was measured a short while ago.
#[derive(Debug)]
pub(super) struct Space {
    folder: PathBuf,
    quota: Option<u64>,
    reserve: u64,
    free: Option<u64>,
    stored: u64,
    count_at: Instant,
}

impl Space {
    pub(super) fn new(folder: &Path, settings: &StoreSettings) -> Self {
        Self {
            folder: folder.to_owned(),
            quota: settings.quota,
            reserve: settings.min_free,
            free: None,
            stored: 0,
            count_at: Instant::now(),
        }
    }

    /// Asks the disk again, and counts the files again if that is due.
    pub(super) fn measure(&mut self) {
        self.free = free_bytes(&self.folder);
        let now = Instant::now();
        if self.quota.is_some() && now >= self.count_at {
            if let Some(stored) = stored_bytes(&self.folder) {
                self.stored = stored;
            }
            self.count_at = now + EVERY + now.elapsed() * COUNTING_SHARE;
        }
    }

    pub(super) const fn free(&self) -> Option<u64> {
        self.free
    }

    /// Bytes of everything but the log; 0 if there is no quota that asks for them.
    pub(super) const fn stored(&self) -> u64 {
        self.stored
    }

    /// Why a log of `bytes` cannot be sealed, where `log_bytes` are in all log files.
    ///
    /// The reserve is the log's: what its files take of it now counts as if it were free,
    /// as sealing them gives it back.
    pub(super) fn refusal(&self, bytes: u64, log_bytes: u64) -> Option<String> {
        let needed = self.reserve.saturating_add(bytes);
        if let Some(free) = self.free
            && free.saturating_add(log_bytes) < needed
        {
            return Some(format!(
                "the disk is full: {} are free, and {} are kept for the log; make room, or \
                 shorten the retention: {}",
                size_text(free),
                size_text(self.reserve),
                self.folder.display()
            ));
        }
        if let Some(quota) = self.quota
            && quota.saturating_sub(self.stored) < needed
        {
            return Some(format!(
                "the store has reached its quota: it takes {} of {}, and {} are kept for the \
                 log; raise the quota in store.ron, or shorten the retention: {}",
                size_text(self.stored),
                size_text(quota),
                size_text(self.reserve),
                self.folder.display()
            ));
        }
        None
    }
}

/// A size as people read it: `1.5 GB`.
pub(super) fn size_text(bytes: u64) -> String {
    let (scale, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1e3, "kB"),
        1_000_000..1_000_000_000 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    let number = format!("{:.1}", bytes as f64 / scale);
    format!("{} {unit}", number.trim_end_matches(".0"))
}

/// What the disk still takes from us.
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Bytes of all files of a store but its log.
fn stored_bytes(folder: &Path) -> Option<u64> {
    let entries = Folder::new(folder).list("").ok()?;
    let stored = entries
        .iter()
        .filter(|entry| !entry.path.starts_with("log/"));
    Some(stored.map(|entry| entry.bytes).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(quota: Option<u64>, free: u64, stored: u64) -> Space {
        let settings = StoreSettings {
            quota,
            min_free: 100,
            ..StoreSettings::default()
        };
        let mut space = Space::new(Path::new("store"), &settings);
        space.free = Some(free);
        space.stored = stored;
        space
    }

    #[test]
    fn the_reserve_is_the_logs_and_what_the_log_takes_of_it_comes_back() {
        assert_eq!(space(None, 110, 0).refusal(10, 10), None);
        assert_eq!(space(None, 60, 0).refusal(10, 50), None);
        let told = space(None, 59, 0).refusal(10, 50).expect("no room");
        assert!(
            told.contains("disk is full") && told.contains("59 B"),
            "{told}"
        );
        assert_eq!(space(Some(500), 9000, 390).refusal(10, 70), None);
        let told = space(Some(500), 9000, 391)
            .refusal(10, 70)
            .expect("no room");
        assert!(told.contains("quota") && told.contains("391 B"), "{told}");
    }

    #[test]
    fn the_log_does_not_count_as_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, bytes) in [("log/1.wal", 5), ("samples/a", 7), ("store.ron", 2)] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, vec![0; bytes]).expect("written");
        }
        assert_eq!(stored_bytes(folder.path()), Some(9));
        assert!(free_bytes(folder.path()).is_some_and(|free| free > 0));
    }

    #[test]
    fn sizes_are_readable() {
        for (bytes, text) in [
            (999, "999 B"),
            (1_500, "1.5 kB"),
            (512_000_000, "512 MB"),
            (2_340_000_000, "2.3 GB"),
        ] {
            assert_eq!(size_text(bytes), text);
        }
    }
}
