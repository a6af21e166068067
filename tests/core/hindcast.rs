//! Hindcasts of the shipped waterworks: over memory, a growing history and a store; with the
//! models that the emulated plant follows, and with a plant that has a fault they do not know.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use parallax::forecast::{Basis, SkillTable, Verdict};
use parallax::history::{History, HistoryConfig};
use parallax::scene::{Effect, Override, Scenario, Scene};
use parallax::session::{
    self, Control, HindcastError, HindcastJob, HindcastPlan, HindcastProgress, MemoryPast, Opened,
    PastSource, Recording, StorePast, StorePlan, hindcast,
};
use parallax::signal::{Origin, Quality, RunId, Sample, SampleBatch, SignalId};
use parallax::simulation::{InitialState, Run, RunPlan, RunRecord, RunState};
use parallax::telemetry::emulator::Disturbance;
use parallax::time::Timestamp;

use super::scenes;

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

fn signal(opened: &Opened, name: &str) -> SignalId {
    let found = opened.scene.find_signal(name);
    found.unwrap_or_else(|| panic!("the scene has `{name}`"))
}

/// What the plant does over `hours`, a sample of each measured signal every minute. It follows
/// its models, with dice of its own, but for `faults`.
fn measured(opened: &Opened, hours: u32, faults: Vec<Override>) -> Vec<SampleBatch> {
    let scenario = Scenario {
        faults,
        ..Scenario::plain("The plant", MINUTE, MINUTE)
    };
    let plan = RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(&opened.scene, START),
        scenario,
        seed: 4_711,
    };
    let mut run = Run::start(Arc::new(plan), 0).expect("the plant starts");
    let outputs = opened.plant.outputs().iter();
    let outputs: Vec<_> = outputs
        .filter(|signal| opened.scene.signal(**signal).measured)
        .collect();
    let batch = |minute: u32| {
        let at = START + MINUTE * minute;
        run.advance_to(at).expect("the plant goes on");
        let sample = |signal: &&SignalId| (**signal, Sample::good(at, run.value(**signal)));
        SampleBatch {
            origin: Origin::Measured,
            samples: outputs.iter().map(sample).collect(),
        }
    };
    (0..=hours * 60).map(batch).collect()
}

fn empty(scene: &Scene) -> History {
    let config = HistoryConfig {
        window: Duration::MAX,
        ..HistoryConfig::default()
    };
    History::new(scene.signals.len(), config)
}

fn history_of(scene: &Scene, batches: &[SampleBatch]) -> History {
    let mut history = empty(scene);
    for batch in batches {
        history.insert(batch);
    }
    history
}

/// Hindcasts every half hour that look two hours ahead.
fn plan(opened: &Opened, hours: u32) -> HindcastPlan {
    HindcastPlan {
        scene: Arc::clone(&opened.scene),
        plant: Arc::clone(&opened.plant),
        folder: opened.folder.clone(),
        scenario: Scenario {
            members: 20,
            ..Scenario::plain("As is", HOUR * 2, MINUTE * 10)
        },
        from: START,
        to: START + HOUR * hours,
        every: MINUTE * 30,
        seed: 1,
    }
}

fn made(plan: &HindcastPlan, history: &History, threads: usize) -> (HindcastProgress, SkillTable) {
    let mut past = MemoryPast {
        scene: &plan.scene,
        history,
    };
    let cancel = AtomicBool::new(false);
    hindcast(plan, &mut past, threads, &cancel, |_, _| true).expect("a sound plan")
}

/// Verdicts of a signal at all lead times.
fn verdicts(table: &SkillTable, name: &str) -> Vec<Verdict> {
    let rows = table.rows().filter(|row| row.subject.signal == name);
    rows.map(|row| row.judgement.verdict).collect()
}

/// The same table to the last bit.
fn text(table: &SkillTable) -> String {
    serde_json::to_string(table).expect("a table can be written")
}

#[test]
fn the_models_of_the_plant_are_skilful_and_their_bands_hold_what_they_should() {
    let opened = scenes::waterworks();
    let hours = 26;
    let history = history_of(&opened.scene, &measured(&opened, hours, Vec::new()));
    let (progress, table) = made(&plan(&opened, hours), &history, 2);
    assert_eq!((progress.failed, progress.planned), (0, 49));
    assert_eq!(progress.scored, 49, "unfit: {:?}", progress.unfit);
    let skilful = verdicts(&table, "TK-401.level");
    assert!(
        skilful.iter().all(|verdict| *verdict == Verdict::Skilful),
        "{skilful:?}"
    );
    let (better, worse) = (table.count(Verdict::Skilful), table.count(Verdict::Worse));
    assert!(
        better > 10 * worse,
        "{better} rows are skilful, {worse} worse"
    );

    // What the river brings is drawn anew, by the plant and by each member alike.
    let rivers = [
        "AT-101.turbidity",
        "AT-102.ph",
        "TT-101.temperature",
        "IN-101.level",
    ];
    let (mut covered, mut banded, mut expected) = (0.0, 0.0, 0.0);
    for row in table.rows() {
        if rivers.contains(&row.subject.signal.as_str()) {
            let count = row.score.count as f64;
            covered += row.score.coverage().expect("bands") * count;
            expected += row.score.expected_coverage().expect("bands") * count;
            banded += count;
        }
    }
    let (covered, expected) = (covered / banded, expected / banded);
    assert!(
        (covered - expected).abs() < 0.08,
        "{covered}, expected {expected}"
    );
}

#[test]
fn a_fault_that_the_models_do_not_know_makes_them_worse_than_persistence() {
    let opened = scenes::waterworks();
    let hours = 12;
    // A meter's district takes four fifths more than anybody thinks.
    let fault = Override::always(signal(&opened, "D-411.demand_factor"), Effect::Times(1.8));
    let sound = history_of(&opened.scene, &measured(&opened, hours, Vec::new()));
    let faulty = history_of(&opened.scene, &measured(&opened, hours, vec![fault]));
    let plan = plan(&opened, hours);
    let (_, right) = made(&plan, &sound, 2);
    let (_, wrong) = made(&plan, &faulty, 2);
    let at = |table: &SkillTable| verdicts(table, "D-411.demand");
    assert!(!at(&right).contains(&Verdict::Worse), "{:?}", at(&right));
    assert_eq!(
        at(&wrong).first(),
        Some(&Verdict::Worse),
        "{:?}",
        at(&wrong)
    );
    assert!(wrong.count(Verdict::Worse) > right.count(Verdict::Worse));
}

#[test]
fn equal_seeds_give_equal_tables_on_one_thread_and_many_and_other_seeds_do_not() {
    let opened = scenes::waterworks();
    let history = history_of(&opened.scene, &measured(&opened, 4, Vec::new()));
    let plan = plan(&opened, 4);
    let table = |plan: &HindcastPlan, threads| text(&made(plan, &history, threads).1);
    let one = table(&plan, 1);
    assert!(one == table(&plan, 1));
    assert!(one == table(&plan, 3), "threads must not be seen");
    let other = HindcastPlan {
        seed: 2,
        ..plan.clone()
    };
    assert!(one != table(&other, 1));
    // A run from an instant does not depend on which other runs there are: two starts and three.
    let parts = [(0, 150), (60, 240)].map(|(from, to)| HindcastPlan {
        from: START + MINUTE * from,
        to: START + MINUTE * to,
        ..plan.clone()
    });
    let mut merged = SkillTable::default();
    for part in &parts {
        merged.merge(&made(part, &history, 1).1);
    }
    let whole = made(&plan, &history, 1).1;
    assert_eq!(whole.rows().count(), merged.rows().count());
    for (one, other) in whole.rows().zip(merged.rows()) {
        let name = &one.subject.signal;
        assert_eq!(one.score.count, other.score.count, "{name}");
        assert_eq!(one.score.runs, other.score.runs, "{name}");
        let apart = one.score.rmse().unwrap_or(0.0) - other.score.rmse().unwrap_or(0.0);
        assert!(apart.abs() <= 1e-9 * one.subject.scale, "{name}: {apart}");
    }
}

/// What the shipped demo tells over `hours`: noise, drop-outs, drift, and a pump that wears.
fn emulated(opened: &Opened, hours: u32) -> History {
    let mut plant = session::emulated_plant(&opened.plant, &opened.scene, START, 4_711)
        .expect("the plant starts");
    let mut disturbance = Disturbance::new(&opened.scene, 5);
    let mut history = empty(&opened.scene);
    let (mut truth, mut batch) = (Vec::new(), SampleBatch::new(Origin::Measured));
    for minute in 0..=hours * 60 {
        let since = MINUTE * minute;
        truth.clear();
        batch.samples.clear();
        plant
            .truth_at(START + since, &mut truth)
            .expect("it goes on");
        disturbance.apply(START + since, since, &truth, &mut batch.samples);
        history.insert(&batch);
    }
    history
}

#[test]
fn the_demo_is_forecast_well_but_for_what_is_wrong_with_it() {
    let opened = scenes::waterworks();
    let hours = 14;
    let history = emulated(&opened, hours);
    let (progress, table) = made(&plan(&opened, hours), &history, 2);
    assert_eq!(progress.failed, 0, "{:?}", progress.failures);
    let loose_plug = signal(&opened, "AT-102.ph");
    for (unfit, count) in &progress.unfit {
        assert_eq!(*unfit, loose_plug, "{count} times");
    }
    let count = |verdict| table.count(verdict);
    let (better, worse) = (count(Verdict::Skilful), count(Verdict::Worse));
    assert!(
        better > 5 * worse,
        "{better} rows are skilful, {worse} worse"
    );
    let level = verdicts(&table, "TK-401.level");
    assert_eq!(level.last(), Some(&Verdict::Skilful), "{level:?}");
    // What is worse is what the models do not know: a worn impeller, a sensor that creeps.
    for name in ["P-102.efficiency", "AT-301.chlorine"] {
        let found = verdicts(&table, name);
        assert!(found.contains(&Verdict::Worse), "{name}: {found:?}");
    }
    for name in ["P-101.efficiency", "P-103.efficiency", "TK-301.level"] {
        let found = verdicts(&table, name);
        assert!(!found.is_empty(), "{name} is not scored");
        assert!(!found.contains(&Verdict::Worse), "{name}: {found:?}");
    }
}

#[test]
fn what_starts_from_a_bad_instrument_counts_for_nothing() {
    let opened = scenes::waterworks();
    let level = signal(&opened, "TK-401.level");
    let mut batches = measured(&opened, 3, Vec::new());
    for (id, sample) in batches.iter_mut().flat_map(|batch| &mut batch.samples) {
        if *id == level {
            sample.quality = Quality::BadSensorFailure;
        }
    }
    let history = history_of(&opened.scene, &batches);
    let (progress, table) = made(&plan(&opened, 3), &history, 1);
    assert_eq!(progress.unfit, [(level, progress.planned)]);
    for row in table.rows() {
        let from = opened
            .plant
            .starts_from(signal(&opened, &row.subject.signal));
        assert!(
            row.score.count == 0 || !from.contains(&level),
            "{} stands on a bad level",
            row.subject.signal
        );
    }
    let demand = signal(&opened, "D-411.demand");
    assert!(opened.plant.starts_from(demand).contains(&level));
}

#[test]
fn plans_that_cannot_be_followed_are_refused() {
    let opened = scenes::waterworks();
    let check = |change: fn(&mut HindcastPlan), wanted: fn(&HindcastError) -> bool| {
        let mut plan = plan(&opened, 4);
        change(&mut plan);
        let error = plan.starts().expect_err("it is not sound");
        assert!(wanted(&error), "{error}");
    };
    check(
        |plan| plan.every = Duration::ZERO,
        |error| *error == HindcastError::NoDistance,
    );
    check(
        |plan| plan.scenario.step = HOUR * 3,
        |error| *error == HindcastError::NoSteps,
    );
    check(
        |plan| plan.to = plan.from + HOUR,
        |error| matches!(error, HindcastError::TooShort { .. }),
    );
    check(
        |plan| plan.every = Duration::from_millis(1),
        |error| matches!(error, HindcastError::TooMany { .. }),
    );
}

#[test]
fn a_run_of_the_program_is_scored_as_a_hindcast_is_but_by_its_quantiles() {
    let opened = scenes::waterworks();
    let mut history = history_of(&opened.scene, &measured(&opened, 3, Vec::new()));
    let scenario = Scenario {
        members: 20,
        ..Scenario::plain("As is", HOUR * 2, MINUTE * 10)
    };
    let (plant, scene, run) = (&opened.plant, &opened.scene, RunId(1));
    let start = START + MINUTE * 30;
    let folder = &opened.folder;
    let plan = session::branch(plant, scene, folder, &history, scenario, start, 1);
    let plan = plan.expect("nothing is prescribed");
    let (kept, control) = (plan.clone(), Control::default());
    session::compute(plan, scene, 1, &control, |chunk, _, _| {
        for batch in session::sample_batches(run, &kept, chunk) {
            history.insert(&batch);
        }
        true
    });
    let record = RunRecord {
        reached: start + HOUR * 2,
        state: RunState::Finished,
        ..RunRecord::of(run, &kept)
    };
    let forecast = session::past_forecast(&record, scene, plant, &history);
    let mut forecast = forecast.expect("nothing is loaded");
    let now = START + HOUR * 3;
    assert_eq!(
        forecast.score(scene, &history, now, record.reached, 5),
        5,
        "the budget holds"
    );
    assert_eq!(forecast.score(scene, &history, now, record.reached, 100), 7);
    assert!(forecast.is_finished());
    let mut table = SkillTable::default();
    forecast.add_to(&mut table);
    let levels = table
        .rows()
        .filter(|row| row.subject.signal == "TK-401.level");
    assert_eq!(levels.map(|row| row.score.count).sum::<u64>(), 12);
    assert!(table.rows().all(|row| row.score.basis == Basis::Quantiles));

    // From a bad level, the forecast of what stands on it is worth nothing.
    let level = signal(&opened, "TK-401.level");
    let mut batches = measured(&opened, 1, Vec::new());
    for (id, sample) in batches.iter_mut().flat_map(|batch| &mut batch.samples) {
        if *id == level {
            sample.quality = Quality::BadSensorFailure;
        }
    }
    let history = history_of(scene, &batches);
    let forecast = session::past_forecast(&record, scene, plant, &history);
    let left: Vec<_> = forecast.expect("nothing is loaded").signals().to_vec();
    assert!(
        left.iter()
            .all(|id| !plant.starts_from(*id).contains(&level))
    );
}

/// Waits until a job has ended, answering what it asks; gives how long the longest answer took.
fn follow(job: &mut HindcastJob, mut history: impl FnMut() -> Arc<History>) -> Duration {
    let mut longest = Duration::ZERO;
    let began = Instant::now();
    while !job.progress().finished {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not end");
        let history = history();
        let frame = Instant::now();
        job.serve(&history);
        longest = longest.max(frame.elapsed());
        thread::sleep(Duration::from_micros(200));
    }
    longest
}

#[test]
fn a_job_over_memory_gives_the_same_table_while_the_history_grows() {
    let opened = scenes::waterworks();
    let batches = measured(&opened, 5, Vec::new());
    let known = 4 * 60 + 1;
    let mut plan = plan(&opened, 4);
    plan.scenario.members = 4;
    let whole = history_of(&opened.scene, &batches[..known]);
    let (_, wanted) = made(&plan, &whole, 1);
    let mut job = HindcastJob::start(plan, PastSource::Memory, None).expect("a sound plan");
    let mut growing = history_of(&opened.scene, &batches[..known]);
    let mut rest = batches[known..].iter();
    let mut partial = 0;
    let began = Instant::now();
    let mut last = None;
    while !job.progress().finished {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not end");
        if let Some(batch) = rest.next() {
            growing.insert(batch);
        }
        job.serve(&growing);
        if let Some(table) = job.take() {
            partial += 1;
            last = Some(table);
        }
        thread::sleep(Duration::from_micros(200));
    }
    let last = job.take().or(last).expect("a table");
    assert!(partial >= 1, "nothing was told on the way");
    assert!(text(&last) == text(&wanted));
    assert!(job.take().is_none(), "a table is taken once");
}

#[test]
fn a_job_that_is_cancelled_ends_and_one_without_a_store_says_why() {
    let opened = scenes::waterworks();
    let history = Arc::new(history_of(&opened.scene, &measured(&opened, 4, Vec::new())));
    let plan = plan(&opened, 4);
    let mut job = HindcastJob::start(plan.clone(), PastSource::Memory, None).expect("sound");
    job.cancel();
    follow(&mut job, || Arc::clone(&history));
    assert!(job.progress().done < job.progress().planned);

    let nowhere = PastSource::Store("no-such-store".to_owned());
    let mut job = HindcastJob::start(plan, nowhere, None).expect("the plan itself is sound");
    follow(&mut job, || Arc::clone(&history));
    let failures = job.progress().failures.join("\n");
    assert!(failures.contains("no-such-store"), "{failures}");
}

/// Records what the plant did over so many hours into a store.
fn record(scene: &Arc<Scene>, folder: &Path, batches: &[SampleBatch]) {
    fs::create_dir_all(folder).expect("a folder");
    let plan = StorePlan {
        place: folder.display().to_string(),
        record: true,
    };
    let mut recording = Recording::start(scene, &plan, None).expect("a store");
    for batch in batches {
        while !recording.has_room() {
            thread::sleep(Duration::from_millis(1));
        }
        recording.record(batch);
    }
    recording.close().expect("closed");
}

#[test]
fn a_store_gives_the_same_table_as_memory() {
    let opened = scenes::waterworks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let batches = measured(&opened, 4, Vec::new());
    record(&opened.scene, folder.path(), &batches);
    let mut plan = plan(&opened, 4);
    plan.scenario.members = 4;
    let (_, wanted) = made(&plan, &history_of(&opened.scene, &batches), 1);
    let place = folder.path().display().to_string();
    let mut past = StorePast::open(&opened.scene, &place).expect("the store is there");
    assert_eq!(past.span(), Some((START, START + HOUR * 4)));
    let cancel = AtomicBool::new(false);
    let (progress, table) =
        hindcast(&plan, &mut past, 1, &cancel, |_, _| true).expect("a sound plan");
    assert_eq!(
        (progress.scored, progress.failed),
        (5, 0),
        "{:?}",
        progress.failures
    );
    assert!(text(&table) == text(&wanted));

    let mut job = HindcastJob::start(plan, PastSource::Store(place), None).expect("sound");
    follow(&mut job, || Arc::new(empty(&opened.scene)));
    let table = job.take().expect("a table");
    assert!(text(&table) == text(&wanted));
}

#[test]
fn the_command_writes_a_row_for_each_signal_and_lead_time() {
    let opened = scenes::waterworks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("store");
    record(&opened.scene, &store, &measured(&opened, 3, Vec::new()));
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/waterworks");
    let out = folder.path().join("out");
    let hindcast = |store: &Path, lead: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_parallax"))
            .arg("hindcast")
            .arg(&scene)
            .arg("--store")
            .arg(store)
            .args([
                "--every",
                "30min",
                "--lead",
                lead,
                "--members",
                "4",
                "--out",
            ])
            .arg(&out)
            .env_remove("RUST_LOG")
            .output()
            .expect("the program starts")
    };
    let done = hindcast(&store, "1h");
    let (said, talk) = (
        String::from_utf8_lossy(&done.stdout).into_owned(),
        String::from_utf8_lossy(&done.stderr).into_owned(),
    );
    assert_eq!(done.status.code(), Some(0), "{said}\n{talk}");
    let summary: serde_json::Value = serde_json::from_str(&said).expect("JSON on stdout");
    assert_eq!(summary["hindcasts"], 5);
    assert_eq!(summary["scored"], 5);
    assert_eq!(summary["members"], 4);

    let text = fs::read_to_string(out.join("skill.json")).expect("skill.json");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let rows = report["rows"].as_array().expect("rows");
    let mut csv = csv::Reader::from_path(out.join("skill.csv")).expect("skill.csv");
    let records: Vec<_> = csv.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(records.len(), rows.len());
    let levels: Vec<_> = rows
        .iter()
        .filter(|row| row["signal"] == "TK-401.level")
        .collect();
    let leads: Vec<_> = levels.iter().map(|row| &row["lead_until_s"]).collect();
    assert_eq!(leads, [300, 900, 1_800, 3_600]);
    for row in levels {
        assert_eq!(row["unit"], "m");
        assert_eq!(row["crps_of"], "members");
        assert_eq!(row["verdict"], "unknown", "5 runs are too few");
        assert_eq!(row["runs"], 5);
    }

    let nowhere = hindcast(&folder.path().join("nowhere"), "1h");
    assert_eq!(nowhere.status.code(), Some(2));
    let too_long = hindcast(&store, "9h");
    assert_eq!(too_long.status.code(), Some(2));
    let talk = String::from_utf8_lossy(&too_long.stderr).into_owned();
    assert!(talk.contains("no room"), "{talk}");
}
