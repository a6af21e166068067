//! MQTT sources: address, secrets, files and topics.

use std::time::Duration;

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use super::{topics, writes};
use crate::scene::BrokerUrl;
use crate::scene::spec::{MqttSpec, Secret, SourceSpec, TrackSpec};

/// MQTT counts the keep-alive in whole seconds of 16 bits; below 5 s links flap.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(65_535));

pub(super) fn compile(
    specs: &[SourceSpec],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<MqttSpec> {
    let root = Place::Scene;
    let list = root.key("sources");
    let sources: Vec<MqttSpec> = specs
        .iter()
        .map(|SourceSpec::Mqtt(mqtt)| mqtt.clone())
        .collect();
    let source_names = sources.iter().map(|mqtt| mqtt.name.as_str());
    check::unique(findings, &list, "name", "source", source_names);
    for (index, mqtt) in sources.iter().enumerate() {
        check_mqtt(mqtt, names, &list.item(index), findings);
    }
    sources
}

fn check_mqtt(mqtt: &MqttSpec, names: &Names<'_>, place: &Place<'_>, findings: &mut Findings) {
    check::title(
        findings,
        &place.key("name"),
        "name of the source",
        &mqtt.name,
    );
    check_client_id(&mqtt.client_id, &place.key("client_id"), findings);
    check_secrets(mqtt, place, findings);
    check_tls(mqtt, place, findings);
    check_keep_alive(&mqtt.keep_alive, &place.key("keep_alive"), findings);
    if mqtt.qos > 2 {
        let message = format!("there is no quality of service {}", mqtt.qos);
        let hint = "0 may lose messages, 1 loses none, 2 repeats none";
        findings.add(&place.key("qos"), message, hint);
    }
    let list = place.key("topics");
    if mqtt.topics.is_empty() {
        let hint = "add (pattern: \"plant/{asset}/{signal}\")";
        findings.add(&list, "the source has no topics", hint);
    }
    for (index, topic) in mqtt.topics.iter().enumerate() {
        topics::check(topic, names, &list.item(index), findings);
    }
    writes::check_topic(mqtt, &place.key("commands"), findings);
    let list = place.key("tracks");
    for (index, track) in mqtt.tracks.iter().enumerate() {
        check_track(track, &list.item(index), findings);
    }
}

fn check_track(track: &TrackSpec, place: &Place<'_>, findings: &mut Findings) {
    if track.topic.is_empty() || track.topic.contains(['+', '#', '{', '}']) {
        let message = format!("{} is no single topic", quoted(&track.topic));
        let hint = "write one topic for each population: \"plant/tracks/vehicles\"";
        findings.add(&place.key("topic"), message, hint);
    }
    check::duration(findings, &place.key("max_gap"), &track.max_gap);
    check::duration(findings, &place.key("max_age"), &track.max_age);
}

fn check_client_id(client_id: &str, place: &Place<'_>, findings: &mut Findings) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if client_id.is_empty() || !client_id.chars().all(is_plain) {
        findings.add(
            place,
            format!("{} cannot begin a client identifier", quoted(client_id)),
            "use letters, digits, `-`, `_` and `.`",
        );
    }
}

fn check_secrets(mqtt: &MqttSpec, place: &Place<'_>, findings: &mut Findings) {
    for (field, secret) in [("username", &mqtt.username), ("password", &mqtt.password)] {
        if let Some(Secret::Env(variable)) = secret
            && (variable.is_empty() || variable.contains(['=', '\0']))
        {
            findings.add(
                &place.key(field),
                format!("{} names no environment variable", quoted(variable)),
                "write env(\"PLANT_PASSWORD\")",
            );
        }
    }
    if mqtt.password.is_some() && mqtt.username.is_none() {
        let hint = "add `username: env(\"PLANT_USER\")`";
        findings.add(&place.key("password"), "a password without a user", hint);
    }
}

fn check_tls(mqtt: &MqttSpec, place: &Place<'_>, findings: &mut Findings) {
    let tls = match mqtt.broker.parse::<BrokerUrl>() {
        Ok(url) => url.tls,
        Err(error) => {
            let hint = "write mqtt://host:1883, or mqtts://host:8883 for TLS";
            findings.add(&place.key("broker"), error.to_string(), hint);
            return;
        }
    };
    match (&mqtt.client_cert, &mqtt.client_key) {
        (Some(_), None) => {
            let hint = "add `client_key`, the PEM file of its key";
            findings.add(
                &place.key("client_cert"),
                "a certificate without its key",
                hint,
            );
        }
        (None, Some(_)) => {
            let hint = "add `client_cert`, the PEM file of the certificate";
            findings.add(
                &place.key("client_key"),
                "a key without its certificate",
                hint,
            );
        }
        _ => {}
    }
    let files = [
        ("ca_file", &mqtt.ca_file),
        ("client_cert", &mqtt.client_cert),
        ("client_key", &mqtt.client_key),
    ];
    if let Some((field, _)) = files.iter().find(|(_, file)| file.is_some() && !tls) {
        let message = format!("`{field}` has no use without TLS");
        findings.add(&place.key(field), message, "write mqtts:// in `broker`");
    }
}

fn check_keep_alive(text: &str, place: &Place<'_>, findings: &mut Findings) {
    let before = findings.count();
    let span = check::duration(findings, place, text);
    let (shortest, longest) = KEEP_ALIVE;
    if findings.count() == before && !(shortest..=longest).contains(&span) {
        let message = format!("the keep-alive {} cannot be kept", quoted(text));
        findings.add(place, message, "write a time from 5s to 18h");
    }
}
