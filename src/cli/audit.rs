//! `parallax audit verify STORE`: whether the log of what people did is as it was written.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{PROBLEMS_FOUND, could_not, print_json};
use crate::recording::AuditBook;

/// `parallax audit`
#[derive(Clone, Debug, Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: AuditAction,
}

/// What can be done with the log of what people did.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditAction {
    /// Check the hash of every record; the first one that was changed is named.
    Verify(AuditVerifyArgs),
}

/// `parallax audit verify`
#[derive(Clone, Debug, Args)]
pub struct AuditVerifyArgs {
    /// The folder of the store.
    pub store: PathBuf,
    /// The newest hash as it was noted elsewhere: tells whether records were cut off the end.
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
}

/// Does what is asked.
pub fn audit(args: &AuditArgs) -> ExitCode {
    let AuditAction::Verify(args) = &args.action;
    if !args.store.is_dir() {
        return could_not(format!("there is no folder {}", args.store.display()));
    }
    match AuditBook::verify(&args.store) {
        Err(error) => could_not(error),
        Ok(verdict) => {
            print_json(&verdict);
            let other_head = args
                .head
                .as_ref()
                .filter(|head| **head != verdict.seal.hash);
            if let Some(fault) = &verdict.fault {
                eprintln!("{fault}");
            } else if let Some(head) = other_head {
                eprintln!("the newest record is not {head}: records were cut off or added");
            } else {
                return ExitCode::SUCCESS;
            }
            ExitCode::from(PROBLEMS_FOUND)
        }
    }
}
