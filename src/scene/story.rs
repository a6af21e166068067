//! Stories: what is shown to visitors, step by step.

use std::collections::BTreeSet;
use std::time::Duration;

use super::spec::StoryViewSpec;
use super::{AssetIndex, Scene};

/// A row of views with a caption each.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// What it is called.
    pub name: String,
    /// How long a step stays where the story goes on by itself.
    pub hold: Duration,
    /// Its steps; at least one.
    pub steps: Vec<StoryStep>,
    /// True if it is kept in a file beside the scene.
    pub kept: bool,
}

/// One step of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryStep {
    /// What is said.
    pub caption: String,
    /// The bookmark whose view it is: a place in the scene's.
    pub bookmark: Option<usize>,
    /// The view, where no bookmark has it.
    pub view: Option<StoryView>,
    /// The second view, if there is one.
    pub second_view: Option<StoryView>,
    /// The asset that is highlighted.
    pub select: Option<AssetIndex>,
    /// The signal name that colours the view.
    pub heat: Option<String>,
    /// True if all but the highlighted asset is seen through.
    pub xray: bool,
    /// The lowest and the highest corner of the box outside which the plant is cut away, m.
    pub section: Option<([f64; 3], [f64; 3])>,
    /// What of the plant is drawn besides.
    pub shown: StoryShown,
    /// When it plays.
    pub time: StoryTime,
}

/// What of the plant a step draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoryShown {
    /// Hidden one by one.
    pub hidden: BTreeSet<AssetIndex>,
    /// The only ones that are drawn, with all their parts; all if empty.
    pub alone: BTreeSet<AssetIndex>,
    /// Layers that are not drawn: places in the scene's layers.
    pub layers_off: BTreeSet<usize>,
    /// Storeys that are not drawn, counted from the lowest.
    pub storeys_off: BTreeSet<usize>,
    /// True if the ground is not drawn.
    pub ground_off: bool,
    /// How far each storey is lifted off the one below, m.
    pub spread: f64,
}

/// Where a camera stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StoryView {
    /// Where it stands, m.
    pub eye: [f64; 3],
    /// What it looks at, m.
    pub focus: [f64; 3],
    /// True if it looks without perspective.
    pub plan: bool,
}

impl From<StoryViewSpec> for StoryView {
    fn from(spec: StoryViewSpec) -> Self {
        let StoryViewSpec { eye, focus, plan } = spec;
        Self { eye, focus, plan }
    }
}

impl From<StoryView> for StoryViewSpec {
    fn from(view: StoryView) -> Self {
        let StoryView { eye, focus, plan } = view;
        Self { eye, focus, plan }
    }
}

/// When a step plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoryTime {
    /// Now.
    Live,
    /// So long ago.
    Back(Duration),
    /// In the future of a scenario.
    Ahead {
        /// The scenario's name.
        scenario: String,
        /// How far in it.
        ahead: Duration,
    },
}

impl Story {
    /// The same story, told in coordinates whose origin lies `east` and `north` m farther back.
    pub(super) fn moved(mut self, [east, north]: [f64; 2]) -> Self {
        let shift = |point: &mut [f64; 3]| {
            point[0] += east;
            point[1] += north;
        };
        for step in &mut self.steps {
            for view in [&mut step.view, &mut step.second_view]
                .into_iter()
                .flatten()
            {
                shift(&mut view.eye);
                shift(&mut view.focus);
            }
            if let Some((low, high)) = &mut step.section {
                shift(low);
                shift(high);
            }
        }
        self
    }
}

impl Scene {
    /// Takes stories of a file beside the scene, in the place of those of the same name.
    pub fn keep_stories(&mut self, kept: Vec<Story>) {
        for story in kept {
            match self.stories.iter_mut().find(|one| one.name == story.name) {
                Some(known) => *known = story,
                None => self.stories.push(story),
            }
        }
    }
}
