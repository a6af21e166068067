//! Runs as many of a group of pumps as a level asks for, in turns.

use super::spec::StagingSpec;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::wiring::Wiring;
use crate::models::{ModelState, StepSpan};
use crate::time::Timestamp;
use crate::units::Quantity;

/// Steps of a group of pumps.
#[derive(Clone, Debug)]
pub(super) struct Staging {
    measure: usize,
    pumps: Vec<Pump>,
    /// `(start, stop)` of each step, negated for pumps that drain, so that starting is below.
    steps: Vec<(f64, f64)>,
    sign: f64,
    delay: f64,
    alternate: bool,
    // The state.
    wanted: usize,
    /// When a step last began or ended; `None` before the first.
    changed: Option<Timestamp>,
    /// How often any pump was started or stopped.
    switched: i64,
}

#[derive(Clone, Debug)]
struct Pump {
    running_port: usize,
    available_port: usize,
    running: bool,
    /// Its turn: the count at its last start or stop.
    turn: i64,
}

impl Staging {
    pub(super) fn compile(
        spec: &StagingSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let first = spec.start.first().map_or("", String::as_str);
        let (_, quantity) = reader.any_value(entry, "start", first);
        let mut read = |field: &str, texts: &[String]| -> Vec<f64> {
            let values = texts.iter();
            values
                .map(|text| reader.value(entry, field, text, quantity))
                .collect()
        };
        let (starts, stops) = (read("start", &spec.start), read("stop", &spec.stop));
        if starts.len() != stops.len() || starts.len() > spec.pumps.len() {
            let message = format!(
                "{} has {} pumps, {} `start` levels and {} `stop` levels",
                entry.name(),
                spec.pumps.len(),
                starts.len(),
                stops.len()
            );
            let hint = "give both levels of each step, and no more steps than pumps";
            reader.problem(entry, "start", message, hint);
        }
        let drains = starts
            .first()
            .zip(stops.first())
            .is_some_and(|(start, stop)| start > stop);
        let sign = if drains { -1.0 } else { 1.0 };
        let levels = starts.iter().zip(&stops);
        let steps: Vec<_> = levels
            .map(|(start, stop)| (sign * start, sign * stop))
            .collect();
        let falling = steps
            .windows(2)
            .all(|pair| pair[0].0 >= pair[1].0 && pair[0].1 >= pair[1].1);
        if !falling || steps.iter().any(|(start, stop)| start >= stop) {
            let message = format!("the levels of {} do not follow one another", entry.name());
            let hint = "each further step must start and stop at the same side of the one before";
            reader.problem(entry, "start", message, hint);
        }
        let mut pumps = Vec::new();
        for (index, tag) in spec.pumps.iter().enumerate() {
            let (running, available) = (format!("{tag}.running"), format!("{tag}.available"));
            let place = (entry, "pumps");
            let runs = if index < spec.at_start { 1.0 } else { 0.0 };
            let (number, start, yes) = (Quantity::Number, Some(runs), Some(1.0));
            pumps.push(Pump {
                running_port: wiring.write(place, &running, number, start, reader),
                available_port: wiring.read(place, &available, number, yes, reader),
                running: false,
                turn: index as i64,
            });
        }
        let measure = (entry, "measure");
        Self {
            measure: wiring.read(measure, &spec.measure, quantity, None, reader),
            switched: pumps.len() as i64,
            pumps,
            steps,
            sign,
            delay: reader.span(entry, "delay", &spec.delay),
            alternate: spec.alternate,
            wanted: 0,
            changed: None,
        }
    }

    pub(super) fn initialise(&mut self, values: &[f64]) {
        for (index, pump) in self.pumps.iter_mut().enumerate() {
            pump.running = values[pump.running_port] >= 0.5;
            pump.turn = index as i64;
        }
        self.switched = self.pumps.len() as i64;
        self.wanted = self.running_count().min(self.steps.len());
        self.changed = None;
    }

    pub(super) fn work(&mut self, span: StepSpan, values: &mut [f64]) {
        let level = self.sign * values[self.measure];
        let rested = self
            .changed
            .is_none_or(|last| span.at.secs_since(last) >= self.delay);
        if rested {
            let wanted = self.next_count(level);
            if wanted != self.wanted {
                self.wanted = wanted;
                self.changed = Some(span.at);
            }
        }
        for index in 0..self.pumps.len() {
            let available = values[self.pumps[index].available_port] >= 0.5;
            if self.pumps[index].running && !available {
                self.switch(index);
            }
        }
        while self.running_count() > self.wanted {
            let Some(index) = self.next_to_stop() else {
                break;
            };
            self.switch(index);
        }
        while self.running_count() < self.wanted {
            let Some(index) = self.next_to_start(values) else {
                break;
            };
            self.switch(index);
        }
        for pump in &self.pumps {
            values[pump.running_port] = f64::from(u8::from(pump.running));
        }
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        let changed = self.changed.map_or(i64::MIN, Timestamp::nanos);
        state
            .integers
            .extend([self.wanted as i64, changed, self.switched]);
        for pump in &self.pumps {
            state.integers.extend([i64::from(pump.running), pump.turn]);
        }
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.wanted = saved.count(self.steps.len())?;
        let changed = saved.integer()?;
        self.changed = (changed != i64::MIN).then_some(Timestamp::from_nanos(changed));
        self.switched = saved.integer()?;
        for pump in &mut self.pumps {
            pump.running = saved.flag()?;
            pump.turn = saved.integer()?;
        }
        Some(())
    }

    /// One step more, one less or as many, under this level.
    fn next_count(&self, level: f64) -> usize {
        let more = self
            .steps
            .get(self.wanted)
            .is_some_and(|(start, _)| level < *start);
        let less = self
            .wanted
            .checked_sub(1)
            .filter(|&last| level > self.steps[last].1);
        match less {
            Some(fewer) => fewer,
            None => self.wanted + usize::from(more),
        }
    }

    fn running_count(&self) -> usize {
        self.pumps.iter().filter(|pump| pump.running).count()
    }

    fn next_to_start(&self, values: &[f64]) -> Option<usize> {
        let idle = (0..self.pumps.len()).filter(|&index| {
            !self.pumps[index].running && values[self.pumps[index].available_port] >= 0.5
        });
        if self.alternate {
            return idle.min_by_key(|&index| self.pumps[index].turn);
        }
        idle.min()
    }

    fn next_to_stop(&self) -> Option<usize> {
        let running = (0..self.pumps.len()).filter(|&index| self.pumps[index].running);
        if self.alternate {
            return running.min_by_key(|&index| self.pumps[index].turn);
        }
        running.max()
    }

    fn switch(&mut self, index: usize) {
        let pump = &mut self.pumps[index];
        pump.running = !pump.running;
        pump.turn = self.switched;
        self.switched += 1;
    }
}
