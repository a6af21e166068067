//! The bar at the top: menus, scene, mode, instant, alarms and the view's switches.
//!
//! Mode, time of day and the counts of alarms are whole at every width and scale. Where there
//! is no room, what is missed least is left out or said in fewer words, and the menus fold into
//! one; what the bar leaves out stands in the menus.

use egui::{
    Align2, FontId, Id, Rect, Response, RichText, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo,
    WidgetType,
};
use egui_phosphor::regular as icon;

use super::controls::title_with_shortcut;
use super::frame::{self, Length, text_width};
use super::heat_choice::{self, heat_ui};
use super::layout::Tab;
use super::marks::{self, AlarmLook};
use super::menus::menus_ui;
use super::sign_in::who_ui;
use super::{PanelState, Twin, theme};
use crate::app::action::{Action, Named};
use crate::app::viewport::Look;
use crate::scene::Priority;

/// Height of the bar without its margins, points.
const HEIGHT: f32 = 24.0;
/// Between two things in the bar, points.
const GAP: f32 = 8.0;
/// So much stays free between left and right, points.
const SLACK: f32 = 12.0;
/// A separator with the gap before it, points.
const SEPARATOR: f32 = 6.0 + GAP;
/// Room for what tells how far the playhead is from the present, so that it may change, points.
const OFFSET: f32 = 92.0;
/// Under this name the width of the menus is remembered.
const MENUS: &str = "menus of the top bar";
/// Under this name the width of who sits here is remembered.
const WHO: &str = "who of the top bar";
/// In a narrower bar names are cut, points.
const NARROW: f32 = 1_360.0;
const NAME_FONT: FontId = FontId::proportional(14.0);
const COUNT_FONT: FontId = FontId::proportional(13.5);
const BELL_FONT: FontId = FontId::proportional(15.0);
const LOOKS: [(Look, &str); 2] = [(Look::Present, "Present"), (Look::Operate, "Operate")];

/// What of the bar is shown, and in how many words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    /// All menus, or one that holds them.
    menus: bool,
    name: bool,
    provenance: Length,
    coming: Length,
    clock: Length,
    offset: bool,
    heat: bool,
    look: bool,
    news: bool,
    bell: bool,
}

const ALL: Shown = Shown {
    menus: true,
    name: true,
    provenance: Length::Long,
    coming: Length::Long,
    clock: Length::Long,
    offset: true,
    heat: true,
    look: true,
    news: true,
    bell: true,
};

/// What is given up, one after the other, until the rest has room.
const STEPS: [fn(&mut Shown); 11] = [
    // The banner tells them as well.
    |shown| shown.news = false,
    |shown| shown.name = false,
    |shown| shown.provenance = Length::Short,
    |shown| shown.clock = Length::Middle,
    |shown| shown.menus = false,
    |shown| shown.heat = false,
    |shown| shown.look = false,
    |shown| shown.coming = Length::Short,
    |shown| shown.bell = false,
    |shown| shown.clock = Length::Short,
    |shown| shown.offset = false,
];

/// How wide each part is with the gap behind it, points; nothing if there is no such part.
#[derive(Clone, Copy, Debug, Default)]
struct Widths {
    menus: f32,
    menu: f32,
    name: f32,
    mode: f32,
    /// In few words, in many.
    provenance: [f32; 2],
    coming: [f32; 2],
    /// In few words, in more, in many.
    clock: [f32; 3],
    heat: f32,
    look: f32,
    news: f32,
    bell: f32,
    counts: f32,
    who: f32,
}

impl Widths {
    fn of(shown: &Shown, widths: &Self) -> f32 {
        let if_shown = |is_shown: bool, width: f32| if is_shown { width } else { 0.0 };
        let two = |length: Length, of: [f32; 2]| of[usize::from(length == Length::Long)];
        let clock = match shown.clock {
            Length::Short => widths.clock[0],
            Length::Middle => widths.clock[1],
            Length::Long => widths.clock[2],
        };
        let menus = if shown.menus {
            widths.menus
        } else {
            widths.menu
        };
        menus
            + if_shown(shown.name, widths.name)
            + widths.mode
            + two(shown.provenance, widths.provenance)
            + two(shown.coming, widths.coming)
            + clock
            + if_shown(shown.offset, OFFSET + GAP)
            + if_shown(shown.heat, widths.heat)
            + if_shown(shown.look, widths.look)
            + if_shown(shown.news, widths.news)
            + if_shown(shown.bell, widths.bell)
            + widths.counts
            + widths.who
            + SLACK
    }
}

/// As much as has room.
fn fit(available: f32, widths: &Widths) -> Shown {
    let mut shown = ALL;
    for step in STEPS {
        if Widths::of(&shown, widths) <= available {
            break;
        }
        step(&mut shown);
    }
    shown
}

/// The bar.
pub(super) fn top_bar_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut PanelState,
    actions: &mut Vec<Action>,
) {
    ui.spacing_mut().item_spacing.x = GAP;
    let is_narrow = ui.available_width() < NARROW;
    let shown = fit(ui.available_width(), &measure(ui, twin));
    ui.horizontal_centered(|ui| {
        if shown.menus {
            measured(ui, MENUS, |ui| menus_ui(ui, twin, state, actions));
            ui.separator();
        } else {
            let menu = ui.menu_button(icon::LIST, |ui| menus_ui(ui, twin, state, actions));
            let name = || WidgetInfo::labeled(WidgetType::Button, true, "Menu");
            menu.response.widget_info(name);
        }
        if shown.name {
            let name = RichText::new(&twin.scene.name)
                .color(theme::strong())
                .font(NAME_FONT);
            ui.label(name).on_hover_text(&twin.scene.description);
        }
        frame::mode_badge_ui(ui, twin.timeline.mode());
        frame::provenance_badge_ui(ui, twin, shown.provenance);
        coming_ui(ui, twin, shown.coming);
        frame::clock_ui(ui, twin, shown.clock);
        if shown.offset {
            frame::offset_ui(ui, twin);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            measured(ui, WHO, |ui| who_ui(ui, twin, state, is_narrow, actions));
            if shown.look {
                look_ui(ui, twin, actions);
            }
            if shown.heat {
                heat_ui(ui, twin, actions);
            }
            alarm_counts_ui(ui, twin, state, shown);
        });
    });
}

fn measure(ui: &Ui, twin: &Twin<'_>) -> Widths {
    let body = TextStyle::Body.resolve(ui.style());
    let button = |text: &str| {
        text_width(ui, text.to_owned(), body.clone()) + 2.0 * ui.spacing().button_padding.x
    };
    let with_gap = |width: f32| if width > 0.0 { width + GAP } else { 0.0 };
    let coming = |length| match twin.coming {
        true => with_gap(text_width(ui, coming_text(length), body.clone())),
        false => 0.0,
    };
    let provenance = |length| with_gap(frame::provenance_badge_width(ui, twin, length));
    let clock = |length| with_gap(frame::clock_width(ui, twin, length));
    let counts = twin.live_alarms.active_by_priority;
    let looks = LOOKS.map(|(_, text)| with_gap(button(text)));
    let news = news_text(twin).map_or(0.0, |text| text_width(ui, text, body.clone()));
    Widths {
        menus: known_width(ui, MENUS, 320.0) + SEPARATOR,
        menu: button(icon::LIST).max(ui.spacing().interact_size.x) + GAP,
        name: with_gap(text_width(ui, twin.scene.name.clone(), NAME_FONT)),
        mode: frame::mode_badge_width(ui, twin.timeline.mode()) + GAP,
        provenance: [provenance(Length::Short), provenance(Length::Long)],
        coming: [coming(Length::Short), coming(Length::Long)],
        clock: [Length::Short, Length::Middle, Length::Long].map(clock),
        heat: heat_choice::WIDTH + GAP,
        look: looks.iter().sum::<f32>() + SEPARATOR,
        news: with_gap(news),
        bell: text_width(ui, icon::BELL.to_owned(), BELL_FONT) + GAP,
        who: known_width(ui, WHO, 96.0),
        counts: counts
            .map(|count| count_width(ui, count) + GAP)
            .iter()
            .sum(),
    }
}

/// How wide a part was when it was last drawn, with its gaps, points.
fn known_width(ui: &Ui, part: &'static str, unknown: f32) -> f32 {
    let known = ui.data(|data| data.get_temp::<f32>(Id::new(part)));
    known.unwrap_or(unknown)
}

/// Draws a part whose width is found by drawing it, and remembers that.
fn measured(ui: &mut Ui, part: &'static str, add: impl FnOnce(&mut Ui)) {
    let edge = |ui: &Ui| match ui.layout().prefer_right_to_left() {
        true => -ui.cursor().right(),
        false => ui.cursor().left(),
    };
    let before = edge(ui);
    add(ui);
    let width = edge(ui) - before;
    if (known_width(ui, part, 0.0) - width).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(Id::new(part), width));
        ui.ctx()
            .request_discard("a part of the top bar has another width");
    }
}

fn coming_text(length: Length) -> String {
    match length {
        Length::Long => format!("{}  loading", icon::HOURGLASS),
        Length::Middle | Length::Short => icon::HOURGLASS.to_owned(),
    }
}

/// Says that the plant at the playhead is being loaded: nothing is shown for it until then.
fn coming_ui(ui: &mut Ui, twin: &Twin<'_>, length: Length) {
    if !twin.coming {
        return;
    }
    let label = ui.label(RichText::new(coming_text(length)).color(theme::strong()));
    label.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, "loading"));
    label.on_hover_text("The recorded past at the playhead is being read from the store");
    ui.ctx().request_repaint();
}

fn news_text(twin: &Twin<'_>) -> Option<String> {
    let waiting = twin.live_alarms.unacknowledged;
    (waiting > 0).then(|| format!("{waiting} new"))
}

/// The alarms of the present, whatever instant is looked at; a click shows the list.
fn alarm_counts_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut PanelState, shown: Shown) {
    let counts = twin.live_alarms;
    let mut asked = false;
    // Drawn from right to left, so the most urgent comes last.
    let priorities = [Priority::Urgent, Priority::High, Priority::Low];
    for (priority, active) in priorities.into_iter().zip(counts.active_by_priority).rev() {
        asked |= alarm_count_ui(ui, priority, active).clicked();
    }
    if let Some(text) = news_text(twin).filter(|_| shown.news) {
        ui.label(RichText::new(text).color(theme::strong()).strong())
            .on_hover_text("Alarms that nobody has acknowledged yet");
    }
    if shown.bell {
        ui.label(
            RichText::new(icon::BELL)
                .color(theme::weak())
                .font(BELL_FONT),
        );
    }
    if asked {
        state.show(Tab::Alarms);
    }
}

/// From the mark of a count to its number, points.
const NUMBER: f32 = 22.0;

fn count_width(ui: &Ui, active: usize) -> f32 {
    let number = text_width(ui, active.to_string(), COUNT_FONT);
    (NUMBER + number + 4.0).max(40.0)
}

fn alarm_count_ui(ui: &mut Ui, priority: Priority, active: usize) -> Response {
    let size = Vec2::new(count_width(ui, active), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let (number, name) = (
        marks::priority_number(priority),
        marks::priority_name(priority),
    );
    let words = format!("{active} active now, priority {number} ({name})");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &words));
    paint_count(ui, rect, priority, active);
    response.on_hover_text(words)
}

fn paint_count(ui: &Ui, rect: Rect, priority: Priority, active: usize) {
    let painter = ui.painter();
    let mark = rect.left_center() + Vec2::new(10.0, 0.0);
    let ink = if active > 0 {
        marks::paint_alarm(painter, mark, 14.0, AlarmLook::steady(priority, true));
        theme::strong()
    } else {
        painter.circle_stroke(mark, 3.0, Stroke::new(1.0, theme::line()));
        theme::weak()
    };
    let at = rect.left_center() + Vec2::new(NUMBER, 0.0);
    painter.text(at, Align2::LEFT_CENTER, active, COUNT_FONT, ink);
}

fn look_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let hint = title_with_shortcut(ui.ctx(), Named::SwitchLook);
    for (look, text) in LOOKS {
        let chosen = twin.settings.look == look;
        let label = ui.selectable_label(chosen, text).on_hover_text(&hint);
        if label.clicked() && !chosen {
            actions.push(Action::Named(Named::SwitchLook));
        }
    }
    ui.separator();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_time_and_counts_are_the_last_to_go_and_stay() {
        let widths = Widths {
            menus: 340.0,
            menu: 40.0,
            name: 90.0,
            mode: 110.0,
            provenance: [78.0, 170.0],
            coming: [20.0, 80.0],
            clock: [112.0, 160.0, 210.0],
            heat: 164.0,
            look: 150.0,
            news: 50.0,
            bell: 23.0,
            counts: 144.0,
            who: 80.0,
        };
        assert_eq!(fit(4_000.0, &widths), ALL);
        let mut before = f32::INFINITY;
        for width in (400..2_000).rev() {
            let shown = fit(width as f32, &widths);
            let taken = Widths::of(&shown, &widths);
            assert!(taken <= before, "more at {width} than with more room");
            before = taken;
            // What cannot be left out takes 600 points with the DEMO badge.
            if width >= 600 {
                assert!(taken <= width as f32, "{taken} of {width}: {shown:?}");
            }
        }
    }
}
