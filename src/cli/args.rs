//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::files;
use crate::time::{Timestamp, parse_duration};

/// A 3D visual twin: a live plant, its recorded past and its simulated futures on one time bar.
#[derive(Clone, Debug, Parser)]
#[command(name = "parallax", version, about)]
#[command(
    after_help = "Without a command: the same as `parallax demo waterworks`.\n\
    Results go to stdout, talk to stderr. Exit: 0 done, 1 problems found, 2 could not run."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Say more on stderr: -v what is done, -vv every detail.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Show a shipped scene with an emulated plant behind a broker of its own.
    Demo(DemoArgs),
    /// Show a scene, live from the sources it names.
    Open(OpenArgs),
    /// Tell everything that is wrong with a scene and what it imports, or what is in it.
    Check(CheckArgs),
    /// Compute a future of a scene, without a window.
    Simulate(SimulateArgs),
    /// Tell what comes of maintaining a machine now, later and never, by an ensemble each.
    Maintain(super::MaintainArgs),
    /// Tell how good forecasts of the recorded past would have been, by signal and lead time.
    Hindcast(HindcastArgs),
    /// Compute many runs after a plan; goes on where it was interrupted.
    Campaign(CampaignArgs),
    /// Compute runs of others' campaigns, through NATS.
    Worker(WorkerArgs),
    /// Play recorded CSV files through a broker into a scene.
    Replay(ReplayArgs),
    /// Publish what a scene's models say, as its plant would.
    Emulate(EmulateArgs),
    /// Fit what nobody measures to what was recorded.
    Estimate(EstimateArgs),
    /// Tell what is not as it was in recorded data, row by row.
    Detect(super::DetectArgs),
    /// Learn and tell how long machines will last.
    Health(super::HealthArgs),
    /// Record what a scene's sources say into a store, without a window.
    Record(RecordArgs),
    /// Write recorded samples to a file, or to PostgreSQL.
    Export(ExportArgs),
    /// Take samples from files, or from PostgreSQL, into a store.
    Import(ImportArgs),
    /// Look at a store, check it, tidy it up.
    Store(StoreArgs),
    /// Write a shift's report: alarms, what is put aside, indicators, notes, trends.
    Report(super::ShiftReportArgs),
    /// Judge the alarms of a store, and try limits on its samples.
    Alarms(super::AlarmsArgs),
    /// Say who may do what in the window.
    Accounts(super::AccountsArgs),
    /// Check that nobody changed the log of what people did.
    Audit(super::AuditArgs),
    /// Write one picture of a scene.
    Snapshot(SnapshotArgs),
    /// Measure how fast something is computed.
    Bench(BenchArgs),
}

impl Command {
    /// What is done when nothing is said.
    pub fn default_demo() -> Self {
        let words = ["parallax", "demo"];
        match Cli::parse_from(words).command {
            Some(command) => command,
            None => unreachable!("a command was given"),
        }
    }
}

/// How a program without a window runs.
#[derive(Clone, Debug, Args)]
pub struct HeadlessArgs {
    /// Draw no window; write pictures and a summary instead.
    #[arg(long)]
    pub headless: bool,
    /// How long to run without a window.
    #[arg(long = "for", value_name = "TIME", value_parser = duration, default_value = "20s")]
    pub duration: Duration,
    /// The folder for live.png, history.png, simulated.png and summary.json.
    #[arg(long, value_name = "DIR", default_value = "parallax-out")]
    pub out: PathBuf,
    /// The size of the pictures.
    #[arg(long, value_name = "WxH", value_parser = size, default_value = "1600x900")]
    pub size: (u32, u32),
}

/// `parallax demo`
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// The shipped scene.
    #[arg(default_value = "waterworks")]
    pub name: String,
    /// How much past the emulated plant has when the demo begins.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "6h")]
    pub past: Duration,
    /// Where random numbers come from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Record the emulated plant here; nowhere if not given.
    #[arg(long, value_name = "DIR")]
    pub store: Option<String>,
    /// Show the plant only, over the whole screen, with nothing to change.
    #[arg(long, conflicts_with = "headless")]
    pub kiosk: bool,
    /// Without a window.
    #[command(flatten)]
    pub headless: HeadlessArgs,
}

/// `parallax open`
#[derive(Clone, Debug, Args)]
pub struct OpenArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
    /// Connect to this broker instead of the scene's: mqtt://host:port.
    #[arg(long, value_name = "URL")]
    pub broker: Option<String>,
    /// Where samples are recorded and the past is read; below the user's folder for data if not
    /// given.
    #[arg(long, value_name = "DIR")]
    pub store: Option<String>,
    /// Record nothing, and show no past but what comes in.
    #[arg(long, conflicts_with = "store")]
    pub no_store: bool,
    /// Show the plant only, over the whole screen, with nothing to change.
    #[arg(long, conflicts_with = "headless")]
    pub kiosk: bool,
    /// Without a window.
    #[command(flatten)]
    pub headless: HeadlessArgs,
}

/// `parallax bench`
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// What is measured.
    #[command(subcommand)]
    pub subject: BenchSubject,
}

/// What can be measured.
#[derive(Clone, Debug, Subcommand)]
pub enum BenchSubject {
    /// The solve loop of a water network, over the duration that its file asks for.
    Hydraulics(HydraulicsBenchArgs),
    /// The frames of the 3D view, beside the plain way of the engine that draws it.
    View(ViewBenchArgs),
    /// The whole program worked hard for hours: what it holds at rest must stay what it was.
    Soak(SoakBenchArgs),
}

/// `parallax bench soak`
#[derive(Clone, Debug, Args)]
pub struct SoakBenchArgs {
    /// The scene, which must have models.
    #[arg(long, value_name = "SCENE", default_value = "waterworks")]
    pub scene: PathBuf,
    /// How long the plant lives; it lives fifty times as fast as we do.
    #[arg(long, value_name = "HOURS", default_value = "2h", value_parser = duration)]
    pub plant_time: Duration,
    /// How long it goes on by our clock instead.
    #[arg(long, value_name = "TIME", value_parser = duration, conflicts_with = "plant_time")]
    pub wall: Option<Duration>,
    /// So many cycles after the warm-up instead.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["plant_time", "wall"])]
    pub cycles: Option<u32>,
    /// The size of the picture.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "640x400", value_parser = size)]
    pub size: (u32, u32),
    /// Be the plant of a soak: what a soak starts.
    #[arg(long, hide = true)]
    pub plant: bool,
}

/// `parallax bench view`
#[derive(Clone, Debug, Args)]
pub struct ViewBenchArgs {
    /// Assets of the plant, which is made up.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub assets: u32,
    /// How many of them get a new value in every frame.
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = percent)]
    pub changing: f64,
    /// Things that move besides, every one in every frame
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub moving: u32,
    /// Frames that count.
    #[arg(long, value_name = "K", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub frames: u32,
    /// What draws.
    #[arg(long, value_enum, default_value_t)]
    pub backend: BenchBackend,
    /// Let the eye rest: then a still plant is not drawn.
    #[arg(long)]
    pub rest: bool,
    /// Draw the panels too.
    #[arg(long)]
    pub panels: bool,
}

/// What draws in a bench.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BenchBackend {
    /// Nobody: what is left is the work of the processor.
    #[default]
    Noop,
    /// The graphics card, or a processor in its place.
    Default,
}

/// `parallax bench hydraulics`
#[derive(Clone, Debug, Args)]
pub struct HydraulicsBenchArgs {
    /// A network of EPANET (.inp).
    pub file: PathBuf,
    /// Members of an ensemble; their demands differ by a factor from 0.8 to 1.2.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub members: usize,
    /// How often to compute all of it; the median counts.
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub repeat: usize,
    /// Members computed side by side: 1, 2, 4 or 8; 8 if there are several members.
    #[arg(long, value_name = "N")]
    pub lanes: Option<usize>,
}

/// `parallax check`
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
}

/// The form of a written run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// run.csv
    Csv,
    /// run.parquet
    Parquet,
}

impl From<RunFormat> for files::RunFormat {
    fn from(format: RunFormat) -> Self {
        match format {
            RunFormat::Csv => Self::Csv,
            RunFormat::Parquet => Self::Parquet,
        }
    }
}

/// `parallax simulate`
#[derive(Clone, Debug, Args)]
pub struct SimulateArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
    /// The scenario; the scene's first if not given.
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// The analysis time; if not given midnight UTC of 2026-01-01, so that a run can be repeated,
    /// or the next instant at which the simulation of an imported network begins.
    #[arg(long, value_name = "TIME")]
    pub start: Option<Timestamp>,
    /// Start from what this store recorded, at --start or at its last instant: a folder, or an
    /// s3://, gs:// or az:// URL.
    #[arg(long, value_name = "DIR")]
    pub store: Option<String>,
    /// How far to look; the scenario's if not given.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub horizon: Option<Duration>,
    /// The distance of outputs; the scenario's if not given.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub step: Option<Duration>,
    /// Members of the ensemble; the scenario's if not given.
    #[arg(long, value_name = "N")]
    pub members: Option<u32>,
    /// Where random numbers come from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Threads; all cores if not given. Values do not depend on it.
    #[arg(long, value_name = "T")]
    pub threads: Option<usize>,
    /// Let workers compute the members: nats://host:port, or several with commas.
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// Hold a signal at a value in its unit, or start a level there.
    #[arg(long, value_name = "TAG.SIGNAL=VALUE")]
    pub set: Vec<String>,
    /// The form of the result.
    #[arg(long, value_enum, default_value = "csv")]
    pub format: RunFormat,
    /// The folder for run.csv or run.parquet, and run.json.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `parallax hindcast`
#[derive(Clone, Debug, Args)]
pub struct HindcastArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
    /// The store of what was measured: a folder, or an s3://, gs:// or az:// URL.
    #[arg(long, value_name = "DIR")]
    pub store: String,
    /// The first analysis time; the first recorded instant if not given.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// The last instant that is looked at; the last recorded one if not given.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
    /// The distance of analysis times.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "6h")]
    pub every: Duration,
    /// How far ahead to look; the scenario's horizon if not given.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub lead: Option<Duration>,
    /// The scenario; the scene's first if not given.
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Members of each ensemble; the scenario's if not given.
    #[arg(long, value_name = "N")]
    pub members: Option<u32>,
    /// Where random numbers come from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Threads; all cores if not given. Values do not depend on it.
    #[arg(long, value_name = "T")]
    pub threads: Option<usize>,
    /// The folder for skill.csv and skill.json.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `parallax campaign`
#[derive(Clone, Debug, Args)]
pub struct CampaignArgs {
    /// The plan, a .ron file.
    pub plan: PathBuf,
    /// The folder for runs.csv, runs.parquet and campaign.json.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Threads; all cores if not given. Values do not depend on it.
    #[arg(long, value_name = "T")]
    pub threads: Option<usize>,
    /// Let workers compute the runs: nats://host:port, or several with commas.
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
}

/// `parallax worker`
#[derive(Clone, Debug, Args)]
pub struct WorkerArgs {
    /// Where the work comes from: nats://host:port, or several with commas.
    #[arg(long, value_name = "URL", default_value = "nats://127.0.0.1:4222")]
    pub nats: String,
    /// Runs at a time; all cores if not given.
    #[arg(long, value_name = "N")]
    pub slots: Option<usize>,
}

/// `parallax replay`
#[derive(Clone, Debug, Args)]
pub struct ReplayArgs {
    /// CSV files, played one after another.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The scene whose signals the columns are.
    #[arg(long)]
    pub scene: PathBuf,
    /// Seconds of recorded time per second, 1 to 10000, or max.
    #[arg(long, value_name = "X|max", value_parser = speed, default_value = "1")]
    pub speed: ReplaySpeed,
    /// Play through this broker instead of an embedded one: mqtt://host:port.
    #[arg(long, value_name = "URL")]
    pub broker: Option<String>,
    /// Draw no window; write recorded.csv and summary.json to --out instead.
    #[arg(long, requires = "out")]
    pub headless: bool,
    /// The folder for recorded.csv.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// How fast a replay goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReplaySpeed {
    /// Seconds of recorded time per second.
    Times(f64),
    /// As fast as the broker takes it.
    Max,
}

/// `parallax emulate`
#[derive(Clone, Debug, Args)]
pub struct EmulateArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
    /// The broker; the scene's if not given.
    #[arg(long, value_name = "URL")]
    pub broker: Option<String>,
    /// How long; for ever if not given.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// How much past to publish first, as a gateway does after a cut.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0s")]
    pub past: Duration,
    /// Where random numbers come from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// `parallax record`
#[derive(Clone, Debug, Args)]
pub struct RecordArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
    /// The folder, or s3://, gs:// or az:// URL; below the user's folder for data if not given.
    #[arg(long, value_name = "DIR")]
    pub store: Option<String>,
    /// How long; until Ctrl+C if not given.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Connect to this broker instead of the scene's: mqtt://host:port.
    #[arg(long, value_name = "URL")]
    pub broker: Option<String>,
}

/// The form of exported samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SampleFormat {
    /// Comma-separated values.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// `parallax estimate`
#[derive(Clone, Debug, Args)]
pub struct EstimateArgs {
    /// A scene folder or a .ron file, with an `estimate` list.
    pub scene: PathBuf,
    /// The store with the recorded samples: a folder, or an s3://, gs:// or az:// URL.
    #[arg(long, value_name = "DIR")]
    pub store: String,
    /// The instant at which the estimate holds; the last recorded one if not given.
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// How far back samples are fitted.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "6h")]
    pub window: Duration,
    /// The distance of the instants that are compared.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "5min")]
    pub step: Duration,
    /// Where the models' random numbers come from.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The folder for estimate.json.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `parallax export`
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// The store: a folder, or an s3://, gs:// or az:// URL.
    #[arg(long, value_name = "DIR")]
    pub store: String,
    /// The first instant; the first recorded one if not given.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// The last instant; the last recorded one if not given.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
    /// Which signals, as tag.signal with * for any text; several times for several.
    #[arg(long, value_name = "GLOB")]
    pub signals: Vec<String>,
    /// The form of the file.
    #[arg(long, value_enum, default_value = "csv")]
    pub format: SampleFormat,
    /// The file to write.
    #[arg(long, value_name = "FILE", required_unless_present = "postgres")]
    pub out: Option<PathBuf>,
    /// Copy to this database instead, postgresql://user@host:port/name; the password comes from
    /// PGPASSWORD.
    #[arg(long, value_name = "URL", conflicts_with = "out")]
    pub postgres: Option<String>,
    /// The table of the database.
    #[arg(long, value_name = "NAME", default_value = "samples")]
    pub table: String,
}

/// `parallax import`
#[derive(Clone, Debug, Args)]
pub struct ImportArgs {
    /// CSV or Parquet files of samples.
    #[arg(required_unless_present = "postgres")]
    pub files: Vec<PathBuf>,
    /// The store: a folder, or an s3://, gs:// or az:// URL; made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub store: String,
    /// Take from this database instead, postgresql://user@host:port/name; the password comes
    /// from PGPASSWORD.
    #[arg(long, value_name = "URL", conflicts_with = "files")]
    pub postgres: Option<String>,
    /// The table of the database.
    #[arg(long, value_name = "NAME", default_value = "samples")]
    pub table: String,
}

/// `parallax store`
#[derive(Clone, Debug, Args)]
pub struct StoreArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: StoreAction,
}

/// What can be done with a store.
#[derive(Clone, Debug, Subcommand)]
pub enum StoreAction {
    /// Tell what is in it, as JSON.
    Info(StorePlaceArgs),
    /// Read every byte and tell all that is wrong.
    Verify(StorePlaceArgs),
    /// Seal what waits, merge small segments, and remove what is older than its settings want.
    Compact(StorePlaceArgs),
}

/// Which store.
#[derive(Clone, Debug, Args)]
pub struct StorePlaceArgs {
    /// A folder, or an s3://, gs:// or az:// URL.
    pub store: String,
}

/// `parallax snapshot`
#[derive(Clone, Debug, Args)]
pub struct SnapshotArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    #[arg(required_unless_present = "shapes")]
    pub scene: Option<PathBuf>,
    /// A sheet of all shapes that a scene can name, instead of a scene.
    #[arg(long, conflicts_with_all = ["scene", "legend"], requires = "out")]
    pub shapes: bool,
    /// The instant, as far as the sources tell; now if not given.
    #[arg(long, value_name = "TIME")]
    pub at: Option<Timestamp>,
    /// Compute a future and look this far into it, instead of at an instant.
    #[arg(long, value_name = "TIME", value_parser = duration, conflicts_with = "at")]
    pub ahead: Option<Duration>,
    /// The scenario of that future; the scene's first if not given.
    #[arg(long, value_name = "NAME", requires = "ahead")]
    pub scenario: Option<String>,
    /// The bookmark; the whole plant if not given.
    #[arg(long, value_name = "NAME")]
    pub bookmark: Option<String>,
    /// The asset that is selected.
    #[arg(long, value_name = "TAG")]
    pub select: Option<String>,
    /// The size of the picture.
    #[arg(long, value_name = "WxH", value_parser = size, default_value = "1280x720")]
    pub size: (u32, u32),
    /// Connect to this broker and wait for values; without it the plant is emulated.
    #[arg(long, value_name = "URL")]
    pub broker: Option<String>,
    /// How much past the emulated plant has.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "6h")]
    pub past: Duration,
    /// The Present look instead of Operate.
    #[arg(long)]
    pub present: bool,
    /// Only the 3D view, without panels.
    #[arg(long)]
    pub view_only: bool,
    /// What is done before, as the palette has it, such as `toggle-x-ray`; again for more.
    #[arg(long = "do", value_name = "ACTION")]
    pub actions: Vec<String>,
    /// Every step of this story of the scene, or of the first in a file of stories, one picture
    /// each.
    #[arg(long, value_name = "NAME|FILE.ron", conflicts_with_all = ["turntable", "time_lapse", "at", "ahead", "bookmark", "select"])]
    pub story: Option<String>,
    /// Nothing behind the plant: neither ground nor sky; without panels.
    #[arg(long)]
    pub transparent: bool,
    /// So many pictures, once around what is looked at.
    #[arg(long, value_name = "FRAMES", value_parser = clap::value_parser!(u32).range(2..=3_600))]
    pub turntable: Option<u32>,
    /// Pictures from one instant to another.
    #[arg(long, value_names = ["FROM", "TO"], num_args = 2, conflicts_with_all = ["turntable", "at"])]
    pub time_lapse: Option<Vec<Timestamp>>,
    /// How many pictures a time lapse has.
    #[arg(long, value_name = "COUNT", default_value_t = 120, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub frames: u32,
    /// The signal that colours the view, by its name within assets, such as `pressure`.
    #[arg(long, value_name = "SIGNAL")]
    pub heat: Option<String>,
    /// Write what colours, shapes and patterns mean, to stand beside pictures: .png or .svg.
    #[arg(long, value_name = "FILE.png|.svg", value_parser = legend)]
    pub legend: Option<PathBuf>,
    /// The picture to write; of several a folder, or a video if ffmpeg is installed.
    #[arg(
        long,
        short,
        value_name = "FILE.png",
        required_unless_present = "legend"
    )]
    pub out: Option<PathBuf>,
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

fn legend(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("png" | "svg") => Ok(path),
        _ => Err("write the name of a .png or an .svg file".to_owned()),
    }
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let sides = text
        .split_once(['x', '×'])
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides
        .filter(|(width, height)| (320..=8_192).contains(width) && (200..=8_192).contains(height))
        .ok_or_else(|| "write WIDTHxHEIGHT, from 320x200 to 8192x8192".to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    let share: Option<f64> = text.trim_end_matches('%').trim_end().parse().ok();
    share
        .filter(|share| (0.0..=100.0).contains(share))
        .ok_or_else(|| "write a number from 0 to 100".to_owned())
}

fn speed(text: &str) -> Result<ReplaySpeed, String> {
    if text == "max" {
        return Ok(ReplaySpeed::Max);
    }
    let times: Option<f64> = text.trim_start_matches(['x', '×']).parse().ok();
    times
        .filter(|times| (1.0..=10_000.0).contains(times))
        .map(ReplaySpeed::Times)
        .ok_or_else(|| "write a number from 1 to 10000, or max".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes_and_speeds_are_read() {
        assert_eq!(size("1280x720"), Ok((1_280, 720)));
        assert!(size("0x0").is_err());
        assert_eq!(speed("max"), Ok(ReplaySpeed::Max));
        assert_eq!(speed("x1000"), Ok(ReplaySpeed::Times(1_000.0)));
        assert!(speed("0").is_err());
    }
}
