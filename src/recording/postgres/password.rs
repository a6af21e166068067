//! Where passwords come from: the environment, and the file that all clients of PostgreSQL read.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

use super::PostgresError;

/// Where to look for a password.
#[derive(Clone, Default)]
pub struct Passwords {
    /// The password for every server, before all others.
    pub password: Option<String>,
    /// A file of lines `host:port:database:user:password`, `*` for any; see "The Password
    /// File" in the manual of PostgreSQL.
    pub file: Option<PathBuf>,
}

impl Passwords {
    /// `PGPASSWORD`, then the file `PGPASSFILE` or `~/.pgpass`.
    pub fn of_environment() -> Self {
        let home = || Some(Path::new(&env::var_os("HOME")?).join(".pgpass"));
        Self {
            password: env::var("PGPASSWORD").ok().filter(|text| !text.is_empty()),
            file: env::var_os("PGPASSFILE").map(PathBuf::from).or_else(home),
        }
    }

    /// The password of a user, if one is known. A file that others may read is refused.
    pub(super) fn find(
        &self,
        host: &str,
        port: u16,
        database: &str,
        user: &str,
    ) -> Result<Option<String>, PostgresError> {
        if self.password.is_some() {
            return Ok(self.password.clone());
        }
        let Some(file) = &self.file else {
            return Ok(None);
        };
        // As with any client, a file that is not there has no passwords.
        let Ok(about) = fs::metadata(file) else {
            return Ok(None);
        };
        if about.permissions().mode() & 0o077 != 0 {
            return Err(PostgresError::OpenPasswords(file.clone()));
        }
        let text = fs::read_to_string(file).unwrap_or_default();
        let port = port.to_string();
        let wanted = [host, &port, database, user];
        Ok(text.lines().find_map(|line| password_in(line, wanted)))
    }
}

/// Without the password.
impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("file", &self.file)
            .finish()
    }
}

/// The password of a line, if the line is for `[host, port, database, user]`.
fn password_in(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        // The password is the rest of the line, in which a colon needs no `\`.
        if letter == ':' && fields.len() <= wanted.len() {
            fields.push(String::new());
            continue;
        }
        let literal = if letter == '\\' {
            letters.next()
        } else {
            Some(letter)
        };
        fields.last_mut()?.extend(literal);
    }
    let password = fields.get(wanted.len())?.clone();
    let fits = |(field, wanted): (&String, &str)| field == "*" || field == wanted;
    fields.iter().zip(wanted).all(fits).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_the_manual_says() {
        let wanted = ["db.plant", "5432", "twin", "operator"];
        let check = |line, expected: Option<&str>| {
            assert_eq!(password_in(line, wanted).as_deref(), expected, "{line}");
        };
        check("db.plant:5432:twin:operator:secret", Some("secret"));
        check("*:*:*:*:any", Some("any"));
        check("db.plant:5432:twin:operator:a:b", Some("a:b"));
        check(r"db.plant:5432:twin:operator:a\:b\\c", Some(r"a:b\c"));
        check("db.plant:5433:twin:operator:secret", None);
        check("#*:*:*:*:any", None);
        check("db.plant:5432:twin", None);
        check("", None);
    }

    #[test]
    fn a_password_is_not_shown() {
        let passwords = Passwords {
            password: Some("hunter2".to_owned()),
            file: None,
        };
        assert!(!format!("{passwords:?}").contains("hunter2"));
    }
}
