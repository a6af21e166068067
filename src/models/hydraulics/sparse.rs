//! Sparse LDLᵀ factors of a symmetric positive definite matrix whose pattern never changes.
//!
//! The pattern is that of a graph: a diagonal and one place per edge. Ordering
//! (minimum degree; George & Liu 1989), fill-in and the place of every update are
//! found once in [`Structure`]; [`Factor`] then only computes, with no search.

use std::collections::BTreeSet;

/// The pattern of the factors, and where everything goes. Shared by all clones of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structure {
    /// The row and column of each node.
    place: Vec<u32>,
    /// The place in `lower` of each edge.
    edge_slot: Vec<u32>,
    /// Where each column begins in `rows`; one more at the end.
    column: Vec<u32>,
    /// The rows below the diagonal, column after column, ascending.
    rows: Vec<u32>,
    /// For every pair of rows of a column, the place that eliminating the column changes.
    updates: Vec<u32>,
}

/// A matrix and, once factored, its factors in the same place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Factor {
    diagonal: Vec<f64>,
    lower: Vec<f64>,
    work: Vec<f64>,
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

        let mut place = vec![0; nodes];
        for (position, &node) in order.iter().enumerate() {
            place[node] = position as u32;
        }
        let (mut column, mut rows) = (vec![0], Vec::new());
        for &node in &order {
            let mut found: Vec<u32> = below[node].iter().map(|&other| place[other]).collect();
            found.sort_unstable();
            rows.extend(found);
            column.push(rows.len() as u32);
        }
        let mut structure = Self {
            place,
            edge_slot: Vec::new(),
            column,
            rows,
            updates: Vec::new(),
        };
        structure.edge_slot = edges
            .iter()
            .map(|&(a, b)| structure.slot(structure.place[a], structure.place[b]))
            .collect();
        structure.updates = (0..nodes)
            .flat_map(|k| structure.pairs(k))
            .map(|(a, b)| structure.slot(a, b))
            .collect();
        structure
    }

    /// How many entries lie below the diagonal of the factors.
    pub fn fill(&self) -> usize {
        self.rows.len()
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

impl Factor {
    /// Begins a new matrix: all zero.
    pub fn clear(&mut self, structure: &Structure) {
        self.diagonal.clear();
        self.diagonal.resize(structure.place.len(), 0.0);
        self.lower.clear();
        self.lower.resize(structure.rows.len(), 0.0);
    }

    /// Adds to the diagonal place of `node`.
    pub fn add_diagonal(&mut self, structure: &Structure, node: usize, value: f64) {
        self.diagonal[structure.place[node] as usize] += value;
    }

    /// Adds to the two places of `edge`.
    pub fn add_edge(&mut self, structure: &Structure, edge: usize, value: f64) {
        self.lower[structure.edge_slot[edge] as usize] += value;
    }

    /// Turns the matrix into its factors; the node at which it fails to be positive definite.
    pub fn factorise(&mut self, structure: &Structure) -> Result<(), usize> {
        let mut updates = structure.updates.iter();
        for k in 0..self.diagonal.len() {
            let pivot = self.diagonal[k];
            if !(pivot > 0.0 && pivot.is_finite()) {
                let node = structure
                    .place
                    .iter()
                    .position(|&place| place as usize == k);
                return Err(node.unwrap_or(k));
            }
            let range = structure.range(k);
            for a in range.clone() {
                let value = self.lower[a];
                let scaled = value / pivot;
                self.diagonal[structure.rows[a] as usize] -= scaled * value;
                // `updates` lists the pairs in just this order.
                for (b, &target) in (a + 1..range.end).zip(&mut updates) {
                    self.lower[target as usize] -= scaled * self.lower[b];
                }
                self.lower[a] = scaled;
            }
        }
        Ok(())
    }

    /// Solves for `unknowns`, which hold the right-hand side when called, by node.
    pub fn solve(&mut self, structure: &Structure, unknowns: &mut [f64]) {
        let count = self.diagonal.len();
        self.work.resize(count, 0.0);
        for (node, &place) in structure.place.iter().enumerate() {
            self.work[place as usize] = unknowns[node];
        }
        for k in 0..count {
            let value = self.work[k];
            for a in structure.range(k) {
                self.work[structure.rows[a] as usize] -= self.lower[a] * value;
            }
        }
        for k in (0..count).rev() {
            let mut value = self.work[k] / self.diagonal[k];
            for a in structure.range(k) {
                value -= self.lower[a] * self.work[structure.rows[a] as usize];
            }
            self.work[k] = value;
        }
        for (node, &place) in structure.place.iter().enumerate() {
            unknowns[node] = self.work[place as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn random_graphs_agree_with_a_dense_solve() {
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
            let mut factor = Factor::default();
            factor.clear(&structure);
            let mut dense = DMatrix::zeros(nodes, nodes);
            for node in 0..nodes {
                factor.add_diagonal(&structure, node, 0.1);
                dense[(node, node)] += 0.1;
            }
            for (edge, &(a, b)) in edges.iter().enumerate() {
                let weight = random.random_range(0.1..10.0);
                factor.add_edge(&structure, edge, -weight);
                for (row, column, sign) in [(a, a, 1.0), (b, b, 1.0), (a, b, -1.0), (b, a, -1.0)] {
                    dense[(row, column)] += sign * weight;
                }
                factor.add_diagonal(&structure, a, weight);
                factor.add_diagonal(&structure, b, weight);
            }
            let right = DVector::from_fn(nodes, |_, _| random.random_range(-1.0..1.0));
            let exact = dense.lu().solve(&right).expect("a regular matrix");
            let mut found = right.as_slice().to_vec();
            factor.factorise(&structure).expect("positive definite");
            factor.solve(&structure, &mut found);
            for node in 0..nodes {
                let error = (found[node] - exact[node]).abs();
                assert!(error < 1e-9, "seed {seed}, node {node}: off by {error:e}");
            }
        }
    }

    #[test]
    fn a_tree_is_ordered_without_fill() {
        let edges: Vec<(usize, usize)> = (1..100).map(|node| (node / 3, node)).collect();
        assert_eq!(Structure::new(100, &edges).fill(), edges.len());
    }

    #[test]
    fn a_singular_matrix_names_its_node() {
        let structure = Structure::new(2, &[]);
        let mut factor = Factor::default();
        factor.clear(&structure);
        factor.add_diagonal(&structure, 0, 1.0);
        assert_eq!(factor.factorise(&structure), Err(1));
    }
}
