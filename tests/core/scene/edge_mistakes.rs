//! Mistakes in what surrounds the plant: sources, replay, models, scenarios, views, emulator.

use super::{check, check_on};

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
        &["mqtt://host:port"],
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
        &["more than one of `value`, `times` and `plus`"],
    );
    check(
        trip,
        "(signal: \"P-1.running\")",
        &["none of `value`, `times` and `plus`"],
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
fn mistakes_in_the_site_are_found() {
    for (site, says) in [
        ("latitude: 91, longitude: 0", "the latitude is 91°"),
        ("latitude: 0, longitude: 200", "the longitude is 200°"),
        ("latitude: 0", "`Site` lacks `longitude`"),
        ("latitude: 0, longitude: 0, turn: inf", "the turn is inf"),
    ] {
        let broken = format!("format: 1, site: ({site}),");
        check("format: 1,", &broken, &[says]);
    }
}
