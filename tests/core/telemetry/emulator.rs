//! The emulated plant's disturbance; its thread is tested over the embedded broker.

use std::time::Duration;

use parallax::scene::Scene;
use parallax::signal::{Sample, SignalId};
use parallax::telemetry::emulator::Disturbance;

use super::{PRESENT, id, small_plant};

/// A thousand seconds of a plant in which nothing happens, once a second.
fn shown(scene: &Scene, seed: u64) -> Vec<Vec<(SignalId, Sample)>> {
    let mut disturbance = Disturbance::new(scene, seed);
    let truth: Vec<_> = scene.signal_ids().map(|signal| (signal, 1.0)).collect();
    let seconds = (0..1_000).map(Duration::from_secs);
    seconds
        .map(|since| {
            let mut out = Vec::new();
            disturbance.apply(PRESENT + since, since, &truth, &mut out);
            out
        })
        .collect()
}

fn of(rows: &[Vec<(SignalId, Sample)>], signal: SignalId) -> Vec<Option<f64>> {
    let value = |row: &Vec<(SignalId, Sample)>| {
        let found = row.iter().find(|(id, _)| *id == signal);
        found.map(|(_, sample)| sample.value)
    };
    rows.iter().map(value).collect()
}

#[test]
fn without_disturbance_instruments_show_the_truth() {
    let scene = small_plant();
    let rows = shown(&scene, 1);
    assert!(rows.iter().flatten().all(|(_, sample)| sample.value == 1.0));
    assert!(rows.iter().all(|row| row.len() == scene.signals.len()));
}

#[test]
fn noise_has_its_deviation_and_spares_states() {
    let mut scene = small_plant();
    scene.emulator.noise = vec![0.1; scene.signals.len()];
    let rows = shown(&scene, 7);
    let level: Vec<f64> = of(&rows, id(&scene, "TK-1.level"))
        .into_iter()
        .flatten()
        .collect();
    let mean = level.iter().sum::<f64>() / level.len() as f64;
    let variance = level
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>();
    let sd = (variance / (level.len() - 1) as f64).sqrt();
    // Four standard errors of a mean and of a deviation of a thousand draws.
    assert!((mean - 1.0).abs() < 4.0 * 0.1 / 1_000_f64.sqrt(), "{mean}");
    assert!((sd - 0.1).abs() < 4.0 * 0.1 / 2_000_f64.sqrt(), "{sd}");
    let state = of(&rows, id(&scene, "P-101.state"));
    assert!(state.iter().all(|value| *value == Some(1.0)));
}

#[test]
fn drift_starts_when_it_should_and_grows_with_time() {
    let mut scene = small_plant();
    let level = id(&scene, "TK-1.level");
    scene.emulator.drifts = vec![(level, 0.01, Duration::from_secs(100))];
    let values = of(&shown(&scene, 1), level);
    assert_eq!(values[100], Some(1.0));
    let late = values[600].expect("shown");
    assert!((late - 6.0).abs() < 1e-9, "{late}");
}

#[test]
fn silences_last_as_long_as_they_should_and_come_as_often() {
    let mut scene = small_plant();
    let level = id(&scene, "TK-1.level");
    // A silence of 10 s every 100 s on average: about a tenth of the time.
    scene.emulator.drop_outs = vec![(level, 36.0, Duration::from_secs(10))];
    let (mut silent, mut lengths) = (0, Vec::new());
    for seed in 0..50 {
        let values = of(&shown(&scene, seed), level);
        silent += values.iter().filter(|value| value.is_none()).count();
        let stretches = values.chunk_by(|a, b| a.is_none() == b.is_none());
        let whole = stretches.filter(|stretch| stretch[0].is_none());
        lengths.extend(whole.map(<[_]>::len));
    }
    let share = silent as f64 / 50_000.0;
    assert!((share - 1.0 / 11.0).abs() < 0.01, "{share}");
    let exact = lengths.iter().filter(|length| **length == 10).count();
    assert!(exact * 10 > lengths.len() * 8, "{lengths:?}");
}

#[test]
fn equal_seeds_give_equal_samples_bit_for_bit() {
    let mut scene = small_plant();
    scene.emulator.noise = vec![0.1; scene.signals.len()];
    let level = id(&scene, "TK-1.level");
    scene.emulator.drop_outs = vec![(level, 36.0, Duration::from_secs(10))];
    assert_eq!(shown(&scene, 3), shown(&scene, 3));
    assert_ne!(shown(&scene, 3), shown(&scene, 4));
}

#[test]
fn a_silent_instrument_leaves_the_others_noise_alone() {
    let mut scene = small_plant();
    scene.emulator.noise = vec![0.1; scene.signals.len()];
    let (level, flow) = (id(&scene, "TK-1.level"), id(&scene, "P-101.flow"));
    let undisturbed = of(&shown(&scene, 3), flow);
    scene.emulator.drop_outs = vec![(level, 36.0, Duration::from_secs(10))];
    assert_eq!(of(&shown(&scene, 3), flow), undisturbed);
}
