//! Which right every action needs, and where. The one rule: the gate refuses by it, and every
//! button greys out by it.
//!
//! No action is missing, and none is lumped with "the rest": whoever adds one must say here what
//! it needs.

use super::action::{Action, Named, OrderStep};
use super::story_recorder::StoryEdit;
use super::topics::TopicEdit;
use super::who::{Identity, Who};
use crate::access::Right;
use crate::alarm::{AlarmId, Happening};
use crate::command::{Order, OrderId};
use crate::scene::{AssetIndex, Scene};
use crate::signal::SignalId;

/// What an action needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Anybody may, also one who passes by a kiosk.
    Look,
    /// Anybody at a desk may: it changes what is on this screen, or writes files of what is seen.
    Use,
    /// He must have the right there.
    Right(Right, At),
}

/// Where a right is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// For the whole plant.
    Plant,
    /// For any part of it: what is touched is asked again when it is known.
    Somewhere,
    /// At an asset; for the whole plant if none is given.
    Asset(Option<AssetIndex>),
    /// At the asset of a signal.
    Signal(SignalId),
    /// At the assets of all these alarms.
    Alarms(Vec<AlarmId>),
    /// At the asset of the alarm in the banner.
    FirstAlarm,
    /// At the asset to which an order goes.
    Order(OrderId),
}

/// What must be known to say where something is.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The plant.
    pub scene: &'a Scene,
    /// The orders that are known.
    pub orders: &'a [Order],
    /// The asset of the alarm in the banner.
    pub first_alarm: Option<AssetIndex>,
}

/// Why something is not permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// A kiosk only shows.
    Kiosk,
    /// A right is missing, there.
    Missing(Right, Option<AssetIndex>),
}

impl Who {
    /// Whether what is needed is permitted.
    pub fn permits(&self, need: &Need, around: Around<'_>) -> Result<(), Denied> {
        match need {
            Need::Look => Ok(()),
            _ if self.kiosk => Err(Denied::Kiosk),
            Need::Use => Ok(()),
            Need::Right(right, at) => self.permits_at(*right, at, around),
        }
    }

    fn permits_at(&self, right: Right, at: &At, around: Around<'_>) -> Result<(), Denied> {
        let scene = around.scene;
        let here = |asset: Option<AssetIndex>| match self.may(right, scene, asset) {
            true => Ok(()),
            false => Err(Denied::Missing(right, asset)),
        };
        let anywhere = || match self.may_somewhere(right) {
            true => Ok(()),
            false => Err(Denied::Missing(right, None)),
        };
        let known = |signal: SignalId| scene.signals.get(signal.index());
        match at {
            At::Plant => here(None),
            At::Somewhere => anywhere(),
            At::Asset(asset) => here(*asset),
            At::Signal(signal) => known(*signal).map_or_else(anywhere, |one| here(Some(one.asset))),
            At::FirstAlarm => around
                .first_alarm
                .map_or_else(anywhere, |one| here(Some(one))),
            At::Order(id) => {
                let order = around.orders.iter().find(|order| order.id == *id);
                let signal = order.and_then(|order| known(order.signal));
                signal.map_or_else(anywhere, |one| here(Some(one.asset)))
            }
            At::Alarms(alarms) => {
                if alarms.is_empty() {
                    return anywhere();
                }
                for (place, source) in scene.alarm_sources().enumerate() {
                    if alarms.iter().any(|alarm| alarm.index() == place) {
                        here(Some(scene.signal(source.signal()).asset))?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl Denied {
    /// Why, for a button.
    pub const fn hover(self) -> &'static str {
        let right = match self {
            Self::Kiosk => return "The kiosk only shows the plant",
            Self::Missing(right, _) => right,
        };
        match right {
            Right::See => "Looking needs a role here",
            Right::Note => "Writing notes needs the operator's or planner's role here",
            Right::Acknowledge => "Acknowledging needs the operator's role here",
            Right::Shelve => "Shelving needs the operator's role here",
            Right::Write => "Writing to the plant needs the operator's role here",
            Right::Simulate => "Computing futures needs the operator's or planner's role",
            Right::EditScenarios => "Changing scenarios needs the planner's role",
            Right::EditLimits => "Changing limits needs the engineer's role here",
            Right::TakeOutOfService => "Taking out of service needs the engineer's role here",
            Right::EditScene => "Changing the scene needs the engineer's role",
            Right::ManageAccounts => "Managing accounts needs the administrator's role",
        }
    }

    /// Why, with all that is known: `Acknowledging needs the operator's role for Pumping station
    /// (PS-1); signed in as Ada, viewer`.
    pub fn sentence(self, who: &Who, scene: &Scene) -> String {
        let asset = match self {
            Self::Kiosk => {
                return "The kiosk only shows the plant: press Esc to leave it".to_owned();
            }
            Self::Missing(_, asset) => asset,
        };
        let what = self.hover();
        let what = what.strip_suffix(" here").unwrap_or(what);
        // The area that it belongs to: what it is part of, and part of nothing itself.
        let parts = std::iter::successors(asset, |asset| scene.asset(*asset).parent);
        let place = parts.last().map_or_else(String::new, |area| {
            let area = scene.asset(area);
            format!(" for {} ({})", area.label, area.tag)
        });
        let signed = match &who.identity {
            Identity::Nobody => "nobody is signed in".to_owned(),
            _ => format!("signed in as {}, {}", who.name(), who.role_text()),
        };
        format!("{what}{place}; {signed}")
    }
}

impl Action {
    /// What it needs.
    pub fn need(&self) -> Need {
        let plant = |right| Need::Right(right, At::Plant);
        match self {
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
            | Self::SetHeat(_)
            // How to become somebody who may.
            | Self::SignIn(_) => Need::Look,
            Self::SetQuality(_)
            | Self::ToggleTrend(_)
            | Self::ReviewAlarms(_)
            | Self::TryLimits(_)
            | Self::FindAnomalies(_)
            | Self::Compare(_)
            | Self::OpenScene(_)
            | Self::OpenDocument(_)
            | Self::SavePicture(_)
            | Self::ExportTrends(_)
            | Self::SaveTrendPicture(_)
            | Self::ExportAlarms(_)
            | Self::ExportAlarmReview(_)
            | Self::WriteShiftReport(_)
            | Self::DraftMapping(_) => Need::Use,
            Self::Topics(TopicEdit::Look { .. }) => Need::Use,
            Self::Topics(TopicEdit::Map(_) | TopicEdit::TakeBack(_)) => plant(Right::EditScene),
            Self::Acknowledge(alarm) => {
                Need::Right(Right::Acknowledge, At::Alarms(vec![*alarm]))
            }
            Self::AlarmAct(alarm, happening) => {
                Need::Right(right_to(happening), At::Alarms(vec![*alarm]))
            }
            Self::CommentAlarms(alarms, _) => Need::Right(Right::Note, At::Alarms(alarms.clone())),
            Self::Note(note) => Need::Right(Right::Note, At::Asset(note.asset)),
            Self::Override(_)
            | Self::StartRun(_)
            | Self::WeighMaintenance(..)
            | Self::CancelRun(_)
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
            | Self::DiscardRun(_) => plant(Right::Simulate),
            Self::KeepScenario(_) | Self::RemoveScenario(_) => plant(Right::EditScenarios),
            Self::Story(edit) => match edit {
                StoryEdit::Keep(_)
                | StoryEdit::Caption(_)
                | StoryEdit::DropStep
                | StoryEdit::RemoveLast
                | StoryEdit::GoOn
                | StoryEdit::Discard => plant(Right::EditScenarios),
            },
            Self::ShowOrder(signal) => Need::Right(Right::Write, At::Signal(*signal)),
            Self::Order(step) => match step {
                OrderStep::Arm(signal, _) => Need::Right(Right::Write, At::Signal(*signal)),
                OrderStep::Confirm(id) | OrderStep::Withdraw(id) => {
                    Need::Right(Right::Write, At::Order(*id))
                }
            },
            Self::Named(named) => named.need(),
        }
    }
}

/// The right to let this happen to an alarm.
const fn right_to(happening: &Happening) -> Right {
    match happening {
        Happening::Acknowledge | Happening::Reset => Right::Acknowledge,
        Happening::Shelve(_) | Happening::Unshelve => Right::Shelve,
        Happening::TakeOutOfService | Happening::ReturnToService => Right::TakeOutOfService,
        // What no person does is for nobody to ask, but for whoever may change the rules.
        Happening::Raised | Happening::Cleared | Happening::Suppress | Happening::Unsuppress => {
            Right::EditLimits
        }
    }
}

impl Named {
    /// What it needs.
    pub fn need(self) -> Need {
        let plant = |right| Need::Right(right, At::Plant);
        let somewhere = |right| Need::Right(right, At::Somewhere);
        match self {
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
            | Self::ZoomIn
            | Self::ZoomOut
            // The door has its own rule for who leaves a kiosk.
            | Self::ToggleKiosk
            | Self::SignIn
            | Self::Escape => Need::Look,
            Self::ShowAlarms
            | Self::ShowAlarmReview
            | Self::ShowAnomalies
            | Self::ShowHealth
            | Self::ShowFlows
            | Self::TryLimitsOfSelection
            | Self::OpenDocument
            | Self::ChooseAlarmExport
            | Self::ChooseReviewExport
            | Self::ChooseShiftReport
            | Self::ChooseScene
            | Self::ChoosePicture
            | Self::ChooseTrendExport
            | Self::ChooseTrendPicture
            | Self::ToggleTrendStatistics
            | Self::ResetLayout
            | Self::ShowTopics
            | Self::StopTopics
            | Self::ShowWithoutData
            | Self::ShowPalette
            | Self::ShowShortcuts
            | Self::ToggleFullScreen
            | Self::SignOut
            | Self::Quit => Need::Use,
            Self::AcknowledgeFirst => Need::Right(Right::Acknowledge, At::FirstAlarm),
            // Those of other areas are left as they are.
            Self::AcknowledgeAll => somewhere(Right::Acknowledge),
            // Who does not answer for alarms keeps nobody else from hearing them.
            Self::SilenceHorn | Self::ToggleHorn => somewhere(Right::Acknowledge),
            Self::CommentAlarm | Self::AddNote => somewhere(Right::Note),
            Self::TakeMappingBack => plant(Right::EditScene),
            Self::RunBaseline => plant(Right::Simulate),
            Self::RecordStory | Self::KeepStoryStep => plant(Right::EditScenarios),
        }
    }
}
