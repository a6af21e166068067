//! Campaigns: many runs of one scene after a plan, each kept when it is done.
//!
//! [`open_plan`] reads `PLAN.ron`; [`run`](run()) computes what is not done yet, by an [`Executor`], and
//! writes one row per run. Runs of a campaign share their seeds, so what differs between two
//! points is what the plan changed (common random numbers).

mod around;
mod bundle;
mod checks;
mod design;
mod drive;
mod job;
mod journal;
mod plan;
#[cfg(feature = "cluster")]
mod remote;
mod run;
mod search;
mod spec;
#[cfg(feature = "cluster")]
mod spread;
mod tables;
#[cfg(feature = "cluster")]
mod worker;

pub use bundle::{Bundle, open_bundled};
pub use design::{Choice, Constraint, Design, Parameter, ParameterEffect, Search, Variable};
pub use drive::{CampaignError, CampaignReport, Done, Executor, LocalExecutor, run};
pub use job::{CampaignJob, JobState};
pub use journal::{JournalError, Row};
pub use plan::{Campaign, MAX_RUNS, PlanError, open_plan};
#[cfg(feature = "cluster")]
pub use remote::{ClusterExecutor, Trouble};
pub use run::{Effort, KpiValue, Outcome, Task};
pub use search::Merit;
pub use spec::Goal;
#[cfg(feature = "cluster")]
pub use spread::compute_spread;
#[cfg(feature = "cluster")]
pub use worker::{RunWorker, work};
