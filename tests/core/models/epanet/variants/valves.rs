//! Valves of every kind, working, idle, overstrained and reversed.

use super::Edit::{Add, Line};
use super::{Units, Variant, check};

/// The short pipe to the low zone gives way to a valve.
const NO_LINK: super::Edit = Line("link", "");

const VALVES: &[Variant] = &[
    (
        "a PRV that works",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PRV p(40) 0")],
    ),
    (
        "a PRV that is always open",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PRV p(300) 5")],
    ),
    (
        "a PRV that is nearly shut",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PRV p(1) 0")],
    ),
    (
        "a PRV the wrong way round",
        &[NO_LINK, Add("[VALVES]", " link G F d(8) PRV p(40) 0")],
    ),
    (
        "a PRV near its upstream pressure",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PRV p(92) 2.5")],
    ),
    (
        "two PRVs into one zone",
        &[
            NO_LINK,
            Add(
                "[VALVES]",
                " link F G d(8) PRV p(60) 0\n second E H d(4) PRV p(62) 3",
            ),
        ],
    ),
    (
        "two PRVs one after the other",
        &[
            NO_LINK,
            Add("[JUNCTIONS]", " X l(670) q(10)"),
            Add("[PIPES]", " px X2 X l(300) d(8) 110 0 Open"),
            Add("[JUNCTIONS]", " X2 l(675) q(0)"),
            Add(
                "[VALVES]",
                " link F X2 d(8) PRV p(70) 0\n second X G d(8) PRV p(40) 0",
            ),
        ],
    ),
    (
        "a PRV and a pipe beside it",
        &[Add("[VALVES]", " second F H d(8) PRV p(60) 0")],
    ),
    (
        "a PSV that works",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PSV p(80) 0")],
    ),
    (
        "a PSV that is idle",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PSV p(20) 10")],
    ),
    (
        "a PSV that closes",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PSV p(200) 0")],
    ),
    (
        "a PSV the wrong way round",
        &[NO_LINK, Add("[VALVES]", " link G F d(8) PSV p(60) 0")],
    ),
    (
        "a PSV before the tower",
        &[
            Line("p8", " p8 X Tower l(800) d(12) 120 0 Open"),
            Add("[JUNCTIONS]", " X l(700) q(0)"),
            Add("[VALVES]", " link2 E X d(12) PSV p(66) 0"),
        ],
    ),
    (
        "a PBV",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PBV p(15) 0")],
    ),
    (
        "a PBV with more loss of its own",
        &[NO_LINK, Add("[VALVES]", " link F G d(2) PBV p(5) 30")],
    ),
    (
        "a PBV of nothing",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) PBV 0 0")],
    ),
    (
        "a PBV the wrong way round",
        &[NO_LINK, Add("[VALVES]", " link G F d(8) PBV p(15) 0")],
    ),
    (
        "an FCV that works",
        &[Add("[VALVES]", " second F H d(8) FCV q(50) 0")],
    ),
    (
        "an FCV that cannot have its flow",
        &[NO_LINK, Add("[VALVES]", " link F G d(4) FCV q(2500) 4")],
    ),
    (
        "an FCV that starves a zone",
        &[NO_LINK, Add("[VALVES]", " link F G d(8) FCV q(100) 0")],
    ),
    (
        "an FCV the wrong way round",
        &[Add("[VALVES]", " second H F d(8) FCV q(50) 0")],
    ),
    (
        "an FCV between loops",
        &[Line("p3", ""), Add("[VALVES]", " p3 C D d(8) FCV q(120) 0")],
    ),
    (
        "an FCV to the tower",
        &[
            Line("p8", ""),
            Add("[VALVES]", " p8 E X d(12) FCV q(300) 0"),
            Add("[JUNCTIONS]", " X l(700) q(0)"),
            Add("[PIPES]", " px X Tower l(500) d(12) 120 0 Open"),
        ],
    ),
    (
        "a TCV",
        &[NO_LINK, Add("[VALVES]", " link F G d(6) TCV 40 0")],
    ),
    (
        "a TCV less than its minor loss",
        &[NO_LINK, Add("[VALVES]", " link F G d(6) TCV 2 25")],
    ),
    (
        "a TCV of nothing",
        &[NO_LINK, Add("[VALVES]", " link F G d(6) TCV 0 0")],
    ),
    (
        "a GPV",
        &[
            NO_LINK,
            Add("[VALVES]", " link F G d(8) GPV Loss 0"),
            Add(
                "[CURVES]",
                " Loss q(0) l(0)\n Loss q(100) l(5)\n Loss q(250) l(22)\n Loss q(500) l(60)",
            ),
        ],
    ),
    (
        "a GPV beyond the end of its curve",
        &[
            NO_LINK,
            Add("[VALVES]", " link F G d(8) GPV Loss 0"),
            Add(
                "[CURVES]",
                " Loss q(0) l(0)\n Loss q(60) l(3)\n Loss q(120) l(11)",
            ),
        ],
    ),
    (
        "a GPV with water both ways",
        &[
            Line("p3", ""),
            Add("[VALVES]", " p3 D C d(8) GPV Loss 0"),
            Add(
                "[CURVES]",
                " Loss q(0) l(0)\n Loss q(100) l(5)\n Loss q(250) l(22)",
            ),
        ],
    ),
    (
        "a closed GPV",
        &[
            Add("[VALVES]", " second E H d(8) GPV Loss 0"),
            Add("[CURVES]", " Loss q(0) l(0)\n Loss q(100) l(5)"),
            Add("[STATUS]", " second Closed"),
        ],
    ),
    (
        "a PRV fixed open",
        &[
            NO_LINK,
            Add("[VALVES]", " link F G d(8) PRV p(40) 3"),
            Add("[STATUS]", " link Open"),
        ],
    ),
    (
        "a PRV fixed closed beside another",
        &[
            NO_LINK,
            Add(
                "[VALVES]",
                " link F G d(8) PRV p(40) 0\n second E H d(6) PRV p(50) 0",
            ),
            Add("[STATUS]", " link Closed"),
        ],
    ),
    (
        "a PSV, an FCV, a PBV and a TCV fixed",
        &[
            Add(
                "[VALVES]",
                " v1 B D d(6) PSV p(40) 2\n v2 E H d(6) FCV q(50) 2\n v3 F I d(6) PBV p(10) 2\n v4 D H d(6) TCV 9 2",
            ),
            Add("[STATUS]", " v1 Open\n v2 Closed\n v3 Open\n v4 Closed"),
        ],
    ),
    (
        "a status that is a setting",
        &[
            NO_LINK,
            Add("[VALVES]", " link F G d(8) PRV p(90) 0"),
            Add("[STATUS]", " link p(45)\n Lift 0.95"),
        ],
    ),
    (
        "a PRV from the tower's main",
        &[
            NO_LINK,
            Add(
                "[VALVES]",
                " link E G d(8) PRV p(45) 1\n other D I d(6) PRV p(45) 1",
            ),
        ],
    ),
    (
        "a valve of each kind at once",
        &[
            NO_LINK,
            Add("[JUNCTIONS]", " X l(680) q(5)\n Y l(690) q(5)"),
            Add(
                "[PIPES]",
                " px X D l(900) d(6) 110 0 Open\n py Y B l(700) d(6) 110 0 Open",
            ),
            Add(
                "[VALVES]",
                " link F G d(8) PRV p(55) 0\n v2 E Y d(8) FCV q(90) 0\n v3 F X d(6) PBV p(3) 0\n \
                 v4 D I d(6) TCV 60 0\n v5 C Y d(4) GPV Loss 0",
            ),
            Add(
                "[CURVES]",
                " Loss q(0) l(0)\n Loss q(100) l(5)\n Loss q(250) l(22)",
            ),
        ],
    ),
];

#[test]
fn valves_regulate_alike() {
    check("valves", VALVES, &[Units::Gpm, Units::Lps]);
}
