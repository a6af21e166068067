//! A random network as a file's text.

use std::fmt::Write as _;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::draft::{Draft, Kind};

/// The network of `seed`.
pub(in super::super::super) fn text(seed: u64) -> String {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let metric = dice.random_bool(0.5);
    let units: &[(&str, f64)] = if metric {
        &[
            ("LPS", 1.0),
            ("CMH", 3.6),
            ("MLD", 0.0864),
            ("LPM", 60.0),
            ("CMD", 86.4),
        ]
    } else {
        &[
            ("GPM", 15.850_3),
            ("CFS", 0.035_314_7),
            ("MGD", 0.022_824_5),
            ("AFD", 0.070_045_6),
            ("IMGD", 0.019_005_3),
        ]
    };
    let (unit, flow) = units[dice.random_range(0..units.len())];
    let mut draft = Draft {
        dice,
        metric,
        flow,
        elevations: Vec::new(),
        sections: Vec::new(),
        links: Vec::new(),
        tanks: Vec::new(),
        patterns: 0,
        curves: 0,
    };
    draft.options(unit);
    draft.grid();
    draft.sources();
    draft.extras();
    draft.switches();
    draft.finish()
}

impl Draft {
    /// Options, then times; the law of friction is the second line of the first section.
    fn options(&mut self, unit: &str) {
        self.add("OPTIONS", format!("Units {unit}"));
        let headloss = self.one_of(&["H-W", "H-W", "D-W", "C-M"]);
        self.add("OPTIONS", format!("Headloss {headloss}"));
        let accuracy = self.one_of(&[0.01, 0.001, 0.001, 0.0001, 0.00001]);
        self.add("OPTIONS", format!("Accuracy {accuracy}"));
        self.add("OPTIONS", "Trials 100".to_owned());
        self.add("OPTIONS", "Unbalanced Continue 10".to_owned());
        if self.chance(0.3) {
            let multiplier = self.between(0.5, 1.6);
            self.add("OPTIONS", format!("Demand Multiplier {multiplier:.3}"));
        }
        if self.chance(0.25) {
            let metres = self.between(5.0, 50.0);
            let required = self.pressure(metres);
            self.add("OPTIONS", "Demand Model PDA".to_owned());
            self.add("OPTIONS", format!("Required Pressure {required:.3}"));
            if self.chance(0.5) {
                self.add(
                    "OPTIONS",
                    format!("Minimum Pressure {:.3}", required / 10.0),
                );
                self.add("OPTIONS", "Pressure Exponent 0.6".to_owned());
            }
        }
        if self.chance(0.2) {
            let (every, until) = (self.dice.random_range(1..5), self.dice.random_range(5..20));
            self.add("OPTIONS", format!("CheckFreq {every}"));
            self.add("OPTIONS", format!("MaxCheck {until}"));
        }
        if self.chance(0.15) {
            self.add("OPTIONS", "DampLimit 0.01".to_owned());
        }
        if self.chance(0.2) {
            self.add("OPTIONS", "Specific Gravity 1.05".to_owned());
            self.add("OPTIONS", "Viscosity 1.4".to_owned());
        }
        let hours = self.dice.random_range(6..30);
        self.add("TIMES", format!("Duration {hours}:00"));
        let step = self.one_of(&["1:00", "0:30", "0:15", "2:00", "0:47"]);
        self.add("TIMES", format!("Hydraulic Timestep {step}"));
        let step = self.one_of(&["1:00", "2:00", "1:30"]);
        self.add("TIMES", format!("Pattern Timestep {step}"));
        let step = self.one_of(&["1:00", "0:20", "3:00"]);
        self.add("TIMES", format!("Report Timestep {step}"));
        if self.chance(0.3) {
            self.add("TIMES", "Pattern Start 2:30".to_owned());
            self.add("TIMES", "Start ClockTime 9:15 PM".to_owned());
        }
    }

    /// Streets in a grid, some of them missing, some with valves.
    fn grid(&mut self) {
        let (across, along) = (self.dice.random_range(2..6), self.dice.random_range(2..6));
        for _ in 0..across * along {
            let (elevation, demand) = (self.between(0.0, 25.0), self.between(0.0, 4.0));
            let demand = if self.chance(0.2) { 0.0 } else { demand };
            self.junction(elevation, demand);
        }
        for row in 0..along {
            for column in 0..across {
                let here = row * across + column + 1;
                // One street always leads on, so that all junctions hang together.
                if column + 1 < across {
                    self.street(here, here + 1, true);
                }
                if row + 1 < along {
                    self.street(here, here + across, column == 0);
                }
            }
        }
    }

    fn street(&mut self, from: usize, to: usize, needed: bool) {
        if !needed && self.chance(0.25) {
            return;
        }
        let (mut from, mut to) = (format!("J{from}"), format!("J{to}"));
        if self.chance(0.3) {
            std::mem::swap(&mut from, &mut to);
        }
        if !needed && self.chance(0.3) {
            // Valves for pressure may not share a junction: each gets two of its own.
            let (first, second) = (self.junction(12.0, 0.0), self.junction(11.0, 0.0));
            self.pipe(&from, &format!("J{first}"), "Open");
            self.valve(&format!("J{first}"), &format!("J{second}"));
            self.pipe(&format!("J{second}"), &to, "Open");
        } else {
            let status = if needed {
                "Open"
            } else {
                self.one_of(&["Open", "Open", "Open", "Closed", "CV"])
            };
            self.pipe(&from, &to, status);
        }
    }

    fn any_junction(&mut self) -> String {
        format!("J{}", self.dice.random_range(1..=self.elevations.len()))
    }

    fn sources(&mut self) {
        for source in 1..=self.dice.random_range(1..4) {
            let name = format!("R{source}");
            let into = self.any_junction();
            let pattern = if self.chance(0.2) {
                self.pattern(0.95, 1.03)
            } else {
                String::new()
            };
            if self.chance(0.5) {
                let metres = self.between(50.0, 75.0);
                let head = self.length(metres);
                self.add("RESERVOIRS", format!("{name} {head:.3} {pattern}"));
                let status = self.one_of(&["Open", "Open", "CV"]);
                self.pipe(&name, &into, status);
            } else {
                let metres = self.between(5.0, 20.0);
                let head = self.length(metres);
                self.add("RESERVOIRS", format!("{name} {head:.3} {pattern}"));
                let (lift, flow) = (self.between(40.0, 60.0), self.between(15.0, 60.0));
                self.pump(&name, &into, lift, flow);
            }
        }
        for tank in 1..=self.dice.random_range(0..4) {
            let name = format!("K{tank}");
            let (bottom, high) = (self.between(40.0, 58.0), self.between(3.0, 9.0));
            let (low, across) = (self.between(0.0, 1.0), self.between(4.0, 20.0));
            let level = self.between(low, high);
            let numbers = [bottom, level, low, high, across].map(|metres| self.length(metres));
            let mut line = name.clone();
            for number in numbers {
                write!(line, " {number:.3}").expect("text");
            }
            line += " 0";
            if self.chance(0.3) {
                let volume = |share: f64| {
                    if self.metric {
                        400.0 * share
                    } else {
                        14_000.0 * share
                    }
                };
                let points = [
                    (0.0, 0.0),
                    (0.3, volume(0.2)),
                    (0.7, volume(0.5)),
                    (1.05, volume(1.0)),
                ];
                let points = points.map(|(share, volume)| (share * self.length(high), volume));
                let curve = self.curve(&points);
                write!(line, " {curve}").expect("text");
                if self.chance(0.5) {
                    line += " YES";
                }
            } else if self.chance(0.3) {
                line += " * YES";
            }
            self.add("TANKS", line);
            let near = self.any_junction();
            let status = self.one_of(&["Open", "Open", "Open", "Open", "CV"]);
            self.pipe(&near, &name, status);
            if self.chance(0.2) {
                let near = self.any_junction();
                self.pipe(&name, &near, "CV");
            }
            self.tanks.push((name, low, high));
        }
    }

    /// A booster with a zone of its own, emitters, categories of demand.
    fn extras(&mut self) {
        if self.chance(0.4) {
            let (low, high) = (self.any_junction(), self.junction(30.0, 1.0));
            let end = self.junction(35.0, 0.7);
            let flow = self.between(1.0, 6.0);
            self.pump(&low, &format!("J{high}"), 25.0, flow);
            self.pipe(&format!("J{high}"), &format!("J{end}"), "Open");
        }
        if self.chance(0.3) {
            for _ in 0..3 {
                let (node, litres) = (self.any_junction(), self.between(0.05, 0.6));
                let coefficient = litres * self.flow * if self.metric { 1.0 } else { 0.8386 };
                self.add("EMITTERS", format!("{node} {coefficient:.6}"));
            }
        }
        if self.chance(0.3) {
            let node = self.any_junction();
            for _ in 0..2 {
                let (demand, pattern) = (self.between(0.0, 3.0) * self.flow, self.maybe_pattern());
                self.add(
                    "DEMANDS",
                    format!("{node} {demand:.5} {pattern} ;of a kind"),
                );
            }
        }
    }

    /// Controls and rules.
    fn switches(&mut self) {
        let links: Vec<(String, Kind)> = self.links.clone();
        for _ in 0..self.dice.random_range(0..4) {
            let (link, kind) = links[self.dice.random_range(0..links.len())].clone();
            let what = self.change(kind);
            let hours = self.between(0.0, 20.0);
            let when = match self.dice.random_range(0..4) {
                0 => format!("AT TIME {hours:.2}"),
                1 => format!("AT CLOCKTIME {}:15", hours as u32),
                2 if !self.tanks.is_empty() => {
                    let (tank, low, high) =
                        self.tanks[self.dice.random_range(0..self.tanks.len())].clone();
                    let metres = self.between(low, high);
                    let side = self.one_of(&["ABOVE", "BELOW"]);
                    format!("IF NODE {tank} {side} {:.3}", self.length(metres))
                }
                _ => {
                    let (node, metres) = (self.any_junction(), self.between(20.0, 60.0));
                    let side = self.one_of(&["ABOVE", "BELOW"]);
                    format!("IF NODE {node} {side} {:.3}", self.pressure(metres))
                }
            };
            let is_check_valve = self.sections.iter().any(|section| {
                section
                    .1
                    .iter()
                    .any(|line| line.starts_with(&format!("{link} ")) && line.ends_with("CV"))
            });
            if !is_check_valve {
                self.add("CONTROLS", format!("LINK {link} {what} {when}"));
            }
        }
        if self.tanks.is_empty() || self.chance(0.6) {
            return;
        }
        let (tank, low, high) = self.tanks[0].clone();
        let level = self.between(low, high);
        let level = self.length(level);
        let pumps: Vec<_> = links.iter().filter(|link| link.1 == Kind::Pump).collect();
        let Some((pump, _)) = pumps.first() else {
            return;
        };
        let hours = self.dice.random_range(1..12);
        for line in [
            "RULE 1".to_owned(),
            format!("IF TANK {tank} LEVEL ABOVE {level:.3}"),
            format!("AND SYSTEM TIME > {hours}"),
            format!("THEN PUMP {pump} STATUS IS CLOSED"),
            format!("ELSE PUMP {pump} STATUS IS OPEN"),
            "PRIORITY 3".to_owned(),
            "RULE 2".to_owned(),
            format!("IF SYSTEM CLOCKTIME >= {hours}:20 PM"),
            format!("OR NODE {tank} HEAD < 0"),
            format!("THEN PUMP {pump} SETTING IS 0.95"),
        ] {
            self.add("RULES", line);
        }
    }

    /// What a control makes of a link.
    fn change(&mut self, kind: Kind) -> String {
        let metres = self.between(10.0, 60.0);
        let (pressure, flow) = (self.pressure(metres), self.between(0.5, 15.0) * self.flow);
        let speed = self.between(0.85, 1.1);
        match (kind, self.dice.random_range(0..3)) {
            (_, 0) => "CLOSED".to_owned(),
            (_, 1) | (Kind::Pipe, _) => "OPEN".to_owned(),
            (Kind::Pump, _) => format!("{speed:.3}"),
            (Kind::Pressure, _) => format!("{pressure:.3}"),
            (Kind::Flow, _) => format!("{flow:.5}"),
            (Kind::Throttle, _) => format!("{:.2}", 10.0 * speed),
        }
    }
}
