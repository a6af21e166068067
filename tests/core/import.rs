//! Water networks of EPANET, opened with nothing else written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parallax::scene::{Asset, DrivenPart, Effect, LimitKind, Override, Scenario, Shape};
use parallax::session::{self, Opened};
use parallax::simulation::{InitialState, Run, RunPlan};
use parallax::time::Timestamp;
use tempfile::TempDir;

use super::telemetry::data;

/// A reservoir, a pump, three junctions, a tank; litres per second.
const TOWN: &str = "\
[TITLE]
Hill town

[JUNCTIONS]
 J1   10   5   day
 J2   20   3
 J3   15   0
[RESERVOIRS]
 R    30
[TANKS]
 T    60   3   0.5   6   12   0
[PIPES]
 P1   J1   J2   1000   300   130   0   Open
 P2   J2   T    500    250   130   0   Open
 P3   J2   J3   400    150   130   0   Open
[PUMPS]
 PU   R    J1   HEAD lift
[CURVES]
 lift 30   50
[PATTERNS]
 day  0.5  1.5
[CONTROLS]
 LINK PU CLOSED IF NODE T ABOVE 5.5
 LINK PU OPEN IF NODE T BELOW 1.5
[OPTIONS]
 Units     LPS
 Headloss  H-W
[COORDINATES]
 J1   100  100
 J2   200  100
 J3   200  140
 R    90   100
 T    240  130
[VERTICES]
 P2   220  100
[END]
";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a file in a temporary folder");
    path
}

#[track_caller]
fn open(path: &Path) -> Opened {
    session::open(path).unwrap_or_else(|error| panic!("{error}"))
}

/// The network of this text, as `parallax open town.inp` has it.
#[track_caller]
fn opened(text: &str) -> Opened {
    let folder = folder();
    open(&write(&folder, "town.inp", text))
}

/// What is said of a network that cannot be opened.
#[track_caller]
fn refused(folder: &TempDir, name: &str) -> String {
    match session::open(&folder.path().join(name)) {
        Ok(_) => panic!("nothing is wrong with {name}"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn asset<'a>(opened: &'a Opened, tag: &str) -> &'a Asset {
    let found = opened.scene.find_asset(tag);
    opened
        .scene
        .asset(found.unwrap_or_else(|| panic!("no asset {tag}")))
}

/// The unit and the range, in the unit, of a signal.
#[track_caller]
fn measure(opened: &Opened, name: &str) -> (&'static str, f64, f64) {
    let id = opened.scene.find_signal(name);
    let signal = opened
        .scene
        .signal(id.unwrap_or_else(|| panic!("no signal {name}")));
    let round = |si: f64| (signal.unit.from_si(si) * 1e6).round() / 1e6;
    (
        signal.unit.name(),
        round(signal.range.0),
        round(signal.range.1),
    )
}

fn guesses(opened: &Opened) -> String {
    let report = opened.scene.imports.first().expect("one import");
    let texts = report.guessed.iter().map(|guess| guess.message.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

fn apart(a: &Asset, b: &Asset) -> f64 {
    let squares = (0..2).map(|axis| (a.position[axis] - b.position[axis]).powi(2));
    squares.sum::<f64>().sqrt()
}

#[test]
fn a_network_is_a_scene_with_nothing_else_written() {
    let opened = opened(TOWN);
    let scene = &opened.scene;
    assert_eq!(scene.name, "Hill town");
    for (tag, kind, shape) in [
        ("town", "Water network", Shape::Unseen),
        ("J1", "Demand junction", Shape::Junction),
        ("J3", "Junction", Shape::Junction),
        ("R", "Reservoir", Shape::Reservoir),
        ("T", "Tank", Shape::Tank),
        ("P1", "Pipe", Shape::Pipe),
        ("PU", "Pump", Shape::Pump),
        ("CTRL-1", "Control", Shape::Unseen),
    ] {
        let found = asset(&opened, tag);
        assert_eq!(
            (found.kind_label.as_str(), found.shape),
            (kind, shape),
            "{tag}"
        );
    }
    let parent = asset(&opened, "CTRL-2")
        .parent
        .expect("it switches the pump");
    assert_eq!(scene.asset(parent).tag, "PU");
    assert_eq!(
        asset(&opened, "CTRL-1").label,
        "LINK PU CLOSED IF NODE T ABOVE 5.5"
    );
    assert_eq!(scene.heat.as_deref(), Some("pressure"));
    assert!(scene.bookmarks[0].whole, "home shows all of it");
}

#[test]
fn signals_have_the_units_of_the_file_and_ranges_of_their_own() {
    let town = opened(TOWN);
    assert_eq!(measure(&town, "T.level"), ("m", 0.0, 6.0));
    assert_eq!(measure(&town, "J1.pressure"), ("mH2O", 0.0, 75.0));
    assert_eq!(measure(&town, "P1.velocity"), ("m/s", 0.0, 2.0));
    // A 300 mm bore at 1.5 m/s passes 106 L/s.
    assert_eq!(measure(&town, "P1.flow"), ("L/s", -200.0, 200.0));
    assert_eq!(measure(&town, "P3.flow"), ("L/s", -50.0, 50.0));
    let american = opened(&TOWN.replace("LPS", "GPM"));
    assert_eq!(measure(&american, "T.level"), ("ft", 0.0, 6.0));
    assert_eq!(measure(&american, "J1.pressure").0, "psi");
    assert_eq!(measure(&american, "P1.flow").0, "gpm");
    let (bore, unit) = asset(&american, "P1").parameters["diameter"];
    assert_eq!(
        (unit.name(), (unit.from_si(bore) * 1e6).round()),
        ("in", 300e6)
    );
}

#[test]
fn every_signal_is_one_of_the_models() {
    let town = opened(TOWN);
    for id in town.scene.signal_ids() {
        let name = &town.scene.signal(id).full_name;
        assert!(
            town.plant.role(id).is_some(),
            "nobody computes or reads {name}"
        );
    }
    let settable = |name: &str| {
        let id = town.scene.find_signal(name);
        town.plant
            .is_settable(id.unwrap_or_else(|| panic!("no signal {name}")))
    };
    for name in [
        "P1.open",
        "PU.running",
        "PU.speed",
        "J1.fire_flow",
        "J1.leak",
        "J1.demand_factor",
        "demand-day.demand_factor",
        "CTRL-1.enabled",
        "CTRL-1.level",
        "T.level",
        "R.level",
    ] {
        assert!(settable(name), "{name} cannot be set in a scenario");
    }
    assert!(!settable("J1.pressure"));
}

#[test]
fn a_map_without_units_gets_those_in_which_pipes_are_as_long_as_they_are() {
    let town = opened(TOWN);
    // 100 units of the map are 1000 m of pipe.
    let long = apart(asset(&town, "J1"), asset(&town, "J2"));
    assert!((long - 1_000.0).abs() < 1.0, "{long}");
    assert!(
        guesses(&town).contains("one unit of the map is 10 m"),
        "{}",
        guesses(&town)
    );
    let bend = asset(&town, "P2").route[1];
    let (from, to) = (asset(&town, "J2").position, asset(&town, "T").position);
    assert!((bend[0] - from[0] - 200.0).abs() < 0.5 && (bend[1] - from[1]).abs() < 0.5);
    let ground = asset(&town, "P2").route[2];
    assert!(
        from[2] <= bend[2] && bend[2] <= ground[2].max(from[2]),
        "{bend:?}"
    );
    assert_eq!([to[0], to[1]], [ground[0], ground[1]]);
    // 40 m of the tank stand on a tower, since its pipe comes from 20 m.
    assert!(
        (to[2] - ground[2] - 40.0).abs() < 1e-6,
        "{to:?} on {ground:?}"
    );

    let backdrop = "[BACKDROP]\nUNITS Feet\n[COORDINATES]";
    let named = opened(&TOWN.replace("[COORDINATES]", backdrop));
    let long = apart(asset(&named, "J1"), asset(&named, "J2"));
    assert!((long - 30.48).abs() < 1e-6, "{long}");
    assert!(
        !guesses(&named).contains("unit of the map"),
        "{}",
        guesses(&named)
    );
}

#[test]
fn degrees_are_told_from_metres_by_the_lengths_of_pipes() {
    // About 1000 m east and 400 m north at 50 degrees north.
    let text = TOWN
        .replace(" J1   100  100", " J1 8.0 50.0")
        .replace(" J2   200  100", " J2 8.01395 50.0")
        .replace(" J3   200  140", " J3 8.01395 50.0036")
        .replace(" R    90   100", " R 7.999 50.0")
        .replace(" T    240  130", " T 8.02 50.001")
        .replace(" P2   220  100", " P2 8.016 50.0");
    let town = opened(&text);
    assert!(
        guesses(&town).contains("the map is in degrees"),
        "{}",
        guesses(&town)
    );
    let east = apart(asset(&town, "J1"), asset(&town, "J2"));
    let north = apart(asset(&town, "J2"), asset(&town, "J3"));
    assert!(
        (east - 1_000.0).abs() < 5.0 && (north - 400.4).abs() < 3.0,
        "{east} {north}"
    );
}

#[test]
fn a_network_without_a_map_is_laid_out_by_its_pipes() {
    let (text, _) = TOWN.split_once("[COORDINATES]").expect("it has a map");
    let town = opened(text);
    assert!(
        guesses(&town).contains("the file has no map"),
        "{}",
        guesses(&town)
    );
    let (long, short) = (
        apart(asset(&town, "J1"), asset(&town, "J2")),
        apart(asset(&town, "J2"), asset(&town, "J3")),
    );
    assert!(long > short && short > 50.0, "{long} {short}");

    let partly = opened(&TOWN.replace(" J3   200  140\n", ""));
    assert!(
        guesses(&partly).contains("1 nodes have no coordinates"),
        "{}",
        guesses(&partly)
    );
    assert!(apart(asset(&partly, "J2"), asset(&partly, "J3")) > 100.0);
}

#[test]
fn consumers_have_pressure_limits_and_tanks_run_dry() {
    let town = opened(TOWN);
    let limits = |name: &str| -> Vec<(LimitKind, f64)> {
        let id = town.scene.find_signal(name).expect("a signal");
        let signal = town.scene.signal(id);
        let limits = signal.limits.iter();
        limits
            .map(|limit| {
                (
                    limit.kind,
                    (signal.unit.from_si(limit.at) * 1e6).round() / 1e6,
                )
            })
            .collect()
    };
    assert_eq!(
        limits("J1.pressure"),
        [(LimitKind::Low, 20.0), (LimitKind::LowLow, 10.0)]
    );
    assert_eq!(limits("J3.pressure"), [], "nobody lives there");
    let tank = limits("T.level");
    assert!(tank.contains(&(LimitKind::LowLow, 0.61)), "{tank:?}");
    assert!(
        guesses(&town).contains("low below 20 mH₂O"),
        "{}",
        guesses(&town)
    );
    let drives = &asset(&town, "T").drives;
    assert_eq!(drives[0].0, DrivenPart::Fill);
}

#[test]
fn mistakes_in_a_network_name_its_file_and_line() {
    let folder = folder();
    write(
        &folder,
        "town.inp",
        &TOWN.replace(" P3   J2   J3 ", " P3   J2   J9 "),
    );
    let said = refused(&folder, "town.inp");
    let line = 1 + TOWN
        .lines()
        .position(|line| line.starts_with(" P3"))
        .expect("a pipe");
    let place = format!("{}:{line}: ", folder.path().join("town.inp").display());
    assert!(said.contains(&place) && said.contains("J9"), "{said}");

    let scene = "Scene(format: 1, name: \"Two files\",\n imports: [\n  Epanet(file: \"town.inp\"),\n  \
                 Epanet(file: \"gone.inp\"),\n ], types: {}, assets: [])";
    let file = write(&folder, "two.ron", scene);
    let said = refused(&folder, "two.ron");
    assert!(
        said.contains(&place),
        "the line of the network itself: {said}"
    );
    let missing = format!("{}:4: `gone.inp` cannot be read", file.display());
    assert!(said.contains(&missing), "the line that names it: {said}");
}

#[test]
fn two_networks_share_a_scene_under_two_prefixes() {
    let folder = folder();
    write(&folder, "town.inp", TOWN);
    let text = |second: &str| {
        format!(
            "Scene(format: 1, name: \"Valley\",
    imports: [
        Epanet(file: \"town.inp\", prefix: \"N-\"),
        Epanet(file: \"town.inp\", prefix: \"{second}\", origin: (5000, 0, 100), vertical: 2),
    ],
    types: {{\"meter\": (shape: Instrument, signals: [(name: \"flow\", unit: \"m3/h\", range: (0, 50))])}},
    assets: [(tag: \"FT-1\", type: \"meter\", parent: \"N-P1\")],
    connections: [(from: \"N-P1.flow\", to: \"FT-1.flow\")],
    sources: [Mqtt(name: \"plant\", broker: \"mqtt://127.0.0.1\", topics: [(pattern: \"{{asset}}/{{signal}}\")])],
    scenarios: [(name: \"Next 24 hours (N-)\", description: \"Mine.\", horizon: \"6h\")],
)"
        )
    };
    let valley = open(&write(&folder, "valley.ron", &text("S-")));
    let scene = &valley.scene;
    assert_eq!((scene.name.as_str(), scene.imports.len()), ("Valley", 2));
    let rise = |tag: &str| asset(&valley, tag).position[2];
    assert_eq!((rise("N-J2"), rise("S-J2")), (10.0, 120.0));
    assert_eq!(asset(&valley, "S-town").kind_label, "Water network");
    for id in scene.signal_ids() {
        let name = &scene.signal(id).full_name;
        assert!(
            valley.plant.role(id).is_some() || name == "FT-1.flow",
            "{name}"
        );
    }
    let mine = scene.find_scenario("Next 24 hours (N-)").expect("there");
    assert_eq!(mine.description, "Mine.", "the scene's own scenario counts");
    assert!(scene.find_scenario("Next 24 hours (S-)").is_some());
    let trip = scene
        .find_scenario("S-PU trips at +1 h (S-)")
        .expect("there");
    assert_eq!(
        scene.signal(trip.overrides[0].signal).full_name,
        "S-PU.running"
    );

    write(&folder, "clash.ron", &text("N-"));
    let said = refused(&folder, "clash.ron");
    assert!(said.contains("the tag `N-J1` stands twice"), "{said}");
    assert!(said.contains("the first comes from"), "{said}");
}

#[test]
fn a_run_of_an_import_depends_on_its_text() {
    let print = |text: &str| opened(text).plant.fingerprint();
    assert_eq!(print(TOWN), print(TOWN));
    assert_ne!(
        print(TOWN),
        print(&TOWN.replace("1000   300", "1000   301"))
    );
}

/// A run of `scenario`, as far as `to`, s.
#[track_caller]
fn run(opened: &Opened, scenario: Scenario, to: f64) -> Run {
    let start = Timestamp::from_secs(1_767_225_600);
    let plan = RunPlan {
        plant: Arc::clone(&opened.plant),
        initial: InitialState::unknown(&opened.scene, start),
        scenario,
        seed: 1,
    };
    let mut run = Run::start(Arc::new(plan), 0).unwrap_or_else(|error| panic!("{error}"));
    run.advance_to(start.plus_secs(to))
        .unwrap_or_else(|error| panic!("{error}"));
    run
}

#[test]
fn proposed_scenarios_do_what_they_say() {
    let town = opened(TOWN);
    let scene = &town.scene;
    let names: Vec<_> = scene
        .scenarios
        .iter()
        .map(|scenario| scenario.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Next 24 hours",
            "PU trips at +1 h",
            "Fire at J2",
            "Demand +20 %",
            "Burst at J2",
            "Uncertain demand",
        ]
    );
    let value = |scenario: &str, hours: f64, name: &str| {
        let scenario = scene.find_scenario(scenario).expect("there").clone();
        let id = scene.find_signal(name).expect("a signal");
        run(&town, scenario, hours * 3_600.0).value(id)
    };
    assert!(value("Next 24 hours", 2.0, "PU.flow") > 0.01);
    assert_eq!(value("PU trips at +1 h", 2.0, "PU.flow"), 0.0);
    let level = |scenario| value(scenario, 2.0, "T.level");
    assert!(level("PU trips at +1 h") < level("Next 24 hours") - 0.2);
    let pressure = |scenario, hours| value(scenario, hours, "J2.pressure");
    assert!(pressure("Fire at J2", 2.0) < pressure("Next 24 hours", 2.0) - 1e3);
    assert!(pressure("Burst at J2", 2.0) < pressure("Next 24 hours", 2.0) - 1.0);
    let demand = |scenario| value(scenario, 0.5, "town.demand");
    assert!((demand("Demand +20 %") / demand("Next 24 hours") - 1.2).abs() < 1e-6);
}

#[test]
fn a_closed_pipe_passes_nothing() {
    let town = opened(TOWN);
    let scene = &town.scene;
    let mut scenario = scene.scenarios[0].clone();
    let id = |name: &str| scene.find_signal(name).expect("a signal");
    scenario.overrides.push(Override {
        signal: id("P2.open"),
        effect: Effect::Set(0.0),
        from: Duration::from_secs(600),
        until: None,
        ramp: Duration::ZERO,
    });
    let run = run(&town, scenario, 3_600.0);
    assert!(
        run.value(id("P2.flow")).abs() < 1e-6,
        "{}",
        run.value(id("P2.flow"))
    );
    assert!(run.value(id("PU.flow")) > 1e-3);
}

#[test]
fn every_network_of_the_collection_opens_and_its_report_counts() {
    let test = "every_network_of_the_collection_opens_and_its_report_counts";
    let Some(folder) = data(test, "epanet_networks") else {
        return;
    };
    // Junctions, reservoirs, tanks, pipes, pumps, valves, controls: as EPANET 2.2 counts them.
    for (file, counts) in [
        ("Net3.inp", [92, 2, 3, 117, 2, 0, 18]),
        ("Net6.inp", [3_323, 1, 32, 3_829, 61, 2, 124]),
        ("L-TOWN.inp", [782, 2, 1, 905, 1, 3, 2]),
        ("asce-tf-wdst/Net1.inp", [9, 1, 1, 12, 1, 0, 2]),
        ("asce-tf-wdst/Net2.inp", [35, 0, 1, 40, 0, 0, 0]),
        ("asce-tf-wdst/Hanoi.inp", [31, 1, 0, 34, 0, 0, 0]),
        ("asce-tf-wdst/Anytown.inp", [19, 3, 0, 40, 1, 0, 0]),
        ("asce-tf-wdst/ky4.inp", [959, 1, 4, 1_156, 2, 0, 2]),
        ("asce-tf-wdst/ky10.inp", [920, 2, 13, 1_043, 13, 5, 6]),
    ] {
        let opened = open(&folder.join(file));
        let report = &opened.scene.imports[0];
        let names = [
            "junctions",
            "reservoirs",
            "tanks",
            "pipes",
            "pumps",
            "valves",
            "controls",
        ];
        let found = names.map(|name| {
            let row = report.matched.iter().find(|(what, _)| what == name);
            row.map_or(0, |(_, count)| *count)
        });
        assert_eq!(found, counts, "{file}");
        for id in opened.scene.signal_ids() {
            let name = &opened.scene.signal(id).full_name;
            assert!(
                opened.plant.role(id).is_some(),
                "{file}: nobody computes {name}"
            );
        }
        for asset in &opened.scene.assets {
            let finite = asset.position.iter().all(|axis| axis.is_finite());
            assert!(finite, "{file}: {} is nowhere", asset.tag);
        }
    }
}
