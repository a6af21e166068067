//! Simple controls: by level, pressure, time and time of day.

use super::Edit::{Add, Empty, Line};
use super::{Units, Variant, check};

const CONTROLS: &[Variant] = &[
    ("none", &[Empty("[CONTROLS]")]),
    (
        "by elapsed time",
        &[Add(
            "[CONTROLS]",
            " LINK p3 CLOSED AT TIME 4\n LINK p3 OPEN AT TIME 9:20\n LINK bypass OPEN AT TIME 11.25",
        )],
    ),
    (
        "by time in other words",
        &[Add(
            "[CONTROLS]",
            " LINK p3 CLOSED AT TIME 400 MIN\n LINK p3 OPEN AT TIME 9:20:37\n LINK p5 CLOSED AT TIME 0.5 DAYS\n LINK p5 OPEN AT TIME 50000 SEC",
        )],
    ),
    (
        "by time of day",
        &[
            Add(
                "[CONTROLS]",
                " LINK p3 CLOSED AT CLOCKTIME 6 AM\n LINK p3 OPEN AT CLOCKTIME 7:30 PM\n LINK p7 CLOSED AT CLOCKTIME 12 AM\n LINK p7 OPEN AT CLOCKTIME 12 PM",
            ),
            Add("[TIMES]", " Start ClockTime 5 AM"),
        ],
    ),
    (
        "by time of day of 24 hours",
        &[Add(
            "[CONTROLS]",
            " LINK p3 CLOSED AT CLOCKTIME 18:00\n LINK p3 OPEN AT CLOCKTIME 3:15",
        )],
    ),
    (
        "by a junction's pressure",
        &[Add(
            "[CONTROLS]",
            " LINK p3 CLOSED IF NODE H BELOW p(95)\n LINK p3 OPEN IF NODE H ABOVE p(101)",
        )],
    ),
    (
        "by a junction's pressure, on a pump",
        &[
            Empty("[CONTROLS]"),
            Add(
                "[CONTROLS]",
                " LINK Lift CLOSED IF NODE B ABOVE p(70)\n LINK Lift OPEN IF NODE B BELOW p(60)",
            ),
        ],
    ),
    (
        "of a valve's setting",
        &[
            Line("link", ""),
            Add("[VALVES]", " link F G d(8) PRV p(40) 0"),
            Add(
                "[CONTROLS]",
                " LINK link p(55) AT TIME 3\n LINK link OPEN AT TIME 7\n LINK link p(30) AT TIME 12\n LINK link CLOSED AT TIME 20\n LINK link p(48) AT TIME 23",
            ),
        ],
    ),
    (
        "of other valves' settings",
        &[
            Add(
                "[VALVES]",
                " v1 E H d(6) FCV q(50) 0\n v2 F I d(6) TCV 90 0\n v3 B D d(6) PBV p(2) 0\n v4 D H d(6) PSV p(70) 0",
            ),
            Add(
                "[CONTROLS]",
                " LINK v1 q(90) AT TIME 3\n LINK v2 15 AT TIME 4\n LINK v3 p(5) AT TIME 5\n LINK v4 p(60) AT TIME 6\n \
              LINK v1 CLOSED AT TIME 8\n LINK v2 OPEN AT TIME 9\n LINK v3 CLOSED AT TIME 10\n LINK v4 OPEN AT TIME 11\n \
              LINK v1 q(30) AT TIME 13\n LINK v2 40 AT TIME 14\n LINK v3 p(3) AT TIME 15\n LINK v4 p(75) AT TIME 16",
            ),
        ],
    ),
    (
        "of a valve by pressure",
        &[
            Line("link", ""),
            Add("[VALVES]", " link F G d(8) PRV p(40) 0"),
            Add(
                "[CONTROLS]",
                " LINK link p(60) IF NODE I BELOW p(40)\n LINK link p(45) IF NODE I ABOVE p(61)",
            ),
        ],
    ),
    (
        "of a GPV",
        &[
            Add("[VALVES]", " second E H d(8) GPV Loss 0"),
            Add("[CURVES]", " Loss q(0) l(0)\n Loss q(100) l(5)"),
            Add(
                "[CONTROLS]",
                " LINK second CLOSED AT TIME 3\n LINK second OPEN AT TIME 6",
            ),
        ],
    ),
    (
        "of a pipe by a level",
        &[Add(
            "[CONTROLS]",
            " LINK bypass OPEN IF NODE Crown BELOW l(8)\n LINK bypass CLOSED IF NODE Crown ABOVE l(12)",
        )],
    ),
    (
        "on the level of a source",
        &[
            Line("Lake", " Lake l(700) Tide"),
            Add("[PATTERNS]", " Tide 1 0.99 1.005"),
            Add(
                "[CONTROLS]",
                " LINK p3 CLOSED IF NODE Lake BELOW l(-2)\n LINK p3 OPEN IF NODE Lake ABOVE l(2)",
            ),
        ],
    ),
    (
        "that contradict each other",
        &[Add(
            "[CONTROLS]",
            " LINK p3 CLOSED AT TIME 4\n LINK p3 OPEN AT TIME 4\n LINK Lift OPEN AT TIME 6\n LINK Lift CLOSED AT TIME 6",
        )],
    ),
    (
        "that already hold at the start",
        &[
            Line("Tower", " Tower l(840) l(28) l(0) l(30) l(50) 0"),
            Add("[CONTROLS]", " LINK p3 CLOSED AT TIME 0"),
        ],
    ),
    (
        "that chatter",
        &[
            Empty("[CONTROLS]"),
            Line("Tower", " Tower l(840) l(15) l(0) l(30) l(20) 0"),
            Add(
                "[CONTROLS]",
                " LINK Lift CLOSED IF NODE Tower ABOVE l(16)\n LINK Lift OPEN IF NODE Tower BELOW l(15)",
            ),
        ],
    ),
    (
        "of a pipe's setting",
        &[Add(
            "[CONTROLS]",
            " LINK p3 0 AT TIME 4\n LINK p3 1 AT TIME 8",
        )],
    ),
];

#[test]
fn controls_act_alike() {
    check("controls", CONTROLS, &[Units::Gpm, Units::Lps]);
}
