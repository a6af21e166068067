//! Fleets that are made up, and fleets that are not as they should be.

use std::fs;
use std::process::{Command, Output};

use parallax::forecast::health::{
    Fleet, FleetModel, FleetSettings, ModelError, asymmetric_score, train,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Machines that wear at rates of their own: `hot` rises with wear, `idle` does not, `stuck` is
/// constant. Without labels they end at a random life.
fn fleet(units: usize, seed: u64, to_the_end: bool) -> (String, Vec<f64>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut text = String::from("unit,time,hot,idle,stuck\n");
    let mut truths = Vec::new();
    for unit in 0..units {
        let life = random.random_range(120..220_u32);
        let end = if to_the_end {
            life
        } else {
            random.random_range(60..life)
        };
        truths.push(f64::from(life - end));
        for time in 1..=end {
            let wear = (f64::from(time) / f64::from(life)).powi(3);
            let noise: [f64; 2] = std::array::from_fn(|_| StandardNormal.sample(&mut random));
            let (hot, idle) = (600.0 + 20.0 * wear + noise[0], 50.0 + noise[1]);
            text += &format!("M-{unit},{time},{hot:.4},{idle:.4},3.5\n");
        }
    }
    (text, truths)
}

fn light() -> FleetSettings {
    FleetSettings {
        points: 400,
        members: 1,
        kernel: Some((1.0, 0.05)),
        cap: 100.0,
        ..FleetSettings::default()
    }
}

fn trained() -> FleetModel {
    let mut fleet = Fleet::parse(&fleet(40, 1, true).0).expect("a fleet");
    fleet.label_run_to_failure();
    train(&fleet, &light()).expect("a model")
}

#[test]
fn remaining_life_is_learned_and_its_interval_holds_the_truth() {
    let model = trained();
    assert_eq!(model.signals, ["hot", "idle"]);
    assert_eq!(model.ignored, ["stuck is constant"]);
    let (text, truths) = fleet(200, 2, false);
    let mut other = Fleet::parse(&text).expect("a fleet");
    let labels: Vec<String> = truths.iter().map(f64::to_string).collect();
    other
        .label_last(&labels.join("\n"))
        .expect("a label for each");
    let skill = model
        .skill(&other, false)
        .expect("the same signals")
        .expect("labels");
    // The mean of capped lives is wrong by more than 30.
    assert!(skill.rmse_capped < 20.0, "{skill:?}");
    assert!((0.7..=0.9).contains(&skill.coverage), "{skill:?}");
}

#[test]
fn an_estimate_knows_no_later_row_and_two_trainings_agree() {
    let model = trained();
    assert_eq!(model, trained());
    let text = fleet(3, 3, true).0;
    let whole = Fleet::parse(&text).expect("a fleet");
    let mut cut = whole.clone();
    for unit in &mut cut.units {
        unit.times.truncate(80);
        unit.rows.truncate(80);
        unit.labels.truncate(80);
    }
    let all = model.estimate_all(&whole).expect("the same signals");
    let last = model.estimate_last(&cut).expect("the same signals");
    for (rows, last) in all.iter().zip(last) {
        assert_eq!(Some(rows[79]), last);
    }
    let read = FleetModel::from_json(&model.to_json().expect("text")).expect("a model");
    assert_eq!(read.estimate_all(&whole), Ok(all));
}

#[test]
fn late_estimates_cost_more_than_early_ones() {
    assert_eq!(asymmetric_score(0.0), 0.0);
    assert!((asymmetric_score(10.0) - 1.0_f64.exp() + 1.0).abs() < 1e-12);
    assert!((asymmetric_score(-13.0) - 1.0_f64.exp() + 1.0).abs() < 1e-12);
}

#[test]
fn bad_fleets_are_refused_with_line_and_reason() {
    let check = |text: &str, expected: &str| {
        let error = Fleet::parse(text).expect_err(text).to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    };
    check("", "no rows");
    check("unit,time,a\n", "no rows");
    check(
        "1 1 0.5\n1 2\n",
        "line 2: 2 columns where the first row has 3",
    );
    check(
        "unit,time,a\n1,1,2\n1,2,hot\n",
        "line 3: `hot` in column `a` is no number",
    );
    check("unit,time,a\n1,,2\n", "line 2");
    check(
        "engine,when,a\n1,1,2\n",
        "no column `time`; the columns are engine, when, a",
    );
    check("time,a\n1,2\n", "no column `unit`");
    check("unit,time,rul\n1,1,9\n", "no signals");
    check("1 2\n", "no signals");
    check(
        "unit,time,a\n1,5,2\n1,4,2\n",
        "line 3: unit 1 goes back from time 5 to 4",
    );
}

#[test]
fn gaps_and_missing_values_are_borne_and_told() {
    let mut text = String::from("unit;time;a;b\n");
    for time in (1..60).chain(90..120) {
        let a = if time % 7 == 0 {
            "NaN".to_owned()
        } else {
            format!("{time}")
        };
        text += &format!("7;{time};{a};\n");
    }
    let found = Fleet::parse(&text).expect("a fleet");
    assert_eq!(
        found.notes,
        [
            "a: 13 values are missing",
            "b: 89 values are missing",
            "unit 7: a gap from time 59 to 90"
        ]
    );
    let model = trained();
    let renamed = text.replacen("a;b", "hot;idle", 1);
    let fleet = Fleet::parse(&renamed).expect("a fleet");
    let estimates = model.estimate_all(&fleet).expect("the same signals");
    assert!(
        estimates[0]
            .iter()
            .all(|one| one.rul.is_finite() && one.low <= one.high)
    );
}

#[test]
fn a_model_needs_labels_units_and_its_own_signals() {
    let unlabelled = Fleet::parse(&fleet(40, 1, true).0).expect("a fleet");
    let error = train(&unlabelled, &light()).expect_err("no labels");
    assert_eq!(error, ModelError::NoLabels);
    assert!(error.to_string().contains("--run-to-failure"));
    let mut few = Fleet::parse(&fleet(4, 1, true).0).expect("a fleet");
    few.label_run_to_failure();
    let error = train(&few, &light()).expect_err("too few");
    assert_eq!(
        error,
        ModelError::TooFewUnits {
            units: 4,
            needed: 10
        }
    );
    let other = Fleet::parse("unit,time,cold\n1,1,2\n").expect("a fleet");
    let error = trained().estimate_last(&other).expect_err("other signals");
    assert!(error.to_string().contains("hot, idle"), "{error}");
    let mut one = Fleet::parse(&fleet(2, 1, true).0).expect("a fleet");
    let error = one.label_last("1\n2\n3\n").expect_err("a label too many");
    assert!(
        error.to_string().contains("3 labels for 2 units"),
        "{error}"
    );
    assert!(
        one.label_last("1\nx\n")
            .expect_err("no number")
            .to_string()
            .contains("line 2")
    );
    let newer = trained()
        .to_json()
        .expect("text")
        .replacen("\"format\":1", "\"format\":7", 1);
    assert_eq!(FleetModel::from_json(&newer), Err(ModelError::TooNew(7)));
}

fn parallax(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

#[test]
fn the_command_line_trains_scores_and_says_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (train, model, out) = (place("train.csv"), place("model.json"), place("out"));
    fs::write(&train, fleet(20, 5, true).0).expect("written");
    let common = [
        "--points",
        "200",
        "--members",
        "1",
        "--cap",
        "100",
        "--out",
        &model,
    ];
    let refused = parallax(&[&["health", "train", &train], &common[..]].concat());
    let talk = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(talk.contains("no column `rul`"), "{talk}");
    let done = parallax(
        &[
            &["health", "train", &train, "--run-to-failure"],
            &common[..],
        ]
        .concat(),
    );
    let talk = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(
        done.status.success() && talk.contains("stuck is constant"),
        "{talk}"
    );
    let (text, truths) = fleet(15, 6, false);
    let (test, truth) = (place("test.csv"), place("truth.txt"));
    fs::write(&test, text).expect("written");
    fs::write(
        &truth,
        truths
            .iter()
            .map(|one| format!("{one}\n"))
            .collect::<String>(),
    )
    .expect("written");
    let done = parallax(&[
        "health", "score", &model, &test, "--truth", &truth, "--out", &out,
    ]);
    assert!(done.status.success());
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("a report");
    assert_eq!(report["skill"]["count"], 15);
    let rows = fs::read_to_string(folder.path().join("out/rul.csv")).expect("a table");
    assert!(
        rows.starts_with("unit,time,rul,low_80,high_80\nM-0,"),
        "{rows}"
    );
    assert_eq!(rows.lines().count(), 16);
}

#[test]
fn a_machine_is_judged_by_the_regime_that_it_runs_in() {
    // Under two settings `hot` differs by far more than wear adds.
    let make = |units: usize, seed: u64, to_the_end: bool| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (text, truths) = fleet(units, seed, to_the_end);
        let lines = text.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let setting = if random.random_bool(0.5) { 0.0 } else { 35.0 };
            let hot: f64 = cells[2].parse().expect("a number");
            format!(
                "{},{},{setting},{},{}\n",
                cells[0],
                cells[1],
                hot + 10.0 * setting,
                cells[3]
            )
        });
        let text = lines.fold(
            String::from("unit,time,setting_1,hot,idle\n"),
            |text, line| text + &line,
        );
        (Fleet::parse(&text).expect("a fleet"), truths)
    };
    let (mut known, _) = make(40, 21, true);
    known.label_run_to_failure();
    let model = train(&known, &light()).expect("a model");
    assert_eq!(model.ignored, ["setting_1 tells the regime"]);
    let (mut other, truths) = make(100, 22, false);
    let labels: Vec<String> = truths.iter().map(f64::to_string).collect();
    other
        .label_last(&labels.join("\n"))
        .expect("a label for each");
    let skill = model
        .skill(&other, false)
        .expect("the same signals")
        .expect("labels");
    assert!(skill.rmse_capped < 20.0, "{skill:?}");
}
