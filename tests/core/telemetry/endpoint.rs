//! Where to connect and as whom.

use std::path::Path;

use parallax::telemetry::Endpoint;
use parallax::telemetry::mqtt::EndpointError;

use super::{environment, source};

fn resolve(rest: &str) -> Result<Endpoint, EndpointError> {
    let spec = source(&format!("{rest}, topics: []"));
    Endpoint::resolve(&spec, Path::new("/scene"), &environment)
}

/// The message of what cannot be resolved.
#[track_caller]
fn refusal(rest: &str) -> String {
    resolve(rest).expect_err("a mistake").to_string()
}

#[test]
fn secrets_come_from_the_environment_and_are_never_shown() {
    let endpoint = resolve(
        r#"broker: "mqtt://plant", username: env("PLANT_USER"), password: env("PLANT_PASSWORD")"#,
    );
    let shown = format!("{:?}", endpoint.expect("both are set"));
    assert!(
        !shown.contains("sesame") && !shown.contains("operator"),
        "{shown}"
    );
    assert!(shown.contains("mqtt://plant:1883"), "{shown}");
}

#[test]
fn a_missing_secret_is_named() {
    assert_eq!(
        refusal(r#"broker: "mqtt://plant", username: env("NOBODY")"#),
        "the environment variable `NOBODY` is not set; it must hold the user"
    );
    assert_eq!(
        refusal(r#"broker: "mqtt://plant", password: env("PLANT_PASSWORD")"#),
        "a password needs a `username`"
    );
    assert!(refusal(r#"broker: "mqtt://me:secret@plant""#).contains("no user or password"));
}

#[test]
fn certificates_are_checked_before_connecting() {
    let missing = refusal(r#"broker: "mqtts://plant", ca_file: "ca.pem""#);
    assert!(missing.contains("/scene/ca.pem"), "{missing}");
    let plain = refusal(r#"broker: "mqtt://plant", ca_file: "ca.pem""#);
    assert!(plain.contains("certificates need `mqtts://`"), "{plain}");
    assert!(refusal(r#"broker: "plant:1883""#).contains("mqtt://host:port"));
    assert!(refusal(r#"broker: "mqtt://plant", keep_alive: "often""#).contains("keep_alive"));
}

#[test]
fn every_client_has_a_name_of_its_own() {
    let one = resolve(r#"broker: "mqtt://plant", client_id: "twin""#).expect("good");
    let other = resolve(r#"broker: "mqtt://plant", client_id: "twin""#).expect("good");
    assert!(one.client_id().starts_with("twin-"));
    assert_ne!(one.client_id(), other.client_id());
}
