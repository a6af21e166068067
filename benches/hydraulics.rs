//! Water networks beside EPANET 2.2, in one run: CPU seconds of the bare solve loop on one core,
//! and members of an ensemble per CPU second.
//!
//! `cargo bench --bench hydraulics`; the networks are those of `$PARALLAX_DATA` or
//! `../shared/data`, EPANET that of `$PARALLAX_EPANET` or the one `scripts/test` installed.
//! EPANET's seconds are those of `EN_openH … EN_nextH … EN_closeH` with no file written, less what
//! calling it from Python costs. It lays out its equations in there, so for one member the layout
//! counts here too; the last column leaves it out on both sides. In ensembles both lay them out
//! once.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use parallax::cli::{HydraulicsBenchArgs, measure_hydraulics, multipliers};
use serde::Deserialize;

/// Networks, and how often each engine computes them in a round.
const SINGLE: [(&str, usize); 4] = [
    ("Net3.inp", 20),
    ("Net6.inp", 1),
    ("asce-tf-wdst/ky10.inp", 50),
    ("L-TOWN.inp", 3),
];
const ENSEMBLES: [&str; 2] = ["Net3.inp", "L-TOWN.inp"];
const MEMBERS: usize = 100;
/// EPANET needs no more than these to tell its runs per second.
const PEER_MEMBERS: usize = 20;
/// Rounds in which the engines take turns, so that both see the same machine.
const ROUNDS: usize = 5;

/// What the script says of EPANET.
#[derive(Debug, Deserialize)]
struct Peer {
    runs: usize,
    steps: f64,
    cpu_s_median: f64,
    cpu_s_sum: f64,
}

fn main() -> ExitCode {
    let (Some(python), Some(folder)) = (python(), networks()) else {
        eprintln!("no EPANET or no networks here: scripts/test installs the first");
        return ExitCode::from(2);
    };
    println!(
        "{:<24} {:>7} {:>8} {:>12} {:>12} {:>7} {:>15}",
        "one member", "steps", "EPANET's", "CPU s", "EPANET's", "ratio", "without layout"
    );
    for (name, repeat) in SINGLE {
        single(&python, &folder.join(name), name, repeat);
    }
    println!(
        "\n{:<24} {:>7} {:>8} {:>12} {:>12} {:>7}",
        "ensembles", "members", "lanes", "runs/CPU s", "EPANET's", "times"
    );
    for name in ENSEMBLES {
        ensemble(&python, &folder.join(name), name);
    }
    ExitCode::SUCCESS
}

fn single(python: &Path, file: &Path, name: &str, repeat: usize) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut our_loops, mut their_loops) = (Vec::new(), Vec::new());
    let mut steps = (0.0, 0.0);
    let times = repeat.to_string();
    for _ in 0..ROUNDS {
        let args = arguments(file, 1, repeat, None);
        let measured = measure_hydraulics(&args).unwrap_or_else(|error| panic!("{error}"));
        let whole = peer(python, file, &["--time", &times]);
        let kept = peer(python, file, &["--time", &times, "--keep-open"]);
        ours.push(measured.plan_cpu_s + measured.cpu_s);
        our_loops.push(measured.cpu_s);
        theirs.push(whole.cpu_s_median);
        their_loops.push(kept.cpu_s_median);
        steps = (measured.steps, whole.steps);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "{name:<24} {:>7} {:>8} {ours:>12.5} {theirs:>12.5} {:>7.2} {:>15.2}",
        steps.0,
        steps.1,
        ours / theirs,
        median(our_loops) / median(their_loops)
    );
}

fn ensemble(python: &Path, file: &Path, name: &str) {
    let factors: Vec<_> = multipliers(PEER_MEMBERS)
        .iter()
        .map(f64::to_string)
        .collect();
    let peer = peer(
        python,
        file,
        &[
            "--time",
            "1",
            "--keep-open",
            "--factors",
            &factors.join(","),
        ],
    );
    let theirs = peer.runs as f64 / peer.cpu_s_sum;
    for lanes in [1, 2, 4, 8] {
        let args = arguments(file, MEMBERS, 3, Some(lanes));
        let measured = measure_hydraulics(&args).unwrap_or_else(|error| panic!("{error}"));
        let ours = measured.runs_per_cpu_s;
        println!(
            "{name:<24} {MEMBERS:>7} {lanes:>8} {ours:>12.2} {theirs:>12.2} {:>7.2}",
            ours / theirs
        );
    }
}

fn arguments(
    file: &Path,
    members: usize,
    repeat: usize,
    lanes: Option<usize>,
) -> HydraulicsBenchArgs {
    HydraulicsBenchArgs {
        file: file.to_owned(),
        members,
        repeat,
        lanes,
    }
}

fn peer(python: &Path, file: &Path, options: &[&str]) -> Peer {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/epanet/reference.py");
    let output = Command::new(python)
        .arg(script)
        .arg(file)
        .args(options)
        .output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn median(mut secs: Vec<f64>) -> f64 {
    secs.sort_by(f64::total_cmp);
    secs[secs.len() / 2]
}

fn python() -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let installed = cache.map(|folder| folder.join("parallax/epanet/bin/python"));
    let named = env::var_os("PARALLAX_EPANET").map(PathBuf::from);
    named.or(installed).filter(|python| python.exists())
}

fn networks() -> Option<PathBuf> {
    let root = env::var_os("PARALLAX_DATA").map(PathBuf::from);
    let places = root
        .into_iter()
        .chain(["../shared/data", "../../shared/data"].map(PathBuf::from));
    places
        .map(|folder| folder.join("epanet_networks"))
        .find(|folder| folder.exists())
}
