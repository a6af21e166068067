//! The alarm desk: banner, list, comments, shelves, performance and limits tried on the past.

pub mod aside;
pub mod banner;
pub mod comment;
pub mod filter;
pub mod predicted;
pub mod review;
pub mod rows;
pub mod sheet;
pub mod trial;

use std::collections::{BTreeMap, BTreeSet};

use egui::{Align, Layout, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::controls::{icon_button_if, text_button, text_button_if, text_field};
use super::controls::{shortcut_text, title_with_shortcut};
use super::desk::waits;
use super::{Twin, marks, theme};
use crate::access::Right;
use crate::alarm::{Alarm, AlarmGroup, AlarmId};
use crate::app::action::{Action, LimitTrial, Named};
use crate::app::rights::{At, Need};
use crate::scene::{AssetIndex, Priority, Scene};
use crate::timeline::Mode;
use aside::AsideState;
use comment::CommentState;
use filter::{Filter, StateChoice};

/// Why acknowledging is refused while the playhead is elsewhere.
pub const ONLY_LIVE: &str = "Only while live: go live first";
const PRIORITIES: [Priority; 3] = [Priority::Urgent, Priority::High, Priority::Low];

/// What the alarm desk remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AlarmListState {
    filter: Filter,
    /// Consequences stand below their cause.
    by_cause: bool,
    #[serde(skip)]
    part: Part,
    /// The causes whose consequences are shown.
    #[serde(skip)]
    unfolded: BTreeSet<AlarmId>,
    /// What is acknowledged, shelved or commented on together.
    #[serde(skip)]
    chosen: BTreeSet<AlarmId>,
    /// The line from which Shift + click chooses.
    #[serde(skip)]
    anchor: Option<AlarmId>,
    #[serde(skip)]
    listing: Listing,
    #[serde(skip)]
    aside: AsideState,
    #[serde(skip)]
    comment: CommentState,
    #[serde(skip)]
    review: review::ReviewState,
    #[serde(skip)]
    trial: trial::TrialState,
}

/// What of the desk is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    List,
    Performance,
    Trial,
}

/// The lines of the list, made anew only where they may differ.
#[derive(Debug, Default)]
struct Listing {
    of: Option<(u64, usize, Filter, bool)>,
    lines: Vec<Line>,
}

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The place of its alarm.
    place: u32,
    /// How many consequences it leads.
    leads: usize,
    /// It is a consequence of the line above.
    follows: bool,
}

impl AlarmListState {
    /// The alarms that are listed, in order.
    pub fn listed<'a>(&self, alarms: &'a [Alarm], scene: &Scene) -> Vec<&'a Alarm> {
        let places = self.filter.apply(alarms, scene);
        let alarms = places.into_iter().map(|place| &alarms[place as usize]);
        alarms.collect()
    }

    /// Begins a comment: of these alarms, or of that which a person dealt with last.
    pub fn begin_comment(&mut self, of: Vec<AlarmId>) {
        self.comment.begin(of);
    }

    /// Closes what is open.
    pub fn close(&mut self) {
        self.comment.close();
        self.chosen.clear();
    }

    /// Shows the list.
    pub fn show_list(&mut self) {
        self.part = Part::List;
    }

    /// Shows how the alarm system does.
    pub fn show_review(&mut self) {
        self.part = Part::Performance;
    }

    /// Shows what was asked to be tried.
    pub fn show_trial(&mut self, trial: &LimitTrial) {
        self.part = Part::Trial;
        self.trial.follow(trial);
    }

    /// Shows the limits of an asset, to be tried; false if it has none.
    pub fn open_trial(&mut self, asset: AssetIndex, scene: &Scene) -> bool {
        let signal = trial::limited_signal(asset, scene);
        if let Some(signal) = signal {
            self.part = Part::Trial;
            self.trial.choose(signal);
        }
        signal.is_some()
    }

    /// Makes the lines anew if they may differ.
    fn relist(&mut self, twin: &Twin<'_>) {
        let of = (
            twin.desk.revision,
            twin.alarms.len(),
            self.filter.clone(),
            self.by_cause,
        );
        if self.listing.of.as_ref() == Some(&of) {
            return;
        }
        let places = self.filter.apply(twin.alarms, twin.scene);
        let groups = self.by_cause.then_some(twin.alarm_groups);
        self.listing.lines = lines(&places, twin.alarms, groups, &self.unfolded);
        self.listing.of = Some(of);
        let known: BTreeSet<_> = twin.alarms.iter().map(|alarm| alarm.id).collect();
        self.chosen.retain(|id| known.contains(id));
    }
}

/// The tab.
pub fn alarms_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    ui.horizontal(|ui| {
        ui.selectable_value(&mut state.part, Part::List, "List");
        ui.selectable_value(&mut state.part, Part::Performance, "Performance")
            .on_hover_text("How good the alarm system is, against its targets");
        ui.selectable_value(&mut state.part, Part::Trial, "Try limits")
            .on_hover_text("What other limits would have raised in the recorded past");
        if state.part == Part::List {
            ui.separator();
            counts_ui(ui, twin, actions);
        }
    });
    ui.add_space(4.0);
    match state.part {
        Part::List => list_ui(ui, twin, state, actions),
        Part::Performance => review::review_ui(ui, twin, &mut state.review, actions),
        Part::Trial => trial::trial_ui(ui, twin, &mut state.trial, actions),
    }
}

/// The window of the comment, whichever tab is in front.
pub fn comment_ui(
    ctx: &egui::Context,
    twin: &Twin<'_>,
    state: &mut AlarmListState,
    actions: &mut Vec<Action>,
) {
    comment::comment_ui(ctx, twin, &mut state.comment, actions);
}

fn list_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut AlarmListState, actions: &mut Vec<Action>) {
    filter_ui(ui, state);
    state.relist(twin);
    chosen_ui(ui, twin, state, actions);
    aside::shelving_ui(ui, twin, &mut state.aside, actions);
    let lines = std::mem::take(&mut state.listing.lines);
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if lines.is_empty() {
                none_ui(ui, twin, state);
            } else {
                rows::rows_ui(ui, twin, &lines, state, actions);
            }
            aside::aside_ui(ui, twin, actions);
            ui.add_space(12.0);
            predicted::predicted_ui(ui, twin, actions);
        });
    state.listing.lines = lines;
}

fn counts_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let active = twin.alarms.iter().filter(|a| a.state.is_active()).count();
    let waiting = twin.alarms.iter().filter(|alarm| waits(alarm)).count();
    ui.label(theme::heading(format!("{active} active")));
    ui.label(theme::note(format!("{waiting} to acknowledge")));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let allowed = match may_act(twin, Right::Acknowledge) {
            Ok(()) if waiting == 0 => Err("Nothing waits to be acknowledged"),
            other => other,
        };
        let hint = title_with_shortcut(ui.ctx(), Named::AcknowledgeAll);
        let button = text_button_if(ui, allowed, icon::CHECKS, "Acknowledge all");
        if button.on_hover_text(hint).clicked() {
            actions.push(Action::Named(Named::AcknowledgeAll));
        }
        let some = (!twin.alarms.is_empty()).then_some(());
        let some = some.ok_or("No alarm is listed");
        let name = Named::ChooseAlarmExport.title();
        if icon_button_if(ui, some, icon::DOWNLOAD_SIMPLE, name).clicked() {
            actions.push(Action::Named(Named::ChooseAlarmExport));
        }
    });
}

fn filter_ui(ui: &mut Ui, state: &mut AlarmListState) {
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
fn chosen_ui(ui: &mut Ui, twin: &Twin<'_>, state: &mut AlarmListState, actions: &mut Vec<Action>) {
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

/// Whether this may be done to any alarm now, or why not.
pub(super) fn may_act(twin: &Twin<'_>, right: Right) -> Result<(), &'static str> {
    twin.permits(&Need::Right(right, At::Somewhere))?;
    match twin.timeline.mode() {
        Mode::Live => Ok(()),
        _ => Err(ONLY_LIVE),
    }
}

/// Whether this may be done to an alarm now, or why not.
pub(super) fn may_act_on(twin: &Twin<'_>, right: Right, alarm: &Alarm) -> Result<(), &'static str> {
    twin.permits(&Need::Right(right, At::Signal(alarm.signal)))?;
    may_act(twin, right)
}

fn none_ui(ui: &mut Ui, twin: &Twin<'_>, state: &AlarmListState) {
    let what = match (state.filter.is_narrow(), twin.timeline.mode()) {
        (true, _) if !twin.alarms.is_empty() => "No alarm fits the filter",
        (_, Mode::Live) => "No active alarms",
        (_, Mode::History) => "No alarm was active at this instant",
        (_, Mode::Simulated | Mode::Beyond) => "Alarms of the future are predictions: see below",
    };
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(icon::CHECK_CIRCLE)
                .size(16.0)
                .color(theme::WEAK),
        );
        ui.label(what);
    });
}

/// The lines of the list. By cause, consequences stand below their cause, or are folded into it;
/// none is ever lost: one whose cause is not listed stands by itself.
fn lines(
    places: &[u32],
    alarms: &[Alarm],
    groups: Option<&[AlarmGroup]>,
    unfolded: &BTreeSet<AlarmId>,
) -> Vec<Line> {
    let line = |place, leads, follows| Line {
        place,
        leads,
        follows,
    };
    let Some(groups) = groups else {
        return places.iter().map(|place| line(*place, 0, false)).collect();
    };
    let id_of = |place: u32| alarms[place as usize].id;
    let by_id: BTreeMap<AlarmId, u32> =
        places.iter().map(|place| (id_of(*place), *place)).collect();
    let mut consequences: BTreeMap<AlarmId, Vec<u32>> = BTreeMap::new();
    let mut follows = BTreeSet::new();
    for group in groups {
        if !by_id.contains_key(&group.headline) {
            continue;
        }
        let known = group.folded.iter().filter_map(|id| by_id.get(id).copied());
        let own: Vec<_> = known.collect();
        follows.extend(own.iter().map(|place| id_of(*place)));
        consequences.insert(group.headline, own);
    }
    let mut lines = Vec::with_capacity(places.len());
    for &place in places {
        let id = id_of(place);
        if follows.contains(&id) {
            continue;
        }
        let own = consequences.get(&id).map_or(&[][..], Vec::as_slice);
        lines.push(line(place, own.len(), false));
        if unfolded.contains(&id) {
            lines.extend(own.iter().map(|place| line(*place, 0, true)));
        }
    }
    lines
}
