//! `parallax health foresee SCENE --store DIR`: which machine fails when, by its own past.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{could_not, print_json};
use crate::forecast::health::Outlook;
use crate::scene::Scene;
use crate::session;
use crate::signal::SignalId;
use crate::time::Timestamp;

/// `parallax health foresee`
#[derive(Clone, Debug, Args)]
pub struct ForeseeArgs {
    /// A scene folder, or a .ron file.
    pub scene: PathBuf,
    /// What was recorded of it.
    #[arg(long, value_name = "DIR")]
    pub store: String,
    /// As seen from then; from the end of the store if not given.
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
}

/// What is told.
#[derive(Serialize)]
struct Report<'a> {
    scene: &'a str,
    /// Who fails first comes first; who was not seen, last.
    machines: Vec<MachineReport<'a>>,
}

#[derive(Serialize)]
struct MachineReport<'a> {
    asset: &'a str,
    signal: &'a str,
    law: &'static str,
    /// When the indicator was known last; `null` if it never was.
    at: Option<String>,
    /// Since when the machine is followed: since it was renewed, if that was seen.
    since: Option<String>,
    seen: usize,
    /// What is looked at, as it was last, and where the machine fails, in the signal's unit.
    indicator: Option<f64>,
    threshold: f64,
    /// From `at` on. `null` where too little was seen, or where it is less likely than that.
    p10_s: Option<f64>,
    p50_s: Option<f64>,
    p90_s: Option<f64>,
    /// The probability that the threshold is ever reached.
    reached: Option<f64>,
}

impl<'a> MachineReport<'a> {
    fn of(scene: &'a Scene, id: SignalId, outlook: Option<Outlook>) -> Option<Self> {
        let signal = scene.signal(id);
        let prognosis = signal.prognosis.as_ref()?;
        let life = outlook.and_then(|outlook| outlook.life);
        Some(Self {
            asset: &scene.asset(signal.asset).tag,
            signal: &signal.name,
            law: prognosis.law.text(),
            at: outlook.map(|outlook| outlook.at.to_string()),
            since: outlook.map(|outlook| outlook.since.to_string()),
            seen: outlook.map_or(0, |outlook| outlook.seen),
            indicator: outlook.map(|outlook| prognosis.from_si(signal.unit, outlook.indicator)),
            threshold: prognosis.from_si(signal.unit, prognosis.threshold),
            p10_s: life.and_then(|life| life.p10),
            p50_s: life.and_then(|life| life.p50),
            p90_s: life.and_then(|life| life.p90),
            reached: life.map(|life| life.reached),
        })
    }
}

/// Tells what a store foretells.
pub(super) fn foresee(args: &ForeseeArgs) -> ExitCode {
    let opened = match session::open(&args.scene) {
        Ok(opened) => opened,
        Err(error) => return could_not(error),
    };
    let scene = &opened.scene;
    let signals = session::prognosed(scene);
    if signals.is_empty() {
        return could_not(
            "no signal of this scene foretells a failure: give one a `prognosis`, such as \
             `prognosis: (threshold: 100)`",
        );
    }
    let prognoses = match session::foresee(scene, &args.store, &signals, args.at) {
        Ok(prognoses) => prognoses,
        Err(error) => return could_not(error),
    };
    let signals = prognoses.signals();
    let mut machines: Vec<_> = signals
        .filter_map(|id| MachineReport::of(scene, id, prognoses.outlook(id)))
        .collect();
    let rank = |one: &MachineReport<'_>| one.p50_s.unwrap_or(f64::INFINITY);
    machines.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
    print_json(&Report {
        scene: &scene.name,
        machines,
    });
    ExitCode::SUCCESS
}
