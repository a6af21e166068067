//! Water quality with our own hydraulics: whole networks against EPANET 2.2.
//!
//! The tables are what EPANET's library says with hydraulics saved to its file first, which
//! is how its programs run it; in the file's units.

use std::fs;
use std::sync::Arc;

use parallax::models::hydraulics::inp;
use parallax::models::hydraulics::network::Network;
use parallax::models::hydraulics::quality::{Flows, Quality};
use parallax::models::hydraulics::simulation::Simulation;

use super::super::shared_data;
use super::HOUR;

/// `(hour, quality of each node)`.
type Table<'a> = &'a [(i64, &'a [f64])];

/// Follows quality in `file` with `more` lines at its end, and compares the nodes `ids` with
/// `table`; `unit` is that of the table.
#[track_caller]
fn check(test: &str, file: &str, more: &str, unit: f64, ids: &[&str], table: Table<'_>) {
    let Some(folder) = shared_data(&format!("quality::networks::{test}"), "epanet_networks") else {
        return;
    };
    let bytes = fs::read(folder.join(file)).expect("a shared network");
    let text: String = bytes.into_iter().map(char::from).collect();
    let text = text.replace("[END]", &format!("{more}\n[END]"));
    let reading = inp::read(text.as_bytes()).expect("a network");
    let network = Arc::new(reading.network);
    let places: Vec<usize> = ids.iter().map(|id| place(&network, id)).collect();
    let mut simulation = Simulation::new(Arc::clone(&network));
    let mut quality = Quality::new(Arc::clone(&network)).expect("quality is asked for");
    let mut wrong = Vec::new();
    let mut rows = table.iter();
    let mut due = rows.next();
    while let Some((hour, expected)) = due {
        simulation.solve().expect("a solution");
        let now = simulation.time();
        if now == hour * HOUR {
            for ((id, &node), &value) in ids.iter().zip(&places).zip(*expected) {
                let (found, limit) = (quality.node(node) / unit, 1e-4 * value + 1e-5);
                if (found - value).abs() > limit {
                    wrong.push(format!("{id} at {hour} h: {found} instead of {value}"));
                }
            }
            due = rows.next();
        }
        let flows: Vec<f64> = (0..network.links.len())
            .map(|link| simulation.flow(link))
            .collect();
        let demands: Vec<f64> = (0..network.node_count())
            .map(|node| simulation.demand(node))
            .collect();
        let dt = simulation.next();
        assert!(dt > 0 || due.is_none(), "{now} s is the end");
        let flows = Flows {
            flows: &flows,
            demands: &demands,
        };
        quality.advance(now, dt, &flows);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn place(network: &Network, id: &str) -> usize {
    let known = |node: &usize| network.node_tag(*node) == id;
    let found = (0..network.node_count()).find(known);
    found.unwrap_or_else(|| panic!("no node {id}"))
}

#[test]
fn net1_chlorine_agrees() {
    check(
        "net1_chlorine_agrees",
        "asce-tf-wdst/Net1.inp",
        "",
        1e-3,
        &["11", "13", "22", "32", "2"],
        &[
            (3, &[0.86379, 0.309112, 0.319622, 0.244461, 0.913173]),
            (6, &[0.860339, 0.581624, 0.603638, 0.310282, 0.854328]),
            (12, &[0.85504, 0.554798, 0.567908, 0.328972, 0.753274]),
            (18, &[0.498695, 0.448889, 0.516487, 0.255486, 0.664937]),
            (24, &[0.868139, 0.385189, 0.263911, 0.153379, 0.586113]),
        ],
    );
}

#[test]
fn net2_fluoride_agrees() {
    check(
        "net2_fluoride_agrees",
        "asce-tf-wdst/Net2.inp",
        "",
        1e-3,
        &["2", "11", "19", "26", "34", "36"],
        &[
            (6, &[0.46, 0.693984, 1.01566, 1.00081, 0.99999, 0.999968]),
            (
                12,
                &[0.421347, 1.00068, 0.994425, 1.0008, 0.999936, 0.999699],
            ),
            (
                24,
                &[0.131114, 0.927192, 0.136923, 0.927193, 0.999831, 0.999488],
            ),
            (
                36,
                &[0.0880092, 0.841736, 0.103549, 0.841747, 0.994767, 0.99949],
            ),
            (
                48,
                &[0.0883068, 0.763748, 0.0770747, 0.763754, 0.230383, 1.00048],
            ),
        ],
    );
}

#[test]
fn net2_age_with_a_tank_of_two_compartments_agrees() {
    check(
        "net2_age_with_a_tank_of_two_compartments_agrees",
        "asce-tf-wdst/Net2.inp",
        "[OPTIONS]\n Quality Age\n[MIXING]\n 26 2COMP 0.4",
        3_600.0,
        &["2", "11", "19", "26", "34", "36"],
        &[
            (6, &[0.352534, 1.56838, 5.1117, 6.56238, 7.0, 6.99999]),
            (12, &[6.08409, 12.6216, 8.5248, 12.6573, 13.0, 12.9999]),
            (24, &[7.3826, 22.603, 9.58399, 22.8741, 25.0, 24.9999]),
            (36, &[5.00104, 30.4866, 8.15032, 31.1917, 33.1405, 36.5031]),
            (55, &[0.367861, 1.62592, 6.18287, 38.2037, 53.6117, 53.396]),
        ],
    );
}

#[test]
fn net2_share_of_a_last_in_first_out_tank_agrees() {
    check(
        "net2_share_of_a_last_in_first_out_tank_agrees",
        "asce-tf-wdst/Net2.inp",
        "[OPTIONS]\n Quality Trace 26\n[MIXING]\n 26 LIFO",
        0.01,
        &["2", "11", "19", "26", "34", "36"],
        &[
            (6, &[0.0, 0.0, 0.0, 100.0, 0.0, 0.0]),
            (12, &[0.0, 100.0, 0.0, 100.0, 0.0, 0.0]),
            (24, &[9.17966e-06, 100.0, 0.0, 100.0, 0.0, 0.0]),
            (36, &[3.27486e-06, 99.9999, 1.59553e-06, 100.0, 0.0, 0.0]),
            (55, &[0.0, 1.57582e-08, 4.14104e-06, 100.0, 100.0, 99.9999]),
        ],
    );
}

#[test]
fn net3_share_of_the_lake_agrees() {
    check(
        "net3_share_of_the_lake_agrees",
        "Net3.inp",
        "",
        0.01,
        &["15", "105", "141", "203", "1", "3"],
        &[
            (6, &[0.000174906, 100.0, 0.000176502, 10.1413, 2.35941, 0.0]),
            (12, &[1.75517e-05, 100.0, 1.07311e-05, 11.1227, 8.2932, 0.0]),
            (24, &[0.0, 0.000138326, 0.0, 0.0176082, 8.2932, 0.0]),
            (72, &[0.0, 0.000610383, 0.0, 0.0229289, 20.4666, 0.0]),
            (168, &[0.0, 0.000617281, 0.0, 0.0230328, 31.1366, 0.0]),
        ],
    );
}

#[test]
fn net3_age_agrees() {
    check(
        "net3_age_agrees",
        "Net3.inp",
        "[OPTIONS]\n Quality Age",
        3_600.0,
        &["15", "105", "141", "203", "1", "3"],
        &[
            (6, &[5.30658, 1.13741, 5.12081, 3.9198, 5.93995, 5.95154]),
            (12, &[9.48204, 1.13219, 9.16349, 5.3575, 11.7576, 11.899]),
            (24, &[23.899, 3.78245, 23.899, 4.35843, 23.7576, 23.5006]),
            (72, &[63.0421, 4.07488, 63.0421, 4.54202, 56.1107, 62.0815]),
            (168, &[114.359, 4.24307, 114.359, 4.59501, 84.5686, 112.552]),
        ],
    );
}

#[test]
fn net3_chlorine_with_every_mixing_agrees() {
    let more = "\
[OPTIONS]
 Quality Chlorine mg/L
[QUALITY]
 Lake 0.8
 River 1.0
[REACTIONS]
 ORDER WALL 1
 GLOBAL BULK -0.5
 GLOBAL WALL -0.3
[MIXING]
 1 FIFO
 2 2COMP 0.3
 3 LIFO
[SOURCES]
 61 SETPOINT 0.9";
    check(
        "net3_chlorine_with_every_mixing_agrees",
        "Net3.inp",
        more,
        1e-3,
        &["15", "105", "141", "203", "1", "3"],
        &[
            (6, &[0.661636, 0.755688, 0.694056, 0.812534, 0.0, 0.857989]),
            (12, &[0.613919, 0.747957, 0.629115, 0.777638, 0.0, 0.75709]),
            (24, &[0.16284, 0.838052, 0.16332, 0.838616, 0.0, 0.832014]),
            (
                72,
                &[0.240971, 0.822954, 0.159942, 0.828807, 0.161985, 0.821119],
            ),
            (
                168,
                &[0.271473, 0.826441, 0.162507, 0.829868, 0.172903, 0.820892],
            ),
        ],
    );
}

#[test]
fn net6_age_agrees() {
    check(
        "net6_age_agrees",
        "Net6.inp",
        "[OPTIONS]\n Quality Age",
        3_600.0,
        &[
            "JUNCTION-0",
            "JUNCTION-1000",
            "JUNCTION-2000",
            "JUNCTION-3000",
            "TANK-3325",
        ],
        &[
            (3, &[0.0, 3.0, 2.99998, 3.0, 3.0]),
            (6, &[0.0, 5.99986, 5.9979, 5.9998, 5.99895]),
            (12, &[0.0, 11.999, 11.0979, 11.9998, 11.7511]),
        ],
    );
}
