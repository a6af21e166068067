//! The 3D tab: the picture, the pointer on it, and what is painted over it.
//!
//! All input goes by the picture's own `Response`, which knows what covers it; egui's
//! "wants the pointer" is true over the whole dock and would be of no use.

use egui::{
    Align2, Color32, FontId, PointerButton, Pos2, Rect, Response, RichText, Sense, Stroke, Ui, Vec2,
};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::controls::icon_button;
use super::frame::{mode_text, offset_text};
use super::labels::paint_labels;
use super::reading::Reading;
use super::shortcuts;
use super::{
    Twin, beacons, caption, legend, marks, minimap, story_draft, theme, tree, view_cube, view_tools,
};
use crate::app::action::{Action, Named};
use crate::app::measure::Tool;
use crate::app::palette;
use crate::app::viewport::{BoxDrag, ViewInput};
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
    let (left, _) = halves(response.rect, twin);
    let alarms = beacons::marks_of(twin, left);
    beacons::press(ui, left, twin, &alarms, actions);
    bookmarks_ui(ui, response.rect, twin, actions);
    hint_ui(ui, response.rect, state);
    let (yaw, pitch) = (twin.picture.north, twin.picture.pitch);
    view_cube::cube_ui(ui, response.rect, yaw, pitch, actions);
    view_tools::view_tools_ui(ui, response.rect, twin, &mut state.tools, actions);
    let map = (&mut state.map, PictureOf::Tab);
    minimap::minimap_ui(ui, response.rect, twin, map.0, map.1, actions);
    caption::story_ui(ui, response.rect, twin, true);
    story_draft::recording_ui(ui, response.rect, twin, actions);
    asset_menu(&response, twin, state, actions);
    asset_tooltip(response, twin);
}

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
    *input = read_input(ui, left, right, &response, twin.tool);
    let painter = ui.painter_at(rect);
    match twin.picture.texture {
        Some(texture) => {
            let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            painter.image(texture, left, whole, Color32::WHITE);
            if let (Some(right), Some(second)) = (right, twin.picture.second) {
                painter.image(second, right, whole, Color32::WHITE);
                painter.vline(
                    right.left(),
                    right.y_range(),
                    Stroke::new(2.0, theme::WINDOW),
                );
            }
        }
        None => {
            painter.rect_filled(rect, 0.0, theme::WINDOW);
            let font = FontId::proportional(13.0);
            let text = "The 3D view is starting";
            painter.text(
                rect.center(),
                Align2::CENTER_CENTER,
                text,
                font,
                theme::WEAK,
            );
        }
    }
    let alarms = match part {
        PictureOf::Nothing => Vec::new(),
        PictureOf::Tab | PictureOf::View => beacons::marks_of(twin, left),
    };
    if twin.settings.labels {
        let mut covered = vec![bookmarks_strip(rect)];
        covered.extend(beacons::covered(left, &alarms));
        covered.extend([view_tools::strip_rect(rect), view_cube::cube_rect(rect)]);
        covered.extend(twin.picture.legend.as_ref().map(|_| legend_rect(rect)));
        covered.extend((twin.timeline.mode() != Mode::Live).then(|| mode_rect(rect)));
        covered.extend(twin.other.map(|_| telling_rect(left)));
        covered.extend(minimap::map_rect(rect, twin));
        covered.extend(twin.recorded.map(|_| story_draft::strip_rect(rect)));
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
                mode_rect(rect),
                telling_rect(right),
            ];
            paint_labels(&painter.with_clip_rect(right), right, &other, covered);
        }
    }
    beacons::paint(ui, &painter.with_clip_rect(left), left, &alarms);
    paint_tellings(&painter, left, right, twin);
    let drag = input.boxed.map(|drag| [drag.from, drag.to]);
    let drag = drag.map(|ends| ends.map(|end| left.min + Vec2::from(end)));
    view_tools::paint_tools(&painter.with_clip_rect(left), left, twin, drag);
    if part == PictureOf::Tab {
        paint_mode(&painter, rect, twin);
    }
    if twin.settings.backdrop && part == PictureOf::View {
        let (yaw, pitch) = (twin.picture.north, twin.picture.pitch);
        view_cube::paint_cube(&painter, rect, yaw, pitch, None);
    }
    if let Some(legend) = &twin.picture.legend {
        legend::paint_scale(&painter, legend_rect(rect), legend);
    }
    response
}

/// The picture's place, and that of the other telling if the view is split.
fn halves(rect: Rect, twin: &Twin<'_>) -> (Rect, Option<Rect>) {
    if twin.picture.second.is_none() || twin.other.is_none() {
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
    let simulated = theme::colour(palette::mode_colour(Mode::Simulated));
    let told = |place: Pos2, text: String, origin: Option<Origin>| {
        let ink = match origin {
            Some(Origin::Simulated(_)) => simulated,
            _ => theme::STRONG,
        };
        let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), ink);
        let ground = Rect::from_min_size(place, galley.size()).expand2(Vec2::new(8.0, 4.0));
        painter.rect_filled(ground, 4.0, Color32::from_black_alpha(190));
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

fn read_input(
    ui: &Ui,
    rect: Rect,
    right: Option<Rect>,
    response: &Response,
    tool: Tool,
) -> ViewInput {
    // Both halves show the same places.
    let local = |at: Pos2| {
        let half = right.filter(|right| at.x >= right.left()).unwrap_or(rect);
        [at.x - half.left(), at.y - half.top()]
    };
    let mut input = ViewInput {
        size: [rect.width(), rect.height()],
        pixels_per_point: ui.pixels_per_point(),
        visible: true,
        pointer: response.hover_pos().map(local),
        ..ViewInput::default()
    };
    let at = response.interact_pointer_pos().map(local);
    if response.double_clicked() {
        input.double_clicked = at;
    } else if response.clicked() {
        input.clicked = at;
    }
    let moved = response.drag_delta();
    let held = ui.input(|input| input.modifiers);
    input.also = held.command || held.shift;
    input.boxed = read_box(ui, response, tool, local);
    if input.boxed.is_some() {
        // A box moves nothing.
    } else if response.dragged_by(PointerButton::Primary) && !held.shift {
        input.orbit = moved.into();
    } else if response.dragged() {
        input.pan = moved.into();
    }
    if response.contains_pointer() {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
        // A pinch by a tenth comes as near as a notch of the wheel.
        input.zoom = wheel.y + wheel.x + pinch.ln() * 500.0;
        shortcuts::walk(ui.ctx(), &mut input);
    }
    input
}

/// The box that is dragged: with the box tool, or with Ctrl held when the drag began.
fn read_box(
    ui: &Ui,
    response: &Response,
    tool: Tool,
    local: impl Fn(Pos2) -> [f32; 2],
) -> Option<BoxDrag> {
    let id = view_tools::box_id();
    let held = ui.input(|input| input.modifiers);
    let begins =
        response.drag_started_by(PointerButton::Primary) && (tool == Tool::Box || held.command);
    if begins && let Some(from) = ui.input(|input| input.pointer.press_origin()) {
        ui.data_mut(|data| data.insert_temp(id, from));
    }
    let from: Pos2 = ui.data(|data| data.get_temp(id))?;
    let to = ui.input(|input| input.pointer.latest_pos())?;
    let is_done = response.drag_stopped();
    if is_done || !response.dragged() {
        ui.data_mut(|data| data.remove::<Pos2>(id));
    }
    (is_done || response.dragged()).then(|| BoxDrag {
        from: local(from),
        to: local(to),
        is_done,
        also: held.shift,
    })
}

/// The middle of what stands at the top, this wide: that of the view, or right of the tools.
fn mode_middle(view: Rect, width: f32) -> f32 {
    let tools = if view_tools::has_room(view) {
        view_tools::strip_rect(view).right()
    } else {
        view.left()
    };
    view.center().x.max(tools + width / 2.0 + 8.0)
}

/// About where the mode stands in the picture.
fn mode_rect(view: Rect) -> Rect {
    let size = Vec2::new(240.0, 30.0);
    let middle = mode_middle(view, size.x);
    Rect::from_min_size(Pos2::new(middle - size.x / 2.0, view.top() + 8.0), size)
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

/// The mode in the picture itself, so that it stays with a screenshot; live needs no word.
fn paint_mode(painter: &egui::Painter, rect: Rect, twin: &Twin<'_>) {
    let mode = twin.timeline.mode();
    if mode == Mode::Live {
        return;
    }
    let offset = twin.timeline.playhead().secs_since(twin.timeline.now());
    let text = format!("{}  {}", mode_text(mode), offset_text(offset));
    let galley = painter.layout_no_wrap(text, FontId::proportional(14.0), theme::STRONG);
    let width = galley.size().x;
    let middle = mode_middle(rect, width + 24.0);
    let at = Pos2::new(middle - width / 2.0, rect.top() + 14.0);
    let ground = Rect::from_min_size(at, galley.size()).expand2(Vec2::new(12.0, 5.0));
    let colour = theme::colour(palette::mode_colour(mode));
    painter.rect_filled(ground, 4.0, Color32::from_black_alpha(170));
    painter.rect_stroke(
        ground,
        4.0,
        Stroke::new(1.5, colour),
        egui::StrokeKind::Inside,
    );
    painter.galley(at, galley, theme::STRONG);
}

/// Where the legend of the colours stands.
fn legend_rect(view: Rect) -> Rect {
    Rect::from_min_size(
        view.right_bottom() - legend::SCALE - Vec2::splat(12.0),
        legend::SCALE,
    )
}

/// Where the bookmarks stand.
fn bookmarks_strip(view: Rect) -> Rect {
    Rect::from_min_max(
        view.left_bottom() + Vec2::new(12.0, -38.0),
        view.right_bottom() + Vec2::new(-232.0, -8.0),
    )
}

/// The scene's bookmarks, over the lower left corner.
fn bookmarks_ui(ui: &mut Ui, rect: Rect, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let strip = bookmarks_strip(rect);
    if !strip.is_positive() {
        return;
    }
    ui.scope_builder(egui::UiBuilder::new().max_rect(strip), |ui| {
        ui.set_clip_rect(strip.intersect(ui.clip_rect()));
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let fill = Color32::from_black_alpha(150);
            let home = egui::Button::new(icon::HOUSE).fill(fill);
            if ui
                .add(home)
                .on_hover_text(Named::FrameAll.title())
                .clicked()
            {
                actions.push(Action::Named(Named::FrameAll));
            }
            for (place, bookmark) in twin.scene.bookmarks.iter().take(9).enumerate() {
                let text = format!("{}  {}", place + 1, bookmark.name);
                let button = egui::Button::new(RichText::new(text).size(12.0)).fill(fill);
                if ui.add(button).clicked() {
                    actions.push(Action::GoToBookmark(place));
                }
            }
        });
    });
}

/// One line for those who see this for the first time.
fn hint_ui(ui: &mut Ui, rect: Rect, state: &mut ViewportState) {
    if state.hint_closed {
        return;
    }
    let strip = bookmarks_strip(rect).translate(Vec2::new(0.0, -30.0));
    if !strip.is_positive() {
        return;
    }
    ui.scope_builder(egui::UiBuilder::new().max_rect(strip), |ui| {
        ui.set_clip_rect(strip.intersect(ui.clip_rect()));
        ui.horizontal_centered(|ui| {
            egui::Frame::new()
                .fill(Color32::from_black_alpha(190))
                .corner_radius(4.0)
                .inner_margin(egui::Margin::symmetric(8, 0))
                .show(ui, |ui| {
                    let text =
                        "Drag turns, right drag shifts, wheel zooms, double click flies there";
                    ui.label(RichText::new(text).size(12.0).color(theme::TEXT));
                    state.hint_closed = icon_button(ui, icon::X, "Close the hint").clicked();
                });
        });
    });
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
