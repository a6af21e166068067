//! What people did, for the audit: each change once, when it was done, with who did it.
//!
//! Systems that know whether something succeeded write a [`Deed`] when it did. What only asks
//! for something, and cannot fail halfway, is written down by [`of_action`].

use std::path::{Path, PathBuf};

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::notices::Tell;
use super::recording::Store;
use super::sign_in::Entrance;
use super::topics::TopicEdit;
use super::who::Who;
use crate::recording::{AuditRecord, AuditTrail};
use crate::telemetry::now;

/// Something that somebody did.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What, in a word or two.
    pub what: &'static str,
    /// To what.
    pub subject: String,
    /// The particulars.
    pub detail: String,
    /// Who; whoever is at the desk if not given.
    pub by: Option<String>,
    /// True if it is told beside the accounts where nothing is recorded.
    pub always: bool,
}

impl Deed {
    /// By whoever is at the desk.
    pub fn new(what: &'static str, subject: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            what,
            subject: subject.into(),
            detail: detail.into(),
            by: None,
            always: false,
        }
    }

    /// By this one.
    pub fn by(self, name: &str) -> Self {
        Self {
            by: Some(name.to_owned()),
            ..self
        }
    }

    /// Told beside the accounts where nothing is recorded.
    pub fn always(self) -> Self {
        Self {
            always: true,
            ..self
        }
    }
}

/// The log beside the accounts, for what must be told where nothing is recorded.
#[derive(Resource, Default)]
struct Beside(Option<(PathBuf, AuditTrail)>);

pub(super) fn plugin(app: &mut App) {
    app.add_message::<Deed>()
        .init_resource::<Beside>()
        .add_systems(
            PreUpdate,
            note_asked
                .run_if(on_message::<Action>)
                .in_set(TwinSystems::Steer),
        )
        .add_systems(PostUpdate, keep.run_if(on_message::<Deed>));
}

fn note_asked(mut actions: MessageReader<Action>, mut deeds: MessageWriter<Deed>) {
    for action in actions.read() {
        if let Some((what, subject)) = of_action(action) {
            deeds.write(Deed::new(what, subject, ""));
        }
    }
}

/// Writes deeds into the audit of the store, or beside the accounts.
fn keep(
    mut deeds: MessageReader<Deed>,
    who: Res<Who>,
    entrance: Res<Entrance>,
    mut store: ResMut<Store>,
    mut beside: ResMut<Beside>,
    mut tell: MessageWriter<Tell>,
) {
    for deed in deeds.read() {
        let record = AuditRecord {
            at: now(),
            by: deed.by.clone().unwrap_or_else(|| who.name().to_owned()),
            action: deed.what.to_owned(),
            subject: deed.subject.clone(),
            detail: deed.detail.clone(),
        };
        let recording = store.bypass_change_detection().0.as_mut();
        let recorded = recording.is_some_and(|recording| recording.audit(record.clone()));
        let folder = entrance.file.as_deref().and_then(Path::parent);
        if let (false, true, Some(folder)) = (recorded, deed.always, folder)
            && let Err(error) = beside.append(folder, record)
        {
            tell.write(Tell::warning(format!("the audit is not written: {error}")));
        }
    }
}

impl Beside {
    fn append(&mut self, folder: &Path, record: AuditRecord) -> std::io::Result<()> {
        if self.0.as_ref().is_none_or(|(known, _)| known != folder) {
            self.0 = Some((folder.to_owned(), AuditTrail::start(folder)?));
        }
        if let Some((_, trail)) = &self.0 {
            trail.append(record);
        }
        Ok(())
    }
}

/// What is written down when it is asked for: `(deed, subject)`.
fn of_action(action: &Action) -> Option<(&'static str, String)> {
    let run = |run: &crate::signal::RunId| run.to_string();
    let file = |path: &Path| path.display().to_string();
    Some(match action {
        Action::CancelRun(id) => ("cancel run", run(id)),
        Action::PauseRun(id, true) => ("pause run", run(id)),
        Action::PauseRun(id, false) => ("go on with run", run(id)),
        Action::ExtendRun(id, _) => ("extend run", run(id)),
        Action::AddMembers(id, _) => ("add members to run", run(id)),
        Action::DiscardRun(id) => ("discard run", run(id)),
        Action::Explore(scenario, _) => ("explore", scenario.name.clone()),
        Action::CancelExplore => ("cancel the exploration", String::new()),
        Action::Estimate => ("estimate", String::new()),
        Action::StartHindcasts => ("judge forecasts", String::new()),
        Action::CancelHindcasts => ("cancel judging forecasts", String::new()),
        Action::OpenScene(path) => ("open scene", file(path)),
        Action::SavePicture(path) => ("save picture", file(path)),
        Action::ExportTrends(path) => ("export trends", file(path)),
        Action::SaveTrendPicture(path) => ("save picture of the trends", file(path)),
        Action::ExportAlarms(path) => ("export alarms", file(path)),
        Action::ExportAlarmReview(path) => ("export alarm performance", file(path)),
        Action::WriteShiftReport(path) => ("report shift", file(path)),
        Action::Topics(TopicEdit::Look { filter, .. }) => ("browse topics", filter.clone()),
        Action::Named(named) => return of_named(*named).map(|what| (what, String::new())),
        // Those who do it say so when it was done.
        Action::Acknowledge(_)
        | Action::AlarmAct(..)
        | Action::CommentAlarms(..)
        | Action::Note(_)
        | Action::Order(_)
        | Action::StartRun(_)
        | Action::WeighMaintenance(..)
        | Action::RunAgain(_)
        | Action::RunOtherwise(_)
        | Action::OpenTrial(_)
        | Action::StartEstimated(_)
        | Action::KeepScenario(_)
        | Action::RemoveScenario(_)
        | Action::Story(_)
        | Action::Topics(TopicEdit::Map(_) | TopicEdit::TakeBack(_))
        | Action::SignIn(_) => return None,
        // They change nothing but what is seen here.
        Action::Refused
        | Action::Timeline(_)
        | Action::Select(_)
        | Action::SelectAlso(_)
        | Action::SelectMember(_)
        | Action::SelectAll(_)
        | Action::Reveal(_)
        | Action::MeasureAt(_)
        | Action::Restore(_)
        | Action::Hover(_)
        | Action::CloseWindows
        | Action::FlyTo(_)
        | Action::LookAt(_)
        | Action::SecondView(_)
        | Action::Turn(_)
        | Action::LookThere(_)
        | Action::LookFrom(..)
        | Action::GoToBookmark(_)
        | Action::StartStory(_)
        | Action::SetHeat(_)
        | Action::SetQuality(_)
        | Action::ToggleTrend(_)
        | Action::Override(_)
        | Action::ReviewAlarms(_)
        | Action::TryLimits(_)
        | Action::FindAnomalies(_)
        | Action::Compare(_)
        | Action::DraftMapping(_)
        | Action::OpenDocument(_)
        | Action::ShowOrder(_) => return None,
    })
}

fn of_named(named: Named) -> Option<&'static str> {
    match named {
        Named::SilenceHorn => Some("silence the horn"),
        Named::ToggleHorn => Some("alarm sound on or off"),
        Named::ShowTopics => Some("browse topics"),
        Named::Quit => Some("quit"),
        // Those who do it say so when it was done.
        Named::AcknowledgeAll
        | Named::AcknowledgeFirst
        | Named::RunBaseline
        | Named::TakeMappingBack
        | Named::SignIn
        | Named::SignOut
        | Named::ToggleKiosk => None,
        // They change nothing but what is seen here, or ask for more first.
        Named::GoLive
        | Named::TogglePlay
        | Named::GoToStart
        | Named::StepBack
        | Named::StepForward
        | Named::LeapBack
        | Named::LeapForward
        | Named::FrameSelection
        | Named::FollowMember
        | Named::FrameAll
        | Named::TopView
        | Named::IsoView
        | Named::Undo
        | Named::Redo
        | Named::SelectSameKind
        | Named::BoxTool
        | Named::IsolateSelection
        | Named::HideSelection
        | Named::ShowEverything
        | Named::ToggleXRay
        | Named::ToggleSection
        | Named::ToggleSpread
        | Named::MeasureTool
        | Named::ClearMeasurements
        | Named::StoryNext
        | Named::StoryPrevious
        | Named::StoryBlank
        | Named::StoryLoop
        | Named::RecordStory
        | Named::KeepStoryStep
        | Named::SwitchLook
        | Named::SwitchTheme
        | Named::ToggleDaylight
        | Named::ToggleMinimap
        | Named::ToggleLabels
        | Named::ToggleHeat
        | Named::ToggleDifferences
        | Named::ToggleResiduals
        | Named::ToggleGhost
        | Named::ToggleSplit
        | Named::ToggleSecondView
        | Named::GoToAlarm
        | Named::CommentAlarm
        | Named::ShowAlarms
        | Named::ShowAlarmReview
        | Named::ShowAnomalies
        | Named::ShowHealth
        | Named::ShowFlows
        | Named::TryLimitsOfSelection
        | Named::OpenDocument
        | Named::ChooseAlarmExport
        | Named::ChooseReviewExport
        | Named::ChooseShiftReport
        | Named::AddNote
        | Named::ChooseScene
        | Named::ChoosePicture
        | Named::ChooseTrendExport
        | Named::ChooseTrendPicture
        | Named::ToggleTrendStatistics
        | Named::ResetLayout
        | Named::StopTopics
        | Named::ShowWithoutData
        | Named::ShowPalette
        | Named::ShowShortcuts
        | Named::ZoomIn
        | Named::ZoomOut
        | Named::ToggleFullScreen
        | Named::Escape => None,
    }
}
