//! The main world's work in one frame: 1,000 and 10,000 assets all changing, 10,000 still; and
//! that of the waterworks at rest and while 24 h of it are computed for 200 members.
//!
//! Everything of the product but drawing itself: ingest, history, playhead, readings, drivers.
//!
//! `cargo bench --bench frame`

#[path = "stand/twin.rs"]
mod twin;

use std::path::Path;
use std::time::{Duration, Instant};

use bevy::app::App;
use cpu_time::ThreadTime;
use parallax::app;
use parallax::app::action::Action;
use parallax::app::launch::StoreChoice;
use parallax::app::simulation::Runs;
use parallax::app::telemetry::Historian;
use parallax::scene::Scenario;
use parallax::session;
use parallax::signal::{Origin, Sample, SampleBatch};
use parallax::telemetry::now;

use twin::twin_of;

const WARM_UP: usize = 30;
const FRAMES: usize = 200;

fn main() {
    println!("CPU of the main thread per frame, ms, {FRAMES} frames");
    println!(
        "{:>8} {:>10} {:>8} {:>8}",
        "assets", "changing", "median", "p95"
    );
    for (assets, changing) in [(1_000, 1_000), (10_000, 10_000), (10_000, 500), (10_000, 0)] {
        let (median, p95) = measure(assets, changing);
        println!("{assets:>8} {changing:>10} {median:>8.3} {p95:>8.3}");
    }
    beside_a_run();
}

/// Frames of the waterworks at rest, then while a future of 200 members is computed.
fn beside_a_run() {
    let opened = session::open(Path::new("waterworks")).unwrap_or_else(|error| panic!("{error}"));
    let scenario = Scenario {
        members: 200,
        ..session::baseline(&opened.scene)
    };
    let level = opened.scene.find_signal("TK-401.level");
    let mut app = twin::twin_at(opened, StoreChoice::None);
    let mut batch = SampleBatch::new(Origin::Measured);
    batch.push(
        level.expect("the waterworks have it"),
        Sample::good(now(), 3.0),
    );
    app.world_mut().resource_mut::<Historian>().insert(&batch);
    let frame = |app: &mut App| {
        let began = ThreadTime::now();
        app.update();
        let millis = began.elapsed().as_secs_f64() * 1e3;
        std::thread::sleep(Duration::from_millis(8));
        millis
    };
    for _ in 0..WARM_UP {
        frame(&mut app);
    }
    let idle: Vec<f64> = (0..FRAMES).map(|_| frame(&mut app)).collect();
    let began = Instant::now();
    app.world_mut()
        .write_message(Action::StartRun(Box::new(scenario)));
    let (mut first, mut busy) = (None, Vec::new());
    loop {
        busy.push(frame(&mut app));
        let run = &app.world().resource::<Runs>().records[0];
        if run.reached > run.start && first.is_none() {
            first = Some(began.elapsed().as_secs_f64());
        }
        if !run.state.goes_on() {
            break;
        }
    }
    let all = began.elapsed().as_secs_f64();
    for (name, mut millis) in [("at rest", idle), ("while 200 members run", busy)] {
        millis.sort_by(f64::total_cmp);
        let [median, p95] = [millis[millis.len() / 2], millis[millis.len() * 95 / 100]];
        let most = millis[millis.len() - 1];
        println!("waterworks {name:<24} median {median:.3} p95 {p95:.3} most {most:.3}");
    }
    let first = first.unwrap_or(all);
    println!("first band in the history after {first:.3} s, all of it after {all:.2} s");
}

fn measure(assets: u32, changing: u32) -> (f64, f64) {
    let mut app = twin_of(assets, "", StoreChoice::None);
    let signals: Vec<_> = app
        .world()
        .resource::<app::scene::OpenScene>()
        .scene
        .signal_ids()
        .take(changing as usize)
        .collect();
    let mut millis = Vec::with_capacity(FRAMES);
    for frame in 0..WARM_UP + FRAMES {
        let mut batch = SampleBatch::new(Origin::Measured);
        let value = (frame % 100) as f64 * 0.01;
        let at = now();
        for (place, signal) in signals.iter().enumerate() {
            batch.push(
                *signal,
                Sample::good(at, (value + place as f64 * 1e-4) % 1.0),
            );
        }
        let began = ThreadTime::now();
        if !batch.samples.is_empty() {
            app.world_mut().resource_mut::<Historian>().insert(&batch);
        }
        app.update();
        if frame >= WARM_UP {
            millis.push(began.elapsed().as_secs_f64() * 1e3);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    millis.sort_by(f64::total_cmp);
    (millis[FRAMES / 2], millis[FRAMES * 95 / 100])
}
