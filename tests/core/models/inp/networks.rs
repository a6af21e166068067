//! Networks as they are published, counted as EPANET counts them.

use super::super::shared_data;
use parallax::models::hydraulics::inp;
use parallax::models::hydraulics::network::LinkKind;

/// Path; junctions, reservoirs, tanks; pipes, pumps, valves; patterns, controls, rules:
/// `EN_getcount`, `EN_getnodetype` and `EN_getlinktype` of EPANET 2.2.
const NETWORKS: &[(&str, [usize; 3], [usize; 3], [usize; 3])] = &[
    (
        "epanet_networks/L-TOWN.inp",
        [782, 2, 1],
        [905, 1, 3],
        [3, 2, 0],
    ),
    (
        "epanet_networks/Net3.inp",
        [92, 2, 3],
        [117, 2, 0],
        [5, 18, 0],
    ),
    (
        "epanet_networks/Net6.inp",
        [3323, 1, 32],
        [3829, 61, 2],
        [3, 124, 0],
    ),
    (
        "epanet_networks/asce-tf-wdst/Anytown.inp",
        [19, 3, 0],
        [40, 1, 0],
        [1, 0, 0],
    ),
    (
        "epanet_networks/asce-tf-wdst/Hanoi.inp",
        [31, 1, 0],
        [34, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_networks/asce-tf-wdst/Net1.inp",
        [9, 1, 1],
        [12, 1, 0],
        [1, 2, 0],
    ),
    (
        "epanet_networks/asce-tf-wdst/Net2.inp",
        [35, 0, 1],
        [40, 0, 0],
        [3, 0, 0],
    ),
    (
        "epanet_networks/asce-tf-wdst/Net3.inp",
        [92, 2, 3],
        [117, 2, 0],
        [5, 6, 0],
    ),
    (
        "epanet_networks/asce-tf-wdst/ky10.inp",
        [920, 2, 13],
        [1043, 13, 5],
        [4, 6, 0],
    ),
    (
        "epanet_networks/asce-tf-wdst/ky4.inp",
        [959, 1, 4],
        [1156, 2, 0],
        [3, 2, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/data_for_testing/wn1.inp",
        [959, 1, 4],
        [1156, 2, 0],
        [1, 2, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/data_for_testing/wn2.inp",
        [908, 1, 4],
        [1107, 2, 0],
        [1, 2, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Anytown.inp",
        [22, 1, 2],
        [43, 3, 0],
        [4, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Anytown_multipointcurves.inp",
        [22, 1, 2],
        [43, 3, 0],
        [4, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Awumah_layout1.inp",
        [11, 1, 0],
        [12, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Awumah_layout8.inp",
        [11, 1, 0],
        [16, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/CCWI17-HermanMahmoud.inp",
        [6, 1, 0],
        [8, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Net6_plus.inp",
        [3326, 1, 34],
        [3829, 61, 5],
        [3, 124, 4],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Todini_Fig2_optCost_CMH.inp",
        [6, 1, 0],
        [8, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Todini_Fig2_optCost_GPM.inp",
        [6, 1, 0],
        [8, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Todini_Fig2_solA_CMH.inp",
        [6, 1, 0],
        [8, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/Todini_Fig2_solA_GPM.inp",
        [6, 1, 0],
        [8, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/conditional_controls_1.inp",
        [1, 1, 1],
        [1, 1, 0],
        [2, 1, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/conditional_controls_2.inp",
        [3, 1, 1],
        [3, 1, 0],
        [1, 1, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/control_comb.inp",
        [1, 1, 1],
        [1, 1, 0],
        [2, 1, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/epanet_leaks.inp",
        [3, 0, 1],
        [3, 0, 0],
        [2, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/fcv_open_no_downstream_sources.inp",
        [6, 1, 1],
        [6, 1, 1],
        [1, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/fcv_open_no_upstream_sources.inp",
        [6, 1, 1],
        [6, 1, 1],
        [1, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/io.inp",
        [4, 0, 1],
        [1, 2, 3],
        [2, 6, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/latin1.inp",
        [9, 1, 1],
        [12, 1, 0],
        [1, 2, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/leaks.inp",
        [2, 0, 1],
        [2, 0, 0],
        [2, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/msx_example.inp",
        [4, 1, 0],
        [5, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/prv_closed_no_upstream_sources.inp",
        [6, 1, 1],
        [6, 1, 1],
        [1, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/prv_open_no_upstream_sources.inp",
        [6, 1, 1],
        [6, 1, 1],
        [1, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/psv_open_no_downstream_sources.inp",
        [6, 1, 1],
        [6, 1, 1],
        [1, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/simulator.inp",
        [2, 1, 0],
        [2, 0, 0],
        [2, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/skeletonize.inp",
        [34, 1, 0],
        [42, 0, 0],
        [0, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/tank_controls_1.inp",
        [2, 0, 1],
        [1, 1, 0],
        [2, 0, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/tank_controls_2.inp",
        [2, 1, 1],
        [2, 1, 0],
        [2, 1, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/time_controls.inp",
        [2, 1, 0],
        [2, 0, 0],
        [2, 2, 0],
    ),
    (
        "epanet_wntr_tests/wntr/tests/networks_for_testing/times.inp",
        [2, 1, 0],
        [2, 0, 0],
        [2, 0, 0],
    ),
];

#[test]
fn published_networks_have_the_parts_that_epanet_counts() {
    let test = "inp::published_networks_have_the_parts_that_epanet_counts";
    for (path, nodes, links, others) in NETWORKS {
        let Some(file) = shared_data(test, path) else {
            continue;
        };
        let bytes = std::fs::read(file).expect("a readable network");
        let reading = inp::read(&bytes).unwrap_or_else(|problems| panic!("{path}: {problems:?}"));
        let network = &reading.network;
        let found = [
            network.junctions.len(),
            network.reservoirs.len(),
            network.tanks.len(),
        ];
        assert_eq!(found, *nodes, "nodes of {path}");
        let mut found = [0; 3];
        for link in &network.links {
            let kind = match link.kind {
                LinkKind::Pipe(_) => 0,
                LinkKind::Pump(_) => 1,
                LinkKind::Valve(_) => 2,
            };
            found[kind] += 1;
        }
        assert_eq!(found, *links, "links of {path}");
        let found = [
            network.patterns.len(),
            network.controls.len(),
            network.rules.len(),
        ];
        assert_eq!(found, *others, "patterns, controls and rules of {path}");
        let map = &reading.map;
        assert_eq!(map.node_ids.len(), network.node_count(), "{path}");
        assert_eq!(map.vertices.len(), network.links.len(), "{path}");
    }
}

/// Networks that EPANET refuses, or breaks down over, with what is said of them.
const REFUSED: &[(&str, &[&str])] = &[
    ("bad_syntax.inp", &["town.inp:330", "`[FOO]`", "201"]),
    ("bad_values.inp", &["town.inp:56", "no node `node1`", "203"]),
    (
        "bad_times.inp",
        &["town.inp:324", "`0:00:00:00` is not a time"],
    ),
    ("cv_controls.inp", &["no junctions", "223"]),
];

#[test]
fn networks_that_epanet_refuses_are_refused() {
    let test = "inp::networks_that_epanet_refuses_are_refused";
    for (name, parts) in REFUSED {
        let path = format!("epanet_wntr_tests/wntr/tests/networks_for_testing/{name}");
        let Some(file) = shared_data(test, &path) else {
            continue;
        };
        let text = super::problems(&std::fs::read(file).expect("a readable network"));
        for part in *parts {
            assert!(text.contains(part), "{name}: no {part:?} in\n{text}");
        }
    }
}
