//! Floors 0 to 4 put together, for any program: no window, no command line.
//!
//! Floor 5. [`open`](open()) reads a scene with its models; a [`Feed`] brings the plant's data,
//! real, emulated or recorded; [`branch`](branch()) takes the start of a run from the history and
//! [`estimate`](estimate()) what nobody measures;
//! [`compute`](compute()) brings it to its horizon on worker threads; a [`Summary`] tells what
//! came of it.

mod alarm_journal;
mod alarm_log;
mod anomalies;
mod anomaly_findings;
mod branch;
pub mod campaign;
mod compute;
mod detect;
mod documents;
mod drawings;
mod emulation;
mod estimate;
mod feed;
mod forcing;
mod hindcast;
mod inside;
mod maintenance;
mod members;
mod obedience;
mod open;
mod prognoses;
mod recorded;
mod recording;
mod relay;
mod shift_report;
mod summary;
mod tracks;
mod watch;

pub use alarm_journal::{alarm_changes, alarm_rows};
pub use alarm_log::{AlarmLog, WatchedLog, try_limits};
pub use anomalies::{Anomalies, row_step};
pub use anomaly_findings::{ChangeWatches, Excursion, SignalChange, changes, excursions};
pub use branch::{baseline, branch};
pub use compute::{Computation, Control, Progress, compute, sample_batches};
pub use detect::{
    DetectPlan, Detection, RecordedTable, detect, history_table, recorded_table, signals_of,
};
pub use documents::{DocumentError, document_target, lost_documents};
pub use drawings::{DrawingMatch, ReadDrawings, asset_of, matches, read_drawings, unread_of};
pub use emulation::{EmulatedPlant, emulated_plant};
pub use estimate::{EstimatePlan, branch_estimated, estimate, fit, observe};
pub use feed::{Feed, FeedError, FeedPlan, ReplayState, emulate, publisher};
pub use forcing::{ForcingError, resolve, resolve_files, resolve_repeats};
pub use hindcast::{
    Answer, HindcastError, HindcastJob, HindcastPlan, HindcastProgress, MemoryPast, Past,
    PastError, PastSource, Question, StorePast, hindcast, past_forecast,
};
pub use maintenance::{
    MaintenanceError, MaintenanceOption, foresee_failure, machine_signal, maintained,
    weigh_maintenance,
};
pub use members::MemberBook;
pub use open::{OpenError, Opened, open};
pub use prognoses::{ForesightError, Prognoses, foresee, prognosed};
pub use recorded::{
    MemorySamples, TriedLimits, history_of, recorded_rows, samples_in_memory, samples_since,
    try_recorded,
};
pub use recording::{
    Recording, RecordingError, StorePlan, data_place, default_store, desktop_user, series_of,
};
pub use relay::Relay;
pub use shift_report::{
    AlarmName, Cascade, Episode, Held, HeldSpan, MeasuredKpi, PutAside, ShiftPlan, ShiftReport,
};
pub use summary::{RunSummary, Summary};
pub use watch::Watch;
