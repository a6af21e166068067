//! An emulated plant that does what commands say.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};
use tracing::warn;

use super::feed::{FeedError, endpoint, sources_at, topics, tracks};
use super::{EmulatedPlant, Opened};
use crate::scene::Scene;
use crate::signal::SignalId;
use crate::telemetry::emulator::Truth;
use crate::telemetry::{
    SourceChange, SourceEvent, SourceHandle, SourceSettings, TrackedFixes, listen,
};
use crate::time::Timestamp;

/// Commands that may wait until the plant looks at them; then the broker queues.
const ORDERS_WAITING: usize = 256;

/// What an emulated plant is told by commands.
struct HeardOrders {
    scene: Arc<Scene>,
    events: Receiver<SourceEvent>,
    _source: SourceHandle,
}

impl HeardOrders {
    /// What came since it was asked last, SI: what the scene lets be written, and no more.
    fn next(&self) -> Vec<(SignalId, f64)> {
        let mut orders = Vec::new();
        for event in self.events.try_iter() {
            if let SourceChange::Samples(batch) = event.change {
                orders.extend(batch.samples.iter().map(|(id, sample)| (*id, sample.value)));
            }
        }
        orders.retain(|(signal, value)| {
            let write = self.scene.signal(*signal).write.as_ref();
            write.is_some_and(|write| (write.range.0..=write.range.1).contains(value))
        });
        orders
    }
}

/// An emulated plant that does what it is told.
pub(super) struct ObedientPlant {
    plant: EmulatedPlant,
    orders: Vec<HeardOrders>,
}

impl ObedientPlant {
    /// `plant`, which hears the commands of each of the scene's sources at `broker`.
    pub(super) fn new(
        plant: EmulatedPlant,
        opened: &Opened,
        broker: &str,
    ) -> Result<Self, FeedError> {
        let orders = heard_orders(opened, broker)?;
        Ok(Self { plant, orders })
    }
}

impl Truth for ObedientPlant {
    fn at(&mut self, at: Timestamp, values: &mut Vec<(SignalId, f64)>) -> Result<(), String> {
        for (signal, value) in self.orders.iter().flat_map(HeardOrders::next) {
            if let Err(error) = self.plant.write(signal, value, at) {
                warn!(%error, "the emulated plant cannot do what it was told");
            }
        }
        self.plant.at(at, values)
    }

    fn whereabouts(&self) -> Vec<TrackedFixes> {
        self.plant.whereabouts()
    }
}

/// Listens to the commands of each source, at `broker`.
fn heard_orders(opened: &Opened, broker: &str) -> Result<Vec<HeardOrders>, FeedError> {
    let specs = sources_at(opened, Some(broker)).into_iter();
    let specs = specs.filter_map(|spec| spec.of_commands());
    specs
        .enumerate()
        .map(|(source, mut spec)| {
            spec.client_id.push_str("-obeys");
            let (out, events) = bounded(ORDERS_WAITING);
            let settings = SourceSettings {
                source,
                name: spec.name.clone(),
                endpoint: endpoint(&spec, &opened.folder)?,
                topics: topics(&spec, &opened.scene)?,
                tracks: tracks(&spec, opened)?,
                qos: spec.qos,
                wake: None,
            };
            let source = listen(settings, out).map_err(|cause| FeedError::Endpoint {
                name: spec.name.clone(),
                cause,
            })?;
            Ok(HeardOrders {
                scene: Arc::clone(&opened.scene),
                events,
                _source: source,
            })
        })
        .collect()
}
