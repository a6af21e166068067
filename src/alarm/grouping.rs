//! First-out: which alarm came first, and which of the others follow from it.
//!
//! Alarms are taken in the order in which their conditions began, delays left out. One that
//! begins within reach of an earlier one, along the scene's links and connections and within
//! a time, is its consequence. So each group has one headline, and what cannot be explained by
//! anything is a headline of its own.
//!
//! Clocks and sampling leave some doubt about the order. What begins within it is shown
//! beside the headline and never folded, so the cause is on the screen even where the order
//! misleads. So is what begins after a pause, or far from all that began before it: something
//! new may have happened there.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::state::{Alarm, AlarmId};
use crate::scene::{AlarmSource, AssetIndex, Priority, Scene, Threshold};
use crate::time::Timestamp;

/// What is joined to what, by asset, in both directions.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    neighbours: Vec<Vec<u32>>,
}

/// How alarms are grouped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grouping {
    /// Over how many links one follows from another.
    pub reach: usize,
    /// How much later it may begin.
    pub window: Duration,
    /// How well the order of two instants is known.
    pub doubt: Duration,
    /// What begins after a pause of this in its group may be a new cause, and is not folded.
    pub pause: Duration,
    /// So may what begins more links than this from all that began before it.
    pub step: usize,
}

/// Alarms that go back to one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmGroup {
    /// The one to look at first.
    pub headline: AlarmId,
    /// Those that may be the cause as well: shown beside it.
    pub beside: Vec<AlarmId>,
    /// The consequences.
    pub folded: Vec<AlarmId>,
}

/// An alarm with where and when its condition began.
#[derive(Clone, Copy, Debug)]
pub struct Onset {
    at: Timestamp,
    id: AlarmId,
    asset: AssetIndex,
    priority: Priority,
}

impl Onset {
    /// Of an alarm that was raised: its condition began its delay before.
    pub fn of(
        id: AlarmId,
        source: AlarmSource<'_>,
        scene: &Scene,
        raised: Timestamp,
        priority: Priority,
    ) -> Self {
        let delay = match source {
            AlarmSource::Limit(_, limit) => Threshold::of(limit).on_delay,
            AlarmSource::Rule(rule) => rule.threshold.on_delay,
        };
        Self {
            at: raised - delay,
            id,
            asset: source.asset(scene),
            priority,
        }
    }

    /// Of one that is on the list.
    fn of_alarm(alarm: &Alarm, scene: &Scene) -> Self {
        let (id, raised, priority) = (alarm.id, alarm.raised, alarm.priority);
        match alarm.source(scene) {
            Some(source) => Self {
                asset: scene.signal(alarm.signal).asset,
                ..Self::of(id, source, scene, raised, priority)
            },
            None => Self {
                at: raised,
                id,
                asset: scene.signal(alarm.signal).asset,
                priority,
            },
        }
    }
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            reach: 5,
            window: Duration::from_secs(900),
            doubt: Duration::from_secs(10),
            pause: Duration::from_secs(30),
            step: 2,
        }
    }
}

impl Topology {
    /// The links of `scene`, and the connections between its signals.
    pub fn of(scene: &Scene) -> Self {
        let mut neighbours = vec![Vec::new(); scene.assets.len()];
        let links = scene.asset_indices().flat_map(|from| {
            let links = scene.asset(from).links.iter();
            links.map(move |to| (from, *to))
        });
        let connections = scene.connections.iter();
        let connections =
            connections.map(|(from, to)| (scene.signal(*from).asset, scene.signal(*to).asset));
        for (from, to) in links.chain(connections) {
            if from != to {
                neighbours[from.index()].push(to.0);
                neighbours[to.index()].push(from.0);
            }
        }
        for around in &mut neighbours {
            around.sort_unstable();
            around.dedup();
        }
        Self { neighbours }
    }

    /// The assets directly joined to one, in order.
    pub fn neighbours(&self, asset: AssetIndex) -> impl Iterator<Item = AssetIndex> {
        let around = self.neighbours.get(asset.index());
        around.into_iter().flatten().map(|&next| AssetIndex(next))
    }

    /// The assets within `reach` links of one, with how many links away; itself with 0.
    pub fn around(&self, asset: AssetIndex, reach: usize) -> BTreeMap<AssetIndex, usize> {
        let mut found = BTreeMap::from([(asset, 0)]);
        let mut edge = VecDeque::from([(asset, 0)]);
        while let Some((here, hops)) = edge.pop_front() {
            if hops == reach {
                break;
            }
            for next in self.neighbours(here) {
                found.entry(next).or_insert_with(|| {
                    edge.push_back((next, hops + 1));
                    hops + 1
                });
            }
        }
        found
    }
}

/// The groups of `alarms`, in the order in which they began. Each alarm is in one of them once.
pub fn group(
    alarms: &[Alarm],
    scene: &Scene,
    topology: &Topology,
    rules: &Grouping,
) -> Vec<AlarmGroup> {
    let onsets = alarms.iter().map(|alarm| Onset::of_alarm(alarm, scene));
    group_onsets(onsets.collect(), topology, rules)
}

/// As [`group`], of what is known to have begun.
pub fn group_onsets(
    mut onsets: Vec<Onset>,
    topology: &Topology,
    rules: &Grouping,
) -> Vec<AlarmGroup> {
    onsets.sort_by_key(|onset| (onset.at, onset.priority, onset.id));
    let mut groups: Vec<Vec<Onset>> = Vec::new();
    // By asset, the group of the alarm that began there last, and when.
    let mut last: BTreeMap<AssetIndex, (Timestamp, usize)> = BTreeMap::new();
    for onset in onsets {
        let around = topology.around(onset.asset, rules.reach);
        let earlier = around.iter().filter_map(|(asset, hops)| {
            let (at, group) = last.get(asset)?;
            let soon = onset.at.since(*at) <= rules.window;
            soon.then_some((*hops, std::cmp::Reverse(*at), *group))
        });
        let group = match earlier.min() {
            Some((.., group)) => group,
            None => {
                groups.push(Vec::new());
                groups.len() - 1
            }
        };
        groups[group].push(onset);
        last.insert(onset.asset, (onset.at, group));
    }
    let grouped = groups.iter();
    grouped
        .map(|group| first_out(group, topology, rules))
        .collect()
}

/// Who leads a group, whose alarms are in the order in which they began.
///
/// Of those whose order is in doubt, the one in the middle of the others, because what
/// spreads from a cause lies around it; of several, the first.
fn first_out(group: &[Onset], topology: &Topology, rules: &Grouping) -> AlarmGroup {
    let Some(first) = group.first() else {
        unreachable!("a group begins with an alarm")
    };
    let doubtful = group.partition_point(|onset| onset.at.since(first.at) <= rules.doubt);
    let (mut new, mut folded) = (Vec::new(), Vec::new());
    for place in doubtful..group.len() {
        let (earlier, onset) = (&group[..place], group[place]);
        let near = topology.around(onset.asset, rules.step);
        let paused = onset.at.since(group[place - 1].at) > rules.pause;
        let is_new = paused || !earlier.iter().any(|one| near.contains_key(&one.asset));
        let part = if is_new { &mut new } else { &mut folded };
        part.push(onset);
    }
    let doubtful = &group[..doubtful];
    let distance = |from: &Onset| -> usize {
        let around = topology.around(from.asset, 2 * rules.reach);
        let far = 2 * rules.reach + 1;
        let hops = doubtful
            .iter()
            .map(|to| around.get(&to.asset).copied().unwrap_or(far));
        hops.sum()
    };
    let leads = (0..doubtful.len()).min_by_key(|&place| (distance(&doubtful[place]), place));
    let headline = leads.map_or(first.id, |place| doubtful[place].id);
    let ids = |onsets: &[Onset]| -> Vec<AlarmId> {
        let ids = onsets.iter().map(|onset| onset.id);
        ids.filter(|id| *id != headline).collect()
    };
    let mut beside = ids(doubtful);
    beside.extend(ids(&new));
    AlarmGroup {
        headline,
        beside,
        folded: ids(&folded),
    }
}
