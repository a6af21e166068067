//! Where those who move were seen: from payloads, over a broker, into a store and back.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use parallax::history::{History, HistoryConfig};
use parallax::population::{FixReport, Population, PopulationId, PopulationRow};
use parallax::scene::spec::TrackSpec;
use parallax::session::{self, Feed, FeedPlan, MemberBook, Recording, StorePlan};
use parallax::telemetry::payload::{Arrival, Rejection, Rejections, decode_fixes, encode_fixes};
use parallax::telemetry::{SourceChange, TrackMap, TrackedFixes, now};
use parallax::units::Quantity;

use super::PRESENT;

fn vehicles() -> Population {
    Population {
        name: "HALL.vehicles".to_owned(),
        kinds: vec!["AGV".to_owned(), "forklift".to_owned()],
        places: vec!["bay".to_owned(), "dock".to_owned()],
        value: "parts on board".to_owned(),
        quantity: Quantity::Number,
    }
}

fn tracks() -> TrackMap {
    let spec = TrackSpec::plain("HALL.vehicles");
    TrackMap::new(&[spec], &[&vehicles()]).expect("a track")
}

/// What a payload gives that arrives now.
fn decoded(payload: &str, retained: bool) -> (Vec<FixReport>, Rejections) {
    let tracks = tracks();
    let track = tracks.find("tracks/HALL.vehicles").expect("the topic");
    let (mut reports, mut rejected) = (Vec::new(), Rejections::default());
    let at = PRESENT;
    let arrival = Arrival { at, retained };
    decode_fixes(
        payload.as_bytes(),
        track,
        arrival,
        &mut reports,
        &mut rejected,
    );
    (reports, rejected)
}

/// Holds that a payload gives members at these seconds after the present and places to the east.
#[track_caller]
fn check(payload: &str, expected: &[(i64, u64, f64)]) {
    let (reports, rejected) = decoded(payload, false);
    assert_eq!(rejected.total(), 0, "{payload}");
    let rows = reports.iter().flat_map(|report| {
        let after = (report.at.nanos() - PRESENT.nanos()) / 1_000_000_000;
        let rows = report.rows.iter();
        rows.map(move |row| (after, row.id, row.position[0]))
    });
    assert_eq!(rows.collect::<Vec<_>>(), expected, "{payload}");
}

#[track_caller]
fn check_rejected(payload: &str, reason: Rejection) {
    let (reports, rejected) = decoded(payload, false);
    assert_eq!(rejected.of(reason), 1, "{payload}: {rejected:?}");
    let told = reports.iter().any(|report| report.whole);
    assert!(!told, "{payload}: all that there are is not known");
}

#[test]
fn members_are_read_alone_together_and_with_times_of_their_own() {
    let t = "2026-03-01T06:00:00Z";
    check(
        r#"{"id": 3, "kind": "AGV", "x": 1.5, "y": 2}"#,
        &[(0, 3, 1.5)],
    );
    check(
        &format!(
            r#"{{"t": "{t}", "members": [{{"id": 1, "kind": "AGV", "x": 1, "y": 2}},
                {{"id": 2, "kind": "forklift", "x": 7, "y": 2, "t": "2026-03-01T05:59:58Z"}}]}}"#
        ),
        &[(-2, 2, 7.0), (0, 1, 1.0)],
    );
    check(
        &format!(
            r#"[{{"t": "{t}", "id": 1, "kind": "AGV", "x": 1, "y": 2}},
                {{"t": 1772344801, "id": 1, "kind": "AGV", "x": 2, "y": 2}}]"#
        ),
        &[(0, 1, 1.0), (1, 1, 2.0)],
    );
    let (reports, rejected) = decoded(r#"{"whole": true, "members": [], "gone": [4, 5]}"#, false);
    assert_eq!(rejected.total(), 0);
    assert_eq!(
        (reports[0].whole, &reports[0].gone[..]),
        (true, &[4, 5][..])
    );
}

#[test]
fn what_cannot_be_used_is_counted_and_rejects_only_itself() {
    let member = |rest: &str| {
        format!(
            r#"{{"whole": true, "members": [{{"id": 1, "kind": "AGV", {rest}}},
                {{"id": 9, "kind": "AGV", "x": 1, "y": 1}}]}}"#
        )
    };
    for (rest, reason) in [
        (r#""x": 1"#, Rejection::NoValue),
        (r#""x": "here", "y": 1"#, Rejection::NotANumber),
        (r#""x": 1e30, "y": 1"#, Rejection::Implausible),
        (r#""x": 1, "y": 1, "t": "noon""#, Rejection::BadTime),
    ] {
        check_rejected(&member(rest), reason);
        let (reports, _) = decoded(&member(rest), false);
        assert_eq!(reports[0].rows[0].id, 9, "{rest}: the other one is there");
    }
    check_rejected(
        r#"{"id": 1, "kind": "ship", "x": 1, "y": 1}"#,
        Rejection::UnknownKind,
    );
    check_rejected(r#"{"id": 1, "x": 1, "y": 1}"#, Rejection::UnknownKind);
    check_rejected(
        r#"{"id": -1, "kind": "AGV", "x": 1, "y": 1}"#,
        Rejection::NotANumber,
    );
    check_rejected(r#"{"kind": "AGV", "x": 1, "y": 1}"#, Rejection::NoValue);
    check_rejected("[]", Rejection::NoValue);
    check_rejected("12.5", Rejection::NotJson);
    check_rejected("{", Rejection::NotJson);
    let (reports, rejected) = decoded(r#"{"id": 1, "kind": "AGV", "x": 1, "y": 1}"#, true);
    assert_eq!(
        (reports.len(), rejected.of(Rejection::NoTime)),
        (0, 1),
        "of unknown age"
    );
}

#[test]
fn a_population_that_no_model_has_is_named() {
    let spec = TrackSpec::plain("HALL.ships");
    let error = TrackMap::new(&[spec], &[&vehicles()]).expect_err("no ships");
    let told = error.to_string();
    assert!(
        told.contains("`HALL.ships`") && told.contains("`HALL.vehicles`"),
        "{told}"
    );
}

#[test]
fn a_report_round_trips_to_a_millimetre() {
    let rows = (0..50_u64).map(|id| PopulationRow {
        id: id * 7,
        kind: (id % 2) as u16,
        place: (id % 3 > 0).then_some((id % 2) as u32),
        position: [id as f64 / 7.0, -(id as f64) * 1.237, 0.1 * id as f64],
        heading: id as f64 / 9.0 - 3.0,
        value: id as f64,
    });
    let report = FixReport {
        at: PRESENT,
        rows: rows.collect(),
        gone: vec![3, 99],
        whole: true,
    };
    let tracks = tracks();
    let track = tracks.of(PopulationId(0)).expect("a track");
    let (read, rejected) = decoded(&encode_fixes(track, &report), false);
    assert_eq!((read.len(), rejected.total()), (1, 0));
    let read = &read[0];
    assert_eq!(
        (read.at, read.whole, &read.gone),
        (PRESENT, true, &report.gone)
    );
    for (read, sent) in read.rows.iter().zip(&report.rows) {
        assert_eq!(
            (read.id, read.kind, read.place),
            (sent.id, sent.kind, sent.place)
        );
        let off = (0..3).map(|axis| (read.position[axis] - sent.position[axis]).abs());
        assert!(off.fold(0.0, f64::max) <= 0.000_51, "{read:?} {sent:?}");
        assert!(
            (read.heading - sent.heading).abs() < 1e-5,
            "{read:?} {sent:?}"
        );
    }
    assert_eq!(read.rows.len(), 50);
}

#[test]
fn the_emulated_factory_tells_where_everything_is_and_a_store_brings_it_back() {
    let opened = session::open(Path::new("factory")).expect("the scene");
    let populations: Vec<_> = opened.plant.populations().collect();
    let place = |name: &str| {
        let found = populations.iter().position(|one| one.name == name);
        PopulationId(found.expect("a population") as u32)
    };
    let (parts, vehicles) = (place("PLANT.parts"), place("PLANT.vehicles"));
    let past = Duration::from_mins(45);
    let plan = FeedPlan::Demo { past, seed: 5 };
    let feed = Feed::start(&opened, plan, &None).expect("an emulated plant");
    assert_eq!(feed.reaches().count(), 2);
    let config = HistoryConfig::default();
    let mut history = History::new(opened.scene.signals.len(), config);
    let book = MemberBook::new(&opened.plant);
    let folder = tempfile::tempdir().expect("a folder");
    let plan = StorePlan {
        place: folder.path().join("store").display().to_string(),
        record: true,
    };
    let mut recording = Recording::start(&opened.scene, &plan, None).expect("it starts");
    let began = now();
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut told: Vec<TrackedFixes> = Vec::new();
    // Until the past is told and two live reports have come.
    while told.iter().filter(|one| one.report.at > began).count() < 4 {
        assert!(
            Instant::now() < deadline,
            "{} reports, {:?}",
            told.len(),
            feed.trouble()
        );
        let Some(event) = feed.next_within(Duration::from_millis(100)) else {
            continue;
        };
        if let SourceChange::Fixes(fixes) = event.change {
            for one in &fixes {
                // Filters that overlap bring a report twice; it is known once.
                history.insert_fixes(one.population, &one.report);
            }
            recording.note(book.rows(&fixes));
            told.extend(fixes);
        }
    }
    drop(feed);

    let newest = history
        .fixes(vehicles, parallax::time::Timestamp::MAX)
        .and_then(|fixes| fixes.span())
        .expect("seen")
        .1;
    let now_there = history.members_at(vehicles, newest).expect("seen");
    assert_eq!(now_there.members.len(), 3, "three vehicles");
    assert!(now_there.lost.is_empty());
    let there = history.members_at(parts, newest).expect("seen").members;
    let kinds: BTreeSet<_> = there.iter().map(|one| one.row.kind).collect();
    assert!(
        there.len() > 50 && !kinds.is_empty(),
        "{} parts",
        there.len()
    );
    // In the past fixes lie ten seconds apart, and a vehicle does 1.2 m/s.
    let middle = newest - Duration::from_mins(5);
    let mut moved = 0.0_f64;
    for step in 0..120_u64 {
        let at = |step: u64| middle + Duration::from_millis(500 * step);
        let [before, after] = [at(step), at(step + 1)]
            .map(|at| history.members_at(vehicles, at).expect("seen").members);
        assert_eq!((before.len(), after.len()), (3, 3));
        for (before, after) in before.iter().zip(&after) {
            let pairs = before.row.position.iter().zip(after.row.position);
            let way = pairs
                .map(|(one, other)| (one - other).powi(2))
                .sum::<f64>()
                .sqrt();
            assert!(way <= 1.2 * 0.5 + 1e-2, "{way} m in half a second");
            moved += way;
        }
    }
    assert!(moved > 10.0, "they move: {moved} m");
    let long_after = newest + Duration::from_secs(16);
    let later = history.members_at(vehicles, long_after).expect("seen");
    assert_eq!(
        (later.members.len(), later.lost.len()),
        (0, 3),
        "nobody is extrapolated"
    );

    // From the log first, and from a segment once that is sealed.
    let (from, to) = (newest - past, newest);
    recording.close().expect("closed");
    for round in ["from the log", "from segments"] {
        let recording = Recording::start(&opened.scene, &plan, None).expect("it starts again");
        let mut read = History::new(opened.scene.signals.len(), config);
        let stored = recording
            .load_members(&book, &mut read, from, to)
            .expect("read");
        assert!(stored > 3 * 50, "{round}: {stored}");
        for secs in [0, 17, 130, 299] {
            let at = newest - Duration::from_secs(secs);
            for population in [parts, vehicles] {
                assert_eq!(
                    read.members_at(population, at),
                    history.members_at(population, at),
                    "{round}, {secs} s before the end"
                );
            }
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        while recording
            .status()
            .is_some_and(|status| status.logs_waiting > 0)
        {
            assert!(Instant::now() < deadline, "sealed");
            std::thread::sleep(Duration::from_millis(20));
        }
        recording.close().expect("closed");
    }
}

#[test]
fn a_track_of_nobody_is_told_with_its_line_before_anything_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.ron");
    let text = "Scene(\n    format: 1,\n    name: \"Yard\",\n    types: {},\n    assets: [],\n    \
                sources: [\n        Mqtt(\n            name: \"plant\",\n            \
                broker: \"mqtt://localhost:1883\",\n            \
                topics: [(pattern: \"plant/{asset}/{signal}\")],\n            tracks: [\n                \
                (topic: \"tracks/forklifts\", population: \"YARD.forklifts\"),\n            ],\n        \
                ),\n    ],\n)\n";
    std::fs::write(&file, text).expect("written");
    let Err(error) = session::open(&file) else {
        panic!("no model has forklifts")
    };
    let told = error.to_string();
    assert!(
        told.contains("YARD.forklifts") && told.contains(":12"),
        "{told}"
    );
    assert!(error.is_about_content());
}
