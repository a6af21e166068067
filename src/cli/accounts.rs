//! `parallax accounts`: who may do what in the window on this machine.
//!
//! Every change is told in the log beside the file of accounts, which is held open while the
//! file is changed, so that two programs never change it at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::password;
use super::{could_not, print_json, talk};
use crate::access::Grant;
use crate::files::Accounts;
use crate::recording::{AuditBook, AuditRecord};
use crate::session::desktop_user;
use crate::telemetry::now;

/// `parallax accounts`
#[derive(Clone, Debug, Args)]
pub struct AccountsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: AccountsAction,
    /// The file of accounts; `accounts.ron` in the folder of the program's settings if not given.
    #[arg(long, global = true, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// What can be done with accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum AccountsAction {
    /// Make an account. The first one must be an administrator.
    Add(AddAccountArgs),
    /// Tell who has an account, and which roles.
    List,
    /// Give an account these roles in the place of those that it has.
    Grant(GrantArgs),
    /// Take an account away.
    Remove(RemoveAccountArgs),
    /// Give an account another password.
    Password(PasswordArgs),
}

/// `parallax accounts add`
#[derive(Clone, Debug, Args)]
pub struct AddAccountArgs {
    /// Whose it is, as the audit tells it.
    pub name: String,
    /// viewer, operator, planner, engineer or administrator; operator@B-100 for an asset with all
    /// that belongs to it; again for more.
    #[arg(long = "role", required = true, value_name = "ROLE[@TAG]")]
    pub roles: Vec<Grant>,
    /// Read the password from the first line of stdin instead of asking for it.
    #[arg(long)]
    pub password_stdin: bool,
}

/// `parallax accounts grant`
#[derive(Clone, Debug, Args)]
pub struct GrantArgs {
    /// Whose account.
    pub name: String,
    /// As for `add`; again for more.
    #[arg(long = "role", required = true, value_name = "ROLE[@TAG]")]
    pub roles: Vec<Grant>,
}

/// `parallax accounts remove`
#[derive(Clone, Debug, Args)]
pub struct RemoveAccountArgs {
    /// Whose account.
    pub name: String,
}

/// `parallax accounts password`
#[derive(Clone, Debug, Args)]
pub struct PasswordArgs {
    /// Whose account.
    pub name: String,
    /// Read the password from the first line of stdin instead of asking for it.
    #[arg(long)]
    pub password_stdin: bool,
}

/// An account as it is listed.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    roles: Vec<String>,
}

/// Does what is asked.
pub fn accounts(args: &AccountsArgs) -> ExitCode {
    let file = args.file.clone().or_else(Accounts::usual_file);
    let Some(file) = file else {
        return could_not("nothing tells where accounts are kept: set HOME, or give --file");
    };
    if let AccountsAction::List = args.action {
        return match Accounts::read(&file) {
            Ok(accounts) => list(&accounts),
            Err(error) => could_not(error),
        };
    }
    match change(&file, &args.action) {
        Ok(told) => {
            talk!("{told}");
            ExitCode::SUCCESS
        }
        Err(why) => could_not(why),
    }
}

fn list(accounts: &Accounts) -> ExitCode {
    let listed = accounts.all().iter().map(|account| Listed {
        name: &account.name,
        roles: account.grants.iter().map(Grant::to_string).collect(),
    });
    print_json(&listed.collect::<Vec<_>>());
    ExitCode::SUCCESS
}

/// Changes the file and tells it in the log beside; says what was done.
fn change(file: &Path, action: &AccountsAction) -> Result<String, String> {
    let from_stdin = match action {
        AccountsAction::Add(args) => Some(args.password_stdin),
        AccountsAction::Password(args) => Some(args.password_stdin),
        AccountsAction::List | AccountsAction::Grant(_) | AccountsAction::Remove(_) => None,
    };
    // Asked for before anything is locked: people take their time.
    let password = match from_stdin {
        Some(true) => password::read_line()?,
        Some(false) => password::ask_new()?,
        None => String::new(),
    };
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    let folder = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| format!("{error}: {}", folder.display()))?;
    let mut book = AuditBook::open(folder).map_err(|error| error.to_string())?;
    let mut accounts = Accounts::read(file).map_err(|error| error.to_string())?;
    let (done, deed, name, detail) = match action {
        AccountsAction::Add(args) => (
            accounts.add(&args.name, &password, args.roles.clone()),
            "add account",
            &args.name,
            roles_text(&args.roles),
        ),
        AccountsAction::Grant(args) => (
            accounts.set_grants(&args.name, args.roles.clone()),
            "grant roles",
            &args.name,
            roles_text(&args.roles),
        ),
        AccountsAction::Remove(args) => (
            accounts.remove(&args.name),
            "remove account",
            &args.name,
            String::new(),
        ),
        AccountsAction::Password(args) => (
            accounts.set_password(&args.name, &password),
            "change password",
            &args.name,
            String::new(),
        ),
        AccountsAction::List => return Ok(String::new()),
    };
    done.and_then(|()| accounts.write(file))
        .map_err(|error| error.to_string())?;
    let record = AuditRecord {
        at: now(),
        by: desktop_user(),
        action: deed.to_owned(),
        subject: name.clone(),
        detail: detail.clone(),
    };
    book.append(&record).map_err(|error| error.to_string())?;
    let what = if detail.is_empty() {
        format!("{deed}: {name}")
    } else {
        format!("{deed}: {name}: {detail}")
    };
    Ok(format!("{what}\nThe file is {}", file.display()))
}

fn roles_text(roles: &[Grant]) -> String {
    let roles: Vec<_> = roles.iter().map(Grant::to_string).collect();
    roles.join(", ")
}
