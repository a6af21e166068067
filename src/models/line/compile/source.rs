//! Lays out sources: when parts come, and which.

use super::Compiler;
use crate::models::config::Entry;
use crate::models::line::plan::{Arrivals, OrderPlan, Pick, Slot, SourcePlan, When};
use crate::models::line::spec::{ArrivalsSpec, OrderSpec, SourceSpec};
use crate::models::line::spread::Spread;
use crate::time::Timestamp;

impl Compiler<'_, '_, '_> {
    pub(super) fn source(&mut self, index: usize, spec: &SourceSpec) {
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
        let slot = self.plan.add_slot(Slot::Arrival(index as u32));
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
}
