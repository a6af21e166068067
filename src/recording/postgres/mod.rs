//! Samples to and from a table of PostgreSQL, exactly once and bit for bit.
//!
//! The table is plain SQL, partitioned by the time of the source, one partition a day or a
//! month, made as needed. Beside it works, unchanged, on TimescaleDB; there
//!
//! ```sql
//! -- after PostgresTable::create(Partitions::None)
//! SELECT create_hypertable('samples', by_range('source_time', INTERVAL '1 day'));
//! ```
//!
//! makes a hypertable of it, which is written and read in the same way. Its columns:
//!
//! | column | type | |
//! | --- | --- | --- |
//! | `source_time` | `timestamptz` | the instant, down to the microsecond: what one asks by |
//! | `source_ns` | `bigint` | the same in nanoseconds since 1970, UTC: what is read back |
//! | `receive_ns` | `bigint` | when it reached us, likewise |
//! | `value` | `double precision` | SI; `NULL` where the link was lost |
//! | `quality` | `bigint` | status code of OPC UA; from 2147483648 up it is bad |
//! | `lost` | `boolean` | computed: `value IS NULL` |
//! | `tag`, `signal`, `origin`, `unit`, `text`, `clock` | `text` | as in the segments of a store |
//!
//! A `timestamptz` knows microseconds only, so the nanoseconds stand beside it. `(tag, signal,
//! origin, source_time, source_ns, lost)` is unique: of equal rows the first one counts.

mod address;
mod export;
mod import;
mod password;
mod table;
mod tls;
mod tuple;

use std::error::Error;
use std::io;
use std::path::PathBuf;

pub use export::{Export, Exported};
pub use password::Passwords;
use postgres::Client;
use postgres::error::SqlState;
pub use table::Partitions;
use table::TableName;
use thiserror::Error;

use self::address::Address;

/// A table of a server, or the place where one is to be.
pub struct PostgresTable {
    client: Client,
    name: TableName,
    server: String,
}

/// Why samples could not be exchanged with PostgreSQL. No message holds a password.
#[derive(Debug, Error)]
pub enum PostgresError {
    /// The URL is none.
    #[error("not the URL of a database ({0}); write postgres://user@host:port/database")]
    Url(String),
    /// A password stands in the URL. It is not repeated here.
    #[error("a URL must not hold a password; set PGPASSWORD, or write it to ~/.pgpass")]
    SecretInUrl,
    /// The name of the table cannot be one.
    #[error(
        "`{0}` cannot name a table; write at most {max} letters of a-z, 0-9 and _, or schema.table",
        max = table::LONGEST_NAME
    )]
    Name(String),
    /// Data would go over the network unencrypted.
    #[error(
        "sslmode={mode} may send data in the clear; leave it out, or write sslmode=disable to do so knowingly: {server}"
    )]
    Insecure {
        /// What the URL asks for.
        mode: String,
        /// Which server.
        server: String,
    },
    /// A file of certificates, or the system's, cannot be used.
    #[error("no certificates to trust ({reason}); name a file by sslrootcert=…: {place}")]
    Certificates {
        /// What is wrong.
        reason: String,
        /// The file, or whose they are.
        place: String,
    },
    /// The file of passwords may be read by others, so it is not used.
    #[error("others may read it, so it is not used; run chmod 600: {}", .0.display())]
    OpenPasswords(PathBuf),
    /// There is no connection.
    #[error("no connection: {reason}: {server}")]
    Connect {
        /// What is wrong, and how to mend it.
        reason: String,
        /// Which server.
        server: String,
    },
    /// There is no such table.
    #[error("there is no table `{table}`; create it first, or check its name: {server}")]
    NoTable {
        /// Its name.
        table: String,
        /// Which server.
        server: String,
    },
    /// The table is not of ours.
    #[error("the table `{table}` is not one of samples: {reason}; choose another name: {server}")]
    Foreign {
        /// Its name.
        table: String,
        /// What is wrong with it.
        reason: String,
        /// Which server.
        server: String,
    },
    /// A row cannot be told to PostgreSQL.
    #[error("PostgreSQL takes no text with a zero character: `{0}`")]
    Zero(String),
    /// The server did not do what it was asked to.
    #[error("table `{table}`: {reason}: {server}")]
    Refused {
        /// What the server says, and how to mend it.
        reason: String,
        /// The table.
        table: String,
        /// Which server.
        server: String,
        /// True if the same may succeed when tried again.
        passing: bool,
        /// True if a row was there already.
        duplicate: bool,
    },
}

impl PostgresTable {
    /// Connects to the table `table`, or `schema.table`, of `postgres://user@host:port/database`.
    ///
    /// The password is looked for in `PGPASSWORD` and `~/.pgpass`. The connection is encrypted
    /// and the server's certificate checked, by the authorities of the system or those of
    /// `?sslrootcert=FILE`, unless the server is on this machine or `?sslmode=disable` is said.
    pub fn connect(url: &str, table: &str) -> Result<Self, PostgresError> {
        Self::connect_with(url, table, &Passwords::of_environment())
    }

    /// As [`connect`](Self::connect), with the password from `passwords`.
    pub fn connect_with(
        url: &str,
        table: &str,
        passwords: &Passwords,
    ) -> Result<Self, PostgresError> {
        let name = TableName::parse(table)?;
        let address = Address::parse(url)?;
        let server = address.server();
        let client = address.connect(passwords)?;
        Ok(Self {
            client,
            name,
            server,
        })
    }

    /// What the server says, in words.
    fn refused(&self, error: &postgres::Error) -> PostgresError {
        refused(&self.name, &self.server, error)
    }
}

fn refused(table: &TableName, server: &str, error: &postgres::Error) -> PostgresError {
    let code = error.code();
    let is = |wanted: &[SqlState]| code.is_some_and(|code| wanted.contains(code));
    let hint = if is(&[SqlState::INSUFFICIENT_PRIVILEGE]) {
        "; ask for the right to it"
    } else if is(&[SqlState::DISK_FULL]) {
        "; make room on the server and try again: what is there stays"
    } else if error.is_closed() {
        "; try again: what is there stays, and nothing is added twice"
    } else if is(&[SqlState::CHECK_VIOLATION]) {
        "; a partition of that time is missing, and another relation has its name"
    } else {
        ""
    };
    PostgresError::Refused {
        reason: format!("{}{hint}", words(error)),
        table: table.to_string(),
        server: server.to_owned(),
        passing: is(&[
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]),
        duplicate: is(&[SqlState::UNIQUE_VIOLATION]),
    }
}

/// As [`refused`], of what reading or writing a COPY says.
fn copy_refused(table: &TableName, server: &str, error: &io::Error) -> PostgresError {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<postgres::Error>()) {
        Some(error) => refused(table, server, error),
        None => PostgresError::Refused {
            reason: error.to_string(),
            table: table.to_string(),
            server: server.to_owned(),
            passing: false,
            duplicate: false,
        },
    }
}

/// What an error says, cause by cause. Details are left out: they repeat data.
fn words(error: &postgres::Error) -> String {
    if let Some(told) = error.as_db_error() {
        return told.message().to_owned();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
