//! Mistakes in what the plant is: syntax, types, limits, assets and connections.

use parallax::scene;

use super::{PLANT, check, check_on, listed};

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
fn an_unknown_type_raises_no_second_problem_in_what_stands_on_it() {
    let text = PLANT.replace("type: \"pump\", at", "type: \"pmp\", at");
    let problems = scene::parse(&text).expect_err("a broken scene");
    assert_eq!(problems.len(), 1, "{}", listed(&problems));
}
