//! The filter house: beds that clog, and one backwash line that they queue for.
//!
//! ```text
//! filtering ─limit─► waiting ─line free─► draining ─► air scour ─► rinsing ─► ripening ─► filtering
//!     └────────────── service taken away: out of service, and back again ──────────────┘
//! ```
//!
//! A waiting bed filters on. First come, first washed; the line is free again when the
//! rinse ends. What a valve is told is a function of its bed's state.

use std::collections::VecDeque;

use super::agenda::{Agenda, Event};
use super::bed::{Deposit, Design};
use super::dice::{Dice, Spread};
use super::spec::FiltersSpec;
use crate::models::ModelState;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::wiring::Wiring;
use crate::time::Timestamp;
use crate::units::Quantity;

/// What a bed is doing; the value of its port `state` is the place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Filtering,
    Waiting,
    Draining,
    AirScour,
    Rinsing,
    Ripening,
    OutOfService,
}

const PHASES: [Phase; 7] = [
    Phase::Filtering,
    Phase::Waiting,
    Phase::Draining,
    Phase::AirScour,
    Phase::Rinsing,
    Phase::Ripening,
    Phase::OutOfService,
];

impl Phase {
    fn from_value(value: f64) -> Option<Self> {
        let place = value.round();
        (place >= 0.0)
            .then(|| PHASES.get(place as usize).copied())
            .flatten()
    }

    /// Water passes to the clearwell.
    fn delivers(self) -> bool {
        matches!(self, Self::Filtering | Self::Waiting)
    }

    /// The backwash line is taken.
    fn holds_line(self) -> bool {
        matches!(self, Self::Draining | Self::AirScour | Self::Rinsing)
    }
}

/// All beds of the works.
#[derive(Clone, Debug)]
pub(super) struct Filters {
    design: Design,
    source: usize,
    settled: f64,
    limits: Limits,
    wash: Wash,
    wash_water: Option<usize>,
    combined: Option<usize>,
    beds: Vec<Bed>,
    queue: VecDeque<usize>,
    /// Turbidity that comes to the beds in this step, NTU.
    incoming: f64,
}

#[derive(Clone, Debug)]
struct Limits {
    headloss: f64,
    turbidity: f64,
    age: f64,
}

#[derive(Clone, Debug)]
struct Wash {
    drain: Spread,
    air: Spread,
    rinse: Spread,
    ripen: Spread,
}

#[derive(Clone, Debug)]
struct Bed {
    ports: BedPorts,
    phase: Phase,
    deposit: Deposit,
    /// Time since its last wash, s.
    run_time: f64,
}

#[derive(Clone, Copy, Debug)]
struct BedPorts {
    flow: usize,
    service: usize,
    position: usize,
    state: usize,
    headloss: usize,
    turbidity: usize,
    run_time: usize,
}

impl Filters {
    pub(super) fn compile(
        spec: &FiltersSpec,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let entry = Entry::new(["filters".into()], "the filters");
        let limits = Entry::new(["filters".into(), "limits".into()], "the filters' limits");
        let wash = Entry::new(["filters".into(), "wash".into()], "the filters' wash");
        let beds = spec.beds.iter().enumerate().map(|(index, bed)| {
            let entry = entry.part("beds").part(index);
            Bed {
                ports: BedPorts::compile(&bed.tag, &bed.valve, &entry, wiring, reader),
                phase: Phase::Filtering,
                deposit: Deposit::default(),
                run_time: 0.0,
            }
        });
        let beds: Vec<Bed> = beds.collect();
        if beds.is_empty() {
            reader.problem(
                &entry,
                "beds",
                "there is no filter bed",
                "name at least one",
            );
        }
        let settled = spec.settled;
        let share = (0.0..=1.0).contains(&settled);
        let (source, turbidity) = ((&entry, "source"), Quantity::Turbidity);
        let at = &spec.limits;
        Self {
            design: Design::compile(spec, &entry, reader),
            source: wiring.read(source, &spec.source, turbidity, None, reader),
            settled: reader.checked(&entry, "settled", settled, share, "0 to 1"),
            limits: Limits {
                headloss: reader.positive(&limits, "headloss", &at.headloss, Quantity::Length),
                turbidity: reader.positive(&limits, "turbidity", &at.turbidity, turbidity),
                age: reader.positive_span(&limits, "age", &at.age),
            },
            wash: Wash {
                drain: Spread::compile(&spec.wash.drain, &wash, "drain", reader),
                air: Spread::compile(&spec.wash.air, &wash, "air", reader),
                rinse: Spread::compile(&spec.wash.rinse, &wash, "rinse", reader),
                ripen: Spread::compile(&spec.wash.ripen, &wash, "ripen", reader),
            },
            wash_water: spec.wash_water.as_ref().map(|signal| {
                wiring.write(
                    (&entry, "wash_water"),
                    signal,
                    Quantity::Number,
                    None,
                    reader,
                )
            }),
            combined: spec
                .combined
                .as_ref()
                .map(|signal| wiring.write((&entry, "combined"), signal, turbidity, None, reader)),
            beds,
            queue: VecDeque::new(),
            incoming: 0.0,
        }
    }

    /// Takes the inputs of a step. A source that a scenario holds is taken as it is held.
    pub(super) fn take_inputs(&mut self, values: &[f64]) {
        self.incoming = self.settled * values[self.source];
    }

    /// How many beds there are.
    pub(super) fn count(&self) -> usize {
        self.beds.len()
    }

    /// Takes over what is known; beds of which nothing is known are spread over their runs.
    pub(super) fn initialise(
        &mut self,
        at: Timestamp,
        known: &[Option<f64>],
        values: &mut [f64],
        agenda: &mut Agenda,
        dice: &mut Dice,
    ) {
        self.take_inputs(values);
        self.queue.clear();
        let count = self.beds.len();
        for index in 0..count {
            let bed = &mut self.beds[index];
            let ports = bed.ports;
            let share = (index as f64 + 0.5) / count as f64;
            let flow = values[ports.flow];
            let seen = known[ports.headloss].and_then(|headloss| self.design.seen(headloss, flow));
            bed.deposit = seen.unwrap_or(self.design.used(0.9 * share));
            bed.run_time = known[ports.run_time]
                .unwrap_or(0.6 * share * self.limits.age)
                .max(0.0);
            let phase = known[ports.state].and_then(Phase::from_value);
            match phase.unwrap_or(Phase::Filtering) {
                Phase::Waiting => {
                    bed.phase = Phase::Waiting;
                    self.queue.push_back(index);
                }
                phase @ (Phase::Filtering | Phase::OutOfService) => bed.phase = phase,
                phase => self.enter(index, phase, at, agenda, dice),
            }
        }
        self.serve(at, agenda, dice);
        self.write(values);
    }

    /// Lets the beds filter for `secs` under the flows in `values`.
    pub(super) fn advance(&mut self, secs: f64, values: &[f64]) {
        for bed in &mut self.beds {
            let flow = match bed.phase {
                Phase::Filtering | Phase::Waiting => values[bed.ports.flow],
                Phase::Ripening => self.design.design_flow(),
                Phase::OutOfService => 0.0,
                Phase::Draining | Phase::AirScour | Phase::Rinsing => continue,
            };
            self.design
                .filter(&mut bed.deposit, flow, self.incoming, secs);
            if bed.phase.delivers() {
                bed.run_time += secs;
            }
        }
    }

    /// Looks at limits and at what was taken out of service or given back.
    pub(super) fn look(
        &mut self,
        at: Timestamp,
        values: &[f64],
        agenda: &mut Agenda,
        dice: &mut Dice,
    ) {
        for index in 0..self.beds.len() {
            let bed = &mut self.beds[index];
            let serves = values[bed.ports.service] >= 0.5;
            match bed.phase {
                Phase::OutOfService if serves => bed.phase = Phase::Filtering,
                Phase::OutOfService => {}
                _ if !serves => {
                    bed.phase = Phase::OutOfService;
                    self.queue.retain(|waiting| *waiting != index);
                    agenda.cancel(Event::PhaseEnds { bed: index });
                }
                Phase::Filtering => {
                    let flow = values[bed.ports.flow];
                    let dirty = self.design.headloss(&bed.deposit, flow) >= self.limits.headloss
                        || self.design.filtrate(&bed.deposit, self.incoming)
                            >= self.limits.turbidity
                        || bed.run_time >= self.limits.age;
                    if dirty {
                        bed.phase = Phase::Waiting;
                        self.queue.push_back(index);
                    }
                }
                _ => {}
            }
        }
        self.serve(at, agenda, dice);
    }

    /// Ends the phase of `bed`'s wash and begins the next.
    pub(super) fn end_phase(
        &mut self,
        bed: usize,
        at: Timestamp,
        agenda: &mut Agenda,
        dice: &mut Dice,
    ) {
        match self.beds[bed].phase {
            Phase::Draining => self.enter(bed, Phase::AirScour, at, agenda, dice),
            Phase::AirScour => self.enter(bed, Phase::Rinsing, at, agenda, dice),
            Phase::Rinsing => {
                self.beds[bed].deposit = Deposit::default();
                self.beds[bed].run_time = 0.0;
                self.enter(bed, Phase::Ripening, at, agenda, dice);
                self.serve(at, agenda, dice);
            }
            Phase::Ripening => self.beds[bed].phase = Phase::Filtering,
            Phase::Filtering | Phase::Waiting | Phase::OutOfService => {}
        }
    }

    /// Writes the state of every bed.
    pub(super) fn write(&self, values: &mut [f64]) {
        let (mut turbid, mut total) = (0.0, 0.0);
        for bed in &self.beds {
            let ports = bed.ports;
            let delivers = bed.phase.delivers();
            let flow = if delivers {
                values[ports.flow].max(0.0)
            } else {
                0.0
            };
            let filtrate = self.design.filtrate(&bed.deposit, self.incoming);
            values[ports.state] = bed.phase as u8 as f64;
            values[ports.position] = if delivers { 1.0 } else { 0.0 };
            values[ports.headloss] = self.design.headloss(&bed.deposit, flow);
            values[ports.turbidity] = filtrate;
            values[ports.run_time] = bed.run_time;
            turbid += flow * filtrate;
            total += flow;
        }
        if let Some(port) = self.wash_water {
            let rinsing = self.beds.iter().any(|bed| bed.phase == Phase::Rinsing);
            values[port] = if rinsing { 1.0 } else { 0.0 };
        }
        if let Some(port) = self.combined {
            // With no flow the meter sees the water that stands in the pipe.
            let ripe = self.design.filtrate(&self.design.used(0.5), self.incoming);
            values[port] = if total > 1e-9 { turbid / total } else { ripe };
        }
    }

    /// Begins the next wash if the line is free.
    fn serve(&mut self, at: Timestamp, agenda: &mut Agenda, dice: &mut Dice) {
        if self.beds.iter().any(|bed| bed.phase.holds_line()) {
            return;
        }
        if let Some(bed) = self.queue.pop_front() {
            self.enter(bed, Phase::Draining, at, agenda, dice);
        }
    }

    fn enter(
        &mut self,
        bed: usize,
        phase: Phase,
        at: Timestamp,
        agenda: &mut Agenda,
        dice: &mut Dice,
    ) {
        let spread = match phase {
            Phase::Draining => &self.wash.drain,
            Phase::AirScour => &self.wash.air,
            Phase::Rinsing => &self.wash.rinse,
            _ => &self.wash.ripen,
        };
        self.beds[bed].phase = phase;
        agenda.plan(at.plus_secs(dice.span(spread)), Event::PhaseEnds { bed });
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        for bed in &self.beds {
            state.integers.push(bed.phase as i64);
            state
                .reals
                .extend([bed.deposit.load, bed.deposit.height, bed.run_time]);
        }
        state.integers.push(self.queue.len() as i64);
        state
            .integers
            .extend(self.queue.iter().map(|bed| *bed as i64));
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        for bed in &mut self.beds {
            bed.phase = *PHASES.get(saved.count(PHASES.len())?)?;
            bed.deposit.load = saved.real()?;
            bed.deposit.height = saved.real()?;
            bed.run_time = saved.real()?;
        }
        self.queue.clear();
        for _ in 0..saved.count(self.beds.len())? {
            self.queue.push_back(saved.count(self.beds.len() - 1)?);
        }
        Some(())
    }
}

impl BedPorts {
    fn compile(
        tag: &str,
        valve: &str,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let (bed, inlet) = ((entry, "tag"), (entry, "valve"));
        let number = Quantity::Number;
        let of_bed = |signal: &str| format!("{tag}.{signal}");
        let (flow, position) = (format!("{valve}.flow"), format!("{valve}.position"));
        Self {
            flow: wiring.read(inlet, &flow, Quantity::VolumeFlow, Some(0.0), reader),
            service: wiring.read(bed, &of_bed("service"), number, Some(1.0), reader),
            position: wiring.write(inlet, &position, number, None, reader),
            state: wiring.write(bed, &of_bed("state"), number, Some(0.0), reader),
            headloss: wiring.write(
                bed,
                &of_bed("headloss"),
                Quantity::Length,
                Some(0.0),
                reader,
            ),
            turbidity: wiring.write(bed, &of_bed("turbidity"), Quantity::Turbidity, None, reader),
            run_time: wiring.write(bed, &of_bed("run_time"), Quantity::Time, Some(0.0), reader),
        }
    }
}
