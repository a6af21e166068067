//! Position: how far a valve is open.

use super::super::super::palette::Rgb;
use super::super::super::viewport::Look;
use super::super::paint;
use super::super::record::{Record, flag};
use super::{Gauge, Reading};

/// Writes how far the valve is open, or that nobody knows it or measures it.
pub(super) fn position(drive: Option<(Reading, &Gauge)>, record: &mut Record) {
    let fraction = drive.and_then(|(reading, gauge)| Some(gauge.fraction(reading.value()?)));
    match fraction {
        Some(fraction) => record.position = fraction.clamp(0.0, 1.0) as f32,
        None => {
            record.flags |= flag::POSITION_UNKNOWN;
            record.position = 0.5;
        }
    }
}

/// The body of a valve: light when open, dark when shut, its own where nothing drives it.
pub(super) fn colour(look: Look, own: Rgb, drive: Option<(Reading, &Gauge)>, position: f32) -> Rgb {
    if drive.and_then(|(reading, _)| reading.value()).is_none() {
        return own;
    }
    let (open, shut) = (
        paint::running(look, own, true),
        paint::running(look, own, false),
    );
    // The root makes a throttled valve look open rather than shut: water passes.
    let share = position.max(0.0).sqrt();
    std::array::from_fn(|channel| {
        let (from, to) = (f32::from(shut[channel]), f32::from(open[channel]));
        (from + (to - from) * share + 0.5) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::signal;
    use super::*;

    #[test]
    fn an_open_valve_is_lighter_than_a_shut_one() {
        let own = [120, 120, 120];
        let opening = Gauge::from(&signal(0, "position", 1.0));
        let drive = Some((Reading::Fresh(0.0), &opening));
        let shut = colour(Look::Operate, own, drive, 0.0);
        let half = colour(Look::Operate, own, drive, 0.5);
        let open = colour(Look::Operate, own, drive, 1.0);
        assert!(shut[0] < half[0] && half[0] < open[0]);
        let unknown = Some((Reading::Unknown, &opening));
        assert_eq!(colour(Look::Operate, own, unknown, 0.5), own);
        assert_eq!(colour(Look::Operate, own, None, 1.0), own);
    }
}
