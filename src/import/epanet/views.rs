//! Views worth coming back to: the whole, by pressure, by velocity, by quality; the largest
//! tank and pump.

use super::Import;
use crate::models::hydraulics::network::LinkKind;
use crate::models::hydraulics::quality::Analysis;
use crate::scene::spec::BookmarkSpec;

/// The eye looks down on a whole network by this angle, rad.
const PITCH: f64 = 0.85;
/// A single thing is seen from so many times its size away.
const NEAR: f64 = 5.0;

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
            let size = (tank.area / std::f64::consts::FRAC_PI_4).sqrt();
            views.push(self.close_up(self.node_tag(node), [east, north, up], size));
        }
        let links = network.links.iter().enumerate();
        let pumps = links.filter_map(|(index, link)| match &link.kind {
            LinkKind::Pump(pump) => Some((index, self.duty(pump).power)),
            LinkKind::Pipe(_) | LinkKind::Valve(_) => None,
        });
        if let Some((pump, _)) = pumps.max_by(|a, b| a.1.total_cmp(&b.1)) {
            views.push(self.close_up(self.link_tag(pump), self.plan.middle(pump).0, 6.0));
        }
        views
    }

    /// All of the network from the south, from above.
    fn overview(&self, name: &str, heat: Option<&str>) -> BookmarkSpec {
        let (low, high) = (self.plan.low, self.plan.high);
        let focus: [f64; 3] = std::array::from_fn(|axis| f64::midpoint(low[axis], high[axis]));
        let away = (high[0] - low[0]).max(high[1] - low[1]).max(20.0);
        let (sin, cos) = PITCH.sin_cos();
        BookmarkSpec {
            name: self.title(name),
            eye: [focus[0], focus[1] - away * cos, focus[2] + away * sin],
            focus,
            whole: true,
            select: None,
            heat: heat.map(str::to_owned),
        }
    }

    /// A view of one thing of this size, m.
    fn close_up(&self, tag: String, at: [f64; 3], size: f64) -> BookmarkSpec {
        let away = self.plan.scale * (size * NEAR).clamp(20.0, 1_000.0);
        let [east, north, up] = at;
        BookmarkSpec {
            name: tag.clone(),
            eye: [east + away * 0.35, north - away * 0.7, up + away * 0.55],
            focus: at,
            whole: false,
            select: Some(tag),
            heat: None,
        }
    }
}
