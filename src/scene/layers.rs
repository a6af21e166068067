//! What is shown and hidden together: layers, as the author named them, and storeys, by height.

use super::AssetIndex;

/// A foot may stand this far below the floor of its storey, m: plinths, drains.
const SUNK: f64 = 0.3;

/// The layers of a scene. Every asset is on one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    names: Vec<String>,
    /// By [`AssetIndex`], a place in `names`.
    of: Vec<u32>,
}

impl Layers {
    /// The layers that these assets name, in alphabetical order.
    pub fn of_names<'a>(each: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut names: Vec<&str> = each.clone().collect();
        names.sort_unstable();
        names.dedup();
        // Each name is there, so its place is found.
        let place = |name| names.partition_point(|known| *known < name) as u32;
        Self {
            of: each.map(place).collect(),
            names: names.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The layer of an asset: a place in [`names`](Self::names).
    pub fn of(&self, asset: AssetIndex) -> Option<usize> {
        self.of.get(asset.index()).map(|&layer| layer as usize)
    }

    /// How many assets are on each.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.names.len()];
        for &layer in &self.of {
            counts[layer as usize] += 1;
        }
        counts
    }
}

/// The storeys of a scene, from the lowest up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Storeys {
    /// Name, and the height of the floor, m.
    floors: Vec<(String, f64)>,
}

impl Storeys {
    /// Storeys with these names and heights of their floors, m, from the lowest up.
    pub fn new(floors: Vec<(String, f64)>) -> Self {
        Self { floors }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.floors.len()
    }

    /// Their names, from the lowest up.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.floors.iter().map(|(name, _)| name.as_str())
    }

    /// The storey on whose floor something at this height stands; what lies deeper than all
    /// belongs to the lowest. `None` if the scene has none.
    pub fn at(&self, height: f64) -> Option<usize> {
        let below = self
            .floors
            .partition_point(|(_, floor)| *floor <= height + SUNK);
        (!self.floors.is_empty()).then(|| below.saturating_sub(1))
    }

    /// The storey that lies at the ground: its floor is nearest to height 0.
    pub fn at_ground(&self) -> Option<usize> {
        let floors = self.floors.iter().enumerate();
        let nearest = floors.min_by(|(_, one), (_, two)| one.1.abs().total_cmp(&two.1.abs()));
        nearest.map(|(storey, _)| storey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_sorted_and_every_asset_is_on_one() {
        let each = ["Pumps", "Buildings", "Pumps"];
        let layers = Layers::of_names(each.into_iter());
        assert_eq!(layers.names(), ["Buildings", "Pumps"]);
        let of: Vec<_> = (0..3).map(|asset| layers.of(AssetIndex(asset))).collect();
        assert_eq!(of, [Some(1), Some(0), Some(1)]);
        assert_eq!(layers.counts(), [1, 2]);
        assert_eq!(layers.of(AssetIndex(3)), None);
    }

    #[test]
    fn what_stands_on_a_floor_belongs_to_its_storey() {
        let named = |(name, at): (&str, f64)| (name.to_owned(), at);
        let storeys = Storeys::new(
            [("Basement", -3.0), ("Ground", 0.0), ("First", 4.0)]
                .map(named)
                .to_vec(),
        );
        for (height, expected) in [
            (-9.0, 0),
            (-3.0, 0),
            (-0.2, 1),
            (0.0, 1),
            (3.9, 2),
            (80.0, 2),
        ] {
            assert_eq!(storeys.at(height), Some(expected), "{height}");
        }
        assert_eq!(storeys.at_ground(), Some(1));
        assert_eq!(Storeys::default().at(0.0), None);
        assert_eq!(Storeys::default().at_ground(), None);
    }
}
