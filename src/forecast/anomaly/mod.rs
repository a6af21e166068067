//! What is not as it was: detectors that learn from a stretch of history and then watch.
//!
//! Floor 3. A [`SignalTable`] holds what some signals showed, row by row: as measured, or the
//! residual of the twin ([`residuals`]). A [`Detector`] is trained on a stretch of it and scores
//! every row from that row and earlier ones. Its limit comes from a [`FalseAlarms`] budget. A
//! [`ChangeWatch`] tells when the level of one signal moved.
//!
//! ```text
//! z   = (x − μ) / s           x: an indicator over the trailing window
//! μ                           its mean over the training rows, followed slowly while all is well
//! s²  = mean (x_t − μ_o)²     by forward chaining: μ_o knows the training rows before o < t only
//! Q   = zᵀ R⁻¹ z / p          flagged above g χ²_h (Box 1954), its mean and variance those of the
//!                             same forward chaining
//! ```
//!
//! Forward chaining is what makes slow signals fair: a temperature that wanders by many standard
//! deviations of its noise gets a wide s, a flow that stands still a narrow one.
//!
//! Limitations: the budget holds, within a small factor, for a plant that goes on as it was in
//! training; a state that training never saw is an anomaly until the detector is trained again. All
//! signals of a detector are taken as rows: what has no value at a row is left out of it.

mod budget;
mod change;
mod confusion;
mod detector;
mod monitor;
mod residual;
mod stream;
mod table;
mod window;

pub use budget::{BudgetError, FalseAlarms};
pub use change::{Change, ChangeWatch};
pub use confusion::Confusion;
pub use detector::{Detector, DetectorError, DetectorSettings, IgnoredSignal, TrainingStretch};
pub use monitor::MonitorKind;
pub use residual::residuals;
pub use stream::{Stream, Verdict};
pub use table::SignalTable;
