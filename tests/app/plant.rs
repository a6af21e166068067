//! A small plant with a past, a future and every kind of trouble, for tests of panels.

use std::f64::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

use parallax::alarm::{Alarm, AlarmGroup, AlarmId, AlarmState, Aside, Counts, Standing};
use parallax::app::anomalies::AnomalyView;
use parallax::app::health::HealthView;
use parallax::app::measure::{Ruler, Tool};
use parallax::app::movement::Movement;
use parallax::app::panels::alarms::review::ReviewView;
use parallax::app::panels::alarms::trial::TrialView;
use parallax::app::panels::desk::{Desk, HornView};
use parallax::app::panels::topics::TopicsView;
use parallax::app::panels::{
    EstimateView, ExploreView, Notice, Pace, RecordingView, SkillView, Twin,
};
use parallax::app::reveal::Revealed;
use parallax::app::selection::Selection;
use parallax::app::settings::ViewSettings;
use parallax::app::story::Telling;
use parallax::app::story_recorder::Recorded;
use parallax::app::viewport::ViewPicture;
use parallax::app::who::Who;
use parallax::command::Order;
use parallax::history::{FrameCursor, History, HistoryConfig};
use parallax::population::Flows;
use parallax::recording::NoteRecord;
use parallax::scene::{self, Scene};
use parallax::session::Opened;
use parallax::signal::{Origin, Quality, RunId, Sample, SampleBatch, SignalId};
use parallax::simulation::{
    Against, BreachTimes, LimitBreach, Plant, RunRecord, RunState, RunTotals,
};
use parallax::telemetry::SourceStatus;
use parallax::time::Timestamp;
use parallax::timeline::{RunSpan, Timeline, TimelineCommand};

/// The present of the plant.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_772_346_600);
/// How much was recorded, s.
const RECORDED: i64 = 3_000;

const SCENE: &str = r#"Scene(
    format: 1,
    name: "Hill waterworks",
    description: "Two tanks, a pump and what can go wrong with them.",
    types: {
        "building": (label: "Building", shape: Building, size: (20, 12, 6)),
        "tank": (label: "Clearwell", shape: Tank, size: (8, 8, 5), signals: [
            (name: "level", unit: "m", range: (0, 5), decimals: 2, max_age: "30s", shown: true, limits: [
                (kind: High, at: 4.5, deadband: 0.1, priority: High, message: "High level"),
                (kind: Low, at: 1.2, deadband: 0.1, priority: Urgent, message: "Low level",
                 advice: "Start a second pump."),
            ]),
            (name: "temperature", unit: "degC", range: (0, 30), decimals: 1, max_age: "60s"),
        ]),
        "pump": (label: "High-lift pump", shape: Pump, size: (2, 1, 1), signals: [
            (name: "running", range: (0, 1), states: ["stopped", "running"], shown: true),
            (name: "flow", unit: "m3/h", range: (0, 400), decimals: 0, shown: true),
            (name: "speed", unit: "%", range: (0, 100), decimals: 0, write: (range: (60, 100), tolerance: 1)),
        ]),
        "pressure": (label: "Pressure transmitter", shape: Instrument, signals: [
            (name: "pressure", unit: "bar", range: (0, 8), decimals: 2, shown: true, limits: [
                (kind: Low, at: 2.5, priority: Low, message: "Low pressure in the main"),
            ]),
        ]),
    },
    assets: [
        (tag: "PS-1", type: "building", label: "Pumping station"),
        (tag: "TK-1", type: "tank", label: "Clearwell east", at: (0, 20, 0),
         parameters: {"diameter": "8 m", "volume": "250 m3", "wall": "400 mm"}, links: ["P-1"]),
        (tag: "TK-2", type: "tank", label: "Clearwell west", at: (12, 20, 0)),
        (tag: "P-1", type: "pump", label: "Pump one", parent: Some("PS-1"), links: ["PT-1"]),
        (tag: "P-2", type: "pump", label: "Pump two", at: (4, 0, 0), parent: Some("PS-1")),
        (tag: "PT-1", type: "pressure", label: "Delivery pressure", at: (8, 0, 0), parent: Some("PS-1")),
    ],
    scenarios: [
        (name: "Baseline", description: "Everything goes on as it is.", horizon: "4h", step: "5min", members: 20),
        (name: "Pump failure", description: "Pump one fails after ten minutes.", horizon: "2h", step: "1min",
         overrides: [(signal: "P-1.speed", value: Some(40), from: "10min", ramp: "30s")]),
    ],
    bookmarks: [
        (name: "Overview", eye: (-40, -60, 50), focus: (0, 0, 0)),
        (name: "Clearwells", eye: (-10, 0, 20), focus: (6, 20, 2), select: Some("TK-1")),
    ],
)"#;

/// Everything that a [`Twin`] borrows.
pub(crate) struct Stage {
    pub(crate) who: Who,
    pub(crate) scene: Scene,
    pub(crate) plant: Plant,
    pub(crate) history: History,
    pub(crate) timeline: Timeline,
    pub(crate) cursor: FrameCursor,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) orders: Vec<Order>,
    pub(crate) live: Vec<Alarm>,
    pub(crate) addressed: Option<Alarm>,
    pub(crate) horn: HornView,
    pub(crate) review: ReviewView,
    pub(crate) trial: TrialView,
    pub(crate) anomalies: AnomalyView,
    pub(crate) health: HealthView,
    pub(crate) flows: Option<Flows>,
    pub(crate) aside: Vec<Aside>,
    pub(crate) alarm_groups: Vec<AlarmGroup>,
    pub(crate) live_alarms: Counts,
    pub(crate) runs: Vec<RunRecord>,
    pub(crate) compared: Option<Against>,
    pub(crate) skill: SkillView,
    pub(crate) estimate: EstimateView,
    pub(crate) exploration: ExploreView,
    pub(crate) sources: Vec<SourceStatus>,
    pub(crate) topics: TopicsView,
    pub(crate) selection: Selection,
    pub(crate) revealed: Revealed,
    pub(crate) tool: Tool,
    pub(crate) ruler: Ruler,
    pub(crate) movement: Movement,
    pub(crate) story: Option<Telling>,
    pub(crate) recorded: Option<Recorded>,
    pub(crate) settings: ViewSettings,
    pub(crate) picture: ViewPicture,
    pub(crate) notices: Vec<Notice>,
    pub(crate) recording: Option<RecordingView>,
    pub(crate) notes: Vec<NoteRecord>,
    pub(crate) demo: bool,
    pub(crate) replayed: bool,
    pub(crate) planned: bool,
}

impl Stage {
    /// The plant, live, with nothing selected and no run.
    ///
    /// Both levels are known, but that of TK-2 is ten minutes old; TK-1's temperature was
    /// never heard of; PT-1's sensor is broken; P-2 has lost its link.
    pub(crate) fn new() -> Self {
        let scene = scene::parse(SCENE).unwrap_or_else(|problems| panic!("{problems:?}"));
        let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut stage = Self::bare(scene, plant);
        stage.sources = vec![SourceStatus::new("Plant", "mqtt://127.0.0.1:1883")];
        stage.record();
        stage.look();
        stage
    }

    /// A scene from a file, live, of which nothing is known yet.
    pub(crate) fn of(opened: Opened) -> Self {
        let scene = Arc::into_inner(opened.scene).expect("nobody else has it");
        let plant = Arc::into_inner(opened.plant).expect("nobody else has it");
        let mut stage = Self::bare(scene, plant);
        stage.look();
        stage
    }

    pub(crate) fn bare(scene: Scene, plant: Plant) -> Self {
        let history = History::new(scene.signals.len(), HistoryConfig::default());
        let mut timeline = Timeline::new(NOW);
        timeline.set_oldest(NOW.plus_secs(-RECORDED as f64));
        Self {
            who: Who::default(),
            plant,
            scene,
            history,
            timeline,
            cursor: FrameCursor::new(),
            alarms: Vec::new(),
            live: Vec::new(),
            addressed: None,
            orders: Vec::new(),
            horn: HornView::default(),
            review: ReviewView::default(),
            trial: TrialView::default(),
            anomalies: AnomalyView::default(),
            health: HealthView::default(),
            flows: None,
            aside: Vec::new(),
            alarm_groups: Vec::new(),
            live_alarms: Counts::default(),
            runs: Vec::new(),
            compared: None,
            skill: SkillView::default(),
            estimate: EstimateView::default(),
            exploration: ExploreView::default(),
            sources: Vec::new(),
            topics: TopicsView::default(),
            selection: Selection::default(),
            revealed: Revealed::default(),
            tool: Tool::default(),
            ruler: Ruler::default(),
            movement: Movement::default(),
            story: None,
            recorded: None,
            settings: ViewSettings::default(),
            picture: ViewPicture::default(),
            notices: Vec::new(),
            recording: None,
            notes: Vec::new(),
            demo: false,
            replayed: false,
            planned: false,
        }
    }

    pub(crate) fn signal(&self, name: &str) -> SignalId {
        let found = self.scene.find_signal(name);
        found.unwrap_or_else(|| panic!("no signal {name}"))
    }

    fn record(&mut self) {
        let mut batch = SampleBatch::new(Origin::Measured);
        let mut put = |name: &str, until: i64, quality, value: &dyn Fn(f64) -> f64| {
            let signal = self.scene.find_signal(name).expect("a signal of the scene");
            let unit = self.scene.signal(signal).unit;
            let newest = RECORDED - until;
            for second in (newest % 5..=newest).step_by(5) {
                let at = NOW.plus_secs((second - RECORDED) as f64);
                let mut sample = Sample::good(at, unit.to_si(value(second as f64)));
                sample.quality = quality;
                batch.push(signal, sample);
            }
        };
        let wave = |period: f64, secs: f64| (secs * TAU / period).sin();
        let good = Quality::Good;
        // The last sample of TK-1.level is 3 s old.
        put("TK-1.level", 3, good, &|s| {
            2.4 + 0.9 * wave(2_400.0, s) + 0.02 * wave(31.0, s)
        });
        put("TK-2.level", 600, good, &|s| 3.1 + 0.4 * wave(1_900.0, s));
        put("P-1.running", 1, good, &|s| f64::from(s > 900.0));
        put("P-1.flow", 1, good, &|s| {
            if s > 900.0 {
                310.0 + 12.0 * wave(47.0, s)
            } else {
                0.0
            }
        });
        put("P-1.speed", 1, good, &|s| {
            if s > 900.0 { 82.0 } else { 0.0 }
        });
        put("P-2.running", 20, good, &|_| 0.0);
        put("PT-1.pressure", 2, Quality::BadSensorFailure, &|s| {
            4.2 + 0.3 * wave(300.0, s)
        });
        self.history.insert(&batch);
        let lost = self.signal("P-2.running");
        self.history.lose_link([lost], NOW.plus_secs(-15.0));
    }

    /// Moves the readings to the playhead, as the program does in every frame.
    pub(crate) fn look(&mut self) {
        let playhead = self.timeline.playhead();
        let origin = self.timeline.origin_at(playhead);
        let ages: Vec<Duration> = self.scene.signals.iter().map(|s| s.max_age).collect();
        self.cursor.advance(&self.history, origin, playhead, &ages);
    }

    pub(crate) fn steer(&mut self, command: TimelineCommand) {
        self.timeline.apply(command);
        self.look();
    }

    pub(crate) fn select(&mut self, tag: &str) {
        self.selection = Selection::one(self.scene.find_asset(tag));
    }

    /// TK-1 is low and nobody has said that he saw it.
    pub(crate) fn raise_alarm(&mut self) {
        let signal = self.signal("TK-1.level");
        let limit = 1;
        let spec = &self.scene.signal(signal).limits[limit];
        let raised = NOW.plus_secs(-95.0);
        self.live_alarms.unacknowledged += 1;
        self.live_alarms.active_by_priority[0] += 1;
        let alarm = Alarm {
            id: AlarmId(1),
            signal,
            limit: Some(limit),
            rule: None,
            kind: spec.kind,
            priority: spec.priority,
            standing: Standing::Unacknowledged,
            state: AlarmState::Unacknowledged,
            since: raised,
            raised,
            value: 1.17,
            acknowledged: None,
        };
        self.live.push(alarm.clone());
        self.alarms.push(alarm);
    }

    /// A finished run of the scenario at `place`, selected, whose ensemble empties TK-1.
    pub(crate) fn finish_run(&mut self, id: u32, place: usize) -> RunId {
        let run = RunId(id);
        let scenario = self.scene.scenarios[place].clone();
        let signal = self.signal("TK-1.level");
        let step = scenario.step.as_secs_f64();
        let outputs = (scenario.horizon.as_secs_f64() / step) as i64;
        let reached = NOW + scenario.horizon;
        for (origin, spread) in [
            (Origin::Simulated(run), 0.0),
            (Origin::BandLow(run), -0.25),
            (Origin::BandHigh(run), 0.25),
        ] {
            let mut batch = SampleBatch::new(origin);
            for output in 0..=outputs {
                let share = output as f64 / outputs as f64;
                let level = 2.4 - (1.3 + 0.2 * f64::from(id)) * share + spread * share;
                let at = NOW.plus_secs(output as f64 * step);
                batch.push(signal, Sample::good(at, level));
            }
            self.history.insert(&batch);
            self.history.set_reach(origin, reached);
        }
        self.runs.push(RunRecord {
            id: run,
            start: NOW,
            seed: 1,
            reached,
            state: RunState::Finished,
            totals: RunTotals {
                members: scenario.members,
                samples: outputs as u64 * 3,
                ..RunTotals::default()
            },
            cpu_secs: 1.5,
            kpis: Vec::new(),
            breaches: vec![LimitBreach {
                signal,
                limit: 1,
                probability: 0.7,
                median_first: NOW.plus_secs(6_600.0),
                earliest: NOW.plus_secs(5_400.0),
                when: BreachTimes::of(NOW, scenario.horizon, [NOW.plus_secs(6_600.0); 7], 3),
            }],
            scenario,
        });
        self.timeline.apply(TimelineCommand::SelectRun(Some(run)));
        self.timeline.set_run_span(RunSpan {
            run,
            start: NOW,
            reached,
        });
        self.look();
        run
    }

    pub(crate) fn twin(&self) -> Twin<'_> {
        Twin {
            who: &self.who,
            scene: &self.scene,
            plant: &self.plant,
            history: &self.history,
            timeline: &self.timeline,
            rows: self.cursor.rows(),
            origin: self.timeline.origin_at(self.timeline.playhead()),
            other: None,
            ghost: false,
            alarms: &self.alarms,
            desk: Desk {
                live: &self.live,
                revision: 1,
                addressed: self.addressed.as_ref(),
                horn: self.horn,
                review: &self.review,
                trial: &self.trial,
            },
            anomalies: &self.anomalies,
            health: &self.health,
            flows: self.flows.as_ref(),
            aside: &self.aside,
            alarm_groups: &self.alarm_groups,
            live_alarms: self.live_alarms,
            runs: &self.runs,
            compared: self.compared,
            skill: &self.skill,
            estimate: &self.estimate,
            exploration: &self.exploration,
            sources: &self.sources,
            topics: &self.topics,
            selection: &self.selection,
            revealed: &self.revealed,
            tool: self.tool,
            ruler: &self.ruler,
            movement: &self.movement,
            story: self.story,
            recorded: self.recorded.as_ref(),
            undo: (false, false),
            settings: &self.settings,
            picture: &self.picture,
            orders: &self.orders,
            takes_orders: true,
            demo: self.demo,
            replayed: self.replayed,
            planned: self.planned,
            recording: self.recording.as_ref(),
            notes: &self.notes,
            coming: false,
            notices: &self.notices,
            pace: Pace {
                frames_per_sec: 60.0,
                frame_ms: 2.1,
            },
        }
    }
}
