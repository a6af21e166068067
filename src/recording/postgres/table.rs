//! The table: its name, its columns and its partitions.

use std::collections::HashSet;
use std::fmt;

use postgres::Client;

use super::{PostgresError, PostgresTable};
use crate::time::Timestamp;

/// A name may be as long: with the day of a partition it still fits into PostgreSQL's 63.
pub(super) const LONGEST_NAME: usize = 48;

/// Into how many partitions the table is parted. Each costs files and planning, so days are
/// for plants that write millions of rows in one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partitions {
    /// One a day, in UTC.
    #[default]
    Daily,
    /// One a month, in UTC.
    Monthly,
    /// None: a plain table, to be made a hypertable of TimescaleDB.
    None,
}

/// `table` or `schema.table`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableName {
    schema: Option<String>,
    table: String,
}

/// The partitions of a table, as far as they are known to be there.
pub(super) struct KnownPartitions {
    partitions: Partitions,
    known: HashSet<String>,
}

/// Name, type and constraint of each column. The wide ones first, so that none needs padding.
const COLUMNS: [(&str, &str, &str); 12] = [
    ("source_time", "timestamp with time zone", "NOT NULL"),
    ("source_ns", "bigint", "NOT NULL"),
    ("receive_ns", "bigint", "NOT NULL"),
    ("value", "double precision", ""),
    ("quality", "bigint", "NOT NULL"),
    (
        "lost",
        "boolean",
        "GENERATED ALWAYS AS (value IS NULL) STORED",
    ),
    ("tag", "text", "COLLATE \"C\" NOT NULL"),
    ("signal", "text", "COLLATE \"C\" NOT NULL"),
    ("origin", "text", "COLLATE \"C\" NOT NULL"),
    ("unit", "text", "COLLATE \"C\" NOT NULL"),
    ("text", "text", "COLLATE \"C\""),
    ("clock", "text", "COLLATE \"C\" NOT NULL"),
];

/// What no two rows share.
pub(super) const KEY: &str = "tag, signal, origin, source_time, source_ns, lost";

impl TableName {
    pub(super) fn parse(text: &str) -> Result<Self, PostgresError> {
        let (schema, table) = match text.split_once('.') {
            Some((schema, table)) => (Some(schema), table),
            None => (None, text),
        };
        let is_name = |name: &str| {
            let letters = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '_');
            (1..=LONGEST_NAME).contains(&name.len())
                && name.chars().all(letters)
                && !name.starts_with(|letter: char| letter.is_ascii_digit())
        };
        if !is_name(table) || !schema.is_none_or(is_name) {
            return Err(PostgresError::Name(text.chars().take(80).collect()));
        }
        Ok(Self {
            schema: schema.map(str::to_owned),
            table: table.to_owned(),
        })
    }

    /// As it stands in SQL; a name is letters and digits only, so quotes suffice.
    pub(super) fn sql(&self) -> String {
        self.sql_of("")
    }

    fn sql_of(&self, end: &str) -> String {
        let table = &self.table;
        match &self.schema {
            Some(schema) => format!("\"{schema}\".\"{table}{end}\""),
            None => format!("\"{table}{end}\""),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.table)
    }
}

impl PostgresTable {
    /// Creates the table, or checks that the one that is there is one of samples.
    pub fn create(&mut self, partitions: Partitions) -> Result<(), PostgresError> {
        let columns: Vec<_> = COLUMNS
            .iter()
            .map(|(name, kind, more)| format!("{name} {kind} {more}"))
            .collect();
        let (parted, note) = match partitions {
            Partitions::Daily => ("PARTITION BY RANGE (source_time)", DAILY_NOTE),
            Partitions::Monthly => ("PARTITION BY RANGE (source_time)", MONTHLY_NOTE),
            Partitions::None => ("", PLAIN_NOTE),
        };
        let name = self.name.sql();
        let sql = format!(
            "CREATE TABLE {name} ({}, UNIQUE ({KEY})) {parted};\n\
             COMMENT ON TABLE {name} IS '{note}';",
            columns.join(", ")
        );
        if !self.exists()? {
            self.client
                .batch_execute(&sql)
                .map_err(|error| self.refused(&error))?;
        }
        self.check().map(drop)
    }

    /// Checks that the table is there and one of samples; how it is partitioned.
    pub(super) fn check(&mut self) -> Result<KnownPartitions, PostgresError> {
        if !self.exists()? {
            return Err(PostgresError::NoTable {
                table: self.name.to_string(),
                server: self.server.clone(),
            });
        }
        let name = self.name.sql();
        let about = "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute \
            WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped";
        let found = self
            .client
            .query(about, &[&name])
            .map_err(|error| self.refused(&error))?;
        let found: Vec<(String, String)> =
            found.iter().map(|row| (row.get(0), row.get(1))).collect();
        for (column, kind, _) in COLUMNS {
            match found.iter().find(|(name, _)| name == column) {
                None => return Err(self.foreign(format!("it has no column `{column}`"))),
                Some((_, other)) if other != kind => {
                    let reason = format!("its column `{column}` is {other}, not {kind}");
                    return Err(self.foreign(reason));
                }
                Some(_) => {}
            }
        }
        let unique = "SELECT EXISTS (SELECT FROM pg_index \
            WHERE indrelid = $1::text::regclass AND indisunique AND indisvalid AND indpred IS NULL \
            AND (SELECT string_agg(attname, ', ' ORDER BY attname) FROM pg_attribute \
                 WHERE attrelid = indrelid AND attnum = ANY (indkey)) = $2)";
        let mut key: Vec<_> = KEY.split(", ").collect();
        key.sort_unstable();
        let unique = self
            .client
            .query_one(unique, &[&name, &key.join(", ")])
            .map_err(|error| self.refused(&error))?;
        if !unique.get::<_, bool>(0) {
            return Err(self.foreign(format!("it is not UNIQUE ({KEY})")));
        }
        let about = "SELECT relkind = 'p', coalesce(obj_description(oid, 'pg_class'), '') \
            FROM pg_class WHERE oid = $1::text::regclass";
        let about = self
            .client
            .query_one(about, &[&name])
            .map_err(|error| self.refused(&error))?;
        let (parted, note): (bool, String) = (about.get(0), about.get(1));
        let partitions = match parted {
            true if note == MONTHLY_NOTE => Partitions::Monthly,
            true => Partitions::Daily,
            false => Partitions::None,
        };
        Ok(KnownPartitions {
            partitions,
            known: HashSet::new(),
        })
    }

    fn exists(&mut self) -> Result<bool, PostgresError> {
        let name = self.name.sql();
        let found = self
            .client
            .query_one("SELECT to_regclass($1) IS NOT NULL", &[&name]);
        let found = found.map_err(|error| self.refused(&error))?;
        Ok(found.get(0))
    }

    fn foreign(&self, reason: String) -> PostgresError {
        PostgresError::Foreign {
            table: self.name.to_string(),
            reason,
            server: self.server.clone(),
        }
    }
}

/// What stands at the table: how it is partitioned, for whoever comes later.
const DAILY_NOTE: &str = "Samples of Parallax, schema 1, a partition a day";
const MONTHLY_NOTE: &str = "Samples of Parallax, schema 1, a partition a month";
const PLAIN_NOTE: &str = "Samples of Parallax, schema 1";

impl KnownPartitions {
    /// Where the partition of an instant begins, such as `2026-11-22`; `None` without partitions.
    pub(super) fn start_of(&self, at: Timestamp) -> Option<String> {
        match self.partitions {
            Partitions::Daily => Some(at.format("%Y-%m-%d")),
            Partitions::Monthly => Some(at.format("%Y-%m-01")),
            Partitions::None => None,
        }
    }

    /// Sees that the partitions that begin at `starts` are there.
    pub(super) fn provide<'s>(
        &mut self,
        client: &mut Client,
        table: &TableName,
        starts: impl IntoIterator<Item = &'s String>,
    ) -> Result<(), postgres::Error> {
        let (length, letters) = match self.partitions {
            Partitions::Daily => ("1 day", 8),
            Partitions::Monthly => ("1 month", 6),
            Partitions::None => return Ok(()),
        };
        let name = table.sql();
        for start in starts {
            if self.known.contains(start) {
                continue;
            }
            let digits: String = start.chars().filter(char::is_ascii_digit).collect();
            let end = digits.get(..letters).unwrap_or(&digits);
            let part = table.sql_of(&format!("_{end}"));
            let there = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&part])?;
            if !there.get::<_, bool>(0) {
                // One exporter at a time: of two that create the same, one would fail. What is
                // sent together is one transaction.
                client.batch_execute(&format!(
                    "SELECT pg_advisory_xact_lock(hashtext('{name}'));\n\
                     CREATE TABLE IF NOT EXISTS {part} PARTITION OF {name} FOR VALUES\n\
                     FROM (timestamptz '{start} 00:00:00+00')\n\
                     TO (timestamptz '{start} 00:00:00+00' + interval '{length}')"
                ))?;
            }
            self.known.insert(start.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_and_digits() {
        for (text, sql) in [
            ("samples", Some("\"samples\"")),
            ("plant.samples_2", Some("\"plant\".\"samples_2\"")),
            ("", None),
            ("2samples", None),
            ("a.b.c", None),
            ("samples; DROP TABLE users", None),
            ("Samples", None),
        ] {
            let name = TableName::parse(text).ok();
            assert_eq!(name.map(|name| name.sql()).as_deref(), sql, "{text}");
        }
        assert!(TableName::parse(&"a".repeat(LONGEST_NAME + 1)).is_err());
    }
}
