//! interim
use super::could_not;
use std::process::ExitCode;
/// Interim.
pub fn import(_args: &super::ImportArgs) -> ExitCode {
    could_not("interim")
}
