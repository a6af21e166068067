//! Lays out stations: what they take and make, how they fail and are kept up.

use super::Compiler;
use crate::models::config::Entry;
use crate::models::line::plan::{
    FailurePlan, MaintenancePlan, Needs, Rule, Slot, StationPlan, nanos,
};
use crate::models::line::spec::{
    FailureClock, MaintenanceRule, MaintenanceSpec, PowerSpec, StationSpec,
};
use crate::models::line::spread::Spread;
use crate::models::line::station::{STATES, State};
use crate::units::Quantity;

/// Most parts that a station works on together or makes of them.
const MOST_TOGETHER: u32 = 100_000;

impl Compiler<'_, '_, '_> {
    pub(super) fn station(&mut self, index: usize, spec: &StationSpec) {
        let entry = Entry::item("stations", index, &spec.tag);
        let node = self.nodes[&spec.tag];
        let cycle = Spread::compile(&spec.cycle, &entry, "cycle", self.reader);
        let mut cycles = Vec::new();
        for (name, spread) in &spec.cycles {
            let product = self.product(&entry, "cycles", name);
            cycles.resize(self.products.len(), None);
            let spread = Spread::compile(spread, &entry, "cycles", self.reader);
            cycles[usize::from(product)] = Some(spread);
        }
        let ideal = spec.ideal.as_ref();
        let ideal = ideal.map(|text| self.reader.positive_span(&entry, "ideal", text));
        let ideals = (0..self.products.len()).map(|product| {
            let own = cycles.get(product).and_then(Option::as_ref);
            ideal.unwrap_or_else(|| own.unwrap_or(&cycle).mean())
        });
        let ideals: Vec<f64> = ideals.collect();
        let even_ideal = ideals.first().copied();
        let even_ideal = even_ideal.filter(|first| ideals.iter().all(|other| other == first));
        let needs = self.needs(&entry, spec);
        let makes = self.counts(&entry, "makes", &spec.makes);
        let setup = spec.setup.as_ref();
        let setup = setup.map(|setup| Spread::compile(setup, &entry, "setup", self.reader));
        let mut setups = Vec::new();
        for (from, to, spread) in &spec.setups {
            let from = self.product(&entry, "setups", from);
            let to = self.product(&entry, "setups", to);
            let spread = Spread::compile(spread, &entry, "setups", self.reader);
            setups.push((from, to, spread));
        }
        if !(0.0..=1.0).contains(&spec.bad_share) {
            let message = format!("`bad_share` of `{}` is {}", spec.tag, spec.bad_share);
            self.reader
                .problem(&entry, "bad_share", message, "write a share from 0 to 1");
        }
        let bad_to = spec.bad_to.as_ref();
        let bad_to = bad_to.and_then(|tag| self.target(&entry, "bad_to", tag));
        let operator = self.skill(&entry, "operator", spec.operator.as_ref());
        let stream = self.plan.add_streams(2);
        let failures = self.failures(index, &entry, spec);
        let maintenance = spec.maintenance.as_ref();
        let maintenance = maintenance.map(|spec| self.maintenance(index, &entry, spec));
        let power = self.power(&entry, &spec.power);
        self.plan.stations.push(StationPlan {
            node,
            needs,
            makes,
            cycle,
            cycles,
            even_ideal,
            ideals,
            setup,
            setups,
            bad_share: spec.bad_share,
            bad_to,
            operator,
            failures,
            maintenance,
            power,
            work_slot: index as u32,
            stream,
        });
        self.route(node, &entry, &spec.to, &spec.choose, &spec.by_product);
    }

    fn needs(&mut self, entry: &Entry, spec: &StationSpec) -> Needs {
        if !spec.takes.is_empty() {
            if spec.batch != 1 {
                let message = format!("{} has both `batch` and `takes`", entry.called());
                self.reader
                    .problem(entry, "batch", message, "leave one of them out");
            }
            return Needs::Kinds(self.counts(entry, "takes", &spec.takes));
        }
        if spec.batch == 0 || spec.batch > MOST_TOGETHER {
            let message = format!("{} works on {} parts together", entry.called(), spec.batch);
            self.reader
                .problem(entry, "batch", message, "count from 1 to 100000");
        }
        Needs::Any(spec.batch)
    }

    fn counts(&mut self, entry: &Entry, field: &str, list: &[(String, u32)]) -> Vec<(u16, u32)> {
        let mut counts: Vec<(u16, u32)> = Vec::new();
        for (name, count) in list {
            let product = self.product(entry, field, name);
            if *count == 0 || *count > MOST_TOGETHER {
                let message = format!("`{field}` of {} has {count} of `{name}`", entry.called());
                self.reader
                    .problem(entry, field, message, "count from 1 to 100000");
            }
            match counts.iter_mut().find(|(known, _)| *known == product) {
                Some((_, known)) => *known = known.saturating_add(*count),
                None => counts.push((product, *count)),
            }
        }
        counts
    }

    fn failures(&mut self, index: usize, entry: &Entry, spec: &StationSpec) -> Vec<FailurePlan> {
        let mut failures = Vec::new();
        for (mode, failure) in spec.failures.iter().enumerate() {
            let entry = entry.part("failures").part(mode);
            let every = Spread::compile(&failure.every, &entry, "every", self.reader);
            let repair = Spread::compile(&failure.repair, &entry, "repair", self.reader);
            failures.push(FailurePlan {
                every,
                repair,
                by_usage: failure.clock == FailureClock::Usage,
                repairer: self.skill(&entry, "repairer", failure.repairer.as_ref()),
                cost: self.cost(&entry, failure.cost),
                slot: self.plan.add_slot(Slot::Trouble(index as u32, mode as u32)),
                stream: self.plan.add_streams(1),
            });
        }
        failures
    }

    fn maintenance(
        &mut self,
        index: usize,
        entry: &Entry,
        spec: &MaintenanceSpec,
    ) -> MaintenancePlan {
        let entry = entry.part("maintenance");
        let rule = match &spec.when {
            MaintenanceRule::Every(span) => {
                Rule::Every(nanos(self.reader.positive_span(&entry, "when", span)))
            }
            MaintenanceRule::Used(span) => {
                Rule::Used(nanos(self.reader.positive_span(&entry, "when", span)))
            }
            MaintenanceRule::Worn(share) => {
                let fine = *share > 0.0 && *share <= 1.0;
                let wanted = "above 0 and at most 1";
                Rule::Worn(self.reader.checked(&entry, "when", *share, fine, wanted))
            }
            MaintenanceRule::Asked => Rule::Asked,
        };
        MaintenancePlan {
            rule,
            takes: Spread::compile(&spec.takes, &entry, "takes", self.reader),
            repairer: self.skill(&entry, "repairer", spec.repairer.as_ref()),
            cost: self.cost(&entry, spec.cost),
            slot: self.plan.add_slot(Slot::Maintenance(index as u32)),
            stream: self.plan.add_streams(1),
        }
    }

    fn cost(&mut self, entry: &Entry, cost: f64) -> f64 {
        let fine = cost >= 0.0 && cost.is_finite();
        self.reader
            .checked(entry, "cost", cost, fine, "zero or above")
    }

    fn power(&mut self, entry: &Entry, spec: &PowerSpec) -> [f64; STATES] {
        let entry = entry.part("power");
        let mut watts = |field: &str, text: &Option<String>| {
            let value = text
                .as_ref()
                .map(|text| self.reader.value(&entry, field, text, Quantity::Power));
            value.map(|value| {
                let fine = value >= 0.0;
                self.reader
                    .checked(&entry, field, value, fine, "zero or above")
            })
        };
        let idle = watts("idle", &spec.idle).unwrap_or(0.0);
        let working = watts("working", &spec.working).unwrap_or(idle);
        let setup = watts("setup", &spec.setup).unwrap_or(idle);
        let down = watts("down", &spec.down).unwrap_or(0.0);
        let off = watts("off", &spec.off).unwrap_or(0.0);
        let mut power = [idle; STATES];
        power[State::Working as usize] = working;
        power[State::Setup as usize] = setup;
        power[State::Failed as usize] = down;
        power[State::Maintained as usize] = down;
        power[State::Off as usize] = off;
        power
    }
}
