//! What stands above the list: counts, the filter, and what is done to several at a time.

use egui::{Align, Label, Layout, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::super::controls::{icon_button, icon_button_if, shortcut_text, title_with_shortcut};
use super::super::controls::{text_button, text_button_if, text_field};
use super::super::desk::waits;
use super::super::{Twin, marks, theme};
use super::filter::StateChoice;
use super::{AlarmListState, may_act};
use crate::access::Right;
use crate::alarm::Alarm;
use crate::app::action::{Action, Named};
use crate::scene::Priority;

const PRIORITIES: [Priority; 3] = [Priority::Urgent, Priority::High, Priority::Low];

/// How many there are, and what is done to all of them. What is done keeps its place; where
/// there is no room the counts are cut, and told in full under the pointer.
pub(super) fn counts_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AlarmListState,
    is_small: bool,
    actions: &mut Vec<Action>,
) {
    let active = twin.alarms.iter().filter(|a| a.state.is_active()).count();
    let waiting = twin.alarms.iter().filter(|alarm| waits(alarm)).count();
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let allowed = match may_act(twin, Right::Acknowledge) {
            Ok(()) if waiting == 0 => Err("Nothing waits to be acknowledged"),
            other => other,
        };
        let name = "Acknowledge all";
        let button = if is_small {
            icon_button_if(ui, allowed, icon::CHECKS, name)
        } else {
            text_button_if(ui, allowed, icon::CHECKS, name)
        };
        let hint = title_with_shortcut(ui.ctx(), Named::AcknowledgeAll);
        if button.on_hover_text(hint).clicked() {
            actions.push(Action::Named(Named::AcknowledgeAll));
        }
        let some = (!twin.alarms.is_empty()).then_some(());
        let some = some.ok_or("No alarm is listed");
        let name = Named::ChooseAlarmExport.title();
        if icon_button_if(ui, some, icon::DOWNLOAD_SIMPLE, name).clicked() {
            actions.push(Action::Named(Named::ChooseAlarmExport));
        }
        if is_small && icon_button(ui, icon::FUNNEL, "Filter the alarms").clicked() {
            state.filtering = !state.filtering;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let (active, waiting) = (
                format!("{active} active"),
                format!("{waiting} to acknowledge"),
            );
            let told = format!("{active}, {waiting}");
            for text in [theme::heading(active), theme::note(waiting)] {
                if ui.available_width() > 24.0 {
                    ui.add(Label::new(text).truncate()).on_hover_text(&told);
                }
            }
        });
    });
}

/// Which alarms are listed.
pub(super) fn filter_ui(ui: &mut Ui, state: &mut AlarmListState) {
    let filter = &mut state.filter;
    ui.horizontal_wrapped(|ui| {
        let field = TextEdit::singleline(&mut filter.text)
            .desired_width(150.0)
            .hint_text("Tag, area or message");
        text_field(ui, field, "Search alarms");
        let name = |one: Option<Priority>| match one {
            None => "Any priority".to_owned(),
            Some(one) => format!(
                "Priority {} {}",
                marks::priority_number(one),
                marks::priority_name(one)
            ),
        };
        egui::ComboBox::from_id_salt("priority of alarms")
            .selected_text(name(filter.priority))
            .width(112.0)
            .show_ui(ui, |ui| {
                for one in std::iter::once(None).chain(PRIORITIES.map(Some)) {
                    ui.selectable_value(&mut filter.priority, one, name(one));
                }
            });
        egui::ComboBox::from_id_salt("state of alarms")
            .selected_text(filter.state.title())
            .width(136.0)
            .show_ui(ui, |ui| {
                for one in StateChoice::ALL {
                    ui.selectable_value(&mut filter.state, one, one.title());
                }
            });
        ui.checkbox(&mut state.by_cause, "By cause")
            .on_hover_text("What came first leads; what follows from it is folded below");
        if filter.is_narrow() && text_button(ui, icon::FUNNEL_X, "Show all").clicked() {
            filter.text.clear();
            filter.priority = None;
            filter.state = StateChoice::Any;
        }
    });
    ui.add_space(4.0);
}

/// What is done to all that are chosen.
pub(super) fn chosen_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    if state.chosen.is_empty() {
        return;
    }
    let chosen: Vec<&Alarm> = twin
        .alarms
        .iter()
        .filter(|alarm| state.chosen.contains(&alarm.id))
        .collect();
    let ids = || chosen.iter().map(|alarm| alarm.id).collect::<Vec<_>>();
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("{} chosen", chosen.len())).strong());
        let waiting = chosen.iter().filter(|alarm| waits(alarm));
        let waiting: Vec<_> = waiting.map(|alarm| alarm.id).collect();
        let allowed = match may_act(twin, Right::Acknowledge) {
            Ok(()) if waiting.is_empty() => Err("None of them waits to be acknowledged"),
            other => other,
        };
        if text_button_if(ui, allowed, icon::CHECK, "Acknowledge chosen").clicked() {
            actions.extend(waiting.into_iter().map(Action::Acknowledge));
        }
        let may_shelve = may_act(twin, Right::Shelve);
        if text_button_if(ui, may_shelve, icon::ARCHIVE, "Shelve chosen...").clicked() {
            state.aside.begin(ids(), format!("{} alarms", chosen.len()));
        }
        let recorded = twin.recording.map(|_| ());
        let recorded = recorded.ok_or("Nothing is recorded: open the scene with --store");
        let recorded = recorded.and(twin.may_somewhere(Right::Note));
        let keys = shortcut_text(ui.ctx(), Named::CommentAlarm);
        let button = text_button_if(ui, recorded, icon::CHAT_TEXT, "Comment on chosen...");
        if button
            .on_hover_text(format!("{keys} for the last one"))
            .clicked()
        {
            state.comment.begin(ids());
        }
        if ui.button("Choose none").clicked() {
            state.chosen.clear();
        }
    });
    ui.add_space(4.0);
}
