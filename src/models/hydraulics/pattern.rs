//! How a demand, a price or a speed goes with time.

/// Factors in equal steps, over and over again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern {
    /// What the file calls it.
    pub name: String,
    /// The length of a step, s; above zero.
    pub step: f64,
    /// At least one.
    pub factors: Vec<f64>,
    /// Straight lines from one factor to the next instead of stairs.
    pub smooth: bool,
}

impl Pattern {
    /// The factor `secs` after the pattern's first step began for the first time.
    pub fn factor(&self, secs: f64) -> f64 {
        let count = self.factors.len();
        let phase = self.phase(secs);
        let (place, share) = (phase.floor(), phase.fract());
        let index = (place as usize).min(count - 1);
        let here = self.factors[index];
        if !self.smooth {
            return here;
        }
        here + share * (self.factors[(index + 1) % count] - here)
    }

    /// Seconds from `secs` to the next stair; infinity if there is none.
    pub fn secs_to_next(&self, secs: f64) -> f64 {
        if self.smooth || self.factors.len() == 1 {
            return f64::INFINITY;
        }
        (1.0 - self.phase(secs).fract()) * self.step
    }

    /// Steps since the pattern last began, from 0 up to the number of factors.
    fn phase(&self, secs: f64) -> f64 {
        let steps = (secs / self.step).rem_euclid(self.factors.len() as f64);
        // An instant that was computed to lie on a stair belongs to what follows it.
        if steps.ceil() - steps < 1e-9 {
            steps.ceil() % self.factors.len() as f64
        } else {
            steps
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(smooth: bool) -> Pattern {
        Pattern {
            step: 3_600.0,
            factors: vec![1.0, 2.0, 4.0],
            smooth,
            ..Pattern::default()
        }
    }

    #[test]
    fn stairs_hold_and_lines_lead_over() {
        for (secs, stair, line) in [
            (0.0, 1.0, 1.0),
            (1_800.0, 1.0, 1.5),
            (3_600.0, 2.0, 2.0),
            (9_000.0, 4.0, 2.5),
            (10_800.0, 1.0, 1.0),
            (-1_800.0, 4.0, 2.5),
        ] {
            assert_eq!(pattern(false).factor(secs), stair, "{secs} s");
            assert!(
                (pattern(true).factor(secs) - line).abs() < 1e-12,
                "{secs} s"
            );
        }
    }

    #[test]
    fn the_next_stair_is_told() {
        assert!((pattern(false).secs_to_next(4_000.0) - 3_200.0).abs() < 1e-6);
        assert_eq!(pattern(true).secs_to_next(4_000.0), f64::INFINITY);
    }
}
