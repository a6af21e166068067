//! Mistakes: line, meaning and way out, and EPANET's number. EPANET 2.2 refuses each of these
//! files, or breaks down over it, unless a comment says why it should.

use super::*;

/// Added lines, of which the last is the line that is wrong unless the part says another; and
/// parts of what is said.
const MISTAKES: &[(&str, &[&str])] = &[
    (
        "[JUNCTIONS]\nE",
        &["town.inp:28", "too short", "201", "write id"],
    ),
    (
        "[JUNCTIONS]\nE high",
        &["elevation `high` is not a number", "202"],
    ),
    ("[JUNCTIONS]\nE 1 much", &["demand `much`", "202"]),
    (
        "[JUNCTIONS]\nE 1 1 Dya",
        &["no pattern `Dya`", "205", "did you mean `Day`?"],
    ),
    ("[JUNCTIONS]\nA 1", &["node `A` already", "215", "line 5"]),
    (
        "[JUNCTIONS]\nE 1",
        &["no link reaches the junction `E`", "233", "town.inp:28"],
    ),
    (
        "[JUNCTIONS]\nThisNameIsLongerThanThirtyOneLetters 1",
        &["too long", "252"],
    ),
    // EPANET takes these two and computes nothing.
    ("[EMITTERS]\nA nan", &["`nan` is not a number"]),
    ("[DEMANDS]\nA 1e999", &["`1e999` is not a number"]),
    ("[RESERVOIRS]\nR 1 2 3", &["too short", "201"]),
    (
        "[TANKS]\nT 1 5 6 9 10",
        &["level 5", "between 6 and 9", "225"],
    ),
    (
        "[TANKS]\nT 1 5 4 9 -10",
        &["diameter -10 is below zero", "209"],
    ),
    (
        "[TANKS]\nT 1 5 4 9 10 0 Curbe",
        &["no curve `Curbe`", "206", "`Curve`"],
    ),
    ("[TANKS]\nT 1 5 4 9 10 0 * MAYBE", &["`MAYBE`", "213"]),
    (
        "[CURVES]\nV 5 1\nV 9 2\n[TANKS]\nT 1 5 4 9 10 0 V",
        &["does not reach from 4 to 9", "225"],
    ),
    ("[PIPES]\nq A B 1 1", &["too short", "201"]),
    (
        "[PIPES]\nq A Nowhere 1 1 100",
        &["no node `Nowhere`", "203"],
    ),
    ("[PIPES]\nq A A 1 1 100", &["begins and ends at `A`", "222"]),
    (
        "[PIPES]\nq A B 0 1 100",
        &["length 0 is not above zero", "211"],
    ),
    (
        "[PIPES]\nq A B 1 -1 100",
        &["diameter -1 is not above zero", "211"],
    ),
    ("[PIPES]\nq A B 1 1 100 -2", &["minor loss -2", "211"]),
    (
        "[PIPES]\nq A B 1 1 100 0 shut",
        &["`shut` is no status", "213"],
    ),
    ("[PIPES]\nLift A B 1 1 100", &["link `Lift` already", "215"]),
    // EPANET takes these two and finds heads that are no numbers.
    ("[PIPES]\nq A B 1 1 0", &["roughness 0", "too small"]),
    ("[PIPES]\nq A B 1 1 -100", &["roughness -100"]),
    (
        "[PUMPS]\nu Lake A",
        &["neither head curve nor power", "226"],
    ),
    (
        "[PUMPS]\nu Lake A HEAD Nothing",
        &["no curve `Nothing`", "206"],
    ),
    (
        "[PUMPS]\nu Lake A COLOUR red",
        &["`COLOUR` is no property", "201"],
    ),
    (
        "[PUMPS]\nu Lake A POWER 0",
        &["power above zero `0`", "202"],
    ),
    (
        "[PUMPS]\nu Lake A HEAD Curve SPEED -1",
        &["speed -1", "211"],
    ),
    (
        "[PUMPS]\nu Lake A 100 50 20",
        &["do not make a pump", "202"],
    ),
    (
        "[PUMPS]\nu Lake A 100 120 500 80 900",
        &["no usable shape", "206"],
    ),
    (
        "[CURVES]\nX 0 100\nX 5 120\nX 9 50\n[PUMPS]\nu Lake A HEAD X",
        &["no usable shape (EPANET error 227) (`X`)"],
    ),
    (
        "[VALVES]\nw A B 8 PVR 40",
        &["`PVR` is no kind of valve", "213", "`PRV`"],
    ),
    ("[VALVES]\nw A B 0 PRV 40", &["diameter 0", "211"]),
    (
        "[VALVES]\nw A B 8 GPV Nothing",
        &["no curve `Nothing`", "206"],
    ),
    (
        "[VALVES]\nw A Tower 8 PRV 40",
        &["cannot end at `Tower`", "219"],
    ),
    ("[VALVES]\nw B D 8 PRV 40", &["meets `v1`", "220"]),
    // EPANET takes these two and reads beyond the curve, or stays on one piece of it.
    (
        "[CURVES]\nX 1 1\n[VALVES]\nw A B 8 GPV X",
        &["`X` has one point", "230"],
    ),
    (
        "[CURVES]\nX 1 1\nX 0 2\n[VALVES]\nw A B 8 GPV X",
        &["x does not rise", "230"],
    ),
    ("[PATTERNS]\nP", &["too short", "201"]),
    ("[PATTERNS]\nP one", &["factor `one`", "202"]),
    ("[CURVES]\nP 1", &["too short", "201"]),
    ("[DEMANDS]\nNowhere 1", &["no node `Nowhere`", "203"]),
    ("[DEMANDS]\nMULTIPLY 0", &["multiplier 0", "213"]),
    ("[EMITTERS]\nA -1", &["coefficient -1", "209"]),
    ("[STATUS]\np3 CLOSED", &["`p3` has a check valve", "207"]),
    ("[STATUS]\np1 half", &["`half`", "202"]),
    ("[STATUS]\nLift -1", &["setting -1", "211"]),
    ("[STATUS]\nNothing OPEN", &["no link `Nothing`", "204"]),
    (
        "[CONTROLS]\nLINK p9 OPEN AT TIME 5",
        &["no link `p9`", "204"],
    ),
    (
        "[CONTROLS]\nLINK p3 OPEN AT TIME 5",
        &["check valve", "207"],
    ),
    (
        "[CONTROLS]\nLINK p1 OPEN AT TIME noon",
        &["`noon` is not a time", "213"],
    ),
    (
        "[CONTROLS]\nLINK p1 OPEN AT CLOCKTIME 13 PM",
        &["`13`", "213"],
    ),
    (
        "[CONTROLS]\nLINK p1 OPEN IF NODE Tower OVER 5",
        &["`OVER`", "213"],
    ),
    (
        "[CONTROLS]\nLINK p1 OPEN IF NODE Tower",
        &["too short", "201"],
    ),
    ("[CONTROLS]\nLINK Lift -1 AT TIME 5", &["setting -1", "211"]),
    ("[RULES]\nRULE", &["a rule has one name", "201"]),
    (
        "[RULES]\nIF SYSTEM TIME > 5",
        &["`IF` does not belong here", "221"],
    ),
    (
        "[RULES]\nRULE 1\nTHEN PUMP Lift STATUS IS OPEN",
        &["rule `1`", "221", "town.inp:29"],
    ),
    (
        "[RULES]\nRULE 1\nIF PUMP Lfit FLOW > 5",
        &["no link `Lfit`", "204", "`Lift`"],
    ),
    (
        "[RULES]\nRULE 1\nIF TANK Tower FLOW > 5",
        &["`FLOW`", "201"],
    ),
    (
        "[RULES]\nRULE 1\nIF TANK Tower LEVEL NEAR 5",
        &["`NEAR` is no comparison", "201"],
    ),
    (
        "[RULES]\nRULE 1\nIF TANK Tower LEVEL > high",
        &["`high`", "202"],
    ),
    (
        "[RULES]\nRULE 1\nIF SYSTEM TIME > soon",
        &["`soon` is not a time", "202"],
    ),
    (
        "[RULES]\nRULE 1\nIF SYSTEM TIME > 5\nTHEN PIPE p3 STATUS IS OPEN",
        &["check valve", "207"],
    ),
    // EPANET breaks down over this one.
    (
        "[RULES]\nRULE 1\nIF SYSTEM TIME > 5\nTHEN PIPE p1 STATUS IS OPEN\nPRIORITY",
        &["too short"],
    ),
    ("[ENERGY]\nPUMP p1 PRICE 1", &["no pump `p1`", "216"]),
    ("[ENERGY]\nGLOBAL EFFIC 0", &["efficiency 0", "217"]),
    ("[ENERGY]\nLOCAL PRICE 1", &["`LOCAL`", "213"]),
    ("[TIMES]\nDURATION long", &["`long` is not a time", "213"]),
    (
        "[TIMES]\nDURATION 5 WEEKS",
        &["`WEEKS` is not a time", "213"],
    ),
    ("[TIMES]\nLUNCH 5", &["`LUNCH` is no time", "213"]),
    ("[TIMES]\nPATTERN LENGTH 5", &["`LENGTH` is no time", "213"]),
    // EPANET takes this one and hangs.
    ("[TIMES]\nREPORT TIMESTEP -1", &["below zero"]),
    ("[OPTIONS]\nUNITS LPD", &["`LPD` is no unit of flow", "213"]),
    (
        "[OPTIONS]\nHEADLOSS X-Y",
        &["`X-Y` is no law of friction", "213"],
    ),
    (
        "[OPTIONS]\nTRAILS 50",
        &["no option `TRAILS`", "201", "did you mean `TRIALS`?"],
    ),
    (
        "[OPTIONS]\nTRIALS 0",
        &["TRIALS 0 is not above zero", "213"],
    ),
    (
        "[OPTIONS]\nQUALITY TRACE Nowhere",
        &["no node `Nowhere`", "212"],
    ),
    ("[OPTIONS]\nQUALITY TRACE", &["too short", "201"]),
    (
        "[OPTIONS]\nDEMAND MODEL XYZ",
        &["`XYZ` is no demand model", "213"],
    ),
    (
        "[OPTIONS]\nMINIMUM PRESSURE 20\nREQUIRED PRESSURE 20",
        &["required pressure", "208"],
    ),
    ("[QUALITY]\nNowhere 1", &["no node `Nowhere`", "203"]),
    ("[QUALITY]\nA -1", &["quality -1", "209"]),
    ("[SOURCES]\nA HEAPS", &["`HEAPS` is not a number"]),
    ("[REACTIONS]\nORDER WALL 2", &["neither 0 nor 1", "213"]),
    ("[REACTIONS]\nGLOBAL TANK 2", &["`TANK`", "213"]),
    (
        "[MIXING]\nTower SWIRL",
        &["`SWIRL` is no way of mixing", "213"],
    ),
    (
        "[REPORT]\nCOLOUR red",
        &["`COLOUR` cannot be reported", "201"],
    ),
    ("[REPORT]\nNODES Nowhere", &["no node `Nowhere`", "203"]),
    ("[COORDINATES]\nNowhere 1 2", &["no node `Nowhere`", "203"]),
    ("[VERTICES]\nNothing 1 2", &["no link `Nothing`", "204"]),
    (
        "[PUMP]",
        &["no section `[PUMP]`", "201", "did you mean `PUMPS`?"],
    ),
];

#[test]
fn every_mistake_is_told_with_line_and_meaning() {
    let mut untold = Vec::new();
    for (lines, parts) in MISTAKES {
        let text = problems_with(lines);
        let missing = parts.iter().filter(|part| !text.contains(**part));
        untold.extend(missing.map(|part| format!("{lines}: no {part:?} in\n{text}")));
    }
    assert!(untold.is_empty(), "{}", untold.join("\n"));
}

#[test]
fn a_network_needs_junctions_and_water() {
    for (text, part) in [
        ("", "no junctions"),
        ("[RESERVOIRS]\nR 1", "no junctions (EPANET error 223)"),
        (
            "[JUNCTIONS]\nA 1",
            "neither tank nor reservoir (EPANET error 224)",
        ),
        ("hello\n[TITLE]", "does not begin with a section"),
    ] {
        let found = problems(text.as_bytes());
        assert!(found.contains(part), "{text:?}: no {part:?} in\n{found}");
    }
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_lines() {
    let text = problems_with(
        "[JUNCTIONS]\nE high\n[PIPES]\nq E X 1 1 100\nr E A 0 1 100\n[TIMES]\nDURATION x",
    );
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("town.inp:"))
        .collect();
    let numbers: Vec<_> = lines
        .iter()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(numbers, ["28", "30", "31", "33"], "{text}");
}

#[test]
fn names_that_are_defined_too_late_are_told_apart() {
    let text = problems(b"[RESERVOIRS]\nR 1\n[PIPES]\np R A 1 1 100\n[JUNCTIONS]\nA 1\n");
    assert!(text.contains("defined on line 6"), "{text}");
}

#[test]
fn more_than_a_hundred_problems_are_counted() {
    let lines: String = (0..150).map(|index| format!("X{index}\n")).collect();
    let text = problems_with(&format!("[JUNCTIONS]\n{lines}"));
    assert!(text.ends_with("and 50 problems more"), "{text}");
}

#[test]
fn other_encodings_are_told() {
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(TOWN.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(problems(&utf16).contains("UTF-16"));
}
