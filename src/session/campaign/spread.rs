//! One ensemble on many machines: ranges of members travel, and are reduced here in their order.
//!
//! # Limitations
//!
//! Bands show when the last range is here, as every band needs every member; until then all
//! members' values are held in memory, and no more than [`MOST_BYTES`] of them are accepted.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bundle::Bundle;
use super::drive::CampaignError;
use super::remote::{LONGEST, PATIENCE, new_session, say};
use super::run::Task;
use super::worker::{VERSION, Work};
use crate::cluster::{self, Job, Judge, News, Verdict};
use crate::session::compute::reduce;
use crate::session::{Computation, Control, Opened, Progress};
use crate::simulation::{
    Chunk, Ensemble, Fingerprint, MEMBERS_TOGETHER, MemberRecord, RunPlan, RunTotals,
    compute_members,
};

/// An ensemble is cut into so many ranges, if it has the members.
const RANGES: u32 = 64;
/// A range's values take this much at most, but for the smallest range.
const RANGE_BYTES: u64 = 16 << 20;
/// The smallest range's values take this much at most.
const LARGEST_RANGE_BYTES: u64 = 120 << 20;
/// All values take this much at most.
const MOST_BYTES: u64 = 4 << 30;
/// One range of so many is begun here as well and compared.
const RECOMPUTED: u64 = 20;

/// What stands before the values of a range.
#[derive(Serialize, Deserialize)]
struct Head {
    plan_fingerprint: u64,
    /// A check sum of all values.
    sum: u64,
    members: Vec<MemberHead>,
}

/// What is told of a member beside its values.
#[derive(Serialize, Deserialize)]
struct MemberHead {
    values: usize,
    failure: Option<String>,
    solves: u64,
    iterations: u64,
    warnings: u64,
    /// As bits: it need not be finite.
    residual: u64,
}

/// Computes `plan` on the workers at `urls`; what comes of it is that of
/// [`compute`](crate::session::compute()), bit for bit, but for the CPU time.
///
/// `bundle` is the scene as [`open_bundled`](super::open_bundled) read it. `each` gets the chunks
/// when all members are here.
pub fn compute_spread(
    urls: &str,
    bundle: &Bundle,
    opened: &Opened,
    plan: RunPlan,
    control: &Control,
    each: impl FnMut(&Chunk, &Ensemble, &Progress) -> bool,
) -> Result<Computation, CampaignError> {
    let failed = CampaignError::Cluster;
    let task = Task::new(0, opened, &plan.initial, plan.scenario.clone(), plan.seed);
    if task.fingerprint != plan.fingerprint() {
        return Err(failed(
            "the run starts from what its scene does not know".to_owned(),
        ));
    }
    let ranges = ranges(&plan).map_err(failed)?;
    let text = |range: &Range<u32>| {
        serde_json::to_vec(&Work::Members(Box::new(task.clone()), range.clone()))
    };
    let texts = ranges.iter().map(text).collect::<Result<Vec<_>, _>>();
    let texts = texts.map_err(|error| failed(error.to_string()))?;
    let packed = bundle.pack().map_err(|error| failed(error.to_string()))?;
    let (session, address) = (
        new_session(task.fingerprint),
        format!("{:016x}", bundle.address()),
    );
    let job = Job {
        session: &session,
        version: VERSION,
        bundle: (&address, &packed),
        tasks: &texts,
        patience: PATIENCE,
        longest: LONGEST,
    };
    let mut judge = RangeJudge {
        plan: Arc::new(plan.clone()),
        records: vec![Vec::new(); ranges.len()],
        ranges,
        fingerprint: task.fingerprint,
        lot: RandomState::new(),
        control,
    };
    let produced = cluster::produce(urls, &job, &mut judge);
    let records: Vec<_> = judge.records.into_iter().flatten().collect();
    if !control.is_cancelled() {
        produced?;
    } else if records.len() < plan.scenario.members.max(1) as usize {
        return Err(failed("cancelled before all members were here".to_owned()));
    }
    let ensemble = Ensemble::gather(plan, &opened.scene, records);
    Ok(reduce(ensemble, control, each))
}

/// The ranges of members that travel, or why they cannot.
fn ranges(plan: &RunPlan) -> Result<Vec<Range<u32>>, String> {
    let count = plan.scenario.members.max(1);
    let member = plan.outputs() * plan.plant.outputs().len().max(1) as u64 * 8;
    let smallest = member * u64::from(MEMBERS_TOGETHER.min(count));
    if member * u64::from(count) > MOST_BYTES || smallest > LARGEST_RANGE_BYTES {
        return Err(format!(
            "{count} members of {} MiB each are too much to be gathered: take a longer step, a \
             shorter horizon or fewer members, or compute them here",
            member >> 20
        ));
    }
    let groups = count.div_ceil(MEMBERS_TOGETHER);
    let fit = u32::try_from((RANGE_BYTES / smallest).max(1)).unwrap_or(u32::MAX);
    let width = groups.div_ceil(RANGES).min(fit) * MEMBERS_TOGETHER;
    let firsts = (0..count).step_by(width as usize);
    Ok(firsts
        .map(|first| first..count.min(first + width))
        .collect())
}

/// Computes a range and packs what came of it.
pub(super) fn answer(task: &Task, numbers: Range<u32>, opened: &Opened) -> Result<Vec<u8>, String> {
    let plan = Arc::new(task.plan(opened));
    let plan_fingerprint = plan.fingerprint();
    if plan_fingerprint != task.fingerprint {
        return Err("the run is another one here".to_owned());
    }
    let known = ranges(&plan)?;
    if !known.contains(&numbers) {
        return Err(format!("there are no members {numbers:?}"));
    }
    let records = compute_members(&plan, numbers);
    let head = Head {
        plan_fingerprint,
        sum: sum(&records),
        members: records.iter().map(MemberHead::of).collect(),
    };
    let head = serde_json::to_vec(&head).map_err(|error| error.to_string())?;
    let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
    bytes.extend(head);
    for value in records.iter().flat_map(|record| &record.values) {
        bytes.extend(value.to_le_bytes());
    }
    Ok(bytes)
}

/// The members of a range, or what is wrong with what came.
fn unpack(bytes: &[u8], fingerprint: u64) -> Result<Vec<MemberRecord>, String> {
    let torn = || "the result ends too early".to_owned();
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(torn)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| torn())?;
    let (head, values) = rest.split_at_checked(length).ok_or_else(torn)?;
    let head: Head = serde_json::from_slice(head).map_err(|error| format!("no result: {error}"))?;
    if head.plan_fingerprint != fingerprint {
        return Err("the run was another one where it was computed".to_owned());
    }
    let (values, rest) = values.as_chunks::<8>();
    let mut values = values.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let records = head.members.into_iter().map(|member| MemberRecord {
        values: values.by_ref().take(member.values).collect(),
        failure: member.failure,
        totals: RunTotals {
            solves: member.solves,
            iterations: member.iterations,
            warnings: member.warnings,
            residual: f64::from_bits(member.residual),
            ..RunTotals::default()
        },
    });
    let records: Vec<_> = records.collect();
    if values.next().is_some() || !rest.is_empty() || sum(&records) != head.sum {
        return Err("the values have another check sum than they were sent with".to_owned());
    }
    Ok(records)
}

fn sum(records: &[MemberRecord]) -> u64 {
    let mut print = Fingerprint::default();
    for record in records {
        print.bytes(record.failure.as_deref().unwrap_or_default().as_bytes());
        print.word(record.values.len() as u64);
        record
            .values
            .iter()
            .for_each(|value| print.word(value.to_bits()));
    }
    print.value()
}

impl MemberHead {
    fn of(record: &MemberRecord) -> Self {
        let totals = &record.totals;
        Self {
            values: record.values.len(),
            failure: record.failure.clone(),
            solves: totals.solves,
            iterations: totals.iterations,
            warnings: totals.warnings,
            residual: totals.residual.to_bits(),
        }
    }
}

/// Judges ranges of members.
struct RangeJudge<'a> {
    plan: Arc<RunPlan>,
    ranges: Vec<Range<u32>>,
    /// By range: its members, or none yet.
    records: Vec<Vec<MemberRecord>>,
    fingerprint: u64,
    /// Draws the share that is computed again, so that no worker can foresee it.
    lot: RandomState,
    control: &'a Control,
}

impl Judge for RangeJudge<'_> {
    fn judge(&mut self, place: usize, worker: &str, result: &[u8]) -> Verdict {
        if self.control.is_cancelled() {
            return Verdict::Stop("cancelled".to_owned());
        }
        match self.check(place, result) {
            Ok(records) => {
                self.records[place] = records;
                let done = self.records.iter().filter(|records| !records.is_empty());
                let (done, all) = (done.count(), self.ranges.len());
                tracing::info!("{done} of {all} ranges of members here, this one by {worker}");
                Verdict::Accepted
            }
            Err(why) => Verdict::Poisoned(why),
        }
    }

    fn hear(&mut self, news: News) -> bool {
        say(&news);
        !self.control.is_cancelled()
    }
}

impl RangeJudge<'_> {
    fn check(&self, place: usize, result: &[u8]) -> Result<Vec<MemberRecord>, String> {
        let range = self.ranges[place].clone();
        let records = unpack(result, self.fingerprint)?;
        if records.len() != range.len() {
            return Err(format!("{} of {} members", records.len(), range.len()));
        }
        let whole = self.plan.outputs() * self.plan.plant.outputs().len() as u64;
        let ends = |record: &&MemberRecord| {
            let have = record.values.len() as u64;
            record.failure.is_none() && have != whole || have > whole
        };
        if records.iter().any(|record| ends(&record)) {
            return Err("a member has not all of its values".to_owned());
        }
        if self.lot.hash_one(place).is_multiple_of(RECOMPUTED) {
            let first = range.start..range.end.min(range.start + MEMBERS_TOGETHER);
            let here = compute_members(&self.plan, first);
            let bits = |records: &[MemberRecord]| sum(&records[..here.len()]);
            if bits(&here) != bits(&records) {
                return Err(format!(
                    "members {range:?} have other values when they are computed again"
                ));
            }
        }
        Ok(records)
    }
}
