//! Lays a line out from its configuration, and tells all that is wrong with it.

mod join;
mod people;
mod source;
mod station;
mod transport;

use std::collections::{BTreeMap, HashMap};

use super::plan::{
    BufferPlan, Choose, ConveyorPlan, Kind, NodeIndex, NodePlan, Plan, Route, Slot, nanos,
};
use super::spec::{BufferSpec, ChooseSpec, ConveyorSpec, LineSpec, To};
use crate::models::Facts;
use crate::models::config::{Entry, Reader};
use crate::problem::did_you_mean;
use crate::units::Quantity;

/// Most parts that a buffer or conveyor holds.
const MOST_PARTS: u32 = 1_000_000;

/// The layout of `spec`. Only meant to be used if `reader` is clean afterwards.
pub(super) fn compile(spec: &LineSpec, reader: &mut Reader<'_>, facts: &dyn Facts) -> Plan {
    let mut compiler = Compiler::new(spec, reader, facts);
    // Those that are used most lie together.
    for index in 0..spec.stations.len() {
        compiler.plan.add_slot(Slot::Work(index as u32));
    }
    compiler.name_nodes();
    compiler.crews();
    for (index, source) in spec.sources.iter().enumerate() {
        compiler.source(index, source);
    }
    for (index, buffer) in spec.buffers.iter().enumerate() {
        compiler.buffer(index, buffer);
    }
    for (index, station) in spec.stations.iter().enumerate() {
        compiler.station(index, station);
    }
    for (index, conveyor) in spec.conveyors.iter().enumerate() {
        compiler.conveyor(index, conveyor);
    }
    compiler.transport();
    compiler.shifts();
    compiler.join();
    compiler.plan
}

/// What is known while a line is laid out.
struct Compiler<'s, 'r, 'f> {
    spec: &'s LineSpec,
    reader: &'r mut Reader<'f>,
    facts: &'s dyn Facts,
    plan: Plan,
    nodes: HashMap<String, NodeIndex>,
    products: Vec<String>,
    skills: Vec<String>,
}

impl<'s, 'r, 'f> Compiler<'s, 'r, 'f> {
    fn new(spec: &'s LineSpec, reader: &'r mut Reader<'f>, facts: &'s dyn Facts) -> Self {
        let products = if spec.products.is_empty() {
            vec!["part".to_owned()]
        } else {
            spec.products.clone()
        };
        let mut skills: Vec<_> = spec
            .operators
            .iter()
            .flat_map(|crew| crew.skills.iter().cloned())
            .collect();
        skills.sort();
        skills.dedup();
        Self {
            plan: Plan {
                tag: spec.tag.clone(),
                products: products.clone(),
                ..Plan::default()
            },
            spec,
            reader,
            facts,
            nodes: HashMap::new(),
            products,
            skills,
        }
    }

    /// Gives every node its number.
    fn name_nodes(&mut self) {
        let spec = self.spec;
        let mut nodes: Vec<(&str, Kind, usize, &str, Vec<[f64; 3]>)> = Vec::new();
        let point = |at: Option<(f64, f64, f64)>| at.map(|(x, y, z)| [x, y, z]);
        for (index, source) in spec.sources.iter().enumerate() {
            let at = point(source.at).into_iter().collect();
            nodes.push((&source.tag, Kind::Source, index, "sources", at));
        }
        for (index, buffer) in spec.buffers.iter().enumerate() {
            let at = point(buffer.at).into_iter().collect();
            nodes.push((&buffer.tag, Kind::Buffer, index, "buffers", at));
        }
        for (index, station) in spec.stations.iter().enumerate() {
            let at = point(station.at).into_iter().collect();
            nodes.push((&station.tag, Kind::Station, index, "stations", at));
        }
        for (index, conveyor) in spec.conveyors.iter().enumerate() {
            let path = conveyor.path.iter().map(|(x, y, z)| [*x, *y, *z]).collect();
            nodes.push((&conveyor.tag, Kind::Conveyor, index, "conveyors", path));
        }
        for (index, carrier) in spec.carriers.iter().enumerate() {
            nodes.push((&carrier.tag, Kind::Carrier, index, "carriers", Vec::new()));
        }
        for (index, sink) in spec.sinks.iter().enumerate() {
            let at = point(sink.at).into_iter().collect();
            nodes.push((&sink.tag, Kind::Sink, index, "sinks", at));
        }
        for (tag, kind, place, list, path) in nodes {
            let entry = Entry::item(list, place, tag);
            let number = self.plan.nodes.len() as NodeIndex;
            if self.nodes.insert(tag.to_owned(), number).is_some() || tag == spec.tag {
                let message = format!("`{tag}` is there twice");
                self.reader.problem(
                    &entry,
                    "tag",
                    message,
                    "give each part of the line a tag of its own",
                );
            }
            let path = if path.is_empty() {
                self.facts.course(tag)
            } else {
                path
            };
            if path.iter().flatten().any(|number| !number.is_finite()) {
                let message = format!("`{tag}` is at no place");
                self.reader
                    .problem(&entry, "at", message, "write finite numbers, m");
            }
            self.plan.nodes.push(NodePlan {
                tag: tag.to_owned(),
                kind,
                place,
                route: Route::default(),
                feeders: Vec::new(),
                path: if path.is_empty() {
                    vec![[0.0; 3]]
                } else {
                    path
                },
            });
            if kind == Kind::Sink {
                self.plan.sinks.push(number);
            }
        }
        let whole = Entry::new([], "the line");
        for (list, empty) in [
            ("sources", spec.sources.is_empty()),
            ("sinks", spec.sinks.is_empty()),
        ] {
            if empty {
                let message = format!("the line has no {list}");
                self.reader.problem(
                    &whole,
                    list,
                    message,
                    "parts must come from and go somewhere",
                );
            }
        }
    }

    fn buffer(&mut self, index: usize, spec: &BufferSpec) {
        let entry = Entry::item("buffers", index, &spec.tag);
        let node = self.nodes[&spec.tag];
        let capacity = spec.capacity.unwrap_or(MOST_PARTS);
        if capacity == 0 || capacity > MOST_PARTS {
            let message = format!("`{}` has a capacity of {capacity}", spec.tag);
            let hint = "count from 1 to 1000000, or leave it out for no limit";
            self.reader.problem(&entry, "capacity", message, hint);
        }
        if spec.start > capacity {
            let message = format!("`{}` starts with more than it holds", spec.tag);
            self.reader
                .problem(&entry, "start", message, format!("{capacity} at most"));
        }
        self.plan.buffers.push(BufferPlan {
            node,
            capacity: spec.capacity,
            start: spec.start,
        });
        self.route(node, &entry, &spec.to, &spec.choose, &spec.by_product);
    }

    fn conveyor(&mut self, index: usize, spec: &ConveyorSpec) {
        let entry = Entry::item("conveyors", index, &spec.tag);
        let node = self.nodes[&spec.tag];
        let path = &self.plan.nodes[node as usize].path;
        let course: f64 = path
            .windows(2)
            .map(|ends| {
                (0..3)
                    .map(|axis| (ends[1][axis] - ends[0][axis]).powi(2))
                    .sum::<f64>()
                    .sqrt()
            })
            .sum();
        let length = match &spec.length {
            None if course > 0.0 => course,
            text => self
                .reader
                .known_positive(&entry, "length", text.as_deref(), Quantity::Length),
        };
        let speed = self
            .reader
            .positive(&entry, "speed", &spec.speed, Quantity::Speed);
        let pitch = self
            .reader
            .positive(&entry, "pitch", &spec.pitch, Quantity::Length);
        let capacity = (length / pitch * (1.0 + 1e-9)).floor();
        if !(1.0..=f64::from(MOST_PARTS)).contains(&capacity) {
            let message = format!("`{}` has room for {capacity} parts", spec.tag);
            let hint = "the pitch must be at most the length";
            self.reader.problem(&entry, "pitch", message, hint);
        }
        let (transit, pitch) = (nanos(length / speed), nanos(pitch / speed));
        let exit_slot = self.plan.add_slot(Slot::Exit(index as u32));
        let entry_slot = self.plan.add_slot(Slot::Entry(index as u32));
        self.plan.conveyors.push(ConveyorPlan {
            node,
            transit,
            pitch,
            capacity: capacity as usize,
            accumulating: spec.accumulating,
            exit_slot,
            entry_slot,
        });
        self.route(node, &entry, &spec.to, &spec.choose, &spec.by_product);
    }

    /// Reads where parts of `node` go.
    fn route(
        &mut self,
        node: NodeIndex,
        entry: &Entry,
        to: &To,
        choose: &ChooseSpec,
        by_product: &BTreeMap<String, String>,
    ) {
        let targets: Vec<_> =
            to.0.iter()
                .filter_map(|tag| self.target(entry, "to", tag))
                .collect();
        if to.0.is_empty() {
            let message = format!("parts of {} go nowhere", entry.called());
            self.reader
                .problem(entry, "to", message, "name the node that comes next");
        }
        let choose = match choose {
            ChooseSpec::First => Choose::First,
            ChooseSpec::Turns => Choose::Turns,
            ChooseSpec::Fewest => Choose::Fewest,
            ChooseSpec::Shares(shares) => {
                if shares.len() != to.0.len() {
                    let message = format!(
                        "{} has {} shares for {} nodes",
                        entry.called(),
                        shares.len(),
                        to.0.len()
                    );
                    self.reader
                        .problem(entry, "choose", message, "give each node its share");
                }
                Choose::Shares(self.sums(entry, "choose", shares))
            }
        };
        let mut own = Vec::new();
        for (product, tag) in by_product {
            let product = self.product(entry, "by_product", product);
            own.resize(self.products.len(), None);
            own[usize::from(product)] = self.target(entry, "by_product", tag);
        }
        let stream = match choose {
            Choose::Shares(_) => self.plan.add_streams(1),
            _ => 0,
        };
        self.plan.nodes[node as usize].route = Route {
            to: targets,
            choose,
            by_product: own,
            stream,
        };
    }

    /// The node `tag`, to which parts may go.
    fn target(&mut self, entry: &Entry, field: &str, tag: &str) -> Option<NodeIndex> {
        let Some(&node) = self.nodes.get(tag) else {
            let message = format!(
                "{} sends parts to `{tag}`, which is not there",
                entry.called()
            );
            let hint = did_you_mean(tag, self.nodes.keys().map(String::as_str));
            self.reader.problem(entry, field, message, hint);
            return None;
        };
        if self.plan.nodes[node as usize].kind == Kind::Source {
            let message = format!("{} sends parts to the source `{tag}`", entry.called());
            self.reader
                .problem(entry, field, message, "sources take no parts");
        }
        Some(node)
    }

    fn product(&mut self, entry: &Entry, field: &str, name: &str) -> u16 {
        if let Some(place) = self.products.iter().position(|known| known == name) {
            return place as u16;
        }
        let message = format!(
            "`{field}` of {}: there is no product `{name}`",
            entry.called()
        );
        let hint = did_you_mean(name, self.products.iter().map(String::as_str));
        self.reader.problem(entry, field, message, hint);
        0
    }

    fn skill_place(&self, name: &str) -> Option<u16> {
        let place = self.skills.iter().position(|known| known == name)?;
        Some(place as u16)
    }

    fn skill(&mut self, entry: &Entry, field: &str, name: Option<&String>) -> Option<u16> {
        let name = name?;
        let found = self.skill_place(name);
        if found.is_none() {
            let message = format!(
                "nobody has the skill `{name}` that {} needs",
                entry.called()
            );
            let hint = did_you_mean(name, self.skills.iter().map(String::as_str));
            self.reader.problem(entry, field, message, hint);
        }
        found
    }

    /// The sums of shares up to each, made to end at 1.
    fn sums(&mut self, entry: &Entry, field: &str, shares: &[f64]) -> Vec<f64> {
        let total: f64 = shares.iter().sum();
        let fine = shares.iter().all(|share| *share >= 0.0) && total > 0.0 && total.is_finite();
        if !fine {
            let message = format!(
                "the shares in `{field}` of {} are no shares",
                entry.called()
            );
            self.reader
                .problem(entry, field, message, "none below zero, and one above");
            return vec![1.0; shares.len()];
        }
        let mut sum = 0.0;
        let sums = shares.iter().map(|share| {
            sum += share / total;
            sum
        });
        sums.collect()
    }
}
