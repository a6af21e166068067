//! Campaigns and ensembles on a real cluster: NATS servers on the loopback interface, workers as
//! processes of their own, all of them killed in the middle; workers that lie.

mod lies;
mod outages;
mod security;
mod sharing;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use parallax::cluster::{self, Handler};
use parallax::session::campaign::{self, Campaign, CampaignReport, LocalExecutor};
use tempfile::TempDir;

use crate::telemetry::skip;

const PROGRAM: &str = "/usr/sbin/nats-server";

fn server() -> PathBuf {
    std::env::var_os("PARALLAX_NATS_SERVER").map_or_else(|| PROGRAM.into(), PathBuf::from)
}

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

/// Servers in folders of their own.
struct Nodes {
    folder: TempDir,
    nodes: Vec<Process>,
    urls: String,
}

impl Nodes {
    /// Starts `count` servers that keep what they store together.
    fn start(test: &str, count: usize) -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let ports = free_ports(2 * count);
        let (clients, routes) = ports.split_at(count);
        let route = |port: &u16| format!("nats://127.0.0.1:{port}");
        let all_routes: Vec<_> = routes.iter().map(route).collect();
        let config = |place: usize| {
            let cluster = format!(
                "cluster {{ name: test, listen: 127.0.0.1:{}, routes: [{}] }}",
                routes[place],
                all_routes.join(", ")
            );
            format!(
                "server_name: n{place}\nlisten: 127.0.0.1:{}\n{}\n",
                clients[place],
                if count > 1 { cluster } else { String::new() }
            )
        };
        let configs = (0..count).map(config).collect();
        let urls: Vec<_> = clients.iter().map(route).collect();
        Self::start_with(test, folder, configs, urls.join(","))
    }

    fn start_with(test: &str, folder: TempDir, configs: Vec<String>, urls: String) -> Option<Self> {
        if !server().exists() {
            skip(test, "nats-server is not installed");
            return None;
        }
        for (place, text) in configs.iter().enumerate() {
            let store = folder.path().join(format!("node-{place}"));
            let stored =
                format!("jetstream {{ store_dir: {store:?}, max_mem: 64MB, max_file: 6GB }}\n");
            fs::write(config_path(folder.path(), place), stored + text).expect("written");
        }
        let nodes = (0..configs.len()).map(|place| start_node(folder.path(), place));
        Some(Self {
            nodes: nodes.collect(),
            folder,
            urls,
        })
    }
}

fn config_path(folder: &Path, place: usize) -> PathBuf {
    folder.join(format!("node-{place}.conf"))
}

fn start_node(folder: &Path, place: usize) -> Process {
    let mut command = Command::new(server());
    command.arg("-c").arg(config_path(folder, place));
    if std::env::var_os("PARALLAX_TEST_VERBOSE").is_none() {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    }
    Process(command.spawn().expect("nats-server starts"))
}

fn free_ports(count: usize) -> Vec<u16> {
    let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let held: Vec<_> = (0..count).map(bind).collect();
    let port = |one: &TcpListener| one.local_addr().expect("bound").port();
    held.iter().map(port).collect()
}

/// A worker of ours in a thread of this test; it ends when this is dropped.
struct Thread {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Thread {
    fn start(urls: &str, version: &str, name: &str, handler: Arc<dyn Handler>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (urls, version, name) = (urls.to_owned(), version.to_owned(), name.to_owned());
        let heard = Arc::clone(&stop);
        let work = move || cluster::work(&urls, &version, &name, 1, &handler, &heard);
        Self {
            stop,
            thread: Some(thread::spawn(move || work().expect("it works"))),
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(thread::panicking() || ended.is_some_and(|ended| ended.is_ok()));
    }
}

fn alone(campaign: &Campaign, folder: &Path) -> CampaignReport {
    let mut local = LocalExecutor { threads: 2 };
    campaign::run(campaign, &folder.join("alone"), &mut local, &mut |_, _| ()).expect("it runs")
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
    command.args(args).env_remove("RUST_LOG");
    command
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

/// What a program told a person.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
