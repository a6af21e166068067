//! Heads and flows of one instant: the global gradient algorithm, for `L` members at once.
//!
//! ```text
//! Σ q_in − Σ q_out = D_i                      at every junction
//! H_a − H_b = h(q)                            along every link a → b
//! q' = q − (h(q) − (H_a − H_b)) / h'(q)       Newton's step
//! ```
//!
//! Putting the last into the first leaves one symmetric, positive definite system for
//! the heads (Todini & Pilati 1988; EPANET 2.2 user manual, chapter 12). Every iterate
//! meets the mass balance; trials end when flows no longer change.
//!
//! The members lie side by side in *lanes*: every array holds one number per lane at each
//! place, so that each step of a trial is one vector instruction for all members. Lanes know
//! nothing of each other; a lane that is not [`active`](State::active) stays as it is.
//! Every number of a lane is the same whatever the others hold, bit for bit.
//!
//! [`status`] settles between trials what a flow may not do.

mod assembly;
mod coefficients;
mod constants;
mod plan;
mod power;
mod status;

use std::sync::Arc;

use pulp::Arch;

pub use constants::{CFS, FOOT, NO_FLOW};
pub use plan::Plan;
pub use status::TankEnds;

use super::network::{DemandModel, Headloss, LinkKind, Status};
use super::sparse::Factor;

/// The state of `L` members, as far as the equations know it.
#[derive(Clone, Debug)]
pub struct State<const L: usize> {
    /// Lanes that the next trial moves.
    pub active: [bool; L],
    /// A status changed since this was last set to false.
    pub switched: [bool; L],
    /// Share of the computed change that the next trial makes.
    pub relaxation: [f64; L],
    /// By row, m.
    pub heads: Vec<[f64; L]>,
    /// By link, m³/s.
    pub flows: Vec<[f64; L]>,
    /// By link.
    pub status: Vec<[Status; L]>,
    /// By link: speed of a pump, setting of a valve, SI.
    pub setting: Vec<[f64; L]>,
    /// By link: a valve without a setting, which is open or closed like a pipe.
    pub fixed: Vec<[bool; L]>,
    /// By link: share of a pump's head that wear has left.
    pub sound: Vec<[f64; L]>,
    /// By junction's row: what consumers ask for, m³/s.
    pub demands: Vec<[f64; L]>,
    /// By junction's row: what they get, m³/s.
    pub delivered: Vec<[f64; L]>,
    /// By junction's row: head loss coefficient of an emitter; 0 for none.
    pub emitters: Vec<[f64; L]>,
    /// By junction's row: flow through it, m³/s.
    pub leakage: Vec<[f64; L]>,
    /// By fixed row, from the first one: net flow into the reservoir or tank, m³/s.
    pub inflows: Vec<[f64; L]>,
}

/// What a trial did, by lane.
#[derive(Clone, Copy, Debug)]
pub struct Trial<const L: usize> {
    /// Total change of flows as a share of their total.
    pub change: [f64; L],
    /// The largest change of one flow, m³/s; only found where it is asked for.
    pub largest: [f64; L],
    /// The row at which the equations have no single answer.
    pub failed: [Option<usize>; L],
}

/// Room to compute in, for `L` members of one network.
#[derive(Clone, Debug)]
pub struct Solver<const L: usize> {
    plan: Arc<Plan>,
    factor: Factor<L>,
    /// Right-hand sides, then the heads that solve the equations, by row.
    unknowns: Vec<[f64; L]>,
    /// The plan's friction and minor losses, once per lane.
    friction: Vec<[f64; L]>,
    minor: Vec<[f64; L]>,
    /// Conductance of each link, m³/s per m.
    p: Vec<[f64; L]>,
    /// Flow correction of each link, m³/s.
    y: Vec<[f64; L]>,
    /// Links that are shut in some lane; found anew when `stale`.
    shut: Vec<u32>,
    /// Rows with an emitter in some lane; found anew when `stale`.
    open_emitters: Vec<u32>,
    stale: bool,
    arch: Arch,
}

impl<const L: usize> State<L> {
    /// All at zero, closed and at rest.
    pub fn new(plan: &Plan) -> Self {
        let (links, unknowns) = (plan.network.links.len(), plan.unknowns());
        Self {
            active: [false; L],
            switched: [true; L],
            relaxation: [1.0; L],
            heads: vec![[0.0; L]; plan.rows.len()],
            flows: vec![[0.0; L]; links],
            status: vec![[Status::Open; L]; links],
            setting: vec![[0.0; L]; links],
            fixed: vec![[true; L]; links],
            sound: vec![[1.0; L]; links],
            demands: vec![[0.0; L]; unknowns],
            delivered: vec![[0.0; L]; unknowns],
            emitters: vec![[0.0; L]; unknowns],
            leakage: vec![[0.0; L]; unknowns],
            inflows: vec![[0.0; L]; plan.rows.len() - unknowns],
        }
    }
}

impl<const L: usize> Solver<L> {
    /// A solver for the network of `plan`.
    pub fn new(plan: Arc<Plan>) -> Self {
        let links = plan.network.links.len();
        Self {
            factor: Factor::new(&plan.structure),
            unknowns: vec![[0.0; L]; plan.unknowns()],
            friction: plan.friction.iter().map(|r| [*r; L]).collect(),
            minor: plan.minor.iter().map(|m| [*m; L]).collect(),
            p: vec![[0.0; L]; links],
            y: vec![[0.0; L]; links],
            shut: Vec::new(),
            open_emitters: Vec::new(),
            stale: true,
            arch: Arch::new(),
            plan,
        }
    }

    /// What it solves for.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// To be called when statuses or emitters were changed from outside.
    pub fn forget(&mut self) {
        self.stale = true;
    }

    /// One trial of every active lane.
    pub fn trial(&mut self, state: &mut State<L>) -> Trial<L> {
        let arch = self.arch;
        let mut work = Work {
            solver: self,
            state,
        };
        arch.dispatch(Dispatched(&mut work))
    }

    /// The largest difference between the head loss of an open link and the heads at its ends
    /// in `lane`, m.
    pub fn head_error(&mut self, state: &State<L>, lane: usize) -> f64 {
        self.link_coefficients(state);
        let plan = Arc::clone(&self.plan);
        let error = |link: usize| {
            let p = self.p[link][lane];
            if state.status[link][lane].is_shut() || p == 0.0 {
                return 0.0;
            }
            let (from, to) = (plan.from[link] as usize, plan.to[link] as usize);
            let drop = state.heads[from][lane] - state.heads[to][lane];
            (drop - self.y[link][lane] / p).abs()
        };
        (0..self.p.len()).map(error).fold(0.0, f64::max)
    }

    /// Conductances and corrections of all links under the present flows.
    #[inline(always)]
    fn link_coefficients(&mut self, state: &State<L>) {
        if self.stale {
            self.look_again(state);
        }
        let plan = &*self.plan;
        let options = &plan.network.options;
        if options.headloss == Headloss::DarcyWeisbach {
            self.darcy_weisbach(state);
        } else {
            let flat = options.slope_tolerance;
            let flows = state.flows.as_flattened();
            let pipes = (self.friction.as_flattened(), self.minor.as_flattened());
            let found = (self.p.as_flattened_mut(), self.y.as_flattened_mut());
            // Each exponent has a loop of its own.
            if plan.exponent == 2.0 {
                coefficients::power_law(flows, pipes, 2.0, flat, found);
            } else {
                coefficients::power_law(flows, pipes, 1.852, flat, found);
            }
        }
        for place in 0..self.shut.len() {
            let link = self.shut[place] as usize;
            for lane in 0..L {
                if state.status[link][lane].is_shut() {
                    self.set(
                        link,
                        lane,
                        coefficients::Coefficients::closed(state.flows[link][lane]),
                    );
                }
            }
        }
        self.machines(state);
    }

    #[inline(always)]
    fn set(&mut self, link: usize, lane: usize, found: coefficients::Coefficients) {
        self.p[link][lane] = found.p;
        self.y[link][lane] = found.y;
    }

    #[inline(never)]
    fn darcy_weisbach(&mut self, state: &State<L>) {
        let plan = Arc::clone(&self.plan);
        let nu = plan.network.options.viscosity;
        for (index, link) in plan.network.links.iter().enumerate() {
            let LinkKind::Pipe(pipe) = &link.kind else {
                continue;
            };
            let (r, m) = (plan.friction[index], plan.minor[index]);
            for lane in 0..L {
                let flow = state.flows[index][lane];
                let found =
                    coefficients::darcy_weisbach(flow, r, m, pipe.diameter, pipe.roughness, nu);
                self.set(index, lane, found);
            }
        }
    }

    /// Finds the links that are shut and the emitters that are open in any lane.
    #[cold]
    #[inline(never)]
    fn look_again(&mut self, state: &State<L>) {
        let places = |wanted: &dyn Fn(usize) -> bool, count: usize| -> Vec<u32> {
            (0..count)
                .filter(|&place| wanted(place))
                .map(|place| place as u32)
                .collect()
        };
        self.shut = places(
            &|link| state.status[link].iter().any(|status| status.is_shut()),
            state.status.len(),
        );
        self.open_emitters = places(
            &|row| state.emitters[row].iter().any(|k| *k > 0.0),
            state.emitters.len(),
        );
        self.stale = false;
    }

    /// True where consumers' demands depend on pressure.
    fn is_pressure_driven(&self) -> Option<(f64, f64, f64)> {
        match self.plan.network.options.demand_model {
            DemandModel::Fixed => None,
            DemandModel::PressureDriven {
                minimum,
                required,
                exponent,
            } => Some((minimum, required - minimum, 1.0 / exponent)),
        }
    }
}

/// A solver with the members that it works on.
struct Work<'a, const L: usize> {
    solver: &'a mut Solver<L>,
    state: &'a mut State<L>,
}

/// A trial, to be run with the widest vectors that there are.
struct Dispatched<'a, 'b, const L: usize>(&'b mut Work<'a, L>);

impl<const L: usize> pulp::NullaryFnOnce for Dispatched<'_, '_, L> {
    type Output = Trial<L>;

    #[inline(always)]
    fn call(self) -> Trial<L> {
        self.0.trial()
    }
}

impl<const L: usize> Work<'_, L> {
    #[inline(always)]
    fn trial(&mut self) -> Trial<L> {
        let Self { solver, state } = self;
        solver.link_coefficients(state);
        solver.assemble(state);
        let plan = Arc::clone(&solver.plan);
        let failed = solver.factor.solve(&plan.structure, &mut solver.unknowns);
        let mut moves = state.active;
        for lane in 0..L {
            moves[lane] &= failed[lane].is_none();
        }
        for (head, solved) in state.heads.iter_mut().zip(&solver.unknowns) {
            for lane in 0..L {
                head[lane] = if moves[lane] {
                    solved[lane]
                } else {
                    head[lane]
                };
            }
        }
        let (change, largest) = solver.update_flows(state, &moves);
        Trial {
            change,
            largest,
            failed,
        }
    }
}

/// The loss coefficient `k` of a fitting of `diameter`, m, as a factor on the flow squared,
/// m per (m³/s)², with the digits of EPANET 2.2.
pub(super) fn fitting(k: f64, diameter: f64) -> f64 {
    let feet = diameter / FOOT;
    0.02517 * k / (feet * feet) / (feet * feet) * FOOT / (CFS * CFS)
}
