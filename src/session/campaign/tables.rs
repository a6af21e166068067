//! What a campaign leaves behind: its runs as tables, and what they say together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::design::{Design, Parameter, ParameterEffect};
use super::drive::{CampaignError, CampaignReport};
use super::journal::Row;
use super::plan::Campaign;
use crate::files::{self, Cells, TableColumn};
use crate::signal::SignalId;

/// Writes everything.
pub(super) fn write(
    campaign: &Campaign,
    out: &Path,
    report: &CampaignReport,
) -> Result<(), CampaignError> {
    write_rows(campaign, out, report.rows.iter())?;
    let folder = |source| CampaignError::Folder {
        path: out.to_owned(),
        source,
    };
    if let Design::Tornado(_) = &campaign.design {
        files::write_table_csv(&out.join("tornado.csv"), &tornado(campaign, &report.rows))?;
    }
    if let Design::Search(_) = &campaign.design {
        write_scenarios(campaign, &out.join("scenarios"), &report.rows).map_err(folder)?;
        fs::write(out.join("best.json"), best(campaign, report)).map_err(folder)?;
    }
    let summary = json!({
        "scene": campaign.opened.scene.name,
        "scenario": campaign.scenario.name,
        "start": campaign.initial.at().to_string(),
        "horizon_s": campaign.scenario.horizon.as_secs_f64(),
        "step_s": campaign.scenario.step.as_secs_f64(),
        "members": campaign.scenario.members,
        "seed": campaign.seed,
        "replications": campaign.replications,
        "runs": report.rows.len(),
        "failed_runs": report.failed,
        "cpu_s": report.rows.iter().map(|row| row.effort.cpu_secs).sum::<f64>(),
        "campaign_fingerprint": hex(campaign.fingerprint()),
        "scene_fingerprint": hex(campaign.bundle.address()),
        "models_fingerprint": hex(campaign.opened.plant.fingerprint()),
        "initial_fingerprint": hex(campaign.initial.fingerprint()),
        "version": env!("CARGO_PKG_VERSION"),
    });
    fs::write(out.join("campaign.json"), format!("{summary:#}\n")).map_err(folder)
}

/// Writes one row per run, as CSV and as Parquet.
pub(super) fn write_rows<'r>(
    campaign: &Campaign,
    out: &Path,
    rows: impl Iterator<Item = &'r Row>,
) -> Result<(), CampaignError> {
    let columns = columns(campaign, &rows.collect::<Vec<_>>());
    files::write_table_csv(&out.join("runs.csv"), &columns)?;
    files::write_table_parquet(&out.join("runs.parquet"), &columns)?;
    Ok(())
}

fn columns(campaign: &Campaign, rows: &[&Row]) -> Vec<TableColumn> {
    let scene = &campaign.opened.scene;
    let mut columns = Vec::new();
    let mut numbers = |name: String, cell: &dyn Fn(&Row) -> Option<f64>| {
        let cells = Cells::Numbers(rows.iter().map(|row| cell(row)).collect());
        columns.push(TableColumn { name, cells });
    };
    numbers("run".to_owned(), &|row| Some(f64::from(row.run)));
    for (place, parameter) in campaign.design.parameters().iter().enumerate() {
        let cell = |row: &Row| row.parameters.get(place).copied().flatten();
        numbers(parameter.name.clone(), &cell);
    }
    for (place, kpi) in scene.kpis.iter().enumerate() {
        let head = |part: &str| format!("{}{part} [{}]", kpi.name, kpi.unit.name());
        let told = |row: &Row| row.outcome.kpis.get(place).copied().flatten();
        numbers(head(""), &|row| Some(told(row)?.mean));
        numbers(head(" low"), &|row| Some(told(row)?.interval?.0));
        numbers(head(" high"), &|row| Some(told(row)?.interval?.1));
        numbers(head(" p10"), &|row| Some(told(row)?.p10));
        numbers(head(" p50"), &|row| Some(told(row)?.p50));
        numbers(head(" p90"), &|row| Some(told(row)?.p90));
    }
    let breached: BTreeSet<&String> = rows
        .iter()
        .flat_map(|row| row.outcome.breaches.keys())
        .collect();
    for limit in breached {
        numbers(format!("breach {limit}"), &|row| {
            Some(row.outcome.breaches.get(limit).copied().unwrap_or(0.0))
        });
    }
    numbers("members".to_owned(), &|row| {
        Some(f64::from(row.outcome.members))
    });
    numbers("failed_members".to_owned(), &|row| {
        Some(f64::from(row.outcome.failed_members))
    });
    numbers("cpu_s".to_owned(), &|row| Some(row.effort.cpu_secs));
    let texts: [(&str, fn(&Row) -> String); 6] = [
        // A seed can be larger than a number of a table resolves.
        ("seed", |row| row.seed.to_string()),
        ("state", |row| match &row.outcome.failure {
            None => "finished".to_owned(),
            Some(reason) => format!("failed: {reason}"),
        }),
        ("plan_fingerprint", |row| hex(row.outcome.plan_fingerprint)),
        ("result_hash", |row| hex(row.outcome.result_hash)),
        ("worker", |row| row.effort.worker.clone()),
        ("version", |_| env!("CARGO_PKG_VERSION").to_owned()),
    ];
    for (name, cell) in texts {
        let cells = Cells::Texts(rows.iter().map(|row| cell(row)).collect());
        columns.push(TableColumn {
            name: name.to_owned(),
            cells,
        });
    }
    columns
}

/// For every KPI the parameters, the one that moves it most first.
fn tornado(campaign: &Campaign, rows: &[Row]) -> Vec<TableColumn> {
    let Design::Tornado(bounded) = &campaign.design else {
        return Vec::new();
    };
    let mean = |kpi: usize, point: usize| {
        let same = |row: &&Row| (row.run / campaign.replications) as usize == point;
        let told = rows
            .iter()
            .filter(same)
            .filter_map(|row| row.outcome.kpis.get(kpi).copied()?);
        let values: Vec<f64> = told.map(|told| told.mean).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let mut lines = Vec::new();
    for (place, kpi) in campaign.opened.scene.kpis.iter().enumerate() {
        let base = mean(place, 0);
        let of_one = |index: usize| {
            let (parameter, ends): &(Parameter, [f64; 2]) = &bounded[index];
            let [low, high] = [1, 2].map(|end| mean(place, 2 * index + end));
            let swing = [low, high, base].into_iter().flatten();
            let (least, most) = swing
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), one| {
                    (least.min(one), most.max(one))
                });
            let swing = (most >= least).then_some(most - least);
            (kpi, parameter, ends, [base, low, high, swing])
        };
        let mut all: Vec<_> = (0..bounded.len()).map(of_one).collect();
        all.sort_by(|a, b| b.3[3].unwrap_or(-1.0).total_cmp(&a.3[3].unwrap_or(-1.0)));
        lines.extend(
            all.into_iter()
                .enumerate()
                .map(|(rank, line)| (rank + 1, line)),
        );
    }
    let texts = |name: &str, cells: Vec<String>| TableColumn {
        name: name.to_owned(),
        cells: Cells::Texts(cells),
    };
    let numbers = |name: &str, cells: Vec<Option<f64>>| TableColumn {
        name: name.to_owned(),
        cells: Cells::Numbers(cells),
    };
    let value = |which: usize| lines.iter().map(|(_, line)| line.3[which]).collect();
    let end = |which: usize| lines.iter().map(|(_, line)| Some(line.2[which])).collect();
    vec![
        texts(
            "kpi",
            lines.iter().map(|(_, line)| line.0.name.clone()).collect(),
        ),
        texts(
            "unit",
            lines
                .iter()
                .map(|(_, line)| line.0.unit.name().to_owned())
                .collect(),
        ),
        numbers(
            "rank",
            lines.iter().map(|(rank, _)| Some(*rank as f64)).collect(),
        ),
        texts(
            "parameter",
            lines.iter().map(|(_, line)| line.1.name.clone()).collect(),
        ),
        numbers("low", end(0)),
        numbers("high", end(1)),
        numbers("kpi_base", value(0)),
        numbers("kpi_low", value(1)),
        numbers("kpi_high", value(2)),
        numbers("swing", value(3)),
    ]
}

/// What the best run of a search is, and whether it keeps the constraints.
fn best(campaign: &Campaign, report: &CampaignReport) -> String {
    let found = report.best.and_then(|(run, merit)| {
        let row = report.rows.iter().find(|row| row.run == run)?;
        let Design::Search(search) = &campaign.design else {
            return None;
        };
        let kpi = campaign.opened.scene.kpis.get(search.kpi)?;
        let names = campaign
            .design
            .parameters()
            .into_iter()
            .map(|one| one.name.clone());
        let values: BTreeMap<_, _> = names.zip(&row.parameters).collect();
        Some(json!({
            "run": run,
            "feasible": merit.violation == 0.0,
            "violation": merit.violation.is_finite().then_some(merit.violation),
            "objective": kpi.name,
            "unit": kpi.unit.name(),
            "value": row.outcome.kpis.get(search.kpi).copied().flatten().map(|told| told.mean),
            "parameters": values,
            "breaches": row.outcome.breaches,
            "runs": report.rows.len(),
            "budget": search.budget,
        }))
    });
    format!("{:#}\n", found.unwrap_or_default())
}

/// Writes each run's scenario as a scene would: it can be pasted among its `scenarios`.
fn write_scenarios(campaign: &Campaign, folder: &Path, rows: &[Row]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for row in rows {
        let path = folder.join(format!("run-{}.ron", row.run));
        fs::write(path, scenario_text(campaign, row))?;
    }
    Ok(())
}

/// The scenario of a run, in the words of a scene.
pub(super) fn scenario_text(campaign: &Campaign, row: &Row) -> String {
    let base = &campaign.scenario;
    let span = |span: Duration| match span.subsec_nanos() {
        0 => format!("{}s", span.as_secs()),
        _ => format!("{}ms", span.as_secs_f64() * 1e3),
    };
    let mut lines = String::new();
    let mut line = |text: String| {
        // Writing to a text cannot fail.
        writeln!(lines, "{text}").ok();
    };
    line("(".to_owned());
    line(format!("    name: {:?},", format!("Run {}", row.run)));
    line(format!("    based_on: {:?},", base.name));
    line(format!("    horizon: {:?},", span(base.horizon)));
    line(format!("    step: {:?},", span(base.step)));
    line(format!("    members: {},", base.members));
    line("    overrides: [".to_owned());
    let parameters = campaign.design.parameters();
    for (parameter, value) in parameters.iter().zip(&row.parameters) {
        let Some(value) = value else { continue };
        let effect = match parameter.effect {
            ParameterEffect::Set => "value",
            ParameterEffect::Times => "times",
            ParameterEffect::Plus => "plus",
        };
        let when = match parameter.span {
            None => String::new(),
            Some((from, until)) => {
                format!(", from: {:?}, until: {:?}", span(from), span(until))
            }
        };
        for signal in &parameter.signals {
            let name: &String = full_name(campaign, *signal);
            line(format!(
                "        (signal: {name:?}, {effect}: {value:?}{when}),"
            ));
        }
    }
    line("    ],".to_owned());
    line("),".to_owned());
    lines
}

fn full_name(campaign: &Campaign, signal: SignalId) -> &String {
    &campaign.opened.scene.signal(signal).full_name
}

fn hex(number: u64) -> String {
    format!("{number:016x}")
}
