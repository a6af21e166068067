//! How finely single things are drawn: what many have of their own must be simple.

use crate::scene::{Scene, Shape};

/// Above this many pipes each is a bare tube.
const PIPES: usize = 2_000;
/// Above this many assets the dark at their feet is coarse.
const FEET: usize = 10_000;

/// How finely things are drawn that share no mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detail {
    /// Pipes have flanges, joints and saddles.
    pub fittings: bool,
    /// The dark at the foot of things is round.
    pub round_feet: bool,
}

impl Detail {
    /// As much as a scene of this size can afford.
    pub(super) fn of(scene: &Scene) -> Self {
        let pipes = scene
            .assets
            .iter()
            .filter(|asset| asset.shape == Shape::Pipe);
        Self {
            fittings: pipes.count() <= PIPES,
            round_feet: scene.assets.len() <= FEET,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drivers::testing::{asset, scene};
    use super::*;

    #[test]
    fn a_few_pipes_have_fittings_and_many_have_none() {
        let detail = |pipes: usize| {
            let assets = vec![asset(Shape::Pipe, 0..0, Vec::new()); pipes];
            Detail::of(&scene(assets, Vec::new()))
        };
        assert!(detail(PIPES).fittings && detail(PIPES).round_feet);
        assert!(!detail(PIPES + 1).fittings);
        assert!(!detail(FEET + 1).round_feet);
    }
}
