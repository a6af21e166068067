//! Source files, read for what they import.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file with its code alone: comments, texts and characters are blanked out.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) code: String,
}

impl Source {
    /// The path below `src`, as `app/panels/tree.rs`.
    pub(super) fn name(&self) -> String {
        let parts: Vec<_> = self
            .path
            .iter()
            .map(|part| part.to_string_lossy())
            .collect();
        parts.join("/")
    }

    /// The module that the file belongs to; `None` for `lib.rs` and `main.rs`.
    pub(super) fn module(&self) -> Option<String> {
        let name = self.name();
        let first = name.split('/').next().unwrap_or_default();
        let module = first.strip_suffix(".rs").unwrap_or(first);
        (!matches!(module, "lib" | "main")).then(|| module.to_owned())
    }

    /// Everything named from the root of the crate, as `scene::spec::Shape`.
    pub(super) fn imports(&self) -> Vec<String> {
        let mut found = paths_after(&self.code, "crate");
        found.extend(paths_after(&self.code, "parallax"));
        // As many `super` as the file is deep lead to the root as well.
        let name = self.name();
        let depth = name.trim_end_matches("/mod.rs").split('/').count();
        found.extend(paths_after(&self.code, &vec!["super"; depth].join("::")));
        found
    }

    pub(super) fn is_below(&self, folder: &str) -> bool {
        self.name().starts_with(folder)
    }
}

/// Every `.rs` file under `src`, in order.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                sources.push(source(path.strip_prefix(&root).expect("below src"), text));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

pub(super) fn source(path: &Path, text: String) -> Source {
    Source {
        path: path.to_owned(),
        code: code_of(&text),
        text,
    }
}

/// `text` with comments, string and character literals replaced by blanks.
fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = at + skipped(&bytes[at..], at.checked_sub(1).map(|before| bytes[before]));
        if end > at {
            let lines = bytes[at..end.min(bytes.len())]
                .iter()
                .filter(|byte| **byte == b'\n');
            code.push(' ');
            code.extend(lines.map(|_| '\n'));
            at = end;
        } else {
            code.push(char::from(bytes[at]));
            at += 1;
        }
    }
    code
}

/// The length of the comment or literal that begins here; 0 if code does.
fn skipped(rest: &[u8], before: Option<u8>) -> usize {
    let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match rest {
        [b'/', b'/', ..] => rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'r', b'"' | b'#', ..] if !in_word => raw_string(rest),
        // A lifetime is no character: `'a,` has no second quote where a character would.
        [b'\'', b'\\', ..] => quoted(rest, b'\''),
        [b'\'', _, b'\'', ..] => 3,
        [b'\'', first, ..] if !first.is_ascii() => quoted(rest, b'\''),
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0; // `r#type` is a name
    }
    let mut closing = vec![b'"'];
    closing.resize(1 + hashes, b'#');
    let inside = &rest[2 + hashes..];
    let end = inside
        .windows(closing.len())
        .position(|window| window == closing);
    end.map_or(rest.len(), |end| 2 + hashes + end + closing.len())
}

/// Every path that follows `root::` in the code, with groups in braces taken apart.
pub(super) fn paths_after(code: &str, root: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(root) {
        let begins = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let rest = code[at + root.len()..].trim_start();
        if let Some(rest) = rest.strip_prefix("::")
            && begins
        {
            read_tree(rest, "", &mut paths);
        }
    }
    paths
}

/// Reads one use tree into `paths`, each with `prefix`; answers what follows the tree.
fn read_tree<'a>(text: &'a str, prefix: &str, paths: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            match rest.chars().next() {
                Some('}') => return &rest[1..],
                Some(',') => rest = &rest[1..],
                Some(c) if is_word(c) || matches!(c, '*' | '{') => {
                    rest = read_tree(rest, prefix, paths);
                    // `as Other` belongs to the entry before.
                    let end = rest.find([',', '}']).unwrap_or(rest.len());
                    rest = &rest[end..];
                }
                _ => return rest,
            }
        }
    }
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let mut path = prefix.to_owned();
    let separator = if prefix.is_empty() { "" } else { "::" };
    write!(path, "{separator}{}", &text[..end]).expect("a string takes all");
    match text[end..].trim_start().strip_prefix("::") {
        Some(rest) => read_tree(rest, &path, paths),
        None => {
            paths.push(path);
            &text[end..]
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The places where `word` stands in the code as a whole word or path.
pub(super) fn names_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[test]
fn imports_are_read_from_code_alone() {
    let code = code_of(
        r##"
        //! [`crate::app::Doc`]
        use crate::{scene::{Scene, spec::Shape as Form}, time::*, units};
        use crate :: signal::SignalId; // crate::cli
        /* crate::cli /* crate::app */ crate::app */
        fn f<'a>(x: &'a str) -> char { let _ = "crate::app"; let _ = r#"crate::"cli"#; '"' }
        const C: parallax::history::History = crate::models::build('\'', "\"crate::app");
        use my_crate::app; use other::crate_::app;
        "##,
    );
    let mut imports = paths_after(&code, "crate");
    imports.extend(paths_after(&code, "parallax"));
    imports.sort();
    assert_eq!(
        imports,
        [
            "history::History",
            "models::build",
            "scene::Scene",
            "scene::spec::Shape",
            "signal::SignalId",
            "time::",
            "units",
        ]
    );
}
