//! interim
use super::could_not;
use std::process::ExitCode;
/// Interim.
pub fn export(_args: &super::ExportArgs) -> ExitCode {
    could_not("interim")
}
