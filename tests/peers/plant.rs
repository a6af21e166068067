//! A water plant as its control system reports it: what the historian is measured with.
//!
//! Every signal once a second, in a message of its remote terminal unit. Values wander around a
//! set point, carry the noise of their transmitter, are rounded to its resolution in its own unit
//! and only then become SI, as telemetry does it. One seed gives one plant, bit for bit.
//! Shared by `benches/historian.rs` and the tests of the core.

use parallax::recording::{Name, Names, Row, Series, SeriesIndex, Who};
use parallax::signal::{Clock, Quality, Sample};
use parallax::time::Timestamp;
use parallax::units::Unit;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// 2026-11-01T13:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_793_538_000);

/// Signals of a remote terminal unit, and so of a message.
const PER_UNIT: usize = 500;

/// What a signal of an asset is: its name, unit, range and what one digit of its display is worth.
struct Kind {
    signal: &'static str,
    unit: &'static str,
    low: f64,
    high: f64,
    digit: f64,
    course: Course,
}

/// How a value goes on.
#[derive(Clone, Copy)]
enum Course {
    /// Around a set point, with noise.
    Wander,
    /// Up by what has run through, for ever.
    Count,
    /// One of a few states, for minutes.
    State(&'static [&'static str]),
}

const fn kind(
    signal: &'static str,
    unit: &'static str,
    range: (f64, f64),
    digit: f64,
    course: Course,
) -> Kind {
    Kind {
        signal,
        unit,
        low: range.0,
        high: range.1,
        digit,
        course,
    }
}

const MODES: &[&str] = &["stopped", "running", "fault"];
const POSITIONS: &[&str] = &["closed", "moving", "open"];

/// Assets by the letters of their tag.
const ASSETS: &[(&str, &[Kind])] = &[
    (
        "P",
        &[
            kind(
                "discharge_pressure",
                "bar",
                (2.0, 8.0),
                0.01,
                Course::Wander,
            ),
            kind("flow", "m3/h", (40.0, 400.0), 0.1, Course::Wander),
            kind("mode", "", (0.0, 2.0), 1.0, Course::State(MODES)),
            kind("power", "kW", (5.0, 90.0), 0.1, Course::Wander),
            kind("speed", "percent", (40.0, 100.0), 0.1, Course::Wander),
            kind("starts", "", (10.0, 9_000.0), 1.0, Course::Count),
            kind("suction_pressure", "bar", (0.2, 2.0), 0.01, Course::Wander),
            kind("temperature", "degC", (20.0, 80.0), 0.1, Course::Wander),
        ],
    ),
    (
        "TK",
        &[
            kind("inflow", "m3/h", (10.0, 250.0), 0.1, Course::Wander),
            kind("level", "m", (0.5, 6.0), 0.001, Course::Wander),
            kind("temperature", "degC", (6.0, 18.0), 0.1, Course::Wander),
        ],
    ),
    (
        "V",
        &[
            kind("opening", "percent", (0.0, 100.0), 0.1, Course::Wander),
            kind("position", "", (0.0, 2.0), 1.0, Course::State(POSITIONS)),
        ],
    ),
    (
        "FT",
        &[
            kind("flow", "m3/h", (1.0, 120.0), 0.01, Course::Wander),
            kind("total", "m3", (1e3, 9e5), 0.1, Course::Count),
        ],
    ),
    (
        "AT",
        &[
            kind("chlorine", "mg/L", (0.1, 0.8), 0.01, Course::Wander),
            kind("conductivity", "uS/cm", (300.0, 700.0), 1.0, Course::Wander),
            kind("ph", "pH", (6.8, 8.2), 0.01, Course::Wander),
            kind("turbidity", "NTU", (0.02, 0.9), 0.001, Course::Wander),
        ],
    ),
];

/// One signal as it stands.
struct Transmitter {
    unit: Unit,
    digit: f64,
    course: Course,
    /// In digits, as all that follow.
    set_point: f64,
    drift: f64,
    /// Standard deviation of a step of the drift.
    restless: f64,
    /// Standard deviation of the noise.
    noise: f64,
    /// Seconds until it is as it should be again.
    faulty: u32,
}

/// A remote terminal unit: sends its signals in one message a second.
struct Terminal {
    /// ns: when in the second it scans, and how much that varies.
    phase: i64,
    jitter: i64,
}

/// The plant.
pub(crate) struct Plant {
    random: ChaCha8Rng,
    names: Names,
    transmitters: Vec<Transmitter>,
    terminals: Vec<Terminal>,
    second: i64,
}

impl Plant {
    /// A plant of so many signals that begins to report at [`START`].
    pub(crate) fn new(signals: usize, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut names = Names::default();
        let mut transmitters = Vec::with_capacity(signals);
        let mut number = 0;
        while transmitters.len() < signals {
            number += 1;
            for (letters, kinds) in ASSETS {
                let tag = format!("{letters}-{number:04}");
                for kind in kinds.iter().take(signals - transmitters.len()) {
                    names.add(series(&tag, kind));
                    transmitters.push(transmitter(&mut random, kind));
                }
            }
        }
        let terminals = (0..signals.div_ceil(PER_UNIT))
            .map(|place| Terminal {
                phase: random.random_range(0..400) * 1_000_000,
                // Every other one scans by a hard clock.
                jitter: if place % 2 == 0 { 0 } else { 4 },
            })
            .collect();
        Self {
            random,
            names,
            transmitters,
            terminals,
            second: 0,
        }
    }

    /// Its signals, in the order of their index.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// Adds the rows of the next second, in the order of their arrival.
    pub(crate) fn report(&mut self, rows: &mut Vec<Row>) {
        let second = START.nanos() + self.second * 1_000_000_000;
        self.second += 1;
        let random = &mut self.random;
        for (place, terminal) in self.terminals.iter().enumerate() {
            let late = random.random_range(0..=terminal.jitter) * 1_000_000;
            let at = second + terminal.phase + late;
            // What the network takes, by a clock that ticks in nanoseconds.
            let received = Timestamp::from_nanos(at + random.random_range(8_000_000..45_000_000));
            let at = Timestamp::from_nanos(at);
            let first = place * PER_UNIT;
            let last = (first + PER_UNIT).min(self.transmitters.len());
            // A link fails now and then, for as long as nobody looks.
            let lost = random.random_bool(2e-5);
            for (offset, transmitter) in self.transmitters[first..last].iter_mut().enumerate() {
                let series = SeriesIndex((first + offset) as u32);
                let (value, quality) = transmitter.read(random);
                rows.push(if lost {
                    Row::lost(series, received)
                } else {
                    let sample = Sample {
                        at,
                        value,
                        quality,
                        clock: Clock::Source,
                        received,
                    };
                    Row::new(series, sample)
                });
            }
        }
    }
}

impl Transmitter {
    fn read(&mut self, random: &mut impl Rng) -> (f64, Quality) {
        if self.faulty > 0 {
            self.faulty -= 1;
        } else if random.random_bool(4e-6) {
            self.faulty = random.random_range(5..600);
        }
        let digits = match self.course {
            Course::Wander => {
                self.drift = 0.995 * self.drift + self.restless * normal(random);
                self.set_point + self.drift + self.noise * normal(random)
            }
            Course::Count => {
                self.set_point += self.drift;
                self.set_point
            }
            Course::State(states) => {
                if random.random_bool(1.0 / 900.0) {
                    self.set_point = random.random_range(0..states.len()) as f64;
                }
                self.set_point
            }
        };
        // Divided by a whole number of digits in one: 57.3 and not 57.300000000000004.
        let shown = digits.round() / (1.0 / self.digit).round();
        let quality = if self.faulty > 0 {
            Quality::BadSensorFailure
        } else {
            Quality::Good
        };
        (self.unit.to_si(shown), quality)
    }
}

fn series(tag: &str, kind: &Kind) -> Series {
    let unit = unit(kind.unit);
    let states: &[&str] = match kind.course {
        Course::State(states) => states,
        Course::Wander | Course::Count => &[],
    };
    Series {
        name: Name::new(tag, kind.signal),
        who: Who::Measured,
        unit: si_symbol(unit).into(),
        states: states.iter().map(|&state| state.to_owned()).collect(),
    }
}

fn transmitter(random: &mut impl Rng, kind: &Kind) -> Transmitter {
    let digits = random.random_range(kind.low..kind.high) / kind.digit;
    let running = random.random_bool(0.8);
    let quiet = if running { 1.0 } else { 0.1 };
    Transmitter {
        unit: unit(kind.unit),
        digit: kind.digit,
        course: kind.course,
        set_point: match kind.course {
            Course::State(states) => random.random_range(0..states.len()) as f64,
            Course::Wander | Course::Count => digits,
        },
        drift: match kind.course {
            Course::Count if running => random.random_range(0.0..0.4),
            _ => 0.0,
        },
        restless: quiet * random.random_range(0.02..0.4),
        noise: quiet * random.random_range(0.2..2.5),
        faulty: 0,
    }
}

fn unit(text: &str) -> Unit {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// The symbol of the unit in which a value of `unit` is kept.
fn si_symbol(unit: Unit) -> &'static str {
    Unit::all()
        .find(|other| {
            other.quantity() == unit.quantity()
                && other.to_si(1.0) == 1.0
                && other.to_si(0.0) == 0.0
        })
        .map_or("", Unit::symbol)
}

/// Close enough to a normal number, from four even ones.
fn normal(random: &mut impl Rng) -> f64 {
    let bits = random.next_u64();
    let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xFFFF).sum();
    // The sum has the mean 2 and the variance 4/12.
    (sum as f64 / 65_536.0 - 2.0) * 1.732
}
