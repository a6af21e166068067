//! Rules: every premise, relation, AND, OR, ELSE and PRIORITY.

use super::Edit::{self, Add, Empty, Line};
use super::{Units, Variant, check};

pub(super) const BY_PRESSURE_AND_FLOW: &str = "\
RULE 1
IF NODE H PRESSURE BELOW p(95)
AND TANK Tower LEVEL < l(20)
THEN PUMP Lift STATUS IS OPEN
RULE 2
IF TANK Tower LEVEL >= l(26)
THEN PUMP Lift STATUS IS CLOSED
AND PIPE p3 STATUS IS CLOSED
ELSE PIPE p3 STATUS IS OPEN
RULE 3
IF LINK p8 FLOW ABOVE q(250)
OR JUNCTION E DEMAND ABOVE q(210)
THEN PUMP Boost SETTING IS 0.9
ELSE PUMP Boost SETTING IS 1.0";

const NO_CONTROLS: Edit = Empty("[CONTROLS]");

const LEVELS: &str = "\
RULE low
IF TANK Tower LEVEL BELOW l(10)
THEN PUMP Lift STATUS IS OPEN
RULE high
IF TANK Tower LEVEL ABOVE l(24)
THEN PUMP Lift STATUS IS CLOSED";

const RULES: &[Variant] = &[
    ("by level", &[NO_CONTROLS, Add("[RULES]", LEVELS)]),
    ("by level beside controls", &[Add("[RULES]", LEVELS)]),
    (
        "by level with a step of a minute",
        &[
            NO_CONTROLS,
            Add("[RULES]", LEVELS),
            Add("[TIMES]", " Rule Timestep 0:01"),
        ],
    ),
    (
        "by level with a step of 25 minutes",
        &[
            NO_CONTROLS,
            Add("[RULES]", LEVELS),
            Add("[TIMES]", " Rule Timestep 0:25"),
        ],
    ),
    (
        "by level with a step of 2 hours",
        &[
            NO_CONTROLS,
            Add("[RULES]", LEVELS),
            Add("[TIMES]", " Rule Timestep 2:00"),
        ],
    ),
    (
        "by pressure and flow",
        &[NO_CONTROLS, Add("[RULES]", BY_PRESSURE_AND_FLOW)],
    ),
    (
        "by time",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF SYSTEM TIME >= 4
AND SYSTEM TIME < 9:30
THEN PIPE p3 STATUS IS CLOSED
ELSE PIPE p3 STATUS IS OPEN
RULE 2
IF SYSTEM TIME = 12:10
THEN PUMP Lift STATUS IS CLOSED
RULE 3
IF SYSTEM TIME > 15
AND SYSTEM TIME <= 15:20
THEN PUMP Lift STATUS IS OPEN",
            ),
        ],
    ),
    (
        "by time of day",
        &[
            NO_CONTROLS,
            Add("[TIMES]", " Start ClockTime 9 PM"),
            Add(
                "[RULES]",
                "\
RULE night
IF SYSTEM CLOCKTIME >= 10 PM
OR SYSTEM CLOCKTIME < 6 AM
THEN PUMP Lift STATUS IS OPEN
ELSE PUMP Lift STATUS IS CLOSED
RULE midnight
IF SYSTEM CLOCKTIME = 12:00 AM
THEN PIPE p7 STATUS IS CLOSED
RULE noon
IF SYSTEM CLOCKTIME = 12 PM
THEN PIPE p7 STATUS IS OPEN",
            ),
        ],
    ),
    (
        "by time to fill and to drain",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE full
IF TANK Tower FILLTIME BELOW 2
THEN PUMP Lift STATUS IS CLOSED
RULE empty
IF TANK Tower DRAINTIME < 3
THEN PUMP Lift STATUS IS OPEN",
            ),
        ],
    ),
    (
        "by demand of all",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE peak
IF SYSTEM DEMAND > q(950)
THEN PUMP Boost STATUS IS CLOSED
ELSE PUMP Boost STATUS IS OPEN",
            ),
        ],
    ),
    (
        "by head and grade",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE head
IF NODE Tower HEAD ABOVE l(862)
THEN PUMP Lift STATUS IS CLOSED
RULE grade
IF NODE Tower GRADE <= l(850)
THEN PUMP Lift STATUS IS OPEN",
            ),
        ],
    ),
    (
        "by status and setting",
        &[
            NO_CONTROLS,
            Line("link", ""),
            Add("[VALVES]", " link F G d(8) PRV p(40) 0"),
            Add(
                "[RULES]",
                "\
RULE 1
IF PUMP Lift STATUS IS OPEN
AND TANK Tower LEVEL ABOVE l(20)
THEN VALVE link SETTING IS p(50)
RULE 2
IF VALVE link SETTING = p(50)
AND SYSTEM TIME > 6
THEN PUMP Lift STATUS IS CLOSED
RULE 3
IF VALVE link STATUS IS ACTIVE
AND PUMP Lift STATUS = CLOSED
AND TANK Tower LEVEL BELOW l(12)
THEN PUMP Lift SETTING = 0.95
AND VALVE link SETTING = p(35)
RULE 4
IF PUMP Lift SETTING < 1
AND SYSTEM TIME > 20
THEN VALVE link STATUS = OPEN",
            ),
        ],
    ),
    (
        "with priorities",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF SYSTEM TIME >= 5
THEN PUMP Lift STATUS IS CLOSED
PRIORITY 2
RULE 2
IF TANK Tower LEVEL BELOW l(10)
THEN PUMP Lift STATUS IS OPEN
PRIORITY 5
RULE 3
IF SYSTEM TIME >= 5
THEN PUMP Lift STATUS IS OPEN
PRIORITY 1
RULE 4
IF TANK Tower LEVEL BELOW l(12)
THEN PIPE p3 STATUS IS CLOSED
RULE 5
IF TANK Tower LEVEL BELOW l(14)
THEN PIPE p3 STATUS IS OPEN",
            ),
        ],
    ),
    (
        "with AND after OR",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF TANK Tower LEVEL ABOVE l(25)
OR SYSTEM TIME >= 20
AND SYSTEM DEMAND < q(2000)
OR SYSTEM CLOCKTIME = 3 AM
THEN PUMP Lift STATUS IS CLOSED
ELSE PUMP Lift STATUS IS OPEN
AND PIPE p3 STATUS IS OPEN",
            ),
        ],
    ),
    (
        "with not and not equal",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF PUMP Boost STATUS NOT OPEN
THEN PIPE bypass STATUS IS OPEN
ELSE PIPE bypass STATUS IS CLOSED
RULE 2
IF TANK Crown LEVEL > l(15)
THEN PUMP Boost STATUS IS CLOSED
RULE 3
IF TANK Crown LEVEL < l(8)
AND PUMP Boost SETTING <> 1
THEN PUMP Boost STATUS IS OPEN",
            ),
        ],
    ),
    (
        "of pipes by number",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF SYSTEM TIME = 3
THEN PIPE p3 SETTING IS 0
RULE 2
IF SYSTEM TIME = 7
THEN PIPE p3 SETTING IS 1",
            ),
        ],
    ),
    (
        "that chase each other",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF PIPE p3 STATUS IS OPEN
THEN PIPE p3 STATUS IS CLOSED
ELSE PIPE p3 STATUS IS OPEN",
            ),
            Add("[TIMES]", " Rule Timestep 0:20"),
        ],
    ),
    (
        "of speed by level",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF TANK Tower LEVEL BELOW l(12)
THEN PUMP Lift SETTING IS 1.1
RULE 2
IF TANK Tower LEVEL >= l(12)
AND TANK Tower LEVEL BELOW l(18)
THEN PUMP Lift SETTING IS 1.0
RULE 3
IF TANK Tower LEVEL >= l(18)
AND TANK Tower LEVEL <= l(25)
THEN PUMP Lift SETTING IS 0.9
RULE 4
IF TANK Tower LEVEL ABOVE l(25)
THEN PUMP Lift SETTING IS 0",
            ),
        ],
    ),
    (
        "by flow and demand of tanks",
        &[
            NO_CONTROLS,
            Add(
                "[RULES]",
                "\
RULE 1
IF TANK Tower DEMAND > q(200)
THEN PIPE p7 STATUS IS CLOSED
RULE 2
IF NODE Tower DEMAND < q(-100)
THEN PIPE p7 STATUS IS OPEN
RULE 3
IF RESERVOIR Hill DEMAND < q(-20)
THEN PIPE p3 STATUS IS CLOSED
ELSE PIPE p3 STATUS IS OPEN",
            ),
        ],
    ),
    (
        "of all valves",
        &[
            NO_CONTROLS,
            Add(
                "[VALVES]",
                " v1 E H d(6) FCV q(50) 0\n v2 F I d(6) TCV 90 0\n v3 B D d(6) PBV p(2) 0\n v4 D H d(6) PSV p(70) 0",
            ),
            Add(
                "[RULES]",
                "\
RULE 1
IF SYSTEM TIME > 3
AND SYSTEM TIME < 10
THEN VALVE v1 SETTING IS q(80)
AND VALVE v2 SETTING IS 20
AND VALVE v3 SETTING IS p(5)
AND VALVE v4 SETTING IS p(75)
ELSE VALVE v1 STATUS IS CLOSED
AND VALVE v2 STATUS IS OPEN
AND VALVE v3 STATUS IS CLOSED
AND VALVE v4 STATUS IS OPEN
RULE 2
IF VALVE v1 SETTING = q(80)
AND VALVE v4 SETTING > p(74)
AND SYSTEM TIME > 6
THEN PIPE p7 STATUS IS CLOSED",
            ),
        ],
    ),
];

#[test]
fn rules_fire_alike() {
    check("rules", RULES, &[Units::Gpm, Units::Lps]);
}
