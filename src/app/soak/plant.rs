//! The plant of a soak: the scene's models behind a broker and a wire that can be cut, in a
//! process of their own.
//!
//! The first line on stdout is where to connect. Lines on stdin say what happens: `flood` holds
//! every signal with limits beyond them, `calm` ends that, `cut` cuts the wire. The process ends
//! with its stdin.

use std::io::{self, BufRead, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{SPEED, SoakError};
use crate::app::launch::LaunchError;
use crate::scene::Signal;
use crate::session::{self, FeedError, Opened, emulated_plant, publisher};
use crate::signal::Sample;
use crate::telemetry::{EmbeddedBroker, now};

/// The distance of the plant's samples, s of the plant.
const STEP: f64 = 10.0;
/// The plant begins so long ago, s: nothing that it tells lies ahead of this computer's clock.
const AGO: f64 = 90.0 * 86_400.0;
/// How far beyond its limits a flood brings a signal, as a share of its range.
const BEYOND: f64 = 0.05;

/// Is the plant of this scene until stdin ends.
pub fn play(scene: &Path) -> Result<(), SoakError> {
    let opened = session::open(scene).map_err(LaunchError::from)?;
    let version = opened.scene.sources.first().map(|source| source.version);
    let broker = EmbeddedBroker::start(None).map_err(FeedError::from);
    let broker = broker
        .map_err(LaunchError::from)?
        .url(version.unwrap_or_default());
    let wire = Wire::to(&broker)?;
    let mut out = io::stdout();
    writeln!(out, "mqtt://127.0.0.1:{}", wire.port)?;
    out.flush()?;
    let orders = Arc::new(Orders::default());
    let told = Arc::clone(&orders);
    let living = thread::Builder::new()
        .name("plant".to_owned())
        .spawn(move || live(&opened, &broker, &told))?;
    for line in io::stdin().lock().lines() {
        match line?.as_str() {
            "flood" => orders.flood.store(true, Ordering::Relaxed),
            "calm" => orders.flood.store(false, Ordering::Relaxed),
            "cut" => wire.cut(),
            other => return Err(io::Error::other(format!("nobody knows `{other}`")).into()),
        }
    }
    orders.stop.store(true, Ordering::Relaxed);
    let lived = living.join();
    lived.unwrap_or_else(|_| Err(io::Error::other("the plant's thread ended").into()))
}

#[derive(Default)]
struct Orders {
    flood: AtomicBool,
    stop: AtomicBool,
}

/// Publishes what the models say, until it is told to stop.
fn live(opened: &Opened, broker: &str, orders: &Orders) -> Result<(), SoakError> {
    let start = now().plus_secs(-AGO);
    let plant = emulated_plant(&opened.plant, &opened.scene, start, 1).map_err(FeedError::from);
    let mut plant = plant.map_err(LaunchError::from)?;
    let publisher = publisher(opened, broker).map_err(LaunchError::from)?;
    let began = Instant::now();
    let mut values = Vec::new();
    for step in 0_u32.. {
        let due = Duration::from_secs_f64(f64::from(step) * STEP / SPEED);
        thread::sleep(due.saturating_sub(began.elapsed()));
        if orders.stop.load(Ordering::Relaxed) {
            break;
        }
        let at = start.plus_secs(f64::from(step) * STEP);
        values.clear();
        plant.truth_at(at, &mut values).map_err(io::Error::other)?;
        let floods = orders.flood.load(Ordering::Relaxed);
        for &(signal, value) in &values {
            let known = opened.scene.signal(signal);
            let value = if floods { beyond(known, value) } else { value };
            if publisher.carries(signal) {
                let sample = [Sample::good(at, value)];
                let sent = publisher.send(signal, &sample, &orders.stop);
                sent.map_err(io::Error::other)?;
            }
        }
    }
    Ok(())
}

/// Beyond the furthest of the signal's limits; what it was if it has none.
fn beyond(signal: &Signal, value: f64) -> f64 {
    let past = BEYOND * (signal.range.1 - signal.range.0).abs();
    let high = signal.limits.iter().filter(|limit| limit.kind.is_upper());
    let high = high.map(|limit| limit.at).reduce(f64::max);
    let low = signal.limits.iter().filter(|limit| !limit.kind.is_upper());
    let low = low.map(|limit| limit.at).reduce(f64::min);
    match (high, low) {
        (Some(high), _) => high + past,
        (None, Some(low)) => low - past,
        (None, None) => value,
    }
}

/// A way to the broker that can be cut; who was on it may come again.
struct Wire {
    port: u16,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    /// To the broker at this URL, which is on this machine.
    fn to(broker: &str) -> io::Result<Self> {
        let port = broker.rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.ok_or_else(|| io::Error::other(format!("no port in {broker}")))?;
        let far = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let wire = Self {
            port: listener.local_addr()?.port(),
            open: Arc::default(),
        };
        let open = Arc::clone(&wire.open);
        thread::Builder::new()
            .name("wire".to_owned())
            .spawn(move || {
                for near in listener.incoming().flatten() {
                    // One that fails is as one that was cut: the client comes again.
                    join(&near, far, &open).ok();
                }
            })?;
        Ok(wire)
    }

    fn cut(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for end in open.drain(..) {
            end.shutdown(Shutdown::Both).ok(); // gone already is as good
        }
    }
}

/// Carries bytes both ways until one end is gone.
fn join(near: &TcpStream, far: SocketAddr, open: &Mutex<Vec<TcpStream>>) -> io::Result<()> {
    let far = TcpStream::connect(far)?;
    for (from, into) in [(near, &far), (&far, near)] {
        let (mut from, mut into) = (from.try_clone()?, into.try_clone()?);
        thread::Builder::new()
            .name("wire".to_owned())
            .spawn(move || {
                io::copy(&mut from, &mut into).ok(); // the end is told to the other side below
                into.shutdown(Shutdown::Both).ok();
            })?;
    }
    let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
    open.extend([near.try_clone()?, far]);
    Ok(())
}
