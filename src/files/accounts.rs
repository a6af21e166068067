//! The people who may use this program on this machine: names, roles, and passwords that
//! cannot be read back.
//!
//! Passwords are kept as Argon2id hashes with the parameters that OWASP recommends (19 MiB,
//! two passes), each with a salt of its own, as the PHC format writes them.
//!
//! There is one file for each user of the machine, whatever the scene: `accounts.ron` in the
//! folder of the program's settings ([`Accounts::usual_file`]). What is done to it is told by
//! the log `audit.jsonl` beside it, which `parallax audit verify` checks.
//!
//! Limitations: accounts tell people at one desk apart. Whoever may write the file by means of
//! the system may change it; keep it from him by the system's own means.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ExportError;
use super::draft::Draft;
use crate::access::{Grant, Right, Role};

/// What stands at the head of the file.
const HEAD: &str = "// Accounts of Parallax, which writes this file anew. Passwords are hashes.\n";
/// Shorter passwords are refused, characters.
const SHORTEST: usize = 10;
/// Longer ones too: hashing them would take too long, bytes.
const LONGEST: usize = 1_024;

/// Everybody who has an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    accounts: Vec<Account>,
}

/// Somebody's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The name that journals tell.
    pub name: String,
    /// The hash of the password.
    password: String,
    /// What the account may do, and where.
    pub grants: Vec<Grant>,
}

/// Why an account could not be used or changed.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Name or password are wrong; which of them is not told.
    #[error("name or password are wrong")]
    Refused,
    /// The name is empty or too long, or not of one line.
    #[error("a name has 1 to 60 characters, none of them a control character")]
    BadName,
    /// The name is taken.
    #[error("there is an account `{name}` already")]
    Taken {
        /// The name.
        name: String,
    },
    /// There is no such account.
    #[error("there is no account `{name}`")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The password is too short or too long.
    #[error("a password has {SHORTEST} characters at least, and {LONGEST} bytes at most")]
    BadPassword,
    /// Nobody could manage accounts any more.
    #[error("one administrator of the whole plant must stay")]
    LastAdministrator,
    /// Nobody could manage accounts at all.
    #[error("the first account must be an administrator of the whole plant: it makes the others")]
    FirstAdministrator,
    /// A hash could not be made or read.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// The system gives no random numbers.
    #[error("no salt for the password: {0}")]
    Salt(String),
    /// The file could not be read.
    #[error("cannot read accounts: {source}: {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not one of accounts.
    #[error("line {line}: {message}; restore the file from a copy: {}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] ExportError),
}

impl Accounts {
    /// The file of this user: below `$XDG_CONFIG_HOME`, or where the system keeps settings.
    /// `None` if nothing tells where that is.
    pub fn usual_file() -> Option<PathBuf> {
        let given = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        let settings = given("XDG_CONFIG_HOME").or_else(|| {
            if cfg!(windows) {
                return given("APPDATA");
            }
            let below = if cfg!(target_os = "macos") {
                "Library/Application Support"
            } else {
                ".config"
            };
            Some(given("HOME")?.join(below))
        });
        Some(settings?.join("parallax").join("accounts.ron"))
    }

    /// Reads the file; no file is no accounts.
    pub fn read(path: &Path) -> Result<Self, AccountError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other.map_err(|source| AccountError::Read {
                path: path.to_owned(),
                source,
            })?,
        };
        ron::from_str(&text).map_err(|error| AccountError::Syntax {
            path: path.to_owned(),
            line: error.span.start.line,
            message: error.code.to_string(),
        })
    }

    /// Writes the file, readable by this user only.
    pub fn write(&self, path: &Path) -> Result<(), AccountError> {
        let refused = |source| ExportError::Write {
            path: path.to_owned(),
            source,
        };
        let pretty = ron::ser::PrettyConfig::default();
        let text = ron::ser::to_string_pretty(self, pretty);
        let text = text.map_err(|error| refused(io::Error::other(error)))?;
        let (draft, mut out) = Draft::create(path)?;
        close_to_others(out.get_ref())
            .and_then(|()| out.write_all(HEAD.as_bytes()))
            .and_then(|()| out.write_all(text.as_bytes()))
            .map_err(refused)?;
        Ok(draft.place(out)?)
    }

    /// True if nobody has an account: then everybody may do everything.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The accounts, in the order in which they were made.
    pub fn all(&self) -> &[Account] {
        &self.accounts
    }

    /// The account of somebody who knows its password.
    pub fn log_in(&self, name: &str, password: &str) -> Result<&Account, AccountError> {
        let account = self.accounts.iter().find(|account| account.name == name);
        // An unknown name takes as long as a known one, so that time tells nothing.
        const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let hash = account.map_or(NOBODY, |account| &account.password);
        let hash =
            PasswordHash::new(hash).map_err(|error| AccountError::Hash(error.to_string()))?;
        if password.len() > LONGEST {
            return Err(AccountError::Refused);
        }
        let fits = Argon2::default().verify_password(password.as_bytes(), &hash);
        match (account, fits) {
            (Some(account), Ok(())) => Ok(account),
            _ => Err(AccountError::Refused),
        }
    }

    /// Makes an account; the first one must be able to make others.
    pub fn add(
        &mut self,
        name: &str,
        password: &str,
        grants: Vec<Grant>,
    ) -> Result<(), AccountError> {
        let length = name.chars().count();
        if !(1..=60).contains(&length) || name.trim() != name || name.chars().any(char::is_control)
        {
            return Err(AccountError::BadName);
        }
        if self.accounts.iter().any(|account| account.name == name) {
            let name = name.to_owned();
            return Err(AccountError::Taken { name });
        }
        if self.is_empty() && !manages(&grants) {
            return Err(AccountError::FirstAdministrator);
        }
        self.accounts.push(Account {
            name: name.to_owned(),
            password: hash(password)?,
            grants,
        });
        Ok(())
    }

    /// Gives an account another password.
    pub fn set_password(&mut self, name: &str, password: &str) -> Result<(), AccountError> {
        let hash = hash(password)?;
        self.get_mut(name)?.password = hash;
        Ok(())
    }

    /// Gives an account other roles; the last administrator stays one.
    pub fn set_grants(&mut self, name: &str, grants: Vec<Grant>) -> Result<(), AccountError> {
        let before = self.get_mut(name)?.grants.clone();
        self.get_mut(name)?.grants = grants;
        if self.has_administrator() || !manages(&before) {
            return Ok(());
        }
        self.get_mut(name)?.grants = before;
        Err(AccountError::LastAdministrator)
    }

    /// Takes an account away; the last administrator stays.
    pub fn remove(&mut self, name: &str) -> Result<(), AccountError> {
        let unknown = || AccountError::Unknown {
            name: name.to_owned(),
        };
        let place = self
            .accounts
            .iter()
            .position(|account| account.name == name);
        let place = place.ok_or_else(unknown)?;
        let account = self.accounts.remove(place);
        if manages(&account.grants) && !self.has_administrator() {
            self.accounts.insert(place, account);
            return Err(AccountError::LastAdministrator);
        }
        Ok(())
    }

    fn has_administrator(&self) -> bool {
        self.accounts.iter().any(|account| manages(&account.grants))
    }

    fn get_mut(&mut self, name: &str) -> Result<&mut Account, AccountError> {
        let account = self
            .accounts
            .iter_mut()
            .find(|account| account.name == name);
        account.ok_or_else(|| AccountError::Unknown {
            name: name.to_owned(),
        })
    }
}

/// True if these roles let somebody manage accounts.
fn manages(grants: &[Grant]) -> bool {
    let whole = |grant: &&Grant| grant.area.is_none();
    let mut roles = grants.iter().filter(whole).map(|grant| grant.role);
    roles.any(|role: Role| role.has(Right::ManageAccounts))
}

fn hash(password: &str) -> Result<String, AccountError> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(AccountError::BadPassword);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| AccountError::Salt(error.to_string()))?;
    let refused = |error: argon2::password_hash::Error| AccountError::Hash(error.to_string());
    let salt = SaltString::encode_b64(&salt).map_err(refused)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(hash.map_err(refused)?.to_string())
}

#[cfg(unix)]
fn close_to_others(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn close_to_others(_file: &fs::File) -> io::Result<()> {
    Ok(()) // the folder's own rules hold
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role) -> Vec<Grant> {
        vec![Grant { role, area: None }]
    }

    const PASSWORD: &str = "correct horse battery";

    #[test]
    fn accounts_go_through_their_file_and_only_the_right_password_opens_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("accounts.ron");
        let mut accounts = Accounts::read(&file).expect("no accounts yet");
        accounts
            .add("Bob", PASSWORD, grant(Role::Administrator))
            .expect("made");
        accounts
            .add("Ada", PASSWORD, grant(Role::Operator))
            .expect("made");
        accounts.write(&file).expect("written");
        let read = Accounts::read(&file).expect("readable");
        assert_eq!(read, accounts);
        let text = fs::read_to_string(&file).expect("readable");
        assert!(!text.contains("horse"), "{text}");
        assert_ne!(
            read.accounts[0].password, read.accounts[1].password,
            "each has its salt"
        );
        assert!(
            read.accounts[0]
                .password
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert_eq!(
            read.log_in("Ada", PASSWORD).expect("in").grants,
            grant(Role::Operator)
        );
        for (name, password) in [
            ("Ada", "correct horse batterz"),
            ("Eve", PASSWORD),
            ("Ada", ""),
        ] {
            assert!(
                matches!(read.log_in(name, password), Err(AccountError::Refused)),
                "{name}"
            );
        }
    }

    #[test]
    fn the_last_administrator_stays() {
        let mut accounts = Accounts::default();
        accounts
            .add("Ada", PASSWORD, grant(Role::Administrator))
            .expect("made");
        accounts
            .add("Bob", PASSWORD, grant(Role::Operator))
            .expect("made");
        let last = |told| matches!(told, Err(AccountError::LastAdministrator));
        assert!(last(accounts.remove("Ada")));
        assert!(last(accounts.set_grants("Ada", grant(Role::Viewer))));
        accounts
            .set_grants("Bob", grant(Role::Administrator))
            .expect("changed");
        accounts.remove("Ada").expect("removed");
        assert_eq!(accounts.all().len(), 1);
    }

    #[test]
    fn weak_passwords_and_doubled_names_are_refused() {
        let mut accounts = Accounts::default();
        let all = || grant(Role::Administrator);
        let told = accounts.add("Ada", "short", all());
        assert!(matches!(told, Err(AccountError::BadPassword)));
        let told = accounts.add(" Ada", PASSWORD, all());
        assert!(matches!(told, Err(AccountError::BadName)));
        let told = accounts.add("Ada", PASSWORD, grant(Role::Engineer));
        assert!(matches!(told, Err(AccountError::FirstAdministrator)));
        accounts.add("Ada", PASSWORD, all()).expect("made");
        let told = accounts.add("Ada", PASSWORD, Vec::new());
        assert!(matches!(told, Err(AccountError::Taken { .. })));
        assert!(matches!(
            accounts.set_password("Eve", PASSWORD),
            Err(AccountError::Unknown { .. })
        ));
    }
}
