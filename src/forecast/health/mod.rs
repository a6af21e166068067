//! How worn a machine is, and how long it will last.
//!
//! Floor 3. [`Indicators`] condense a stretch of one signal. A degradation model follows one
//! indicator online and tells the distribution of the [`RemainingLife`]: [`ExponentialTrend`],
//! [`WienerDrift`], [`ParisCrack`]; [`renewed_life`] that of a machine that is repaired now and
//! then. Where many machines of a kind ran to failure, a
//! [`FleetModel`] learns remaining life from all their signals: features over a trailing
//! stretch, kernel ridge regression on a capped target, intervals by conformal calibration on units
//! that were held out.

mod calibration;
mod exponential;
mod features;
mod fleet;
mod fleet_model;
mod fleet_skill;
mod fleet_text;
mod indicators;
mod kernel;
mod paris;
mod regimes;
mod remaining_life;
mod renewed;
mod training;
mod wiener;

pub use exponential::ExponentialTrend;
pub use fleet::{Fleet, FleetError, FleetUnit};
pub use fleet_model::{FleetModel, ModelError, RulEstimate, TrainedOn};
pub use fleet_skill::{FleetSkill, asymmetric_score};
pub use indicators::Indicators;
pub use paris::ParisCrack;
pub use remaining_life::RemainingLife;
pub use renewed::renewed_life;
pub use training::{FleetSettings, train};
pub use wiener::WienerDrift;
