//! Patterns to routes, filters and addresses.

use std::sync::Arc;

use parallax::scene::Scene;
use parallax::telemetry::topic::{PatternError, RouteCache, Subject, TopicMap, Unmapped};

use super::{id, small_plant, source};

fn map(topics: &str) -> Result<TopicMap, PatternError> {
    let spec = source(&format!("broker: \"mqtt://x\", topics: [{topics}]"));
    TopicMap::new(&spec, Arc::new(small_plant()))
}

fn subject(scene: &Scene, name: &str) -> Result<Subject, Unmapped> {
    match name {
        "plant" => Ok(Subject::Plant),
        "no pattern" => Err(Unmapped::NoPattern),
        "unknown asset" => Err(Unmapped::UnknownAsset),
        "unknown signal" => Err(Unmapped::UnknownSignal),
        name if name.contains('.') => Ok(Subject::Signal(id(scene, name))),
        tag => Ok(Subject::Asset(scene.find_asset(tag).expect("an asset"))),
    }
}

/// `topics` lead `topic` to `expected`, with and without the cache.
#[track_caller]
fn check(topics: &str, topic: &str, expected: &str) {
    let map = map(topics).expect("good patterns");
    let mut cache = RouteCache::default();
    let expected = subject(map.scene(), expected);
    assert_eq!(map.find(topic).map(|route| route.subject), expected);
    for _ in 0..2 {
        let found = cache.find(&map, topic);
        assert_eq!(found.map(|route| route.subject), expected);
    }
}

#[test]
fn placeholders_name_assets_and_signals() {
    let both = r#"(pattern: "plant/{asset}/{signal}")"#;
    check(both, "plant/P-101/flow", "P-101.flow");
    check(both, "plant/TK-1/level", "TK-1.level");
    check(both, "plant/TK-9/level", "unknown asset");
    check(both, "plant/TK-1/flow", "unknown signal");
    check(both, "plant/TK-1", "no pattern");
    check(both, "plant/TK-1/level/raw", "no pattern");
    check(both, "Plant/TK-1/level", "no pattern");
    let turned = r#"(pattern: "{signal}/of/{asset}")"#;
    check(turned, "level/of/TK-1", "TK-1.level");
    check(r#"(pattern: "{asset}/#")"#, "P-101/any/depth", "P-101");
    check(r#"(pattern: "{asset}/#")"#, "P-101", "P-101");
    check(r#"(pattern: "{signal}")"#, "TK-1.level", "TK-1.level");
    check(r#"(pattern: "all")"#, "all", "plant");
}

#[test]
fn what_the_topic_does_not_tell_the_entry_tells() {
    let fixed = r#"(pattern: "a/+/b", signal: "TK-1.level")"#;
    check(fixed, "a/7/b", "TK-1.level");
    let named = r#"(pattern: "flow/{asset}", signal: "flow")"#;
    check(named, "flow/P-101", "P-101.flow");
    check(named, "flow/TK-1", "unknown signal");
    let asset = r#"(pattern: "pump/{signal}", asset: "P-101")"#;
    check(asset, "pump/pressure", "P-101.pressure");
    check(r#"(pattern: "pump", asset: "P-101")"#, "pump", "P-101");
}

#[test]
fn the_first_pattern_that_fits_counts() {
    let two = r#"(pattern: "x/P-101/+", signal: "TK-1.level"), (pattern: "x/{asset}/{signal}")"#;
    check(two, "x/P-101/flow", "TK-1.level");
    check(two, "x/TK-1/level", "TK-1.level");
    let route = map(two).expect("good patterns").find("x/TK-1/level");
    assert_eq!(route.map(|route| route.pattern), Ok(1));
}

#[test]
fn filters_have_wildcards_for_placeholders_and_each_stands_once() {
    let topics = r#"(pattern: "p/{asset}/{signal}"), (pattern: "p/+/+"), (pattern: "q/#")"#;
    let filters = map(topics).expect("good patterns").filters();
    assert_eq!(filters, ["p/+/+", "q/#"]);
}

#[test]
fn a_source_carries_the_measured_signals_that_its_topics_can_name() {
    let carried = |topics: &str| {
        let map = map(topics).expect("good patterns");
        let scene = Arc::clone(map.scene());
        let names = map.signals().into_iter();
        names
            .map(|signal| scene.signal(signal).full_name.clone())
            .collect::<Vec<_>>()
    };
    let all = ["P-101.flow", "P-101.pressure", "P-101.state", "TK-1.level"];
    assert_eq!(carried(r#"(pattern: "{asset}/{signal}")"#), all);
    assert_eq!(carried(r#"(pattern: "{asset}")"#), all);
    assert_eq!(carried(r#"(pattern: "x/#")"#), all);
    assert_eq!(carried(r#"(pattern: "x", asset: "TK-1")"#), ["TK-1.level"]);
    assert_eq!(
        carried(r#"(pattern: "x/{asset}", signal: "flow")"#),
        ["P-101.flow"]
    );
}

/// `signal` is published on `topic`, under `key` if there is one.
#[track_caller]
fn check_address(topics: &str, signal: &str, expected: Option<(&str, Option<&str>)>) {
    let map = map(topics).expect("good patterns");
    let address = map.address(id(map.scene(), signal));
    let found = address
        .as_ref()
        .map(|address| (address.topic.as_str(), address.key.as_deref()));
    assert_eq!(found, expected);
}

#[test]
fn a_signal_is_published_where_it_would_be_found() {
    let both = r#"(pattern: "p/{asset}/{signal}")"#;
    check_address(both, "TK-1.level", Some(("p/TK-1/level", None)));
    let keyed = r#"(pattern: "p/{asset}", fields: {"lvl": "level"})"#;
    check_address(keyed, "TK-1.level", Some(("p/TK-1", Some("lvl"))));
    check_address(keyed, "P-101.flow", Some(("p/P-101", Some("flow"))));
    let whole = r#"(pattern: "p")"#;
    check_address(whole, "TK-1.level", Some(("p", Some("TK-1.level"))));
    let wild = r#"(pattern: "p/+/{asset}/{signal}"), (pattern: "level", signal: "TK-1.level")"#;
    check_address(wild, "TK-1.level", Some(("level", None)));
    check_address(wild, "P-101.flow", None);
}

#[test]
fn bad_patterns_are_told_apart() {
    use PatternError as E;
    let error = |topics: &str| map(topics).expect_err("a bad pattern");
    assert_eq!(error(r#"(pattern: "")"#), E::Empty);
    assert!(matches!(
        error(r#"(pattern: "a/#/b")"#),
        E::RestNotLast { .. }
    ));
    assert!(matches!(
        error(r#"(pattern: "a+/b")"#),
        E::MixedLevel { .. }
    ));
    assert!(matches!(
        error(r#"(pattern: "{tag}/b")"#),
        E::MixedLevel { .. }
    ));
    assert!(matches!(
        error(r#"(pattern: "{asset}/{asset}")"#),
        E::Twice { .. }
    ));
    let asset = error(r#"(pattern: "a", asset: "X")"#);
    assert_eq!(asset.to_string(), "unknown asset `X`: `a`");
    let signal = error(r#"(pattern: "a", signal: "X.y")"#);
    assert_eq!(signal.to_string(), "unknown signal `X.y`: `a`");
    assert!(matches!(
        error(r#"(pattern: "a", signal: "level")"#),
        E::UnknownSignal { .. }
    ));
}

#[test]
fn a_storm_of_strange_topics_leaves_the_cache_alone() {
    let map = map(r#"(pattern: "p/{asset}/{signal}")"#).expect("good patterns");
    let mut cache = RouteCache::default();
    for number in 0..10_000 {
        assert!(cache.find(&map, &format!("p/TK-1/{number}")).is_err());
    }
    assert!(cache.is_empty());
    assert!(cache.find(&map, "p/TK-1/level").is_ok());
    assert_eq!(cache.len(), 1);
}
