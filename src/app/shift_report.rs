//! The shift that ends at the playhead, written as one page, with a picture of the program.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bevy::prelude::*;
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::action::Action;
use super::notices::Tell;
use super::picture::WindowImage;
use super::recording::Store;
use super::scene::OpenScene;
use super::telemetry::Waker;
use super::timeline::Playback;
use super::who::Who;
use crate::files::write_text;
use crate::scene::Scene;
use crate::session::{ShiftPlan, ShiftReport};
use crate::telemetry::now;

/// How long a shift is.
const SHIFT: Duration = Duration::from_secs(8 * 3_600);

/// How reports ended that were written on threads of their own.
#[derive(Resource)]
struct Reports {
    ended: Receiver<Tell>,
    end: Sender<Tell>,
}

/// A report that waits for its picture.
#[derive(Clone)]
struct Pending {
    scene: Arc<Scene>,
    place: String,
    plan: ShiftPlan,
    path: PathBuf,
    end: Sender<Tell>,
    waker: Waker,
}

pub(super) fn plugin(app: &mut App) {
    let (end, ended) = unbounded();
    app.insert_resource(Reports { ended, end })
        .add_systems(Update, (report.run_if(on_message::<Action>), tell_ended));
}

/// Begins with the picture, if there is somebody to draw one.
fn report(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    store: Res<Store>,
    who: Res<Who>,
    playback: Res<Playback>,
    reports: Res<Reports>,
    waker: Res<Waker>,
    drawn: (Option<Res<RenderDevice>>, Option<Res<WindowImage>>),
    mut commands: Commands,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let Action::WriteShiftReport(path) = action else {
            continue;
        };
        let Some(recording) = &store.0 else {
            let text = "A shift report tells what was recorded, and nothing is: open the scene \
                        with a store";
            tell.write(Tell::warning(text));
            continue;
        };
        let to = playback.playhead();
        let pending = Pending {
            scene: Arc::clone(&open.scene),
            place: recording.place().to_owned(),
            plan: ShiftPlan {
                from: to - SHIFT,
                to,
                trends: Vec::new(),
                pictures: Vec::new(),
                by: who.name().to_owned(),
                made: now(),
            },
            path: path.clone(),
            end: reports.end.clone(),
            waker: waker.clone(),
        };
        let screenshot = match &drawn {
            (None, _) => None,
            (Some(_), Some(image)) => Some(Screenshot::image(image.0.clone())),
            (Some(_), None) => Some(Screenshot::primary_window()),
        };
        match screenshot {
            Some(screenshot) => {
                commands.spawn(screenshot).observe(with_picture(pending));
            }
            None => pending.write(Vec::new()),
        }
    }
}

/// Goes on once the picture is there.
fn with_picture(pending: Pending) -> impl FnMut(On<ScreenshotCaptured>) {
    move |captured| {
        let image = captured.image.clone().try_into_dynamic().ok();
        let mut png = Cursor::new(Vec::new());
        let written = image.map(|image| {
            let image = image.to_rgb8();
            image.write_to(&mut png, image::ImageFormat::Png)
        });
        // A report without its picture is better than none.
        let pictures = match written {
            Some(Ok(())) => vec![("At the end of the shift".to_owned(), png.into_inner())],
            Some(Err(_)) | None => Vec::new(),
        };
        pending.clone().write(pictures);
    }
}

impl Pending {
    /// Reads and writes on a thread of its own.
    fn write(self, pictures: Vec<(String, Vec<u8>)>) {
        let end = self.end.clone();
        let written = thread::Builder::new()
            .name("shift report".to_owned())
            .spawn(move || {
                let plan = ShiftPlan {
                    pictures,
                    ..self.plan
                };
                let told = match ShiftReport::read(&self.scene, &self.place, plan) {
                    Ok(report) => match write_text(&self.path, &report.to_html(&self.scene)) {
                        Ok(()) => Tell::done(format!(
                            "Shift report written: {}. Print it from a browser",
                            self.path.display()
                        )),
                        Err(error) => Tell::warning(error.to_string()),
                    },
                    Err(error) => Tell::warning(error.to_string()),
                };
                self.end.send(told).ok(); // the program has ended: nobody to tell
                self.waker.wake();
            });
        if let Err(error) = written {
            let text = format!("no thread for the shift report: {error}");
            end.send(Tell::warning(text)).ok(); // as above
        }
    }
}

fn tell_ended(reports: Res<Reports>, mut tell: MessageWriter<Tell>) {
    tell.write_batch(reports.ended.try_iter());
}
