//! Lays a line out from its configuration, and tells all that is wrong with it.

mod station;
mod transport;

use std::collections::{BTreeMap, HashMap};

use super::plan::{
    Arrivals, BufferPlan, Choose, ConveyorPlan, CrewPlan, Hop, Kind, NodeIndex, NodePlan,
    OrderPlan, Pick, Plan, Route, ShiftPlan, Slot, SourcePlan, When, nanos,
};
use super::spec::{
    ArrivalsSpec, BufferSpec, ChooseSpec, ConveyorSpec, LineSpec, OrderSpec, ShiftSpec, SourceSpec,
    To,
};
use super::spread::Spread;
use crate::models::Facts;
use crate::models::config::{Entry, Reader};
use crate::problem::did_you_mean;
use crate::time::Timestamp;
use crate::units::Quantity;

/// Most parts that a buffer or conveyor holds.
const MOST_PARTS: u32 = 1_000_000;

/// The layout of `spec`. Only meant to be used if `reader` is clean afterwards.
pub(super) fn compile(spec: &LineSpec, reader: &mut Reader<'_>, facts: &dyn Facts) -> Plan {
    let mut compiler = Compiler::new(spec, reader, facts);
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

    fn source(&mut self, index: usize, spec: &SourceSpec) {
        let entry = Entry::item("sources", index, &spec.tag);
        let node = self.nodes[&spec.tag];
        let arrivals = match &spec.arrivals {
            ArrivalsSpec::Unlimited => Arrivals::Unlimited,
            ArrivalsSpec::Every(spread) => {
                Arrivals::Every(Spread::compile(spread, &entry, "arrivals", self.reader))
            }
            ArrivalsSpec::Orders(orders) => self.orders(orders, &entry),
        };
        let pick = self.pick(spec, &entry);
        let slot = self.plan.add_slot(Slot::Arrival(index));
        let stream = self.plan.add_streams(1);
        self.plan.sources.push(SourcePlan {
            node,
            arrivals,
            pick,
            slot,
            stream,
        });
        self.route(node, &entry, &spec.to, &spec.choose, &spec.by_product);
    }

    fn pick(&mut self, spec: &SourceSpec, entry: &Entry) -> Pick {
        if !spec.campaigns.is_empty() {
            let campaigns = spec.campaigns.iter().map(|(product, count)| {
                let product = self.product(entry, "campaigns", product);
                if *count == 0 {
                    let message = format!("a campaign of {} makes nothing", entry.called());
                    self.reader
                        .problem(entry, "campaigns", message, "count from 1");
                }
                (product, *count)
            });
            return Pick::Campaigns(campaigns.collect());
        }
        if spec.mix.is_empty() {
            return Pick::Only(0);
        }
        let shares: Vec<_> = spec.mix.iter().map(|(_, share)| *share).collect();
        let sums = self.sums(entry, "mix", &shares);
        let products = spec.mix.iter().zip(sums);
        let picks = products.map(|((name, _), sum)| (self.product(entry, "mix", name), sum));
        Pick::Mix(picks.collect())
    }

    fn orders(&mut self, specs: &[OrderSpec], source: &Entry) -> Arrivals {
        let mut places = Vec::new();
        for order in specs {
            let entry = source.part("arrivals");
            let product = order
                .product
                .as_ref()
                .map_or(0, |name| self.product(&entry, "product", name));
            if order.count == 0 {
                let message = format!("order `{}` is for nothing", order.name);
                self.reader
                    .problem(&entry, "count", message, "count from 1");
            }
            let release = self.when(&entry, "release", &order.release);
            let due = self.when(&entry, "due", &order.due);
            places.push(self.plan.orders.len() as u32);
            self.plan.orders.push(OrderPlan {
                product,
                count: order.count,
                release,
                due,
            });
        }
        let orders = &self.plan.orders;
        // As they are released on a day in this century; spans after the start among themselves.
        let start = Timestamp::default();
        let release = |place: &u32| orders[*place as usize].release.secs_after(start);
        places.sort_by(|one, other| release(one).total_cmp(&release(other)));
        Arrivals::Orders(places)
    }

    fn when(&mut self, entry: &Entry, field: &str, text: &str) -> When {
        if let Ok(at) = text.parse::<Timestamp>() {
            return When::At(at);
        }
        When::After(self.reader.span(entry, field, text))
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
        let exit_slot = self.plan.add_slot(Slot::Exit(index));
        let entry_slot = self.plan.add_slot(Slot::Entry(index));
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

    fn crews(&mut self) {
        for (index, crew) in self.spec.operators.iter().enumerate() {
            let entry = Entry::item("operators", index, &crew.tag);
            if self.nodes.contains_key(&crew.tag) {
                let message = format!("`{}` is there twice", crew.tag);
                self.reader
                    .problem(&entry, "tag", message, "give the crew a tag of its own");
            }
            let skills = crew
                .skills
                .iter()
                .filter_map(|skill| self.skill_place(skill));
            let skills = skills.collect();
            self.plan.crews.push(CrewPlan {
                tag: crew.tag.clone(),
                skills,
                count: crew.count,
            });
        }
    }

    fn shifts(&mut self) {
        for (index, shift) in self.spec.shifts.iter().enumerate() {
            let entry = Entry::new(["shifts".into(), index.into()], "a shift");
            self.shift(&entry, shift);
        }
        if !self.plan.shifts.is_empty() {
            self.plan.add_slot(Slot::Shift);
        }
    }

    fn shift(&mut self, entry: &Entry, spec: &ShiftSpec) {
        let mut second = |field: &str, text: &str| {
            let parts = text.split_once(':');
            let parts = parts.and_then(|(hour, minute)| {
                Some((hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?))
            });
            match parts {
                Some((hour, minute)) if hour < 24 && minute < 60 => {
                    i64::from(hour) * 3_600 + i64::from(minute) * 60
                }
                _ => {
                    let message = format!("`{text}` is not a time of day");
                    self.reader
                        .problem(entry, field, message, "write hh:mm, such as 06:00");
                    0
                }
            }
        };
        let (from, to) = (second("from", &spec.from), second("to", &spec.to));
        let length = if to > from {
            to - from
        } else {
            to - from + 86_400
        };
        let days: Vec<i64> = if spec.days.is_empty() {
            (0..7).collect()
        } else {
            spec.days.iter().map(|day| *day as i64).collect()
        };
        let shifts = days.into_iter().map(|day| ShiftPlan {
            from: day * 86_400 + from,
            length,
        });
        self.plan.shifts.extend(shifts);
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

    /// Tells every node who sends parts to it, and finds parts that can never leave.
    fn join(&mut self) {
        let mut feeders = vec![Vec::new(); self.plan.nodes.len()];
        for (node, layout) in self.plan.nodes.iter().enumerate() {
            let own = layout.route.by_product.iter().flatten();
            let mut targets: Vec<_> = layout.route.to.iter().chain(own).copied().collect();
            if layout.kind == Kind::Station
                && let Some(station) = self.plan.stations.get(layout.place)
            {
                targets.extend(station.bad_to);
            }
            targets.sort_unstable();
            targets.dedup();
            for target in targets {
                feeders[target as usize].push(node as NodeIndex);
            }
        }
        for (node, feeders) in self.plan.nodes.iter_mut().zip(feeders) {
            node.feeders = feeders;
        }
        let hops = self.plan.nodes.iter().map(|node| Hop {
            kind: node.kind,
            place: node.place as u32,
            next: match node.route.to[..] {
                [only] if node.route.by_product.is_empty() => Some(only),
                _ => None,
            },
            feeder: match node.feeders[..] {
                [only] => Some(only),
                _ => None,
            },
        });
        self.plan.hops = hops.collect();
        self.check_ways_out();
    }

    /// Tells which nodes have no way to a sink.
    fn check_ways_out(&mut self) {
        let mut leads_out = vec![false; self.plan.nodes.len()];
        let mut open = self.plan.sinks.clone();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut leads_out[node as usize], true) {
                open.extend(&self.plan.nodes[node as usize].feeders);
            }
        }
        let whole = Entry::new([], "the line");
        for (node, leads_out) in self.plan.nodes.iter().zip(leads_out) {
            if !leads_out && !node.route.to.is_empty() {
                let list = match node.kind {
                    Kind::Source => "sources",
                    Kind::Station => "stations",
                    Kind::Buffer => "buffers",
                    Kind::Conveyor => "conveyors",
                    Kind::Carrier => "carriers",
                    Kind::Sink => "sinks",
                };
                let entry = whole.part(list).part(node.place);
                let message = format!("parts of `{}` never reach a sink", node.tag);
                let hint = "let its way end at a sink";
                self.reader.problem(&entry, "to", message, hint);
            }
        }
    }
}
