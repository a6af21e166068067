//! Campaigns on a real cluster: three NATS servers on the loopback interface, workers as
//! processes of their own, both killed in the middle.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use std::time::Instant;

use parallax::session::campaign::{self, ClusterExecutor, LocalExecutor, Row};
use tempfile::TempDir;

use crate::campaign::{open, results};
use crate::telemetry::skip;

const PROGRAM: &str = "/usr/sbin/nats-server";

/// A process that is killed when it is no longer wanted.
struct Process(Child);

impl Process {
    /// `kill -9`.
    fn kill(&mut self) {
        self.0.kill().expect("running");
        self.0.wait().expect("killed");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Three servers in folders of their own.
struct Nodes {
    _folder: TempDir,
    nodes: Vec<Process>,
    urls: String,
}

impl Nodes {
    fn start(test: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            skip(test, "nats-server is not installed");
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        let ports = free_ports(6);
        let (clients, routes) = ports.split_at(3);
        let route = |port: &u16| format!("nats://127.0.0.1:{port}");
        let all_routes: Vec<_> = routes.iter().map(route).collect();
        let nodes = (0..3).map(|place| {
            let path = folder.path().join(format!("node-{place}.conf"));
            let text = format!(
                "server_name: n{place}\nlisten: 127.0.0.1:{}\n\
                 jetstream {{ store_dir: {:?}, max_mem: 64MB, max_file: 6GB }}\n\
                 cluster {{ name: test, listen: 127.0.0.1:{}, routes: [{}] }}\n",
                clients[place],
                folder.path().join(format!("node-{place}")),
                routes[place],
                all_routes.join(", "),
            );
            fs::write(&path, text).expect("written");
            let mut command = Command::new(PROGRAM);
            command.arg("-c").arg(&path);
            if std::env::var_os("PARALLAX_TEST_VERBOSE").is_none() {
                command.stdout(Stdio::null()).stderr(Stdio::null());
            }
            Process(command.spawn().expect("nats-server starts"))
        });
        let nodes = nodes.collect();
        let urls: Vec<_> = clients.iter().map(route).collect();
        Some(Self {
            _folder: folder,
            nodes,
            urls: urls.join(","),
        })
    }
}

fn free_ports(count: usize) -> Vec<u16> {
    let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let held: Vec<_> = (0..count).map(bind).collect();
    let port = |one: &TcpListener| one.local_addr().expect("bound").port();
    held.iter().map(port).collect()
}

fn worker(urls: &str) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
    command.args(["worker", "--nats", urls, "--slots", "1"]);
    command.env_remove("RUST_LOG").stdout(Stdio::null());
    Process(command.spawn().expect("the worker starts"))
}

/// 60 runs of the waterworks.
const DESIGN: &str = r#"Sweep(parameters: [
    (name: "demand", signal: "D-*.demand_factor", effect: Times, range: (0.7, 1.4), count: 10),
    (signal: "V-402.position", range: (0, 100), count: 3),
]), replications: 2"#;

#[test]
fn a_campaign_outlives_a_killed_worker_and_a_killed_node_bit_for_bit() {
    let test = "a_campaign_outlives_a_killed_worker_and_a_killed_node_bit_for_bit";
    let Some(mut cluster) = Nodes::start(test) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let mut local = LocalExecutor { threads: 2 };
    let single = folder.path().join("single");
    let began = Instant::now();
    let alone = campaign::run(&campaign, &single, &mut local, &mut |_, _| ()).expect("it runs");
    let alone_secs = began.elapsed().as_secs_f64();

    let mut workers = vec![worker(&cluster.urls), worker(&cluster.urls)];
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
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
    eprintln!(
        "alone {alone_secs:.2} s on two threads; with a worker and a node killed {secs:.2} s"
    );
}

#[test]
fn what_a_cluster_costs_per_message() {
    let test = "what_a_cluster_costs_per_message";
    let Some(cluster) = Nodes::start(test) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let _worker = worker(&cluster.urls);
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    // The first results come when the servers have a leader and the worker has the scene.
    let warm = folder.path().join("warm");
    campaign::run(&campaign, &warm, &mut remote, &mut |_, _| ()).expect("it runs");
    let began = Instant::now();
    let out = folder.path().join("out");
    let report = campaign::run(&campaign, &out, &mut remote, &mut |_, _| ()).expect("it runs");
    let secs = began.elapsed().as_secs_f64();
    let cpu: f64 = report.rows.iter().map(|row| row.effort.cpu_secs).sum();
    let each = (secs - cpu) / report.rows.len() as f64;
    assert_eq!(report.failed, 0);
    eprintln!(
        "{} runs: {secs:.2} s by the clock, {cpu:.2} s of computing: {:.1} ms more per run",
        report.rows.len(),
        each * 1e3
    );
}
