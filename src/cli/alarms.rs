//! `parallax alarms report|try`: how good an alarm system is, and what other limits would do.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::{could_not, print_json};
use crate::alarm::AlarmReport;
use crate::recording::{Library, Store};
use crate::scene::{Limit, LimitKind, Scene};
use crate::session::{self, AlarmLog, Watch, try_limits};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// `parallax alarms`
#[derive(Clone, Debug, Args)]
pub struct AlarmsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: AlarmsAction,
}

/// What can be asked about alarms.
#[derive(Clone, Debug, Subcommand)]
pub enum AlarmsAction {
    /// Rates, floods, bad actors, chattering and stale alarms, against their targets.
    Report(ReportArgs),
    /// What other limits would have raised in recorded samples.
    Try(TryArgs),
}

/// `parallax alarms report`
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// The store: a folder, or an s3://, gs:// or az:// URL.
    pub store: String,
    /// The first instant; that of the first alarm if not given.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// The end; just after the last alarm if not given.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
    /// How it is told.
    #[arg(long, value_enum, default_value = "json")]
    pub format: ReportFormat,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For programs.
    Json,
    /// For people.
    Text,
}

/// `parallax alarms try`
#[derive(Clone, Debug, Args)]
pub struct TryArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
    /// The store with the samples: a folder, or an s3://, gs:// or az:// URL.
    #[arg(long, value_name = "DIR")]
    pub store: String,
    /// A limit in the signal's unit instead of the scene's of the same kind: TK-1.level.high=4.2;
    /// the kinds are high-high, high, low and low-low. Several times for several.
    #[arg(long, value_name = "TAG.SIGNAL.KIND=VALUE", required = true)]
    pub limit: Vec<String>,
    /// The first instant; the first recorded one if not given.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// The last instant; the last recorded one if not given.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
}

/// What `alarms try` tells of one alarm.
#[derive(Debug, Serialize)]
struct TriedAlarm {
    signal: String,
    limit: String,
    raised: String,
    cleared: Option<String>,
    value: String,
}

/// Does what is asked.
pub fn alarms(args: &AlarmsArgs) -> ExitCode {
    let done = match &args.action {
        AlarmsAction::Report(args) => report(args),
        AlarmsAction::Try(args) => tried(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => could_not(why),
    }
}

fn report(args: &ReportArgs) -> Result<(), String> {
    let read = AlarmLog::read_watched(&args.store);
    let (log, stretches) = read.map_err(|error| error.to_string())?;
    let span = log.span();
    let just_after = |at: Timestamp| Timestamp::from_nanos(at.nanos().saturating_add(1));
    let from = args.from.or(span.map(|(first, _)| first));
    let to = args.to.or(span.map(|(_, last)| just_after(last)));
    let (Some(from), Some(to)) = (from, to) else {
        return Err("the store has no alarms: name --from and --to".to_owned());
    };
    if to <= from {
        return Err("--to is not after --from".to_owned());
    }
    let watch = Watch::with_alarms(&log, stretches, (from, to));
    let watch = watch.ok_or("nothing was recorded in this time: no sample and no alarm")?;
    let gaps = watch.gaps_since(from);
    let report = AlarmReport::with_gaps(&log.events, &log.names, (from, to), &gaps);
    match args.format {
        ReportFormat::Json => print_json(&report),
        ReportFormat::Text => print!("{}", in_words(&report, from, to)),
    }
    Ok(())
}

fn in_words(report: &AlarmReport, from: Timestamp, to: Timestamp) -> String {
    let mut text = format!(
        "Alarms from {from} to {to}: {} in {:.1} h, of which {:.1} h were recorded\n\n",
        report.told, report.hours, report.known_hours
    );
    for target in &report.targets {
        let verdict = if target.met { "met" } else { "missed" };
        text += &format!(
            "{:<6} {:>10.2}  {} (at most {})\n",
            verdict, target.value, target.measure, target.at_most
        );
    }
    if let Some(secs) = report.median_secs_to_acknowledge {
        text += &format!("\nHalf of the alarms are acknowledged within {secs:.0} s\n");
    }
    if !report.worst.is_empty() {
        text += "\nTold most often\n";
    }
    for worst in &report.worst {
        text += &format!("{:>8}  {}\n", worst.told, worst.alarm);
    }
    for (title, names) in [("Chattering", &report.chattering), ("Stale", &report.stale)] {
        if !names.is_empty() {
            text += &format!("\n{title}\n");
        }
        for name in names {
            text += &format!("          {name}\n");
        }
    }
    text
}

fn tried(args: &TryArgs) -> Result<(), String> {
    let opened = session::open(&args.scene).map_err(|error| error.to_string())?;
    let scene = &opened.scene;
    let mut limits: BTreeMap<SignalId, Vec<Limit>> = BTreeMap::new();
    for text in &args.limit {
        edit(scene, text, &mut limits)?;
    }
    let store = Store::open(&args.store).map_err(|error| error.to_string())?;
    let library = Library::open(store.depot()).map_err(|error| error.to_string())?;
    let span = library.catalogue().span();
    let from = args.from.or(span.map(|(from, _)| from));
    let to = args.to.or(span.map(|(_, to)| to));
    let (Some(from), Some(to)) = (from, to) else {
        return Err("the store has no sealed samples: record some first".to_owned());
    };
    let raised = try_limits(scene, &limits, &library, (from, to));
    let raised = raised.map_err(|error| error.to_string())?;
    let told = raised.iter().filter_map(|raised| {
        let signal = scene.signal(raised.signal);
        let limit = limits.get(&raised.signal)?.get(raised.limit)?;
        Some(TriedAlarm {
            signal: signal.full_name.clone(),
            limit: format!(
                "{} {}",
                kind_text(limit.kind),
                signal.value_with_unit(limit.at)
            ),
            raised: raised.raised.to_string(),
            cleared: raised.cleared.map(|at| at.to_string()),
            value: signal.value_with_unit(raised.value),
        })
    });
    print_json(&told.collect::<Vec<_>>());
    Ok(())
}

/// Sets one limit: the scene's of its kind with another value. Only what is named is tried.
fn edit(
    scene: &Scene,
    text: &str,
    limits: &mut BTreeMap<SignalId, Vec<Limit>>,
) -> Result<(), String> {
    let bad = || {
        format!("`{text}` is no limit: write TAG.SIGNAL.KIND=VALUE, such as TK-1.level.high=4.2")
    };
    let (name, value) = text.split_once('=').ok_or_else(bad)?;
    let (full_name, kind) = name.rsplit_once('.').ok_or_else(bad)?;
    let kinds = [
        LimitKind::HighHigh,
        LimitKind::High,
        LimitKind::Low,
        LimitKind::LowLow,
    ];
    let kind = kinds
        .into_iter()
        .find(|known| kind_text(*known) == kind)
        .ok_or_else(bad)?;
    let value: f64 = value.trim().parse().map_err(|_| bad())?;
    if !value.is_finite() {
        return Err(bad());
    }
    let id = scene.find_signal(full_name);
    let id = id.ok_or_else(|| format!("the scene has no signal `{full_name}`"))?;
    let signal = scene.signal(id);
    let known = signal.limits.iter().find(|limit| limit.kind == kind);
    let usual = known.or(signal.limits.first()).cloned();
    let limit = Limit {
        kind,
        at: signal.unit.to_si(value),
        ..usual
            .ok_or_else(|| format!("`{full_name}` has no limits: give it one in the scene first"))?
    };
    limits.entry(id).or_default().push(limit);
    Ok(())
}

const fn kind_text(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::HighHigh => "high-high",
        LimitKind::High => "high",
        LimitKind::Low => "low",
        LimitKind::LowLow => "low-low",
    }
}
