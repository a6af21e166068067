//! Stops, lanes and the shortest ways between stops.

use std::collections::BinaryHeap;

use super::plan::{LanePlan, Roads};

impl Roads {
    /// The roads of these stops and lanes, with all shortest ways (Dijkstra 1959, from each goal).
    pub(super) fn new(stops: Vec<(String, [f64; 3])>, lanes: Vec<LanePlan>) -> Self {
        let count = stops.len();
        let mut first_lane = vec![None; count * count];
        let mut distance = vec![f64::INFINITY; count * count];
        // The lanes that lead into each stop: where they come from, and which they are.
        let mut into = vec![Vec::new(); count];
        for (index, lane) in lanes.iter().enumerate() {
            let [from, to] = lane.ends.map(|end| end as usize);
            into[to].push((from, index));
            if lane.two_way {
                into[from].push((to, index));
            }
        }
        for goal in 0..count {
            distance[goal * count + goal] = 0.0;
            let mut open = BinaryHeap::from([Candidate(0.0, goal)]);
            while let Some(Candidate(length, stop)) = open.pop() {
                if length > distance[stop * count + goal] {
                    continue;
                }
                for &(from, lane) in &into[stop] {
                    let whole = length + lanes[lane].length;
                    if whole < distance[from * count + goal] {
                        distance[from * count + goal] = whole;
                        first_lane[from * count + goal] = Some(lane as u32);
                        open.push(Candidate(whole, from));
                    }
                }
            }
        }
        Self {
            stops,
            lanes,
            first_lane,
            distance,
        }
    }

    /// Where vehicles can be: the stops, and the lanes behind them.
    pub(super) fn places(&self) -> Vec<String> {
        let stop = |stop: u32| self.stops[stop as usize].0.as_str();
        let stops = self.stops.iter().map(|(name, _)| name.clone());
        let lanes = self.lanes.iter().map(|lane| {
            let [from, to] = lane.ends.map(stop);
            format!("{from} – {to}")
        });
        stops.chain(lanes).collect()
    }

    /// The place among [`places`](Self::places) of a lane.
    pub(super) fn lane_place(&self, lane: u32) -> u32 {
        self.stops.len() as u32 + lane
    }

    /// The first lane on the shortest way from `stop` to `goal`.
    pub(super) fn first_lane(&self, stop: u32, goal: u32) -> Option<u32> {
        self.first_lane[stop as usize * self.stops.len() + goal as usize]
    }

    /// The length of the shortest way from `stop` to `goal`, m; infinite if there is none.
    pub(super) fn distance(&self, stop: u32, goal: u32) -> f64 {
        self.distance[stop as usize * self.stops.len() + goal as usize]
    }
}

/// A stop that was reached, nearest first.
#[derive(PartialEq)]
struct Candidate(f64, usize);

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let nearest = other.0.total_cmp(&self.0);
        nearest.then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_way_is_found_and_one_way_lanes_are_kept_to() {
        let stops = ["a", "b", "c", "d"].map(|name| (name.to_owned(), [0.0; 3]));
        let lane = |from, to, length, two_way| LanePlan {
            ends: [from, to],
            length,
            two_way,
        };
        let lanes = vec![
            lane(0, 1, 10.0, true),
            lane(1, 2, 10.0, false),
            lane(2, 0, 5.0, false),
            lane(0, 2, 30.0, false),
        ];
        let roads = Roads::new(stops.into(), lanes);
        assert_eq!(roads.distance(0, 2), 20.0);
        assert_eq!(roads.first_lane(0, 2), Some(0));
        assert_eq!(roads.distance(2, 1), 15.0);
        assert_eq!(roads.distance(1, 0), 10.0);
        assert_eq!(roads.first_lane(0, 3), None);
        assert_eq!(roads.distance(0, 3), f64::INFINITY);
        assert_eq!(roads.distance(3, 3), 0.0);
    }
}
