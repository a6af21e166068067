//! How a store is kept: `store.ron`, a file for people to edit.
//!
//! Read when recording starts. A new store gets a file in which every setting stands as a
//! comment with its default.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ron::extensions::Extensions;
use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use crate::time::parse_duration;

/// The name of the file in the store's folder.
const FILE: &str = "store.ron";

/// What a new store's file says: all defaults, to be uncommented and changed.
const DEFAULTS: &str = r#"// Settings of this store of recorded samples. They are read when recording starts.
(
    // Who records: part of the names of segments. Recorders that share a lake need different ones.
    // recorder: "main",

    // How often what came in is made safe against a failure of power: at most so much is lost.
    // sync: "1s",

    // When a log file is closed and sealed into segments: after so many rows, or so long
    // after its first.
    // seal_rows: 1000000,
    // seal_after: "5min",

    // The store never takes more than this, if it is given.
    // quota: "100 GB",

    // Space that only the log may use, of the disk and of the quota: when no more is left,
    // sealing stops and the log goes on.
    // min_free: "512 MB",

    // How long samples (and with them who was where) and their sums by minute and by hour are kept, and how much all of them
    // may take before the oldest samples go. What is not given is kept for ever.
    // retention: (samples: "90 days", minutes: "730 days", hours: "3650 days", size: "500 GB"),
)
"#;

/// How a store is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Who records: lower-case letters, digits and `_`; stands in the names of segments.
    #[serde(deserialize_with = "recorder_name")]
    pub recorder: String,
    /// What came in is on the disk after so long.
    #[serde(deserialize_with = "duration")]
    pub sync: Duration,
    /// A log file is closed after so many rows.
    #[serde(deserialize_with = "positive")]
    pub seal_rows: u64,
    /// A log file is closed so long after its first row.
    #[serde(deserialize_with = "positive_duration")]
    pub seal_after: Duration,
    /// The store takes no more bytes than this.
    #[serde(deserialize_with = "some_size")]
    pub quota: Option<u64>,
    /// Bytes of the disk, and of the quota, that only the log may use.
    #[serde(deserialize_with = "size")]
    pub min_free: u64,
    /// What is kept for how long.
    pub retention: Retention,
}

/// How long rows are kept, by their source time; `None` is for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Samples, and where those who move were seen.
    #[serde(deserialize_with = "some_duration")]
    pub samples: Option<Duration>,
    /// Their sums by minute.
    #[serde(deserialize_with = "some_duration")]
    pub minutes: Option<Duration>,
    /// Their sums by hour.
    #[serde(deserialize_with = "some_duration")]
    pub hours: Option<Duration>,
    /// Beyond so many bytes of all tables the oldest samples go.
    #[serde(deserialize_with = "some_size")]
    pub size: Option<u64>,
}

/// Why there are no settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file says what cannot be.
    #[error("{message}; mend it, or delete the file to have the defaults: {}:{line}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The file cannot be read or written.
    #[error("{source}: {}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            recorder: "main".to_owned(),
            sync: Duration::from_secs(1),
            seal_rows: 1_000_000,
            seal_after: Duration::from_mins(5),
            quota: None,
            min_free: 512_000_000,
            retention: Retention::default(),
        }
    }
}

impl StoreSettings {
    /// The settings of the store in `folder`; the defaults if it has no file of them.
    pub fn read(folder: &Path) -> Result<Self, SettingsError> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|(line, message)| SettingsError::Wrong {
                path,
                line,
                message,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(SettingsError::Refused { path, source }),
        }
    }

    /// Puts a file of commented defaults into `folder` if there is none yet.
    pub fn write_defaults(folder: &Path) -> Result<(), SettingsError> {
        let path = folder.join(FILE);
        let draft = folder.join(format!(".{FILE}.part"));
        let write = || {
            if path.try_exists()? {
                return Ok(());
            }
            fs::write(&draft, DEFAULTS)?;
            fs::rename(&draft, &path)
        };
        write().map_err(|source| SettingsError::Refused {
            path: path.clone(),
            source,
        })
    }

    /// From the text of the file, or the line and what is wrong.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
        let settings: Self = options
            .from_str(text)
            .map_err(|error| (error.span.start.line, error.code.to_string()))?;
        if let Some(quota) = settings.quota
            && quota <= settings.min_free
        {
            let line = text
                .lines()
                .position(|line| line.trim_start().starts_with("quota"))
                .map_or(1, |line| line + 1);
            let message = format!(
                "the quota of {quota} bytes is not more than min_free, {} bytes, which only the \
                 log may use, so that nothing could be sealed",
                settings.min_free
            );
            return Err((line, message));
        }
        Ok(settings)
    }
}

/// Reads a size such as `512 MB` or `10 GiB`: bytes, powers of 1000 or of 1024.
fn parse_size(text: &str) -> Result<u64, String> {
    let error = || format!("`{text}` is not a size; write a number and a unit, such as \"10 GB\"");
    let trimmed = text.trim();
    let split = trimmed
        .find(|letter: char| letter.is_alphabetic())
        .ok_or_else(error)?;
    let number: f64 = trimmed[..split].trim().parse().map_err(|_| error())?;
    let unit: f64 = match trimmed[split..].to_ascii_lowercase().as_str() {
        "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return Err(error()),
    };
    let bytes = number * unit;
    // Above 2^53 a number of bytes is no longer exact, and no disk is so large.
    if bytes.is_finite() && (0.0..=9e15).contains(&bytes) {
        Ok(bytes.round() as u64)
    } else {
        Err(error())
    }
}

fn recorder_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if (1..=64).contains(&name.len()) && name.bytes().all(fits) {
        Ok(name)
    } else {
        Err(de::Error::custom(format!(
            "`{name}` is no name for a recorder; take up to 64 of a-z, 0-9 and _"
        )))
    }
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    parse_duration(&String::deserialize(from)?).map_err(de::Error::custom)
}

fn positive_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    match duration(from)? {
        Duration::ZERO => Err(de::Error::custom("this must be longer than 0 s")),
        duration => Ok(duration),
    }
}

fn some_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    struct Positive(Duration);
    impl<'de> Deserialize<'de> for Positive {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            positive_duration(from).map(Self)
        }
    }
    Ok(Option::<Positive>::deserialize(from)?.map(|positive| positive.0))
}

fn positive<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    match u64::deserialize(from)? {
        0 => Err(de::Error::custom("this must be at least 1")),
        count => Ok(count),
    }
}

fn size<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    parse_size(&String::deserialize(from)?).map_err(de::Error::custom)
}

fn some_size<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let size = text.map(|text| parse_size(&text)).transpose();
    size.map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_says_the_defaults() {
        let folder = tempfile::tempdir().expect("a folder");
        StoreSettings::write_defaults(folder.path()).expect("written");
        let read = StoreSettings::read(folder.path()).expect("read");
        assert_eq!(read, StoreSettings::default());

        // Uncommented, the settings that have a default have this one.
        let uncommented: String = DEFAULTS
            .lines()
            .filter(|line| !line.contains("quota:") && !line.contains("retention:"))
            .map(|line| match line.trim_start().strip_prefix("// ") {
                Some(setting) if setting.ends_with(',') && setting.contains(": ") => setting,
                _ => line,
            })
            .fold(String::new(), |text, line| text + line + "\n");
        assert!(uncommented.contains("\nsync: "), "{uncommented}");
        assert_eq!(StoreSettings::parse(&uncommented), Ok(read));
    }

    #[test]
    fn what_a_person_edited_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "(seal_rows: 7)").expect("written");
        StoreSettings::write_defaults(folder.path()).expect("nothing to write");
        let settings = StoreSettings::read(folder.path()).expect("read");
        assert_eq!(settings.seal_rows, 7);
        assert_eq!(settings.sync, Duration::from_secs(1));
    }

    #[test]
    fn every_setting_is_read() {
        let text = r#"(
            recorder: "east_2", sync: "250ms", seal_rows: 5000, seal_after: "1min",
            quota: "10 GiB", min_free: "1.5 MB",
            retention: (samples: "30 days", hours: "1h30m", size: "500 GB"),
        )"#;
        let expected = StoreSettings {
            recorder: "east_2".to_owned(),
            sync: Duration::from_millis(250),
            seal_rows: 5000,
            seal_after: Duration::from_mins(1),
            quota: Some(10 << 30),
            min_free: 1_500_000,
            retention: Retention {
                samples: Some(Duration::from_hours(720)),
                minutes: None,
                hours: Some(Duration::from_mins(90)),
                size: Some(500_000_000_000),
            },
        };
        assert_eq!(StoreSettings::parse(text), Ok(expected));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (line, wrong, word) in [
            (1, "", "opening"),
            (2, "(\nsink: \"1s\",\n)", "sink"),
            (2, "(\nsync: \"soon\",\n)", "soon"),
            (2, "(\nsync: 1,\n)", "string"),
            (3, "(\n\nquota: \"10 bananas\",\n)", "bananas"),
            (2, "(\nquota: \"10 MB\",\n)", "min_free"),
            (2, "(\nquota: \"-1 GB\",\n)", "-1 GB"),
            (2, "(\nmin_free: \"1e300 TB\",\n)", "1e300 TB"),
            (2, "(\nrecorder: \"Ümlaut-1\",\n)", "Ümlaut-1"),
            (2, "(\nrecorder: \"\",\n)", "a-z"),
            (2, "(\nseal_rows: 0,\n)", "at least 1"),
            (2, "(\nseal_after: \"0s\",\n)", "longer"),
            (3, "(\nretention: (\nsamples: \"0s\",\n))", "longer"),
            (3, "(\nretention: (\ndays: \"1h\",\n))", "days"),
        ] {
            let (at, message) = StoreSettings::parse(wrong).expect_err(wrong);
            assert!(message.contains(word), "{wrong}: {message}");
            assert_eq!(at, line, "{wrong}: {message}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "(\nsync: \"soon\",\n)").expect("written");
        let told = StoreSettings::read(folder.path()).expect_err("an error");
        assert!(told.to_string().ends_with("store.ron:2"), "{told}");
    }
}
