//! A water network of EPANET 2.2 (`.inp`): its twin with nothing else written.
//!
//! ```text
//! bytes ─► inp::read ─► Reading ─┬─► plan     where everything lies, m
//!                                ├─► types    signals, units and limits of each kind
//!                                ├─► nodes, links, switches    one asset each
//!                                ├─► scenarios, views
//!                                └─► report   matched, guessed, ignored
//! ```
//!
//! The model is of the kind `epanet`; its configuration is the file's own text, and its
//! name the tag of the asset that stands for the whole network. Signals are the model's
//! ports, so that any of them can be measured, computed or overridden.
//!
//! # Limitations
//!
//! A reservoir has no elevation in the file, so it lies on the ground of its neighbours.
//! Labels and the picture behind the map are not shown. A psi is a psi: EPANET's, by 0.4333 to
//! a foot of water, are 0.05 % lower.

mod distance;
mod layout;
mod links;
mod nodes;
mod plan;
mod pressure;
mod report;
mod scenarios;
mod switches;
mod symbol;
mod types;
mod units;
mod views;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashSet;

use self::plan::Plan;
use self::report::Notes;
use self::units::FileUnits;
use crate::models::hydraulics::inp::{self, Reading};
use crate::models::hydraulics::network::Network;
use crate::problem::Problem;
use crate::scene::spec::{AssetSpec, EpanetSpec};
use crate::scene::{Fragment, ModelText};

/// A longer first line tells about the file and does not name it.
const LONGEST_TITLE: usize = 40;
/// The kind of model that computes an imported network.
const MODEL: &str = "epanet";

/// A network on its way into a scene.
struct Import<'a> {
    reading: &'a Reading,
    spec: &'a EpanetSpec,
    units: FileUnits,
    plan: Plan,
    /// The tag of the asset that stands for the whole network.
    root: String,
}

/// Reads the network in `bytes`; `file` is what messages call it.
///
/// Problems are all that is wrong with the file, each with its line.
pub fn fragment(bytes: &[u8], spec: &EpanetSpec, file: &str) -> Result<Fragment, Vec<Problem>> {
    let reading = inp::read(bytes).map_err(|problems| {
        let problems = problems.into_iter();
        problems
            .map(|problem| problem.in_file(file))
            .collect::<Vec<_>>()
    })?;
    let mut fragment = fragment_of(&reading, spec, file);
    fragment.models.push(ModelText {
        name: root_tag(&reading.network, spec),
        kind: MODEL.to_owned(),
        text: decoded(bytes).into_owned(),
        prefix: spec.prefix.clone(),
        file: Some(file.to_owned()),
        first_line: 1,
    });
    Ok(fragment)
}

/// All that a network adds to a scene but its model.
fn fragment_of(reading: &Reading, spec: &EpanetSpec, file: &str) -> Fragment {
    let mut notes = Notes::default();
    let units = FileUnits::of(reading);
    let plan = Plan::of(reading, spec, &mut notes);
    let import = Import {
        reading,
        spec,
        units,
        plan,
        root: root_tag(&reading.network, spec),
    };
    let types = import.types(&mut notes);
    // What matters most stands first in the tree.
    let mut assets = vec![import.whole()];
    assets.extend(import.reservoirs());
    assets.extend(import.tanks());
    assets.extend(import.pumps());
    assets.extend(import.valves());
    assets.extend(import.districts());
    assets.extend(import.controls());
    assets.extend(import.rules());
    assets.extend(import.pipes());
    assets.extend(import.junctions());
    let scenarios = import.scenarios(&assets, &types, &mut notes);
    let bookmarks = import.bookmarks();
    let map = &reading.map;
    let title: Vec<&str> = map.title.iter().map(String::as_str).collect();
    let title: Vec<&str> = title.into_iter().filter(|line| !line.is_empty()).collect();
    let short = title
        .first()
        .filter(|line| line.chars().count() <= LONGEST_TITLE);
    Fragment {
        title: short.map_or(stem(&spec.file), |line| line).to_owned(),
        description: title.join(" "),
        report: import.report(file, notes),
        types,
        assets,
        models: Vec::new(),
        scenarios,
        bookmarks,
        heat: Some("pressure".to_owned()),
    }
}

impl Import<'_> {
    fn network(&self) -> &Network {
        &self.reading.network
    }

    /// The tag of something in the scene.
    fn tag(&self, name: &str) -> String {
        format!("{}{name}", self.spec.prefix)
    }

    /// The name of a type; two networks in one scene may have other units.
    fn kind(&self, name: &str) -> String {
        if self.spec.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{} {name}", self.spec.prefix)
        }
    }

    /// The name of a scenario or view; two networks in one scene have one each.
    fn title(&self, name: &str) -> String {
        if self.spec.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{name} ({})", self.spec.prefix)
        }
    }

    /// The tag of `node`.
    fn node_tag(&self, node: usize) -> String {
        self.tag(self.network().node_tag(node))
    }

    /// The tag of `link`.
    fn link_tag(&self, link: usize) -> String {
        self.tag(&self.network().links[link].tag)
    }

    /// An asset of this kind that belongs to the whole network.
    fn part(&self, tag: String, kind: &str) -> AssetSpec {
        AssetSpec {
            parent: Some(self.root.clone()),
            ..asset(tag, self.kind(kind))
        }
    }
}

/// An asset about which nothing else is known.
fn asset(tag: String, kind: String) -> AssetSpec {
    AssetSpec {
        tag,
        kind,
        label: String::new(),
        at: [0.0; 3],
        heading: 0.0,
        size: None,
        symbol: None,
        layer: None,
        parent: None,
        route: Vec::new(),
        parameters: BTreeMap::new(),
        links: Vec::new(),
        documents: Vec::new(),
        signals: BTreeMap::new(),
    }
}

/// The file's name without folder and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The tag of the whole network: the file's name, made unlike every other tag.
fn root_tag(network: &Network, spec: &EpanetSpec) -> String {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let stem = stem(&spec.file);
    let name: String = stem
        .chars()
        .map(|c| if allowed(c) { c } else { '-' })
        .collect();
    let nodes = (0..network.node_count()).map(|node| network.node_tag(node));
    let links = network.links.iter().map(|link| link.tag.as_str());
    let districts = network
        .districts
        .iter()
        .map(|district| district.tag.as_str());
    let taken: HashSet<&str> = nodes.chain(links).chain(districts).collect();
    let mut root = if name.is_empty() {
        "network".to_owned()
    } else {
        name
    };
    while taken.contains(root.as_str()) || root.starts_with("CTRL-") || root.starts_with("RULE-") {
        root.push_str("-network");
    }
    format!("{}{root}", spec.prefix)
}

/// The text of bytes that are UTF-8 or else Latin-1.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_named_after_the_file_and_unlike_its_parts() {
        let spec = |file: &str| EpanetSpec {
            file: file.to_owned(),
            prefix: "E-".to_owned(),
            origin: [0.0; 3],
            scale: 1.0,
            vertical: 1.0,
        };
        let mut network = Network::default();
        assert_eq!(
            root_tag(&network, &spec("a/b.c/my net.v2.inp")),
            "E-my-net-v2"
        );
        network.districts.push(Default::default());
        network.districts[0].tag = "north".to_owned();
        assert_eq!(root_tag(&network, &spec("north.inp")), "E-north-network");
    }
}
