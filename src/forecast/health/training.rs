//! How a model of a fleet is trained.
//!
//! The target is remaining life, capped: a machine that is as good as new says nothing of when it
//! will wear. Length and ridge of the kernel are chosen by cross-validation over whole units, and
//! the same held-out units calibrate the intervals. Labels of the units that will be scored are
//! never seen.

use rand::SeedableRng;
use rand::seq::index::sample_weighted;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::features::FeatureSpec;
use super::fleet::{Fleet, FleetUnit};
use super::fleet_model::{FleetModel, INTERVAL, ModelError, TrainedOn, weighted};
use super::fleet_skill::FleetSkill;
use super::kernel::KernelRidge;
use super::regimes::Regimes;

/// Units that it takes.
const FEWEST_UNITS: usize = 10;
/// Parts that the units are dealt into for cross-validation.
const FOLDS: usize = 5;
/// Where held-out units are cut, as shares of the cap: a unit that is scored may be anywhere.
const CUTS: u32 = 12;
/// Shorter histories are not cut to, steps.
const SHORTEST: f64 = 30.0;
/// Of rows as good as new, fewer are learned from.
const NEW_SHARE: f64 = 0.5;
/// The lengths ℓ and ridges λ that are tried.
const LENGTHS: [f64; 3] = [0.5, 1.0, 2.0];
const RIDGES: [f64; 3] = [0.02, 0.05, 0.1];
/// The time constants of the averages, steps.
const CONSTANTS: [f64; 3] = [5.0, 15.0, 40.0];
/// The stretch of the slope, steps.
const STRETCH: f64 = 80.0;

/// How a model is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetSettings {
    /// Remaining lives are capped here, in the unit of time of the fleet.
    pub cap: f64,
    /// Points that each member is fitted to.
    pub points: usize,
    /// Members of the ensemble, each with points of its own.
    pub members: usize,
    /// Where random numbers come from.
    pub seed: u64,
    /// ℓ and λ; chosen by cross-validation if not given.
    pub kernel: Option<(f64, f64)>,
}

impl Default for FleetSettings {
    fn default() -> Self {
        Self {
            cap: 125.0,
            points: 2_000,
            members: 3,
            seed: 1,
            kernel: None,
        }
    }
}

/// One row that can be learned from.
struct Row {
    unit: usize,
    features: Vec<f64>,
    /// Remaining life as it is.
    label: f64,
    /// Steps since the unit's first row.
    age: f64,
}

/// Features, and how they are weighted.
struct Space {
    means: Vec<f64>,
    weights: Vec<f64>,
}

/// Learns from a fleet with labels.
pub fn train(fleet: &Fleet, settings: &FleetSettings) -> Result<FleetModel, ModelError> {
    check(settings)?;
    let labelled = |unit: &&FleetUnit| unit.labels.iter().any(Option::is_some);
    let units: Vec<&FleetUnit> = fleet.units.iter().filter(labelled).collect();
    if units.is_empty() {
        return Err(ModelError::NoLabels);
    }
    if units.len() < FEWEST_UNITS {
        return Err(ModelError::TooFewUnits {
            units: units.len(),
            needed: FEWEST_UNITS,
        });
    }
    let mut notes = fleet.notes.clone();
    let left_out = fleet.units.len() - units.len();
    if left_out > 0 {
        notes.push(format!("{left_out} units have no labels and are left out"));
    }
    let (spec, signals, ignored) = spec(fleet, &units)?;
    let rows = rows(&spec, &units);
    let mut settings = settings.clone();
    let (length, ridge) = match settings.kernel {
        Some(kernel) => kernel,
        None => choose(&rows, units.len(), &spec, &settings)?,
    };
    settings.kernel = Some((length, ridge));
    let pairs = held_out(&rows, units.len(), &spec, &settings, (length, ridge))?;
    let calibration = calibration(&pairs, settings.cap);
    let everyone: Vec<&Row> = rows.iter().collect();
    let (space, members) = fit(&everyone, &settings, (length, ridge), settings.seed)?;
    Ok(FleetModel {
        format: FleetModel::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        trained: TrainedOn {
            units: units.len(),
            rows: rows.len(),
            notes,
        },
        features: spec.names(&signals),
        held_out: skill(&pairs, settings.cap),
        signals,
        ignored,
        spec,
        weights: space.weights,
        feature_means: space.means,
        members,
        calibration,
        settings,
    })
}

fn check(settings: &FleetSettings) -> Result<(), ModelError> {
    if !(settings.cap.is_finite() && settings.cap > 0.0) {
        return Err(ModelError::Setting("the cap must be a positive time"));
    }
    if settings.points < 10 || settings.members == 0 {
        return Err(ModelError::Setting(
            "at least one member of at least 10 points is needed",
        ));
    }
    let positive = |(length, ridge): (f64, f64)| length > 0.0 && ridge > 0.0;
    match settings.kernel.is_none_or(positive) {
        true => Ok(()),
        false => Err(ModelError::Setting(
            "length and ridge of the kernel must be positive",
        )),
    }
}

/// The signals that vary, and how they are scaled.
fn spec(
    fleet: &Fleet,
    units: &[&FleetUnit],
) -> Result<(FeatureSpec, Vec<String>, Vec<String>), ModelError> {
    let regimes = Regimes::of(fleet, units);
    let mut spec = FeatureSpec {
        places: Vec::new(),
        settings: regimes.places(fleet).unwrap_or_default(),
        means: Vec::new(),
        deviations: Vec::new(),
        step: fleet.step(),
        constants: CONSTANTS.to_vec(),
        stretch: STRETCH,
        regimes,
    };
    let (mut signals, mut ignored) = (Vec::new(), Vec::new());
    let count = spec.regimes.count();
    let rows: Vec<(usize, &Vec<Option<f64>>)> = units
        .iter()
        .flat_map(|unit| &unit.rows)
        .filter_map(|row| Some((spec.regimes.at(row, &spec.settings)?, row)))
        .collect();
    for (place, name) in fleet.signals.iter().enumerate() {
        if spec.regimes.is_setting(name) {
            ignored.push(format!("{name} tells the regime"));
            continue;
        }
        let scaling = Scaling::of(
            rows.iter().map(|(regime, row)| (*regime, row[place])),
            count,
        );
        match scaling {
            Ok(scaling) => {
                spec.places.push(place);
                spec.means.push(scaling.means);
                spec.deviations.push(scaling.deviations);
                signals.push(name.clone());
            }
            Err(reason) => ignored.push(format!("{name} {reason}")),
        }
    }
    match signals.is_empty() {
        true => Err(ModelError::NoSignals(ignored)),
        false => Ok((spec, signals, ignored)),
    }
}

/// The mean and standard deviation of a signal, by regime.
struct Scaling {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Scaling {
    /// Of values with their regimes, or why the signal tells nothing.
    fn of(
        values: impl Iterator<Item = (usize, Option<f64>)>,
        regimes: usize,
    ) -> Result<Self, &'static str> {
        let mut known: Vec<Vec<f64>> = vec![Vec::new(); regimes];
        for (regime, value) in values {
            known[regime].extend(value);
        }
        let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let means: Vec<f64> = known.iter().map(mean).collect();
        let squares = |(values, mean): (&Vec<f64>, &f64)| {
            values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
        };
        let squares: Vec<f64> = known.iter().zip(&means).map(squares).collect();
        let count: usize = known.iter().map(Vec::len).sum();
        if count == 0 {
            return Err("is missing");
        }
        let pooled = (squares.iter().sum::<f64>() / count as f64).sqrt();
        let largest = means
            .iter()
            .fold(0.0_f64, |most, mean| most.max(mean.abs()));
        if pooled <= 1e-9 * largest.max(1e-300) {
            return Err("is constant");
        }
        // A signal may stand still in one regime and tell something in another.
        let deviation = |(squares, values): (&f64, &Vec<f64>)| {
            let own = (squares / values.len().max(1) as f64).sqrt();
            if own > 1e-9 * largest { own } else { pooled }
        };
        Ok(Self {
            deviations: squares.iter().zip(&known).map(deviation).collect(),
            means,
        })
    }
}

fn rows(spec: &FeatureSpec, units: &[&FleetUnit]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (unit, one) in units.iter().enumerate() {
        let start = one.times.first().copied().unwrap_or_default();
        let features = spec.of(one).into_iter().zip(&one.labels).zip(&one.times);
        rows.extend(features.filter_map(|((features, label), time)| {
            Some(Row {
                unit,
                features,
                label: (*label)?,
                age: (time - start) / spec.step,
            })
        }));
    }
    rows
}

/// The weighted space of some rows: a feature counts by its correlation with the target.
fn space(rows: &[&Row], cap: f64) -> Space {
    let count = rows.len().max(1) as f64;
    let width = rows.first().map_or(0, |row| row.features.len());
    let target = rows.iter().map(|row| row.label.min(cap)).sum::<f64>() / count;
    let (mut means, mut weights) = (Vec::with_capacity(width), Vec::with_capacity(width));
    for place in 0..width {
        let mean = rows.iter().map(|row| row.features[place]).sum::<f64>() / count;
        let (mut own, mut other, mut both) = (0.0, 0.0, 0.0);
        for row in rows {
            let (x, y) = (row.features[place] - mean, row.label.min(cap) - target);
            own += x * x;
            other += y * y;
            both += x * y;
        }
        let correlation = both.abs() / (own * other).sqrt().max(1e-300);
        let deviation = (own / count).sqrt();
        means.push(mean);
        weights.push(if deviation > 1e-12 {
            correlation / deviation
        } else {
            0.0
        });
    }
    Space { means, weights }
}

fn fit(
    rows: &[&Row],
    settings: &FleetSettings,
    (length, ridge): (f64, f64),
    seed: u64,
) -> Result<(Space, Vec<KernelRidge>), ModelError> {
    let space = space(rows, settings.cap);
    let points: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| weighted(&row.features, &space.means, &space.weights))
        .collect();
    let weight = |place: usize| {
        if rows[place].label >= settings.cap {
            NEW_SHARE
        } else {
            1.0
        }
    };
    let members = (0..settings.members).map(|member| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(member as u64);
        let amount = settings.points.min(rows.len());
        let drawn = sample_weighted(&mut random, rows.len(), weight, amount);
        let drawn = drawn.map_err(|_| ModelError::NoFit)?;
        let (mut some, mut targets) = (Vec::new(), Vec::new());
        for place in drawn {
            some.push(points[place].as_slice());
            targets.push(rows[place].label.min(settings.cap));
        }
        KernelRidge::fit(&some, &targets, length, ridge).ok_or(ModelError::NoFit)
    });
    let members = members.collect::<Result<_, _>>()?;
    Ok((space, members))
}

/// Length and ridge with the smallest error on held-out units.
fn choose(
    rows: &[Row],
    units: usize,
    spec: &FeatureSpec,
    settings: &FleetSettings,
) -> Result<(f64, f64), ModelError> {
    // A smaller fit tells as much about which is best.
    let light = FleetSettings {
        points: settings.points.min(800),
        members: 1,
        ..settings.clone()
    };
    let mut best = (f64::INFINITY, (LENGTHS[0], RIDGES[0]));
    for length in LENGTHS {
        for ridge in RIDGES {
            let pairs = held_out(rows, units, spec, &light, (length, ridge))?;
            let squares = pairs
                .iter()
                .map(|(one, truth)| (one - truth.min(settings.cap)).powi(2));
            let error = squares.sum::<f64>() / pairs.len().max(1) as f64;
            if error < best.0 {
                best = (error, (length, ridge));
            }
        }
    }
    Ok(best.1)
}

/// Predictions and truths of units that were held out, each cut at many lives.
fn held_out(
    rows: &[Row],
    units: usize,
    spec: &FeatureSpec,
    settings: &FleetSettings,
    kernel: (f64, f64),
) -> Result<Vec<(f64, f64)>, ModelError> {
    let mut pairs = Vec::new();
    for fold in 0..FOLDS {
        let learned: Vec<&Row> = rows.iter().filter(|row| row.unit % FOLDS != fold).collect();
        let (space, members) = fit(&learned, settings, kernel, settings.seed + 1 + fold as u64)?;
        for unit in (fold..units).step_by(FOLDS) {
            for row in cuts(rows, unit, spec, settings.cap) {
                let point = weighted(&row.features, &space.means, &space.weights);
                let sum: f64 = members.iter().map(|member| member.at(&point)).sum();
                let predicted = (sum / members.len() as f64).clamp(0.0, settings.cap);
                pairs.push((predicted, row.label));
            }
        }
    }
    Ok(pairs)
}

/// Rows of a unit at lives evenly spread up to a little more than the cap.
fn cuts<'a>(rows: &'a [Row], unit: usize, spec: &FeatureSpec, cap: f64) -> Vec<&'a Row> {
    let own: Vec<&Row> = rows.iter().filter(|row| row.unit == unit).collect();
    let cut = |place: u32| {
        let life = cap * 1.15 * (f64::from(place) + 0.5) / f64::from(CUTS);
        // Each unit is cut elsewhere, so that all lives are seen.
        let life = life + cap * 0.09 * ((unit as f64 * 0.618).fract() - 0.5);
        let nearest = own.iter().min_by(|one, other| {
            (one.label - life)
                .abs()
                .total_cmp(&(other.label - life).abs())
        });
        let found = nearest.copied()?;
        let near = (found.label - life).abs() <= spec.step * 2.0;
        (near && found.age >= SHORTEST).then_some(found)
    };
    (0..CUTS).filter_map(cut).collect()
}

/// The skill on held-out units, each half calibrated by the other.
fn skill(pairs: &[(f64, f64)], cap: f64) -> FleetSkill {
    let middle = pairs.len() / 2;
    let (one, other) = pairs.split_at(middle);
    let halves = [
        (one, calibration(other, cap)),
        (other, calibration(one, cap)),
    ];
    let cases: Vec<_> = halves
        .iter()
        .flat_map(|(pairs, calibration)| {
            pairs.iter().map(|(predicted, truth)| {
                let (low, high) = calibration.interval(*predicted, INTERVAL, cap);
                (*predicted, low, high, *truth)
            })
        })
        .collect();
    FleetSkill::of(&cases, cap)
}

fn calibration(pairs: &[(f64, f64)], cap: f64) -> Calibration {
    let capped: Vec<_> = pairs
        .iter()
        .map(|(one, truth)| (*one, truth.min(cap)))
        .collect();
    Calibration::of(&capped)
}
