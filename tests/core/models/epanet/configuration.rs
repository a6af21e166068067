//! Hydraulics against EPANET 2.2: the same networks, hour by hour.
//!
//! The networks come from the ASCE task force's collection and the expected heads and
//! flows from the EPANET 2.2 engine (see SOURCE.txt beside them). What is translated
//! here is what this model knows; a network with more is not in the list.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::super::{Plant, shared_data};
use parallax::time::Timestamp;

/// The sections of an `.inp` file: rows of words without comments.
struct Inp {
    sections: HashMap<String, Vec<Vec<String>>>,
}

impl Inp {
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).expect("a readable network");
        let text = String::from_utf8_lossy(&bytes);
        let mut sections: HashMap<String, Vec<Vec<String>>> = HashMap::new();
        let mut section = String::new();
        for line in text.lines() {
            let words = line
                .split(';')
                .next()
                .unwrap_or_default()
                .split_whitespace();
            let words: Vec<String> = words.map(str::to_owned).collect();
            match words.first() {
                Some(first) if first.starts_with('[') => section = first.to_uppercase(),
                Some(_) => sections.entry(section.clone()).or_default().push(words),
                None => {}
            }
        }
        Self { sections }
    }

    fn rows(&self, section: &str) -> impl Iterator<Item = &[String]> {
        self.sections
            .get(section)
            .into_iter()
            .flatten()
            .map(Vec::as_slice)
    }

    fn option(&self, name: &str) -> Option<&str> {
        let row = self
            .rows("[OPTIONS]")
            .find(|row| row[0].eq_ignore_ascii_case(name));
        row.map(|row| row[1].as_str())
    }

    /// `(metres per length, metres per diameter, m³/s per flow)`.
    fn units(&self) -> (f64, f64, f64) {
        match self.option("Units") {
            Some("GPM") => (0.3048, 0.0254, 0.028_316_846_592 / 448.831),
            Some("LPS") => (1.0, 1e-3, 1e-3),
            other => panic!("flow units {other:?}"),
        }
    }
}

fn number(word: &str) -> f64 {
    word.parse()
        .unwrap_or_else(|_| panic!("`{word}` is no number"))
}

/// The network as a configuration of the model. EPANET lets a node and a link share a name; here
/// nodes become `N…` and links `L…`.
fn hydraulics(inp: &Inp) -> String {
    let (length, diameter, flow) = inp.units();
    let mut text = "(step: \"1h\",\npatterns: {".to_owned();
    let mut patterns: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in inp.rows("[PATTERNS]") {
        let factors = row[1..].iter().map(String::as_str);
        patterns.entry(row[0].as_str()).or_default().extend(factors);
    }
    let step = inp
        .rows("[TIMES]")
        .find(|row| row[0] == "Pattern" && row[1] == "Timestep");
    let hours = number(step.expect("a pattern step")[2].trim_end_matches(":00"));
    for (name, factors) in &patterns {
        let factors: Vec<f64> = factors.iter().map(|word| number(word)).collect();
        writeln!(
            text,
            "{name:?}: (step: \"{hours}h\", factors: {factors:?}),"
        )
        .expect("text");
    }
    text += "},\njunctions: [\n";
    let default = inp
        .option("Pattern")
        .filter(|name| patterns.contains_key(name));
    for row in inp.rows("[JUNCTIONS]") {
        let (elevation, demand) = (length * number(&row[1]), flow * number(&row[2]));
        let pattern = row.get(3).map(String::as_str).or(default);
        let pattern = pattern.map_or(String::new(), |name| format!("pattern: {name:?}"));
        let line = format!("elevation: \"{elevation} m\", demand: \"{demand} m3/s\", {pattern}");
        writeln!(text, "(tag: \"N{}\", {line}),", row[0]).expect("text");
    }
    text += "],\nreservoirs: [\n";
    for row in inp.rows("[RESERVOIRS]") {
        let head = length * number(&row[1]);
        writeln!(text, "(tag: \"N{}\", bottom: \"{head} m\"),", row[0]).expect("text");
    }
    text += "],\ntanks: [\n";
    for row in inp.rows("[TANKS]") {
        write!(text, "(tag: \"N{}\"", row[0]).expect("text");
        for (field, place) in [
            ("bottom", 1),
            ("level", 2),
            ("min", 3),
            ("max", 4),
            ("diameter", 5),
        ] {
            write!(text, ", {field}: \"{} m\"", length * number(&row[place])).expect("text");
        }
        text += "),\n";
    }
    text += "],\npipes: [\n";
    let statuses: HashMap<&str, &str> = inp
        .rows("[STATUS]")
        .map(|row| (row[0].as_str(), row[1].as_str()))
        .collect();
    for row in inp.rows("[PIPES]") {
        let status = statuses.get(row[0].as_str()).copied().unwrap_or(&row[7]);
        writeln!(
            text,
            "(tag: \"L{}\", from: \"N{}\", to: \"N{}\", length: \"{} m\", diameter: \"{} m\", \
             roughness: {}, minor: {}, open: {}, check_valve: {}),",
            row[0],
            row[1],
            row[2],
            length * number(&row[3]),
            diameter * number(&row[4]),
            row[5],
            row[6],
            !status.eq_ignore_ascii_case("closed"),
            status.eq_ignore_ascii_case("cv"),
        )
        .expect("text");
    }
    text += "],\npumps: [\n";
    for row in inp.rows("[PUMPS]") {
        assert_eq!(row[3], "HEAD", "pumps by curve only");
        let points: Vec<_> = inp
            .rows("[CURVES]")
            .filter(|point| point[0] == row[4])
            .map(|point| (flow * number(&point[1]), length * number(&point[2])))
            .map(|(flow, head)| format!("(\"{flow} m3/s\", \"{head} m\")"))
            .collect();
        let (tag, from, to) = (&row[0], &row[1], &row[2]);
        let curve = points.join(", ");
        writeln!(
            text,
            "(tag: \"L{tag}\", from: \"N{from}\", to: \"N{to}\", curve: [{curve}]),"
        )
        .expect("text");
    }
    text + "])"
}

/// A switch of a link by the level of a tank, m.
struct Switch {
    measure: String,
    level: f64,
    above: bool,
    output: String,
    opens: bool,
}

/// The simple controls as a configuration of the model, and the switches by level.
fn controls(inp: &Inp) -> (String, Vec<Switch>) {
    let (length, ..) = inp.units();
    let pumps: Vec<&str> = inp.rows("[PUMPS]").map(|row| row[0].as_str()).collect();
    let mut switches = Vec::new();
    let mut schedules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in inp.rows("[CONTROLS]") {
        let signal = if pumps.contains(&row[1].as_str()) {
            "running"
        } else {
            "open"
        };
        let (output, opens) = (format!("L{}.{signal}", row[1]), row[2] == "OPEN");
        if row[3] == "AT" {
            let value = u8::from(opens);
            let entry = format!("(\"{:02}:00\", \"{value}\")", number(&row[5]));
            schedules.entry(output).or_default().push(entry);
        } else {
            switches.push(Switch {
                measure: format!("N{}.level", row[5]),
                level: length * number(&row[7]),
                above: row[6] == "ABOVE",
                output,
                opens,
            });
        }
    }
    let mut text = "(loops: [\n".to_owned();
    for (output, values) in schedules {
        let values = values.join(", ");
        writeln!(text, "Schedule(output: {output:?}, values: [{values}]),").expect("text");
    }
    for low in switches.iter().filter(|switch| !switch.above) {
        let mut others = switches.iter().filter(|other| other.above);
        let high = others
            .find(|other| other.output == low.output)
            .expect("an upper limit");
        writeln!(
            text,
            "OnOff(measure: {:?}, low: \"{} m\", high: \"{} m\", output: {:?}, below: {}, above: {}),",
            low.measure,
            low.level,
            high.level,
            low.output,
            f64::from(u8::from(low.opens)),
            f64::from(u8::from(high.opens)),
        )
        .expect("text");
    }
    (text + "])", switches)
}

/// The next instant at which EPANET would look again: the full hour, or a tank at a switch.
fn next_stop(plant: &Plant, switches: &[Switch], areas: &HashMap<String, f64>) -> f64 {
    let secs = plant.at.secs_since(Timestamp::from_secs(0)).round();
    let mut step = 3_600.0 - secs.rem_euclid(3_600.0);
    for switch in switches {
        let switched = plant.read(&switch.output) >= 0.5;
        let tank = switch.measure.trim_end_matches(".level");
        let rate = plant.read(&format!("{tank}.inflow")) / areas[tank];
        let room = switch.level - plant.read(&switch.measure);
        let towards = if switch.above { rate > 0.0 } else { rate < 0.0 };
        let ahead = if switch.above { room > 0.0 } else { room < 0.0 };
        if switched != switch.opens && towards && ahead {
            step = step.min((room / rate).floor() + 1.0); // strictly past it, to the second
        }
    }
    step
}

/// Reference rows `(time, id, columns...)` of a gzipped table.
fn reference(path: &Path) -> Vec<(f64, String, Vec<f64>)> {
    let gunzip = Command::new("gzip")
        .arg("-dc")
        .arg(path)
        .stdout(Stdio::piped())
        .spawn();
    let mut text = String::new();
    let mut output = gunzip.expect("gzip runs").stdout.expect("a pipe");
    output.read_to_string(&mut text).expect("a table");
    text.lines()
        .skip(1)
        .map(|line| {
            let words: Vec<&str> = line.split(',').collect();
            let values = words[2..].iter().map(|word| number(word)).collect();
            (number(words[0]), words[1].to_owned(), values)
        })
        .collect()
}

#[track_caller]
fn check(name: &str, hours: u32) {
    let test = format!("epanet::{name}");
    let Some(folder) = shared_data(&test, "epanet_networks") else {
        return;
    };
    let inp = Inp::read(&folder.join(format!("asce-tf-wdst/{name}.inp")));
    let reference_of = |kind: &str| {
        reference(&folder.join(format!(
            "reference_epanet22/asce-tf-wdst__{name}.{kind}.csv.gz"
        )))
    };
    let (nodes, links) = (reference_of("nodes"), reference_of("links"));
    let (length, ..) = inp.units();
    let mut elevations = HashMap::new();
    for section in ["[JUNCTIONS]", "[TANKS]", "[RESERVOIRS]"] {
        for row in inp.rows(section) {
            elevations.insert(row[0].clone(), length * number(&row[1]));
        }
    }
    let areas = inp.rows("[TANKS]").map(|row| {
        let diameter = length * number(&row[5]);
        (
            format!("N{}", row[0]),
            std::f64::consts::PI / 4.0 * diameter * diameter,
        )
    });
    let areas: HashMap<_, _> = areas.collect();

    let (controls, switches) = controls(&inp);
    let mut plant = Plant::new(&[("controls", &controls), ("hydraulics", &hydraulics(&inp))]);
    for row in inp.rows("[STATUS]") {
        plant.set(&format!("L{}.running", row[0]), 0.0);
        plant.set(&format!("L{}.open", row[0]), 0.0);
    }
    for switch in &switches {
        // A link that no row of [STATUS] names begins open.
        if !plant.board.contains_key(&switch.output) {
            plant.set(&switch.output, 1.0);
        }
    }
    plant.start(Timestamp::from_secs(0), 0);
    let (mut heads, mut flows) = (0, 0);
    let mut secs = 0.0;
    loop {
        // The board holds what follows from the settings of the last step; a step of nothing
        // works the controls for this instant and solves again, as EPANET does before it reports.
        plant.step(0.0);
        if secs % 3_600.0 == 0.0 {
            for (_, id, values) in nodes.iter().filter(|row| row.0 == secs) {
                let signal = format!("N{id}.level");
                let above = plant.board.get(&signal).copied().unwrap_or_else(|| {
                    let pressure = plant.board.get(&format!("N{id}.pressure"));
                    pressure.map_or(0.0, |pressure| pressure / (1_000.0 * 9.806_65))
                });
                let (head, exact) = (elevations[id] + above, values[0]);
                assert!(
                    (head - exact).abs() < 0.01,
                    "{name} at {secs} s, node {id}: head {head} m, EPANET {exact} m"
                );
                heads += 1;
            }
            for (_, id, values) in links.iter().filter(|row| row.0 == secs) {
                let (flow, exact) = (plant.read(&format!("L{id}.flow")), values[0]);
                // The reference is rounded to 0.01 L/s, and EPANET stops at 0.1 % of the total.
                let tolerance = 1e-3 * exact.abs() + 5e-5;
                assert!(
                    (flow - exact).abs() < tolerance,
                    "{name} at {secs} s, link {id}: {flow} m³/s, EPANET {exact} m³/s"
                );
                flows += 1;
            }
        }
        if secs >= f64::from(hours) * 3_600.0 {
            break;
        }
        let step = next_stop(&plant, &switches, &areas);
        plant.step(step);
        secs += step;
    }
    let expected = (hours as usize + 1) * nodes.iter().filter(|row| row.0 == 0.0).count();
    assert_eq!(heads, expected, "every node of every hour is compared");
    assert!(flows > heads / 2);
}

#[test]
fn net1_with_its_pump_and_tank_over_a_day() {
    check("Net1", 24);
}

#[test]
fn net2_with_its_tank_over_55_hours() {
    check("Net2", 55);
}

#[test]
fn net3_with_two_sources_and_three_tanks_over_a_day() {
    check("Net3", 24);
}

#[test]
fn hanoi_with_its_large_losses() {
    check("Hanoi", 0);
}
