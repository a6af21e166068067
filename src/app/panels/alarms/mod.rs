//! The alarm desk: banner, list, comments, shelves, performance and limits tried on the past.

pub mod aside;
pub mod banner;
pub mod comment;
pub mod filter;
mod head;
pub mod predicted;
pub mod review;
pub mod rows;
pub mod sheet;
pub mod trial;

use std::collections::{BTreeMap, BTreeSet};

use egui::{RichText, Ui};
use egui_phosphor::regular as icon;
use serde::{Deserialize, Serialize};

use super::{Twin, theme};
use crate::access::Right;
use crate::alarm::{Alarm, AlarmGroup, AlarmId};
use crate::app::action::{Action, LimitTrial};
use crate::app::rights::{At, Need};
use crate::scene::{AssetIndex, Scene};
use crate::timeline::Mode;
use aside::AsideState;
use comment::CommentState;
use filter::Filter;
use head::{chosen_ui, counts_ui, filter_ui};

/// Why acknowledging is refused while the playhead is elsewhere.
pub const ONLY_LIVE: &str = "Only while live: go live first";

/// What the alarm desk remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AlarmListState {
    filter: Filter,
    /// Consequences stand below their cause.
    by_cause: bool,
    #[serde(skip)]
    part: Part,
    /// On a small screen the filter is shown where somebody asks for it.
    #[serde(skip)]
    filtering: bool,
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

    /// True while a comment or a reason is written.
    pub fn is_open(&self) -> bool {
        self.comment.is_open() || self.aside.is_open()
    }

    /// Closes what is open.
    pub fn close(&mut self) {
        self.comment.close();
        self.aside.close();
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
    let is_small = is_small(ui);
    ui.horizontal(|ui| {
        parts_ui(ui, &mut state.part, is_small);
        if state.part == Part::List {
            ui.separator();
            counts_ui(ui, twin, state, is_small, actions);
        }
    });
    ui.add_space(4.0);
    match state.part {
        Part::List => list_ui(ui, twin, state, is_small, actions),
        Part::Performance => review::review_ui(ui, twin, &mut state.review, actions),
        Part::Trial => trial::trial_ui(ui, twin, &mut state.trial, actions),
    }
}

/// True if there is room for little more than the rows themselves.
fn is_small(ui: &Ui) -> bool {
    ui.available_width() < 560.0 || ui.available_height() < 180.0
}

fn parts_ui(ui: &mut Ui, part: &mut Part, is_small: bool) {
    const PARTS: [(Part, &str, &str); 3] = [
        (Part::List, "List", "Alarms at the playhead"),
        (
            Part::Performance,
            "Performance",
            "How good the alarm system is, against its targets",
        ),
        (
            Part::Trial,
            "Try limits",
            "What other limits would have raised in the recorded past",
        ),
    ];
    let choices_ui = |ui: &mut Ui, part: &mut Part| {
        for (one, title, hint) in PARTS {
            ui.selectable_value(part, one, title).on_hover_text(hint);
        }
    };
    if !is_small {
        choices_ui(ui, part);
        return;
    }
    let shown = PARTS.iter().find(|(one, ..)| one == part);
    egui::ComboBox::from_id_salt("part of the alarm desk")
        .width(104.0)
        .selected_text(shown.map_or("", |(_, title, _)| title))
        .show_ui(ui, |ui| choices_ui(ui, part));
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

fn list_ui(
    ui: &mut Ui,
    twin: &Twin<'_>,
    state: &mut AlarmListState,
    is_small: bool,
    actions: &mut Vec<Action>,
) {
    if !is_small || state.filtering || state.filter.is_narrow() {
        filter_ui(ui, state);
    }
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
                .color(theme::weak()),
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
