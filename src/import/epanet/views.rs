//! Views worth coming back to: the whole, by pressure, by velocity, by quality; the largest
//! tank and pump.

use super::Import;
use crate::models::hydraulics::network::LinkKind;
use crate::models::hydraulics::quality::Analysis;
use crate::scene::spec::BookmarkSpec;

/// The eye looks down on a whole network by this angle, rad.
const PITCH: f64 = 0.72;
/// Half of the picture's field of view, upright, rad.
const HALF_FIELD: f64 = 0.3;
/// Width of a picture over its height, at least.
const ASPECT: f64 = 1.4;
/// A single thing is seen from this far, m, or nearer in a small network.
const NEAR: f64 = 250.0;

impl Import<'_> {
    pub(super) fn bookmarks(&self) -> Vec<BookmarkSpec> {
        let network = self.network();
        let quality = network
            .quality
            .as_ref()
            .map(|quality| match quality.analysis {
                Analysis::Age => ("Water age", "age"),
                Analysis::Trace { .. } => ("Source trace", "trace"),
                Analysis::Chemical { .. } => ("Water quality", "concentration"),
            });
        let coloured = [("Pressure", "pressure"), ("Velocity", "velocity")];
        let mut views = vec![self.overview("Overview", None)];
        for (name, heat) in coloured.into_iter().chain(quality) {
            views.push(self.overview(name, Some(heat)));
        }
        let tanks = network.tanks.iter().enumerate();
        let volume = |tank: &crate::models::hydraulics::network::Tank| {
            tank.volume(tank.max, &network.curves)
        };
        let tank = tanks.max_by(|a, b| volume(a.1).total_cmp(&volume(b.1)));
        if let Some((index, tank)) = tank {
            let node = network.tank_node(index);
            let [east, north, _] = self.plan.nodes[node];
            let up = self.plan.height(tank.bottom + (tank.min + tank.max) * 0.5);
            views.push(self.close_up(self.node_tag(node), [east, north, up]));
        }
        let links = network.links.iter().enumerate();
        let pumps = links.filter_map(|(index, link)| match &link.kind {
            LinkKind::Pump(pump) => Some((index, self.duty(pump).power)),
            LinkKind::Pipe(_) | LinkKind::Valve(_) => None,
        });
        if let Some((pump, _)) = pumps.max_by(|a, b| a.1.total_cmp(&b.1)) {
            views.push(self.close_up(self.link_tag(pump), self.plan.middle(pump).0));
        }
        views
    }

    /// All of the network from the south, from above.
    fn overview(&self, name: &str, heat: Option<&str>) -> BookmarkSpec {
        let (low, high) = (self.plan.low, self.plan.high);
        let focus: [f64; 3] = std::array::from_fn(|axis| f64::midpoint(low[axis], high[axis]));
        let (wide, deep) = (high[0] - low[0], high[1] - low[1]);
        let (sin, cos) = PITCH.sin_cos();
        let away = (deep * sin * 0.5 / HALF_FIELD.tan())
            .max(wide * 0.5 / (HALF_FIELD.tan() * ASPECT))
            + deep * cos * 0.35;
        let away = (away * 1.04).max(20.0);
        BookmarkSpec {
            name: self.title(name),
            eye: [focus[0], focus[1] - away * cos, focus[2] + away * sin],
            focus,
            select: None,
            heat: heat.map(str::to_owned),
        }
    }

    fn close_up(&self, tag: String, at: [f64; 3]) -> BookmarkSpec {
        let size = (self.plan.high[0] - self.plan.low[0]).max(self.plan.high[1] - self.plan.low[1]);
        let away = (size * 0.25).clamp(10.0, NEAR * self.plan.scale.max(1e-6));
        let [east, north, up] = at;
        BookmarkSpec {
            name: tag.clone(),
            eye: [east + away * 0.35, north - away * 0.7, up + away * 0.55],
            focus: at,
            select: Some(tag),
            heat: None,
        }
    }
}
