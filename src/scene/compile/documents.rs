//! Documents of types and assets.

use std::path::{Component, Path};
use std::sync::Arc;

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use crate::scene::document::host;
use crate::scene::spec::DocumentSpec;
use crate::scene::{Document, DocumentIndex, DocumentKind, DocumentPlace};

/// A longer list in the faceplate of one asset helps nobody.
const MOST: usize = 50;

/// Checks the documents of one type or asset, and puts them on the shelf of the scene.
pub(super) fn compile(
    specs: &[DocumentSpec],
    list: &Place<'_>,
    shelf: &mut Vec<Document>,
    findings: &mut Findings,
) -> Arc<[DocumentIndex]> {
    if specs.len() > MOST {
        let message = format!("there are {} documents", specs.len());
        findings.add(list, message, format!("{MOST} are the most of one kind"));
    }
    let titles = specs.iter().map(|spec| spec.title.as_str());
    check::unique(findings, list, "title", "document", titles);
    let mut found = Vec::with_capacity(specs.len().min(MOST));
    for (index, spec) in specs.iter().enumerate().take(MOST) {
        if let Some(document) = document(spec, &list.item(index), findings) {
            found.push(DocumentIndex(shelf.len() as u32));
            shelf.push(document);
        }
    }
    found.into()
}

fn document(spec: &DocumentSpec, place: &Place<'_>, findings: &mut Findings) -> Option<Document> {
    check::title(
        findings,
        &place.key("title"),
        "title of the document",
        &spec.title,
    );
    let (kind, at) = match (&spec.file, &spec.url) {
        (Some(file), None) => {
            let kind = kind_of(file, &place.key("file"), findings)?;
            (kind, in_file(file))
        }
        (None, Some(url)) => {
            let kind = page(url, &place.key("url"), findings)?;
            (kind, DocumentPlace::Page(url.clone()))
        }
        (Some(_), Some(_)) => {
            let message = "a document has a file and a url";
            findings.add(place, message, "name one of the two");
            return None;
        }
        (None, None) => {
            let message = "this document is nowhere";
            let hint = "write `file: \"docs/pump.md\"`, from the folder of the scene, or `url`";
            findings.add(place, message, hint);
            return None;
        }
    };
    Some(Document {
        title: spec.title.clone(),
        kind,
        place: at,
    })
}

fn in_file(file: &str) -> DocumentPlace {
    DocumentPlace::File {
        file: file.to_owned(),
        bytes: None,
    }
}

/// What a file is that can be a document; whether it is there is for whoever opens the scene.
fn kind_of(file: &str, place: &Place<'_>, findings: &mut Findings) -> Option<DocumentKind> {
    let parts = Path::new(file).components();
    let mut parts = parts.map(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let inner = !file.is_empty() && !file.chars().any(char::is_control);
    if !(inner && parts.all(|is_inner| is_inner)) {
        let message = format!("{} is not in the folder of the scene", quoted(file));
        let hint = "put it there, and write its path from there, without `..`";
        findings.add(place, message, hint);
        return None;
    }
    let kind = DocumentKind::of_file(file);
    if kind.is_none() {
        let message = format!("{} is no document that is only looked at", quoted(file));
        let hint = format!("its name must end with one of {}", DocumentKind::endings());
        findings.add(place, message, hint);
    }
    kind
}

fn page(url: &str, place: &Place<'_>, findings: &mut Findings) -> Option<DocumentKind> {
    if host(url).is_none() {
        let message = format!("{} is no address of a page", quoted(url));
        let hint = "write https://host/path, without user, password and spaces";
        findings.add(place, message, hint);
        return None;
    }
    Some(DocumentKind::Page)
}
