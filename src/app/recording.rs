//! The store of the open scene: recorded to, and read where the past is looked at.

use std::time::Duration;

use bevy::prelude::*;
use bevy::time::common_conditions::on_real_timer;

use super::TwinSystems;
use super::action::Action;
use super::alarms::{Addressed, AlarmBook, AlarmOrder, ShownAlarms};
use super::deeds::Deed;
use super::notices::Tell;
use super::panels::RecordingView;
use super::panels::alarms::comment::comment_text;
use super::scene::OpenScene;
use super::telemetry::Historian;
use super::who::Who;
use crate::recording::NoteRecord;
use crate::session::{Recording, alarm_rows};
use crate::telemetry::now;

/// How often the recorder's health is looked at: people read no faster.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// The store of the open scene, if it has one. Written when a scene is opened; it takes in
/// samples from [`super::telemetry::ingest`].
#[derive(Resource, Default)]
pub struct Store(pub Option<Recording>);

/// How the recording is, for the screen. Written by [`look_at_store`] alone.
#[derive(Resource, Default)]
pub struct StoreState(pub Option<RecordingView>);

/// What operators noted, in order of the instants that the notes are about. Written when a
/// scene is opened, and by [`keep_notes`].
#[derive(Resource, Default)]
pub struct NoteBook(pub Vec<NoteRecord>);

impl NoteBook {
    fn keep(&mut self, record: NoteRecord) {
        let place = self.0.partition_point(|known| known.at <= record.at);
        self.0.insert(place, record);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Store>()
        .init_resource::<StoreState>()
        .init_resource::<NoteBook>()
        .add_systems(
            PreUpdate,
            (
                bring_past.after(super::telemetry::ingest),
                keep_alarm_changes.after(super::telemetry::ingest),
                look_at_store.run_if(on_real_timer(STATUS_EVERY)),
            )
                .run_if(resource_exists::<Historian>)
                .in_set(TwinSystems::Ingest),
        )
        .add_systems(
            PreUpdate,
            keep_notes
                .run_if(on_message::<Action>)
                .in_set(TwinSystems::Steer),
        );
}

/// Brings what was loaded into the history, and asks for what the last frame lacked.
fn bring_past(mut store: ResMut<Store>, mut history: ResMut<Historian>) {
    if let Some(recording) = store.bypass_change_detection().0.as_mut() {
        // The history tells by its revision when answers change.
        recording.serve(history.bypass_change_detection());
    }
}

/// Records every change of an alarm.
fn keep_alarm_changes(
    open: Option<Res<OpenScene>>,
    mut book: ResMut<AlarmBook>,
    mut store: ResMut<Store>,
) {
    let changes = book.bypass_change_detection().take_news();
    if changes.is_empty() {
        return;
    }
    if let (Some(open), Some(recording)) = (open, store.bypass_change_detection().0.as_mut()) {
        recording.note(alarm_rows(&open.scene, &changes));
    }
}

/// Records what a person noted, and what he says of alarms.
fn keep_notes(
    mut actions: MessageReader<Action>,
    open: Option<Res<OpenScene>>,
    mut store: ResMut<Store>,
    mut notes: ResMut<NoteBook>,
    (shown, order, addressed): (Res<ShownAlarms>, Res<AlarmOrder>, Res<Addressed>),
    who: Res<Who>,
    mut deeds: MessageWriter<Deed>,
    mut tell: MessageWriter<Tell>,
) {
    let Some(open) = open else { return };
    for action in actions.read() {
        if let Action::CommentAlarms(ids, comment) = action {
            let Some(recording) = store.bypass_change_detection().0.as_mut() else {
                let text = "Nothing is recorded, so the comment cannot be kept: open with --store";
                tell.write(Tell::warning(text));
                continue;
            };
            let mut about = Vec::new();
            for id in ids {
                let mut known = shown.0.iter().chain(&order.live).chain(&addressed.0);
                let Some(alarm) = known.find(|alarm| alarm.id == *id) else {
                    continue;
                };
                let asset = open.scene.signal(alarm.signal).asset;
                let record = NoteRecord {
                    at: alarm.raised,
                    written: now(),
                    by: who.name().to_owned(),
                    tag: Some(open.scene.asset(asset).tag.clone()),
                    text: comment_text(alarm, &open.scene, comment),
                };
                recording.note(vec![record.clone().into()]);
                notes.keep(record);
                about.push(open.scene.signal(alarm.signal).full_name.clone());
            }
            deeds.write(Deed::new("comment", about.join(", "), comment.clone()));
            tell.write(Tell::done("Comment recorded"));
        }
        if let Action::Note(note) = action {
            let Some(recording) = store.bypass_change_detection().0.as_mut() else {
                let text = "Nothing is recorded, so the note cannot be kept: open with --store";
                tell.write(Tell::warning(text));
                continue;
            };
            let tag = note.asset.map(|asset| open.scene.asset(asset).tag.clone());
            let record = NoteRecord {
                at: note.at,
                written: now(),
                by: who.name().to_owned(),
                tag,
                text: note.text.clone(),
            };
            recording.note(vec![record.clone().into()]);
            let about = record
                .tag
                .clone()
                .unwrap_or_else(|| "the whole plant".to_owned());
            deeds.write(Deed::new("note", about, record.text.clone()));
            notes.keep(record);
            tell.write(Tell::done("Note recorded"));
        }
    }
}

/// Copies how the recorder is, and tells once when it stops or goes on.
fn look_at_store(
    store: Res<Store>,
    mut state: ResMut<StoreState>,
    mut told: Local<Option<String>>,
    mut tell: MessageWriter<Tell>,
) {
    let Some(recording) = &store.0 else {
        state.0 = None;
        return;
    };
    let trouble = recording.wrong();
    if *told != trouble {
        match &trouble {
            Some(trouble) => tell.write(Tell::warning(format!("Store: {trouble}"))),
            None => tell.write(Tell::done("The store is well again")),
        };
        told.clone_from(&trouble);
    }
    state.0 = Some(RecordingView {
        place: recording.place().to_owned(),
        status: recording.status(),
        trouble,
    });
}
