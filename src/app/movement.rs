//! Who is where at the playhead: parts, pallets and vehicles, as they were seen or as a run has
//! them.
//!
//! Of the past and the present the history tells, as far as what tracking systems saw reaches. A
//! run tells its signals minutes apart; who moves is looked at by a [`Film`] of the same plan on a
//! thread of its own. This side asks it for the two ticks around the playhead and goes from one to
//! the other, so that nothing jumps and no frame waits.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::TwinSystems;
use super::action::Action;
use super::notices::Tell;
use super::recording::Store;
use super::scene::OpenScene;
use super::simulation::{Models, Runs};
use super::telemetry::{Historian, MemberWords, Waker};
use super::timeline::Playback;
use super::ui::PanelMemory;
use crate::history::History;
use crate::population::{Flows, Located, PopulationFrame, PopulationId, PopulationRow, Visit};
use crate::signal::{Origin, RunId};
use crate::simulation::{Film, RunPlan};
use crate::time::Timestamp;
use crate::timeline::Mode;

/// What the eye takes for continuous where things go straight from tick to tick.
const TICK: Duration = Duration::from_secs(1);
/// Ticks that the film goes on by before it looks whether something else is wanted.
const TICKS_AT_ONCE: usize = 64;
/// Live, members are shown so much later than a fix takes to be followed by the next, as a share of
/// that: reports are not quite punctual.
const SLACK: f64 = 1.3;
/// Live, nobody is shown later than this: where fixes come more rarely, members stand at the last.
const LATEST: Duration = Duration::from_secs(5);
/// While the film seeks, what was shown last stays for a playhead that moved less than this, s.
const NEAR: f64 = 2.5;

/// One who moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// Of which population.
    pub population: PopulationId,
    /// Who.
    pub id: u64,
}

/// Flows that are counted anew this often while one looks at them, as a share of their stretch.
const FLOW_SHARE: f64 = 0.005;
/// And never more often, s.
const FLOW_EVERY: f64 = 2.0;

/// Which flows are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowAsk {
    /// Of whom.
    pub population: PopulationId,
    /// Over so long before the playhead.
    pub over: Duration,
}

impl FlowAsk {
    /// True if flows that were counted at `told` do not tell of `at`.
    fn is_due(self, told: Option<(Self, Timestamp)>, at: Timestamp) -> bool {
        let every = (self.over.as_secs_f64() * FLOW_SHARE).max(FLOW_EVERY);
        told.is_none_or(|(ask, told)| ask != self || at.secs_since(told).abs() >= every)
    }
}

/// Who is where. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub struct Movement {
    /// All populations at the playhead; empty if nobody knows.
    now: Vec<PopulationFrame>,
    /// Whose they are.
    told: Option<(RunId, Timestamp)>,
    /// The member that is looked at.
    chosen: Option<Member>,
    visits: Vec<Visit>,
    around: Option<[Vec<PopulationFrame>; 2]>,
    worker: Option<Worker>,
    held: bool,
    /// The playhead and the history's revision that `now` shows; `None` of a run.
    measured: Option<(Timestamp, u64)>,
    /// When the member that is looked at was seen, if it was measured.
    seen: Option<Timestamp>,
    /// Live, how long ago the instant is that is shown.
    behind: Duration,
    /// The flows that are looked at, and as they were counted last.
    flow_ask: Option<FlowAsk>,
    flows: Option<Arc<Flows>>,
    /// What was asked and where the playhead was when they were.
    flows_told: Option<(FlowAsk, Timestamp)>,
}

/// A film that is run.
struct Worker {
    run: RunId,
    asked: Option<Wanted>,
    failed: bool,
    to_film: Sender<Wanted>,
    from_film: Receiver<Seen>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Wanted {
    at: Timestamp,
    watched: Option<Member>,
    flows: Option<FlowAsk>,
}

enum Seen {
    Around([Vec<PopulationFrame>; 2], Vec<Visit>),
    Flows(FlowAsk, Timestamp, Arc<Flows>),
    Failed(String),
}

impl Movement {
    /// All populations at the playhead, by [`PopulationId`]; empty if nobody knows.
    pub fn frames(&self) -> &[PopulationFrame] {
        &self.now
    }

    /// The member that is looked at, and how it is; gone if it is not there.
    pub fn chosen(&self) -> Option<(Member, &PopulationRow)> {
        let member = self.chosen?;
        let frame = self.now.get(member.population.0 as usize)?;
        Some((member, frame.member(member.id)?))
    }

    /// Where the member that is looked at has been, first to last.
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// When the member that is looked at was seen, if a tracking system tells where it is.
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.seen
    }

    /// How long before the playhead members were where they are shown. Live, that is a little: so they
    /// go from fix to fix instead of jumping, and nobody is ever drawn ahead of what was seen.
    pub fn behind(&self) -> Duration {
        self.behind
    }

    /// Live, chooses how late members are shown; it never goes back while they are looked at.
    fn keep_behind(&mut self, history: &History, populations: u32, is_live: bool) {
        if !is_live {
            self.behind = Duration::ZERO;
            return;
        }
        let all = (0..populations).map(PopulationId);
        let paces = all.filter_map(|population| history.fixes(population, Timestamp::MAX)?.pace());
        let slowest = paces.max().unwrap_or_default().mul_f64(SLACK);
        if slowest <= LATEST {
            self.behind = self.behind.max(slowest);
        }
    }

    /// What flowed from place to place in the stretch that was asked for, if anybody tells.
    pub fn flows(&self) -> Option<&Flows> {
        self.flows.as_deref()
    }

    /// Counts these flows from now on.
    fn watch_flows(&mut self, ask: Option<FlowAsk>) {
        if self.flow_ask != ask {
            self.flow_ask = ask;
            self.flows = None;
            self.flows_told = None;
        }
    }

    /// Counts what was seen to flow up to `at`, where that is due; true if so.
    fn count_seen(&mut self, history: &History, at: Timestamp) -> bool {
        let Some(ask) = self.flow_ask.filter(|ask| ask.is_due(self.flows_told, at)) else {
            return false;
        };
        let fixes = history.fixes(ask.population, at);
        let flows = fixes.and_then(|fixes| Flows::seen(fixes, at - ask.over, at));
        self.flows = flows.map(Arc::new);
        self.flows_told = Some((ask, at));
        true
    }

    /// True while the film is on its way to the playhead.
    pub fn is_seeking(&self) -> bool {
        self.worker.as_ref().is_some_and(|worker| {
            let asked = worker.asked.map(|wanted| (worker.run, wanted.at));
            !worker.failed && asked != self.told
        })
    }

    /// True if somebody is there who could move.
    pub fn has_members(&self) -> bool {
        self.now.iter().any(|frame| !frame.rows().is_empty())
    }

    /// Shows these frames from now on, whatever the playhead is at.
    pub(super) fn show(&mut self, frames: Vec<PopulationFrame>) {
        self.held = true;
        self.now = frames;
    }

    /// Looks at this member from now on.
    pub(super) fn look_at(&mut self, member: Option<Member>) {
        if self.chosen != member {
            self.chosen = member;
            self.visits.clear();
        }
    }

    fn forget(&mut self) {
        self.worker = None;
        self.around = None;
        self.told = None;
        self.measured = None;
        self.seen = None;
        self.now.clear();
        self.visits.clear();
        self.flows = None;
        self.flows_told = None;
    }

    /// Puts into view who was seen where, as far as that reaches; true if something changed.
    fn show_measured(&mut self, history: &History, populations: u32, at: Timestamp) -> bool {
        let question = Some((at, history.revision()));
        if self.measured == question {
            return false;
        }
        let is_first = self.measured.is_none();
        if is_first {
            self.forget();
        }
        self.measured = question;
        let all = (0..populations).map(PopulationId);
        let found: Vec<_> = all
            .map(|population| history.members_at(population, at))
            .collect();
        let chosen = self.chosen.and_then(|member| {
            let found = found.get(member.population.0 as usize)?.as_ref()?;
            let ids = |one: &Located| one.row.id;
            let place = found.members.binary_search_by_key(&member.id, ids).ok()?;
            Some(found.members[place].seen)
        });
        let frames: Vec<_> = found
            .into_iter()
            .map(|found| {
                let members = found.unwrap_or_default().members;
                PopulationFrame::new(at, members.iter().map(|one| one.row).collect())
            })
            .collect();
        let same = self.now.len() == frames.len() && {
            let mut pairs = self.now.iter().zip(&frames);
            pairs.all(|(before, after)| before.rows() == after.rows())
        };
        let changed = is_first || !same || self.seen != chosen;
        self.seen = chosen;
        self.now = frames;
        changed
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Movement>().add_systems(
        PreUpdate,
        (
            choose.run_if(on_message::<Action>),
            forget.run_if(resource_exists_and_changed::<OpenScene>),
            follow,
        )
            .chain()
            .run_if(resource_exists::<OpenScene>)
            .in_set(TwinSystems::Sample),
    );
}

fn forget(mut movement: ResMut<Movement>) {
    *movement = Movement::default();
}

fn choose(mut actions: MessageReader<Action>, mut movement: ResMut<Movement>) {
    for action in actions.read() {
        let next = match action {
            Action::SelectMember(member) => *member,
            Action::Select(Some(_)) | Action::SelectAlso(_) => None,
            _ => continue,
        };
        movement.look_at(next);
    }
}

/// Brings the frames to the playhead.
fn follow(
    playback: Res<Playback>,
    models: Option<Res<Models>>,
    runs: Option<Res<Runs>>,
    waker: Option<Res<Waker>>,
    history: Option<ResMut<Historian>>,
    past: (Option<ResMut<Store>>, Option<Res<MemberWords>>),
    memory: Option<Res<PanelMemory>>,
    mut movement: ResMut<Movement>,
    mut tell: MessageWriter<Tell>,
) {
    let at = playback.playhead();
    let (Some(models), Some(runs), false) = (models, runs, movement.held) else {
        return;
    };
    let ask = memory.and_then(|memory| memory.state.watched_flows());
    movement.bypass_change_detection().watch_flows(ask);
    let origin = playback.origin_at(at);
    if let (Some(Origin::Measured), Some(mut history)) = (origin, history) {
        if let (Some(mut store), Some(words)) = past
            && let Some(recording) = &mut store.bypass_change_detection().0
        {
            let history = history.bypass_change_detection();
            recording.serve_members(&words.0, history, at);
        }
        let populations = models.0.populations().count() as u32;
        let seen = movement.bypass_change_detection();
        seen.keep_behind(&history, populations, playback.mode() == Mode::Live);
        let mut changed = seen.show_measured(&history, populations, at - seen.behind);
        changed |= seen.count_seen(&history, at);
        if changed {
            movement.set_changed();
        }
        return;
    }
    let plan = match origin {
        Some(Origin::Simulated(run)) if models.0.populations().next().is_some() => {
            runs.plan(run).map(|plan| (run, plan))
        }
        _ => None,
    };
    let Some((run, plan)) = plan else {
        if movement.worker.is_some() || movement.measured.is_some() || movement.has_members() {
            movement.forget();
        }
        return;
    };
    let seen = movement.bypass_change_detection();
    let was_measured = seen.measured.is_some();
    if was_measured {
        seen.forget();
    }
    if seen.worker.as_ref().is_none_or(|worker| worker.run != run) {
        seen.forget();
        seen.worker = Worker::start(run, plan, waker.map(|waker| waker.clone()));
    }
    let wanted = Wanted {
        at,
        watched: seen.chosen,
        flows: seen.flow_ask,
    };
    let Some(worker) = &mut seen.worker else {
        return;
    };
    if worker.asked != Some(wanted) {
        worker.asked = Some(wanted);
        _ = worker.to_film.send(wanted);
    }
    let mut changed = was_measured;
    for told in worker.from_film.try_iter() {
        match told {
            Seen::Around(around, visits) => {
                seen.around = Some(around);
                changed |= seen.visits != visits;
                seen.visits = visits;
            }
            Seen::Flows(ask, at, flows) if seen.flow_ask == Some(ask) => {
                seen.flows = Some(flows);
                seen.flows_told = Some((ask, at));
                changed = true;
            }
            Seen::Flows(..) => {}
            Seen::Failed(why) => {
                worker.failed = true;
                tell.write(Tell::warning(format!("Nothing moves in this run: {why}")));
            }
        }
    }
    changed |= seen.show_at(run, at);
    if changed {
        movement.set_changed();
    }
}

impl Movement {
    /// Puts the frames of `at` into view, as far as they are known; true if something changed.
    fn show_at(&mut self, run: RunId, at: Timestamp) -> bool {
        if self.told == Some((run, at)) {
            return false;
        }
        let covers = |[before, after]: &&[Vec<PopulationFrame>; 2]| {
            let from = before.first().map(PopulationFrame::at);
            let until = after.first().map(PopulationFrame::at);
            from.is_some_and(|from| from <= at) && until.is_some_and(|until| at <= until)
        };
        if let Some([before, after]) = self.around.as_ref().filter(covers) {
            let pairs = before.iter().zip(after);
            self.now = pairs
                .map(|(before, after)| PopulationFrame::between(before, after, at))
                .collect();
            self.told = Some((run, at));
            return true;
        }
        let near = self
            .told
            .is_some_and(|(_, told)| told.secs_since(at).abs() < NEAR);
        if near || self.now.is_empty() {
            return false;
        }
        // Somewhere else than the playhead is a wrong place.
        self.now.clear();
        self.told = None;
        true
    }
}

impl Worker {
    fn start(run: RunId, plan: &RunPlan, waker: Option<Waker>) -> Option<Self> {
        let (to_film, wanted) = unbounded();
        let (tell, from_film) = bounded(4);
        let plan = plan.clone();
        let shown = thread::Builder::new()
            .name("film".to_owned())
            .spawn(move || show_film(&plan, &wanted, &tell, waker.as_ref()));
        shown.ok().map(|_| Self {
            run,
            asked: None,
            failed: false,
            to_film,
            from_film,
        })
    }
}

/// Runs a film to wherever it is wanted, until nobody wants it any more.
fn show_film(
    plan: &RunPlan,
    wanted: &Receiver<Wanted>,
    tell: &Sender<Seen>,
    waker: Option<&Waker>,
) {
    let shown = run_film(plan, wanted, tell, waker);
    if let Err(error) = shown {
        _ = tell.send(Seen::Failed(error.to_string()));
    }
}

fn run_film(
    plan: &RunPlan,
    wanted: &Receiver<Wanted>,
    tell: &Sender<Seen>,
    waker: Option<&Waker>,
) -> Result<(), crate::simulation::RunError> {
    let mut film = Film::start(plan, 0, TICK)?;
    let mut told: Option<(Timestamp, Option<Member>)> = None;
    let mut flows_told: Option<(FlowAsk, Timestamp)> = None;
    while let Ok(first) = wanted.recv() {
        let mut now = wanted.try_iter().last().unwrap_or(first);
        while !film.seek(now.at, TICKS_AT_ONCE)? {
            // A playhead that went on meanwhile is not waited for.
            now = wanted.try_iter().last().unwrap_or(now);
        }
        let Some([before, after]) = film.around(now.at) else {
            continue;
        };
        let tick = before.first().map_or(now.at, PopulationFrame::at);
        if let Some(ask) = now.flows.filter(|ask| ask.is_due(flows_told, tick))
            && let Some(trail) = film.trail(ask.population)
        {
            flows_told = Some((ask, tick));
            let flows = Arc::new(Flows::of(trail, tick - ask.over, tick));
            if tell.send(Seen::Flows(ask, tick, flows)).is_err() {
                break;
            }
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        if told == Some((tick, now.watched)) {
            continue;
        }
        told = Some((tick, now.watched));
        let visits = now.watched.and_then(|member| {
            let trail = film.trail(member.population)?;
            Some(trail.visits(member.id, now.at))
        });
        let around = [before.to_vec(), after.to_vec()];
        if tell
            .send(Seen::Around(around, visits.unwrap_or_default()))
            .is_err()
        {
            break;
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::HistoryConfig;
    use crate::population::FixReport;

    #[test]
    fn flows_are_counted_as_often_as_they_are_looked_at_and_forgotten_with_the_question() {
        let place = |at: i64, place: u32| FixReport {
            rows: vec![PopulationRow {
                place: Some(place),
                ..report(at, 0.0).rows[0]
            }],
            ..report(at, 0.0)
        };
        let mut history = History::new(0, HistoryConfig::default());
        for told in [place(0, 1), place(10, 2), place(20, 3)] {
            history.insert_fixes(PopulationId(0), &told);
        }
        let secs = Timestamp::from_secs;
        let mut seen = Movement::default();
        assert!(!seen.count_seen(&history, secs(20)), "nobody asks");
        let ask = FlowAsk {
            population: PopulationId(0),
            over: Duration::from_secs(15),
        };
        seen.watch_flows(Some(ask));
        assert!(seen.count_seen(&history, secs(20)));
        let flows = seen.flows().expect("counted").clone();
        assert_eq!(flows.links.len(), 2);
        assert!((flows.rate(2, 3) - 1.0 / 15.0).abs() < 1e-12);
        // A second later nobody sees a difference.
        assert!(!seen.count_seen(&history, secs(21)));
        assert!(seen.count_seen(&history, secs(30)));
        seen.watch_flows(None);
        assert_eq!(seen.flows(), None);
    }

    fn report(at: i64, x: f64) -> FixReport {
        FixReport {
            at: Timestamp::from_secs(at),
            rows: vec![PopulationRow {
                id: 4,
                kind: 0,
                place: None,
                position: [x, 0.0, 0.0],
                heading: 0.0,
                value: 0.0,
            }],
            gone: Vec::new(),
            whole: true,
        }
    }

    #[test]
    fn live_a_member_goes_from_fix_to_fix_and_is_never_ahead_of_one() {
        let secs = Timestamp::from_secs;
        let population = PopulationId(0);
        let mut history = History::new(0, HistoryConfig::default());
        let mut movement = Movement::default();
        movement.look_at(Some(Member { population, id: 4 }));
        let mut shown: Vec<f64> = Vec::new();
        for tenth in 0..200_i64 {
            // A fix every two seconds, 1 m further each second.
            if tenth % 20 == 0 {
                history.insert_fixes(population, &report(tenth / 10, tenth as f64 * 0.1));
            }
            let now = secs(0).plus_secs(tenth as f64 * 0.1);
            movement.keep_behind(&history, 1, true);
            movement.show_measured(&history, 1, now - movement.behind());
            let east = movement.chosen().map(|(_, row)| row.position[0]);
            if tenth >= 60 {
                shown.push(east.expect("it is seen"));
            }
            let newest = (tenth / 20 * 2) as f64;
            assert!(east.is_none_or(|east| east <= newest + 1e-9), "{east:?}");
        }
        let steps = shown.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(
            steps.clone().all(|step| (0.05..0.15).contains(&step)),
            "{:?}",
            steps.collect::<Vec<_>>()
        );
        // Where fixes come too rarely for that, it stands at the last one, as of now.
        movement.keep_behind(&history, 1, false);
        assert_eq!(movement.behind(), Duration::ZERO);
        history.insert_fixes(population, &report(60, 0.0));
        history.insert_fixes(population, &report(90, 0.0));
        movement.keep_behind(&history, 1, true);
        assert_eq!(movement.behind(), Duration::ZERO);
    }

    #[test]
    fn measured_members_are_shown_as_long_as_they_were_seen_and_change_only_with_what_is_told() {
        let secs = Timestamp::from_secs;
        let population = PopulationId(1);
        let mut history = History::new(0, HistoryConfig::default());
        history.insert_fixes(population, &report(100, 0.0));
        let mut movement = Movement::default();
        movement.look_at(Some(Member { population, id: 4 }));
        assert!(movement.show_measured(&history, 2, secs(100)));
        assert!(!movement.show_measured(&history, 2, secs(101)), "it stands");
        history.insert_fixes(population, &report(110, 20.0));
        assert!(movement.show_measured(&history, 2, secs(105)));
        let east = movement.chosen().map(|(_, row)| row.position[0]);
        assert_eq!((east, movement.seen_at()), (Some(10.0), Some(secs(100))));
        assert!(movement.show_measured(&history, 2, secs(200)), "lost");
        assert_eq!((movement.has_members(), movement.seen_at()), (false, None));
    }
}
