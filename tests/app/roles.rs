//! Who may do what: every action for every role, and what the audit tells of a session.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use parallax::access::{Grant, Right, Role};
use parallax::alarm::{AlarmId, AlarmState, Happening, Shelf};
use parallax::app::action::{Action, LimitTrial, Named, Note, OrderStep};
use parallax::app::alarms::{AlarmBook, AlarmOrder};
use parallax::app::anomalies::AnomalyAsk;
use parallax::app::panels::PanelState;
use parallax::app::panels::topic_draft::TopicChoice;
use parallax::app::recording::{NoteBook, Store};
use parallax::app::reveal::RevealEdit;
use parallax::app::rights::{Around, Need};
use parallax::app::scene::OpenScene;
use parallax::app::sign_in::{Entrance, WRONG};
use parallax::app::simulation::Runs;
use parallax::app::story_recorder::StoryEdit;
use parallax::app::telemetry::Historian;
use parallax::app::topics::TopicEdit;
use parallax::app::ui::PanelMemory;
use parallax::app::who::{Credentials, Identity, Password, Who};
use parallax::app::writing::OrderBook;
use parallax::command::{OrderId, OrderState, Permit};
use parallax::files::Accounts;
use parallax::recording::AuditBook;
use parallax::scene::{self, AssetIndex, DocumentIndex, Mapping, Scenario, Scene, StoryView};
use parallax::session::{self, Opened, Recording, StorePlan};
use parallax::signal::{RunId, Sample, SignalId};
use parallax::telemetry::now;
use parallax::timeline::TimelineCommand;

use super::twin::{Twin, secs, tanks};

const PASSWORD: &str = "correct horse battery";

/// Two areas with a tank each, too full since 100 s; it is 200 s.
fn areas() -> Twin {
    let text = r#"(format: 1, name: "Areas",
        types: {
            "area": (shape: Building, size: (9, 9, 4)),
            "tank": (shape: Tank, signals: [
                (name: "level", unit: "m", range: (0, 10), max_age: "1h",
                 limits: [(kind: High, at: 9, deadband: 0.5, priority: High)]),
            ]),
        },
        assets: [
            (tag: "NORTH", type: "area", label: "Area North"),
            (tag: "SOUTH", type: "area", label: "Area South", at: (30, 0, 0)),
            (tag: "TK-1", type: "tank", parent: Some("NORTH")),
            (tag: "TK-2", type: "tank", parent: Some("SOUTH"), at: (30, 0, 0)),
        ])"#;
    let scene = scene::parse(text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut twin = Twin::of(scene);
    fill(&mut twin, &[SignalId(0), SignalId(1)]);
    twin
}

fn fill(twin: &mut Twin, levels: &[SignalId]) {
    for at in (0..=200).step_by(10) {
        let value = if at < 100 { 5.0 } else { 9.5 };
        let says = |level: &SignalId| (*level, Sample::good(secs(at), value));
        twin.send(&levels.iter().map(says).collect::<Vec<_>>());
    }
    twin.update();
}

fn account(roles: &[(Role, Option<&str>)]) -> Identity {
    let grants = roles.iter().map(|(role, area)| Grant {
        role: *role,
        area: area.map(str::to_owned),
    });
    Identity::Account {
        name: "Ada".to_owned(),
        grants: grants.collect(),
    }
}

fn sit_down(twin: &mut Twin, identity: Identity) {
    twin.app.insert_resource(Who::of(identity));
    twin.update();
}

fn who(twin: &Twin) -> &Who {
    twin.app.world().resource::<Who>()
}

/// Every action there is, about the tank in the north where it is about something.
fn every_action() -> Vec<Action> {
    let (alarm, run, tank, level) = (AlarmId(0), RunId(1), AssetIndex(2), SignalId(0));
    let scenario = || {
        Box::new(Scenario::plain(
            "As is",
            Duration::from_secs(600),
            Duration::from_secs(60),
        ))
    };
    let file = || PathBuf::from("never-written");
    let shelf = Shelf {
        until: secs(9_000),
        reason: "test".into(),
    };
    let note = Note {
        at: secs(100),
        asset: Some(tank),
        text: "seen".to_owned(),
    };
    let trial = LimitTrial {
        signal: level,
        limits: Vec::new(),
        hours: 1,
    };
    let ask = AnomalyAsk {
        signals: vec![level],
        train: (secs(0), secs(100)),
        per_day: 1.0,
        against: None,
    };
    let view = StoryView {
        eye: [1.0; 3],
        focus: [0.0; 3],
        plan: false,
    };
    let nobody = Credentials {
        name: String::new(),
        password: Password::default(),
    };
    let happenings = [
        Happening::Reset,
        Happening::Shelve(shelf),
        Happening::Unshelve,
        Happening::TakeOutOfService,
        Happening::ReturnToService,
    ];
    let edits = [
        StoryEdit::Caption("x".to_owned()),
        StoryEdit::DropStep,
        StoryEdit::RemoveLast,
        StoryEdit::Keep("x".to_owned()),
        StoryEdit::GoOn,
        StoryEdit::Discard,
    ];
    let mut all = vec![
        Action::Timeline(TimelineCommand::GoLive),
        Action::Select(None),
        Action::SelectAlso(tank),
        Action::SelectMember(None),
        Action::SelectAll(Vec::new()),
        Action::Reveal(RevealEdit::Hide(Vec::new())),
        Action::MeasureAt([0.0; 3]),
        Action::Restore(Box::default()),
        Action::Hover(None),
        Action::FlyTo(tank),
        Action::LookAt(view),
        Action::SecondView(Some(view)),
        Action::Turn(0.1),
        Action::LookThere([0.0; 2]),
        Action::LookFrom(0.0, 0.0),
        Action::GoToBookmark(0),
        Action::StartStory(0),
        Action::SetHeat(None),
        Action::SetQuality(None),
        Action::ToggleTrend(level),
        Action::Override(level),
        Action::Acknowledge(alarm),
        Action::CommentAlarms(vec![alarm], "x".to_owned()),
        Action::ReviewAlarms(1),
        Action::TryLimits(Box::new(trial)),
        Action::FindAnomalies(Box::new(ask)),
        Action::StartRun(scenario()),
        Action::WeighMaintenance(tank, Duration::from_secs(60)),
        Action::CancelRun(run),
        Action::KeepScenario(scenario()),
        Action::RemoveScenario("x".to_owned()),
        Action::PauseRun(run, true),
        Action::ExtendRun(run, Duration::from_secs(1)),
        Action::AddMembers(run, 1),
        Action::RunAgain(run),
        Action::RunOtherwise(run),
        Action::Explore(scenario(), String::new()),
        Action::CancelExplore,
        Action::OpenTrial(1),
        Action::Estimate,
        Action::StartEstimated(scenario()),
        Action::StartHindcasts,
        Action::CancelHindcasts,
        Action::DiscardRun(run),
        Action::Compare(None),
        Action::Note(note),
        Action::OpenScene(file()),
        Action::OpenDocument(DocumentIndex(0)),
        Action::SavePicture(file()),
        Action::ExportTrends(file()),
        Action::SaveTrendPicture(file()),
        Action::ExportAlarms(file()),
        Action::ExportAlarmReview(file()),
        Action::WriteShiftReport(file()),
        Action::ShowOrder(level),
        Action::Order(OrderStep::Arm(level, 5.0)),
        Action::Order(OrderStep::Confirm(OrderId(1))),
        Action::Order(OrderStep::Withdraw(OrderId(1))),
        Action::SignIn(nobody),
        Action::Refused,
        Action::DraftMapping(Box::new(topic())),
    ];
    all.extend(happenings.map(|happening| Action::AlarmAct(alarm, happening)));
    all.extend(edits.map(Action::Story));
    let mapping = Mapping {
        source: "plant".to_owned(),
        topic: "raw/1".to_owned(),
        field: None,
        signal: "TK-1.level".to_owned(),
    };
    let topics = [
        TopicEdit::Look {
            source: 0,
            filter: "#".to_owned(),
        },
        TopicEdit::Map(mapping.clone()),
        TopicEdit::TakeBack(mapping),
    ];
    all.extend(topics.map(Action::Topics));
    all.extend(Named::ALL.iter().copied().map(Action::Named));
    all
}

/// A topic in somebody's hand.
fn topic() -> TopicChoice {
    TopicChoice {
        source: "plant".to_owned(),
        topic: "raw/1".to_owned(),
        field: None,
        payload: "1".into(),
        is_cut: false,
        retained: false,
        asset: None,
        signal: None,
    }
}

/// The place of the action's kind, and the right that it should need. Told once more than by the
/// program, and without its help.
fn expected(action: &Action) -> (usize, Option<Right>) {
    use Right::{Acknowledge, EditScenarios, Simulate, TakeOutOfService, Write};
    match action {
        Action::Timeline(_) => (0, None),
        Action::Select(_) => (1, None),
        Action::SelectAlso(_) => (2, None),
        Action::SelectMember(_) => (3, None),
        Action::SelectAll(_) => (4, None),
        Action::Reveal(_) => (5, None),
        Action::MeasureAt(_) => (6, None),
        Action::Restore(_) => (7, None),
        Action::Hover(_) | Action::CloseWindows => (8, None),
        Action::FlyTo(_) => (9, None),
        Action::LookAt(_) => (10, None),
        Action::Turn(_) => (11, None),
        Action::LookThere(_) => (12, None),
        Action::LookFrom(..) => (13, None),
        Action::GoToBookmark(_) => (14, None),
        Action::StartStory(_) => (15, None),
        Action::Story(_) => (16, Some(EditScenarios)),
        Action::SetHeat(_) => (17, None),
        Action::SetQuality(_) => (18, None),
        Action::ToggleTrend(_) => (19, None),
        Action::Override(_) => (20, Some(Simulate)),
        Action::Acknowledge(_) => (21, Some(Acknowledge)),
        Action::AlarmAct(_, happening) => {
            let right = match happening {
                Happening::Shelve(_) | Happening::Unshelve => Right::Shelve,
                Happening::TakeOutOfService | Happening::ReturnToService => TakeOutOfService,
                _ => Acknowledge,
            };
            (22, Some(right))
        }
        Action::CommentAlarms(..) => (23, Some(Right::Note)),
        Action::ReviewAlarms(_) => (24, None),
        Action::TryLimits(_) => (25, None),
        Action::FindAnomalies(_) => (56, None),
        Action::StartRun(_) => (26, Some(Simulate)),
        Action::WeighMaintenance(..) => (60, Some(Simulate)),
        Action::CancelRun(_) => (27, Some(Simulate)),
        Action::KeepScenario(_) => (28, Some(EditScenarios)),
        Action::RemoveScenario(_) => (29, Some(EditScenarios)),
        Action::PauseRun(..) => (30, Some(Simulate)),
        Action::ExtendRun(..) => (31, Some(Simulate)),
        Action::AddMembers(..) => (32, Some(Simulate)),
        Action::RunAgain(_) => (33, Some(Simulate)),
        Action::RunOtherwise(_) => (34, Some(Simulate)),
        Action::Explore(..) => (35, Some(Simulate)),
        Action::CancelExplore => (36, Some(Simulate)),
        Action::OpenTrial(_) => (37, Some(Simulate)),
        Action::Estimate => (38, Some(Simulate)),
        Action::StartEstimated(_) => (39, Some(Simulate)),
        Action::StartHindcasts => (40, Some(Simulate)),
        Action::CancelHindcasts => (41, Some(Simulate)),
        Action::DiscardRun(_) => (42, Some(Simulate)),
        Action::Compare(_) => (43, None),
        Action::Note(_) => (44, Some(Right::Note)),
        Action::OpenScene(_) => (45, None),
        Action::OpenDocument(_) => (61, None),
        Action::SavePicture(_) => (46, None),
        Action::ExportTrends(_) => (47, None),
        Action::ExportAlarms(_) => (48, None),
        Action::ExportAlarmReview(_) => (49, None),
        Action::WriteShiftReport(_) => (55, None),
        Action::ShowOrder(_) => (50, Some(Write)),
        Action::Order(_) => (51, Some(Write)),
        Action::SignIn(_) => (52, None),
        Action::Refused => (53, None),
        Action::Topics(TopicEdit::Look { .. }) => (57, None),
        Action::Topics(_) => (58, Some(Right::EditScene)),
        Action::DraftMapping(_) => (59, None),
        Action::SaveTrendPicture(_) => (62, None),
        Action::SecondView(_) => (63, None),
        Action::Named(named) => {
            let right = match named {
                Named::AcknowledgeAll
                | Named::AcknowledgeFirst
                | Named::SilenceHorn
                | Named::ToggleHorn => Some(Acknowledge),
                Named::CommentAlarm | Named::AddNote => Some(Right::Note),
                Named::RunBaseline => Some(Simulate),
                Named::RecordStory | Named::KeepStoryStep => Some(EditScenarios),
                Named::TakeMappingBack => Some(Right::EditScene),
                _ => None,
            };
            (54, right)
        }
    }
}

/// All that an action could have changed.
#[derive(Debug, PartialEq)]
struct Traces {
    alarms: usize,
    orders: usize,
    runs: usize,
    notes: usize,
    scenarios: usize,
    mappings: usize,
    history: u64,
}

fn traces(twin: &Twin) -> Traces {
    let world = twin.app.world();
    Traces {
        alarms: world.resource::<AlarmBook>().journal().changes().len(),
        orders: world.resource::<OrderBook>().all().len(),
        runs: world.resource::<Runs>().records.len(),
        notes: world.resource::<NoteBook>().0.len(),
        scenarios: world.resource::<OpenScene>().scene.scenarios.len(),
        mappings: world.resource::<OpenScene>().scene.mappings.len(),
        history: world.resource::<Historian>().revision(),
    }
}

#[test]
fn every_kind_of_action_is_in_the_registry() {
    let kinds: BTreeSet<usize> = every_action()
        .iter()
        .map(|action| expected(action).0)
        .collect();
    assert_eq!(kinds, (0..=63).collect());
}

/// Asks for every action as `identity`; those for which `may` says no are refused and leave no
/// trace. Tells how many that were.
#[track_caller]
fn check(identity: Identity, kiosk: bool, may: impl Fn(&Action, Option<Right>) -> bool) -> usize {
    let mut twin = areas();
    sit_down(&mut twin, identity.clone());
    let mut refused = 0;
    for action in every_action() {
        let (_, right) = expected(&action);
        let mut now = Who::of(identity.clone());
        now.kiosk = kiosk;
        let world = twin.app.world();
        let alarms = &world.resource::<AlarmOrder>().live;
        let scene = &world.resource::<OpenScene>().scene;
        let around = Around {
            scene,
            orders: world.resource::<OrderBook>().all(),
            first_alarm: alarms.first().map(|alarm| scene.signal(alarm.signal).asset),
        };
        let permitted = now.permits(&action.need(), around).is_ok();
        let wanted = may(&action, right);
        assert_eq!(permitted, wanted, "{action:?} as {now:?}");
        if wanted {
            continue;
        }
        refused += 1;
        twin.app.insert_resource(now);
        let before = traces(&twin);
        twin.act(action.clone());
        let told = twin.last_notice();
        assert!(
            told.contains("needs") || told.contains("kiosk"),
            "{action:?}: {told}"
        );
        twin.update();
        assert_eq!(traces(&twin), before, "{action:?} left a trace");
    }
    refused
}

#[test]
fn every_role_is_refused_what_it_has_no_right_to_and_nothing_else() {
    let refused = Role::ALL.map(|role| {
        let has = |_: &Action, right: Option<Right>| right.is_none_or(|right| role.has(right));
        check(account(&[(role, None)]), false, has)
    });
    let [viewer, operator, planner, engineer, administrator] = refused;
    // An engineer lacks only what no action of the window needs.
    assert_eq!((viewer, engineer), (administrator, 0));
    assert!(viewer > operator && viewer > planner && operator > 0 && planner > 0);
}

#[test]
fn who_is_not_signed_in_only_looks_and_who_needs_no_account_does_everything() {
    let refused = check(Identity::Nobody, false, |_, right| right.is_none());
    assert!(refused > 40, "{refused}");
    let name = "operator".to_owned();
    assert_eq!(check(Identity::Local { name }, false, |_, _| true), 0);
}

#[test]
fn a_kiosk_only_looks_whoever_began_it() {
    let name = "operator".to_owned();
    let refused = check(Identity::Local { name }, true, |action, _| {
        action.need() == Need::Look
    });
    assert!(refused > 60, "{refused}");
    let actions = every_action();
    let looks = actions.iter().filter(|one| one.need() == Need::Look);
    for action in looks {
        assert_eq!(expected(action).1, None, "{action:?} is more than a look");
    }
}

#[test]
fn a_role_of_an_area_acts_there_and_nowhere_else() {
    let mut twin = areas();
    sit_down(&mut twin, account(&[(Role::Operator, Some("SOUTH"))]));
    let states = |twin: &Twin| {
        let book = twin.app.world().resource::<AlarmBook>();
        [0, 1].map(|id| book.state(AlarmId(id)))
    };
    let (waits, done) = (AlarmState::Unacknowledged, AlarmState::Acknowledged);
    twin.act(Action::Acknowledge(AlarmId(0)));
    twin.update();
    assert_eq!(
        twin.last_notice(),
        "Acknowledging needs the operator's role for Area North (NORTH); \
         signed in as Ada, operator for SOUTH"
    );
    assert_eq!(states(&twin), [waits, waits]);
    twin.act(Action::Named(Named::AcknowledgeAll));
    twin.update();
    assert_eq!(states(&twin), [waits, done]);
    let told = twin.last_notice();
    assert_eq!(told, "1 alarms acknowledged; 1 are in areas of others");
    // What is left waits in the north.
    twin.act(Action::Named(Named::AcknowledgeFirst));
    twin.update();
    assert_eq!(states(&twin), [waits, done]);
    assert!(twin.last_notice().contains("Area North"));
    // A future is one of the whole plant.
    twin.act(Action::Named(Named::RunBaseline));
    twin.update();
    assert!(twin.last_notice().contains("Computing futures needs"));
}

/// A desk with accounts: Ada runs the plant, Cid sees to the accounts.
struct Desk {
    folder: tempfile::TempDir,
    twin: Twin,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("accounts.ron");
        let mut accounts = Accounts::default();
        let whole = |role| vec![Grant { role, area: None }];
        let made = accounts.add("Cid", PASSWORD, whole(Role::Administrator));
        made.expect("an account");
        let made = accounts.add("Ada", PASSWORD, whole(Role::Engineer));
        made.expect("an account");
        accounts.write(&file).expect("written");
        let opened = session::open("waterworks".as_ref());
        let opened = opened.unwrap_or_else(|error| panic!("{error}"));
        let mut twin = Twin::opened(Opened {
            // What is kept beside the scene is kept here.
            file: folder.path().join("scene.ron"),
            ..opened
        });
        let level = twin.scene().find_signal("TK-401.level");
        fill(&mut twin, &[level.expect("a signal of the scene")]);
        twin.app.world_mut().resource_mut::<Entrance>().file = Some(file);
        sit_down(&mut twin, Identity::Nobody);
        Self { folder, twin }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn record(&mut self) {
        let plan = StorePlan {
            place: self.store().display().to_string(),
            record: true,
        };
        let recording = Recording::start(&self.twin.scene(), &plan, None);
        let recording = recording.unwrap_or_else(|error| panic!("{error}"));
        self.twin.app.insert_resource(Store(Some(recording)));
    }

    /// Tries to sign in, and waits for the answer.
    fn sign_in(&mut self, name: &str, password: &str) {
        self.twin.act(Action::SignIn(Credentials {
            name: name.to_owned(),
            password: Password::new(password.to_owned()),
        }));
        for _ in 0..4_000 {
            if !who(&self.twin).door.checking {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
            self.twin.update();
        }
        panic!("the password is never checked");
    }

    /// Lets so many seconds go by in the eyes of the program.
    fn wait(&mut self, secs: u32) {
        for _ in 0..secs * 10 {
            self.twin.update();
        }
    }
}

#[test]
fn a_wrong_password_is_told_like_a_wrong_name_and_each_makes_the_next_wait_longer() {
    let mut desk = Desk::new();
    for (name, password, wait) in [
        ("Ada", "wrong horse battery", 1),
        ("Eve", PASSWORD, 2),
        ("Ada", "", 4),
    ] {
        desk.sign_in(name, password);
        let door = who(&desk.twin).door.clone();
        assert_eq!(door.refused.as_deref(), Some(WRONG), "{name}");
        assert_eq!(door.wait_secs, wait, "{name}");
        assert_eq!(who(&desk.twin).identity, Identity::Nobody);
        // The right one comes too early as well.
        desk.sign_in("Ada", PASSWORD);
        assert_eq!(who(&desk.twin).identity, Identity::Nobody);
        desk.wait(wait as u32 + 1);
    }
    desk.sign_in("Ada", PASSWORD);
    assert_eq!(who(&desk.twin).name(), "Ada");
    assert_eq!(who(&desk.twin).door.refused, None);
    assert_eq!(desk.twin.last_notice(), "Signed in as Ada, engineer");
}

#[test]
fn an_untouched_desk_is_locked_and_an_armed_order_is_taken_back() {
    let mut desk = Desk::new();
    desk.sign_in("Ada", PASSWORD);
    let scene = desk.twin.scene();
    let writable = scene.signal_ids();
    let mut writable = writable.filter(|id| scene.signal(*id).write.is_some());
    let signal = writable.next().expect("a signal that is written to");
    let value = scene.signal(signal).write.as_ref().expect("it is").range.0;
    let may = Permit {
        live: true,
        allowed: true,
        carried: true,
    };
    let world = desk.twin.app.world_mut();
    let mut book = world.resource_mut::<OrderBook>();
    let armed = book.arm(&scene, (signal, value), None, ("Ada", may), now());
    armed.expect("armed");
    let mut entrance = world.resource_mut::<Entrance>();
    entrance.lock_after = Some(Duration::from_secs(60));
    desk.wait(30);
    let state = |desk: &Desk| {
        let book = desk.twin.app.world().resource::<OrderBook>();
        book.all()[0].state.clone()
    };
    assert_eq!(who(&desk.twin).name(), "Ada");
    assert!(matches!(state(&desk), OrderState::Armed { .. }));
    desk.wait(40);
    assert_eq!(who(&desk.twin).identity, Identity::Nobody);
    assert_eq!(state(&desk), OrderState::Withdrawn);
}

#[test]
fn a_kiosk_is_left_by_escape_and_where_there_are_accounts_by_signing_in() {
    let mut desk = Desk::new();
    desk.sign_in("Ada", PASSWORD);
    desk.twin.act(Action::Named(Named::ToggleKiosk));
    assert!(who(&desk.twin).kiosk);
    assert_eq!(who(&desk.twin).identity, Identity::Nobody);
    for way_out in [Named::Escape, Named::ToggleKiosk] {
        desk.twin.act(Action::Named(way_out));
        assert!(who(&desk.twin).kiosk, "{way_out:?} needs an account");
    }
    desk.sign_in("Cid", PASSWORD);
    assert!(!who(&desk.twin).kiosk);

    let mut twin = areas();
    twin.act(Action::Named(Named::ToggleKiosk));
    assert!(who(&twin).kiosk);
    twin.act(Action::Acknowledge(AlarmId(0)));
    twin.update();
    assert!(twin.last_notice().contains("kiosk"));
    twin.act(Action::Named(Named::Escape));
    assert!(!who(&twin).kiosk);
}

/// A scenario of which nothing takes long.
fn short(scene: &Scene) -> Scenario {
    Scenario {
        name: "Short".to_owned(),
        horizon: Duration::from_secs(1_800),
        step: Duration::from_secs(900),
        members: 1,
        ..session::baseline(scene)
    }
}

#[test]
fn the_audit_holds_one_record_of_every_deed_and_names_the_one_that_is_changed() {
    let mut desk = Desk::new();
    desk.record();
    desk.twin.act(Action::Acknowledge(AlarmId(0)));
    desk.sign_in("Ada", "wrong horse battery");
    desk.wait(2);
    desk.sign_in("Ada", PASSWORD);
    let scene = desk.twin.scene();
    let live = desk.twin.app.world().resource::<AlarmOrder>().live.clone();
    let first = &live.first().expect("an alarm").id;
    let about = scene.signal(live[0].signal).full_name.as_str();
    let shelf = Shelf {
        until: secs(9_000),
        reason: "cleaning".into(),
    };
    let asset = scene.signal(live[0].signal).asset;
    let tag = scene.asset(asset).tag.as_str();
    for action in [
        Action::Acknowledge(*first),
        Action::CommentAlarms(vec![*first], "valve stuck".to_owned()),
        Action::AlarmAct(*first, Happening::Shelve(shelf)),
        Action::AlarmAct(*first, Happening::Unshelve),
        Action::AlarmAct(*first, Happening::TakeOutOfService),
        Action::AlarmAct(*first, Happening::ReturnToService),
        // Nothing is done twice.
        Action::AlarmAct(*first, Happening::ReturnToService),
        Action::Note(Note {
            at: secs(150),
            asset: Some(asset),
            text: "pump is loud".to_owned(),
        }),
        Action::StartRun(Box::new(short(&scene))),
        Action::KeepScenario(Box::new(short(&scene))),
        Action::Named(Named::SignOut),
        Action::Acknowledge(*first),
        Action::Named(Named::AcknowledgeAll),
    ] {
        desk.twin.act(action);
    }
    desk.wait(1);
    desk.sign_in("Cid", PASSWORD);
    desk.twin.act(Action::Named(Named::AcknowledgeAll));
    desk.twin.act(Action::Named(Named::ToggleKiosk));
    // What waits is written when the store is closed.
    desk.twin.app.insert_resource(Store(None));

    let told = AuditBook::read(&desk.store()).expect("readable");
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.by.as_str(), one.action.as_str(), one.subject.as_str()))
        .collect();
    let expected = [
        ("nobody", "refused to sign in", "Ada"),
        ("Ada", "sign in", "desk"),
        ("Ada", "acknowledge", about),
        ("Ada", "comment", about),
        ("Ada", "shelve", about),
        ("Ada", "unshelve", about),
        ("Ada", "take out of service", about),
        ("Ada", "return to service", about),
        ("Ada", "note", tag),
        ("Ada", "start run", "Short"),
        ("Ada", "keep scenario", "Short"),
        ("Ada", "sign out", "desk"),
        ("Cid", "sign in", "desk"),
        ("Cid", "begin the kiosk", "desk"),
        ("Cid", "sign out", "desk"),
    ];
    assert_eq!(told, expected);

    let verdict = AuditBook::verify(&desk.store()).expect("readable");
    assert_eq!((verdict.fault, verdict.seal.records), (None, 15));
    let log = desk.store().join("audit.jsonl");
    let whole = fs::read(&log).expect("readable");
    assert!(!String::from_utf8_lossy(&whole).contains("horse"));
    let ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let ends: Vec<usize> = ends.map(|(place, _)| place).collect();
    for (record, end) in ends.into_iter().enumerate() {
        let mut changed = whole.clone();
        changed[end - 40] ^= 1;
        fs::write(&log, &changed).expect("written");
        let verdict = AuditBook::verify(&desk.store()).expect("readable");
        let named = verdict.fault.map(|fault| fault.record);
        assert_eq!(named, Some(record as u64 + 1));
    }
}

#[test]
fn where_nothing_is_recorded_signing_in_is_told_beside_the_accounts() {
    let mut desk = Desk::new();
    desk.sign_in("a password by mistake", "Ada");
    desk.wait(2);
    desk.sign_in("Ada", PASSWORD);
    desk.twin.act(Action::Named(Named::SignOut));
    let Desk { folder, twin } = desk;
    drop(twin);
    let told = AuditBook::read(folder.path()).expect("readable");
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.action.as_str(), one.subject.as_str()))
        .collect();
    let expected = [
        ("refused to sign in", "an unknown name"),
        ("sign in", "desk"),
        ("sign out", "desk"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_broken_file_of_accounts_lets_nobody_in() {
    let mut desk = Desk::new();
    let file = desk.folder.path().join("accounts.ron");
    fs::write(&file, "(accounts: [oops").expect("written");
    let (at_start, told) = parallax::app::sign_in::at_start(Some(&file), "desk".to_owned());
    assert_eq!(at_start.identity, Identity::Nobody);
    assert!(told.expect("a reason").contains("line 1"));
    desk.sign_in("Ada", PASSWORD);
    assert_eq!(who(&desk.twin).identity, Identity::Nobody);
    let refused = who(&desk.twin).door.refused.clone();
    assert!(refused.expect("a reason").contains("line 1"));
}

#[test]
fn every_role_finds_its_own_layout_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("layout.ron");
    let scene = tanks(1);
    let zoom = |memory: &mut PanelMemory, times: usize| {
        for _ in 0..times {
            let larger = Action::Named(Named::ZoomIn);
            memory.state.follow(&larger, &scene);
        }
    };
    let percent = |state: &PanelState| (state.ui_scale() * 100.0).round() as u32;
    let mut memory = PanelMemory::load(Some(file.clone()));
    zoom(&mut memory, 1);
    // Who has no layout yet begins with what he finds.
    memory.hand_over(Some(Role::Operator));
    assert_eq!(percent(&memory.state), 110);
    zoom(&mut memory, 2);
    memory.hand_over(Some(Role::Viewer));
    assert_eq!(percent(&memory.state), 130);
    zoom(&mut memory, 3);
    memory.hand_over(Some(Role::Operator));
    assert_eq!(percent(&memory.state), 130);
    memory.hand_over(None);
    assert_eq!(percent(&memory.state), 110);
    let mut again = PanelMemory::load(Some(file));
    assert_eq!(percent(&again.state), 110);
    again.hand_over(Some(Role::Viewer));
    assert_eq!(percent(&again.state), 160);
}
