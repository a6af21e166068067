//! The units in which a network's people think: those of its file.

use crate::models::hydraulics::inp::Reading;
use crate::models::hydraulics::quality::Analysis;
use crate::units::Unit;

/// A unit for each quantity of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FileUnits {
    pub(super) flow: Unit,
    /// Of elevations, heads, levels and lengths.
    pub(super) length: Unit,
    pub(super) diameter: Unit,
    pub(super) pressure: Unit,
    pub(super) speed: Unit,
    pub(super) volume: Unit,
    /// Of what the water carries; of no meaning without it.
    pub(super) quality: Unit,
    /// US customary units, else metric.
    pub(super) is_us: bool,
}

/// Units of flow by EPANET's names of them; the first five make a file one in US units.
const FLOWS: [(&str, &str); 10] = [
    ("CFS", "cfs"),
    ("GPM", "gpm"),
    ("MGD", "MGD"),
    ("IMGD", "IMGD"),
    ("AFD", "acre-ft/d"),
    ("LPS", "L/s"),
    ("LPM", "L/min"),
    ("MLD", "ML/d"),
    ("CMH", "m3/h"),
    ("CMD", "m3/d"),
];
/// How many of [`FLOWS`] are US units.
const US_FLOWS: usize = 5;

impl FileUnits {
    pub(super) fn of(reading: &Reading) -> Self {
        let name = &reading.map.flow_units;
        // Without a word about it EPANET takes gallons per minute.
        let place = FLOWS
            .iter()
            .position(|(file, _)| file.eq_ignore_ascii_case(name));
        let place = place.unwrap_or(1);
        let is_us = place < US_FLOWS;
        let either = |us: &str, metric: &str| unit(if is_us { us } else { metric });
        let quality = match reading
            .network
            .quality
            .as_ref()
            .map(|quality| &quality.analysis)
        {
            Some(Analysis::Age) => "h",
            Some(Analysis::Trace { .. }) => "%",
            Some(Analysis::Chemical {
                micrograms: true, ..
            }) => "ug/L",
            Some(Analysis::Chemical { .. }) | None => "mg/L",
        };
        Self {
            flow: unit(FLOWS[place].1),
            length: either("ft", "m"),
            diameter: either("in", "mm"),
            pressure: either("psi", "mH2O"),
            speed: either("ft/s", "m/s"),
            volume: either(gallons(reading), "m3"),
            quality: unit(quality),
            is_us,
        }
    }
}

/// Gallons, or millions of them where a tank holds so many.
fn gallons(reading: &Reading) -> &'static str {
    let network = &reading.network;
    let volumes = network
        .tanks
        .iter()
        .map(|tank| tank.volume(tank.max, &network.curves));
    let largest = volumes.fold(0.0, f64::max);
    if unit("MG").from_si(largest) >= 1.0 {
        "MG"
    } else {
        "gal"
    }
}

/// The unit of this name, which the table of units holds.
pub(super) fn unit(name: &str) -> Unit {
    name.parse().unwrap_or(Unit::NUMBER)
}

/// A fact for a scene: `si` in this unit, six digits long.
pub(super) fn fact(si: f64, unit: Unit) -> String {
    format!("{} {}", plain(unit.from_si(si)), unit.name())
        .trim_end()
        .to_owned()
}

/// A number of at most six digits without the noise of conversion.
pub(super) fn plain(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// The next number of the row 1, 2, 5, 10 at or above `value`, which is above zero.
pub(super) fn round_up(value: f64) -> f64 {
    if !(value.is_finite() && value > 0.0) {
        return 1.0;
    }
    let decade = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let step = steps
        .into_iter()
        .find(|step| step * decade >= value * 0.999_999);
    plain(step.unwrap_or(10.0) * decade)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(flow: &str) -> FileUnits {
        let mut reading = Reading::default();
        reading.map.flow_units = flow.to_owned();
        FileUnits::of(&reading)
    }

    #[test]
    fn every_flow_unit_of_epanet_is_known_and_brings_its_kin() {
        for (place, (name, ours)) in FLOWS.iter().enumerate() {
            let units = units(name);
            assert_eq!(units.flow.name(), unit(ours).name(), "{name}");
            let pressure = if place < US_FLOWS { "psi" } else { "mH2O" };
            assert_eq!(units.pressure.name(), pressure, "{name}");
        }
        assert_eq!(units("").flow.name(), "gpm");
    }

    #[test]
    fn ranges_end_on_round_numbers() {
        for (value, round) in [
            (0.7, 1.0),
            (1.0, 1.0),
            (1.2, 2.0),
            (23.0, 50.0),
            (5e-4, 5e-4),
        ] {
            assert_eq!(round_up(value), round);
        }
        assert_eq!(round_up(f64::NAN), 1.0);
        assert_eq!(fact(0.3048, unit("in")), "12 in");
    }
}
