//! Which alarms of a shift go back to one cause.

use super::super::alarm_journal::alarm_ids;
use super::Episode;
use crate::alarm::{AlarmId, Grouping, Onset, Topology, group_onsets};
use crate::scene::{AlarmSource, Scene};

/// Alarms that go back to one cause, as places in the alarms of the shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cascade {
    /// What came first.
    pub first: usize,
    /// What may be the cause as well.
    pub beside: Vec<usize>,
    /// The consequences.
    pub folded: Vec<usize>,
}

/// The cascades of more than one alarm, in the order in which they began. What the scene does not
/// have any more belongs to none: nobody knows what it was joined to.
pub(super) fn cascades(told: &[Episode], scene: &Scene) -> Vec<Cascade> {
    let ids = alarm_ids(scene);
    let sources: Vec<AlarmSource<'_>> = scene.alarm_sources().collect();
    let onsets = told.iter().enumerate().filter_map(|(place, one)| {
        let name = &one.name;
        let key = (name.tag.clone(), name.signal.clone(), name.limit.clone());
        let source = *sources.get(ids.get(&key)?.index())?;
        // Each time counts for itself.
        let id = AlarmId(place as u32);
        Some(Onset::of(id, source, scene, one.raised, one.priority))
    });
    let groups = group_onsets(onsets.collect(), &Topology::of(scene), &Grouping::default());
    let places = |ids: &[AlarmId]| ids.iter().map(|id| id.index()).collect();
    let several = groups
        .iter()
        .filter(|group| group.beside.len() + group.folded.len() > 0);
    let each = several.map(|group| Cascade {
        first: group.headline.index(),
        beside: places(&group.beside),
        folded: places(&group.folded),
    });
    each.collect()
}
