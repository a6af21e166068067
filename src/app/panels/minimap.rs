//! The plant seen from above, small: where one looks, where alarms are; a click goes there.
//!
//! What stands is drawn into a picture once per scene, so that a hundred thousand assets cost
//! nothing afterwards.

use egui::{Color32, ColorImage, Pos2, Rect, Sense, Shape, Stroke, TextureOptions, Ui, Vec2};

use super::marks::{self, AlarmLook};
use super::viewport::PictureOf;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::palette;
use crate::scene::{Asset, Scene, Shape as AssetShape};

/// Side of the map, points, as a share of the view's height and at most.
const SHARE: f32 = 0.36;
const SIDE: f32 = 200.0;
/// Side of the picture, pixels.
const PIXELS: usize = 400;
/// From the edge of the view, points.
const INSET: f32 = 12.0;
/// Room for the legend of the colours below it.
const LEGEND: f32 = 72.0;
/// A lower view has no map.
const LOWEST: f32 = 300.0;
/// Alarms that are marked at most, the most urgent.
const MARKS: usize = 60;
/// Room around the plant, as a share of its size.
const ROOM: f64 = 0.04;

/// What the map remembers: the picture of the scene that is open.
#[derive(Default)]
pub struct MinimapState {
    drawn: Option<Drawn>,
}

impl std::fmt::Debug for MinimapState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MinimapState").finish_non_exhaustive()
    }
}

struct Drawn {
    of: (String, usize),
    frame: Square,
    texture: egui::TextureHandle,
}

/// The part of the plant that the map shows: its south-west corner and its side, m.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Square {
    corner: [f64; 2],
    side: f64,
}

impl Square {
    /// The square around all that stands.
    fn around(scene: &Scene) -> Self {
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for asset in scene.assets.iter().filter(|asset| is_drawn(asset)) {
            for point in asset.route.iter().chain([&asset.position]) {
                for axis in 0..2 {
                    let reach = asset.size[axis] / 2.0;
                    low[axis] = low[axis].min(point[axis] - reach);
                    high[axis] = high[axis].max(point[axis] + reach);
                }
            }
        }
        if low[0] > high[0] {
            (low, high) = ([-5.0; 2], [5.0; 2]);
        }
        let side = (high[0] - low[0]).max(high[1] - low[1]).max(1.0) * (1.0 + 2.0 * ROOM);
        Self {
            corner: std::array::from_fn(|axis| f64::midpoint(low[axis], high[axis]) - side / 2.0),
            side,
        }
    }

    /// Shares of the map, to the right and down.
    fn share(&self, [east, north, ..]: [f64; 3]) -> Vec2 {
        let right = (east - self.corner[0]) / self.side;
        let up = (north - self.corner[1]) / self.side;
        Vec2::new(right as f32, 1.0 - up as f32)
    }

    fn point(&self, share: Vec2) -> [f64; 2] {
        [
            self.corner[0] + f64::from(share.x) * self.side,
            self.corner[1] + f64::from(1.0 - share.y) * self.side,
        ]
    }
}

fn is_drawn(asset: &Asset) -> bool {
    !matches!(asset.shape, AssetShape::Unseen)
}

/// Where the map stands, if the view has room for it.
pub fn map_rect(view: Rect, twin: &Twin<'_>) -> Option<Rect> {
    let room = view.height() >= LOWEST && view.width() >= 560.0;
    (twin.settings.minimap && room).then(|| {
        let legend = if twin.picture.legend.is_some() {
            LEGEND
        } else {
            0.0
        };
        let low = view.right_bottom() - Vec2::new(INSET, INSET + legend);
        let side = (view.height() * SHARE).min(SIDE).round();
        Rect::from_min_max(low - Vec2::splat(side), low)
    })
}

/// The map, over the lower right corner of the view.
pub fn minimap_ui(
    ui: &mut Ui,
    view: Rect,
    twin: &Twin<'_>,
    state: &mut MinimapState,
    part: PictureOf,
    actions: &mut Vec<Action>,
) {
    let Some(rect) = map_rect(view, twin) else {
        return;
    };
    let drawn = state.of_scene(ui, twin.scene);
    let painter = ui.painter_at(rect);
    // Its own ground in every theme: it is a picture.
    painter.rect_filled(rect, 4.0, Color32::from_black_alpha(190));
    let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    painter.image(drawn.texture.id(), rect, whole, Color32::WHITE);
    let at = |point: [f64; 3]| rect.min + drawn.frame.share(point) * rect.width();
    let frame = drawn.frame;

    let seen: Vec<Pos2> = twin
        .picture
        .footprint
        .iter()
        .map(|&[east, north]| at([east, north, 0.0]))
        .collect();
    if seen.len() > 2 {
        painter.add(Shape::convex_polygon(
            seen,
            Color32::from_white_alpha(22),
            Stroke::new(1.2, Color32::WHITE),
        ));
    }
    for &asset in twin.selection.chosen.iter().take(MARKS) {
        let centre = at(twin.scene.asset(asset).position);
        let ink = theme::colour(palette::SELECTION);
        painter.circle_stroke(centre, 4.5, Stroke::new(1.6, ink));
    }
    let active: Vec<_> = twin.alarms.iter().take(MARKS).collect();
    for alarm in active.into_iter().rev() {
        let centre = at(twin
            .scene
            .asset(twin.scene.signal(alarm.signal).asset)
            .position);
        marks::paint_alarm(&painter, centre, 9.0, AlarmLook::of(ui, alarm));
    }
    painter.rect_stroke(
        rect,
        4.0,
        Stroke::new(1.0, theme::weak()),
        egui::StrokeKind::Inside,
    );
    if part != PictureOf::Tab {
        return;
    }
    let response = ui.interact(rect, ui.id().with("minimap"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, "Map"));
    if (response.clicked() || response.dragged())
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let share = (pointer - rect.min) / rect.width();
        actions.push(Action::LookThere(
            frame.point(share.clamp(Vec2::ZERO, Vec2::ONE)),
        ));
    }
    response.on_hover_text("Click to look there");
}

impl MinimapState {
    fn of_scene(&mut self, ui: &Ui, scene: &Scene) -> &Drawn {
        let of = (scene.name.clone(), scene.assets.len());
        if self.drawn.as_ref().is_some_and(|drawn| drawn.of != of) {
            self.drawn = None;
        }
        self.drawn.get_or_insert_with(|| {
            let frame = Square::around(scene);
            let image = picture(scene, frame);
            let texture = ui
                .ctx()
                .load_texture("minimap", image, TextureOptions::LINEAR);
            Drawn { of, frame, texture }
        })
    }
}

/// What stands, seen from above: the higher, the lighter.
fn picture(scene: &Scene, frame: Square) -> ColorImage {
    let mut pixels = vec![0_u8; PIXELS * PIXELS];
    let scale = PIXELS as f64 / frame.side;
    let mut dot = |east: f64, north: f64, light: u8| {
        let column = ((east - frame.corner[0]) * scale).floor();
        let row = (PIXELS as f64 - (north - frame.corner[1]) * scale).floor();
        let inside = |place: f64| (0.0..PIXELS as f64).contains(&place);
        if inside(column) && inside(row) {
            let pixel = &mut pixels[row as usize * PIXELS + column as usize];
            *pixel = light.max(*pixel);
        }
    };
    for asset in scene.assets.iter().filter(|asset| is_drawn(asset)) {
        let light = (96.0 + 12.0 * asset.size[2].max(0.0)).min(216.0) as u8;
        for ends in asset.route.windows(2) {
            let steps = ((ends[1][0] - ends[0][0]).hypot(ends[1][1] - ends[0][1]) * scale).ceil();
            let steps = steps.clamp(1.0, 4.0 * PIXELS as f64);
            for step in 0..=steps as usize {
                let share = step as f64 / steps;
                let along = |axis: usize| ends[0][axis] + (ends[1][axis] - ends[0][axis]) * share;
                dot(along(0), along(1), 132);
            }
        }
        if asset.runs_along() {
            continue;
        }
        let (sin, cos) = asset.heading.sin_cos();
        let half = [asset.size[0] / 2.0, asset.size[1] / 2.0];
        let across = |side: f64| ((side * 2.0 * scale * 1.5).ceil()).clamp(1.0, 600.0) as usize;
        let (columns, rows) = (across(half[0]), across(half[1]));
        for column in 0..=columns {
            for row in 0..=rows {
                let x = (column as f64 / columns as f64 * 2.0 - 1.0) * half[0];
                let y = (row as f64 / rows as f64 * 2.0 - 1.0) * half[1];
                dot(
                    asset.position[0] + x * cos - y * sin,
                    asset.position[1] + x * sin + y * cos,
                    light,
                );
            }
        }
    }
    let colour = |&light: &u8| match light {
        0 => Color32::TRANSPARENT,
        light => Color32::from_rgb(light, light, light.saturating_add(6)),
    };
    ColorImage::new([PIXELS; 2], pixels.iter().map(colour).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene;

    #[test]
    fn what_stands_in_the_north_east_is_drawn_at_the_upper_right() {
        let text = r#"(format: 1, name: "Two", types: {
            "tank": (label: "Tank", shape: Tank, size: (10, 10, 8), signals: []),
        }, assets: [
            (tag: "T-1", type: "tank", at: (0, 0, 0)),
            (tag: "T-2", type: "tank", at: (100, 90, 0)),
        ])"#;
        let scene = scene::parse(text).expect("a scene");
        let frame = Square::around(&scene);
        let share = frame.share(scene.assets[1].position);
        assert!(share.x > 0.85 && share.y < 0.2, "{share:?}");
        let [east, north] = frame.point(share);
        assert!((east - 100.0).abs() < 0.1 && (north - 90.0).abs() < 0.1);
        let image = picture(&scene, frame);
        let at = |share: Vec2| {
            let (column, row) = (share * PIXELS as f32).into();
            image.pixels[row as usize * PIXELS + column as usize]
        };
        assert_ne!(at(share), Color32::TRANSPARENT);
        assert_eq!(
            at(Vec2::new(0.1, 0.1)),
            Color32::TRANSPARENT,
            "nothing is there"
        );
    }
}
