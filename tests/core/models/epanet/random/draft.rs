//! A network while it grows: sections and lines, and the parts that a line makes.

use std::fmt::Write as _;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// What a network is made of while it grows.
pub(super) struct Draft {
    pub(super) dice: ChaCha8Rng,
    pub(super) metric: bool,
    /// Flow in the file's units for a litre per second.
    pub(super) flow: f64,
    /// By junction, m.
    pub(super) elevations: Vec<f64>,
    /// Sections and their lines.
    pub(super) sections: Vec<(&'static str, Vec<String>)>,
    pub(super) links: Vec<(String, Kind)>,
    pub(super) tanks: Vec<(String, f64, f64)>,
    pub(super) patterns: usize,
    pub(super) curves: usize,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Pipe,
    Pump,
    Pressure,
    Flow,
    Throttle,
}

impl Draft {
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.dice.random_bool(share)
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.dice.random_range(low..high)
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.dice.random_range(0..choices.len())]
    }

    pub(super) fn add(&mut self, section: &'static str, line: String) {
        match self.sections.iter_mut().find(|found| found.0 == section) {
            Some(found) => found.1.push(line),
            None => self.sections.push((section, vec![line])),
        }
    }

    /// Metres as the file's length.
    pub(super) fn length(&self, metres: f64) -> f64 {
        if self.metric { metres } else { metres / 0.3048 }
    }

    /// Millimetres as the file's bore.
    pub(super) fn bore(&self, millimetres: f64) -> f64 {
        if self.metric {
            millimetres
        } else {
            millimetres / 25.4
        }
    }

    /// Metres of pressure as the file's pressure.
    pub(super) fn pressure(&self, metres: f64) -> f64 {
        if self.metric { metres } else { metres * 1.4219 }
    }

    pub(super) fn junction(&mut self, elevation: f64, demand: f64) -> usize {
        self.elevations.push(elevation);
        let place = self.elevations.len();
        let (height, demand) = (self.length(elevation), demand * self.flow);
        let pattern = self.maybe_pattern();
        self.add(
            "JUNCTIONS",
            format!("J{place} {height:.3} {demand:.5} {pattern}"),
        );
        place
    }

    /// A pattern's name or nothing.
    pub(super) fn maybe_pattern(&mut self) -> String {
        if self.chance(0.5) {
            String::new()
        } else {
            self.pattern(0.4, 1.7)
        }
    }

    pub(super) fn pattern(&mut self, low: f64, high: f64) -> String {
        self.patterns += 1;
        let name = format!("T{}", self.patterns);
        let count = self.dice.random_range(1..10);
        let mut line = name.clone();
        for _ in 0..count {
            let factor = self.between(low, high);
            write!(line, " {factor:.3}").expect("text");
        }
        self.add("PATTERNS", line);
        name
    }

    pub(super) fn curve(&mut self, points: &[(f64, f64)]) -> String {
        self.curves += 1;
        let name = format!("C{}", self.curves);
        for (x, y) in points {
            self.add("CURVES", format!("{name} {x:.6} {y:.6}"));
        }
        name
    }

    pub(super) fn roughness(&mut self) -> f64 {
        let headloss = self.sections[0].1[1].clone();
        match headloss.as_str() {
            "Headloss H-W" => self.between(70.0, 150.0),
            "Headloss D-W" => {
                let millimetres = self.between(0.01, 3.0);
                if self.metric {
                    millimetres
                } else {
                    millimetres / 0.3048
                }
            }
            _ => self.between(0.009, 0.02),
        }
    }

    pub(super) fn pipe(&mut self, from: &str, to: &str, status: &str) {
        let name = format!("P{}", self.links.len() + 1);
        let metres = self.between(50.0, 1_500.0);
        let millimetres = self.one_of(&[80.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0]);
        let (length, bore, roughness) = (
            self.length(metres),
            self.bore(millimetres),
            self.roughness(),
        );
        let minor = if self.chance(0.2) {
            self.between(0.0, 10.0)
        } else {
            0.0
        };
        self.add(
            "PIPES",
            format!("{name} {from} {to} {length:.3} {bore:.4} {roughness:.4} {minor:.2} {status}"),
        );
        self.links.push((name, Kind::Pipe));
    }

    pub(super) fn pump(&mut self, from: &str, to: &str, lift: f64, flow: f64) {
        let name = format!("U{}", self.links.len() + 1);
        let (head, rate) = (self.length(lift), flow * self.flow);
        let mut line = match self.dice.random_range(0..4) {
            0 => {
                let kilowatts = 9.81 * lift * flow / 1_000.0 * self.between(0.8, 1.3);
                let power = if self.metric {
                    kilowatts
                } else {
                    kilowatts / 0.7457
                };
                format!("{name} {from} {to} POWER {power:.4}")
            }
            1 => {
                let curve = self.curve(&[(rate, head)]);
                format!("{name} {from} {to} HEAD {curve}")
            }
            2 => {
                let curve =
                    self.curve(&[(0.0, 1.35 * head), (rate, head), (2.0 * rate, 0.3 * head)]);
                format!("{name} {from} {to} HEAD {curve}")
            }
            _ => {
                let curve = self.curve(&[
                    (0.0, 1.4 * head),
                    (0.5 * rate, 1.25 * head),
                    (rate, head),
                    (1.5 * rate, 0.6 * head),
                    (2.2 * rate, 0.1 * head),
                ]);
                format!("{name} {from} {to} HEAD {curve}")
            }
        };
        if self.chance(0.25) {
            let speed = self.between(0.85, 1.1);
            write!(line, " SPEED {speed:.3}").expect("text");
        }
        if self.chance(0.15) {
            let pattern = self.pattern(0.85, 1.1);
            write!(line, " PATTERN {pattern}").expect("text");
        }
        self.add("PUMPS", line);
        self.links.push((name, Kind::Pump));
    }

    pub(super) fn valve(&mut self, from: &str, to: &str) {
        let name = format!("V{}", self.links.len() + 1);
        let millimetres = self.one_of(&[80.0, 100.0, 150.0, 200.0]);
        let bore = self.bore(millimetres);
        let (word, kind) = self.one_of(&[
            ("PRV", Kind::Pressure),
            ("PRV", Kind::Pressure),
            ("PSV", Kind::Pressure),
            ("PBV", Kind::Pressure),
            ("FCV", Kind::Flow),
            ("TCV", Kind::Throttle),
            ("GPV", Kind::Pipe),
        ]);
        let setting = match word {
            "GPV" => {
                let (flow, loss) = (4.0 * self.flow, self.length(3.0));
                self.curve(&[
                    (0.0, 0.0),
                    (flow, loss),
                    (3.0 * flow, 6.0 * loss),
                    (9.0 * flow, 40.0 * loss),
                ])
            }
            "PBV" => format!("{:.3}", self.between(0.0, 8.0)),
            "FCV" => format!("{:.5}", self.between(0.5, 15.0) * self.flow),
            "TCV" => format!("{:.2}", self.between(0.0, 80.0)),
            _ => {
                let metres = self.between(10.0, 60.0);
                format!("{:.3}", self.pressure(metres))
            }
        };
        let minor = if self.chance(0.4) {
            self.between(0.0, 8.0)
        } else {
            0.0
        };
        self.add(
            "VALVES",
            format!("{name} {from} {to} {bore:.4} {word} {setting} {minor:.2}"),
        );
        self.links.push((name, kind));
    }

    /// EPANET reads once: nodes must stand before what joins them.
    pub(super) fn finish(mut self) -> String {
        let nodes_first = ["JUNCTIONS", "RESERVOIRS", "TANKS"];
        let rank = |section: &str| nodes_first.iter().position(|name| *name == section);
        self.sections
            .sort_by_key(|section| rank(section.0).unwrap_or(nodes_first.len()));
        let mut text = String::new();
        for (section, lines) in &self.sections {
            writeln!(text, "[{section}]\n {}\n", lines.join("\n ")).expect("text");
        }
        text + "[END]\n"
    }
}
