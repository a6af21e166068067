//! Tanks: shapes, limits, running full and empty.

use super::Edit::{Add, Empty, Line};
use super::{Units, Variant, check};

const BOWL: super::Edit = Add(
    "[CURVES]",
    " Bowl l(0) v(0)\n Bowl l(10) v(9000)\n Bowl l(20) v(30000)\n Bowl l(32) v(70000)",
);

const TANKS: &[Variant] = &[
    (
        "with a volume curve",
        &[
            Line("Tower", " Tower l(840) l(15) l(1) l(30) l(50) 0 Bowl"),
            BOWL,
        ],
    ),
    (
        "with a volume curve that overflows",
        &[
            Line("Tower", " Tower l(840) l(15) l(1) l(20) l(50) 0 Bowl YES"),
            BOWL,
            Empty("[CONTROLS]"),
        ],
    ),
    (
        "that overflows",
        &[
            Line("Tower", " Tower l(840) l(15) l(0) l(20) l(30) 0 * YES"),
            Empty("[CONTROLS]"),
        ],
    ),
    (
        "that runs full",
        &[
            Line("Tower", " Tower l(840) l(15) l(0) l(18) l(30) 0"),
            Empty("[CONTROLS]"),
        ],
    ),
    (
        "that runs empty",
        &[
            Line("Tower", " Tower l(840) l(9) l(4) l(30) l(30) 0"),
            Empty("[CONTROLS]"),
            Add("[STATUS]", " Lift Closed"),
        ],
    ),
    (
        "that both run empty",
        &[
            Line("Tower", " Tower l(840) l(9) l(4) l(30) l(25) 0"),
            Line("Crown", " Crown l(900) l(5) l(2) l(18) l(12) 0"),
            Empty("[CONTROLS]"),
            Add("[STATUS]", " Lift Closed\n Boost Closed"),
        ],
    ),
    (
        "with a minimum volume",
        &[Line(
            "Tower",
            " Tower l(840) l(15) l(5) l(30) l(50) v(20000)",
        )],
    ),
    (
        "with a minimum volume for its least level",
        &[Line(
            "Tower",
            " Tower l(840) l(15) l(5) l(30) l(50) v(9817.477)",
        )],
    ),
    (
        "full at the start",
        &[Line("Tower", " Tower l(840) l(30) l(0) l(30) l(50) 0")],
    ),
    (
        "empty at the start",
        &[
            Line("Tower", " Tower l(840) l(0) l(0) l(30) l(50) 0"),
            Add("[STATUS]", " Lift Closed"),
        ],
    ),
    (
        "very small",
        &[Line("Tower", " Tower l(840) l(15) l(0) l(30) l(8) 0")],
    ),
    (
        "very small and without controls",
        &[
            Line("Tower", " Tower l(840) l(15) l(0) l(30) l(6) 0"),
            Empty("[CONTROLS]"),
        ],
    ),
    (
        "two, each side of a loop",
        &[
            Add("[TANKS]", " Twin l(842) l(12) l(0) l(28) l(40) 0"),
            Add("[PIPES]", " pt D Twin l(900) d(10) 110 0 Open"),
        ],
    ),
    (
        "joined by a pipe",
        &[
            Add("[TANKS]", " Twin l(842) l(2) l(0) l(28) l(40) 0"),
            Add("[PIPES]", " pt Tower Twin l(900) d(10) 110 0 Open"),
        ],
    ),
    (
        "behind a check valve",
        &[
            Line("p8", " p8 Tower E l(800) d(12) 120 0 CV"),
            Add("[PIPES]", " fill E Tower l(800) d(4) 120 0 CV"),
        ],
    ),
    (
        "behind a valve",
        &[
            Line("p8", ""),
            Add("[VALVES]", " p8 E X d(12) TCV 30 0"),
            Add("[JUNCTIONS]", " X l(700) q(0)"),
            Add("[PIPES]", " px Tower X l(500) d(12) 120 0 Open"),
        ],
    ),
    (
        "with no minimum and no diameter to speak of",
        &[
            Line("Crown", " Crown l(900) l(10) l(0) l(18) l(3) 0"),
            Empty("[CONTROLS]"),
        ],
    ),
    (
        "in the section of reservoirs",
        &[
            Add("[RESERVOIRS]", " Pond l(845)"),
            Add("[PIPES]", " pp Pond E l(2000) d(6) 100 0 Open"),
        ],
    ),
    (
        "as a reservoir in the section of tanks",
        &[
            Add("[TANKS]", " Pond l(845)"),
            Add("[PIPES]", " pp Pond E l(2000) d(6) 100 0 Open"),
        ],
    ),
];

#[test]
fn tanks_fill_and_empty_alike() {
    check("tanks", TANKS, &[Units::Gpm, Units::Lps]);
}
