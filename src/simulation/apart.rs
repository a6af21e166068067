//! Members of an ensemble that are computed apart from the others: on another machine, say.

use std::ops::Range;
use std::sync::Arc;

use super::squad::Squad;
use super::{RunPlan, RunTotals};
use crate::models;

/// All that one member says, from the analysis time to the horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberRecord {
    /// Instants × outputs, as far as it came, SI.
    pub values: Vec<f64>,
    /// Why it could not go on.
    pub failure: Option<String>,
    /// What it did.
    pub totals: RunTotals,
}

/// How many members are computed together. A range that is cut between such groups says the
/// same as the whole ensemble does, bit for bit.
pub const MEMBERS_TOGETHER: u32 = models::GROUP as u32;

/// Computes the members `numbers` of `plan` to the horizon, or until they fail.
///
/// `numbers` begins at a multiple of [`MEMBERS_TOGETHER`]; memory is members × instants ×
/// outputs.
pub fn compute_members(plan: &Arc<RunPlan>, numbers: Range<u32>) -> Vec<MemberRecord> {
    let mut records = Vec::with_capacity(numbers.len());
    let firsts = numbers.clone().step_by(MEMBERS_TOGETHER as usize);
    for first in firsts {
        let together = first..numbers.end.min(first + MEMBERS_TOGETHER);
        let mut values = vec![Vec::new(); together.len()];
        let mut squad = Squad::start(Arc::clone(plan), together);
        for place in 0..plan.outputs() {
            if place > 0 {
                squad.step();
            }
            for (member, values) in squad.members().iter().zip(&mut values) {
                if member.failure().is_none() {
                    let outputs = plan.plant.outputs().iter();
                    values.extend(outputs.map(|signal| member.value(*signal)));
                }
            }
        }
        let members = squad.members().iter().zip(values);
        records.extend(members.map(|(member, values)| MemberRecord {
            values,
            failure: member.failure().map(ToString::to_string),
            totals: *member.totals(),
        }));
    }
    records
}
