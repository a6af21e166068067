//! All that changes while water is followed, and how it is saved.

use super::balance::Balance;
use super::plan::Plan;
use super::route::Direction;
use super::segments::{Segment, Segments};
use crate::models::ModelState;
use crate::models::hydraulics::network::Network;
use crate::models::saved::Saved;

/// More segments than this are not restored in one pipe or tank.
const MOST_SAVED: usize = 1 << 16;

/// The quality of the water everywhere in one network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// By link, in the last period.
    pub(super) directions: Vec<Direction>,
    /// Quality by node; of a tank it is that of what leaves it.
    pub(super) nodes: Vec<f64>,
    /// By link.
    pub(super) links: Vec<Segments>,
    /// By tank.
    pub(super) tanks: Vec<Segments>,
    /// Since the start.
    pub(super) balance: Balance,
}

impl State {
    /// At the start of `network`.
    pub(super) fn new(plan: &Plan, network: &Network) -> Self {
        let nodes = plan.initial_nodes();
        let mut state = Self {
            directions: vec![Direction::Still; network.links.len()],
            links: plan.initial_pipes(&nodes),
            tanks: plan.initial_tanks(network),
            nodes,
            balance: Balance::default(),
        };
        state.balance.initial = state.stored();
        state
    }

    /// All that pipes and tanks hold: kg, m³ s or m³.
    pub(super) fn stored(&self) -> f64 {
        self.contents().map(|contents| contents.whole().mass).sum()
    }

    /// What every link and then every tank holds.
    pub(super) fn contents(&self) -> impl Iterator<Item = &Segments> {
        self.links.iter().chain(&self.tanks)
    }

    /// Appends everything to `out`.
    pub(super) fn save(&self, out: &mut ModelState) {
        let Balance {
            initial,
            inflow,
            outflow,
            reacted,
        } = self.balance;
        out.reals.extend([initial, inflow, outflow, reacted]);
        out.reals.extend(&self.nodes);
        let signs = self.directions.iter().map(|direction| direction.sign());
        out.integers.extend(signs);
        for contents in self.contents() {
            out.integers.push(contents.len() as i64);
            for segment in contents.iter() {
                out.reals.extend([segment.volume, segment.quality]);
            }
        }
    }

    /// What [`State::save`] wrote for the network of `self`; `None` if it is not that.
    pub(super) fn restored(&self, saved: &mut Saved<'_>) -> Option<Self> {
        let balance = Balance {
            initial: saved.real()?,
            inflow: saved.real()?,
            outflow: saved.real()?,
            reacted: saved.real()?,
        };
        let nodes = (self.nodes.iter().map(|_| saved.real())).collect::<Option<_>>()?;
        let directions = (self.directions.iter())
            .map(|_| Direction::from_sign(saved.integer()?))
            .collect::<Option<_>>()?;
        let links = restored(saved, self.links.len())?;
        let tanks = restored(saved, self.tanks.len())?;
        Some(Self {
            directions,
            nodes,
            links,
            tanks,
            balance,
        })
    }
}

fn restored(saved: &mut Saved<'_>, rows: usize) -> Option<Vec<Segments>> {
    let segment = |saved: &mut Saved<'_>| {
        Some(Segment {
            volume: saved.real()?,
            quality: saved.real()?,
        })
    };
    (0..rows)
        .map(|_| {
            let count = saved.count(MOST_SAVED)?;
            (0..count).map(|_| segment(saved)).collect()
        })
        .collect()
}
