//! By how much a KPI differs between two runs, and how sure that is.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{KpiResult, KpiStatistics};

/// A KPI of one run less that of another, SI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KpiDifference {
    /// What the members of the one come to, as far as they are held against others.
    pub one: KpiStatistics,
    /// What the members of the other come to, as far as they are held against others.
    pub other: KpiStatistics,
    /// The mean of the one less the mean of the other.
    pub mean: f64,
    /// The 95 % interval of that; `None` if a run has a single member.
    pub interval: Option<(f64, f64)>,
    /// True if member was held against member: both runs drew the same random numbers.
    pub is_paired: bool,
}

impl KpiDifference {
    /// What `one` has more than `other`; `None` if one of them has no value.
    ///
    /// Runs of one seed share their random numbers, so that member is held against member and
    /// what both have in common drops out: Student's t over the differences. Of other runs the
    /// means are held against each other, by B. L. Welch, The generalization of "Student's"
    /// problem when several different population variances are involved, Biometrika 34 (1947).
    pub fn between(one: &KpiResult, other: &KpiResult, is_same_seed: bool) -> Option<Self> {
        let paired = is_same_seed.then(|| Self::paired(one, other)).flatten();
        paired.or_else(|| {
            let (told, against) = (one.statistics?, other.statistics?);
            Some(Self {
                one: told,
                other: against,
                mean: told.mean - against.mean,
                interval: welch(one, other),
                is_paired: false,
            })
        })
    }

    /// Member against member; `None` if no member has a value in both runs.
    fn paired(one: &KpiResult, other: &KpiResult) -> Option<Self> {
        let pairs = one.members.iter().zip(&other.members);
        let pairs: Vec<(f64, f64)> = pairs
            .filter_map(|(one, other)| Some(((*one)?, (*other)?)))
            .collect();
        let differences = KpiStatistics::of(pairs.iter().map(|(one, other)| one - other))?;
        Some(Self {
            one: KpiStatistics::of(pairs.iter().map(|(one, _)| *one))?,
            other: KpiStatistics::of(pairs.iter().map(|(_, other)| *other))?,
            mean: differences.mean,
            interval: differences.interval,
            is_paired: true,
        })
    }

    /// True if the 95 % interval holds no zero: more than chance.
    pub fn is_sure(&self) -> bool {
        self.interval
            .is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    }
}

/// The interval of the difference of two means whose spreads differ.
fn welch(one: &KpiResult, other: &KpiResult) -> Option<(f64, f64)> {
    let [
        (mean, error, freedom),
        (against, other_error, other_freedom),
    ] = [moments(one)?, moments(other)?];
    let error_squared = error + other_error;
    let mean = mean - against;
    if error_squared <= 0.0 {
        return Some((mean, mean));
    }
    let freedom =
        error_squared.powi(2) / (error.powi(2) / freedom + other_error.powi(2) / other_freedom);
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let half = student.inverse_cdf(0.975) * error_squared.sqrt();
    Some((mean - half, mean + half))
}

/// The mean, the square of its standard error, and its degrees of freedom.
fn moments(result: &KpiResult) -> Option<(f64, f64, f64)> {
    let values: Vec<f64> = result.members.iter().flatten().copied().collect();
    let count = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, squares / (count - 1.0) / count, count - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(values: &[f64]) -> KpiResult {
        KpiResult {
            kpi: 0,
            members: values.iter().copied().map(Some).collect(),
            statistics: KpiStatistics::of(values.iter().copied()),
        }
    }

    #[track_caller]
    fn check(found: KpiDifference, mean: f64, interval: (f64, f64), is_paired: bool) {
        let (low, high) = found.interval.expect("more than one member");
        let near = |a: f64, b: f64| (a - b).abs() < 1e-5;
        assert!(near(found.mean, mean), "{found:?}");
        assert!(near(low, interval.0) && near(high, interval.1), "{found:?}");
        assert_eq!(found.is_paired, is_paired);
    }

    #[test]
    fn shared_chance_drops_out_where_seeds_are_equal() {
        // Differences 1, 2, 0, 4: 1.75 ± 3.182446 × 0.478714; by Welch's formula 5.985 degrees of
        // freedom: 1.75 ± 2.4484 × 8.910434.
        let [one, other] = [&[10.0, 20.0, 30.0, 40.0], &[9.0, 18.0, 29.0, 37.0]].map(|v| result(v));
        let paired = KpiDifference::between(&one, &other, true).expect("values");
        check(paired, 1.75, (0.226_520, 3.273_480), true);
        assert!(paired.is_sure());
        let apart = KpiDifference::between(&one, &other, false).expect("values");
        assert!(!apart.is_paired && !apart.is_sure());
        let (low, high) = apart.interval.expect("four members");
        assert!(
            (low + 20.066).abs() < 0.01 && (high - 23.566).abs() < 0.01,
            "{low} {high}"
        );
    }

    #[test]
    fn members_that_one_run_lacks_are_in_neither_mean() {
        let (few, many) = (result(&[1.0, 2.0]), result(&[2.0, 3.0, 50.0]));
        let found = KpiDifference::between(&few, &many, true).expect("values");
        assert_eq!(
            (found.one.mean, found.other.mean, found.mean),
            (1.5, 2.5, -1.0)
        );
    }

    #[test]
    fn equal_members_do_not_differ() {
        let one = result(&[3.0, 5.0, 4.0]);
        let found = KpiDifference::between(&one, &one, true).expect("values");
        check(found, 0.0, (0.0, 0.0), true);
        assert!(!found.is_sure());
    }

    #[test]
    fn a_single_member_has_no_interval() {
        let found = KpiDifference::between(&result(&[3.0]), &result(&[1.0]), true);
        let found = found.expect("values");
        assert_eq!((found.mean, found.interval), (2.0, None));
        assert_eq!(
            KpiDifference::between(&result(&[]), &result(&[1.0]), true),
            None
        );
    }
}
