//! Stories as a scene file writes them: to be kept, and carried elsewhere.

use std::collections::BTreeSet;

use super::scenario_text::text_of;
use super::spec::{StoriesSpec, StorySectionSpec, StorySpec, StoryStepSpec, StoryViewSpec};
use super::{AssetIndex, FORMAT_VERSION, Scene, Story, StoryShown, StoryStep, StoryTime};
use crate::time::exact_duration_text;

/// The file of stories that is kept beside a scene.
pub fn stories_text<'s>(stories: impl IntoIterator<Item = &'s Story>, scene: &Scene) -> String {
    let spec_of = |story: &Story| {
        // In the coordinates of the scene's file.
        let story = story.clone().moved(scene.origin);
        StorySpec {
            hold: exact_duration_text(story.hold),
            steps: story.steps.iter().map(|one| step_of(one, scene)).collect(),
            name: story.name,
        }
    };
    let spec = StoriesSpec {
        format: FORMAT_VERSION,
        stories: stories.into_iter().map(spec_of).collect(),
    };
    text_of(&spec, 5)
}

fn shown_of(shown: &StoryShown, scene: &Scene) -> StoryStepSpec {
    let tags = |assets: &BTreeSet<AssetIndex>| {
        let tags = assets.iter().map(|asset| scene.asset(*asset).tag.clone());
        tags.collect()
    };
    let layers = scene.layers.names().iter().map(String::as_str);
    StoryStepSpec {
        hide: tags(&shown.hidden),
        alone: tags(&shown.alone),
        without_layers: picked(layers, &shown.layers_off),
        without_storeys: picked(scene.storeys.names(), &shown.storeys_off),
        without_ground: shown.ground_off,
        spread: shown.spread,
        ..StoryStepSpec::default()
    }
}

/// The names at these places.
fn picked<'n>(names: impl Iterator<Item = &'n str>, places: &BTreeSet<usize>) -> Vec<String> {
    let names = names.enumerate();
    let names = names.filter(|(place, _)| places.contains(place));
    names.map(|(_, name)| name.to_owned()).collect()
}

fn step_of(step: &StoryStep, scene: &Scene) -> StoryStepSpec {
    let bookmark = step.bookmark.and_then(|place| scene.bookmarks.get(place));
    let mut spec = StoryStepSpec {
        caption: step.caption.clone(),
        bookmark: bookmark.map(|bookmark| bookmark.name.clone()),
        view: step.view.map(StoryViewSpec::from),
        second_view: step.second_view.map(StoryViewSpec::from),
        select: step.select.map(|asset| scene.asset(asset).tag.clone()),
        heat: step.heat.clone(),
        xray: step.xray,
        section: step
            .section
            .map(|(low, high)| StorySectionSpec { low, high }),
        ..shown_of(&step.shown, scene)
    };
    match &step.time {
        StoryTime::Live => {}
        StoryTime::Back(back) => spec.back = Some(exact_duration_text(*back)),
        StoryTime::Ahead { scenario, ahead } => {
            spec.scenario = Some(scenario.clone());
            spec.ahead = Some(exact_duration_text(*ahead));
        }
    }
    spec
}
