//! Order, names, districts and the map.

use super::*;

#[test]
fn nodes_are_junctions_then_reservoirs_then_tanks() {
    let reading = read(
        "[TANKS]\nT1 10 5 0 9 20\nR1 50\n[JUNCTIONS]\nJ1 1\n[RESERVOIRS]\nR2 60\n[TANKS]\nT2 10 5 0 9 20
        [JUNCTIONS]\nJ2 1\n[PIPES]\np T1 J1 1 1 100\nq R2 J2 1 1 100",
    );
    assert_eq!(reading.map.node_ids, ["J1", "J2", "R1", "R2", "T1", "T2"]);
    let network = &reading.network;
    let tags: Vec<_> = (0..network.node_count())
        .map(|node| network.node_tag(node))
        .collect();
    assert_eq!(tags, reading.map.node_ids);
    assert_eq!((network.links[0].from, network.links[0].to), (4, 0));
}

#[test]
fn tags_are_unique_and_fit_for_topics() {
    let reading = read(
        "[JUNCTIONS]\n1 0\n2.5 0\n2/5 0\n2_5 0
        [RESERVOIRS]\npipe-1 9
        [PIPES]\n1 1 2.5 9 9 100\n2 1 2/5 9 9 100\n#3 2_5 pipe-1 9 9 100
        [PUMPS]\n2_5 pipe-1 1 POWER 5",
    );
    let network = &reading.network;
    let nodes: Vec<_> = (0..5).map(|node| network.node_tag(node)).collect();
    assert_eq!(nodes, ["1", "2_5-2", "2_5-3", "2_5", "pipe-1"]);
    let links: Vec<_> = network.links.iter().map(|link| link.tag.as_str()).collect();
    assert_eq!(links, ["pipe-1-2", "2", "_3", "pump-2_5"]);
    assert_eq!(reading.map.link_ids, ["1", "2", "#3", "2_5"]);
}

#[test]
fn districts_are_tags_or_categories_or_patterns() {
    let districts = |lines: &str| {
        let network = network_with(lines);
        let tags: Vec<_> = network
            .districts
            .iter()
            .map(|one| one.tag.clone())
            .collect();
        let of: Vec<_> = network.junctions.iter().map(|one| one.district).collect();
        (tags, of)
    };
    let expect = |tags: &[&str], of: [Option<usize>; 4]| {
        (
            tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>(),
            of.to_vec(),
        )
    };
    assert_eq!(
        districts(""),
        expect(&["demand-Day"], [None, Some(0), None, None])
    );
    assert_eq!(
        districts("[DEMANDS]\nC 5 ;Homes\nD 5 ;Lift"),
        expect(&["Homes", "district-Lift"], [None, None, Some(0), Some(1)])
    );
    assert_eq!(
        districts("[TAGS]\nNODE A North\nNODE B South\nNODE C North\n[DEMANDS]\nC 5 ;Homes"),
        expect(&["North", "South"], [Some(0), Some(1), Some(0), None])
    );
}

#[test]
fn the_map_is_read() {
    let map = read(&town_with(
        "[COORDINATES]\nA 1 2\nTower -3.5 4e2
        [VERTICES]\np1 1 1\np1 2 2
        [LABELS]\n5 6 \"A label\" A\n7 8 Plain
        [BACKDROP]\nUNITS Meters\nFILE \"town map.bmp\"
        [TAGS]\nNODE A North\nLINK p1 Main
        [TITLE]\nSecond line ; all of it",
    ))
    .map;
    assert_eq!(map.title, ["Small town", "Second line ; all of it"]);
    assert_eq!(map.coordinates[0], Some([1.0, 2.0]));
    assert_eq!(map.coordinates[1], None);
    assert_eq!(map.coordinates[5], Some([-3.5, 400.0]));
    assert_eq!(map.vertices[0], [[1.0, 1.0], [2.0, 2.0]]);
    let labels: Vec<_> = map
        .labels
        .iter()
        .map(|label| (label.at, label.text.as_str()))
        .collect();
    assert_eq!(labels, [([5.0, 6.0], "A label"), ([7.0, 8.0], "Plain")]);
    assert_eq!(
        (map.units.as_str(), map.backdrop.as_str()),
        ("Meters", "town map.bmp")
    );
    assert_eq!(
        (map.node_tags[0].as_str(), map.link_tags[0].as_str()),
        ("North", "Main")
    );
}

#[test]
fn lines_may_end_in_any_way() {
    let expected = read(TOWN).network;
    for end in ["\r\n", "\r", "\n\n"] {
        assert_eq!(read(&TOWN.replace('\n', end)).network, expected, "{end:?}");
    }
}

#[test]
fn text_is_utf8_or_latin1() {
    let accented = TOWN.replace("Tower", "Ch\u{e2}teau");
    let latin1: Vec<u8> = accented.chars().map(|c| c as u8).collect();
    let marked = format!("\u{feff}{accented}");
    for bytes in [accented.as_bytes(), &latin1, marked.as_bytes()] {
        let reading = inp::read(bytes).expect("a town");
        assert_eq!(reading.network.tanks[0].tag, "Ch\u{e2}teau");
    }
}

#[test]
fn sections_may_have_any_case_and_tails_and_end_the_file() {
    let text = TOWN.replace("[JUNCTIONS]", " [Junctions] of the town");
    let text = format!("{text}[END]\n[NONSENSE]\nnonsense");
    assert_eq!(read(&text).network, read(TOWN).network);
}
