//! What is asked of water quality.

use super::*;
use parallax::models::hydraulics::quality::{Analysis, Mixing, QualitySpec, SourceKind};

const DAY: f64 = 86_400.0;

#[track_caller]
fn quality(lines: &str) -> QualitySpec {
    let network = network_with(&format!("[TIMES]\nDURATION 24\n{lines}"));
    network.quality.expect("a question about quality")
}

#[test]
fn nobody_asks_without_an_option_or_in_no_time() {
    assert_eq!(network_with("[TIMES]\nDURATION 24").quality, None);
    assert_eq!(network_with("[OPTIONS]\nQUALITY AGE").quality, None);
    let none = network_with("[TIMES]\nDURATION 24\n[OPTIONS]\nQUALITY None mg/L");
    assert_eq!(none.quality, None);
}

#[test]
fn a_chemical_is_in_kilograms_and_cubic_metres() {
    let spec = quality(
        "[OPTIONS]\nQUALITY Chlorine mg/L\nTOLERANCE 0.02\nDIFFUSIVITY 1.5
        [QUALITY]\nLake 1.5\nA C 0.5
        [REACTIONS]
        ORDER TANK 2\nGLOBAL BULK -0.5\nGLOBAL WALL -2\nBULK p1 -0.7\nWALL p2 -1\nTANK Tower -0.4
        LIMITING POTENTIAL 0.1
        [MIXING]\nTower 2COMP 0.4
        [SOURCES]\nD MASS 300\nLake CONCEN 1.2 Day\nB SETPOINT 0.7 *\nC 0.4",
    );
    let Analysis::Chemical { name, micrograms } = &spec.analysis else {
        panic!("{:?}", spec.analysis)
    };
    assert_eq!((name.as_str(), *micrograms), ("Chlorine", false));
    assert_near(spec.tolerance, 2e-5, "tolerance");
    assert_near(spec.diffusivity, 1.5 * 1.3e-8 * FOOT * FOOT, "diffusivity");
    assert_near(spec.limit, 1e-4, "limit");
    let milligrams: Vec<_> = spec.initial.iter().map(|value| value * 1e3).collect();
    assert_eq!(milligrams, [0.5, 0.5, 0.5, 0.0, 1.5, 0.0]);
    assert_near(spec.bulk[0], -0.7 / DAY, "bulk of p1");
    assert_near(spec.bulk[1], -0.5 / DAY, "bulk of p2");
    assert_eq!(spec.bulk[4], 0.0, "a pump");
    assert_near(spec.wall[0], -2.0 * FOOT / DAY, "wall of p1");
    assert_near(spec.wall[1], -FOOT / DAY, "wall of p2");
    // Of order two in mg/L: 1/(mg/L day) is 1000/(kg/m³ day).
    assert_near(spec.tank_bulk[0], -400.0 / DAY, "tank");
    assert_eq!(spec.mixing, [Mixing::TwoCompartments { share: 0.4 }]);
    let sources: Vec<_> = spec
        .sources
        .iter()
        .map(|source| (source.node, source.kind, source.pattern))
        .collect();
    assert_eq!(
        sources,
        [
            (1, SourceKind::Setpoint, None),
            (2, SourceKind::Concentration, None),
            (3, SourceKind::Mass, None),
            (4, SourceKind::Concentration, Some(0)),
        ]
    );
    assert_near(spec.sources[0].strength, 7e-4, "concentration");
    // EPANET has 28.317 L in a cubic foot.
    let scale = CUBIC_FOOT * 1e3 / 28.317;
    assert_near(spec.sources[2].strength, 300e-6 / 60.0 * scale, "mass");
}

#[test]
fn micrograms_age_and_trace_have_their_own_units() {
    let spec = quality("[OPTIONS]\nQUALITY Arsenic ug/L\n[QUALITY]\nA 5");
    assert_near(spec.initial[0], 5e-6, "micrograms per litre");
    let spec = quality("[OPTIONS]\nQUALITY AGE\n[QUALITY]\nLake 2");
    assert_eq!(spec.analysis, Analysis::Age);
    assert_eq!((spec.initial[4], spec.tolerance), (7_200.0, 36.0));
    let spec = quality("[OPTIONS]\nQUALITY TRACE Tower\n[QUALITY]\nLake 2");
    assert_eq!(spec.analysis, Analysis::Trace { node: 5 });
    // Transport forgets all but those of tanks.
    assert_near(spec.initial[4], 0.02, "a share");
    assert_near(spec.tolerance, 1e-4, "a hundredth of a percent");
}

#[test]
fn the_wall_may_react_as_its_roughness() {
    let wall = |lines: &str| {
        quality(&format!(
            "[OPTIONS]\nQUALITY Chlorine\n[REACTIONS]\n{lines}"
        ))
        .wall[0]
    };
    assert_near(wall("ROUGHNESS CORRELATION -220"), -2.0 * FOOT / DAY, "H-W");
    // Milligrams per square foot and day.
    let scale = CUBIC_FOOT * 1e3 / 28.317;
    let expected = -2e-6 / (FOOT * FOOT) / DAY * scale;
    assert_near(wall("ORDER WALL 0\nGLOBAL WALL -2"), expected, "order zero");
}
