//! How water mixes in a tank: EPANET 2.2's four models.
//!
//! ```text
//! complete          one segment: C = (C V + mass in) / (V + volume in)
//! two compartments  [rest, near]: what comes in overflows from near into the rest, what goes
//!                   out draws it back
//! first in first out, last in first out: a row of segments
//! ```
//!
//! Rossman, L. A. and Grayman, W. M. (1999), "Scale-model studies of mixing in drinking
//! water storage tanks", J. Environ. Eng. 125(8).
//!
//! # Limitations
//!
//! As in EPANET, the rest of a tank of two compartments is forgotten in a step in which
//! no net flow comes or goes, and what comes into a tank of segments counts as its last
//! segment where the two are alike.

use super::segments::{self, Parcel, Segment, Segments};
use super::spec::Mixing;

/// What a tank of two compartments and any other holds at the start: `volume` m³ of
/// `quality`, of which a compartment near the pipe takes up to `near` m³.
pub(super) fn fill(mixing: Mixing, near: f64, volume: f64, quality: f64) -> Segments {
    match mixing {
        Mixing::TwoCompartments { .. } => {
            let rest = (volume - near).max(0.0);
            let segment = |volume| Segment { volume, quality };
            [segment(rest), segment(volume - rest)]
                .into_iter()
                .collect()
        }
        _ => Segments::one(volume, quality),
    }
}

/// Makes the contents `volume` m³, as if what is there had shrunk or swollen.
pub(super) fn resize(mixing: Mixing, near: f64, contents: &mut Segments, volume: f64) {
    let whole = contents.whole();
    if let (Mixing::TwoCompartments { .. }, Some([rest, zone])) = (mixing, contents.pair_mut()) {
        if rest.volume <= 0.0 {
            rest.quality = zone.quality;
        }
        rest.volume = (volume - near).max(0.0);
        zone.volume = volume - rest.volume;
    } else if whole.volume > 0.0 {
        for segment in contents.iter_mut() {
            segment.volume *= volume / whole.volume;
        }
    } else if let Some(quality) = contents.back().map(|segment| segment.quality) {
        *contents = Segments::one(volume, quality);
    }
}

/// Lets `inflow` in and so much out that the volume grows by `net` m³; the quality of what
/// leaves, or `None` if the tank has no contents.
pub(super) fn mix(
    mixing: Mixing,
    near: f64,
    tolerance: f64,
    contents: &mut Segments,
    inflow: Parcel,
    net: f64,
) -> Option<f64> {
    match mixing {
        Mixing::Complete => complete(contents, inflow, net),
        Mixing::TwoCompartments { .. } => two_compartments(near, contents, inflow, net),
        Mixing::FirstInFirstOut => first_in_first_out(tolerance, contents, inflow, net),
        Mixing::LastInFirstOut => last_in_first_out(tolerance, contents, inflow, net),
    }
}

fn complete(contents: &mut Segments, inflow: Parcel, net: f64) -> Option<f64> {
    let all = contents.back_mut()?;
    let volume = all.volume + inflow.volume;
    if volume > 0.0 {
        all.quality = (all.quality * all.volume + inflow.mass) / volume;
    }
    all.volume = (all.volume + net).max(0.0);
    Some(all.quality)
}

fn two_compartments(near: f64, contents: &mut Segments, inflow: Parcel, net: f64) -> Option<f64> {
    let [rest, zone] = contents.pair_mut()?;
    // m³ that pass between the compartments.
    let mut passing = 0.0;
    if net > 0.0 {
        passing = (zone.volume + net - near).max(0.0);
        if inflow.volume > 0.0 {
            zone.quality =
                (zone.quality * zone.volume + inflow.mass) / (zone.volume + inflow.volume);
        }
        if passing > 0.0 {
            rest.quality =
                (rest.quality * rest.volume + zone.quality * passing) / (rest.volume + passing);
        }
    } else if net < 0.0 {
        passing = rest.volume.min(-net).max(0.0);
        if inflow.volume + passing > 0.0 {
            zone.quality = (zone.quality * zone.volume + inflow.mass + rest.quality * passing)
                / (zone.volume + inflow.volume + passing);
        }
    }
    if passing > 0.0 {
        zone.volume = near;
        rest.volume = (rest.volume + passing.copysign(net)).max(0.0);
    } else {
        zone.volume = (zone.volume + net).min(near).max(0.0);
        rest.volume = 0.0;
    }
    Some(zone.quality)
}

fn first_in_first_out(
    tolerance: f64,
    contents: &mut Segments,
    inflow: Parcel,
    net: f64,
) -> Option<f64> {
    if inflow.volume > 0.0 {
        add(tolerance, contents, inflow.volume, inflow)?;
    }
    let out = contents.draw_front(inflow.volume - net);
    if out.volume > 0.0 {
        return Some(out.mass / out.volume);
    }
    contents.front().map(|segment| segment.quality)
}

fn last_in_first_out(
    tolerance: f64,
    contents: &mut Segments,
    inflow: Parcel,
    net: f64,
) -> Option<f64> {
    if net > 0.0 {
        add(tolerance, contents, net, inflow)?;
    } else if net < 0.0 {
        contents.back()?;
        let out = contents.draw_back(-net);
        return Some((out.mass + inflow.mass) / (out.volume + inflow.volume));
    }
    contents.back().map(|segment| segment.quality)
}

/// Puts `volume` m³ of the quality of `inflow` on top.
fn add(tolerance: f64, contents: &mut Segments, volume: f64, inflow: Parcel) -> Option<()> {
    let quality = if inflow.volume > 0.0 {
        inflow.mass / inflow.volume
    } else {
        0.0
    };
    let top = contents.back_mut()?;
    if segments::alike(top.quality, quality, tolerance) {
        top.volume += volume;
    } else {
        contents.push(volume, quality);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Mixing; 4] = [
        Mixing::Complete,
        Mixing::TwoCompartments { share: 0.2 },
        Mixing::FirstInFirstOut,
        Mixing::LastInFirstOut,
    ];

    #[test]
    fn filling_and_drawing_keep_mass_and_volume() {
        for mixing in ALL {
            let mut contents = fill(mixing, 20.0, 50.0, 1.0);
            let (mut volume, mut mass) = (50.0, 50.0);
            for step in 0..100 {
                let inflow = if step % 20 < 10 { 4.0 } else { 1.0 };
                let quality = f64::from(step % 3);
                let net = inflow - 2.0;
                let parcel = Parcel {
                    volume: inflow,
                    mass: inflow * quality,
                };
                let out =
                    mix(mixing, 20.0, 0.0, &mut contents, parcel, net).expect("a tank with water");
                volume += net;
                mass += parcel.mass - 2.0 * out;
                let whole = contents.whole();
                assert!((whole.volume - volume).abs() < 1e-9, "{mixing:?} {step}");
                assert!((whole.mass - mass).abs() < 1e-9, "{mixing:?} {step}");
            }
        }
    }

    #[test]
    fn rows_give_the_oldest_or_the_newest() {
        for (mixing, expected) in [
            (Mixing::FirstInFirstOut, [1.0, 1.0]),
            (Mixing::LastInFirstOut, [5.0, 5.0]),
        ] {
            let mut contents = fill(mixing, 0.0, 10.0, 1.0);
            let inflow = Parcel {
                volume: 10.0,
                mass: 50.0,
            };
            let filled = mix(mixing, 0.0, 0.01, &mut contents, inflow, 10.0);
            let drawn = mix(mixing, 0.0, 0.01, &mut contents, Parcel::default(), -10.0);
            assert_eq!([filled, drawn], expected.map(Some), "{mixing:?}");
        }
    }

    #[test]
    fn a_tank_told_its_volume_keeps_its_quality() {
        for mixing in ALL {
            let mut contents = fill(mixing, 20.0, 50.0, 3.0);
            for volume in [80.0, 5.0, 60.0, 0.0, 40.0] {
                resize(mixing, 20.0, &mut contents, volume);
                let whole = contents.whole();
                assert!((whole.volume - volume).abs() < 1e-9, "{mixing:?}");
                assert!((whole.mass - 3.0 * volume).abs() < 1e-9, "{mixing:?}");
            }
        }
    }
}
