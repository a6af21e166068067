//! Workers that say what they did not compute.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self};
use std::time::Duration;

use parallax::cluster::Handler;
use parallax::session::campaign::{self, ClusterExecutor, LocalExecutor, Outcome, Row, RunWorker};
use tempfile::TempDir;

use super::{DESIGN, Nodes, Thread, alone, worker};
use crate::campaign::{open, results};

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
