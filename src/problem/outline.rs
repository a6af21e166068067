//! Where each part of a RON text stands.
//!
//! RON values carry no positions. The outline walks the tokens once and keeps the
//! line of every field, list item and map entry, by its path from the root. It
//! never fails: of a broken text it knows the part before the break.

use std::collections::HashMap;

/// One step down into a RON value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A field of a struct, or an entry of a map by its text key.
    Key(String),
    /// An item of a list or tuple, counted from 0.
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

/// The lines of a RON text by path.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    lines: HashMap<Vec<Step>, u32>,
}

impl Outline {
    /// Walks `text`.
    pub fn of(text: &str) -> Self {
        let mut walk = Walk {
            text: text.as_bytes(),
            at: 0,
            line: 1,
            lines: HashMap::new(),
        };
        walk.value(&mut Vec::new());
        Self { lines: walk.lines }
    }

    /// The line of the value at `path`, or of the nearest part around it.
    pub fn line(&self, path: &[Step]) -> Option<u32> {
        (0..=path.len())
            .rev()
            .find_map(|length| self.lines.get(&path[..length]).copied())
    }
}

struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    lines: HashMap<Vec<Step>, u32>,
}

/// Deeper values are not outlined, so that hostile nesting cannot exhaust the stack.
const MAX_DEPTH: usize = 64;

impl Walk<'_> {
    /// Reads one value that starts here and notes its line under `path`.
    fn value(&mut self, path: &mut Vec<Step>) {
        self.skip_blank();
        self.lines.insert(path.clone(), self.line);
        // A name such as `Some` or `Pump` may stand before its content.
        if self.word().is_some() {
            self.skip_blank();
        }
        match self.peek() {
            Some(b'(' | b'[' | b'{') if path.len() < MAX_DEPTH => self.group(path),
            Some(b'"') => {
                self.string();
            }
            _ => self.scalar(),
        }
    }

    /// Reads a bracketed group, each entry `key: value` or `value`.
    fn group(&mut self, path: &mut Vec<Step>) {
        self.bump();
        let mut item = 0;
        loop {
            self.skip_blank();
            match self.peek() {
                None => return,
                Some(b')' | b']' | b'}') => return self.bump(),
                Some(b',') => {
                    self.bump();
                    continue;
                }
                Some(_) => {}
            }
            let (before, line) = (self.at, self.line);
            let step = self.key().map_or(Step::Item(item), Step::Key);
            if matches!(step, Step::Item(_)) {
                (self.at, self.line) = (before, line);
            }
            path.push(step);
            self.value(path);
            // The key's own line is what a person looks for.
            self.lines.insert(path.clone(), line);
            path.pop();
            item += 1;
            if self.at == before {
                self.bump();
            }
        }
    }

    /// Reads `word:` or `"text":`; `None` if what stands here is no key.
    fn key(&mut self) -> Option<String> {
        let key = match self.peek() {
            Some(b'"') => self.string(),
            _ => self.word()?,
        };
        self.skip_blank();
        let colon = self.peek() == Some(b':') && self.text.get(self.at + 1) != Some(&b':');
        colon.then(|| {
            self.bump();
            key
        })
    }

    fn word(&mut self) -> Option<String> {
        let start = self.at;
        if !self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        {
            return None;
        }
        // `r"…"` is a raw string, not a word.
        if self.peek() == Some(b'r') && matches!(self.text.get(start + 1), Some(b'"' | b'#')) {
            return None;
        }
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            self.bump();
        }
        Some(String::from_utf8_lossy(&self.text[start..self.at]).into_owned())
    }

    fn string(&mut self) -> String {
        self.bump();
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => break,
                b'\\' => self.bump(),
                _ => {}
            }
            self.bump();
        }
        let text = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
        self.bump();
        text
    }

    fn raw_string(&mut self) {
        self.bump();
        let mut closing = vec![b'"'];
        while self.peek() == Some(b'#') {
            closing.push(b'#');
            self.bump();
        }
        self.bump();
        while self.at < self.text.len() && !self.text[self.at..].starts_with(&closing) {
            self.bump();
        }
        for _ in 0..closing.len() {
            self.bump();
        }
    }

    /// Passes `'x'` or `'\n'`; a character may be a bracket, a comma or a quote.
    fn character(&mut self) {
        self.bump();
        if self.peek() == Some(b'\\') {
            self.bump();
        }
        self.bump();
        while self
            .peek()
            .is_some_and(|byte| byte != b'\'' && byte != b'\n')
        {
            self.bump();
        }
        self.bump();
    }

    /// Passes a number, a bool or anything else up to the end of its entry.
    fn scalar(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b',' | b')' | b']' | b'}' => return,
                b'"' => {
                    self.string();
                }
                b'r' if matches!(self.text.get(self.at + 1), Some(b'"' | b'#')) => {
                    self.raw_string();
                }
                b'\'' => self.character(),
                b'/' if matches!(self.text.get(self.at + 1), Some(b'/' | b'*')) => {
                    self.skip_blank();
                }
                _ => self.bump(),
            }
        }
    }

    /// Passes white space, comments and `#![enable(..)]` lines.
    fn skip_blank(&mut self) {
        loop {
            match (self.peek(), self.text.get(self.at + 1)) {
                (Some(byte), _) if byte.is_ascii_whitespace() => self.bump(),
                (Some(b'/'), Some(b'/')) | (Some(b'#'), Some(b'!')) => {
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.bump();
                    }
                }
                (Some(b'/'), Some(b'*')) => self.skip_block_comment(),
                _ => return,
            }
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.text.len() {
            if self.text[self.at..].starts_with(b"/*") {
                depth += 1;
                self.bump();
            } else if self.text[self.at..].starts_with(b"*/") {
                depth -= 1;
                self.bump();
            }
            self.bump();
            if depth == 0 {
                return;
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn bump(&mut self) {
        if self.peek() == Some(b'\n') {
            self.line += 1;
        }
        self.at = (self.at + 1).min(self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"#![enable(implicit_some)]
// A comment with ( and "
Scene(
    format: 1,
    types: {
        "pump": Type(shape: Pump, at: (1.0, 2.0)),
        "tank": (
            limit: 3,
        ),
    },
    assets: [
        (tag: "P-1", mark: '"', end: '\''), /* two
        lines */ (tag: "P-2",
            type: "pump"),
    ],
)
"#;

    #[track_caller]
    fn check(path: &[Step], line: u32) {
        assert_eq!(Outline::of(TEXT).line(path), Some(line), "{path:?}");
    }

    #[test]
    fn every_part_is_found_on_its_line() {
        check(&[], 3);
        check(&["format".into()], 4);
        check(&["types".into(), "pump".into(), "at".into(), 1.into()], 6);
        check(&["types".into(), "tank".into(), "limit".into()], 8);
        check(&["assets".into(), 0.into(), "tag".into()], 12);
        check(&["assets".into(), 1.into()], 13);
        check(&["assets".into(), 1.into(), "type".into()], 14);
    }

    #[test]
    fn an_unknown_part_falls_back_to_what_surrounds_it() {
        check(&["assets".into(), 1.into(), "pose".into(), "x".into()], 13);
    }

    #[test]
    fn broken_texts_end() {
        for text in [
            "",
            "(",
            "Scene(a: [",
            "\"",
            "/*",
            "((((",
            "a: : :",
            "}}}",
            "r#\"x",
            "(a: r#\"x\"#, b: 1)",
        ] {
            Outline::of(text);
        }
        Outline::of(&"(".repeat(10_000));
    }
}
