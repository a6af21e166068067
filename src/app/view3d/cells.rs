//! What lies where on the map: footprints by the squares they touch, so that asking who is
//! near a place costs the same in a large plant as in a small one.

use std::collections::HashMap;

use bevy::math::{IVec2, Vec2};

/// A footprint that touches more squares than this stands in a list of its own.
const MOST_SQUARES: i64 = 1_024;

/// Things by the squares of the map that their footprints touch.
#[derive(Debug)]
pub(super) struct Cells<T> {
    step: f32,
    squares: HashMap<IVec2, Vec<T>>,
    /// Few, and very large.
    large: Vec<T>,
}

impl<T: Copy> Cells<T> {
    /// An empty map with squares `step` m wide.
    pub(super) fn new(step: f32) -> Self {
        Self {
            step,
            squares: HashMap::new(),
            large: Vec::new(),
        }
    }

    /// Adds a thing whose footprint lies within `reach` m of `at`, along both axes.
    pub(super) fn add(&mut self, at: Vec2, reach: f32, thing: T) {
        let (low, high) = (self.square(at - reach), self.square(at + reach));
        let sides = (high - low).as_i64vec2() + 1;
        if sides.x * sides.y > MOST_SQUARES {
            self.large.push(thing);
            return;
        }
        for x in low.x..=high.x {
            for y in low.y..=high.y {
                self.squares
                    .entry(IVec2::new(x, y))
                    .or_default()
                    .push(thing);
            }
        }
    }

    /// The things whose footprints may cover `at`: all that do, and some beside it.
    pub(super) fn near(&self, at: Vec2) -> impl Iterator<Item = T> {
        let here = self.squares.get(&self.square(at));
        here.into_iter().flatten().chain(&self.large).copied()
    }

    fn square(&self, at: Vec2) -> IVec2 {
        (at / self.step).floor().as_ivec2()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whoever_covers_a_place_is_found_there(
            things in prop::collection::vec((-300.0..300.0f32, -300.0..300.0f32, 0.0..400.0f32), 0..60),
            x in -500.0..500.0f32,
            y in -500.0..500.0f32,
        ) {
            let mut cells = Cells::new(10.0);
            for (place, (x, y, reach)) in things.iter().enumerate() {
                cells.add(Vec2::new(*x, *y), *reach, place);
            }
            let at = Vec2::new(x, y);
            let found: Vec<usize> = cells.near(at).collect();
            for (place, (x, y, reach)) in things.iter().enumerate() {
                let off = (Vec2::new(*x, *y) - at).abs().max_element();
                prop_assert!(off > *reach || found.contains(&place));
            }
        }
    }

    #[test]
    fn far_things_are_not_asked() {
        let mut cells = Cells::new(10.0);
        for place in 0..1_000 {
            cells.add(Vec2::new(place as f32 * 20.0, 0.0), 2.0, place);
        }
        assert!(cells.near(Vec2::new(200.0, 0.0)).count() <= 2);
    }
}
