//! Writes what the trends show, the alarm list and how the alarm system does, for a spreadsheet.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::action::Action;
use super::alarm_review::AlarmReview;
use super::alarms::ShownAlarms;
use super::notices::Tell;
use super::panels::alarms::sheet;
use super::recording::Store;
use super::scene::OpenScene;
use super::selection::Selection;
use super::telemetry::Historian;
use super::ui::PanelMemory;
use crate::files;
use crate::session;

/// How exports ended that were written on threads of their own.
#[derive(Resource)]
struct Exports {
    ended: Receiver<Tell>,
    end: Sender<Tell>,
}

pub(super) fn plugin(app: &mut App) {
    let (end, ended) = unbounded();
    app.insert_resource(Exports { ended, end }).add_systems(
        Update,
        (
            (export_trends, export_alarms).run_if(on_message::<Action>),
            tell_ended,
        ),
    );
}

/// Everything measured of the trends' signals; what is on screen may be a part of it.
fn export_trends(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    history: Res<Historian>,
    store: Res<Store>,
    selection: Res<Selection>,
    memory: Res<PanelMemory>,
    exports: Res<Exports>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let Action::ExportTrends(path) = action else {
            continue;
        };
        let signals = memory.state.trend_signals(&open.scene, &selection);
        if signals.is_empty() {
            tell.write(Tell::warning(
                "The trends show no signal, so nothing was exported",
            ));
            continue;
        }
        let scene = Arc::clone(&open.scene);
        let library = store.0.as_ref().map(|store| Arc::clone(store.library()));
        let samples = session::samples_in_memory(&history, &signals);
        let (path, end): (PathBuf, _) = (path.clone(), exports.end.clone());
        // Years of samples take a while to read and to write.
        let written = thread::Builder::new()
            .name("export".to_owned())
            .spawn(move || {
                let rows = session::recorded_rows(&scene, library.as_deref(), &samples);
                let told = match rows.map(|rows| files::write_recorded_csv(&path, rows)) {
                    Ok(Ok(())) => Tell::done(format!("Trends written: {}", path.display())),
                    Ok(Err(error)) => Tell::warning(error.to_string()),
                    Err(error) => Tell::warning(error.to_string()),
                };
                end.send(told).ok(); // the program has ended: nobody to tell
            });
        if let Err(error) = written {
            tell.write(Tell::warning(format!("no thread for the export: {error}")));
        }
    }
}

/// The alarm list as it is filtered, or the last report on the alarm system.
fn export_alarms(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    shown: Res<ShownAlarms>,
    review: Res<AlarmReview>,
    memory: Res<PanelMemory>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let (path, text) = match action {
            Action::ExportAlarms(path) => {
                let listed = memory.state.listed_alarms(&shown.0, &open.scene);
                (path, sheet::alarm_sheet(&open.scene, &listed))
            }
            Action::ExportAlarmReview(path) => {
                let review = &review.review;
                let Some((report, watch)) = review.report.as_ref().zip(review.watch.as_ref())
                else {
                    let text = "Nothing was judged yet: show the alarm performance first";
                    tell.write(Tell::warning(text));
                    continue;
                };
                (path, sheet::review_sheet(report, watch))
            }
            _ => continue,
        };
        tell.write(match std::fs::write(path, text) {
            Ok(()) => Tell::done(format!("Alarms written: {}", path.display())),
            Err(error) => Tell::warning(format!("{error}: {}", path.display())),
        });
    }
}

fn tell_ended(exports: Res<Exports>, mut tell: MessageWriter<Tell>) {
    tell.write_batch(exports.ended.try_iter());
}
