//! Who was where hours ago, from the files of a store: hour by hour, and across their edges.

use std::path::Path;
use std::time::{Duration, Instant};

use parallax::history::{History, HistoryConfig};
use parallax::population::{FixReport, PopulationId, PopulationRow};
use parallax::session::{self, MemberBook, Opened, Recording, StorePlan};
use parallax::telemetry::TrackedFixes;
use parallax::time::Timestamp;
use tempfile::TempDir;

use super::PRESENT;

/// Fixes of a vehicle lie so far apart, s; none lies on an hour.
const STEP: u32 = 10;
const FIRST: u32 = 5;
/// Fixes of each vehicle: four hours and a bit.
const FIXES: u32 = 1_500;
/// Of which the second vehicle has fewer: it leaves in the third hour.
const LEAVES: u32 = 950;

/// A store in which vehicles were seen for hours, and the same in memory.
struct Yard {
    opened: Opened,
    book: MemberBook,
    vehicles: PopulationId,
    known: History,
    plan: StorePlan,
    _folder: TempDir,
}

fn after(secs: f64) -> Timestamp {
    PRESENT.plus_secs(secs)
}

fn report(place: u32) -> FixReport {
    let vehicle = |id: u64| PopulationRow {
        id,
        kind: 0,
        place: None,
        position: [f64::from(place) * 0.5, id as f64, 0.0],
        heading: 0.0,
        value: 0.0,
    };
    let stays = place < LEAVES;
    let ids = if stays { 1..=2 } else { 1..=1 };
    FixReport {
        at: after(f64::from(FIRST + place * STEP)),
        rows: ids.map(vehicle).collect(),
        gone: (place == LEAVES).then_some(2).into_iter().collect(),
        whole: false,
    }
}

impl Yard {
    fn sealed() -> Self {
        let opened = session::open(Path::new("factory")).expect("the scene");
        let found = opened.plant.populations();
        let found = { found }.position(|one| one.name == "PLANT.vehicles");
        let vehicles = PopulationId(found.expect("a population") as u32);
        let folder = tempfile::tempdir().expect("a folder");
        let plan = StorePlan {
            place: folder.path().join("store").display().to_string(),
            record: true,
        };
        let yard = Self {
            book: MemberBook::new(&opened.plant),
            known: History::new(opened.scene.signals.len(), HistoryConfig::default()),
            opened,
            vehicles,
            plan,
            _folder: folder,
        };
        yard.filled()
    }

    /// Two logs, each sealed when the next recording begins: hours have files from both.
    fn filled(mut self) -> Self {
        for half in [0..FIXES / 2, FIXES / 2..FIXES] {
            let mut recording = self.open();
            for place in half {
                let (population, report) = (self.vehicles, report(place));
                self.known.insert_fixes(population, &report);
                recording.note(self.book.rows(&[TrackedFixes { population, report }]));
            }
            recording.close().expect("closed");
        }
        let recording = self.open();
        let deadline = Instant::now() + Duration::from_secs(60);
        while recording
            .status()
            .is_some_and(|status| status.logs_waiting > 0)
        {
            assert!(Instant::now() < deadline, "sealed");
            std::thread::sleep(Duration::from_millis(20));
        }
        recording.close().expect("closed");
        self
    }

    fn open(&self) -> Recording {
        Recording::start(&self.opened.scene, &self.plan, None).expect("it starts")
    }

    fn empty(&self) -> History {
        History::new(self.opened.scene.signals.len(), HistoryConfig::default())
    }
}

#[test]
fn hours_of_a_store_are_merged_into_one_past() {
    let yard = Yard::sealed();
    let members = Path::new(&yard.plan.place).join("members");
    let mut hours = 0;
    for day in std::fs::read_dir(&members).expect("sealed members") {
        hours += std::fs::read_dir(day.expect("a day").path())
            .expect("hours")
            .count();
    }
    assert_eq!(hours, 5, "a folder for every hour");
    let recording = yard.open();
    let mut read = yard.empty();
    let (from, to) = (after(0.0), after(f64::from(FIXES * STEP + FIRST)));
    let stored = recording
        .load_members(&yard.book, &mut read, from, to)
        .expect("read");
    // Each fix, and that one left.
    assert_eq!(stored as u32, FIXES + LEAVES + 1);
    for secs in (0..FIXES * STEP).step_by(7) {
        let at = after(f64::from(secs));
        let (found, known) = (&read, &yard.known);
        let expected = known.members_at(yard.vehicles, at);
        assert_eq!(found.members_at(yard.vehicles, at), expected, "{secs} s");
    }
    // The same hours once more bring nothing new.
    let again = recording.load_members(&yard.book, &mut read, from, to);
    assert_eq!(again.expect("read"), 0);
}

#[test]
fn long_after_memory_let_them_go_they_are_read_again() {
    let yard = Yard::sealed();
    let mut recording = yard.open();
    // Memory holds ten minutes, and a day later a vehicle is seen still.
    let config = HistoryConfig {
        window: Duration::from_secs(600),
        ..HistoryConfig::default()
    };
    let mut read = History::new(yard.opened.scene.signals.len(), config);
    let day = 86_400.0;
    let late = |secs: f64| FixReport {
        at: after(day + secs),
        ..report(0)
    };
    for secs in (0..1_200).step_by(10) {
        read.insert_fixes(yard.vehicles, &late(f64::from(secs)));
    }
    let now = after(day + 1_190.0);
    let seen = read.members_at(yard.vehicles, now);
    assert_eq!(seen.map_or(0, |found| found.members.len()), 2);
    for secs in [1_800.0, 7_199.5, 12_000.0] {
        let at = after(secs);
        let expected = yard.known.members_at(yard.vehicles, at);
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            recording.serve_members(&yard.book, &mut read, at);
            if read.members_at(yard.vehicles, at) == expected {
                break;
            }
            let seen = read.members_at(yard.vehicles, at);
            assert!(Instant::now() < deadline, "{secs} s: {seen:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    // What was read of long ago says nothing of now.
    let seen = read.members_at(yard.vehicles, now).expect("somebody");
    assert_eq!((seen.members.len(), seen.lost.len()), (2, 0));
    recording.close().expect("closed");
}

#[test]
fn an_hour_is_asked_for_with_what_lies_across_its_edge() {
    let yard = Yard::sealed();
    // Within an hour, on both sides of an edge between two fixes, on the edge, and after one left.
    for secs in [
        1_800.0, 3_599.0, 3_600.0, 3_602.0, 7_199.5, 9_400.0, 10_801.0,
    ] {
        let at = after(secs);
        let expected = yard.known.members_at(yard.vehicles, at);
        let many = expected.as_ref().map_or(0, |found| found.members.len());
        let there = if secs < f64::from(LEAVES * STEP) {
            2
        } else {
            1
        };
        assert_eq!(many, there, "{secs} s");
        let mut recording = yard.open();
        let mut read = yard.empty();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            recording.serve_members(&yard.book, &mut read, at);
            if read.members_at(yard.vehicles, at) == expected {
                break;
            }
            let seen = read.members_at(yard.vehicles, at);
            assert!(Instant::now() < deadline, "{secs} s: {seen:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        recording.close().expect("closed");
    }
}
