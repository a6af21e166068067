//! A sound scene: names resolved, values in SI, the unsaid made up.

use std::time::Duration;

use parallax::scene::{self, DrivenPart, Effect, LimitKind, Priority, Shape};
use parallax::units::Unit;

use super::{PLANT, plant};

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
    assert_eq!(
        pipe.parameters["diameter"],
        (0.6, "mm".parse().expect("a unit"))
    );
    assert_eq!(pipe.parameters["roughness"], (130.0, Unit::NUMBER));
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

/// Two valves 30 km apart in map coordinates, one of them a centimetre beside the other's line.
const FAR: &str = r#"(
    format: 1,
    name: "Far away",
    site: (latitude: 52.0, longitude: 9.0, at: (500000, 5760000)),
    types: {"valve": (label: "Valve", shape: Valve, signals: [])},
    assets: [
        (tag: "V-1", type: "valve", at: (500000, 5760000, 10)),
        (tag: "V-2", type: "valve", at: (530000.01, 5760000, 10)),
    ],
    bookmarks: [(name: "All", eye: (515000, 5750000, 9000), focus: (515000, 5760000, 0))],
)"#;

#[test]
fn a_plant_far_from_its_origin_is_told_from_its_middle() {
    let scene = scene::parse(FAR).expect("a sound scene");
    assert_eq!(scene.origin, [515_000.0, 5_760_000.0]);
    let places: Vec<_> = scene.assets.iter().map(|asset| asset.position).collect();
    close(places[0][0], -15_000.0);
    assert!((places[1][0] - 15_000.01).abs() < 1e-9);
    // What the view counts in tells a centimetre apart on both ends of a city.
    assert!((f64::from(places[1][0] as f32) - 15_000.01).abs() < 0.002);
    close(scene.bookmarks[0].focus[0], 0.0);
    close(scene.bookmarks[0].eye[1], -10_000.0);
    let site = scene.site.expect("a site");
    let [latitude, longitude] = site.degrees([places[0][0], places[0][1]]);
    close(latitude, 52.0);
    close(longitude, 9.0);
    assert_eq!(plant().origin, [0.0; 2], "near its origin nothing moves");
}
