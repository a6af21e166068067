//! Whether what is held at rest returned to its base.

use super::Census;

/// Rests from which on memory is judged: of fewer, no slope can be told.
const CYCLES_FOR_SLOPE: usize = 8;
/// What memory may grow over all cycles, as a share of the base: pages that the allocator keeps
/// come and go by about so much.
const SLACK: f64 = 0.05;

/// What is to be said of a soak.
pub(super) struct Verdict {
    pub(super) slope_mib: f64,
    pub(super) growth_mib: Option<f64>,
    pub(super) allowed_mib: f64,
    pub(super) failures: Vec<String>,
}

/// Holds the last rest against the first, and tells the slope of all.
pub(super) fn judge(counted: &[Census]) -> Verdict {
    let base = counted.first().copied().unwrap_or_default();
    let last = counted.last().copied().unwrap_or_default();
    let mut failures: Vec<String> = base
        .counts()
        .into_iter()
        .zip(last.counts())
        .filter(|((_, then), (_, now))| now > then)
        .map(|((what, then), (_, now))| format!("{what}: {now} at the end, {then} at first"))
        .collect();
    let resident: Vec<f64> = counted.iter().map(|rest| rest.resident_mib).collect();
    let slope_mib = middle_slope(&resident);
    let allowed_mib = SLACK * base.resident_mib;
    let growth_mib = (counted.len() >= CYCLES_FOR_SLOPE)
        .then(|| slope_mib * counted.len().saturating_sub(1) as f64);
    if let Some(growth) = growth_mib.filter(|growth| *growth > allowed_mib) {
        failures.push(format!(
            "resident memory grows by {growth:.1} MiB in {} cycles; at most {allowed_mib:.1} MiB are allowed",
            counted.len() - 1
        ));
    }
    Verdict {
        slope_mib,
        growth_mib,
        allowed_mib,
        failures,
    }
}

/// The middle of the slopes between all pairs (Theil and Sen): one odd value moves it little.
fn middle_slope(values: &[f64]) -> f64 {
    let mut slopes: Vec<f64> = (0..values.len())
        .flat_map(|to| (0..to).map(move |from| (values[to] - values[from]) / (to - from) as f64))
        .collect();
    slopes.sort_by(f64::total_cmp);
    let half = slopes.len() / 2;
    match slopes.len() {
        0 => 0.0,
        count if count % 2 == 1 => slopes[half],
        _ => f64::midpoint(slopes[half - 1], slopes[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rests(memory: impl IntoIterator<Item = f64>) -> Vec<Census> {
        let rest = |resident_mib| Census {
            entities: 100,
            threads: 9,
            resident_mib,
            ..Census::default()
        };
        memory.into_iter().map(rest).collect()
    }

    #[test]
    fn what_stays_is_well() {
        let even = (0..12).map(|cycle| 1_000.0 + f64::from(cycle % 3));
        let verdict = judge(&rests(even));
        assert!(verdict.failures.is_empty(), "{:?}", verdict.failures);
        assert_eq!(verdict.allowed_mib, 50.0);
        assert!(verdict.growth_mib.is_some(), "twelve rests are enough");
    }

    #[test]
    fn what_grows_is_named() {
        let growing = (0..12).map(|cycle| 1_000.0 + 5.0 * f64::from(cycle));
        let mut leaking = rests(growing);
        leaking[11].threads += 2;
        let verdict = judge(&leaking);
        assert_eq!(verdict.slope_mib, 5.0);
        assert_eq!(verdict.growth_mib, Some(55.0));
        assert_eq!(verdict.failures.len(), 2, "{:?}", verdict.failures);
        assert!(verdict.failures[0].starts_with("threads: 11"));
    }

    #[test]
    fn one_odd_value_is_no_slope_and_few_cycles_tell_none() {
        let mut memory = [500.0; 9];
        memory[8] = 800.0;
        assert_eq!(middle_slope(&memory), 0.0);
        assert_eq!(judge(&rests([500.0, 600.0, 700.0])).growth_mib, None);
    }
}
