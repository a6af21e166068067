//! Layers and storeys: what is shown and hidden together.

use super::check;
use super::findings::{Findings, Place};
use super::types::Types;
use crate::scene::spec::SceneSpec;
use crate::scene::{Layers, Storeys};

/// The layer of each asset: its own, else its type's.
pub(super) fn layers(spec: &SceneSpec<'_>, types: &Types<'_>) -> Layers {
    let each = spec.assets.iter().map(|asset| {
        let own = asset.layer.as_deref().filter(|layer| !layer.is_empty());
        let kind = || types.get(asset.kind.as_str());
        own.unwrap_or_else(|| kind().map_or("", |kind| kind.layer.as_str()))
    });
    Layers::of_names(each)
}

/// The storeys, which must rise.
pub(super) fn storeys(spec: &SceneSpec<'_>, findings: &mut Findings) -> Storeys {
    let root = Place::Scene;
    let list = root.key("storeys");
    let names = spec.storeys.iter().map(|storey| storey.name.as_str());
    check::unique(findings, &list, "name", "storey", names);
    for (index, storey) in spec.storeys.iter().enumerate() {
        let place = list.item(index);
        check::title(
            findings,
            &place.key("name"),
            "name of the storey",
            &storey.name,
        );
        check::point(findings, &place.key("at"), "height", [0.0, 0.0, storey.at]);
        let below = index.checked_sub(1).map(|below| &spec.storeys[below]);
        if let Some(below) = below.filter(|below| storey.at <= below.at) {
            let message = format!(
                "the storey `{}` at {} m lies not above `{}` at {} m",
                storey.name, storey.at, below.name, below.at
            );
            let hint = "list the storeys from the lowest up";
            findings.add(&place.key("at"), message, hint);
        }
    }
    let floors = spec.storeys.iter();
    Storeys::new(
        floors
            .map(|storey| (storey.name.clone(), storey.at))
            .collect(),
    )
}
