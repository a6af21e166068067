//! The day tank of a dosing pump, and the truck that refills it.
//!
//! At the reorder level a delivery is ordered; it comes after a random time and fills
//! the tank steadily.

use super::agenda::{Agenda, Event};
use super::dice::{Dice, Spread};
use super::spec::DayTankSpec;
use crate::models::ModelState;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::wiring::Wiring;
use crate::time::Timestamp;
use crate::units::Quantity;

/// A tank of solution.
#[derive(Clone, Debug)]
pub(super) struct DayTank {
    port: usize,
    area: f64,
    full: f64,
    reorder: f64,
    delivery: Spread,
    filling: f64,
    // The state.
    level: f64,
    supply: Supply,
}

/// Where the next delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Supply {
    NotNeeded,
    OnItsWay,
    Filling,
}

const SUPPLIES: [Supply; 3] = [Supply::NotNeeded, Supply::OnItsWay, Supply::Filling];

impl DayTank {
    pub(super) fn compile(
        spec: &DayTankSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let full = reader.positive(entry, "full", &spec.full, Quantity::Length);
        let reorder = reader.value(entry, "reorder", &spec.reorder, Quantity::Length);
        let inside = reorder >= 0.0 && reorder < full;
        let signal = format!("{}.level", spec.tag);
        Self {
            port: wiring.write(
                (entry, "tag"),
                &signal,
                Quantity::Length,
                Some(full),
                reader,
            ),
            area: reader.positive(entry, "area", &spec.area, Quantity::Area),
            full,
            reorder: reader.checked(entry, "reorder", reorder, inside, "below `full`"),
            delivery: Spread::compile(&spec.delivery, entry, "delivery", reader),
            filling: reader.positive_span(entry, "filling", &spec.filling),
            level: full,
            supply: Supply::NotNeeded,
        }
    }

    pub(super) fn initialise(&mut self, known: Option<f64>, agenda: &mut Agenda, dice: &mut Dice) {
        agenda.cancel(Event::TruckArrives);
        agenda.cancel(Event::TankFilled);
        // One delivery's worth lies somewhere between two deliveries.
        let anywhere = self.reorder + 0.6 * (self.full - self.reorder);
        self.level = known
            .unwrap_or(anywhere + 0.05 * dice.normal())
            .clamp(0.0, self.full);
        self.supply = Supply::NotNeeded;
    }

    /// Gives `dosed`, m³/s, for `secs` up to `at`, and orders when it runs low.
    pub(super) fn draw(
        &mut self,
        at: Timestamp,
        dosed: f64,
        secs: f64,
        agenda: &mut Agenda,
        dice: &mut Dice,
    ) {
        let mut rate = -dosed / self.area;
        if self.supply == Supply::Filling {
            rate += self.full / self.filling;
        }
        self.level = (self.level + rate * secs).clamp(0.0, self.full);
        if self.supply == Supply::NotNeeded && self.level <= self.reorder {
            self.supply = Supply::OnItsWay;
            let waits = dice.span(&self.delivery);
            agenda.plan(at.plus_secs(waits), Event::TruckArrives);
        }
    }

    pub(super) fn happen(&mut self, event: Event, at: Timestamp, agenda: &mut Agenda) {
        match event {
            Event::TruckArrives => {
                self.supply = Supply::Filling;
                let lasts = self.filling * (1.0 - self.level / self.full);
                agenda.plan(at.plus_secs(lasts), Event::TankFilled);
            }
            Event::TankFilled => self.supply = Supply::NotNeeded,
            Event::PhaseEnds { .. } => {}
        }
    }

    /// Nothing is left to dose.
    pub(super) fn is_empty(&self) -> bool {
        self.level <= 0.0
    }

    /// The place of its level among the ports.
    pub(super) fn port(&self) -> usize {
        self.port
    }

    pub(super) fn write(&self, values: &mut [f64]) {
        values[self.port] = self.level;
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        state.reals.push(self.level);
        state.integers.push(self.supply as i64);
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.level = saved.real()?;
        self.supply = *SUPPLIES.get(saved.count(SUPPLIES.len())?)?;
        Some(())
    }
}
