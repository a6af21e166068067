//! Random spans of time: how long a cycle, a setup or a repair takes.

use rand_distr::{Distribution, Exp1, Gamma, StandardNormal, Triangular, Weibull};

use super::spec::SpreadSpec;
use super::stream::Stream;
use crate::models::config::{Entry, Reader};

/// A random span of time, s.
#[derive(Clone, Debug)]
pub(super) enum Spread {
    /// Always the same.
    Constant(f64),
    /// Exponential, by its mean.
    Exponential(f64),
    /// Normal by mean and standard deviation, drawn again while it is not above zero.
    Normal(f64, f64),
    /// Log-normal by median and standard deviation of its logarithm.
    LogNormal(f64, f64),
    /// Between two spans.
    Uniform(f64, f64),
    /// Least, likeliest and most.
    Triangular(Triangular<f64>, f64),
    /// Gamma, and its mean.
    Gamma(Gamma<f64>, f64),
    /// Weibull, and its mean.
    Weibull(Weibull<f64>, f64),
    /// One of these, all alike.
    Empirical(Vec<f64>),
}

/// What stands for a spread that cannot be read.
const STAND_IN: Spread = Spread::Constant(1.0);

impl Spread {
    /// A span, s.
    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(secs) => *secs,
            Self::Exponential(mean) => {
                let unit: f64 = Exp1.sample(stream);
                mean * unit
            }
            Self::Normal(mean, deviation) => loop {
                let unit: f64 = StandardNormal.sample(stream);
                let secs = mean + deviation * unit;
                if secs > 0.0 {
                    return secs;
                }
            },
            Self::LogNormal(median, deviation) => {
                let unit: f64 = StandardNormal.sample(stream);
                median * (deviation * unit).exp()
            }
            Self::Uniform(least, most) => least + (most - least) * stream.share(),
            Self::Triangular(triangular, _) => triangular.sample(stream),
            Self::Gamma(gamma, _) => gamma.sample(stream),
            Self::Weibull(weibull, _) => weibull.sample(stream),
            Self::Empirical(seen) => {
                let place = (stream.share() * seen.len() as f64) as usize;
                seen[place.min(seen.len() - 1)]
            }
        }
    }

    /// Its mean, s; of a normal one before what is not above zero is left out.
    pub(super) fn mean(&self) -> f64 {
        match self {
            Self::Constant(mean) | Self::Exponential(mean) | Self::Normal(mean, _) => *mean,
            Self::LogNormal(median, deviation) => median * (deviation * deviation / 2.0).exp(),
            Self::Uniform(least, most) => (least + most) / 2.0,
            Self::Triangular(_, mean) | Self::Gamma(_, mean) | Self::Weibull(_, mean) => *mean,
            Self::Empirical(seen) => seen.iter().sum::<f64>() / seen.len() as f64,
        }
    }

    /// Reads `field` of `entry`; spans must be above zero.
    pub(super) fn compile(
        spec: &SpreadSpec,
        entry: &Entry,
        field: &str,
        reader: &mut Reader<'_>,
    ) -> Self {
        let mut span = |text: &String| reader.positive_span(entry, field, text);
        let found = match spec {
            SpreadSpec::Constant(mean) => Ok(Self::Constant(span(mean))),
            SpreadSpec::Exponential(mean) => Ok(Self::Exponential(span(mean))),
            SpreadSpec::Normal(mean, deviation) => {
                let (mean, deviation) = (span(mean), reader.span(entry, field, deviation));
                // Beyond, most draws would be thrown away.
                let fine = deviation <= 2.0 * mean;
                fine.then_some(Self::Normal(mean, deviation))
                    .ok_or("a mean and a deviation of at most twice the mean")
            }
            SpreadSpec::LogNormal(median, deviation) => (0.0..=3.0)
                .contains(deviation)
                .then_some(Self::LogNormal(span(median), *deviation))
                .ok_or("a median and a spread from 0 to 3"),
            SpreadSpec::Uniform(least, most) => {
                let (least, most) = (
                    reader.span(entry, field, least),
                    span_of(reader, entry, field, most),
                );
                (least <= most)
                    .then_some(Self::Uniform(least, most))
                    .ok_or("the least and the most, in this order")
            }
            SpreadSpec::Triangular(least, likeliest, most) => {
                let least = reader.span(entry, field, least);
                let likeliest = reader.span(entry, field, likeliest);
                let most = span_of(reader, entry, field, most);
                Triangular::new(least, most, likeliest)
                    .map(|found| Self::Triangular(found, (least + likeliest + most) / 3.0))
                    .map_err(|_| "the least, the likeliest and the most, in this order")
            }
            SpreadSpec::Gamma(mean, shape) => gamma(span(mean), *shape),
            SpreadSpec::Erlang(mean, phases) => gamma(span(mean), f64::from(*phases)),
            SpreadSpec::Weibull(scale, shape) => {
                let scale = span(scale);
                let found = Weibull::new(scale, *shape).ok();
                let found = found.filter(|_| (0.1..=100.0).contains(shape));
                // The mean is scale · Γ(1 + 1/shape).
                let mean = || scale * statrs::function::gamma::gamma(1.0 + 1.0 / shape);
                found
                    .map(|found| Self::Weibull(found, mean()))
                    .ok_or("a scale and a shape from 0.1 to 100")
            }
            SpreadSpec::Empirical(seen) => {
                let seen: Vec<_> = seen.iter().map(span).collect();
                (!seen.is_empty())
                    .then_some(Self::Empirical(seen))
                    .ok_or("at least one span")
            }
        };
        found.unwrap_or_else(|wanted| {
            let message = format!("`{field}` of {} must be {wanted}", entry.called());
            reader.problem(entry, field, message, "");
            STAND_IN
        })
    }
}

fn gamma(mean: f64, shape: f64) -> Result<Spread, &'static str> {
    let found = Gamma::new(shape, mean / shape).ok();
    found
        .filter(|_| (0.01..=1e4).contains(&shape))
        .map(|found| Spread::Gamma(found, mean))
        .ok_or("a mean and a shape from 0.01 to 10000")
}

fn span_of(reader: &mut Reader<'_>, entry: &Entry, field: &str, text: &str) -> f64 {
    reader.positive_span(entry, field, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{NoFacts, Seed};

    #[test]
    fn draws_have_the_mean_that_is_told() {
        let spans = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let own = |text: &str| text.to_owned();
        let specs = [
            SpreadSpec::Constant(own("7s")),
            SpreadSpec::Exponential(own("7s")),
            SpreadSpec::Normal(own("7s"), own("1s")),
            SpreadSpec::LogNormal(own("7s"), 0.4),
            SpreadSpec::Uniform(own("2s"), own("9s")),
            SpreadSpec::Triangular(own("2s"), own("3s"), own("9s")),
            SpreadSpec::Gamma(own("7s"), 2.5),
            SpreadSpec::Erlang(own("7s"), 3),
            SpreadSpec::Weibull(own("7s"), 1.7),
            SpreadSpec::Empirical(spans(&["3s", "4s", "20s"])),
        ];
        let mut reader = Reader::new("", &NoFacts);
        let entry = Entry::new([], "a spread");
        for (place, spec) in specs.iter().enumerate() {
            let spread = Spread::compile(spec, &entry, "cycle", &mut reader);
            let seed = Seed {
                run: 3,
                member: 0,
                model: 0,
            };
            let mut stream = Stream::new(seed, place as u64);
            let draws = 100_000;
            let sum: f64 = (0..draws).map(|_| spread.draw(&mut stream)).sum();
            let mean = sum / f64::from(draws);
            // Five standard errors of the widest of them, of which the deviation is 7.8 s.
            assert!((mean - spread.mean()).abs() < 0.125, "{spec:?}: {mean}");
        }
        assert!(reader.is_clean());
    }
}
