//! Assets: where each stands, what it has from its type, and how they belong together.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::check::{self, quoted};
use super::cycle::cycles;
use super::findings::{Findings, Place};
use super::names::Names;
use super::types::{AssetType, Types, decimals_for};
use super::{documents, limits};
use crate::problem::did_you_mean;
use crate::scene::spec::{AssetSpec, OwnSignalSpec};
use crate::scene::{Asset, AssetIndex, Document, DocumentIndex, Scene, Shape, Signal};
use crate::signal::SignalId;
use crate::units::{Unit, parse_measure};

/// Adds each asset with the signals of its type; answers which are doubtful.
pub(super) fn stand(
    scene: &mut Scene,
    specs: &[AssetSpec],
    types: &Types<'_>,
    findings: &mut Findings,
) -> HashSet<AssetIndex> {
    let root = Place::Scene;
    let list = root.key("assets");
    let tags = specs.iter().map(|spec| spec.tag.as_str());
    check::unique(findings, &list, "tag", "tag", tags);
    let mut doubtful = HashSet::new();
    for (index, spec) in (0..).map(AssetIndex).zip(specs) {
        let place = list.item(index.index());
        let kind = types.get(spec.kind.as_str());
        if kind.is_none_or(|kind| !kind.is_sound) {
            doubtful.insert(index);
        }
        if kind.is_none() {
            let message = format!("there is no type {}", quoted(&spec.kind));
            let hint = did_you_mean(&spec.kind, types.keys().copied());
            findings.add(&place.key("type"), message, hint);
        }
        let asset = asset(spec, index, kind, scene, &place, findings);
        scene.assets.push(asset);
    }
    doubtful
}

fn asset(
    spec: &AssetSpec,
    index: AssetIndex,
    kind: Option<&AssetType>,
    scene: &mut Scene,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Asset {
    check::name(findings, &place.key("tag"), "tag", &spec.tag);
    check::point(findings, &place.key("at"), "position", spec.at);
    check::finite(findings, &place.key("heading"), "heading", spec.heading);
    if let Some(size) = spec.size {
        check::size(findings, &place.key("size"), size);
    }
    if let Some(symbol) = spec.symbol {
        check::not_negative(findings, &place.key("symbol"), "symbol size", symbol);
    }
    let shape = kind.map_or(Shape::Block, |kind| kind.shape);
    check_route(spec, shape, place, findings);

    let first = scene.signals.len() as u32;
    let own_signals = kind.map_or(&[][..], |kind| &kind.signals);
    scene.signals.extend(own_signals.iter().map(|signal| {
        let mut signal = signal.clone();
        signal.asset = index;
        signal.full_name = format!("{}.{}", spec.tag, signal.name);
        signal
    }));
    if let Some(kind) = kind.filter(|kind| kind.is_sound) {
        let own = &mut scene.signals[first as usize..];
        set_own(spec, kind, own, &place.key("signals"), findings);
    }
    let drives = kind.map_or(&[][..], |kind| &kind.drives);
    let documents = documents_of(spec, kind, &mut scene.documents, place, findings);
    Asset {
        tag: spec.tag.clone(),
        kind: spec.kind.clone(),
        kind_label: kind.map_or_else(String::new, |kind| kind.label.clone()),
        label: spec.label.clone(),
        shape,
        drawing: kind.and_then(|kind| kind.drawing),
        moves: kind.map_or_else(Arc::default, |kind| Arc::clone(&kind.moves)),
        position: spec.at,
        heading: spec.heading.to_radians(),
        size: spec.size.or(kind.map(|kind| kind.size)).unwrap_or([1.0; 3]),
        symbol: spec.symbol.or(kind.map(|kind| kind.symbol)).unwrap_or(0.0),
        route: spec.route.clone(),
        parent: None,
        links: Vec::new(),
        parameters: parameters(spec, place, findings),
        documents,
        signals: first..scene.signals.len() as u32,
        drives: drives
            .iter()
            .map(|(part, offset)| (*part, SignalId(first + offset)))
            .collect(),
    }
}

/// Its own documents, then those of its type, which most assets share.
fn documents_of(
    spec: &AssetSpec,
    kind: Option<&AssetType>,
    shelf: &mut Vec<Document>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Arc<[DocumentIndex]> {
    let of_type = kind.map_or_else(Arc::default, |kind| Arc::clone(&kind.documents));
    if spec.documents.is_empty() {
        return of_type;
    }
    let own = documents::compile(&spec.documents, &place.key("documents"), shelf, findings);
    own.iter().chain(of_type.iter()).copied().collect()
}

/// Gives the signals what this asset's differ by from its type's.
fn set_own(
    spec: &AssetSpec,
    kind: &AssetType,
    signals: &mut [Signal],
    place: &Place<'_>,
    findings: &mut Findings,
) {
    for (name, own) in &spec.signals {
        let place = place.key(name);
        match signals.iter().position(|signal| signal.name == *name) {
            Some(index) => {
                let signal = &mut signals[index];
                set_signal(own, signal, &place, findings);
                if let Some(range) = own.range
                    && !kind.decimals_given[index]
                    && signal.states.is_empty()
                {
                    signal.decimals = decimals_for(range);
                }
            }
            None => {
                let known: Vec<&str> = signals.iter().map(|signal| signal.name.as_str()).collect();
                let message = format!("its type has no signal {}", quoted(name));
                findings.add(&place, message, did_you_mean(name, known));
            }
        }
    }
}

fn set_signal(
    own: &OwnSignalSpec,
    signal: &mut Signal,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let unit = signal.unit;
    if let Some(range) = own.range {
        check::range(findings, &place.key("range"), range);
        signal.range = (unit.to_si(range.0), unit.to_si(range.1));
    }
    if let Some(specs) = &own.limits {
        let range = (unit.from_si(signal.range.0), unit.from_si(signal.range.1));
        let place = place.key("limits");
        signal.limits = limits::compile((specs, range), &signal.label, unit, &place, findings);
    }
}

fn check_route(spec: &AssetSpec, shape: Shape, place: &Place<'_>, findings: &mut Findings) {
    let place = place.key("route");
    for (index, point) in spec.route.iter().enumerate() {
        check::point(findings, &place.item(index), "route point", *point);
    }
    let moves = spec.route.windows(2).any(|ends| ends[0] != ends[1]);
    let needed = shape == Shape::Pipe || (shape.follows_route() && !spec.route.is_empty());
    if needed && !moves {
        let what = shape.title().to_lowercase();
        let message = format!("the {what} {} leads nowhere", quoted(&spec.tag));
        let hint = "give its `route` two or more points in metres: [(0, 0, 1), (5, 0, 1)]";
        findings.add(&place, message, hint);
    }
}

fn parameters(
    spec: &AssetSpec,
    place: &Place<'_>,
    findings: &mut Findings,
) -> BTreeMap<String, (f64, Unit)> {
    let place = place.key("parameters");
    let mut values = BTreeMap::new();
    for (name, text) in &spec.parameters {
        match parse_measure(text) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(error) => findings.add(
                &place.key(name),
                format!("the parameter {} cannot be read: {error}", quoted(name)),
                "write a number, a space and a unit, such as \"600 mm\"",
            ),
        }
    }
    values
}

/// Sets parents and links, now that every tag is known.
pub(super) fn join(
    scene: &mut Scene,
    specs: &[AssetSpec],
    doubtful: &HashSet<AssetIndex>,
    findings: &mut Findings,
) {
    let root = Place::Scene;
    let list = root.key("assets");
    let names = Names::new(scene, doubtful);
    let mut joined = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        let parent = spec
            .parent
            .as_ref()
            .and_then(|tag| names.asset(findings, &place.key("parent"), tag));
        joined.push((parent, links(spec, &names, &place.key("links"), findings)));
    }
    for (asset, (parent, links)) in scene.assets.iter_mut().zip(joined) {
        asset.parent = parent;
        asset.links = links;
    }
    check_parents(scene, &list, findings);
}

fn links(
    spec: &AssetSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Vec<AssetIndex> {
    let mut links = Vec::with_capacity(spec.links.len());
    for (index, tag) in spec.links.iter().enumerate() {
        let place = place.item(index);
        if *tag == spec.tag {
            let message = format!("{} is linked to itself", quoted(tag));
            findings.add(&place, message, "name the asset downstream of it");
        } else if let Some(asset) = names.asset(findings, &place, tag) {
            if links.contains(&asset) {
                let message = format!("the link to {} stands twice", quoted(tag));
                findings.add(&place, message, "remove one");
            }
            links.push(asset);
        }
    }
    links
}

fn check_parents(scene: &Scene, list: &Place<'_>, findings: &mut Findings) {
    let parents: Vec<_> = scene
        .assets
        .iter()
        .map(|asset| asset.parent.map(|parent| parent.0))
        .collect();
    for circle in cycles(&parents) {
        let tags = circle.iter().chain(&circle[..1]);
        let tags: Vec<&str> = tags
            .map(|index| scene.asset(AssetIndex(*index)).tag.as_str())
            .collect();
        findings.add(
            &list.item(circle[0] as usize).key("parent"),
            format!("parents go round in a circle: {}", tags.join(" in ")),
            "an asset belongs to what is larger than itself; remove one `parent`",
        );
    }
}
