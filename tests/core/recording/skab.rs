//! Files of the field, played through a real broker into a store, and read there by others.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use parallax::recording::log::LogFile;
use parallax::session;
use serde::Deserialize;

use super::peers::ask;
use crate::mosquitto::{Mosquitto, QUEUEING};
use crate::telemetry::data;

/// Files whose times do not overlap: what one rig said in one day.
const FILES: [(&str, usize); 2] = [("valve1", 16), ("valve2", 4)];

/// Times in nanoseconds and the bits of values, by signal or column.
type Values = BTreeMap<String, Vec<(i64, String)>>;

#[derive(Deserialize)]
struct Answer {
    duckdb: Values,
    pyarrow: Values,
    /// What stood in the files.
    pandas: Values,
}

/// A recorder that is a program of its own, killed as a power cut would.
struct Recorder(Child);

impl Drop for Recorder {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn parallax(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parallax"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

#[track_caller]
fn succeeded(output: &Output) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
}

/// Rows in the log of a store.
fn logged(store: &Path) -> usize {
    let logs = LogFile::list(store).unwrap_or_default();
    let rows = logs.iter().filter_map(|log| log.read().ok());
    rows.map(|log| log.rows.len()).sum()
}

#[test]
fn a_replayed_day_is_read_value_for_value_by_others() {
    let test = "a_replayed_day_is_read_value_for_value_by_others";
    let names = FILES.iter().flat_map(|(folder, count)| {
        (0..*count).map(move |file| format!("skab/data/{folder}/{file}.csv"))
    });
    let files: Option<Vec<PathBuf>> = names.map(|name| data(test, &name)).collect();
    let Some(files) = files else { return };
    let Some(broker) = Mosquitto::start(test, QUEUEING) else {
        return;
    };
    let scene = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/pump-rig");
    let opened = session::open(Path::new(scene)).expect("the pump rig");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = folder.path().join("store");
    let store_text = store.display().to_string();
    let url = broker.url();

    let mut recorder = parallax(&["record", scene, "--broker", &url, "--store", &store_text])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map(Recorder)
        .expect("the program starts");
    let told = BufReader::new(recorder.0.stderr.take().expect("piped"));
    let mut told = told.lines().map_while(Result::ok);
    assert!(told.any(|line| line == "listening to all sources"));
    let out = folder.path().join("out").display().to_string();
    for file in &files {
        let file = file.display().to_string();
        let mut replay = parallax(&["replay", &file, "--scene", scene, "--broker", &url]);
        replay.args(["--speed", "max", "--headless", "--out", &out]);
        succeeded(&replay.output().expect("it ends"));
    }
    // All is there when nothing has come for a while.
    let mut before = 0;
    loop {
        thread::sleep(Duration::from_millis(1_500));
        let rows = logged(&store);
        if rows == before {
            break;
        }
        before = rows;
    }
    drop(recorder);
    let compact = parallax(&["store", "compact", &store_text]).output();
    succeeded(&compact.expect("it ends"));

    let arguments = [&store].into_iter().chain(&files);
    let Some(answer) = ask::<Answer>(
        test,
        ["replayed".as_ref()]
            .into_iter()
            .chain(arguments.map(|path| path.as_os_str())),
    ) else {
        return;
    };
    let replay = opened.scene.replay.as_ref().expect("it plays recordings");
    assert_eq!(replay.columns.len(), 8);
    for (column, name) in &replay.columns {
        let signal = opened.scene.find_signal(name).expect("checked");
        let unit = opened.scene.signal(signal).unit;
        let expected: Vec<_> = answer.pandas[column]
            .iter()
            .map(|(at, bits)| {
                let bits = u64::from_str_radix(bits, 16).expect("16 digits");
                let value = unit.to_si(f64::from_bits(bits));
                (*at, format!("{:016x}", value.to_bits()))
            })
            .collect();
        assert!(expected.len() > 22_000, "{column}: {}", expected.len());
        assert!(answer.duckdb[name] == expected, "{name} by DuckDB");
        assert!(answer.pyarrow[name] == expected, "{name} by pyarrow");
    }
    // One loop, one flow: the scene's connections carry it to the pump and to the pipes.
    let played: Vec<_> = replay.columns.values().collect();
    let carried = answer.duckdb.iter();
    let carried: Vec<_> = carried.filter(|(name, _)| !played.contains(name)).collect();
    assert_eq!(carried.len(), 5, "and nothing else");
    for (name, values) in carried {
        assert!(
            *values == answer.duckdb["FT-1.flow"],
            "{name} is another flow"
        );
    }
}
