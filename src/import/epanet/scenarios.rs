//! Futures that planners ask for first: the day as it is, a pump that trips, a fire, more
//! demand, a burst.

use std::collections::BTreeMap;

use super::Import;
use super::distance::Neighbours;
use super::report::Notes;
use super::units::{fact, plain};
use crate::models::hydraulics::network::{LinkKind, Status};
use crate::scene::spec::{AssetSpec, OverrideSpec, ScenarioSpec, TypeSpec, UncertainSpec};

/// Values of one run that are kept in memory without a thought.
const VALUES: usize = 3_000_000;
/// Distances of outputs to choose from: name and seconds.
const STEPS: [(&str, usize); 6] = [
    ("5min", 300),
    ("10min", 600),
    ("15min", 900),
    ("30min", 1_800),
    ("1h", 3_600),
    ("2h", 7_200),
];
const DAY: usize = 86_400;
/// More single overrides than this are not made.
const MOST_OVERRIDES: usize = 500;
/// Members of an ensemble over all districts.
const MEMBERS: u32 = 20;
/// Above this many signals no ensemble is proposed: its bands are kept three times over.
const MOST_BANDS: usize = 8_000;

impl Import<'_> {
    /// The futures, the plainest first.
    pub(super) fn scenarios(
        &self,
        assets: &[AssetSpec],
        types: &BTreeMap<String, TypeSpec>,
        notes: &mut Notes,
    ) -> Vec<ScenarioSpec> {
        let kinds = assets.iter().filter_map(|asset| types.get(&asset.kind));
        let signals: usize = kinds.map(|kind| kind.signals.len()).sum();
        let fits = |(_, secs): &&(&str, usize)| signals * (DAY / secs) <= VALUES;
        let step = STEPS.iter().find(fits).unwrap_or(&STEPS[STEPS.len() - 1]).0;
        let plain_day = |name: &str, description: String, overrides| ScenarioSpec {
            name: self.title(name),
            description,
            step: Some(step.to_owned()),
            overrides,
            ..ScenarioSpec::default()
        };
        let as_is = "The network goes on as its file says.".to_owned();
        let mut scenarios = vec![plain_day("Next 24 hours", as_is, Vec::new())];
        if let Some((pump, trip)) = self.pump_trip() {
            let text =
                format!("The largest pump, {pump}, stops after one hour for the rest of the day.");
            scenarios.push(plain_day(
                &format!("{pump} trips at +1 h"),
                text,
                vec![trip],
            ));
        }
        if let Some((node, flow, fire)) = self.fire() {
            let text =
                format!("{flow} are drawn at {node}, far from every source, from +1 h to +3 h.");
            scenarios.push(plain_day(&format!("Fire at {node}"), text, vec![fire]));
        }
        let more = self.more_demand();
        if !more.is_empty() {
            let text = "All consumers draw a fifth more than the file says.".to_owned();
            scenarios.push(plain_day("Demand +20 %", text, more));
        }
        if let Some((node, leak)) = self.burst() {
            let text = format!(
                "A main breaks at {node} after one hour; the leak grows with the pressure."
            );
            scenarios.push(plain_day(&format!("Burst at {node}"), text, vec![leak]));
        }
        let districts = &self.network().districts;
        if !districts.is_empty() && signals <= MOST_BANDS {
            let spread = |district: &crate::models::hydraulics::network::District| UncertainSpec {
                signal: format!("{}.demand_factor", self.tag(&district.tag)),
                spread: Some(0.1),
                ..UncertainSpec::default()
            };
            let text =
                "Twenty days whose demand differs by some 10 % in every district.".to_owned();
            scenarios.push(ScenarioSpec {
                members: Some(MEMBERS),
                uncertain: districts.iter().map(spread).collect(),
                ..plain_day("Uncertain demand", text, Vec::new())
            });
        }
        notes.guess(
            format!(
                "{} scenarios are proposed, with outputs every {step}",
                scenarios.len()
            ),
            "write your own under `scenarios` in a scene that imports the file",
        );
        scenarios
    }

    /// The most powerful pump that can run, stopped.
    fn pump_trip(&self) -> Option<(String, OverrideSpec)> {
        let links = self.network().links.iter().enumerate();
        let pumps = links.filter_map(|(index, link)| match &link.kind {
            LinkKind::Pump(pump) => {
                let runs = link.status == Status::Open;
                Some((index, runs, self.duty(pump).power))
            }
            LinkKind::Pipe(_) | LinkKind::Valve(_) => None,
        });
        let largest = pumps.max_by(|a, b| a.1.cmp(&b.1).then(a.2.total_cmp(&b.2)))?;
        let tag = self.link_tag(largest.0);
        let stop = held(format!("{tag}.running"), 0.0, "1h", None);
        Some((tag, stop))
    }

    /// Water for a fire at the consumer farthest from every source.
    fn fire(&self) -> Option<(String, String, OverrideSpec)> {
        let node = self.consumer_at(1.0)?;
        let tag = self.node_tag(node);
        // 1000 gpm or 96 m³/h, but no more than the whole network draws.
        let ordinary: f64 = if self.units.is_us {
            0.063_09
        } else {
            96.0 / 3_600.0
        };
        let flow = plain(self.units.flow.from_si(ordinary.min(self.largest_demand())));
        let rounded = (flow * 10.0).round() / 10.0;
        let text = fact(self.units.flow.to_si(rounded), self.units.flow);
        let fire = held(format!("{tag}.fire_flow"), rounded, "1h", Some("3h"));
        Some((tag, text, fire))
    }

    /// A leak half way out.
    fn burst(&self) -> Option<(String, OverrideSpec)> {
        let node = self.consumer_at(0.5)?;
        let tag = self.node_tag(node);
        let flow = plain(self.units.flow.from_si(self.leak()));
        let leak = held(format!("{tag}.leak"), flow, "1h", None);
        Some((tag, leak))
    }

    /// The consumer at this share of the order by distance from the nearest source.
    fn consumer_at(&self, share: f64) -> Option<usize> {
        let network = self.network();
        let sources = network.junctions.len()..network.node_count();
        let distances = Neighbours::of(network).distances(sources);
        let draws = |node: &usize| self.base_demand(&network.junctions[*node]) > 0.0;
        let mut consumers: Vec<usize> = (0..network.junctions.len())
            .filter(draws)
            .filter(|&node| distances[node].is_finite())
            .collect();
        consumers.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]).then(a.cmp(&b)));
        let last = consumers.len().checked_sub(1)?;
        Some(consumers[(last as f64 * share).round() as usize])
    }

    /// A fifth more everywhere: by district, and by junction where it is in none.
    fn more_demand(&self) -> Vec<OverrideSpec> {
        let network = self.network();
        let districts = network
            .districts
            .iter()
            .map(|district| self.tag(&district.tag));
        let alone = network
            .junctions
            .iter()
            .filter(|junction| junction.district.is_none() && self.base_demand(junction) > 0.0);
        let alone: Vec<String> = alone.map(|junction| self.tag(&junction.tag)).collect();
        if alone.len() > MOST_OVERRIDES {
            return Vec::new();
        }
        let more = |tag: String| OverrideSpec {
            times: Some(1.2),
            value: None,
            ..held(format!("{tag}.demand_factor"), 0.0, "0s", None)
        };
        districts.chain(alone).map(more).collect()
    }
}

/// A signal held at a value in its unit, from and until so long after the start.
fn held(signal: String, value: f64, from: &str, until: Option<&str>) -> OverrideSpec {
    OverrideSpec {
        signal,
        value: Some(value),
        times: None,
        plus: None,
        from: from.to_owned(),
        until: until.map(str::to_owned),
        ramp: "0s".to_owned(),
    }
}
