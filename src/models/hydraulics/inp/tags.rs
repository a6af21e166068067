//! Names that the rest of the program can bear: unique among all parts, and fit for topics.

use std::collections::{HashMap, HashSet};

use super::draft::Draft;
use super::findings::Findings;
use super::links::LinkBody;

/// Characters that would break topics, patterns or `tag.signal`.
const RESERVED: &[char] = &['/', '+', '#', '{', '}', '.', '*'];

/// The tags of nodes and links, in the order of the draft.
pub(super) struct Tags {
    pub(super) nodes: Vec<String>,
    pub(super) links: Vec<String>,
}

/// Hands out names, each once.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// How often a name was asked for that was taken already.
    repeats: HashMap<String, usize>,
}

impl Names {
    /// `name`, or if that is taken `name-2`, `name-3` and so on.
    pub(super) fn take(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let repeats = self.repeats.entry(name.clone()).or_insert(1);
        loop {
            *repeats += 1;
            let other = format!("{name}-{repeats}");
            if self.taken.insert(other.clone()) {
                return other;
            }
        }
    }

    /// `name` is taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// The names of a network's nodes and links.
    pub(super) fn of<'t>(tags: impl Iterator<Item = &'t str>) -> Self {
        Self {
            taken: tags.map(str::to_owned).collect(),
            ..Self::default()
        }
    }
}

/// The tags of all nodes and links.
pub(super) fn tags(draft: &Draft<'_>, findings: &mut Findings) -> Tags {
    let mut names = Names::default();
    let (mut mended, mut shared) = (0, 0);
    let mut mend = |id: &str| {
        let tag = fit(id);
        mended += usize::from(tag != id);
        tag
    };
    // Names that need no mending keep theirs, whoever comes first in the file.
    let mut nodes: Vec<String> = draft.nodes.iter().map(|node| mend(node.id)).collect();
    for (tag, node) in nodes.iter().zip(&draft.nodes) {
        if tag == node.id {
            names.taken.insert(tag.clone());
        }
    }
    for (tag, node) in nodes.iter_mut().zip(&draft.nodes) {
        if tag != node.id {
            *tag = names.take(std::mem::take(tag));
        }
    }
    let link = |link: &super::links::LinkDraft<'_>| {
        let tag = mend(link.id);
        if !names.has(&tag) {
            return names.take(tag);
        }
        shared += 1;
        let kind = match link.body {
            LinkBody::Pipe(_) => "pipe",
            LinkBody::Pump(_) => "pump",
            LinkBody::Valve(_) => "valve",
        };
        names.take(format!("{kind}-{tag}"))
    };
    let links = draft.links.iter().map(link).collect();
    if mended > 0 {
        findings.note("names", None, || {
            format!("names with characters that tags cannot have, now `_`: {mended}")
        });
    }
    if shared > 0 {
        findings.note("names", None, || {
            format!(
                "links named like a node, now `pipe-`, `pump-` or `valve-` and the name: {shared}"
            )
        });
    }
    Tags { nodes, links }
}

/// `id` with `_` for what a tag cannot have.
pub(super) fn fit(id: &str) -> String {
    if id.is_empty() {
        return "unnamed".to_owned();
    }
    let fit = |c: char| {
        let is_bad = RESERVED.contains(&c) || c.is_whitespace() || c.is_control();
        if is_bad { '_' } else { c }
    };
    id.chars().map(fit).collect()
}
