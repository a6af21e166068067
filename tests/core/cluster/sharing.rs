//! Who takes part in the work and what it costs: versions, bundles, producers, members of one
//! ensemble.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self};
use std::time::{Duration, Instant};

use parallax::cluster::{self, ClusterError, Handler, Job, Judge, News, Verdict};
use parallax::session::campaign::{self, CampaignError, ClusterExecutor, JournalError, RunWorker};
use tempfile::TempDir;

use super::{DESIGN, Nodes, Process, Thread, alone, program, said, worker};
use crate::campaign::{open, plan_file, results};

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
