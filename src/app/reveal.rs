//! What of the plant is drawn: hidden, isolated and layered assets, x-ray, the section box and
//! storeys pulled apart.
//!
//! The view draws what [`Revealed`] says and picks nothing else; panels go on to tell of all.

use std::collections::BTreeSet;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::OpenScene;
use super::selection::Selection;
use crate::scene::{AssetIndex, Scene, StoryShown};

/// How far apart storeys are pulled at first, m.
const SPREAD: f64 = 6.0;
/// How far apart storeys can be pulled, m.
pub const MOST_SPREAD: f64 = 30.0;

/// What of the plant is drawn, as a value that can be kept and restored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reveal {
    /// Hidden one by one.
    pub hidden: BTreeSet<AssetIndex>,
    /// If some are isolated: they alone are drawn.
    pub alone: Option<BTreeSet<AssetIndex>>,
    /// Layers that are not drawn: places in the scene's layers.
    pub layers_off: BTreeSet<usize>,
    /// Storeys that are not drawn, counted from the lowest.
    pub storeys_off: BTreeSet<usize>,
    /// True if the ground is not drawn.
    pub ground_off: bool,
    /// True if all but what is chosen is seen through.
    pub xray: bool,
    /// What lies outside of it is cut away.
    pub section: Option<Section>,
    /// How far each storey is lifted off the one below, m.
    pub spread: f64,
}

/// A box in the plant: east, north and up, each from a lowest to a highest value, m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Lowest corner.
    pub low: [f64; 3],
    /// Highest corner.
    pub high: [f64; 3],
}

impl Section {
    /// True if the point lies in it.
    pub fn holds(&self, point: [f64; 3]) -> bool {
        (0..3).all(|axis| (self.low[axis]..=self.high[axis]).contains(&point[axis]))
    }
}

/// One change of what is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum RevealEdit {
    /// Hides these.
    Hide(Vec<AssetIndex>),
    /// Draws these and what belongs to them, and nothing else.
    Isolate(Vec<AssetIndex>),
    /// Draws a layer or not.
    Layer(usize, bool),
    /// Draws a storey or not.
    Storey(usize, bool),
    /// Draws the ground or not.
    Ground(bool),
    /// Cuts away what lies outside, or nothing.
    Section(Option<Section>),
    /// Lifts each storey so far off the one below, m.
    Spread(f64),
    /// Draws what a step of a story does.
    Story(Box<StoryReveal>),
}

/// What a step of a story draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoryReveal {
    /// What is hidden, alone or apart.
    pub shown: StoryShown,
    /// True if all but what is chosen is seen through.
    pub xray: bool,
    /// What lies outside of it is cut away.
    pub section: Option<Section>,
}

impl StoryReveal {
    /// What is drawn now, as a step keeps it.
    pub fn of(now: &Reveal, scene: &Scene) -> Self {
        let alone = now.alone.iter().flatten().copied();
        // The parts of what stands alone come with it.
        let is_part = |asset: &AssetIndex| {
            let parent = scene.asset(*asset).parent;
            let all = now.alone.as_ref();
            parent.is_some_and(|parent| all.is_some_and(|all| all.contains(&parent)))
        };
        Self {
            shown: StoryShown {
                hidden: now.hidden.clone(),
                alone: alone.filter(|asset| !is_part(asset)).collect(),
                layers_off: now.layers_off.clone(),
                storeys_off: now.storeys_off.clone(),
                ground_off: now.ground_off,
                spread: now.spread,
            },
            xray: now.xray,
            section: now.section,
        }
    }

    /// What a step draws.
    pub fn reveal(&self, scene: &Scene) -> Reveal {
        let shown = &self.shown;
        let mut reveal = Reveal::default();
        if !shown.alone.is_empty() {
            let alone: Vec<_> = shown.alone.iter().copied().collect();
            reveal.isolate(&alone, scene);
        }
        Reveal {
            hidden: shown.hidden.clone(),
            layers_off: shown.layers_off.clone(),
            storeys_off: shown.storeys_off.clone(),
            ground_off: shown.ground_off,
            xray: self.xray,
            section: self.section,
            spread: shown.spread.clamp(0.0, MOST_SPREAD),
            alone: reveal.alone,
        }
    }
}

/// What of the open scene is drawn. Written by [`follow_actions`] alone.
#[derive(Resource, Clone, Debug, Default)]
pub struct Revealed {
    /// As a person wants it.
    pub now: Reveal,
    /// By [`AssetIndex`]; empty while everything is drawn.
    undrawn: Vec<bool>,
    /// True if the view is to say where it cuts.
    pub is_section_asked: bool,
}

impl Revealed {
    /// True if the asset is drawn, though perhaps cut away.
    pub fn draws(&self, asset: AssetIndex) -> bool {
        !self.undrawn.get(asset.index()).copied().unwrap_or(false)
    }

    /// True if some are not drawn.
    pub fn hides_some(&self) -> bool {
        !self.undrawn.is_empty()
    }

    /// True if what is drawn is not the plant as it stands.
    pub fn is_edited(&self) -> bool {
        self.now != Reveal::default()
    }

    /// How far an asset is lifted with its storey, m.
    pub fn lift(&self, scene: &Scene, asset: AssetIndex) -> f64 {
        if self.now.spread == 0.0 {
            return 0.0;
        }
        let storey = scene.storeys.at(scene.asset(asset).position[2]);
        storey.unwrap_or(0) as f64 * self.now.spread
    }

    fn set(&mut self, now: Reveal, scene: &Scene) {
        let undrawn: Vec<bool> = scene
            .asset_indices()
            .map(|asset| !now.draws(scene, asset))
            .collect();
        self.undrawn = if undrawn.contains(&true) {
            undrawn
        } else {
            Vec::new()
        };
        self.now = now;
    }
}

impl Reveal {
    fn draws(&self, scene: &Scene, asset: AssetIndex) -> bool {
        let in_layer = scene.layers.of(asset);
        let in_storey = || scene.storeys.at(scene.asset(asset).position[2]);
        let alone = self.alone.as_ref();
        !self.hidden.contains(&asset)
            && alone.is_none_or(|alone| alone.contains(&asset))
            && !in_layer.is_some_and(|layer| self.layers_off.contains(&layer))
            && (self.storeys_off.is_empty()
                || !in_storey().is_some_and(|storey| self.storeys_off.contains(&storey)))
    }

    fn edit(&mut self, edit: &RevealEdit, scene: &Scene) {
        let switch = |set: &mut BTreeSet<usize>, place: usize, on: bool| {
            if on {
                set.remove(&place);
            } else {
                set.insert(place);
            }
        };
        match edit {
            RevealEdit::Hide(assets) => self.hidden.extend(assets),
            RevealEdit::Isolate(assets) => self.isolate(assets, scene),
            RevealEdit::Layer(layer, on) => switch(&mut self.layers_off, *layer, *on),
            RevealEdit::Storey(storey, on) => switch(&mut self.storeys_off, *storey, *on),
            RevealEdit::Ground(on) => self.ground_off = !on,
            RevealEdit::Section(section) => self.section = *section,
            RevealEdit::Spread(spread) => self.spread = spread.clamp(0.0, MOST_SPREAD),
            RevealEdit::Story(story) => *self = story.reveal(scene),
        }
    }

    /// Draws these and all that belongs to them alone.
    fn isolate(&mut self, assets: &[AssetIndex], scene: &Scene) {
        let mut alone: BTreeSet<_> = assets.iter().copied().collect();
        // Parts may stand before or after what they belong to.
        loop {
            let before = alone.len();
            let parts = scene.asset_indices().filter(|part| {
                let parent = scene.asset(*part).parent;
                parent.is_some_and(|parent| alone.contains(&parent))
            });
            let parts: Vec<_> = parts.collect();
            alone.extend(parts);
            if alone.len() == before {
                break;
            }
        }
        for asset in &alone {
            self.hidden.remove(asset);
            if let Some(layer) = scene.layers.of(*asset) {
                self.layers_off.remove(&layer);
            }
        }
        self.alone = Some(alone);
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Revealed>().add_systems(
        PreUpdate,
        follow_actions
            .run_if(resource_exists::<OpenScene>)
            .run_if(
                on_message::<Action>
                    .or_else(resource_exists_and_changed::<OpenScene>)
                    .or_else(section_asked),
            )
            .in_set(TwinSystems::Steer),
    );
}

fn section_asked(revealed: Res<Revealed>) -> bool {
    revealed.is_section_asked
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    selection: Res<Selection>,
    mut revealed: ResMut<Revealed>,
) {
    let scene = &open.scene;
    if open.is_changed() {
        // Another scene has other assets.
        *revealed = Revealed::default();
    }
    let mut next = revealed.now.clone();
    let mut asked = false;
    for action in actions.read() {
        match action {
            Action::Reveal(edit) => next.edit(edit, scene),
            Action::Restore(edits) => next = edits.reveal.clone(),
            Action::Named(Named::HideSelection) => next.hidden.extend(&selection.chosen),
            Action::Named(Named::IsolateSelection) if next.alone.is_some() => next.alone = None,
            Action::Named(Named::IsolateSelection) if !selection.chosen.is_empty() => {
                next.isolate(&selection.chosen, scene);
            }
            Action::Named(Named::ShowEverything) => next = Reveal::default(),
            Action::Named(Named::ToggleXRay) => next.xray = !next.xray,
            Action::Named(Named::ToggleSection) => asked = next.section.take().is_none(),
            Action::Named(Named::ToggleSpread) if scene.storeys.count() > 1 => {
                next.spread = if next.spread > 0.0 { 0.0 } else { SPREAD };
            }
            _ => {}
        }
    }
    if next != revealed.now {
        revealed.set(next, scene);
    }
    if revealed.is_section_asked != asked {
        revealed.is_section_asked = asked;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> Scene {
        crate::scene::parse(
            r#"Scene(format: 1, name: "House",
            storeys: [(name: "Ground", at: 0), (name: "First", at: 4)],
            types: {"room": (shape: Block), "lamp": (shape: Block, layer: "Lights")},
            assets: [
                (tag: "hall", type: "room"),
                (tag: "lamp-1", type: "lamp", parent: Some("hall"), at: (0, 0, 3)),
                (tag: "attic", type: "room", at: (0, 0, 4)),
                (tag: "lamp-2", type: "lamp", parent: Some("attic"), at: (0, 0, 7), layer: Some("Spare")),
            ])"#,
        )
        .expect("a scene")
    }

    #[track_caller]
    fn drawn(edits: &[RevealEdit]) -> Vec<String> {
        let scene = scene();
        let mut revealed = Revealed::default();
        for edit in edits {
            let mut next = revealed.now.clone();
            next.edit(edit, &scene);
            revealed.set(next, &scene);
        }
        let seen = scene.asset_indices().filter(|asset| revealed.draws(*asset));
        seen.map(|asset| scene.asset(asset).tag.clone()).collect()
    }

    fn find(tag: &str) -> AssetIndex {
        scene().find_asset(tag).expect("it is there")
    }

    #[test]
    fn what_is_isolated_comes_with_its_parts() {
        let isolate = RevealEdit::Isolate(vec![find("hall")]);
        assert_eq!(drawn(std::slice::from_ref(&isolate)), ["hall", "lamp-1"]);
        // What was hidden before is drawn if it is asked for by name.
        let hide = RevealEdit::Hide(vec![find("hall")]);
        assert_eq!(drawn(&[hide.clone(), isolate]), ["hall", "lamp-1"]);
        assert_eq!(drawn(&[hide]), ["lamp-1", "attic", "lamp-2"]);
    }

    #[test]
    fn layers_and_storeys_are_switched_alone() {
        let scene = scene();
        assert_eq!(scene.layers.names(), ["Lights", "Room", "Spare"]);
        let lights = RevealEdit::Layer(0, false);
        assert_eq!(
            drawn(std::slice::from_ref(&lights)),
            ["hall", "attic", "lamp-2"]
        );
        let first = RevealEdit::Storey(1, false);
        assert_eq!(drawn(std::slice::from_ref(&first)), ["hall", "lamp-1"]);
        assert_eq!(drawn(&[lights, first]), ["hall"]);
        let back = [RevealEdit::Layer(1, false), RevealEdit::Layer(1, true)];
        assert_eq!(drawn(&back).len(), 4);
    }

    #[test]
    fn storeys_are_lifted_off_each_other() {
        let scene = scene();
        let mut revealed = Revealed::default();
        let mut next = revealed.now.clone();
        next.edit(&RevealEdit::Spread(5.0), &scene);
        revealed.set(next, &scene);
        let lift = |tag| revealed.lift(&scene, find(tag));
        assert_eq!(
            (lift("lamp-1"), lift("attic"), lift("lamp-2")),
            (0.0, 5.0, 5.0)
        );
        assert!(!revealed.hides_some() && revealed.is_edited());
    }

    #[test]
    fn what_is_drawn_is_kept_and_drawn_again() {
        let scene = scene();
        let mut now = Reveal::default();
        for edit in [
            RevealEdit::Isolate(vec![find("hall")]),
            RevealEdit::Hide(vec![find("lamp-1")]),
            RevealEdit::Layer(1, false),
            RevealEdit::Storey(1, false),
            RevealEdit::Ground(false),
            RevealEdit::Spread(7.0),
        ] {
            now.edit(&edit, &scene);
        }
        let kept = StoryReveal::of(&now, &scene);
        // Its lamp comes with the hall.
        assert_eq!(Vec::from_iter(&kept.shown.alone), [&find("hall")]);
        let mut again = Reveal {
            xray: true,
            ..Reveal::default()
        };
        again.edit(&RevealEdit::Story(Box::new(kept)), &scene);
        assert_eq!(again, now);
    }

    #[test]
    fn a_section_holds_what_lies_in_it() {
        let section = Section {
            low: [0.0, -1.0, 0.0],
            high: [2.0, 1.0, 3.0],
        };
        assert!(section.holds([1.0, 0.0, 3.0]));
        assert!(!section.holds([1.0, 0.0, 3.1]) && !section.holds([-0.1, 0.0, 1.0]));
    }
}
