//! Sparse LDLᵀ factors of symmetric positive definite matrices whose pattern never changes.
//!
//! The pattern is that of a graph: a diagonal and one place per edge. Ordering
//! (minimum degree; George & Liu 1989), fill-in and the place of every update are
//! found once in [`Structure`]; [`Factor`] then only computes, with no search.
//!
//! A [`Factor`] holds `L` matrices of one pattern side by side, one per *lane*, so that
//! each step of the elimination is one vector instruction for all of them.

use std::cmp::Ordering;
use std::collections::BTreeSet;

/// The pattern of the factors, and where everything goes. Shared by all clones of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structure {
    /// The row and column of each node, in the order of elimination.
    row_of: Vec<u32>,
    /// The place below the diagonal of each edge.
    edge_slot: Vec<u32>,
    /// Where each column begins in `rows`; one more at the end.
    column: Vec<u32>,
    /// The rows below the diagonal, column after column, ascending.
    rows: Vec<u32>,
    /// For every pair of rows of a column, the place that eliminating the column changes.
    updates: Vec<u32>,
}

/// `L` matrices and, once factored, their factors in the same place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Factor<const L: usize> {
    /// By row.
    pub diagonal: Vec<[f64; L]>,
    /// By slot of an edge or of fill-in.
    pub lower: Vec<[f64; L]>,
}

impl Structure {
    /// The structure for `nodes` unknowns joined by `edges`. Parallel edges share a place.
    ///
    /// # Panics
    /// If an edge joins a node with itself or names one that does not exist.
    pub fn new(nodes: usize, edges: &[(usize, usize)]) -> Self {
        let mut neighbours = vec![BTreeSet::new(); nodes];
        for &(a, b) in edges {
            assert!(a != b, "an edge joins two nodes");
            neighbours[a].insert(b);
            neighbours[b].insert(a);
        }
        let (order, below) = eliminate(neighbours);

        let mut row_of = vec![0; nodes];
        for (position, &node) in order.iter().enumerate() {
            row_of[node] = position as u32;
        }
        let (mut column, mut rows) = (vec![0], Vec::new());
        for &node in &order {
            let mut found: Vec<u32> = below[node].iter().map(|&other| row_of[other]).collect();
            found.sort_unstable();
            rows.extend(found);
            column.push(rows.len() as u32);
        }
        let mut structure = Self {
            row_of,
            edge_slot: Vec::new(),
            column,
            rows,
            updates: Vec::new(),
        };
        structure.edge_slot = edges
            .iter()
            .map(|&(a, b)| structure.slot(structure.row_of[a], structure.row_of[b]))
            .collect();
        structure.updates = (0..nodes)
            .flat_map(|k| structure.pairs(k))
            .map(|(a, b)| structure.slot(a, b))
            .collect();
        structure
    }

    /// How many unknowns there are.
    pub fn order(&self) -> usize {
        self.row_of.len()
    }

    /// How many entries lie below the diagonal of the factors.
    pub fn fill(&self) -> usize {
        self.rows.len()
    }

    /// The row of `node`.
    pub fn row_of(&self, node: usize) -> usize {
        self.row_of[node] as usize
    }

    /// The place in [`Factor::lower`] of `edge`.
    pub fn slot_of(&self, edge: usize) -> usize {
        self.edge_slot[edge] as usize
    }

    fn range(&self, column: usize) -> std::ops::Range<usize> {
        self.column[column] as usize..self.column[column + 1] as usize
    }

    /// Every pair of rows of `column`, the smaller first.
    fn pairs(&self, column: usize) -> Vec<(u32, u32)> {
        let rows = &self.rows[self.range(column)];
        let pairs_of = |(index, &a): (usize, &u32)| {
            rows[index + 1..]
                .iter()
                .map(move |&b| (a, b))
                .collect::<Vec<_>>()
        };
        rows.iter().enumerate().flat_map(pairs_of).collect()
    }

    /// The place of row `a`, column `b`, or the other way round.
    fn slot(&self, a: u32, b: u32) -> u32 {
        let (column, row) = (a.min(b), a.max(b));
        let range = self.range(column as usize);
        let found = self.rows[range.clone()].binary_search(&row);
        (range.start + found.expect("elimination fills every pair of neighbours")) as u32
    }
}

/// Eliminates the node with fewest neighbours, again and again: the order, and the
/// neighbours that each node had at that moment.
fn eliminate(mut neighbours: Vec<BTreeSet<usize>>) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut queue: BTreeSet<(usize, usize)> = neighbours
        .iter()
        .enumerate()
        .map(|(node, around)| (around.len(), node))
        .collect();
    let mut order = Vec::with_capacity(neighbours.len());
    let mut below = vec![Vec::new(); neighbours.len()];
    while let Some((_, node)) = queue.pop_first() {
        let around = std::mem::take(&mut neighbours[node]);
        for &other in &around {
            let theirs = &mut neighbours[other];
            queue.remove(&(theirs.len(), other));
            theirs.remove(&node);
            theirs.extend(around.iter().filter(|&&next| next != other));
            queue.insert((theirs.len(), other));
        }
        below[node] = around.into_iter().collect();
        order.push(node);
    }
    (order, below)
}

impl<const L: usize> Factor<L> {
    /// All zero.
    pub fn new(structure: &Structure) -> Self {
        Self {
            diagonal: vec![[0.0; L]; structure.order()],
            lower: vec![[0.0; L]; structure.fill()],
        }
    }

    /// Begins new matrices: all zero.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.diagonal.fill([0.0; L]);
        self.lower.fill([0.0; L]);
    }

    /// Turns the matrices into their factors and solves for `unknowns`, by row, which hold the
    /// right-hand sides when called.
    ///
    /// Of a lane whose matrix is not positive definite the row at which that shows is
    /// returned, and its unknowns mean nothing.
    #[inline(always)]
    pub fn solve(
        &mut self,
        structure: &Structure,
        unknowns: &mut [[f64; L]],
    ) -> [Option<usize>; L] {
        let mut failed = [None; L];
        let mut updates = structure.updates.as_slice();
        let order = structure.order();
        let (diagonal, lower) = (&mut self.diagonal[..order], &mut self.lower[..]);
        let unknowns = &mut unknowns[..order];
        for k in 0..order {
            let mut pivot = diagonal[k];
            let mut sound = true;
            for value in &pivot {
                sound &= *value > 0.0;
            }
            if !sound {
                repair(&mut pivot, &mut failed, k);
            }
            let inverse = pivot.map(|value| 1.0 / value);
            diagonal[k] = inverse;
            let right = unknowns[k];
            let range = structure.range(k);
            let rows = &structure.rows[range.clone()];
            let column = range.start;
            for (place, &row) in rows.iter().enumerate() {
                let row = row as usize;
                let value = lower[column + place];
                let mut scaled = [0.0; L];
                let (on, to) = (&mut diagonal[row], &mut unknowns[row]);
                for lane in 0..L {
                    scaled[lane] = value[lane] * inverse[lane];
                    on[lane] -= scaled[lane] * value[lane];
                    to[lane] -= scaled[lane] * right[lane];
                }
                // `updates` lists the pairs in just this order.
                let (targets, rest) = updates.split_at(rows.len() - place - 1);
                updates = rest;
                for (offset, &target) in targets.iter().enumerate() {
                    let other = lower[column + place + 1 + offset];
                    let target = &mut lower[target as usize];
                    for lane in 0..L {
                        target[lane] -= scaled[lane] * other[lane];
                    }
                }
                lower[column + place] = scaled;
            }
        }
        for k in (0..order).rev() {
            let mut value = unknowns[k];
            for lane in 0..L {
                value[lane] *= diagonal[k][lane];
            }
            let range = structure.range(k);
            for (factor, &row) in lower[range.clone()].iter().zip(&structure.rows[range]) {
                let known = &unknowns[row as usize];
                for lane in 0..L {
                    value[lane] -= factor[lane] * known[lane];
                }
            }
            unknowns[k] = value;
        }
        failed
    }
}

/// Notes the lanes whose pivot is not above zero, and lets them go on without NaN.
#[cold]
fn repair<const L: usize>(pivot: &mut [f64; L], failed: &mut [Option<usize>; L], row: usize) {
    for (value, failed) in pivot.iter_mut().zip(failed) {
        // NaN counts as well.
        if (*value).partial_cmp(&0.0) != Some(Ordering::Greater) {
            failed.get_or_insert(row);
            *value = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::needless_range_loop,
        reason = "a lane is one index into several arrays"
    )]

    use nalgebra::{DMatrix, DVector};
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    const LANES: usize = 3;

    #[test]
    fn random_graphs_agree_with_a_dense_solve_in_every_lane() {
        for seed in 0..50 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let nodes = random.random_range(1..40);
            let mut edges = Vec::new();
            for _ in 0..random.random_range(0..3 * nodes) {
                let (a, b) = (random.random_range(0..nodes), random.random_range(0..nodes));
                if a != b {
                    edges.push((a, b));
                }
            }
            let structure = Structure::new(nodes, &edges);
            let mut factor = Factor::<LANES>::new(&structure);
            let mut unknowns = vec![[0.0; LANES]; nodes];
            let mut exact = Vec::new();
            for lane in 0..LANES {
                let mut dense = DMatrix::zeros(nodes, nodes);
                for node in 0..nodes {
                    factor.diagonal[structure.row_of(node)][lane] += 0.1;
                    dense[(node, node)] += 0.1;
                }
                for (edge, &(a, b)) in edges.iter().enumerate() {
                    let weight = random.random_range(0.1..10.0);
                    factor.lower[structure.slot_of(edge)][lane] -= weight;
                    for (row, column, sign) in
                        [(a, a, 1.0), (b, b, 1.0), (a, b, -1.0), (b, a, -1.0)]
                    {
                        dense[(row, column)] += sign * weight;
                    }
                    factor.diagonal[structure.row_of(a)][lane] += weight;
                    factor.diagonal[structure.row_of(b)][lane] += weight;
                }
                let right = DVector::from_fn(nodes, |_, _| random.random_range(-1.0..1.0));
                for node in 0..nodes {
                    unknowns[structure.row_of(node)][lane] = right[node];
                }
                exact.push(dense.lu().solve(&right).expect("a regular matrix"));
            }
            assert_eq!(factor.solve(&structure, &mut unknowns), [None; LANES]);
            for (lane, exact) in exact.iter().enumerate() {
                for node in 0..nodes {
                    let error = (unknowns[structure.row_of(node)][lane] - exact[node]).abs();
                    assert!(error < 1e-9, "seed {seed}, node {node}: off by {error:e}");
                }
            }
        }
    }

    #[test]
    fn a_tree_is_ordered_without_fill() {
        let edges: Vec<(usize, usize)> = (1..100).map(|node| (node / 3, node)).collect();
        assert_eq!(Structure::new(100, &edges).fill(), edges.len());
    }

    #[test]
    fn a_singular_matrix_names_its_row_in_its_lane_alone() {
        let structure = Structure::new(2, &[]);
        let mut factor = Factor::<2>::new(&structure);
        factor.diagonal[structure.row_of(0)] = [1.0, 1.0];
        factor.diagonal[structure.row_of(1)] = [0.0, 1.0];
        let failed = factor.solve(&structure, &mut [[1.0; 2]; 2]);
        assert_eq!(failed, [Some(structure.row_of(1)), None]);
    }
}
