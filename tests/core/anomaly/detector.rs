//! Detectors on plants whose faults are known, and on data that is not as it should be.

use parallax::forecast::anomaly::{
    Detector, DetectorError, DetectorSettings, FalseAlarms, MonitorKind, SignalTable, Verdict,
};
use parallax::time::Timestamp;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const TRAINED: usize = 1_000;

/// Three signals a second apart: two that move together, and one of its own.
fn plant(rows: usize, seed: u64, mut fault: impl FnMut(usize, &mut [f64; 3])) -> SignalTable {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut noise = || -> f64 { StandardNormal.sample(&mut random) };
    let names = ["flow", "power", "pressure"].map(str::to_owned);
    let mut table = SignalTable::new(names.to_vec());
    for row in 0..rows {
        let load = noise();
        let mut values = [
            50.0 + 2.0 * load + 0.3 * noise(),
            7.0 + 0.5 * load + 0.1 * noise(),
            3.0 + 0.2 * noise(),
        ];
        fault(row, &mut values);
        table.push(at(row), &values.map(Some));
    }
    table
}

fn at(row: usize) -> Timestamp {
    Timestamp::from_secs(1_767_225_600 + row as i64)
}

fn train(table: &SignalTable) -> Detector {
    Detector::train(table, 0..TRAINED, &DetectorSettings::default()).expect("enough to learn from")
}

fn score(table: &SignalTable) -> Vec<Verdict> {
    train(table).score(table).expect("the same signals")
}

fn share_flagged(verdicts: &[Verdict]) -> f64 {
    let flagged = verdicts.iter().filter(|verdict| verdict.flagged).count();
    flagged as f64 / verdicts.len() as f64
}

#[test]
fn a_shift_is_flagged_by_the_signal_that_shifted() {
    let table = plant(3_000, 1, |row, values| {
        if row >= 2_000 {
            values[2] += 1.0;
        }
    });
    let verdicts = score(&table);
    assert!(share_flagged(&verdicts[TRAINED..2_000]) < 0.02);
    assert!(share_flagged(&verdicts[2_030..]) > 0.95);
    let contributions = &verdicts[2_100].contributions;
    assert!(contributions[2] > 0.8, "{contributions:?}");
    assert!((contributions.iter().sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn a_broken_correlation_is_found_where_every_signal_is_within_its_own_range() {
    // Over a window of 30 rows flow and power wander by 0.37 and 0.093; here they part by that.
    let table = plant(3_000, 2, |row, values| {
        if row >= 2_000 {
            values[0] += 0.9;
            values[1] -= 0.22;
        }
    });
    let settings = DetectorSettings {
        shrinkage: 0.05,
        ..DetectorSettings::default()
    };
    let detector = Detector::train(&table, 0..TRAINED, &settings).expect("enough to learn from");
    let verdicts = detector.score(&table).expect("the same signals");
    assert!(share_flagged(&verdicts[2_060..]) > 0.9);
    assert_eq!(verdicts[2_100].monitor, MonitorKind::Correlation);
}

#[test]
fn more_scatter_at_the_same_level_is_found() {
    let mut random = ChaCha8Rng::seed_from_u64(33);
    let table = plant(3_000, 3, |row, values| {
        if row >= 2_000 {
            let noise: f64 = StandardNormal.sample(&mut random);
            values[2] += 0.8 * noise;
        }
    });
    let verdicts = score(&table);
    assert!(share_flagged(&verdicts[TRAINED..2_000]) < 0.02);
    assert!(share_flagged(&verdicts[2_060..]) > 0.9);
    assert_eq!(verdicts[2_500].monitor, MonitorKind::Spread);
}

#[test]
fn false_alarms_stay_within_reach_of_the_budget() {
    // Stationary noise: a day of rows, twice, with a budget of one and of 24 excursions.
    let excursions = |per_day: f64| {
        let table = plant(86_400, 4, |_, _| {});
        let settings = DetectorSettings {
            budget: FalseAlarms::per_day(per_day).expect("positive"),
            ..DetectorSettings::default()
        };
        let detector = Detector::train(&table, 0..5_000, &settings).expect("enough");
        let verdicts = detector.score(&table).expect("the same signals");
        // What flickers about the limit within a window is one alarm.
        let flagged = verdicts
            .iter()
            .enumerate()
            .filter(|(_, verdict)| verdict.flagged);
        let mut last = None;
        let starts = flagged.filter(|(row, _)| {
            let is_new = last.is_none_or(|last| row - last > settings.window);
            last = Some(*row);
            is_new
        });
        starts.count()
    };
    let (strict, lenient) = (excursions(1.0), excursions(96.0));
    assert!(strict <= 5, "{strict} excursions where one is accepted");
    assert!(
        (10..=300).contains(&lenient),
        "{lenient} excursions where 96 are accepted"
    );
    assert!(lenient > strict);
}

#[test]
fn no_verdict_knows_later_rows() {
    let whole = plant(2_000, 5, |row, values| {
        if row >= 1_500 {
            values[0] += 10.0;
        }
    });
    let mut part = SignalTable::new(whole.names().to_vec());
    for row in 0..1_600 {
        part.push(whole.times()[row], whole.row(row));
    }
    assert_eq!(train(&whole), train(&part));
    assert_eq!(score(&whole)[..1_600], score(&part));
}

#[test]
fn a_detector_that_was_written_says_the_same() {
    let table = plant(2_000, 6, |_, _| {});
    let detector = train(&table);
    let text = detector.to_json().expect("it can be written");
    let read = Detector::from_json(&text).expect("it can be read");
    assert_eq!(read, detector);
    assert_eq!(read.score(&table), detector.score(&table));
}

#[test]
fn files_that_are_no_detector_are_refused() {
    let table = plant(1_000, 7, |_, _| {});
    let text = train(&table).to_json().expect("it can be written");
    let message = |text: &str| Detector::from_json(text).expect_err("refused").to_string();
    assert!(message("{}").contains("not a detector"));
    let newer = text.replacen("\"format\": 1", "\"format\": 9", 1);
    assert!(message(&newer).contains("format 9 is newer"));
    let cut = text.replacen("\"flow\",", "", 1);
    assert!(message(&cut).contains("do not fit together"));
}

#[test]
fn what_is_missing_or_constant_is_left_out_with_its_reason() {
    let names = ["flow", "stuck", "gone", "patchy"].map(str::to_owned);
    let mut table = SignalTable::new(names.to_vec());
    let mut random = ChaCha8Rng::seed_from_u64(8);
    for row in 0..1_500 {
        let noise: f64 = StandardNormal.sample(&mut random);
        let patchy = (row % 3 != 0).then_some(noise);
        table.push(at(row), &[Some(noise), Some(4.0), Some(f64::NAN), patchy]);
    }
    let detector = train(&table);
    assert_eq!(detector.signals, ["flow", "patchy"]);
    let told: Vec<String> = detector
        .ignored
        .iter()
        .map(|one| format!("{} {}", one.signal, one.reason))
        .collect();
    assert_eq!(
        told,
        [
            "stuck is constant in training",
            "gone is missing in most training rows"
        ]
    );
    let verdicts = detector.score(&table).expect("the same signals");
    assert!(verdicts.iter().all(|verdict| verdict.score.is_finite()));

    let mut still = SignalTable::new(vec!["stuck".to_owned()]);
    (0..500).for_each(|row| still.push(at(row), &[Some(1.0)]));
    let settings = DetectorSettings::default();
    let error = Detector::train(&still, 0..500, &settings).expect_err("nothing to watch");
    assert!(error.to_string().contains("stuck is constant"), "{error}");
    let error = Detector::train(&still, 0..50, &settings).expect_err("too short");
    assert_eq!(
        error,
        DetectorError::TooFewRows {
            rows: 50,
            needed: 120
        }
    );
    let error = detector.score(&still).expect_err("other signals");
    assert!(error.to_string().contains("flow, patchy"), "{error}");
}
