//! The broker's topics on screen, and a topic that is given to a signal: by hand, by keyboard,
//! and all the way to its value.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use egui::Key;
use egui_kittest::kittest::Queryable;
use parallax::access::{Grant, Role};
use parallax::app::action::{Action, Named};
use parallax::app::panels::layout::Tab;
use parallax::app::panels::topics::{Look, TopicRow, TopicsView};
use parallax::app::telemetry::{Inbox, PlantClock};
use parallax::app::topics::{TopicEdit, Topics};
use parallax::app::who::{Identity, Who};
use parallax::scene::spec::MqttSpec;
use parallax::scene::{Mapping, MqttVersion};
use parallax::session;
use parallax::telemetry::fault::{FaultKind, LinkFault};
use parallax::telemetry::mqtt::Outbox;
use parallax::telemetry::status::{LinkState, SourceStatus, UnmappedTopic};
use parallax::telemetry::topic::Unmapped;
use parallax::telemetry::{BrowsedTopic, EmbeddedBroker, Endpoint};
use parallax::timeline::TimelineCommand;

use super::panels::{Screen, check_texts, draw, draw_sized, write};
use super::plant::{NOW, Stage};
use super::twin::Twin;

static NEVER: AtomicBool = AtomicBool::new(false);
const LEVEL: &str = "{\"lvl\": 2.5, \"temp\": 11.5}";

/// The plant with a source that hears a topic which leads nowhere, and a look at its broker.
fn stage() -> Stage {
    let mut stage = Stage::new();
    let mut source = SourceStatus::new("plant", "mqtt://127.0.0.1:1883");
    source.link = LinkState::Connected {
        since: NOW.plus_secs(-60.0),
    };
    (source.messages, source.unmapped_messages) = (7, 7);
    source.last_message = Some(NOW.plus_secs(-1.0));
    let unmapped = UnmappedTopic {
        why: Unmapped::UnknownAsset,
        count: 7,
        last_payload: "21.5".to_owned(),
        last_seen: NOW.plus_secs(-1.0),
    };
    source
        .unmapped
        .insert("TK1/temperature".to_owned(), unmapped);
    let mut look = Look::of(0, &source, NOW);
    look.filter = "#".to_owned();
    look.messages = 50;
    look.left_out = 12;
    look.topics = vec![
        row("raw/tank", LEVEL, Err(Unmapped::NoPattern)),
        row("TK-1/level", "2.4", Ok("TK-1.level".to_owned())),
    ];
    stage.sources = vec![source];
    stage.topics = TopicsView { look: Some(look) };
    stage
}

fn row(topic: &str, payload: &str, leads_to: Result<String, Unmapped>) -> TopicRow {
    TopicRow {
        seen: BrowsedTopic {
            topic: topic.into(),
            count: 25,
            rate_hz: 2.5,
            payload: payload.into(),
            payload_bytes: payload.len(),
            last_seen: NOW.plus_secs(-2.0),
            retained: false,
        },
        leads_to,
    }
}

/// A screen that shows this part of the sources.
fn showing(stage: &Stage, named: Named) -> Screen {
    let mut screen = Screen::showing(Tab::Sources);
    screen.panels.follow(&Action::Named(named), &stage.scene);
    screen
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
fn a_source_says_in_a_sentence_why_nothing_arrives_and_what_to_do() {
    let mut stage = stage();
    let harness = draw(&stage, Screen::showing(Tab::Sources));
    let sentence = "7 messages came on topics that lead to no signal, such as TK1/temperature";
    assert_eq!(harness.query_all_by_label_contains(sentence).count(), 1);
    let fix = "Map a topic to its signal below, or correct `topics` in the scene";
    check_texts(&harness, &[fix]);
    drop(harness);
    stage.sources[0].link = LinkState::Waiting {
        since: NOW,
        retry_at: NOW.plus_secs(4.0),
    };
    let fault = LinkFault::new(FaultKind::Refused, "Connection refused");
    stage.sources[0].fault = Some(fault);
    let harness = draw(&stage, Screen::showing(Tab::Sources));
    check_texts(
        &harness,
        &["Start the broker, or correct the port in `broker`"],
    );
}

#[test]
fn topics_are_listed_searched_and_told_with_what_came_last() {
    let stage = stage();
    let mut harness = draw(&stage, showing(&stage, Named::ShowTopics));
    check_texts(
        &harness,
        &[
            "raw/tank",
            "TK-1/level",
            "2 topics, 50 messages; 12 more topics are not listed: narrow the filter",
        ],
    );
    assert!(harness.state().panels.shows_topics());
    write(&mut harness, "Search topics", "raw");
    assert_eq!(harness.query_all_by_label("TK-1/level").count(), 0);
    harness.get_by_label("raw/tank").click();
    harness.run();
    check_texts(
        &harness,
        &["Leads nowhere: no pattern fits", "lvl  2.5", "temp  11.5"],
    );
    write(&mut harness, "Search topics", "");
    harness.get_by_label("Without a signal").click();
    harness.run();
    assert_eq!(harness.query_all_by_label("TK-1/level").count(), 0);
    harness.state_mut().actions.clear();
    write(&mut harness, "Topic filter", "raw/#");
    harness.key_press(Key::Enter);
    harness.run();
    let look = TopicEdit::Look {
        source: 0,
        filter: "raw/#".to_owned(),
    };
    assert_eq!(harness.state().actions, [Action::Topics(look)]);
}

/// Presses Tab until what is called so has the focus.
#[track_caller]
fn tab_to(harness: &mut egui_kittest::Harness<'_, Screen>, name: &str) {
    for _ in 0..400 {
        if harness.get_by_label(name).is_focused() {
            return;
        }
        harness.key_press(Key::Tab);
        harness.run();
    }
    panic!("`{name}` is not reached by Tab");
}

#[test]
fn a_field_is_mapped_by_keyboard_and_shown_before_it_is() {
    let stage = stage();
    let mut harness = draw(&stage, showing(&stage, Named::ShowTopics));
    tab_to(&mut harness, "raw/tank");
    harness.key_press(Key::Enter);
    harness.run();
    tab_to(&mut harness, "Map lvl...");
    harness.key_press(Key::Enter);
    harness.run();
    let [Action::DraftMapping(choice)] = &harness.state().actions[..] else {
        panic!("{:?}", harness.state().actions)
    };
    let asked = Action::DraftMapping(choice.clone());
    harness.state_mut().panels.follow(&asked, &stage.scene);
    harness.state_mut().actions.clear();
    harness.run();
    check_texts(&harness, &["Choose the signal that this is"]);
    tab_to(&mut harness, "Choose a signal...");
    harness.key_press(Key::Enter);
    harness.run();
    harness
        .get_by_label("Search signals")
        .type_text("TK-2.level");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    check_texts(&harness, &["Read in m: 2.50 m now, good"]);
    harness.state_mut().actions.clear();
    tab_to(&mut harness, "Map it");
    harness.key_press(Key::Enter);
    harness.run();
    let wanted = TopicEdit::Map(mapping("raw/tank", Some("lvl"), "TK-2.level"));
    assert_eq!(harness.state().actions, [Action::Topics(wanted.clone())]);
    // Out of the hand once it is done.
    let done = Action::Topics(wanted);
    harness.state_mut().panels.follow(&done, &stage.scene);
    harness.run();
    assert_eq!(harness.query_all_by_label("Map it").count(), 0);
}

#[test]
fn both_lists_name_what_lacks_its_other_half_and_a_topic_is_dragged_across() {
    let stage = stage();
    let mut harness = draw(&stage, showing(&stage, Named::ShowWithoutData));
    check_texts(
        &harness,
        &["Signals without data: 5", "Data without a signal: 2"],
    );
    let from = harness.get_by_label("TK1/temperature").rect().center();
    let onto = harness.get_by_label("TK-1.temperature").rect().center();
    harness.drag_at(from);
    harness.run();
    harness.hover_at(onto);
    harness.run();
    harness.drop_at(onto);
    harness.run();
    let drafted = harness
        .state()
        .actions
        .iter()
        .find_map(|action| match action {
            Action::DraftMapping(choice) => Some(choice.clone()),
            _ => None,
        });
    let choice = drafted.expect("a draft");
    assert_eq!(choice.topic, "TK1/temperature");
    assert_eq!(choice.signal, Some(stage.signal("TK-1.temperature")));
    let asked = Action::DraftMapping(choice);
    harness.state_mut().panels.follow(&asked, &stage.scene);
    harness.run();
    check_texts(&harness, &["Read in °C: 21.5 °C now, good"]);
}

#[test]
fn who_may_not_change_the_scene_maps_nothing() {
    let mut stage = stage();
    let grant = Grant {
        role: Role::Operator,
        area: None,
    };
    stage.who = Who::of(Identity::Account {
        name: "Ada".to_owned(),
        grants: vec![grant],
    });
    let mut screen = showing(&stage, Named::ShowWithoutData);
    let look = stage.topics.look.as_ref().expect("a look");
    let choice = look.choice(&look.topics[0], Some("lvl"));
    let choice = Box::new(choice.onto(stage.signal("TK-2.level")));
    screen
        .panels
        .follow(&Action::DraftMapping(choice), &stage.scene);
    let mut harness = draw(&stage, screen);
    check_texts(&harness, &["Changing the scene needs the engineer's role"]);
    harness.get_by_label("Map it").click();
    harness.run();
    assert!(harness.state().actions.is_empty());
}

#[test]
fn on_a_small_screen_all_of_it_can_be_reached() {
    let stage = stage();
    for (named, label) in [
        (Named::ShowTopics, "raw/tank"),
        (Named::ShowWithoutData, "TK1/temperature"),
    ] {
        let mut harness = draw_sized(&stage, showing(&stage, named), [800.0, 480.0]);
        let place = harness.get_by_label(label).rect();
        assert!(place.right() <= 800.0 && place.width() > 60.0, "{place:?}");
        if named == Named::ShowTopics {
            harness.get_by_label(label).click();
            harness.run();
            tab_to(&mut harness, "Map temp...");
            harness.run_steps(8);
            let place = harness.get_by_label("Map temp...").rect();
            // Above the time control: the panel has scrolled there.
            assert!(place.bottom() <= 366.0, "{place:?}");
        }
    }
}

const SCENE: &str = r#"Scene(format: 1, name: "Tanks",
    types: {"tank": (shape: Tank, signals: [(name: "level", unit: "m", range: (0, 10))])},
    assets: [(tag: "TK-1", type: "tank"), (tag: "TK-2", type: "tank")],
    sources: [Mqtt(name: "plant", broker: "BROKER", topics: [(pattern: "plant/{asset}/{signal}")])])
"#;

/// Lets frames go by until `holds`.
#[track_caller]
fn until(twin: &mut Twin, what: &str, mut holds: impl FnMut(&mut Twin) -> bool) {
    let began = Instant::now();
    while !holds(twin) {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "waited in vain: {what}; {}",
            twin.last_notice()
        );
        thread::sleep(Duration::from_millis(10));
        twin.update();
    }
}

#[test]
fn an_unmapped_topic_is_found_mapped_and_its_value_arrives_at_the_signal() {
    let url = EmbeddedBroker::start(None)
        .expect("a free port")
        .url(MqttVersion::V311);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.ron");
    std::fs::write(&file, SCENE.replace("BROKER", &url)).expect("written");
    let mut twin = Twin::opened(session::open(&file).expect("a scene"));
    twin.app.insert_resource(PlantClock::Wall);
    let endpoint = Endpoint::from_environment(&MqttSpec::plain(&url), Path::new(""));
    let outbox = Outbox::open(&endpoint.expect("an endpoint")).expect("a thread");
    let say = |topic: &str, payload: &str| {
        let sent = outbox.publish(topic, payload.to_owned(), &NEVER);
        sent.expect("room");
        outbox.flush(Duration::from_secs(20)).expect("accepted");
    };
    let status = |twin: &Twin| {
        let inbox = twin.app.world().resource::<Inbox>();
        inbox.0.statuses().remove(0)
    };
    until(&mut twin, "the link", |twin| status(twin).subscribed);
    say("plant/TK-1/level", "3.5");
    twin.steer(TimelineCommand::GoLive);
    let value = |twin: &Twin, name: &str| twin.reading(name).map(|row| row.sample.value);
    until(&mut twin, "a sample by the pattern", |twin| {
        value(twin, "TK-1.level") == Some(3.5)
    });

    // What no pattern hears is seen by whoever looks.
    twin.act(Action::Topics(TopicEdit::Look {
        source: 0,
        filter: "raw/#".to_owned(),
    }));
    let seen = |twin: &Twin| {
        let topics = twin.app.world().resource::<Topics>();
        let look = topics.view.look.clone().expect("a look");
        let row = look.topics.first().cloned();
        row.map(|row| (row.leads_to.clone(), look.choice(&row, Some("lvl"))))
    };
    until(&mut twin, "the topic at the broker", |twin| {
        say("raw/tank", "{\"lvl\": 4.25}");
        seen(twin).is_some()
    });
    let (leads_to, choice) = seen(&twin).expect("seen");
    assert_eq!(leads_to, Err(Unmapped::NoPattern));
    assert_eq!(
        (&*choice.payload, choice.source.as_str()),
        ("{\"lvl\": 4.25}", "plant")
    );

    let wanted = mapping("raw/tank", Some("lvl"), "TK-2.level");
    twin.act(Action::Topics(TopicEdit::Map(wanted.clone())));
    assert_eq!(twin.last_notice(), "TK-2.level is read from raw/tank");
    until(&mut twin, "the value at the signal", |twin| {
        say("raw/tank", "{\"lvl\": 4.25}");
        value(twin, "TK-2.level") == Some(4.25)
    });
    // What was there stays, and the link never broke.
    assert_eq!(value(&twin, "TK-1.level"), Some(3.5));
    assert_eq!(status(&twin).reconnects, 0);
    until(&mut twin, "where the topic leads", |twin| {
        seen(twin).is_some_and(|(leads_to, _)| leads_to == Ok("TK-2.level".to_owned()))
    });

    // It outlasts the program, and can be taken back.
    let again = session::open(&file).expect("a scene");
    assert_eq!(again.scene.mappings, [wanted]);
    let scene = Arc::clone(&again.scene);
    assert_eq!(scene.signals.len(), twin.scene().signals.len());
    twin.act(Action::Named(Named::TakeMappingBack));
    assert_eq!(
        twin.last_notice(),
        "TK-2.level is no longer read from raw/tank"
    );
    assert!(twin.scene().mappings.is_empty());
    assert!(!folder.path().join("topics.ron").exists());
    twin.act(Action::Named(Named::StopTopics));
    assert!(twin.app.world().resource::<Topics>().view.look.is_none());
}

#[test]
fn a_mapping_that_cannot_be_kept_is_not_made() {
    let mut twin = Twin::of(super::twin::tanks(1));
    let nowhere = mapping("raw/1", None, "TK-9.level");
    twin.act(Action::Topics(TopicEdit::Map(nowhere)));
    twin.update();
    let told = twin.last_notice();
    assert_eq!(
        told,
        "The topic is not mapped: there is no signal `TK-9.level`"
    );
    twin.act(Action::Topics(TopicEdit::Look {
        source: 0,
        filter: "a/#/b".to_owned(),
    }));
    twin.update();
    assert!(twin.last_notice().contains("is no filter"));
    assert!(twin.scene().mappings.is_empty());
}
