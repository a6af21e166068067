//! Files that keep something small from one session to the next. What cannot be kept is no reason
//! to stop.

use std::path::{Path, PathBuf};

use bevy::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A file that keeps a value, and what it holds. Without a file nothing is kept, as in tests and
/// pictures.
#[derive(Clone, Debug)]
pub(super) struct Remembered<T> {
    file: Option<PathBuf>,
    /// What is there.
    pub(super) saved: Option<T>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            file: None,
            saved: None,
        }
    }
}

impl<T: Serialize + DeserializeOwned + Clone + PartialEq> Remembered<T> {
    /// What stands in the file, if it is there and can be read.
    pub(super) fn load(file: Option<PathBuf>) -> Self {
        let text = file
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file).ok());
        let saved = text.and_then(|text| ron::from_str(&text).ok());
        Self { file, saved }
    }

    /// Writes a value that is new; `what` tells of it if that fails, which is told once.
    pub(super) fn save(&mut self, value: &T, what: &str) {
        let Some(file) = &self.file else { return };
        if self.saved.as_ref() == Some(value) {
            return;
        }
        let text = ron::to_string(value).unwrap_or_default();
        if write(file, what, &text) {
            self.saved = Some(value.clone());
        } else {
            self.file = None;
        }
    }
}

/// Writes `text` to `file`; false, and told, if that cannot be.
pub(super) fn write(file: &Path, what: &str, text: &str) -> bool {
    let folder_made = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    let done = folder_made.and_then(|()| std::fs::write(file, text));
    if let Err(error) = &done {
        warn!("{what} is not remembered: {error}: {}", file.display());
    }
    done.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_there_again_and_damage_is_as_if_nothing_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("deep").join("value.ron");
        let mut kept: Remembered<(u32, String)> = Remembered::load(Some(file.clone()));
        assert_eq!(kept.saved, None);
        let value = (7, "seven".to_owned());
        kept.save(&value, "a value");
        let again = || Remembered::<(u32, String)>::load(Some(file.clone())).saved;
        assert_eq!(again(), Some(value));
        std::fs::write(&file, "(7, \"sev").expect("written");
        assert_eq!(again(), None);
    }

    #[test]
    fn without_a_file_or_where_it_cannot_be_written_nothing_stops() {
        let mut nowhere = Remembered::<u32>::default();
        nowhere.save(&1, "a value");
        assert_eq!(nowhere.saved, None);
        let folder = tempfile::tempdir().expect("a folder");
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").expect("written");
        let mut kept = Remembered::<u32>::load(Some(blocked.join("value.ron")));
        kept.save(&1, "a value");
        assert_eq!(kept.file, None, "not tried again");
    }
}
