//! Options: units, laws, and how the equations are solved.

use super::draft::Draft;
use super::line::{Line, leading_integer, which};
use super::mistake::{Mistake, quoted};
use super::nodes::below_zero;
use super::units::{FLOWS, FOOT, FlowUnit, GPM, PressureUnit, Units};
use crate::models::hydraulics::network::{DemandModel, Headloss, Options, Unbalanced};
use crate::models::hydraulics::solver::CFS;

/// The smallest distance of the pressures of pressure-driven demand, file units.
const LEAST_PRESSURE_RANGE: f64 = 0.1;
/// Kinematic viscosity of water at 20 °C, ft²/s.
const WATER_VISCOSITY: f64 = 1.1e-5;
/// Molecular diffusivity of chlorine in water at 20 °C, ft²/s.
const CHLORINE_DIFFUSIVITY: f64 = 1.3e-8;

/// Options as the file gives them.
pub(super) struct OptionsDraft<'a> {
    /// What needs no conversion.
    pub(super) fixed: Options,
    pub(super) flow: FlowUnit,
    pub(super) pressure: PressureUnit,
    /// The pattern of demands without one.
    pub(super) pattern: &'a str,
    /// The line that says so.
    pub(super) pattern_line: Option<u32>,
    pub(super) quality: QualityChoice<'a>,
    /// Water closer in quality is one segment.
    pub(super) tolerance: Option<f64>,
    is_pressure_driven: bool,
    minimum: f64,
    required: f64,
    exponent: f64,
    viscosity: Option<f64>,
    diffusivity: Option<f64>,
}

/// What is followed through the network.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum QualityChoice<'a> {
    #[default]
    None,
    Chemical {
        name: &'a str,
        unit: &'a str,
    },
    Age,
    /// The share of water from a node, by its place in the draft.
    Trace(usize),
}

impl Default for OptionsDraft<'_> {
    fn default() -> Self {
        Self {
            fixed: Options::default(),
            flow: GPM,
            pressure: PressureUnit::Psi,
            pattern: "1",
            pattern_line: None,
            quality: QualityChoice::None,
            tolerance: None,
            is_pressure_driven: false,
            minimum: 0.0,
            required: LEAST_PRESSURE_RANGE,
            exponent: 0.5,
            viscosity: None,
            diffusivity: None,
        }
    }
}

/// A line of [OPTIONS]: a choice in words, or a number.
pub(super) fn option<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    if let Some(read) = choice(draft, line) {
        return read;
    }
    value(draft, line)
}

/// `None` if the line is none of the choices.
fn choice<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Option<Result<(), Mistake>> {
    const NAMES: [&str; 11] = [
        "UNIT", "PRESSURE", "HEADL", "HYDR", "QUAL", "MAP", "VERI", "UNBA", "PATT", "DEMAND",
        "SEGM",
    ];
    let name = which(line.word(0), &NAMES)?;
    if line.len() < 2 {
        draft.findings.note("empty options", line.number, || {
            format!(
                "{} is followed by nothing; the line is ignored",
                quoted(line.word(0))
            )
        });
        return Some(Ok(()));
    }
    let word = line.word(1);
    let options = &mut draft.options;
    match name {
        0 => match FLOWS.iter().find(|unit| line.is(1, unit.name)) {
            Some(unit) => options.flow = *unit,
            None => {
                let known = FLOWS.map(|unit| unit.name);
                return Some(Err(Mistake::no_choice("unit of flow", word, &known)));
            }
        },
        1 => match which(word, &["EXP", "PSI", "KPA", "METERS"]) {
            Some(0) => return None,
            Some(1) => options.pressure = PressureUnit::Psi,
            Some(2) => options.pressure = PressureUnit::Kilopascal,
            Some(_) => options.pressure = PressureUnit::Metre,
            None => {
                let known = ["PSI", "KPA", "METERS", "EXPONENT"];
                return Some(Err(Mistake::no_choice("unit of pressure", word, &known)));
            }
        },
        2 => match which(word, &["H-W", "D-W", "C-M"]) {
            Some(0) => options.fixed.headloss = Headloss::HazenWilliams,
            Some(1) => options.fixed.headloss = Headloss::DarcyWeisbach,
            Some(_) => options.fixed.headloss = Headloss::ChezyManning,
            None => {
                let known = ["H-W", "D-W", "C-M"];
                return Some(Err(Mistake::no_choice("law of friction", word, &known)));
            }
        },
        3 if line.len() > 2 && which(word, &["USE", "SAVE"]).is_none() => {
            return Some(Err(Mistake::no_choice("choice", word, &["USE", "SAVE"])));
        }
        3 | 5 | 6 | 10 => draft.findings.note("other files", line.number, || {
            format!("{} is not used; the line is ignored", quoted(line.word(0)))
        }),
        4 => return Some(quality(draft, line)),
        7 => return Some(unbalanced(draft, line)),
        8 => {
            options.pattern = word;
            options.pattern_line = Some(line.number);
        }
        _ if line.len() < 3 => draft.findings.note("empty options", line.number, || {
            format!(
                "{} is followed by too little; the line is ignored",
                quoted(line.word(0))
            )
        }),
        _ if !line.is(1, "MODEL") => return None,
        _ => match which(line.word(2), &["DDA", "PDA"]) {
            Some(model) => options.is_pressure_driven = model == 1,
            None => {
                let known = ["DDA", "PDA"];
                return Some(Err(Mistake::no_choice(
                    "demand model",
                    line.word(2),
                    &known,
                )));
            }
        },
    }
    Some(Ok(()))
}

fn quality<'a>(draft: &mut Draft<'a>, line: &Line<'a>) -> Result<(), Mistake> {
    draft.options.quality = match which(line.word(1), &["NONE", "CHEM", "AGE", "TRACE"]) {
        Some(0) => QualityChoice::None,
        Some(1) => QualityChoice::Chemical {
            name: "Chemical",
            unit: "mg/L",
        },
        Some(2) => QualityChoice::Age,
        Some(_) => {
            line.need(3, "QUALITY TRACE node")?;
            let node = draft.node(line.word(2)).map_err(|mistake| Mistake {
                message: mistake.message.replace("error 203", "error 212"),
                ..mistake
            })?;
            QualityChoice::Trace(node)
        }
        None => QualityChoice::Chemical {
            name: line.word(1),
            unit: if line.len() > 2 { line.word(2) } else { "mg/L" },
        },
    };
    Ok(())
}

fn unbalanced(draft: &mut Draft<'_>, line: &Line<'_>) -> Result<(), Mistake> {
    draft.options.fixed.unbalanced = match which(line.word(1), &["STOP", "CONT"]) {
        Some(0) => Unbalanced::Stop,
        Some(_) => match leading_integer(line.word(2)) {
            -1 => Unbalanced::Stop,
            more => Unbalanced::Continue(u32::try_from(more.max(0)).unwrap_or(u32::MAX)),
        },
        None => {
            let known = ["STOP", "CONTINUE"];
            return Err(Mistake::no_choice("choice", line.word(1), &known));
        }
    };
    Ok(())
}

/// The options that are numbers: by keyword, the place of the number, and its name.
const VALUES: [(&str, usize, &str); 20] = [
    ("TOLER", 1, "TOLERANCE"),
    ("DIFF", 1, "DIFFUSIVITY"),
    ("DAMPLIMIT", 1, "DAMPLIMIT"),
    ("FLOWCHANGE", 1, "FLOWCHANGE"),
    ("HEADERROR", 1, "HEADERROR"),
    ("MINI", 2, "MINIMUM PRESSURE"),
    ("REQ", 2, "REQUIRED PRESSURE"),
    ("PRESSURE", 2, "PRESSURE EXPONENT"),
    ("VISC", 1, "VISCOSITY"),
    ("SPEC", 2, "SPECIFIC GRAVITY"),
    ("TRIAL", 1, "TRIALS"),
    ("ACCU", 1, "ACCURACY"),
    ("HTOL", 1, "HTOL"),
    ("QTOL", 1, "QTOL"),
    ("RQTOL", 1, "RQTOL"),
    ("CHECKFREQ", 1, "CHECKFREQ"),
    ("MAXCHECK", 1, "MAXCHECK"),
    ("EMIT", 2, "EMITTER EXPONENT"),
    ("DEMAND", 2, "DEMAND MULTIPLIER"),
    ("PREC", 2, "PRECISION"),
];

fn value(draft: &mut Draft<'_>, line: &Line<'_>) -> Result<(), Mistake> {
    let found = VALUES.iter().find(|(keyword, ..)| line.is(0, keyword));
    let place = found.map_or(1, |(_, place, _)| *place);
    if line.len() <= place {
        draft.findings.note("empty options", line.number, || {
            format!(
                "{} is followed by nothing; the line is ignored",
                quoted(line.word(0))
            )
        });
        return Ok(());
    }
    let Some((keyword, _, name)) = found else {
        let names = VALUES.map(|(_, _, name)| name);
        return Err(Mistake {
            message: format!(
                "there is no option {} (EPANET error 201)",
                quoted(line.word(0))
            ),
            ..Mistake::no_choice("option", line.word(0), &names)
        });
    };
    let value = line.number(place, name)?;
    let may_be_zero = matches!(
        *keyword,
        "TOLER" | "DIFF" | "FLOWCHANGE" | "HEADERROR" | "MINI" | "REQ" | "PRESSURE"
    );
    if may_be_zero && value < 0.0 {
        return Err(below_zero(name, value, 213));
    }
    if value <= 0.0 && !may_be_zero && *keyword != "DAMPLIMIT" {
        let message = format!("{name} {value} is not above zero");
        return Err(Mistake::new(213, message, "write a number above 0"));
    }
    let count = value as u32;
    let options = &mut draft.options;
    match *keyword {
        "TOLER" => options.tolerance = Some(value),
        "DIFF" => options.diffusivity = Some(value),
        "DAMPLIMIT" => options.fixed.damp_limit = value,
        "FLOWCHANGE" => options.fixed.flow_change = value,
        "HEADERROR" => options.fixed.head_error = value,
        "MINI" => {
            if options.required == LEAST_PRESSURE_RANGE {
                options.required = value + LEAST_PRESSURE_RANGE;
            } else if options.required - value < LEAST_PRESSURE_RANGE {
                return Err(pressure_range());
            }
            options.minimum = value;
        }
        "REQ" => {
            if value - options.minimum < LEAST_PRESSURE_RANGE {
                return Err(pressure_range());
            }
            options.required = value;
        }
        "PRESSURE" => options.exponent = value,
        "VISC" => options.viscosity = Some(value),
        "SPEC" => options.fixed.specific_gravity = value,
        "TRIAL" => options.fixed.trials = count,
        "ACCU" => {
            let clamped = value.clamp(1e-5, 1e-1);
            if clamped != value {
                draft.findings.note("accuracy", line.number, || {
                    format!("as in EPANET, an accuracy of {value} counts as {clamped}")
                });
            }
            options.fixed.accuracy = clamped;
        }
        "CHECKFREQ" => options.fixed.check_frequency = count,
        "MAXCHECK" => options.fixed.max_check = count,
        "EMIT" => options.fixed.emitter_power = 1.0 / value,
        "DEMAND" => options.fixed.demand_multiplier = value,
        "PREC" => return Err(Mistake::new(201, "there is no option `PRECISION`", "")),
        "RQTOL" if value >= 1.0 => {
            let message = format!("RQTOL {value} is not below 1");
            return Err(Mistake::new(213, message, "remove the line"));
        }
        // In feet and cubic feet per second, whatever the units of the file.
        "HTOL" => options.fixed.head_tolerance = value * FOOT,
        "QTOL" => options.fixed.flow_tolerance = value * CFS,
        _ => options.fixed.slope_tolerance = value * FOOT / CFS,
    }
    Ok(())
}

fn pressure_range() -> Mistake {
    let message =
        format!("the required pressure is not {LEAST_PRESSURE_RANGE} above the minimum pressure");
    Mistake::new(208, message, "raise REQUIRED PRESSURE")
}

impl OptionsDraft<'_> {
    /// The options, SI.
    pub(super) fn finish(&self, units: &Units) -> Options {
        let demand_model = if self.is_pressure_driven {
            DemandModel::PressureDriven {
                minimum: self.minimum * units.pressure,
                required: self.required * units.pressure,
                exponent: self.exponent,
            }
        } else {
            DemandModel::Fixed
        };
        Options {
            demand_model,
            head_error: self.fixed.head_error * units.length,
            flow_change: self.fixed.flow_change * units.flow,
            viscosity: multiple_or_value(self.viscosity, 1e-3, WATER_VISCOSITY, units),
            ..self.fixed
        }
    }

    /// Molecular diffusivity, m²/s.
    pub(super) fn diffusivity(&self, units: &Units) -> f64 {
        multiple_or_value(self.diffusivity, 1e-4, CHLORINE_DIFFUSIVITY, units)
    }
}

/// What is above the `limit` multiplies the `usual` one in ft²/s, else it is the thing itself;
/// m²/s.
fn multiple_or_value(value: Option<f64>, limit: f64, usual: f64, units: &Units) -> f64 {
    match value {
        None => usual * FOOT * FOOT,
        Some(multiple) if multiple > limit => multiple * usual * FOOT * FOOT,
        Some(value) => value * units.length * units.length,
    }
}
