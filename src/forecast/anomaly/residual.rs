//! The twin against the plant: measured less simulated, as rows that a detector can watch.

use super::table::SignalTable;

/// The rows of `measured`, each less what `simulated` says at the same instant, straight between
/// its rows. What only one of them knows is missing; signals are those that both have.
pub fn residuals(measured: &SignalTable, simulated: &SignalTable) -> SignalTable {
    let shared: Vec<(usize, usize)> = measured
        .names()
        .iter()
        .enumerate()
        .filter_map(|(place, name)| {
            let other = simulated.names().iter().position(|other| other == name)?;
            Some((place, other))
        })
        .collect();
    let names = shared
        .iter()
        .map(|(place, _)| measured.names()[*place].clone());
    let mut table = SignalTable::new(names.collect());
    for (row, at) in measured.times().iter().enumerate() {
        let next = simulated.times().partition_point(|other| other <= at);
        let values: Vec<_> = shared
            .iter()
            .map(|(place, other)| {
                let before = next.checked_sub(1)?;
                let known = simulated.row(before)[*other]?;
                let start = simulated.times()[before];
                let expected = if start == *at {
                    known
                } else {
                    let end = *simulated.times().get(next)?;
                    let share = at.secs_since(start) / end.secs_since(start);
                    known + share * (simulated.row(next)[*other]? - known)
                };
                Some(measured.row(row)[*place]? - expected)
            })
            .collect();
        table.push(*at, &values);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_residual_is_measured_less_simulated_at_the_same_instant() {
        let at = |secs: i64| Timestamp::from_nanos(secs * 1_000_000_000);
        let mut measured = SignalTable::new(vec!["level".to_owned(), "flow".to_owned()]);
        measured.push(at(0), &[Some(2.0), Some(1.0)]);
        measured.push(at(5), &[Some(2.0), Some(1.0)]);
        measured.push(at(20), &[Some(2.0), Some(1.0)]);
        let mut simulated = SignalTable::new(vec!["level".to_owned()]);
        simulated.push(at(0), &[Some(1.0)]);
        simulated.push(at(10), &[Some(3.0)]);
        let found = residuals(&measured, &simulated);
        assert_eq!(found.names(), ["level"]);
        let column: Vec<_> = found.column(0).collect();
        assert_eq!(column, [Some(1.0), Some(0.0), None]);
    }
}
