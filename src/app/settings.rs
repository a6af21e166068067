//! How the plant is shown: look, heat, labels, and how finely.

use bevy::prelude::*;
use serde::{Deserialize, Serialize};

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::OpenScene;
use super::viewport::Look;

/// How finely the view is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Quality {
    /// Smooth edges, shadows, every pixel.
    Fine,
    /// Shadows where a graphics card draws, not as many pixels where a processor does.
    #[default]
    Balanced,
    /// No shadows, and half as many pixels: for slow machines and large plants.
    Fast,
}

impl Quality {
    /// All of them, the finest first.
    pub const ALL: [Self; 3] = [Self::Fine, Self::Balanced, Self::Fast];

    /// What it is called on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Fine => "Fine",
            Self::Balanced => "Balanced",
            Self::Fast => "Fast",
        }
    }

    /// By what factor things are larger on screen when they get coarser.
    pub const fn coarseness(self) -> f32 {
        match self {
            Self::Fine => 0.6,
            Self::Balanced => 1.0,
            Self::Fast => 2.0,
        }
    }

    /// True if edges are smooth.
    pub const fn is_smooth(self, software: bool) -> bool {
        match self {
            Self::Fine => true,
            Self::Balanced => !software,
            Self::Fast => false,
        }
    }

    /// True if a graphics card draws shadows.
    pub const fn has_shadows(self) -> bool {
        !matches!(self, Self::Fast)
    }

    /// Pixels that are drawn at most while a person moves the view.
    pub const fn most_pixels(self, software: bool) -> f32 {
        match (self, software) {
            (Self::Fine, _) | (Self::Balanced, false) => f32::INFINITY,
            (Self::Fast, false) => 1.3e6,
            (Self::Balanced, true) => 1.3e6,
            (Self::Fast, true) => 0.5e6,
        }
    }

    /// The next coarser one.
    pub const fn coarser(self) -> Self {
        match self {
            Self::Fine => Self::Balanced,
            Self::Balanced | Self::Fast => Self::Fast,
        }
    }

    /// The next finer one.
    pub const fn finer(self) -> Self {
        match self {
            Self::Fine | Self::Balanced => Self::Fine,
            Self::Fast => Self::Balanced,
        }
    }
}

/// The ground that is read on, for dark rooms and for bright ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Theme {
    /// Light letters on dark grey.
    #[default]
    Dark,
    /// Dark letters on light grey.
    Light,
}

impl Theme {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }
}

/// How the plant is shown. Written by [`follow_actions`] alone, after its start value.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct ViewSettings {
    /// Operate or Present.
    pub look: Look,
    /// Dark or light panels, and the ground behind the plant in Operate.
    pub theme: Theme,
    /// The signal name that colours the assets, or none.
    pub heat: Option<String>,
    /// Whether how far assets lie from what a run expected colours them, before heat does.
    pub residuals: bool,
    /// Whether labels are drawn.
    pub labels: bool,
    /// Whether a map of the plant is drawn.
    pub minimap: bool,
    /// Whether the plant is seen a second time, by a camera of its own.
    pub second_view: bool,
    /// Whether the sun of the visitors' look stands where it does at the playhead.
    pub daylight: bool,
    /// Whether ground and sky are drawn; a picture without them is transparent there.
    pub backdrop: bool,
    /// How finely a person wants the view; `None` leaves it to the program.
    pub quality: Option<Quality>,
    /// What the program chose last, by how long pictures take.
    pub chosen_quality: Quality,
    /// True if a processor draws instead of a graphics card: light shading, no shadows.
    pub software: bool,
}

impl Default for ViewSettings {
    fn default() -> Self {
        Self {
            look: Look::Operate,
            theme: Theme::Dark,
            heat: None,
            residuals: false,
            labels: true,
            minimap: false,
            second_view: false,
            daylight: false,
            backdrop: true,
            quality: None,
            chosen_quality: Quality::default(),
            software: false,
        }
    }
}

impl ViewSettings {
    /// How finely the view is drawn; pictures for files always are as fine as can be.
    pub fn quality_drawn(&self, still: bool) -> Quality {
        if still {
            return Quality::Fine;
        }
        self.quality.unwrap_or(self.chosen_quality)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ViewSettings>().add_systems(
        PreUpdate,
        follow_actions
            .run_if(on_message::<Action>)
            .in_set(TwinSystems::Steer),
    );
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Option<Res<OpenScene>>,
    mut settings: ResMut<ViewSettings>,
) {
    let scene = open.as_ref().map(|open| &open.scene);
    let mut next = settings.clone();
    for action in actions.read() {
        match action {
            Action::SetQuality(quality) => next.quality = *quality,
            Action::SetHeat(signal) => {
                (next.heat, next.residuals) = (signal.clone(), false);
            }
            Action::GoToBookmark(place) => {
                if let Some(bookmark) = scene.and_then(|scene| scene.bookmarks.get(*place)) {
                    (next.heat, next.residuals) = (bookmark.heat.clone(), false);
                }
            }
            Action::Named(Named::SwitchLook) => {
                next.look = match next.look {
                    Look::Operate => Look::Present,
                    Look::Present => Look::Operate,
                };
            }
            Action::Named(Named::SwitchTheme) => next.theme = next.theme.other(),
            Action::Named(Named::ToggleMinimap) => next.minimap = !next.minimap,
            Action::Named(Named::ToggleSecondView) => next.second_view = !next.second_view,
            Action::SecondView(view) => next.second_view = view.is_some(),
            // Both are shown in the right half.
            Action::Named(Named::ToggleSplit) => next.second_view = false,
            Action::Named(Named::ToggleDaylight) => next.daylight = !next.daylight,
            Action::Named(Named::ToggleLabels) => next.labels = !next.labels,
            Action::Named(Named::ToggleResiduals) => next.residuals = !next.residuals,
            Action::Named(Named::ToggleDifferences) => next.residuals = false,
            Action::Named(Named::ToggleHeat) => {
                next.residuals = false;
                next.heat = match next.heat {
                    Some(_) => None,
                    None => scene.and_then(|scene| scene.heat.clone()),
                };
            }
            _ => {}
        }
    }
    settings.set_if_neq(next);
}
