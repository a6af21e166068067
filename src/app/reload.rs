//! Drawings whose files change are read again: the plant, its past, what is selected and where
//! the camera stands stay as they are.
//!
//! Files are looked at, and read, off the frame. One that cannot be used leaves the drawing that
//! was there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use bevy::prelude::*;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::notices::Tell;
use super::scenarios::SceneFile;
use super::scene::{OpenScene, SceneDrawings};
use super::telemetry::Waker;
use super::view3d::StillView;
use crate::import::gltf::Drawing;
use crate::problem::Problem;
use crate::scene::Scene;
use crate::session::{self, ReadDrawings};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What is in the files now, by the scene's drawings.
type Changed = Vec<Result<Arc<Drawing>, Problem>>;

/// Tells when a drawing of the open scene changed. Written by [`watch`] alone.
#[derive(Resource)]
struct Watched {
    changed: Receiver<Changed>,
    /// Its end ends the thread.
    _stop: Sender<()>,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        (
            watch.run_if(resource_exists_and_changed::<OpenScene>),
            take.run_if(resource_exists::<Watched>),
        )
            .chain(),
    );
}

/// Watches the drawings of the scene that was opened, if it has some and a person sees them.
fn watch(
    open: Res<OpenScene>,
    file: Option<Res<SceneFile>>,
    still: Option<Res<StillView>>,
    waker: Res<Waker>,
    drawings: Option<Res<SceneDrawings>>,
    (mut commands, mut tell): (Commands, MessageWriter<Tell>),
) {
    commands.remove_resource::<Watched>();
    let is_still = still.is_some_and(|still| still.0);
    if let Some(drawings) = drawings.filter(|_| !is_still) {
        let passed = session::unread_of(&open.scene, &drawings.0);
        tell.write_batch(passed.map(|(file, unread)| passed_over(file, unread)));
    }
    let folder = file.as_ref().and_then(|file| file.0.parent());
    let (false, false, Some(folder)) = (open.scene.drawings.is_empty(), is_still, folder) else {
        return;
    };
    let (sender, changed) = bounded(1);
    let (stop, stopped) = bounded(0);
    let (scene, folder, waker) = (Arc::clone(&open.scene), folder.to_owned(), waker.clone());
    let watcher = thread::Builder::new().name("drawings".to_owned());
    match watcher.spawn(move || look(&scene, &folder, &sender, &stopped, &waker)) {
        Ok(_) => commands.insert_resource(Watched {
            changed,
            _stop: stop,
        }),
        Err(error) => warn!("drawings are not watched: {error}"),
    }
}

/// Reads the drawings again when their files changed, until nobody listens.
fn look(
    scene: &Scene,
    folder: &Path,
    tell: &Sender<Changed>,
    stopped: &Receiver<()>,
    waker: &Waker,
) {
    let mut files: Vec<PathBuf> = session::read_drawings(scene, folder).files;
    let mut known = stamps(&files);
    let mut last = known.clone();
    while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        let now = stamps(&files);
        // A file that is still being written is no drawing yet.
        let is_written = std::mem::replace(&mut last, now.clone()) == now;
        if !is_written || now == known {
            continue;
        }
        let read: ReadDrawings = session::read_drawings(scene, folder);
        files = read.files;
        known = stamps(&files);
        last.clone_from(&known);
        if tell.send(read.drawings).is_err() {
            return;
        }
        waker.wake();
    }
}

/// When each file was written last, and how long it is; `None` where there is none.
fn stamps(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let stamp = |file: &PathBuf| {
        let facts = file.metadata().ok()?;
        Some((facts.modified().ok()?, facts.len()))
    };
    files.iter().map(stamp).collect()
}

/// Shows the changed drawings; where one cannot be used, says why and keeps the old one.
fn take(
    watched: Res<Watched>,
    open: Res<OpenScene>,
    mut drawings: ResMut<SceneDrawings>,
    mut tell: MessageWriter<Tell>,
) {
    let Some(changed) = watched.changed.try_iter().last() else {
        return;
    };
    let files = open.scene.drawings.iter().zip(changed);
    let mut differs = false;
    for ((file, read), shown) in files.zip(&mut drawings.bypass_change_detection().0) {
        match read {
            Ok(read) if read == *shown => {}
            Ok(read) => {
                *shown = read;
                differs = true;
                tell.write(Tell::done(format!("{} is drawn as it is now", file.file)));
                if !shown.unread.is_empty() {
                    tell.write(passed_over(&file.file, &shown.unread));
                }
            }
            Err(problem) => {
                let why = format!("Drawn as it was: {}", problem.message);
                tell.write(Tell::warning(why));
            }
        }
    }
    if differs {
        drawings.set_changed();
    }
}

/// That a file holds what is not drawn.
fn passed_over(file: &str, unread: &[String]) -> Tell {
    Tell::warning(format!("Not drawn of {file}: {}", unread.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::notices;
    use crate::app::scene;
    use std::time::Instant;

    const SCENE: &str = r#"Scene(format: 1, name: "Yard",
        types: {"plate": (shape: Block, size: (1, 1, 1))},
        assets: [(tag: "A", type: "plate")],
        drawings: [(file: "plate.gltf")])"#;
    const GLTF: &str = r#"{"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "A", "mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3",
            "min": [0, 0, 0], "max": [9, 9, 9]}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"uri": "plate.bin", "byteLength": 36}]}"#;

    /// A triangle so wide, as the buffer of the drawing has it.
    fn triangle(width: f32) -> Vec<u8> {
        let corners = [[0.0, 0.0, 0.0], [width, 0.0, 0.0], [0.0, 0.0, -1.0]];
        let numbers = corners.as_flattened().iter();
        numbers
            .flat_map(|number: &f32| number.to_le_bytes())
            .collect()
    }

    fn width(app: &App) -> f32 {
        let drawings = app.world().resource::<SceneDrawings>();
        let corners = drawings.0[0].pieces[0].positions.iter();
        corners.map(|at| at[0]).fold(0.0, f32::max)
    }

    fn until(app: &mut App, wanted: impl Fn(&App) -> bool) {
        let began = Instant::now();
        while !wanted(app) {
            assert!(began.elapsed() < Duration::from_secs(30), "nothing came");
            thread::sleep(Duration::from_millis(20));
            app.update();
        }
    }

    #[test]
    fn a_drawing_that_changes_is_read_and_one_that_breaks_is_told_and_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        };
        write("plate.gltf", GLTF.as_bytes());
        write("plate.bin", &triangle(2.0));
        let scene = Arc::new(crate::scene::parse(SCENE).expect("valid"));
        let read = session::read_drawings(&scene, folder.path()).drawings;
        let read: Vec<_> = read.into_iter().map(|one| one.expect("valid")).collect();
        let mut app = App::new();
        app.add_plugins((MinimalPlugins, plugin, notices::plugin))
            .init_resource::<Waker>()
            .insert_resource(SceneDrawings(read))
            .insert_resource(SceneFile(folder.path().join("yard.ron")));
        scene::open(app.world_mut(), scene);
        app.update();
        assert_eq!(width(&app), 2.0);
        let told = |app: &App| app.world().resource::<notices::Notices>().0.len();
        // The watcher notes what is there before it can see a change.
        thread::sleep(EVERY);

        // The buffer alone is another.
        write("plate.bin", &[triangle(5.0), vec![0; 4]].concat());
        until(&mut app, |app| width(app) == 5.0);
        assert_eq!(told(&app), 1);

        write("plate.gltf", b"{\"asset\": ");
        until(&mut app, |app| told(app) == 2);
        let notices = &app.world().resource::<notices::Notices>().0;
        assert!(notices[1].warning && notices[1].text.contains("plate.gltf"));
        assert_eq!(width(&app), 5.0);

        write("plate.bin", &triangle(7.0));
        let with_skin = GLTF.replace("\"meshes\"", "\"skins\": [{\"joints\": [0]}], \"meshes\"");
        write("plate.gltf", with_skin.as_bytes());
        until(&mut app, |app| width(app) == 7.0 && told(app) == 4);
        let notices = &app.world().resource::<notices::Notices>().0;
        assert_eq!(notices[3].text, "Not drawn of plate.gltf: 1 skin");
        // Whoever opens it is told as well.
        let scene = Arc::new(crate::scene::parse(SCENE).expect("valid"));
        scene::open(app.world_mut(), scene);
        app.update();
        let notices = &app.world().resource::<notices::Notices>().0;
        assert_eq!(notices[4].text, "Not drawn of plate.gltf: 1 skin");
    }

    #[test]
    fn the_watcher_ends_with_its_scene() {
        let folder = tempfile::tempdir().expect("a folder");
        let scene = Arc::new(crate::scene::parse(SCENE).expect("valid"));
        let (tell, _changed) = bounded(1);
        let (stop, stopped) = bounded::<()>(0);
        let place = folder.path().to_owned();
        let watcher =
            thread::spawn(move || look(&scene, &place, &tell, &stopped, &Waker::default()));
        drop(stop);
        watcher.join().expect("it ended by itself");
    }
}
