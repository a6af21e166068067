//! Controls and rules: what switches links by itself. In lists only, below what they switch.

use std::collections::BTreeMap;

use super::Import;
use super::nodes::own_range;
use super::units::round_up;
use crate::models::hydraulics::control::Trigger;
use crate::scene::spec::AssetSpec;

impl Import<'_> {
    /// One asset per control, `CTRL-1` the first of the file.
    pub(super) fn controls(&self) -> Vec<AssetSpec> {
        let network = self.network();
        let each = (1..).zip(&network.controls).map(|(number, control)| {
            let (at, _) = self.plan.middle(control.link);
            let mut parameters = BTreeMap::new();
            let mut signals = BTreeMap::new();
            let kind = match control.trigger {
                Trigger::Below { node, head } | Trigger::Above { node, head } => {
                    let level = head - network.elevation(node);
                    let top = network
                        .tank_at(node)
                        .and_then(|tank| network.tanks.get(tank));
                    let top = top.map_or(level * 2.0, |tank| tank.max);
                    let length = self.units.length;
                    let range = (0.0, round_up(length.from_si(top.max(level))));
                    signals.insert("level".to_owned(), own_range(range));
                    parameters.insert("level".to_owned(), super::units::fact(level, length));
                    "level control"
                }
                Trigger::Time(_) | Trigger::Clock(_) => "time control",
            };
            AssetSpec {
                label: control.text.clone(),
                at,
                parent: Some(self.link_tag(control.link)),
                parameters,
                signals,
                ..self.part(self.tag(&format!("CTRL-{number}")), kind)
            }
        });
        each.collect()
    }

    pub(super) fn rules(&self) -> Vec<AssetSpec> {
        let each = self.network().rules.iter().map(|rule| {
            let acts = rule.then.iter().chain(&rule.otherwise);
            let mut links: Vec<usize> = acts.map(|act| act.link).collect();
            links.sort_unstable();
            links.dedup();
            let at = links
                .first()
                .map_or([0.0; 3], |&link| self.plan.middle(link).0);
            let (premises, count) = (rule.premises.len(), links.len());
            AssetSpec {
                label: format!("{premises} premises, acts on {count} links"),
                at,
                links: links.into_iter().map(|link| self.link_tag(link)).collect(),
                ..self.part(self.tag(&format!("RULE-{}", rule.name)), "rule")
            }
        });
        each.collect()
    }
}
