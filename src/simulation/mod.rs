//! Futures: a plant of models, its state at an instant, a scenario, runs and ensembles.
//!
//! A [`Run`] is a value. It starts from an [`InitialState`] taken from the history at
//! its analysis time, goes under a scenario to a horizon, reads no clock and shares no
//! memory. An [`Ensemble`] advances many members together, a chunk of time after
//! another, and reduces each chunk to quantiles before the next one, so memory is
//! bounded by members × state. An [`estimate`](mod@estimate) fits what nobody measures to the past
//! before a run. Parallel equals serial, bit for bit.

mod apart;
mod breach_times;
mod compare;
mod draws;
mod ensemble;
pub mod estimate;
mod film;
mod fingerprint;
mod initial;
mod kpi;
mod kpi_difference;
mod plant;
mod record;
mod reliance;
mod residual;
mod run;
mod squad;

pub use apart::{MEMBERS_TOGETHER, MemberRecord, compute_members};
pub use breach_times::BreachTimes;
pub use compare::{Difference, difference};
pub use ensemble::{Band, Chunk, Ensemble, EnsembleError};
pub use film::Film;
pub use fingerprint::Fingerprint;
pub use initial::InitialState;
pub use kpi::{KpiResult, KpiStatistics};
pub use kpi_difference::KpiDifference;
pub use plant::Plant;
pub use record::{Against, LimitBreach, RunRecord, RunState};
pub use residual::{Residual, is_usable, judging_run};
pub use run::{Run, RunError, RunPlan, RunTotals};
