//! `parallax accounts` as an administrator uses it: through the program, file and log.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use parallax::access::{Grant, Role};
use parallax::files::{AccountError, Accounts};
use parallax::recording::AuditBook;

const PASSWORD: &str = "correct horse battery";

/// A desk of its own: settings in a folder that goes away.
struct Desk {
    settings: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let settings = tempfile::tempdir().expect("a folder");
        Self { settings }
    }

    fn folder(&self) -> PathBuf {
        self.settings.path().join("parallax")
    }

    fn accounts(&self) -> Accounts {
        Accounts::read(&self.folder().join("accounts.ron")).expect("readable")
    }

    /// `parallax` with these words, and this line on stdin.
    fn run(&self, arguments: &[&str], line: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parallax"))
            .args(arguments)
            .env_remove("RUST_LOG")
            .env("XDG_CONFIG_HOME", self.settings.path())
            .env("USER", "desk")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // What reads nothing closes it early.
        writeln!(stdin, "{line}").ok();
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }

    #[track_caller]
    fn check(&self, arguments: &[&str], line: &str, code: i32, says: &str) {
        let done = self.run(arguments, line);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
        let all = [done.stdout, done.stderr].concat();
        let all = String::from_utf8_lossy(&all);
        assert!(!all.contains("horse"), "{arguments:?} tells a password");
    }
}

fn add<'a>(name: &'a str, role: &'a str) -> [&'a str; 6] {
    ["accounts", "add", name, "--role", role, "--password-stdin"]
}

#[test]
fn accounts_are_made_changed_and_taken_away() {
    let desk = Desk::new();
    desk.check(&add("Eve", "operator"), PASSWORD, 2, "administrator");
    assert!(desk.accounts().is_empty());
    desk.check(
        &add("Ada", "administrator"),
        PASSWORD,
        0,
        "add account: Ada",
    );
    desk.check(&add("Bob", "operator@B-100"), PASSWORD, 0, "operator@B-100");
    desk.check(&add("Bob", "viewer"), PASSWORD, 2, "already");
    desk.check(&add("Cid", "viewer"), "short", 2, "10 characters");
    desk.check(&add("Cid", "boss"), PASSWORD, 2, "no role");

    let listed = desk.run(&["accounts", "list"], "");
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let expected = serde_json::json!([
        {"name": "Ada", "roles": ["administrator"]},
        {"name": "Bob", "roles": ["operator@B-100"]},
    ]);
    assert_eq!(listed, expected);

    let grant = [
        "accounts",
        "grant",
        "Bob",
        "--role",
        "planner",
        "--role",
        "operator@B-200",
    ];
    desk.check(&grant, "", 0, "planner, operator@B-200");
    let area = Some("B-200".to_owned());
    let bob = desk.accounts();
    let bob = bob.log_in("Bob", PASSWORD).expect("his password");
    let (planner, operator) = (Role::Planner, Role::Operator);
    let expected = [(planner, None), (operator, area)].map(|(role, area)| Grant { role, area });
    assert_eq!(bob.grants, expected);

    let change = ["accounts", "password", "Bob", "--password-stdin"];
    desk.check(&change, "another horse entirely", 0, "change password: Bob");
    let accounts = desk.accounts();
    let told = accounts.log_in("Bob", PASSWORD);
    assert!(matches!(told, Err(AccountError::Refused)));
    accounts
        .log_in("Bob", "another horse entirely")
        .expect("the new one");

    desk.check(&["accounts", "remove", "Ada"], "", 2, "must stay");
    let demote = ["accounts", "grant", "Ada", "--role", "viewer"];
    desk.check(&demote, "", 2, "must stay");
    desk.check(&["accounts", "remove", "Bob"], "", 0, "remove account: Bob");
    assert_eq!(desk.accounts().all().len(), 1);
}

#[test]
fn every_change_of_accounts_is_in_the_log_and_no_refused_one() {
    let desk = Desk::new();
    desk.check(&add("Ada", "administrator"), PASSWORD, 0, "");
    desk.check(&add("Bob", "operator"), PASSWORD, 0, "");
    desk.check(&["accounts", "remove", "Ada"], "", 2, "");
    desk.check(&["accounts", "grant", "Bob", "--role", "viewer"], "", 0, "");
    desk.check(&["accounts", "remove", "Bob"], "", 0, "");
    let told = AuditBook::read(&desk.folder()).expect("readable");
    let told: Vec<_> = told
        .iter()
        .map(|one| {
            (
                one.by.as_str(),
                one.action.as_str(),
                one.subject.as_str(),
                one.detail.as_str(),
            )
        })
        .collect();
    let expected = [
        ("desk", "add account", "Ada", "administrator"),
        ("desk", "add account", "Bob", "operator"),
        ("desk", "grant roles", "Bob", "viewer"),
        ("desk", "remove account", "Bob", ""),
    ];
    assert_eq!(told, expected);
    let folder = desk.folder().display().to_string();
    desk.check(&["audit", "verify", &folder], "", 0, "");

    // Where the log was changed, accounts are not changed any more.
    let log = desk.folder().join("audit.jsonl");
    let text = fs::read_to_string(&log).expect("readable");
    fs::write(&log, text.replacen("operator", "engineer", 1)).expect("written");
    desk.check(&["audit", "verify", &folder], "", 1, "record 2");
    desk.check(&add("Eve", "engineer"), PASSWORD, 2, "record 2");
    assert_eq!(desk.accounts().all().len(), 1);
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let desk = Desk::new();
    let words = ["accounts", "add", "Ada", "--role", "administrator"];
    desk.check(&words, PASSWORD, 2, "--password-stdin");
    assert!(desk.accounts().is_empty());
}
