//! Groups of junctions whose demand can be raised together.
//!
//! The file's own tags of junctions make the districts; if it has none, or too many, the
//! categories of demand do; if it has none of them either, the patterns of demand.

use std::collections::HashMap;

use super::draft::Draft;
use super::findings::Findings;
use super::nodes::{JunctionDraft, NodeBody};
use super::tags::{Names, fit};
use crate::models::hydraulics::network::{District, Network};

/// More groups than this are not districts.
const MOST: usize = 64;

/// Divides the junctions of `network` into districts.
pub(super) fn divide(
    draft: &Draft<'_>,
    node_places: &[usize],
    network: &mut Network,
    findings: &mut Findings,
) {
    // Places count junctions first, in the order of the file.
    let nodes = draft.nodes.iter().zip(node_places);
    let junctions = nodes.filter_map(|(node, place)| match &node.body {
        NodeBody::Junction(junction) => Some((*place, node.tag, junction)),
        NodeBody::Tank(_) => None,
    });
    let tags: Vec<_> = junctions
        .clone()
        .map(|(place, tag, _)| (place, tag.to_owned()))
        .collect();
    let by_category = |junction: &JunctionDraft<'_>| {
        let named = junction
            .demands
            .iter()
            .find(|demand| !demand.category.is_empty());
        named.map_or_else(String::new, |demand| demand.category.to_owned())
    };
    let categories: Vec<_> = junctions
        .map(|(place, _, junction)| (place, by_category(junction)))
        .collect();
    let (names, groups) = if (2..=MOST).contains(&distinct(&tags)) {
        ("tags", tags)
    } else if (1..=MOST).contains(&distinct(&categories)) {
        ("categories of demand", categories)
    } else {
        ("patterns of demand", by_pattern(network))
    };
    let count = distinct(&groups);
    if count > MOST {
        findings.note("districts", None, || {
            format!("the {count} patterns of demand are too many to be districts; there are none")
        });
        return;
    }
    let parts = network
        .junctions
        .iter()
        .map(|junction| junction.tag.as_str());
    let parts = parts.chain(
        network
            .reservoirs
            .iter()
            .map(|reservoir| reservoir.tag.as_str()),
    );
    let parts = parts.chain(network.tanks.iter().map(|tank| tank.tag.as_str()));
    let mut taken = Names::of(parts.chain(network.links.iter().map(|link| link.tag.as_str())));
    let mut places: HashMap<String, usize> = HashMap::new();
    for (junction, name) in groups.into_iter().filter(|(_, name)| !name.is_empty()) {
        let districts = &mut network.districts;
        let place = *places.entry(name).or_insert_with_key(|name| {
            let tag = fit(name);
            let tag = if taken.has(&tag) {
                format!("district-{tag}")
            } else {
                tag
            };
            districts.push(District {
                tag: taken.take(tag),
            });
            districts.len() - 1
        });
        network.junctions[junction].district = Some(place);
    }
    if count > 0 {
        findings.note("districts", None, || {
            format!("districts made of {names}: {count}")
        });
    }
}

/// `demand-` and the pattern by junction, of its first demand that draws anything.
fn by_pattern(network: &Network) -> Vec<(usize, String)> {
    let name = |junction: &crate::models::hydraulics::network::Junction| {
        let drawing = junction.demands.iter().find(|demand| demand.base != 0.0);
        let pattern = drawing.and_then(|demand| demand.pattern);
        pattern.map_or_else(String::new, |pattern| {
            format!("demand-{}", network.patterns[pattern].name)
        })
    };
    network.junctions.iter().map(name).enumerate().collect()
}

fn distinct(groups: &[(usize, String)]) -> usize {
    let names = groups
        .iter()
        .map(|(_, name)| name)
        .filter(|name| !name.is_empty());
    names.collect::<std::collections::HashSet<_>>().len()
}
