//! Chlorine on its way: dosed into the clearwell, down the main, into the reservoir.
//!
//! ```text
//! dC/dt = (Q / V) (C_in − C) − k C      a well mixed basin; exact over a step of steady Q and V
//! C'    = C e^(−k Δt)                   a parcel of water in the main
//! ```
//!
//! First-order bulk decay (EPANET 2.2 user manual, section 12.2); the main is in plug
//! flow as a row of parcels, as in EPANET's Lagrangian transport.

use std::collections::VecDeque;

use super::agenda::{Agenda, Event};
use super::day_tank::DayTank;
use super::dice::Dice;
use super::spec::{ChlorineSpec, MainSpec};
use crate::models::ModelState;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::wiring::Wiring;
use crate::time::Timestamp;
use crate::units::Quantity;

/// A basin is never taken as smaller than this, m³: an empty one would react at once.
const LEAST_VOLUME: f64 = 1.0;
/// Parcels with nearly the same chlorine, kg/m³, become one.
const ALIKE: f64 = 2e-6;
/// A row never holds more parcels than this.
const MOST_PARCELS: usize = 1_000;

/// Chlorine from the dosing pump to the service reservoir.
#[derive(Clone, Debug)]
pub(super) struct Chlorine {
    stroke: usize,
    dosed_flow: usize,
    flow: usize,
    volume: usize,
    outlet: usize,
    capacity: f64,
    strength: f64,
    demand: f64,
    decay: f64,
    day_tank: Option<DayTank>,
    main: Option<Main>,
    /// kg/m³ in the clearwell.
    clearwell: f64,
}

/// A main in plug flow, and the reservoir at its end.
#[derive(Clone, Debug)]
struct Main {
    flow: usize,
    volume: usize,
    outlet: usize,
    capacity: f64,
    /// `(m³, kg/m³)`, the newest first.
    parcels: VecDeque<(f64, f64)>,
    /// kg/m³ in the reservoir.
    reservoir: f64,
}

impl Chlorine {
    pub(super) fn compile(
        spec: &ChlorineSpec,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let entry = Entry::new(["chlorine".into()], "the chlorine dosing");
        let (pump, flow) = ((&entry, "pump"), Quantity::VolumeFlow);
        let (stroke, dosed) = (
            format!("{}.stroke", spec.pump),
            format!("{}.flow", spec.pump),
        );
        let half_life = reader.positive_span(&entry, "half_life", &spec.half_life);
        let concentration = Quantity::Concentration;
        let start = Some(0.5e-3);
        Self {
            stroke: wiring.read(pump, &stroke, Quantity::Number, Some(0.5), reader),
            dosed_flow: wiring.write(pump, &dosed, flow, None, reader),
            flow: wiring.read((&entry, "flow"), &spec.flow, flow, None, reader),
            volume: wiring.read(
                (&entry, "clearwell"),
                &spec.clearwell,
                Quantity::Volume,
                None,
                reader,
            ),
            outlet: wiring.write(
                (&entry, "outlet"),
                &spec.outlet,
                concentration,
                start,
                reader,
            ),
            capacity: reader.positive(&entry, "capacity", &spec.capacity, flow),
            strength: reader.positive(&entry, "strength", &spec.strength, concentration),
            demand: reader.value(&entry, "demand", &spec.demand, concentration),
            decay: std::f64::consts::LN_2 / half_life,
            day_tank: (spec.day_tank.as_ref())
                .map(|tank| DayTank::compile(tank, &entry.part("day_tank"), wiring, reader)),
            main: (spec.main.as_ref())
                .map(|main| Main::compile(main, &entry.part("main"), wiring, reader)),
            clearwell: 0.5e-3,
        }
    }

    pub(super) fn initialise(
        &mut self,
        known: &[Option<f64>],
        values: &mut [f64],
        agenda: &mut Agenda,
        dice: &mut Dice,
    ) {
        let told = |place: usize| known[place].filter(|value| value.is_finite() && *value >= 0.0);
        self.clearwell = told(self.outlet).unwrap_or(0.5e-3);
        if let Some(main) = &mut self.main {
            main.reservoir = told(main.outlet).unwrap_or(0.8 * self.clearwell);
            main.parcels = VecDeque::from([(main.capacity, self.clearwell)]);
        }
        if let Some(tank) = &mut self.day_tank {
            tank.initialise(told(tank.port()), agenda, dice);
        }
        self.write(values);
    }

    /// Goes on for `secs` under steady inputs.
    pub(super) fn advance(
        &mut self,
        at: Timestamp,
        secs: f64,
        values: &[f64],
        agenda: &mut Agenda,
        dice: &mut Dice,
    ) {
        let dosed = self.dosed(values);
        if let Some(tank) = &mut self.day_tank {
            tank.draw(at, dosed, secs, agenda, dice);
        }
        let flow = values[self.flow].max(0.0);
        let incoming = if flow > 0.0 {
            (dosed * self.strength / flow - self.demand).max(0.0)
        } else {
            0.0
        };
        let volume = values[self.volume];
        self.clearwell = mix(self.clearwell, flow, incoming, volume, self.decay, secs);
        if let Some(main) = &mut self.main {
            main.advance(self.clearwell, self.decay, secs, values);
        }
    }

    /// The day tank's own events.
    pub(super) fn happen(&mut self, event: Event, at: Timestamp, agenda: &mut Agenda) {
        if let Some(tank) = &mut self.day_tank {
            tank.happen(event, at, agenda);
        }
    }

    pub(super) fn write(&self, values: &mut [f64]) {
        values[self.dosed_flow] = self.dosed(values);
        values[self.outlet] = self.clearwell;
        if let Some(main) = &self.main {
            values[main.outlet] = main.reservoir;
        }
        if let Some(tank) = &self.day_tank {
            tank.write(values);
        }
    }

    /// Solution dosed, m³/s; none from an empty tank.
    fn dosed(&self, values: &[f64]) -> f64 {
        let dry = self.day_tank.as_ref().is_some_and(DayTank::is_empty);
        let stroke = if dry {
            0.0
        } else {
            values[self.stroke].clamp(0.0, 1.0)
        };
        stroke * self.capacity
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        state.reals.push(self.clearwell);
        if let Some(main) = &self.main {
            state.reals.push(main.reservoir);
            state.integers.push(main.parcels.len() as i64);
            for (volume, chlorine) in &main.parcels {
                state.reals.extend([*volume, *chlorine]);
            }
        }
        if let Some(tank) = &self.day_tank {
            tank.save(state);
        }
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.clearwell = saved.real()?;
        if let Some(main) = &mut self.main {
            main.reservoir = saved.real()?;
            main.parcels.clear();
            for _ in 0..saved.count(MOST_PARCELS)? {
                main.parcels.push_back((saved.real()?, saved.real()?));
            }
        }
        match &mut self.day_tank {
            Some(tank) => tank.restore(saved),
            None => Some(()),
        }
    }
}

impl Main {
    fn compile(
        spec: &MainSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let (flow, volume) = ((entry, "flow"), (entry, "reservoir"));
        let (outlet, concentration) = ((entry, "outlet"), Quantity::Concentration);
        let start = Some(0.4e-3);
        Self {
            flow: wiring.read(flow, &spec.flow, Quantity::VolumeFlow, None, reader),
            volume: wiring.read(volume, &spec.reservoir, Quantity::Volume, None, reader),
            outlet: wiring.write(outlet, &spec.outlet, concentration, start, reader),
            capacity: reader.positive(entry, "volume", &spec.volume, Quantity::Volume),
            parcels: VecDeque::new(),
            reservoir: 0.4e-3,
        }
    }

    /// Pushes in what leaves the clearwell, ages the row, and mixes what comes out.
    fn advance(&mut self, incoming: f64, decay: f64, secs: f64, values: &[f64]) {
        let kept = (-decay * secs).exp();
        for (_, chlorine) in &mut self.parcels {
            *chlorine *= kept;
        }
        let flow = values[self.flow].max(0.0);
        let pushed = flow * secs;
        let room = self.parcels.len() < MOST_PARCELS;
        match self.parcels.front_mut() {
            Some((volume, chlorine)) if (*chlorine - incoming).abs() < ALIKE => {
                *chlorine = (*chlorine * *volume + incoming * pushed) / (*volume + pushed);
                *volume += pushed;
            }
            _ if pushed > 0.0 && room => {
                self.parcels.push_front((pushed, incoming));
            }
            _ => {}
        }
        let arriving = self.overflow();
        self.reservoir = mix(
            self.reservoir,
            flow,
            arriving.unwrap_or(self.reservoir),
            values[self.volume],
            decay,
            secs,
        );
    }

    /// Takes out what is too much for the main, from its far end: its mean chlorine.
    fn overflow(&mut self) -> Option<f64> {
        let held: f64 = self.parcels.iter().map(|(volume, _)| volume).sum();
        let surplus = held - self.capacity;
        let (mut left, mut mass) = (surplus, 0.0);
        while left > 0.0 {
            let (volume, chlorine) = self.parcels.pop_back()?;
            let taken = volume.min(left);
            mass += taken * chlorine;
            left -= taken;
            if volume > taken {
                self.parcels.push_back((volume - taken, chlorine));
            }
        }
        (surplus > 0.0).then(|| mass / surplus)
    }
}

/// A well mixed basin after `secs`.
fn mix(chlorine: f64, flow: f64, incoming: f64, volume: f64, decay: f64, secs: f64) -> f64 {
    let volume = if volume.is_finite() {
        volume.max(LEAST_VOLUME)
    } else {
        LEAST_VOLUME
    };
    let exchange = flow / volume;
    let rate = exchange + decay;
    let rest = exchange * incoming / rate;
    rest + (chlorine - rest) * (-rate * secs).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basin_comes_to_rest_where_inflow_and_decay_balance() {
        // C = C_in / (1 + k V / Q), reached within a part in a million after 14 time constants.
        let (flow, volume, decay) = (0.4, 2_000.0, 1e-5);
        let mut chlorine = 0.0;
        for _ in 0..3_000 {
            chlorine = mix(chlorine, flow, 1e-3, volume, decay, 60.0);
        }
        let exact = 1e-3 / (1.0 + decay * volume / flow);
        assert!(
            (chlorine / exact - 1.0).abs() < 1e-9,
            "{chlorine}, exact {exact}"
        );
    }

    #[test]
    fn water_takes_its_time_through_the_main() {
        let mut main = Main {
            flow: 0,
            volume: 1,
            outlet: 2,
            capacity: 100.0,
            parcels: VecDeque::from([(100.0, 0.0)]),
            reservoir: 0.0,
        };
        let (values, decay) = ([0.1, 500.0, 0.0], 1e-5);
        let mut first = None;
        for step in 0..40 {
            main.advance(1e-3, decay, 60.0, &values);
            let held: f64 = main.parcels.iter().map(|(volume, _)| volume).sum();
            assert!((held - 100.0).abs() < 1e-9, "the main stays full: {held}");
            if first.is_none() && main.reservoir > 1e-9 {
                first = Some(60 * (step + 1));
            }
        }
        // 100 m³ at 0.1 m³/s: 1000 s, seen at the next whole minute.
        assert_eq!(first, Some(1_020));
    }
}
