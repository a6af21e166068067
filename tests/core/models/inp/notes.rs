//! What is ignored or guessed is said.

use super::*;

#[track_caller]
fn check(lines: &str, part: &str) {
    let notes = read(&town_with(lines)).notes;
    let texts: Vec<_> = notes
        .iter()
        .map(|note| note.located("town.inp").to_string())
        .collect();
    let text = texts.join("\n");
    assert!(text.contains(part), "{lines}: no {part:?} in\n{text}");
}

#[test]
fn what_is_ignored_is_noted_with_its_line() {
    for (lines, part) in [
        ("[REPORT]\nSTATUS FULL\nPAGE 5", "town.inp:28: [REPORT]"),
        ("[OPTIONS]\nMAP town.map", "town.inp:28: `MAP` is not used"),
        (
            "[OPTIONS]\nHYDRAULICS USE town.hyd",
            "`HYDRAULICS` is not used",
        ),
        ("[OPTIONS]\nNONSENSE", "`NONSENSE` is followed by nothing"),
        (
            "[OPTIONS]\nACCURACY 1e-8",
            "an accuracy of 0.00000001 counts as 0.00001",
        ),
        ("[ROUGHNESS]\np1 100", "does not use [ROUGHNESS]"),
        ("[DEMANDS]\nTower 5", "`Tower` is no junction"),
        ("[EMITTERS]\nTower 5", "`Tower` is no junction"),
        ("[BACKDROP]\nFILE town.bmp", "`town.bmp` behind the map"),
        (
            "[BACKDROP]\nDIMENSIONS 0 0 1 1",
            "size and place of the picture",
        ),
        ("[LABELS]\n1 x", "a label has x, y and a text"),
        ("[TAGS]\nNODE Nowhere North", "a tag has NODE or LINK"),
        ("[CURVES]\nUnused 1 1", "nothing uses the curve `Unused`"),
        (
            "[PIPES]\nq A B 1 1 100 0 CV more",
            "`0` and what follows is ignored",
        ),
        ("[STATUS]\np1 0.5", "the pipe `p1` has no setting"),
        ("[REACTIONS]\nTANK Nowhere 1", "there is no tank `Nowhere`"),
        ("[QUALITY]\nA", "too short and ignored"),
        (
            "[OPTIONS]\nQUALITY AGE",
            "no water quality where the duration is 0",
        ),
        (
            "[TIMES]\nHYDRAULIC TIMESTEP 2",
            "shortened from 7200 s to 3600 s",
        ),
        ("[TIMES]\nSTATISTIC RANGE", "STATISTIC is ignored"),
        ("[TIMES]\nDURATION -1", "below zero"),
        ("[PUMPS]\nu Lake A POWER 5kW", "the power `5kW` counts as 5"),
        (
            "[JUNCTIONS]\nE 5\u{b0} 1\n[PIPES]\nq A E 1 1 100",
            "counts as 5",
        ),
        (
            "[RULES]\nRULE 1\nIF PUMP Lift STATUS = 1\nTHEN PUMP Lift STATUS IS CLOSED",
            "this condition never holds",
        ),
        (
            "[RULES]\nRULE 1\nIF SYSTEM TIME > 1\nTHEN VALVE v1 STATUS IS ACTIVE",
            "ACTIVE is no action",
        ),
        (
            "[CONTROLS]\nLINK p1 OPEN AT TIME 5 HOURS sharp",
            "counts as 0",
        ),
        ("[TITLE]\na\0b", "ends at its first zero byte"),
        ("", "nodes have no coordinates"),
        ("", "districts made of patterns of demand: 1"),
    ] {
        check(lines, part);
    }
}

#[test]
fn long_lines_are_read_whole_and_noted() {
    let title = format!("[TITLE]\n{}", "long ".repeat(300));
    check(&title, "more than 1023 characters");
    let factors = format!("[PATTERNS]\nLong {}", "1 ".repeat(50));
    check(&factors, "words after the first 40 are ignored");
    let network = network_with(&factors);
    assert_eq!(network.patterns[2].factors.len(), 39);
}

#[test]
fn many_notes_of_a_kind_are_counted() {
    let lines: String = (0..10)
        .map(|index| format!("Unused{index} 1 1\n"))
        .collect();
    check(
        &format!("[CURVES]\n{lines}"),
        "unused curves: 7 more like these",
    );
}
