//! A signal over the shift as a small SVG picture.
//!
//! Each column of the picture shows the lowest and the highest value in it, so that no peak is lost;
//! where nothing usable was known, there is no line but a hatched ground.

use std::fmt::Write;

use super::held::{Held, HeldSpan};
use crate::scene::Signal;
use crate::time::Timestamp;

/// The picture, pixels.
const WIDTH: f64 = 700.0;
const HEIGHT: f64 = 96.0;
/// Room for the scale at the left, and for the hours below.
const LEFT: f64 = 66.0;
const BELOW: f64 = 16.0;
/// Columns over the plot.
const COLUMNS: usize = 300;
/// Marks along the time, at most.
const MARKS: i64 = 9;

/// What is known of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Column {
    values: Option<(f64, f64)>,
    last: f64,
    unknown: bool,
}

/// The signal's spans as SVG.
pub(super) fn svg(
    signal: &Signal,
    spans: &[HeldSpan],
    (from, to): (Timestamp, Timestamp),
) -> String {
    let columns = columns(spans, (from, to));
    let known = columns.iter().filter_map(|column| column.values);
    let shown = known.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
    let (low, high) = scale(signal, shown);
    let across = WIDTH - LEFT;
    let up = HEIGHT - BELOW;
    let x = |place: usize| LEFT + (place as f64 + 0.5) / COLUMNS as f64 * across;
    let y = |value: f64| 2.0 + (up - 4.0) * (1.0 - (value - low) / (high - low));
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\
         <rect x=\"{LEFT}\" y=\"0\" width=\"{across}\" height=\"{up}\" class=\"ground\"/>",
        super::page::escaped(&signal.full_name)
    );
    let mut place = 0;
    while place < COLUMNS {
        let run = columns[place..]
            .iter()
            .take_while(|column| column.unknown)
            .count();
        if run > 0 {
            let begin = LEFT + place as f64 / COLUMNS as f64 * across;
            let width = run as f64 / COLUMNS as f64 * across;
            write!(
                svg,
                "<rect x=\"{begin:.1}\" y=\"0\" width=\"{width:.1}\" height=\"{up}\" class=\"unknown\"/>"
            )
            .ok(); // writing into a text cannot fail
        }
        place += run.max(1);
    }
    for limit in &signal.limits {
        if limit.at > low && limit.at < high {
            let at = y(limit.at);
            write!(svg, "<path d=\"M{LEFT} {at:.1}H{WIDTH}\" class=\"limit\"/>").ok();
        }
    }
    let mut way = String::new();
    let mut drawing = false;
    for (place, column) in columns.iter().enumerate() {
        let Some((least, greatest)) = column.values else {
            drawing = false;
            continue;
        };
        let (at, pen) = (x(place), if drawing { 'L' } else { 'M' });
        let (top, bottom, last) = (y(greatest), y(least), y(column.last));
        write!(way, "{pen}{at:.1} {bottom:.1}V{top:.1}V{last:.1}").ok();
        if !drawing {
            // A single column is seen as well.
            write!(way, "h0.8").ok();
        }
        drawing = true;
    }
    write!(svg, "<path d=\"{way}\" class=\"line\"/>").ok();
    for (value, at) in [(high, 10.0), (low, up - 2.0)] {
        write!(
            svg,
            "<text x=\"{:.0}\" y=\"{at:.0}\" text-anchor=\"end\">{}</text>",
            LEFT - 4.0,
            super::page::escaped(&signal.value_with_unit(value))
        )
        .ok();
    }
    for (share, text) in marks(from, to) {
        let at = LEFT + share * across;
        write!(
            svg,
            "<path d=\"M{at:.1} 0V{up}\" class=\"hour\"/>\
             <text x=\"{at:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{text}</text>",
            HEIGHT - 4.0
        )
        .ok();
    }
    svg.push_str("</svg>");
    svg
}

/// What there is to see of the spans, column by column.
fn columns(spans: &[HeldSpan], (from, to): (Timestamp, Timestamp)) -> Vec<Column> {
    let mut columns = vec![Column::default(); COLUMNS];
    let nanos = |at: Timestamp| i128::from(at.nanos()) - i128::from(from.nanos());
    let whole = nanos(to).max(1);
    let border = |at: Timestamp| nanos(at) * COLUMNS as i128;
    for span in spans {
        let first = border(span.from).div_euclid(whole).max(0) as usize;
        // A span that ends on a border is not in the next column.
        let end = -(-border(span.to)).div_euclid(whole).min(0);
        let end = end as usize;
        for column in columns.iter_mut().take(end).skip(first) {
            match span.held {
                Held::Value(value) => {
                    let (low, high) = column.values.unwrap_or((value, value));
                    column.values = Some((low.min(value), high.max(value)));
                    column.last = value;
                }
                Held::Bad | Held::Missing => column.unknown = true,
            }
        }
    }
    columns
}

/// The ends of the scale: what was seen with some room, within which a flat line lies in the middle.
fn scale(signal: &Signal, shown: Option<(f64, f64)>) -> (f64, f64) {
    let Some((low, high)) = shown else {
        return signal.range;
    };
    let least = (signal.range.1 - signal.range.0).abs() * 0.05;
    let span = (high - low).max(least).max(f64::MIN_POSITIVE);
    let middle = (low + high) * 0.5;
    (middle - span * 0.55, middle + span * 0.55)
}

/// Whole hours or parts of them, as shares of the span, with the time of day in UTC.
fn marks(from: Timestamp, to: Timestamp) -> Vec<(f64, String)> {
    const SECOND: i64 = 1_000_000_000;
    let span = to.nanos() - from.nanos();
    let steps = [
        60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
    ];
    let step = steps
        .into_iter()
        .find(|step| span / (step * SECOND) <= MARKS);
    let step = step.unwrap_or(7 * 86_400) * SECOND;
    let first = from.nanos().div_euclid(step) + 1;
    let marks = (first..first + MARKS).map(|count| Timestamp::from_nanos(count * step));
    let inside = marks.take_while(|at| *at < to);
    inside
        .map(|at| {
            let share = at.secs_since(from) / to.secs_since(from);
            (share, at.format("%H:%M"))
        })
        .filter(|(share, _)| (0.02..0.98).contains(share))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn span(from: i64, to: i64, held: Held) -> HeldSpan {
        HeldSpan {
            from: at(from),
            to: at(to),
            held,
        }
    }

    #[test]
    fn a_short_peak_is_in_its_column_and_a_gap_has_no_value() {
        let spans = [
            span(0, 1_000, Held::Value(1.0)),
            span(1_000, 1_001, Held::Value(9.0)),
            span(1_001, 2_000, Held::Value(1.0)),
            span(2_000, 3_000, Held::Missing),
        ];
        let columns = columns(&spans, (at(0), at(3_000)));
        assert_eq!(columns[100].values, Some((1.0, 9.0)));
        assert_eq!(columns[100].last, 1.0);
        assert_eq!(columns[99].values, Some((1.0, 1.0)));
        assert!(
            columns[200..]
                .iter()
                .all(|column| column.values.is_none() && column.unknown)
        );
        assert!(columns[..200].iter().all(|column| !column.unknown));
    }

    #[test]
    fn marks_stand_on_whole_hours() {
        let marks = marks(at(6 * 3_600 + 600), at(14 * 3_600 + 600));
        let texts: Vec<&str> = marks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00"
            ]
        );
    }
}
