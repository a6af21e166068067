//! `parallax report SCENE --store STORE --out FILE.html`: a shift for those who take over.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::{could_not, print_json};
use crate::files::write_text;
use crate::recording::{Library, Store};
use crate::session::{self, ShiftPlan, ShiftReport};
use crate::telemetry::now;
use crate::time::Timestamp;

/// Larger pictures would make a page that no mail takes, bytes.
const LARGEST_PICTURE: u64 = 16 << 20;
/// What a PNG file begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// `parallax report`
#[derive(Clone, Debug, Args)]
pub struct ShiftReportArgs {
    /// A scene folder, a .ron file, or a water network of EPANET (.inp).
    pub scene: PathBuf,
    /// The store in which the shift is recorded: a folder, or an s3://, gs:// or az:// URL.
    #[arg(long, value_name = "DIR")]
    pub store: String,
    /// The first instant; as many hours before the end as a shift has if not given.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// The end, which belongs to the next shift; the last recorded instant if not given.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
    /// How long a shift is.
    #[arg(
        long,
        value_name = "HOURS",
        default_value_t = 8.0,
        conflicts_with = "from"
    )]
    pub hours: f64,
    /// A signal that is drawn: TK-1.level. Several times for several; without it, those of the
    /// indicators and those that raised the most alarms.
    #[arg(long, value_name = "TAG.SIGNAL")]
    pub trend: Vec<String>,
    /// A PNG picture, such as `parallax snapshot` makes. Several times for several.
    #[arg(long, value_name = "FILE")]
    pub picture: Vec<PathBuf>,
    /// Who reports; you, if not given.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// When the report was made; now, if not given.
    #[arg(long, value_name = "TIME", hide = true)]
    pub made: Option<Timestamp>,
    /// The HTML file. Print it from a browser for paper or PDF.
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
}

/// What `report` tells.
#[derive(Debug, Serialize)]
struct Told {
    from: String,
    to: String,
    alarms: usize,
    still_active: usize,
    put_aside: usize,
    notes: usize,
    deeds: usize,
    out: String,
}

/// Writes the report.
pub fn report(args: &ShiftReportArgs) -> ExitCode {
    match try_report(args) {
        Ok(told) => {
            print_json(&told);
            ExitCode::SUCCESS
        }
        Err(why) => could_not(why),
    }
}

fn try_report(args: &ShiftReportArgs) -> Result<Told, String> {
    let opened = session::open(&args.scene).map_err(|error| error.to_string())?;
    let scene = &opened.scene;
    let (from, to) = span_of(args)?;
    let trends = args.trend.iter().map(|name| {
        let id = scene.find_signal(name);
        id.ok_or_else(|| {
            format!("the scene has no signal `{name}`: write TAG.SIGNAL, such as TK-1.level")
        })
    });
    let plan = ShiftPlan {
        from,
        to,
        trends: trends.collect::<Result<_, _>>()?,
        pictures: args.picture.iter().map(picture).collect::<Result<_, _>>()?,
        by: args.by.clone().unwrap_or_else(user),
        made: args.made.unwrap_or_else(now),
    };
    let report = ShiftReport::read(scene, &args.store, plan).map_err(|error| error.to_string())?;
    write_text(&args.out, &report.to_html(scene)).map_err(|error| error.to_string())?;
    Ok(Told {
        from: from.to_string(),
        to: to.to_string(),
        alarms: report.alarms.told,
        still_active: report.told.iter().filter(|one| one.over.is_none()).count(),
        put_aside: report.aside.len(),
        notes: report.notes.len(),
        deeds: report.deeds.len(),
        out: args.out.display().to_string(),
    })
}

/// The stretch that is asked for.
fn span_of(args: &ShiftReportArgs) -> Result<(Timestamp, Timestamp), String> {
    let to = match args.to {
        Some(to) => to,
        None => {
            let store = Store::open(&args.store).map_err(|error| error.to_string())?;
            let library = Library::open(store.depot()).map_err(|error| error.to_string())?;
            let span = library.catalogue().span();
            let (_, last) = span.ok_or("the store has no sealed samples: name --to")?;
            last
        }
    };
    if !(args.hours > 0.0 && args.hours <= 24.0 * 31.0) {
        return Err("--hours must be more than 0 and at most 744, which is a month".to_owned());
    }
    let from = args
        .from
        .unwrap_or(to - Duration::from_secs_f64(args.hours * 3_600.0));
    if to <= from {
        return Err("--to is not after --from".to_owned());
    }
    Ok((from, to))
}

/// A picture with its name.
fn picture(path: &PathBuf) -> Result<(String, Vec<u8>), String> {
    let told = |why: &str| format!("{why}: {}", path.display());
    let about = fs::metadata(path).map_err(|error| told(&error.to_string()))?;
    if about.len() > LARGEST_PICTURE {
        return Err(told("a picture of a report has at most 16 MiB"));
    }
    let bytes = fs::read(path).map_err(|error| told(&error.to_string()))?;
    if !bytes.starts_with(PNG) {
        return Err(told("this is no PNG picture"));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok((name.into_owned(), bytes))
}

/// Who is signed in to the desktop.
fn user() -> String {
    std::env::var("USER").unwrap_or_else(|_| "an operator".to_owned())
}
