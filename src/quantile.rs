//! The quantile of what was seen, the same one for bands, scores and KPIs.

/// The `share` quantile of sorted values (Hyndman and Fan 1996, type 7; type 1 for states,
/// which have no value between two of them). Zero of no values.
pub(crate) fn quantile(sorted: &[f64], share: f64, whole: bool) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    if whole {
        let place = (share * sorted.len() as f64).ceil() as usize;
        return sorted[place.saturating_sub(1).min(last)];
    }
    let place = share * last as f64;
    let low = place.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (place - low as f64) * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_textbook() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(quantile(&values, 0.5, false), 3.0);
        assert!((quantile(&values, 0.1, false) - 1.4).abs() < 1e-12);
        assert_eq!(quantile(&[2.0], 0.9, false), 2.0);
        assert_eq!(
            quantile(&[0.0, 0.0, 1.0, 1.0], 0.5, true),
            0.0,
            "a state is never half"
        );
    }
}
