//! Explorations from a running program: around a run, in the background, opened again.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parallax::scene::Scenario;
use parallax::session::campaign::{self, Campaign, CampaignJob, JobState, PlanError, Row};
use parallax::session::{self, Control, Opened};
use parallax::simulation::{InitialState, RunPlan};
use parallax::time::Timestamp;

const START: Timestamp = Timestamp::from_secs(1_772_346_600);
const SWEEP: &str = r#"Sweep(parameters: [(signal: "V-402.position", range: (0, 100), count: 3)])"#;

fn waterworks() -> Opened {
    session::open(Path::new("waterworks")).unwrap_or_else(|error| panic!("{error}"))
}

/// Two hours from a plant whose reservoir was measured.
fn plan(opened: &Opened) -> RunPlan {
    let mut initial = InitialState::unknown(&opened.scene, START);
    let level = opened.scene.find_signal("TK-401.level").expect("a signal");
    initial.set(level, 3.1);
    RunPlan {
        plant: Arc::clone(&opened.plant),
        initial,
        scenario: Scenario {
            horizon: Duration::from_secs(7_200),
            step: Duration::from_secs(900),
            members: 2,
            ..session::baseline(&opened.scene)
        },
        seed: 7,
    }
}

fn around(opened: &Opened, design: &str) -> Campaign {
    let campaign = Campaign::around(opened, &plan(opened), design);
    campaign.unwrap_or_else(|error| panic!("{error}"))
}

/// Lets a job go on to its end, and gives what it told on the way and at last.
fn finish(job: &mut CampaignJob) -> (Vec<Row>, usize) {
    let began = Instant::now();
    let (mut rows, mut wanted) = (Vec::new(), 0);
    while *job.state() == JobState::Running {
        let (more, of) = job.take();
        rows.extend(more);
        wanted = of.unwrap_or(wanted);
        assert!(began.elapsed() < Duration::from_secs(120), "{wanted}");
        thread::sleep(Duration::from_millis(5));
    }
    (rows, wanted)
}

fn job(campaign: Campaign, out: &Path) -> CampaignJob {
    CampaignJob::start(campaign, out.to_owned(), 1, None).expect("a thread")
}

#[test]
fn a_row_opened_as_a_run_gives_the_same_bits() {
    let opened = waterworks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut job = job(around(&opened, SWEEP), folder.path());
    let campaign = Arc::clone(job.campaign());
    let (mut rows, wanted) = finish(&mut job);
    assert_eq!((wanted, job.state()), (3, &JobState::Finished));
    // At the end all are told once more.
    rows.sort_by_key(|row| row.run);
    rows.dedup_by_key(|row| row.run);
    assert_eq!(rows.len(), 3);
    let hashes: Vec<u64> = rows.iter().map(|row| row.outcome.result_hash).collect();
    assert_ne!(
        hashes[0], hashes[2],
        "a valve that is shut changes something"
    );
    for row in &rows {
        let plan = campaign.plan_of(row);
        let value = row.parameters[0].expect("a value");
        assert_eq!(plan.scenario.name, format!("Live, V-402.position {value}"));
        let level = opened.scene.find_signal("TK-401.level").expect("a signal");
        assert_eq!(plan.initial.value(level), Some(3.1), "as it was measured");
        let again = session::compute(plan, &opened.scene, 2, &Control::default(), |_, _, _| true);
        assert_eq!(
            again.result_hash, row.outcome.result_hash,
            "run {}",
            row.run
        );
    }
    for file in ["plan.ron", "runs.csv", "runs.parquet", "campaign.json"] {
        assert!(folder.path().join(file).exists(), "{file}");
    }
}

#[test]
fn the_plan_that_is_kept_is_one_that_the_command_line_runs() {
    let opened = waterworks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("plan.ron");
    std::fs::write(&path, around(&opened, SWEEP).text).expect("written");
    let read = campaign::open_plan(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.scenario.horizon, Duration::from_secs(7_200));
    assert_eq!((read.scenario.members, read.seed), (2, 7));
    assert_eq!(read.initial.at(), START);
    assert_eq!(read.design.points().len(), 3);
}

#[test]
fn the_same_question_goes_on_where_it_was_and_tells_all_rows() {
    let opened = waterworks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut first = job(around(&opened, SWEEP), folder.path());
    finish(&mut first);
    let mut again = job(around(&opened, SWEEP), folder.path());
    let (rows, _) = finish(&mut again);
    assert_eq!(rows.len(), 3, "none computed, all told");
}

#[test]
fn a_cancelled_exploration_keeps_what_is_done() {
    let opened = waterworks();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let many = SWEEP.replace("count: 3", "count: 400");
    let mut job = job(around(&opened, &many), folder.path());
    let began = Instant::now();
    let mut done = 0;
    while done < 2 {
        done += job.take().0.len();
        assert!(began.elapsed() < Duration::from_secs(120));
    }
    job.cancel();
    let (more, _) = finish(&mut job);
    assert_eq!(job.state(), &JobState::Cancelled);
    assert!(done + more.len() < 400, "{}", done + more.len());
    let journal = std::fs::read_to_string(folder.path().join("done.jsonl")).expect("a journal");
    assert!(journal.lines().count() > done, "{journal}");
}

#[test]
fn what_is_wrong_with_a_question_is_told() {
    let opened = waterworks();
    let wrong = [
        (
            "Sweep(parameters: [(signal: \"V-402.postion\", range: (0, 100), count: 3)])",
            "V-402.position",
        ),
        (
            "Sweep(parameters: [(signal: \"V-402.position\", range: (0, 100), count: 1)])",
            "not clear",
        ),
        (
            "Search(variables: [], objective: (kpi: \"Pumping energy\"), budget: 9)",
            "",
        ),
        ("Sweep(", ""),
    ];
    for (design, word) in wrong {
        match Campaign::around(&opened, &plan(&opened), design) {
            Err(error @ PlanError::Invalid { .. }) => {
                assert!(error.to_string().contains(word), "{error}");
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("{design} was taken"),
        }
    }
}
