//! How a person likes the view, kept from one session to the next: the map, the theme, the
//! quality chosen by hand and, for each scene, where a second view stood.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bevy::prelude::*;
use bevy::time::common_conditions::on_real_timer;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::remembered::Remembered;
use super::scenarios::SceneFile;
use super::settings::{Quality, Theme, ViewSettings};
use super::story::StoryTeller;
use super::viewport::ViewPicture;
use super::who::Who;
use crate::scene::StoryView;
use crate::scene::spec::StoryViewSpec;

/// How often what changed is written.
const SAVE_EVERY: Duration = Duration::from_secs(5);
/// Of so many scenes it is kept where the second view stood; those seen last.
const MOST_SCENES: usize = 50;
/// A camera farther out than this was never there, m.
const FAR: f64 = 1e7;

/// What is kept of the view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptView {
    minimap: bool,
    quality: Option<Quality>,
    theme: Theme,
    /// The scene whose second view was closed or moved last comes last.
    second_views: Vec<(PathBuf, StoryViewSpec)>,
}

impl KeptView {
    fn second_view(&self, scene: &Path) -> Option<StoryView> {
        let known = self.second_views.iter().find(|(file, _)| file == scene);
        let view = known.map(|(_, view)| StoryView::from(*view));
        view.filter(is_sound)
    }

    fn keep_second_view(&mut self, scene: &Path, view: Option<StoryView>) {
        if self.second_view(scene) == view {
            return;
        }
        self.second_views.retain(|(file, _)| file != scene);
        let view = view.map(|view| (scene.to_owned(), view.into()));
        self.second_views.extend(view);
        let excess = self.second_views.len().saturating_sub(MOST_SCENES);
        self.second_views.drain(..excess);
    }
}

/// True of a camera that can stand there.
fn is_sound(view: &StoryView) -> bool {
    let mut all = view.eye.iter().chain(&view.focus);
    all.all(|value| value.abs() < FAR) && view.eye != view.focus
}

/// What is remembered of the view. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct ViewMemory {
    file: Remembered<KeptView>,
    kept: KeptView,
    /// The scene whose second view was put back.
    restored: Option<PathBuf>,
}

impl ViewMemory {
    /// What stands in the file, if it is there.
    pub fn load(file: Option<PathBuf>) -> Self {
        let file = Remembered::load(file);
        Self {
            kept: file.saved.clone().unwrap_or_default(),
            file,
            restored: None,
        }
    }

    /// How a session begins: as the last one ended.
    pub fn begin(&self, settings: &mut ViewSettings) {
        settings.minimap = self.kept.minimap;
        settings.quality = self.kept.quality;
        settings.theme = self.kept.theme;
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ViewMemory>()
        .add_systems(
            // Where panels ask for things: all of the next frame hears of it.
            PostUpdate,
            (restore, remember.run_if(on_real_timer(SAVE_EVERY)))
                .chain()
                .run_if(resource_exists::<SceneFile>),
        )
        .add_systems(
            Last,
            remember
                .run_if(on_message::<AppExit>)
                .run_if(resource_exists::<SceneFile>),
        );
}

/// Puts the second view where it stood when this scene was last looked at.
fn restore(
    scene: Res<SceneFile>,
    mut memory: ResMut<ViewMemory>,
    mut actions: MessageWriter<Action>,
) {
    if memory.restored.as_ref() == Some(&scene.0) {
        return;
    }
    memory.restored = Some(scene.0.clone());
    if let Some(view) = memory.kept.second_view(&scene.0) {
        actions.write(Action::SecondView(Some(view)));
    }
}

/// Takes note of how the view is; what a story or a kiosk shows was nobody's choice.
fn remember(
    scene: Res<SceneFile>,
    settings: Res<ViewSettings>,
    picture: Res<ViewPicture>,
    teller: Res<StoryTeller>,
    who: Res<Who>,
    mut memory: ResMut<ViewMemory>,
) {
    let is_put_back = memory.restored.as_ref() == Some(&scene.0);
    if teller.now.is_some() || who.kiosk || !is_put_back {
        return;
    }
    let ViewMemory { file, kept, .. } = &mut *memory;
    kept.minimap = settings.minimap;
    kept.quality = settings.quality;
    kept.theme = settings.theme;
    if settings.second_view {
        // It is not drawn yet in its first frame.
        if let Some(view) = picture.beside.as_ref().and_then(|second| second.stand) {
            kept.keep_second_view(&scene.0, Some(view));
        }
    } else {
        kept.keep_second_view(&scene.0, None);
    }
    file.save(kept, "the view");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(east: f64) -> StoryView {
        StoryView {
            eye: [east, 2.0, 3.0],
            focus: [0.0; 3],
            plan: false,
        }
    }

    #[test]
    fn views_that_cannot_be_are_passed_over() {
        let mut kept = KeptView::default();
        let scene = Path::new("plant/scene.ron");
        for wrong in [f64::NAN, f64::INFINITY, 1e300] {
            kept.second_views = vec![(scene.to_owned(), view(wrong).into())];
            assert_eq!(kept.second_view(scene), None);
        }
        let mut nowhere = view(0.0);
        nowhere.eye = [0.0; 3];
        kept.second_views = vec![(scene.to_owned(), nowhere.into())];
        assert_eq!(kept.second_view(scene), None);
    }

    #[test]
    fn of_many_scenes_those_seen_last_are_kept() {
        let mut kept = KeptView::default();
        let scene = |one: u32| PathBuf::from(format!("{one}.ron"));
        for one in 0..60 {
            kept.keep_second_view(&scene(one), Some(view(f64::from(one))));
        }
        assert_eq!(kept.second_views.len(), MOST_SCENES);
        assert_eq!(kept.second_view(&scene(9)), None);
        assert_eq!(kept.second_view(&scene(10)), Some(view(10.0)));
        kept.keep_second_view(&scene(10), None);
        assert_eq!(kept.second_view(&scene(10)), None);
    }
}
