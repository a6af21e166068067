//! Bookmarks: views worth coming back to.

use super::check;
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::Bookmark;
use crate::scene::spec::BookmarkSpec;

pub(super) fn compile(
    specs: &[BookmarkSpec],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<Bookmark> {
    let root = Place::Scene;
    let list = root.key("bookmarks");
    let titles = specs.iter().map(|spec| spec.name.as_str());
    check::unique(findings, &list, "name", "bookmark", titles);
    specs
        .iter()
        .enumerate()
        .map(|(index, spec)| bookmark(spec, names, &list.item(index), findings))
        .collect()
}

fn bookmark(
    spec: &BookmarkSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Bookmark {
    check::title(
        findings,
        &place.key("name"),
        "name of the bookmark",
        &spec.name,
    );
    check::point(findings, &place.key("eye"), "eye", spec.eye);
    check::point(findings, &place.key("focus"), "focus", spec.focus);
    if spec.eye == spec.focus {
        let message = "the camera stands where it looks";
        findings.add(&place.key("eye"), message, "move `eye` away from `focus`");
    }
    if let Some(heat) = &spec.heat {
        names.signal_of_any(findings, &place.key("heat"), heat);
    }
    let select = place.key("select");
    Bookmark {
        name: spec.name.clone(),
        eye: spec.eye,
        focus: spec.focus,
        whole: spec.whole,
        select: spec
            .select
            .as_ref()
            .and_then(|tag| names.asset(findings, &select, tag)),
        heat: spec.heat.clone(),
    }
}
