//! What a person, or a script, asks of the program. Panels push actions; systems act.
//!
//! Every action that needs no argument also stands in [`Named::ALL`] with its name and
//! shortcut, for the command palette, the list of shortcuts and the keyboard.

use std::path::PathBuf;
use std::time::Duration;

use bevy::prelude::Message;
use egui::{Key, KeyboardShortcut, Modifiers};

use super::anomalies::AnomalyAsk;
use super::movement::Member;
use super::panels::topic_draft::TopicChoice;
use super::reveal::RevealEdit;
use super::settings::Quality;
use super::story_recorder::StoryEdit;
use super::topics::TopicEdit;
use super::undo::Edits;
use super::who::Credentials;
use crate::alarm::{AlarmId, Happening};
use crate::command::OrderId;
use crate::scene::{AssetIndex, DocumentIndex, Limit, Scenario, StoryView};
use crate::signal::{RunId, SignalId};
use crate::simulation::Against;
use crate::time::Timestamp;
use crate::timeline::TimelineCommand;

/// One request. Handled in the next frame, in [`super::TwinSystems::Steer`] or by its own system.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum Action {
    /// To the timeline.
    Timeline(TimelineCommand),
    /// Selects an asset, or nothing.
    Select(Option<AssetIndex>),
    /// Selects an asset besides what is selected, or takes it away.
    SelectAlso(AssetIndex),
    /// Looks at one who moves, or at nobody.
    SelectMember(Option<Member>),
    /// Selects all of these.
    SelectAll(Vec<AssetIndex>),
    /// Changes what of the plant is drawn.
    Reveal(RevealEdit),
    /// Puts the ruler at a point: east, north, up, m.
    MeasureAt([f64; 3]),
    /// Puts back what was undone or done again.
    Restore(Box<Edits>),
    /// Marks the asset under the pointer, wherever the pointer is.
    Hover(Option<AssetIndex>),
    /// Flies the camera to an asset.
    FlyTo(AssetIndex),
    /// Flies the camera to where it stood.
    LookAt(StoryView),
    /// Shows the plant a second time, from there, or only once.
    SecondView(Option<StoryView>),
    /// Turns the view about what it looks at, rad counter-clockwise from above.
    Turn(f32),
    /// Looks at this point of the ground, as it looks now: east, north, m.
    LookThere([f64; 2]),
    /// Looks from this yaw and pitch, rad, at what is looked at, without perspective.
    LookFrom(f32, f32),
    /// Closes the windows over the panels, and nothing else.
    CloseWindows,
    /// Goes to a bookmark of the scene, counted from 0.
    GoToBookmark(usize),
    /// Tells a story of the scene, counted from 0, from its first step.
    StartStory(usize),
    /// Changes the story that is recorded.
    Story(StoryEdit),
    /// Colours the view by the signals of this name, or by nothing.
    SetHeat(Option<String>),
    /// Draws the view so finely, or as the program thinks best.
    SetQuality(Option<Quality>),
    /// Adds a signal to the trends, or takes it away.
    ToggleTrend(SignalId),
    /// Holds a signal in the scenario that is edited, and shows it.
    Override(SignalId),
    /// Confirms that an alarm was seen. Refused unless live.
    Acknowledge(AlarmId),
    /// Shelves an alarm, resets it, takes it out of service, or takes that back. Refused unless live.
    AlarmAct(AlarmId, Happening),
    /// Records what a person says of these alarms.
    CommentAlarms(Vec<AlarmId>, String),
    /// Judges the alarm system by what the last so many hours tell.
    ReviewAlarms(u32),
    /// Tries limits of a signal on what was recorded of it.
    TryLimits(Box<LimitTrial>),
    /// Learns what is ordinary from a stretch of the past, and scores what follows.
    FindAnomalies(Box<AnomalyAsk>),
    /// Branches a run from the playhead if it lies in the past, else from the present.
    StartRun(Box<Scenario>),
    /// Branches three runs with this asset maintained now, so much later and never, and compares
    /// them.
    WeighMaintenance(AssetIndex, Duration),
    /// Stops a run.
    CancelRun(RunId),
    /// Keeps a scenario beside the scene, in the place of one of its name.
    KeepScenario(Box<Scenario>),
    /// Removes a scenario that is kept beside the scene.
    RemoveScenario(String),
    /// Lets a run rest, or go on.
    PauseRun(RunId, bool),
    /// Lets a run go on to this horizon at least.
    ExtendRun(RunId, Duration),
    /// Gives a run so many members more.
    AddMembers(RunId, u32),
    /// Computes a run once more from the same state with the same seed.
    RunAgain(RunId),
    /// Computes a run once more from the same state with other random numbers.
    RunOtherwise(RunId),
    /// Explores a scenario as `design:` of a plan says.
    Explore(Box<Scenario>, String),
    /// Ends that.
    CancelExplore,
    /// Computes a run of the exploration as a run on the timeline.
    OpenTrial(u32),
    /// Fits what nobody measures to the last hours.
    Estimate,
    /// Starts a run from what was estimated.
    StartEstimated(Box<Scenario>),
    /// Judges forecasts by runs from the recorded past.
    StartHindcasts,
    /// Ends that.
    CancelHindcasts,
    /// Forgets a run and its samples.
    DiscardRun(RunId),
    /// Holds the selected run against another or against what was measured, or nothing.
    Compare(Option<Against>),
    /// Records what a person noted.
    Note(Note),
    /// Opens another scene.
    OpenScene(PathBuf),
    /// Shows a document of an asset in the desktop's own program.
    OpenDocument(DocumentIndex),
    /// Writes a picture of the window.
    SavePicture(PathBuf),
    /// Writes what is recorded of the trend's signals as CSV.
    ExportTrends(PathBuf),
    /// Writes the trends as they stand as a picture: SVG if the file is called so, else PNG.
    SaveTrendPicture(PathBuf),
    /// Writes the alarm list, as it is filtered, as CSV.
    ExportAlarms(PathBuf),
    /// Writes how the alarm system does as CSV.
    ExportAlarmReview(PathBuf),
    /// Writes what the shift that ends at the playhead was like, as HTML.
    WriteShiftReport(PathBuf),
    /// Shows the window in which a value is written to this signal.
    ShowOrder(SignalId),
    /// A step of writing a value to the plant. Refused unless live, but for taking it back.
    Order(OrderStep),
    /// Looks at a broker's topics, or gives one to a signal.
    Topics(TopicEdit),
    /// Shows what a topic would mean for a signal, before it does.
    DraftMapping(Box<TopicChoice>),
    /// Says who sits at the desk.
    SignIn(Credentials),
    /// What somebody asked for without the right to: the gate put this in its place.
    Refused,
    /// An action without argument.
    Named(Named),
}

/// A step of writing a value to the plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OrderStep {
    /// What shall be written: the signal and the value, SI.
    Arm(SignalId, f64),
    /// Sends it.
    Confirm(OrderId),
    /// Takes it back before it was sent.
    Withdraw(OrderId),
}

/// Limits that are tried on what was recorded of a signal.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitTrial {
    /// Whose limits.
    pub signal: SignalId,
    /// In the place of all limits of the signal.
    pub limits: Vec<Limit>,
    /// How far back from the present, h.
    pub hours: u32,
}

/// What a person noted about an instant, and about an asset or the whole plant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The instant.
    pub at: Timestamp,
    /// The asset.
    pub asset: Option<AssetIndex>,
    /// The note.
    pub text: String,
}

/// The actions that have a name in the palette and may have a shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// Follow the present.
    GoLive,
    /// Play or pause.
    TogglePlay,
    /// Go to the oldest sample.
    GoToStart,
    /// One step back.
    StepBack,
    /// One step forward.
    StepForward,
    /// A larger step back.
    LeapBack,
    /// A larger step forward.
    LeapForward,
    /// Frame the selected asset.
    FrameSelection,
    /// Let the camera follow who moves, or stay.
    FollowMember,
    /// See the whole plant.
    FrameAll,
    /// Look straight down, without perspective.
    TopView,
    /// Look from above one corner, without perspective.
    IsoView,
    /// Undo the last change of the view.
    Undo,
    /// Do again what was undone.
    Redo,
    /// Select what is of the same kind.
    SelectSameKind,
    /// Drag a box around what is selected.
    BoxTool,
    /// Draw what is selected alone, or everything again.
    IsolateSelection,
    /// Hide what is selected.
    HideSelection,
    /// Draw everything, as it stands.
    ShowEverything,
    /// See through all but what is selected.
    ToggleXRay,
    /// Cut the plant open, or close it.
    ToggleSection,
    /// Pull the storeys apart, or put them together.
    ToggleSpread,
    /// Measure distances.
    MeasureTool,
    /// Take all measurements away.
    ClearMeasurements,
    /// The next step of the story, or its first.
    StoryNext,
    /// The step before.
    StoryPrevious,
    /// Make the screen black, or show it again.
    StoryBlank,
    /// Let the story go on by itself, over and over, or not.
    StoryLoop,
    /// Begin to record a story, or end it and name it.
    RecordStory,
    /// Keep what is seen as a step of the recorded story.
    KeepStoryStep,
    /// Switch between Operate and Present.
    SwitchLook,
    /// Switch between dark and light panels.
    SwitchTheme,
    /// Let the sun stand where it does at the playhead, or always shine the same.
    ToggleDaylight,
    /// Show or hide the map.
    ToggleMinimap,
    /// Show or hide labels.
    ToggleLabels,
    /// Show or hide the heat colours.
    ToggleHeat,
    /// Show or hide how runs differ, in the view.
    ToggleDifferences,
    /// Show or hide how far the plant lies from what a run expected, in the view.
    ToggleResiduals,
    /// Show or hide the other telling as a ghost.
    ToggleGhost,
    /// Show or hide the other telling beside the shown one.
    ToggleSplit,
    /// Show the plant a second time, by a camera of its own, or not.
    ToggleSecondView,
    /// Acknowledge every alarm that waits. Refused unless live.
    AcknowledgeAll,
    /// Acknowledge the alarm in the banner. Refused unless live.
    AcknowledgeFirst,
    /// Select the alarm in the banner and fly there.
    GoToAlarm,
    /// Say something of the alarm that was acknowledged last, or of that in the banner.
    CommentAlarm,
    /// Silence the horn until another alarm is raised; acknowledges nothing.
    SilenceHorn,
    /// Let alarms be heard, or not.
    ToggleHorn,
    /// Show the alarm list.
    ShowAlarms,
    /// Show how the alarm system does.
    ShowAlarmReview,
    /// Show what is out of the ordinary, and begin with the selected asset.
    ShowAnomalies,
    /// Show which machine fails when.
    ShowHealth,
    /// Show what flows from where to where.
    ShowFlows,
    /// Try other limits of the selected asset on the recorded past.
    TryLimitsOfSelection,
    /// Show the first document of the selected asset.
    OpenDocument,
    /// Choose where to write the alarm list.
    ChooseAlarmExport,
    /// Choose where to write how the alarm system does.
    ChooseReviewExport,
    /// Asks where to write the report of the shift.
    ChooseShiftReport,
    /// Run the first scenario.
    RunBaseline,
    /// Write a note about the instant and the asset that are looked at.
    AddNote,
    /// Choose a scene file.
    ChooseScene,
    /// Choose where to write a picture.
    ChoosePicture,
    /// Choose where to write the trends.
    ChooseTrendExport,
    /// Choose where to write the trends as a picture.
    ChooseTrendPicture,
    /// Tell the range of the trends in numbers, or not.
    ToggleTrendStatistics,
    /// Put all panels back in their places.
    ResetLayout,
    /// Show what the broker publishes.
    ShowTopics,
    /// Stop looking at what the broker publishes.
    StopTopics,
    /// Show signals without data, and data without signals.
    ShowWithoutData,
    /// Take the last topic back that was given to a signal.
    TakeMappingBack,
    /// The command palette.
    ShowPalette,
    /// The list of shortcuts.
    ShowShortcuts,
    /// Larger text.
    ZoomIn,
    /// Smaller text.
    ZoomOut,
    /// Full screen on or off.
    ToggleFullScreen,
    /// Show the plant to everybody who passes by, or no more.
    ToggleKiosk,
    /// Say who sits at the desk.
    SignIn,
    /// Leave the desk.
    SignOut,
    /// Close what is open, clear the selection, leave full screen.
    Escape,
    /// End the program.
    Quit,
}

impl Named {
    /// All of them, in the order of the palette.
    pub const ALL: &'static [Self] = &[
        Self::GoLive,
        Self::TogglePlay,
        Self::GoToStart,
        Self::StepBack,
        Self::StepForward,
        Self::LeapBack,
        Self::LeapForward,
        Self::FrameSelection,
        Self::FollowMember,
        Self::FrameAll,
        Self::TopView,
        Self::IsoView,
        Self::Undo,
        Self::Redo,
        Self::SelectSameKind,
        Self::BoxTool,
        Self::IsolateSelection,
        Self::HideSelection,
        Self::ShowEverything,
        Self::ToggleXRay,
        Self::ToggleSection,
        Self::ToggleSpread,
        Self::MeasureTool,
        Self::ClearMeasurements,
        Self::StoryNext,
        Self::StoryPrevious,
        Self::StoryBlank,
        Self::StoryLoop,
        Self::RecordStory,
        Self::KeepStoryStep,
        Self::SwitchLook,
        Self::SwitchTheme,
        Self::ToggleDaylight,
        Self::ToggleMinimap,
        Self::ToggleLabels,
        Self::ToggleHeat,
        Self::ToggleDifferences,
        Self::ToggleResiduals,
        Self::ToggleGhost,
        Self::ToggleSplit,
        Self::ToggleSecondView,
        Self::AcknowledgeAll,
        Self::AcknowledgeFirst,
        Self::GoToAlarm,
        Self::CommentAlarm,
        Self::SilenceHorn,
        Self::ToggleHorn,
        Self::ShowAlarms,
        Self::ShowAlarmReview,
        Self::ShowAnomalies,
        Self::ShowHealth,
        Self::ShowFlows,
        Self::TryLimitsOfSelection,
        Self::OpenDocument,
        Self::ChooseAlarmExport,
        Self::ChooseReviewExport,
        Self::ChooseShiftReport,
        Self::RunBaseline,
        Self::AddNote,
        Self::ChooseScene,
        Self::ChoosePicture,
        Self::ChooseTrendExport,
        Self::ChooseTrendPicture,
        Self::ToggleTrendStatistics,
        Self::ResetLayout,
        Self::ShowTopics,
        Self::StopTopics,
        Self::ShowWithoutData,
        Self::TakeMappingBack,
        Self::ShowPalette,
        Self::ShowShortcuts,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ToggleFullScreen,
        Self::ToggleKiosk,
        Self::SignIn,
        Self::SignOut,
        Self::Escape,
        Self::Quit,
    ];

    /// Its name on the command line, such as `toggle-labels`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }

    /// The action of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|named| named.name() == name)
    }

    /// What the palette calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::GoLive => "Go live",
            Self::TogglePlay => "Play or pause",
            Self::GoToStart => "Go to the start of the recording",
            Self::StepBack => "Step back 10 s",
            Self::StepForward => "Step forward 10 s",
            Self::LeapBack => "Step back 10 min",
            Self::LeapForward => "Step forward 10 min",
            Self::FrameSelection => "Frame the selection",
            Self::FollowMember => "Follow who moves, or stay",
            Self::FrameAll => "Show the whole plant",
            Self::TopView => "Top view",
            Self::IsoView => "Isometric view",
            Self::Undo => "Undo the last change of the view",
            Self::Redo => "Redo",
            Self::SelectSameKind => "Select all of the same kind",
            Self::BoxTool => "Select in a box",
            Self::IsolateSelection => "Isolate the selection",
            Self::HideSelection => "Hide the selection",
            Self::ShowEverything => "Show everything",
            Self::ToggleXRay => "X-ray: see through all but the selection",
            Self::ToggleSection => "Cut the plant open",
            Self::ToggleSpread => "Pull the storeys apart",
            Self::MeasureTool => "Measure a distance",
            Self::ClearMeasurements => "Clear all measurements",
            Self::StoryNext => "Story: next step",
            Self::StoryPrevious => "Story: previous step",
            Self::StoryBlank => "Story: black screen",
            Self::StoryLoop => "Story: repeat by itself",
            Self::RecordStory => "Record a story, or end it...",
            Self::KeepStoryStep => "Keep this step of the story...",
            Self::SwitchLook => "Switch between Operate and Present",
            Self::SwitchTheme => "Switch between dark and light panels",
            Self::ToggleDaylight => "Sun of the hour, or always the same light",
            Self::ToggleMinimap => "Show or hide the map",
            Self::ToggleLabels => "Show or hide labels",
            Self::ToggleHeat => "Show or hide heat colours",
            Self::ToggleDifferences => "Show or hide differences",
            Self::ToggleResiduals => "Colour by residuals, or as before",
            Self::ToggleGhost => "Show or hide the ghost of the compared run",
            Self::ToggleSplit => "Split the view with the compared run",
            Self::ToggleSecondView => "Second view with a camera of its own",
            Self::AcknowledgeAll => "Acknowledge all alarms",
            Self::AcknowledgeFirst => "Acknowledge the first alarm",
            Self::GoToAlarm => "Go to the first alarm",
            Self::CommentAlarm => "Comment on the alarm...",
            Self::SilenceHorn => "Silence the horn",
            Self::ToggleHorn => "Alarm sound on or off",
            Self::ShowAlarms => "Show the alarm list",
            Self::ShowAlarmReview => "Show the alarm performance",
            Self::ShowAnomalies => "Show anomalies",
            Self::ShowHealth => "Show the health of machines",
            Self::ShowFlows => "Show flows",
            Self::TryLimitsOfSelection => "Try limits of the selected asset",
            Self::OpenDocument => "Open the document of the selected asset",
            Self::ChooseAlarmExport => "Export alarms...",
            Self::ChooseReviewExport => "Export the alarm performance...",
            Self::ChooseShiftReport => "Shift report...",
            Self::RunBaseline => "Run the first scenario",
            Self::AddNote => "Add a note...",
            Self::ChooseScene => "Open a scene...",
            Self::ChoosePicture => "Save a picture...",
            Self::ChooseTrendExport => "Export trends...",
            Self::ChooseTrendPicture => "Save a picture of the trends...",
            Self::ToggleTrendStatistics => "Show or hide statistics of the trends",
            Self::ResetLayout => "Reset the layout",
            Self::ShowTopics => "Browse the broker's topics",
            Self::StopTopics => "Stop browsing the broker's topics",
            Self::ShowWithoutData => "Signals without data, data without signals",
            Self::TakeMappingBack => "Take the last mapped topic back",
            Self::ShowPalette => "Command palette",
            Self::ShowShortcuts => "List of shortcuts",
            Self::ZoomIn => "Larger text",
            Self::ZoomOut => "Smaller text",
            Self::ToggleFullScreen => "Full screen",
            Self::ToggleKiosk => "Kiosk: show the plant only",
            Self::SignIn => "Sign in...",
            Self::SignOut => "Sign out",
            Self::Escape => "Close or clear",
            Self::Quit => "Quit",
        }
    }

    /// Its keys, the first of which is shown.
    pub fn shortcuts(self) -> &'static [KeyboardShortcut] {
        const fn keys(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
            KeyboardShortcut::new(modifiers, key)
        }
        const NONE: Modifiers = Modifiers::NONE;
        const CTRL: Modifiers = Modifiers::COMMAND;
        const SHIFT: Modifiers = Modifiers::SHIFT;
        const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        match self {
            Self::GoLive => const { &[keys(NONE, Key::End)] },
            Self::TogglePlay => const { &[keys(NONE, Key::Space)] },
            Self::GoToStart => const { &[keys(NONE, Key::Home)] },
            Self::StepBack => const { &[keys(NONE, Key::ArrowLeft)] },
            Self::StepForward => const { &[keys(NONE, Key::ArrowRight)] },
            Self::LeapBack => const { &[keys(SHIFT, Key::ArrowLeft)] },
            Self::LeapForward => const { &[keys(SHIFT, Key::ArrowRight)] },
            Self::FrameSelection => const { &[keys(NONE, Key::F)] },
            Self::FollowMember => const { &[keys(NONE, Key::J)] },
            Self::FrameAll => const { &[keys(SHIFT, Key::F)] },
            Self::TopView => const { &[keys(NONE, Key::T)] },
            Self::IsoView => const { &[keys(SHIFT, Key::T)] },
            Self::Undo => const { &[keys(CTRL, Key::Z)] },
            Self::Redo => const { &[keys(CTRL_SHIFT, Key::Z), keys(CTRL, Key::Y)] },
            Self::SelectSameKind => const { &[keys(NONE, Key::K)] },
            Self::BoxTool => const { &[keys(NONE, Key::B)] },
            Self::IsolateSelection => const { &[keys(NONE, Key::I)] },
            Self::HideSelection => const { &[keys(SHIFT, Key::H)] },
            Self::ShowEverything => const { &[keys(NONE, Key::U)] },
            Self::ToggleXRay => const { &[keys(SHIFT, Key::X)] },
            Self::ToggleSection => const { &[keys(NONE, Key::C)] },
            Self::ToggleSpread => const { &[keys(NONE, Key::Y)] },
            Self::MeasureTool => const { &[keys(NONE, Key::M)] },
            Self::StoryNext => const { &[keys(NONE, Key::PageDown)] },
            Self::StoryPrevious => const { &[keys(NONE, Key::PageUp)] },
            Self::StoryBlank => const { &[keys(NONE, Key::Period)] },
            Self::RecordStory => const { &[keys(CTRL_SHIFT, Key::R)] },
            Self::KeepStoryStep => const { &[keys(CTRL_SHIFT, Key::K)] },
            Self::SwitchLook => const { &[keys(NONE, Key::P)] },
            Self::SwitchTheme => const { &[keys(SHIFT, Key::P)] },
            Self::ToggleMinimap => const { &[keys(SHIFT, Key::M)] },
            Self::ToggleLabels => const { &[keys(NONE, Key::L)] },
            Self::ToggleHeat => const { &[keys(NONE, Key::H)] },
            Self::ToggleDifferences => const { &[keys(NONE, Key::X)] },
            Self::ToggleGhost => const { &[keys(NONE, Key::G)] },
            Self::ToggleSplit => const { &[keys(NONE, Key::V)] },
            Self::ToggleSecondView => const { &[keys(SHIFT, Key::V)] },
            Self::AcknowledgeAll => const { &[keys(CTRL, Key::Enter)] },
            Self::AcknowledgeFirst => const { &[keys(NONE, Key::F2)] },
            Self::CommentAlarm => const { &[keys(NONE, Key::F3)] },
            Self::SilenceHorn => const { &[keys(NONE, Key::F4)] },
            Self::GoToAlarm => const { &[keys(NONE, Key::F6)] },
            Self::ShowAlarms => const { &[keys(NONE, Key::F7)] },
            Self::RunBaseline => const { &[keys(NONE, Key::R)] },
            Self::AddNote => const { &[keys(NONE, Key::N)] },
            Self::ChooseScene => const { &[keys(CTRL, Key::O)] },
            Self::ChoosePicture => const { &[keys(CTRL, Key::S)] },
            Self::ChooseTrendExport => const { &[keys(CTRL, Key::E)] },
            Self::ShowPalette => const { &[keys(CTRL, Key::K), keys(CTRL, Key::P)] },
            Self::ShowShortcuts => const { &[keys(NONE, Key::Questionmark), keys(NONE, Key::F1)] },
            Self::ZoomIn => const { &[keys(CTRL, Key::Plus), keys(CTRL, Key::Equals)] },
            Self::ZoomOut => const { &[keys(CTRL, Key::Minus)] },
            Self::ToggleFullScreen => const { &[keys(NONE, Key::F11)] },
            Self::SignIn => const { &[keys(CTRL, Key::L)] },
            Self::SignOut => const { &[keys(CTRL_SHIFT, Key::L)] },
            Self::Escape => const { &[keys(NONE, Key::Escape)] },
            Self::Quit => const { &[keys(CTRL, Key::Q)] },
            Self::ToggleDaylight
            | Self::ToggleResiduals
            | Self::ToggleKiosk
            | Self::ResetLayout
            | Self::ShowTopics
            | Self::StopTopics
            | Self::ShowWithoutData
            | Self::TakeMappingBack
            | Self::ToggleHorn
            | Self::ShowAlarmReview
            | Self::ShowAnomalies
            | Self::ShowHealth
            | Self::ShowFlows
            | Self::TryLimitsOfSelection
            | Self::OpenDocument
            | Self::ChooseAlarmExport
            | Self::ChooseReviewExport
            | Self::ChooseShiftReport
            | Self::ChooseTrendPicture
            | Self::ToggleTrendStatistics
            | Self::ClearMeasurements
            | Self::StoryLoop => &[],
        }
    }
}
