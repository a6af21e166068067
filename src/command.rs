//! What is written to the plant: in two steps, read back, within a time.
//!
//! ```text
//! arm ──► Armed ──confirm──► Sent ──the plant shows it──► Obeyed
//!           │                  └────────time is over────► NotObeyed
//!           ├──withdraw──► Withdrawn
//!           └──30 s──────► Expired
//! ```
//!
//! Nothing is written unless the scene enables it, the plant is looked at live, and whoever
//! asks may; that is asked at both steps. Every step is news for the audit. Floor 3: sending
//! is somebody else's.

use std::time::Duration;

use thiserror::Error;

use crate::scene::{Scene, Signal, Write};
use crate::signal::{QualityClass, SampleBatch, SignalId};
use crate::time::Timestamp;

/// Who does not confirm within this has something else to do.
pub const ARMED_FOR: Duration = Duration::from_secs(30);
/// Orders that may be under way together.
const MOST: usize = 64;
/// Ended orders that are kept for the screen.
const KEPT: usize = 32;

/// The number of an order, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u64);

/// One value that somebody wants to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// What is written.
    pub signal: SignalId,
    /// To which value, SI.
    pub value: f64,
    /// What it showed when that was asked, SI; `None` if nobody knew.
    pub before: Option<f64>,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How far it is.
    pub state: OrderState,
}

/// How far an order is.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderState {
    /// Waits for the second step.
    Armed {
        /// Until then.
        until: Timestamp,
    },
    /// On its way.
    Sent {
        /// When it was confirmed.
        at: Timestamp,
        /// When the plant must have obeyed.
        until: Timestamp,
        /// What was read back last, SI.
        shows: Option<f64>,
    },
    /// The plant shows it.
    Obeyed {
        /// How long that took.
        after: Duration,
    },
    /// The plant does not show it in time.
    NotObeyed {
        /// What was read back last, SI; `None` if nothing came.
        shows: Option<f64>,
    },
    /// It never left.
    NotSent {
        /// Why.
        why: String,
    },
    /// Taken back before it was confirmed.
    Withdrawn,
    /// Not confirmed in time.
    Expired,
}

/// Whether somebody may write now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// The plant is looked at live.
    pub live: bool,
    /// His role lets him write to this signal.
    pub allowed: bool,
    /// Something would carry it to the plant.
    pub carried: bool,
}

/// Why an order is refused.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    /// The scene does not write to this signal.
    #[error("`{signal}` is not written: its type has no `write` in the scene")]
    NotWritten {
        /// The signal.
        signal: String,
    },
    /// Nothing carries it.
    #[error("nothing is written to this plant: no connected source of the scene has `commands`")]
    NotEnabled,
    /// Another instant than the present is looked at.
    #[error("the plant is written to live only: press End to go live")]
    NotLive,
    /// The role does not allow it.
    #[error("you may not write to `{signal}`")]
    NotAllowed {
        /// The signal.
        signal: String,
    },
    /// The value cannot be written.
    #[error("{value} is not between {low} and {high}")]
    OutOfRange {
        /// With its unit.
        value: String,
        /// The lowest.
        low: String,
        /// The highest.
        high: String,
    },
    /// Another order to the same signal is under way.
    #[error("another order to `{signal}` is under way")]
    Busy {
        /// The signal.
        signal: String,
    },
    /// Too many orders are under way.
    #[error("{MOST} orders are under way: wait for one of them")]
    TooMany,
    /// There is no such order that waits for a second step.
    #[error("this order does not wait to be confirmed any more")]
    NotArmed,
}

/// All orders to a plant.
#[derive(Debug, Default)]
pub struct Orders {
    last: u64,
    /// Oldest first; those under way and the last that ended.
    orders: Vec<Order>,
    news: Vec<Order>,
}

impl Order {
    /// True until it has ended.
    pub fn is_open(&self) -> bool {
        matches!(
            self.state,
            OrderState::Armed { .. } | OrderState::Sent { .. }
        )
    }

    /// What it is and how it is, in words: `P-101.speed from 75.0 % to 82.0 %`.
    pub fn text(&self, scene: &Scene) -> String {
        let signal = scene.signal(self.signal);
        let before = self.before.map_or_else(
            || "an unknown value".to_owned(),
            |value| signal.value_with_unit(value),
        );
        let after = signal.value_with_unit(self.value);
        format!("{} from {before} to {after}", signal.full_name)
    }
}

impl OrderState {
    /// What became of it, in words.
    pub fn text(&self, signal: &Signal) -> String {
        let shown = |shows: &Option<f64>| match shows {
            Some(value) => format!("it shows {}", signal.value_with_unit(*value)),
            None => "nothing was read back".to_owned(),
        };
        match self {
            Self::Armed { .. } => "waits to be confirmed".to_owned(),
            Self::Sent { .. } => "sent, not yet obeyed".to_owned(),
            Self::Obeyed { after } => format!("obeyed after {:.1} s", after.as_secs_f64()),
            Self::NotObeyed { shows } => format!("not obeyed in time: {}", shown(shows)),
            Self::NotSent { why } => format!("not sent: {why}"),
            Self::Withdrawn => "withdrawn".to_owned(),
            Self::Expired => "given up, as nobody confirmed it in time".to_owned(),
        }
    }
}

impl Orders {
    /// The orders under way and the last that ended, oldest first.
    pub fn all(&self) -> &[Order] {
        &self.orders
    }

    /// The order of this number, while it is kept.
    pub fn get(&self, id: OrderId) -> Option<&Order> {
        self.orders.iter().find(|order| order.id == id)
    }

    /// The first step: says what shall be written, and by whom.
    pub fn arm(
        &mut self,
        scene: &Scene,
        (signal, value): (SignalId, f64),
        before: Option<f64>,
        (by, permit): (&str, Permit),
        now: Timestamp,
    ) -> Result<OrderId, Refusal> {
        let about = scene.signal(signal);
        let write = permitted(about, permit)?;
        let (low, high) = write.range;
        // What is no number is in no range either.
        if !(low..=high).contains(&value) {
            return Err(Refusal::OutOfRange {
                value: about.value_with_unit(value),
                low: about.value_with_unit(low),
                high: about.value_with_unit(high),
            });
        }
        let mut open = self.orders.iter().filter(|order| order.is_open());
        if open.clone().any(|order| order.signal == signal) {
            let signal = about.full_name.clone();
            return Err(Refusal::Busy { signal });
        }
        if open.nth(MOST - 1).is_some() {
            return Err(Refusal::TooMany);
        }
        self.last += 1;
        let id = OrderId(self.last);
        let until = now + ARMED_FOR;
        let order = Order {
            id,
            signal,
            value,
            before,
            by: by.to_owned(),
            at: now,
            state: OrderState::Armed { until },
        };
        self.news.push(order.clone());
        self.orders.push(order);
        self.forget_old();
        Ok(id)
    }

    /// The second step: lets `send` carry it to the plant.
    pub fn confirm(
        &mut self,
        id: OrderId,
        scene: &Scene,
        permit: Permit,
        now: Timestamp,
        send: impl FnOnce(&Order) -> Result<(), String>,
    ) -> Result<(), Refusal> {
        self.tick(now);
        let order = self.armed(id)?;
        let write = permitted(scene.signal(order.signal), permit)?;
        order.state = match send(order) {
            Ok(()) => OrderState::Sent {
                at: now,
                until: now + write.within,
                shows: None,
            },
            Err(why) => OrderState::NotSent { why },
        };
        let news = order.clone();
        self.news.push(news);
        Ok(())
    }

    /// Takes an order back that was not confirmed.
    pub fn withdraw(&mut self, id: OrderId) -> Result<(), Refusal> {
        let order = self.armed(id)?;
        order.state = OrderState::Withdrawn;
        let news = order.clone();
        self.news.push(news);
        Ok(())
    }

    /// Looks in what the plant says for what was written.
    pub fn observe(&mut self, batch: &SampleBatch, scene: &Scene) {
        for order in &mut self.orders {
            let OrderState::Sent { at, until, shows } = &mut order.state else {
                continue;
            };
            let Some((write, back)) = read_back(scene, order.signal) else {
                continue;
            };
            for (signal, sample) in &batch.samples {
                // An older value says nothing of an order, nor does one that cannot be trusted.
                let good = sample.quality.class() == QualityClass::Good;
                if *signal != back || !good || sample.at < *at || sample.at > *until {
                    continue;
                }
                *shows = Some(sample.value);
                if (sample.value - order.value).abs() <= write.tolerance {
                    let after = sample.at.since(*at);
                    order.state = OrderState::Obeyed { after };
                    self.news.push(order.clone());
                    break;
                }
            }
        }
    }

    /// Ends what took too long; true if something that was sent did.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let mut disobeyed = false;
        for order in &mut self.orders {
            match order.state {
                OrderState::Armed { until } if now > until => order.state = OrderState::Expired,
                OrderState::Sent { until, shows, .. } if now > until => {
                    disobeyed = true;
                    order.state = OrderState::NotObeyed { shows };
                }
                _ => continue,
            }
            self.news.push(order.clone());
        }
        disobeyed
    }

    /// Every step since this was asked last, in order.
    pub fn take_news(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.news)
    }

    fn armed(&mut self, id: OrderId) -> Result<&mut Order, Refusal> {
        let armed =
            |order: &&mut Order| order.id == id && matches!(order.state, OrderState::Armed { .. });
        self.orders.iter_mut().find(armed).ok_or(Refusal::NotArmed)
    }

    fn forget_old(&mut self) {
        let mut ended = self.orders.iter().filter(|order| !order.is_open()).count();
        self.orders.retain(|order| {
            let old = ended > KEPT && !order.is_open();
            ended -= usize::from(old);
            !old
        });
    }
}

/// How the signal is written, if this may be done now.
fn permitted(signal: &Signal, permit: Permit) -> Result<&Write, Refusal> {
    if !permit.live {
        return Err(Refusal::NotLive);
    }
    let name = || signal.full_name.clone();
    let write = signal.write.as_deref();
    let write = write.ok_or_else(|| Refusal::NotWritten { signal: name() })?;
    if !permit.carried {
        return Err(Refusal::NotEnabled);
    }
    if !permit.allowed {
        return Err(Refusal::NotAllowed { signal: name() });
    }
    Ok(write)
}

/// How a signal is written, and the signal that shows whether the plant obeyed.
fn read_back(scene: &Scene, signal: SignalId) -> Option<(&Write, SignalId)> {
    let about = scene.signal(signal);
    let write = about.write.as_deref()?;
    let own = scene.asset(about.asset).signals.clone();
    Some((write, SignalId(own.start + write.reads_back)))
}
