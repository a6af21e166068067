//! Everything on screen that is not the 3D view: core state in, actions out.
//!
//! One system owns egui's root `Ui` and lays out all panels. A panel is a function of
//! a [`Twin`] and pushes [`Action`]s; egui may run it twice in a frame, so it changes
//! nothing but its own [`PanelState`].

pub mod alarms;
pub mod anomalies;
pub mod axis;
pub mod beacons;
mod bookmarks;
pub mod caption;
mod chosen;
pub mod commands;
pub mod comparison;
pub mod controls;
mod cursor;
pub mod curve;
pub mod curve_cache;
pub mod desk;
mod documents;
pub mod draft_uncertain;
pub mod estimate;
pub mod expected;
pub mod explore;
pub mod explore_draft;
pub mod explore_results;
mod faceplate_facts;
pub mod flows;
pub mod frame;
pub mod health;
pub mod heat_choice;
pub mod inspector;
pub mod kiosk;
pub mod kpis;
pub mod labels;
pub mod layout;
pub mod legend;
pub mod marks;
pub mod member;
pub mod menus;
pub mod minimap;
pub mod note;
pub mod order;
pub mod palette;
pub mod permits;
pub mod predictions;
pub mod range_slider;
pub mod range_table;
pub mod reading;
mod ribbon;
pub mod runs;
pub mod scenario_draft;
pub mod scenario_library;
pub mod scenarios;
mod screen;
pub mod shortcuts;
pub mod sign_in;
pub mod signal_drag;
pub mod signal_picker;
pub mod silence;
pub mod skill;
pub mod sources;
pub mod status;
pub mod store;
pub mod story_draft;
mod strip_curves;
mod strip_legend;
pub mod strips;
pub mod theme;
pub mod timebar;
pub mod timeline;
mod top_bar;
pub mod topic_draft;
pub mod topic_list;
pub mod topics;
pub mod tree;
pub mod tree_list;
mod trend_marks;
pub mod trend_sheet;
pub mod trends;
pub mod view_cube;
pub mod view_pointer;
pub mod view_tools;
pub mod viewport;

use egui_dock::DockState;
use serde::{Deserialize, Serialize};

pub use estimate::EstimateView;
pub use explore::ExploreView;
pub use screen::app_ui;
pub use skill::SkillView;

use super::action::{Action, Named};
use super::anomalies::AnomalyView;
use super::health::HealthView;
use super::measure::{Ruler, Tool};
use super::movement::{FlowAsk, Movement};
use super::reveal::Revealed;
use super::selection::Selection;
use super::settings::ViewSettings;
use super::story::Telling;
use super::story_recorder::Recorded;
use super::viewport::ViewPicture;
use super::who::Who;
use crate::alarm::{Alarm, AlarmGroup, Aside, Counts};
use crate::command::Order;
use crate::history::{History, Row};
use crate::population::Flows;
use crate::recording::{NoteRecord, RecorderStatus};
use crate::scene::{AssetIndex, Scene};
use crate::signal::{Origin, SignalId};
use crate::simulation::{Against, Plant, RunRecord};
use crate::telemetry::SourceStatus;
use crate::time::Timestamp;
use crate::timeline::Timeline;
use layout::Tab;

/// All that a panel may read.
#[derive(Clone, Copy)]
pub struct Twin<'a> {
    /// Who sits at the desk, and what he may do.
    pub who: &'a Who,
    /// What exists.
    pub scene: &'a Scene,
    /// What computes its futures.
    pub plant: &'a Plant,
    /// What was seen.
    pub history: &'a History,
    /// Which instant is looked at.
    pub timeline: &'a Timeline,
    /// What every signal shows at the playhead, by [`SignalId`].
    pub rows: &'a [Option<Row>],
    /// Who says so; `None` if nobody does.
    pub origin: Option<Origin>,
    /// The other telling, if the view shows it: who says what, by signal.
    pub other: Option<(Origin, &'a [Option<Row>])>,
    /// True if the other telling is a ghost in the view.
    pub ghost: bool,
    /// The alarms at the playhead, the most urgent first.
    pub alarms: &'a [Alarm],
    /// What the alarm desk knows of the present.
    pub desk: desk::Desk<'a>,
    /// What is out of the ordinary.
    pub anomalies: &'a AnomalyView,
    /// Which machines fail when.
    pub health: &'a HealthView,
    /// The alarms that are kept off the list; empty unless live.
    pub aside: &'a [Aside],
    /// Which alarms go back to one cause.
    pub alarm_groups: &'a [AlarmGroup],
    /// How many alarms there are now, wherever the playhead is.
    pub live_alarms: Counts,
    /// The runs, oldest first.
    pub runs: &'a [RunRecord],
    /// The run drawn beside the selected one.
    pub compared: Option<Against>,
    /// How far forecasts can be trusted.
    pub skill: &'a SkillView,
    /// What is known of what nobody measures.
    pub estimate: &'a EstimateView,
    /// What is explored.
    pub exploration: &'a ExploreView,
    /// How the sources are.
    pub sources: &'a [SourceStatus],
    /// What a broker publishes, if somebody looks.
    pub topics: &'a topics::TopicsView,
    /// What is selected and hovered.
    pub selection: &'a Selection,
    /// What of the plant is drawn.
    pub revealed: &'a Revealed,
    /// What the hand holds.
    pub tool: Tool,
    /// What was measured.
    pub ruler: &'a Ruler,
    /// Where the story stands that is told.
    pub story: Option<Telling>,
    /// The story that is recorded.
    pub recorded: Option<&'a Recorded>,
    /// Who is where.
    pub movement: &'a Movement,
    /// What flowed from place to place, as far as that is looked at and anybody tells.
    pub flows: Option<&'a Flows>,
    /// Whether there is something to undo, and to do again.
    pub undo: (bool, bool),
    /// How the plant is shown.
    pub settings: &'a ViewSettings,
    /// What the 3D tab shows.
    pub picture: &'a ViewPicture,
    /// The orders to the plant, oldest first: those under way and the last that ended.
    pub orders: &'a [Order],
    /// True if a connected source takes commands.
    pub takes_orders: bool,
    /// True if the data come from an emulated plant.
    pub demo: bool,
    /// True if the data are a recording that is played, so that "now" is its newest row.
    pub replayed: bool,
    /// True if no plant is connected: the present stands still, and there is only the future.
    pub planned: bool,
    /// How the store is; `None` if nothing is recorded.
    pub recording: Option<&'a RecordingView>,
    /// What operators noted, in order of time.
    pub notes: &'a [NoteRecord],
    /// True while what the playhead looks at is not loaded yet.
    pub coming: bool,
    /// What the program has to say: the last notices, newest last.
    pub notices: &'a [Notice],
    /// Frames per second and the main world's work, ms, as measured.
    pub pace: Pace,
}

/// Something that was done or refused, for the status line.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What happened.
    pub text: String,
    /// True if it was refused or went wrong.
    pub warning: bool,
    /// Seconds since the program's start.
    pub at_secs: f64,
}

/// How the recording is.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingView {
    /// Where the store is.
    pub place: String,
    /// How the recorder is; `None` if the store is only read.
    pub status: Option<RecorderStatus>,
    /// What is wrong, if something is.
    pub trouble: Option<String>,
}

/// How fast the program runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// Frames per second.
    pub frames_per_sec: f32,
    /// Work of one frame in the main world, ms.
    pub frame_ms: f32,
}

/// Where the panels stand and what they remember of themselves.
///
/// [`app_ui`] changes it as a person drags and types, [`follow`](Self::follow) as actions
/// ask.
#[derive(Serialize, Deserialize)]
#[serde(default)]
pub struct PanelState {
    dock: DockState<Tab>,
    /// The same for small screens.
    small_dock: DockState<Tab>,
    /// True if the screen is small; found anew in every frame.
    #[serde(skip)]
    is_small: bool,
    /// True if tabs have no room for more than their words.
    #[serde(skip)]
    is_narrow: bool,
    ui_scale: f32,
    /// True if nothing is to flash or glide.
    pub reduced_motion: bool,
    /// True if alarms are not to be heard.
    pub muted: bool,
    /// True if only the 3D view is drawn, for pictures.
    #[serde(skip)]
    pub view_only: bool,
    /// True if mode and instant do not stand in such a picture.
    #[serde(skip)]
    pub bare: bool,
    /// What is drawn in place of everything else.
    #[serde(skip)]
    pub legend: Option<legend::Sheet>,
    /// What stands below such a picture.
    #[serde(skip)]
    pub caption: Option<String>,
    tree: tree::TreeState,
    trends: trends::TrendState,
    alarms: alarms::AlarmListState,
    timeline: timeline::TimelineState,
    view: viewport::ViewportState,
    #[serde(skip)]
    scenarios: scenarios::ScenariosState,
    #[serde(skip)]
    explore: explore::ExploreState,
    #[serde(skip)]
    anomalies: anomalies::AnomalyState,
    #[serde(skip)]
    flows: flows::FlowState,
    #[serde(skip)]
    skill: skill::SkillState,
    #[serde(skip)]
    sources: sources::SourcesState,
    #[serde(skip)]
    note: note::NoteState,
    #[serde(skip)]
    story: story_draft::StoryDraft,
    #[serde(skip)]
    order: order::OrderDraft,
    #[serde(skip)]
    sign_in: sign_in::SignInState,
    /// Minutes without a touch after which the desk is locked; zero for never.
    pub lock_after_mins: u32,
    #[serde(skip)]
    palette: palette::PaletteState,
    #[serde(skip)]
    shortcuts_shown: bool,
    #[serde(skip)]
    bring_up: Vec<Tab>,
    /// The tab in which an asset was chosen in the last frame, if it was in one.
    #[serde(skip)]
    chosen_in: Option<Tab>,
    #[serde(skip)]
    was_typing: bool,
}

impl Default for PanelState {
    fn default() -> Self {
        Self {
            dock: layout::first_layout(),
            small_dock: layout::small_layout(),
            is_small: false,
            is_narrow: false,
            ui_scale: 1.0,
            reduced_motion: false,
            muted: false,
            view_only: false,
            bare: false,
            legend: None,
            caption: None,
            tree: tree::TreeState::default(),
            trends: trends::TrendState::default(),
            alarms: alarms::AlarmListState::default(),
            timeline: timeline::TimelineState::default(),
            view: viewport::ViewportState::default(),
            scenarios: scenarios::ScenariosState::default(),
            explore: explore::ExploreState::default(),
            anomalies: anomalies::AnomalyState::default(),
            flows: flows::FlowState::default(),
            skill: skill::SkillState::default(),
            sources: sources::SourcesState::default(),
            note: note::NoteState::default(),
            story: story_draft::StoryDraft::default(),
            order: order::OrderDraft::default(),
            sign_in: sign_in::SignInState::default(),
            lock_after_mins: sign_in::LOCK_AFTER_MINS,
            palette: palette::PaletteState::default(),
            shortcuts_shown: false,
            bring_up: Vec::new(),
            chosen_in: None,
            was_typing: false,
        }
    }
}

impl PanelState {
    /// What [`to_text`](Self::to_text) wrote, or `None` if the text is something else.
    ///
    /// A layout that lacks a panel is put back in order.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut state: Self = ron::from_str(text).ok()?;
        layout::complete(&mut state.dock, layout::first_layout);
        layout::complete(&mut state.small_dock, layout::small_layout);
        state.set_scale(state.ui_scale);
        Some(state)
    }

    /// All that is to be remembered, as RON: unlike JSON, it can say that a tab which was
    /// never drawn has an endless place.
    pub fn to_text(&self) -> String {
        ron::to_string(self).unwrap_or_default()
    }

    /// The scale of text and panels, 1 for 100 %.
    pub fn ui_scale(&self) -> f32 {
        self.ui_scale
    }

    /// The signals that the trends draw, and that an export is to hold.
    pub fn trend_signals(&self, scene: &Scene, selection: &Selection) -> Vec<SignalId> {
        self.trends.signals(scene, selection)
    }

    /// The trends as they stand, on a sheet of their own; `None` if they show no signal.
    pub fn draw_trends(
        &mut self,
        twin: &Twin<'_>,
        scale: f32,
        as_lines: bool,
    ) -> Option<trend_sheet::Drawn> {
        trend_sheet::drawn(twin, &mut self.trends, scale, as_lines)
    }

    /// Where the tabs stand on the screen as it is.
    fn shown_dock(&mut self) -> &mut DockState<Tab> {
        if self.is_small {
            &mut self.small_dock
        } else {
            &mut self.dock
        }
    }

    /// True if the broker's topics were drawn since this was asked last.
    pub fn shows_topics(&self) -> bool {
        self.sources.shows_topics()
    }

    /// The flows that were drawn last; `None` if they were not.
    pub fn watched_flows(&self) -> Option<FlowAsk> {
        self.flows.watched()
    }

    /// Brings a tab to the front when the panels are drawn next.
    pub fn show(&mut self, tab: Tab) {
        self.bring_up.push(tab);
    }

    /// The alarms that are listed, in order: what an export is to hold.
    pub fn listed_alarms<'a>(&self, alarms: &'a [Alarm], scene: &Scene) -> Vec<&'a Alarm> {
        self.alarms.listed(alarms, scene)
    }

    /// Begins a note about what is looked at.
    pub fn begin_note(&mut self, at: Timestamp, asset: Option<AssetIndex>) {
        self.note.begin(at, asset);
    }

    /// Shows the limits of an asset, to be tried on the recorded past.
    pub fn try_limits_of(&mut self, asset: AssetIndex, scene: &Scene) {
        if self.alarms.open_trial(asset, scene) {
            self.show(Tab::Alarms);
        }
    }

    /// Shows what is out of the ordinary with an asset, or with the one it was last.
    pub fn show_anomalies_of(&mut self, asset: Option<AssetIndex>) {
        if let Some(asset) = asset {
            self.anomalies.choose(asset);
        }
        self.show(Tab::Anomalies);
    }

    /// Does what an action asks of the panels.
    pub fn follow(&mut self, action: &Action, scene: &Scene) {
        match action {
            Action::ToggleTrend(signal) => {
                if let Some(signal) = scene.signals.get(signal.index()) {
                    self.trends.toggle(signal);
                    self.show(Tab::Trends);
                }
            }
            Action::ShowOrder(signal) => self.order.begin(*signal),
            Action::Override(signal) => {
                self.scenarios.add_override(*signal, scene);
                self.show(Tab::Scenarios);
            }
            Action::TryLimits(trial) => {
                self.alarms.show_trial(trial);
                self.show(Tab::Alarms);
            }
            Action::Named(Named::ShowAlarms) => {
                self.alarms.show_list();
                self.show(Tab::Alarms);
            }
            Action::Named(Named::ShowHealth) => self.show(Tab::Health),
            Action::Named(Named::ShowFlows) => self.show(Tab::Flows),
            Action::Named(Named::ShowAlarmReview) => {
                self.alarms.show_review();
                self.show(Tab::Alarms);
            }
            Action::Named(Named::CommentAlarm) => self.alarms.begin_comment(Vec::new()),
            Action::Named(Named::ToggleHorn) => self.muted = !self.muted,
            Action::DraftMapping(choice) => {
                self.sources.draft(choice);
                self.show(Tab::Sources);
            }
            Action::Topics(edit) => self.sources.follow(edit),
            Action::Named(Named::ShowTopics) => {
                self.sources.show_topics();
                self.show(Tab::Sources);
            }
            Action::Named(Named::ShowWithoutData) => {
                self.sources.show_without_data();
                self.show(Tab::Sources);
            }
            Action::Named(Named::SignIn) => self.sign_in.begin(),
            Action::Named(Named::ShowPalette) => self.palette.toggle(),
            Action::Named(Named::ShowShortcuts) => self.shortcuts_shown = !self.shortcuts_shown,
            Action::Named(Named::ToggleTrendStatistics) => {
                self.trends.toggle_statistics();
                self.show(Tab::Trends);
            }
            Action::Named(Named::ResetLayout) => {
                self.dock = layout::first_layout();
                self.small_dock = layout::small_layout();
            }
            // On a small screen the plant may lie behind another tab.
            Action::Named(Named::GoToAlarm | Named::FrameSelection | Named::FrameAll)
            | Action::GoToBookmark(_) => self.show(Tab::Plant),
            Action::Named(Named::ZoomIn) => self.set_scale(self.ui_scale + 0.1),
            Action::Named(Named::ZoomOut) => self.set_scale(self.ui_scale - 0.1),
            Action::Named(Named::Escape) | Action::CloseWindows => {
                self.palette.close();
                self.note.close();
                self.order.close();
                self.sign_in.close();
                self.alarms.close();
                self.shortcuts_shown = false;
            }
            _ => {}
        }
    }

    /// True if a window lies over the panels that Escape is to close before all else.
    fn has_window(&self) -> bool {
        self.palette.is_open()
            || self.note.is_open()
            || self.order.is_open()
            || self.alarms.is_open()
            || self.sign_in.is_open()
            || self.shortcuts_shown
    }

    /// Tenths only, within what stays readable.
    fn set_scale(&mut self, scale: f32) {
        let tenths = if scale.is_finite() {
            (scale * 10.0).round() / 10.0
        } else {
            1.0
        };
        self.ui_scale = tenths.clamp(theme::SCALES.0, theme::SCALES.1);
    }
}
