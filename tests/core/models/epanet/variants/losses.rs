//! Laws of friction, fittings, fluids other than water.

use super::Edit::{Add, Line};
use super::{Units, Variant, check};

/// Roughness heights for all pipes of the main loops.
const ROUGH: &str = " p1 A B l(2000) d(12) r(0.85) 0 Open";

const LOSSES: &[Variant] = &[
    (
        "minor ones",
        &[
            Line("p1", " p1 A B l(2000) d(12) 110 12 Open"),
            Line("p5", " p5 C E l(1200) d(10) 110 3.5 Open"),
        ],
    ),
    ("by Darcy and Weisbach", DARCY),
    (
        "by Darcy and Weisbach in oil",
        &[
            DARCY[0],
            DARCY[1],
            DARCY[2],
            DARCY[3],
            DARCY[4],
            Add("[OPTIONS]", " Viscosity 25\n Specific Gravity 0.9"),
        ],
    ),
    (
        "by Darcy and Weisbach, hardly any flow",
        &[
            DARCY[0],
            DARCY[1],
            DARCY[2],
            DARCY[3],
            DARCY[4],
            Add("[OPTIONS]", " Demand Multiplier 0.01\n Viscosity 3"),
        ],
    ),
    (
        "by Chezy and Manning",
        &[
            Line("Headloss", " Headloss C-M"),
            Line("p1", " p1 A B l(2000) d(12) 0.012 0 Open"),
            Line("p2", " p2 B C l(1500) d(10) 0.013 1 Open"),
            Line(
                "p3",
                " p3 C D l(1800) d(8) 0.014 0 Open\n extra B D l(1800) d(8) 0.014 0 CV",
            ),
        ],
    ),
    (
        "in something heavy",
        &[
            Add("[OPTIONS]", " Specific Gravity 1.3"),
            Add("[EMITTERS]", " H e(3)"),
        ],
    ),
    (
        "in something heavy behind a PRV",
        &[
            Line("link", ""),
            Add("[VALVES]", " link F G d(8) PRV p(40) 0"),
            Add("[OPTIONS]", " Specific Gravity 1.3"),
        ],
    ),
    (
        "of very short and very long pipes",
        &[
            Line("p5", " p5 C E l(0.1) d(10) 110 0 Open"),
            Line("p11", " p11 H I l(90000) d(2) 80 0 Open"),
        ],
    ),
    (
        "of very wide and very narrow pipes",
        &[
            Line("p5", " p5 C E l(1200) d(120) 110 0 Open"),
            Line("p11", " p11 H I l(900) d(0.2) 80 0 Open"),
        ],
    ),
    (
        "of a check valve that closes",
        &[
            Line("p6", " p6 E F l(1000) d(8) 120 0 CV"),
            Line("p7", " p7 F D l(1600) d(8) 120 2 CV"),
            Line("p3", " p3 D C l(1800) d(8) 100 0 CV"),
        ],
    ),
    (
        "of pipes side by side",
        &[
            Add(
                "[PIPES]",
                " twin1 A B l(2000) d(12) 110 0 Open\n twin2 B A l(1000) d(4) 90 0 Open",
            ),
            Add("[STATUS]", " p2 Closed"),
        ],
    ),
    (
        "of a zone cut off",
        &[Line("link", " link F G l(50) d(8) 120 0 Closed")],
    ),
    (
        "of a closed ring",
        &[Add("[STATUS]", " p3 Closed\n p7 Closed\n p11 Closed")],
    ),
    (
        "of a part without water",
        &[
            Add("[JUNCTIONS]", " X l(700) q(0)\n Y l(700) q(0)"),
            Add(
                "[PIPES]",
                " px F X l(100) d(8) 100 0 Closed\n py X Y l(100) d(8) 100 0 Open",
            ),
        ],
    ),
    (
        "of dead ends",
        &[
            Add(
                "[JUNCTIONS]",
                " X l(700) q(0)\n Y l(700) q(0)\n Z l(700) q(0)",
            ),
            Add(
                "[PIPES]",
                " px F X l(100) d(8) 100 0 Open\n py X Y l(100) d(8) 100 0 CV\n pz Z X l(100) d(8) 100 0 CV",
            ),
        ],
    ),
];

const DARCY: &[super::Edit] = &[
    Line("Headloss", " Headloss D-W"),
    Line("p1", ROUGH),
    Line("p2", " p2 B C l(1500) d(10) r(0.5) 1 Open"),
    Line("p10", " p10 G H l(1100) d(8) r(2.5) 0 Open"),
    Line("p9", " p9 Hill F l(6000) d(6) r(0.01) 0 CV"),
];

#[test]
fn losses_are_alike() {
    check("losses", LOSSES, &[Units::Gpm, Units::Lps]);
}
