//! A network over time: solves, and what happens between them, for `L` members at once.
//!
//! ```text
//! solve at t ──► flows hold until the next event ──► tanks move on, time is the event's ──► solve
//! ```
//!
//! Events are those of EPANET 2.2, at its instants: the hydraulic step, the next pattern
//! period, the next report, a tank that is full or empty, a control, a rule. Instants are whole
//! seconds since the start of the simulation.
//!
//! Members advance independently: a trial moves all that are at work on one, wherever in time
//! they are, and a member that has settled goes on to its next event at once.

mod controls;
mod demands;
mod energy;
mod member;
mod rules;
mod saving;
mod settling;
mod timing;

use std::sync::Arc;

pub use energy::{PumpDuty, PumpEnergy};
pub use member::{Inputs, Member};

use super::network::{Network, Status};
use super::solver::{NO_FLOW, Plan, Solver, State};

/// How a solve went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SolveReport {
    /// Linear systems solved.
    pub trials: u32,
    /// Total change of flows in the last one, as a share of their total.
    pub change: f64,
    /// The change is small enough, and no status changed any more.
    pub balanced: bool,
}

/// Why a member cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SolveFailure {
    /// The equations have no single answer at this node.
    Singular {
        /// The node.
        node: usize,
    },
    /// Flows did not settle, and the network's options say to stop then.
    Unbalanced {
        /// When, s.
        time: i64,
    },
}

/// What members did so far, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Instants solved for.
    pub solves: u64,
    /// Linear systems solved.
    pub trials: u64,
    /// Solves that did not settle.
    pub unbalanced: u64,
}

/// `L` members of one network.
#[derive(Clone, Debug)]
pub struct Simulation<const L: usize = 1> {
    solver: Solver<L>,
    state: State<L>,
    members: Vec<Member>,
}

impl<const L: usize> Simulation<L> {
    /// Members at time 0, in the network's initial state.
    pub fn with_plan(plan: &Arc<Plan>) -> Self {
        let mut simulation = Self {
            solver: Solver::new(Arc::clone(plan)),
            state: State::new(plan),
            members: (0..L).map(|_| Member::new(plan)).collect(),
        };
        for lane in 0..L {
            simulation.reset(lane);
        }
        simulation
    }

    /// The network.
    pub fn network(&self) -> &Arc<Network> {
        &self.plan().network
    }

    /// What is known of the network before any time has passed.
    pub fn plan(&self) -> &Arc<Plan> {
        self.solver.plan()
    }

    /// A member.
    pub fn member(&self, lane: usize) -> &Member {
        &self.members[lane]
    }

    /// Puts a member back to time 0 and the initial state, with the inputs as they are.
    pub fn reset(&mut self, lane: usize) {
        let plan = Arc::clone(self.plan());
        let state = &mut self.state;
        self.members[lane].reset(&plan);
        for link in 0..plan.network.links.len() {
            let (status, setting) = plan.initial(link);
            state.status[link][lane] = status;
            state.setting[link][lane] = setting.unwrap_or(0.0);
            state.fixed[link][lane] = setting.is_none();
            state.flows[link][lane] = if status.is_shut() {
                NO_FLOW
            } else {
                plan.first_flow(link, setting.unwrap_or(1.0))
            };
        }
        for (node, junction) in plan.network.junctions.iter().enumerate() {
            let row = plan.rows[node] as usize;
            state.emitters[row][lane] =
                self.members[lane].emitter(&plan.network, node, junction.emitter);
            state.leakage[row][lane] = member::first_leakage(state.emitters[row][lane]);
        }
        for inflow in &mut state.inflows {
            inflow[lane] = 0.0;
        }
        state.active[lane] = false;
        state.switched[lane] = true;
        state.relaxation[lane] = 1.0;
        self.place_tanks(lane);
        self.solver.forget();
    }

    /// Brings every member to its instant in `targets`, s, or to where it fails: afterwards
    /// flows and heads are those that hold at that instant.
    ///
    /// A member that failed before is left alone, and so is one whose target is the beginning of
    /// all time.
    pub fn advance(&mut self, targets: &[i64; L]) {
        loop {
            for (lane, &target) in targets.iter().enumerate() {
                if !self.state.active[lane] && target > i64::MIN {
                    self.proceed(lane, target);
                }
            }
            if self.state.active == [false; L] {
                return;
            }
            self.try_once();
        }
    }

    /// One trial of all members at work, and what follows from it.
    fn try_once(&mut self) {
        let trial = self.solver.trial(&mut self.state);
        for lane in 0..L {
            if self.state.active[lane] {
                self.judge(lane, &trial);
            }
        }
    }

    /// What members did so far.
    pub fn effort(&self) -> Effort {
        let mut sum = Effort::default();
        for member in &self.members {
            sum.solves += member.effort.solves;
            sum.trials += member.effort.trials;
            sum.unbalanced += member.effort.unbalanced;
        }
        sum
    }

    /// Head of `node`, m above datum; of a tank at the last instant that was looked at.
    pub fn head_in(&self, node: usize, lane: usize) -> f64 {
        self.state.heads[self.plan().rows[node] as usize][lane]
    }

    /// Flow of `link`, m³/s; none where it is shut.
    pub fn flow_in(&self, link: usize, lane: usize) -> f64 {
        if self.state.status[link][lane].is_shut() {
            0.0
        } else {
            self.state.flows[link][lane]
        }
    }

    /// Status of `link`.
    pub fn status_in(&self, link: usize, lane: usize) -> Status {
        self.state.status[link][lane]
    }

    /// Speed or setting of `link`, SI; `None` of pipes and of valves fixed open or closed.
    pub fn setting_in(&self, link: usize, lane: usize) -> Option<f64> {
        (!self.state.fixed[link][lane]).then(|| self.state.setting[link][lane])
    }

    /// What `node` draws from the network, m³/s: demand and emitter of a junction, net inflow of
    /// a reservoir or tank.
    pub fn demand_in(&self, node: usize, lane: usize) -> f64 {
        let row = self.plan().rows[node] as usize;
        match row.checked_sub(self.plan().unknowns()) {
            Some(fixed) => self.state.inflows[fixed][lane],
            None => self.state.delivered[row][lane] + self.leakage_in(node, lane),
        }
    }

    /// True of a node that no open link joins, directly or not, to a source; only looked for where
    /// such consumers get nothing.
    pub fn is_cut_off_in(&self, node: usize, lane: usize) -> bool {
        self.members[lane].cut_off[self.plan().rows[node] as usize]
    }

    /// What consumers at junction `node` ask for, m³/s.
    pub fn asked_in(&self, node: usize, lane: usize) -> f64 {
        self.state.demands[self.plan().rows[node] as usize][lane]
    }

    /// What runs out through the emitter at junction `node`, m³/s.
    pub fn leakage_in(&self, node: usize, lane: usize) -> f64 {
        let row = self.plan().rows[node] as usize;
        if self.state.emitters[row][lane] > 0.0 {
            self.state.leakage[row][lane]
        } else {
            0.0
        }
    }

    /// Net inflow of tank `index`, m³/s.
    pub fn inflow_in(&self, index: usize, lane: usize) -> f64 {
        let network = self.network();
        self.state.inflows[network.reservoirs.len() + index][lane]
    }
}

impl Simulation<1> {
    /// One member at time 0, in the network's initial state.
    pub fn new(network: Arc<Network>) -> Self {
        Self::with_plan(&Arc::new(Plan::new(network)))
    }

    /// The instant of the last or the next solve, s.
    pub fn time(&self) -> i64 {
        self.members[0].time()
    }

    /// Solves for the present instant.
    pub fn solve(&mut self) -> Result<SolveReport, SolveFailure> {
        self.begin(0);
        while self.state.active[0] {
            self.try_once();
        }
        let member = &self.members[0];
        match member.failure {
            // The answer stands, though there will be no next step.
            None | Some(SolveFailure::Unbalanced { .. }) => Ok(member.report),
            Some(failure) => Err(failure),
        }
    }

    /// Goes on to the next event; the length of the step, s: 0 when the duration is over.
    #[expect(
        clippy::should_implement_trait,
        reason = "the toolkit's word for it; members are no iterators"
    )]
    pub fn next(&mut self) -> i64 {
        let from = self.time();
        if from >= self.network().times.duration || self.members[0].failure.is_some() {
            return 0;
        }
        self.finish_period(0, i64::MAX);
        self.time() - from
    }

    /// Head of `node`, m above datum.
    pub fn head(&self, node: usize) -> f64 {
        self.head_in(node, 0)
    }

    /// Flow of `link`, m³/s; none where it is shut.
    pub fn flow(&self, link: usize) -> f64 {
        self.flow_in(link, 0)
    }

    /// Flow of `link` in the equations, m³/s: one that is shut still seeps a billionth of its head
    /// difference.
    pub fn raw_flow(&self, link: usize) -> f64 {
        self.state.flows[link][0]
    }

    /// Status of `link`.
    pub fn status(&self, link: usize) -> Status {
        self.status_in(link, 0)
    }

    /// Speed or setting of `link`, SI; `None` of pipes and of valves fixed open or closed.
    pub fn setting(&self, link: usize) -> Option<f64> {
        self.setting_in(link, 0)
    }

    /// What `node` draws from the network, m³/s.
    pub fn demand(&self, node: usize) -> f64 {
        self.demand_in(node, 0)
    }

    /// Level of tank `index`, m above its bottom.
    pub fn tank_level(&self, index: usize) -> f64 {
        let network = self.network();
        self.head(network.tank_node(index)) - network.tanks[index].bottom
    }

    /// What pump `link` has used so far.
    pub fn energy(&self, link: usize) -> PumpEnergy {
        let place = self.plan().pumps.binary_search(&(link as u32));
        place.map_or_else(
            |_| PumpEnergy::default(),
            |pump| self.members[0].energy[pump],
        )
    }
}
