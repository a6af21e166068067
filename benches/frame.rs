//! The main world's work in one frame: 1,000 and 10,000 assets all changing, 10,000 still.
//!
//! Everything of the product but drawing itself: ingest, history, playhead, readings, drivers.
//!
//! `cargo bench --bench frame`

#[path = "stand/twin.rs"]
mod twin;

use std::time::Duration;

use cpu_time::ThreadTime;
use parallax::app;
use parallax::app::launch::StoreChoice;
use parallax::app::telemetry::Historian;
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
