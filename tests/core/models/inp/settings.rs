//! Times and options.

use super::*;
use parallax::models::hydraulics::network::{DemandModel, Headloss, Times, Unbalanced};

#[track_caller]
fn times(lines: &str, expected: Times) {
    let found = network_with(&format!("[TIMES]\n{lines}")).times;
    assert_eq!(found, expected, "{lines}");
}

#[test]
fn times_are_read_in_all_their_forms() {
    times("", Times::default());
    times(
        "DURATION 2 DAYS
        HYDRAULIC TIMESTEP 0:30
        QUALITY TIMESTEP 5 MIN
        RULE TIMESTEP 90 SEC
        PATTERN TIMESTEP 2
        PATTERN START 1.5
        REPORT TIMESTEP 1:00:00
        REPORT START 24:00
        START CLOCKTIME 6:30 PM
        STATISTIC NONE
        MINIMUM TRAVELTIME 1",
        Times {
            duration: 172_800,
            hydraulic_step: 1_800,
            quality_step: 300,
            rule_step: 90,
            pattern_step: 7_200,
            pattern_start: 5_400,
            report_step: 3_600,
            report_start: 86_400,
            clock_start: 66_600,
        },
    );
}

#[test]
fn steps_are_kept_in_order_as_epanet_keeps_them() {
    times(
        "DURATION 10\nHYDRAULIC TIMESTEP 4\nPATTERN TIMESTEP 2\nREPORT TIMESTEP 1\nREPORT START 11\nQUALITY TIMESTEP 5\nRULE TIMESTEP 5",
        Times {
            duration: 36_000,
            hydraulic_step: 3_600,
            quality_step: 3_600,
            rule_step: 3_600,
            pattern_step: 7_200,
            report_step: 3_600,
            report_start: 0,
            ..Times::default()
        },
    );
    times(
        "HYDRAULIC TIMESTEP 0:10\nPATTERN TIMESTEP 0\nREPORT TIMESTEP 0",
        Times {
            hydraulic_step: 600,
            quality_step: 60,
            rule_step: 60,
            ..Times::default()
        },
    );
}

#[test]
fn options_have_the_values_of_the_file() {
    let options = network_with(
        "[OPTIONS]
        HEADLOSS D-W\nUNBALANCED CONTINUE 10\nTRIALS 100.7\nACCURACY 1e-9
        CHECKFREQ 3\nMAXCHECK 12\nDAMPLIMIT 0.01\nHEADERROR 0.5\nFLOWCHANGE 2
        HTOL 0.001\nQTOL 0.002\nRQTOL 1e-6
        DEMAND MULTIPLIER 1.5\nSPECIFIC GRAVITY 0.98\nEMITTER EXPONENT 0.8",
    )
    .options;
    assert_eq!(options.headloss, Headloss::DarcyWeisbach);
    assert_eq!(options.unbalanced, Unbalanced::Continue(10));
    assert_eq!(
        (options.trials, options.check_frequency, options.max_check),
        (100, 3, 12)
    );
    assert_eq!((options.accuracy, options.damp_limit), (1e-5, 0.01));
    assert_near(options.head_error, 0.5 * FOOT, "head error");
    assert_near(options.flow_change, 2.0 * GPM, "flow change");
    assert_eq!(
        (options.demand_multiplier, options.specific_gravity),
        (1.5, 0.98)
    );
    assert_near(options.emitter_power, 1.25, "emitter");
    // In feet and cubic feet per second, whatever the units of the file.
    assert_near(options.head_tolerance, 1e-3 * FOOT, "head");
    assert_near(options.flow_tolerance, 2e-3 * CUBIC_FOOT, "flow");
    assert_near(options.slope_tolerance, 1e-6 * FOOT / CUBIC_FOOT, "slope");
}

#[test]
fn viscosity_is_a_multiple_or_a_value() {
    let water = 1.1e-5 * FOOT * FOOT;
    let viscosity = |lines: &str| {
        network_with(&format!("[OPTIONS]\n{lines}"))
            .options
            .viscosity
    };
    assert_near(viscosity(""), water, "water");
    assert_near(viscosity("VISCOSITY 1.2"), 1.2 * water, "a multiple");
    assert_near(viscosity("VISCOSITY 2e-5"), 2e-5 * FOOT * FOOT, "ft²/s");
    assert_near(viscosity("VISCOSITY 1e-6\nUNITS CMH"), 1e-6, "m²/s");
}

#[test]
fn pressure_driven_demand_has_its_pressures() {
    let model = |lines: &str| {
        network_with(&format!("[OPTIONS]\n{lines}"))
            .options
            .demand_model
    };
    assert_eq!(model("MINIMUM PRESSURE 1"), DemandModel::Fixed);
    let DemandModel::PressureDriven {
        minimum,
        required,
        exponent,
    } = model("DEMAND MODEL PDA\nMINIMUM PRESSURE 5\nPRESSURE EXPONENT 0.6")
    else {
        panic!("not driven by pressure")
    };
    let psi = FOOT / 0.4333;
    assert_near(minimum, 5.0 * psi, "minimum");
    // EPANET keeps a tenth of a unit between them.
    assert_near(required, 5.1 * psi, "required");
    assert_eq!(exponent, 0.6);
}

#[test]
fn flows_are_scaled_as_epanet_rounds_its_units() {
    // The unit; EPANET's number of them in ft³/s; m³/s of one.
    for (unit, per_cfs, exact) in [
        ("CFS", 1.0, CUBIC_FOOT),
        ("GPM", 448.831, 3.785_411_784e-3 / 60.0),
        ("MGD", 0.64632, 3_785.411_784 / 86_400.0),
        ("IMGD", 0.5382, 4_546.09 / 86_400.0),
        ("AFD", 1.9837, 43_560.0 * CUBIC_FOOT / 86_400.0),
        ("LPS", 28.317, 1e-3),
        ("LPM", 1_699.0, 1e-3 / 60.0),
        ("MLD", 2.4466, 1e3 / 86_400.0),
        ("CMH", 101.94, 1.0 / 3_600.0),
        ("CMD", 2_446.6, 1.0 / 86_400.0),
    ] {
        let reading = read(&town_with(&format!("[OPTIONS]\nUNITS {unit}")));
        let network = &reading.network;
        let base = network.junctions[1].demands[0].base;
        assert_near(base, 150.0 * CUBIC_FOOT / per_cfs, unit);
        assert_near(base / network.flow_scale.0, 150.0 * exact, unit);
        assert_eq!(reading.map.flow_units, unit);
    }
}
