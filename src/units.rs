//! Engineering units. Floor 0: to SI once on the way in, from SI once on the way out.
//!
//! Nothing between ingest and display knows that units exist. A [`Unit`] is an entry
//! of one table; its text comes from a scene (`"m3/h"`) and goes to the screen (`m³/h`).
//! Scales follow the SI brochure (9th edition) and its tables of accepted units.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The kind of thing a unit measures; its SI unit stands beside each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// A plain number, 1. Per cent, counts and states belong here.
    Number,
    /// Length, m. Levels and heads too.
    Length,
    /// Area, m².
    Area,
    /// Volume, m³.
    Volume,
    /// Time, s.
    Time,
    /// Speed, m/s.
    Speed,
    /// Acceleration, m/s².
    Acceleration,
    /// Volume flow, m³/s.
    VolumeFlow,
    /// Mass, kg.
    Mass,
    /// Mass flow, kg/s.
    MassFlow,
    /// Concentration by mass, kg/m³.
    Concentration,
    /// Pressure, Pa.
    Pressure,
    /// Temperature, K.
    Temperature,
    /// Power, W.
    Power,
    /// Energy, J.
    Energy,
    /// Current, A.
    Current,
    /// Voltage, V.
    Voltage,
    /// Frequency and rotation, Hz (turns per second).
    Frequency,
    /// Angle, rad.
    Angle,
    /// Turbidity, NTU (no SI unit).
    Turbidity,
    /// Acidity, pH (no SI unit).
    Acidity,
    /// Electrical conductivity, S/m.
    Conductivity,
}

/// An engineering unit that a scene may declare for a signal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Unit(u8);

/// Why a text is not a unit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a known unit{}", hint(.near))]
pub struct UnitError {
    text: String,
    near: Option<&'static str>,
}

struct Entry {
    symbol: &'static str,
    names: &'static [&'static str],
    quantity: Quantity,
    /// SI value of one unit.
    scale: f64,
    /// SI value of zero.
    offset: f64,
}

const fn entry(
    symbol: &'static str,
    names: &'static [&'static str],
    quantity: Quantity,
    scale: f64,
) -> Entry {
    Entry {
        symbol,
        names,
        quantity,
        scale,
        offset: 0.0,
    }
}

/// Standard gravity, m/s² (CGPM 1901).
pub const GRAVITY: f64 = 9.806_65;
/// Water at 4 °C, kg/m³: what a metre of water column is defined by.
pub const WATER_DENSITY: f64 = 1_000.0;

/// The international foot, m (1959), and what it makes.
const FOOT: f64 = 0.304_8;
const CUBIC_FOOT: f64 = FOOT * FOOT * FOOT;
/// The gallon of the United States, 231 cubic inches, m³.
const GALLON: f64 = 231.0 * CUBIC_FOOT / 1_728.0;
/// The gallon of the United Kingdom, m³ (Weights and Measures Act 1985).
const IMPERIAL_GALLON: f64 = 4.546_09e-3;
/// 550 foot-pounds of force a second, W.
const HORSEPOWER: f64 = 550.0 * FOOT * 0.453_592_37 * GRAVITY;

const TABLE: &[Entry] = &[
    entry("", &["", "1", "-"], Quantity::Number, 1.0),
    entry("%", &["%", "percent"], Quantity::Number, 0.01),
    entry("m", &["m"], Quantity::Length, 1.0),
    entry("mm", &["mm"], Quantity::Length, 1e-3),
    entry("cm", &["cm"], Quantity::Length, 1e-2),
    entry("km", &["km"], Quantity::Length, 1e3),
    entry("ft", &["ft"], Quantity::Length, FOOT),
    entry("in", &["in", "inch"], Quantity::Length, FOOT / 12.0),
    entry("m²", &["m2", "m²"], Quantity::Area, 1.0),
    entry("m³", &["m3", "m³"], Quantity::Volume, 1.0),
    entry("L", &["L", "l"], Quantity::Volume, 1e-3),
    entry("ML", &["ML"], Quantity::Volume, 1e3),
    entry("ft³", &["ft3", "ft³"], Quantity::Volume, CUBIC_FOOT),
    entry("gal", &["gal"], Quantity::Volume, GALLON),
    entry("MG", &["MG"], Quantity::Volume, 1e6 * GALLON),
    entry("s", &["s"], Quantity::Time, 1.0),
    entry("ms", &["ms"], Quantity::Time, 1e-3),
    entry("min", &["min"], Quantity::Time, 60.0),
    entry("h", &["h"], Quantity::Time, 3_600.0),
    entry("d", &["d", "day"], Quantity::Time, 86_400.0),
    entry("m/s", &["m/s"], Quantity::Speed, 1.0),
    entry("mm/s", &["mm/s"], Quantity::Speed, 1e-3),
    entry("km/h", &["km/h"], Quantity::Speed, 1.0 / 3.6),
    entry("ft/s", &["ft/s", "fps"], Quantity::Speed, FOOT),
    entry("m/s²", &["m/s2", "m/s²"], Quantity::Acceleration, 1.0),
    entry("g", &["gn", "g0"], Quantity::Acceleration, GRAVITY),
    entry("m³/s", &["m3/s", "m³/s"], Quantity::VolumeFlow, 1.0),
    entry(
        "m³/h",
        &["m3/h", "m³/h"],
        Quantity::VolumeFlow,
        1.0 / 3_600.0,
    ),
    entry(
        "m³/d",
        &["m3/d", "m³/d"],
        Quantity::VolumeFlow,
        1.0 / 86_400.0,
    ),
    entry("L/s", &["L/s", "l/s"], Quantity::VolumeFlow, 1e-3),
    entry(
        "L/min",
        &["L/min", "l/min"],
        Quantity::VolumeFlow,
        1e-3 / 60.0,
    ),
    entry("L/h", &["L/h", "l/h"], Quantity::VolumeFlow, 1e-3 / 3_600.0),
    entry("ML/d", &["ML/d"], Quantity::VolumeFlow, 1e3 / 86_400.0),
    entry("gpm", &["gpm"], Quantity::VolumeFlow, GALLON / 60.0),
    entry(
        "MGD",
        &["MGD"],
        Quantity::VolumeFlow,
        1e6 * GALLON / 86_400.0,
    ),
    entry(
        "IMGD",
        &["IMGD"],
        Quantity::VolumeFlow,
        1e6 * IMPERIAL_GALLON / 86_400.0,
    ),
    entry(
        "ft³/s",
        &["ft3/s", "ft³/s", "cfs"],
        Quantity::VolumeFlow,
        CUBIC_FOOT,
    ),
    entry(
        "acre-ft/d",
        &["acre-ft/d"],
        Quantity::VolumeFlow,
        43_560.0 * CUBIC_FOOT / 86_400.0,
    ),
    entry("kg", &["kg"], Quantity::Mass, 1.0),
    entry("g", &["g"], Quantity::Mass, 1e-3),
    entry("t", &["t"], Quantity::Mass, 1e3),
    entry("kg/s", &["kg/s"], Quantity::MassFlow, 1.0),
    entry("kg/h", &["kg/h"], Quantity::MassFlow, 1.0 / 3_600.0),
    entry(
        "kg/m³",
        &["kg/m3", "kg/m³", "g/L"],
        Quantity::Concentration,
        1.0,
    ),
    entry(
        "mg/L",
        &["mg/L", "mg/l", "g/m3", "g/m³", "ppm"],
        Quantity::Concentration,
        1e-3,
    ),
    entry(
        "µg/L",
        &["ug/L", "µg/L", "ug/l", "mg/m3", "ppb"],
        Quantity::Concentration,
        1e-6,
    ),
    entry("Pa", &["Pa"], Quantity::Pressure, 1.0),
    entry("hPa", &["hPa"], Quantity::Pressure, 1e2),
    entry("kPa", &["kPa"], Quantity::Pressure, 1e3),
    entry("MPa", &["MPa"], Quantity::Pressure, 1e6),
    entry("bar", &["bar"], Quantity::Pressure, 1e5),
    entry("mbar", &["mbar"], Quantity::Pressure, 1e2),
    entry(
        "mH₂O",
        &["mH2O", "mH₂O", "mwc"],
        Quantity::Pressure,
        WATER_DENSITY * GRAVITY,
    ),
    entry("psi", &["psi"], Quantity::Pressure, 6_894.757_293_168),
    entry("K", &["K"], Quantity::Temperature, 1.0),
    Entry {
        symbol: "°C",
        names: &["degC", "°C", "C"],
        quantity: Quantity::Temperature,
        scale: 1.0,
        offset: 273.15,
    },
    Entry {
        symbol: "°F",
        names: &["degF", "°F"],
        quantity: Quantity::Temperature,
        scale: 5.0 / 9.0,
        offset: 459.67 * 5.0 / 9.0,
    },
    entry("W", &["W"], Quantity::Power, 1.0),
    entry("kW", &["kW"], Quantity::Power, 1e3),
    entry("MW", &["MW"], Quantity::Power, 1e6),
    entry("hp", &["hp"], Quantity::Power, HORSEPOWER),
    entry("J", &["J"], Quantity::Energy, 1.0),
    entry("kWh", &["kWh"], Quantity::Energy, 3.6e6),
    entry("MWh", &["MWh"], Quantity::Energy, 3.6e9),
    entry("A", &["A"], Quantity::Current, 1.0),
    entry("mA", &["mA"], Quantity::Current, 1e-3),
    entry("V", &["V"], Quantity::Voltage, 1.0),
    entry("kV", &["kV"], Quantity::Voltage, 1e3),
    entry("Hz", &["Hz"], Quantity::Frequency, 1.0),
    entry("rpm", &["rpm"], Quantity::Frequency, 1.0 / 60.0),
    entry("1/min", &["1/min"], Quantity::Frequency, 1.0 / 60.0),
    entry("1/h", &["1/h"], Quantity::Frequency, 1.0 / 3_600.0),
    entry("rad", &["rad"], Quantity::Angle, 1.0),
    entry(
        "°",
        &["deg", "°"],
        Quantity::Angle,
        std::f64::consts::PI / 180.0,
    ),
    entry("NTU", &["NTU", "FNU"], Quantity::Turbidity, 1.0),
    entry("pH", &["pH"], Quantity::Acidity, 1.0),
    entry("S/m", &["S/m"], Quantity::Conductivity, 1.0),
    entry("µS/cm", &["uS/cm", "µS/cm"], Quantity::Conductivity, 1e-4),
];

impl Quantity {
    /// The unit that needs no conversion: of SI, where SI has one.
    pub fn si_unit(self) -> Unit {
        let is_si = |unit: &Unit| {
            let entry = unit.entry();
            entry.quantity == self && entry.scale == 1.0 && entry.offset == 0.0
        };
        Unit::all().find(is_si).unwrap_or(Unit::NUMBER)
    }
}

impl Unit {
    /// The plain number: no unit at all.
    pub const NUMBER: Self = Self(0);

    /// What this unit measures.
    pub fn quantity(self) -> Quantity {
        self.entry().quantity
    }

    /// The SI value of `value` in this unit.
    pub fn to_si(self, value: f64) -> f64 {
        let entry = self.entry();
        entry.scale * value + entry.offset
    }

    /// The value in this unit of an SI value.
    pub fn from_si(self, si: f64) -> f64 {
        let entry = self.entry();
        (si - entry.offset) / entry.scale
    }

    /// The SI size of a *difference* in this unit: deadbands and noise have no offset.
    pub fn span_to_si(self, span: f64) -> f64 {
        self.entry().scale * span
    }

    /// A difference in this unit from its SI size.
    pub fn span_from_si(self, si: f64) -> f64 {
        si / self.entry().scale
    }

    /// What a screen shows: `m³/h`, `°C`, or nothing for a plain number.
    pub fn symbol(self) -> &'static str {
        self.entry().symbol
    }

    /// What a scene or CSV says in plain ASCII: `m3/h`, `degC`.
    pub fn name(self) -> &'static str {
        self.entry().names[0]
    }

    /// Every unit there is.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).map(|index| Self(index as u8))
    }

    fn entry(self) -> &'static Entry {
        &TABLE[usize::from(self.0)]
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let text = text.trim();
        let found = |matches: &dyn Fn(&str) -> bool| {
            TABLE
                .iter()
                .position(|entry| entry.names.iter().any(|name| matches(name)))
        };
        if let Some(index) = found(&|name| name == text) {
            return Ok(Self(index as u8));
        }
        let near = found(&|name| !name.is_empty() && name.eq_ignore_ascii_case(text));
        Err(UnitError {
            text: text.chars().take(40).collect(),
            near: near.map(|index| TABLE[index].names[0]),
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.symbol())
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unit({:?})", self.name())
    }
}

/// Reads a number with its unit, such as `"600 mm"` or `"12"`, as an SI value.
pub fn parse_value(text: &str) -> Result<(f64, Quantity), UnitError> {
    let (si, unit) = parse_measure(text)?;
    Ok((si, unit.quantity()))
}

/// Like [`parse_value`], and tells the unit in which it was written.
pub fn parse_measure(text: &str) -> Result<(f64, Unit), UnitError> {
    let text = text.trim();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let error = || UnitError {
        text: text.chars().take(40).collect(),
        near: None,
    };
    let number: f64 = text[..end].parse().map_err(|_| error())?;
    if !number.is_finite() {
        return Err(error());
    }
    let unit: Unit = text[end..].parse()?;
    Ok((unit.to_si(number), unit))
}

fn hint(near: &Option<&'static str>) -> String {
    near.map_or_else(
        || "; known are m, m3/h, L/s, bar, kPa, degC, %, kW, kWh, mg/L, NTU, rpm, ...".to_owned(),
        |near| format!("; did you mean `{near}`?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, value: f64, si: f64) {
        let unit: Unit = text.parse().expect("a known unit");
        let tolerance = 1e-9 * si.abs().max(1.0);
        assert!(
            (unit.to_si(value) - si).abs() < tolerance,
            "{text}: {}",
            unit.to_si(value)
        );
        assert!(
            (unit.from_si(si) - value).abs() < 1e-9 * value.abs().max(1.0),
            "{text}"
        );
    }

    #[test]
    fn every_quantity_has_a_unit_that_needs_no_conversion() {
        for unit in Unit::all() {
            let quantity = unit.quantity();
            assert_eq!(quantity.si_unit().quantity(), quantity);
            assert_eq!(quantity.si_unit().to_si(1.5), 1.5);
        }
    }

    #[test]
    fn units_convert_to_si_and_back() {
        check("m3/h", 360.0, 0.1);
        check("bar", 2.5, 250_000.0);
        check("degC", 20.0, 293.15);
        check("degF", 212.0, 373.15);
        check("%", 85.0, 0.85);
        check("kW", 1.5, 1_500.0);
        check("L/min", 60.0, 1e-3);
        check("mg/L", 0.5, 5e-4);
        check("rpm", 1_500.0, 25.0);
        check("1/min", 90.0, 1.5);
        check("1/h", 900.0, 0.25);
        check("mH2O", 10.0, 98_066.5);
        check("gpm", 1_000.0, 0.063_090_196_4);
        check("MGD", 1.0, 0.043_812_636_388_9);
        check("IMGD", 1.0, 0.052_616_782_407);
        check("cfs", 1.0, 0.028_316_846_592);
        check("acre-ft/d", 1.0, 0.014_276_410_157);
        check("in", 12.0, 0.304_8);
        check("ft/s", 10.0, 3.048);
        check("MG", 1.0, 3_785.411_784);
        check("hp", 1.0, 745.699_871_582);
        check("ug/L", 1.0, 1e-6);
    }

    #[test]
    fn every_name_is_found_once() {
        for unit in Unit::all() {
            for name in unit.entry().names {
                assert_eq!(name.parse::<Unit>(), Ok(unit), "{name}");
            }
        }
    }

    #[test]
    fn a_rate_of_parts_is_no_speed_of_rotation() {
        for name in ["1/min", "1/h", "rpm"] {
            let unit = name.parse::<Unit>().expect("a unit");
            assert_eq!(unit.to_string(), name);
        }
    }

    #[test]
    fn a_wrong_case_is_hinted_at() {
        let error = "DEGC"
            .parse::<Unit>()
            .expect_err("case matters")
            .to_string();
        assert!(error.contains("did you mean `degC`"), "{error}");
    }

    #[test]
    fn values_carry_their_unit() {
        assert_eq!(parse_value("600 mm"), Ok((0.6, Quantity::Length)));
        assert_eq!(parse_value("130"), Ok((130.0, Quantity::Number)));
        assert!(parse_value("NaN m").is_err());
        assert!(parse_value("six mm").is_err());
    }
}
