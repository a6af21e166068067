//! Documents of assets: files beside the scene, and pages of the web.
//!
//! A scene may come from anybody. So a file must lie in its folder and be of a kind that is
//! looked at and not run, and a page is told by `https://` and by nothing else.

use serde::Deserialize;

/// A document as a scene writes it: `(title: "Start-up", file: "docs/pump.md")`, or with `url`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Document", deny_unknown_fields)]
pub struct DocumentSpec {
    /// What it is called on screen.
    pub title: String,
    /// The file, from the scene's folder.
    #[serde(default)]
    pub file: Option<String>,
    /// Or the page: `https://...`.
    #[serde(default)]
    pub url: Option<String>,
}

/// A document of the open scene: its place in [`Scene::documents`](super::Scene::documents).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentIndex(pub u32);

impl DocumentIndex {
    /// This document's place in a dense array.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A document, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is called on screen.
    pub title: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Where it is.
    pub place: DocumentPlace,
}

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentPlace {
    /// A file.
    File {
        /// From the scene's folder, within it.
        file: String,
        /// How long it was when the scene was opened; `None` if it could not be found there.
        bytes: Option<u64>,
    },
    /// A page of the web, by `https`.
    Page(String),
}

/// What a document is, by the ending of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Plain text.
    Text,
    /// Text with marks.
    Markdown,
    /// Pages as they are printed.
    Pdf,
    /// A text of an office.
    Writing,
    /// Rows and columns.
    Table,
    /// A picture.
    Picture,
    /// A drawing to scale.
    Drawing,
    /// A film.
    Film,
    /// A page of the web.
    Page,
}

/// The endings of files that can be documents. Nothing here is run when it is opened.
const ENDINGS: &[(&str, DocumentKind)] = &[
    ("csv", DocumentKind::Table),
    ("docx", DocumentKind::Writing),
    ("dwg", DocumentKind::Drawing),
    ("dxf", DocumentKind::Drawing),
    ("jpeg", DocumentKind::Picture),
    ("jpg", DocumentKind::Picture),
    ("md", DocumentKind::Markdown),
    ("mp4", DocumentKind::Film),
    ("ods", DocumentKind::Table),
    ("odt", DocumentKind::Writing),
    ("pdf", DocumentKind::Pdf),
    ("png", DocumentKind::Picture),
    ("txt", DocumentKind::Text),
    ("webm", DocumentKind::Film),
    ("xlsx", DocumentKind::Table),
];

impl DocumentKind {
    /// What a file of this name is; `None` if it is nothing that is only looked at.
    pub fn of_file(file: &str) -> Option<Self> {
        let (_, ending) = file.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let known = ENDINGS.iter().find(|(known, _)| *known == ending);
        known.map(|(_, kind)| *kind)
    }

    /// The endings that are known, as a list.
    pub(super) fn endings() -> String {
        let endings: Vec<&str> = ENDINGS.iter().map(|(ending, _)| *ending).collect();
        endings.join(", ")
    }

    /// What it is called on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Markdown => "Markdown",
            Self::Pdf => "PDF",
            Self::Writing => "Document",
            Self::Table => "Table",
            Self::Picture => "Picture",
            Self::Drawing => "Drawing",
            Self::Film => "Film",
            Self::Page => "Web page",
        }
    }
}

impl Document {
    /// True if there is something to open, as far as was known when the scene was opened.
    pub fn is_there(&self) -> bool {
        !matches!(self.place, DocumentPlace::File { bytes: None, .. })
    }

    /// What it is and how long: `Markdown, 2.1 kB`, or of a page whose it is: `Web page,
    /// example.org`.
    pub fn story(&self) -> String {
        let more = match &self.place {
            DocumentPlace::File { bytes, .. } => match bytes {
                Some(bytes) => bytes_text(*bytes),
                None => "not found".to_owned(),
            },
            DocumentPlace::Page(url) => host(url).unwrap_or_default().to_owned(),
        };
        format!("{}, {more}", self.kind.title())
    }
}

/// The host of a page's address; `None` if this is no address by `https`, or tells more of who
/// asks than where.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\');
    if url.chars().any(odd) {
        return None;
    }
    let host = rest.split(['/', '?', '#']).next()?;
    (!host.is_empty() && !host.contains('@')).then_some(host)
}

/// A length in words: `640 B`, `2.1 kB`, `14 MB`.
fn bytes_text(bytes: u64) -> String {
    let (value, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (bytes as f64 / 1e3, "kB"),
        1_000_000..1_000_000_000 => (bytes as f64 / 1e6, "MB"),
        _ => (bytes as f64 / 1e9, "GB"),
    };
    let decimals = usize::from(value < 10.0);
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_by_https_and_a_host_alone() {
        for (url, expected) in [
            ("https://example.org/pumps?id=3#start", Some("example.org")),
            ("https://example.org", Some("example.org")),
            ("http://example.org", None),
            ("file:///etc/passwd", None),
            ("javascript:alert(1)", None),
            ("https://", None),
            ("https:///etc", None),
            ("https://known.org@other.org/", None),
            ("https://example.org/a b", None),
            ("HTTPS://example.org", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn lengths_read_like_a_file_managers() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (2_100, "2.1 kB"),
            (64_000, "64 kB"),
            (14_400_000, "14 MB"),
        ] {
            assert_eq!(bytes_text(bytes), text);
        }
    }

    #[test]
    fn what_could_be_run_is_no_document() {
        assert_eq!(DocumentKind::of_file("a/b.PDF"), Some(DocumentKind::Pdf));
        for file in ["run.sh", "pump.desktop", "setup.exe", "README", "page.html"] {
            assert_eq!(DocumentKind::of_file(file), None, "{file}");
        }
    }
}
