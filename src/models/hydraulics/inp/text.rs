//! The bytes of a file as lines of text.

use std::borrow::Cow;

use crate::problem::Problem;

/// Larger files are not networks.
const LARGEST: usize = 256 << 20;

/// A file's text.
pub(super) struct Text<'a> {
    text: Cow<'a, str>,
    /// One byte was one character.
    pub(super) is_latin1: bool,
    /// The file began with the mark of UTF-8, which EPANET cannot read.
    pub(super) has_mark: bool,
}

impl<'a> Text<'a> {
    /// The text of `bytes`, which are UTF-8 or else Latin-1.
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, Problem> {
        if bytes.len() > LARGEST {
            return Err(Problem::new(
                None,
                format!("the file has {} MiB", bytes.len() >> 20),
                format!("at most {} MiB are read", LARGEST >> 20),
            ));
        }
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(Problem::new(
                Some(1),
                "the file is UTF-16 text",
                "save it as UTF-8 or ANSI",
            ));
        }
        let unmarked = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]);
        let has_mark = unmarked.is_some();
        let bytes = unmarked.unwrap_or(bytes);
        let (text, is_latin1) = match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), false),
            Err(_) => (bytes.iter().copied().map(char::from).collect(), true),
        };
        Ok(Self {
            text,
            is_latin1,
            has_mark,
        })
    }

    /// The lines, counted from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        // Only a file without any line feed can mean its carriage returns as line ends;
        // elsewhere they are space.
        let end = if self.text.contains('\n') { '\n' } else { '\r' };
        (1..).zip(self.text.split(end))
    }
}
