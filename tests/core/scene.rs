//! Scene text in, scene or problems out.

use std::time::Duration;

use parallax::problem::Problem;
use parallax::scene::{self, DrivenPart, Effect, LimitKind, Priority, Scene, Shape};
use parallax::units::Quantity;
use proptest::prelude::*;

/// A small plant in which every part of the format occurs once.
const PLANT: &str = r#"// A small plant.
Scene(
    format: 1,
    name: "Test plant",
    types: {
        "pump": (
            label: "Raw-water pump",
            shape: Pump,
            size: (2.0, 1.0, 1.0),
            signals: [
                (name: "running", range: (0, 1), states: ["stopped", "running"]),
                (name: "flow", unit: "m3/h", range: (0, 720), shown: true, max_age: "15s", limits: [
                    (kind: LowLow, at: 36, priority: Urgent),
                    (kind: Low, at: 72, deadband: 7.2, on_delay: "10s", message: "Flow is falling"),
                    (kind: High, at: 648),
                ]),
            ],
            drives: [Spin("flow"), Running("running")],
        ),
        "pipe": (
            shape: Pipe,
            signals: [(name: "flow", unit: "L/s", range: (0, 200))],
            drives: [Flow("flow")],
        ),
        "small_tank": (
            shape: Tank,
            signals: [
                (name: "level", unit: "m", range: (0, 4)),
                (name: "temperature", unit: "degC", range: (0, 30)),
                (name: "acidity", unit: "pH", range: (0, 14)),
            ],
        ),
    },
    assets: [
        (tag: "STATION", type: "small_tank"),
        (tag: "P-1", type: "pump", at: (1, 2, 0), heading: 90, parent: "STATION", links: ["PI-1"]),
        (
            tag: "PI-1",
            type: "pipe",
            route: [(0, 0, 1), (3, 4, 1)],
            parameters: {"diameter": "600 mm", "roughness": "130"},
        ),
        (tag: "TK-1", type: "small_tank", size: (5, 5, 6)),
    ],
    connections: [
        (from: "P-1.flow", to: "PI-1.flow"),
    ],
    sources: [
        Mqtt(
            name: "plant",
            broker: "mqtts://broker.plant:8883",
            username: env("PLANT_USER"),
            password: env("PLANT_PASSWORD"),
            ca_file: "ca.pem",
            topics: [
                (pattern: "plant/{asset}/{signal}"),
                (pattern: "rtu/{asset}", fields: {"lvl": "level"}),
                (pattern: "weather/now", signal: "TK-1.temperature"),
            ],
        ),
    ],
    replay: (
        time: "datetime",
        delimiter: ';',
        columns: {"Flow": "P-1.flow", "Level": "TK-1.level"},
        ignore: ["note"],
    ),
    models: [
        (name: "water", kind: "hydraulics", config: Network(
            pumps: [Pump((tag: "P-1"))],
        )),
        (name: "logic", kind: "controls", config:

            // The first line of the configuration.
            (loops: []),
        ),
    ],
    scenarios: [
        (
            name: "Pump trips",
            horizon: "2h",
            step: "1min",
            members: 20,
            overrides: [(signal: "P-1.running", value: 0, from: "1h", ramp: "5s")],
            faults: [(signal: "TK-1.temperature", value: 25, until: "90min")],
            uncertain: [(signal: "P-1.flow", spread: 0.1)],
        ),
    ],
    bookmarks: [
        (name: "All", eye: (10, 10, 10), focus: (0, 0, 0), select: "P-1", heat: "flow"),
    ],
    emulator: (
        period: "2s",
        noise: [
            (signals: "P-1.*", sd: 3.6),
            (signals: "*.temperature", sd: 0.5),
        ],
        drop_outs: [(signals: "*.level", per_hour: 0.5, lasts: "1min")],
        drifts: [(signal: "TK-1.temperature", per_hour: 1.8)],
        faults: [(signal: "P-1.flow", times: 0.8, from: "10min")],
    ),
    heat: "flow",
)
"#;

fn plant() -> Scene {
    scene::parse(PLANT).unwrap_or_else(|problems| panic!("{}", listed(&problems)))
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| problem.located("plant").to_string())
        .collect();
    lines.join("\n")
}

/// Replaces `part` of the plant by `broken`, and expects one problem, on the line where
/// the part begins, whose text (message and hint) holds every text in `says`.
#[track_caller]
fn check(part: &str, broken: &str, says: &[&str]) {
    let begins = PLANT.find(part).expect("a part of the plant");
    let line = PLANT[..begins].matches('\n').count() + 1;
    check_line(line, part, broken, says);
}

/// The same where the problem stands on the line that holds `marker`.
#[track_caller]
fn check_on(marker: &str, part: &str, broken: &str, says: &[&str]) {
    let text = PLANT.replacen(part, broken, 1);
    let begins = text.find(marker).expect("a part of the broken plant");
    let line = text[..begins].matches('\n').count() + 1;
    check_line(line, part, broken, says);
}

#[track_caller]
fn check_line(line: usize, part: &str, broken: &str, says: &[&str]) {
    assert_eq!(PLANT.matches(part).count(), 1, "`{part}` is not unique");
    let problems = scene::parse(&PLANT.replacen(part, broken, 1)).expect_err("a broken scene");
    let shown = listed(&problems);
    assert_eq!(problems.len(), 1, "{shown}");
    for words in says {
        assert!(shown.contains(words), "`{words}` is not in:\n{shown}");
    }
    assert_eq!(problems[0].line, Some(line as u32), "{shown}");
}

#[track_caller]
fn close(value: f64, expected: f64) {
    let tolerance = 1e-9 * expected.abs().max(1e-3);
    assert!(
        (value - expected).abs() <= tolerance,
        "{value} is not {expected}"
    );
}

#[test]
fn names_are_resolved_and_signals_of_an_asset_lie_together() {
    let scene = plant();
    assert_eq!(scene.assets.len(), 4);
    assert_eq!(scene.signals.len(), 3 + 2 + 1 + 3);
    let pump = scene.find_asset("P-1").expect("the pump");
    let asset = scene.asset(pump);
    assert_eq!(asset.shape, Shape::Pump);
    assert_eq!(asset.kind_label, "Raw-water pump");
    assert_eq!(asset.parent, scene.find_asset("STATION"));
    assert_eq!(Some(asset.links[0]), scene.find_asset("PI-1"));
    close(asset.heading, std::f64::consts::FRAC_PI_2);
    let own: Vec<_> = asset
        .signal_ids()
        .map(|id| scene.signal(id).full_name.as_str())
        .collect();
    assert_eq!(own, ["P-1.running", "P-1.flow"]);
    assert!(asset.signal_ids().all(|id| scene.signal(id).asset == pump));
    let flow = scene.find_signal("P-1.flow").expect("the flow");
    assert!(asset.drives.contains(&(DrivenPart::Spin, flow)));
    assert_eq!(
        scene.connections,
        [(flow, scene.find_signal("PI-1.flow").expect("known"))]
    );
    for id in scene.signal_ids() {
        assert_eq!(scene.find_signal(&scene.signal(id).full_name), Some(id));
    }
}

#[test]
fn values_are_si_and_differences_have_no_offset() {
    let scene = plant();
    let flow = scene.signal(scene.find_signal("P-1.flow").expect("known"));
    close(flow.range.1, 0.2);
    assert_eq!(flow.max_age, Duration::from_secs(15));
    let low = flow
        .limits
        .iter()
        .find(|limit| limit.kind == LimitKind::Low);
    let low = low.expect("a low limit");
    close(low.at, 0.02);
    close(low.deadband, 0.002);
    assert_eq!(low.on_delay, Duration::from_secs(10));

    let id = scene.find_signal("TK-1.temperature").expect("known");
    let temperature = scene.signal(id);
    close(temperature.range.0, 273.15);
    close(scene.emulator.noise[id.index()], 0.5);
    let (drifting, rate, _) = scene.emulator.drifts[0];
    assert_eq!(drifting, id);
    close(rate, 1.8 / 3600.0);
    assert_eq!(scene.scenarios[0].faults[0].effect, Effect::Set(298.15));

    let pipe = scene.asset(scene.find_asset("PI-1").expect("known"));
    assert_eq!(pipe.parameters["diameter"], (0.6, Quantity::Length));
    assert_eq!(pipe.parameters["roughness"], (130.0, Quantity::Number));
    close(pipe.route_length(), 5.0);
}

#[test]
fn what_is_not_said_has_a_sensible_value() {
    let scene = plant();
    let signal = |name| scene.signal(scene.find_signal(name).expect("known"));
    assert_eq!(signal("P-1.running").decimals, 0);
    assert_eq!(signal("P-1.flow").decimals, 1);
    assert_eq!(signal("TK-1.level").decimals, 3);
    assert_eq!(signal("P-1.flow").label, "Flow");
    assert_eq!(signal("TK-1.level").max_age, Duration::from_secs(30));
    let limits = &signal("P-1.flow").limits;
    assert_eq!(limits[0].message, "Flow low-low");
    assert_eq!(limits[1].message, "Flow is falling");
    assert_eq!(
        (limits[1].priority, limits[0].priority),
        (Priority::Low, Priority::Urgent)
    );
    let tank = scene.asset(scene.find_asset("TK-1").expect("known"));
    assert_eq!(tank.kind_label, "Small tank");
    assert_eq!(tank.size, [5.0, 5.0, 6.0]);
    assert_eq!(
        scene
            .asset(scene.find_asset("STATION").expect("known"))
            .size,
        [1.0; 3]
    );
    assert_eq!(scene.emulator.noise.len(), scene.signals.len());
    assert_eq!(scene.sources[0].qos, 1);
}

#[test]
fn a_models_configuration_stays_text_and_keeps_its_line() {
    let scene = plant();
    let line_of = |words: &str| {
        let index = PLANT.lines().position(|line| line.contains(words));
        index.map(|index| index as u32 + 1)
    };
    assert!(scene.models[0].text.starts_with("Network("));
    assert!(scene.models[0].text.contains("Pump((tag: \"P-1\"))"));
    assert_eq!(
        Some(scene.models[0].first_line),
        line_of("config: Network(")
    );
    assert!(scene.models[1].text.ends_with("(loops: [])"));
    assert_eq!(
        Some(scene.models[1].first_line),
        line_of("// The first line of")
    );
}

#[test]
fn a_file_may_enable_what_is_enabled_anyway() {
    let text = format!("#![enable(implicit_some)]\n{PLANT}");
    assert!(scene::parse(&text).is_ok());
}

#[test]
fn mistakes_of_syntax_and_shape_are_told_in_words() {
    check(
        "tag: \"TK-1\"",
        "tga: \"TK-1\"",
        &["`Asset` has no field `tga`", "did you mean `tag`?"],
    );
    check(
        "shape: Tank",
        "shape: Tnak",
        &["`Tnak` is not known here", "did you mean `Tank`?"],
    );
    check(
        "range: (0, 200)",
        "rnage: (0, 200)",
        &["no field `rnage`", "did you mean `range`?"],
    );
    check(
        "(kind: High, at: 648)",
        "(kind: High)",
        &["`Limit` lacks `at`", "add `at: ...`"],
    );
    check(
        "heading: 90",
        "heading: \"90\"",
        &["a number is expected here"],
    );
    check(
        "heading: 90",
        "heading: 90, heading: 90",
        &["`heading` stands twice in `Asset`"],
    );
    check("range: (0, 4)", "range: (0)", &["a tuple of size 2"]);
    check_on(
        "shape: Pump",
        "label: \"Raw-water pump\",",
        "label: \"Raw-water pump\"",
        &["a comma"],
    );
    check(
        "\"small_tank\": (",
        "\"pipe\": (",
        &["`pipe` stands here twice"],
    );
    check(
        "{\"diameter\": \"600 mm\"",
        "{\"roughness\": \"600 mm\"",
        &["`roughness` stands here twice"],
    );
    check(
        "password: env(\"PLANT_PASSWORD\")",
        "password: \"hunter2\"",
        &["env("],
    );
}

#[test]
fn a_text_that_ends_too_early_is_told() {
    let problems = scene::parse(&PLANT[..PLANT.len() / 2]).expect_err("half a scene");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].line.is_some(), "{}", listed(&problems));
}

#[test]
fn another_format_is_told_before_anything_else() {
    check(
        "format: 1",
        "format: 2",
        &["format 2, newer than 1", "newer Parallax"],
    );
    check(
        "format: 1",
        "format: 0",
        &["no scene format 0", "format: 1"],
    );
    let future = PLANT.replace("format: 1", "format: 2, weather: (rain: true)");
    let problems = scene::parse(&future).expect_err("a newer scene");
    assert!(
        listed(&problems).contains("newer than 1"),
        "{}",
        listed(&problems)
    );
}

#[test]
fn mistakes_in_types_are_found() {
    check(
        "name: \"Test plant\"",
        "name: \" \"",
        &["the name of the scene is empty"],
    );
    check(
        "size: (2.0, 1.0, 1.0)",
        "size: (2.0, 0.0, 1.0)",
        &["not a size"],
    );
    check(
        "unit: \"L/s\"",
        "unit: \"l/S\"",
        &["not a known unit", "did you mean"],
    );
    check(
        "range: (0, 720)",
        "range: (720, 0)",
        &["the range (720, 0) is empty"],
    );
    check("range: (0, 720)", "range: (0, inf)", &["range"]);
    check(
        "name: \"temperature\"",
        "name: \"level\"",
        &["the signal `level` stands twice", "first stands on line"],
    );
    check(
        "max_age: \"15s\"",
        "max_age: \"15 parsecs\"",
        &["not a duration"],
    );
    check(
        "max_age: \"15s\"",
        "max_age: \"0s\"",
        &["this time is zero"],
    );
    check(
        "Spin(\"flow\")",
        "Spin(\"flwo\")",
        &["no signal `flwo`", "did you mean `flow`?"],
    );
    check(
        "Spin(\"flow\")",
        "Running(\"flow\")",
        &["Running is driven twice"],
    );
    check(
        "states: [\"stopped\"",
        "unit: \"bar\", states: [\"stopped\"",
        &["with states has the unit `bar`"],
    );
    check("shown: true", "decimals: 99", &["too many decimals"]);
}

#[test]
fn limits_stand_in_their_order() {
    check("at: 648", "at: 60", &["High at 60 is not above Low at 72"]);
    check_on(
        "kind: Low,",
        "at: 36",
        "at: 100",
        &["Low at 72 is not above LowLow at 100"],
    );
    check(
        "kind: High,",
        "kind: Low,",
        &["two limits Low", "first stands on line"],
    );
    check(
        "deadband: 7.2",
        "deadband: -7.2",
        &["the deadband is -7.2, below zero"],
    );
    check("deadband: 7.2", "deadband: 7200", &["wider than the range"]);
    check("at: 648", "at: inf", &["the limit is inf"]);
    check(
        "on_delay: \"10s\"",
        "on_delay: \"soon\"",
        &["`soon` is not a duration"],
    );
}

#[test]
fn mistakes_in_assets_are_found() {
    let tank = "tag: \"TK-1\", type: \"small_tank\", size: (5, 5, 6)";
    check(
        tank,
        "tag: \"TK-1\", type: \"smal_tank\"",
        &["no type `smal_tank`", "did you mean `small_tank`?"],
    );
    check(
        "at: (1, 2, 0)",
        "at: (1, NaN, 0)",
        &["not a point in the plant"],
    );
    check(
        "at: (1, 2, 0)",
        "at: (1, 2, 1e9)",
        &["not a point in the plant"],
    );
    check("heading: 90", "heading: inf", &["the heading is inf"]);
    check("size: (5, 5, 6)", "size: (5, -5, 6)", &["not a size"]);
    check(
        "[(0, 0, 1), (3, 4, 1)]",
        "[(0, 0, 1)]",
        &["the pipe `PI-1` leads nowhere"],
    );
    check(
        "[(0, 0, 1), (3, 4, 1)]",
        "[(0, 0, 1), (0, 0, 1)]",
        &["leads nowhere"],
    );
    check(
        "[(0, 0, 1), (3, 4, 1)]",
        "[(0, 0, 1), (3, NaN, 1)]",
        &["route point"],
    );
    check("\"600 mm\"", "\"six feet\"", &["`diameter` cannot be read"]);
    check(
        "\"600 mm\"",
        "\"600 furlong\"",
        &["`furlong` is not a known unit"],
    );
    check(
        "parent: \"STATION\"",
        "parent: \"STATOIN\"",
        &["no asset `STATOIN`", "did you mean `STATION`?"],
    );
    check(
        "links: [\"PI-1\"]",
        "links: [\"PI-2\"]",
        &["no asset `PI-2`", "did you mean `PI-1`?"],
    );
    check(
        "links: [\"PI-1\"]",
        "links: [\"P-1\"]",
        &["`P-1` is linked to itself"],
    );
    check(
        "links: [\"PI-1\"]",
        "links: [\"PI-1\", \"PI-1\"]",
        &["the link to `PI-1` stands twice"],
    );
}

#[test]
fn tags_are_unique_and_fit_into_topics() {
    let more = |asset: &str| format!("size: (5, 5, 6)),\n{asset}");
    check_on(
        "tag: \"P-1\", type: \"pipe\"",
        "size: (5, 5, 6)),",
        &more("(tag: \"P-1\", type: \"pipe\", route: [(0, 0, 0), (1, 0, 0)]),"),
        &["the tag `P-1` stands twice", "the first stands on line 36"],
    );
    for (tag, says) in [
        ("A/B", "'/' cannot stand in the tag `A/B`"),
        ("A+B", "'+'"),
        ("A#", "'#'"),
        ("{asset}", "'{'"),
        ("A.B", "'.'"),
        ("A B", "' '"),
        ("A*", "'*'"),
        ("", "the tag is empty"),
    ] {
        let asset = format!("(tag: \"{tag}\", type: \"small_tank\"),");
        check_on(&asset, "size: (5, 5, 6)),", &more(&asset), &[says]);
    }
    check(
        "name: \"acidity\"",
        "name: \"a.b\"",
        &["'.' cannot stand in the name of the signal"],
    );
}

#[test]
fn parents_may_not_go_round() {
    check(
        "type: \"small_tank\"),\n",
        "type: \"small_tank\", parent: \"P-1\"),\n",
        &["parents go round in a circle: STATION in P-1 in STATION"],
    );
    check("parent: \"STATION\"", "parent: \"P-1\"", &["P-1 in P-1"]);
}

#[test]
fn mistakes_in_connections_are_found() {
    let connection = "(from: \"P-1.flow\", to: \"PI-1.flow\")";
    check(
        connection,
        "(from: \"P-2.flow\", to: \"PI-1.flow\")",
        &["no asset `P-2`"],
    );
    check(
        connection,
        "(from: \"P-1.flwo\", to: \"PI-1.flow\")",
        &["`P-1` has no signal `flwo`", "did you mean `flow`?"],
    );
    check(
        connection,
        "(from: \"P-1.flow\", to: \"flow\")",
        &["`flow` is not the name of a signal"],
    );
    check(
        connection,
        "(from: \"P-1.flow\", to: \"TK-1.level\")",
        &["`P-1.flow` is in m3/h, but `TK-1.level` is in m"],
    );
    check(
        connection,
        "(from: \"P-1.running\", to: \"TK-1.level\")",
        &["a plain number"],
    );
    check(
        connection,
        "(from: \"P-1.flow\", to: \"P-1.flow\")",
        &["connected to itself"],
    );
    let twice = format!("{connection},\n        (from: \"P-1.flow\", to: \"PI-1.flow\") ");
    check_on(
        "\"PI-1.flow\") ",
        connection,
        &twice,
        &["a second connection leads to `PI-1.flow`"],
    );
    let circle = format!("{connection}, (from: \"PI-1.flow\", to: \"P-1.flow\")");
    check(
        connection,
        &circle,
        &["connections go round in a circle: P"],
    );
}

#[test]
fn mistakes_in_sources_are_found() {
    check(
        "name: \"plant\"",
        "name: \"\"",
        &["the name of the source is empty"],
    );
    check(
        "mqtts://broker.plant:8883",
        "tcp://broker.plant:8883",
        &["begins with mqtt://"],
    );
    check(
        "mqtts://broker.plant:8883",
        "mqtts://broker.plant:tls",
        &["port must be a number"],
    );
    check(
        "mqtts://broker.plant:8883",
        "mqtts://me:pw@broker.plant",
        &["secrets come from the environment"],
    );
    check(
        "mqtts://broker.plant:8883",
        "mqtts://:8883",
        &["names no host"],
    );
    check_on(
        "ca_file",
        "mqtts://broker.plant:8883",
        "mqtt://broker.plant",
        &["`ca_file` has no use without TLS"],
    );
    check(
        "ca_file: \"ca.pem\"",
        "client_cert: \"me.pem\"",
        &["a certificate without its key"],
    );
    check(
        "ca_file: \"ca.pem\"",
        "client_key: \"me.key\"",
        &["a key without its certificate"],
    );
    check(
        "ca_file: \"ca.pem\"",
        "qos: 3",
        &["no quality of service 3"],
    );
    check(
        "ca_file: \"ca.pem\"",
        "keep_alive: \"1s\"",
        &["cannot be kept"],
    );
    check(
        "ca_file: \"ca.pem\"",
        "client_id: \"a b\"",
        &["client identifier"],
    );
    check(
        "env(\"PLANT_USER\")",
        "env(\"\")",
        &["names no environment variable"],
    );
    check_on(
        "password:",
        "username: env(\"PLANT_USER\"),",
        "",
        &["a password without a user"],
    );
}

#[test]
fn mistakes_in_topics_are_found() {
    check(
        "plant/{asset}/{signal}",
        "plant/{asset}/{asset}",
        &["{asset} stands twice"],
    );
    check(
        "plant/{asset}/{signal}",
        "plant/#/{signal}",
        &["`#` is not the last level"],
    );
    check(
        "plant/{asset}/{signal}",
        "plant/{tag}/{signal}",
        &["`{tag}` is no placeholder"],
    );
    check(
        "plant/{asset}/{signal}",
        "plant/x{asset}/{signal}",
        &["`x{asset}` is no placeholder"],
    );
    check(
        "plant/{asset}/{signal}",
        "plant/a+/{signal}",
        &["`a+` is not a level"],
    );
    check(
        "plant/{asset}/{signal}",
        "plant/+",
        &["tells neither asset nor signal"],
    );
    check_on(
        "pattern: \"\"",
        "plant/{asset}/{signal}",
        "",
        &["the topic pattern is empty"],
    );
    check(
        "plant/{asset}/{signal}\"",
        "{asset}/{signal}\", asset: \"P-1\"",
        &["both the pattern and `asset`"],
    );
    check(
        "plant/{asset}/{signal}\"",
        "{asset}/{signal}\", signal: \"flow\"",
        &["both the pattern and `signal`"],
    );
    check(
        "rtu/{asset}\", fields: {\"lvl\": \"level\"}",
        "rtu/{asset}\", signal: \"P-1.flow\"",
        &["tell the asset"],
    );
    check(
        "\"lvl\": \"level\"",
        "\"lvl\": \"lveel\"",
        &["no asset has a signal `lveel`", "did you mean `level`?"],
    );
    check(
        "\"TK-1.temperature\"),",
        "\"TK-1.temprature\"),",
        &["`TK-1` has no signal `temprature`"],
    );
    check(
        "\"weather/now\", signal: \"TK-1.temperature\"",
        "\"weather/now\", asset: \"TK-9\"",
        &["no asset `TK-9`"],
    );
    check(
        "\"weather/now\", signal: \"TK-1.temperature\"",
        "\"now\", asset: \"TK-1\", signal: \"rain\"",
        &["`TK-1` has no signal `rain`"],
    );
}

#[test]
fn mistakes_in_the_replay_are_found() {
    check(
        "\"Level\": \"TK-1.level\"",
        "\"Level\": \"TK-1.levle\"",
        &["did you mean `level`?"],
    );
    check(
        "\"Level\": \"TK-1.level\"",
        "\"Level\": \"P-1.flow\"",
        &["two columns lead to `P-1.flow`"],
    );
    check(
        "delimiter: ';'",
        "delimiter: '\"'",
        &["cannot separate columns"],
    );
    check(
        "delimiter: ';'",
        "delimiter: '→'",
        &["cannot separate columns"],
    );
    check(
        "ignore: [\"note\"]",
        "ignore: [\"Flow\"]",
        &["`Flow` is both mapped and ignored"],
    );
    check(
        "time: \"datetime\"",
        "time: \"Flow\"",
        &["both time and value"],
    );
}

#[test]
fn mistakes_in_models_are_found() {
    check(
        "(name: \"logic\", kind: \"controls\"",
        "(name: \"water\", kind: \"controls\"",
        &["the model `water` stands twice"],
    );
    check(
        "(name: \"logic\", kind: \"controls\"",
        "(name: \"\", kind: \"controls\"",
        &["the name of the model is empty"],
    );
}

#[test]
fn mistakes_in_scenarios_are_found() {
    check(
        "name: \"Pump trips\"",
        "name: \"\"",
        &["the name of the scenario is empty"],
    );
    check("members: 20", "members: 0", &["cannot have 0 members"]);
    check(
        "members: 20",
        "members: 10001",
        &["cannot have 10001 members"],
    );
    check("step: \"1min\"", "step: \"0s\"", &["this time is zero"]);
    check(
        "step: \"1min\"",
        "step: \"3h\"",
        &["longer than the horizon"],
    );
    check("step: \"1min\"", "step: \"1ms\"", &["7200000 steps"]);
    check("horizon: \"2h\"", "horizon: \"-2h\"", &["not a duration"]);
    check("horizon: \"2h\"", "horizon: \"9000y\"", &["`9000y`"]);
    check(
        "spread: 0.1",
        "spread: 1.5",
        &["the spread 1.5 is not from 0 to 1"],
    );
    check("spread: 0.1", "spread: -0.1", &["the spread -0.1"]);
    let trip = "(signal: \"P-1.running\", value: 0, from: \"1h\", ramp: \"5s\")";
    check(
        trip,
        "(signal: \"P-1.running\", value: 0, times: 2)",
        &["both `value` and `times`"],
    );
    check(
        trip,
        "(signal: \"P-1.running\")",
        &["neither `value` nor `times`"],
    );
    check(
        trip,
        "(signal: \"P-1.runing\", value: 0)",
        &["did you mean `running`?"],
    );
    check(
        trip,
        "(signal: \"P-1.running\", value: NaN)",
        &["the value is NaN"],
    );
    check(
        trip,
        "(signal: \"P-1.running\", value: 0, from: \"2h\", until: \"1h\")",
        &["ends at `1h` but begins at `2h`"],
    );
    let scenario = "    scenarios: [\n";
    let twin = "    scenarios: [\n        (name: \"Pump trips\"),\n";
    check_on(
        "            name: \"Pump trips\"",
        scenario,
        twin,
        &["the scenario `Pump trips` stands twice"],
    );
}

#[test]
fn mistakes_in_views_are_found() {
    check(
        "focus: (0, 0, 0)",
        "focus: (10, 10, 10)",
        &["stands where it looks"],
    );
    check(
        "eye: (10, 10, 10)",
        "eye: (10, NaN, 10)",
        &["eye [10.0, NaN, 10.0]"],
    );
    check("select: \"P-1\"", "select: \"P-7\"", &["no asset `P-7`"]);
    check(
        "heat: \"flow\")",
        "heat: \"flwo\")",
        &["no asset has a signal `flwo`"],
    );
    check(
        "heat: \"flow\",",
        "heat: \"flwo\",",
        &["no asset has a signal `flwo`"],
    );
}

#[test]
fn mistakes_in_the_emulator_are_found() {
    check("period: \"2s\"", "period: \"0s\"", &["this time is zero"]);
    check(
        "signals: \"P-1.*\"",
        "signals: \"P-2.*\"",
        &["no signal fits `P-2.*`"],
    );
    check_on(
        "*.temperature",
        "signals: \"P-1.*\"",
        "signals: \"*\"",
        &["has its noise already"],
    );
    check(
        "sd: 3.6",
        "sd: -1",
        &["the standard deviation is -1, below zero"],
    );
    check("per_hour: 0.5", "per_hour: NaN", &["the rate is NaN"]);
    check("lasts: \"1min\"", "lasts: \"0s\"", &["this time is zero"]);
    check("per_hour: 1.8", "per_hour: inf", &["the rate is inf"]);
}

#[test]
fn everything_wrong_is_told_at_once_in_the_order_of_its_lines() {
    let text = PLANT
        .replace("heading: 90", "heading: inf")
        .replace("unit: \"L/s\"", "unit: \"gallons\"")
        .replace("members: 20", "members: 0")
        .replace("period: \"2s\"", "period: \"soon\"");
    let problems = scene::parse(&text).expect_err("a broken scene");
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines.len(), 4, "{}", listed(&problems));
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn an_unknown_type_raises_no_second_problem_in_what_stands_on_it() {
    let text = PLANT.replace("type: \"pump\", at", "type: \"pmp\", at");
    let problems = scene::parse(&text).expect_err("a broken scene");
    assert_eq!(problems.len(), 1, "{}", listed(&problems));
}

#[test]
fn problems_without_number_are_counted_not_listed() {
    let assets = "(tag: \"\", type: \"nothing\"),".repeat(2_000);
    let text = format!("(format: 1, name: \"x\", types: {{}}, assets: [{assets}])");
    let problems = scene::parse(&text).expect_err("a broken scene");
    let last = problems.last().expect("some problems");
    assert!(problems.len() < 2_000);
    assert!(last.message.ends_with("more problems"), "{}", last.message);
}

#[test]
fn what_is_too_large_is_refused() {
    let long = " ".repeat(scene::MAX_BYTES + 1);
    let problems = scene::parse(&long).expect_err("too long");
    assert!(
        problems[0].message.contains("MiB long"),
        "{}",
        listed(&problems)
    );

    let assets = "(tag:\"\",type:\"\"),".repeat(1_000_001);
    let text = format!("(format: 1, name: \"x\", types: {{}}, assets: [{assets}])");
    let problems = scene::parse(&text).expect_err("too many");
    assert_eq!(problems.len(), 1, "{}", listed(&problems));
    assert!(
        problems[0].message.contains("1000001 assets"),
        "{}",
        listed(&problems)
    );
}

/// A change of the plant's text: from a place on, some characters go and others come.
fn change() -> impl Strategy<Value = (usize, usize, String)> {
    let tokens = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "'",
        "/*",
        "//",
        "\n",
        "r#\"",
        "Some(",
        "-",
        "1e400",
        "NaN",
        "inf",
        "0",
        "-1",
        "18446744073709551616",
        "\\",
        "é",
        "\0",
        "#![enable(",
        "..",
    ]);
    let text = prop_oneof![
        tokens.prop_map(str::to_owned),
        (0..PLANT.len(), 0..80_usize).prop_map(|(from, length)| cut(from, length)),
    ];
    (0..PLANT.len(), 0..40_usize, text)
}

fn cut(from: usize, length: usize) -> String {
    PLANT.chars().skip(from).take(length).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,300}") {
        prop_assert!(scene::parse(&text).is_err());
    }

    #[test]
    fn a_changed_scene_is_read_or_its_problems_lie_inside_it(changes in prop::collection::vec(change(), 1..4)) {
        let mut text: Vec<char> = PLANT.chars().collect();
        for (from, gone, new) in changes {
            let from = from.min(text.len());
            let to = (from + gone).min(text.len());
            text.splice(from..to, new.chars());
        }
        let text: String = text.into_iter().collect();
        if let Err(problems) = scene::parse(&text) {
            let lines = text.matches('\n').count() as u32 + 1;
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem:?}");
                prop_assert!(!problem.message.is_empty());
            }
        }
    }
}
