//! The rows of the asset tree under a search, kept until something of it changes.

use crate::scene::{Asset, AssetIndex, Scene};

/// The tree as a list from top to bottom.
#[derive(Debug)]
pub struct TreeList {
    scene: SceneKey,
    search: String,
    rows: Vec<TreeRow>,
    /// What a search looks at, lower case, by asset.
    words: Vec<String>,
    children: Vec<Vec<AssetIndex>>,
}

/// One line of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// The asset.
    pub asset: AssetIndex,
    /// How many assets it belongs to.
    pub depth: usize,
    /// Whether it is unfolded, if it has children.
    pub unfolded: Option<bool>,
}

/// Tells one open scene from the next.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SceneKey {
    address: usize,
    name: String,
    assets: usize,
}

impl SceneKey {
    fn of(scene: &Scene) -> Self {
        Self {
            address: std::ptr::from_ref(scene).addr(),
            name: scene.name.clone(),
            assets: scene.assets.len(),
        }
    }
}

impl TreeList {
    /// The tree of a scene, without rows until they are [arranged](Self::arrange).
    pub fn of(scene: &Scene) -> Self {
        let words = scene.assets.iter().map(|asset| search_words(scene, asset));
        let mut children = vec![Vec::new(); scene.assets.len()];
        for asset in scene.asset_indices() {
            if let Some(parent) = scene.asset(asset).parent {
                children[parent.index()].push(asset);
            }
        }
        Self {
            scene: SceneKey::of(scene),
            search: String::new(),
            rows: Vec::new(),
            words: words.collect(),
            children,
        }
    }

    /// True if this is the tree of `scene`.
    pub fn is_of(&self, scene: &Scene) -> bool {
        self.scene == SceneKey::of(scene)
    }

    /// What the rows were searched for.
    pub fn search(&self) -> &str {
        &self.search
    }

    /// The rows, from top to bottom.
    pub fn rows(&self) -> &[TreeRow] {
        &self.rows
    }

    /// Lists what fits every word of `search`, with the way to it, and below what is
    /// unfolded; a search unfolds everything.
    pub fn arrange(
        &mut self,
        scene: &Scene,
        search: &str,
        is_unfolded: impl Fn(AssetIndex, usize) -> bool,
    ) {
        search.clone_into(&mut self.search);
        self.rows.clear();
        let kept = self.kept(scene);
        let searching = !search.trim().is_empty();
        // Depth first by an own stack: a deep tree must not overflow the program's.
        let mut open: Vec<(AssetIndex, usize)> = scene
            .asset_indices()
            .filter(|asset| scene.asset(*asset).parent.is_none())
            .map(|root| (root, 0))
            .collect();
        open.reverse();
        while let Some((asset, depth)) = open.pop() {
            if !kept[asset.index()] {
                continue;
            }
            let below = &self.children[asset.index()];
            let unfolded = (!below.is_empty()).then(|| searching || is_unfolded(asset, depth));
            self.rows.push(TreeRow {
                asset,
                depth,
                unfolded,
            });
            if unfolded == Some(true) {
                open.extend(below.iter().rev().map(|child| (*child, depth + 1)));
            }
        }
    }

    /// Which assets a search leaves.
    fn kept(&self, scene: &Scene) -> Vec<bool> {
        let wanted = self.search.to_lowercase();
        let wanted: Vec<&str> = wanted.split_whitespace().collect();
        let mut kept = vec![wanted.is_empty(); scene.assets.len()];
        if wanted.is_empty() {
            return kept;
        }
        for asset in scene.asset_indices() {
            let words = &self.words[asset.index()];
            if wanted.iter().all(|word| words.contains(word)) {
                kept[asset.index()] = true;
                for ancestor in ancestors(scene, asset) {
                    kept[ancestor.index()] = true;
                }
            }
        }
        kept
    }
}

/// The parent of an asset, the parent's parent, and so on.
pub fn ancestors(scene: &Scene, asset: AssetIndex) -> impl Iterator<Item = AssetIndex> {
    std::iter::successors(scene.asset(asset).parent, |above| {
        scene.asset(*above).parent
    })
}

fn search_words(scene: &Scene, asset: &Asset) -> String {
    let mut words = [
        asset.tag.as_str(),
        &asset.label,
        &asset.kind,
        &asset.kind_label,
    ]
    .join(" ");
    for id in asset.signal_ids() {
        let signal = scene.signal(id);
        words.push(' ');
        words.push_str(&signal.name);
        words.push(' ');
        words.push_str(&signal.label);
    }
    words.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(search: &str, is_unfolded: impl Fn(AssetIndex, usize) -> bool) -> Vec<String> {
        let text = r#"Scene(format: 1, name: "Site",
            types: {"thing": (shape: Block), "pump": (shape: Pump, label: "Fire pump")},
            assets: [
                (tag: "A", type: "thing"),
                (tag: "A-1", type: "thing", parent: Some("A")),
                (tag: "A-1-x", type: "pump", parent: Some("A-1")),
                (tag: "A-2", type: "thing", parent: Some("A"), label: "Spare"),
                (tag: "B", type: "thing"),
            ])"#;
        let scene = crate::scene::parse(text).expect("a scene");
        let mut list = TreeList::of(&scene);
        list.arrange(&scene, search, is_unfolded);
        let line = |row: &TreeRow| {
            let indent = "  ".repeat(row.depth);
            format!("{indent}{}", scene.asset(row.asset).tag)
        };
        list.rows().iter().map(line).collect()
    }

    #[test]
    fn children_stand_below_their_parent() {
        let all = list("", |_, _| true);
        assert_eq!(all, ["A", "  A-1", "    A-1-x", "  A-2", "B"]);
    }

    #[test]
    fn what_is_folded_hides_all_below() {
        assert_eq!(list("", |_, _| false), ["A", "B"]);
        assert_eq!(
            list("", |_, depth| depth == 0),
            ["A", "  A-1", "  A-2", "B"]
        );
    }

    #[test]
    fn a_search_shows_the_way_to_what_fits_even_if_folded() {
        let found = list("fire PUMP", |_, _| false);
        assert_eq!(found, ["A", "  A-1", "    A-1-x"]);
        assert_eq!(list("spare", |_, _| false), ["A", "  A-2"]);
        assert!(list("spare pump", |_, _| false).is_empty(), "every word");
    }
}
