//! The one system that owns egui: gathers what panels may read, draws them, hands on
//! what they ask for.

use std::path::PathBuf;
use std::time::Duration;

use bevy::asset::AssetEventSystems;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::{EguiContext, EguiFullOutput, EguiInput, EguiPostUpdateSet, PrimaryEguiContext};

use super::TwinSystems;
use super::action::{Action, Named};
use super::alarm_review::AlarmReview;
use super::alarms::{Addressed, AlarmBook, AlarmOrder, ShownAlarms};
use super::anomalies::AnomalyWatch;
use super::differences::{Beside, Differences};
use super::estimation::Estimation;
use super::exploration::Exploration;
use super::health::HealthWatch;
use super::horn::HornState;
use super::measure::{Ruler, Tool};
use super::movement::Movement;
use super::notices::Notices;
use super::pace::FramePace;
use super::panels::desk::Desk;
use super::panels::{self, PanelState, Twin};
use super::recording::{NoteBook, StoreState};
use super::remembered;
use super::reveal::Revealed;
use super::scene::OpenScene;
use super::selection::Selection;
use super::settings::ViewSettings;
use super::sign_in::Entrance;
use super::simulation::{Models, Runs};
use super::skill::Skill;
use super::story::StoryTeller;
use super::story_recorder::StoryRecorder;
use super::telemetry::{Historian, Sources};
use super::timeline::{Frame, Playback};
use super::topics::Topics;
use super::undo::UndoStack;
use super::viewport::{ViewInput, ViewPicture};
use super::who::{Identity, Who};
use super::writing::OrderBook;
use crate::access::Role;

/// What panels remember, and where it is kept between sessions.
///
/// Written by [`draw_panels`] and, as actions ask, by [`follow_actions`].
#[derive(Resource, Default)]
pub struct PanelMemory {
    /// Layout, choices, filters.
    pub state: PanelState,
    /// The file where there are no accounts, beside which every role has one of its own; `None`
    /// remembers nothing, as in tests and pictures.
    pub file: Option<PathBuf>,
    /// Whose layout it is.
    role: Option<Role>,
    saved: String,
}

/// How often a changed layout is written.
const SAVE_EVERY: Duration = Duration::from_secs(5);

impl PanelMemory {
    /// What was remembered in `file`, or the defaults.
    pub fn load(file: Option<PathBuf>) -> Self {
        let text = file
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file).ok());
        let state = text
            .as_deref()
            .and_then(PanelState::from_text)
            .unwrap_or_default();
        Self {
            state,
            file,
            role: None,
            saved: text.unwrap_or_default(),
        }
    }

    /// Puts the layout of this role in the place of the one that is there, which is kept for who
    /// comes back. A role that has none yet begins with what it finds. What was being typed is
    /// gone.
    pub fn hand_over(&mut self, role: Option<Role>) {
        self.save();
        let left = self.state.to_text();
        self.role = role;
        let text = self
            .place()
            .and_then(|file| std::fs::read_to_string(file).ok());
        let known = text.as_deref().and_then(PanelState::from_text);
        self.saved = text.unwrap_or_default();
        let next = known.or_else(|| PanelState::from_text(&left));
        let before = std::mem::replace(&mut self.state, next.unwrap_or_default());
        self.state.view_only = before.view_only;
        self.state.bare = before.bare;
    }

    /// The file of the role: `layout.ron`, or `layout-operator.ron` beside it.
    fn place(&self) -> Option<PathBuf> {
        let file = self.file.as_ref()?;
        let Some(role) = self.role else {
            return Some(file.clone());
        };
        let stem = file.file_stem()?.to_str()?;
        Some(file.with_file_name(format!("{stem}-{}.ron", role.name())))
    }

    /// Writes what is new. A layout that cannot be kept is no reason to stop.
    pub fn save(&mut self) {
        let Some(file) = self.place() else { return };
        let text = self.state.to_text();
        if text == self.saved {
            return;
        }
        if remembered::write(&file, "the layout", &text) {
            self.saved = text;
        } else {
            self.file = None;
        }
    }
}

/// All that panels read.
#[derive(SystemParam)]
pub struct TwinParam<'w> {
    who: Res<'w, Who>,
    open: Res<'w, OpenScene>,
    models: Res<'w, Models>,
    history: Res<'w, Historian>,
    playback: Res<'w, Playback>,
    frame: Res<'w, Frame>,
    alarms: Res<'w, ShownAlarms>,
    book: Res<'w, AlarmBook>,
    runs: Res<'w, Runs>,
    skill: Res<'w, Skill>,
    differences: Res<'w, Differences>,
    estimation: Res<'w, Estimation>,
    exploration: Res<'w, Exploration>,
    sources: Res<'w, Sources>,
    topics: Res<'w, Topics>,
    selection: Res<'w, Selection>,
    edits: (
        Res<'w, Revealed>,
        Res<'w, Tool>,
        Res<'w, Ruler>,
        Res<'w, UndoStack>,
        Res<'w, StoryTeller>,
        Res<'w, StoryRecorder>,
        Res<'w, Movement>,
        Res<'w, AlarmOrder>,
    ),
    settings: Res<'w, ViewSettings>,
    picture: Res<'w, ViewPicture>,
    recording: Res<'w, StoreState>,
    notes: Res<'w, NoteBook>,
    desk: (
        Res<'w, Addressed>,
        Res<'w, HornState>,
        Res<'w, AlarmReview>,
        Res<'w, AnomalyWatch>,
        Res<'w, HealthWatch>,
    ),
    notices: Res<'w, Notices>,
    orders: Res<'w, OrderBook>,
    pace: Res<'w, FramePace>,
}

impl TwinParam<'_> {
    /// What panels read.
    pub(super) fn twin(&self) -> Twin<'_> {
        Twin {
            who: &self.who,
            scene: &self.open.scene,
            plant: &self.models.0,
            history: &self.history,
            timeline: &self.playback,
            rows: self.frame.cursor.rows(),
            origin: self.playback.origin_at(self.playback.playhead()),
            other: self
                .differences
                .against
                .map(|origin| (origin, self.differences.rows())),
            ghost: self.differences.beside == Some(Beside::Ghost),
            alarms: &self.alarms.0,
            live_alarms: self.book.counts(),
            runs: &self.runs.records,
            compared: self.runs.compared,
            skill: &self.skill.view,
            estimate: &self.estimation.view,
            exploration: &self.exploration.view,
            sources: &self.sources.statuses,
            topics: &self.topics.view,
            selection: &self.selection,
            revealed: &self.edits.0,
            tool: *self.edits.1,
            ruler: &self.edits.2,
            story: self.edits.4.now,
            recorded: self.edits.5.0.as_ref(),
            desk: Desk {
                live: &self.edits.7.live,
                revision: self.edits.7.revision,
                addressed: self.desk.0.0.as_ref(),
                horn: self.desk.1.view,
                review: &self.desk.2.review,
                trial: &self.desk.2.trial,
            },
            anomalies: &self.desk.3.view,
            health: &self.desk.4.view,
            aside: &self.edits.7.aside,
            alarm_groups: &self.edits.7.groups,
            movement: &self.edits.6,
            flows: self.edits.6.flows(),
            undo: (self.edits.3.can_undo(), self.edits.3.can_redo()),
            settings: &self.settings,
            picture: &self.picture,
            orders: self.orders.all(),
            takes_orders: self.sources.takes_orders,
            demo: self.sources.demo,
            replayed: self.sources.replayed,
            planned: self.sources.planned,
            recording: self.recording.0.as_ref(),
            notes: &self.notes.0,
            coming: self.frame.cursor.is_coming(),
            notices: &self.notices.0,
            pace: self.pace.pace(),
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ViewInput>()
        .init_resource::<ViewPicture>()
        .init_resource::<PanelMemory>()
        .add_systems(
            PreUpdate,
            (
                follow_who.run_if(resource_changed::<Who>),
                follow_actions.run_if(on_message::<Action>.and_then(resource_exists::<OpenScene>)),
            )
                .chain()
                .in_set(TwinSystems::Steer),
        )
        // New glyphs must reach the picture in the frame that first shows them.
        .configure_sets(
            PostUpdate,
            (
                EguiPostUpdateSet::ProcessOutput,
                EguiPostUpdateSet::PostProcessOutput,
            )
                .before(AssetEventSystems),
        )
        .add_systems(
            PostUpdate,
            draw_panels
                .run_if(resource_exists::<OpenScene>)
                .before(EguiPostUpdateSet::ProcessOutput),
        )
        .add_systems(Last, save_at_end);
}

/// Lays out every panel and hands on what they ask for; it is handled in the next frame.
fn draw_panels(
    context: Single<
        (&mut EguiContext, &mut EguiInput, &mut EguiFullOutput),
        With<PrimaryEguiContext>,
    >,
    twin: TwinParam,
    time: Res<Time<Real>>,
    mut memory: ResMut<PanelMemory>,
    mut entrance: ResMut<Entrance>,
    mut input: ResMut<ViewInput>,
    mut actions: MessageWriter<Action>,
    mut styled: Local<bool>,
    mut last_save: Local<Duration>,
) {
    let (mut context, mut egui_input, mut output) = context.into_inner();
    let context = context.get_mut();
    if !std::mem::replace(&mut *styled, true) {
        panels::theme::install(context);
    }
    if !egui_input.events.is_empty() {
        entrance.touched = time.elapsed();
    }
    let minutes = u64::from(memory.state.lock_after_mins);
    entrance.lock_after = (minutes > 0).then(|| Duration::from_secs(minutes * 60));
    let mut asked = Vec::new();
    let twin = twin.twin();
    let state = &mut memory.state;
    let full = context.run_ui(egui_input.take(), |root| {
        // egui may run this twice: only the last pass counts.
        asked.clear();
        panels::app_ui(root, &twin, state, &mut input, &mut asked);
    });
    **output = Some(full);
    actions.write_batch(asked);
    if time.elapsed() > *last_save + SAVE_EVERY {
        *last_save = time.elapsed();
        memory.save();
    }
}

/// Gives whoever comes to the desk the layout of his role.
fn follow_who(who: Res<Who>, mut last: Local<Option<Identity>>, mut memory: ResMut<PanelMemory>) {
    let before = last.replace(who.identity.clone());
    let is_first = before.is_none();
    let role = who.desk_role();
    if before.is_some_and(|before| before != who.identity) || (is_first && role.is_some()) {
        memory.hand_over(role);
    }
}

/// Does what actions ask of the panels: tabs, trends, palette, scale.
fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    playback: Res<Playback>,
    selection: Res<Selection>,
    teller: Res<StoryTeller>,
    mut memory: ResMut<PanelMemory>,
) {
    for action in actions.read() {
        if let Action::Named(Named::AddNote) = action {
            memory
                .state
                .begin_note(playback.playhead(), selection.selected);
        }
        if let (Action::Named(Named::TryLimitsOfSelection), Some(asset)) =
            (action, selection.selected)
        {
            memory.state.try_limits_of(asset, &open.scene);
        }
        if let Action::Named(Named::ShowAnomalies) = action {
            memory.state.show_anomalies_of(selection.selected);
        }
        // A story chooses for who looks at the plant.
        if teller.now.is_none() {
            memory.state.follow_choice(action);
        }
        memory.state.follow(action, &open.scene);
    }
}

fn save_at_end(mut exits: MessageReader<AppExit>, mut memory: ResMut<PanelMemory>) {
    if exits.read().next().is_some() {
        memory.save();
    }
}
