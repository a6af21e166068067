//! How worn a machine is, and how long it will last.
//!
//! Floor 3. [`Indicators`] condense a stretch of one signal. A degradation model follows one
//! indicator online and tells the distribution of the [`RemainingLife`]: [`ExponentialTrend`],
//! [`WienerDrift`], [`ParisCrack`]; [`RenewedWear`] that of a machine that is repaired now and
//! then. A [`HealthMonitor`] does all of that for a signal as a scene asks. Where many machines of a kind ran to failure, a
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
mod monitor;
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
pub use monitor::{HealthMonitor, Outlook};
pub use paris::ParisCrack;
pub use remaining_life::RemainingLife;
pub use renewed::RenewedWear;
pub use training::{FleetSettings, train};
pub use wiener::WienerDrift;
