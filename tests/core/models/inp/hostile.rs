//! Broken files: never a panic, never a hang, always a network or problems.

use proptest::prelude::*;

use super::super::shared_data;
use super::*;

/// Words that mean something somewhere.
const WORDS: &[&str] = &[
    "",
    "0",
    "-1",
    "1e308",
    "nan",
    "A",
    "Tower",
    "p1",
    "Lift",
    "v1",
    "Day",
    "OPEN",
    "CLOSED",
    "CV",
    "\"",
    ";",
    "[END]",
    "[PIPES]",
    "[RULES]",
    "[OPTIONS]",
    "RULE",
    "IF",
    "AND",
    "THEN",
    "ELSE",
    "PRIORITY",
    "SYSTEM",
    "TIME",
    "CLOCKTIME",
    "1:2:3:4",
    "GPV",
    "PRV",
    "HEAD",
    "POWER",
    "2COMP",
    "GLOBAL",
    "BULK",
    "\u{0}",
    "\u{fffd}",
    "\r",
    "\u{a0}",
];

/// Reads the bytes, and whatever comes of it is of one piece.
fn read_whole(bytes: &[u8]) {
    match inp::read(bytes) {
        Ok(reading) => {
            let network = &reading.network;
            let nodes = network.node_count();
            assert!(
                network
                    .links
                    .iter()
                    .all(|link| link.from < nodes && link.to < nodes)
            );
            assert!(
                network
                    .controls
                    .iter()
                    .all(|one| one.link < network.links.len())
            );
            assert!(network.patterns.iter().all(|one| !one.factors.is_empty()));
            assert!(network.times.hydraulic_step > 0 && network.times.rule_step > 0);
            assert_eq!(reading.map.coordinates.len(), nodes);
        }
        Err(problems) => assert!(!problems.is_empty() && problems.len() <= 101),
    }
}

fn files() -> Vec<Vec<u8>> {
    let test = "inp::hostile";
    let paths = ["Net1", "Net2", "Anytown"];
    let found = paths
        .iter()
        .filter_map(|name| shared_data(test, &format!("epanet_networks/asce-tf-wdst/{name}.inp")));
    let mut files: Vec<_> = found
        .map(|file| std::fs::read(file).expect("a readable network"))
        .collect();
    files.push(RICH.as_bytes().to_vec());
    files
}

/// A bit of everything.
const RICH: &str = include_str!("rich.inp");

#[test]
fn a_bit_of_everything_is_read() {
    let reading = read(RICH);
    assert_eq!(
        (reading.network.rules.len(), reading.network.controls.len()),
        (2, 9)
    );
    assert!(reading.network.quality.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn files_with_foreign_words_are_read_or_refused(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..5_u8, 0..WORDS.len()), 1..6),
        which in any::<prop::sample::Index>(),
    ) {
        let files = files();
        let text = String::from_utf8_lossy(&files[which.index(files.len())]).into_owned();
        let mut words: Vec<String> = text.split_inclusive([' ', '\t', '\n']).map(str::to_owned).collect();
        for (place, how, word) in edits {
            let place = place.index(words.len());
            match how {
                0 => words[place] = format!("{} ", WORDS[word]),
                1 => words.insert(place, format!("{} ", WORDS[word])),
                2 => words[place].clear(),
                3 => words[place].push('\n'),
                _ => words.truncate(place.max(1)),
            }
        }
        read_whole(words.concat().as_bytes());
    }

    #[test]
    fn files_with_broken_bytes_are_read_or_refused(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
        which in any::<prop::sample::Index>(),
    ) {
        let files = files();
        let mut bytes = files[which.index(files.len())].clone();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        // Half of them end somewhere.
        let end = cut.index(2 * bytes.len()).max(1);
        bytes.truncate(end);
        read_whole(&bytes);
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_whole(&bytes);
    }

    #[test]
    fn any_lines_are_read_or_refused(
        lines in proptest::collection::vec(proptest::collection::vec(0..WORDS.len(), 0..8), 0..40),
        section in "\\[(JUNCTIONS|TANKS|PIPES|PUMPS|VALVES|RULES|CONTROLS|TIMES|OPTIONS|REACTIONS)\\]",
    ) {
        let line = |words: &Vec<usize>| words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = lines.iter().map(line).collect();
        read_whole(town_with(&format!("{section}\n{}", lines.join("\n"))).as_bytes());
    }
}
