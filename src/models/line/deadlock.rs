//! Finds parts that can never move again, and tells who waits for whom.
//!
//! Those who wait and are waited for are nodes, the places where parts wait for vehicles, fleets
//! and crews. Each of them is *alive* if something will happen to it of itself (it works, is
//! repaired, moves, has room, has somebody free, can be switched on from outside), or if one of
//! those that it waits for is alive. What is left when no more can be found alive is deadlocked:
//! nothing that can ever happen frees it (Coffman, Elphick and Shoshani, *System deadlocks*,
//! 1971).

use super::items::ItemIndex;
use super::plan::{Kind, Needs, NodeIndex, Plan};
use super::station::{Job, Station};
use super::transport::Errand;
use super::world::World;

/// Where each kind of waiters begins in the list of all: nodes come first.
#[derive(Clone, Copy)]
struct Waiters {
    /// The places where parts wait for vehicles, by carrier.
    pick_ups: usize,
    fleets: usize,
    crews: usize,
    count: usize,
}

impl Waiters {
    fn of(plan: &Plan) -> Self {
        let pick_ups = plan.nodes.len();
        let fleets = pick_ups + plan.carriers.len();
        let crews = fleets + plan.fleets.len();
        Self {
            pick_ups,
            fleets,
            crews,
            count: crews + plan.crews.len(),
        }
    }

    /// Who must have room for a part to go to `node`.
    fn way_in(self, plan: &Plan, node: NodeIndex) -> usize {
        let layout = &plan.nodes[node as usize];
        match layout.kind {
            Kind::Carrier => self.pick_ups + layout.place,
            _ => node as usize,
        }
    }

    fn tag(self, plan: &Plan, waiter: usize) -> String {
        let tag = if waiter < self.pick_ups {
            &plan.nodes[waiter].tag
        } else if waiter < self.fleets {
            let carrier = &plan.carriers[waiter - self.pick_ups];
            &plan.nodes[carrier.node as usize].tag
        } else if waiter < self.crews {
            &plan.fleets[waiter - self.fleets].tag
        } else {
            &plan.crews[waiter - self.crews].tag
        };
        tag.clone()
    }
}

/// How a waiter stands.
enum Stand {
    /// Something will happen to it of itself, or nothing is asked of it.
    Alive,
    /// One of these must move before it can.
    Awaits(Vec<usize>),
}

impl World {
    /// The tags of those who wait for each other for ever, each for the next, up to the first
    /// again; `None` if there are none.
    pub(super) fn deadlock(&self, plan: &Plan) -> Option<Vec<String>> {
        if !self.is_held_up(plan) {
            return None;
        }
        let waiters = Waiters::of(plan);
        let stands = (0..waiters.count).map(|waiter| self.stand_of(plan, waiters, waiter));
        let mut waits = Vec::with_capacity(waiters.count);
        let mut alive = Vec::with_capacity(waiters.count);
        for stand in stands {
            alive.push(matches!(stand, Stand::Alive));
            waits.push(match stand {
                Stand::Alive => Vec::new(),
                Stand::Awaits(others) => others,
            });
        }
        loop {
            let mut found = false;
            for waiter in 0..waiters.count {
                if !alive[waiter] && waits[waiter].iter().any(|other| alive[*other]) {
                    alive[waiter] = true;
                    found = true;
                }
            }
            if !found {
                break;
            }
        }
        let stuck = |node: usize| !alive[node] && self.holds_up(plan, node);
        let first = (0..plan.nodes.len()).find(|node| stuck(*node))?;
        let mut chain = vec![first];
        while let Some(next) = chain.last().and_then(|last| waits[*last].first()) {
            let known = chain.iter().position(|waiter| waiter == next);
            chain.push(*next);
            if let Some(known) = known {
                // Those before are held up by the ring, and no part of it.
                chain.drain(..known);
                break;
            }
        }
        let tags = chain.iter().map(|waiter| waiters.tag(plan, *waiter));
        Some(tags.collect())
    }

    /// True if any node holds up others.
    fn is_held_up(&self, plan: &Plan) -> bool {
        (0..plan.nodes.len()).any(|node| self.holds_up(plan, node))
    }

    /// True if something at a node cannot go on. A starved station alone waits for parts that may
    /// never come, and holds up nobody.
    fn holds_up(&self, plan: &Plan, node: usize) -> bool {
        let layout = &plan.nodes[node];
        let is_unattended = layout.kind == Kind::Station
            && awaited_skill(plan, layout.place, &self.stations[layout.place]).is_some();
        is_unattended || self.gates[node].waiting.is_some()
    }

    fn stand_of(&self, plan: &Plan, waiters: Waiters, waiter: usize) -> Stand {
        if waiter < waiters.pick_ups {
            return self.node_stand(plan, waiters, waiter);
        }
        if waiter < waiters.fleets {
            let place = waiter - waiters.pick_ups;
            let carrier = &plan.carriers[place];
            let has_room = self.carriers[place].waiting.len() < carrier.capacity;
            return alive_or(has_room, || vec![waiters.fleets + carrier.fleet]);
        }
        if waiter < waiters.crews {
            let vehicles = plan.fleets[waiter - waiters.fleets].vehicles.clone();
            let vehicles = &self.traffic.vehicles[vehicles];
            let moves = vehicles.iter().any(|vehicle| vehicle.task != Errand::Give);
            return alive_or(moves, || {
                let drops = vehicles.iter().map(|vehicle| vehicle.carrier as usize);
                sorted(drops.map(|place| plan.carriers[place].node as usize))
            });
        }
        let crew = waiter - waiters.crews;
        // An empty crew is so for a reason; somebody may come.
        let has_free =
            self.crews.count[crew] == 0 || self.crews.busy[crew] < self.crews.count[crew];
        alive_or(has_free, || {
            let is_here = |station: &Station| {
                let people = [station.operator, station.repairer];
                people.contains(&Some(crew as u32))
            };
            let stations = self.stations.iter().zip(&plan.stations);
            let theirs = stations.filter(|(station, _)| is_here(station));
            sorted(theirs.map(|(_, layout)| layout.node as usize))
        })
    }

    fn node_stand(&self, plan: &Plan, waiters: Waiters, node: usize) -> Stand {
        let layout = &plan.nodes[node];
        let place = layout.place;
        let waits = self.gates[node].waiting.is_some();
        match layout.kind {
            Kind::Sink => Stand::Alive,
            Kind::Source | Kind::Carrier => alive_or(!waits, || self.ways_on(plan, waiters, node)),
            Kind::Buffer => alive_or(self.buffers[place].has_room() || !waits, || {
                self.ways_on(plan, waiters, node)
            }),
            Kind::Conveyor => {
                let full = self.conveyors[place].level() >= plan.conveyors[place].capacity;
                let moves = !waits || (!full && plan.conveyors[place].accumulating);
                alive_or(moves, || self.ways_on(plan, waiters, node))
            }
            Kind::Station => {
                let station = &self.stations[place];
                if let Some(skill) = awaited_skill(plan, place, station) {
                    let able = plan.crews.iter().enumerate();
                    let able = able.filter(|(_, crew)| crew.skills.contains(&skill));
                    return Stand::Awaits(able.map(|(crew, _)| waiters.crews + crew).collect());
                }
                let takes_any = matches!(plan.stations[place].needs, Needs::Any(_));
                match station.job {
                    _ if !station.is_up() || station.running => Stand::Alive,
                    Job::Empty if takes_any => Stand::Alive,
                    // It waits for the parts that are missing.
                    Job::Empty => {
                        let feeders = layout.feeders.iter();
                        Stand::Awaits(feeders.map(|feeder| *feeder as usize).collect())
                    }
                    _ => alive_or(!waits, || self.ways_on(plan, waiters, node)),
                }
            }
        }
    }

    /// Who must have room before the part at the way out of `node` can go.
    fn ways_on(&self, plan: &Plan, waiters: Waiters, node: usize) -> Vec<usize> {
        let layout = &plan.nodes[node];
        let part = self.front(plan, node).map(|item| *self.items.get(item));
        let product = part.map_or(0, |part| usize::from(part.product));
        let own = layout.route.by_product.get(product).copied().flatten();
        let only = part.and_then(|part| part.bound.get()).or(own);
        let way_in = |next: NodeIndex| waiters.way_in(plan, next);
        match only {
            Some(only) => vec![way_in(only)],
            None => layout.route.to.iter().copied().map(way_in).collect(),
        }
    }

    /// The part that waits at the way out of a node.
    fn front(&self, plan: &Plan, node: usize) -> Option<ItemIndex> {
        let place = plan.nodes[node].place;
        match plan.nodes[node].kind {
            Kind::Source => {
                let source = &self.sources[place];
                source.backlog.front().copied().or(source.next)
            }
            Kind::Station => self.stations[place].ready(),
            Kind::Buffer => self.buffers[place].queue.front(),
            Kind::Conveyor => self.conveyors[place].parts.front().copied(),
            Kind::Carrier => self.carrier_ready(place),
            Kind::Sink => None,
        }
    }
}

/// The skill of the operator or repairer that a station waits for. One that is switched off or
/// off shift waits for nobody.
fn awaited_skill(plan: &Plan, place: usize, station: &Station) -> Option<u16> {
    let layout = &plan.stations[place];
    if station.failed.is_some() || station.maintained {
        let skill = match station.failed {
            Some(mode) => layout.failures[mode as usize].repairer,
            None => layout.maintenance.as_ref().and_then(|plan| plan.repairer),
        };
        return skill.filter(|_| station.repairer.is_none());
    }
    let called = station.is_up() && station.job == Job::Called && station.operator.is_none();
    layout.operator.filter(|_| called)
}

fn alive_or(alive: bool, others: impl FnOnce() -> Vec<usize>) -> Stand {
    if alive {
        Stand::Alive
    } else {
        Stand::Awaits(others())
    }
}

fn sorted(waiters: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut waiters: Vec<_> = waiters.collect();
    waiters.sort_unstable();
    waiters.dedup();
    waiters
}
