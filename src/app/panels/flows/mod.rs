//! What flows from place to place: a Sankey diagram of the stretch before the playhead.

mod layout;

use std::time::Duration;

use egui::epaint::CubicBezierShape;
use egui::{
    Align2, Color32, ComboBox, DragValue, Mesh, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui,
    Vec2, WidgetInfo, WidgetType,
};
use egui_phosphor::regular as icon;

use super::controls::empty_ui;
use super::{Twin, theme};
use crate::app::action::Action;
use crate::app::movement::FlowAsk;
use crate::app::palette;
use crate::population::{Flows, Population, PopulationId};
use crate::signal::Origin;
use crate::time::duration_text;
use layout::{Band, Diagram, lay_out};

/// The stretch before the playhead that can be looked at, min.
const MINUTES: std::ops::RangeInclusive<f64> = 1.0..=1_440.0;
/// The gap between places of a column, points.
const GAP: f32 = 16.0;
/// The width of a place, points.
const PLACE: f32 = 5.0;
/// Room for names at the edges, points.
const MARGIN: Vec2 = Vec2::new(40.0, 14.0);
/// Pieces of a band.
const RIBBON: u32 = 24;
/// Flows of different kinds are told apart; they are calmer than trends.
const FADED: f32 = 0.45;

/// What is looked at.
#[derive(Debug)]
pub struct FlowState {
    population: usize,
    minutes: f64,
    /// True if the diagram was drawn in this frame.
    drawn: bool,
}

impl Default for FlowState {
    fn default() -> Self {
        Self {
            population: 0,
            minutes: 60.0,
            drawn: false,
        }
    }
}

impl FlowState {
    /// Before everything is drawn anew.
    pub fn begin_frame(&mut self) {
        self.drawn = false;
    }

    /// The flows that were drawn last; `None` if they were not.
    pub fn watched(&self) -> Option<FlowAsk> {
        self.drawn.then(|| FlowAsk {
            population: PopulationId(self.population as u32),
            over: Duration::from_secs_f64(60.0 * self.minutes),
        })
    }
}

/// The tab.
pub fn flows_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut FlowState, actions: &mut Vec<Action>) {
    let populations: Vec<&Population> = twin.plant.populations().collect();
    if populations.is_empty() {
        let hint = "Parts, pallets and vehicles of a line model are shown here";
        empty_ui(ui, icon::FLOW_ARROW, "Nothing moves in this scene", hint);
        return;
    }
    state.population = state.population.min(populations.len() - 1);
    state.drawn = true;
    let population = populations[state.population];
    ui.horizontal_wrapped(|ui| {
        let combo = ComboBox::from_id_salt("whose flows")
            .selected_text(&population.name)
            .show_ui(ui, |ui| {
                for (place, one) in populations.iter().enumerate() {
                    ui.selectable_value(&mut state.population, place, &one.name);
                }
            });
        let name = &population.name;
        combo.response.widget_info(|| {
            WidgetInfo::labeled(WidgetType::ComboBox, true, format!("Flows of {name}"))
        });
        ui.label("over the last");
        let field = DragValue::new(&mut state.minutes)
            .range(MINUTES)
            .speed(1.0)
            .max_decimals(0)
            .suffix(" min");
        ui.add(field).widget_info(|| {
            WidgetInfo::labeled(WidgetType::DragValue, true, "Minutes before the playhead")
        });
        who_ui(ui, twin);
    });
    let Some(flows) = twin.flows else {
        let (text, hint) = match twin.movement.is_seeking() {
            true => ("Counting", "The run is looked through up to the playhead"),
            false => (
                "Nobody tells who moves here",
                "Run a scenario, or connect a tracking system whose reports name places",
            ),
        };
        empty_ui(ui, icon::FLOW_ARROW, text, hint);
        return;
    };
    summary_ui(ui, twin, flows, population);
    let size = ui.available_size();
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let inner = rect.shrink2(MARGIN);
    if inner.width() < 60.0 || inner.height() < 30.0 {
        return;
    }
    let diagram = lay_out(flows, f64::from(GAP / inner.height()));
    response.widget_info(|| {
        let text = format!("Flows between {} places", diagram.places.len());
        WidgetInfo::labeled(WidgetType::Other, true, text)
    });
    if diagram.places.is_empty() {
        ui.painter().text(
            inner.center(),
            Align2::CENTER_CENTER,
            "Nobody went from one place to another in this stretch",
            theme::small_font(),
            theme::weak(),
        );
        return;
    }
    let drawing = Drawing {
        diagram: &diagram,
        inner,
        population,
    };
    let pointer = response.hover_pos();
    let hovered = pointer.and_then(|pointer| drawing.at(pointer));
    drawing.paint(ui, rect, twin, hovered);
    if let Some(hit) = hovered {
        let text = drawing.text(hit, flows);
        let asset = drawing.asset(hit, twin);
        if response.clicked()
            && let Some(asset) = asset
        {
            actions.push(Action::Select(Some(asset)));
            actions.push(Action::FlyTo(asset));
        }
        response.on_hover_text_at_pointer(text);
    }
}

/// Who tells, in words.
fn who_ui(ui: &mut Ui, twin: &Twin<'_>) {
    let text = match twin.origin {
        Some(Origin::Measured) => "as tracked".to_owned(),
        Some(Origin::Simulated(run)) => format!("in run {run}"),
        _ => return,
    };
    ui.label(theme::note(text));
}

/// The stretch that is counted, what flowed in and out, and the kinds.
fn summary_ui(ui: &mut Ui, twin: &Twin<'_>, flows: &Flows, population: &Population) {
    ui.horizontal_wrapped(|ui| {
        let span = flows.until.secs_since(flows.from);
        let behind = twin.timeline.playhead().secs_since(flows.until);
        let mut text = format!(
            "{} up to {}",
            duration_text(span),
            flows.until.format("%H:%M:%S")
        );
        if behind > 60.0 {
            text.push_str(", the end of what is known");
        }
        ui.label(theme::note(text));
        let (mut made, mut used) = (0, 0);
        for stock in flows.stocks.values() {
            made += stock.made;
            used += stock.used;
        }
        ui.label(theme::note(format!("{made} came, {used} left")));
        let mut kinds: Vec<u16> = flows.links.iter().map(|link| link.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            let name = population.kinds.get(usize::from(kind));
            ui.label(RichText::new(icon::SQUARE).color(kind_colour(kind)));
            ui.label(theme::note(name.map_or("other", String::as_str)));
        }
    });
}

fn kind_colour(kind: u16) -> Color32 {
    let series = palette::SERIES;
    theme::ink(series[usize::from(kind) % series.len()])
}

/// What the pointer is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hit {
    Place(usize),
    Band(usize),
}

struct Drawing<'a> {
    diagram: &'a Diagram,
    inner: Rect,
    population: &'a Population,
}

impl Drawing<'_> {
    fn x(&self, column: usize) -> f32 {
        let last = self.diagram.columns.saturating_sub(1).max(1);
        self.inner.left() + self.inner.width() * column as f32 / last as f32
    }

    fn y(&self, share: f64) -> f32 {
        self.inner.top() + self.inner.height() * share as f32
    }

    fn place_rect(&self, at: usize) -> Rect {
        let place = &self.diagram.places[at];
        let x = self.x(place.column);
        let top = self.y(place.top);
        let bottom = self.y(place.top + place.height).max(top + 1.0);
        Rect::from_min_max(
            Pos2::new(x - 0.5 * PLACE, top),
            Pos2::new(x + 0.5 * PLACE, bottom),
        )
    }

    /// The middle line of a band.
    fn curve(&self, band: &Band) -> [Pos2; 4] {
        let from = self.x(self.diagram.places[band.from].column) + 0.5 * PLACE;
        let to = self.x(self.diagram.places[band.to].column) - 0.5 * PLACE;
        let [begin, end] = band.middles.map(|middle| self.y(middle));
        if band.leads_back {
            // Out to the right, around and in from the left.
            let reach = 0.35 * self.inner.width() / self.diagram.columns.max(1) as f32 + 24.0;
            let below = 0.3 * self.inner.height();
            return [
                Pos2::new(from, begin),
                Pos2::new(from + reach, begin + below),
                Pos2::new(to - reach, end + below),
                Pos2::new(to, end),
            ];
        }
        let middle = 0.5 * (from + to);
        [
            Pos2::new(from, begin),
            Pos2::new(middle, begin),
            Pos2::new(middle, end),
            Pos2::new(to, end),
        ]
    }

    fn width(&self, band: &Band) -> f32 {
        (self.inner.height() * band.width as f32).max(1.0)
    }

    /// A band as it is drawn: as high everywhere as it is strong, but for what leads back.
    fn ribbon(&self, band: &Band, colour: Color32) -> Shape {
        let width = self.width(band);
        if band.leads_back {
            let stroke = Stroke::new(width, colour);
            return Shape::CubicBezier(bezier(self.curve(band), stroke));
        }
        let curve = bezier(self.curve(band), Stroke::NONE);
        let mut mesh = Mesh::default();
        for step in 0..=RIBBON {
            let middle = curve.sample(step as f32 / RIBBON as f32);
            for side in [-0.5, 0.5] {
                mesh.colored_vertex(middle + Vec2::new(0.0, side * width), colour);
            }
            if step > 0 {
                let last = 2 * step;
                mesh.add_triangle(last - 2, last - 1, last);
                mesh.add_triangle(last - 1, last, last + 1);
            }
        }
        Shape::mesh(mesh)
    }

    /// What lies under the pointer: places before bands.
    fn at(&self, pointer: Pos2) -> Option<Hit> {
        let places = 0..self.diagram.places.len();
        let place = places
            .clone()
            .find(|at| self.place_rect(*at).expand(3.0).contains(pointer));
        if let Some(place) = place {
            return Some(Hit::Place(place));
        }
        let mut nearest: Option<(f32, usize)> = None;
        for (at, band) in self.diagram.bands.iter().enumerate() {
            let curve = bezier(self.curve(band), Stroke::NONE);
            let reach = 0.5 * self.width(band) + 2.0;
            let distance = (0..=32)
                .map(|step| curve.sample(step as f32 / 32.0).distance(pointer))
                .fold(f32::INFINITY, f32::min);
            // Sampled points of a long band lie apart.
            let apart = curve.points[0].distance(curve.points[3]) / 64.0;
            if distance <= reach + apart && nearest.is_none_or(|(known, _)| distance < known) {
                nearest = Some((distance, at));
            }
        }
        nearest.map(|(_, at)| Hit::Band(at))
    }

    fn paint(&self, ui: &Ui, rect: Rect, twin: &Twin<'_>, hovered: Option<Hit>) {
        let painter = ui.painter_at(rect);
        let mut order: Vec<usize> = (0..self.diagram.bands.len()).collect();
        // Wide ones first, so that none hides a narrow one.
        order.sort_by(|one, other| {
            let width = |at: &usize| self.diagram.bands[*at].width;
            width(other).total_cmp(&width(one))
        });
        for at in order {
            let band = &self.diagram.bands[at];
            let touches = match hovered {
                Some(Hit::Band(hit)) => hit == at,
                Some(Hit::Place(place)) => band.from == place || band.to == place,
                None => false,
            };
            let share = if touches { 0.85 } else { FADED };
            let colour = kind_colour(band.kind).gamma_multiply(share);
            painter.add(self.ribbon(band, colour));
        }
        let mut named: Vec<Rect> = Vec::new();
        for (at, place) in self.diagram.places.iter().enumerate() {
            let box_rect = self.place_rect(at);
            let is_selected = self
                .asset(Hit::Place(at), twin)
                .is_some_and(|asset| twin.selection.selected == Some(asset));
            let ink = if is_selected {
                theme::selection()
            } else {
                theme::text()
            };
            painter.rect_filled(box_rect, 1.0, ink);
            let is_hovered = hovered == Some(Hit::Place(at));
            let name = self.name(place.place);
            let galley = painter.layout_no_wrap(name, theme::small_font(), ink);
            let above = Pos2::new(box_rect.center().x, box_rect.top() - 1.0);
            let text = Align2::CENTER_BOTTOM.anchor_size(above, galley.size());
            let shift =
                (rect.left() - text.left()).max(0.0) - (text.right() - rect.right()).max(0.0);
            let text = text.translate(Vec2::new(shift, 0.0));
            // Names that would lie over others are told by the pointer.
            if is_hovered || !named.iter().any(|other| other.intersects(text)) {
                painter.galley(text.min, galley, ink);
                named.push(text);
            }
        }
    }

    fn name(&self, place: u32) -> String {
        let name = self.population.places.get(place as usize);
        name.cloned().unwrap_or_else(|| "elsewhere".to_owned())
    }

    fn asset(&self, hit: Hit, twin: &Twin<'_>) -> Option<crate::scene::AssetIndex> {
        let Hit::Place(at) = hit else {
            return None;
        };
        let place = self.diagram.places[at].place;
        twin.scene
            .find_asset(self.population.places.get(place as usize)?)
    }

    /// What is told of it.
    fn text(&self, hit: Hit, flows: &Flows) -> String {
        match hit {
            Hit::Band(at) => {
                let band = &self.diagram.bands[at];
                let [from, to] =
                    [band.from, band.to].map(|at| self.name(self.diagram.places[at].place));
                let kind = self.population.kinds.get(usize::from(band.kind));
                let kind = kind.map_or("other", String::as_str);
                format!(
                    "{from} to {to}\n{kind}: {}, {:.1} an hour",
                    band.count,
                    band.rate * 3_600.0
                )
            }
            Hit::Place(at) => {
                let place = self.diagram.places[at].place;
                let stock = flows.stocks.get(&place).copied().unwrap_or_default();
                let mut text = format!(
                    "{}\n{} came, {} went",
                    self.name(place),
                    stock.came,
                    stock.went
                );
                if stock.made > 0 {
                    text.push_str(&format!("\n{} began here", stock.made));
                }
                if stock.used > 0 {
                    text.push_str(&format!("\n{} ended here", stock.used));
                }
                text.push_str(&format!("\n{:+} there since", stock.change()));
                text
            }
        }
    }
}

fn bezier(points: [Pos2; 4], stroke: Stroke) -> CubicBezierShape {
    CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke)
}
