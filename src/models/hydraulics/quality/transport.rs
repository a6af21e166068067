//! The transport of water quality through the network, step by step.
//!
//! A step first lets everything react where it is, then visits the nodes upstream first:
//! what arrives in the step is mixed, sources add to it, and it is sent on at once. This
//! is the time-driven Lagrangian method of EPANET 2.2 (Liou, C. P. and Kroon, J. R., 1987,
//! "Modeling the propagation of waterborne substances in distribution networks", J. AWWA
//! 79(11)).
//!
//! # Limitations
//!
//! As in EPANET: a pipe with a check valve holds no water; a pipe that stands still before
//! its flow turns keeps its water as if it had been turned round; a tank that overflows
//! counts as holding all that came in; a reservoir with a setpoint forgets its own quality.

use std::sync::Arc;

use super::balance::Balance;
use super::mixing;
use super::plan::{Plan, Process};
use super::reaction::Wall;
use super::route::{Direction, Route};
use super::segments::{Parcel, Segments};
use super::source::{self, Outflow, Place};
use super::state::State;
use crate::models::ModelState;
use crate::models::hydraulics::network::Network;
use crate::models::saved::Saved;

/// Growth ends here, kg/m³, beyond any solution; what has no limit stays a number.
const MOST_CONCENTRATION: f64 = 1e6;
/// More than this is no flow, m³/s.
const MOST_FLOW: f64 = 1e9;

/// The flows of a hydraulic period, in the flow unit of the equations.
#[derive(Clone, Copy, Debug)]
pub struct Flows<'a> {
    /// By link, m³/s; exactly zero in a link that is shut.
    pub flows: &'a [f64],
    /// By node, m³/s: what leaves the network at a junction, emitters included; below zero
    /// for what comes in. Those of reservoirs and tanks are not looked at.
    pub demands: &'a [f64],
}

/// The quality of the water everywhere in one network, and how it goes on.
#[derive(Clone, Debug)]
pub struct Quality {
    network: Arc<Network>,
    plan: Arc<Plan>,
    /// Follows from the directions.
    route: Arc<Route>,
    /// Follows from the flows: m³/s by link, above or at zero.
    rates: Vec<f64>,
    /// Follows from the flows, by link.
    walls: Vec<Wall>,
    state: State,
}

impl Quality {
    /// At the start, with tanks at the levels that the network tells; `None` if nobody asks
    /// for quality.
    pub fn new(network: Arc<Network>) -> Option<Self> {
        let plan = Arc::new(Plan::new(&network)?);
        let state = State::new(&plan, &network);
        Some(Self {
            route: Arc::new(Route::new(&plan.adjacency, &state.directions)),
            rates: vec![0.0; network.links.len()],
            walls: vec![Wall::None; network.links.len()],
            state,
            plan,
            network,
        })
    }

    /// Tells that tank `index` holds `volume` m³, as if what is there had swollen or shrunk.
    ///
    /// For a level that was measured or set: from there on the tank's volume follows from
    /// the flows again.
    pub fn set_tank_volume(&mut self, index: usize, volume: f64) {
        let tank = self.plan.tanks.get(index).copied();
        let Some((tank, contents)) = tank.zip(self.state.tanks.get_mut(index)) else {
            return;
        };
        if volume.is_finite() && volume >= 0.0 {
            let before = contents.whole().mass;
            mixing::resize(tank.mixing, tank.near, contents, volume);
            self.state.balance.initial += contents.whole().mass - before;
        }
    }

    /// Goes on from `secs` s since the start by `dt` s under constant flows.
    ///
    /// Several calls for one period equal one call for it, bit for bit, if they part it at
    /// multiples of the quality step.
    pub fn advance(&mut self, secs: i64, dt: i64, flows: &Flows<'_>) {
        if dt <= 0 {
            return;
        }
        self.take_flows(flows.flows);
        let end = secs.saturating_add(dt);
        let mut now = secs;
        while now < end {
            let step = self.plan.step.min(end - now);
            self.react(step as f64);
            self.transport(now, step as f64, flows.demands);
            now += step;
        }
    }

    /// The quality at `node`: kg/m³, s or a share. Of a tank it is that of what leaves it.
    pub fn node(&self, node: usize) -> f64 {
        self.state.nodes[node]
    }

    /// The average quality in `link`; the mean of its ends' if it holds no water.
    pub fn link(&self, link: usize) -> f64 {
        let whole = self.state.links[link].whole();
        if whole.volume > 0.0 {
            return whole.mass / whole.volume;
        }
        let [from, to] = self.plan.adjacency.ends(link);
        (self.node(from) + self.node(to)) / 2.0
    }

    /// All that pipes and tanks hold: kg, m³ s or m³.
    pub fn stored(&self) -> f64 {
        self.state.stored()
    }

    /// The account since the start.
    pub fn balance(&self) -> &Balance {
        &self.state.balance
    }

    /// How many segments there are, a measure of memory and work.
    pub fn segment_count(&self) -> usize {
        self.state.contents().map(Segments::len).sum()
    }

    /// Appends the whole state to `out`.
    pub fn save(&self, out: &mut ModelState) {
        self.state.save(out);
    }

    /// Reads back what [`Quality::save`] wrote for the same network; `None` if it is not that.
    pub(in crate::models) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        let state = self.state.restored(saved)?;
        if state.directions != self.state.directions {
            self.route = Arc::new(Route::new(&self.plan.adjacency, &state.directions));
        }
        self.state = state;
        Some(())
    }

    /// Makes the flows those of the period: turns pipes round, sorts nodes, finds wall reactions.
    fn take_flows(&mut self, flows: &[f64]) {
        let mut changed = false;
        for (link, old) in self.state.directions.iter_mut().enumerate() {
            let flow = told(flows.get(link));
            let new = Direction::of(flow);
            if new.opposes(*old) {
                self.state.links[link].reverse();
            }
            changed |= new != *old;
            *old = new;
            self.rates[link] = flow.abs();
        }
        if changed {
            self.route = Arc::new(Route::new(&self.plan.adjacency, &self.state.directions));
        }
        if let Process::Reacting { .. } = self.plan.process {
            for (link, pipe) in self.plan.pipes.iter().enumerate() {
                self.walls[link] = (pipe.as_ref())
                    .map_or(Wall::None, |pipe| self.plan.wall(pipe, self.rates[link]));
            }
        }
    }

    /// Lets the contents of pipes and tanks react for `dt` s.
    fn react(&mut self, dt: f64) {
        let (plan, state) = (&self.plan, &mut self.state);
        let mut lost = 0.0;
        match plan.process {
            Process::Inert => {}
            Process::Ageing => {
                let pipes = plan.pipes.iter().zip(&mut state.links);
                let pipes = pipes.filter_map(|(pipe, contents)| pipe.as_ref().map(|_| contents));
                for contents in pipes.chain(&mut state.tanks) {
                    for segment in contents.iter_mut() {
                        segment.quality += dt;
                        lost -= dt * segment.volume;
                    }
                }
            }
            Process::Reacting {
                pipes: in_pipes,
                tanks: in_tanks,
            } => {
                let walls = plan.pipes.iter().zip(&self.walls);
                for ((pipe, wall), contents) in walls.zip(&mut state.links) {
                    let Some(pipe) = pipe else { continue };
                    if pipe.bulk == 0.0 && *wall == Wall::None {
                        continue;
                    }
                    lost += react_each(contents, dt, |concentration| {
                        in_pipes.rate(pipe.bulk, concentration) + wall.rate(concentration)
                    });
                }
                for (tank, contents) in plan.tanks.iter().zip(&mut state.tanks) {
                    lost += react_each(contents, dt, |concentration| {
                        in_tanks.rate(tank.bulk, concentration)
                    });
                }
            }
        }
        state.balance.reacted += lost;
    }

    /// Moves water on for `dt` s from `now` s since the start.
    fn transport(&mut self, now: i64, dt: f64, demands: &[f64]) {
        let route = Arc::clone(&self.route);
        for (node, inflows, outflows) in route.stops() {
            let mut inflow = Parcel::default();
            for &link in inflows {
                let parcel = self.state.links[link].leave(self.rates[link] * dt);
                inflow.volume += parcel.volume;
                inflow.mass += parcel.mass;
            }
            let place = self.place(node);
            let demand = match place {
                Place::Junction => told(demands.get(node)),
                Place::Reservoir | Place::Tank => 0.0,
            };
            let into_links: f64 = outflows.iter().map(|&link| self.rates[link]).sum();
            let outflow = Outflow {
                leaving: into_links + demand.max(0.0),
                demand,
            };
            self.mix(node, place, inflow, outflow, dt);
            let (quality, added) = self.add_source(node, place, outflow, now);
            for &link in outflows {
                let volume = self.rates[link] * dt;
                if volume > 0.0 {
                    self.state.links[link].enter(volume, quality, self.plan.spec.tolerance);
                }
            }
            let balance = &mut self.state.balance;
            let leaving = outflow.leaving * dt;
            match place {
                Place::Junction => {
                    balance.inflow += added * leaving;
                    balance.outflow += demand.max(0.0) * dt * quality;
                }
                Place::Reservoir => {
                    balance.inflow += quality * leaving;
                    balance.outflow += inflow.mass;
                }
                Place::Tank => balance.inflow += added * leaving,
            }
        }
    }

    /// Mixes `inflow` into `node`.
    fn mix(&mut self, node: usize, place: Place, inflow: Parcel, outflow: Outflow, dt: f64) {
        let mixed = match place {
            Place::Reservoir => None,
            Place::Junction => {
                let volume = inflow.volume - outflow.demand.min(0.0) * dt;
                if volume > 0.0 {
                    Some(inflow.mass / volume)
                } else if let Process::Inert = self.plan.process {
                    None
                } else {
                    Some(self.standing(node))
                }
            }
            Place::Tank => self.network.tank_at(node).and_then(|index| {
                let tank = &self.plan.tanks[index];
                mixing::mix(
                    tank.mixing,
                    tank.near,
                    self.plan.spec.tolerance,
                    &mut self.state.tanks[index],
                    inflow,
                    inflow.volume - outflow.leaving * dt,
                )
            }),
        };
        if let Some(quality) = mixed {
            self.state.nodes[node] = quality;
        }
    }

    /// Adds what the source at `node` gives; the quality of what leaves, and the added part.
    fn add_source(&mut self, node: usize, place: Place, outflow: Outflow, now: i64) -> (f64, f64) {
        let held = self.state.nodes[node];
        let (plan, network) = (&self.plan, &self.network);
        let added = source::added(plan, network, node, place, held, outflow, now);
        if plan.traced() == Some(node) {
            self.state.nodes[node] = 1.0;
            return (1.0, added);
        }
        if added == 0.0 {
            return (held, added);
        }
        let quality = match place {
            Place::Junction | Place::Tank => held + added,
            Place::Reservoir => added,
        };
        if place != Place::Tank {
            self.state.nodes[node] = quality;
        }
        (quality, added)
    }

    /// The mean of what stands in the pipes at `node`, which nothing reaches; 0 without any.
    fn standing(&self, node: usize) -> f64 {
        let (adjacency, state) = (&self.plan.adjacency, &self.state);
        let mut sum = 0.0;
        let mut count = 0.0;
        for &link in adjacency.at(node) {
            let contents = &state.links[link];
            let arrives = adjacency.downstream(link, state.directions[link]) == node;
            let near = if arrives {
                contents.front()
            } else {
                contents.back()
            };
            if let Some(segment) = near {
                sum += segment.quality;
                count += 1.0;
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    fn place(&self, node: usize) -> Place {
        if node < self.network.junctions.len() {
            Place::Junction
        } else if self.network.tank_at(node).is_none() {
            Place::Reservoir
        } else {
            Place::Tank
        }
    }
}

/// Lets every segment react for `dt` s at `rate`, per m³ and s; what was lost.
fn react_each(contents: &mut Segments, dt: f64, rate: impl Fn(f64) -> f64) -> f64 {
    let mut lost = 0.0;
    for segment in contents.iter_mut() {
        let before = segment.quality;
        segment.quality = (before + rate(before) * dt).clamp(0.0, MOST_CONCENTRATION);
        lost += (before - segment.quality) * segment.volume;
    }
    lost
}

/// A flow that can be one, else 0.
fn told(flow: Option<&f64>) -> f64 {
    flow.copied()
        .filter(|flow| flow.abs() < MOST_FLOW)
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::hydraulics::network::{
        Junction, Link, LinkKind, Pipe, Reservoir, Status, Tank,
    };
    use crate::models::hydraulics::quality::{Analysis, Mixing, QualitySpec};

    /// A junction, a reservoir and a tank in a row.
    fn quality(mixing: Mixing) -> Quality {
        let pipe = |from, to| Link {
            tag: String::new(),
            from,
            to,
            kind: LinkKind::Pipe(Pipe {
                length: 500.0,
                diameter: 0.3,
                ..Pipe::default()
            }),
            status: Status::Open,
            setting: None,
        };
        let mut network = Network {
            junctions: vec![Junction::default()],
            reservoirs: vec![Reservoir::default()],
            tanks: vec![Tank {
                area: 100.0,
                max: 5.0,
                level: 2.0,
                ..Tank::default()
            }],
            links: vec![pipe(1, 0), pipe(0, 2)],
            quality: Some(QualitySpec {
                analysis: Analysis::Age,
                tolerance: 36.0,
                diffusivity: 0.0,
                bulk_order: 1.0,
                tank_order: 1.0,
                wall_first_order: true,
                limit: 0.0,
                initial: Vec::new(),
                bulk: Vec::new(),
                wall: Vec::new(),
                tank_bulk: Vec::new(),
                mixing: vec![mixing],
                sources: Vec::new(),
            }),
            ..Network::default()
        };
        network.times.quality_step = 300;
        Quality::new(Arc::new(network)).expect("quality is asked for")
    }

    /// The flow turns every hour.
    fn hour(quality: &mut Quality, hour: i64) {
        let onward = if hour % 2 == 0 { 0.02 } else { -0.03 };
        let flows = [0.05 + onward, onward];
        let demands = [0.05, 0.0, 0.0];
        let flows = Flows {
            flows: &flows,
            demands: &demands,
        };
        quality.advance(hour * 3_600, 3_600, &flows);
    }

    fn saved(quality: &Quality) -> ModelState {
        let mut state = ModelState::default();
        quality.save(&mut state);
        state
    }

    #[test]
    fn a_restored_state_goes_on_bit_for_bit() {
        for mixing in [
            Mixing::Complete,
            Mixing::TwoCompartments { share: 0.1 },
            Mixing::FirstInFirstOut,
            Mixing::LastInFirstOut,
        ] {
            let mut straight = quality(mixing);
            (0..5).for_each(|index| hour(&mut straight, index));
            let state = saved(&straight);
            let mut branch = quality(mixing);
            hour(&mut branch, 0);
            let mut cursor = Saved::of(&state);
            let whole = branch.restore(&mut cursor);
            assert_eq!(cursor.finish("quality", whole), Ok(()));
            for index in 5..12 {
                hour(&mut straight, index);
                hour(&mut branch, index);
            }
            assert_eq!(saved(&straight), saved(&branch), "{mixing:?}");
        }
    }

    #[test]
    fn a_foreign_state_is_refused_and_changes_nothing() {
        let mut quality = quality(Mixing::Complete);
        hour(&mut quality, 0);
        let mut state = saved(&quality);
        let before = state.clone();
        state.reals.pop();
        assert_eq!(quality.restore(&mut Saved::of(&state)), None);
        state.integers[0] = 7;
        assert_eq!(quality.restore(&mut Saved::of(&state)), None);
        assert_eq!(saved(&quality), before);
    }
}
