//! Stories as a scene file writes them: plain data, nothing checked.

use serde::{Deserialize, Serialize};

/// A file of stories beside a scene.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename = "Stories", deny_unknown_fields)]
pub struct StoriesSpec {
    /// The version of this format; 1.
    pub format: u32,
    /// The stories.
    pub stories: Vec<StorySpec>,
}

/// A row of views with a caption each, told by a presenter.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename = "Story", deny_unknown_fields)]
pub struct StorySpec {
    /// What it is called.
    pub name: String,
    /// How long a step stays where the story goes on by itself.
    #[serde(default = "story_hold")]
    pub hold: String,
    /// Its steps.
    pub steps: Vec<StoryStepSpec>,
}

/// One step of a story.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename = "Step", deny_unknown_fields)]
pub struct StoryStepSpec {
    /// What is said; one or two sentences.
    pub caption: String,
    /// The bookmark whose view it is; the view stays where it is if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bookmark: Option<String>,
    /// The view, where no bookmark has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<StoryViewSpec>,
    /// Where a second camera stands, whose view is drawn beside the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_view: Option<StoryViewSpec>,
    /// The asset that is highlighted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<String>,
    /// The signal that colours the view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heat: Option<String>,
    /// True if all but the highlighted asset is seen through.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub xray: bool,
    /// The box outside which the plant is cut away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<StorySectionSpec>,
    /// Assets that are not drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hide: Vec<String>,
    /// The only assets that are drawn, with all their parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alone: Vec<String>,
    /// Layers that are not drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_layers: Vec<String>,
    /// Storeys that are not drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_storeys: Vec<String>,
    /// True if the ground is not drawn.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_ground: bool,
    /// How far each storey is lifted off the one below, m.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spread: f64,
    /// How far back in the past it plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
    /// The scenario in whose future it plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// How far in that future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<String>,
}

/// Where the camera of a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename = "View", deny_unknown_fields)]
pub struct StoryViewSpec {
    /// Where the camera stands, m.
    pub eye: [f64; 3],
    /// What it looks at, m.
    pub focus: [f64; 3],
    /// True if it looks without perspective.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plan: bool,
}

/// Two corners of a box.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename = "Section", deny_unknown_fields)]
pub struct StorySectionSpec {
    /// The lowest corner, m.
    pub low: [f64; 3],
    /// The highest corner, m.
    pub high: [f64; 3],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

fn story_hold() -> String {
    "12s".to_owned()
}
