//! Forecast skill: scores against closed forms and brute force, verdicts that noise does not
//! make, and a past that is repeated.

use std::sync::Arc;
use std::time::Duration;

use parallax::forecast::{
    Basis, Case, Lead, MIN_RUNS, PastForecast, Predicted, RepeatError, Scorer, SkillTable, Subject,
    Verdict, brier, crps_of_members, crps_of_quantiles, day_before, measured_at, repeat,
    wilson_interval,
};
use parallax::history::{History, HistoryConfig};
use parallax::scene::{self, Scene};
use parallax::signal::{Origin, Quality, RunId, Sample, SampleBatch, SignalId};
use parallax::time::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

const TANK: &str = r#"Scene(
    format: 1,
    name: "Tank",
    types: {
        "tank": (label: "Tank", shape: Tank, size: (2, 2, 2), signals: [
            (name: "level", unit: "m", range: (0, 10), decimals: 2, max_age: "10min"),
            (name: "pump", range: (0, 1), max_age: "10min", states: ["stopped", "running"]),
        ]),
    },
    assets: [(tag: "T-1", type: "tank")],
)"#;

const LEVEL: SignalId = SignalId(0);
const PUMP: SignalId = SignalId(1);

fn tank() -> Scene {
    scene::parse(TANK).expect("a valid scene")
}

fn subjects(scene: &Scene) -> Arc<[Subject]> {
    [LEVEL, PUMP]
        .iter()
        .map(|id| Subject::of(scene, *id, Some("Model")))
        .collect()
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

fn history(scene: &Scene) -> History {
    let config = HistoryConfig {
        window: Duration::MAX,
        ..HistoryConfig::default()
    };
    History::new(scene.signals.len(), config)
}

fn measure(history: &mut History, signal: SignalId, samples: impl IntoIterator<Item = Sample>) {
    history.insert(&SampleBatch {
        origin: Origin::Measured,
        samples: samples.into_iter().map(|sample| (signal, sample)).collect(),
    });
}

/// A value 30 min ahead.
fn case<'a>(predicted: Predicted<'a>, truth: f64, persistence: f64) -> Case<'a> {
    Case {
        subject: 0,
        ahead: Duration::from_secs(1_800),
        predicted,
        truth,
        persistence: Some(persistence),
        day_before: None,
    }
}

/// A table of runs of four values each, that `of` makes of a run's number.
fn table_of(runs: std::ops::Range<u64>, of: impl Fn(u64) -> (f64, f64, f64)) -> SkillTable {
    let scene = tank();
    let mut table = SkillTable::default();
    for run in runs {
        let mut scorer = Scorer::new(subjects(&scene));
        for value in 0..4 {
            let (forecast, truth, persistence) = of(run * 4 + value);
            scorer.add(&case(Predicted::Value(forecast), truth, persistence));
        }
        scorer.add_to(&mut table);
    }
    table
}

#[track_caller]
fn verdict(table: &SkillTable) -> (Verdict, Option<f64>, u64) {
    let row = table.rows().next().expect("a row");
    (row.judgement.verdict, row.skill(), row.judgement.runs)
}

// CRPS of N(μ, σ) at y, with z = (y − μ)/σ: σ (z (2Φ(z) − 1) + 2φ(z) − 1/√π), Gneiting and Raftery.
#[test]
fn the_crps_of_members_nears_the_closed_form_of_a_normal_distribution() {
    let standard = Normal::standard();
    for (mean, sd) in [(0.0, 1.0), (3.0, 0.2), (-10.0, 5.0)] {
        // Members at the middles of equally likely stripes: the best that so many can do.
        let count = 4_000;
        let members: Vec<f64> = (0..count)
            .map(|place| (f64::from(place) + 0.5) / f64::from(count))
            .map(|share| mean + sd * standard.inverse_cdf(share))
            .collect();
        for z in [-3.0, -1.0, 0.0, 0.3, 2.5] {
            let exact = sd
                * (z * (2.0 * standard.cdf(z) - 1.0) + 2.0 * standard.pdf(z)
                    - 1.0 / std::f64::consts::PI.sqrt());
            let found = crps_of_members(&members, mean + z * sd);
            assert!(
                (found - exact).abs() < 2e-3 * sd,
                "N({mean}, {sd}) at z = {z}: {found}, exact {exact}"
            );
        }
    }
}

#[test]
fn the_crps_of_members_is_the_integral_of_its_definition() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for count in [1, 2, 5, 20] {
        let mut members: Vec<f64> = (0..count).map(|_| random.random_range(-2.0..5.0)).collect();
        members.sort_by(f64::total_cmp);
        for truth in [-3.0, 0.1, members[count / 2], 6.0] {
            // Steps change at members and truth alone: between them the integrand is constant.
            let mut edges = members.clone();
            edges.push(truth);
            edges.sort_by(f64::total_cmp);
            let integral: f64 = edges
                .windows(2)
                .map(|ends| {
                    let middle = 0.5 * (ends[0] + ends[1]);
                    let below = members.iter().filter(|member| **member <= middle).count();
                    let step = f64::from(u8::from(truth <= middle));
                    (below as f64 / count as f64 - step).powi(2) * (ends[1] - ends[0])
                })
                .sum();
            let found = crps_of_members(&members, truth);
            assert!(
                (found - integral).abs() < 1e-12,
                "{count} members at {truth}: {found}, integral {integral}"
            );
        }
    }
}

#[test]
fn the_crps_of_quantiles_is_proper_and_near_the_exact_one() {
    let standard = Normal::standard();
    let z = standard.inverse_cdf(0.9);
    let mean_score = |low: f64, middle: f64, high: f64| {
        let count = 2_000;
        let score = |place: i32| {
            let truth = standard.inverse_cdf((f64::from(place) + 0.5) / f64::from(count));
            crps_of_quantiles(&[(0.1, low), (0.5, middle), (0.9, high)], truth)
        };
        (0..count).map(score).sum::<f64>() / f64::from(count)
    };
    let honest = mean_score(-z, 0.0, z);
    for (low, middle, high) in [
        (-0.5, 0.0, 0.5),
        (-3.0, 0.0, 3.0),
        (-z, 0.4, z),
        (-z + 1.0, 1.0, z + 1.0),
    ] {
        let other = mean_score(low, middle, high);
        assert!(
            other > honest,
            "({low}, {middle}, {high}) scores {other}, honest {honest}"
        );
    }
    // The exact mean CRPS of N(0, 1) forecast as itself is 1/√π.
    let exact = 1.0 / std::f64::consts::PI.sqrt();
    assert!(
        (honest / exact - 1.0).abs() < 0.15,
        "{honest} against {exact}"
    );
    assert_eq!(
        crps_of_quantiles(&[(0.5, 2.0)], 5.0),
        3.0,
        "a median alone: the absolute error"
    );
}

#[test]
fn states_are_scored_by_how_many_members_agree() {
    assert_eq!(brier(&[1.0, 1.0, 1.0], 1.0), 0.0);
    assert_eq!(brier(&[0.0, 0.0], 1.0), 1.0);
    assert_eq!(brier(&[0.0, 1.0, 1.0, 1.0], 1.0), 0.0625, "(1 − 3/4)²");
    // Three states: ½((1 − ½)² + ¼² + ¼²).
    assert_eq!(brier(&[0.0, 1.0, 1.0, 2.0], 1.0), 0.1875);
}

#[test]
fn wilson_intervals_are_those_of_the_textbook() {
    // Newcombe 1998, table I: 81 of 263 and 15 of 148.
    for (hits, trials, low, high) in [(81.0, 263, 0.2553, 0.3662), (15.0, 148, 0.0624, 0.1605)] {
        let (from, to) = wilson_interval(hits / trials as f64, trials);
        assert!(
            (from - low).abs() < 1e-4 && (to - high).abs() < 1e-4,
            "{from} to {to}"
        );
    }
    assert_eq!(wilson_interval(0.5, 0), (0.0, 1.0));
}

#[test]
fn errors_are_summed_up_by_their_definitions() {
    let errors = [0.3, -0.1, 0.5, 0.1];
    let table = table_of(0..1, |place| {
        let truth = place as f64;
        (truth + errors[place as usize], truth, truth + 1.0)
    });
    let row = table.rows().next().expect("a row");
    let close = |found: Option<f64>, wanted: f64| {
        let found = found.expect("a value");
        assert!((found - wanted).abs() < 1e-12, "{found}, not {wanted}");
    };
    close(row.score.bias(), 0.2);
    close(row.score.mae(), 0.25);
    close(row.score.rmse(), (0.36_f64 / 4.0).sqrt());
    close(row.score.loss(), 0.25);
    close(row.persistence_rmse(), 1.0);
    close(row.skill(), 0.75);
    assert_eq!((row.score.count, row.score.runs), (4, 1));
    assert_eq!(row.score.basis, Basis::Values);
    assert_eq!(row.lead.until(), Duration::from_secs(1_800));
    assert_eq!(row.score.coverage(), None, "one value has no band");
}

#[test]
fn a_perfect_forecast_is_skilful_and_persistence_itself_is_no_better() {
    let runs = 0..MIN_RUNS;
    let walk = |place: u64| (place as f64 * 0.7).sin();
    let perfect = table_of(runs.clone(), |place| {
        (walk(place), walk(place), walk(place) + 1.0)
    });
    assert_eq!(verdict(&perfect), (Verdict::Skilful, Some(1.0), MIN_RUNS));
    let persistence = table_of(runs.clone(), |place| (1.0, walk(place), 1.0));
    assert_eq!(
        verdict(&persistence),
        (Verdict::NoBetter, Some(0.0), MIN_RUNS)
    );
    let worse = table_of(runs, |place| {
        (walk(place) + 2.0, walk(place), walk(place) + 1.0)
    });
    assert_eq!(verdict(&worse), (Verdict::Worse, Some(-1.0), MIN_RUNS));
}

#[test]
fn few_runs_make_no_verdict_and_neither_does_noise_or_what_no_screen_shows() {
    let few = table_of(0..MIN_RUNS - 1, |_| (1.0, 1.0, 2.0));
    assert_eq!(verdict(&few).0, Verdict::Unknown);
    let nothing = table_of(0..20, |_| (1.001, 1.0, 1.003));
    assert_eq!(verdict(&nothing).0, Verdict::NoBetter, "2 mm of 1 cm shown");

    // Two forecasts with equal noise: a verdict would be chance, which happens in 1 of 100.
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut verdicts = 0;
    for _ in 0..500 {
        let noise: Vec<(f64, f64)> = (0..80)
            .map(|_| (normal(&mut random), normal(&mut random)))
            .collect();
        let table = table_of(0..20, |place| {
            let (one, other) = noise[place as usize];
            (one, 0.0, other)
        });
        verdicts += u32::from(verdict(&table).0 != Verdict::NoBetter);
    }
    // P(more than 14 of 500 at 1 %) is below 0.0005.
    assert!(verdicts <= 14, "{verdicts} of 500 verdicts on noise");
}

#[test]
fn the_better_baseline_judges() {
    let scene = tank();
    let mut table = SkillTable::default();
    for run in 0..20 {
        let mut scorer = Scorer::new(subjects(&scene));
        let truth = f64::from(run);
        scorer.add(&Case {
            day_before: Some(truth + 0.1),
            ..case(Predicted::Value(truth + 0.5), truth, truth + 3.0)
        });
        scorer.add_to(&mut table);
    }
    let row = table.rows().next().expect("a row");
    assert_eq!(
        row.judgement.verdict,
        Verdict::Worse,
        "than yesterday, if not than persistence"
    );
    assert!(row.skill() > Some(0.8));
    assert!(row.day_before_skill() < Some(-3.9));
}

/// The table of `runs` forecasts by so many members of N(0, 1), of what is N(0, 1).
fn honest_table(seed: u64, runs: u32, members: u32) -> SkillTable {
    let scene = tank();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut table = SkillTable::default();
    for _ in 0..runs {
        let mut members: Vec<f64> = (0..members).map(|_| normal(&mut random)).collect();
        members.sort_by(f64::total_cmp);
        let mut scorer = Scorer::new(subjects(&scene));
        let truth = normal(&mut random);
        scorer.add(&case(Predicted::Members(&members), truth, 0.0));
        scorer.add_to(&mut table);
    }
    table
}

#[test]
fn honest_bands_hold_as_many_truths_as_they_should() {
    for (members, expected) in [(200, 0.8 * 199.0 / 201.0), (20, 0.8 * 19.0 / 21.0)] {
        let (mut held, mut shares) = (0, 0.0);
        for seed in 0..40 {
            let table = honest_table(seed, 300, members);
            let score = table.rows().next().expect("a row").score;
            let (low, high) = score.coverage_interval().expect("bands");
            held += u32::from(low <= expected && expected <= high);
            shares += score.coverage().expect("bands") / 40.0;
            assert_eq!(score.basis, Basis::Members);
            assert!((score.expected_coverage().expect("bands") - expected).abs() < 1e-12);
        }
        // 12,000 truths: four standard errors are 0.016.
        assert!(
            (shares - expected).abs() < 0.016,
            "{members} members: {shares}"
        );
        // P(fewer than 33 of 40 at 95 %) is below 0.004.
        assert!(
            held >= 33,
            "{members} members: {held} of 40 intervals held it"
        );
    }
}

#[test]
fn merged_tables_are_one_table() {
    let of = |place: u64| {
        let truth = (place as f64).sin();
        (truth + 0.1 * (place as f64 * 1.3).cos(), truth, 0.2)
    };
    let whole = table_of(0..30, of);
    for parts in [[0..10, 10..30], [0..1, 1..30], [0..0, 0..30]] {
        let mut merged = SkillTable::default();
        for part in parts {
            merged.merge(&table_of(part, of));
        }
        let (one, other) = (whole.rows().next(), merged.rows().next());
        let (one, other) = (one.expect("a row"), other.expect("a row"));
        assert_eq!(one.score.count, other.score.count);
        assert_eq!(one.judgement.verdict, other.judgement.verdict);
        assert_eq!(one.judgement.runs, other.judgement.runs);
        let numbers = |row: &parallax::forecast::SkillRow<'_>| {
            let interval = row.judgement.interval.expect("many runs");
            [
                row.score.rmse().expect("cases"),
                row.score.bias().expect("cases"),
                row.skill().expect("cases"),
                row.judgement.gain,
                interval.0,
                interval.1,
            ]
        };
        for (one, other) in numbers(&one).into_iter().zip(numbers(&other)) {
            assert!((one - other).abs() < 1e-12, "{one} and {other}");
        }
    }
    let text = serde_json::to_string(&whole).expect("it can be written");
    let read: SkillTable = serde_json::from_str(&text).expect("it can be read");
    let (one, other) = (whole.rows().next(), read.rows().next());
    let loss = |row: Option<parallax::forecast::SkillRow<'_>>| row.expect("a row").score.loss();
    assert_eq!(loss(one), loss(other));
}

#[test]
fn a_table_that_was_cut_on_its_way_is_merged_and_never_panics() {
    let whole = table_of(0..9, |_| (1.0, 2.0, 3.0));
    let mut json: serde_json::Value = serde_json::to_value(&whole).expect("it can be written");
    let scores = json
        .pointer_mut("/signals/T-1.level/scores")
        .and_then(serde_json::Value::as_array_mut)
        .expect("scores");
    scores.truncate(1);
    let mut cut: SkillTable = serde_json::from_value(json).expect("still a table");
    assert_eq!(cut.rows().count(), 0);
    cut.merge(&whole);
    assert_eq!(cut.rows().next().map(|row| row.score.count), Some(36));
}

#[test]
fn values_of_bad_stale_uncertain_or_lost_instruments_judge_nobody() {
    let scene = tank();
    let at = START + HOUR;
    let found = |sample: Sample, lost: Option<Timestamp>| {
        let mut history = history(&scene);
        measure(&mut history, LEVEL, [sample]);
        if let Some(lost) = lost {
            history.lose_link([LEVEL], lost);
        }
        measured_at(&scene, &history, &[LEVEL], at).expect("nothing is loaded")[0]
    };
    let fresh = at - Duration::from_secs(60);
    let of = |quality| Sample {
        quality,
        ..Sample::good(fresh, 2.0)
    };
    assert_eq!(found(of(Quality::Good), None), Some(2.0));
    assert_eq!(found(of(Quality::BadSensorFailure), None), None);
    assert_eq!(found(of(Quality::UncertainLastUsable), None), None);
    assert_eq!(
        found(Sample::good(START, 2.0), None),
        None,
        "an hour old, where 10 min are fresh"
    );
    assert_eq!(
        found(of(Quality::Good), Some(at - Duration::from_secs(30))),
        None
    );
}

/// A run of the app in the history: a median, P10 and P90 every 5 min for an hour.
fn run_in(history: &mut History, run: RunId, middle: impl Fn(f64) -> f64, reach: f64) {
    let origins = [
        (Origin::Simulated(run), 0.0),
        (Origin::BandLow(run), -reach),
        (Origin::BandHigh(run), reach),
    ];
    for (origin, offset) in origins {
        let sample = |place: u32| {
            let at = START + Duration::from_secs(300) * place;
            (
                LEVEL,
                Sample::good(at, middle(at.secs_since(START)) + offset),
            )
        };
        history.insert(&SampleBatch {
            origin,
            samples: (0..=12).map(sample).collect(),
        });
    }
}

#[test]
fn a_run_of_the_app_is_scored_as_its_future_becomes_the_past() {
    let scene = tank();
    let mut history = history(&scene);
    let truth = |secs: f64| 2.0 + secs / 3_600.0;
    run_in(&mut history, RunId(1), |secs| truth(secs) + 0.05, 0.1);
    let end = START + HOUR;
    let mut forecast = PastForecast::new(
        RunId(1),
        START,
        Duration::from_secs(300),
        HOUR,
        vec![LEVEL],
        subjects(&scene)[..1].into(),
    );
    assert_eq!(
        forecast.score(&scene, &history, START, end, 100),
        0,
        "all of it is future"
    );
    let mut looked = 0;
    for minute in 0..=60 {
        let now = START + Duration::from_secs(60) * minute;
        // The instrument fails for the last ten minutes.
        let quality = match minute {
            0..=50 => Quality::Good,
            _ => Quality::BadSensorFailure,
        };
        let sample = Sample {
            quality,
            ..Sample::good(now, truth(now.secs_since(START)))
        };
        measure(&mut history, LEVEL, [sample]);
        looked += forecast.score(&scene, &history, now, end, 100);
    }
    assert_eq!(looked, 12);
    assert!(forecast.is_finished());
    let mut table = SkillTable::default();
    forecast.add_to(&mut table);
    let rows: Vec<_> = table.rows().collect();
    let count = |of: fn(&parallax::forecast::SkillRow<'_>) -> u64| rows.iter().map(of).sum::<u64>();
    assert_eq!(count(|row| row.score.count), 10);
    assert_eq!(count(|row| row.score.left_out), 2);
    for row in &rows {
        assert_eq!(row.score.basis, Basis::Quantiles);
        assert_eq!(row.score.coverage(), Some(1.0));
        let bias = row.score.bias().expect("scored");
        assert!((bias - 0.05).abs() < 1e-9, "{bias}");
        assert_eq!(
            row.judgement.verdict,
            Verdict::Unknown,
            "one run is no verdict"
        );
    }
}

#[test]
fn a_day_before_is_a_day_that_was_known() {
    assert_eq!(day_before(START, HOUR), START + HOUR - DAY);
    assert_eq!(day_before(START, DAY), START);
    assert_eq!(day_before(START, DAY + HOUR), START + HOUR - DAY);
    for hours in 1..200 {
        let day = day_before(START, HOUR * hours);
        assert!(day <= START, "{hours} h ahead looks into the future");
        assert_eq!((START + HOUR * hours).since(day).as_secs() % 86_400, 0);
    }
}

#[test]
fn the_past_repeats_and_begins_anew_where_the_horizon_is_longer() {
    let scene = tank();
    let mut history = history(&scene);
    let value = |secs: f64| 5.0 + 2.0 * (secs / 86_400.0 * std::f64::consts::TAU).sin();
    let samples = (0..17_280).map(|place| {
        let at = START - DAY + Duration::from_secs(5) * place;
        Sample::good(at, value(at.secs_since(START)))
    });
    measure(&mut history, LEVEL, samples);
    let points = repeat(&scene, &history, LEVEL, START, DAY, DAY * 3).expect("it was measured");
    assert!(points.len() <= 20_000, "{}", points.len());
    assert!(points.is_sorted_by(|one, other| one.0 <= other.0));
    let last = points.last().expect("points").0;
    assert!((2.9 * 86_400.0..3.0 * 86_400.0).contains(&last), "{last}");
    for (secs, found) in points {
        assert!((found - value(secs)).abs() < 1e-3, "{found} at {secs} s");
    }
    let other = repeat(&scene, &history, PUMP, START, DAY, DAY);
    assert!(
        matches!(other, Err(RepeatError::Nothing { .. })),
        "{other:?}"
    );
}

#[test]
fn a_repeated_state_jumps_and_bad_values_are_passed_over() {
    let scene = tank();
    let mut history = history(&scene);
    let at = |secs: u64| START - HOUR + Duration::from_secs(secs);
    measure(
        &mut history,
        PUMP,
        [
            Sample::good(at(0), 0.0),
            Sample::good(at(1_200), 1.0),
            Sample {
                quality: Quality::Bad,
                ..Sample::good(at(1_500), 7.0)
            },
            Sample::good(at(2_400), 0.0),
        ],
    );
    let points = repeat(&scene, &history, PUMP, START, HOUR, HOUR).expect("it was measured");
    let wanted = [
        (0.0, 0.0),
        (1_200.0, 0.0),
        (1_200.0, 1.0),
        (2_400.0, 1.0),
        (2_400.0, 0.0),
    ];
    assert_eq!(points, wanted);
}

#[test]
fn lead_times_are_the_same_for_every_horizon() {
    assert_eq!(Lead::all().count(), Lead::COUNT);
    let of = |secs| Lead::of(Duration::from_secs(secs)).map(Lead::index);
    assert_eq!(
        [of(0), of(60), of(3_600), of(86_400)],
        [None, Some(0), Some(3), Some(9)]
    );
}
