//! The master's plan: which model port is which value of the plant.
//!
//! All values lie on one *blackboard*. Its first slots are the scene's signals, by
//! [`SignalId`]; ports that the scene does not name get slots behind them, so that two
//! models can still share them. Models are stepped in scene order; a connection copies
//! one slot to another after the step that wrote it.

use std::collections::HashMap;

use crate::models::{self, Causality, Facts, Model};
use crate::population::Population;
use crate::problem::Problem;
use crate::scene::{Asset, Scene};
use crate::signal::SignalId;
use crate::time::Timestamp;
use crate::units::Quantity;

/// The models of a scene, wired. Never changes; runs copy the models out of it.
pub struct Plant {
    pub(super) placed: Vec<PlacedModel>,
    pub(super) connections: Vec<(usize, usize)>,
    pub(super) slots: usize,
    outputs: Vec<SignalId>,
    is_state: Vec<bool>,
    /// What models do with each signal.
    pub(super) roles: Vec<Option<Causality>>,
    /// Signals that one model writes and another reads.
    shared: Vec<bool>,
    /// The model of each population and its place there, by [`PopulationId`].
    ///
    /// [`PopulationId`]: crate::population::PopulationId
    pub(super) population_places: Vec<(usize, usize)>,
    fingerprint: u64,
}

/// A model and where its ports lie on the blackboard.
pub(super) struct PlacedModel {
    pub(super) prototype: Box<dyn Model>,
    pub(super) wires: Vec<Wire>,
}

/// One port on the blackboard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wire {
    pub(super) slot: usize,
    pub(super) causality: Causality,
    pub(super) default: Option<f64>,
}

impl Plant {
    /// Builds every model of `scene` and wires it. Lines are those of the scene file.
    pub fn build(scene: &Scene) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut prototypes = Vec::new();
        for text in &scene.models {
            let facts = SceneFacts {
                scene,
                prefix: &text.prefix,
            };
            match models::build(&text.kind, &text.name, &text.text, &facts) {
                Ok(model) => prototypes.push((model, text.first_line)),
                Err(found) => problems.extend(found.into_iter().map(|problem| Problem {
                    file: text.file.clone(),
                    // Both count from 1.
                    line: Some(problem.line.unwrap_or(1) + text.first_line - 1),
                    ..problem
                })),
            }
        }
        let mut wiring = Wiring::new(scene);
        let placed: Vec<_> = prototypes
            .into_iter()
            .map(|(prototype, line)| {
                let wires = wiring.wire(prototype.as_ref(), line, &mut problems);
                PlacedModel { prototype, wires }
            })
            .collect();
        wiring.check_inputs(&mut problems);
        if !problems.is_empty() {
            problems.sort();
            return Err(problems);
        }
        let connections: Vec<_> = scene
            .connections
            .iter()
            .map(|(from, to)| (from.index(), to.index()))
            .collect();
        let mut touched = vec![false; wiring.slots.len()];
        let mut roles: Vec<Option<Causality>> = vec![None; scene.signals.len()];
        let mut read = vec![false; wiring.slots.len()];
        for wire in placed.iter().flat_map(|model| &model.wires) {
            touched[wire.slot] = true;
            read[wire.slot] |= wire.causality == Causality::Input;
            if let Some(role) = roles.get_mut(wire.slot) {
                *role = Some(role.map_or(wire.causality, |known| stronger(known, wire.causality)));
            }
        }
        for (from, to) in &connections {
            touched[*to] |= touched[*from];
        }
        Ok(Self {
            outputs: scene
                .signal_ids()
                .filter(|id| touched[id.index()])
                .collect(),
            is_state: scene
                .signals
                .iter()
                .map(|signal| !signal.states.is_empty())
                .collect(),
            shared: scene
                .signal_ids()
                .map(|id| read[id.index()] && roles[id.index()] == Some(Causality::Output))
                .collect(),
            roles,
            population_places: placed
                .iter()
                .enumerate()
                .flat_map(|(model, placed)| {
                    let count = placed.prototype.populations().len();
                    (0..count).map(move |place| (model, place))
                })
                .collect(),
            fingerprint: fingerprint(scene),
            slots: wiring.slots.len(),
            placed,
            connections,
        })
    }

    /// True if there is nothing to simulate.
    pub fn is_empty(&self) -> bool {
        self.placed.is_empty()
    }

    /// The first instant not before `after` at which the models' own time begins, if one has it.
    pub fn own_start(&self, after: Timestamp) -> Timestamp {
        let starts = self
            .placed
            .iter()
            .map(|model| model.prototype.own_start(after));
        starts.max().unwrap_or(after)
    }

    /// The signals that runs of this plant compute, in order.
    pub fn outputs(&self) -> &[SignalId] {
        &self.outputs
    }

    /// The models' names, in stepping order.
    pub fn model_names(&self) -> impl Iterator<Item = &str> {
        self.placed.iter().map(|model| model.prototype.name())
    }

    /// What moves in the models, by [`PopulationId`](crate::population::PopulationId).
    pub fn populations(&self) -> impl Iterator<Item = &Population> {
        let models = self.placed.iter();
        models.flat_map(|placed| placed.prototype.populations())
    }

    /// A number that is equal for equal models: kinds, names and configurations, those of
    /// imported files too.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// What models do with a signal: a state if one starts from it, an output if one
    /// computes it, an input if they only read it; `None` if they do not know it.
    pub fn role(&self, signal: SignalId) -> Option<Causality> {
        self.roles.get(signal.index()).copied().flatten()
    }

    /// True if one model computes the signal and another reads it: a pump's speed, say.
    pub fn is_shared(&self, signal: SignalId) -> bool {
        self.shared.get(signal.index()).copied().unwrap_or(false)
    }

    /// True if a person can say what the signal is to be: models start from it or read it.
    pub fn is_settable(&self, signal: SignalId) -> bool {
        matches!(self.role(signal), Some(Causality::Input | Causality::State))
    }

    /// True if what a scenario says of the signal changes something: a model reads it or starts
    /// from it.
    pub fn takes(&self, signal: SignalId) -> bool {
        self.is_settable(signal) || self.is_shared(signal)
    }

    /// True if the signal is a state such as running or stopped, not a measure.
    pub(super) fn is_state(&self, signal: SignalId) -> bool {
        self.is_state[signal.index()]
    }
}

/// What a signal is to its models together: a state if one starts from it, else an output if
/// one computes it.
fn stronger(one: Causality, other: Causality) -> Causality {
    match (one, other) {
        (Causality::State, _) | (_, Causality::State) => Causality::State,
        (Causality::Output, _) | (_, Causality::Output) => Causality::Output,
        (Causality::Input, Causality::Input) => Causality::Input,
    }
}

/// The FNV-1a hash of all that the models of `scene` are built from.
fn fingerprint(scene: &Scene) -> u64 {
    let parts = scene
        .models
        .iter()
        .flat_map(|model| [&model.kind, &model.name, &model.prefix, &model.text]);
    // A byte that no text holds keeps the parts apart.
    let bytes = parts.flat_map(|part| part.bytes().chain([0xFF]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// What a model may ask about the assets of a scene.
struct SceneFacts<'a> {
    scene: &'a Scene,
    prefix: &'a str,
}

impl SceneFacts<'_> {
    fn asset(&self, tag: &str) -> Option<&Asset> {
        let index = self.scene.find_asset(tag)?;
        Some(self.scene.asset(index))
    }
}

impl Facts for SceneFacts<'_> {
    fn parameter(&self, tag: &str, name: &str) -> Option<(f64, Quantity)> {
        let &(value, unit) = self.asset(tag)?.parameters.get(name)?;
        Some((value, unit.quantity()))
    }

    fn prefix(&self) -> &str {
        self.prefix
    }

    fn course(&self, tag: &str) -> Vec<[f64; 3]> {
        self.asset(tag).map_or_else(Vec::new, |asset| {
            if asset.route.is_empty() {
                vec![asset.position]
            } else {
                asset.route.clone()
            }
        })
    }

    fn route_length(&self, tag: &str) -> Option<f64> {
        self.asset(tag)
            .map(Asset::route_length)
            .filter(|length| *length > 0.0)
    }
}

/// The blackboard while it is being laid out.
struct Wiring<'a> {
    scene: &'a Scene,
    slots: Vec<Slot>,
    by_name: HashMap<String, usize>,
}

#[derive(Default)]
struct Slot {
    name: String,
    quantity: Option<Quantity>,
    writer: Option<String>,
    /// The model and line of an input that somebody must write.
    needed_by: Option<(String, u32)>,
    has_default: bool,
}

impl<'a> Wiring<'a> {
    fn new(scene: &'a Scene) -> Self {
        let slots: Vec<Slot> = scene
            .signals
            .iter()
            .map(|signal| Slot {
                name: signal.full_name.clone(),
                quantity: Some(signal.unit.quantity()),
                ..Slot::default()
            })
            .collect();
        let by_name = slots
            .iter()
            .enumerate()
            .map(|(place, slot)| (slot.name.clone(), place))
            .collect();
        Self {
            scene,
            slots,
            by_name,
        }
    }

    fn wire(&mut self, model: &dyn Model, line: u32, problems: &mut Vec<Problem>) -> Vec<Wire> {
        let wires = model.ports().iter().map(|port| {
            let place = *self.by_name.entry(port.signal.clone()).or_insert_with(|| {
                self.slots.push(Slot {
                    name: port.signal.clone(),
                    ..Slot::default()
                });
                self.slots.len() - 1
            });
            let slot = &mut self.slots[place];
            let quantity = *slot.quantity.get_or_insert(port.quantity);
            if quantity != port.quantity {
                problems.push(Problem::new(
                    Some(line),
                    format!(
                        "model `{}` takes `{}` as {:?}, but its unit measures {quantity:?}",
                        model.name(),
                        port.signal,
                        port.quantity
                    ),
                    format!("give the signal a unit of {:?}", port.quantity),
                ));
            }
            match port.causality {
                Causality::Input if port.default.is_none() => {
                    slot.needed_by = Some((model.name().to_owned(), line));
                }
                Causality::Input => slot.has_default = true,
                Causality::Output | Causality::State => {
                    if let Some(writer) = &slot.writer {
                        problems.push(Problem::new(
                            Some(line),
                            format!(
                                "`{}` is written by both `{writer}` and `{}`",
                                port.signal,
                                model.name()
                            ),
                            "let one model write it",
                        ));
                    }
                    slot.writer = Some(model.name().to_owned());
                }
            }
            Wire {
                slot: place,
                causality: port.causality,
                default: port.default,
            }
        });
        wires.collect()
    }

    /// Every input needs a writer, a default, or an instrument that measures it.
    fn check_inputs(&self, problems: &mut Vec<Problem>) {
        for (place, slot) in self.slots.iter().enumerate() {
            let Some((model, line)) = &slot.needed_by else {
                continue;
            };
            let fed = slot.writer.is_some()
                || slot.has_default
                || self
                    .scene
                    .connections
                    .iter()
                    .any(|(_, to)| to.index() == place)
                || self
                    .scene
                    .signals
                    .get(place)
                    .is_some_and(|signal| signal.measured);
            if !fed {
                problems.push(Problem::new(
                    Some(*line),
                    format!("nothing feeds input `{}` of model `{model}`", slot.name),
                    "connect a signal to it, or let a model compute it",
                ));
            }
        }
    }
}
