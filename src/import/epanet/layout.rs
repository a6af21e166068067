//! Places for the nodes of a network without a map: as far apart as their pipes are long.
//!
//! Classical scaling over a few pivots (Brandes and Pich 2007): distances through the
//! network to the pivots, squared and centred, projected on their two main directions.

use nalgebra::{DMatrix, SymmetricEigen};

use super::distance::Neighbours;

/// More pivots change the picture no more.
const PIVOTS: usize = 30;
/// The angle between neighbours that would lie on each other, rad: never twice the same.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;

/// East and north of every node, m.
pub(super) fn layout(neighbours: &Neighbours, nodes: usize) -> Vec<[f64; 2]> {
    let mut places = vec![[0.0; 2]; nodes];
    let mut placed = vec![false; nodes];
    let mut east = 0.0;
    for first in 0..nodes {
        if placed[first] {
            continue;
        }
        let from_first = neighbours.distances([first]);
        let part: Vec<usize> = (0..nodes)
            .filter(|&node| from_first[node].is_finite())
            .collect();
        let own = part_layout(neighbours, &part);
        // Parts that are not joined stand side by side.
        let low = own.iter().map(|at| at[0]).fold(f64::INFINITY, f64::min);
        let high = own.iter().map(|at| at[0]).fold(f64::NEG_INFINITY, f64::max);
        for (&node, at) in part.iter().zip(&own) {
            places[node] = [east + at[0] - low, at[1]];
            placed[node] = true;
        }
        east += (high - low) * 1.1 + 100.0;
    }
    places
}

/// Places for nodes that are all joined.
fn part_layout(neighbours: &Neighbours, part: &[usize]) -> Vec<[f64; 2]> {
    let rows = part.len();
    if rows == 1 {
        return vec![[0.0; 2]];
    }
    let columns = pivot_distances(neighbours, part);
    let pivots = columns.len();
    let squared = DMatrix::from_fn(rows, pivots, |row, column| columns[column][row].powi(2));
    let row_means: Vec<f64> = squared.row_iter().map(|row| row.mean()).collect();
    let column_means: Vec<f64> = squared.column_iter().map(|column| column.mean()).collect();
    let mean = squared.mean();
    let centred = DMatrix::from_fn(rows, pivots, |row, column| {
        -0.5 * (squared[(row, column)] - row_means[row] - column_means[column] + mean)
    });
    let main = SymmetricEigen::new(centred.transpose() * &centred);
    let mut order: Vec<usize> = (0..pivots).collect();
    order.sort_by(|&a, &b| main.eigenvalues[b].total_cmp(&main.eigenvalues[a]));
    let along = |rank: usize| -> Vec<f64> {
        match order.get(rank) {
            Some(&column) => (&centred * main.eigenvectors.column(column))
                .iter()
                .copied()
                .collect(),
            None => vec![0.0; rows],
        }
    };
    let (east, north) = (along(0), along(1));
    let mut places: Vec<[f64; 2]> = east.into_iter().zip(north).map(|(x, y)| [x, y]).collect();
    let shrink = stretch(neighbours, part, &places);
    for (order, (at, &node)) in places.iter_mut().zip(part).enumerate() {
        // Equal ways to all pivots would put the leaves of one node on one spot.
        let shortest = neighbours
            .at(node)
            .map(|(_, length)| length)
            .fold(f64::INFINITY, f64::min);
        let (sin, cos) = (order as f64 * GOLDEN_ANGLE).sin_cos();
        let off = 0.2 * shortest.min(1e4);
        *at = [at[0] * shrink + off * cos, at[1] * shrink + off * sin];
    }
    places
}

/// The distances of all nodes of the part to each pivot; every next pivot is the node
/// farthest from those before.
fn pivot_distances(neighbours: &Neighbours, part: &[usize]) -> Vec<Vec<f64>> {
    let mut columns = Vec::new();
    let mut nearest = vec![f64::INFINITY; part.len()];
    let mut pivot = part[0];
    for _ in 0..PIVOTS.min(part.len()) {
        let all = neighbours.distances([pivot]);
        let column: Vec<f64> = part.iter().map(|&node| all[node]).collect();
        for (nearest, way) in nearest.iter_mut().zip(&column) {
            *nearest = nearest.min(*way);
        }
        columns.push(column);
        let farthest = (0..part.len()).max_by(|&a, &b| nearest[a].total_cmp(&nearest[b]));
        pivot = farthest.map_or(pivot, |place| part[place]);
    }
    columns
}

/// The factor that makes pipes on the map as long, together, as they are.
fn stretch(neighbours: &Neighbours, part: &[usize], places: &[[f64; 2]]) -> f64 {
    let mut place_of = vec![usize::MAX; part.iter().max().map_or(0, |last| last + 1)];
    for (place, &node) in part.iter().enumerate() {
        place_of[node] = place;
    }
    let (mut long, mut drawn) = (0.0, 0.0);
    for (place, &node) in part.iter().enumerate() {
        for (other, length) in neighbours.at(node) {
            let (from, to) = (places[place], places[place_of[other]]);
            long += length;
            drawn += (to[0] - from[0]).hypot(to[1] - from[1]);
        }
    }
    let factor = long / drawn;
    if factor.is_finite() { factor } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::hydraulics::network::{Junction, Link, LinkKind, Network, Pipe, Status};

    fn network(nodes: usize, pipes: &[(usize, usize, f64)]) -> Network {
        let link = |&(from, to, length): &(usize, usize, f64)| Link {
            tag: format!("{from}-{to}"),
            from,
            to,
            kind: LinkKind::Pipe(Pipe {
                length,
                ..Pipe::default()
            }),
            status: Status::Open,
            setting: None,
        };
        Network {
            junctions: vec![Junction::default(); nodes],
            links: pipes.iter().map(link).collect(),
            ..Network::default()
        }
    }

    #[test]
    fn a_line_of_pipes_is_a_line_as_long_as_they_are() {
        let pipes: Vec<_> = (0..9).map(|node| (node, node + 1, 100.0)).collect();
        let network = network(10, &pipes);
        let places = layout(&Neighbours::of(&network), 10);
        let long = (places[9][0] - places[0][0]).hypot(places[9][1] - places[0][1]);
        assert!((long - 900.0).abs() < 60.0, "{long}");
    }

    #[test]
    fn leaves_and_parts_lie_apart_and_finite() {
        let star: Vec<_> = (1..7).map(|leaf| (0, leaf, 50.0)).collect();
        let network = network(9, &star);
        let places = layout(&Neighbours::of(&network), 9);
        for (index, a) in places.iter().enumerate() {
            assert!(a[0].is_finite() && a[1].is_finite());
            for b in &places[..index] {
                assert!((a[0] - b[0]).hypot(a[1] - b[1]) > 1.0, "{a:?} {b:?}");
            }
        }
    }
}
