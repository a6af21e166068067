//! What each named action does in a sentence, and when it can be done: for the palette, the
//! menus and whoever reads a disabled button.

use super::Twin;
use super::alarms::ONLY_LIVE;
use super::alarms::trial::limited_signal;
use super::expected::residuals_allowed;
use crate::app::action::Named;
use crate::app::who::Identity;
use crate::scene::DocumentIndex;
use crate::timeline::Mode;

const NOTHING_SELECTED: &str = "Select an asset first";
const NOTHING_RECORDED: &str = "Nothing is recorded: open the scene with --store";
const NO_STORY: &str = "The scene has no story";

impl Named {
    /// What it does, in a sentence.
    pub const fn help(self) -> &'static str {
        match self {
            Self::GoLive => "The playhead follows the present again",
            Self::TogglePlay => "Lets the plant go on from the playhead, or stand still",
            Self::GoToStart => "Goes to the oldest sample there is",
            Self::StepBack | Self::LeapBack => "Moves the playhead back and lets it stand",
            Self::StepForward | Self::LeapForward => "Moves the playhead on and lets it stand",
            Self::FrameSelection => "Flies to what is selected, so that it fills the view",
            Self::FollowMember => "The camera follows who moves and is selected, or stays",
            Self::FrameAll => "Shows all of the plant",
            Self::TopView => "Looks straight down, without perspective",
            Self::IsoView => "Looks from above one corner, without perspective",
            Self::Undo => "Takes back the last change of selection, layers or section",
            Self::Redo => "Does again what was undone",
            Self::SelectSameKind => "Selects every asset of the selected one's type",
            Self::BoxTool => "A drag over the plant selects all in the box",
            Self::IsolateSelection => "Draws what is selected alone, or everything again",
            Self::HideSelection => "Does not draw what is selected; its alarms are still told",
            Self::ShowEverything => "Draws everything again, uncut and in its place",
            Self::ToggleXRay => "Everything but the selection becomes transparent",
            Self::ToggleSection => "Cuts the plant open at planes that can be moved",
            Self::ToggleSpread => "Lifts each storey off the one below",
            Self::MeasureTool => "Two clicks measure a distance",
            Self::ClearMeasurements => "Takes all measured distances away",
            Self::StoryNext => "Goes to the next step of the story, or begins it",
            Self::StoryPrevious => "Goes to the step before",
            Self::StoryBlank => "Makes the screen black, or shows it again",
            Self::StoryLoop => "The story goes on by itself, over and over",
            Self::RecordStory => "Begins to record a story; ends it and asks for its name",
            Self::KeepStoryStep => "Keeps what is seen as a step of the recorded story",
            Self::SwitchLook => "Grey for operators, or lit and coloured for visitors",
            Self::SwitchTheme => "Dark panels for dark rooms, or light ones for bright rooms",
            Self::ToggleDaylight => "The sun stands where it does at the playhead",
            Self::ToggleSecondView => "Shows the plant a second time, by a camera of its own",
            Self::ToggleTrendStatistics => {
                "Mean, extremes and more of the shown range of the trends"
            }
            Self::ToggleMinimap => "A map of the plant with what is seen of it",
            Self::ToggleLabels => "Tags and values beside the assets",
            Self::ToggleHeat => "Colours the plant by a signal",
            Self::ToggleDifferences => "Colours the plant by how two runs differ",
            Self::ToggleResiduals => {
                "How many standard deviations the plant lies from what a run expected of it"
            }
            Self::ToggleGhost => "Draws the compared run as a ghost over the shown one",
            Self::ToggleSplit => "Draws the compared run beside the shown one",
            Self::AcknowledgeAll => "Says of every alarm that waits that it was seen",
            Self::AcknowledgeFirst => "Says that the alarm in the banner was seen",
            Self::GoToAlarm => "Selects the asset of the alarm in the banner and flies there",
            Self::CommentAlarm => {
                "Writes into the journal what is known of the alarm acknowledged last"
            }
            Self::SilenceHorn => "Quiet until another alarm is raised; acknowledges nothing",
            Self::ToggleHorn => "Alarms are heard through the desktop's player, or not",
            Self::ShowAlarms => "Brings the alarm list to the front",
            Self::ShowAnomalies => "A detector learns what is ordinary and scores what follows",
            Self::ShowHealth => "How long each machine lasts by its wear, who fails first on top",
            Self::ShowFlows => "What went from place to place, as wide as it is much",
            Self::ShowAlarmReview => "Rates, floods and worst alarms, against their targets",
            Self::TryLimitsOfSelection => {
                "What other limits would have raised in the recorded past"
            }
            Self::OpenDocument => {
                "Shows its first document in the desktop's program; the palette lists the others"
            }
            Self::ChooseAlarmExport => "Writes the alarm list, as it is filtered, as CSV",
            Self::ChooseReviewExport => "Writes rates, floods and worst alarms as CSV",
            Self::ChooseShiftReport => {
                "Writes the eight hours up to the playhead as a page to print: alarms, notes, trends"
            }
            Self::RunBaseline => "Computes the future if everything goes on as it is",
            Self::AddNote => "Records a note about the instant and the asset looked at",
            Self::ChooseScene => "Opens another scene or water network",
            Self::ChoosePicture => "Writes what is on screen as a picture",
            Self::ChooseTrendExport => "Writes what is recorded of the trends as CSV",
            Self::ChooseTrendPicture => "Writes the trends as they stand, as PNG or SVG",
            Self::ResetLayout => "Puts every panel back in its first place",
            Self::ShowTopics => {
                "What is published, how fast, what came last, and why nothing arrives"
            }
            Self::StopTopics => "Ends the connection on which the broker's topics are looked at",
            Self::ShowWithoutData => {
                "Lists signals that nothing comes for, and topics that lead to no signal"
            }
            Self::TakeMappingBack => "The signal is no longer read from the topic given to it last",
            Self::ShowPalette => "Finds any action, asset or signal by a few letters",
            Self::ShowShortcuts => "Lists every key and what the mouse does",
            Self::ZoomIn => "Text and panels become larger, up to twice their size",
            Self::ZoomOut => "Text and panels become smaller, down to four fifths",
            Self::ToggleFullScreen => "The window takes the whole screen, or gives it back",
            Self::ToggleKiosk => "Only view, alarms and time, for whoever passes by; Esc leaves it",
            Self::SignIn => "Asks for name and password, so that the desk knows who may do what",
            Self::SignOut => "Leaves the desk to somebody else, who may look until he signs in",
            Self::Escape => "Closes what is open, clears the selection, leaves full screen",
            Self::Quit => "Ends the program; what is recorded is kept",
        }
    }

    /// Whether it can be done now, or why not.
    pub fn allowed(self, twin: &Twin<'_>) -> Result<(), &'static str> {
        twin.permits(&self.need())?;
        let if_so = |so: bool, otherwise: &'static str| so.then_some(()).ok_or(otherwise);
        if self.acts_on_plant() && twin.timeline.mode() != Mode::Live {
            return Err(ONLY_LIVE);
        }
        match self {
            Self::GoLive => if_so(twin.timeline.mode() != Mode::Live, "It is live already"),
            Self::FrameSelection | Self::HideSelection | Self::SelectSameKind => {
                if_so(twin.selection.selected.is_some(), NOTHING_SELECTED)
            }
            Self::IsolateSelection => {
                let possible =
                    twin.selection.selected.is_some() || twin.revealed.now.alone.is_some();
                if_so(possible, NOTHING_SELECTED)
            }
            Self::TryLimitsOfSelection => {
                let asset = twin.selection.selected.ok_or(NOTHING_SELECTED)?;
                let limited = limited_signal(asset, twin.scene).is_some();
                if_so(limited, "The selected asset has no limits")
            }
            Self::OpenDocument => {
                let asset = twin.selection.selected.ok_or(NOTHING_SELECTED)?;
                let of = |index: &DocumentIndex| &twin.scene.documents[index.index()];
                let documents = &twin.scene.asset(asset).documents;
                let any = documents.iter().any(|index| of(index).is_there());
                if_so(any, "The selected asset has no document")
            }
            Self::ToggleResiduals if !twin.settings.residuals => residuals_allowed(twin),
            Self::Undo => if_so(twin.undo.0, "There is nothing to undo"),
            Self::Redo => if_so(twin.undo.1, "Nothing was undone"),
            Self::ClearMeasurements => {
                if_so(!twin.ruler.measurements.is_empty(), "Nothing was measured")
            }
            Self::StoryNext | Self::StoryPrevious | Self::StoryLoop => {
                if_so(!twin.scene.stories.is_empty(), NO_STORY)
            }
            Self::KeepStoryStep => if_so(twin.recorded.is_some(), "Record a story first"),
            Self::AcknowledgeAll | Self::AcknowledgeFirst => {
                if_so(twin.desk.first().is_some(), "No alarm waits")
            }
            Self::GoToAlarm => if_so(twin.desk.first().is_some(), "No alarm waits"),
            Self::CommentAlarm => {
                if_so(
                    twin.desk.subject().is_some(),
                    "There is no alarm to speak of",
                )?;
                if_so(twin.recording.is_some(), NOTHING_RECORDED)
            }
            Self::SilenceHorn => if_so(twin.desk.horn.sounding.is_some(), "The horn is quiet"),
            Self::ToggleHorn => if_so(
                twin.desk.horn.player.is_some(),
                "No player was found: install pw-play, paplay or aplay",
            ),
            Self::ChooseReviewExport => if_so(
                twin.desk.review.report.is_some(),
                "Show the alarm performance first",
            ),
            Self::RunBaseline => if_so(
                !twin.scene.scenarios.is_empty(),
                "The scene has no scenario",
            ),
            Self::AddNote | Self::ChooseShiftReport => {
                if_so(twin.recording.is_some(), NOTHING_RECORDED)
            }
            Self::ShowTopics => if_so(
                !twin.sources.is_empty(),
                "No broker is connected: the scene names no source",
            ),
            Self::StopTopics => if_so(twin.topics.look.is_some(), "No topics are looked at"),
            Self::TakeMappingBack => if_so(!twin.scene.mappings.is_empty(), "No topic was mapped"),
            Self::SignOut => if_so(
                matches!(twin.who.identity, Identity::Account { .. }),
                "Nobody is signed in",
            ),
            Self::TogglePlay
            | Self::GoToStart
            | Self::StepBack
            | Self::StepForward
            | Self::LeapBack
            | Self::LeapForward
            | Self::FollowMember
            | Self::FrameAll
            | Self::TopView
            | Self::IsoView
            | Self::BoxTool
            | Self::ShowEverything
            | Self::ToggleXRay
            | Self::ToggleSection
            | Self::ToggleSpread
            | Self::MeasureTool
            | Self::StoryBlank
            | Self::RecordStory
            | Self::SwitchLook
            | Self::SwitchTheme
            | Self::ToggleDaylight
            | Self::ToggleMinimap
            | Self::ToggleTrendStatistics
            | Self::ToggleSecondView
            | Self::ToggleLabels
            | Self::ToggleHeat
            | Self::ToggleDifferences
            | Self::ToggleResiduals
            | Self::ToggleGhost
            | Self::ToggleSplit
            | Self::ShowAlarms
            | Self::ShowAlarmReview
            | Self::ShowAnomalies
            | Self::ShowHealth
            | Self::ShowFlows
            | Self::ChooseAlarmExport
            | Self::ChooseScene
            | Self::ChoosePicture
            | Self::ChooseTrendExport
            | Self::ChooseTrendPicture
            | Self::ResetLayout
            | Self::ShowWithoutData
            | Self::ShowPalette
            | Self::ShowShortcuts
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ToggleFullScreen
            | Self::ToggleKiosk
            | Self::SignIn
            | Self::Escape
            | Self::Quit => Ok(()),
        }
    }
}
