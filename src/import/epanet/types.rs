//! The kinds of assets of a network: their signals in the file's units, their limits, their looks.

use std::collections::BTreeMap;

use super::Import;
use super::report::{Notes, valve_name};
use super::symbol;
use super::units::{plain, round_up, unit};
use crate::models::hydraulics::network::{LinkKind, ValveKind};
use crate::models::hydraulics::quality::Analysis;
use crate::scene::spec::{Drive, LimitSpec, Shape, SignalSpec, TypeSpec};
use crate::units::Unit;

/// What supervisory systems ask for at least this often is not stale before.
const MAX_AGE: &str = "15min";
/// A main is drawn for water this fast at the ends of its scale, m/s.
const FAST: f64 = 1.5;

impl Import<'_> {
    /// Every kind that the network has.
    pub(super) fn types(&self, notes: &mut Notes) -> BTreeMap<String, TypeSpec> {
        let mut types = BTreeMap::new();
        let mut add = |name: &str, kind: TypeSpec| {
            types.insert(self.kind(name), kind);
        };
        add("network", self.network_type());
        add("reservoir", self.reservoir_type());
        add("tank", self.tank_type());
        add("pump", self.pump_type());
        for kind in self.valve_kinds() {
            add(valve_key(kind), self.valve_type(kind));
        }
        add("district", self.district_type());
        add("pipe", self.pipe_type());
        add("junction", self.junction_type(Vec::new()));
        let limits = self.pressure_limits(notes);
        let demand = TypeSpec {
            label: "Demand junction".to_owned(),
            ..self.junction_type(limits)
        };
        add("demand junction", demand);
        add("time control", self.control_type(false));
        add("level control", self.control_type(true));
        add("rule", self.control_type(false));
        types
    }

    fn network_type(&self) -> TypeSpec {
        let units = &self.units;
        let demand = units.flow.from_si(self.largest_demand());
        let mut signals = vec![
            SignalSpec {
                shown: true,
                ..computed("demand", "Demand", units.flow, (0.0, round_up(demand)))
            },
            computed(
                "lowest_pressure",
                "Lowest pressure",
                units.pressure,
                self.pressure_range(),
            ),
            computed(
                "deficit",
                "Demand not met",
                units.flow,
                (0.0, round_up(demand * 0.2)),
            ),
        ];
        if self.has_pumps() {
            let power = unit("kW").from_si(self.pumping_power());
            signals.extend([
                SignalSpec {
                    shown: true,
                    ..computed("power", "Pumping power", unit("kW"), (0.0, round_up(power)))
                },
                SignalSpec {
                    shown: true,
                    ..computed(
                        "energy",
                        "Energy",
                        unit("kWh"),
                        (0.0, round_up(power * 24.0)),
                    )
                },
                SignalSpec {
                    shown: true,
                    ..computed(
                        "cost",
                        "Energy cost",
                        Unit::NUMBER,
                        (0.0, round_up(power * 2.4)),
                    )
                },
            ]);
        }
        kind("Water network", Shape::Unseen, signals)
    }

    fn reservoir_type(&self) -> TypeSpec {
        let units = &self.units;
        let heads = self.head_range();
        let flow = round_up(units.flow.from_si(self.largest_demand()));
        let mut signals = vec![
            SignalSpec {
                shown: true,
                ..computed("outflow", "Outflow", units.flow, (-flow, flow))
            },
            computed("head", "Head", units.length, heads),
            measured("level", "Level", units.length, heads),
        ];
        signals.extend(self.quality());
        TypeSpec {
            size: [40.0, 40.0, 8.0].map(|side| side * self.plan.scale),
            symbol: self.symbol(symbol::STORE),
            ..kind("Reservoir", Shape::Reservoir, signals)
        }
    }

    fn tank_type(&self) -> TypeSpec {
        let units = &self.units;
        let flow = round_up(units.flow.from_si(self.largest_demand()) * 0.5);
        let mut signals = vec![
            SignalSpec {
                shown: true,
                decimals: Some(2),
                ..measured("level", "Level", units.length, (0.0, 10.0))
            },
            SignalSpec {
                shown: true,
                ..computed("inflow", "Inflow", units.flow, (-flow, flow))
            },
            computed("volume", "Volume", units.volume, (0.0, 1.0)),
            computed("head", "Head", units.length, self.head_range()),
            computed("overflow", "Overflow", units.flow, (0.0, flow)),
        ];
        signals.extend(self.quality());
        TypeSpec {
            symbol: self.symbol(symbol::STORE),
            drives: vec![Drive::Fill("level".to_owned())],
            ..kind("Tank", Shape::Tank, signals)
        }
    }

    fn pump_type(&self) -> TypeSpec {
        let units = &self.units;
        let pressures = self.pressure_range();
        let mut signals = vec![
            SignalSpec {
                shown: true,
                states: states(["stopped", "running"]),
                ..measured("running", "State", Unit::NUMBER, (0.0, 1.0))
            },
            SignalSpec {
                shown: true,
                ..measured("flow", "Flow", units.flow, (0.0, 1.0))
            },
            computed("speed", "Speed", unit("%"), (0.0, 120.0)),
            computed("head", "Head", units.length, (0.0, 1.0)),
            computed("power", "Power", unit("kW"), (0.0, 1.0)),
            computed("efficiency", "Efficiency", unit("%"), (0.0, 100.0)),
            computed("suction", "Suction pressure", units.pressure, pressures),
            computed("discharge", "Discharge pressure", units.pressure, pressures),
            computed("energy", "Energy", unit("kWh"), (0.0, 1.0)),
            computed("cost", "Energy cost", Unit::NUMBER, (0.0, 1.0)),
            computed("wear", "Wear", unit("%"), (0.0, 50.0)),
        ];
        signals.extend(self.quality());
        TypeSpec {
            size: [3.0, 1.6, 1.8].map(|side| side * self.plan.scale),
            symbol: self.symbol(symbol::PUMP),
            drives: vec![
                Drive::Running("running".to_owned()),
                Drive::Flow("flow".to_owned()),
            ],
            ..kind("Pump", Shape::Pump, signals)
        }
    }

    fn valve_type(&self, valve: ValveKind) -> TypeSpec {
        let units = &self.units;
        let mut signals = vec![
            SignalSpec {
                states: states(["closed", "open"]),
                ..computed("open", "State", Unit::NUMBER, (0.0, 1.0))
            },
            SignalSpec {
                shown: true,
                ..computed("flow", "Flow", units.flow, (-1.0, 1.0))
            },
            self.velocity(),
            computed("headloss", "Head loss", units.length, self.headlosses()),
        ];
        let setting = |label, unit, range| computed("setting", label, unit, range);
        let head = units.length.from_si(unit("mH2O").from_si(1.0));
        let top = units.pressure.to_si(self.pressure_range().1);
        let heads = (0.0, round_up(top * head));
        signals.extend(match valve {
            ValveKind::PressureReducing | ValveKind::PressureSustaining => {
                Some(setting("Set pressure, as head", units.length, heads))
            }
            ValveKind::PressureBreaker => Some(setting("Set head loss", units.length, heads)),
            ValveKind::FlowControl => {
                let flow = round_up(units.flow.from_si(self.largest_demand()));
                Some(setting("Set flow", units.flow, (0.0, flow)))
            }
            ValveKind::Throttle => Some(setting("Loss coefficient", Unit::NUMBER, (0.0, 100.0))),
            ValveKind::Position => Some(setting("Opening", unit("%"), (0.0, 100.0))),
            ValveKind::General(_) => None,
        });
        signals.extend(self.quality());
        TypeSpec {
            size: [1.6, 1.0, 1.4].map(|side| side * self.plan.scale),
            symbol: self.symbol(symbol::VALVE),
            drives: vec![
                Drive::Position("open".to_owned()),
                Drive::Flow("flow".to_owned()),
            ],
            ..kind(valve_name(valve), Shape::Valve, signals)
        }
    }

    fn district_type(&self) -> TypeSpec {
        let factor = SignalSpec {
            shown: true,
            ..computed("demand_factor", "Demand factor", unit("%"), (0.0, 150.0))
        };
        kind("District", Shape::Unseen, vec![factor])
    }

    fn pipe_type(&self) -> TypeSpec {
        let units = &self.units;
        let mut signals = vec![
            computed("flow", "Flow", units.flow, (-1.0, 1.0)),
            self.velocity(),
            computed("headloss", "Head loss", units.length, self.headlosses()),
            computed(
                "pressure",
                "Pressure",
                units.pressure,
                self.pressure_range(),
            ),
            SignalSpec {
                states: states(["closed", "open"]),
                ..computed("open", "State", Unit::NUMBER, (0.0, 1.0))
            },
        ];
        signals.extend(self.quality());
        TypeSpec {
            symbol: symbol::PIPE.0,
            drives: vec![Drive::Flow("flow".to_owned())],
            ..kind("Pipe", Shape::Pipe, signals)
        }
    }

    fn junction_type(&self, limits: Vec<LimitSpec>) -> TypeSpec {
        let units = &self.units;
        // What fire brigades count with: 1000 gpm, or 96 m³/h.
        let fire = if units.is_us {
            1_000.0 * unit("gpm").to_si(1.0)
        } else {
            96.0 / 3_600.0
        };
        let leak = self.leak();
        let mut signals = vec![
            SignalSpec {
                limits,
                ..computed(
                    "pressure",
                    "Pressure",
                    units.pressure,
                    self.pressure_range(),
                )
            },
            computed("head", "Head", units.length, self.head_range()),
            computed("demand", "Demand", units.flow, (0.0, 1.0)),
            computed("demand_factor", "Demand factor", unit("%"), (0.0, 150.0)),
            computed(
                "fire_flow",
                "Fire flow",
                units.flow,
                (0.0, plain(units.flow.from_si(fire))),
            ),
            computed(
                "leak",
                "Leak at 1 m of pressure",
                units.flow,
                (0.0, plain(units.flow.from_si(leak))),
            ),
        ];
        signals.extend(self.quality());
        TypeSpec {
            symbol: symbol::JUNCTION.0,
            ..kind("Junction", Shape::Junction, signals)
        }
    }

    fn control_type(&self, by_level: bool) -> TypeSpec {
        let enabled = SignalSpec {
            states: states(["off", "on"]),
            ..computed("enabled", "State", Unit::NUMBER, (0.0, 1.0))
        };
        let level = computed("level", "Switching level", self.units.length, (0.0, 1.0));
        let signals = std::iter::once(enabled).chain(by_level.then_some(level));
        kind("Control", Shape::Unseen, signals.collect())
    }

    /// A size on screen, points, finer in a network of many nodes.
    fn symbol(&self, points: f64) -> f64 {
        points * symbol::softer(self.network().node_count())
    }

    fn velocity(&self) -> SignalSpec {
        let fast = round_up(self.units.speed.from_si(FAST));
        computed("velocity", "Velocity", self.units.speed, (0.0, fast))
    }

    /// Ordinary head losses, in the file's unit.
    fn headlosses(&self) -> (f64, f64) {
        (0.0, round_up(self.units.length.from_si(3.0)))
    }

    /// Heads from the lowest ground to above the highest source, in the file's unit.
    pub(super) fn head_range(&self) -> (f64, f64) {
        let network = self.network();
        let nodes = (0..network.node_count()).map(|node| network.elevation(node));
        let tops = network.tanks.iter().map(|tank| tank.bottom + tank.max);
        let sources = network.reservoirs.iter().map(|r| r.bottom + r.level);
        let (low, high) = nodes
            .chain(tops)
            .chain(sources)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), head| {
                (low.min(head), high.max(head))
            });
        let length = self.units.length;
        let (low, high) = (length.from_si(low).floor(), length.from_si(high).ceil());
        if low < high {
            (low, high)
        } else {
            (0.0, 100.0)
        }
    }

    /// The signal of what the water carries, if the file asks for it.
    fn quality(&self) -> Option<SignalSpec> {
        let network = self.network();
        let quality = network.quality.as_ref()?;
        let unit = self.units.quality;
        Some(match &quality.analysis {
            Analysis::Age => {
                let hours = network.times.duration as f64 / 3_600.0;
                computed("age", "Water age", unit, (0.0, hours.clamp(24.0, 168.0)))
            }
            Analysis::Trace { node } => {
                let label = format!("Water from {}", self.node_tag(*node));
                computed("trace", &label, unit, (0.0, 100.0))
            }
            Analysis::Chemical { name, .. } => {
                let sources = quality.sources.iter().map(|source| source.strength);
                let most = quality
                    .initial
                    .iter()
                    .copied()
                    .chain(sources)
                    .fold(0.0, f64::max);
                let label = if name.is_empty() {
                    "Concentration"
                } else {
                    name
                };
                let top = round_up(unit.from_si(most));
                computed(
                    "concentration",
                    label,
                    unit,
                    (0.0, if most > 0.0 { top } else { 1.0 }),
                )
            }
        })
    }

    /// The kinds of valves that the network has, each once.
    fn valve_kinds(&self) -> Vec<ValveKind> {
        let mut kinds: Vec<ValveKind> = Vec::new();
        for link in &self.network().links {
            if let LinkKind::Valve(valve) = &link.kind
                && !kinds
                    .iter()
                    .any(|kind| valve_key(*kind) == valve_key(valve.kind))
            {
                kinds.push(valve.kind);
            }
        }
        kinds
    }
}

/// The name of a valve's type.
pub(super) fn valve_key(kind: ValveKind) -> &'static str {
    match kind {
        ValveKind::PressureReducing => "pressure reducing valve",
        ValveKind::PressureSustaining => "pressure sustaining valve",
        ValveKind::PressureBreaker => "pressure breaker valve",
        ValveKind::FlowControl => "flow control valve",
        ValveKind::Throttle => "throttle valve",
        ValveKind::General(_) => "general purpose valve",
        ValveKind::Position => "control valve",
    }
}

fn kind(label: &str, shape: Shape, signals: Vec<SignalSpec>) -> TypeSpec {
    TypeSpec {
        label: label.to_owned(),
        layer: String::new(),
        drawing: String::new(),
        shape,
        size: [1.0; 3],
        symbol: 0.0,
        signals,
        drives: Vec::new(),
        moves: Vec::new(),
        documents: Vec::new(),
    }
}

/// A signal that only the model knows, until somebody measures it.
fn computed(name: &str, label: &str, unit: Unit, range: (f64, f64)) -> SignalSpec {
    SignalSpec {
        name: name.to_owned(),
        label: label.to_owned(),
        unit: unit.name().to_owned(),
        range,
        decimals: None,
        max_age: MAX_AGE.to_owned(),
        measured: false,
        shown: false,
        states: Vec::new(),
        limits: Vec::new(),
        write: None,
        prognosis: None,
    }
}

/// A signal for which networks ordinarily have an instrument.
fn measured(name: &str, label: &str, unit: Unit, range: (f64, f64)) -> SignalSpec {
    SignalSpec {
        measured: true,
        ..computed(name, label, unit, range)
    }
}

fn states(names: [&str; 2]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}
