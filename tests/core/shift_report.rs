//! A shift's report: what it tells is what was recorded, and the page is one that a browser reads.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use parallax::alarm::{AlarmReport, Engine, Happening, Shelf, Standing};
use parallax::recording::{AuditRecord, NoteRecord};
use parallax::scene::Scene;
use parallax::session::{AlarmLog, Held, Recording, ShiftPlan, ShiftReport, StorePlan, alarm_rows};
use parallax::signal::{Origin, Quality, QualityClass, Sample, SampleBatch};
use parallax::time::Timestamp;
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::scenes::waterworks;
use crate::telemetry::skip;

const START: i64 = 1_700_000_000;
const STEP: i64 = 10;
const STEPS: i64 = 720;
/// Steps in which nothing came.
const SILENCE: std::ops::Range<i64> = 400..460;
const NOTE: &str = "<script>alert('x')</script> & \"valve\"\nsecond line";

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(START + secs)
}

/// Two hours of the waterworks in a store, with people who acknowledge, shelve and note; the
/// samples of the reservoir's level, in order.
fn recorded(scene: &Arc<Scene>, place: &str) -> Vec<Sample> {
    let plan = StorePlan {
        place: place.to_owned(),
        record: true,
    };
    let mut recording = Recording::start(scene, &plan, None).expect("it starts");
    let mut engine = Engine::new(scene);
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let level = scene.find_signal("TK-401.level").expect("the reservoir");
    let mut share: Vec<f64> = scene.signals.iter().map(|_| 0.5).collect();
    let mut levels = Vec::new();
    for step in (0..STEPS).filter(|step| !SILENCE.contains(step)) {
        let mut batch = SampleBatch::new(Origin::Measured);
        for id in scene.signal_ids().filter(|id| scene.signal(*id).measured) {
            let walk = &mut share[id.index()];
            *walk = (*walk + random.random_range(-0.04..0.04)).clamp(-0.1, 1.1);
            let (low, high) = scene.signal(id).range;
            let mut sample = Sample::good(at(step * STEP), low + *walk * (high - low));
            if random.random_bool(0.01) {
                sample.quality = Quality::Bad;
            }
            batch.push(id, sample);
            if id == level {
                levels.push(sample);
            }
        }
        while !recording.has_room() {
            std::thread::sleep(Duration::from_millis(5));
        }
        recording.record(&batch);
        engine.observe(&batch);
        if step % 90 == 89 {
            let now = at(step * STEP + 1);
            let waits: Vec<_> = engine.list().iter().map(|alarm| alarm.id).take(3).collect();
            for (place, id) in waits.into_iter().enumerate() {
                let what = if place == 2 {
                    Happening::Shelve(Shelf {
                        until: at(50_000),
                        reason: "sensor <drifts>".into(),
                    })
                } else {
                    Happening::Acknowledge
                };
                // An alarm in another state refuses, as it would a person.
                let _ = engine.act(id, what, now, "ann");
            }
        }
        recording.note(alarm_rows(scene, &engine.take_news()));
    }
    let note = |secs: i64| NoteRecord {
        at: at(secs),
        written: at(secs + 5),
        by: "ann".to_owned(),
        tag: Some("P-101".to_owned()),
        text: NOTE.to_owned(),
    };
    // The second lies after the shift.
    recording.note(vec![note(600).into(), note(9_000).into()]);
    let deed = AuditRecord {
        at: at(700),
        by: "ben".to_owned(),
        action: "write".to_owned(),
        subject: "P-301.speed".to_owned(),
        detail: "order 1: 80 %: obeyed".to_owned(),
    };
    recording.note(vec![deed.into()]);
    recording.close().expect("closed");
    levels
}

fn plan() -> ShiftPlan {
    ShiftPlan {
        from: at(0),
        to: at(STEPS * STEP),
        trends: Vec::new(),
        pictures: vec![("The plant".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec())],
        by: "ann & ben".to_owned(),
        made: at(STEPS * STEP + 60),
    }
}

#[test]
fn a_report_tells_what_was_recorded_and_what_is_handed_over() {
    let scene = waterworks().scene;
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("store").display().to_string();
    let levels = recorded(&scene, &place);
    let report = ShiftReport::read(&scene, &place, plan()).expect("it is read");

    let log = AlarmLog::read(&place).expect("it is read");
    // From the last sample before the silence to the first one after it nobody watched.
    let silence = (at((SILENCE.start - 1) * STEP), at(SILENCE.end * STEP));
    let span = (plan().from, plan().to);
    let alarms = AlarmReport::with_gaps(&log.events, &log.names, span, &[silence]);
    assert_eq!(report.alarms, alarms);
    assert!(alarms.known_hours < alarms.hours, "{alarms:?}");
    let raised = |event: &&parallax::alarm::AlarmEvent| {
        event.to == Standing::Unacknowledged && event.from != Standing::Unacknowledged
    };
    let raised = log.events.iter().filter(raised).count();
    assert!(raised > 20, "{raised} alarms");
    assert_eq!(report.told.len(), raised);
    let standing: std::collections::BTreeMap<u32, Standing> = log
        .events
        .iter()
        .map(|event| (event.alarm, event.to))
        .collect();
    let active = standing.values().filter(|standing| standing.is_active());
    let still = report.told.iter().filter(|one| one.over.is_none());
    assert_eq!(still.count(), active.count(), "what is active at the end");
    let off = standing.values().filter(|standing| !standing.is_listed());
    assert!(!report.aside.is_empty());
    assert_eq!(
        report.aside.len(),
        off.count(),
        "what is put aside at the end"
    );
    assert!(report.told.iter().any(|one| one.acknowledged.is_some()));
    let mut caused: Vec<usize> = Vec::new();
    for one in &report.cascades {
        assert!(!(one.beside.is_empty() && one.folded.is_empty()), "{one:?}");
        // Delays aside, which are minutes at most, nothing follows from what came later.
        let first = report.told[one.first].raised;
        let others = one.beside.iter().chain(&one.folded);
        caused.extend(others.clone().chain([&one.first]));
        for other in others {
            assert!(report.told[*other].raised.secs_since(first) > -600.0);
        }
    }
    assert!(!caused.is_empty(), "neighbours had alarms together");
    let all = caused.len();
    caused.sort_unstable();
    caused.dedup();
    assert_eq!(caused.len(), all, "each alarm has one cause");

    let lowest = scene
        .kpis
        .iter()
        .position(|kpi| kpi.name == "Lowest reservoir level");
    let lowest = report.kpis[lowest.expect("an indicator")];
    let good = levels
        .iter()
        .filter(|one| one.quality.class() != QualityClass::Bad);
    let expected = good.map(|one| one.value).fold(f64::INFINITY, f64::min);
    assert_eq!(lowest.value, Some(expected));
    let silence = (SILENCE.end - SILENCE.start) as f64 * STEP as f64;
    let whole = (STEPS * STEP) as f64;
    assert!(
        lowest.known < 1.0 - (silence - 120.0) / whole,
        "{}",
        lowest.known
    );
    assert!(lowest.known > 0.8, "{}", lowest.known);

    assert_eq!(report.notes.len(), 1, "the other is of another shift");
    assert_eq!(report.deeds.len(), 1);
    assert!(!report.trends.is_empty());
    for (_, spans) in &report.trends {
        assert!(spans.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert!(spans.iter().any(|span| span.held == Held::Missing));
    }
}

#[test]
fn the_page_is_well_formed_names_are_text_and_the_same_shift_gives_the_same_bytes() {
    let test = "the_page_is_well_formed_names_are_text_and_the_same_shift_gives_the_same_bytes";
    let scene = waterworks().scene;
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("store").display().to_string();
    recorded(&scene, &place);
    let page = |plan| {
        let report = ShiftReport::read(&scene, &place, plan).expect("it is read");
        (report.trends.len(), report.to_html(&scene))
    };
    let (trends, html) = page(plan());
    assert_eq!(page(plan()).1, html);
    assert!(html.contains(
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;valve&quot;<br>second line"
    ));
    for told in [
        "<h2>By cause</h2>",
        "Followed by",
        "rates are over that time",
    ] {
        assert!(html.contains(told), "{told}");
    }
    assert!(html.contains("data:image/png;base64,iVBORw0KGgo="));
    assert!(!html.contains("http"), "nothing comes from elsewhere");
    let Some(python) = std::env::var_os("PARALLAX_PEERS") else {
        skip(test, "$PARALLAX_PEERS names no Python");
        return;
    };
    // It stays, so that somebody can look at it.
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/shift-report.html");
    std::fs::write(file, &html).expect("written");
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/page.py"))
        .arg(file)
        .output()
        .expect("Python");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let seen: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(seen["unclosed"], serde_json::json!([]));
    let tags: BTreeSet<&str> = seen["tags"]
        .as_object()
        .expect("counts")
        .keys()
        .map(String::as_str)
        .collect();
    assert!(
        !tags.contains("script") && !tags.contains("drifts"),
        "{tags:?}"
    );
    // A picture for each trend, and the hatch that they share.
    assert_eq!(seen["tags"]["svg"], trends + 1);
    assert_eq!(seen["tags"]["img"], 1);
}
