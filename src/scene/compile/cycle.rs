//! Circles among things of which each points to at most one other.

/// Every circle in `next`, each once, from its lowest place on.
pub(super) fn cycles(next: &[Option<u32>]) -> Vec<Vec<u32>> {
    const UNSEEN: u32 = u32::MAX;
    let mut walk_of = vec![UNSEEN; next.len()];
    let mut cycles = Vec::new();
    for (walk, start) in (0..next.len() as u32).enumerate() {
        let walk = walk as u32;
        let mut at = start;
        while walk_of[at as usize] == UNSEEN {
            walk_of[at as usize] = walk;
            match next[at as usize] {
                Some(further) => at = further,
                None => break,
            }
        }
        // Only a walk that met its own track went round; `at` is then on the circle.
        let met_itself = walk_of[at as usize] == walk && next[at as usize].is_some();
        if met_itself {
            cycles.push(circle_from(at, next));
        }
    }
    cycles
}

fn circle_from(start: u32, next: &[Option<u32>]) -> Vec<u32> {
    let mut circle = vec![start];
    while let Some(further) = next[circle[circle.len() - 1] as usize] {
        if further == start {
            break;
        }
        circle.push(further);
    }
    let lowest = circle.iter().enumerate().min_by_key(|(_, place)| **place);
    let lowest = lowest.map_or(0, |(index, _)| index);
    circle.rotate_left(lowest);
    circle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(next: &[i32], expected: &[&[u32]]) {
        let next: Vec<Option<u32>> = next.iter().map(|n| u32::try_from(*n).ok()).collect();
        assert_eq!(cycles(&next), expected, "{next:?}");
    }

    #[test]
    fn each_circle_is_found_once() {
        check(&[], &[]);
        check(&[-1, 0, 0, 1], &[]);
        check(&[0], &[&[0]]);
        check(&[1, 2, 0], &[&[0, 1, 2]]);
        check(&[2, 2, 3, 1], &[&[1, 2, 3]]);
        check(&[1, 0, 3, 2, 0], &[&[0, 1], &[2, 3]]);
        check(&[1, 2, -1, 0, 3], &[]);
    }
}
