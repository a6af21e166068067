//! Payloads to samples, and back.

use parallax::scene::Scene;
use parallax::signal::{Clock, Origin, Quality, Sample, SampleBatch};
use parallax::telemetry::payload::{Arrival, Format, Rejection, Rejections, decode, encode};
use parallax::telemetry::topic::Subject;
use parallax::time::Timestamp;
use proptest::prelude::*;

use super::{PRESENT, id, small_plant, source};

/// A topic entry's format; `rest` stands inside its brackets.
#[track_caller]
fn format(rest: &str) -> Format {
    let spec = source(&format!(
        "broker: \"mqtt://x\", topics: [(pattern: \"x\", {rest})]"
    ));
    Format::new(&spec.topics[0])
}

/// `P-101.flow`, `P-101` or `plant`.
fn subject(scene: &Scene, name: &str) -> Subject {
    if name == "plant" {
        Subject::Plant
    } else if name.contains('.') {
        Subject::Signal(id(scene, name))
    } else {
        Subject::Asset(scene.find_asset(name).expect("an asset"))
    }
}

fn decode_as(
    scene: &Scene,
    subject: Subject,
    format: &Format,
    payload: &[u8],
) -> (Vec<(String, Sample)>, Rejections) {
    let mut batch = SampleBatch::new(Origin::Measured);
    let mut rejections = Rejections::default();
    let arrival = Arrival {
        at: PRESENT,
        retained: false,
    };
    decode(
        payload,
        subject,
        format,
        scene,
        arrival,
        &mut batch,
        &mut rejections,
    );
    let named = |(signal, sample)| (scene.signal(signal).full_name.clone(), sample);
    (batch.samples.into_iter().map(named).collect(), rejections)
}

/// A payload about `about` gives these `(signal, value in its unit)` and rejections.
#[track_caller]
fn check(about: &str, payload: &str, values: &[(&str, f64)], rejected: &[(Rejection, u64)]) {
    let scene = small_plant();
    let (samples, rejections) = decode_as(
        &scene,
        subject(&scene, about),
        &format(""),
        payload.as_bytes(),
    );
    let found: Vec<_> = samples
        .iter()
        .map(|(name, sample)| (name.as_str(), sample.value))
        .collect();
    let expected: Vec<_> = values
        .iter()
        .map(|(name, value)| {
            let unit = scene.signal(id(&scene, name)).unit;
            (*name, unit.to_si(*value))
        })
        .collect();
    assert_eq!(found, expected, "{payload}");
    let found: Vec<_> = rejections.iter().collect();
    assert_eq!(found, rejected, "{payload}");
}

/// A payload about the tank's level is refused for one reason.
#[track_caller]
fn check_refused(payload: &str, reason: Rejection) {
    check("TK-1.level", payload, &[], &[(reason, 1)]);
}

#[test]
fn bare_values_are_understood() {
    for (payload, value) in [
        ("12.5", 12.5),
        (" -3e2\n", -300.0),
        ("+7", 7.0),
        ("\"4.25\"", 4.25),
    ] {
        check("TK-1.level", payload, &[("TK-1.level", value)], &[]);
        check("P-101.flow", payload, &[("P-101.flow", value)], &[]);
    }
    for (payload, value) in [
        ("true", 1.0),
        ("FALSE", 0.0),
        ("running", 1.0),
        ("\"Stopped\"", 0.0),
        ("1", 1.0),
    ] {
        check("P-101.state", payload, &[("P-101.state", value)], &[]);
    }
}

#[test]
fn objects_arrays_and_mixtures_are_understood() {
    let level = |value| ("TK-1.level", value);
    check("TK-1.level", r#"{"v": 2}"#, &[level(2.0)], &[]);
    check(
        "TK-1.level",
        r#"{"unit": "m", "v": 2.5}"#,
        &[level(2.5)],
        &[],
    );
    let two = r#"[{"v": 1, "t": 1772344700}, {"v": 2, "t": 1772344701}]"#;
    check("TK-1.level", two, &[level(1.0), level(2.0)], &[]);
    let pump = [("P-101.flow", 30.0), ("P-101.state", 1.0)];
    check("P-101", r#"{"flow": 30, "state": "running"}"#, &pump, &[]);
    check(
        "P-101",
        r#"{"v": {"flow": {"v": 30}, "state": true}}"#,
        &pump,
        &[],
    );
    let plant = [("P-101.flow", 30.0), ("TK-1.level", 2.0)];
    check(
        "plant",
        r#"{"P-101.flow": 30, "TK-1": {"level": 2}}"#,
        &plant,
        &[],
    );
    check(
        "plant",
        r#"[{"P-101": {"flow": 30}}, {"TK-1.level": 2}]"#,
        &plant,
        &[],
    );
}

#[test]
fn a_bad_element_rejects_only_itself() {
    use Rejection as R;
    check(
        "TK-1.level",
        r#"[{"v": 1, "t": 1772344700}, {"v": "wet", "t": 1772344701}, null, {"v": 3, "t": 1772344702}]"#,
        &[("TK-1.level", 1.0), ("TK-1.level", 3.0)],
        &[(R::NotANumber, 1), (R::NoValue, 1)],
    );
    check(
        "P-101",
        r#"{"flow": 1, "presure": 2, "pressure": null, "vendor": "Acme", "t": 1772344700}"#,
        &[("P-101.flow", 1.0)],
        &[(R::NoValue, 1), (R::UnknownSignal, 1)],
    );
}

#[test]
fn values_of_one_signal_need_times_to_tell_them_apart() {
    let first = [("TK-1.level", 1.0)];
    let refused = [(Rejection::NoTime, 2)];
    check("TK-1.level", "[1, 2, 3]", &first, &refused);
    check(
        "TK-1.level",
        r#"{"t": 1772344700, "v": [1, 2, 3]}"#,
        &first,
        &refused,
    );
    check("TK-1.level", "[1]", &first, &[]);
}

#[test]
fn what_cannot_be_used_is_refused_with_its_reason() {
    use Rejection as R;
    check_refused("", R::NoValue);
    check_refused("  \n", R::NoValue);
    check_refused("null", R::NoValue);
    check_refused("[]", R::NoValue);
    check_refused(r#"{"value": 3}"#, R::NoValue);
    check_refused(r#"{"v": null}"#, R::NoValue);
    check_refused("full", R::NotJson);
    check_refused("{\"v\": 3", R::NotJson);
    check_refused("{\"v\": NaN}", R::NotJson);
    check_refused("[1] 2", R::NotJson);
    check_refused("NaN", R::NotFinite);
    check_refused("-inf", R::NotFinite);
    check_refused("1e999", R::NotFinite);
    check_refused(r#"{"v": 1e999}"#, R::NotFinite);
    check_refused("1e300", R::Implausible);
    check_refused("true", R::NotJson);
    check_refused(r#"{"v": true}"#, R::NotANumber);
    check_refused(r#"{"v": "full"}"#, R::NotANumber);
    check_refused(
        &format!("{}1{}", "[".repeat(500), "]".repeat(500)),
        R::TooDeep,
    );
    check_refused(&format!("[{}1]", "1,".repeat(600_000)), R::TooLarge);
    check("plant", "3", &[], &[(R::UnknownSignal, 1)]);
    check("P-101", r#"{"v": 3}"#, &[], &[(R::UnknownSignal, 1)]);
    check("P-101", "{}", &[], &[(R::NoValue, 1)]);
    let scene = small_plant();
    let level = subject(&scene, "TK-1.level");
    let (_, rejected) = decode_as(&scene, level, &format(""), &[0xFF, 0xFE]);
    assert_eq!(rejected.iter().collect::<Vec<_>>(), [(R::NotUtf8, 1)]);
}

/// The time of `{"v": 1, "t": <time>}`.
#[track_caller]
fn check_time(rest: &str, time: &str, expected: Result<&str, Rejection>) {
    let scene = small_plant();
    let level = subject(&scene, "TK-1.level");
    let payload = format!(r#"{{"v": 1, "t": {time}}}"#);
    let (samples, rejected) = decode_as(&scene, level, &format(rest), payload.as_bytes());
    let found = match samples.first() {
        Some((_, sample)) => {
            assert_eq!(sample.clock, Clock::Source);
            assert_eq!(sample.received, PRESENT);
            Ok(sample.at)
        }
        None => Err(rejected.iter().next().expect("a reason").0),
    };
    let expected = expected.map(|text| text.parse::<Timestamp>().expect("a time"));
    assert_eq!(found, expected, "{time}");
}

#[test]
fn times_are_told_by_their_size_or_by_the_scene() {
    let at = Ok("2020-03-09T10:14:33Z");
    for time in [
        "1583748873",
        "1583748873000",
        "1583748873000000",
        "1583748873000000000",
        "\"1583748873\"",
        "1583748873.0",
        "\"2020-03-09T10:14:33Z\"",
        "\"2020-03-09 12:14:33+02:00\"",
        "\"2020-03-09 10:14:33\"",
    ] {
        check_time("", time, at);
    }
    check_time("", "1583748873.25", Ok("2020-03-09T10:14:33.25Z"));
    check_time("", "1583748873123.456", Ok("2020-03-09T10:14:33.123456Z"));
    check_time(
        "",
        "1583748873123456789",
        Ok("2020-03-09T10:14:33.123456789Z"),
    );
    check_time(
        "time_format: Secs",
        "1583748873.5",
        Ok("2020-03-09T10:14:33.5Z"),
    );
    check_time(
        "time_format: Millis",
        "1583748873500",
        Ok("2020-03-09T10:14:33.5Z"),
    );
    check_time(
        "time_format: Micros",
        "1583748873500000",
        Ok("2020-03-09T10:14:33.5Z"),
    );
    check_time(
        "time_format: Nanos",
        "1583748873500000000",
        Ok("2020-03-09T10:14:33.5Z"),
    );
    check_time(
        "time_format: Rfc3339",
        "1583748873",
        Err(Rejection::BadTime),
    );
}

#[test]
fn times_that_no_working_clock_sends_are_refused() {
    use Rejection as R;
    check_time("", "\"yesterday\"", Err(R::BadTime));
    check_time("", "true", Err(R::BadTime));
    check_time("", "{}", Err(R::BadTime));
    check_time("", "1e300", Err(R::TooFarInFuture));
    check_time("time_format: Secs", "1e300", Err(R::BadTime));
    check_time("", "0", Err(R::TooOld));
    check_time("", "\"1989-12-31T23:59:59Z\"", Err(R::TooOld));
    check_time("", "\"1990-01-01T00:00:00Z\"", Ok("1990-01-01T00:00:00Z"));
    check_time("", "\"2026-03-02T06:00:00Z\"", Ok("2026-03-02T06:00:00Z"));
    check_time("", "\"2026-03-02T06:00:00.001Z\"", Err(R::TooFarInFuture));
}

#[test]
fn a_missing_time_is_that_of_arrival_and_is_marked_so() {
    let scene = small_plant();
    let level = subject(&scene, "TK-1.level");
    for payload in ["1", r#"{"v": 1}"#, r#"{"v": 1, "t": null}"#] {
        let (samples, _) = decode_as(&scene, level, &format(""), payload.as_bytes());
        let sample = samples[0].1;
        assert_eq!((sample.at, sample.clock), (PRESENT, Clock::Receiver));
        assert_eq!(sample.quality, Quality::Good);
    }
}

#[test]
fn a_kept_message_without_time_is_of_unknown_age() {
    let scene = small_plant();
    let level = subject(&scene, "TK-1.level");
    let quality = |payload: &str| {
        let mut batch = SampleBatch::new(Origin::Measured);
        let arrival = Arrival {
            at: PRESENT,
            retained: true,
        };
        let mut rejected = Rejections::default();
        let format = format("");
        decode(
            payload.as_bytes(),
            level,
            &format,
            &scene,
            arrival,
            &mut batch,
            &mut rejected,
        );
        batch.samples[0].1.quality
    };
    assert_eq!(quality("1"), Quality::UncertainLastUsable);
    assert_eq!(quality(r#"{"v": 1, "t": 1772344700}"#), Quality::Good);
    assert_eq!(quality(r#"{"v": 1, "q": "bad"}"#), Quality::Bad);
}

#[test]
fn qualities_are_understood_in_every_notation() {
    use Quality as Q;
    let scene = small_plant();
    let level = subject(&scene, "TK-1.level");
    for (written, expected) in [
        ("\"good\"", Q::Good),
        ("\"BAD\"", Q::Bad),
        ("\"BadSensorFailure\"", Q::BadSensorFailure),
        ("true", Q::Good),
        ("false", Q::Bad),
        ("192", Q::Good),
        ("\"192\"", Q::Good),
        ("216", Q::Good),
        ("64", Q::Uncertain),
        ("0", Q::Bad),
        ("24", Q::Bad),
        ("2156658688", Q::BadSensorFailure),
        ("1083441152", Q::UncertainLimitsExceeded),
        ("\"fine\"", Q::Uncertain),
        ("[]", Q::Uncertain),
        ("null", Q::Good),
    ] {
        let payload = format!(r#"{{"v": 1, "q": {written}}}"#);
        let (samples, _) = decode_as(&scene, level, &format(""), payload.as_bytes());
        assert_eq!(samples[0].1.quality, expected, "{written}");
    }
}

#[test]
fn an_outer_time_and_quality_hold_for_what_is_inside() {
    let scene = small_plant();
    let pump = subject(&scene, "P-101");
    let payload = r#"{"t": 1772344700, "q": "uncertain", "flow": 1,
        "pressure": {"v": 2, "t": 1772344701, "q": "good"}}"#;
    let (samples, _) = decode_as(&scene, pump, &format(""), payload.as_bytes());
    let found: Vec<_> = samples
        .iter()
        .map(|(_, sample)| (sample.at, sample.quality))
        .collect();
    assert_eq!(
        found,
        [
            (Timestamp::from_secs(1_772_344_700), Quality::Uncertain),
            (Timestamp::from_secs(1_772_344_701), Quality::Good),
        ]
    );
}

#[test]
fn fields_are_found_by_name_and_by_pointer_and_renamed() {
    let scene = small_plant();
    let format =
        format(r#"value: "/data/0/val", time: "/meta/ts", quality: "ok", fields: {"Q": "flow"}"#);
    let level = subject(&scene, "TK-1.level");
    let payload = br#"{"data": [{"val": 4}], "meta": {"ts": 1772344700}, "ok": false}"#;
    let (samples, _) = decode_as(&scene, level, &format, payload);
    let sample = samples[0].1;
    assert_eq!(sample.value, 4.0);
    assert_eq!(sample.at, Timestamp::from_secs(1_772_344_700));
    assert_eq!(sample.quality, Quality::Bad);
    let pump = subject(&scene, "P-101");
    let (samples, rejected) = decode_as(&scene, pump, &format, br#"{"Q": 36, "ok": true}"#);
    assert_eq!(samples[0].0, "P-101.flow");
    assert!((samples[0].1.value - 0.01).abs() < 1e-15);
    assert_eq!(rejected.total(), 0);
}

proptest! {
    /// Whatever comes in: finite samples, or a reason.
    #[test]
    fn any_bytes_give_samples_or_a_reason(
        payload in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            // Texts of JSON's own characters reach deeper.
            "[\\[\\]{}\",:vtq0-9.eE+\\- nultrfas]{0,80}".prop_map(String::into_bytes),
            (any::<f64>(), any::<f64>(), any::<i64>()).prop_map(|(value, time, quality)| {
                format!("{{\"v\":{value:e},\"t\":{time:e},\"q\":{quality}}}").into_bytes()
            }),
        ],
        about in prop_oneof![Just("TK-1.level"), Just("P-101.state"), Just("P-101"), Just("plant")],
    ) {
        let scene = small_plant();
        let subject = subject(&scene, about);
        let (samples, rejected) = decode_as(&scene, subject, &format(""), &payload);
        prop_assert!(!samples.is_empty() || rejected.total() > 0);
        for (_, sample) in samples {
            prop_assert!(sample.value.is_finite());
            prop_assert!(sample.at.secs_since(PRESENT) <= 86_400.0);
        }
    }

    /// What we publish we read back: values to 15 digits, times to the microsecond.
    #[test]
    fn what_is_encoded_is_decoded(
        samples in proptest::collection::vec(
            (-1e9..1e9_f64, 631_152_000_000_000..1_772_344_800_000_000_i64, 0..3_u8),
            1..20,
        ),
        fields in prop_oneof![
            Just(""),
            Just(r#"value: "/a/b", time: "/a/t", quality: "/q""#),
            Just("time_format: Secs"),
            Just("time_format: Millis"),
            Just("time_format: Nanos"),
        ],
        keyed in any::<bool>(),
    ) {
        let scene = small_plant();
        let pressure = id(&scene, "P-101.pressure");
        let about = scene.signal(pressure);
        let format = format(fields);
        let sent: Vec<_> = samples
            .iter()
            .map(|(value, micros, quality)| Sample {
                quality: [Quality::Good, Quality::Uncertain, Quality::BadSensorFailure]
                    [usize::from(*quality)],
                ..Sample::good(Timestamp::from_nanos(micros * 1_000), about.unit.to_si(*value))
            })
            .collect();
        let key = keyed.then_some("pressure");
        let payload = encode(&format, key, about, &sent);
        let subject = match keyed {
            true => subject(&scene, "P-101"),
            false => Subject::Signal(pressure),
        };
        let (read, rejected) = decode_as(&scene, subject, &format, payload.as_bytes());
        prop_assert_eq!(rejected.total(), 0, "{}", payload);
        prop_assert_eq!(read.len(), sent.len());
        for ((name, read), sent) in read.iter().zip(&sent) {
            prop_assert_eq!(name, "P-101.pressure");
            prop_assert_eq!(read.at, sent.at);
            prop_assert_eq!(read.quality, sent.quality);
            prop_assert!((read.value - sent.value).abs() <= 1e-14 * sent.value.abs());
        }
    }
}

#[test]
fn a_recorded_number_survives_the_way_there_and_back() {
    let scene = small_plant();
    let pressure = id(&scene, "P-101.pressure");
    let about = scene.signal(pressure);
    let si = about.unit.to_si(0.382_638);
    let payload = encode(&format(""), None, about, &[Sample::good(PRESENT, si)]);
    assert_eq!(payload, r#"{"t":"2026-03-01T06:00:00Z","v":0.382638}"#);
    let (read, _) = decode_as(
        &scene,
        Subject::Signal(pressure),
        &format(""),
        payload.as_bytes(),
    );
    assert_eq!(read[0].1.value, si);
}
