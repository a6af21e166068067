//! How far water travels through a network (Dijkstra 1959).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::models::hydraulics::network::{LinkKind, Network};

/// The links of every node: the node at the other end, and how far it is, m.
pub(super) struct Neighbours(Vec<Vec<(usize, f64)>>);

impl Neighbours {
    pub(super) fn of(network: &Network) -> Self {
        let mut neighbours = vec![Vec::new(); network.node_count()];
        for link in &network.links {
            let length = match &link.kind {
                LinkKind::Pipe(pipe) => pipe.length,
                // Machines have no length; a step all the same, so that order is kept.
                LinkKind::Pump(_) | LinkKind::Valve(_) => 1.0,
            };
            let length = if length.is_finite() {
                length.max(1e-3)
            } else {
                1.0
            };
            neighbours[link.from].push((link.to, length));
            neighbours[link.to].push((link.from, length));
        }
        Self(neighbours)
    }

    pub(super) fn at(&self, node: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.0[node].iter().copied()
    }

    /// The way from the nearest of `sources` to every node, m; infinite where none leads.
    pub(super) fn distances(&self, sources: impl IntoIterator<Item = usize>) -> Vec<f64> {
        let mut distances = vec![f64::INFINITY; self.0.len()];
        let mut open = BinaryHeap::new();
        for node in sources {
            distances[node] = 0.0;
            open.push(Reverse((0, node)));
        }
        while let Some(Reverse((bits, node))) = open.pop() {
            // The bits of numbers above zero are in the order of the numbers.
            let so_far = f64::from_bits(bits);
            if so_far > distances[node] {
                continue;
            }
            for (other, length) in self.at(node) {
                let way = so_far + length;
                if way < distances[other] {
                    distances[other] = way;
                    open.push(Reverse((way.to_bits(), other)));
                }
            }
        }
        distances
    }
}
