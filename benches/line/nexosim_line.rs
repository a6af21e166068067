//! The same line in nexosim: one model for a station and the buffer before it.
//!
//! A station knows how much room there is after it (credits), so that a part costs one scheduled
//! event and two messages, the fewest that can be. One thread.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cpu_time::ProcessTime;
use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use rand_chacha::rand_core::TryRng;
use rand_distr::{Distribution, Exp1};
use serde::{Deserialize, Serialize};

use super::{BUFFER, Case, Measured};

static EVENTS: AtomicU64 = AtomicU64::new(0);
static OUT: AtomicU64 = AtomicU64::new(0);

/// SplitMix64: cheaper than ours, and it can be serialised, as models must.
#[derive(Serialize, Deserialize)]
struct Draws(u64);

impl Draws {
    fn exponential(&mut self, mean: f64) -> f64 {
        let unit: f64 = Exp1.sample(self);
        mean * unit
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| (word >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.try_next_u64()? as u8;
        }
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Station {
    pass: Output<()>,
    room: Output<()>,
    draws: Draws,
    /// Parts in the buffer before it; the first station never lacks any.
    waiting: u32,
    endless: bool,
    busy: bool,
    blocked: bool,
    /// Room after it; the last station never lacks any.
    credits: u32,
    last: bool,
    mtbf: f64,
    mttr: f64,
    life: f64,
    /// Work left when it broke down.
    left: f64,
}

#[Model]
impl Station {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        if self.endless {
            self.begin(context);
        }
    }

    /// A part comes.
    fn arrive(&mut self, _: (), context: &Context<Self>) {
        self.waiting += 1;
        if !self.busy && !self.blocked {
            self.begin(context);
        }
    }

    /// There is room for one more after it.
    async fn allow(&mut self, _: (), context: &Context<Self>) {
        self.credits += 1;
        if self.blocked {
            self.blocked = false;
            self.hand_on(context).await;
        }
    }

    fn begin(&mut self, context: &Context<Self>) {
        if !self.endless {
            if self.waiting == 0 {
                return;
            }
            self.waiting -= 1;
        }
        self.busy = true;
        self.left = self.draws.exponential(1.0);
        self.work(context);
    }

    /// Works until the part is done or the station breaks down.
    fn work(&mut self, context: &Context<Self>) {
        if self.mtbf > 0.0 && self.life <= self.left {
            self.left -= self.life;
            schedule(context, self.life, schedulable!(Self::fail));
        } else {
            self.life -= self.left;
            schedule(context, self.left, schedulable!(Self::finish));
        }
    }

    #[nexosim(schedulable)]
    fn fail(&mut self, _: (), context: &Context<Self>) {
        EVENTS.fetch_add(1, Ordering::Relaxed);
        let repair = self.draws.exponential(self.mttr);
        schedule(context, repair, schedulable!(Self::repaired));
    }

    #[nexosim(schedulable)]
    fn repaired(&mut self, _: (), context: &Context<Self>) {
        EVENTS.fetch_add(1, Ordering::Relaxed);
        self.life = self.draws.exponential(self.mtbf);
        self.work(context);
    }

    #[nexosim(schedulable)]
    async fn finish(&mut self, _: (), context: &Context<Self>) {
        EVENTS.fetch_add(1, Ordering::Relaxed);
        self.busy = false;
        self.hand_on(context).await;
    }

    async fn hand_on(&mut self, context: &Context<Self>) {
        if self.last {
            OUT.fetch_add(1, Ordering::Relaxed);
        } else if self.credits == 0 {
            self.blocked = true;
            return;
        } else {
            self.credits -= 1;
            self.pass.send(()).await;
        }
        if !self.endless {
            self.room.send(()).await;
        }
        self.begin(context);
    }
}

fn schedule(
    context: &Context<Station>,
    secs: f64,
    what: &nexosim::model::SchedulableId<Station, ()>,
) {
    // An instant later at least, as an event cannot be scheduled for now.
    let span = Duration::from_secs_f64(secs).max(Duration::from_nanos(1));
    context
        .schedule_event(span, what, ())
        .expect("a later instant");
}

/// The events of a line in `span` s, and the CPU time that they took.
pub(super) fn run(case: &Case, span: f64) -> Option<Measured> {
    let mut stations: Vec<_> = (0..case.stations)
        .map(|place| {
            let mut draws = Draws((place as u64).wrapping_mul(0x1234_5678_9abc_def1));
            Station {
                pass: Output::default(),
                room: Output::default(),
                waiting: 0,
                endless: place == 0,
                busy: false,
                blocked: false,
                // The next station's buffer, and the station itself.
                credits: BUFFER + 1,
                last: place + 1 == case.stations,
                mtbf: case.mtbf,
                mttr: case.mttr,
                life: draws.exponential(case.mtbf),
                left: 0.0,
                draws,
            }
        })
        .collect();
    let boxes: Vec<_> = stations.iter().map(|_| Mailbox::new()).collect();
    for place in 1..stations.len() {
        stations[place - 1]
            .pass
            .connect(Station::arrive, &boxes[place]);
        stations[place]
            .room
            .connect(Station::allow, &boxes[place - 1]);
    }
    let mut bench = SimInit::with_num_threads(1);
    for (station, mailbox) in stations.into_iter().zip(boxes) {
        bench = bench.add_model(station, mailbox, "station");
    }
    let mut simulation = bench.init(MonotonicTime::EPOCH).ok()?;
    let (events, out) = (EVENTS.load(Ordering::Relaxed), OUT.load(Ordering::Relaxed));
    // One thread runs it, which need not be this one.
    let clock = ProcessTime::now();
    simulation.step_until(Duration::from_secs_f64(span)).ok()?;
    let cpu_s = clock.elapsed().as_secs_f64();
    Some(Measured {
        events: (EVENTS.load(Ordering::Relaxed) - events) as f64,
        cpu_s,
        out: (OUT.load(Ordering::Relaxed) - out) as f64,
    })
}
