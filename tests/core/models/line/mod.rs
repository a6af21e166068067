//! Production lines at their border: configuration and inputs in, counts and states out.

mod behaviour;
mod closed_form;
mod conservation;
mod factory;
mod film;
mod maintenance;
mod mistakes;
mod scene;
mod transport;

use std::fmt::Write;

use super::Plant;
use parallax::time::Timestamp;

/// The line of this configuration, started at the epoch with nothing measured.
#[track_caller]
fn started(text: &str, seed: u64) -> Plant {
    started_at(text, "1970-01-01T00:00:00Z", seed)
}

#[track_caller]
fn started_at(text: &str, at: &str, seed: u64) -> Plant {
    let mut plant = Plant::new(&[("line", text)]);
    plant.start(at.parse::<Timestamp>().expect("an instant"), seed);
    plant
}

/// Stations in a row with exponential cycles of 1 s and buffers of `capacity` between them.
fn row(stations: usize, capacity: u32) -> String {
    let mut text = String::from(
        r#"(tag: "L", sources: [(tag: "IN", arrivals: Unlimited, to: "M-1")],
            sinks: [(tag: "OUT")], stations: ["#,
    );
    for station in 1..=stations {
        let to = if station == stations {
            "OUT".to_owned()
        } else {
            format!("B-{station}")
        };
        let item = format!(r#"(tag: "M-{station}", cycle: Exponential("1s"), to: "{to}"),"#);
        text.push_str(&item);
    }
    text.push_str("], buffers: [");
    for buffer in 1..stations {
        let to = buffer + 1;
        write!(
            text,
            r#"(tag: "B-{buffer}", capacity: {capacity}, to: "M-{to}"),"#
        )
        .expect("text");
    }
    text.push_str("])");
    text
}

/// The mean of `runs` and half its 95 % interval, by Student's t.
fn interval(runs: &[f64]) -> (f64, f64) {
    let count = runs.len() as f64;
    let mean = runs.iter().sum::<f64>() / count;
    let squares: f64 = runs.iter().map(|run| (run - mean).powi(2)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    // The quantile of Student's t for 19 degrees of freedom.
    assert_eq!(runs.len(), 20, "the quantile is that of 20 runs");
    (mean, 2.093 * error)
}
