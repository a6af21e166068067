//! The ports of a model whose configuration names its signals one by one.

use super::config::{Entry, Reader};
use super::{Causality, Port};
use crate::units::Quantity;

/// Collects ports; a signal that is named twice is one port.
#[derive(Default)]
pub(super) struct Wiring {
    ports: Vec<Port>,
}

impl Wiring {
    /// The ports, in the order of their places.
    pub(super) fn into_ports(self) -> Vec<Port> {
        self.ports
    }

    /// The place of `signal`, to be read. It may be one that this model writes.
    pub(super) fn read(
        &mut self,
        (entry, field): (&Entry, &str),
        signal: &str,
        quantity: Quantity,
        default: Option<f64>,
        reader: &mut Reader<'_>,
    ) -> usize {
        let signal = reader.signal(entry, field, signal);
        let port = Port::input(signal, quantity, default);
        match self.find(entry, field, &port, reader) {
            Some(place) => place,
            None => self.add(port),
        }
    }

    /// The place of `signal`, to be written: a state if it has a value to start from.
    pub(super) fn write(
        &mut self,
        (entry, field): (&Entry, &str),
        signal: &str,
        quantity: Quantity,
        start: Option<f64>,
        reader: &mut Reader<'_>,
    ) -> usize {
        let signal = reader.signal(entry, field, signal);
        let port = match start {
            Some(start) => Port::state(signal, quantity, start),
            None => Port::output(signal, quantity),
        };
        let Some(place) = self.find(entry, field, &port, reader) else {
            return self.add(port);
        };
        if self.ports[place].causality == Causality::Input {
            self.ports[place] = port; // read further up, written here
        } else {
            let message = format!("`{}` is written twice", port.signal);
            reader.problem(entry, field, message, "let one part of the model write it");
        }
        place
    }

    fn add(&mut self, port: Port) -> usize {
        self.ports.push(port);
        self.ports.len() - 1
    }

    fn find(
        &self,
        entry: &Entry,
        field: &str,
        port: &Port,
        reader: &mut Reader<'_>,
    ) -> Option<usize> {
        let place = self
            .ports
            .iter()
            .position(|known| known.signal == port.signal)?;
        let known = self.ports[place].quantity;
        if known != port.quantity {
            let message = format!(
                "`{}` is {:?} here and {known:?} elsewhere in this model",
                port.signal, port.quantity
            );
            reader.problem(entry, field, message, "use units of one quantity");
        }
        Some(place)
    }
}
