//! How the engine judges: samples against limits and rules, and delays that run out.

use std::collections::BTreeMap;
use std::ops::Range;

use super::engine::{Engine, Judged};
use super::lifecycle::Happening;
use super::rule::{Reading, Rules};
use super::state::AlarmId;
use crate::scene::Crossing;
use crate::signal::{QualityClass, Sample, SignalId};
use crate::time::Timestamp;

/// By signal, the rules that read it, limits left out.
pub(super) fn readers_of(rules: &Rules) -> BTreeMap<SignalId, Vec<usize>> {
    let mut readers: BTreeMap<SignalId, Vec<usize>> = BTreeMap::new();
    for (place, rule) in rules.all.iter().enumerate().skip(rules.limits) {
        for input in &rule.inputs {
            readers.entry(*input).or_default().push(place);
        }
    }
    readers
}

impl Engine {
    pub(super) fn judge(&mut self, signal: SignalId, sample: &Sample) {
        let Some(before) = self.judged.get(signal.index()).copied() else {
            return;
        };
        if before.is_some_and(|before| sample.at <= before.at) {
            self.late += u64::from(before.is_some_and(|before| sample.at < before.at));
            return;
        }
        let usable = sample.value.is_finite() && sample.quality.class() != QualityClass::Bad;
        let last = before.map(|before| before.last);
        self.judged[signal.index()] = Some(Judged {
            at: sample.at,
            value: usable.then_some(sample.value),
            last: if usable {
                sample.value
            } else {
                last.unwrap_or_default()
            },
        });
        let max_age = self.max_age[signal.index()];
        let fresh_until = before.map_or(sample.at, |before| before.at + max_age);
        let held = before.and_then(|before| before.value);
        for rule in self.limits_of(signal) {
            let watch = &mut self.watches[rule];
            let threshold = &self.rules.all[rule].threshold;
            let due_before = watch.due(threshold);
            let on_the_way = watch.elapse(threshold, sample.at.min(fresh_until));
            if !usable || fresh_until < sample.at {
                watch.interrupt();
            }
            let [_, at_once] = if usable {
                watch.observe(threshold, sample.at, sample.value)
            } else {
                [None, None]
            };
            let due = watch.due(threshold);
            self.reschedule(rule, due_before, due);
            if let (Some(crossing), Some(held)) = (on_the_way, held) {
                self.cross(rule, crossing, held);
            }
            if let Some(crossing) = at_once {
                self.cross(rule, crossing, sample.value);
            }
            self.follow_peak(rule, usable, sample.value);
        }
        // Cheap where nothing but limits is judged.
        let readers = self.readers.get(&signal).cloned().unwrap_or_default();
        for rule in readers {
            self.judge_rule(rule, signal, sample, usable, before);
        }
    }

    /// Judges a rule by a sample of one of its inputs, whose newest one was `before`.
    fn judge_rule(
        &mut self,
        place: usize,
        signal: SignalId,
        sample: &Sample,
        usable: bool,
        before: Option<Judged>,
    ) {
        let rule = &self.rules.all[place];
        let gauge = &mut self.gauges[place - self.rules.limits];
        let watch = &mut self.watches[place];
        let (judged, max_age) = (&self.judged, &self.max_age);
        // Another input may have been judged later already.
        let at = gauge.judged.map_or(sample.at, |last| last.max(sample.at));
        gauge.judged = Some(at);
        let known = |id: SignalId| match id == signal {
            true => before,
            false => judged[id.index()],
        };
        let ends = rule
            .inputs
            .iter()
            .map(|&id| known(id).map_or(at, |known| known.at + max_age[id.index()]));
        let fresh_until = match rule.outlasts_silence() {
            true => at,
            false => ends.min().unwrap_or(at),
        };
        let due_before = watch.due(&rule.threshold);
        let held = known(rule.signal).map(|known| known.last);
        let on_the_way = watch.elapse(&rule.threshold, at.min(fresh_until));
        if fresh_until < at {
            watch.interrupt();
            gauge.forget();
        }
        let value = |id: SignalId| {
            let known = judged[id.index()]?;
            known.value.filter(|_| at <= known.at + max_age[id.index()])
        };
        let mut at_once = [None; 2];
        let reading = gauge.read(rule, &Sample { at, ..*sample }, usable, &value);
        match reading {
            Reading::Unknown => watch.interrupt(),
            Reading::Is(measure) => at_once[0] = watch.observe(&rule.threshold, at, measure)[1],
            Reading::Anew => {
                at_once[0] = watch.observe(&rule.threshold, at, 0.0)[1];
                at_once[1] = watch.observe(&rule.threshold, at, 1.0)[1];
            }
        }
        let due = watch.due(&rule.threshold);
        let (own, judges_value) = (rule.signal, rule.judges_value());
        self.reschedule(place, due_before, due);
        let now = self.last_value(own);
        if let Some(crossing) = on_the_way {
            self.cross(place, crossing, held.unwrap_or(now));
        }
        for crossing in at_once.into_iter().flatten() {
            self.cross(place, crossing, now);
        }
        if judges_value {
            self.follow_peak(place, usable, now);
        }
    }

    /// The link of a signal is lost: delays that its value started stop.
    pub(super) fn lose(&mut self, signal: SignalId, at: Timestamp) {
        for place in self.limits_of(signal) {
            self.interrupt(place);
        }
        for place in self.readers.get(&signal).cloned().unwrap_or_default() {
            let rule = &self.rules.all[place];
            let gauge = &mut self.gauges[place - self.rules.limits];
            match rule.measure {
                crate::scene::Measure::Silent => {}
                crate::scene::Measure::BadQuality => {
                    let at = gauge.judged.map_or(at, |last| last.max(at));
                    gauge.judged = Some(at);
                    let watch = &mut self.watches[place];
                    let due_before = watch.due(&rule.threshold);
                    let [_, at_once] = watch.observe(&rule.threshold, at, 1.0);
                    let (due, own) = (watch.due(&rule.threshold), rule.signal);
                    self.reschedule(place, due_before, due);
                    if let Some(crossing) = at_once {
                        self.cross(place, crossing, self.last_value(own));
                    }
                }
                _ => {
                    gauge.forget();
                    self.interrupt(place);
                }
            }
        }
    }

    fn limits_of(&self, signal: SignalId) -> Range<usize> {
        let index = signal.index();
        self.rules.first_limit[index] as usize..self.rules.first_limit[index + 1] as usize
    }

    fn interrupt(&mut self, place: usize) {
        let due = self.watches[place].due(&self.rules.all[place].threshold);
        self.watches[place].interrupt();
        self.reschedule(place, due, None);
    }

    fn follow_peak(&mut self, place: usize, usable: bool, value: f64) {
        if usable && let Some(peak) = self.peaks.get_mut(&AlarmId(place as u32)) {
            *peak = self.rules.all[place].threshold.worse(*peak, value);
        }
    }

    /// The last usable value of a signal, SI; 0 if there never was one.
    pub(super) fn last_value(&self, signal: SignalId) -> f64 {
        self.judged[signal.index()].map_or(0.0, |judged| judged.last)
    }

    /// Follows a delay that was started, stopped or moved. One that would run out only
    /// after its value is stale is not waited for.
    fn reschedule(&mut self, place: usize, before: Option<Timestamp>, after: Option<Timestamp>) {
        let id = AlarmId(place as u32);
        if before != after
            && let Some(before) = before
        {
            self.due.remove(&(before, id));
        }
        let Some(after) = after else {
            return;
        };
        let rule = &self.rules.all[place];
        let fresh = |signal: SignalId| {
            let judged = self.judged[signal.index()];
            judged.is_some_and(|judged| after <= judged.at + self.max_age[signal.index()])
        };
        let waits = match rule.inputs.as_slice() {
            [] => fresh(rule.signal),
            inputs => rule.outlasts_silence() || inputs.iter().all(|&input| fresh(input)),
        };
        if waits {
            self.due.insert((after, id));
        } else {
            // A signal that came later may have made it wait before.
            self.due.remove(&(after, id));
        }
    }

    /// Lets the delay of `place` run out at `due`.
    pub(super) fn run_out(&mut self, place: usize, due: Timestamp) {
        let rule = &self.rules.all[place];
        let (signal, outlasts) = (rule.signal, rule.outlasts_silence());
        let crossing = self.watches[place].elapse(&rule.threshold, due);
        let value = self.judged[signal.index()].and_then(|judged| judged.value);
        let value = match outlasts || !rule.inputs.is_empty() {
            true => Some(self.last_value(signal)),
            false => value,
        };
        if let (Some(crossing), Some(value)) = (crossing, value) {
            self.cross(place, crossing, value);
        }
    }

    fn cross(&mut self, place: usize, crossing: Crossing, value: f64) {
        if place >= self.rules.alarms {
            self.suppress(place, crossing);
            return;
        }
        let id = AlarmId(place as u32);
        let happening = match crossing.raised {
            true => Happening::Raised,
            false => Happening::Cleared,
        };
        if !crossing.raised {
            self.peaks.remove(&id);
        } else if self.rules.all[place].judges_value() {
            self.peaks.insert(id, value);
        }
        // Neither is ever refused.
        let _ = self.happen(id, happening, crossing.at, value, None);
    }

    /// Keeps the alarms of a suppression off the list, or lets them back.
    fn suppress(&mut self, place: usize, crossing: Crossing) {
        let targets = self.rules.all[place].suppresses.clone();
        for &id in &*targets {
            let count = self.suppressed.entry(id).or_default();
            let happening = match (crossing.raised, *count) {
                (true, 0) => Some(Happening::Suppress),
                (false, 1) => Some(Happening::Unsuppress),
                _ => None,
            };
            *count = match crossing.raised {
                true => *count + 1,
                false => count.saturating_sub(1),
            };
            if let Some(happening) = happening {
                let value = self.last_value(self.rules.all[id.index()].signal);
                let _ = self.happen(id, happening, crossing.at, value, None);
            }
        }
    }
}
