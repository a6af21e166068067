//! Alarm states at the playhead, marks on assets, and acknowledgement.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::deeds::Deed;
use super::notices::Tell;
use super::panels::desk::{most_pressing, waits};
use super::panels::marks::standing_text;
use super::panels::predictions;
use super::rights::Denied;
use super::scene::{AlarmMark, AlarmMarks, OpenScene, Unacknowledged};
use super::simulation::Runs;
use super::timeline::{Frame, Playback};
use super::who::Who;
use crate::access::Right;
use crate::alarm::{
    Alarm, AlarmGroup, AlarmId, Aside, Engine, Grouping, Happening, Topology, group,
};
use crate::history::Row;
use crate::scene::{AssetIndex, Priority, Scene, Signal, Threshold};
use crate::signal::SignalId;
use crate::time::Timestamp;
use crate::timeline::Mode;

/// Rules, states and journal. Written by [`super::telemetry::ingest`], which lets it observe
/// samples, and by [`acknowledge`].
#[derive(Resource, Deref, DerefMut)]
pub struct AlarmBook(pub Engine);

/// The live alarms that are kept off the list, and which of the others go back to one cause.
/// Written by [`show_at_playhead`] alone.
#[derive(Resource, Default)]
pub struct AlarmOrder {
    /// Shelved, suppressed, out of service; empty unless live.
    pub aside: Vec<Aside>,
    /// The groups of the shown alarms, in the order in which they began.
    pub groups: Vec<AlarmGroup>,
    /// The alarms of the present, wherever the playhead is.
    pub live: Vec<Alarm>,
    /// Changes whenever the shown alarms do.
    pub revision: u64,
    /// What is joined to what in the open scene.
    topology: Topology,
    /// The alarms that are grouped, each as it was raised.
    grouped: Vec<(AlarmId, Timestamp)>,
}

/// The alarm that a person acknowledged last, as it was then: what a comment is about.
/// Written by [`acknowledge`] alone.
#[derive(Resource, Default)]
pub struct Addressed(pub Option<Alarm>);

/// The assets of which the selected run expects an alarm, in order. Written by [`foresee`] alone.
#[derive(Resource, Default, PartialEq)]
pub struct Foreseen(pub Vec<AssetIndex>);

/// The alarms at the playhead, the most urgent first. Written by [`show_at_playhead`] alone.
#[derive(Resource, Default, PartialEq)]
pub struct ShownAlarms(pub Vec<Alarm>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ShownAlarms>()
        .init_resource::<AlarmOrder>()
        .init_resource::<AlarmMarks>()
        .init_resource::<Addressed>()
        .init_resource::<Foreseen>()
        .add_systems(
            PreUpdate,
            (
                (
                    acknowledge.run_if(resource_exists::<OpenScene>),
                    go_to_first,
                )
                    .run_if(on_message::<Action>)
                    .in_set(TwinSystems::Steer),
                foresee
                    .run_if(resource_exists::<OpenScene>)
                    .after(super::timeline::sample_history)
                    .in_set(TwinSystems::Sample),
                (
                    show_at_playhead,
                    mark_assets.run_if(resource_changed::<ShownAlarms>.or_else(looks_ahead)),
                )
                    .chain()
                    .after(super::timeline::sample_history)
                    .in_set(TwinSystems::Sample),
            )
                .run_if(resource_exists::<AlarmBook>),
        );
}

/// What acting on alarms needs.
#[derive(SystemParam)]
struct Acting<'w> {
    open: Res<'w, OpenScene>,
    playback: Res<'w, Playback>,
    who: Res<'w, Who>,
    book: ResMut<'w, AlarmBook>,
    addressed: ResMut<'w, Addressed>,
    deeds: MessageWriter<'w, Deed>,
    tell: MessageWriter<'w, Tell>,
}

fn acknowledge(mut actions: MessageReader<Action>, mut acting: Acting) {
    for action in actions.read() {
        // What else acts on the plant is refused by its own system.
        let wanted = matches!(
            action,
            Action::Acknowledge(_)
                | Action::AlarmAct(..)
                | Action::Named(Named::AcknowledgeAll | Named::AcknowledgeFirst)
        );
        if !wanted {
            continue;
        }
        let done = match action {
            _ if acting.playback.mode() != Mode::Live => {
                Err("Alarms are managed live only: press End to go live".to_owned())
            }
            Action::Acknowledge(id) => acting.address(*id),
            Action::Named(Named::AcknowledgeFirst) => {
                let first = most_pressing(&acting.book.list()).map(|alarm| alarm.id);
                let none = || "No alarm waits to be acknowledged".to_owned();
                first.ok_or_else(none).and_then(|id| acting.address(id))
            }
            Action::AlarmAct(id, happening) => acting.act(*id, happening),
            _ => {
                acting.address_all();
                Ok(())
            }
        };
        if let Err(refused) = done {
            acting.tell.write(Tell::warning(refused));
        }
    }
}

impl Acting<'_> {
    /// Acknowledges an alarm and remembers it, so that a comment can follow.
    fn address(&mut self, id: AlarmId) -> Result<(), String> {
        let before = self.book.list().into_iter().find(|alarm| alarm.id == id);
        // Which alarm is first may have changed since the gate looked.
        if let Some(alarm) = &before
            && !self.may_acknowledge(alarm)
        {
            let asset = Some(self.open.scene.signal(alarm.signal).asset);
            let denied = Denied::Missing(Right::Acknowledge, asset);
            return Err(denied.sentence(&self.who, &self.open.scene));
        }
        let now = self.playback.now();
        let done = self.book.acknowledge(id, now, self.who.name());
        done.map_err(|refused| refused.to_string())?;
        self.write_down("acknowledge", id, "");
        self.addressed.0 = before;
        Ok(())
    }

    /// Acknowledges every alarm that waits where he may.
    fn address_all(&mut self) {
        let list = self.book.list();
        let waiting = list.iter().filter(|alarm| waits(alarm));
        let (mine, others): (Vec<_>, Vec<_>) =
            waiting.partition(|alarm| self.may_acknowledge(alarm));
        if let Some(first) = most_pressing(&list).filter(|first| self.may_acknowledge(first)) {
            self.addressed.0 = Some(first.clone());
        }
        let now = self.playback.now();
        let mut count = 0;
        for alarm in mine {
            let done = self.book.acknowledge(alarm.id, now, self.who.name());
            count += usize::from(done.is_ok());
        }
        let told = match others.len() {
            0 => format!("{count} alarms acknowledged"),
            left => format!("{count} alarms acknowledged; {left} are in areas of others"),
        };
        let deed = Deed::new("acknowledge all", "alarms", format!("{count} alarms"));
        self.deeds.write(deed);
        self.tell.write(Tell::done(told));
    }

    fn act(&mut self, id: AlarmId, happening: &Happening) -> Result<(), String> {
        let now = self.playback.now();
        let standing = self.book.act(id, happening.clone(), now, self.who.name());
        let standing = standing.map_err(|refused| refused.to_string())?;
        let standing = standing_text(standing).to_lowercase();
        let (what, why) = match happening {
            Happening::Acknowledge => ("acknowledge", ""),
            Happening::Reset => ("reset", ""),
            Happening::Shelve(shelf) => ("shelve", &*shelf.reason),
            Happening::Unshelve => ("unshelve", ""),
            Happening::TakeOutOfService => ("take out of service", ""),
            Happening::ReturnToService => ("return to service", ""),
            // The engine refuses these to people.
            Happening::Raised
            | Happening::Cleared
            | Happening::Suppress
            | Happening::Unsuppress => ("alarm", ""),
        };
        self.write_down(what, id, why);
        let told = format!("The alarm is now {standing}");
        self.tell.write(Tell::done(told));
        Ok(())
    }

    fn may_acknowledge(&self, alarm: &Alarm) -> bool {
        let asset = self.open.scene.signal(alarm.signal).asset;
        let who = &self.who;
        who.may(Right::Acknowledge, &self.open.scene, Some(asset))
    }

    fn write_down(&mut self, what: &'static str, id: AlarmId, why: &str) {
        let scene = &self.open.scene;
        let Some(source) = scene.alarm_sources().nth(id.index()) else {
            return;
        };
        let name = scene.signal(source.signal()).full_name.clone();
        let detail = match why {
            "" => source.message().to_owned(),
            why => format!("{}: {why}", source.message()),
        };
        self.deeds.write(Deed::new(what, name, detail));
    }
}

/// Selects the asset of the alarm in the banner, and flies there.
fn go_to_first(
    mut messages: ParamSet<(MessageReader<Action>, MessageWriter<Action>)>,
    order: Res<AlarmOrder>,
    open: Option<Res<OpenScene>>,
    mut tell: MessageWriter<Tell>,
) {
    let is_asked = |action: &Action| *action == Action::Named(Named::GoToAlarm);
    let asked = messages
        .p0()
        .read()
        .filter(|action| is_asked(action))
        .count();
    let Some(open) = open.filter(|_| asked > 0) else {
        return;
    };
    let Some(alarm) = most_pressing(&order.live) else {
        tell.write(Tell::warning("No alarm waits"));
        return;
    };
    let asset = open.scene.signal(alarm.signal).asset;
    let mut actions = messages.p1();
    actions.write(Action::Select(Some(asset)));
    actions.write(Action::FlyTo(asset));
}

/// Finds the assets of which the selected run expects an alarm.
fn foresee(
    open: Res<OpenScene>,
    playback: Res<Playback>,
    runs: Res<Runs>,
    mut foreseen: ResMut<Foreseen>,
) {
    let selected = playback.selected_run();
    let run = selected.and_then(|run| runs.record(run));
    let breaches = run.map(|run| predictions::likely(run, predictions::from(&playback)));
    let known = |signal: &SignalId| signal.index() < open.scene.signals.len();
    let signals = breaches.into_iter().flatten().map(|breach| breach.signal);
    let assets = signals.filter(known).map(|id| open.scene.signal(id).asset);
    let mut assets: Vec<_> = assets.collect();
    assets.sort_unstable();
    assets.dedup();
    foreseen.set_if_neq(Foreseen(assets));
}

/// The alarm list as it is live, or as it was at the playhead.
fn show_at_playhead(
    book: Res<AlarmBook>,
    playback: Res<Playback>,
    open: Option<Res<OpenScene>>,
    mut last: Local<Option<(Mode, u64, i64)>>,
    mut shown: ResMut<ShownAlarms>,
    mut order: ResMut<AlarmOrder>,
) {
    let mode = playback.mode();
    let looked_at = if mode == Mode::Live {
        0
    } else {
        playback.playhead().nanos()
    };
    let question = Some((mode, book.revision(), looked_at));
    let another = open.as_ref().is_some_and(DetectChanges::is_changed);
    if *last == question && !another {
        return;
    }
    *last = question;
    order.revision += 1;
    order.live = book.list();
    let alarms = match mode {
        Mode::Live => order.live.clone(),
        // Before the journal begins nothing is known of alarms, and none is made up.
        Mode::History => book.at(playback.playhead()).unwrap_or_default(),
        // What is predicted is told by the run, not by the journal.
        Mode::Simulated | Mode::Beyond => Vec::new(),
    };
    if let Some(open) = open {
        if another {
            order.topology = Topology::of(&open.scene);
        }
        // An acknowledgement changes no cause.
        let grouped: Vec<_> = alarms.iter().map(|one| (one.id, one.raised)).collect();
        if another || grouped != order.grouped {
            order.groups = group(&alarms, &open.scene, &order.topology, &Grouping::default());
            order.grouped = grouped;
        }
    }
    order.aside = match mode {
        Mode::Live => book.aside().cloned().collect(),
        _ => Vec::new(),
    };
    shown.set_if_neq(ShownAlarms(alarms));
}

/// True if the plant changed in a future, or the playhead has just entered or left one.
fn looks_ahead(playback: Res<Playback>, frame: Res<Frame>, mut before: Local<bool>) -> bool {
    let ahead = playback.mode() == Mode::Simulated;
    std::mem::replace(&mut *before, ahead) != ahead || ahead && frame.is_changed()
}

/// Writes the [`AlarmMarks`]: of an alarm, or where the selected run passes a limit.
pub(super) fn mark_assets(
    open: Res<OpenScene>,
    shown: Res<ShownAlarms>,
    playback: Res<Playback>,
    frame: Res<Frame>,
    mut written: ResMut<AlarmMarks>,
) {
    let mut marks = vec![AlarmMark::default(); open.scene.assets.len()];
    for alarm in shown.0.iter().filter(|alarm| alarm.state.is_active()) {
        let asset = open.scene.signal(alarm.signal).asset;
        let waits = !alarm.state.is_acknowledged();
        let mark = &mut marks[asset.index()].0;
        *mark = Some(mark.map_or(
            (alarm.priority, Unacknowledged(waits)),
            |(priority, other)| {
                // The first variant is the most urgent.
                (
                    priority.min(alarm.priority),
                    Unacknowledged(other.0 || waits),
                )
            },
        ));
    }
    if playback.mode() == Mode::Simulated {
        for (signal, priority) in passed_limits(&open.scene, frame.cursor.rows()) {
            let mark = &mut marks[signal.asset.index()].0;
            let seen = Unacknowledged(false);
            *mark = Some(mark.map_or((priority, seen), |(known, _)| (known.min(priority), seen)));
        }
    }
    if written.bypass_change_detection().replace(marks) {
        written.set_changed();
    }
}

/// The signals whose value is past a limit, with the limit's priority; delays do not count.
fn passed_limits<'a>(
    scene: &'a Scene,
    rows: &'a [Option<Row>],
) -> impl Iterator<Item = (&'a Signal, Priority)> {
    let known = scene.signals.iter().zip(rows);
    let known = known.filter_map(|(signal, row)| Some((signal, row.as_ref()?.sample.value)));
    known.flat_map(|(signal, value)| {
        let limits = signal.limits.iter();
        let passed = limits.filter(move |limit| Threshold::of(limit).is_past(value));
        passed.map(move |limit| (signal, limit.priority))
    })
}
