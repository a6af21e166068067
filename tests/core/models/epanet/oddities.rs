//! Odd lines: what EPANET takes is taken, and what it refuses is refused.
//!
//! Each is one difference from the small town of [`variants`](super::variants).

use std::fs;

use parallax::models::hydraulics::inp;

use super::reference::{open, python};
use super::variants::Edit::{self, Add, Empty, Line};
use super::variants::{Units, text};

const ODDITIES: &[Edit] = &[
    // Junctions.
    Add("[JUNCTIONS]", " X"),
    Add("[JUNCTIONS]", " X high"),
    Add("[JUNCTIONS]", " X 1 2 3 4 5"),
    Add("[JUNCTIONS]", " A 100 0"),
    Add("[JUNCTIONS]", " X 100 0 NoPattern"),
    Add("[JUNCTIONS]", " X 100 much"),
    Add("[JUNCTIONS]", " X 100 1e999"),
    Add("[JUNCTIONS]", " X nan 0"),
    Add("[JUNCTIONS]", " X inf 0"),
    Add("[JUNCTIONS]", " X 0x10 0"),
    Add("[JUNCTIONS]", " X 1e2 0\n"),
    Add("[JUNCTIONS]", " X 100 0 *"),
    Line("A", " A"),
    Line("A", " A +700 -0"),
    Line("A", " A 7.0E2 .5"),
    Line("A", " A 700. 1d1"),
    Line("A", " A 1,700 0"),
    Line("A", " \"A\" 700 0"),
    Line("A", " A\t700\t0\t;comment"),
    Line("A", " A;700 0"),
    Line("A", " A 700 0 ; Day"),
    Line("A", " a 700 0"),
    Add("[JUNCTIONS]", " ThisNameHasExactlyThirtyOneChars 1 0"),
    Add(
        "[JUNCTIONS]",
        " ThisNameIsLongerThanThirtyOneCharactersForSure 1 0",
    ),
    // Reservoirs and tanks.
    Line("Lake", " Lake"),
    Line("Lake", " Lake 700 NoPattern"),
    Line("Lake", " Lake 700 Day"),
    Line("Lake", " Lake deep"),
    Add("[RESERVOIRS]", " A 700"),
    Line("Tower", " Tower 840 15 0 30"),
    Line("Tower", " Tower 840 15 0 30 50"),
    Line("Tower", " Tower 840 31 0 30 50 0"),
    Line("Tower", " Tower 840 15 20 30 50 0"),
    Line("Tower", " Tower 840 15 0 30 -50 0"),
    Line("Tower", " Tower 840 15 0 30 0 0"),
    Line("Tower", " Tower 840 15 -1 30 50 0"),
    Line("Tower", " Tower 840 15 0 30 50 -1"),
    Line("Tower", " Tower 840 15 0 30 50 0 NoCurve"),
    Line("Tower", " Tower 840 15 0 30 50 0 *"),
    Line("Tower", " Tower 840 15 0 30 50 0 * YES"),
    Line("Tower", " Tower 840 15 0 30 50 0 * NO"),
    Line("Tower", " Tower 840 15 0 30 50 0 * MAYBE"),
    Line("Tower", " Tower 840 15 0 30 50 0 LiftCurve"),
    Line("Tower", " Tower 840 15 15 15 50 0"),
    // Pipes.
    Line("p1", " p1 A B 2000 12"),
    Line("p1", " p1 A B 2000 12 110"),
    Line("p1", " p1 A B 2000 12 110 CV"),
    Line("p1", " p1 A B 2000 12 110 Closed"),
    Line("p1", " p1 A B 2000 12 110 0 Shut"),
    Line("p1", " p1 A B 2000 12 110 0 Open 7"),
    Line("p1", " p1 A B 2000 12 110 -1"),
    Line("p1", " p1 A B 0 12 110 0"),
    Line("p1", " p1 A B -5 12 110 0"),
    Line("p1", " p1 A B 2000 0 110 0"),
    Line("p1", " p1 A Nowhere 2000 12 110 0"),
    Line("p1", " p1 A A 2000 12 110 0"),
    Line("p1", " p2 A B 2000 12 110 0"),
    Line("p1", " p1 Lake Hill 2000 12 110 0\n p1b A B 100 12 110 0"),
    Line("p1", ""),
    Line("p13", ""),
    // Pumps.
    Line("Lift", " Lift Lake A"),
    Line("Lift", " Lift Lake A HEAD"),
    Line("Lift", " Lift Lake A HEAD NoCurve"),
    Line("Lift", " Lift Lake A POWER"),
    Line("Lift", " Lift Lake A POWER 0"),
    Line("Lift", " Lift Lake A POWER -3"),
    Line("Lift", " Lift Lake A SPEED 1"),
    Line("Lift", " Lift Lake A HEAD LiftCurve SPEED -1"),
    Line("Lift", " Lift Lake A HEAD LiftCurve SPEED 0"),
    Line("Lift", " Lift Lake A HEAD LiftCurve PATTERN NoPattern"),
    Line("Lift", " Lift Lake A HEAD LiftCurve POWER 5"),
    Line("Lift", " Lift Lake A POWER 5 HEAD LiftCurve"),
    Line("Lift", " Lift Lake A HEADS LiftCurve"),
    Line("Lift", " Lift Lake A COLOUR Red"),
    Line("Lift", " Lift Lake Lake HEAD LiftCurve"),
    Line("Lift", " Lift Lake Hill HEAD LiftCurve"),
    Line("LiftCurve", " LiftCurve 0 230"),
    Line("LiftCurve", " LiftCurve 900 0"),
    Line("LiftCurve", " LiftCurve 900"),
    Line("LiftCurve", " LiftCurve 900 230 1000"),
    Line(
        "LiftCurve",
        " LiftCurve 0 100\n LiftCurve 500 120\n LiftCurve 900 50",
    ),
    Line(
        "LiftCurve",
        " LiftCurve 0 300\n LiftCurve 900 120\n LiftCurve 500 50",
    ),
    Line(
        "LiftCurve",
        " LiftCurve 0 300\n LiftCurve 500 300\n LiftCurve 900 50",
    ),
    Line(
        "LiftCurve",
        " LiftCurve 0 300\n LiftCurve 300 280\n LiftCurve 300 200\n LiftCurve 600 100",
    ),
    Line(
        "LiftCurve",
        " LiftCurve 0 300\n LiftCurve 300 280\n LiftCurve 500 290\n LiftCurve 600 100",
    ),
    Line("LiftCurve", " LiftCurve 0 300\n LiftCurve 300 280"),
    Line("LiftCurve", " LiftCurve 0 -10"),
    // Valves.
    Add("[VALVES]", " v A H 8 PRV 40"),
    Add("[VALVES]", " v A H 8 PRV"),
    Add("[VALVES]", " v A H 8 XYZ 40 0"),
    Add("[VALVES]", " v A H 0 PRV 40 0"),
    Add("[VALVES]", " v A H -8 PRV 40 0"),
    Add("[VALVES]", " v A H 8 PRV -40 0"),
    Add("[VALVES]", " v A H 8 PRV forty 0"),
    Add("[VALVES]", " v A H 8 PRV 40 -2"),
    Add("[VALVES]", " v A H 8 GPV NoCurve 0"),
    Add("[VALVES]", " v A Tower 8 PRV 40 0"),
    Add("[VALVES]", " v Lake A 8 PRV 40 0"),
    Add("[VALVES]", " v Lake A 8 FCV 40 0"),
    Add("[VALVES]", " v A Tower 8 TCV 40 0"),
    Add("[VALVES]", " v A H 8 PRV 40 0\n w B H 8 PRV 40 0"),
    Add("[VALVES]", " v A H 8 PRV 40 0\n w H B 8 PRV 40 0"),
    Add("[VALVES]", " v A H 8 PRV 40 0\n w H B 8 PSV 40 0"),
    Add("[VALVES]", " v A H 8 PSV 40 0\n w A B 8 PSV 40 0"),
    Add("[VALVES]", " v A H 8 PSV 40 0\n w B A 8 PSV 40 0"),
    Add("[VALVES]", " v A H 8 PSV 40 0\n w H B 8 FCV 40 0"),
    Add("[VALVES]", " v A H 8 FCV 40 0\n w H B 8 PRV 40 0"),
    Add("[VALVES]", " v A H 8 prv 40 0"),
    Add("[VALVES]", " v A H 8 PCV 40 0"),
    Add("[VALVES]", " v A H 8 TCV 40 0 Open"),
    // Demands, emitters, patterns, curves.
    Add("[DEMANDS]", " A"),
    Add("[DEMANDS]", " Nowhere 5"),
    Add("[DEMANDS]", " Tower 5"),
    Add("[DEMANDS]", " A 5 NoPattern"),
    Add("[DEMANDS]", " A five"),
    Add("[DEMANDS]", " MULTIPLY"),
    Add("[DEMANDS]", " MULTIPLY 0"),
    Add("[DEMANDS]", " MULTIPLY -1"),
    Add("[EMITTERS]", " A"),
    Add("[EMITTERS]", " A -1"),
    Add("[EMITTERS]", " Tower 1"),
    Add("[EMITTERS]", " Nowhere 1"),
    Add("[PATTERNS]", " Empty"),
    Add("[PATTERNS]", " Day one"),
    Add(
        "[PATTERNS]",
        " ThisNameIsLongerThanThirtyOneCharactersForSure 1",
    ),
    Add("[CURVES]", " Odd 1"),
    Add("[CURVES]", " Odd x y"),
    Add("[CURVES]", " Unused 5 1\n Unused 3 2"),
    // Status.
    Add("[STATUS]", " p1"),
    Add("[STATUS]", " Nothing Open"),
    Add("[STATUS]", " p1 Half"),
    Add("[STATUS]", " p9 Closed"),
    Add("[STATUS]", " p1 0.5"),
    Add("[STATUS]", " Lift -1"),
    Add("[STATUS]", " Lift Active"),
    Add("[STATUS]", " Lift Opened"),
    Add("[STATUS]", " p1 p2 Closed"),
    Add("[STATUS]", " p10 p12 Closed"),
    // Controls.
    Add("[CONTROLS]", " LINK"),
    Add("[CONTROLS]", " LINK p1 CLOSED"),
    Add("[CONTROLS]", " LINK p1 CLOSED AT TIME"),
    Add("[CONTROLS]", " LINK p1 CLOSED AT TIME noon"),
    Add("[CONTROLS]", " LINK p1 CLOSED AT TIME -1"),
    Add("[CONTROLS]", " LINK p1 CLOSED AT NOON 5"),
    Add("[CONTROLS]", " LINK p1 CLOSED AT CLOCKTIME 25"),
    Add("[CONTROLS]", " LINK p1 CLOSED AT CLOCKTIME 13 PM"),
    Add("[CONTROLS]", " LINK p1 CLOSED AT CLOCKTIME 5 AM"),
    Add("[CONTROLS]", " LINK p9 CLOSED AT TIME 5"),
    Add("[CONTROLS]", " LINK Nothing CLOSED AT TIME 5"),
    Add("[CONTROLS]", " LINK p1 HALF AT TIME 5"),
    Add("[CONTROLS]", " LINK Lift -1 AT TIME 5"),
    Add("[CONTROLS]", " LINK p1 CLOSED IF NODE Nowhere ABOVE 5"),
    Add("[CONTROLS]", " LINK p1 CLOSED IF NODE Tower ABOVE"),
    Add("[CONTROLS]", " LINK p1 CLOSED IF NODE Tower OVER 5"),
    Add("[CONTROLS]", " LINK p1 CLOSED IF NODE Tower ABOVE high"),
    Add("[CONTROLS]", " LINK p1 CLOSED IF TANK Tower ABOVE 5"),
    Add("[CONTROLS]", " PUMP Lift CLOSED IF NODE Tower ABOVE 5"),
    Add("[CONTROLS]", " ANY Lift CLOSED WHEN NODE Tower ABOVE 5"),
    Add("[CONTROLS]", " Link p1 closed If Node Tower Above 5"),
    Add("[CONTROLS]", " LINK p1 CLOSED IF NODE Tower ABOVE 5 psi"),
    // Rules.
    Add("[RULES]", " RULE"),
    Add("[RULES]", " RULE 1"),
    Add("[RULES]", " IF TANK Tower LEVEL > 5"),
    Add("[RULES]", " RULE 1\n IF TANK Tower LEVEL > 5"),
    Add("[RULES]", " RULE 1\n THEN PUMP Lift STATUS IS OPEN"),
    Add(
        "[RULES]",
        " RULE 1\n IF TANK Tower LEVEL > 5\n THEN PUMP Lift STATUS IS OPEN\n THEN PUMP Lift STATUS IS CLOSED",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF TANK Tower LEVEL > 5\n ELSE PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF TANK Tower LEVEL > 5\n THEN PUMP Nothing STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF TANK Nowhere LEVEL > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF TANK Tower LEVEL > high\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF TANK Tower LEVEL NEAR 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF TANK Tower FLOW > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF PUMP Lift LEVEL > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF NODE A FILLTIME > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF JUNCTION Tower LEVEL > 5\n THEN PIPE Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM PRESSURE > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM DEMAND > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM CLOCKTIME > 5 PM\n THEN PUMP Lift STATUS IS OPEN\n PRIORITY high",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM CLOCKTIME > 5 PM\n THEN PUMP Lift STATUS IS OPEN\n PRIORITY",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM TIME > soon\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM TIME > 5\n THEN PUMP Lift STATUS IS HALF",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM TIME > 5\n THEN PUMP Lift SETTING IS -1",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM TIME > 5\n THEN PIPE p9 STATUS IS OPEN",
    ),
    Add("[RULES]", " RULE 1\n IF SYSTEM TIME > 5\n THEN PUMP Lift"),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM TIME > 5\n OR\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF SYSTEM TIME > 5\n MAYBE PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1 2\n IF SYSTEM TIME > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF PUMP Lift POWER > 5\n THEN PUMP Lift STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " RULE 1\n IF VALVE p1 STATUS IS ACTIVE\n THEN VALVE p1 STATUS IS OPEN",
    ),
    Add(
        "[RULES]",
        " rule 1\n if system time > 5\n then pump Lift status = open\n else pump Lift status = closed\n priority 4.5",
    ),
    // Energy.
    Add("[ENERGY]", " Global"),
    Add("[ENERGY]", " Global Price"),
    Add("[ENERGY]", " Global Price -1"),
    Add("[ENERGY]", " Global Effic 0"),
    Add("[ENERGY]", " Global Effic -5"),
    Add("[ENERGY]", " Global Pattern NoPattern"),
    Add("[ENERGY]", " Pump Nothing Price 1"),
    Add("[ENERGY]", " Pump p1 Price 1"),
    Add("[ENERGY]", " Pump Lift Effic NoCurve"),
    Add("[ENERGY]", " Pump Lift Colour 1"),
    Add("[ENERGY]", " Demand"),
    Add("[ENERGY]", " Demand Charge x"),
    // Times.
    Add("[TIMES]", " Duration"),
    Add("[TIMES]", " Duration long"),
    Add("[TIMES]", " Duration -5"),
    Add("[TIMES]", " Duration 5 WEEKS"),
    Add("[TIMES]", " Duration 1:2:3:4"),
    Add("[TIMES]", " Duration 5:75"),
    Add("[TIMES]", " Hydraulic 0:20"),
    Add("[TIMES]", " Hydraulic Timestep 0"),
    Add("[TIMES]", " Hydraulic Timestep -1"),
    Add("[TIMES]", " Pattern Timestep 0"),
    Add("[TIMES]", " Report Timestep 0"),
    Add("[TIMES]", " Rule Timestep 0"),
    Add("[TIMES]", " Quality Timestep 0"),
    Add("[TIMES]", " Quality Timestep 5:00"),
    Add("[TIMES]", " Report Start 50:00"),
    Add("[TIMES]", " Pattern Start -2"),
    Add("[TIMES]", " Start ClockTime 5 PM"),
    Add("[TIMES]", " Start ClockTime 13 PM"),
    Add("[TIMES]", " Start 5 PM"),
    Add("[TIMES]", " Statistic"),
    Add("[TIMES]", " Statistic Median"),
    Add("[TIMES]", " Statistic RANGE"),
    Add("[TIMES]", " Lunch 12:00"),
    Add("[TIMES]", " 5 HOURS"),
    // Options.
    Add("[OPTIONS]", " Units"),
    Add("[OPTIONS]", " Units Buckets"),
    Add("[OPTIONS]", " Units SI"),
    Add("[OPTIONS]", " Headloss X-Y"),
    Add("[OPTIONS]", " Headloss"),
    Add("[OPTIONS]", " Pressure Bar"),
    Add("[OPTIONS]", " Pressure METERS"),
    Add("[OPTIONS]", " Quality"),
    Add("[OPTIONS]", " Quality Trace"),
    Add("[OPTIONS]", " Quality Trace Nowhere"),
    Add("[OPTIONS]", " Quality Trace Lake"),
    Add("[OPTIONS]", " Quality Chlorine ug/L"),
    Add("[OPTIONS]", " Hydraulics Guess file.hyd"),
    Add("[OPTIONS]", " Map town.map"),
    Add("[OPTIONS]", " Verify file"),
    Add("[OPTIONS]", " Unbalanced"),
    Add("[OPTIONS]", " Unbalanced Maybe"),
    Add("[OPTIONS]", " Unbalanced Continue many"),
    Add("[OPTIONS]", " Unbalanced Continue -5"),
    Add("[OPTIONS]", " Trials 0"),
    Add("[OPTIONS]", " Trials -1"),
    Add("[OPTIONS]", " Trials 1.7"),
    Add("[OPTIONS]", " Trials many"),
    Add("[OPTIONS]", " Accuracy 0"),
    Add("[OPTIONS]", " Accuracy -1"),
    Add("[OPTIONS]", " Accuracy 5"),
    Add("[OPTIONS]", " Viscosity 0"),
    Add("[OPTIONS]", " Viscosity -1"),
    Add("[OPTIONS]", " Diffusivity 0"),
    Add("[OPTIONS]", " Specific Gravity 0"),
    Add("[OPTIONS]", " Specific Gravity"),
    Add("[OPTIONS]", " Specific 2"),
    Add("[OPTIONS]", " Emitter Exponent 0"),
    Add("[OPTIONS]", " Emitter Exponent -1"),
    Add("[OPTIONS]", " Emitter Backflow NO"),
    Add("[OPTIONS]", " Demand Multiplier -1"),
    Add("[OPTIONS]", " Demand Multiplier"),
    Add("[OPTIONS]", " Demand Model"),
    Add("[OPTIONS]", " Demand Model ABC"),
    Add("[OPTIONS]", " Demand Model DDA"),
    Add("[OPTIONS]", " Minimum Pressure -5"),
    Add("[OPTIONS]", " Minimum Pressure 50"),
    Add(
        "[OPTIONS]",
        " Demand Model PDA\n Minimum Pressure 50\n Required Pressure 20",
    ),
    Add(
        "[OPTIONS]",
        " Demand Model PDA\n Minimum Pressure 20\n Required Pressure 20",
    ),
    Add("[OPTIONS]", " Required Pressure 0"),
    Add("[OPTIONS]", " Pressure Exponent 0"),
    Add("[OPTIONS]", " Pressure Exponent"),
    Add("[OPTIONS]", " Checkfreq 0"),
    Add("[OPTIONS]", " Maxcheck -1"),
    Add("[OPTIONS]", " Damplimit -1"),
    Add("[OPTIONS]", " Damplimit 0"),
    Add("[OPTIONS]", " HeadError 0"),
    Add("[OPTIONS]", " HeadError -1"),
    Add("[OPTIONS]", " FlowChange 0"),
    Add("[OPTIONS]", " Tolerance 0"),
    Add("[OPTIONS]", " Tolerance -1"),
    Add("[OPTIONS]", " Colour Red"),
    Add("[OPTIONS]", " Pattern"),
    Add("[OPTIONS]", " Pattern NoPattern"),
    Add("[OPTIONS]", " Htol 0"),
    Add("[OPTIONS]", " Qtol -1"),
    // Other sections and the file as a whole.
    Add("[TITLE]", " [Nothing]\n A 1 2"),
    Line("[END]", "[END]\n A B C\n[JUNCTIONS]\n A"),
    Line("[END]", ""),
    Line("[END]", "[BUCKETS]\n 1 2 3"),
    Line("[END]", "[QUALITY]\n A 1\n Nowhere 2\n"),
    Line("[END]", "[QUALITY]\n A x"),
    Line("[END]", "[QUALITY]\n A B 1"),
    Line("[END]", "[SOURCES]\n A CONCEN 1\n Lake MASS 2 Day"),
    Line("[END]", "[SOURCES]\n Nowhere CONCEN 1"),
    Line("[END]", "[SOURCES]\n A HEAPS 1"),
    Line("[END]", "[SOURCES]\n A 1"),
    Line("[END]", "[SOURCES]\n A CONCEN 1 NoPattern"),
    Line(
        "[END]",
        "[REACTIONS]\n Global Bulk -1\n Bulk p1 -2\n Tank Tower -3",
    ),
    Line("[END]", "[REACTIONS]\n Bulk Nothing -2"),
    Line("[END]", "[REACTIONS]\n Tank A -2"),
    Line("[END]", "[REACTIONS]\n Order Wall 2"),
    Line("[END]", "[REACTIONS]\n Order Bulk -2"),
    Line("[END]", "[REACTIONS]\n Limiting Potential -2"),
    Line("[END]", "[REACTIONS]\n Roughness x"),
    Line("[END]", "[MIXING]\n Tower 2COMP 0.5\n Crown FIFO"),
    Line("[END]", "[MIXING]\n Tower 2COMP 5"),
    Line("[END]", "[MIXING]\n Tower SWIRL"),
    Line("[END]", "[MIXING]\n A MIXED"),
    Line("[END]", "[MIXING]\n Lake MIXED"),
    Line(
        "[END]",
        "[REPORT]\n Status Yes\n Nodes All\n Links p1 p2\n Flow Yes",
    ),
    Line("[END]", "[REPORT]\n Status Perhaps"),
    Line("[END]", "[REPORT]\n Nodes Nowhere"),
    Line("[END]", "[REPORT]\n Colour Red"),
    Line(
        "[END]",
        "[REPORT]\n Page 5\n Summary No\n Messages No\n Energy Yes\n File other.rpt",
    ),
    Line("[END]", "[REPORT]\n Pressure Below 20\n Head Precision 3"),
    Line("[END]", "[COORDINATES]\n A 1 2\n B x 2"),
    Line("[END]", "[COORDINATES]\n Nowhere 1 2"),
    Line("[END]", "[COORDINATES]\n A 1"),
    Line("[END]", "[VERTICES]\n p1 1 2\n p1 3 4\n Nothing 5 6"),
    Line("[END]", "[VERTICES]\n p1 x 2"),
    Line(
        "[END]",
        "[LABELS]\n 1 2 \"Town\"\n [BACKDROP]\n FILE town.png",
    ),
    Line("[END]", "[TAGS]\n NODE A north\n LINK p1 old\n PIPE p1 x"),
    Line("[END]", "[ROUGHNESS]\n p1 100"),
    Line("[PUMPS]", "[pumps]"),
    Line("[PUMPS]", "[PUMP]"),
    Line("[PUMPS]", "[PUMPSTATION]"),
    Line("[PUMPS]", "[PU"),
    Line("[PIPES]", " [PIPES]"),
    Line("[PIPES]", "PIPES"),
    Empty("[PATTERNS]"),
    Empty("[CURVES]"),
    Empty("[OPTIONS]"),
    Empty("[RESERVOIRS]"),
    Empty("[TANKS]"),
    Empty("[JUNCTIONS]"),
    Empty("[PIPES]"),
    Empty("[PUMPS]"),
];

/// What EPANET takes and then cannot work with: it divides by zero, or reads beyond a table.
const BETTER_REFUSED: &[Edit] = &[
    Line("p1", " p1 A B 2000 12 0 0"),
    Line("p1", " p1 A B 2000 12 -110 0"),
    Add("[VALVES]", " v A H 8 GPV LiftCurve 0"),
];

#[test]
fn odd_lines_are_taken_or_refused_as_by_epanet() {
    let Some(python) = python("epanet::odd_lines_are_taken_or_refused_as_by_epanet") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (mut trouble, mut refused) = (Vec::new(), 0);
    for edit in ODDITIES {
        let file = folder.path().join("odd.inp");
        let text = text(&[*edit], Units::Gpm);
        fs::write(&file, &text).expect("a network");
        let theirs = open(&python, &file);
        refused += usize::from(!theirs.is_taken());
        match inp::read(text.as_bytes()) {
            _ if theirs.is_crash() => println!("EPANET breaks down over {edit:?}"),
            Ok(_) if !theirs.is_taken() => {
                trouble.push(format!("{edit:?}: EPANET says {:?}", theirs.errors));
            }
            Err(problems) if theirs.is_taken() => {
                let texts = problems
                    .iter()
                    .map(|problem| problem.located("odd").to_string());
                let texts: Vec<_> = texts.collect();
                trouble.push(format!("{edit:?}: taken by EPANET: {}", texts.join("; ")));
            }
            _ => {}
        }
    }
    println!("EPANET refuses {refused} of {}", ODDITIES.len());
    assert!(
        trouble.is_empty(),
        "{} of {} differ\n{}",
        trouble.len(),
        ODDITIES.len(),
        trouble.join("\n")
    );
}

#[test]
fn what_epanet_takes_and_cannot_work_with_is_refused() {
    for edit in BETTER_REFUSED {
        let text = text(&[*edit], Units::Gpm);
        assert!(inp::read(text.as_bytes()).is_err(), "{edit:?}");
    }
}
