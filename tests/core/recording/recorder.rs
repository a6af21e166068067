//! Recording goes on whatever happens to the disk, and says what it cannot do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parallax::recording::log::{JournalRow, LogFile};
use parallax::recording::recorder::{Recorder, RecorderError, RecorderStatus, Working};
use parallax::recording::{LockError, Name, Names, Row, Series, SeriesIndex, Table, Who};
use parallax::signal::Sample;
use parallax::time::Timestamp;

use super::shelf::{Kept, Shelf, check_rows, names, now, row, rows, settle, start, stock, wait};

/// A store in a folder of its own, and a shelf for it.
fn store(settings: &str) -> (tempfile::TempDir, PathBuf, Shelf) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("store");
    settle(&store, settings);
    let shelf = Shelf::new(&store);
    (folder, store, shelf)
}

/// Tries to record; why that cannot be.
#[track_caller]
fn refused(store: &Path) -> RecorderError {
    let sealer = Box::new(Shelf::new(store));
    match Recorder::start(store, names(), sealer, now, Arc::new(|| ())) {
        Ok(_) => panic!("a recorder in {}", store.display()),
        Err(error) => error,
    }
}

/// Holds that some message has these words.
#[track_caller]
fn check_told(status: &RecorderStatus, words: &[&str]) {
    let told = |notice: &&parallax::recording::recorder::Notice| {
        words.iter().all(|word| notice.message.contains(word))
    };
    let found = status.notices.iter().find(told);
    assert!(found.is_some(), "{words:?} in {:#?}", status.notices);
}

#[test]
fn what_is_recorded_is_sealed_and_there_once() {
    let (_folder, store, shelf) = store(r#"(seal_rows: 1000, sync: "10ms")"#);
    let recorder = start(&store, &shelf);
    for batch in 0..40 {
        assert!(recorder.record(rows(batch * 250..(batch + 1) * 250)));
        if batch % 4 == 3 {
            let upto = (batch + 1) * 250;
            wait(&recorder, "written", |status| status.rows_written == upto);
        }
    }
    let status = recorder.finish();
    assert_eq!((status.rows_written, status.rows_synced), (10_000, 10_000));
    assert_eq!((status.rows_lost, status.rows_waiting), (0, 0));
    assert_eq!(
        (status.logs_waiting, status.notice_count),
        (0, 0),
        "{status:#?}"
    );
    assert_eq!(
        (&status.writing, &status.sealing),
        (&Working::Idle, &Working::Idle)
    );
    assert!((2..=11).contains(&status.logs_sealed), "{status:#?}");
    assert_eq!(status.sealed_order, Some(status.logs_sealed));
    assert!(status.free_bytes.is_some_and(|free| free > 0));
    let stock = stock(&store);
    assert_eq!(check_rows(&stock, "in the end"), 10_000);
    assert_eq!(stock.sealed, 10_000);
}

#[test]
fn a_flood_makes_more_logs_not_longer_ones() {
    let (_folder, store, shelf) = store(r#"(seal_rows: 10000, sync: "10ms")"#);
    shelf.broken.store(true, Ordering::Release);
    let recorder = start(&store, &shelf);
    for batch in 0..2_000 {
        assert!(recorder.record(rows(batch * 100..(batch + 1) * 100)));
    }
    wait(&recorder, "written", |status| {
        status.rows_written == 200_000
    });
    recorder.close();
    for log in LogFile::list(&store).expect("listed") {
        let rows = log.read().expect("read").rows.len();
        assert!(rows <= 20_100, "{rows} rows in {}", log.path.display());
    }
    assert_eq!(check_rows(&stock(&store), "in all logs"), 200_000);
}

#[test]
fn what_is_not_sealed_when_recording_ends_is_when_it_starts_again() {
    let (_folder, store, shelf) = store("()");
    for start_at in [0, 500, 1000] {
        let recorder = start(&store, &shelf);
        assert!(recorder.record(rows(start_at..start_at + 500)));
        let status = recorder.close();
        assert_eq!((status.rows_synced, status.rows_lost), (500, 0));
        // What was recorded last is left; what was left before may be sealed by now.
        assert_eq!(
            LogFile::list(&store)
                .expect("listed")
                .pop()
                .map(|log| log.order),
            Some(start_at / 500 + 1)
        );
        assert!(status.logs_sealed <= start_at / 500, "{status:#?}");
    }
    assert_eq!(check_rows(&stock(&store), "closed"), 1500);
    // Dropped, not closed: the same.
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(1500..1501)));
    drop(recorder);
    let recorder = start(&store, &shelf);
    let status = wait(&recorder, "sealed", |status| status.logs_waiting == 0);
    assert_eq!(status.notice_count, 0, "{status:#?}");
    drop(recorder);
    let stock = stock(&store);
    assert_eq!((check_rows(&stock, "sealed"), stock.sealed), (1501, 1501));
}

#[test]
fn idle_rows_are_sealed_when_they_are_old() {
    let (_folder, store, shelf) = store(r#"(seal_after: "200ms")"#);
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(0..3)));
    let status = wait(&recorder, "sealed", |status| status.logs_sealed == 1);
    assert_eq!(status.logs_waiting, 0);
    // What is empty is not closed again and again.
    drop(recorder);
    assert_eq!(LogFile::list(&store).expect("listed").len(), 1);
    assert_eq!(stock(&store).sealed, 3);
}

#[test]
fn lines_of_journals_are_kept_with_the_rows() {
    let (_folder, store, shelf) = store("()");
    let note = |number: i64| JournalRow {
        table: Table::ALL[3 + number as usize % 3],
        at: Timestamp::from_secs(number),
        json: format!("{{\"number\":{number}}}"),
    };
    let recorder = start(&store, &shelf);
    assert!((0..10).all(|number| recorder.note(note(number))));
    recorder.finish();
    // With no row at all, and among rows.
    let recorder = start(&store, &shelf);
    for number in 10..20 {
        assert!(recorder.note(note(number)));
        assert!(recorder.record(vec![row(number as u64 - 10)]));
    }
    let huge = JournalRow {
        json: " ".repeat(20 << 20),
        ..note(0)
    };
    assert!(!recorder.note(huge));
    let status = recorder.finish();
    check_told(&status, &["journal", "lost"]);
    let stock = stock(&store);
    assert_eq!(stock.journal, (0..20).map(note).collect::<Vec<_>>());
    assert_eq!(check_rows(&stock, "among notes"), 10);
}

#[test]
fn a_second_recorder_is_refused_and_hears_who_is_first() {
    let (_folder, store, shelf) = store("()");
    let recorder = start(&store, &shelf);
    let error = refused(&store);
    assert!(
        matches!(error, RecorderError::Lock(LockError::Held { .. })),
        "{error}"
    );
    let first = format!("process {} since", std::process::id());
    assert!(error.to_string().contains(&first), "{error}");
    assert!(recorder.record(rows(0..10)));
    recorder.close();
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(10..20)));
    recorder.close();
    assert_eq!(check_rows(&stock(&store), "after the second"), 20);
}

#[test]
fn wrong_settings_are_refused_with_file_and_line() {
    let (_folder, store, _) = store("(\n    sink: \"1s\",\n)");
    let error = refused(&store).to_string();
    assert!(
        error.contains("sink") && error.ends_with("store.ron:2"),
        "{error}"
    );
}

#[test]
fn rows_of_unknown_series_are_lost_alone_and_told() {
    let (_folder, store, shelf) = store("()");
    let recorder = start(&store, &shelf);
    let mut batch = rows(0..20);
    let stranger = Row::new(SeriesIndex(50), Sample::good(now(), 1.0));
    batch.insert(10, stranger);
    recorder.record(batch);
    let status = recorder.finish();
    assert_eq!((status.rows_lost, status.rows_written), (1, 20));
    check_told(&status, &["1 rows", "does not know", "lost"]);
    assert_eq!(check_rows(&stock(&store), "without the stranger"), 20);
}

#[test]
fn names_that_no_log_can_hold_are_refused() {
    let (_folder, store, shelf) = store("()");
    let mut names = Names::default();
    names.add(Series {
        name: Name::new(&"T".repeat(2 << 20), "level"),
        who: Who::Measured,
        unit: "m".into(),
        states: [].into(),
    });
    let sealer = Box::new(shelf);
    let error = Recorder::start(&store, names, sealer, now, Arc::new(|| ()));
    assert!(matches!(error.err(), Some(RecorderError::Series { .. })));
}

/// Records 100 rows to a log that is not sealed, and returns it.
fn one_log(store: &Path, shelf: &Shelf) -> LogFile {
    let recorder = start(store, shelf);
    for number in 0..10 {
        assert!(recorder.record(rows(number * 10..(number + 1) * 10)));
        wait(&recorder, "a record each", |status| {
            status.rows_written == (number + 1) * 10
        });
    }
    recorder.close();
    LogFile::list(store).expect("listed").remove(0)
}

#[test]
fn a_torn_end_is_cut_and_told() {
    let (_folder, store, shelf) = store("()");
    let log = one_log(&store, &shelf);
    let bytes = fs::read(&log.path).expect("read");
    fs::write(&log.path, &bytes[..bytes.len() - 5]).expect("torn");
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(90..120)));
    let status = recorder.finish();
    check_told(
        &status,
        &["end of a log was cut", "incomplete", "0000000000000001.wal"],
    );
    assert_eq!(status.rows_lost, 0);
    let stock = stock(&store);
    assert_eq!(
        (check_rows(&stock, "after the cut"), stock.torn.len()),
        (120, 0)
    );
}

#[test]
fn a_flipped_bit_cuts_the_log_there_and_the_rest_is_kept_aside() {
    let (_folder, store, shelf) = store("()");
    let log = one_log(&store, &shelf);
    let mut bytes = fs::read(&log.path).expect("read");
    let place = bytes.len() / 2;
    bytes[place] ^= 0x10;
    fs::write(&log.path, &bytes).expect("flipped");
    let status = start(&store, &shelf).finish();
    check_told(&status, &["end of a log was cut", "checksum", ".wal.cut"]);
    let stock = stock(&store);
    let kept = check_rows(&stock, "before the flip");
    assert!(
        kept.is_multiple_of(10) && (20..80).contains(&kept),
        "{kept} rows"
    );
    let cut = fs::read(log.path.with_extension("wal.cut")).expect("what was cut");
    assert!(bytes.ends_with(&cut) && cut.len() > bytes.len() - place);
}

#[test]
fn a_damaged_header_sets_the_log_aside() {
    let (_folder, store, shelf) = store("()");
    let log = one_log(&store, &shelf);
    let mut bytes = fs::read(&log.path).expect("read");
    bytes[20] ^= 1;
    fs::write(&log.path, &bytes).expect("damaged");
    let status = start(&store, &shelf).finish();
    check_told(
        &status,
        &["set aside", "header", "0000000000000001.wal.damaged"],
    );
    let aside = fs::read(log.path.with_extension("wal.damaged")).expect("set aside");
    assert_eq!(aside, bytes);
    assert!(stock(&store).rows.is_empty());
    // Its number is not used again.
    let orders = LogFile::list(&store).expect("listed");
    assert!(orders.iter().all(|file| file.order > 1));
}

#[test]
fn a_log_of_a_newer_version_is_left_alone() {
    let (_folder, store, shelf) = store("()");
    let log = one_log(&store, &shelf);
    let mut bytes = fs::read(&log.path).expect("read");
    bytes[8] = 9;
    fs::write(&log.path, &bytes).expect("newer");
    let error = refused(&store).to_string();
    assert!(
        error.contains("version 9") && error.contains("newer Parallax"),
        "{error}"
    );
    assert_eq!(fs::read(&log.path).expect("read"), bytes);
}

#[test]
fn sealing_that_fails_is_told_once_and_tried_again() {
    let (_folder, store, shelf) = store("(seal_rows: 100)");
    shelf.broken.store(true, Ordering::Release);
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(0..100)));
    wait(&recorder, "tried twice", |_| {
        shelf.asked.load(Ordering::Acquire) >= 2
    });
    let status = wait(&recorder, "stopped", |status| {
        status.sealing.stopped().is_some()
    });
    let reason = status.sealing.stopped().unwrap_or_default();
    assert!(reason.contains("the shelf is broken"), "{reason}");
    assert_eq!(
        (status.notice_count, &status.writing),
        (1, &Working::Running),
        "{status:#?}"
    );
    // The log goes on all the while.
    assert!(recorder.record(rows(100..350)));
    wait(&recorder, "written", |status| status.rows_written == 350);
    shelf.broken.store(false, Ordering::Release);
    let status = wait(&recorder, "sealed", |status| status.logs_sealed == 2);
    check_told(&status, &["sealing goes on"]);
    recorder.finish();
    let stock = stock(&store);
    assert_eq!((check_rows(&stock, "in the end"), stock.sealed), (350, 350));
}

/// A clock that a person has set back by a day, and then runs on.
fn clock_set_back() -> Timestamp {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let asked = ASKED.fetch_add(1, Ordering::AcqRel);
    let start = Timestamp::from_secs(1_800_000_000) + Duration::from_millis(asked);
    if asked < 10 {
        start
    } else {
        start - Duration::from_hours(24)
    }
}

#[test]
fn a_clock_set_back_by_a_day_changes_nothing() {
    let (_folder, store, shelf) = store(r#"(seal_rows: 100, sync: "0s")"#);
    let sealer = Box::new(shelf.clone());
    let recorder = Recorder::start(&store, names(), sealer, clock_set_back, Arc::new(|| ()));
    let recorder = recorder.expect("a recorder");
    for number in 0..20 {
        assert!(recorder.record(rows(number * 50..(number + 1) * 50)));
        wait(&recorder, "safe", |status| {
            status.rows_synced == (number + 1) * 50
        });
    }
    wait(&recorder, "sealed", |status| status.logs_sealed > 2);
    let status = recorder.finish();
    assert_eq!(
        (status.notice_count, status.rows_lost),
        (0, 0),
        "{status:#?}"
    );
    let stock = stock(&store);
    assert_eq!(
        (check_rows(&stock, "in the end"), stock.sealed),
        (1000, 1000)
    );
}

/// Records until first sealing has stopped, and then the log, from row 0 on; up to which row.
/// While sealing goes on the log has no more than `log_bytes`.
#[track_caller]
fn fill(recorder: &Recorder, batch: u64, log_bytes: u64) -> u64 {
    let mut next = 0;
    let mut feed = |upto: &dyn Fn(&RecorderStatus) -> bool| {
        while !upto(&recorder.status()) {
            assert!(recorder.record(rows(next..next + batch)));
            next += batch;
            // No faster than it is written and sealed, so that nothing but space is short.
            wait(recorder, "caught up", |status| {
                let stopped = status.writing.stopped().is_some();
                let sealed = status.log_bytes <= log_bytes || status.sealing.stopped().is_some();
                stopped || sealed && status.rows_written == next
            });
        }
    };
    feed(&|status| status.sealing.stopped().is_some());
    let status = recorder.status();
    assert_eq!(status.writing, Working::Running, "{status:#?}");
    feed(&|status| status.writing.stopped().is_some());
    next
}

#[test]
fn a_quota_stops_sealing_first_and_the_log_then_and_nothing_is_lost() {
    let (_folder, store, shelf) = store(r#"(seal_rows: 500, quota: "120 kB", min_free: "60 kB")"#);
    let ballast = store.join("samples/ballast");
    fs::create_dir_all(&ballast).expect("made");
    let ballast = ballast.join("file");
    fs::write(&ballast, vec![0; 55_000]).expect("written");

    let recorder = start(&store, &shelf);
    let mut next = fill(&recorder, 500, 20_000);
    let status = recorder.status();
    check_told(&status, &["sealing has stopped", "quota", "store.ron"]);
    check_told(&status, &["log cannot be written", "memory", "quota"]);
    // Rows wait, and are counted.
    assert!(recorder.record(rows(next..next + 500)));
    next += 500;
    let waiting = wait(&recorder, "waiting", |status| {
        status.rows_written + status.rows_waiting == next
    });
    assert!(waiting.rows_waiting >= 500, "{waiting:#?}");
    let total: u64 = LogFile::list(&store)
        .expect("listed")
        .iter()
        .map(|file| file.bytes)
        .sum();
    assert!(total < 120_000, "{total} bytes in logs");

    fs::remove_file(&ballast).expect("removed");
    let status = wait(&recorder, "going on", |status| status.rows_written == next);
    check_told(&status, &["recording goes on"]);
    assert_eq!(status.rows_lost, 0);
    drop(recorder);
    assert_eq!(check_rows(&stock(&store), "in the end"), next);
}

#[test]
fn more_than_memory_holds_is_lost_and_counted() {
    // The log may not even grow by a row.
    let (_folder, store, shelf) = store(r#"(quota: "2 kB", min_free: "1 kB")"#);
    fs::create_dir_all(store.join("samples")).expect("made");
    fs::write(store.join("samples/ballast"), vec![0; 4_000]).expect("written");
    let recorder = start(&store, &shelf);
    let batch = 1 << 18;
    let mut next = 0;
    assert!(recorder.has_room());
    while recorder.record(rows(next..next + batch)) {
        next += batch;
        assert!(next < 1 << 24, "memory without an end");
    }
    assert!(!recorder.has_room());
    let lost = wait(&recorder, "waiting", |status| {
        status.writing.stopped().is_some()
    });
    assert!(lost.rows_lost > 0);
    check_told(&lost, &["rows are being lost"]);
    fs::remove_file(store.join("samples/ballast")).expect("removed");
    settle(&store, "()"); // read at the next start only
    let status = recorder.close();
    // It ends although the quota holds; all of it is accounted for.
    assert_eq!(
        status.rows_synced + status.rows_lost,
        next + batch,
        "{status:#?}"
    );
    check_told(&status, &["recording ends", "lost"]);
    let kept = stock(&store).rows.len() as u64;
    assert_eq!(kept, status.rows_synced);
}

#[test]
fn a_store_that_is_taken_away_comes_back_with_the_log_that_was_written() {
    let (folder, store, shelf) = store(r#"(sync: "20ms")"#);
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(0..1000)));
    wait(&recorder, "safe", |status| status.rows_synced == 1000);
    fs::remove_dir_all(&store).expect("taken away");
    assert!(recorder.record(rows(1000..2000)));
    let status = wait(&recorder, "put back", |status| status.notice_count > 0);
    check_told(&status, &["taken away", "put back"]);
    assert!(recorder.record(rows(2000..3000)));
    // It is locked again, too.
    let error = refused(&store);
    assert!(
        matches!(error, RecorderError::Lock(LockError::Held { .. })),
        "{error}"
    );
    let status = recorder.finish();
    assert_eq!((status.rows_synced, status.rows_lost), (3000, 0));
    assert_eq!(check_rows(&stock(&store), "in the end"), 3000);

    // A file where the folder was: no way to go on until it is gone.
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(3000..3100)));
    wait(&recorder, "written", |status| status.rows_synced == 100);
    let aside = folder.path().join("aside");
    fs::rename(&store, &aside).expect("moved");
    fs::write(&store, "in the way").expect("written");
    assert!(recorder.record(rows(3100..3200)));
    let status = wait(&recorder, "stopped", |status| {
        status.writing.stopped().is_some()
    });
    check_told(&status, &["log cannot be written", "memory"]);
    fs::remove_file(&store).expect("removed");
    fs::rename(&aside, &store).expect("moved back");
    wait(&recorder, "going on", |status| status.rows_written == 200);
    let status = recorder.finish();
    assert_eq!((status.rows_synced, status.rows_lost), (200, 0));
    assert_eq!(check_rows(&stock(&store), "moved back"), 3200);
}

#[test]
fn a_store_that_nobody_may_write_is_refused() {
    let (_folder, store, _) = store("()");
    let readable = fs::Permissions::from_mode(0o555);
    fs::set_permissions(&store, readable).expect("set");
    let probe = fs::write(store.join("probe"), "");
    if probe.is_err() {
        let error = refused(&store).to_string();
        assert!(
            error.contains("ermission") && error.contains("store"),
            "{error}"
        );
    } else {
        eprintln!("skipped: this user may write everywhere; a read-only disk shows the same");
    }
    fs::set_permissions(&store, fs::Permissions::from_mode(0o755)).expect("set");
    // For all users: a file stands where the folder should be.
    let file = store.join("file");
    fs::write(&file, "").expect("written");
    let error = refused(&file).to_string();
    assert!(error.contains("file/log"), "{error}");
}

/// A small disk of its own; `None`, loudly, for those who may not have one.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn mount(bytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let options = format!("size={bytes}");
        let disk = Self { folder };
        if disk.run("mount", &["-t", "tmpfs", "-o", &options, "tmpfs"]) {
            return Some(disk);
        }
        let required = std::env::var_os("PARALLAX_REQUIRE_DISKS").is_some();
        assert!(!required, "no small disk can be mounted here");
        eprintln!("skipped: only root can mount a small disk");
        None
    }

    fn remount(&self, option: &str) -> bool {
        self.run("mount", &["-o", &format!("remount,{option}")])
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(arguments).arg(self.folder.path());
        command.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.run("umount", &["-l"]);
    }
}

#[test]
fn a_full_disk_stops_sealing_first_and_the_log_then_and_nothing_is_lost() {
    let Some(disk) = Disk::mount(4 << 20) else {
        return;
    };
    let store = disk.store();
    settle(
        &store,
        r#"(seal_rows: 20000, min_free: "1 MB", sync: "50ms")"#,
    );
    let shelf = Shelf::new(&store);
    let recorder = start(&store, &shelf);
    let mut next = fill(&recorder, 2_000, 600_000);
    let status = recorder.status();
    check_told(&status, &["sealing has stopped", "disk is full"]);
    check_told(&status, &["log cannot be written", "No space left"]);
    assert!(status.logs_sealed > 0, "{status:#?}");
    // Ends here, and starts again on the full disk, or is told why not: nothing is harmed.
    assert!(recorder.record(rows(next..next + 2_000)));
    next += 2_000;
    wait(&recorder, "waiting", |status| {
        status.rows_written + status.rows_waiting == next
    });
    assert!(disk.remount("size=64m"));
    let status = wait(&recorder, "going on", |status| status.rows_written == next);
    check_told(&status, &["recording goes on"]);
    let status = recorder.finish();
    assert_eq!(
        (status.rows_synced, status.rows_lost),
        (next, 0),
        "{status:#?}"
    );
    assert_eq!(status.logs_waiting, 0, "{status:#?}");
    let stock = stock(&store);
    assert_eq!(
        (check_rows(&stock, "in the end"), stock.sealed as u64),
        (next, next)
    );
}

#[test]
fn a_full_disk_loses_only_what_it_never_took_when_recording_ends() {
    let Some(disk) = Disk::mount(1 << 20) else {
        return;
    };
    let store = disk.store();
    settle(&store, r#"(min_free: "100 kB", sync: "50ms")"#);
    let shelf = Shelf::new(&store);
    let recorder = start(&store, &shelf);
    let mut next = 0;
    while recorder.status().writing.stopped().is_none() {
        assert!(recorder.record(rows(next..next + 2_000)));
        next += 2_000;
        std::thread::sleep(Duration::from_millis(2));
    }
    let status = recorder.close();
    check_told(&status, &["recording ends", "lost"]);
    assert_eq!(status.rows_synced + status.rows_lost, next, "{status:#?}");
    assert!(check_rows(&stock(&store), "on the full disk") >= status.rows_synced);
    // On the full disk it does not start, and says so; with room it does, and goes on.
    let error = refused(&store).to_string();
    assert!(error.contains("No space left"), "{error}");
    assert!(disk.remount("size=16m"));
    let status = start(&store, &shelf).finish();
    assert_eq!(status.rows_lost, 0, "{status:#?}");
    let stock = stock(&store);
    assert_eq!(check_rows(&stock, "with room again"), stock.sealed as u64);
}

#[test]
fn a_read_only_disk_is_refused_until_it_is_writable() {
    let Some(disk) = Disk::mount(8 << 20) else {
        return;
    };
    let store = disk.store();
    let shelf = Shelf::new(&store);
    settle(&store, "()");
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(0..100)));
    recorder.close();
    assert!(disk.remount("ro"));
    let error = refused(&store).to_string();
    assert!(
        error.contains("Read-only") && error.contains("store/"),
        "{error}"
    );
    assert_eq!(check_rows(&stock(&store), "still readable"), 100);
    assert!(disk.remount("rw"));
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(100..200)));
    recorder.finish();
    assert_eq!(check_rows(&stock(&store), "writable again"), 200);
}

#[test]
fn rows_of_another_series_order_keep_their_names() {
    let (_folder, store, shelf) = store("()");
    let recorder = start(&store, &shelf);
    assert!(recorder.record(rows(0..100)));
    recorder.close();
    // The next recording knows the series in another order, and one that is new.
    let mut other = Names::default();
    let mut all: Vec<Series> = names().series().to_vec();
    all.reverse();
    all.push(Series {
        name: Name::new("NEW", "flow"),
        ..all[0].clone()
    });
    for series in all {
        other.add(series);
    }
    let sealer = Box::new(shelf.clone());
    let recorder = Recorder::start(&store, other.clone(), sealer, now, Arc::new(|| ()));
    let recorder = recorder.expect("a recorder");
    let renamed = |number| {
        let row = row(number);
        let series = names().get(row.series).clone();
        let series = other.find(&series.name, series.who).expect("known");
        Row { series, ..row }
    };
    assert!(recorder.record((100..200).map(renamed).collect()));
    let new = other
        .find(&Name::new("NEW", "flow"), Who::Measured)
        .expect("known");
    let stranger = Row::new(new, Sample::good(Timestamp::from_secs(1), 4.5));
    assert!(recorder.record(vec![stranger]));
    recorder.finish();
    let mut stock = stock(&store);
    assert_eq!(stock.rows.pop(), Some(Kept::of(&other, &stranger)));
    assert_eq!(check_rows(&stock, "by name"), 200);
}
