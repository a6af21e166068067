//! Documents of assets, handed to the desktop's own programs.
//!
//! No shell is asked and nothing of a scene becomes an option: a viewer gets one argument, which
//! is an absolute path in the scene's folder or an address that begins with `https://`.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::notices::Tell;
use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::selection::Selection;
use crate::scene::{DocumentIndex, Scene};
use crate::session::document_target;

/// What freedesktop.org calls whatever shows files and addresses.
const OPENER: &str = "xdg-open";

/// Shows what it is given: a path or an address. Gives the program that does, if one was started.
type Show = Box<dyn FnMut(&OsStr) -> io::Result<Option<Child>> + Send + Sync>;

/// Who shows documents; without one there is no desktop. Used by [`follow_actions`] and
/// [`hear_of_viewers`] alone.
#[derive(Resource)]
pub struct DocumentViewer {
    show: Show,
    /// Programs under way, each with the title of what it shows.
    under_way: Vec<(Child, String)>,
}

impl DocumentViewer {
    /// The desktop's own programs.
    pub fn desktop() -> Self {
        Self::of(|target| opening(target).spawn().map(Some))
    }

    /// Whoever this calls.
    pub fn of(
        show: impl FnMut(&OsStr) -> io::Result<Option<Child>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            show: Box::new(show),
            under_way: Vec::new(),
        }
    }
}

/// The command that shows a path or an address.
fn opening(target: &OsStr) -> Command {
    let mut command = Command::new(OPENER);
    command
        .arg(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        (
            follow_actions.run_if(on_message::<Action>.and_then(resource_exists::<OpenScene>)),
            hear_of_viewers.run_if(resource_exists::<DocumentViewer>),
        )
            .chain()
            .in_set(TwinSystems::Steer),
    );
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    file: Option<Res<SceneFile>>,
    selection: Res<Selection>,
    mut viewer: Option<ResMut<DocumentViewer>>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let asked = match action {
            Action::OpenDocument(asked) => Some(*asked),
            Action::Named(Named::OpenDocument) => first_of(&open.scene, &selection),
            _ => continue,
        };
        let told = asked
            .ok_or_else(|| "There is no document of what is selected".to_owned())
            .and_then(|asked| show(&open.scene, asked, file.as_deref(), viewer.as_deref_mut()));
        tell.write(told.map_or_else(Tell::warning, Tell::done));
    }
}

/// The first document of the selected asset that is there.
fn first_of(scene: &Scene, selection: &Selection) -> Option<DocumentIndex> {
    let asset = scene.assets.get(selection.selected?.index())?;
    let there = |place: &&DocumentIndex| {
        let document = scene.documents.get(place.index());
        document.is_some_and(|document| document.is_there())
    };
    asset.documents.iter().find(there).copied()
}

/// Shows a document, and says that it did or why not.
fn show(
    scene: &Scene,
    asked: DocumentIndex,
    file: Option<&SceneFile>,
    viewer: Option<&mut DocumentViewer>,
) -> Result<String, String> {
    let document = scene.documents.get(asked.index());
    let document = document.ok_or("This scene has no such document")?;
    let viewer = viewer.ok_or("There is no desktop to show documents on")?;
    let folder = file.and_then(|file| file.0.parent());
    let target: OsString = document_target(document, folder.unwrap_or(Path::new("")))
        .map_err(|error| error.to_string())?;
    let started = (viewer.show)(&target).map_err(|error| {
        let title = &document.title;
        format!("{title} is not shown: {OPENER} cannot be started: {error}; install xdg-utils")
    })?;
    if let Some(started) = started {
        viewer.under_way.push((started, document.title.clone()));
    }
    Ok(format!("{} is being opened", document.title))
}

/// Says which viewers could show nothing, and forgets those that ended.
fn hear_of_viewers(mut viewer: ResMut<DocumentViewer>, mut tell: MessageWriter<Tell>) {
    let viewer = viewer.bypass_change_detection();
    viewer.under_way.retain_mut(|(child, title)| {
        let why = match child.try_wait() {
            Ok(None) => return true,
            Ok(Some(status)) if status.success() => return false,
            Ok(Some(status)) => match status.code() {
                // As the manual of xdg-open has it.
                Some(2) => "the file is gone".to_owned(),
                Some(3) => "no program is set for such files".to_owned(),
                _ => "the desktop refused".to_owned(),
            },
            Err(error) => error.to_string(),
        };
        tell.write(Tell::warning(format!("{title} is not shown: {why}")));
        false
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_is_started_with_one_argument_and_no_shell() {
        let target = OsStr::new("/plant/docs/a; rm -rf $HOME.md");
        let command = opening(target);
        assert_eq!(command.get_program(), "xdg-open");
        assert_eq!(command.get_args().collect::<Vec<_>>(), [target]);
    }
}
