//! The write-ahead log: what goes in comes out, and of a damaged one a beginning of it.

use std::sync::Arc;

use parallax::recording::log::{
    JournalRow, LogContents, LogEncoder, LogEnd, LogError, LogFile, LogWriter, Tear, read_log,
};
use parallax::recording::{Name, Names, Row, Series, SeriesIndex, Table, Who};
use parallax::signal::{Clock, Quality, Sample};
use parallax::time::Timestamp;
use proptest::prelude::*;

/// What a log is asked to keep, in this order.
#[derive(Clone, Debug)]
enum Entry {
    Rows(Vec<Row>),
    Note(JournalRow),
}

/// A row and its series, so that logs with other indices compare.
type Told = (Series, [i64; 2], Option<u64>, Quality, Clock);

fn told(names: &Names, row: &Row) -> Told {
    let times = [row.at.nanos(), row.received.nanos()];
    let value = row.value.map(f64::to_bits);
    let series = names.get(row.series).clone();
    (series, times, value, row.quality, row.clock)
}

fn told_rows(contents: &LogContents) -> Vec<Told> {
    let rows = contents.rows.iter();
    rows.map(|row| told(&contents.names, row)).collect()
}

/// The rows and notes of entries.
fn split(names: &Names, entries: &[Entry]) -> (Vec<Told>, Vec<JournalRow>) {
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Rows(batch) => rows.extend(batch.iter().map(|row| told(names, row))),
            Entry::Note(note) => notes.push(note.clone()),
        }
    }
    (rows, notes)
}

/// The log of entries, and where its records may end: after the header, and each entry.
fn encoded(names: &Names, entries: &[Entry]) -> (Vec<u8>, Vec<usize>) {
    let mut log = LogEncoder::new(7, "main", Timestamp::from_secs(1));
    let mut ends = vec![log.bytes().len()];
    for entry in entries {
        match entry {
            Entry::Rows(rows) => log.rows(names, rows),
            Entry::Note(note) => log.note(note),
        }
        ends.push(log.bytes().len());
    }
    (log.bytes().to_vec(), ends)
}

fn names() -> Names {
    let mut names = Names::default();
    for (tag, signal, who, unit, states) in [
        ("P-101", "flow", Who::Measured, "m³/s", vec![]),
        ("P-101", "flow", Who::Estimated, "m³/s", vec![]),
        ("P-101", "running", Who::Measured, "", vec!["off", "on"]),
        ("Tank, \"north\"", "Füllstand", Who::Measured, "m", vec![]),
        ("", "", Who::Measured, "", vec![""]),
    ] {
        names.add(Series {
            name: Name::new(tag, signal),
            who,
            unit: unit.into(),
            states: states.into_iter().map(str::to_owned).collect(),
        });
    }
    names
}

fn any_row() -> impl Strategy<Value = Row> {
    let time = prop_oneof![
        4 => (0..5_i64).prop_map(|secs| 1_800_000_000_000_000_000 + secs * 1_000_000_000),
        2 => 1_800_000_000_000_000_000..1_800_000_001_000_000_000_i64,
        1 => any::<i64>(),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0)],
    ];
    let value = prop_oneof![
        4 => (-1e6..1e6_f64).prop_map(Some),
        2 => any::<u64>().prop_map(|bits| Some(f64::from_bits(bits))),
        1 => prop_oneof![Just(Some(0.0)), Just(Some(-0.0)), Just(Some(f64::MAX))],
        1 => Just(None),
    ];
    let clock = prop_oneof![Just(Clock::Source), Just(Clock::Receiver)];
    let received = prop_oneof![Just(None), time.clone().prop_map(Some)];
    let quality = proptest::sample::select(Quality::ALL.to_vec());
    (0..5_u32, time, received, value, quality, clock).prop_map(
        |(series, at, received, value, quality, clock)| Row {
            series: SeriesIndex(series),
            at: Timestamp::from_nanos(at),
            received: Timestamp::from_nanos(received.unwrap_or(at)),
            value,
            quality,
            clock,
        },
    )
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let table = proptest::sample::select(Table::ALL.to_vec());
    let note = (table, any::<i64>(), ".{0,20}").prop_map(|(table, at, json)| {
        let at = Timestamp::from_nanos(at);
        Entry::Note(JournalRow { table, at, json })
    });
    prop_oneof![
        4 => prop::collection::vec(any_row(), 0..30).prop_map(Entry::Rows),
        1 => note,
    ]
}

fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(any_entry(), 0..12)
}

/// Holds that what was read is what went in, up to some point; and returns up to which one.
#[track_caller]
fn check_beginning(names: &Names, entries: &[Entry], read: &LogContents) -> (usize, usize) {
    let (rows, notes) = split(names, entries);
    let read_rows = told_rows(read);
    assert!(read_rows.len() <= rows.len(), "rows that nobody wrote");
    assert_eq!(read_rows, rows[..read_rows.len()]);
    assert!(read.journal.len() <= notes.len(), "notes that nobody wrote");
    assert_eq!(read.journal, notes[..read.journal.len()]);
    (read_rows.len(), read.journal.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_goes_in_comes_out(entries in any_entries()) {
        let names = names();
        let (bytes, _) = encoded(&names, &entries);
        let read = read_log(&bytes).expect("a log");
        prop_assert_eq!((read.order, read.recorder.as_str()), (7, "main"));
        prop_assert_eq!(read.began, Timestamp::from_secs(1));
        prop_assert_eq!(read.end, LogEnd::Clean);
        let (rows, notes) = split(&names, &entries);
        prop_assert_eq!(told_rows(&read), rows);
        prop_assert_eq!(read.journal, notes);
    }

    #[test]
    fn what_is_changed_ends_the_log_there(
        entries in any_entries(),
        at in any::<prop::sample::Index>(),
        length in 1..40_usize,
        from in any::<prop::sample::Index>(),
        change in 0..6_u8,
        bits in 1..=255_u8,
    ) {
        let names = names();
        let (bytes, ends) = encoded(&names, &entries);
        let at = at.index(bytes.len());
        let upto = (at + length).min(bytes.len());
        let from = from.index(bytes.len());
        let copied = bytes[from..(from + length).min(bytes.len())].to_vec();
        let mut changed = bytes.clone();
        match change {
            0 => changed[at] ^= bits,
            1 => changed[at..upto].fill(0),
            2 => { changed.drain(at..upto); }
            3 => { changed.splice(at..at, copied); }
            4 => { changed.splice(at..upto, copied); }
            _ => changed[at..].reverse(),
        }
        let same = bytes.iter().zip(&changed).take_while(|(a, b)| a == b).count();
        let header = ends[0];
        match read_log(&changed) {
            Err(_) => prop_assert!(same < header, "a whole header was not read"),
            Ok(read) => {
                let (rows, _) = check_beginning(&names, &entries, &read);
                // All that stands before the first change is there.
                let whole = ends.iter().filter(|end| **end <= same).count() - 1;
                let (before, _) = split(&names, &entries[..whole]);
                prop_assert!(rows >= before.len(), "{} of {}", rows, before.len());
                if changed != bytes {
                    let clean = read.end == LogEnd::Clean;
                    // Cut exactly behind a record a log is whole, only shorter.
                    prop_assert!(!clean || bytes.starts_with(&changed), "nothing was noticed");
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(read) = read_log(&bytes) {
            prop_assert!(read.rows.is_empty());
        }
    }

    /// Whoever knows the checksum can write any payload; none does harm, and a bad one ends
    /// the log.
    #[test]
    fn any_payloads_are_read_without_harm(
        payloads in prop::collection::vec(
            (0..5_u8, prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..60)),
            0..8,
        ),
    ) {
        let mut bytes = LogEncoder::new(1, "x", Timestamp::default()).bytes().to_vec();
        let mut chain = crc32fast::hash(&bytes[..bytes.len() - 4]);
        for (kind, rest) in payloads {
            let mut payload = vec![kind];
            payload.extend(rest);
            frame(&mut bytes, &mut chain, &payload);
        }
        let read = read_log(&bytes).expect("a log");
        prop_assert!(read.rows.len() <= bytes.len());
        for row in &read.rows {
            prop_assert!(row.series.index() < read.names.len());
        }
        if let LogEnd::Torn { offset, lost_bytes, .. } = read.end {
            prop_assert_eq!(offset + lost_bytes, bytes.len() as u64);
        }
    }
}

/// A record as the description of the format has it.
fn frame(bytes: &mut Vec<u8>, chain: &mut u32, payload: &[u8]) {
    let length = (payload.len() as u32).to_le_bytes();
    let mut hasher = crc32fast::Hasher::new_with_initial(*chain);
    hasher.update(&length);
    hasher.update(payload);
    *chain = hasher.finalize();
    bytes.extend(length);
    bytes.extend(chain.to_le_bytes());
    bytes.extend(payload);
}

/// A log of some records of each kind.
fn small_log() -> (Names, Vec<Entry>) {
    let names = names();
    let at = Timestamp::from_secs(1_800_000_000);
    let row = |series, nanos: i64, value| {
        let at = Timestamp::from_nanos(at.nanos() + nanos);
        Row::new(SeriesIndex(series), Sample::good(at, value))
    };
    let note = JournalRow {
        table: Table::Alarms,
        at,
        json: r#"{"alarm":"high"}"#.to_owned(),
    };
    let entries = vec![
        Entry::Rows(vec![row(0, 0, 1.5), row(1, 0, 2.5), row(0, 1_000, -0.0)]),
        Entry::Note(note),
        Entry::Rows(vec![row(4, 0, 1e300), Row::lost(SeriesIndex(3), at)]),
        Entry::Rows(vec![row(2, 5, 1.0)]),
    ];
    (names, entries)
}

#[test]
fn a_log_cut_anywhere_is_read_up_to_the_last_whole_record() {
    let (names, entries) = small_log();
    let (bytes, ends) = encoded(&names, &entries);
    for cut in 0..bytes.len() {
        match read_log(&bytes[..cut]) {
            Err(error) => {
                assert!(cut < ends[0], "{cut}: {error}");
                let expected = if cut == 0 {
                    LogError::Foreign
                } else {
                    LogError::Header
                };
                assert_eq!(error, expected, "{cut}");
            }
            Ok(read) => {
                check_beginning(&names, &entries, &read);
                let whole = ends
                    .iter()
                    .rev()
                    .find(|end| **end <= cut)
                    .expect("the header");
                let (rows, _) = split(
                    &names,
                    &entries[..ends.partition_point(|end| end <= &cut) - 1],
                );
                assert_eq!(told_rows(&read), rows, "{cut}");
                match read.end {
                    LogEnd::Clean => {}
                    LogEnd::Torn {
                        offset,
                        lost_bytes,
                        reason,
                    } => {
                        assert_eq!(offset + lost_bytes, cut as u64, "{cut}");
                        assert!(offset >= *whole as u64, "{cut}: {offset}");
                        assert_eq!(reason, Tear::Incomplete, "{cut}");
                    }
                }
                if cut == *whole {
                    assert_eq!(read.end, LogEnd::Clean, "{cut}");
                }
            }
        }
    }
}

#[test]
fn one_wrong_bit_anywhere_is_noticed() {
    let (names, entries) = small_log();
    let (bytes, ends) = encoded(&names, &entries);
    for bit in 0..bytes.len() * 8 {
        let mut wrong = bytes.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        match read_log(&wrong) {
            Err(_) => assert!(bit / 8 < ends[0], "bit {bit}"),
            Ok(read) => {
                check_beginning(&names, &entries, &read);
                let LogEnd::Torn { offset, .. } = read.end else {
                    panic!("bit {bit} went unnoticed");
                };
                assert!(offset <= (bit / 8) as u64, "bit {bit}: cut at {offset}");
            }
        }
    }
}

#[test]
fn zeros_at_the_end_are_told_as_such() {
    let (names, entries) = small_log();
    let (mut bytes, _) = encoded(&names, &entries);
    let offset = bytes.len() as u64;
    bytes.resize(bytes.len() + 4096, 0);
    let read = read_log(&bytes).expect("a log");
    let reason = Tear::Zeros;
    assert_eq!(
        read.end,
        LogEnd::Torn {
            offset,
            lost_bytes: 4096,
            reason
        }
    );
    assert_eq!(told_rows(&read), split(&names, &entries).0);
}

#[test]
fn records_of_another_log_are_not_taken_for_its_own() {
    let (names, entries) = small_log();
    let (mut bytes, ends) = encoded(&names, &entries);
    let mut other = LogEncoder::new(8, "main", Timestamp::from_secs(1));
    other.take_away(usize::MAX);
    for entry in &entries {
        if let Entry::Rows(rows) = entry {
            other.rows(&names, rows);
        }
    }
    bytes.truncate(ends[1]);
    bytes.extend(other.bytes());
    let read = read_log(&bytes).expect("a log");
    assert_eq!(told_rows(&read), split(&names, &entries[..1]).0);
    assert!(matches!(
        read.end,
        LogEnd::Torn {
            reason: Tear::Checksum,
            ..
        }
    ));
}

/// The bytes of a log, put together from the description of the format alone.
#[test]
fn the_bytes_are_as_described() {
    let names = names();
    let at = 1_800_000_000_000_000_000_i64;
    let row = Row {
        received: Timestamp::from_nanos(at + 3),
        quality: Quality::BadSensorFailure,
        clock: Clock::Receiver,
        ..Row::new(SeriesIndex(2), Sample::good(Timestamp::from_nanos(at), 1.0))
    };
    let mut log = LogEncoder::new(0x2A7, "east", Timestamp::from_nanos(9));
    log.rows(
        &names,
        &[
            row,
            Row {
                value: Some(0.5),
                ..row
            },
        ],
    );
    log.note(&JournalRow {
        table: Table::Notes,
        at: Timestamp::from_nanos(-1),
        json: "{}".to_owned(),
    });

    let mut bytes = b"\x89PLXWAL\x0A\x01\0\0\0".to_vec();
    bytes.extend(0x2A7_u64.to_le_bytes());
    bytes.extend(9_i64.to_le_bytes());
    bytes.extend(b"\x04east");
    let mut chain = crc32fast::hash(&bytes);
    bytes.extend(chain.to_le_bytes());
    frame(
        &mut bytes,
        &mut chain,
        b"\x01\x01\x05P-101\x07running\0\0\x02\x03off\x02on",
    );
    let leb = |mut value: u64| {
        let mut bytes = Vec::new();
        while value > 127 {
            bytes.push((value % 128) as u8 + 128);
            value /= 128;
        }
        bytes.push(value as u8);
        bytes
    };
    // The first series; times of their own; a mark: the receiver's clock, 808C: then the value.
    let mut payload = vec![2, 2, 0b0_0001];
    payload.extend(leb(at as u64 * 2));
    payload.extend(leb((at as u64 + 3) * 2));
    payload.extend([1, 0x8C, 0x80]);
    payload.extend(1.0_f64.to_le_bytes());
    // The same series, not the next one; all else as before.
    payload.extend([0b1_0110, 0]);
    payload.extend(0.5_f64.to_le_bytes());
    frame(&mut bytes, &mut chain, &payload);
    frame(
        &mut bytes,
        &mut chain,
        b"\x03\x04\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02{}",
    );
    assert_eq!(log.bytes(), bytes);
}

#[test]
fn a_row_takes_few_bytes() {
    let mut names = Names::default();
    for place in 0..1000 {
        names.add(Series {
            name: Name::new(&format!("T-{place}"), "level"),
            who: Who::Measured,
            unit: "m".into(),
            states: Arc::new([]),
        });
    }
    let start = 1_800_000_000_000_000_000_i64;
    // All signals once a second in messages of a hundred, each received when it came.
    let row = |row: i64| {
        let (second, place) = (row / 1000, row % 1000);
        let received = start + second * 1_000_000_000 + place / 100 * 1_234_567;
        Row {
            received: Timestamp::from_nanos(received),
            ..Row::new(
                SeriesIndex(place as u32),
                Sample::good(
                    Timestamp::from_nanos(start + second * 1_000_000_000),
                    row as f64,
                ),
            )
        }
    };
    // Each signal when it changes, with a time of its own.
    let alone = |row: i64| {
        let at = start + row * 51_234_567;
        Row {
            received: Timestamp::from_nanos(at + 2_000_000 + row * 7919 % 1_000_000),
            ..Row::new(
                SeriesIndex((row * 577 % 1000) as u32),
                Sample::good(Timestamp::from_nanos(at), row as f64),
            )
        }
    };
    for (what, most, rows) in [
        (
            "in messages",
            10.5,
            (0..50_000).map(row).collect::<Vec<_>>(),
        ),
        ("alone", 19.5, (0..50_000).map(alone).collect()),
    ] {
        let mut log = LogEncoder::new(1, "main", Timestamp::default());
        for batch in rows.chunks(1000) {
            log.rows(&names, batch);
        }
        let bytes = log.bytes().len() as f64 / rows.len() as f64;
        assert!(bytes < most, "{what}: {bytes} bytes a row");
        let read = read_log(log.bytes()).expect("a log");
        assert_eq!(read.rows.len(), rows.len(), "{what}");
    }
}

#[test]
fn many_rows_and_long_names_go_in_at_once() {
    let mut names = Names::default();
    for place in 0..300 {
        names.add(Series {
            name: Name::new(&format!("{place:010000}"), "level"),
            who: Who::Measured,
            unit: "m".into(),
            states: Arc::new([]),
        });
    }
    let rows = (0..200_000).map(|row| {
        let at = Timestamp::from_secs(i64::from(row));
        Row::new(SeriesIndex(row % 300), Sample::good(at, f64::from(row)))
    });
    let entries = [Entry::Rows(rows.collect())];
    let (bytes, _) = encoded(&names, &entries);
    let read = read_log(&bytes).expect("a log");
    assert_eq!(read.end, LogEnd::Clean);
    assert_eq!(told_rows(&read), split(&names, &entries).0);
}

#[test]
fn what_is_no_log_is_refused_with_the_reason() {
    assert_eq!(read_log(b"PAR1").expect_err("no log"), LogError::Foreign);
    let mut newer = LogEncoder::new(1, "main", Timestamp::default())
        .bytes()
        .to_vec();
    newer[8] = 2;
    let error = read_log(&newer).expect_err("newer");
    assert_eq!(error, LogError::Newer(2));
    assert!(error.to_string().contains("newer Parallax"), "{error}");
}

#[test]
fn a_log_file_is_written_listed_and_read() {
    let store = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(store.path().join("log")).expect("made");
    let (names, entries) = small_log();
    let mut orders = Vec::new();
    for order in [3, 0x1F] {
        let mut log = LogWriter::create(store.path(), order, "main", Timestamp::default());
        let log = log.as_mut().expect("a log");
        for (place, entry) in entries.iter().enumerate() {
            match entry {
                Entry::Rows(rows) => log.append(&names, rows),
                Entry::Note(note) => log.note(note),
            }
            // Some are written before they are safe, some at once.
            if place % 2 == 1 {
                log.write().expect("written");
            } else {
                log.sync().expect("safe");
            }
        }
        assert_eq!(
            (log.rows(), log.unwritten_rows(), log.synced_rows()),
            (6, 0, 5)
        );
        log.sync().expect("safe");
        assert_eq!((log.synced_rows(), log.unsynced_bytes()), (6, 0));
        orders.push(log.file());
    }
    std::fs::write(store.path().join("log/note.txt"), "mine").expect("written");
    let files = LogFile::list(store.path()).expect("listed");
    assert_eq!(files, orders);
    for file in &files {
        let read = file.read().expect("read");
        assert_eq!(read.end, LogEnd::Clean);
        assert_eq!(told_rows(&read), split(&names, &entries).0);
    }
    let path = files[0].path.with_file_name("0000000000000099.wal");
    std::fs::rename(&files[0].path, &path).expect("renamed");
    let files = LogFile::list(store.path()).expect("listed");
    let error = files[1].read().expect_err("another's name").to_string();
    assert!(
        error.contains("0000000000000003") && error.contains("99.wal"),
        "{error}"
    );
}
