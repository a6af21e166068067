//! The linear system of a trial, and the flows that follow from its answer.

#![expect(
    clippy::needless_range_loop,
    reason = "a lane is one index into several arrays"
)]

use std::sync::Arc;

use super::coefficients::{self, Coefficients};
use super::constants::{FORCING, STEEPEST};
use super::{Solver, State, fitting};
use crate::models::hydraulics::network::{Link, LinkKind, Valve, ValveKind};

/// A pump whose flow a step brings to nothing but for rounding is not turned round.
const STANDSTILL: f64 = 1e-9;
/// Sums run in this many strands, so that an addition need not wait for the one before.
const STRANDS: usize = 4;

impl<const L: usize> Solver<L> {
    /// Coefficients of pumps and valves, which differ too much for one loop.
    pub(super) fn machines(&mut self, state: &State<L>) {
        let plan = Arc::clone(&self.plan);
        let network = &*plan.network;
        for &link in &plan.pumps {
            let link = link as usize;
            let LinkKind::Pump(pump) = &network.links[link].kind else {
                continue;
            };
            for lane in 0..L {
                let (flow, speed) = (state.flows[link][lane], state.setting[link][lane]);
                let found = if state.status[link][lane].is_shut() || speed == 0.0 {
                    Coefficients::closed(flow)
                } else {
                    let sound = state.sound[link][lane];
                    coefficients::pump(flow, &pump.head, &network.curves, speed, sound, self.flat())
                };
                self.set(link, lane, found);
            }
        }
        for &link in &plan.valves {
            let index = link as usize;
            let LinkKind::Valve(valve) = &network.links[index].kind else {
                continue;
            };
            for lane in 0..L {
                let found = self.valve(state, index, lane, valve);
                self.set(index, lane, found);
            }
        }
    }

    /// The coefficients of a valve; those of one that regulates are left for
    /// [`regulate`](Self::regulate), and nothing passes it meanwhile.
    fn valve(&self, state: &State<L>, link: usize, lane: usize, valve: &Valve) -> Coefficients {
        let flow = state.flows[link][lane];
        let (setting, fixed) = (state.setting[link][lane], state.fixed[link][lane]);
        let plain = || self.plain_valve(state, link, lane);
        match valve.kind {
            ValveKind::PressureReducing
            | ValveKind::PressureSustaining
            | ValveKind::FlowControl => {
                if fixed {
                    plain()
                } else {
                    Coefficients { p: 0.0, y: flow }
                }
            }
            _ if state.status[link][lane].is_shut() => Coefficients::closed(flow),
            ValveKind::General(curve) => {
                coefficients::table_valve(flow, &self.plan.network.curves[curve])
            }
            ValveKind::PressureBreaker => {
                let loses_more = self.plan.minor[link] * flow * flow > setting;
                if fixed || setting == 0.0 || loses_more {
                    plain()
                } else {
                    Coefficients {
                        p: FORCING,
                        y: setting * FORCING,
                    }
                }
            }
            ValveKind::Throttle if !fixed => {
                coefficients::valve(flow, fitting(setting, valve.diameter), self.flat())
            }
            ValveKind::Position if !fixed => {
                let opening = setting.clamp(0.0, 1.0);
                let k = valve.minor / (opening * opening);
                coefficients::valve(flow, fitting(k, valve.diameter), self.flat())
            }
            ValveKind::Throttle | ValveKind::Position => plain(),
        }
    }

    /// The coefficients of a valve that is open or closed and no more.
    fn plain_valve(&self, state: &State<L>, link: usize, lane: usize) -> Coefficients {
        let flow = state.flows[link][lane];
        if state.status[link][lane].is_shut() {
            Coefficients::closed(flow)
        } else {
            coefficients::valve(flow, self.plan.minor[link], self.flat())
        }
    }

    /// Sets up the equations for the heads.
    #[inline(always)]
    pub(super) fn assemble(&mut self, state: &State<L>) {
        let plan = Arc::clone(&self.plan);
        self.factor.clear();
        let (diagonal, lower) = (&mut self.factor.diagonal[..], &mut self.factor.lower[..]);
        let unknowns = &mut self.unknowns[..];
        for (right, delivered) in unknowns.iter_mut().zip(&state.delivered) {
            for lane in 0..L {
                right[lane] = -delivered[lane];
            }
        }
        let links = self.p.len();
        let (p, y) = (&self.p[..links], &self.y[..links]);
        let (flows, from, to) = (
            &state.flows[..links],
            &plan.from[..links],
            &plan.to[..links],
        );
        for &(link, slot) in &plan.inner {
            let link = link as usize;
            let (a, b) = (from[link] as usize, to[link] as usize);
            let (p, y, q) = (&p[link], &y[link], &flows[link]);
            let below = &mut lower[slot as usize];
            for lane in 0..L {
                below[lane] -= p[lane];
                diagonal[a][lane] += p[lane];
                diagonal[b][lane] += p[lane];
                let excess = y[lane] - q[lane];
                unknowns[a][lane] += excess;
                unknowns[b][lane] -= excess;
            }
        }
        for &link in &plan.outer {
            let link = link as usize;
            let (a, b) = (from[link] as usize, to[link] as usize);
            for (row, other, sign) in [(a, b, 1.0), (b, a, -1.0)] {
                if row >= unknowns.len() {
                    continue;
                }
                for lane in 0..L {
                    let p = p[link][lane];
                    diagonal[row][lane] += p;
                    unknowns[row][lane] += sign * (y[link][lane] - flows[link][lane]);
                    if other >= plan.unknowns() {
                        unknowns[row][lane] += p * state.heads[other][lane];
                    }
                }
            }
        }
        self.add_emitters(state);
        self.add_demands(state);
        self.regulate(state);
    }

    fn add_emitters(&mut self, state: &State<L>) {
        let n = self.plan.network.options.emitter_power;
        for &row in &self.open_emitters {
            let row = row as usize;
            for lane in 0..L {
                let k = state.emitters[row][lane];
                if k <= 0.0 {
                    continue;
                }
                let flow = state.leakage[row][lane];
                let (loss, slope) = coefficients::emitter(flow, k, n, self.flat());
                self.factor.diagonal[row][lane] += 1.0 / slope;
                self.unknowns[row][lane] += (loss + self.plan.elevations[row]) / slope - flow;
            }
        }
    }

    fn add_demands(&mut self, state: &State<L>) {
        let Some((minimum, range, n)) = self.is_pressure_driven() else {
            return;
        };
        for row in 0..self.unknowns.len() {
            for lane in 0..L {
                let full = state.demands[row][lane];
                if full <= 0.0 {
                    continue;
                }
                let (loss, slope) =
                    coefficients::demand(state.delivered[row][lane], full, range, n, self.flat());
                self.factor.diagonal[row][lane] += 1.0 / slope;
                self.unknowns[row][lane] += (loss + self.plan.elevations[row] + minimum) / slope;
            }
        }
    }

    /// Adds the valves that hold a pressure or a flow.
    fn regulate(&mut self, state: &State<L>) {
        let plan = Arc::clone(&self.plan);
        for (place, &link) in plan.valves.iter().enumerate() {
            let link = link as usize;
            let LinkKind::Valve(valve) = &plan.network.links[link].kind else {
                continue;
            };
            let regulates = matches!(
                valve.kind,
                ValveKind::PressureReducing
                    | ValveKind::PressureSustaining
                    | ValveKind::FlowControl
            );
            if !regulates {
                continue;
            }
            for lane in 0..L {
                if !state.fixed[link][lane] {
                    self.regulate_one(state, place, lane, valve.kind);
                }
            }
        }
    }

    fn regulate_one(&mut self, state: &State<L>, place: usize, lane: usize, kind: ValveKind) {
        use crate::models::hydraulics::network::Status;
        let plan = Arc::clone(&self.plan);
        let link = plan.valves[place] as usize;
        let (a, b) = (plan.from[link] as usize, plan.to[link] as usize);
        let (flow, setting) = (state.flows[link][lane], state.setting[link][lane]);
        let active = state.status[link][lane] == Status::Active;
        match kind {
            ValveKind::PressureReducing if active && b < self.unknowns.len() => {
                let excess = self.excess_at(state, b, place, lane);
                let head = plan.elevations[b] + setting;
                self.hold_head(b, lane, head);
                if excess < 0.0 {
                    self.add_right(a, lane, excess);
                }
                self.set(
                    link,
                    lane,
                    Coefficients {
                        p: 0.0,
                        y: flow + excess,
                    },
                );
            }
            ValveKind::PressureSustaining if active && a < self.unknowns.len() => {
                let excess = self.excess_at(state, a, place, lane);
                let head = plan.elevations[a] + setting;
                self.hold_head(a, lane, head);
                if excess > 0.0 {
                    self.add_right(b, lane, excess);
                }
                self.set(
                    link,
                    lane,
                    Coefficients {
                        p: 0.0,
                        y: flow - excess,
                    },
                );
            }
            ValveKind::FlowControl if active => {
                let p = 1.0 / STEEPEST;
                self.add_right(a, lane, -setting);
                self.add_right(b, lane, setting);
                self.join(link, lane, p, state);
                self.set(
                    link,
                    lane,
                    Coefficients {
                        p,
                        y: flow - setting,
                    },
                );
            }
            _ => {
                let found = self.plain_valve(state, link, lane);
                self.set(link, lane, found);
                self.join(link, lane, found.p, state);
                self.add_right(a, lane, found.y - flow);
                self.add_right(b, lane, flow - found.y);
            }
        }
    }

    /// Adds the conductance of a link that was left out.
    fn join(&mut self, link: usize, lane: usize, p: f64, state: &State<L>) {
        let plan = Arc::clone(&self.plan);
        let (a, b) = (plan.from[link] as usize, plan.to[link] as usize);
        for (row, other) in [(a, b), (b, a)] {
            if row < self.unknowns.len() {
                self.factor.diagonal[row][lane] += p;
                if other >= self.unknowns.len() {
                    self.unknowns[row][lane] += p * state.heads[other][lane];
                }
            }
        }
        if let Ok(place) = plan
            .inner
            .binary_search_by_key(&(link as u32), |inner| inner.0)
        {
            self.factor.lower[plan.inner[place].1 as usize][lane] -= p;
        }
    }

    fn flat(&self) -> f64 {
        self.plan.network.options.slope_tolerance
    }

    fn hold_head(&mut self, row: usize, lane: usize, head: f64) {
        self.unknowns[row][lane] += head * FORCING;
        self.factor.diagonal[row][lane] += FORCING;
    }

    fn add_right(&mut self, row: usize, lane: usize, value: f64) {
        if row < self.unknowns.len() {
            self.unknowns[row][lane] += value;
        }
    }

    /// What flows to `row` beyond what is taken there, m³/s, without the valves that regulate;
    /// of those only flow control valves that stand before `place` count.
    fn excess_at(&self, state: &State<L>, row: usize, place: usize, lane: usize) -> f64 {
        use crate::models::hydraulics::network::Status;
        let plan = &*self.plan;
        let mut excess = -state.delivered[row][lane];
        if state.emitters[row][lane] > 0.0 {
            excess -= state.leakage[row][lane];
        }
        let sign = |link: usize| {
            let starts = f64::from(u8::from(plan.from[link] as usize == row));
            let ends = f64::from(u8::from(plan.to[link] as usize == row));
            ends - starts
        };
        for &link in plan.around(row) {
            let link = link as usize;
            if !self.is_regulated(&plan.network.links[link], state.fixed[link][lane]) {
                excess += sign(link) * state.flows[link][lane];
            }
        }
        for &link in &plan.valves[..place] {
            let link = link as usize;
            let LinkKind::Valve(valve) = &plan.network.links[link].kind else {
                continue;
            };
            let holds_flow = valve.kind == ValveKind::FlowControl
                && !state.fixed[link][lane]
                && state.status[link][lane] == Status::Active;
            if holds_flow {
                excess += sign(link) * state.setting[link][lane];
            }
        }
        excess
    }

    fn is_regulated(&self, link: &Link, fixed: bool) -> bool {
        match &link.kind {
            LinkKind::Valve(valve) => {
                !fixed
                    && matches!(
                        valve.kind,
                        ValveKind::PressureReducing
                            | ValveKind::PressureSustaining
                            | ValveKind::FlowControl
                    )
            }
            LinkKind::Pipe(_) | LinkKind::Pump(_) => false,
        }
    }

    /// Moves flows to what the new heads ask for: the total change as a share of the total
    /// flow, and the largest change where there is a limit on it.
    #[inline(always)]
    pub(super) fn update_flows(
        &mut self,
        state: &mut State<L>,
        moves: &[bool; L],
    ) -> ([f64; L], [f64; L]) {
        let plan = Arc::clone(&self.plan);
        let mut share = [0.0; L];
        for lane in 0..L {
            share[lane] = if moves[lane] {
                state.relaxation[lane]
            } else {
                0.0
            };
        }
        self.tame_pumps(state);
        let mut totals = [[0.0; L]; STRANDS];
        let mut changes = [[0.0; L]; STRANDS];
        let mut largest = [0.0; L];
        let links = state.flows.len();
        let (p, y) = (&self.p[..links], &self.y[..links]);
        let (from, to) = (&plan.from[..links], &plan.to[..links]);
        let (heads, flows) = (&state.heads[..], &mut state.flows[..]);
        for link in 0..links {
            let (a, b) = (&heads[from[link] as usize], &heads[to[link] as usize]);
            let flow = &mut flows[link];
            let (total, change) = (&mut totals[link % STRANDS], &mut changes[link % STRANDS]);
            for lane in 0..L {
                let step = share[lane] * (y[link][lane] - p[link][lane] * (a[lane] - b[lane]));
                flow[lane] -= step;
                total[lane] += flow[lane].abs();
                change[lane] += step.abs();
                largest[lane] = step.abs().max(largest[lane]);
            }
        }
        let mut sums = Sums {
            total: sum(&totals),
            change: sum(&changes),
            largest,
        };
        self.update_emitters(state, &share, &mut sums);
        self.update_demands(state, &share, &mut sums);
        self.update_inflows(state, moves);
        let accuracy = plan.network.options.accuracy * super::CFS;
        let mut relative = sums.change;
        for lane in 0..L {
            relative[lane] = if sums.total[lane] > accuracy {
                sums.change[lane] / sums.total[lane]
            } else {
                // EPANET compares this with its accuracy as it stands, in its own unit of flow.
                sums.change[lane] / super::CFS
            };
        }
        (relative, sums.largest)
    }

    /// A pump of constant power never turns round: its flow is halved instead.
    fn tame_pumps(&mut self, state: &State<L>) {
        let plan = Arc::clone(&self.plan);
        for &link in &plan.pumps {
            let link = link as usize;
            if !plan.has_constant_power(link) {
                continue;
            }
            let (a, b) = (plan.from[link] as usize, plan.to[link] as usize);
            for lane in 0..L {
                let drop = state.heads[a][lane] - state.heads[b][lane];
                let step = self.y[link][lane] - self.p[link][lane] * drop;
                let (flow, share) = (state.flows[link][lane], state.relaxation[lane]);
                if share * step > flow * (1.0 + STANDSTILL) {
                    self.set(
                        link,
                        lane,
                        Coefficients {
                            p: 0.0,
                            y: 0.5 * flow / share,
                        },
                    );
                }
            }
        }
    }

    fn update_emitters(&mut self, state: &mut State<L>, share: &[f64; L], sums: &mut Sums<L>) {
        let n = self.plan.network.options.emitter_power;
        for &row in &self.open_emitters {
            let row = row as usize;
            for lane in 0..L {
                let k = state.emitters[row][lane];
                if k <= 0.0 {
                    continue;
                }
                let flow = &mut state.leakage[row][lane];
                let (loss, slope) = coefficients::emitter(*flow, k, n, self.flat());
                let pressure = state.heads[row][lane] - self.plan.elevations[row];
                let step = share[lane] * (loss - pressure) / slope;
                *flow -= step;
                sums.add(lane, *flow, step);
            }
        }
    }

    fn update_demands(&mut self, state: &mut State<L>, share: &[f64; L], sums: &mut Sums<L>) {
        let Some((minimum, range, n)) = self.is_pressure_driven() else {
            return;
        };
        for row in 0..self.unknowns.len() {
            for lane in 0..L {
                let full = state.demands[row][lane];
                if full <= 0.0 {
                    continue;
                }
                let flow = &mut state.delivered[row][lane];
                let (loss, slope) = coefficients::demand(*flow, full, range, n, self.flat());
                let pressure = state.heads[row][lane] - self.plan.elevations[row] - minimum;
                let step = share[lane] * (loss - pressure) / slope;
                *flow -= step;
                sums.add(lane, *flow, step);
            }
        }
    }

    /// Net flows into reservoirs and tanks.
    pub(super) fn update_inflows(&self, state: &mut State<L>, moves: &[bool; L]) {
        let plan = &*self.plan;
        let unknowns = plan.unknowns();
        for inflow in &mut state.inflows {
            for lane in 0..L {
                inflow[lane] = if moves[lane] { 0.0 } else { inflow[lane] };
            }
        }
        for &link in &plan.outer {
            let link = link as usize;
            let ends = [(plan.from[link], -1.0), (plan.to[link], 1.0)];
            for (row, sign) in ends {
                let Some(fixed) = (row as usize).checked_sub(unknowns) else {
                    continue;
                };
                for lane in 0..L {
                    if moves[lane] && !state.status[link][lane].is_shut() {
                        state.inflows[fixed][lane] += sign * state.flows[link][lane];
                    }
                }
            }
        }
    }
}

/// Sums over flows and their changes, by lane.
struct Sums<const L: usize> {
    total: [f64; L],
    change: [f64; L],
    largest: [f64; L],
}

impl<const L: usize> Sums<L> {
    fn add(&mut self, lane: usize, flow: f64, step: f64) {
        self.total[lane] += flow.abs();
        self.change[lane] += step.abs();
        self.largest[lane] = self.largest[lane].max(step.abs());
    }
}

#[inline(always)]
fn sum<const L: usize>(strands: &[[f64; L]; STRANDS]) -> [f64; L] {
    let mut sum = [0.0; L];
    for lane in 0..L {
        sum[lane] = (strands[0][lane] + strands[1][lane]) + (strands[2][lane] + strands[3][lane]);
    }
    sum
}
