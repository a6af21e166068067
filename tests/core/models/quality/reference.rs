//! Five nodes with one tank against EPANET 2.2 (its C library, flows and quality run together).
//!
//! ```text
//! J1 ──800 m── J2 ──1,200 m── J3 ──600 m── tank
//!               └──500 m── J4
//! ```
//!
//! J1 supplies 30 L/s by the pattern 1.2, 1.2, 0.2, 0.2; J2 draws 5 L/s, J3 10 L/s by the
//! pattern 0.5, 1.5, 1, J4 8 L/s. Steps of the patterns take 2 h, so flows turn every 4 h.

use parallax::models::hydraulics::pattern::Pattern;
use parallax::models::hydraulics::quality::{Analysis, Mixing, Quality, Source, SourceKind};

use super::{HOUR, Rig, advance, check, chemical};

/// EPANET computes with litres of 1/28.317 cubic feet.
const LITRE: f64 = 0.3048 * 0.3048 * 0.3048 / 28.317;
const DAY: f64 = 86_400.0;
const SUPPLY: [f64; 4] = [1.2, 1.2, 0.2, 0.2];
const DEMAND: [f64; 3] = [0.5, 1.5, 1.0];

/// Quality at J2, J3, J4 and in the tank, and on the way from J2 to J3, every six hours.
type Expected = [[f64; 5]; 4];

fn rig(analysis: Analysis, mixing: Mixing) -> Rig {
    let mut rig = Rig::new(analysis, 4, 0);
    let volume = |level: f64| std::f64::consts::PI / 4.0 * 20.0 * 20.0 * level;
    rig.tank(volume(6.0), volume(3.0), 0.0, mixing);
    rig.pipe(0, 1, 800.0, 0.3);
    rig.pipe(1, 2, 1_200.0, 0.25);
    rig.pipe(2, 4, 600.0, 0.25);
    rig.pipe(1, 3, 500.0, 0.15);
    let pattern = |factors: &[f64]| Pattern {
        step: 7_200.0,
        factors: factors.to_vec(),
        ..Pattern::default()
    };
    rig.network.patterns = vec![pattern(&SUPPLY), pattern(&DEMAND)];
    rig.network.times.quality_step = 300;
    rig
}

/// A chemical with `(order, k per day)` in the bulk of pipes and tanks, mg/L.
fn reacting(mixing: Mixing, order: f64, k: f64) -> Rig {
    let mut rig = rig(chemical(), mixing);
    rig.spec.tolerance = 0.01e-3;
    rig.spec.initial[3] = 0.2e-3;
    rig.spec.initial[4] = 0.5e-3;
    (rig.spec.bulk_order, rig.spec.tank_order) = (order, order);
    let k = k * f64::powf(1e-3, 1.0 - order.max(0.0)) / DAY;
    rig.spec.bulk.fill(k);
    rig.spec.tank_bulk.fill(k);
    rig
}

fn source(node: usize, kind: SourceKind, strength: f64, pattern: Option<usize>) -> Source {
    Source {
        node,
        kind,
        strength,
        pattern,
    }
}

/// `unit` is that of `expected`.
#[track_caller]
fn compare(rig: Rig, unit: f64, expected: Expected) {
    let mut quality: Quality = rig.build();
    for hour in 0..24 {
        let place = (hour / 2) as usize;
        let supply = 30.0 * SUPPLY[place % 4] * LITRE;
        let demand = 10.0 * DEMAND[place % 3] * LITRE;
        let (near, far) = (5.0 * LITRE, 8.0 * LITRE);
        let onward = supply - near - far;
        let flows = [supply, onward, onward - demand, far];
        let demands = [-supply, near, demand, far, 0.0];
        advance(&mut quality, hour * HOUR, HOUR, &flows, &demands);
        if (hour + 1) % 6 == 0 {
            let row = expected[(hour / 6) as usize];
            for (node, value) in row[..4].iter().enumerate() {
                let what = format!("node {} in hour {}", node + 1, hour + 1);
                check(&what, quality.node(node + 1), value * unit, 1e-5);
            }
            let what = format!("link in hour {}", hour + 1);
            check(&what, quality.link(1), row[4] * unit, 1e-5);
        }
    }
}

#[test]
fn first_order_decay_with_mass_transfer_agrees() {
    let mut rig = reacting(Mixing::Complete, 1.0, -1.5);
    rig.spec.wall.fill(-0.4 / DAY);
    let dose = source(0, SourceKind::Concentration, 1e-3, None);
    rig.spec.sources.push(dose);
    compare(
        rig,
        1e-3,
        [
            [
                0.585361188,
                0.297718711,
                0.55134755,
                0.331714956,
                0.33049671,
            ],
            [
                0.898300575,
                0.735738939,
                0.787265222,
                0.257237339,
                0.823597817,
            ],
            [
                0.898300575,
                0.735738939,
                0.787265222,
                0.186319282,
                0.823597817,
            ],
            [
                0.353260493,
                0.150222651,
                0.312999654,
                0.170766113,
                0.130512669,
            ],
        ],
    );
}

#[test]
fn reactions_of_order_two_and_a_wall_of_order_zero_agree() {
    let mut rig = reacting(Mixing::TwoCompartments { share: 0.4 }, 2.0, -0.8);
    rig.spec.wall_first_order = false;
    rig.spec.wall.fill(-200e-6 / DAY);
    // 1,500 mg a minute.
    let dose = source(0, SourceKind::Mass, 1_500e-6 / 60.0 * 1e3 * LITRE, Some(1));
    rig.spec.sources.push(dose);
    compare(
        rig,
        1e-3,
        [
            [
                0.660072791,
                0.327355474,
                0.639148957,
                0.39297947,
                0.331382355,
            ],
            [
                0.639393116,
                0.536166533,
                0.567374906,
                0.413698566,
                0.593410463,
            ],
            [
                0.639393116,
                0.536166533,
                0.567374906,
                0.440695481,
                0.593410463,
            ],
            [
                1.83927696,
                0.329056133,
                1.73843647,
                0.392220233,
                0.222283129,
            ],
        ],
    );
}

#[test]
fn growth_to_a_limit_in_a_first_in_first_out_tank_agrees() {
    let mut rig = reacting(Mixing::FirstInFirstOut, 1.0, 0.9);
    rig.spec.limit = 1.2e-3;
    let dose = source(1, SourceKind::Setpoint, 0.9e-3, None);
    rig.spec.sources.push(dose);
    compare(
        rig,
        1e-3,
        [
            [0.9, 0.641235532, 0.903412217, 0.641235532, 0.743602691],
            [0.9, 0.907747511, 0.903412217, 0.753974671, 0.907747511],
            [0.9, 0.907057734, 0.903412217, 0.843966992, 0.907057734],
            [0.9, 0.915802008, 0.903412217, 0.915802008, 0.915802008],
        ],
    );
}

#[test]
fn michaelis_menten_in_a_last_in_first_out_tank_agrees() {
    let mut rig = reacting(Mixing::LastInFirstOut, -1.0, -1.0);
    rig.spec.limit = 2e-3;
    let dose = source(2, SourceKind::FlowPaced, 0.25e-3, Some(0));
    rig.spec.sources.push(dose);
    compare(
        rig,
        1e-3,
        [
            [0.0, 0.311495723, 0.0, 0.261495723, 0.27215089],
            [0.0, 0.3, 0.0, 0.291312398, 0.0],
            [0.0, 0.3, 0.0, 0.293958767, 0.0],
            [
                0.16259194,
                0.320164753,
                0.163975175,
                0.270164753,
                0.373178377,
            ],
        ],
    );
}

#[test]
fn age_in_a_last_in_first_out_tank_agrees() {
    let mut rig = rig(Analysis::Age, Mixing::LastInFirstOut);
    rig.spec.tolerance = 36.0;
    rig.spec.initial[3] = 720.0;
    rig.spec.initial[4] = 1_800.0;
    compare(
        rig,
        3_600.0,
        [
            [2.5875135, 5.99193128, 2.53817852, 6.0, 4.63114802],
            [0.436334586, 1.14774967, 0.743132342, 1.7770784, 0.751588969],
            [0.436334586, 1.14774967, 0.743132342, 1.7770784, 0.751588969],
            [5.02872054, 24.5, 4.96402644, 24.5, 17.7555414],
        ],
    );
}

#[test]
fn the_share_of_the_tanks_water_agrees() {
    let mut rig = rig(Analysis::Trace { node: 4 }, Mixing::Complete);
    rig.spec.tolerance = 1e-4;
    compare(
        rig,
        0.01,
        [
            [0.0, 100.0, 0.0, 100.0, 64.9730164],
            [0.0, 0.0, 0.0, 100.0, 0.0],
            [0.0, 0.0, 0.0, 100.0, 0.0],
            [53.8461538, 100.0, 53.8461538, 100.0, 100.0],
        ],
    );
}
