//! Steps, starts and ends.

use super::Edit::{Add, Empty, Line};
use super::{Units, Variant, check};

const TIMES: &[Variant] = &[
    ("a single instant", &[Line("Duration", " Duration 0")]),
    ("no section at all", &[Empty("[TIMES]")]),
    (
        "a duration that no step divides",
        &[Line("Duration", " Duration 17:43")],
    ),
    (
        "a duration in hours with decimals",
        &[Line("Duration", " Duration 12.35")],
    ),
    (
        "words for units",
        &[
            Empty("[TIMES]"),
            Add(
                "[TIMES]",
                " Duration 1.5 DAYS\n Hydraulic Timestep 20 MIN\n Pattern Timestep 5400 SEC\n Report Timestep 1 HOURS",
            ),
        ],
    ),
    (
        "a hydraulic step of 7 minutes",
        &[Line("Hydraulic", " Hydraulic Timestep 0:07")],
    ),
    (
        "a hydraulic step longer than the others",
        &[Line("Hydraulic", " Hydraulic Timestep 6:00")],
    ),
    (
        "a pattern step that divides nothing",
        &[Line("Pattern", " Pattern Timestep 1:37")],
    ),
    (
        "a pattern that starts later",
        &[Add("[TIMES]", " Pattern Start 3:20")],
    ),
    (
        "reports more often than steps",
        &[Line("Report", " Report Timestep 0:10")],
    ),
    (
        "reports seldom and late",
        &[Line("Report", " Report Timestep 5:00\n Report Start 3:30")],
    ),
    (
        "a start in the evening",
        &[
            Add("[TIMES]", " Start ClockTime 8:30 PM"),
            Add(
                "[CONTROLS]",
                " LINK p3 CLOSED AT CLOCKTIME 11 PM\n LINK p3 OPEN AT CLOCKTIME 1 AM",
            ),
        ],
    ),
    ("a statistic", &[Add("[TIMES]", " Statistic AVERAGE")]),
    (
        "quality steps too",
        &[
            Add("[TIMES]", " Quality Timestep 0:03"),
            Add("[OPTIONS]", " Quality Age"),
        ],
    ),
    (
        "a second at a time for a while",
        &[
            Line("Duration", " Duration 0:02"),
            Line("Hydraulic", " Hydraulic Timestep 0:00:01"),
        ],
    ),
];

#[test]
fn time_goes_alike() {
    check("times", TIMES, &[Units::Gpm, Units::Lps]);
}
