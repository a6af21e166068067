//! What the transport of one network needs and never changes.

use super::mixing;
use super::reaction::{Bulk, Transfer, Wall};
use super::route::Adjacency;
use super::segments::Segments;
use super::spec::{Analysis, Mixing, QualitySpec, Source};
use crate::models::hydraulics::network::{LinkKind, Network};

/// π/4 with the digits that EPANET gives it, so that pipes hold what they hold there.
const QUARTER_PI: f64 = 0.785398;

/// Compiled from a network and its specification of quality.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) spec: QualitySpec,
    pub(super) adjacency: Adjacency,
    pub(super) process: Process,
    /// By link; `None` for what holds no water.
    pub(super) pipes: Vec<Option<PipePlan>>,
    pub(super) tanks: Vec<TankPlan>,
    /// By node: place in [`QualitySpec::sources`].
    sources: Vec<Option<usize>>,
    transfer: Transfer,
    /// The longest step, s.
    pub(super) step: i64,
}

/// What happens to the water on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Process {
    /// Nothing.
    Inert,
    /// It grows older.
    Ageing,
    /// The chemical reacts in the bulk of pipes and of tanks, and at walls.
    Reacting {
        /// In pipes.
        pipes: Bulk,
        /// In tanks.
        tanks: Bulk,
    },
}

/// A pipe that holds water.
#[derive(Clone, Copy, Debug)]
pub(super) struct PipePlan {
    volume: f64,
    diameter: f64,
    length: f64,
    /// As in [`QualitySpec::bulk`].
    pub(super) bulk: f64,
    /// As in [`QualitySpec::wall`].
    wall: f64,
}

/// A tank.
#[derive(Clone, Copy, Debug)]
pub(super) struct TankPlan {
    /// As in [`QualitySpec::tank_bulk`].
    pub(super) bulk: f64,
    pub(super) mixing: Mixing,
    /// The compartment near the pipe when full, m³.
    pub(super) near: f64,
}

impl Plan {
    /// Of `network`; `None` if nobody asks for quality.
    pub(super) fn new(network: &Network) -> Option<Self> {
        let mut spec = network.quality.clone()?;
        spec.initial.resize(network.node_count(), 0.0);
        spec.bulk.resize(network.links.len(), 0.0);
        spec.wall.resize(network.links.len(), 0.0);
        spec.tank_bulk.resize(network.tanks.len(), 0.0);
        spec.mixing.resize(network.tanks.len(), Mixing::default());
        spec.sources.retain(|source| source.strength != 0.0);

        let mut sources = vec![None; network.node_count()];
        for (place, source) in spec.sources.iter().enumerate() {
            if let Some(at) = sources.get_mut(source.node) {
                *at = Some(place);
            }
        }
        let links = network.links.iter().enumerate();
        let pipes: Vec<_> = links
            .map(|(link, part)| PipePlan::new(&part.kind, spec.bulk[link], spec.wall[link]))
            .collect();
        let tanks = network.tanks.iter().enumerate();
        let tanks: Vec<_> = tanks
            .map(|(index, tank)| {
                let share = match spec.mixing[index] {
                    Mixing::TwoCompartments { share } => share,
                    _ => 1.0,
                };
                TankPlan {
                    bulk: spec.tank_bulk[index],
                    mixing: spec.mixing[index],
                    near: share * tank.volume(tank.max, &network.curves),
                }
            })
            .collect();
        Some(Self {
            adjacency: Adjacency::new(network),
            process: Process::new(&spec, &pipes, &tanks),
            pipes,
            tanks,
            sources,
            transfer: Transfer {
                diffusivity: spec.diffusivity,
                viscosity: network.options.viscosity,
            },
            step: network.times.quality_step.max(1),
            spec,
        })
    }

    /// The source at `node`.
    pub(super) fn source(&self, node: usize) -> Option<&Source> {
        self.sources[node].map(|place| &self.spec.sources[place])
    }

    /// The node whose water is traced.
    pub(super) fn traced(&self) -> Option<usize> {
        match self.spec.analysis {
            Analysis::Trace { node } => Some(node),
            _ => None,
        }
    }

    /// The reaction at the wall of `pipe` when it carries `flow`, m³/s, above or at zero.
    pub(super) fn wall(&self, pipe: &PipePlan, flow: f64) -> Wall {
        Wall::new(
            pipe.wall,
            self.spec.wall_first_order,
            pipe.diameter,
            pipe.length,
            flow,
            self.transfer,
        )
    }

    /// The quality of every node at the start.
    pub(super) fn initial_nodes(&self) -> Vec<f64> {
        let Some(traced) = self.traced() else {
            return self.spec.initial.clone();
        };
        let mut nodes = vec![0.0; self.spec.initial.len()];
        if let Some(node) = nodes.get_mut(traced) {
            *node = 1.0;
        }
        nodes
    }

    /// What links hold at the start: a pipe the water of the node at its end, of which
    /// `nodes` tells the quality.
    pub(super) fn initial_pipes(&self, nodes: &[f64]) -> Vec<Segments> {
        let water = |(link, pipe): (usize, &Option<PipePlan>)| {
            let [_, to] = self.adjacency.ends(link);
            (pipe.as_ref()).map_or_else(Segments::default, |pipe| {
                Segments::one(pipe.volume, nodes[to])
            })
        };
        self.pipes.iter().enumerate().map(water).collect()
    }

    /// What tanks hold at the start.
    pub(super) fn initial_tanks(&self, network: &Network) -> Vec<Segments> {
        let water = |(index, plan): (usize, &TankPlan)| {
            let tank = &network.tanks[index];
            let volume = tank.volume(tank.level, &network.curves);
            let quality = self.spec.initial[network.tank_node(index)];
            mixing::fill(plan.mixing, plan.near, volume, quality)
        };
        self.tanks.iter().enumerate().map(water).collect()
    }
}

impl PipePlan {
    /// As in EPANET, a pipe with a check valve holds no water, like a valve or a pump.
    fn new(kind: &LinkKind, bulk: f64, wall: f64) -> Option<Self> {
        let LinkKind::Pipe(pipe) = kind else {
            return None;
        };
        let volume = QUARTER_PI * pipe.length * pipe.diameter * pipe.diameter;
        (!pipe.one_way && volume > 0.0).then_some(Self {
            volume,
            diameter: pipe.diameter,
            length: pipe.length,
            bulk,
            wall,
        })
    }
}

impl Process {
    fn new(spec: &QualitySpec, pipes: &[Option<PipePlan>], tanks: &[TankPlan]) -> Self {
        let reacts = pipes
            .iter()
            .flatten()
            .any(|pipe| pipe.bulk != 0.0 || pipe.wall != 0.0)
            || tanks.iter().any(|tank| tank.bulk != 0.0);
        match spec.analysis {
            Analysis::Age => Self::Ageing,
            Analysis::Chemical { .. } if reacts => Self::Reacting {
                pipes: Bulk::in_pipes(spec),
                tanks: Bulk::in_tanks(spec),
            },
            Analysis::Chemical { .. } | Analysis::Trace { .. } => Self::Inert,
        }
    }
}
