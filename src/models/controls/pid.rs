//! Proportional, integral and derivative control.
//!
//! ```text
//! Δu = K (Δe + e Ts / Ti − Td Δ²y / Ts)      velocity form; K = (high − low) / band
//! ```
//!
//! The output is what is integrated, so a limit cannot wind it up and taking over from
//! a measured output is bumpless. The derivative acts on the measurement `y` alone
//! (Åström & Hägglund, PID Controllers, 1995, sections 3.4 and 3.6).

use super::spec::PidSpec;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::wiring::Wiring;
use crate::models::{ModelState, StepSpan};
use crate::time::Timestamp;

/// Holds a measurement at a setpoint.
#[derive(Clone, Debug)]
pub(super) struct Pid {
    measure: usize,
    setpoint: Setpoint,
    outputs: Vec<usize>,
    gain: f64,
    integral: f64,
    derivative: f64,
    sample: f64,
    low: f64,
    high: f64,
    // The state.
    output: f64,
    /// The last look, and the one before.
    looks: [Option<Look>; 2],
}

#[derive(Clone, Copy, Debug)]
enum Setpoint {
    Fixed(f64),
    Signal(usize),
}

#[derive(Clone, Copy, Debug)]
struct Look {
    at: Timestamp,
    error: f64,
    measured: f64,
}

impl Pid {
    pub(super) fn compile(
        spec: &PidSpec,
        entry: &Entry,
        wiring: &mut Wiring,
        reader: &mut Reader<'_>,
    ) -> Self {
        let (target, quantity) = reader.any_value(entry, "setpoint", &spec.setpoint);
        let band = reader.positive(entry, "band", &spec.band, quantity);
        let (low, output_quantity) = reader.any_value(entry, "low", &spec.low);
        let high = reader.value(entry, "high", &spec.high, output_quantity);
        if high <= low || spec.outputs.is_empty() {
            let message = format!("{} has nothing to move", entry.name());
            reader.problem(
                entry,
                "low",
                message,
                "name outputs, and a `low` below `high`",
            );
        }
        let setpoint = match &spec.setpoint_signal {
            None => Setpoint::Fixed(target),
            Some(signal) => {
                let place = (entry, "setpoint_signal");
                Setpoint::Signal(wiring.read(place, signal, quantity, Some(target), reader))
            }
        };
        let start = Some(0.5 * (low + high));
        let mut outputs = Vec::new();
        for signal in &spec.outputs {
            let place = (entry, "outputs");
            outputs.push(wiring.write(place, signal, output_quantity, start, reader));
        }
        let sense = if spec.lowers { -1.0 } else { 1.0 };
        Self {
            measure: wiring.read((entry, "measure"), &spec.measure, quantity, None, reader),
            setpoint,
            outputs,
            gain: sense * (high - low) / band,
            integral: reader.positive_span(entry, "integral", &spec.integral),
            derivative: reader.span(entry, "derivative", &spec.derivative),
            sample: reader.positive_span(entry, "sample", &spec.sample),
            low,
            high,
            output: 0.5 * (low + high),
            looks: [None, None],
        }
    }

    /// Takes over where the first output stands.
    pub(super) fn initialise(&mut self, values: &[f64]) {
        let present = self.outputs.first().map(|&place| values[place]);
        self.output = present.unwrap_or(self.low).clamp(self.low, self.high);
        self.looks = [None, None];
    }

    pub(super) fn work(&mut self, span: StepSpan, values: &mut [f64]) {
        let measured = values[self.measure];
        let setpoint = match self.setpoint {
            Setpoint::Fixed(value) => value,
            Setpoint::Signal(place) => values[place],
        };
        let look = Look {
            at: span.at,
            error: setpoint - measured,
            measured,
        };
        let [last, before] = self.looks;
        let elapsed = last.map_or(f64::INFINITY, |last| look.at.secs_since(last.at));
        // Half a microsecond for the rounding of steps.
        if elapsed >= self.sample - 5e-7 && look.error.is_finite() {
            if let Some(last) = last {
                self.output += self.gain * self.correction(look, last, before, elapsed);
                self.output = self.output.clamp(self.low, self.high);
            }
            self.looks = [Some(look), last];
        }
        for &place in &self.outputs {
            values[place] = self.output;
        }
    }

    /// What the bracket of the velocity form amounts to.
    fn correction(&self, look: Look, last: Look, before: Option<Look>, elapsed: f64) -> f64 {
        let bend = before.map_or(0.0, |before| {
            look.measured - 2.0 * last.measured + before.measured
        });
        look.error - last.error + look.error * elapsed / self.integral
            - self.derivative * bend / elapsed
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        state.reals.push(self.output);
        for look in self.looks {
            let (error, measured) = look.map_or((0.0, 0.0), |look| (look.error, look.measured));
            state.reals.extend([error, measured]);
            state
                .integers
                .push(look.map_or(i64::MIN, |look| look.at.nanos()));
        }
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.output = saved.real()?;
        for look in &mut self.looks {
            let (error, measured, at) = (saved.real()?, saved.real()?, saved.integer()?);
            *look = (at != i64::MIN).then_some(Look {
                at: Timestamp::from_nanos(at),
                error,
                measured,
            });
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A loop around `dy/dt = output − load`, which only integral action can hold.
    fn settle(pid: &mut Pid, load: f64) -> (f64, f64) {
        let mut values = vec![0.0, 0.5];
        pid.initialise(&values);
        for step in 0..2_000 {
            let span = StepSpan {
                at: Timestamp::from_secs(step * 10),
                dt: Duration::from_secs(10),
            };
            pid.work(span, &mut values);
            values[0] += 10.0 * 1e-3 * (values[1] - load);
        }
        (values[0], values[1])
    }

    fn pid() -> Pid {
        Pid {
            measure: 0,
            setpoint: Setpoint::Fixed(2.0),
            outputs: vec![1],
            gain: 1.0,
            integral: 2_000.0,
            derivative: 0.0,
            sample: 10.0,
            low: 0.0,
            high: 1.0,
            output: 0.5,
            looks: [None, None],
        }
    }

    #[test]
    fn the_measurement_comes_to_rest_on_the_setpoint() {
        let (level, output) = settle(&mut pid(), 0.3);
        assert!((level - 2.0).abs() < 1e-3, "{level}");
        assert!((output - 0.3).abs() < 1e-3, "{output}");
    }

    #[test]
    fn derivative_action_does_not_unsettle_it() {
        let mut pid = pid();
        pid.derivative = 100.0;
        let (level, _) = settle(&mut pid, 0.7);
        assert!((level - 2.0).abs() < 1e-3, "{level}");
    }

    #[test]
    fn a_limit_does_not_wind_it_up() {
        // Below its setpoint for hours, the output stands at its limit; it leaves the limit
        // as soon as the error changes sign.
        let mut pid = pid();
        let mut values = vec![0.0, 1.0];
        pid.initialise(&values);
        let mut work = |step: i64, measured: f64| {
            values[0] = measured;
            let at = Timestamp::from_secs(step * 10);
            let dt = Duration::from_secs(10);
            pid.work(StepSpan { at, dt }, &mut values);
            values[1]
        };
        for step in 0..10_000 {
            work(step, 0.0);
        }
        assert_eq!(work(10_000, 0.0), 1.0);
        assert!(work(10_001, 2.1) < 1.0);
    }
}
