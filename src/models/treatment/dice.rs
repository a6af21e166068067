//! Random numbers of one member, and random spans of time.
//!
//! Every draw has a stream of its own, counted from the start, so that the count is
//! all that a saved state must hold.

use rand_distr::{Distribution, LogNormal, StandardNormal, Triangular};

use super::spec::SpreadSpec;
use crate::models::config::{Entry, Reader};
use crate::models::saved::Saved;
use crate::models::{ModelState, Seed};

/// The source of all random numbers of a treatment works.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    seed: Seed,
    draws: u64,
}

/// A random span of time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spread {
    Fixed(f64),
    Triangular(Triangular<f64>),
    LogNormal(LogNormal<f64>),
}

impl Dice {
    pub(super) fn new(seed: Seed) -> Self {
        Self { seed, draws: 0 }
    }

    /// A draw from the standard normal distribution.
    pub(super) fn normal(&mut self) -> f64 {
        self.draw(&StandardNormal)
    }

    /// A span, s.
    pub(super) fn span(&mut self, spread: &Spread) -> f64 {
        match spread {
            Spread::Fixed(secs) => *secs,
            Spread::Triangular(triangular) => self.draw(triangular),
            Spread::LogNormal(log_normal) => self.draw(log_normal),
        }
    }

    fn draw(&mut self, distribution: &impl Distribution<f64>) -> f64 {
        self.draws += 1;
        distribution.sample(&mut self.seed.generator(self.draws))
    }

    pub(super) fn save(&self, state: &mut ModelState) {
        let (run, draws) = (self.seed.run.cast_signed(), self.draws.cast_signed());
        let (member, model) = (i64::from(self.seed.member), i64::from(self.seed.model));
        state.integers.extend([run, member, model, draws]);
    }

    pub(super) fn restore(&mut self, saved: &mut Saved<'_>) -> Option<()> {
        self.seed = Seed {
            run: saved.integer()?.cast_unsigned(),
            member: u32::try_from(saved.integer()?).ok()?,
            model: u32::try_from(saved.integer()?).ok()?,
        };
        self.draws = saved.integer()?.cast_unsigned();
        Some(())
    }
}

impl Spread {
    pub(super) fn compile(
        spec: &SpreadSpec,
        entry: &Entry,
        field: &str,
        reader: &mut Reader<'_>,
    ) -> Self {
        let spread = match spec {
            SpreadSpec::Fixed(span) => Ok(Self::Fixed(reader.span(entry, field, span))),
            SpreadSpec::Triangular(least, likeliest, most) => {
                let least = reader.span(entry, field, least);
                let likeliest = reader.span(entry, field, likeliest);
                let most = reader.span(entry, field, most);
                Triangular::new(least, most, likeliest)
                    .map(Self::Triangular)
                    .map_err(|_| "the least, the likeliest and the most, in this order")
            }
            SpreadSpec::LogNormal(median, spread) => {
                let median = reader.positive_span(entry, field, median);
                let fine = (0.0..=3.0).contains(spread);
                let found = LogNormal::new(median.ln(), *spread).ok().filter(|_| fine);
                found
                    .map(Self::LogNormal)
                    .ok_or("a median and a spread from 0 to 3")
            }
        };
        spread.unwrap_or_else(|wanted| {
            let message = format!("`{field}` of {} must be {wanted}", entry.called());
            reader.problem(entry, field, message, "");
            Self::Fixed(0.0)
        })
    }
}
