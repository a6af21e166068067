//! Campaigns: plans with all their mistakes, resuming, tables, searches, task identity.

use std::fs;
use std::path::{Path, PathBuf};

use parallax::session::campaign::{
    self, Campaign, CampaignError, CampaignReport, Done, Executor, JournalError, LocalExecutor,
    PlanError, Row, Task,
};
use parallax::simulation::RunState;
use parallax::{scene, session};

/// Two hours of the waterworks, small enough to be computed in no time.
const EXTENT: &str =
    r#"format: 1, scene: "waterworks", scenario: "Live", horizon: "2h", step: "15min", members: 2"#;

/// Two values of one parameter with two of another, twice.
pub(crate) const SWEEP: &str = r#"Sweep(parameters: [
    (name: "demand", signal: "D-*.demand_factor", effect: Times, values: [0.9, 1.3]),
    (signal: "V-402.position", range: (0, 100), count: 2),
]), replications: 2"#;

pub(crate) fn plan_file(folder: &Path, design: &str) -> PathBuf {
    let path = folder.join("plan.ron");
    fs::write(
        &path,
        format!("Campaign({EXTENT},\n design: {design},\n)\n"),
    )
    .expect("written");
    path
}

pub(crate) fn open(folder: &Path, design: &str) -> Campaign {
    match campaign::open_plan(&plan_file(folder, design)) {
        Ok(campaign) => campaign,
        Err(error) => panic!("{error}"),
    }
}

fn local(campaign: &Campaign, out: &Path, threads: usize) -> CampaignReport {
    let mut executor = LocalExecutor { threads };
    campaign::run(campaign, out, &mut executor, &mut |_, _| ()).expect("it runs")
}

/// What must be equal wherever a campaign is computed.
pub(crate) fn results(rows: &[Row]) -> Vec<String> {
    let told = |row: &Row| {
        format!(
            "{} {:?} {} {:?}",
            row.run, row.parameters, row.seed, row.outcome
        )
    };
    rows.iter().map(told).collect()
}

#[test]
fn every_mistake_of_a_plan_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("plan.ron");
    let text = r#"Campaign(
    format: 1,
    scene: "waterworks",
    scenario: "Lvie",
    members: 0,
    design: Search(
        variables: [
            Continuous(signal: "V-402.postion", low: 0, high: 100),
            Continuous(signal: "V-402.position", low: 9, high: 1),
        ],
        objective: (kpi: "Pumping enrgy"),
        constraints: [Breach(signal: "TK-401.level", limit: HighHigh, at_most: 2)],
        budget: 40,
    ),
)
"#;
    fs::write(&path, text).expect("written");
    let Err(PlanError::Invalid { problems, .. }) = campaign::open_plan(&path) else {
        panic!("the plan is wrong");
    };
    let lines: Vec<_> = problems.iter().filter_map(|problem| problem.line).collect();
    assert_eq!(lines, [4, 5, 8, 9, 11, 12, 12], "{problems:#?}");
    let hints: String = problems.iter().map(|one| one.hint.as_str()).collect();
    for hint in ["`Live`", "`V-402.position`", "`Pumping energy`"] {
        assert!(hints.contains(hint), "{hint}: {problems:#?}");
    }
}

/// Computes a number of tasks and is then interrupted.
struct Interrupted {
    left: usize,
    computed: Vec<u32>,
}

impl Executor for Interrupted {
    fn compute(
        &mut self,
        campaign: &Campaign,
        tasks: &[Task],
        done: &mut dyn FnMut(Done) -> Result<(), CampaignError>,
    ) -> Result<(), CampaignError> {
        for task in tasks {
            if self.left == 0 {
                return Err(CampaignError::Cluster("interrupted".to_owned()));
            }
            self.left -= 1;
            self.computed.push(task.run);
            let (outcome, effort) = task.compute(&campaign.opened, 1, "test");
            done(Done {
                run: task.run,
                outcome,
                effort,
                is_correction: false,
            })?;
        }
        Ok(())
    }
}

#[track_caller]
fn check_resumes(design: &str, before: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let campaign = open(folder.path(), design);
    let whole = local(&campaign, &folder.path().join("whole"), 2);
    let out = folder.path().join("parts");
    let mut first = Interrupted {
        left: before,
        computed: Vec::new(),
    };
    campaign::run(&campaign, &out, &mut first, &mut |_, _| ()).expect_err("interrupted");
    // The crash tore the line that was being written.
    let journal = out.join("done.jsonl");
    let mut text = fs::read_to_string(&journal).expect("a journal");
    text.push_str("{\"run\":99,\"para");
    fs::write(&journal, text).expect("written");
    let mut second = Interrupted {
        left: usize::MAX,
        computed: Vec::new(),
    };
    let report = campaign::run(&campaign, &out, &mut second, &mut |_, _| ()).expect("it runs");
    assert_eq!(report.resumed, before);
    assert!(
        second
            .computed
            .iter()
            .all(|run| !first.computed.contains(run))
    );
    assert_eq!(second.computed.len() + before, whole.rows.len());
    assert_eq!(results(&report.rows), results(&whole.rows));
    assert_eq!(report.best, whole.best);
    let again = local(&campaign, &out, 2);
    assert_eq!(again.resumed, whole.rows.len(), "nothing is left");
}

#[test]
fn an_interrupted_sweep_goes_on_where_it_was() {
    check_resumes(SWEEP, 3);
}

const SEARCH: &str = r#"Search(
    variables: [
        Continuous(signal: "V-402.position", low: 0, high: 100),
        Schedule(signal: "P-302.available", block: "1h"),
    ],
    objective: (kpi: "Pumping energy"),
    constraints: [Kpi(kpi: "Lowest reservoir level", at_least: 2.5)],
    budget: 12,
)"#;

#[test]
fn an_interrupted_search_goes_on_where_it_was() {
    check_resumes(SEARCH, 7);
}

#[test]
fn every_trial_of_a_search_can_be_opened_as_a_scenario_of_the_scene() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let campaign = open(folder.path(), SEARCH);
    let report = local(&campaign, &folder.path().join("out"), 2);
    assert!(report.best.is_some());
    for row in &report.rows {
        let path = folder
            .path()
            .join(format!("out/scenarios/run-{}.ron", row.run));
        let text = fs::read_to_string(path).expect("a scenario");
        let scene =
            campaign
                .bundle
                .scene
                .replacen("scenarios: [", &format!("scenarios: [{text}"), 1);
        let scene = scene::parse(&scene).expect("a valid scene");
        let name = format!("Run {}", row.run);
        let scenario = scene.find_scenario(&name).expect("the scenario").clone();
        let task = Task::new(
            row.run,
            &campaign.opened,
            &campaign.initial,
            scenario,
            row.seed,
        );
        let (outcome, _) = task.compute(&campaign.opened, 1, "test");
        assert_eq!(outcome.result_hash, row.outcome.result_hash, "{text}");
    }
}

#[test]
fn a_changed_plan_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let design = |high: f64| {
        format!(r#"Sweep(parameters: [(signal: "V-402.position", values: [0, {high}])])"#)
    };
    local(&open(folder.path(), &design(50.0)), &out, 2);
    let changed = open(folder.path(), &design(60.0));
    let mut executor = LocalExecutor { threads: 1 };
    let refused = campaign::run(&changed, &out, &mut executor, &mut |_, _| ());
    let error = refused.expect_err("another plan");
    assert!(
        matches!(
            error,
            CampaignError::Journal(JournalError::OtherPlan { .. })
        ),
        "{error}"
    );
    let journal = out.join("done.jsonl");
    let text = fs::read_to_string(&journal).expect("a journal");
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(
        &journal,
        text.replacen(&version, "\"version\":\"0.0.0\"", 1),
    )
    .expect("written");
    let same = open(folder.path(), &design(50.0));
    let refused = campaign::run(&same, &out, &mut executor, &mut |_, _| ());
    let error = refused.expect_err("another version").to_string();
    assert!(error.contains("Parallax 0.0.0"), "{error}");
}

#[test]
fn a_tornado_ranks_what_moves_a_kpi_most() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let design = r#"Tornado(parameters: [
        (name: "ph", signal: "AT-302.ph", effect: Plus, low: -0.1, high: 0.1),
        (name: "demand", signal: "D-*.demand_factor", effect: Times, low: 0.7, high: 1.3),
    ])"#;
    let report = local(&open(folder.path(), design), &folder.path().join("out"), 2);
    assert_eq!(report.rows.len(), 5);
    let table = fs::read_to_string(folder.path().join("out/tornado.csv")).expect("a table");
    let first = "Pumping energy,kWh,1,demand,0.7,1.3,";
    assert!(table.contains(first), "{table}");
    let runs = fs::read_to_string(folder.path().join("out/runs.csv")).expect("a table");
    assert_eq!(runs.lines().count(), 6, "{runs}");
    assert!(folder.path().join("out/runs.parquet").exists());
}

#[test]
fn a_run_again_has_the_same_hash_and_another_seed_has_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let campaign = open(folder.path(), "Replications");
    let compute = |seed: u64, threads: usize| {
        let scenario = campaign.scenario.clone();
        let task = Task::new(0, &campaign.opened, &campaign.initial, scenario, seed);
        let plan = task.plan(&campaign.opened);
        let print = plan.fingerprint();
        let scene = &campaign.opened.scene;
        let done = session::compute(
            plan,
            scene,
            threads,
            &session::Control::default(),
            |_, _, _| true,
        );
        assert_eq!(done.state, RunState::Finished);
        (print, done.result_hash, done.progress.kpis)
    };
    let once = compute(1, 1);
    assert_eq!(once, compute(1, 2));
    let other = compute(2, 1);
    assert_ne!(once.0, other.0);
    assert_ne!(once.1, other.1);
    assert_eq!(
        once.2.len(),
        campaign.opened.scene.kpis.len(),
        "models compute every KPI"
    );
}
