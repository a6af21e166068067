//! What a flow may not do, settled between trials: backwards through a check valve or pump,
//! into a full tank, out of an empty one, past a valve that must hold a pressure.
//!
//! The rules are those of EPANET 2.2 (user manual, 12.2; `hydstatus.c`).

use std::sync::Arc;

use super::{Plan, Solver, State};
use crate::models::hydraulics::network::{LinkKind, Status, ValveKind};
use crate::models::hydraulics::pump::{HeadCurve, Pump};

impl<const L: usize> Solver<L> {
    /// Settles the valves that hold a pressure in `lane`; true if one changed.
    pub fn settle_valves(&mut self, state: &mut State<L>, lane: usize) -> bool {
        let plan = Arc::clone(&self.plan);
        let mut changed = false;
        for &link in &plan.valves {
            let link = link as usize;
            if state.fixed[link][lane] {
                continue;
            }
            let LinkKind::Valve(valve) = &plan.network.links[link].kind else {
                continue;
            };
            let view = LinkView::new(&plan, state, link, lane);
            let now = match valve.kind {
                ValveKind::PressureReducing => view.pressure_reducing(&plan),
                ValveKind::PressureSustaining => view.pressure_sustaining(&plan),
                _ => continue,
            };
            changed |= self.put(state, link, lane, now);
        }
        changed
    }

    /// Settles check valves, pumps, flow control valves and what leads to tanks in `lane`; true
    /// if one changed.
    pub fn settle_links(&mut self, state: &mut State<L>, lane: usize, tanks: &[TankEnds]) -> bool {
        let plan = Arc::clone(&self.plan);
        let mut changed = false;
        for &link in &plan.watched {
            let link = link as usize;
            let before = state.status[link][lane];
            let mut view = LinkView::new(&plan, state, link, lane);
            if matches!(before, Status::CannotDeliver | Status::TemporarilyClosed) {
                view.status = Status::Open;
            }
            match &plan.network.links[link].kind {
                LinkKind::Pipe(pipe) if pipe.one_way => {
                    view.status = view
                        .tolerance
                        .check_valve(view.status, view.drop(), view.flow);
                }
                LinkKind::Pump(pump) if !view.status.is_shut() && view.setting > 0.0 => {
                    view.status = view.pump(pump, state.sound[link][lane]);
                }
                LinkKind::Valve(valve)
                    if valve.kind == ValveKind::FlowControl && !state.fixed[link][lane] =>
                {
                    view.status = view.flow_control(before);
                }
                LinkKind::Pipe(_) | LinkKind::Pump(_) | LinkKind::Valve(_) => {}
            }
            if !view.status.is_shut() && view.is_barred(&plan, tanks) {
                view.status = Status::TemporarilyClosed;
            }
            let now = view.status;
            changed |= self.put(state, link, lane, now);
        }
        changed
    }

    /// Gives up a valve whose setting leaves the equations without an answer at `row`: one at the
    /// row itself, else one at the zone that it belongs to; false if there is none.
    ///
    /// EPANET looks at the row alone, and which row of a zone fails is a matter of the order of
    /// elimination.
    pub fn give_up_valve(&mut self, state: &mut State<L>, lane: usize, row: usize) -> bool {
        let plan = Arc::clone(&self.plan);
        let regulates = |link: usize| state.status[link][lane] == Status::Active;
        let mut zone = vec![false; plan.unknowns()];
        let mut reached = vec![row];
        while let Some(row) = reached.pop() {
            if row >= zone.len() || std::mem::replace(&mut zone[row], true) {
                continue;
            }
            for &link in plan.around(row) {
                let link = link as usize;
                if regulates(link) {
                    let now = match &plan.network.links[link].kind {
                        LinkKind::Valve(valve) => valve.kind.given_up(),
                        LinkKind::Pipe(_) | LinkKind::Pump(_) => None,
                    };
                    if let Some(now) = now {
                        return self.put(state, link, lane, now);
                    }
                } else if !state.status[link][lane].is_shut() {
                    reached.extend([plan.from[link] as usize, plan.to[link] as usize]);
                }
            }
        }
        false
    }

    /// Gives a link another status; true if it is another.
    pub fn put(&mut self, state: &mut State<L>, link: usize, lane: usize, now: Status) -> bool {
        let changed = state.status[link][lane] != now;
        self.stale |= changed;
        state.switched[lane] |= changed;
        state.status[link][lane] = now;
        changed
    }
}

impl ValveKind {
    /// The status of a valve that cannot keep to its setting.
    fn given_up(self) -> Option<Status> {
        match self {
            Self::FlowControl => Some(Status::CannotSupplyFlow),
            Self::PressureReducing | Self::PressureSustaining => Some(Status::CannotSupplyPressure),
            Self::PressureBreaker | Self::Throttle | Self::General(_) | Self::Position => None,
        }
    }
}

/// The heads between which a tank takes and gives water, m above datum.
#[derive(Clone, Copy, Debug)]
pub struct TankEnds {
    /// Nothing more can be drawn at this head.
    pub empty: f64,
    /// It is full at this head.
    pub full: f64,
    /// A full tank spills instead of closing.
    pub spills: bool,
}

/// One link of one member.
struct LinkView {
    link: usize,
    status: Status,
    setting: f64,
    flow: f64,
    /// Rows and heads of its start and end.
    rows: [usize; 2],
    heads: [f64; 2],
    tolerance: Tolerance,
}

/// What counts as equal, m, and as no flow, m³/s.
#[derive(Clone, Copy)]
struct Tolerance {
    head: f64,
    flow: f64,
}

impl LinkView {
    fn new<const L: usize>(plan: &Plan, state: &State<L>, link: usize, lane: usize) -> Self {
        let rows = [plan.from[link] as usize, plan.to[link] as usize];
        Self {
            link,
            status: state.status[link][lane],
            setting: state.setting[link][lane],
            flow: state.flows[link][lane],
            rows,
            heads: rows.map(|row| state.heads[row][lane]),
            tolerance: Tolerance {
                head: plan.network.options.head_tolerance,
                flow: plan.network.options.flow_tolerance,
            },
        }
    }

    fn drop(&self) -> f64 {
        self.heads[0] - self.heads[1]
    }

    fn flows_back(&self) -> bool {
        self.flow < -self.tolerance.flow
    }

    fn pump(&self, pump: &Pump, sound: f64) -> Status {
        let shutoff = match pump.head {
            HeadCurve::ConstantPower { .. } => f64::INFINITY,
            _ => pump.max_head * self.setting * self.setting * sound,
        };
        if -self.drop() > shutoff + self.tolerance.head {
            Status::CannotDeliver
        } else {
            Status::Open
        }
    }

    fn flow_control(&self, before: Status) -> Status {
        if self.drop() < -self.tolerance.head || self.flows_back() {
            Status::CannotSupplyFlow
        } else if before == Status::CannotSupplyFlow && self.flow >= self.setting {
            Status::Active
        } else {
            // A valve that was shut for a tank's sake is judged by what it was before.
            before
        }
    }

    fn pressure_reducing(&self, plan: &Plan) -> Status {
        let [before, behind] = self.heads;
        let wanted = elevation(plan, self.rows[1]) + self.setting;
        let fully_open = plan.minor[self.link] * self.flow * self.flow;
        match self.status {
            Status::Active if self.flows_back() => Status::Closed,
            Status::Active if before - fully_open < wanted - self.tolerance.head => Status::Open,
            Status::Open if self.flows_back() => Status::Closed,
            Status::Open if behind >= wanted + self.tolerance.head => Status::Active,
            Status::Closed
                if before >= wanted + self.tolerance.head
                    && behind < wanted - self.tolerance.head =>
            {
                Status::Active
            }
            Status::Closed
                if before < wanted - self.tolerance.head
                    && before > behind + self.tolerance.head =>
            {
                Status::Open
            }
            Status::CannotSupplyPressure if self.flows_back() => Status::Closed,
            same => same,
        }
    }

    fn pressure_sustaining(&self, plan: &Plan) -> Status {
        let [before, behind] = self.heads;
        let wanted = elevation(plan, self.rows[0]) + self.setting;
        let fully_open = plan.minor[self.link] * self.flow * self.flow;
        let drives = before > behind + self.tolerance.head;
        match self.status {
            Status::Active if self.flows_back() => Status::Closed,
            Status::Active if behind + fully_open > wanted + self.tolerance.head => Status::Open,
            Status::Open if self.flows_back() => Status::Closed,
            Status::Open if before < wanted - self.tolerance.head => Status::Active,
            Status::Closed if behind > wanted + self.tolerance.head && drives => Status::Open,
            Status::Closed if before >= wanted + self.tolerance.head && drives => Status::Active,
            Status::CannotSupplyPressure if self.flows_back() => Status::Closed,
            same => same,
        }
    }

    /// True if it would fill a full tank or draw from an empty one.
    fn is_barred(&self, plan: &Plan, tanks: &[TankEnds]) -> bool {
        // The start counts first, as in EPANET: a link between two tanks is judged by it.
        let fixed = |end: usize| self.rows[end] >= plan.unknowns();
        let end = if fixed(0) {
            0
        } else if fixed(1) {
            1
        } else {
            return false;
        };
        let Some(tank) = plan.tank_in(self.rows[end]) else {
            return false;
        };
        let ends = tanks[tank];
        let head = self.heads[end];
        let is_pump = matches!(plan.network.links[self.link].kind, LinkKind::Pump(_));
        let (drop, flow) = if end == 0 {
            (self.drop(), self.flow)
        } else {
            (-self.drop(), -self.flow)
        };
        // Seen from the tank, `drop` and `flow` lead out of it.
        let fills = if is_pump {
            end == 1
        } else {
            self.tolerance.check_valve(Status::Open, drop, flow) == Status::Closed
        };
        let drains = if is_pump {
            end == 0
        } else {
            self.tolerance.check_valve(Status::Closed, drop, flow) == Status::Open
        };
        head >= ends.full - self.tolerance.head && !ends.spills && fills
            || head <= ends.empty + self.tolerance.head && drains
    }
}

/// The elevation of the junction in `row`, m; valves that hold a pressure stand between
/// junctions.
fn elevation(plan: &Plan, row: usize) -> f64 {
    plan.elevations.get(row).copied().unwrap_or(0.0)
}

impl Tolerance {
    /// A check valve of status `now` under a head loss and a flow.
    fn check_valve(self, now: Status, drop: f64, flow: f64) -> Status {
        if flow < -self.flow || drop < -self.head {
            Status::Closed
        } else if drop > self.head {
            Status::Open
        } else {
            now
        }
    }
}
