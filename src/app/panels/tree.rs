//! The assets by what they belong to, with search, alarm and quality marks.
//!
//! Only the rows on screen are drawn, and the list is made anew only when the scene,
//! the search or what is folded changes, so that 10,000 assets cost no more than 50.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, FontId, Galley, Id, Key, Modifiers, Pos2, Rect, Response, Sense, Ui, Vec2};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::controls::{empty_ui, icon_button, text_field};
use super::marks::{self, AlarmLook};
use super::permits::rightful_ui;
use super::reading::{Reading, Trust};
use super::topic_draft::dropped_topic;
use super::tree_list::{TreeList, TreeRow, ancestors};
use super::{Twin, signal_drag, theme};
use crate::access::Right;
use crate::alarm::Alarm;
use crate::app::action::{Action, Named};
use crate::app::reveal::RevealEdit;
use crate::scene::{AssetIndex, Scene, Shape};

const ROW: f32 = 24.0;
const INDENT: f32 = 14.0;
/// Scenes with more assets open with everything below the roots folded.
const UNFOLDED: usize = 300;

/// What the tree remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TreeState {
    /// Tags that are folded where others of their depth are not, or the reverse.
    toggled: BTreeSet<String>,
    #[serde(skip)]
    search: String,
    #[serde(skip)]
    list: Option<TreeList>,
    #[serde(skip)]
    folds_changed: bool,
    #[serde(skip)]
    followed: Option<AssetIndex>,
}

/// Who has the keyboard while the arrow keys walk through the tree.
pub fn keyboard_id() -> Id {
    Id::new("asset tree keyboard")
}

/// The tree.
pub fn tree_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut TreeState, actions: &mut Vec<Action>) {
    search_ui(ui, state);
    state.refresh(twin.scene);
    let scroll_to = state.follow_selection(twin);
    keyboard(ui, twin, state, actions);
    let Some(list) = &state.list else { return };
    if list.rows().is_empty() {
        let hint = "The search looks at tags, labels, types and signals";
        empty_ui(ui, icon::MAGNIFYING_GLASS, "No asset fits", hint);
        return;
    }

    let alarms = alarms_by_asset(twin);
    let mut toggled = None;
    let mut area = egui::ScrollArea::vertical().auto_shrink([false, false]);
    ui.spacing_mut().item_spacing.y = 0.0;
    if let Some(row) = scroll_to {
        let height = ui.available_height();
        area = area.vertical_scroll_offset((row as f32 * ROW - height / 2.0).max(0.0));
    }
    area.show_rows(ui, ROW, list.rows().len(), |ui, range| {
        for row in &list.rows()[range] {
            let response = row_ui(ui, twin, row, alarms.get(&row.asset).copied(), &mut toggled);
            response.dnd_set_drag_payload(signal_drag::of_asset(twin, row.asset));
            actions.extend(dropped_topic(&response, |topic| {
                topic.onto_asset(row.asset)
            }));
            if response.clicked() {
                actions.push(clicked(ui, twin, list.rows(), row.asset));
                ui.memory_mut(|memory| memory.request_focus(keyboard_id()));
            }
            if response.double_clicked() {
                actions.push(Action::FlyTo(row.asset));
            }
            response.context_menu(|ui| menu_ui(ui, twin, row.asset, actions));
        }
    });
    if let Some(asset) = toggled {
        state.toggle(twin.scene, asset);
    }
}

/// What a click on a row asks for: the asset; with Ctrl it besides, with Shift all up to it.
fn clicked(ui: &Ui, twin: &Twin<'_>, rows: &[TreeRow], asset: AssetIndex) -> Action {
    let held = ui.input(|input| input.modifiers);
    if held.command {
        return Action::SelectAlso(asset);
    }
    let place = |asset| rows.iter().position(|row| row.asset == asset);
    let from = twin.selection.selected.and_then(place);
    match (held.shift, from, place(asset)) {
        (true, Some(from), Some(to)) => {
            let between = &rows[from.min(to)..=from.max(to)];
            Action::SelectAll(between.iter().map(|row| row.asset).collect())
        }
        _ => Action::Select(Some(asset)),
    }
}

fn search_ui(ui: &mut Ui, state: &mut TreeState) {
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(icon::MAGNIFYING_GLASS).color(theme::weak()));
        let width = ui.available_width() - 32.0;
        let field = egui::TextEdit::singleline(&mut state.search)
            .hint_text("Search assets")
            .desired_width(width);
        text_field(ui, field, "Search assets");
        if !state.search.is_empty() && icon_button(ui, icon::X, "Clear the search").clicked() {
            state.search.clear();
        }
    });
    ui.add_space(4.0);
}

fn row_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    row: &TreeRow,
    alarm: Option<&Alarm>,
    toggled: &mut Option<AssetIndex>,
) -> Response {
    let asset = twin.scene.asset(row.asset);
    let size = Vec2::new(ui.available_width(), ROW);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let id = Id::new("asset row").with(row.asset.0);
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let selected = twin.selection.holds(row.asset);
    let drawn = twin.revealed.draws(row.asset);
    let hovered = twin.selection.hovered == Some(row.asset) || response.hovered();
    response.widget_info(|| {
        let name = format!("{} {}", asset.tag, asset.label);
        egui::WidgetInfo::selected(
            egui::WidgetType::SelectableLabel,
            true,
            selected,
            name.trim(),
        )
    });
    let painter = ui.painter_at(rect);
    if selected {
        painter.rect_filled(rect, 3.0, theme::selection().gamma_multiply(0.25));
        let mark = Rect::from_min_size(rect.min, Vec2::new(3.0, ROW));
        painter.rect_filled(mark, 0.0, theme::selection());
    } else if hovered {
        painter.rect_filled(rect, 3.0, theme::raised());
    }

    let middle = rect.center().y;
    let mut x = rect.left() + 6.0 + row.depth as f32 * INDENT;
    if let Some(unfolded) = row.unfolded {
        let caret = Rect::from_center_size(Pos2::new(x + 6.0, middle), Vec2::splat(16.0));
        let fold = ui.interact(caret, id.with("fold"), Sense::click());
        let glyph = if unfolded {
            icon::CARET_DOWN
        } else {
            icon::CARET_RIGHT
        };
        let font = FontId::proportional(12.0);
        painter.text(
            caret.center(),
            Align2::CENTER_CENTER,
            glyph,
            font,
            theme::weak(),
        );
        if fold.clicked() {
            *toggled = Some(row.asset);
        }
    }
    x += 16.0;

    let right = paint_marks(ui, &painter, rect, twin, row.asset, alarm);
    let clipped = painter.with_clip_rect(Rect::from_min_max(
        rect.min,
        Pos2::new(right, rect.bottom()),
    ));
    let font = FontId::proportional(13.0);
    let at = |x| Pos2::new(x, middle);
    clipped.text(
        at(x),
        Align2::LEFT_CENTER,
        shape_icon(asset.shape),
        FontId::proportional(14.0),
        theme::weak(),
    );
    let ink = match (selected, drawn) {
        (true, _) => theme::strong(),
        (false, true) => theme::text(),
        (false, false) => theme::weak(),
    };
    let tag = clipped.text(at(x + 20.0), Align2::LEFT_CENTER, &asset.tag, font, ink);
    let from = tag.right() + 8.0;
    let label = cut_galley(&clipped, &asset.label, right - from);
    let is_cut = label.elided;
    clipped.galley(
        at(from) - Vec2::new(0.0, label.size().y / 2.0),
        label,
        theme::weak(),
    );
    if is_cut {
        return response.on_hover_text(format!("{} {}", asset.tag, asset.label));
    }
    response
}

/// A line of small text that ends in dots where there is no room for all of it.
fn cut_galley(painter: &egui::Painter, text: &str, width: f32) -> Arc<Galley> {
    let font = FontId::proportional(12.0);
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, theme::weak());
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    painter.layout_job(job)
}

/// Paints alarm and quality at the right end; gives where they begin.
fn paint_marks(
    ui: &Ui,
    painter: &egui::Painter,
    rect: Rect,
    twin: &Twin<'_>,
    asset: AssetIndex,
    alarm: Option<&Alarm>,
) -> f32 {
    let mut right = rect.right() - 12.0;
    let middle = rect.center().y;
    if let Some(alarm) = alarm {
        let look = AlarmLook::of(ui, alarm);
        marks::paint_alarm(painter, Pos2::new(right, middle), 13.0, look);
        right -= 18.0;
    }
    if let Some(glyph) = worst_trust(twin, asset).and_then(marks::trust_icon) {
        let font = FontId::proportional(13.0);
        let at = Pos2::new(right, middle);
        painter.text(at, Align2::CENTER_CENTER, glyph, font, theme::weak());
        right -= 18.0;
    }
    if !twin.revealed.draws(asset) {
        let font = FontId::proportional(13.0);
        let at = Pos2::new(right, middle);
        painter.text(
            at,
            Align2::CENTER_CENTER,
            icon::EYE_SLASH,
            font,
            theme::weak(),
        );
        right -= 18.0;
    }
    right + 6.0
}

/// The worst of an asset's measured signals, if one is not good.
fn worst_trust(twin: &Twin<'_>, asset: AssetIndex) -> Option<Trust> {
    let rank = |trust: &Trust| match trust {
        Trust::Good => 0,
        Trust::Uncertain(_) => 1,
        Trust::Stale => 2,
        Trust::Missing => 3,
        Trust::Unlinked => 4,
        Trust::Bad(_) => 5,
    };
    let signals = twin.scene.asset(asset).signal_ids();
    signals
        .filter(|id| twin.scene.signal(*id).measured)
        .map(|id| Reading::of(twin, id).trust)
        .max_by_key(rank)
}

fn alarms_by_asset<'a>(twin: &Twin<'a>) -> HashMap<AssetIndex, &'a Alarm> {
    let mut found: HashMap<AssetIndex, &Alarm> = HashMap::new();
    for alarm in twin.alarms {
        let asset = twin.scene.signal(alarm.signal).asset;
        let both = found.get(&asset).copied().into_iter().chain([alarm]);
        if let Some(worst) = marks::most_urgent(both) {
            found.insert(asset, worst);
        }
    }
    found
}

/// What can be done to an asset; the same wherever it is clicked.
pub fn menu_ui(ui: &mut Ui, twin: &Twin<'_>, index: AssetIndex, actions: &mut Vec<Action>) {
    let asset = twin.scene.asset(index);
    ui.label(theme::note(format!("{}  {}", asset.tag, asset.label)));
    if ui.button("Fly to").clicked() {
        actions.push(Action::FlyTo(index));
    }
    if ui.button("Select").clicked() {
        actions.push(Action::Select(Some(index)));
    }
    // What is chosen together is treated together.
    let together = match twin.selection.holds(index) {
        true => twin.selection.chosen.clone(),
        false => vec![index],
    };
    if ui.button("Isolate").clicked() {
        actions.push(Action::Reveal(RevealEdit::Isolate(together.clone())));
    }
    if ui.button("Hide").clicked() {
        actions.push(Action::Reveal(RevealEdit::Hide(together)));
    }
    if ui.button("Select all of this kind").clicked() {
        actions.push(Action::Select(Some(index)));
        actions.push(Action::Named(Named::SelectSameKind));
    }
    if twin.revealed.is_edited() && ui.button(Named::ShowEverything.title()).clicked() {
        actions.push(Action::Named(Named::ShowEverything));
    }
    if !asset.signals.is_empty() {
        ui.menu_button("Trend", |ui| {
            for id in asset.signal_ids() {
                if ui.button(&twin.scene.signal(id).label).clicked() {
                    actions.push(Action::ToggleTrend(id));
                }
            }
        });
        let settable = || {
            let signals = asset.signal_ids();
            signals.filter(|id| twin.plant.is_settable(*id))
        };
        if settable().next().is_some() {
            rightful_ui(ui, twin.may(Right::Simulate), |ui| {
                ui.menu_button("Set in a scenario", |ui| {
                    for id in settable() {
                        if ui.button(&twin.scene.signal(id).label).clicked() {
                            actions.push(Action::Override(id));
                        }
                    }
                });
            });
        }
        ui.menu_button("Colour all by", |ui| {
            for id in asset.signal_ids() {
                let signal = twin.scene.signal(id);
                if signal.states.is_empty() && ui.button(&signal.label).clicked() {
                    actions.push(Action::SetHeat(Some(signal.name.clone())));
                }
            }
        });
    }
    if ui.button("Copy the tag").clicked() {
        ui.ctx().copy_text(asset.tag.clone());
    }
}

/// Arrow keys, while the tree has the keyboard.
fn keyboard(ui: &Ui, twin: &Twin<'_>, state: &mut TreeState, actions: &mut Vec<Action>) {
    let id = keyboard_id();
    let response = ui.interact(ui.max_rect(), id, Sense::focusable_noninteractive());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Other, true, "Asset tree"));
    if !response.has_focus() {
        return;
    }
    if ui.input(|input| input.pointer.any_pressed()) && !response.contains_pointer() {
        response.surrender_focus();
        return;
    }
    ui.memory_mut(|memory| {
        let filter = egui::EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..Default::default()
        };
        memory.set_focus_lock_filter(id, filter);
    });
    let Some(list) = &state.list else { return };
    let selected = twin.selection.selected;
    let place = list
        .rows()
        .iter()
        .position(|row| Some(row.asset) == selected);
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let target = match place {
        Some(place) if pressed(Key::ArrowUp) => place.checked_sub(1),
        Some(place) if pressed(Key::ArrowDown) => Some(place + 1),
        None if pressed(Key::ArrowDown) => Some(0),
        _ => None,
    };
    if let Some(row) = target.and_then(|place| list.rows().get(place)) {
        actions.push(Action::Select(Some(row.asset)));
    }
    let Some(row) = place.map(|place| list.rows()[place]) else {
        return;
    };
    if pressed(Key::Enter) {
        actions.push(Action::FlyTo(row.asset));
    }
    let fold = pressed(Key::ArrowLeft) && row.unfolded == Some(true);
    let unfold = pressed(Key::ArrowRight) && row.unfolded == Some(false);
    if fold || unfold {
        state.toggle(twin.scene, row.asset);
    }
}

impl TreeState {
    fn toggle(&mut self, scene: &Scene, asset: AssetIndex) {
        let tag = &scene.asset(asset).tag;
        if !self.toggled.remove(tag) {
            self.toggled.insert(tag.clone());
        }
        self.folds_changed = true;
    }

    fn is_unfolded(&self, scene: &Scene, asset: AssetIndex, depth: usize) -> bool {
        let usually = depth == 0 || scene.assets.len() <= UNFOLDED;
        usually != self.toggled.contains(&scene.asset(asset).tag)
    }

    /// When something was selected elsewhere: unfolds the way to it, gives its row.
    fn follow_selection(&mut self, twin: &Twin<'_>) -> Option<usize> {
        let selected = twin.selection.selected;
        if self.followed == selected {
            return None;
        }
        self.followed = selected;
        let selected = selected?;
        let scene = twin.scene;
        let ancestors: Vec<_> = ancestors(scene, selected).collect();
        for (from_root, &asset) in ancestors.iter().rev().enumerate() {
            if !self.is_unfolded(scene, asset, from_root) {
                self.toggle(scene, asset);
            }
        }
        self.refresh(scene);
        let rows = self.list.as_ref()?.rows();
        rows.iter().position(|row| row.asset == selected)
    }

    /// Makes the list anew if it no longer fits.
    fn refresh(&mut self, scene: &Scene) {
        let known = self.list.take().filter(|list| list.is_of(scene));
        let searched = known.as_ref().map(TreeList::search);
        let fresh = searched == Some(self.search.as_str()) && !self.folds_changed;
        let mut list = known.unwrap_or_else(|| TreeList::of(scene));
        if !fresh {
            list.arrange(scene, &self.search, |asset, depth| {
                self.is_unfolded(scene, asset, depth)
            });
            self.folds_changed = false;
        }
        self.list = Some(list);
    }
}

/// A glyph for a kind of equipment.
pub const fn shape_icon(shape: Shape) -> &'static str {
    match shape {
        Shape::Tank | Shape::HorizontalTank | Shape::ConicalTank | Shape::Column => icon::CYLINDER,
        Shape::SphericalTank => icon::CIRCLE,
        Shape::HeatExchanger => icon::THERMOMETER,
        Shape::Basin | Shape::FilterBed => icon::WAVES,
        Shape::Reservoir => icon::DROP_HALF,
        Shape::Pump | Shape::Motor | Shape::Compressor | Shape::Fan => icon::FAN,
        Shape::DosingPump => icon::EYEDROPPER,
        Shape::Valve | Shape::GateValve | Shape::ButterflyValve | Shape::ControlValve => {
            icon::FADERS_HORIZONTAL
        }
        Shape::Pipe => icon::PIPE,
        Shape::CableTray => icon::PLUGS,
        Shape::Conveyor | Shape::RollerConveyor => icon::ARROW_LINE_RIGHT,
        Shape::Robot | Shape::MachineTool | Shape::Filler | Shape::Palletiser | Shape::Wrapper => {
            icon::GEAR_SIX
        }
        Shape::Cabinet | Shape::Transformer | Shape::PowerPole => icon::LIGHTNING,
        Shape::Rack => icon::ROWS,
        Shape::Pallet | Shape::Crate => icon::PACKAGE,
        Shape::Agv | Shape::Forklift | Shape::Truck => icon::TRUCK,
        Shape::Car => icon::CAR,
        Shape::Bus => icon::BUS,
        Shape::Building => icon::FACTORY,
        Shape::Storeys => icon::BUILDINGS,
        Shape::Road => icon::ROAD_HORIZON,
        Shape::StreetLamp => icon::LAMP,
        Shape::TrafficLight => icon::TRAFFIC_SIGNAL,
        Shape::Tree => icon::TREE,
        Shape::Bed => icon::BED,
        Shape::Monitor | Shape::Scanner => icon::HEARTBEAT,
        Shape::Person => icon::PERSON,
        Shape::Instrument => icon::GAUGE,
        Shape::Intake => icon::FUNNEL,
        Shape::District => icon::HOUSE_LINE,
        Shape::Block => icon::CUBE,
        Shape::Junction => icon::DOT_OUTLINE,
        Shape::Unseen => icon::LIST_DASHES,
    }
}
