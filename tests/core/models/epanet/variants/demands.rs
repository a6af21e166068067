//! What consumers ask for and get: categories, patterns, leaks, pressure-driven demand.

use super::Edit::{Add, Empty, Line};
use super::{Units, Variant, check};

/// Too little pressure in places.
const DRY: &[super::Edit] = &[
    Line("p9", " p9 Hill F l(60000) d(4) 90 0 CV"),
    Line("Tower", " Tower l(760) l(4) l(0) l(30) l(20) 0"),
    Empty("[CONTROLS]"),
    Add("[STATUS]", " Lift 0.7"),
    Add(
        "[OPTIONS]",
        " Demand Model PDA\n Minimum Pressure p(5)\n Required Pressure p(45)\n Pressure Exponent 0.5",
    ),
];

const DEMANDS: &[Variant] = &[
    (
        "in categories",
        &[Add(
            "[DEMANDS]",
            " C q(80) Day ;homes\n C q(40) Night ;works\n C q(25) ;leaks\n F q(10) Day\n A q(15) Night",
        )],
    ),
    (
        "multiplied in their own section",
        &[Add("[DEMANDS]", " MULTIPLY 1.3\n B q(140)")],
    ),
    ("multiplied", &[Add("[OPTIONS]", " Demand Multiplier 1.45")]),
    ("of nobody", &[Add("[OPTIONS]", " Demand Multiplier 0")]),
    (
        "with a default pattern",
        &[Add("[OPTIONS]", " Pattern Day")],
    ),
    (
        "with a default pattern that is missing",
        &[Add("[OPTIONS]", " Pattern 99")],
    ),
    (
        "with a pattern called 1",
        &[Add("[PATTERNS]", " 1 0.3 1.9 0.8")],
    ),
    (
        "that flow in",
        &[
            Line("B", " B l(710) q(-150) Day"),
            Line("H", " H l(640) q(-20)"),
        ],
    ),
    (
        "with a pattern below zero",
        &[
            Add("[PATTERNS]", " Odd 1 -0.5 0 2"),
            Line("B", " B l(710) q(120) Odd"),
        ],
    ),
    (
        "with leaks",
        &[Add("[EMITTERS]", " B e(3)\n H e(5)\n K e(1)")],
    ),
    (
        "with leaks of another exponent",
        &[
            Add("[EMITTERS]", " B e(3)\n H e(1)"),
            Add("[OPTIONS]", " Emitter Exponent 0.9"),
        ],
    ),
    (
        "with leaks of exponent one",
        &[
            Add("[EMITTERS]", " B e(1)\n H e(1)"),
            Add("[OPTIONS]", " Emitter Exponent 1.0"),
        ],
    ),
    (
        "with a leak above the pressure",
        &[
            Add("[JUNCTIONS]", " Peak l(960) q(0)"),
            Add("[PIPES]", " pp E Peak l(300) d(4) 100 0 Open"),
            Add("[EMITTERS]", " Peak e(3)"),
        ],
    ),
    ("with hydrants", &[Add("[EMITTERS]", " H e(150)\n M e(60)")]),
    (
        "driven by pressure, and enough of it",
        &[Add(
            "[OPTIONS]",
            " Demand Model PDA\n Required Pressure p(10)",
        )],
    ),
    ("driven by pressure, too little of it", DRY),
    (
        "driven by pressure with another exponent",
        &[
            Line("Tower", " Tower l(760) l(4) l(0) l(30) l(20) 0"),
            Add("[STATUS]", " Lift 0.75"),
            Empty("[CONTROLS]"),
            Add(
                "[OPTIONS]",
                " Demand Model PDA\n Minimum Pressure p(2)\n Required Pressure p(60)\n Pressure Exponent 0.8",
            ),
        ],
    ),
    (
        "driven by pressure, above the hydraulic grade",
        &[
            Add("[JUNCTIONS]", " Peak l(900) q(50) Day\n Rim l(845) q(50)"),
            Add(
                "[PIPES]",
                " pp E Peak l(300) d(6) 100 0 Open\n pr E Rim l(300) d(6) 100 0 Open",
            ),
            Add("[OPTIONS]", " Demand Model PDA\n Required Pressure p(30)"),
        ],
    ),
    (
        "driven by pressure beside leaks and valves",
        &[
            Line("link", ""),
            Add(
                "[VALVES]",
                " link F G d(8) PRV p(30) 0\n v2 E H d(4) FCV q(40) 0",
            ),
            Add("[EMITTERS]", " H e(4)\n I e(2)"),
            Add(
                "[OPTIONS]",
                " Demand Model PDA\n Minimum Pressure p(5)\n Required Pressure p(50)",
            ),
        ],
    ),
    (
        "driven by pressure and flowing in",
        &[
            Line("H", " H l(640) q(-30) Day"),
            Add(
                "[OPTIONS]",
                " Demand Model PDA\n Required Pressure p(60)\n Pressure Exponent 0.6",
            ),
        ],
    ),
    (
        "too much of it",
        &[Add("[OPTIONS]", " Demand Multiplier 6")],
    ),
    (
        "with sources whose head goes with time",
        &[
            Line("Hill", " Hill l(870) Wave"),
            Line("Lake", " Lake l(700) Tide"),
            Add("[PATTERNS]", " Wave 1 1.02 0.97 1.01\n Tide 1 0.99 1.005"),
        ],
    ),
];

#[test]
fn demands_are_met_alike() {
    check("demands", DEMANDS, &[Units::Gpm, Units::Lps]);
}
