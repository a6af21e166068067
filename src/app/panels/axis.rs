//! Time and value axes of the charts that panels paint: windows, ticks, labels.

use egui::{Pos2, Rect};

use crate::time::Timestamp;

/// A stretch of time on a horizontal span of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeAxis {
    /// The instant at the left end.
    pub from: Timestamp,
    /// The instant at the right end.
    pub to: Timestamp,
    /// The left end, points.
    pub left: f32,
    /// The right end, points.
    pub right: f32,
}

impl TimeAxis {
    /// `from` to `to` across the width of `rect`.
    pub fn across(rect: Rect, (from, to): (Timestamp, Timestamp)) -> Self {
        Self {
            from,
            to,
            left: rect.left(),
            right: rect.right().max(rect.left() + 1.0),
        }
    }

    /// The same, but for less than a pixel: it begins at a whole multiple of what a pixel takes
    /// in, so that a plot which slides does so by whole pixels.
    pub fn across_in_pixels(
        rect: Rect,
        (from, to): (Timestamp, Timestamp),
        pixels_per_point: f32,
    ) -> Self {
        let axis = Self::across(rect, (from, to));
        let pixels = f64::from((axis.right - axis.left) * pixels_per_point).max(1.0);
        let span = to.nanos().saturating_sub(from.nanos());
        let pixel = ((span as f64 / pixels).round() as i64).max(1);
        // The newest is worth more than the oldest.
        let later = (pixel - from.nanos().rem_euclid(pixel)) % pixel;
        let from = Timestamp::from_nanos(from.nanos().saturating_add(later));
        let span = (pixel as f64 * pixels).round() as i64;
        Self {
            from,
            to: Timestamp::from_nanos(from.nanos().saturating_add(span)),
            ..axis
        }
    }

    /// The length of the stretch, s; positive.
    pub fn span_secs(&self) -> f64 {
        self.to.secs_since(self.from).max(1e-3)
    }

    /// Seconds per point.
    pub fn secs_per_point(&self) -> f64 {
        self.span_secs() / f64::from(self.right - self.left)
    }

    /// Where `at` stands, points; not clamped, but kept within what painting can take.
    pub fn x(&self, at: Timestamp) -> f32 {
        let points = at.secs_since(self.from) / self.secs_per_point();
        self.left + points.clamp(-1e5, 1e5) as f32
    }

    /// The instant at `x`.
    pub fn at(&self, x: f32) -> Timestamp {
        self.from
            .plus_secs(f64::from(x - self.left) * self.secs_per_point())
    }

    /// The part of `rect` between two instants, if any of it lies on the axis.
    pub fn slice(&self, rect: Rect, from: Timestamp, to: Timestamp) -> Option<Rect> {
        let left = self.x(from).max(rect.left());
        let right = self.x(to).min(rect.right());
        (left < right).then(|| {
            Rect::from_min_max(Pos2::new(left, rect.top()), Pos2::new(right, rect.bottom()))
        })
    }
}

/// A tick of a time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTick {
    /// Its instant.
    pub at: Timestamp,
    /// What stands beside it, UTC.
    pub label: String,
    /// True at midnight, where the label is a date.
    pub date: bool,
}

/// Distances of ticks that people can add up, s.
const TICK_STEPS: [i64; 20] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800,
];

/// Ticks at round UTC times, at most about `most`.
pub fn time_ticks(from: Timestamp, to: Timestamp, most: usize) -> Vec<TimeTick> {
    const DAY: i64 = 86_400;
    let span = to.secs_since(from).max(0.0);
    let wanted = (span / most.max(1) as f64).ceil() as i64;
    let step = TICK_STEPS
        .into_iter()
        .find(|step| *step >= wanted)
        .unwrap_or_else(|| wanted.div_euclid(DAY).saturating_add(1) * DAY);
    let first = -(from
        .nanos()
        .saturating_neg()
        .div_euclid(step * 1_000_000_000));
    let count = (span / step as f64) as i64 + 1;
    (first..first.saturating_add(count))
        .map(|place| place.saturating_mul(step))
        .map(|secs| (secs, Timestamp::from_secs(secs)))
        .filter(|(_, at)| (from..=to).contains(at))
        .map(|(secs, at)| {
            let date = secs.rem_euclid(DAY) == 0;
            let pattern = if date {
                "%d %b"
            } else if step < 60 {
                "%H:%M:%S"
            } else {
                "%H:%M"
            };
            TimeTick {
                at,
                label: at.format(pattern),
                date,
            }
        })
        .collect()
}

/// Round values between `low` and `high`, at most about `most`, and the decimals they need.
pub fn value_ticks(low: f64, high: f64, most: usize) -> (Vec<f64>, usize) {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return (Vec::new(), 0);
    }
    let rough = span / most.max(1) as f64;
    let decade = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * decade);
    let decimals = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    let ticks = (first..=last).map(|place| place as f64 * step).collect();
    (ticks, decimals)
}

/// What part of time a chart shows: of itself, or as a person set it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeWindow {
    /// What a person set; `None` shows what the chart thinks best.
    chosen: Option<Chosen>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Chosen {
    from: Timestamp,
    to: Timestamp,
    /// The present when the window was last looked at, if the window moves with it.
    following: Option<Timestamp>,
}

/// The shortest and longest stretch that can be chosen, s.
const SPANS: (f64, f64) = (1.0, 400.0 * 86_400.0);

impl TimeWindow {
    /// The stretch to show, moved along with the present if it contained it.
    pub fn range(
        &mut self,
        now: Timestamp,
        automatic: (Timestamp, Timestamp),
    ) -> (Timestamp, Timestamp) {
        let Some(chosen) = &mut self.chosen else {
            return automatic;
        };
        if let Some(last) = chosen.following {
            let moved = now.secs_since(last);
            chosen.from = chosen.from.plus_secs(moved);
            chosen.to = chosen.to.plus_secs(moved);
            chosen.following = Some(now);
        }
        (chosen.from, chosen.to)
    }

    /// True if a person set it.
    pub fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// True if a person set it so that it no longer moves with the present.
    pub fn is_held(&self) -> bool {
        self.chosen.is_some_and(|chosen| chosen.following.is_none())
    }

    /// Back to what the chart thinks best.
    pub fn reset(&mut self) {
        self.chosen = None;
    }

    /// Shows `from` to `to`.
    pub fn set(&mut self, (from, to): (Timestamp, Timestamp), now: Timestamp) {
        let span = to.secs_since(from);
        if span < SPANS.0 || span > SPANS.1 {
            return;
        }
        self.chosen = Some(Chosen {
            from,
            to,
            following: (from..=to).contains(&now).then_some(now),
        });
    }

    /// Shows `factor` times as much, keeping `fixed` where it is.
    pub fn zoom(&mut self, axis: &TimeAxis, fixed: Timestamp, factor: f64, now: Timestamp) {
        let scaled = |end: Timestamp| fixed.plus_secs(end.secs_since(fixed) * factor);
        self.set((scaled(axis.from), scaled(axis.to)), now);
    }

    /// Moves by `secs`.
    pub fn pan(&mut self, axis: &TimeAxis, secs: f64, now: Timestamp) {
        self.set((axis.from.plus_secs(secs), axis.to.plus_secs(secs)), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn ticks_stand_at_round_times() {
        let ticks = time_ticks(at("2026-03-01T05:52:10Z"), at("2026-03-01T06:11:00Z"), 8);
        let labels: Vec<_> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["05:55", "06:00", "06:05", "06:10"]);
    }

    #[test]
    fn midnight_shows_the_date() {
        let ticks = time_ticks(at("2026-03-01T18:00:00Z"), at("2026-03-02T06:00:00Z"), 4);
        assert!(ticks.iter().any(|tick| tick.date && tick.label == "02 Mar"));
    }

    #[test]
    fn ticks_are_never_more_than_asked() {
        let from = at("2026-03-01T00:00:01Z");
        for span in [1.0, 59.0, 3_599.0, 90_000.0, 1e7, 1e9] {
            let ticks = time_ticks(from, from.plus_secs(span), 10);
            assert!(ticks.len() <= 11, "{} ticks in {span} s", ticks.len());
        }
    }

    #[test]
    fn value_ticks_are_round() {
        let (ticks, decimals) = value_ticks(0.3, 2.6, 5);
        assert_eq!(ticks, [0.5, 1.0, 1.5, 2.0, 2.5]);
        assert_eq!(decimals, 1);
        assert_eq!(value_ticks(1.0, 1.0, 5).0, Vec::<f64>::new());
    }

    #[test]
    fn a_window_that_contains_the_present_moves_with_it() {
        let now = at("2026-03-01T06:00:00Z");
        let mut window = TimeWindow::default();
        window.set((now.plus_secs(-60.0), now.plus_secs(60.0)), now);
        let later = now.plus_secs(5.0);
        let shown = window.range(later, (now, now));
        assert_eq!(shown, (now.plus_secs(-55.0), now.plus_secs(65.0)));

        window.set((now.plus_secs(-60.0), now.plus_secs(-30.0)), now);
        let shown = window.range(later, (now, now));
        assert_eq!(shown, (now.plus_secs(-60.0), now.plus_secs(-30.0)));
        assert!(window.is_held());
    }

    #[test]
    fn a_plot_slides_by_whole_pixels() {
        let rect = Rect::from_min_max(Pos2::new(57.3, 0.0), Pos2::new(1_090.9, 100.0));
        let now = at("2026-03-01T06:00:00Z");
        for (span, scale) in [(1_800.0, 1.0), (7_200.0, 1.25), (2.0, 2.0), (86_400.0, 1.5)] {
            let shown = |moved: f64| {
                let to = now.plus_secs(moved);
                TimeAxis::across_in_pixels(rect, (to.plus_secs(-span), to), scale)
            };
            let first = shown(0.0);
            let mark = now.plus_secs(-0.4 * span);
            for step in 0..400 {
                let moved = f64::from(step) * span * 3.7e-5;
                let axis = shown(moved);
                let pixels = f64::from((first.x(mark) - axis.x(mark)) * scale);
                assert!(
                    (pixels - pixels.round()).abs() < 0.02,
                    "{pixels} pixels, {span} s"
                );
                let late = axis.to.secs_since(now.plus_secs(moved)) / axis.secs_per_point();
                assert!(
                    (-1e-2..1.01).contains(&(late * f64::from(scale))),
                    "{late} points late"
                );
                assert_eq!(axis.secs_per_point(), first.secs_per_point());
            }
        }
    }

    #[test]
    fn zoom_keeps_the_point_under_the_cursor() {
        let now = at("2026-03-01T06:00:00Z");
        let axis = TimeAxis {
            from: now.plus_secs(-100.0),
            to: now.plus_secs(100.0),
            left: 0.0,
            right: 200.0,
        };
        let fixed = axis.at(50.0);
        let mut window = TimeWindow::default();
        window.zoom(&axis, fixed, 0.5, now);
        let zoomed = TimeAxis {
            from: window.range(now, (now, now)).0,
            to: window.range(now, (now, now)).1,
            ..axis
        };
        assert!((zoomed.x(fixed) - 50.0).abs() < 1e-3, "{}", zoomed.x(fixed));
    }
}
