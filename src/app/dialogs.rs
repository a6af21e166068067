//! Dialogs that choose files. They run beside the frame and end as actions.

use std::path::PathBuf;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};

use super::action::{Action, Named};
use super::notices::Tell;
use super::telemetry::Waker;

/// A dialog that is open.
#[derive(Component)]
struct Dialog {
    answer: Task<Option<rfd::FileHandle>>,
    then: fn(PathBuf) -> Action,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, (open.run_if(on_message::<Action>), close).chain());
}

fn open(
    mut actions: MessageReader<Action>,
    waker: Res<Waker>,
    open_dialogs: Query<(), With<Dialog>>,
    mut commands: Commands,
) {
    for action in actions.read() {
        let Action::Named(named) = action else {
            continue;
        };
        let dialog = rfd::AsyncFileDialog::new();
        let waker = waker.clone();
        // One dialog at a time: a second click asks for nothing new.
        if !open_dialogs.is_empty() {
            continue;
        }
        let (name, dialog) = match named {
            Named::ChooseScene => {
                let task = dialog
                    .set_title("Open a scene")
                    .add_filter("Scene or water network", &["ron", "inp"])
                    .pick_file();
                let answer = IoTaskPool::get().spawn(async move {
                    let answer = task.await;
                    waker.wake();
                    answer
                });
                (
                    "Open dialog",
                    Dialog {
                        answer,
                        then: Action::OpenScene,
                    },
                )
            }
            Named::ChoosePicture => (
                "Picture dialog",
                save(
                    dialog,
                    "parallax.png",
                    "PNG",
                    "png",
                    waker,
                    Action::SavePicture,
                ),
            ),
            Named::ChooseTrendExport => (
                "Export dialog",
                save(
                    dialog,
                    "trends.csv",
                    "CSV",
                    "csv",
                    waker,
                    Action::ExportTrends,
                ),
            ),
            Named::ChooseTrendPicture => (
                "Trend picture dialog",
                save(
                    dialog.add_filter("SVG", &["svg"]),
                    "trends.png",
                    "PNG",
                    "png",
                    waker,
                    Action::SaveTrendPicture,
                ),
            ),
            Named::ChooseAlarmExport => (
                "Alarm export dialog",
                save(
                    dialog,
                    "alarms.csv",
                    "CSV",
                    "csv",
                    waker,
                    Action::ExportAlarms,
                ),
            ),
            Named::ChooseReviewExport => (
                "Alarm performance dialog",
                save(
                    dialog,
                    "alarm-performance.csv",
                    "CSV",
                    "csv",
                    waker,
                    Action::ExportAlarmReview,
                ),
            ),
            Named::ChooseShiftReport => (
                "Shift report dialog",
                save(
                    dialog,
                    "shift-report.html",
                    "HTML",
                    "html",
                    waker,
                    Action::WriteShiftReport,
                ),
            ),
            _ => continue,
        };
        commands.spawn((Name::new(name), dialog));
    }
}

fn save(
    dialog: rfd::AsyncFileDialog,
    name: &str,
    kind: &str,
    extension: &str,
    waker: Waker,
    then: fn(PathBuf) -> Action,
) -> Dialog {
    let task = dialog
        .set_title(format!("Save {name}"))
        .set_file_name(name)
        .add_filter(kind, &[extension])
        .save_file();
    let answer = IoTaskPool::get().spawn(async move {
        let answer = task.await;
        waker.wake();
        answer
    });
    Dialog { answer, then }
}

fn close(
    mut dialogs: Query<(Entity, &mut Dialog)>,
    mut commands: Commands,
    mut actions: MessageWriter<Action>,
    mut tell: MessageWriter<Tell>,
) {
    for (entity, mut dialog) in &mut dialogs {
        let Some(answer) = block_on(poll_once(&mut dialog.answer)) else {
            continue;
        };
        commands.entity(entity).despawn();
        match answer {
            Some(file) => {
                actions.write((dialog.then)(file.path().to_owned()));
            }
            // A cancelled dialog and a desktop without dialogs look alike.
            None => {
                tell.write(Tell::done(
                    "Nothing was chosen. If no dialog appeared, this desktop has none: \
                     start with `parallax open SCENE` instead",
                ));
            }
        }
    }
}
