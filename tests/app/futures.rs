//! What a planner asks beyond one run: KPIs beside each other, explorations, estimates.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::kittest::{NodeT, Queryable};
use parallax::app::action::Action;
use parallax::app::exploration::Exploration;
use parallax::app::panels::ExploreView;
use parallax::app::panels::layout::Tab;
use parallax::app::simulation::Runs;
use parallax::scene::{Effect, Override, Scenario};
use parallax::session::campaign::{Campaign, LocalExecutor};
use parallax::session::{self, Control, Opened, campaign};
use parallax::signal::{RunId, Sample};
use parallax::simulation::{Against, InitialState, RunPlan, RunRecord, RunState};
use parallax::timeline::{RunSpan, TimelineCommand};

use super::panels::{Screen, check_texts, draw};
use super::plant::{NOW, Stage};
use super::twin::{Twin, secs};

fn waterworks() -> Opened {
    session::open(Path::new("waterworks")).unwrap_or_else(|error| panic!("{error}"))
}

fn two_hours(opened: &Opened) -> Scenario {
    Scenario {
        horizon: Duration::from_secs(7_200),
        step: Duration::from_secs(900),
        members: 6,
        ..session::baseline(&opened.scene)
    }
}

fn plan(opened: &Opened, scenario: Scenario) -> RunPlan {
    RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(&opened.scene, NOW),
        scenario,
        seed: 1,
    }
}

/// A run that was really computed.
fn record(opened: &Opened, id: u32, scenario: Scenario) -> RunRecord {
    let plan = plan(opened, scenario);
    let mut record = RunRecord::of(RunId(id), &plan);
    let done = session::compute(plan, &opened.scene, 1, &Control::default(), |_, _, _| true);
    record.kpis = done.progress.kpis;
    record.reached = done.progress.reached;
    record.state = done.state;
    record
}

/// A stage with a plain run and one in which a consumer draws half as much again.
fn compared() -> Stage {
    let opened = waterworks();
    let plain = two_hours(&opened);
    let mut thirsty = plain.clone();
    let demand = opened
        .scene
        .find_signal("D-411.demand_factor")
        .expect("it is there");
    thirsty
        .overrides
        .push(Override::always(demand, Effect::Times(1.5)));
    let runs = vec![record(&opened, 1, plain), record(&opened, 2, thirsty)];
    let mut stage = Stage::of(opened);
    for run in &runs {
        stage.timeline.set_run_span(RunSpan {
            run: run.id,
            start: run.start,
            reached: run.reached,
        });
    }
    stage.runs = runs;
    stage.steer(TimelineCommand::SelectRun(Some(RunId(2))));
    stage
}

#[test]
fn kpis_of_two_runs_stand_beside_each_other() {
    let mut stage = compared();
    {
        let screen = draw(&stage, Screen::showing(Tab::Scenarios));
        check_texts(&screen, &["KPIS OF #2", "Pumping energy"]);
    }
    stage.compared = Some(Against::Run(RunId(1)));
    let screen = draw(&stage, Screen::showing(Tab::Scenarios));
    check_texts(&screen, &["KPIS OF #2 AGAINST #1"]);
    let lower = screen.query_all_by_label_contains("worse").count();
    assert!(lower > 0, "half as much again costs energy or level");
}

#[test]
fn runs_that_are_the_same_have_the_same_kpis() {
    let mut stage = compared();
    let mut twin = stage.runs[1].clone();
    twin.id = RunId(3);
    stage.runs.push(twin);
    stage.compared = Some(Against::Run(RunId(3)));
    let screen = draw(&stage, Screen::showing(Tab::Scenarios));
    let same = screen.query_all_by_label("the same").count();
    assert_eq!(same, stage.scene.kpis.len());
}

#[test]
fn a_sweep_is_asked_for_by_hand() {
    let stage = Stage::of(waterworks());
    let mut harness = draw(&stage, Screen::showing(Tab::Explore));
    assert!(
        harness
            .get_by_label("Explore")
            .accesskit_node()
            .is_disabled()
    );
    harness.get_by_label_contains("Add a signal").click();
    harness.run();
    harness
        .get_by_label("Search signals")
        .type_text("V-402 position");
    harness.run();
    harness.get_by_label("V-402.position").click();
    harness.run();
    harness.get_by_label("Explore").click();
    harness.run();
    let asked = harness
        .state()
        .actions
        .iter()
        .find_map(|action| match action {
            Action::Explore(scenario, design) => Some((scenario.name.as_str(), design.as_str())),
            _ => None,
        });
    let (scenario, design) = asked.expect("an exploration");
    assert_eq!(scenario, stage.scene.scenarios[0].name);
    let expected = "Sweep(parameters: [(signal: \"V-402.position\", effect: Set, \
                    range: (0.0, 100.0), count: 5)])";
    assert_eq!(design, expected);
    // The question is one that a campaign takes.
    let opened = waterworks();
    let campaign = Campaign::around(&opened, &plan(&opened, two_hours(&opened)), design);
    assert!(
        campaign.is_ok(),
        "{:?}",
        campaign.err().map(|e| e.to_string())
    );
}

#[test]
fn every_kind_of_result_is_told_and_its_runs_can_be_opened() {
    let opened = waterworks();
    let designs = [
        r#"Sweep(parameters: [(signal: "V-402.position", values: [0, 100])])"#,
        r#"Sweep(parameters: [(signal: "V-402.position", values: [0, 100]),
            (signal: "D-411.demand_factor", effect: Times, values: [1, 1.5])])"#,
        r#"Tornado(parameters: [(signal: "D-411.demand_factor", effect: Times, low: 0.7, high: 1.3)])"#,
        r#"Search(variables: [Continuous(signal: "V-402.position", low: 0, high: 100)],
            objective: (kpi: "Pumping energy"),
            constraints: [Kpi(kpi: "Lowest reservoir level", at_least: 1)], budget: 12)"#,
    ];
    for design in designs {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let campaign = Campaign::around(&opened, &plan(&opened, two_hours(&opened)), design);
        let campaign = Arc::new(campaign.unwrap_or_else(|error| panic!("{error}")));
        let mut executor = LocalExecutor { threads: 1 };
        let report = campaign::run(&campaign, folder.path(), &mut executor, &mut |_, _| ());
        let rows = report.expect("it runs").rows;
        let mut stage = Stage::of(waterworks());
        stage.exploration = ExploreView::of(campaign, folder.path().to_owned());
        stage.exploration.running = false;
        stage.exploration.take(rows, None);
        let runs = stage.exploration.rows.len();
        let mut harness = draw(&stage, Screen::showing(Tab::Explore));
        check_texts(&harness, &[&format!("{runs} runs"), "95 % interval"]);
        // Of a search the best run comes first.
        let head = harness.get_by_label("95 % interval").rect().bottom();
        let first = (0..runs as u32).filter_map(|run| {
            let name = run.to_string();
            let nodes = harness.query_all_by_label(&name);
            let places = nodes.map(|node| node.rect().center());
            let own = places.filter(|at| at.y > head);
            own.min_by(|a, b| a.x.total_cmp(&b.x)).map(|at| (run, at))
        });
        let first = first.min_by(|a, b| (a.1.x + a.1.y).total_cmp(&(b.1.x + b.1.y)));
        let (run, row) = first.expect("a first run");
        harness.hover_at(row);
        harness.run();
        harness.drag_at(row);
        harness.drop_at(row);
        harness.run();
        let opened = harness.state().actions.iter();
        let opened = opened.filter(|action| **action == Action::OpenTrial(run));
        assert_eq!(opened.count(), 1, "{design}");
    }
}

#[test]
fn an_exploration_in_the_program_opens_as_a_run_of_the_same_worth() {
    let opened = waterworks();
    let mut twin = Twin::opened(opened.clone());
    let level = opened
        .scene
        .find_signal("TK-401.level")
        .expect("it is there");
    twin.send(&[(level, Sample::good(secs(0), 3.1))]);
    twin.update();
    let design = r#"Sweep(parameters: [(signal: "V-402.position", values: [0, 100])])"#;
    twin.act(Action::Explore(
        Box::new(two_hours(&opened)),
        design.to_owned(),
    ));
    wait(&mut twin, |twin| {
        let view = &twin.app.world().resource::<Exploration>().view;
        assert_eq!(view.problem, None);
        !view.running && view.rows.len() == 2
    });
    twin.act(Action::OpenTrial(1));
    wait(&mut twin, |twin| {
        let runs = &twin.app.world().resource::<Runs>().records;
        runs.first()
            .is_some_and(|run| run.state == RunState::Finished)
    });
    let world = twin.app.world();
    let view = &world.resource::<Exploration>().view;
    let run = &world.resource::<Runs>().records[0];
    assert_eq!(run.scenario.name, "Live, V-402.position 100");
    for (kpi, result) in opened.scene.kpis.iter().zip(&run.kpis) {
        let told = view.rows[1].outcome.kpis[result.kpi].expect("a value").mean;
        let mean = result.statistics.expect("a value").mean;
        assert_eq!(kpi.unit.from_si(mean), told, "{}", kpi.name);
    }
    std::fs::remove_dir_all(&view.folder).ok();
}

fn wait(twin: &mut Twin, done: impl Fn(&Twin) -> bool) {
    let began = Instant::now();
    while !done(twin) {
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "it takes too long"
        );
        std::thread::sleep(Duration::from_millis(5));
        twin.update();
    }
}

#[test]
fn an_estimate_is_asked_for_and_run_from() {
    let mut stage = Stage::of(waterworks());
    {
        let mut harness = draw(&stage, Screen::showing(Tab::Scenarios));
        let run = harness.get_by_label("Run from the estimate");
        assert!(run.accesskit_node().is_disabled());
        harness.get_by_label("Estimate").click();
        harness.run();
        assert!(harness.state().actions.contains(&Action::Estimate));
    }
    stage.estimate.problem = Some("Less than an hour is recorded".to_owned());
    let harness = draw(&stage, Screen::showing(Tab::Scenarios));
    let told = harness.query_all_by_label_contains("Less than an hour is recorded");
    assert_eq!(told.count(), 1);
}
