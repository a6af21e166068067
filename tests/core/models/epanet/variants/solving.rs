//! Options of the solution: accuracy, trials, damping, and what to do without balance.

use super::Edit::{self, Add, Line};
use super::{Units, Variant, check};

/// A network whose valves take some trials.
const VALVES: Edit = Add(
    "[VALVES]",
    " v1 E H d(6) PRV p(70) 0\n v2 F I d(6) FCV q(60) 0\n v3 B D d(6) PSV p(60) 0",
);

const SOLVING: &[Variant] = &[
    (
        "accurately",
        &[VALVES, Line("Accuracy", " Accuracy 0.00001")],
    ),
    ("roughly", &[VALVES, Line("Accuracy", " Accuracy 0.1")]),
    (
        "with a limit on head errors",
        &[
            VALVES,
            Line("Accuracy", " Accuracy 0.1\n HeadError l(0.001)"),
        ],
    ),
    (
        "with a limit on flow changes",
        &[
            VALVES,
            Line("Accuracy", " Accuracy 0.1\n FlowChange q(0.01)"),
        ],
    ),
    ("damped", &[VALVES, Add("[OPTIONS]", " DampLimit 0.01")]),
    ("damped early", &[VALVES, Add("[OPTIONS]", " DampLimit 10")]),
    (
        "checked seldom",
        &[VALVES, Add("[OPTIONS]", " CheckFreq 7\n MaxCheck 30")],
    ),
    (
        "checked at every trial",
        &[VALVES, Add("[OPTIONS]", " CheckFreq 1\n MaxCheck 100")],
    ),
    (
        "never checked on the way",
        &[VALVES, Add("[OPTIONS]", " MaxCheck 0")],
    ),
    (
        "with too few trials, going on",
        &[
            VALVES,
            Line("Trials", " Trials 3"),
            Line("Unbalanced", " Unbalanced Continue 2"),
        ],
    ),
    (
        "with too few trials, going on at once",
        &[
            VALVES,
            Line("Trials", " Trials 3"),
            Line("Unbalanced", " Unbalanced Continue"),
        ],
    ),
    (
        "with too few trials, stopping",
        &[
            VALVES,
            Line("Trials", " Trials 3"),
            Line("Unbalanced", " Unbalanced Stop"),
        ],
    ),
    (
        "with tolerances of its own",
        &[
            VALVES,
            Add(
                "[OPTIONS]",
                " HTol l(0.005)\n QTol q(0.05)\n RQTol 0.000001",
            ),
        ],
    ),
    (
        "with pressure in kPa",
        &[
            Add("[OPTIONS]", " Pressure KPA"),
            Line("link", ""),
            Add("[VALVES]", " link F G d(8) PRV 300 0"),
        ],
    ),
    (
        "with the old word for segments",
        &[
            Add("[OPTIONS]", " Segments 40"),
            Add("[OPTIONS]", " Map town.map\n Quality None mg/L"),
        ],
    ),
];

#[test]
fn solutions_are_found_alike() {
    check("solving", SOLVING, &[Units::Gpm, Units::Lps]);
}
