//! Where the places and flows of a Sankey diagram lie: columns from the beginning to the end,
//! heights as flows are strong.
//!
//! Columns: the longest path from where things begin, without the flows that lead back. Order in a
//! column: by the middle of what flows in and out, swept to and fro (Sugiyama, Tagawa and Toda,
//! 1981).

use std::collections::BTreeMap;

use crate::population::{FlowLink, Flows};

/// Sweeps that put columns in order.
const SWEEPS: usize = 8;
/// The share of the height that lies between the places of the fullest column, at most.
const MOST_GAPS: f64 = 0.5;

/// A diagram in a square of side 1: x by column, y down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Diagram {
    /// The places, by rising index.
    pub places: Vec<PlaceBox>,
    /// The flows between two places.
    pub bands: Vec<Band>,
    /// How many columns there are.
    pub columns: usize,
    /// Height per flow, 1/(1/s).
    pub scale: f64,
}

/// A place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlaceBox {
    /// Which place of the population.
    pub place: u32,
    /// Its column.
    pub column: usize,
    /// Its upper edge.
    pub top: f64,
    /// As high as what flows through it.
    pub height: f64,
}

/// A flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Band {
    /// The place that it leaves, as an index of [`Diagram::places`].
    pub from: usize,
    /// The place that it comes to.
    pub to: usize,
    /// What flows.
    pub kind: u16,
    /// How many.
    pub count: u64,
    /// How many a second.
    pub rate: f64,
    /// The middle of its beginning and of its end.
    pub middles: [f64; 2],
    /// How wide it is.
    pub width: f64,
    /// True if it leads back to an earlier column, or stays in its own.
    pub leads_back: bool,
}

/// Lays a diagram out.
pub(super) fn lay_out(flows: &Flows, gap: f64) -> Diagram {
    let between: Vec<(u32, u32, &FlowLink)> = flows
        .links
        .iter()
        .filter_map(|link| Some((link.from?, link.to?, link)))
        .filter(|(from, to, _)| from != to)
        .collect();
    let mut index: BTreeMap<u32, usize> = BTreeMap::new();
    for (from, to, _) in &between {
        index.insert(*from, 0);
        index.insert(*to, 0);
    }
    for (place, at) in index.values_mut().enumerate() {
        *at = place;
    }
    if index.is_empty() {
        return Diagram::default();
    }
    let links: Vec<(usize, usize)> = between
        .iter()
        .map(|(from, to, _)| (index[from], index[to]))
        .collect();
    let columns = columns(index.len(), &links, &between);
    let mut sums = vec![[0.0; 2]; index.len()];
    for (link, (from, to)) in between.iter().zip(&links) {
        sums[*from][1] += link.2.rate;
        sums[*to][0] += link.2.rate;
    }
    let through: Vec<f64> = sums.iter().map(|[come, go]| come.max(*go)).collect();
    let count = columns.iter().max().map_or(0, |last| last + 1);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (place, column) in columns.iter().enumerate() {
        order[*column].push(place);
    }
    let fullest = order.iter().map(Vec::len).max().unwrap_or(1);
    let gap = gap.min(MOST_GAPS / fullest.max(2).saturating_sub(1) as f64);
    let room = 1.0 - gap * fullest.saturating_sub(1) as f64;
    let strongest = order.iter().map(|column| {
        let flows = column.iter().map(|place| through[*place]);
        flows.sum::<f64>()
    });
    let strongest = strongest.fold(0.0, f64::max);
    let scale = if strongest > 0.0 {
        room / strongest
    } else {
        0.0
    };
    let heights: Vec<f64> = through.iter().map(|flow| flow * scale).collect();
    let mut tops = vec![0.0; index.len()];
    stack(&order, &heights, gap, &mut tops);
    for sweep in 0..SWEEPS {
        let towards_end = sweep % 2 == 0;
        let neighbours = middles_of_neighbours(&links, &between, &tops, &heights, towards_end);
        for column in &mut order {
            column.sort_by(|one, other| {
                let middle = |place: &usize| {
                    neighbours[*place].unwrap_or(tops[*place] + 0.5 * heights[*place])
                };
                middle(one).total_cmp(&middle(other)).then(one.cmp(other))
            });
        }
        stack(&order, &heights, gap, &mut tops);
    }
    let places = index.iter().map(|(place, at)| PlaceBox {
        place: *place,
        column: columns[*at],
        top: tops[*at],
        height: heights[*at],
    });
    let mut diagram = Diagram {
        places: places.collect(),
        bands: Vec::new(),
        columns: count,
        scale,
    };
    diagram.bands = bands(&diagram.places, &links, &between, scale);
    diagram
}

/// The column of each place.
fn columns(
    places: usize,
    links: &[(usize, usize)],
    between: &[(u32, u32, &FlowLink)],
) -> Vec<usize> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); places];
    let mut balance = vec![0.0; places];
    for ((from, to), (.., link)) in links.iter().zip(between) {
        if !next[*from].contains(to) {
            next[*from].push(*to);
        }
        balance[*from] += link.rate;
        balance[*to] -= link.rate;
    }
    // Places that give more than they take come first, so that few flows lead back.
    let mut roots: Vec<usize> = (0..places).collect();
    roots.sort_by(|one, other| {
        balance[*other]
            .total_cmp(&balance[*one])
            .then(one.cmp(other))
    });
    // Depth first; a flow to a place that is still being left leads back.
    let mut state = vec![Visit::New; places];
    let mut sorted = Vec::with_capacity(places);
    for root in roots {
        if state[root] != Visit::New {
            continue;
        }
        state[root] = Visit::Open;
        let mut path = vec![(root, 0)];
        while let Some((place, at)) = path.last_mut() {
            let Some(after) = next[*place].get(*at).copied() else {
                state[*place] = Visit::Done;
                sorted.push(*place);
                path.pop();
                continue;
            };
            match state[after] {
                Visit::New => {
                    *at += 1;
                    state[after] = Visit::Open;
                    path.push((after, 0));
                }
                Visit::Open => {
                    next[*place].remove(*at);
                }
                Visit::Done => *at += 1,
            }
        }
    }
    let mut columns = vec![0; places];
    for place in sorted.into_iter().rev() {
        for after in &next[place] {
            columns[*after] = columns[*after].max(columns[place] + 1);
        }
    }
    columns
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

/// Puts the places of each column below each other, the column in the middle.
fn stack(order: &[Vec<usize>], heights: &[f64], gap: f64, tops: &mut [f64]) {
    for column in order {
        let total: f64 = column.iter().map(|place| heights[*place]).sum();
        let gaps = gap * column.len().saturating_sub(1) as f64;
        let mut top = 0.5 * (1.0 - total - gaps);
        for place in column {
            tops[*place] = top;
            top += heights[*place] + gap;
        }
    }
}

/// The weighted middle of what flows to each place, or from it.
fn middles_of_neighbours(
    links: &[(usize, usize)],
    between: &[(u32, u32, &FlowLink)],
    tops: &[f64],
    heights: &[f64],
    towards_end: bool,
) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0.0); tops.len()];
    for ((from, to), (.., link)) in links.iter().zip(between) {
        let (of, other) = if towards_end {
            (*to, *from)
        } else {
            (*from, *to)
        };
        sums[of].0 += link.rate * (tops[other] + 0.5 * heights[other]);
        sums[of].1 += link.rate;
    }
    let middle = |(weighted, total): (f64, f64)| (total > 0.0).then(|| weighted / total);
    sums.into_iter().map(middle).collect()
}

/// The flows side by side along the edges of their places.
fn bands(
    places: &[PlaceBox],
    links: &[(usize, usize)],
    between: &[(u32, u32, &FlowLink)],
    scale: f64,
) -> Vec<Band> {
    let mut bands: Vec<Band> = links
        .iter()
        .zip(between)
        .map(|((from, to), (.., link))| Band {
            from: *from,
            to: *to,
            kind: link.kind,
            count: link.count,
            rate: link.rate,
            middles: [0.0; 2],
            width: link.rate * scale,
            leads_back: places[*to].column <= places[*from].column,
        })
        .collect();
    for side in 0..2 {
        let mut order: Vec<usize> = (0..bands.len()).collect();
        let other = |band: &Band| if side == 0 { band.to } else { band.from };
        order.sort_by(|one, next| {
            let middle = |band: &Band| {
                let place = &places[other(band)];
                place.top + 0.5 * place.height
            };
            middle(&bands[*one])
                .total_cmp(&middle(&bands[*next]))
                .then(one.cmp(next))
        });
        let mut filled = vec![0.0; places.len()];
        for at in order {
            let own = if side == 0 {
                bands[at].from
            } else {
                bands[at].to
            };
            let width = bands[at].width;
            bands[at].middles[side] = places[own].top + filled[own] + 0.5 * width;
            filled[own] += width;
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::{PopulationMove, Trail};
    use crate::time::Timestamp;

    fn secs(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    /// So many went from one place to another within 100 s.
    fn flows(links: &[(u32, u32, u64)]) -> Flows {
        let mut trail = Trail::new(secs(0), 10_000);
        let moves = links.iter().flat_map(|(from, to, count)| {
            (0..*count).map(|id| PopulationMove {
                at: secs(50),
                id,
                kind: 0,
                from: Some(*from),
                to: Some(*to),
            })
        });
        trail.extend(secs(100), moves);
        Flows::of(&trail, secs(0), secs(100))
    }

    fn column(diagram: &Diagram, place: u32) -> usize {
        let found = diagram.places.iter().find(|one| one.place == place);
        found.expect("it is there").column
    }

    #[test]
    fn places_stand_in_the_order_of_their_flow_and_rework_leads_back() {
        let diagram = lay_out(
            &flows(&[(0, 1, 10), (1, 2, 12), (2, 3, 10), (2, 1, 2)]),
            0.02,
        );
        let columns: Vec<_> = (0..4).map(|place| column(&diagram, place)).collect();
        assert_eq!(columns, [0, 1, 2, 3]);
        let back: Vec<_> = diagram
            .bands
            .iter()
            .filter(|band| band.leads_back)
            .collect();
        assert_eq!(back.len(), 1);
        assert_eq!((back[0].from, back[0].to), (2, 1));
    }

    #[test]
    fn bands_fill_their_places_and_nothing_lies_outside_or_over_another() {
        let diagram = lay_out(
            &flows(&[
                (0, 2, 30),
                (1, 2, 10),
                (2, 3, 25),
                (2, 4, 15),
                (4, 5, 15),
                (0, 5, 1),
            ]),
            0.03,
        );
        for (at, place) in diagram.places.iter().enumerate() {
            assert!(place.top > -1e-9 && place.top + place.height < 1.0 + 1e-9);
            let sum = |of: fn(&Band) -> usize| -> f64 {
                let own = diagram.bands.iter().filter(|band| of(band) == at);
                own.map(|band| band.width).sum()
            };
            let through = sum(|band| band.from).max(sum(|band| band.to));
            assert!((through - place.height).abs() < 1e-9);
            for other in &diagram.places[at + 1..] {
                let apart = place.top + place.height <= other.top + 1e-9
                    || other.top + other.height <= place.top + 1e-9;
                assert!(apart || place.column != other.column);
            }
        }
        for band in &diagram.bands {
            for (end, middle) in [band.from, band.to].into_iter().zip(band.middles) {
                let place = &diagram.places[end];
                assert!(middle - 0.5 * band.width >= place.top - 1e-9);
                assert!(middle + 0.5 * band.width <= place.top + place.height + 1e-9);
            }
        }
    }

    #[test]
    fn a_circle_has_a_beginning_and_nothing_at_all_has_none() {
        let circle = lay_out(&flows(&[(0, 1, 5), (1, 2, 5), (2, 0, 5)]), 0.02);
        assert_eq!(circle.columns, 3);
        assert_eq!(
            circle.bands.iter().filter(|band| band.leads_back).count(),
            1
        );
        assert_eq!(lay_out(&flows(&[]), 0.02), Diagram::default());
        // Who stays where it is flows nowhere.
        assert_eq!(lay_out(&flows(&[(3, 3, 4)]), 0.02), Diagram::default());
    }
}
