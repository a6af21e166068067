//! Pumps of every kind: curves, powers, speeds, and what they cannot do.

use super::Edit::{Add, Empty, Line};
use super::{Units, Variant, check};

const PUMPS: &[Variant] = &[
    (
        "of known power",
        &[Line("Lift", " Lift Lake A POWER k(45)")],
    ),
    (
        "of known power and speed",
        &[Line("Lift", " Lift Lake A POWER k(45) SPEED 0.8")],
    ),
    (
        "with a curve of many points",
        &[
            Line(
                "LiftCurve",
                " Many q(0) l(310)\n Many q(400) l(290)\n Many q(900) l(230)\n Many q(1400) l(120)\n Many q(1700) l(20)",
            ),
            Line("Lift", " Lift Lake A HEAD Many"),
        ],
    ),
    (
        "with two points",
        &[
            Line("LiftCurve", " Two q(200) l(300)\n Two q(1400) l(120)"),
            Line("Lift", " Lift Lake A HEAD Two"),
        ],
    ),
    (
        "with three points that begin above zero",
        &[
            Line(
                "LiftCurve",
                " Three q(100) l(300)\n Three q(700) l(260)\n Three q(1400) l(120)",
            ),
            Line("Lift", " Lift Lake A HEAD Three"),
        ],
    ),
    (
        "slow",
        &[Line("Lift", " Lift Lake A HEAD LiftCurve SPEED 0.9")],
    ),
    (
        "fast",
        &[Line("Lift", " Lift Lake A HEAD LiftCurve SPEED 1.15")],
    ),
    (
        "fast with many points",
        &[
            Line(
                "LiftCurve",
                " Many q(0) l(310)\n Many q(400) l(290)\n Many q(900) l(230)\n Many q(1400) l(120)",
            ),
            Line("Lift", " Lift Lake A HEAD Many SPEED 1.1"),
        ],
    ),
    (
        "with a speed that goes with time",
        &[
            Empty("[CONTROLS]"),
            Line("Lift", " Lift Lake A HEAD LiftCurve PATTERN Speed"),
            Add("[PATTERNS]", " Speed 1.0 0.95 0.9 0 0.85 1.05"),
        ],
    ),
    (
        "with a speed pattern and controls at odds",
        &[
            Line("Lift", " Lift Lake A HEAD LiftCurve PATTERN Speed"),
            Add("[PATTERNS]", " Speed 1.0 0.95 0.9 0 0.85 1.05"),
        ],
    ),
    (
        "of known power with a speed pattern",
        &[
            Empty("[CONTROLS]"),
            Line("Boost", " Boost C K POWER k(7) PATTERN Speed"),
            Add("[PATTERNS]", " Speed 1.0 0.5 0 1.2"),
        ],
    ),
    (
        "too weak for the head",
        &[
            Line("BoostCurve", " Weak q(100) l(30)"),
            Line("Boost", " Boost C K HEAD Weak"),
        ],
    ),
    (
        "asked for more than its curve has",
        &[
            Line("LiftCurve", " Small q(150) l(230)"),
            Line("Lift", " Lift Lake A HEAD Small"),
            Line("Hill", " Hill l(700)"),
        ],
    ),
    (
        "in parallel",
        &[
            Add(
                "[PUMPS]",
                " Second Lake A HEAD LiftCurve SPEED 0.97\n Third Lake A HEAD LiftCurve",
            ),
            Add(
                "[CONTROLS]",
                " LINK Third CLOSED AT TIME 5\n LINK Second 0.9 AT TIME 9",
            ),
        ],
    ),
    (
        "in series",
        &[
            Line("Lift", " Lift Lake X HEAD LiftCurve"),
            Add("[JUNCTIONS]", " X l(700) q(0)"),
            Add("[PUMPS]", " Second X A HEAD BoostCurve2"),
            Add("[CURVES]", " BoostCurve2 q(900) l(40)"),
        ],
    ),
    (
        "backwards against a source",
        &[Add("[PUMPS]", " Wrong A Lake HEAD LiftCurve")],
    ),
    (
        "with an open pipe around it",
        &[Line("bypass", " bypass C K l(100) d(4) 110 0 Open")],
    ),
    (
        "with a check valve around it",
        &[Line("bypass", " bypass C K l(100) d(4) 110 0 CV")],
    ),
    (
        "closed from the start",
        &[Add("[STATUS]", " Lift Closed"), Empty("[CONTROLS]")],
    ),
    (
        "closed at the start and opened by level",
        &[Add("[STATUS]", " Lift Closed")],
    ),
    (
        "with a speed in the status section",
        &[Add("[STATUS]", " Lift 0.93\n Boost 1.04")],
    ),
    (
        "with speeds set by controls",
        &[Add(
            "[CONTROLS]",
            " LINK Lift 0.95 AT TIME 3\n LINK Boost 0.9 AT TIME 4:30\n LINK Lift 0 AT TIME 8\n LINK Lift 1.05 AT TIME 9:15",
        )],
    ),
    (
        "of known power set by controls",
        &[
            Line("Boost", " Boost C K POWER k(7)"),
            Add(
                "[CONTROLS]",
                " LINK Boost CLOSED AT TIME 3\n LINK Boost 0.9 AT TIME 4:30",
            ),
        ],
    ),
    (
        "with an efficiency curve and prices",
        &[
            Add(
                "[CURVES]",
                " Eff q(0) 30\n Eff q(500) 65\n Eff q(900) 78\n Eff q(1400) 60",
            ),
            Add(
                "[ENERGY]",
                " Pump Lift Efficiency Eff\n Pump Lift Price 0.2\n Pump Lift Pattern Day\n Demand Charge 4",
            ),
            Line("Lift", " Lift Lake A HEAD LiftCurve SPEED 0.97"),
        ],
    ),
    (
        "into a zone without a tank",
        &[
            Line("p14", ""),
            Line("Crown", ""),
            Empty("[CONTROLS]"),
            Line("bypass", " bypass C K l(100) d(6) 110 0 CV"),
        ],
    ),
    (
        "written as in the first versions",
        &[
            Line("Lift", " Lift Lake A l(307) l(230) q(900) l(120) q(1400)"),
            Line("Boost", " Boost C K l(210) q(120)"),
        ],
    ),
    (
        "of known power, written as in the first versions",
        &[Line("Boost", " Boost C K k(7)")],
    ),
    (
        "straight into the tower",
        &[
            Add("[PUMPS]", " Direct F Tower HEAD BoostCurve2"),
            Add("[CURVES]", " BoostCurve2 q(300) l(60)"),
        ],
    ),
    (
        "straight from the tower",
        &[
            Line("Boost", " Boost Tower K HEAD Weak"),
            Add("[CURVES]", " Weak q(150) l(90)"),
            Line("Tower", " Tower l(840) l(6) l(3) l(30) l(25) 0"),
        ],
    ),
];

#[test]
fn pumps_deliver_alike() {
    check("pumps", PUMPS, &[Units::Gpm, Units::Lps]);
}
