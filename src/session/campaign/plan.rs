//! Reads `PLAN.ron`: all that is wrong with it at once, with line and hint.

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::bundle::{Bundle, open_bundled};
use super::checks::Checks;
use super::design::Design;
use super::spec::{CampaignSpec, FORMAT};
use crate::problem::{Problem, did_you_mean};
use crate::scene::{self, ForcingSource, Scenario};
use crate::session::{OpenError, Opened, baseline, resolve_files};
use crate::simulation::{Fingerprint, InitialState};
use crate::time::Timestamp;

/// A longer plan is refused unread: 16 MiB.
const MAX_BYTES: u64 = 16 << 20;
/// More runs than this are refused.
pub const MAX_RUNS: u64 = 100_000;
/// More members say nothing new about P10 to P90.
const MAX_MEMBERS: u32 = 10_000;
/// More outputs than this are not looked at by anybody.
const MAX_OUTPUTS: u128 = 100_000;
/// The analysis time where the plan and the models say none: 2026-01-01T00:00:00Z.
const DEFAULT_START: Timestamp = Timestamp::from_secs(1_767_225_600);

/// A campaign that can be run.
#[derive(Clone)]
pub struct Campaign {
    /// The text of the plan.
    pub text: String,
    /// The scene.
    pub opened: Opened,
    /// The scene as it is sent to other machines.
    pub bundle: Bundle,
    /// What every run begins with.
    pub initial: InitialState,
    /// What every run is asked before its own changes.
    pub scenario: Scenario,
    /// The seed of the first replication.
    pub seed: u64,
    /// How often each point is run.
    pub replications: u32,
    /// What differs from run to run.
    pub design: Design,
}

/// Why a plan cannot be run.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("cannot read plan: {source}: {}", path.display())]
    Read {
        /// The plan.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// What it says is wrong.
    #[error("{}", report(.problems, .path))]
    Invalid {
        /// The plan.
        path: PathBuf,
        /// All that is wrong, in the order of its lines.
        problems: Vec<Problem>,
    },
    /// Its scene cannot be used.
    #[error(transparent)]
    Scene(#[from] OpenError),
}

fn report(problems: &[Problem], path: &Path) -> String {
    let path = path.display().to_string();
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| problem.located(&path).to_string())
        .collect();
    lines.join("\n")
}

/// Opens the plan at `path` and the scene that it names.
pub fn open_plan(path: &Path) -> Result<Campaign, PlanError> {
    let text = read(path).map_err(|source| PlanError::Read {
        path: path.to_owned(),
        source,
    })?;
    let invalid = |problems| PlanError::Invalid {
        path: path.to_owned(),
        problems,
    };
    let spec: CampaignSpec = scene::read_as(&text).map_err(|problem| invalid(vec![problem]))?;
    if spec.format != FORMAT {
        let message = format!("there is no plan format {}", spec.format);
        let hint = format!("write `format: {FORMAT}`, or use a newer Parallax");
        return Err(invalid(vec![Problem::new(None, message, hint)]));
    }
    let beside = path.parent().unwrap_or(Path::new("")).join(&spec.scene);
    let named = PathBuf::from(&spec.scene);
    let (opened, bundle) = open_bundled(if beside.exists() { &beside } else { &named })?;
    let mut checks = Checks::new(&text, &opened);
    let scenario = scenario(&spec, &opened, &mut checks);
    let start = spec.start.as_deref().and_then(|start| {
        let found = start.parse();
        checks.parsed(&["start".into()], found)
    });
    let start = start.unwrap_or_else(|| opened.plant.own_start(DEFAULT_START));
    let scenario = match resolve_files(scenario.clone(), &opened.scene, &opened.folder, start) {
        Ok(resolved) => resolved,
        Err(error) => {
            checks.add(
                &["scenario".into()],
                error.to_string(),
                "mend the file, or another start",
            );
            scenario
        }
    };
    if spec.replications == 0 {
        let message = "there are no replications";
        checks.add(&["replications".into()], message, "write 1 or more");
    }
    let design = checks.design(&spec.design, scenario.horizon);
    check_size(&design, spec.replications, &mut checks);
    let problems = checks.into_problems();
    if !problems.is_empty() {
        return Err(invalid(problems));
    }
    Ok(Campaign {
        initial: InitialState::unknown(&opened.scene, start),
        text,
        opened,
        bundle,
        scenario,
        seed: spec.seed,
        replications: spec.replications,
        design,
    })
}

/// Refuses what would never end.
pub(super) fn check_size(design: &Design, replications: u32, checks: &mut Checks<'_>) {
    if matches!(design, Design::Search(_)) && replications > 1 {
        let message = "a search runs each point once";
        let hint = "write more `members` instead of replications";
        checks.add(&["replications".into()], message, hint);
    }
    let runs = match design {
        Design::Search(search) => u64::from(search.budget),
        Design::Sweep(swept) => swept
            .iter()
            .map(|(_, values)| values.len() as u64)
            .product(),
        other => other.points().len() as u64,
    };
    let runs = runs.saturating_mul(u64::from(replications));
    if runs > MAX_RUNS {
        let message = format!("the plan asks for {runs} runs");
        checks.add(
            &["design".into()],
            message,
            format!("a campaign may have {MAX_RUNS}"),
        );
    }
}

impl Campaign {
    /// A number that is equal for equal plans of equal scenes under the same program.
    pub fn fingerprint(&self) -> u64 {
        let mut print = Fingerprint::default();
        print.bytes(env!("CARGO_PKG_VERSION").as_bytes());
        print.bytes(self.text.as_bytes());
        print.word(self.bundle.address());
        print.word(self.opened.plant.fingerprint());
        // What was read from files beside the scene.
        print.bytes(format!("{:?}", self.scenario.forcing).as_bytes());
        print.value()
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    if file.metadata()?.len() > MAX_BYTES {
        let message = format!("it is longer than {} MiB", MAX_BYTES >> 20);
        return Err(std::io::Error::other(message));
    }
    file.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// The scene's scenario with what the plan says of its extent.
fn scenario(spec: &CampaignSpec, opened: &Opened, checks: &mut Checks<'_>) -> Scenario {
    let scene = &opened.scene;
    if opened.plant.is_empty() {
        let message = "the scene has no models, so there is nothing to simulate";
        checks.add(&["scene".into()], message, "name another scene");
    }
    let mut scenario = match &spec.scenario {
        None => baseline(scene),
        Some(name) => scene.find_scenario(name).cloned().unwrap_or_else(|| {
            let known = scene.scenarios.iter().map(|one| one.name.as_str());
            let message = format!("the scene has no scenario `{name}`");
            checks.add(&["scenario".into()], message, did_you_mean(name, known));
            baseline(scene)
        }),
    };
    let mut span = |key: &str, text: &Option<String>, usual: Duration| match text {
        Some(text) => checks.duration(&[key.into()], text).unwrap_or(usual),
        None => usual,
    };
    scenario.horizon = span("horizon", &spec.horizon, scenario.horizon);
    scenario.step = span("step", &spec.step, scenario.step);
    scenario.members = spec.members.unwrap_or(scenario.members);
    if !(1..=MAX_MEMBERS).contains(&scenario.members) {
        let message = format!("an ensemble cannot have {} members", scenario.members);
        let hint = format!("write a number from 1 to {MAX_MEMBERS}");
        checks.add(&["members".into()], message, hint);
    }
    let outputs = scenario.horizon.as_nanos() / scenario.step.as_nanos().max(1);
    if !(1..=MAX_OUTPUTS).contains(&outputs) {
        let (step, horizon) = (scenario.step, scenario.horizon);
        let message = format!("{outputs} steps of {step:?} fill the horizon {horizon:?}");
        let hint = format!("write a step that gives 1 to {MAX_OUTPUTS} outputs");
        checks.add(&["step".into()], message, hint);
    }
    for forcing in &scenario.forcing {
        if matches!(forcing.source, ForcingSource::Repeat(_)) {
            let signal = &scene.signal(forcing.signal).full_name;
            let message = format!("the scenario takes `{signal}` from the past");
            let hint = "campaigns run scenarios whose forcing is given as `points` or in a file";
            checks.add(&["scenario".into()], message, hint);
        }
    }
    scenario
}
