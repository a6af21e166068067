//! A 24 h future of the waterworks: CPU seconds for 1, 100 and 200 members, serial and parallel,
//! and how soon the first band is there.
//!
//! `cargo bench --bench future`

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parallax::scene::Scenario;
use parallax::session::{self, Control, Opened};
use parallax::simulation::{InitialState, RunPlan, RunState};
use parallax::time::Timestamp;

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
const REPEATS: usize = 5;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/waterworks");
    let opened = session::open(&folder).unwrap_or_else(|error| panic!("{error}"));
    println!(
        "24 h of {}: {} signals every 5 min, median of {REPEATS}",
        opened.scene.name,
        opened.plant.outputs().len()
    );
    println!(
        "{:>8} {:>8} {:>9} {:>9} {:>12} {:>12} {:>18}",
        "members", "threads", "CPU s", "wall s", "first band s", "solves", "hash of values"
    );
    for (members, threads) in [(1, 1), (100, 1), (100, 2), (200, 1), (200, 2)] {
        let mut runs: Vec<_> = (0..REPEATS)
            .map(|_| compute(&opened, members, threads))
            .collect();
        runs.sort_by(|a, b| a.cpu_secs.total_cmp(&b.cpu_secs));
        let run = &runs[REPEATS / 2];
        println!(
            "{members:>8} {threads:>8} {:>9.3} {:>9.3} {:>12.4} {:>12} {:>18x}",
            run.cpu_secs, run.wall_secs, run.first_secs, run.solves, run.hash
        );
    }
}

struct Measured {
    cpu_secs: f64,
    wall_secs: f64,
    first_secs: f64,
    solves: u64,
    hash: u64,
}

fn compute(opened: &Opened, members: u32, threads: usize) -> Measured {
    let scenario = Scenario {
        members,
        horizon: Duration::from_secs(86_400),
        step: Duration::from_secs(300),
        ..session::baseline(&opened.scene)
    };
    let initial = InitialState::unknown(&opened.scene, START);
    let plan = RunPlan {
        plant: Arc::clone(&opened.plant),
        initial,
        scenario,
        seed: 1,
    };
    let mut hasher = DefaultHasher::new();
    let began = Instant::now();
    let mut first_secs = f64::NAN;
    let done = session::compute(
        plan,
        &opened.scene,
        threads,
        &Control::default(),
        |chunk, _, _| {
            if first_secs.is_nan() {
                first_secs = began.elapsed().as_secs_f64();
            }
            for band in &chunk.bands {
                [band.p10, band.p50, band.p90]
                    .map(f64::to_bits)
                    .hash(&mut hasher);
            }
            true
        },
    );
    assert_eq!(done.state, RunState::Finished, "{:?}", done.failures);
    Measured {
        cpu_secs: done.progress.cpu_secs,
        wall_secs: began.elapsed().as_secs_f64(),
        first_secs,
        solves: done.progress.totals.solves,
        hash: hasher.finish(),
    }
}
