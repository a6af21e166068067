//! Campaigns and ensembles on a real cluster: NATS servers on the loopback interface, workers as
//! processes of their own, all of them killed in the middle; workers that lie.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use parallax::cluster::{self, ClusterError, Handler, Job, Judge, News, Verdict};
use parallax::session::campaign::{
    self, Campaign, CampaignError, CampaignReport, ClusterExecutor, JournalError, LocalExecutor,
    Outcome, Row, RunWorker,
};
use tempfile::TempDir;

use crate::campaign::{open, plan_file, results};
use crate::telemetry::skip;

/// The server's program, unless `PARALLAX_NATS_SERVER` names another.
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

/// A worker that is honest twice, then says wrong things that look right, then garbles.
struct Liar {
    inner: RunWorker,
    answers: AtomicUsize,
}

impl Handler for Liar {
    fn has(&self, address: &str) -> bool {
        self.inner.has(address)
    }

    fn open(&self, address: &str, bundle: &[u8]) -> Result<(), String> {
        self.inner.open(address, bundle)
    }

    fn compute(&self, address: &str, task: &[u8]) -> Result<Vec<u8>, String> {
        let honest = self.inner.compute(address, task)?;
        let told = self.answers.fetch_add(1, Ordering::Relaxed);
        if told < 2 {
            return Ok(honest);
        }
        let mut answers: serde_json::Value = serde_json::from_slice(&honest).expect("an answer");
        let mut outcome: Outcome =
            serde_json::from_value(answers[0]["outcome"].take()).expect("an outcome");
        outcome.result_hash ^= 1;
        if told < 5 {
            answers[0]["check_sum"] = outcome.check_sum().into();
        }
        answers[0]["outcome"] = serde_json::to_value(&outcome).expect("as JSON");
        Ok(serde_json::to_vec(&answers).expect("as JSON"))
    }
}

#[test]
fn a_worker_that_lies_is_found_and_all_that_it_said_is_computed_again() {
    let test = "a_worker_that_lies_is_found_and_all_that_it_said_is_computed_again";
    let Some(cluster) = Nodes::start(test, 1) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let alone = alone(&campaign, folder.path());
    let liar = Arc::new(Liar {
        inner: RunWorker::new("liar"),
        answers: AtomicUsize::new(0),
    });
    let _liar = Thread::start(
        &cluster.urls,
        env!("CARGO_PKG_VERSION"),
        "liar",
        liar.clone(),
    );
    let mut honest = None;
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    remote.least_secs = 0.0;
    remote.recompute_one_in = 0;
    let mut counts = vec![0; alone.rows.len()];
    let mut each = |row: &Row, _: usize| {
        counts[row.run as usize] += 1;
        if honest.is_none() && counts.iter().sum::<i32>() == 5 {
            honest = Some(worker(&cluster.urls));
        }
    };
    let out = folder.path().join("many");
    let together = campaign::run(&campaign, &out, &mut remote, &mut each).expect("it runs");
    assert_eq!(results(&together.rows), results(&alone.rows));
    assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
    let trouble = remote.trouble();
    assert_eq!(trouble.distrusted, ["liar"]);
    assert_eq!(
        (trouble.rechecked, trouble.corrected),
        (5, 3),
        "{trouble:?}"
    );
    // What the journal holds after the corrections is right as well.
    let mut nobody = LocalExecutor { threads: 1 };
    let again = campaign::run(&campaign, &out, &mut nobody, &mut |_, _| ()).expect("it opens");
    assert_eq!(again.resumed, alone.rows.len());
    assert_eq!(results(&again.rows), results(&alone.rows));
}

#[test]
fn a_share_of_the_runs_is_computed_again_and_finds_wrong_values() {
    let test = "a_share_of_the_runs_is_computed_again_and_finds_wrong_values";
    let Some(cluster) = Nodes::start(test, 1) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let alone = alone(&campaign, folder.path());
    // Its sums are right from the third answer to the fifth: only computing again shows them.
    let liar = Arc::new(Liar {
        inner: RunWorker::new("liar"),
        answers: AtomicUsize::new(2),
    });
    let _liar = Thread::start(
        &cluster.urls,
        env!("CARGO_PKG_VERSION"),
        "liar",
        liar.clone(),
    );
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    remote.recompute_one_in = 1;
    let urls = cluster.urls.clone();
    let later = thread::spawn(move || {
        while liar.answers.load(Ordering::Relaxed) == 2 {
            thread::sleep(Duration::from_millis(5));
        }
        worker(&urls)
    });
    let out = folder.path().join("many");
    let together = campaign::run(&campaign, &out, &mut remote, &mut |_, _| ()).expect("it runs");
    assert_eq!(results(&together.rows), results(&alone.rows));
    assert_eq!(remote.trouble().distrusted, ["liar"]);
    drop(later.join().expect("the honest one was started"));
}

/// A worker that takes down what it is told.
#[derive(Default)]
struct Listener(Mutex<Vec<String>>, AtomicUsize);

impl Handler for Listener {
    fn has(&self, _: &str) -> bool {
        true
    }

    fn open(&self, _: &str, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn compute(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Err("it should not have come here".to_owned())
    }

    fn hear(&self, why: &str) {
        self.0.lock().expect("a lock").push(why.to_owned());
    }
}

#[test]
fn a_worker_of_another_version_is_refused_and_both_sides_know() {
    let test = "a_worker_of_another_version_is_refused_and_both_sides_know";
    let Some(cluster) = Nodes::start(test, 1) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let listener = Arc::new(Listener::default());
    let foreign = Thread::start(&cluster.urls, "9.9.9", "foreign", listener.clone());
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    let (urls, heard) = (cluster.urls.clone(), Arc::clone(&listener));
    let later = thread::spawn(move || {
        let began = Instant::now();
        while heard.0.lock().expect("a lock").is_empty() && began.elapsed().as_secs() < 20 {
            thread::sleep(Duration::from_millis(20));
        }
        worker(&urls)
    });
    let out = folder.path().join("many");
    let report = campaign::run(&campaign, &out, &mut remote, &mut |_, _| ()).expect("it runs");
    drop(later.join().expect("the right one was started"));
    drop(foreign);
    assert_eq!(report.failed, 0);
    assert_eq!(remote.trouble().refused, ["foreign"]);
    assert_eq!(listener.1.load(Ordering::Relaxed), 0, "it got no task");
    let told = listener.0.lock().expect("a lock").clone();
    let ours = env!("CARGO_PKG_VERSION");
    assert_eq!(
        told,
        [format!("refused version 9.9.9: this work needs {ours}")]
    );
}

/// Accepts whatever comes.
struct Anything;

impl Judge for Anything {
    fn judge(&mut self, _: usize, _: &str, _: &[u8]) -> Verdict {
        Verdict::Accepted
    }

    fn hear(&mut self, _: News) -> bool {
        true
    }
}

fn job<'a>(session: &'a str, bundle: (&'a str, &'a [u8]), tasks: &'a [Vec<u8>]) -> Job<'a> {
    Job {
        session,
        version: env!("CARGO_PKG_VERSION"),
        bundle,
        tasks,
        patience: Duration::from_secs(5),
        longest: Duration::from_secs(60),
    }
}

#[test]
fn a_bundle_that_is_not_what_its_address_says_is_refused() {
    let test = "a_bundle_that_is_not_what_its_address_says_is_refused";
    let Some(cluster) = Nodes::start(test, 1) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let right = campaign.bundle.pack().expect("it can be packed");
    let address = format!("{:016x}", campaign.bundle.address());
    let mut other = campaign.bundle.clone();
    other.scene.push(' ');
    let other = other.pack().expect("it can be packed");
    let torn = right[..right.len() / 2].to_vec();
    let names = ["first", "second"];
    let start = |name: &&str| {
        let handler = Arc::new(RunWorker::new(name));
        Thread::start(&cluster.urls, env!("CARGO_PKG_VERSION"), name, handler)
    };
    let _workers: Vec<_> = names.iter().map(start).collect();
    let tasks = [b"{}".to_vec()];
    for (session, bytes, why) in [
        ("other", other, "the bundle is not what its address says"),
        ("torn", torn, "the bundle cannot be unpacked"),
    ] {
        let job = job(session, (&address, &bytes), &tasks);
        let done = cluster::produce(&cluster.urls, &job, &mut Anything);
        let error = done.expect_err("it is refused");
        // Both have said no, and nobody is left.
        match &error {
            ClusterError::Silent { why: told, .. } => assert!(told.contains(why), "{told}"),
            _ => panic!("{error}"),
        }
    }
    let handler = RunWorker::new("here");
    handler.open(&address, &right).expect("the right one opens");
}

#[test]
fn a_campaign_without_workers_says_so() {
    let test = "a_campaign_without_workers_says_so";
    let Some(cluster) = Nodes::start(test, 1) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    remote.patience = Duration::from_secs(2);
    let out = folder.path().join("many");
    let done = campaign::run(&campaign, &out, &mut remote, &mut |_, _| ());
    let error = done.expect_err("nobody computes").to_string();
    assert!(error.contains("0 workers may compute them"), "{error}");
}

#[test]
fn a_killed_producer_is_resumed_and_two_never_write_one_folder() {
    let test = "a_killed_producer_is_resumed_and_two_never_write_one_folder";
    let Some(cluster) = Nodes::start(test, 1) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let design = DESIGN.replace("count: 10", "count: 60");
    let plan = plan_file(folder.path(), &design);
    let campaign = open(folder.path(), &design);
    let alone = alone(&campaign, folder.path());
    let _worker = worker(&cluster.urls);
    let out = folder.path().join("many");
    let (plan, shown) = (plan.display().to_string(), out.display().to_string());
    let mut first = program(&["campaign", &plan, "--out", &shown, "--nats", &cluster.urls]);
    let mut first = Process(first.stdout(Stdio::null()).spawn().expect("it starts"));
    let lines = || {
        let text = fs::read_to_string(out.join("done.jsonl")).unwrap_or_default();
        text.lines().count()
    };
    let began = Instant::now();
    while lines() < 5 && began.elapsed().as_secs() < 60 {
        thread::sleep(Duration::from_millis(2));
    }
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    let busy = campaign::run(&campaign, &out, &mut remote, &mut |_, _| ());
    assert!(
        matches!(busy, Err(CampaignError::Journal(JournalError::Busy { .. }))),
        "{busy:?}"
    );
    first.kill();
    let before = lines();
    assert!(
        before < alone.rows.len(),
        "it was killed in the middle: {before}"
    );
    let report = campaign::run(&campaign, &out, &mut remote, &mut |_, _| ()).expect("it resumes");
    assert!(report.resumed >= 3, "{}", report.resumed);
    assert_eq!(results(&report.rows), results(&alone.rows));
}

#[test]
fn members_of_one_ensemble_on_many_machines_are_those_of_one_bit_for_bit() {
    let test = "members_of_one_ensemble_on_many_machines_are_those_of_one_bit_for_bit";
    let Some(cluster) = Nodes::start(test, 3) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let simulate = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let mut command = program(&["simulate", "waterworks", "--scenario", "Live"]);
        command.args([
            "--horizon",
            "24h",
            "--members",
            "44",
            "--format",
            "csv",
            "--out",
        ]);
        command.arg(&out).args(more);
        let done = command.output().expect("it runs");
        assert!(done.status.success(), "{}", said(&done));
        let file = fs::read(out.join("run.csv")).expect("a result");
        let told: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("run.json")).expect("a report"))
                .expect("as JSON");
        (file, told)
    };
    let (alone, alone_told) = simulate("alone", &[]);
    let mut workers = vec![worker(&cluster.urls), worker(&cluster.urls)];
    let kill = thread::spawn(move || {
        thread::sleep(Duration::from_secs(2));
        workers[0].kill();
        workers
    });
    let (spread, spread_told) = simulate("spread", &["--nats", &cluster.urls]);
    kill.join().expect("one was killed");
    assert_eq!(spread, alone, "the bands");
    let same = [
        "state",
        "members",
        "failed_members",
        "plan_fingerprint",
        "result_hash",
        "samples",
        "solves",
        "iterations",
        "model_warnings",
        "residual_max",
        "breaches",
        "kpis",
    ];
    for field in same {
        assert!(!alone_told[field].is_null(), "{field}");
        assert_eq!(spread_told[field], alone_told[field], "{field}");
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A token of NATS: what `issuer` says of `subject`.
fn token(issuer: &KeyPair, subject: &KeyPair, name: &str, rights: serde_json::Value) -> String {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&serde_json::json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let body = part(&serde_json::json!({
        "jti": name, "iat": 1_767_225_600, "iss": issuer.public_key(), "name": name,
        "sub": subject.public_key(), "nats": rights,
    }));
    let signed = format!("{head}.{body}");
    let signature = issuer.sign(signed.as_bytes()).expect("a key that signs");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn encryption_and_credentials_are_needed_and_suffice() {
    let test = "encryption_and_credentials_are_needed_and_suffice";
    let folder = TempDir::new().expect("a folder");
    let within = |name: &str| folder.path().join(name);
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let certified = certified.expect("a certificate");
    fs::write(within("cert.pem"), certified.cert.pem()).expect("written");
    fs::write(within("key.pem"), certified.signing_key.serialize_pem()).expect("written");
    let (operator, account) = (KeyPair::new_operator(), KeyPair::new_account());
    let (system, user) = (KeyPair::new_account(), KeyPair::new_user());
    let all = |stored: i64| {
        serde_json::json!({ "type": "account", "version": 2, "limits": {
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "conn": -1,
            "leaf": -1, "wildcards": true, "mem_storage": stored, "disk_storage": stored,
            "streams": stored, "consumer": stored,
        }})
    };
    let own = serde_json::json!({ "type": "operator", "version": 2 });
    let rights = serde_json::json!({
        "type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1,
    });
    let port = free_ports(1)[0];
    let config = format!(
        "server_name: n0\nlisten: 127.0.0.1:{port}\n\
         tls {{ cert_file: {:?}, key_file: {:?} }}\n\
         operator: {}\nsystem_account: {system}\nresolver: MEMORY\n\
         resolver_preload {{ {account}: {}, {system}: {} }}\n",
        within("cert.pem"),
        within("key.pem"),
        token(&operator, &operator, "operator", own),
        token(&operator, &account, "account", all(-1)),
        token(&operator, &system, "system", all(0)),
        system = system.public_key(),
        account = account.public_key(),
    );
    let creds = format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        token(&account, &user, "user", rights),
        user.seed().expect("a seed"),
    );
    fs::write(within("user.creds"), creds).expect("written");
    let urls = format!("tls://localhost:{port}");
    let servers = TempDir::new().expect("a folder");
    let Some(cluster) = Nodes::start_with(test, servers, vec![config], urls) else {
        return;
    };
    let plan = plan_file(folder.path(), crate::campaign::SWEEP)
        .display()
        .to_string();
    let run = |out: &str, urls: &str, with: &[(&str, &str)]| {
        let out = within(out).display().to_string();
        let mut command = program(&["campaign", &plan, "--out", &out, "--nats", urls]);
        for (name, file) in with {
            command.env(name, within(file));
        }
        command.output().expect("it runs")
    };
    let (ca, key) = (
        ("PARALLAX_NATS_CA", "cert.pem"),
        ("PARALLAX_NATS_CREDS", "user.creds"),
    );
    let mut helper = program(&["worker", "--nats", &cluster.urls, "--slots", "1"]);
    helper.env(ca.0, within(ca.1)).env(key.0, within(key.1));
    let _worker = Process(helper.stdout(Stdio::null()).spawn().expect("it starts"));
    let done = run("all", &cluster.urls, &[ca, key]);
    assert!(done.status.success(), "{}", said(&done));
    for (out, with) in [("no-key", [ca].as_slice()), ("no-ca", &[key])] {
        let done = run(out, &cluster.urls, with);
        assert_eq!(done.status.code(), Some(2), "{out}: {}", said(&done));
        assert!(
            said(&done).contains("NATS refuses"),
            "{out}: {}",
            said(&done)
        );
    }
    let done = run("plain", "nats://192.0.2.1:4222", &[ca, key]);
    assert!(said(&done).contains("write tls://"), "{}", said(&done));
}

#[test]
fn what_a_cluster_costs_per_message() {
    let test = "what_a_cluster_costs_per_message";
    let Some(cluster) = Nodes::start(test, 3) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let campaign = open(folder.path(), DESIGN);
    let _worker = worker(&cluster.urls);
    let mut remote = ClusterExecutor::new(&cluster.urls, &campaign).expect("an executor");
    // The first results come when the servers have a leader and the worker has the scene.
    let warm = folder.path().join("warm");
    campaign::run(&campaign, &warm, &mut remote, &mut |_, _| ()).expect("it runs");
    remote.least_secs = 0.0;
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
