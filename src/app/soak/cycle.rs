//! One cycle of work, and the rest after it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Census, Deeds, Soak, SoakError};
use crate::app::action::{Action, Named};
use crate::app::alarms::ShownAlarms;
use crate::app::headless::stage::Stage;
use crate::app::launch::{Launch, StoreChoice};
use crate::app::panels::layout::Tab;
use crate::app::scene::OpenScene;
use crate::app::simulation::Runs;
use crate::app::story::StoryTeller;
use crate::app::telemetry::{Historian, Inbox, PlantClock};
use crate::app::timeline::Playback;
use crate::app::ui::PanelMemory;
use crate::scene::{Scenario, Scene};
use crate::session::{self, FeedPlan};
use crate::signal::{Origin, RunId};
use crate::time::Timestamp;
use crate::timeline::{Timeline, TimelineCommand};

/// How long what always comes may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long threads and descriptors may take to go, once nothing is done any more.
const ENDING: Duration = Duration::from_secs(20);
/// What is known of the plant before the program is counted, s of the plant.
const KNOWN: f64 = 200.0;
/// How long a flood goes on, s of the plant.
const FLOODED: f64 = 240.0;
/// How far the run of a cycle reaches.
const HORIZON: Duration = Duration::from_hours(1);
/// Its members.
const MEMBERS: u32 = 4;
/// A frame in which nothing is to be done.
const IDLE: Duration = Duration::from_millis(20);

/// The program, and the process that is its plant.
pub(super) struct Worker {
    // Its sources end before their broker does.
    stage: Stage,
    plant: PlantProcess,
    scene: PathBuf,
    first: Option<Timestamp>,
    pub(super) deeds: Deeds,
}

struct PlantProcess {
    child: Child,
    url: String,
}

impl PlantProcess {
    fn start(scene: &Path) -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["bench", "soak", "--plant", "--scene"])
            .arg(scene)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut url)?;
        }
        url.truncate(url.trim_end().len());
        let started = Self { child, url };
        match started.url.is_empty() {
            true => Err(io::Error::other("it ended before it began")),
            false => Ok(started),
        }
    }

    fn tell(&mut self, line: &str) -> io::Result<()> {
        match &mut self.child.stdin {
            Some(ear) => writeln!(ear, "{line}"),
            None => Ok(()),
        }
    }
}

impl Drop for PlantProcess {
    fn drop(&mut self) {
        self.child.kill().ok(); // it has nothing to lose
        self.child.wait().ok();
    }
}

impl Worker {
    pub(super) fn start(plan: &Soak) -> Result<Self, SoakError> {
        let plant = PlantProcess::start(&plan.scene)?;
        let launch = launch(&plan.scene, &plant.url)?;
        let mut worker = Self {
            stage: Stage::new(launch, plan.size)?,
            plant,
            scene: plan.scene.clone(),
            first: None,
            deeds: Deeds::default(),
        };
        worker.follow_plant();
        worker.live(KNOWN)?;
        worker.first = worker.newest();
        Ok(worker)
    }

    /// How long the plant lived since the start, h.
    pub(super) fn plant_hours(&self) -> f64 {
        let lived = self.newest().zip(self.first);
        lived.map_or(0.0, |(newest, first)| newest.secs_since(first) / 3_600.0)
    }

    pub(super) fn cycle(&mut self) -> Result<(), SoakError> {
        self.flood()?;
        for _ in 0..2 {
            self.reconnect()?;
        }
        self.open_panels();
        self.change_views();
        self.tell_story()?;
        self.branch()?;
        self.reload()
    }

    /// Lets the program rest, and counts what it holds. What is on its way out, when compared
    /// with `base`, is waited for.
    pub(super) fn rest(&mut self, base: Option<Census>) -> Result<Census, SoakError> {
        self.live(KNOWN)?;
        let began = Instant::now();
        loop {
            self.settle(10);
            let census = Census::of(self.stage.app.world());
            let is_back = base.is_none_or(|base| census.is_within(&base));
            // Without a base, threads of the last scene get their time too.
            let is_due = began.elapsed() > if base.is_some() { ENDING } else { ENDING / 4 };
            if is_due || (is_back && base.is_some()) {
                return Ok(census);
            }
            thread::sleep(IDLE);
        }
    }

    /// Everything that has limits passes them; all of it is acknowledged.
    fn flood(&mut self) -> Result<(), SoakError> {
        self.plant.tell("flood")?;
        self.live(FLOODED)?;
        let shown = &self.stage.app.world().resource::<ShownAlarms>().0;
        self.deeds.alarms_in_floods += shown.iter().filter(|one| one.state.is_active()).count();
        for named in [
            Named::ShowAlarms,
            Named::GoToAlarm,
            Named::SilenceHorn,
            Named::AcknowledgeFirst,
            Named::AcknowledgeAll,
            Named::ShowAlarmReview,
            Named::Escape,
        ] {
            self.act(Action::Named(named));
        }
        self.plant.tell("calm")?;
        self.live(FLOODED)
    }

    /// The link is cut, and stands again.
    fn reconnect(&mut self) -> Result<(), SoakError> {
        let before: Vec<u64> = self.reconnects().collect();
        self.plant.tell("cut")?;
        self.until("a link to stand again", |worker| {
            let more = worker.reconnects().zip(&before);
            let all = more.into_iter().all(|(now, then)| now > *then);
            all && worker.is_connected()
        })?;
        self.deeds.reconnects += before.len();
        Ok(())
    }

    fn open_panels(&mut self) {
        for tab in Tab::ALL {
            let mut memory = self.stage.app.world_mut().resource_mut::<PanelMemory>();
            memory.state.show(tab);
            self.settle(2);
            self.deeds.panels += 1;
        }
        for named in [
            Named::ShowPalette,
            Named::Escape,
            Named::ShowShortcuts,
            Named::Escape,
            Named::ResetLayout,
        ] {
            self.act(Action::Named(named));
        }
    }

    /// What changes how the plant is seen, there and back.
    fn change_views(&mut self) {
        let heat = self.scene().signals.first().map(|known| known.name.clone());
        for named in [
            Named::ToggleSecondView,
            Named::TopView,
            Named::SwitchLook,
            Named::SwitchTheme,
            Named::ToggleLabels,
            Named::ToggleSection,
            Named::ToggleXRay,
        ] {
            self.act(Action::Named(named));
            self.settle(1);
        }
        self.act(Action::SetHeat(heat));
        self.act(Action::SetHeat(None));
        for named in [
            Named::ToggleXRay,
            Named::ToggleSection,
            Named::ToggleLabels,
            Named::SwitchLook,
            Named::SwitchTheme,
            Named::ToggleSecondView,
            Named::ShowEverything,
        ] {
            self.act(Action::Named(named));
        }
    }

    /// The first story of the scene, if it has one, to its end.
    fn tell_story(&mut self) -> Result<(), SoakError> {
        let scene = self.scene();
        let Some(story) = scene.stories.first() else {
            return Ok(());
        };
        self.act(Action::StartStory(0));
        for _ in &story.steps {
            self.until("the future of a story's step", |worker| {
                let teller = worker.stage.app.world().resource::<StoryTeller>();
                !teller.is_waiting()
            })?;
            self.deeds.story_steps += 1;
            self.act(Action::Named(Named::StoryNext));
        }
        self.act(Action::Named(Named::Escape));
        self.act(Action::Named(Named::GoLive));
        self.discard_runs();
        Ok(())
    }

    /// A run from the present; looked into, held against what is measured, and discarded.
    fn branch(&mut self) -> Result<(), SoakError> {
        let scenario = Scenario {
            horizon: HORIZON,
            step: HORIZON / 12,
            members: MEMBERS,
            ..session::baseline(&self.scene())
        };
        self.act(Action::StartRun(Box::new(scenario)));
        if !self.stage.finish_run() {
            return Err(SoakError::Stuck("a run"));
        }
        let runs = &self.stage.app.world().resource::<Runs>().records;
        if let Some(ahead) = runs.last().map(|run| run.start.plus_secs(1_800.0)) {
            self.act(Action::Timeline(TimelineCommand::Seek(ahead)));
        }
        self.act(Action::Named(Named::ToggleGhost));
        self.settle(1);
        self.act(Action::Named(Named::ToggleGhost));
        self.act(Action::Named(Named::GoLive));
        self.deeds.runs += 1;
        self.discard_runs();
        Ok(())
    }

    fn discard_runs(&mut self) {
        let runs = &self.stage.app.world().resource::<Runs>().records;
        let runs: Vec<RunId> = runs.iter().map(|run| run.id).collect();
        for run in runs {
            self.act(Action::DiscardRun(run));
        }
    }

    /// The scene is opened anew, with all of its sources.
    fn reload(&mut self) -> Result<(), SoakError> {
        let launch = launch(&self.scene, &self.plant.url)?;
        launch.enter(self.stage.app.world_mut())?;
        self.follow_plant();
        self.deeds.reloads += 1;
        Ok(())
    }

    /// The present is the plant's, which goes faster than our clock.
    fn follow_plant(&mut self) {
        let world = self.stage.app.world_mut();
        world.insert_resource(PlantClock::Replayed);
        world.insert_resource(Playback(Timeline::new(Timestamp::MIN)));
    }

    /// Draws frames until the plant has told so many seconds more of its life.
    fn live(&mut self, secs: f64) -> Result<(), SoakError> {
        let began = self.newest();
        self.until("the plant", |worker| {
            let now = worker.newest();
            match began {
                Some(began) => now.is_some_and(|now| now.secs_since(began) >= secs),
                None => worker.known_secs() >= secs,
            }
        })
    }

    fn until(&mut self, what: &'static str, done: impl Fn(&Self) -> bool) -> Result<(), SoakError> {
        let began = Instant::now();
        while !done(self) {
            if began.elapsed() > PATIENCE {
                return Err(SoakError::Stuck(what));
            }
            self.settle(1);
            thread::sleep(IDLE);
        }
        Ok(())
    }

    fn act(&mut self, action: Action) {
        self.stage.act(action);
        self.deeds.frames += 2;
    }

    fn settle(&mut self, frames: usize) {
        self.stage.settle(frames);
        self.deeds.frames += frames as u64;
    }

    fn scene(&self) -> Arc<Scene> {
        let open = self.stage.app.world().resource::<OpenScene>();
        Arc::clone(&open.scene)
    }

    fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let history = self.stage.app.world().resource::<Historian>();
        history.span(Origin::Measured)
    }

    fn newest(&self) -> Option<Timestamp> {
        self.span().map(|(_, newest)| newest)
    }

    fn known_secs(&self) -> f64 {
        let span = self.span();
        span.map_or(0.0, |(oldest, newest)| newest.secs_since(oldest))
    }

    fn reconnects(&self) -> impl Iterator<Item = u64> {
        let statuses = self.stage.app.world().resource::<Inbox>().0.statuses();
        statuses.into_iter().map(|status| status.reconnects)
    }

    fn is_connected(&self) -> bool {
        let statuses = self.stage.app.world().resource::<Inbox>().0.statuses();
        let mut statuses = statuses.iter();
        statuses.all(|status| status.connected() && status.subscribed)
    }
}

fn launch(scene: &Path, broker: &str) -> Result<Launch, SoakError> {
    let feed = FeedPlan::Sources {
        broker: Some(broker.to_owned()),
    };
    Ok(Launch::prepare(scene, feed)?.with_store(StoreChoice::None))
}
