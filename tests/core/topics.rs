//! What a broker publishes, why nothing arrives, and topics that are given to signals.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parallax::files;
use parallax::scene::spec::MqttSpec;
use parallax::scene::{Mapping, MqttVersion, Scene, Secret};
use parallax::session::{Feed, FeedPlan};
use parallax::telemetry::mapping::{self, PayloadField};
use parallax::telemetry::payload::{Arrival, Rejection};
use parallax::telemetry::topic::Unmapped;
use parallax::telemetry::topic_book::MAX_TOPICS;
use parallax::telemetry::{
    Browser, Diagnosis, Endpoint, FaultKind, TopicMap, Trouble, browse, diagnose,
};
use parallax::time::Timestamp;
use tempfile::TempDir;

use crate::mosquitto::{Mosquitto, send_raw, strict_broker, trusted_source};
use crate::telemetry::{
    Listening, PRESENT, environment, eventually, id, plain_source, small_plant, source,
};

const OPEN: &str = "allow_anonymous true\nmax_queued_messages 0";
const LATER: Timestamp = Timestamp::from_secs(4_000_000_000);

fn look(spec: &MqttSpec, filter: &str) -> Browser {
    let endpoint = Endpoint::resolve(spec, Path::new(""), &environment).expect("an endpoint");
    browse(&endpoint, &spec.name, filter).expect("a thread")
}

fn until_subscribed(browser: &Browser) {
    eventually("the browser's subscription", || browser.status().subscribed);
}

fn sent(topic: &str, payload: &str) -> (String, Vec<u8>) {
    (topic.to_owned(), payload.as_bytes().to_vec())
}

fn mapping(topic: &str, field: Option<&str>, signal: &str) -> Mapping {
    Mapping {
        source: "plant".to_owned(),
        topic: topic.to_owned(),
        field: field.map(str::to_owned),
        signal: signal.to_owned(),
    }
}

#[test]
fn a_browser_sees_what_the_broker_publishes_with_either_version() {
    let test = "a_browser_sees_what_the_broker_publishes_with_either_version";
    for version in [MqttVersion::V311, MqttVersion::V5] {
        let Some(broker) = Mosquitto::start(test, OPEN) else {
            return;
        };
        let mut spec = plain_source(&broker.url(), "plant");
        spec.version = version;
        let browser = look(&spec, "plant/#");
        until_subscribed(&browser);
        let long = "x".repeat(5_000);
        let messages = (0..20).map(|number| sent("plant/a", &number.to_string()));
        let others = [sent("plant/long", &long), sent("elsewhere/b", "1")];
        send_raw(&broker, messages.chain(others));
        eventually("both topics", || browser.status().messages == 21);
        let (topics, left_out) = browser.topics();
        assert_eq!(left_out, 0);
        let names: Vec<_> = topics.iter().map(|topic| &*topic.topic).collect();
        assert_eq!(names, ["plant/a", "plant/long"]);
        assert_eq!((topics[0].count, &*topics[0].payload), (20, "19"));
        assert!(topics[0].rate_hz > 1.0 && !topics[0].retained);
        assert!(topics[1].is_cut() && topics[1].payload_bytes == 5_000);
    }
}

#[test]
fn a_browser_stays_bounded_and_says_how_many_topics_it_left_out() {
    let test = "a_browser_stays_bounded_and_says_how_many_topics_it_left_out";
    let Some(broker) = Mosquitto::start(test, OPEN) else {
        return;
    };
    let browser = look(&plain_source(&broker.url(), "plant"), "#");
    until_subscribed(&browser);
    let count = MAX_TOPICS + 2_000;
    for part in (0..count).collect::<Vec<_>>().chunks(500) {
        let messages = part
            .iter()
            .map(|number| sent(&format!("storm/{number}"), "1"));
        send_raw(&broker, messages);
    }
    eventually("the storm", || browser.status().messages == count as u64);
    let (topics, left_out) = browser.topics();
    assert_eq!((topics.len(), left_out), (MAX_TOPICS, 2_000));
}

/// Waits until the source is diagnosed so, at its own last instant or much later.
#[track_caller]
fn check(listening: &Listening, at: Option<Timestamp>, expected: Trouble, words: &str) {
    let mut last = None;
    eventually(&format!("{expected:?}"), || {
        let status = listening.handle.status();
        let now = at.unwrap_or_else(parallax::telemetry::now);
        let found: Diagnosis = diagnose(&status, now);
        let is_so = found.trouble == Some(expected);
        last = Some(found);
        is_so
    });
    let found = last.expect("looked at");
    assert!(found.sentence.contains(words), "{found:?}");
    assert!(!found.fix.is_empty(), "{found:?}");
}

#[test]
fn every_reason_for_silence_has_a_name() {
    let test = "every_reason_for_silence_has_a_name";
    let Some(broker) = Mosquitto::start(test, OPEN) else {
        return;
    };
    let scene = Arc::new(small_plant());
    let start = |spec: &MqttSpec| Listening::start(spec, &scene, 64);

    // A port at which nobody listens.
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = free.local_addr().expect("bound").port();
    drop(free);
    let closed = start(&plain_source(&format!("mqtt://127.0.0.1:{port}"), "plant"));
    check(
        &closed,
        None,
        Trouble::Link(FaultKind::Refused),
        "Nobody listens at",
    );

    // A listener that takes the connection and says nothing.
    let mute = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = mute.local_addr().expect("bound").port();
    let mute_source = start(&plain_source(&format!("mqtt://127.0.0.1:{port}"), "plant"));
    check(
        &mute_source,
        None,
        Trouble::Link(FaultKind::NoAnswer),
        "says nothing",
    );
    drop(mute);

    // A name that no name server may ever know (RFC 2606).
    let nowhere = start(&plain_source("mqtt://broker.invalid", "plant"));
    check(
        &nowhere,
        None,
        Trouble::Link(FaultKind::UnknownHost),
        "Nobody knows the computer",
    );

    // A link that stands, and a plant that says nothing.
    let mut silent = start(&plain_source(&broker.url(), "silent"));
    silent.until_subscribed();
    let fresh = diagnose(&silent.handle.status(), parallax::telemetry::now());
    assert_eq!(fresh.trouble, None, "{fresh:?}");
    check(&silent, Some(LATER), Trouble::Silent, "nothing came for");

    // Topics that lead to no signal, then payloads that are none.
    let mut strange = start(&plain_source(&broker.url(), "strange"));
    strange.until_subscribed();
    send_raw(&broker, [sent("strange/NO-1/level", "1")]);
    check(
        &strange,
        None,
        Trouble::NoMatch,
        "such as strange/NO-1/level",
    );
    send_raw(&broker, [sent("strange/TK-1/level", "{\"v\": \"full\"}")]);
    check(
        &strange,
        None,
        Trouble::Unreadable,
        "1 of 1 messages on strange/{asset}/{signal} cannot be read: \
         the value is not a number, on strange/TK-1/level",
    );
    let tally = &strange.handle.status().routes[0];
    let last = tally.last.as_ref().expect("refused");
    assert_eq!(
        (last.why, last.payload.as_str()),
        (Rejection::NotANumber, "{\"v\": \"full\"}")
    );
    send_raw(&broker, [sent("strange/TK-1/level", "1.5")]);
    eventually("a sample", || strange.handle.status().samples == 1);
    let well = diagnose(&strange.handle.status(), parallax::telemetry::now());
    assert_eq!(well.trouble, None, "{well:?}");
}

#[test]
fn a_wrong_password_a_wrong_authority_and_a_missing_right_are_told_apart() {
    let test = "a_wrong_password_a_wrong_authority_and_a_missing_right_are_told_apart";
    let Some((broker, folder)) = strict_broker(test) else {
        return;
    };
    let scene = Arc::new(small_plant());
    let good = trusted_source(&broker, &folder);
    let wrong_password = MqttSpec {
        password: Some(Secret::Env("WRONG_PASSWORD".to_owned())),
        ..good.clone()
    };
    let listening = Listening::start(&wrong_password, &scene, 64);
    check(
        &listening,
        None,
        Trouble::Link(FaultKind::Credentials),
        "refused the user or the password",
    );
    let no_certificate = MqttSpec {
        client_cert: None,
        client_key: None,
        ..good
    };
    let listening = Listening::start(&no_certificate, &scene, 64);
    check(
        &listening,
        None,
        Trouble::Link(FaultKind::Tls),
        "No trust between us",
    );

    // MQTT 5 tells of a subscription that is not allowed.
    let folder = TempDir::new().expect("a folder");
    let access = folder.path().join("access.json");
    let nobody = r#"{"defaultACLAccess": {"subscribe": false}}"#;
    std::fs::write(&access, nobody).expect("written");
    // Its own lists of rights let every subscription pass, and send nothing; this plugin refuses.
    let rules = format!(
        "allow_anonymous true\nplugin mosquitto_dynamic_security.so\n\
         plugin_opt_config_file {}",
        access.display()
    );
    let Some(broker) = Mosquitto::start(test, &rules) else {
        return;
    };
    let mut spec = plain_source(&broker.url(), "plant");
    spec.version = MqttVersion::V5;
    let listening = Listening::start(&spec, &scene, 64);
    check(
        &listening,
        None,
        Trouble::SubscriptionRefused,
        "subscribe to plant/+/+",
    );
}

#[test]
fn a_mapping_is_told_before_it_is_made() {
    let scene = Arc::new(small_plant());
    let arrival = Arrival {
        at: PRESENT,
        retained: false,
    };
    let read = |field, signal, payload: &str| {
        let mapping = mapping("raw/1", field, signal);
        mapping::preview(&mapping, &scene, payload.as_bytes(), arrival).map(|seen| seen.value)
    };
    assert_eq!(read(None, "TK-1.level", "2.5"), Ok(2.5));
    assert_eq!(read(Some("lvl"), "TK-1.level", "{\"lvl\": 2.5}"), Ok(2.5));
    // 36 m3/h in SI.
    let nested = "{\"d\": [{\"q\": 36}]}";
    let flow = read(Some("/d/0/q"), "P-101.flow", nested).expect("a value");
    assert!((flow - 0.01).abs() < 1e-12, "{flow}");
    assert_eq!(
        read(Some("lvl"), "TK-1.level", "{\"x\": 1}"),
        Err(Rejection::NoValue)
    );
    assert_eq!(read(None, "TK-1.level", "full"), Err(Rejection::NotJson));
    assert_eq!(read(None, "TK-9.level", "1"), Err(Rejection::UnknownSignal));

    let field = |field: &str, value: &str| PayloadField {
        field: Some(field.to_owned()),
        value: value.to_owned(),
    };
    assert_eq!(
        mapping::fields("{\"lvl\": 2.5, \"d\": [{\"a/b\": true}], \"n\": null}"),
        [field("lvl", "2.5"), field("/d/0/a~1b", "true")]
    );
    let bare = PayloadField {
        field: None,
        value: "2.5".to_owned(),
    };
    assert_eq!(mapping::fields("2.5"), [bare]);
    assert_eq!(mapping::fields("{\"cut"), []);
}

/// Whether a mapping may be made in a scene with this source.
#[track_caller]
fn check_mapping(scene: &Arc<Scene>, mapping: &Mapping, expected: &str) {
    let told = mapping::check(mapping, scene);
    let told = told.map_or_else(|error| error.to_string(), |()| String::new());
    assert!(
        told.contains(expected) && told.is_empty() == expected.is_empty(),
        "`{told}`, not `{expected}`"
    );
}

#[test]
fn a_mapping_takes_nothing_from_the_patterns_of_the_scene() {
    let mut scene = small_plant();
    scene.sources = vec![plain_source("mqtt://127.0.0.1", "plant")];
    let scene = Arc::new(scene);
    check_mapping(&scene, &mapping("raw/1", None, "TK-1.level"), "");
    // A tag that the scene spells otherwise.
    check_mapping(&scene, &mapping("plant/TK1/level", None, "TK-1.level"), "");
    check_mapping(
        &scene,
        &mapping("plant/TK-1/level", None, "P-101.flow"),
        "`plant/{asset}/{signal}` reads this topic already",
    );
    check_mapping(&scene, &mapping("raw/1", None, "TK-1.depth"), "no signal");
    let mut elsewhere = mapping("raw/1", None, "TK-1.level");
    elsewhere.source = "other".to_owned();
    check_mapping(&scene, &elsewhere, "no source `other`");
}

#[test]
fn a_topic_that_a_wider_pattern_hears_is_not_asked_for_again() {
    let mut scene = small_plant();
    let spec = source(
        r##"broker: "mqtt://h", topics: [(pattern: "plant/{asset}/{signal}"), (pattern: "+/x", signal: "TK-1.level")]"##,
    );
    scene.mappings = vec![
        mapping("plant/TK1/level", None, "TK-1.level"),
        mapping("raw/1", None, "P-101.flow"),
        mapping("$SYS/x", None, "P-101.pressure"),
    ];
    let scene = Arc::new(scene);
    let map = TopicMap::new(&scene.mapped(&spec), Arc::clone(&scene)).expect("patterns");
    assert_eq!(map.filters(), ["raw/1", "$SYS/x", "plant/+/+", "+/x"]);
    assert_eq!(
        mapping::route_text(&map, "plant/TK1/level"),
        Ok("TK-1.level".to_owned())
    );
    assert_eq!(mapping::route_text(&map, "raw/2"), Err(Unmapped::NoPattern));
}

const SCENE: &str = r#"// A comment that stays.
Scene(format: 1, name: "Tanks",
    types: {"tank": (shape: Tank, signals: [(name: "level", unit: "m", range: (0, 10))])},
    assets: [(tag: "TK-1", type: "tank"), (tag: "TK-2", type: "tank")],
    sources: [Mqtt(name: "plant", broker: "BROKER", topics: [(pattern: "plant/{asset}/{signal}")])])
"#;

#[test]
fn a_mapping_takes_effect_live_outlasts_the_program_and_can_be_taken_back() {
    let test = "a_mapping_takes_effect_live_outlasts_the_program_and_can_be_taken_back";
    let Some(broker) = Mosquitto::start(test, OPEN) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("tanks.ron");
    let text = SCENE.replace("BROKER", &broker.url());
    std::fs::write(&file, &text).expect("written");
    let opened = parallax::session::open(&file).expect("a scene");
    let plan = FeedPlan::Sources { broker: None };
    let mut feed = Feed::start(&opened, plan, &None).expect("a feed");
    eventually("the subscription", || feed.statuses()[0].subscribed);
    let status = |feed: &Feed| feed.statuses().remove(0);

    send_raw(
        &broker,
        [sent("raw/tank", "{\"lvl\": 2.5, \"other\": 3.5}")],
    );
    let mut scene = Scene::clone(&opened.scene);
    let both = [
        mapping("raw/tank", Some("lvl"), "TK-1.level"),
        mapping("raw/tank", Some("other"), "TK-2.level"),
    ];
    for known in 1..=both.len() {
        scene.mappings = both[..known].to_vec();
        feed.remap(&Arc::new(scene.clone())).expect("good patterns");
        // The subscription is under way; until the broker has it, nothing comes.
        eventually("samples by the mapping", || {
            send_raw(
                &broker,
                [sent("raw/tank", "{\"lvl\": 2.5, \"other\": 3.5}")],
            );
            status(&feed).samples >= 10 * known as u64
        });
    }
    let mut seen = Vec::new();
    while let Some(event) = feed.next_within(Duration::from_millis(200)) {
        if let parallax::telemetry::SourceChange::Samples(batch) = event.change {
            seen.extend(batch.samples.iter().map(|(id, sample)| (*id, sample.value)));
        }
    }
    let level = |tag: &str| id(&scene, &format!("{tag}.level"));
    assert!(seen.contains(&(level("TK-1"), 2.5)), "{seen:?}");
    assert!(seen.contains(&(level("TK-2"), 3.5)), "{seen:?}");
    assert_eq!(status(&feed).reconnects, 0, "the link stands all the while");

    // Kept, and read again; the scene's own file is not touched.
    files::keep_mappings(&file, &both).expect("written");
    assert_eq!(std::fs::read_to_string(&file).expect("there"), text);
    let again = parallax::session::open(&file).expect("a scene");
    assert_eq!(again.scene.mappings, both);

    // Taken back: the broker is no longer asked for the topic.
    scene.mappings.clear();
    feed.remap(&Arc::new(scene.clone())).expect("good patterns");
    let before = status(&feed).samples;
    send_raw(&broker, [sent("raw/tank", "{\"lvl\": 9}")]);
    send_raw(&broker, [sent("plant/TK-1/level", "4.5")]);
    eventually("the pattern's own sample", || {
        status(&feed).samples > before
    });
    assert_eq!(status(&feed).samples, before + 1);
    files::keep_mappings(&file, &[]).expect("removed");
    assert!(!folder.path().join("tanks.topics.ron").exists());
}

#[test]
fn mistakes_in_the_file_of_mappings_are_told_with_their_lines() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("scene.ron");
    std::fs::write(&file, SCENE.replace("BROKER", "mqtt://h")).expect("written");
    let kept = "Topics(format: 1, mappings: [\n\
        (source: \"plant\", topic: \"raw/1\", signal: \"TK-1.level\"),\n\
        (source: \"boiler\", topic: \"raw/2\", signal: \"TK-2.level\"),\n\
        (source: \"plant\", topic: \"raw/1\", signal: \"TK-9.level\"),\n])";
    std::fs::write(folder.path().join("topics.ron"), kept).expect("written");
    let error = parallax::session::open(&file).err().expect("mistakes");
    let report = error.to_string();
    for part in [
        "topics.ron:3",
        "no source `boiler`",
        "topics.ron:4",
        "TK-9",
        "read as TK-1.level already",
    ] {
        assert!(report.contains(part), "no `{part}` in:\n{report}");
    }
}
