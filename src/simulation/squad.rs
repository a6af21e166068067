//! Several members of one future, stepped together: the models under a scenario.

use std::sync::Arc;
use std::time::Duration;

use super::{RunError, RunPlan, RunTotals, draws};
use crate::models::{
    Causality, ModelError, ModelGroup, ModelState, Seed, Start, StepReport, StepSpan,
};
use crate::population::{PopulationFrame, PopulationId, PopulationMove};
use crate::scene::{Effect, ForcingSource, Override};
use crate::signal::SignalId;
use crate::time::Timestamp;

/// The longest communication step: how often models exchange values.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(60);

/// Members that go through time side by side, each on its own blackboard.
///
/// Models may compute them together; the numbers of a member do not depend on who the others
/// are. A member that fails stays where it failed, and the others go on.
pub(super) struct Squad {
    plan: Arc<RunPlan>,
    models: Vec<Box<dyn ModelGroup>>,
    members: Vec<Member>,
    now: Timestamp,
    place: u64,
}

/// One member of a squad.
pub(super) struct Member {
    number: u32,
    /// What models wrote, before overrides; by slot.
    raw: Vec<f64>,
    /// What the plant shows, after overrides; by slot.
    board: Vec<f64>,
    /// Overrides, faults and this member's uncertain factors.
    effects: Vec<Override>,
    /// The states that start elsewhere in this member.
    starts: Vec<(SignalId, f64)>,
    /// The slots that have effects.
    affected: Vec<usize>,
    /// One model's ports, reused.
    ports: Vec<f64>,
    totals: RunTotals,
    failure: Option<RunError>,
}

/// What one member has that the plan does not say.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberChange {
    /// What is done to the plant, before what the scenario does.
    pub(super) effects: Vec<Override>,
    /// Where states start, SI.
    pub(super) starts: Vec<(SignalId, f64)>,
}

/// The whole state of one member.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SavedMember {
    models: Vec<ModelState>,
    raw: Vec<f64>,
    board: Vec<f64>,
}

impl Squad {
    /// Starts the members `numbers` of `plan`: afterwards the values are those of the analysis
    /// time.
    pub(super) fn start(plan: Arc<RunPlan>, numbers: std::ops::Range<u32>) -> Self {
        let unchanged = MemberChange::default();
        let members = numbers.map(|number| Member::new(&plan, number, &unchanged));
        Self::of(members.collect(), &plan)
    }

    /// Starts a member for each of `changes`. All of them draw the random numbers of member 0, so
    /// that nothing but the changes keeps them apart.
    pub(super) fn start_changed(plan: Arc<RunPlan>, changes: &[MemberChange]) -> Self {
        let members = changes.iter().map(|change| Member::new(&plan, 0, change));
        Self::of(members.collect(), &plan)
    }

    fn of(members: Vec<Member>, plan: &Arc<RunPlan>) -> Self {
        let plant = &plan.plant;
        let group = |placed: &super::plant::PlacedModel| placed.prototype.group(members.len());
        let mut squad = Self {
            models: plant.placed.iter().map(group).collect(),
            members,
            now: plan.initial.at(),
            place: 0,
            plan: Arc::clone(plan),
        };
        squad.initialise();
        squad
    }

    /// Goes on to the next output. False if the horizon was reached before.
    pub(super) fn step(&mut self) -> bool {
        if self.place + 1 >= self.plan.outputs() {
            return false;
        }
        self.advance_to(self.plan.output_at(self.place + 1));
        self.place += 1;
        true
    }

    /// Goes on to any later instant, past the horizon as well, from exchange to exchange.
    pub(super) fn advance_to(&mut self, to: Timestamp) {
        let from = self.now;
        let span = to.since(from);
        let mut begin = Duration::ZERO;
        while begin < span {
            let end = self.exchange_end(from, begin, span);
            self.exchange(StepSpan {
                at: from + begin,
                dt: end - begin,
            });
            self.now = from + end;
            begin = end;
        }
    }

    /// Where the exchange ends that begins `begin` after `from`, on the way to `span` after it.
    ///
    /// Several models exchange values every minute at most, in equal steps. One model alone
    /// need not stop but where the scenario changes something.
    fn exchange_end(&self, from: Timestamp, begin: Duration, span: Duration) -> Duration {
        let plant = &self.plan.plant;
        let start = self.plan.initial.at();
        let offset = from.since(start);
        let mut end = span;
        if plant.placed.len() == 1 && plant.connections.is_empty() {
            for effect in self.members.iter().flat_map(|member| &member.effects) {
                let ramp_end = effect.from + effect.ramp;
                for edge in effect.edges() {
                    if let Some(edge) = edge.checked_sub(offset)
                        && edge > begin
                    {
                        end = end.min(edge);
                    }
                }
                let ramps = (offset + begin >= effect.from) && offset + begin < ramp_end;
                if ramps || matches!(effect.effect, Effect::Follow(_)) {
                    end = end.min(begin + LONGEST_EXCHANGE);
                }
            }
            return end;
        }
        let exchanges = span.as_nanos().div_ceil(LONGEST_EXCHANGE.as_nanos());
        let exchanges = u32::try_from(exchanges).unwrap_or(u32::MAX).max(1);
        let next = (1..=exchanges).map(|exchange| span * exchange / exchanges);
        next.into_iter().find(|end| *end > begin).unwrap_or(span)
    }

    /// The instant of the present values.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// The output that the present values are of, counted from 0.
    pub(super) fn place(&self) -> u64 {
        self.place
    }

    /// A member, counted from the first of the squad.
    pub(super) fn member(&self, index: usize) -> &Member {
        &self.members[index]
    }

    /// Every member.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Who of population `population` is where now in member `index`.
    pub(super) fn population(&self, index: usize, population: PopulationId) -> PopulationFrame {
        let place = self.plan.plant.population_places.get(population.0 as usize);
        let rows = place.map(|(model, place)| self.models[*model].population(index, *place));
        PopulationFrame::new(self.now, rows.unwrap_or_default())
    }

    /// Notes from now on who moves from place to place in member `index`.
    pub(super) fn note_moves(&mut self, index: usize) {
        for model in &mut self.models {
            model.note_moves(index);
        }
    }

    /// Who of population `population` moved in member `index` since this was asked last.
    pub(super) fn take_moves(
        &mut self,
        index: usize,
        population: PopulationId,
    ) -> Vec<PopulationMove> {
        let place = self.plan.plant.population_places.get(population.0 as usize);
        let moves = place.map(|(model, place)| self.models[*model].take_moves(index, *place));
        moves.unwrap_or_default()
    }

    /// The whole state of a member: enough to go on from, bit for bit.
    pub(super) fn save(&self, index: usize) -> SavedMember {
        let member = &self.members[index];
        SavedMember {
            models: self.models.iter().map(|model| model.save(index)).collect(),
            raw: member.raw.clone(),
            board: member.board.clone(),
        }
    }

    /// Brings a squad of one back to a saved state, `now` and at output `place`.
    pub(super) fn restore(
        &mut self,
        saved: &SavedMember,
        now: Timestamp,
        place: u64,
    ) -> Result<(), RunError> {
        let member = &mut self.members[0];
        for (model, state) in self.models.iter_mut().zip(&saved.models) {
            model.restore(0, state).map_err(|cause| RunError::Model {
                member: member.number,
                secs: 0.0,
                cause,
            })?;
        }
        member.raw.clone_from(&saved.raw);
        member.board.clone_from(&saved.board);
        member.failure = None;
        (self.now, self.place) = (now, place);
        Ok(())
    }

    fn initialise(&mut self) {
        let plan = Arc::clone(&self.plan);
        for index in 0..self.models.len() {
            let placed = &plan.plant.placed[index];
            let known = |member: &Member| {
                let wires = placed.wires.iter();
                wires
                    .map(|wire| member.known(&plan, wire.slot))
                    .collect::<Vec<_>>()
            };
            let known: Vec<_> = self.members.iter().map(known).collect();
            let seeds = self.members.iter().map(|member| Seed {
                run: plan.seed,
                member: member.number,
                model: index as u32,
            });
            let starts = known.iter().zip(seeds);
            let starts: Vec<_> = starts
                .map(|(known, seed)| Start {
                    at: plan.initial.at(),
                    known,
                    seed,
                })
                .collect();
            let group = &mut self.models[index];
            let done = with_ports(&mut self.members, &plan, index, |ports, _| {
                group.initialise(&starts, ports)
            });
            self.finish(index, done, 0.0);
        }
    }

    /// Steps every model once, in order, and copies connections.
    fn exchange(&mut self, span: StepSpan) {
        let plan = Arc::clone(&self.plan);
        let start = plan.initial.at();
        let (begin, end) = (span.at.secs_since(start), span.end().secs_since(start));
        for member in self
            .members
            .iter_mut()
            .filter(|member| member.failure.is_none())
        {
            for place in 0..member.affected.len() {
                member.show(member.affected[place], begin);
            }
        }
        for index in 0..self.models.len() {
            let group = &mut self.models[index];
            let done = with_ports(&mut self.members, &plan, index, |ports, alive| {
                group.step(span, ports, alive)
            });
            self.finish(index, done, end);
        }
    }

    fn finish(&mut self, index: usize, done: Vec<Result<StepReport, ModelError>>, secs: f64) {
        for (member, done) in self.members.iter_mut().zip(done) {
            if member.failure.is_none() {
                member.failure = member.finish(&self.plan, index, done, secs).err();
            }
        }
    }
}

/// Gathers the ports of model `index` of every member, and lends them to `work` with who is
/// still going.
fn with_ports<R>(
    members: &mut [Member],
    plan: &RunPlan,
    index: usize,
    work: impl FnOnce(&mut [&mut [f64]], &[bool]) -> R,
) -> R {
    let alive: Vec<bool> = members
        .iter()
        .map(|member| member.failure.is_none())
        .collect();
    let wires = &plan.plant.placed[index].wires;
    for member in &mut *members {
        member.ports.clear();
        member
            .ports
            .extend(wires.iter().map(|wire| member.board[wire.slot]));
    }
    let mut ports: Vec<&mut [f64]> = members
        .iter_mut()
        .map(|member| member.ports.as_mut_slice())
        .collect();
    work(&mut ports, &alive)
}

impl Member {
    fn new(plan: &RunPlan, number: u32, change: &MemberChange) -> Self {
        let effects = member_effects(plan, number, &change.effects);
        let drawn = draws::starts(&plan.scenario, plan.seed, number);
        let mut affected: Vec<_> = effects.iter().map(|effect| effect.signal.index()).collect();
        affected.sort_unstable();
        affected.dedup();
        let mut member = Self {
            number,
            raw: vec![0.0; plan.plant.slots],
            board: vec![0.0; plan.plant.slots],
            effects,
            starts: change.starts.iter().copied().chain(drawn).collect(),
            affected,
            ports: Vec::new(),
            totals: RunTotals::default(),
            failure: None,
        };
        member.lay_out(plan);
        member
    }

    /// The present value of a signal, SI.
    pub(super) fn value(&self, signal: SignalId) -> f64 {
        self.board[signal.index()]
    }

    /// What this member did so far.
    pub(super) fn totals(&self) -> &RunTotals {
        &self.totals
    }

    /// Why it could not go on.
    pub(super) fn failure(&self) -> Option<&RunError> {
        self.failure.as_ref()
    }

    /// Puts on the blackboard what is known at the start, and defaults for the rest.
    fn lay_out(&mut self, plan: &RunPlan) {
        for wire in plan.plant.placed.iter().flat_map(|placed| &placed.wires) {
            let known = self.known(plan, wire.slot);
            if let Some(value) = known.or(wire.default) {
                self.raw[wire.slot] = value;
            }
        }
        for (from, to) in &plan.plant.connections {
            self.raw[*to] = self.known(plan, *to).unwrap_or(self.raw[*from]);
        }
        for slot in 0..self.raw.len() {
            self.show(slot, 0.0);
        }
    }

    /// What is known of a slot at the start.
    fn known(&self, plan: &RunPlan, slot: usize) -> Option<f64> {
        let signal = SignalId(u32::try_from(slot).ok()?);
        let own = self.starts.iter().find(|(id, _)| *id == signal);
        own.map(|(_, value)| *value)
            .or_else(|| plan.initial.value(signal))
    }

    /// Takes over what model `index` wrote, `secs` after the start.
    fn finish(
        &mut self,
        plan: &RunPlan,
        index: usize,
        done: Result<StepReport, ModelError>,
        secs: f64,
    ) -> Result<(), RunError> {
        let member = self.number;
        self.totals.add(done.map_err(|cause| RunError::Model {
            member,
            secs,
            cause,
        })?);
        let placed = &plan.plant.placed[index];
        for (place, wire) in placed.wires.iter().enumerate() {
            if wire.causality == Causality::Input {
                continue;
            }
            let value = self.ports[place];
            if !value.is_finite() {
                return Err(RunError::NotFinite {
                    member,
                    secs,
                    model: placed.prototype.name().to_owned(),
                });
            }
            self.raw[wire.slot] = value;
            self.show(wire.slot, secs);
        }
        for (from, to) in &plan.plant.connections {
            self.raw[*to] = self.board[*from];
            self.show(*to, secs);
        }
        Ok(())
    }

    /// Shows a slot's raw value under the scenario, `secs` after the start.
    fn show(&mut self, slot: usize, secs: f64) {
        if self.affected.binary_search(&slot).is_err() {
            self.board[slot] = self.raw[slot];
            return;
        }
        let effects = self
            .effects
            .iter()
            .filter(|effect| effect.signal.index() == slot);
        self.board[slot] = effects.fold(self.raw[slot], |value, effect| effect.apply(value, secs));
    }
}

/// What happens to the plant in this member: the same for all, and its own draws.
fn member_effects(plan: &RunPlan, member: u32, own: &[Override]) -> Vec<Override> {
    let scenario = &plan.scenario;
    let drawn = draws::effects(scenario, plan.seed, member);
    let prescribed = scenario.forcing.iter().filter_map(|forcing| {
        let ForcingSource::Points(points) = &forcing.source else {
            return None; // whoever made the plan has found nothing to follow
        };
        let effect = Effect::Follow(Arc::clone(points));
        Some(Override::always(forcing.signal, effect))
    });
    // What is prescribed is uncertain too; a value that a person sets is the value that holds.
    prescribed
        .chain(own.iter().cloned())
        .chain(drawn)
        .chain(scenario.overrides.clone())
        .chain(scenario.faults.clone())
        .collect()
}
