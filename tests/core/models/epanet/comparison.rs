//! A network in both engines, step by step.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use parallax::models::hydraulics::inp;
use parallax::models::hydraulics::network::{Network, Status};
use parallax::models::hydraulics::simulation::Simulation;

use super::reference::{Ask, Header, Reference, open};

/// How close the engines must be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// m.
    pub(super) head: f64,
    /// Share of the flow.
    pub(super) flow_share: f64,
    /// Flow, m³/s, that never matters.
    pub(super) flow: f64,
    /// Share of the energy of all pumps over the run.
    pub(super) energy_share: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 0.01,
            flow_share: 1e-3,
            flow: 1e-5,
            energy_share: 5e-3,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Comparison {
    /// Steps that both have made at the same instants.
    pub(super) steps: usize,
    /// The largest difference in head, m.
    pub(super) head: Difference,
    /// The largest difference in flow over what is allowed.
    pub(super) flow: Difference,
    /// Everything that is not as it must be, in order of time.
    pub(super) complaints: Vec<String>,
    /// Trials of both.
    pub(super) trials: [u64; 2],
    /// Volume drawn by all consumers over the run, m³: ours, EPANET's.
    pub(super) volume: [f64; 2],
    /// Energy of all pumps over the run, J: ours, EPANET's.
    pub(super) energy: [f64; 2],
}

/// The largest difference of a kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Difference {
    pub(super) size: f64,
    pub(super) text: String,
}

impl Difference {
    fn consider(&mut self, size: f64, text: impl FnOnce() -> String) {
        // A difference that is no number is the largest.
        if size > self.size || size.is_nan() {
            *self = Self {
                size: if size.is_nan() { f64::INFINITY } else { size },
                text: text(),
            };
        }
    }
}

/// EPANET's places of nodes, in our order of junctions, reservoirs and tanks.
struct Places {
    /// Our node by EPANET's.
    nodes: Vec<usize>,
    /// EPANET's node by ours.
    theirs: Vec<usize>,
    /// EPANET's places of pumps among its links.
    pumps: Vec<usize>,
}

impl Places {
    fn new(header: &Header, network: &Network) -> Self {
        let mut next = [
            0,
            network.junctions.len(),
            network.junctions.len() + network.reservoirs.len(),
        ];
        let nodes = header.node_kinds.iter().map(|&kind| {
            let place = &mut next[usize::from(kind)];
            *place += 1;
            *place - 1
        });
        let nodes: Vec<usize> = nodes.collect();
        let mut theirs = vec![0; nodes.len()];
        for (their, &our) in nodes.iter().enumerate() {
            theirs[our] = their;
        }
        let pumps = (0..header.links.len()).filter(|&link| header.link_kinds[link] == 2);
        Self {
            nodes,
            theirs,
            pumps: pumps.collect(),
        }
    }
}

/// Reads the network as EPANET is asked to.
pub(super) fn read(bytes: &[u8], ask: &Ask) -> Result<Network, String> {
    let reading = inp::read(bytes).map_err(|problems| {
        let texts = problems
            .iter()
            .map(|problem| problem.clone().located("network").to_string());
        texts.collect::<Vec<_>>().join("\n")
    })?;
    let mut network = reading.network;
    if let Some(accuracy) = ask.accuracy {
        network.options.accuracy = accuracy;
    }
    Ok(network)
}

/// Runs `file` in both engines and compares them as long as their steps begin together.
pub(super) fn compare(python: &Path, file: &Path, ask: &Ask, limits: Limits) -> Comparison {
    let mut found = Comparison::default();
    if let Err(complaint) = run_both(&mut found, python, file, ask, limits) {
        found.complaints.push(complaint);
    }
    found
}

fn run_both(
    found: &mut Comparison,
    python: &Path,
    file: &Path,
    ask: &Ask,
    limits: Limits,
) -> Result<(), String> {
    let opening = open(python, file);
    let bytes = std::fs::read(file).expect("a readable network");
    let network = match (read(&bytes, ask), opening.is_taken()) {
        (Ok(network), true) => Arc::new(network),
        (Err(error), true) => return Err(format!("not read: {error}")),
        (Ok(_), false) => return Err(format!("read, but EPANET says {:?}", opening.errors)),
        (Err(_), false) => return Ok(()),
    };
    let reference =
        Reference::run(python, file, ask).map_err(|error| format!("EPANET: {error}"))?;
    let header = &reference.header;
    let sizes = (network.node_count(), network.links.len());
    if sizes != (header.nodes.len(), header.links.len()) {
        return Err(format!("{sizes:?} nodes and links"));
    }
    sum_reference(found, &reference);
    let places = Places::new(header, &network);
    let mut simulation = Simulation::new(Arc::clone(&network));
    // Once steps differ there is nothing to compare but what comes out in the end.
    let mut together = true;
    let patience = 20 * reference.rows() + 1_000;
    for row in 0..patience {
        let at = simulation.time();
        if together && row >= reference.rows() {
            together = false;
            if header.runs[0].error == 0 {
                found
                    .complaints
                    .push(format!("{at} s: it goes on after EPANET's end"));
            }
        } else if together && at as f64 != reference.value(row, "time") {
            let theirs = reference.value(row, "time");
            let complaint = format!("step {row} is at {at} s, EPANET's at {theirs} s");
            found.complaints.push(complaint);
            together = false;
        }
        let report = match simulation.solve() {
            Ok(report) => report,
            Err(failure) => {
                let outcome = &header.runs[0];
                return if outcome.error != 0 && outcome.time == at {
                    Ok(())
                } else {
                    Err(format!("{at} s: {failure:?}"))
                };
            }
        };
        found.trials[0] += u64::from(report.trials);
        if together {
            compare_step(found, &simulation, &reference, row, &places, limits);
            found.steps += 1;
        }
        let draw: f64 = (0..network.junctions.len())
            .map(|node| simulation.demand(node))
            .sum();
        let step = simulation.next();
        found.volume[0] += step as f64 * draw;
        if step == 0 {
            if row + 1 < reference.rows() {
                found
                    .complaints
                    .push(format!("{at} s: it ends before EPANET does"));
            }
            break;
        }
        if row + 1 == patience {
            return Err(format!("{at} s: no end after {patience} steps"));
        }
    }
    let outcome = &header.runs[0];
    if outcome.error != 0 {
        let text = format!("{} s: EPANET cannot: {}", outcome.time, outcome.message);
        found.complaints.push(text);
    }
    let energies = places
        .pumps
        .iter()
        .map(|&pump| simulation.energy(pump).energy);
    found.energy[0] = energies.sum();
    let [ours, theirs] = found.energy;
    // A single instant counts for an hour in EPANET's table of energies.
    if network.times.duration > 0 && (ours - theirs).abs() > limits.energy_share * theirs + 1.0 {
        let text = format!("pumps take {ours} J over the run, EPANET's {theirs} J");
        found.complaints.push(text);
    }
    Ok(())
}

/// EPANET's trials, volumes and energies over the whole run.
fn sum_reference(found: &mut Comparison, reference: &Reference) {
    let kinds = &reference.header.node_kinds;
    for row in 0..reference.rows() {
        let step = reference.value(row, "step");
        let demands = reference.values(row, "demands").iter().zip(kinds);
        let draw: f64 = demands
            .filter(|demand| *demand.1 == 0)
            .map(|demand| demand.0)
            .sum();
        found.volume[1] += step * draw;
        found.energy[1] += step * reference.values(row, "powers").iter().sum::<f64>();
        found.trials[1] += reference.value(row, "trials") as u64;
    }
}

/// Where no water comes, heads are millions of metres, and what digits they have is chance.
pub(super) fn is_cut_off(head: f64) -> bool {
    head.abs() > 1e5
}

fn compare_step(
    found: &mut Comparison,
    simulation: &Simulation,
    reference: &Reference,
    row: usize,
    places: &Places,
    limits: Limits,
) {
    let (header, at) = (&reference.header, simulation.time());
    let network = simulation.network();
    let (heads, demands) = (
        reference.values(row, "heads"),
        reference.values(row, "demands"),
    );
    let allowed = |exact: f64| limits.flow.max(limits.flow_share * exact.abs());
    let mut worst = [Difference::default(), Difference::default()];
    for (place, id) in header.nodes.iter().enumerate() {
        let node = places.nodes[place];
        let (ours, theirs) = (simulation.head(node), heads[place]);
        if is_cut_off(theirs) {
            continue;
        }
        worst[0].consider((ours - theirs).abs(), || {
            format!("{at} s, node {id}: head {ours} m, EPANET {theirs} m")
        });
        let (ours, theirs) = (simulation.demand(node), demands[place]);
        worst[1].consider((ours - theirs).abs() / allowed(theirs), || {
            format!("{at} s, node {id}: demand {ours} m³/s, EPANET {theirs} m³/s")
        });
    }
    let flows = reference.values(row, "flows");
    let statuses = reference.values(row, "statuses");
    let settings = reference.values(row, "settings");
    for (link, id) in header.links.iter().enumerate() {
        let ends = [network.links[link].from, network.links[link].to];
        if ends
            .iter()
            .any(|&node| is_cut_off(heads[places.theirs[node]]))
        {
            continue;
        }
        let (ours, theirs) = (simulation.flow(link), flows[link]);
        worst[1].consider((ours - theirs).abs() / allowed(theirs), || {
            format!("{at} s, link {id}: flow {ours} m³/s, EPANET {theirs} m³/s")
        });
        let (ours, theirs) = (simulation.status(link), statuses[link]);
        if ours.is_shut() != (theirs <= Status::Closed as u8 as f64) {
            let text = format!("{at} s, link {id}: {ours:?}, EPANET's status {theirs}");
            found.complaints.push(text);
        }
        let has_setting = (2..8).contains(&header.link_kinds[link]);
        if has_setting && !settings[link].is_nan() {
            let (ours, theirs) = (simulation.setting(link).unwrap_or(f64::NAN), settings[link]);
            // EPANET writes them in single precision.
            let gap = (ours - theirs).abs();
            if gap.is_nan() || gap > 1e-5 * theirs.abs().max(1e-3) {
                let text = format!("{at} s, link {id}: setting {ours}, EPANET {theirs}");
                found.complaints.push(text);
            }
        }
    }
    let [head, flow] = worst;
    if head.size > limits.head {
        found.complaints.push(head.text.clone());
    }
    if flow.size > 1.0 {
        found.complaints.push(flow.text.clone());
    }
    for (all, here) in [(&mut found.head, head), (&mut found.flow, flow)] {
        if here.size > all.size {
            *all = here;
        }
    }
}

impl Comparison {
    /// One line for people.
    pub(super) fn summary(&self, name: &str) -> String {
        let mut text = format!(
            "{name}: {} steps, trials {} (EPANET {}), head within {:.1e} m",
            self.steps, self.trials[0], self.trials[1], self.head.size
        );
        write!(
            text,
            ", flow within {:.1e} of what is allowed",
            self.flow.size
        )
        .expect("text");
        text
    }

    /// The first complaints, and how many there are.
    pub(super) fn trouble(&self, name: &str) -> String {
        let shown: Vec<_> = self.complaints.iter().take(4).cloned().collect();
        format!(
            "{}\n  {} complaints; first: {}\n  head: {}\n  flow: {}",
            self.summary(name),
            self.complaints.len(),
            shown.join("\n    "),
            self.head.text,
            self.flow.text
        )
    }
}
