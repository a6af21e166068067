//! Joins the nodes, and finds parts that can never leave.

use super::Compiler;
use crate::models::config::Entry;
use crate::models::line::plan::{Hop, Kind, NodeIndex};
use crate::models::line::slim::Slim;

impl Compiler<'_, '_, '_> {
    /// Tells every node who sends parts to it, and finds parts that can never leave.
    pub(super) fn join(&mut self) {
        let mut feeders = vec![Vec::new(); self.plan.nodes.len()];
        for (node, layout) in self.plan.nodes.iter().enumerate() {
            let own = layout.route.by_product.iter().flatten();
            let mut targets: Vec<_> = layout.route.to.iter().chain(own).copied().collect();
            if layout.kind == Kind::Station
                && let Some(station) = self.plan.stations.get(layout.place)
            {
                targets.extend(station.bad_to);
            }
            targets.sort_unstable();
            targets.dedup();
            for target in targets {
                feeders[target as usize].push(node as NodeIndex);
            }
        }
        for (node, feeders) in self.plan.nodes.iter_mut().zip(feeders) {
            node.feeders = feeders;
        }
        let hops = self.plan.nodes.iter().map(|node| Hop {
            kind: node.kind,
            place: node.place as u32,
            next: match node.route.to[..] {
                [only] if node.route.by_product.is_empty() => Some(only).into(),
                _ => Slim::NONE,
            },
            feeder: match node.feeders[..] {
                [only] => Some(only).into(),
                _ => Slim::NONE,
            },
        });
        self.plan.hops = hops.collect();
        let stations = self.plan.stations.iter();
        self.plan.after = stations
            .map(|station| self.stations_after(station.node))
            .collect();
        self.check_ways_out();
    }

    /// The stations that come next after `node`, by their places; what is bad goes elsewhere.
    fn stations_after(&self, node: NodeIndex) -> Vec<usize> {
        let mut seen = vec![false; self.plan.nodes.len()];
        let mut open = vec![node];
        let mut stations = Vec::new();
        while let Some(node) = open.pop() {
            let route = &self.plan.nodes[node as usize].route;
            for next in route.to.iter().chain(route.by_product.iter().flatten()) {
                let layout = &self.plan.nodes[*next as usize];
                if std::mem::replace(&mut seen[*next as usize], true) {
                    continue;
                }
                match layout.kind {
                    Kind::Station => stations.push(layout.place),
                    _ => open.push(*next),
                }
            }
        }
        stations.sort_unstable();
        stations
    }

    /// Tells which nodes have no way to a sink.
    fn check_ways_out(&mut self) {
        let mut leads_out = vec![false; self.plan.nodes.len()];
        let mut open = self.plan.sinks.clone();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut leads_out[node as usize], true) {
                open.extend(&self.plan.nodes[node as usize].feeders);
            }
        }
        let whole = Entry::new([], "the line");
        for (node, leads_out) in self.plan.nodes.iter().zip(leads_out) {
            if !leads_out && !node.route.to.is_empty() {
                let list = match node.kind {
                    Kind::Source => "sources",
                    Kind::Station => "stations",
                    Kind::Buffer => "buffers",
                    Kind::Conveyor => "conveyors",
                    Kind::Carrier => "carriers",
                    Kind::Sink => "sinks",
                };
                let entry = whole.part(list).part(node.place);
                let message = format!("parts of `{}` never reach a sink", node.tag);
                let hint = "let its way end at a sink";
                self.reader.problem(&entry, "to", message, hint);
            }
        }
    }
}
