//! Where everything lies: from the file's map to metres of the scene.
//!
//! The middle of the map comes to the origin, the lowest ground to its height. A map
//! without units gets those in which pipes are drawn as long as the file says they are.

use super::distance::Neighbours;
use super::layout::layout;
use super::report::Notes;
use super::units::plain;
use crate::models::hydraulics::inp::Reading;
use crate::models::hydraulics::network::{LinkKind, Network};
use crate::scene::spec::EpanetSpec;

/// Two units this close, as a ratio, are the same unit: pipes are not drawn exactly.
const SAME_UNIT: f64 = 1.15;
/// A foot, m.
const FOOT: f64 = 0.304_8;
/// The ellipsoid of WGS 84: half its width, m, and its eccentricity squared.
const EARTH: (f64, f64) = (6_378_137.0, 6.694_379_990_14e-3);
/// Points this close, m, are one.
const SAME_POINT: f64 = 0.01;

/// Where the parts of a network lie, m: east, north, up.
pub(super) struct Plan {
    /// Where links end at each node: on the ground.
    pub(super) nodes: Vec<[f64; 3]>,
    /// The course of each link, from its start to its end.
    pub(super) routes: Vec<Vec<[f64; 3]>>,
    /// The lowest and the highest corner.
    pub(super) low: [f64; 3],
    pub(super) high: [f64; 3],
    /// Metres of the scene per metre.
    pub(super) scale: f64,
    /// The links of each node.
    links: Vec<Vec<usize>>,
    origin: [f64; 3],
    /// Metres of the scene per metre of height.
    upright: f64,
    /// The lowest ground, m above datum.
    datum: f64,
}

impl Plan {
    pub(super) fn of(reading: &Reading, spec: &EpanetSpec, notes: &mut Notes) -> Self {
        let network = &reading.network;
        let neighbours = Neighbours::of(network);
        let (places, bends) = on_the_map(reading, &neighbours, notes);
        let (low, high) = bounds(places.iter().chain(bends.iter().flatten()));
        let middle = [
            f64::midpoint(low[0], high[0]),
            f64::midpoint(low[1], high[1]),
        ];
        let ground = ground(network, &neighbours, notes);
        let datum = ground.iter().copied().fold(f64::INFINITY, f64::min);
        let mut plan = Self {
            nodes: Vec::new(),
            routes: Vec::new(),
            low: [0.0; 3],
            high: [0.0; 3],
            scale: spec.scale,
            links: vec![Vec::new(); network.node_count()],
            origin: spec.origin,
            upright: spec.scale * spec.vertical,
            datum: if datum.is_finite() { datum } else { 0.0 },
        };
        let on_scene = |at: &[f64; 2], height: f64| {
            let part = |axis: usize| spec.origin[axis] + (at[axis] - middle[axis]) * spec.scale;
            [part(0), part(1), height]
        };
        let nodes = places.iter().zip(&ground);
        plan.nodes = nodes
            .map(|(at, &elevation)| on_scene(at, plan.height(elevation)))
            .collect();
        let mut stacked = 0;
        plan.routes = network
            .links
            .iter()
            .zip(&bends)
            .map(|(link, bends)| {
                let (from, to) = (plan.nodes[link.from], plan.nodes[link.to]);
                let between = bends.iter().map(|at| on_scene(at, 0.0));
                let mut route: Vec<_> = std::iter::once(from).chain(between).chain([to]).collect();
                route.dedup_by(|b, a| flat(*a, *b) < SAME_POINT);
                if route.len() < 2 {
                    // Something to see and to click on, where the map has one point for both.
                    stacked += 1;
                    let [east, north, up] = from;
                    route = vec![from, [east + 1.0, north, up]];
                } else if let Some(last) = route.last_mut() {
                    *last = to;
                }
                slope(&mut route);
                route
            })
            .collect();
        if stacked > 0 {
            notes.guess(
                format!("{stacked} links begin and end at one point of the map: drawn 1 m long"),
                "",
            );
        }
        for (place, link) in network.links.iter().enumerate() {
            plan.links[link.from].push(place);
            plan.links[link.to].push(place);
        }
        (plan.low, plan.high) = bounds(plan.nodes.iter().chain(plan.routes.iter().flatten()));
        plan
    }

    /// The links that end at `node`, in the order of the file.
    pub(super) fn links_of(&self, node: usize) -> &[usize] {
        &self.links[node]
    }

    /// The height in the scene, m, of an elevation, m above datum.
    pub(super) fn height(&self, elevation: f64) -> f64 {
        self.origin[2] + (elevation - self.datum) * self.upright
    }

    /// A height or depth in the scene, m.
    pub(super) fn tall(&self, height: f64) -> f64 {
        height * self.upright
    }

    /// The middle of a link's course, and its heading there, degrees from east.
    pub(super) fn middle(&self, link: usize) -> ([f64; 3], f64) {
        let route = &self.routes[link];
        let long: f64 = route.windows(2).map(|leg| apart(leg[0], leg[1])).sum();
        let mut left = long * 0.5;
        for leg in route.windows(2) {
            let length = apart(leg[0], leg[1]);
            if left <= length && length > 0.0 {
                let share = left / length;
                let at = std::array::from_fn(|axis| {
                    leg[0][axis] + (leg[1][axis] - leg[0][axis]) * share
                });
                let heading = (leg[1][1] - leg[0][1]).atan2(leg[1][0] - leg[0][0]);
                return (at, heading.to_degrees());
            }
            left -= length;
        }
        (route[0], 0.0)
    }
}

/// East and north of nodes and of links' bends, m.
fn on_the_map(
    reading: &Reading,
    neighbours: &Neighbours,
    notes: &mut Notes,
) -> (Vec<[f64; 2]>, Vec<Vec<[f64; 2]>>) {
    let (network, map) = (&reading.network, &reading.map);
    let nodes = network.node_count();
    let known: Vec<Option<[f64; 2]>> = (0..nodes)
        .map(|node| map.coordinates.get(node).copied().flatten())
        .map(|at| at.filter(|at| at.iter().all(|axis| axis.is_finite())))
        .collect();
    let (low, high) = bounds(known.iter().flatten());
    let is_map = low[0] < high[0] || low[1] < high[1];
    if !is_map {
        notes.guess(
            "the file has no map: nodes are laid out by the lengths of the pipes between them",
            "give coordinates under [COORDINATES]",
        );
        return (
            layout(neighbours, nodes),
            vec![Vec::new(); network.links.len()],
        );
    }
    let missing = known.iter().filter(|at| at.is_none()).count();
    if missing > 0 {
        notes.guess(
            format!("{missing} nodes have no coordinates: laid out between their neighbours"),
            "give coordinates under [COORDINATES]",
        );
    }
    let bends: Vec<Vec<[f64; 2]>> = (0..network.links.len())
        .map(|link| map.vertices.get(link).cloned().unwrap_or_default())
        .collect();
    let metres = map_scale(reading, &known, &bends, notes);
    let known: Vec<_> = known
        .iter()
        .map(|at| at.map(|at| metres.point(at)))
        .collect();
    let bends = bends
        .iter()
        .map(|link| link.iter().map(|at| metres.point(*at)).collect())
        .collect();
    (filled(known, neighbours), bends)
}

/// From the units of a map to metres.
enum MapScale {
    /// Metres per unit.
    Even(f64),
    /// Degrees east and north, about this latitude, rad: metres per degree of each.
    Degrees([f64; 2]),
}

impl MapScale {
    /// Metres per degree east and north at `latitude`, degrees (Torge 2001, section 4.1).
    fn at(latitude: f64) -> Self {
        let latitude = latitude.clamp(-85.0, 85.0).to_radians();
        let (half_width, eccentricity) = EARTH;
        let bulge = 1.0 - eccentricity * latitude.sin().powi(2);
        let across = half_width / bulge.sqrt();
        let along = half_width * (1.0 - eccentricity) / bulge.powf(1.5);
        Self::Degrees([across * latitude.cos(), along].map(|radius| radius.to_radians()))
    }

    fn point(&self, at: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Even(metres) => at.map(|axis| axis * metres),
            Self::Degrees(metres) => [at[0] * metres[0], at[1] * metres[1]],
        }
    }
}

/// The scale that the map names, or in which pipes are as long as the file says.
fn map_scale(
    reading: &Reading,
    known: &[Option<[f64; 2]>],
    bends: &[Vec<[f64; 2]>],
    notes: &mut Notes,
) -> MapScale {
    let (low, high) = bounds(known.iter().flatten());
    let degrees = MapScale::at(f64::midpoint(low[1], high[1]));
    let named = reading.map.units.to_lowercase();
    match named.as_str() {
        "meters" => return MapScale::Even(1.0),
        "feet" => return MapScale::Even(FOOT),
        "degrees" => return degrees,
        _ => {}
    }
    let hint = "name the units under [BACKDROP], or set `scale` in the import line";
    let on_globe = low[0] >= -180.0 && high[0] <= 180.0 && low[1] >= -90.0 && high[1] <= 90.0;
    if on_globe
        && let Some(ratio) = drawn_ratio(&reading.network, known, bends, &degrees)
        && (1.0 / SAME_UNIT..SAME_UNIT).contains(&ratio)
    {
        notes.guess(
            "the map is in degrees: so pipes are as long as they should be",
            hint,
        );
        return degrees;
    }
    let Some(ratio) = drawn_ratio(&reading.network, known, bends, &MapScale::Even(1.0)) else {
        notes.guess("the map is in metres: no pipe tells its scale", hint);
        return MapScale::Even(1.0);
    };
    for (unit, metres) in [("metres", 1.0), ("feet", FOOT)] {
        if (metres / SAME_UNIT..metres * SAME_UNIT).contains(&ratio) {
            notes.guess(
                format!("the map is in {unit}: so pipes are as long as they should be"),
                hint,
            );
            return MapScale::Even(metres);
        }
    }
    let ratio = plain((ratio * 1e3).round() / 1e3).max(1e-6);
    notes.guess(
        format!("one unit of the map is {ratio} m: so pipes are as long as they should be"),
        hint,
    );
    MapScale::Even(ratio)
}

/// How long pipes are over how long they are drawn: the median by length.
fn drawn_ratio(
    network: &Network,
    known: &[Option<[f64; 2]>],
    bends: &[Vec<[f64; 2]>],
    scale: &MapScale,
) -> Option<f64> {
    let mut ratios: Vec<(f64, f64)> = Vec::new();
    for (link, bends) in network.links.iter().zip(bends) {
        let (LinkKind::Pipe(pipe), Some(from), Some(to)) =
            (&link.kind, known[link.from], known[link.to])
        else {
            continue;
        };
        let course = std::iter::once(&from).chain(bends).chain([&to]);
        let course: Vec<_> = course.map(|at| scale.point(*at)).collect();
        let legs = course.windows(2);
        let drawn: f64 = legs
            .map(|leg| (leg[1][0] - leg[0][0]).hypot(leg[1][1] - leg[0][1]))
            .sum();
        let ratio = pipe.length / drawn;
        if ratio.is_finite() && ratio > 0.0 {
            ratios.push((ratio, pipe.length));
        }
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half: f64 = ratios.iter().map(|(_, length)| length).sum::<f64>() / 2.0;
    let mut so_far = 0.0;
    ratios
        .iter()
        .find(|(_, length)| {
            so_far += length;
            so_far >= half
        })
        .map(|(ratio, _)| *ratio)
}

/// Every node at its place, or in the middle of its neighbours', ring after ring.
fn filled(mut known: Vec<Option<[f64; 2]>>, neighbours: &Neighbours) -> Vec<[f64; 2]> {
    let (low, high) = bounds(known.iter().flatten());
    loop {
        let mut found = Vec::new();
        for node in (0..known.len()).filter(|&node| known[node].is_none()) {
            let around = neighbours
                .at(node)
                .filter_map(|(other, length)| Some((known[other]?, length)));
            let around: Vec<_> = around.collect();
            let Some(&(first, length)) = around.first() else {
                continue;
            };
            let count = around.len() as f64;
            let sum = around
                .iter()
                .fold([0.0; 2], |sum, (at, _)| [sum[0] + at[0], sum[1] + at[1]]);
            let at = if around.len() == 1 {
                // Out from its one neighbour, each in a direction of its own.
                let (sin, cos) = (node as f64 * 2.4).sin_cos();
                [first[0] + length * cos, first[1] + length * sin]
            } else {
                sum.map(|axis| axis / count)
            };
            found.push((node, at));
        }
        if found.is_empty() {
            break;
        }
        for (node, at) in found {
            known[node] = Some(at);
        }
    }
    let middle = [
        f64::midpoint(low[0], high[0]),
        f64::midpoint(low[1], high[1]),
    ];
    known.into_iter().map(|at| at.unwrap_or(middle)).collect()
}

/// The ground at each node, m above datum.
///
/// A tank may stand on a tower: its ground is that of its neighbours, if they lie lower. A
/// reservoir has a head and no elevation: it lies among its neighbours.
fn ground(network: &Network, neighbours: &Neighbours, notes: &mut Notes) -> Vec<f64> {
    let junctions = network.junctions.len();
    let elevation = |node: usize| Some(network.elevation(node)).filter(|height| height.is_finite());
    let around = |node: usize| {
        let around = neighbours.at(node).filter(|(other, _)| *other < junctions);
        around
            .filter_map(|(other, _)| elevation(other))
            .reduce(f64::max)
    };
    let count = network.node_count();
    let ground: Vec<f64> = (0..count)
        .map(|node| {
            let own = elevation(node).unwrap_or(0.0);
            if node < junctions {
                return own;
            }
            match (network.tank_at(node), around(node)) {
                (Some(_), Some(around)) => own.min(around),
                (None, Some(around)) => around,
                (Some(_), None) => own,
                (None, None) => {
                    let level = network
                        .reservoirs
                        .get(node - junctions)
                        .map_or(0.0, |r| r.level);
                    own + level
                }
            }
        })
        .collect();
    if !network.reservoirs.is_empty() {
        notes.guess(
            format!(
                "{} reservoirs lie on the ground of their neighbours: their head is no elevation",
                network.reservoirs.len()
            ),
            "",
        );
    }
    ground
}

/// Gives the points between the ends of a route their heights, even along its length.
fn slope(route: &mut [[f64; 3]]) {
    let long: f64 = route.windows(2).map(|leg| flat(leg[0], leg[1])).sum();
    let (Some(&first), Some(&last)) = (route.first(), route.last()) else {
        return;
    };
    let mut so_far = 0.0;
    for place in 1..route.len() - 1 {
        so_far += flat(route[place - 1], route[place]);
        let share = if long > 0.0 { so_far / long } else { 0.0 };
        route[place][2] = first[2] + (last[2] - first[2]) * share;
    }
}

/// The distance on the map.
fn flat(a: [f64; 3], b: [f64; 3]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

fn apart(a: [f64; 3], b: [f64; 3]) -> f64 {
    flat(a, b).hypot(b[2] - a[2])
}

/// The box around points; empty the wrong way round if there are none.
fn bounds<'p, const N: usize>(points: impl Iterator<Item = &'p [f64; N]>) -> ([f64; N], [f64; N]) {
    points.fold(
        ([f64::INFINITY; N], [f64::NEG_INFINITY; N]),
        |(low, high), at| {
            (
                std::array::from_fn(|axis| low[axis].min(at[axis])),
                std::array::from_fn(|axis| high[axis].max(at[axis])),
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_is_as_long_as_on_the_ground() {
        // Rapp (1991): at 50 degrees north one of latitude has 111 229 m, one of longitude 71 696 m.
        let at = MapScale::at(50.0).point([1.0, 1.0]);
        assert!((at[0] - 71_696.0).abs() < 5.0, "{at:?}");
        assert!((at[1] - 111_229.0).abs() < 5.0, "{at:?}");
    }

    #[test]
    fn bends_lie_evenly_between_the_heights_of_the_ends() {
        let mut route = [
            [0.0, 0.0, 10.0],
            [30.0, 0.0, 0.0],
            [30.0, 10.0, 0.0],
            [30.0, 60.0, 0.0],
        ];
        route[3][2] = 40.0;
        slope(&mut route);
        assert!(
            (route[1][2] - 20.0).abs() < 1e-9 && (route[2][2] - 23.333).abs() < 1e-3,
            "{route:?}"
        );
    }
}
