//! The 3D tab: the picture, the pointer on it, and what is painted over it.
//!
//! All input goes by the picture's own `Response`, which knows what covers it; egui's
//! "wants the pointer" is true over the whole dock and would be of no use.

use egui::{Align2, Color32, FontId, Pos2, Rect, Response, RichText, Sense, Stroke, Ui, Vec2};
use serde::{Deserialize, Serialize};

use super::bookmarks::{bookmarks_strip, bookmarks_ui, hint_ui};
use super::frame::{mode_text, offset_text};
use super::labels::{self, paint_labels};
use super::reading::Reading;
use super::signal_drag;
use super::{
    Twin, beacons, caption, legend, marks, minimap, story_draft, theme, tree, view_cube,
    view_pointer, view_tools,
};
use crate::app::action::{Action, Named};
use crate::app::palette;
use crate::app::viewport::{Pane, ViewInput};
use crate::scene::AssetIndex;
use crate::signal::Origin;
use crate::timeline::Mode;

/// What the 3D tab remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewportState {
    hint_closed: bool,
    /// The asset whose menu is open.
    #[serde(skip)]
    menu_of: Option<AssetIndex>,
    #[serde(skip)]
    tools: view_tools::ViewToolsState,
    #[serde(skip)]
    map: minimap::MinimapState,
}

/// The 3D tab.
pub fn viewport_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut ViewportState,
    input: &mut ViewInput,
    actions: &mut Vec<Action>,
) {
    let response = picture_ui(ui, twin, input, PictureOf::Tab);
    signal_drag::pick_up(ui, twin, &response);
    let (left, _) = halves(response.rect, twin);
    let alarms = beacons::marks_of(twin, left);
    beacons::press(ui, left, twin, &alarms, actions);
    bookmarks_ui(ui, response.rect, twin, actions);
    if twin.story.is_none() {
        hint_ui(ui, response.rect, &mut state.hint_closed);
    }
    let (left, right) = halves(response.rect, twin);
    let (yaw, pitch) = (twin.picture.north, twin.picture.pitch);
    match (right, &twin.picture.beside) {
        (Some(right), Some(beside)) => {
            if left.width() > CUBE_WIDTH {
                view_cube::cube_ui(ui, left, yaw, pitch, actions);
            }
            ui.push_id("second view", |ui| {
                if right.width() > CUBE_WIDTH {
                    view_cube::cube_ui(ui, right, beside.north, beside.pitch, actions);
                }
            });
        }
        _ => view_cube::cube_ui(ui, response.rect, yaw, pitch, actions),
    }
    view_tools::view_tools_ui(ui, response.rect, twin, &mut state.tools, actions);
    let map = (&mut state.map, PictureOf::Tab);
    minimap::minimap_ui(ui, response.rect, twin, map.0, map.1, actions);
    caption::story_ui(ui, response.rect, twin, true);
    story_draft::recording_ui(ui, response.rect, twin, actions);
    asset_menu(&response, twin, state, actions);
    asset_tooltip(response, twin);
}

/// Room for mode and instant at the top of a picture of the view alone, points.
const CAPTION: f32 = 46.0;

/// A view that is no wider than this has no room for a cube beside its mode, points.
const CUBE_WIDTH: f32 = 330.0;

/// What the picture is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureOf {
    /// The tab among panels.
    Tab,
    /// A picture of the view alone, which says mode and instant elsewhere.
    View,
    /// Nothing that tells of a plant's state.
    Nothing,
}

/// The picture and what is painted over it, without anything to press.
pub fn picture_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    input: &mut ViewInput,
    part: PictureOf,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, "Plant view"));
    let (left, right) = halves(rect, twin);
    *input = view_pointer::read_input(ui, (left, right), &response, twin);
    let painter = ui.painter_at(rect);
    match twin.picture.texture {
        Some(texture) => {
            let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            painter.image(texture, left, whole, Color32::WHITE);
            let beside = twin.picture.beside.as_ref();
            let second = twin.picture.second.or(beside.and_then(|view| view.texture));
            if let (Some(right), Some(second)) = (right, second) {
                painter.image(second, right, whole, Color32::WHITE);
                painter.vline(
                    right.left(),
                    right.y_range(),
                    Stroke::new(2.0, theme::window()),
                );
            }
        }
        None => {
            painter.rect_filled(rect, 0.0, theme::window());
            let font = FontId::proportional(13.0);
            let text = "The 3D view is starting";
            painter.text(
                rect.center(),
                Align2::CENTER_CENTER,
                text,
                font,
                theme::weak(),
            );
        }
    }
    let alarms = match part {
        PictureOf::Nothing => Vec::new(),
        PictureOf::Tab | PictureOf::View => beacons::marks_of(twin, left),
    };
    let below = Vec2::new(
        0.0,
        if part == PictureOf::View {
            CAPTION
        } else {
            0.0
        },
    );
    let has_tools = part == PictureOf::Tab && view_tools::has_room(rect);
    let told = (
        left.translate(below),
        right.map(|right| right.translate(below)),
    );
    let scale = twin.picture.legend.as_ref().map(|_| legend_rect(rect));
    labels::paint_levels(&painter.with_clip_rect(left), left, twin.picture, scale);
    if twin.settings.labels {
        let mut covered = vec![view_cube::cube_rect(rect)];
        covered.extend(beacons::covered(left, &alarms));
        if part == PictureOf::Tab {
            covered.extend([bookmarks_strip(rect), view_tools::strip_rect(rect)]);
            covered
                .extend((twin.timeline.mode() != Mode::Live).then(|| mode_rect(left, has_tools)));
        }
        covered.extend(twin.picture.legend.as_ref().map(|_| legend_rect(rect)));
        covered.extend(twin.other.map(|_| telling_rect(told.0)));
        covered.extend(minimap::map_rect(rect, twin));
        covered.extend(twin.recorded.map(|_| story_draft::strip_rect(rect)));
        if part == PictureOf::View {
            let size = Vec2::new(CAPTION * 6.0, CAPTION);
            covered.push(Rect::from_min_size(rect.min, size));
        }
        paint_labels(&painter.with_clip_rect(left), left, twin, covered);
        if let (Some(right), Some((origin, rows))) = (right, twin.other) {
            // The same places, with what the other telling says.
            let other = Twin {
                rows,
                origin: Some(origin),
                alarms: &[],
                ..*twin
            };
            let covered = vec![
                view_cube::cube_rect(right),
                legend_rect(rect),
                mode_rect(rect, has_tools),
                telling_rect(right),
            ];
            paint_labels(&painter.with_clip_rect(right), right, &other, covered);
        }
    }
    beacons::paint(ui, &painter.with_clip_rect(left), left, &alarms);
    if let (Some(right), Some(beside)) = (right, &twin.picture.beside) {
        let other = Twin {
            picture: beside,
            ..*twin
        };
        let clipped = painter.with_clip_rect(right);
        let alarms = match part {
            PictureOf::Nothing => Vec::new(),
            PictureOf::Tab | PictureOf::View => beacons::marks_of(&other, right),
        };
        labels::paint_levels(&clipped, right, beside, scale);
        if twin.settings.labels {
            let mut covered: Vec<Rect> = beacons::covered(right, &alarms).collect();
            covered.extend([
                view_cube::cube_rect(right),
                legend_rect(rect),
                bookmarks_strip(rect),
                mode_rect(right, false),
            ]);
            paint_labels(&clipped, right, &other, covered);
        }
        beacons::paint(ui, &clipped, right, &alarms);
        view_tools::paint_tools(&clipped, right, &other);
        let active = if beside.is_active { right } else { left };
        let outline = Stroke::new(1.5, theme::selection().gamma_multiply(0.7));
        painter.rect_stroke(active, 0.0, outline, egui::StrokeKind::Inside);
    }
    paint_tellings(&painter, told.0, told.1, twin);
    let drag = input.boxed.map(|drag| [drag.from, drag.to]);
    let under = match (input.pane, right) {
        (Pane::Second, Some(right)) => right,
        _ => left,
    };
    let drag = drag.map(|ends| ends.map(|end| under.min + Vec2::from(end)));
    view_tools::paint_tools(&painter.with_clip_rect(left), left, twin);
    if let Some(drag) = drag {
        view_tools::paint_box(&painter.with_clip_rect(under), drag);
    }
    match (part, right, &twin.picture.beside) {
        (PictureOf::Nothing, ..) => {}
        // Of two views each says what it shows, whatever that is.
        (_, Some(right), Some(_)) => {
            if part == PictureOf::Tab {
                paint_mode(&painter, left, has_tools, twin);
            }
            paint_mode(&painter, right, false, twin);
        }
        (PictureOf::Tab, ..) if twin.timeline.mode() != Mode::Live => {
            paint_mode(&painter, rect, has_tools, twin);
        }
        _ => {}
    }
    if twin.settings.backdrop && part == PictureOf::View {
        let (yaw, pitch) = (twin.picture.north, twin.picture.pitch);
        match (right, &twin.picture.beside) {
            (Some(right), Some(beside)) => {
                if left.width() > CUBE_WIDTH {
                    view_cube::paint_cube(&painter, left, yaw, pitch, None);
                }
                view_cube::paint_cube(&painter, right, beside.north, beside.pitch, None);
            }
            _ => view_cube::paint_cube(&painter, rect, yaw, pitch, None),
        }
    }
    if let Some(legend) = &twin.picture.legend {
        legend::paint_scale(&painter, legend_rect(rect), legend);
    }
    response
}

/// The picture's place, and that of the other telling if the view is split, or of the second view.
fn halves(rect: Rect, twin: &Twin<'_>) -> (Rect, Option<Rect>) {
    let is_split = twin.picture.second.is_some() && twin.other.is_some();
    if !is_split && twin.picture.beside.is_none() {
        return (rect, None);
    }
    let (left, right) = rect.split_left_right_at_fraction(0.5);
    (left, Some(right))
}

/// Who says what is seen, where there are two tellings: a person must never mistake one for the
/// other.
fn paint_tellings(painter: &egui::Painter, left: Rect, right: Option<Rect>, twin: &Twin<'_>) {
    let Some((other, _)) = twin.other else { return };
    let named = |origin: Option<Origin>| match origin {
        Some(Origin::Simulated(run)) => {
            let scenario = twin.runs.iter().find(|record| record.id == run);
            let name = scenario.map_or("", |record| &record.scenario.name);
            format!("Run {run} {name}")
        }
        Some(Origin::Measured) => "Measured".to_owned(),
        _ => "No data".to_owned(),
    };
    let simulated = theme::ink(palette::mode_colour(Mode::Simulated));
    let told = |place: Pos2, text: String, origin: Option<Origin>| {
        let ink = match origin {
            Some(Origin::Simulated(_)) => simulated,
            _ => theme::strong(),
        };
        let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), ink);
        let ground = Rect::from_min_size(place, galley.size()).expand2(Vec2::new(8.0, 4.0));
        painter.rect_filled(ground, 4.0, theme::plate(190));
        painter.galley(place, galley, ink);
    };
    let corner = |rect: Rect| telling_rect(rect).min + Vec2::new(10.0, 6.0);
    match right {
        Some(right) => {
            told(corner(left), named(twin.origin), twin.origin);
            told(corner(right), named(Some(other)), Some(other));
        }
        None if twin.ghost => {
            let text = format!("Ghost: {}, where it looks different", named(Some(other)));
            told(corner(left), text, Some(other));
        }
        None => {}
    }
}

/// The middle and the upper edge of what stands at the top, this wide: in the middle of the view,
/// right of the tools if it has them, or below them where there is no room.
fn mode_place(view: Rect, has_tools: bool, width: f32) -> (f32, f32) {
    if !has_tools {
        return (view.center().x, view.top());
    }
    let beside = view_tools::strip_rect(view).right() + width / 2.0 + 8.0;
    let middle = view.center().x.max(beside);
    if middle + width / 2.0 + 8.0 > view.right() {
        return (view.center().x, view.top() + view_tools::STRIP - 8.0);
    }
    (middle, view.top())
}

/// About where the mode stands in the picture.
fn mode_rect(view: Rect, has_tools: bool) -> Rect {
    let size = Vec2::new(240.0, 30.0);
    let (middle, top) = mode_place(view, has_tools, size.x);
    Rect::from_min_size(Pos2::new(middle - size.x / 2.0, top + 8.0), size)
}

/// Where it stands who says what is seen.
fn telling_rect(view: Rect) -> Rect {
    let below = if view_tools::has_room(view) {
        view_tools::STRIP
    } else {
        8.0
    };
    Rect::from_min_size(
        view.left_top() + Vec2::new(8.0, below),
        Vec2::new(230.0, 28.0),
    )
}

/// The mode in the picture itself, so that it stays with a screenshot.
fn paint_mode(painter: &egui::Painter, rect: Rect, has_tools: bool, twin: &Twin<'_>) {
    let mode = twin.timeline.mode();
    let offset = twin.timeline.playhead().secs_since(twin.timeline.now());
    let text = match mode {
        Mode::Live => mode_text(mode).to_owned(),
        _ => format!("{}  {}", mode_text(mode), offset_text(offset)),
    };
    let font = FontId::proportional(14.0);
    let mut galley = painter.layout_no_wrap(text, font.clone(), theme::strong());
    if galley.size().x + 40.0 > rect.width() {
        galley = painter.layout_no_wrap(mode_text(mode).to_owned(), font, theme::strong());
    }
    let painter = painter.with_clip_rect(rect);
    let width = galley.size().x;
    let (middle, top) = mode_place(rect, has_tools, width + 24.0);
    let at = Pos2::new(middle - width / 2.0, top + 14.0);
    let ground = Rect::from_min_size(at, galley.size()).expand2(Vec2::new(12.0, 5.0));
    let colour = theme::ink(palette::mode_colour(mode));
    painter.rect_filled(ground, 4.0, theme::plate(170));
    painter.rect_stroke(
        ground,
        4.0,
        Stroke::new(1.5, colour),
        egui::StrokeKind::Inside,
    );
    painter.galley(at, galley, theme::strong());
}

/// Where the legend of the colours stands.
fn legend_rect(view: Rect) -> Rect {
    Rect::from_min_size(
        view.right_bottom() - legend::SCALE - Vec2::splat(12.0),
        legend::SCALE,
    )
}

fn asset_menu(
    response: &Response,
    twin: &Twin<'_>,
    state: &mut ViewportState,
    actions: &mut Vec<Action>,
) {
    if response.secondary_clicked() {
        // The pointer will leave the asset while the menu stays.
        state.menu_of = twin.picture.hovered;
    }
    response.context_menu(|ui| match state.menu_of {
        Some(asset) if asset.index() < twin.scene.assets.len() => {
            tree::menu_ui(ui, twin, asset, actions);
        }
        _ => {
            for named in [
                Named::FrameAll,
                Named::TopView,
                Named::ToggleLabels,
                Named::ShowEverything,
            ] {
                if ui.button(named.title()).clicked() {
                    actions.push(Action::Named(named));
                }
            }
        }
    });
}

fn asset_tooltip(response: Response, twin: &Twin<'_>) {
    let hovered = twin.picture.hovered;
    let Some(asset) = hovered.and_then(|index| twin.scene.assets.get(index.index())) else {
        return;
    };
    if response.dragged() {
        return;
    }
    response.on_hover_ui_at_pointer(|ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(&asset.tag).strong());
            ui.label(&asset.label);
        });
        ui.label(theme::note(&asset.kind_label));
        egui::Grid::new("tooltip").num_columns(3).show(ui, |ui| {
            for id in asset.signal_ids() {
                let signal = twin.scene.signal(id);
                let reading = Reading::of(twin, id);
                let ink = marks::trust_colour(reading.trust);
                ui.label(&signal.label);
                ui.label(RichText::new(reading.value_with_unit(signal)).color(ink));
                ui.label(theme::note(reading.story()));
                ui.end_row();
            }
        });
    });
}
