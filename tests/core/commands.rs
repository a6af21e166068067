//! What is written to the plant: every step in every state, every refusal, and the whole way
//! to an emulated plant and back over a broker.

use std::time::{Duration, Instant};

use parallax::command::{ARMED_FOR, OrderId, OrderState, Orders, Permit, Refusal};
use parallax::scene::{self, Scene};
use parallax::session::{Feed, FeedPlan};
use parallax::signal::{Origin, Quality, Sample, SampleBatch, SignalId};
use parallax::telemetry::{SourceChange, now};
use parallax::time::Timestamp;

use crate::scenes::waterworks;

const SCENE: &str = r#"(
    format: 1,
    name: "Rig",
    types: {
        "pump": (shape: Pump, signals: [
            (name: "speed", unit: "%", range: (0, 100), write: (range: (60, 100), reads_back: "actual", tolerance: 1, within: "5s")),
            (name: "actual", unit: "%", range: (0, 100)),
            (name: "running", range: (0, 1), states: ["stopped", "running"], write: ()),
        ]),
    },
    assets: [(tag: "P-1", type: "pump"), (tag: "P-2", type: "pump")],
    sources: [Mqtt(name: "Rig", broker: "mqtt://127.0.0.1:1", topics: [(pattern: "rig/{asset}/{signal}")], commands: "rig/{asset}/{signal}/set")],
)"#;

const MAY: Permit = Permit {
    live: true,
    allowed: true,
    carried: true,
};

fn rig() -> Scene {
    scene::parse(SCENE).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn id(scene: &Scene, name: &str) -> SignalId {
    scene.find_signal(name).expect("a signal of the rig")
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + secs)
}

/// What the plant says of one signal, in its unit of percent.
fn says(signal: SignalId, secs: i64, percent: f64, quality: Quality) -> SampleBatch {
    let mut batch = SampleBatch::new(Origin::Measured);
    let sample = Sample::good(at(secs), percent / 100.0);
    batch.push(signal, Sample { quality, ..sample });
    batch
}

struct Desk {
    scene: Scene,
    orders: Orders,
}

impl Desk {
    fn new() -> Self {
        Self {
            scene: rig(),
            orders: Orders::default(),
        }
    }

    fn arm(&mut self, name: &str, percent: f64, permit: Permit) -> Result<OrderId, Refusal> {
        let wish = (id(&self.scene, name), percent / 100.0);
        let by = ("Ada", permit);
        self.orders.arm(&self.scene, wish, Some(0.75), by, at(0))
    }

    fn confirm(&mut self, order: OrderId, permit: Permit, secs: i64) -> Result<(), Refusal> {
        let (scene, now) = (&self.scene, at(secs));
        self.orders.confirm(order, scene, permit, now, |_| Ok(()))
    }

    fn state(&self, order: OrderId) -> &OrderState {
        &self.orders.get(order).expect("it is kept").state
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Confirm,
    Withdraw,
    Shown,
    ShownOtherwise,
    Late,
}

const EVENTS: [Event; 5] = [
    Event::Confirm,
    Event::Withdraw,
    Event::Shown,
    Event::ShownOtherwise,
    Event::Late,
];

#[test]
fn every_event_in_every_state_leads_where_the_picture_says() {
    let name = |state: &OrderState| match state {
        OrderState::Armed { .. } => "Armed",
        OrderState::Sent { .. } => "Sent",
        OrderState::Obeyed { .. } => "Obeyed",
        OrderState::NotObeyed { .. } => "NotObeyed",
        OrderState::NotSent { .. } => "NotSent",
        OrderState::Withdrawn => "Withdrawn",
        OrderState::Expired => "Expired",
    };
    // By state: how it is come to, and what each of the events makes of it.
    let table: [(&[Event], [&str; 5]); 6] = [
        (&[], ["Sent", "Withdrawn", "Armed", "Armed", "Expired"]),
        (
            &[Event::Confirm],
            ["Sent", "Sent", "Obeyed", "Sent", "NotObeyed"],
        ),
        (&[Event::Withdraw], ["Withdrawn"; 5]),
        (&[Event::Late], ["Expired"; 5]),
        (&[Event::Confirm, Event::Shown], ["Obeyed"; 5]),
        (&[Event::Confirm, Event::Late], ["NotObeyed"; 5]),
    ];
    for (way, expected) in table {
        for (event, expected) in EVENTS.into_iter().zip(expected) {
            let mut desk = Desk::new();
            let order = desk.arm("P-1.speed", 82.0, MAY).expect("it may be armed");
            let back = id(&desk.scene, "P-1.actual");
            for event in way.iter().copied().chain([event]) {
                match event {
                    Event::Confirm => drop(desk.confirm(order, MAY, 1)),
                    Event::Withdraw => drop(desk.orders.withdraw(order)),
                    Event::Shown => {
                        let batch = says(back, 2, 81.5, Quality::Good);
                        desk.orders.observe(&batch, &desk.scene);
                    }
                    Event::ShownOtherwise => {
                        let batch = says(back, 2, 75.0, Quality::Good);
                        desk.orders.observe(&batch, &desk.scene);
                    }
                    Event::Late => drop(desk.orders.tick(at(100))),
                }
            }
            let found = name(desk.state(order));
            assert_eq!(found, expected, "{way:?} then {event:?}");
        }
    }
}

#[test]
fn neither_step_goes_without_leave() {
    let refused = [
        (Permit { live: false, ..MAY }, Refusal::NotLive),
        (
            Permit {
                carried: false,
                ..MAY
            },
            Refusal::NotEnabled,
        ),
        (
            Permit {
                allowed: false,
                ..MAY
            },
            Refusal::NotAllowed {
                signal: "P-1.speed".to_owned(),
            },
        ),
    ];
    for (permit, why) in refused {
        let mut desk = Desk::new();
        let told = desk.arm("P-1.speed", 82.0, permit);
        assert_eq!(told.expect_err("refused"), why);
        assert!(desk.orders.all().is_empty());
        let order = desk.arm("P-1.speed", 82.0, MAY).expect("it may be armed");
        assert_eq!(desk.confirm(order, permit, 1).expect_err("refused"), why);
        let sent = |state: &OrderState| matches!(state, OrderState::Sent { .. });
        assert!(!sent(desk.state(order)), "{why}");
    }
    let mut desk = Desk::new();
    let told = desk.arm("P-1.actual", 82.0, MAY).expect_err("not written");
    assert!(matches!(told, Refusal::NotWritten { .. }), "{told}");
}

#[test]
fn what_is_out_of_range_or_no_number_is_never_armed() {
    for percent in [59.9, 100.1, -1.0, f64::NAN, f64::INFINITY] {
        let mut desk = Desk::new();
        let told = desk.arm("P-1.speed", percent, MAY);
        assert!(
            matches!(told, Err(Refusal::OutOfRange { .. })),
            "{percent}: {told:?}"
        );
    }
}

#[test]
fn a_signal_takes_one_order_at_a_time_and_others_do_not_wait() {
    let mut desk = Desk::new();
    let first = desk.arm("P-1.speed", 82.0, MAY).expect("it may be armed");
    let busy = desk.arm("P-1.speed", 90.0, MAY).expect_err("busy");
    assert!(matches!(busy, Refusal::Busy { .. }), "{busy}");
    desk.arm("P-2.speed", 90.0, MAY).expect("another pump");
    desk.confirm(first, MAY, 1).expect("it is armed");
    assert!(desk.arm("P-1.speed", 90.0, MAY).is_err());
    desk.orders.tick(at(100));
    desk.arm("P-1.speed", 90.0, MAY).expect("the first ended");
}

#[test]
fn only_a_good_new_value_within_the_tolerance_counts_as_obeyed() {
    let cases = [
        ("before it was sent", 0, 82.0, Quality::Good, false),
        ("after its time", 9, 82.0, Quality::Good, false),
        ("a bad one", 2, 82.0, Quality::Bad, false),
        ("too far off", 2, 80.9, Quality::Good, false),
        ("near enough", 2, 81.1, Quality::Good, true),
    ];
    for (case, secs, percent, quality, obeyed) in cases {
        let mut desk = Desk::new();
        let order = desk.arm("P-1.speed", 82.0, MAY).expect("it may be armed");
        desk.confirm(order, MAY, 1).expect("it is armed");
        for name in ["P-1.speed", "P-2.actual"] {
            // Neither the set-point itself nor another pump says anything.
            let batch = says(id(&desk.scene, name), 2, 82.0, Quality::Good);
            desk.orders.observe(&batch, &desk.scene);
        }
        let batch = says(id(&desk.scene, "P-1.actual"), secs, percent, quality);
        desk.orders.observe(&batch, &desk.scene);
        let found = matches!(desk.state(order), OrderState::Obeyed { .. });
        assert_eq!(found, obeyed, "{case}");
    }
}

#[test]
fn each_step_is_news_once_and_what_did_not_leave_says_why() {
    let mut desk = Desk::new();
    let order = desk.arm("P-1.speed", 82.0, MAY).expect("it may be armed");
    let (scene, orders) = (&desk.scene, &mut desk.orders);
    let no_link = |_: &_| Err("there is no link to the broker".to_owned());
    let confirmed = orders.confirm(order, scene, MAY, at(1), no_link);
    confirmed.expect("it was armed");
    let news: Vec<String> = orders
        .take_news()
        .iter()
        .map(|order| {
            let state = order.state.text(scene.signal(order.signal));
            format!("{}: {}: {state}", order.by, order.text(scene))
        })
        .collect();
    assert_eq!(
        news,
        [
            "Ada: P-1.speed from 75.0 % to 82.0 %: waits to be confirmed",
            "Ada: P-1.speed from 75.0 % to 82.0 %: not sent: there is no link to the broker",
        ]
    );
    assert!(orders.take_news().is_empty());
    // Whoever is late finds it expired.
    let late = desk.arm("P-1.speed", 82.0, MAY).expect("the first ended");
    let after = 1 + ARMED_FOR.as_secs() as i64;
    let told = desk.confirm(late, MAY, after).expect_err("too late");
    assert_eq!(told, Refusal::NotArmed);
    assert_eq!(*desk.state(late), OrderState::Expired);
}

#[test]
fn mistakes_in_what_is_written_are_found_with_their_line() {
    for (part, broken, told) in [
        (
            r#"reads_back: "actual""#,
            r#"reads_back: "actuel""#,
            "no signal `actuel`",
        ),
        ("range: (60, 100)", "range: (100, 60)", "range"),
        ("tolerance: 1", "tolerance: -1", "tolerance"),
        (r#"within: "5s""#, r#"within: "2h""#, "longer than an hour"),
        (
            "rig/{asset}/{signal}/set",
            "rig/{asset}/set",
            "is no topic of commands",
        ),
        (
            "rig/{asset}/{signal}/set",
            "rig/+/{signal}/set",
            "is no topic of commands",
        ),
        (
            "rig/{asset}/{signal}/set",
            "rig/{asset}/{signal}",
            "would be heard as telemetry",
        ),
    ] {
        let text = SCENE.replacen(part, broken, 1);
        let problems = scene::parse(&text).expect_err("a broken scene");
        let line = text.lines().position(|line| line.contains(broken));
        let found = problems
            .iter()
            .find(|problem| problem.message.contains(told));
        let found = found.unwrap_or_else(|| panic!("{broken}: {problems:?}"));
        assert_eq!(found.line, line.map(|line| line as u32 + 1), "{broken}");
    }
}

/// Hands on what comes until `done`.
fn hear(feed: &Feed, mut done: impl FnMut(&SampleBatch) -> bool) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        let event = feed.next_within(Duration::from_millis(200));
        if let Some(SourceChange::Samples(batch)) = event.map(|event| event.change)
            && done(&batch)
        {
            return;
        }
    }
    panic!("nothing came within a minute");
}

#[test]
fn an_emulated_plant_obeys_over_the_broker_and_shows_it() {
    let opened = waterworks();
    let plan = FeedPlan::Demo {
        past: Duration::ZERO,
        seed: 7,
    };
    let feed = Feed::start(&opened, plan, &None).expect("a demo");
    let scene = &opened.scene;
    let valve = id(scene, "V-402.position");
    let link = feed.order_link(valve).expect("the scene takes commands");
    hear(&feed, |_| link.connected());

    let mut orders = Orders::default();
    let by = ("Ada", MAY);
    let order = orders.arm(scene, (valve, 0.35), Some(0.0), by, now());
    let order = order.expect("it may be written");
    let send = |order: &parallax::command::Order| {
        let sample = Sample::good(order.at, order.value);
        link.send(order.signal, sample)
            .map_err(|error| error.to_string())
    };
    let confirmed = orders.confirm(order, scene, MAY, now(), send);
    confirmed.expect("it is armed");
    hear(&feed, |batch| {
        orders.observe(batch, scene);
        orders.tick(now());
        !orders.get(order).expect("it is kept").is_open()
    });
    let state = &orders.get(order).expect("it is kept").state;
    assert!(matches!(state, OrderState::Obeyed { .. }), "{state:?}");

    // Where the scene does not write, the plant hears nothing.
    let level = id(scene, "TK-401.level");
    let told = orders.arm(scene, (level, 3.0), None, by, now());
    assert!(matches!(told, Err(Refusal::NotWritten { .. })), "{told:?}");
}

#[test]
fn without_a_link_nothing_is_sent_now_or_later() {
    let mut opened = waterworks();
    let mut scene = (*opened.scene).clone();
    scene.sources[0].broker = "mqtt://127.0.0.1:1".to_owned();
    opened.scene = scene.into();
    let plan = FeedPlan::Sources { broker: None };
    let mut feed = Feed::start(&opened, plan, &None).expect("sources");
    assert!(!feed.takes_orders());
    let valve = id(&opened.scene, "V-402.position");
    let link = feed.order_link(valve).expect("the scene takes commands");
    let told = link.send(valve, Sample::good(now(), 0.35));
    let told = told.expect_err("nobody listens").to_string();
    assert!(told.starts_with("there is no link to the broker"), "{told}");
    feed.forget_orders();
}
