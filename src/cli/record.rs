//! `parallax record SCENE`: what a scene's sources say, into a store.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::output::talk;
use super::{PROBLEMS_FOUND, RecordArgs, could_not, print_json};
use crate::alarm::Engine;
use crate::session::{
    self, Feed, FeedPlan, MemberBook, Opened, Recording, Relay, StorePlan, alarm_rows,
    default_store,
};
use crate::telemetry::{SourceChange, now};

/// How long nothing is waited for at most.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often delays of alarms are looked at.
const TICK_EVERY: Duration = Duration::from_millis(500);
/// How often the state is told on stderr.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// What a recording tells at its end.
#[derive(Debug, Serialize)]
struct Report {
    store: String,
    seconds: f64,
    samples: u64,
    /// Samples that could not be kept.
    lost: u64,
    trouble: Option<String>,
}

/// Records until the time is over, or for ever.
pub fn record(args: &RecordArgs) -> ExitCode {
    let opened = match session::open(&args.scene) {
        Ok(opened) => opened,
        Err(error) => return could_not(error),
    };
    let usual = || default_store(&opened.scene).display().to_string();
    let plan = StorePlan {
        place: args.store.clone().unwrap_or_else(usual),
        record: true,
    };
    let recording = match Recording::start(&opened.scene, &plan, None) {
        Ok(recording) => recording,
        Err(error) => return could_not(error),
    };
    let feed = FeedPlan::Sources {
        broker: args.broker.clone(),
    };
    let feed = match Feed::start(&opened, feed, &None) {
        Ok(feed) if feed.silent => {
            let hint = "name one with --broker mqtt://host:port";
            return could_not(format!("the scene names no source to record: {hint}"));
        }
        Ok(feed) => feed,
        Err(error) => return could_not(error),
    };
    talk!("{} is recorded to {}", opened.scene.name, recording.place());
    match run(&opened, &feed, recording, args.duration) {
        Ok(report) => {
            print_json(&report);
            match report.lost {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::from(PROBLEMS_FOUND),
            }
        }
        Err(error) => could_not(error),
    }
}

fn run(
    opened: &Opened,
    feed: &Feed,
    mut recording: Recording,
    duration: Option<Duration>,
) -> Result<Report, session::RecordingError> {
    let relay = Relay::new(&opened.scene);
    let members = MemberBook::new(&opened.plant);
    let mut alarms = Engine::new(&opened.scene);
    recording.restore_alarms(&mut alarms)?;
    let began = Instant::now();
    let (mut ticked, mut told) = (began, began);
    let (mut trouble, mut listens) = (None, false);
    while duration.is_none_or(|duration| began.elapsed() < duration) {
        if !recording.has_room() {
            // The brokers keep what we do not take.
            std::thread::sleep(LOOK_EVERY);
        } else if let Some(event) = feed.next_within(LOOK_EVERY) {
            match event.change {
                SourceChange::Samples(mut batch) => {
                    relay.extend(&mut batch);
                    alarms.observe(&batch);
                    recording.record(&batch);
                }
                SourceChange::Fixes(fixes) => recording.note(members.rows(&fixes)),
                SourceChange::Disconnected { reason } => {
                    talk!("link lost: {reason}");
                    let lost = relay.with_listeners(feed.signals_of(event.source));
                    recording.lose_link(&lost, event.at);
                    alarms.lose_link(lost, event.at);
                }
                SourceChange::Connected => {}
            }
        }
        if ticked.elapsed() > TICK_EVERY {
            ticked = Instant::now();
            alarms.tick(now());
            recording.note(alarm_rows(&opened.scene, &alarms.take_news()));
            let wrong = recording.wrong();
            let subscribed = feed.statuses().iter().all(|status| status.subscribed);
            if subscribed && !listens {
                talk!("listening to all sources");
            }
            listens = subscribed;
            if wrong != trouble {
                match &wrong {
                    Some(wrong) => talk!("store: {wrong}"),
                    None => talk!("store: well again"),
                }
                trouble = wrong;
            }
        }
        if told.elapsed() > TELL_EVERY {
            told = Instant::now();
            if let Some(status) = recording.status() {
                talk!("{} rows recorded", status.rows_written);
            }
        }
    }
    recording.note(alarm_rows(&opened.scene, &alarms.take_news()));
    let place = recording.place().to_owned();
    let status = recording.close()?;
    Ok(Report {
        store: place,
        seconds: began.elapsed().as_secs_f64(),
        samples: status.as_ref().map_or(0, |status| status.rows_written),
        lost: status.as_ref().map_or(0, |status| status.rows_lost),
        trouble,
    })
}
