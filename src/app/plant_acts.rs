//! Which actions change the plant or its alarms: those are refused unless it is looked at live.

use super::action::{Action, Named, OrderStep};

impl Action {
    /// True for what changes the plant or its alarms: refused unless live.
    pub const fn acts_on_plant(&self) -> bool {
        match self {
            Self::Acknowledge(_) | Self::AlarmAct(..) => true,
            Self::Order(step) => match step {
                OrderStep::Arm(..) | OrderStep::Confirm(_) => true,
                OrderStep::Withdraw(_) => false,
            },
            Self::Named(named) => named.acts_on_plant(),
            Self::Refused
            | Self::Timeline(_)
            | Self::Select(_)
            | Self::SelectAlso(_)
            | Self::SelectMember(_)
            | Self::SelectAll(_)
            | Self::Reveal(_)
            | Self::MeasureAt(_)
            | Self::Restore(_)
            | Self::Hover(_)
            | Self::CloseWindows
            | Self::FlyTo(_)
            | Self::LookAt(_)
            | Self::SecondView(_)
            | Self::Turn(_)
            | Self::LookThere(_)
            | Self::LookFrom(..)
            | Self::GoToBookmark(_)
            | Self::StartStory(_)
            | Self::Story(_)
            | Self::SetHeat(_)
            | Self::SetQuality(_)
            | Self::ToggleTrend(_)
            | Self::Override(_)
            | Self::CommentAlarms(..)
            | Self::ReviewAlarms(_)
            | Self::TryLimits(_)
            | Self::FindAnomalies(_)
            | Self::StartRun(_)
            | Self::WeighMaintenance(..)
            | Self::CancelRun(_)
            | Self::KeepScenario(_)
            | Self::RemoveScenario(_)
            | Self::PauseRun(..)
            | Self::ExtendRun(..)
            | Self::AddMembers(..)
            | Self::RunAgain(_)
            | Self::RunOtherwise(_)
            | Self::Explore(..)
            | Self::CancelExplore
            | Self::OpenTrial(_)
            | Self::Estimate
            | Self::StartEstimated(_)
            | Self::StartHindcasts
            | Self::CancelHindcasts
            | Self::DiscardRun(_)
            | Self::Compare(_)
            | Self::Note(_)
            | Self::OpenScene(_)
            | Self::OpenDocument(_)
            | Self::SavePicture(_)
            | Self::ExportTrends(_)
            | Self::SaveTrendPicture(_)
            | Self::ExportAlarms(_)
            | Self::ExportAlarmReview(_)
            | Self::WriteShiftReport(_)
            | Self::ShowOrder(_)
            | Self::Topics(_)
            | Self::DraftMapping(_)
            | Self::SignIn(_) => false,
        }
    }
}

impl Named {
    /// True for what changes the plant or its alarms: refused unless live.
    pub const fn acts_on_plant(self) -> bool {
        match self {
            Self::AcknowledgeAll | Self::AcknowledgeFirst => true,
            Self::GoLive
            | Self::TogglePlay
            | Self::GoToStart
            | Self::StepBack
            | Self::StepForward
            | Self::LeapBack
            | Self::LeapForward
            | Self::FrameSelection
            | Self::FollowMember
            | Self::FrameAll
            | Self::TopView
            | Self::IsoView
            | Self::Undo
            | Self::Redo
            | Self::SelectSameKind
            | Self::BoxTool
            | Self::IsolateSelection
            | Self::HideSelection
            | Self::ShowEverything
            | Self::ToggleXRay
            | Self::ToggleSection
            | Self::ToggleSpread
            | Self::MeasureTool
            | Self::ClearMeasurements
            | Self::StoryNext
            | Self::StoryPrevious
            | Self::StoryBlank
            | Self::StoryLoop
            | Self::RecordStory
            | Self::KeepStoryStep
            | Self::SwitchLook
            | Self::SwitchTheme
            | Self::ToggleDaylight
            | Self::ToggleMinimap
            | Self::ToggleLabels
            | Self::ToggleHeat
            | Self::ToggleDifferences
            | Self::ToggleResiduals
            | Self::ToggleGhost
            | Self::ToggleSplit
            | Self::ToggleSecondView
            | Self::GoToAlarm
            | Self::CommentAlarm
            | Self::SilenceHorn
            | Self::ToggleHorn
            | Self::ShowAlarms
            | Self::ShowAlarmReview
            | Self::ShowAnomalies
            | Self::ShowHealth
            | Self::ShowFlows
            | Self::TryLimitsOfSelection
            | Self::OpenDocument
            | Self::ChooseAlarmExport
            | Self::ChooseReviewExport
            | Self::ChooseShiftReport
            | Self::RunBaseline
            | Self::AddNote
            | Self::ChooseScene
            | Self::ChoosePicture
            | Self::ChooseTrendExport
            | Self::ChooseTrendPicture
            | Self::ToggleTrendStatistics
            | Self::ResetLayout
            | Self::ShowTopics
            | Self::StopTopics
            | Self::ShowWithoutData
            | Self::TakeMappingBack
            | Self::ShowPalette
            | Self::ShowShortcuts
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ToggleFullScreen
            | Self::ToggleKiosk
            | Self::SignIn
            | Self::SignOut
            | Self::Escape
            | Self::Quit => false,
        }
    }
}
