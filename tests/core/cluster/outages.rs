//! Workers and servers that are killed in the middle of the work.

use std::thread::{self};
use std::time::{Duration, Instant};

use parallax::session::campaign::{self, ClusterExecutor, Row};
use tempfile::TempDir;

use super::{DESIGN, Nodes, alone, start_node, worker};
use crate::campaign::{open, results};

#[test]
fn a_campaign_outlives_a_killed_worker_and_a_killed_node_bit_for_bit() {
    let test = "a_campaign_outlives_a_killed_worker_and_a_killed_node_bit_for_bit";
    let Some(mut cluster) = Nodes::start(test, 3) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let began = Instant::now();
    let alone = alone(&campaign, folder.path());
    let alone_secs = began.elapsed().as_secs_f64();
    let mut workers = [worker(&cluster.urls), worker(&cluster.urls)];
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    remote.least_secs = 0.0;
    let mut counts = vec![0; alone.rows.len()];
    let mut count = 0;
    let many = folder.path().join("many");
    let began = Instant::now();
    let mut each = |row: &Row, _: usize| {
        counts[row.run as usize] += 1;
        count += 1;
        if count == 10 {
            workers[0].kill();
        }
        if count == 20 {
            cluster.nodes[1].kill();
        }
    };
    let together = campaign::run(&campaign, &many, &mut remote, &mut each).expect("it runs");
    let secs = began.elapsed().as_secs_f64();
    assert_eq!(results(&together.rows), results(&alone.rows));
    assert!(
        counts.iter().all(|count| *count == 1),
        "each exactly once: {counts:?}"
    );
    assert_eq!(remote.trouble(), &campaign::Trouble::default());
    eprintln!(
        "alone {alone_secs:.2} s on two threads; with a worker and a node killed {secs:.2} s"
    );
}

#[test]
fn thirty_seconds_without_a_leader_lose_and_double_nothing() {
    let test = "thirty_seconds_without_a_leader_lose_and_double_nothing";
    let Some(mut cluster) = Nodes::start(test, 3) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let alone = alone(&campaign, folder.path());
    let _workers = [worker(&cluster.urls), worker(&cluster.urls)];
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    remote.least_secs = 0.0;
    let mut counts = vec![0; alone.rows.len()];
    let mut count = 0;
    let mut back = None;
    let nodes = cluster.folder.path().to_owned();
    let mut each = |row: &Row, _: usize| {
        counts[row.run as usize] += 1;
        count += 1;
        if count == 15 {
            cluster.nodes[0].kill();
            cluster.nodes[1].kill();
            let nodes = nodes.clone();
            back = Some(thread::spawn(move || {
                thread::sleep(Duration::from_secs(30));
                [start_node(&nodes, 0), start_node(&nodes, 1)]
            }));
        }
    };
    let many = folder.path().join("many");
    let began = Instant::now();
    let together = campaign::run(&campaign, &many, &mut remote, &mut each).expect("it runs");
    let secs = began.elapsed().as_secs_f64();
    let _nodes = back
        .expect("they were killed")
        .join()
        .expect("they are back");
    assert!(secs > 30.0, "it waited for a leader: {secs} s");
    assert_eq!(results(&together.rows), results(&alone.rows));
    assert!(
        counts.iter().all(|count| *count == 1),
        "each exactly once: {counts:?}"
    );
    eprintln!("30 s without a leader: {secs:.1} s");
}
