//! EPANET 2.2 itself, called through `tests/epanet/reference.py`.
//!
//! `PARALLAX_EPANET` names a Python with the package wntr, which brings the engine's library;
//! `scripts/test` installs one. Results are kept in the target folder by what goes into them.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/epanet/reference.py");

/// What EPANET is asked for, beyond what the file says.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    /// The accuracy of the solution instead of the file's.
    pub(super) accuracy: Option<f64>,
    /// A factor on all demands.
    pub(super) factor: Option<f64>,
}

impl Ask {
    /// As the script takes it.
    fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        if let Some(accuracy) = self.accuracy {
            options.extend(["--accuracy".to_owned(), accuracy.to_string()]);
        }
        if let Some(factor) = self.factor {
            options.extend(["--factors".to_owned(), factor.to_string()]);
        }
        options
    }
}

/// All values of all steps, SI in EPANET's own feet (see the script).
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) header: Header,
    values: Vec<f64>,
    width: usize,
}

/// What stands in a result.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) nodes: Vec<String>,
    /// 0 junction, 1 reservoir, 2 tank.
    pub(super) node_kinds: Vec<u8>,
    pub(super) links: Vec<String>,
    /// 0 and 1 pipes, 2 pumps, 3 and more valves.
    pub(super) link_kinds: Vec<u8>,
    pub(super) runs: Vec<Outcome>,
    columns: Vec<(String, usize)>,
    rows: usize,
}

/// How one simulation ended.
#[derive(Debug, Deserialize)]
pub(super) struct Outcome {
    /// EPANET's code; 0 for none.
    pub(super) error: i32,
    pub(super) message: String,
    /// The last instant that was tried, s.
    pub(super) time: i64,
}

/// What EPANET says to a file.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Opening {
    /// 0 if it takes it; above 100 an error; below 0 if the engine broke down over the file.
    pub(super) code: i32,
    /// The lines of its report.
    pub(super) errors: Vec<String>,
}

impl Opening {
    pub(super) fn is_taken(&self) -> bool {
        (0..=100).contains(&self.code)
    }

    /// The engine broke down over the file, so that nothing can be learnt of it.
    pub(super) fn is_crash(&self) -> bool {
        self.code < 0
    }
}

impl Reference {
    /// Runs EPANET on `file`, or reads what it said last time. Its refusal is an error.
    pub(super) fn run(python: &Path, file: &Path, ask: &Ask) -> Result<Self, String> {
        let options = ask.options();
        let kept = place_of(file, &options);
        if !kept.exists() {
            let fresh = unique(&kept);
            call(python, file, &options, Some(&fresh))?;
            fs::rename(&fresh, &kept).expect("a result in its place");
        }
        Self::parse(&fs::read(&kept).expect("a kept result"))
    }

    /// Runs EPANET on `file` and keeps nothing.
    pub(super) fn run_once(python: &Path, file: &Path, ask: &Ask) -> Result<Self, String> {
        let options = ask.options();
        let fresh = unique(&place_of(file, &options));
        call(python, file, &options, Some(&fresh))?;
        let result = Self::parse(&fs::read(&fresh).expect("a result"));
        fs::remove_file(&fresh).expect("a result to remove");
        result
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let (head, body) = bytes.split_at(end.ok_or("no header")?);
        let header: Header = serde_json::from_slice(head).map_err(|error| error.to_string())?;
        let width: usize = header.columns.iter().map(|column| column.1).sum();
        let (words, _) = body[1..].as_chunks::<8>();
        let values: Vec<f64> = words.iter().map(|&word| f64::from_le_bytes(word)).collect();
        assert_eq!(values.len(), header.rows * width, "a whole result");
        Ok(Self {
            header,
            values,
            width,
        })
    }

    /// How many steps there are.
    pub(super) fn rows(&self) -> usize {
        self.header.rows
    }

    /// What is called `column` at step `row`.
    pub(super) fn values(&self, row: usize, column: &str) -> &[f64] {
        let start = row * self.width;
        &self.values[start..][self.range(column)]
    }

    /// The single number `column` at step `row`.
    pub(super) fn value(&self, row: usize, column: &str) -> f64 {
        self.values(row, column)[0]
    }

    fn range(&self, column: &str) -> Range<usize> {
        let mut start = 0;
        for (name, width) in &self.header.columns {
            if name == column {
                return start..start + width;
            }
            start += width;
        }
        panic!("a result holds no `{column}`")
    }
}

/// What EPANET says to `file`.
pub(super) fn open(python: &Path, file: &Path) -> Opening {
    let options = ["--open".to_owned()];
    let text = kept_text(&place_of(file, &options), || {
        let text = call(python, file, &options, None);
        text.unwrap_or_else(|_| r#"{"code":-1,"errors":[]}"#.to_owned())
    });
    serde_json::from_str(&text).expect("an answer in JSON")
}

/// The text kept in `place`; `find` finds it the first time.
pub(super) fn kept_text(place: &Path, find: impl FnOnce() -> String) -> String {
    if !place.exists() {
        let fresh = unique(place);
        fs::write(&fresh, find()).expect("a text to keep");
        fs::rename(&fresh, place).expect("a text in its place");
    }
    fs::read_to_string(place).expect("a kept text")
}

/// The Python that has EPANET; `None`, loudly, where there is none.
pub(super) fn python(test: &str) -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let installed = cache.map(|folder| folder.join("parallax/epanet/bin/python"));
    let named = env::var_os("PARALLAX_EPANET").map(PathBuf::from);
    let found = named.or(installed).filter(|python| python.exists());
    if found.is_none() {
        let required = env::var_os("PARALLAX_REQUIRE_DATA").is_some_and(|flag| flag == "1");
        assert!(!required, "{test}: no EPANET; scripts/test installs it");
        eprintln!("skipped: {test}: no EPANET; scripts/test installs it");
    }
    found
}

/// Where the answer to `options` for `file` is kept, whether it is there or not.
///
/// Answers of another script are thrown away.
pub(super) fn place_of(file: &Path, options: &[String]) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("epanet");
        let script = hash(&fs::read(SCRIPT).expect("the script"));
        let folder = all.join(format!("{script:016x}"));
        if !folder.exists() {
            // Another process may be at it too; what stays behind does no harm.
            let _ = fs::remove_dir_all(&all);
        }
        fs::create_dir_all(&folder).expect("a folder for results");
        folder
    });
    let question = (fs::read(file).expect("a network"), options);
    folder.join(format!("{:016x}", hash(&question)))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A name that no other thread or process uses, beside `kept`.
fn unique(kept: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    kept.with_extension(format!("{}-{count}", process::id()))
}

fn call(
    python: &Path,
    file: &Path,
    options: &[String],
    out: Option<&Path>,
) -> Result<String, String> {
    let mut command = Command::new(python);
    command.arg(SCRIPT).arg(file).args(options);
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    let output = command.output().expect("Python starts");
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", output.status, said.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
