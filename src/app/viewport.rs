//! What the 3D view and the tab that shows it tell each other.
//!
//! The tab is a panel and knows no Bevy; the view knows no egui. The tab writes
//! [`ViewInput`], the view writes [`ViewPicture`], and neither imports the other.

use bevy::prelude::Resource;

use super::measure::Measurement;
use super::reveal::Section;
use crate::scene::{AssetIndex, StoryView};
use crate::signal::RunId;

/// The two looks over one scene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Look {
    /// Matte grey, colour only for what is abnormal.
    #[default]
    Operate,
    /// Lit and coloured, for visitors.
    Present,
}

/// One of the views in the tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The one that is always there.
    #[default]
    First,
    /// The second view, right of it.
    Second,
}

/// What the pointer did in the tab since the last frame. Written by the tab's panel.
///
/// Points are egui's, from the tab's upper left corner.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct ViewInput {
    /// Size of the tab, points; of one view where there are two.
    pub size: [f32; 2],
    /// The view that the pointer is over.
    pub pane: Pane,
    /// The view that was touched: actions go to it from now on.
    pub touched: Option<Pane>,
    /// Pixels per point.
    pub pixels_per_point: f32,
    /// True while the tab is on screen.
    pub visible: bool,
    /// Where the pointer hovers, if it does and nothing covers the view there.
    pub pointer: Option<[f32; 2]>,
    /// A click ended here.
    pub clicked: Option<[f32; 2]>,
    /// A double click ended here.
    pub double_clicked: Option<[f32; 2]>,
    /// True if the click is to select besides what is selected.
    pub also: bool,
    /// A box is dragged, or was.
    pub boxed: Option<BoxDrag>,
    /// How far the view was turned, points.
    pub orbit: [f32; 2],
    /// How far the view was shifted, points.
    pub pan: [f32; 2],
    /// Wheel, positive to come closer; one notch is about 50.
    pub zoom: f32,
    /// Walking: right, up, forward; -1 to 1.
    pub fly: [f32; 3],
}

/// A box that is dragged over the picture, points from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxDrag {
    /// Where it began.
    pub from: [f32; 2],
    /// Where the pointer is.
    pub to: [f32; 2],
    /// True in the frame in which it ends.
    pub is_done: bool,
    /// True if it is to select besides what is selected.
    pub also: bool,
}

/// What the tab shows. Written by the view.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct ViewPicture {
    /// egui's name of the texture, once there is one.
    pub texture: Option<egui::TextureId>,
    /// The other telling of the plant, by the same camera, if the view is split.
    pub second: Option<egui::TextureId>,
    /// The second view, with all that lies over it, if it is open and the view is not split.
    pub beside: Option<Box<Self>>,
    /// True if actions go to this view.
    pub is_active: bool,
    /// Labels to draw over it, the most important last.
    pub labels: Vec<ViewLabel>,
    /// Where the assets with alarms, now or expected, lie; all of them, seen or not.
    pub sights: Vec<ViewSight>,
    /// The values of contour lines, where they are written.
    pub levels: Vec<ViewLevel>,
    /// What was measured, as it lies in the picture.
    pub rules: Vec<ViewRule>,
    /// Where the ruler would be put, points, and whether at a corner.
    pub ruler_tip: Option<([f32; 2], bool)>,
    /// The box around all of the plant: the ends of a section.
    pub bounds: Option<Section>,
    /// What the colours mean, if heat is on.
    pub legend: Option<HeatLegend>,
    /// The asset under the pointer.
    pub hovered: Option<AssetIndex>,
    /// The ground that is seen, as a polygon: east, north, m.
    pub footprint: Vec<[f64; 2]>,
    /// True if the camera follows who moves.
    pub follows: bool,
    /// Where north points on screen, radians clockwise from up.
    pub north: f32,
    /// How far the view looks down, rad below the horizon.
    pub pitch: f32,
    /// Where the camera stands, or glides to.
    pub stand: Option<StoryView>,
}

/// A label at a place of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewLabel {
    /// Whose it is.
    pub asset: AssetIndex,
    /// Where its foot stands, points from the tab's upper left corner.
    pub at: [f32; 2],
    /// Distance from the eye, m.
    pub distance: f32,
    /// Selected or hovered: drawn in full and always.
    pub strong: bool,
}

/// Where an asset lies for whoever looks at the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewSight {
    /// Which asset.
    pub asset: AssetIndex,
    /// Where.
    pub sight: Sight,
}

/// A place, in the picture or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sight {
    /// Ahead of the eye: points from the tab's upper left corner, perhaps outside of it.
    Ahead([f32; 2]),
    /// Behind the eye: in which direction to turn, to the right and down.
    Behind([f32; 2]),
}

/// The value of a contour line at a place of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewLevel {
    /// Its middle, points from the upper left corner.
    pub at: [f32; 2],
    /// The value, in the unit of the legend.
    pub text: String,
}

/// A measurement at its place in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewRule {
    /// Its ends, points from the upper left corner.
    pub ends: [[f32; 2]; 2],
    /// What was measured.
    pub measurement: Measurement,
    /// True while its end follows the pointer.
    pub is_begun: bool,
}

/// What the colours of the view mean.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatLegend {
    /// The signal name.
    pub signal: String,
    /// What it is called.
    pub label: String,
    /// The unit's symbol.
    pub unit: String,
    /// The ends of the scale, in the unit.
    pub range: (f64, f64),
}

/// A difference of this share of the ordinary range has the last colour.
pub const LARGE_DIFFERENCE: f32 = 0.2;

/// A residual of so many standard deviations has the last colour.
pub const LARGE_RESIDUAL: f32 = 4.0;

impl HeatLegend {
    /// What the colours of residuals mean.
    pub fn of_residuals(run: RunId) -> Self {
        Self {
            signal: String::new(),
            label: format!("Residual against run {run}"),
            unit: "σ".to_owned(),
            range: (0.0, f64::from(LARGE_RESIDUAL)),
        }
    }

    /// What the colours of differences mean.
    pub fn of_differences(against: &str) -> Self {
        Self {
            signal: String::new(),
            label: format!("Difference from {against}"),
            unit: "% of range".to_owned(),
            range: (0.0, f64::from(LARGE_DIFFERENCE) * 100.0),
        }
    }
}
