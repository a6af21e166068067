//! What a line means, in SI.

use super::*;
use parallax::models::hydraulics::control::{
    Change, Joint, Quantity, Relation, RuleAction, Trigger,
};
use parallax::models::hydraulics::network::{LinkKind, Pipe, Status, Valve, ValveKind};
use parallax::models::hydraulics::pump::{Efficiency, HeadCurve, Pump};

/// m of head of a psi, and of a kilopascal, as EPANET has them.
const PSI: f64 = FOOT / 0.4333;
const KILOPASCAL: f64 = FOOT / (6.895 * 0.4333);

fn pump<'a>(network: &'a Network, tag: &str) -> &'a Pump {
    match &link(network, tag).kind {
        LinkKind::Pump(pump) => pump,
        other => panic!("{tag} is {other:?}"),
    }
}

fn valve<'a>(network: &'a Network, tag: &str) -> &'a Valve {
    match &link(network, tag).kind {
        LinkKind::Valve(valve) => valve,
        other => panic!("{tag} is {other:?}"),
    }
}

#[test]
fn a_town_in_gallons_becomes_metres_and_seconds() {
    let network = read(TOWN).network;
    assert_near(network.junctions[3].elevation, 650.5 * FOOT, "elevation");
    assert_near(network.junctions[1].demands[0].base, 150.0 * GPM, "demand");
    assert_eq!(network.junctions[1].demands[0].pattern, Some(0));
    assert_eq!(network.junctions[2].demands[0].pattern, None);
    let lake = &network.reservoirs[0];
    assert_near(lake.bottom + lake.level, 800.0 * FOOT, "head");
    assert_eq!(lake.pattern, Some(1));
    let tower = &network.tanks[0];
    for (found, feet) in [
        (tower.bottom, 840.0),
        (tower.level, 15.0),
        (tower.min, 5.0),
        (tower.max, 30.0),
    ] {
        assert_near(found, feet * FOOT, "level");
    }
    let area = 625.0 * std::f64::consts::PI;
    assert_near(tower.area, area * FOOT * FOOT, "area");
    assert_near(tower.min_volume, 5.0 * area * CUBIC_FOOT, "volume");
    assert_near(network.flow_scale.0, 1.000_000_376_157_548_9, "scale");
}

#[test]
fn pipes_take_their_last_words_as_epanet_does() {
    let network = network_with(
        "[PIPES]
        q1 A B 100 12 110 Closed
        q2 A B 100 12 110 cv
        q3 A B 100 12 110 0.7
        q4 A B 100 12 110 0.7 Open
        q5 A B 100 12 110 0.7 Closed more
        q6 A B 100 12 110 OPENED",
    );
    for (tag, minor, one_way, status) in [
        ("p2", 0.5, false, Status::Open),
        ("p3", 0.0, true, Status::Open),
        ("p4", 0.0, false, Status::Closed),
        ("q1", 0.0, false, Status::Closed),
        ("q2", 0.0, true, Status::Open),
        ("q3", 0.7, false, Status::Open),
        ("q4", 0.7, false, Status::Open),
        ("q5", 0.0, false, Status::Open),
        ("q6", 0.0, false, Status::Open),
    ] {
        let link = link(&network, tag);
        assert_eq!((link.status, link.setting), (status, None), "{tag}");
        let LinkKind::Pipe(pipe) = &link.kind else {
            panic!("{tag} is no pipe")
        };
        assert_eq!((pipe.minor, pipe.one_way), (minor, one_way), "{tag}");
    }
}

#[test]
fn roughness_is_in_the_units_of_its_law() {
    let roughness = |options: &str| {
        let network = network_with(&format!("[OPTIONS]\n{options}"));
        match &link(&network, "p1").kind {
            LinkKind::Pipe(Pipe { roughness, .. }) => *roughness,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(roughness("HEADLOSS H-W"), 110.0);
    assert_eq!(roughness("HEADLOSS C-M"), 110.0);
    assert_near(
        roughness("HEADLOSS D-W"),
        0.11 * FOOT,
        "thousandths of feet",
    );
    assert_near(roughness("HEADLOSS D-W\nUNITS LPS"), 0.11, "millimetres");
}

#[test]
fn head_curves_meet_their_points() {
    let network = network_with(
        "[CURVES]
        Three 0 200\nThree 500 150\nThree 900 80
        Many 100 200\nMany 300 180\nMany 600 140
        [PUMPS]
        three Lake B HEAD Three
        many Lake B HEAD Many
        old1 Lake B 150 500
        old3 Lake B 200 150 500 80 900",
    );
    let head = |tag: &str, flow: f64| match pump(&network, tag).head {
        HeadCurve::Power {
            shutoff,
            slope,
            exponent,
        } => (shutoff - slope * (flow * GPM).powf(exponent)) / FOOT,
        other => panic!("{tag} is {other:?}"),
    };
    for (tag, flow, expected) in [
        ("Lift", 0.0, 1.33334 * 230.0),
        ("Lift", 900.0, 230.0),
        ("three", 0.0, 200.0),
        ("three", 500.0, 150.0),
        ("three", 900.0, 80.0),
        ("old1", 500.0, 150.0),
        ("old3", 900.0, 80.0),
    ] {
        assert_near(head(tag, flow), expected, tag);
    }
    // The head of the pump with one point is gone at twice its flow.
    assert!(head("Lift", 1_800.0).abs() < 1e-9);
    let lift = pump(&network, "Lift");
    assert_near(lift.design_flow, 900.0 * GPM, "design flow");
    assert_near(lift.max_flow, 1_800.0 * GPM, "highest flow");
    assert_near(lift.max_head, 1.33334 * 230.0 * FOOT, "highest head");
    let many = pump(&network, "many");
    assert_near(many.design_flow, 350.0 * GPM, "design flow");
    assert_near(many.max_flow, 600.0 * GPM, "highest flow");
    assert_near(many.max_head, 200.0 * FOOT, "highest head");
    let HeadCurve::Table(table) = many.head else {
        panic!("{many:?}")
    };
    assert_near(network.curves[table].points[1].1, 180.0 * FOOT, "head");
}

#[test]
fn pumps_take_keywords_in_any_order() {
    let network = network_with(
        "[PUMPS]
        strong Lake B HEAD Curve POWER 25 SPEED 1.2 PATTERN Day
        old Lake B 25
        [CURVES]
        Eff 0 10\nEff 500 75
        [ENERGY]
        GLOBAL PRICE 0.12\nGLOBAL PATTERN Day\nGLOBAL EFFIC 65
        PUMP Lift EFFIC Eff\nPUMP Lift PRICE 0.2\nPUMP Lift PATTERN Level
        DEMAND CHARGE 3.5",
    );
    for (tag, speed) in [("strong", 1.2), ("old", 1.0)] {
        let HeadCurve::ConstantPower { head_times_flow } = pump(&network, tag).head else {
            panic!("{tag} has a curve")
        };
        assert_near(head_times_flow, 8.814 * 25.0 * FOOT * CUBIC_FOOT, tag);
        assert_eq!(link(&network, tag).setting, Some(speed));
    }
    assert_eq!(pump(&network, "strong").speed_pattern, Some(0));
    assert_eq!(pump(&network, "old").efficiency, Efficiency::Constant(0.65));
    let lift = pump(&network, "Lift");
    assert_eq!((lift.price, lift.price_pattern), (Some(0.2), Some(1)));
    let Efficiency::Table(table) = lift.efficiency else {
        panic!("{lift:?}")
    };
    assert_near(network.curves[table].points[1].0, 500.0 * GPM, "flow");
    assert_near(network.curves[table].points[1].1, 0.75, "share");
    let energy = &network.energy;
    assert_eq!(
        (energy.price, energy.pattern, energy.demand_charge),
        (0.12, Some(0), 3.5)
    );
}

#[test]
fn settings_of_valves_are_pressures_flows_or_losses() {
    const VALVES: &str = "[VALVES]
        w1 A B 8 PSV 35
        w2 B C 8 PBV 12 0
        w3 C D 8 FCV 100
        w4 A D 8 TCV 12 0.25
        w5 A C 8 GPV Loss
        [CURVES]
        Loss 0 0\nLoss 100 2\nLoss 500 30\n";
    for (options, flow, length, pressure) in [
        ("", GPM, FOOT, PSI),
        ("[OPTIONS]\nSPECIFIC GRAVITY 0.5", GPM, FOOT, 2.0 * PSI),
        ("[OPTIONS]\nUNITS LPS", LPS, 1.0, 1.0),
        ("[OPTIONS]\nUNITS SI\nPRESSURE KPA", LPS, 1.0, KILOPASCAL),
    ] {
        let network = network_with(&format!("{VALVES}{options}"));
        let setting = |tag: &str| link(&network, tag).setting.expect("a setting");
        assert_near(setting("v1"), 40.0 * pressure, options);
        assert_near(setting("w1"), 35.0 * pressure, options);
        assert_near(setting("w2"), 12.0 * pressure, options);
        assert_near(setting("w3"), 100.0 * flow, options);
        assert_near(setting("w4"), 12.0, options);
        assert_eq!(link(&network, "w1").status, Status::Active);
        let general = link(&network, "w5");
        assert_eq!((general.status, general.setting), (Status::Open, None));
        let ValveKind::General(curve) = valve(&network, "w5").kind else {
            panic!("{general:?}")
        };
        let (x, y) = network.curves[curve].points[2];
        assert_near(x, 500.0 * flow, options);
        assert_near(y, 30.0 * length, options);
    }
}

#[test]
fn demands_replace_what_junctions_say() {
    let network = network_with(
        "[DEMANDS]
        C 60 Day ; Homes
        C 40 Level ;Works
        Tower 10
        MULTIPLY 1.2",
    );
    let demands = &network.junctions[2].demands;
    let found: Vec<_> = demands
        .iter()
        .map(|demand| (demand.pattern, demand.category.as_str()))
        .collect();
    assert_eq!(found, [(Some(0), "Homes"), (Some(1), "Works")]);
    assert_near(demands[0].base, 60.0 * GPM, "first demand");
    assert_eq!(network.options.demand_multiplier, 1.2);
}

#[test]
fn demands_without_a_pattern_have_the_default_one() {
    let default = |lines: &str| network_with(lines).junctions[2].demands[0].pattern;
    assert_eq!(default(""), None);
    assert_eq!(default("[PATTERNS]\n1 2 3"), Some(2));
    assert_eq!(default("[OPTIONS]\nPATTERN Day"), Some(0));
    assert_eq!(default("[OPTIONS]\nPATTERN Nothing"), None);
}

#[test]
fn an_emitter_is_known_by_its_flow_at_a_metre() {
    let emitter = |lines: &str| network_with(lines).junctions[3].emitter;
    // 12 gpm at a psi; a metre is 1 / PSI psi.
    assert_near(
        emitter("[EMITTERS]\nD 12"),
        12.0 * GPM * (1.0 / PSI).sqrt(),
        "an orifice",
    );
    assert_near(
        emitter("[EMITTERS]\nD 12\n[OPTIONS]\nEMITTER EXPONENT 0.8"),
        12.0 * GPM * (1.0 / PSI).powf(0.8),
        "a leak",
    );
    assert_near(
        emitter("[EMITTERS]\nD 12\n[OPTIONS]\nUNITS LPS"),
        12.0 * LPS,
        "in metres",
    );
}

#[test]
fn tanks_have_curves_and_may_spill() {
    let network = network_with(
        "[TANKS]
        Bowl 830 10 2 20 99 0 Volume YES
        Old 835 10 0 20 40 5000 * NO
        Flat 900 0 0 0 0
        [CURVES]
        Volume 0 0\nVolume 10 5000\nVolume 20 20000
        [PIPES]
        t1 Bowl B 10 12 100\nt2 Old B 10 12 100\nt3 Flat B 10 12 100",
    );
    assert_eq!(network.reservoirs[1].tag, "Flat");
    let [_, bowl, old] = &network.tanks[..] else {
        panic!("{:?}", network.tanks)
    };
    assert_eq!((bowl.overflow, old.overflow), (true, false));
    assert_near(bowl.min_volume, 1_000.0 * CUBIC_FOOT, "volume at 2 ft");
    assert_near(bowl.area, 1_000.0 * FOOT * FOOT, "nominal area");
    let volume = bowl.volume(bowl.max, &network.curves);
    assert_near(volume, 20_000.0 * CUBIC_FOOT, "volume when full");
    assert_near(old.min_volume, 5_000.0 * CUBIC_FOOT, "given volume");
}

#[test]
fn statuses_and_speeds_at_the_start_are_set() {
    let network = network_with(
        "[VALVES]
        11 A B 8 FCV 100\n12 B C 8 TCV 5\n13 A C 8 GPV Loss
        [CURVES]
        Loss 0 0\nLoss 100 2
        [PUMPS]
        r1 Lake B POWER 5\nr2 Lake B POWER 5 SPEED 0.7\nr3 Lake B POWER 5 SPEED 0.7
        [STATUS]
        p1 Closed\np2 0.5
        Lift 0\nr1 0.9\nr2 OPEN\nr3 CLOSED
        v1 open
        11 80\n12 13 CLOSED\n13 OPEN",
    );
    for (tag, status, setting) in [
        ("p1", Status::Closed, None),
        ("p2", Status::Open, None),
        ("Lift", Status::Closed, Some(0.0)),
        ("r1", Status::Open, Some(0.9)),
        ("r2", Status::Open, Some(1.0)),
        ("r3", Status::Closed, Some(0.7)),
        ("v1", Status::Open, None),
        ("11", Status::Active, Some(80.0 * GPM)),
        ("12", Status::Closed, None),
        ("13", Status::Open, None),
    ] {
        let link = link(&network, tag);
        assert_eq!((link.status, link.setting), (status, setting), "{tag}");
    }
}

#[test]
fn controls_act_on_heads_and_times() {
    let network = network_with(
        "[CONTROLS]
        LINK p1 CLOSED IF NODE Tower ABOVE 28 ; full
        PUMP Lift 0.8 IF NODE D BELOW 30
        LINK v1 25 AT TIME 5:30
        LINK v1 OPEN AT TIME 90 MIN
        LINK Lift CLOSED AT CLOCKTIME 6:15 PM
        LINK Lift OPEN AT CLOCKTIME 25",
    );
    let tower = network.tank_node(0);
    let heads = |head: f64| head * FOOT;
    let expected = [
        (Status::Closed, None),
        (Status::Open, Some(0.8)),
        (Status::Active, Some(25.0 * PSI)),
        (Status::Open, None),
        (Status::Closed, Some(0.0)),
        (Status::Open, Some(1.0)),
    ];
    for (control, (status, setting)) in network.controls.iter().zip(expected) {
        assert_eq!(control.status, status, "{}", control.text);
        match (control.setting, setting) {
            (Some(found), Some(setting)) if setting != 0.0 => {
                assert_near(found, setting, &control.text);
            }
            (found, setting) => assert_eq!(found, setting, "{}", control.text),
        }
    }
    let triggers: Vec<_> = network.controls.iter().map(|one| one.trigger).collect();
    assert!(
        matches!(triggers[0], Trigger::Above { node, head } if node == tower && head == heads(840.0) + heads(28.0))
    );
    let Trigger::Below { node: 3, head } = triggers[1] else {
        panic!("{:?}", triggers[1])
    };
    assert_near(head, heads(650.5) + 30.0 * PSI, "pressure");
    let times = [
        Trigger::Time(19_800),
        Trigger::Time(5_400),
        Trigger::Clock(65_700),
        Trigger::Clock(3_600),
    ];
    assert_eq!(triggers[2..], times);
    assert_eq!(
        network.controls[0].text,
        "LINK p1 CLOSED IF NODE Tower ABOVE 28"
    );
}

#[test]
fn rules_compare_in_si_with_a_thousandth_of_the_files_unit() {
    let network = network_with(
        "[RULES]
        RULE one
        IF TANK Tower LEVEL ABOVE 20
        AND SYSTEM CLOCKTIME >= 8 AM
        OR NODE D PRESSURE < 30
        AND PIPE p1 FLOW <= 100
        AND TANK Tower FILLTIME < 2
        AND VALVE v1 STATUS IS ACTIVE
        AND RESERVOIR Lake LEVEL <> 3
        THEN PUMP Lift STATUS IS CLOSED
        AND VALVE v1 SETTING IS 25
        ELSE PIPE p1 SETTING IS 0
        PRIORITY 3.5",
    );
    let rule = &network.rules[0];
    let lake = network.reservoir_node(0);
    let tower = network.tank_node(0);
    let expected = [
        (
            Joint::And,
            Quantity::Level(tower),
            Relation::Greater,
            20.0,
            FOOT,
        ),
        (
            Joint::And,
            Quantity::Clock,
            Relation::GreaterOrEqual,
            28_800.0,
            1.0,
        ),
        (Joint::Or, Quantity::Level(3), Relation::Less, 30.0, PSI),
        (
            Joint::And,
            Quantity::Flow(0),
            Relation::LessOrEqual,
            100.0,
            GPM,
        ),
        (
            Joint::And,
            Quantity::FillTime(tower),
            Relation::Less,
            7_200.0,
            1.0,
        ),
        (
            Joint::And,
            Quantity::Status(5, Status::Active),
            Relation::Equal,
            0.0,
            0.0,
        ),
        // The level of a reservoir is above its elevation, 800 ft.
        (
            Joint::And,
            Quantity::Head(lake),
            Relation::NotEqual,
            803.0,
            FOOT,
        ),
    ];
    assert_eq!(rule.premises.len(), expected.len());
    for (premise, (joint, quantity, relation, value, unit)) in rule.premises.iter().zip(expected) {
        assert_eq!(
            (premise.joint, premise.quantity, premise.relation),
            (joint, quantity, relation)
        );
        assert_near(premise.value, value * unit, "value");
        if !matches!(quantity, Quantity::Clock | Quantity::Status(..)) {
            assert_near(premise.tolerance, 1e-3 * unit, "tolerance");
        }
    }
    assert_eq!((rule.name.as_str(), rule.priority), ("one", 3.5));
    assert_eq!(
        rule.then[0],
        RuleAction {
            link: 4,
            change: Change::Close
        }
    );
    assert_eq!(rule.then[1].change, Change::Set(25.0 * PSI));
    assert_eq!(
        rule.otherwise,
        [RuleAction {
            link: 0,
            change: Change::Close
        }]
    );
}
