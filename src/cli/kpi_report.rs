//! KPIs as reports tell them: in their own units.

use serde::Serialize;

use crate::scene::Scene;
use crate::simulation::{KpiDifference, KpiResult};

/// One KPI of a run.
#[derive(Debug, Serialize)]
pub(super) struct KpiReport {
    name: String,
    unit: &'static str,
    /// Members that could go on.
    members: usize,
    mean: f64,
    /// The 95 % interval of the mean; `null` for a single member.
    low: Option<f64>,
    high: Option<f64>,
    p10: f64,
    p50: f64,
    p90: f64,
}

impl KpiReport {
    /// All that could be counted.
    pub(super) fn all(scene: &Scene, results: &[KpiResult]) -> Vec<Self> {
        let report = |result: &KpiResult| {
            let kpi = scene.kpis.get(result.kpi)?;
            let told = result.statistics?;
            let value = |si: f64| kpi.unit.from_si(si);
            Some(Self {
                name: kpi.name.clone(),
                unit: kpi.unit.name(),
                members: told.members,
                mean: value(told.mean),
                low: told.interval.map(|(low, _)| value(low)),
                high: told.interval.map(|(_, high)| value(high)),
                p10: value(told.p10),
                p50: value(told.p50),
                p90: value(told.p90),
            })
        };
        results.iter().filter_map(report).collect()
    }
}

/// What a KPI of one run is more than that of another.
#[derive(Debug, Serialize)]
pub(super) struct GainReport {
    name: String,
    unit: &'static str,
    mean: f64,
    /// The 95 % interval; `null` for a single member.
    low: Option<f64>,
    high: Option<f64>,
    /// True if the interval holds no zero.
    is_sure: bool,
}

impl GainReport {
    /// All that could be counted in both runs.
    pub(super) fn all(
        scene: &Scene,
        results: &[KpiResult],
        gains: &[Option<KpiDifference>],
    ) -> Vec<Self> {
        let report = |(result, gain): (&KpiResult, &Option<KpiDifference>)| {
            let (kpi, gain) = (scene.kpis.get(result.kpi)?, gain.as_ref()?);
            // A difference has no zero of its own: 1 °C more is 1 K more.
            let zero = kpi.unit.from_si(0.0);
            let value = |si: f64| kpi.unit.from_si(si) - zero;
            Some(Self {
                name: kpi.name.clone(),
                unit: kpi.unit.name(),
                mean: value(gain.mean),
                low: gain.interval.map(|(low, _)| value(low)),
                high: gain.interval.map(|(_, high)| value(high)),
                is_sure: gain.is_sure(),
            })
        };
        results.iter().zip(gains).filter_map(report).collect()
    }
}
