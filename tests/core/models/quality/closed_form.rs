//! Quality where the answer can be written down.

use parallax::models::hydraulics::quality::{Analysis, Mixing, Source, SourceKind};

use super::{HOUR, Rig, advance, check, chemical};

/// A junction (0) fed from a reservoir (1) through a pipe of 36 m³.
fn main_of(analysis: Analysis, quality: f64) -> Rig {
    let mut rig = Rig::new(analysis, 1, 1);
    rig.spec.initial[1] = quality;
    rig.pipe_of(1, 0, 36.0);
    rig
}

#[test]
fn a_front_arrives_when_the_pipe_has_emptied_once() {
    let mut quality = main_of(chemical(), 1e-3).build();
    for minute in 0..90 {
        // 36 m³ at 10 L/s take an hour.
        let expected = if minute <= 60 { 0.0 } else { 1e-3 };
        assert!(
            (quality.node(0) - expected).abs() < 1e-12,
            "minute {minute}"
        );
        let filled = 1e-3 * (minute as f64 / 60.0).min(1.0);
        assert!((quality.link(0) - filled).abs() < 1e-12, "minute {minute}");
        advance(&mut quality, 60 * minute, 60, &[0.01], &[0.01]);
    }
}

#[test]
fn a_front_turns_back_with_the_flow() {
    let mut quality = main_of(chemical(), 1e-3).build();
    advance(&mut quality, 0, HOUR / 2, &[0.01], &[0.01]);
    // Half full; the junction now supplies clean water, which pushes it back out.
    advance(&mut quality, HOUR / 2, HOUR / 4, &[-0.01], &[-0.01]);
    check("a quarter left", quality.link(0), 0.25e-3, 1e-9);
    advance(&mut quality, 3 * HOUR / 4, HOUR / 4, &[-0.01], &[-0.01]);
    assert!(quality.link(0).abs() < 1e-15);
}

#[test]
fn age_at_the_end_of_a_pipe_is_the_time_of_travel() {
    let mut rig = main_of(Analysis::Age, 0.0);
    rig.spec.tolerance = 36.0;
    let mut quality = rig.build();
    advance(&mut quality, 0, 10 * HOUR, &[0.01], &[0.01]);
    check("age", quality.node(0), 3_600.0, 1e-9);
    check("age on the way", quality.link(0), 1_800.0, 0.02);
}

#[test]
fn first_order_decay_follows_the_exponential() {
    for (bulk, wall) in [(-2.0 / 86_400.0, 0.0), (0.0, -1e-6), (1e-5, -1e-6)] {
        let mut rig = main_of(chemical(), 1e-3);
        rig.spec.bulk[0] = bulk;
        rig.spec.wall[0] = wall;
        // Nothing limits what reaches the wall of the pipe, 1 m wide.
        rig.spec.diffusivity = 0.0;
        rig.network.times.quality_step = 6;
        let mut quality = rig.build();
        advance(&mut quality, 0, 4 * HOUR, &[0.01], &[0.01]);
        let rate = bulk + 4.0 * wall;
        let expected = 1e-3 * f64::exp(rate * 3_600.0);
        check("concentration", quality.node(0), expected, 1e-4);
    }
}

#[test]
fn reactions_of_higher_order_and_order_zero_follow_their_integrals() {
    let after = 3_600.0;
    let second = |k: f64| 1e-3 / (1.0 + k * 1e-3 * after);
    let root = |k: f64| (f64::sqrt(1e-3) - 0.5 * k * after).powi(2);
    for (order, k, expected) in [
        (2.0, 0.1, second(0.1)),
        (0.5, 2e-6, root(2e-6)),
        (0.0, 1e-7, 1e-3 - 1e-7 * after),
        (0.0, 1e-6, 0.0),
    ] {
        let mut rig = main_of(chemical(), 1e-3);
        rig.spec.bulk_order = order;
        rig.spec.bulk[0] = -k;
        rig.network.times.quality_step = 6;
        let mut quality = rig.build();
        advance(&mut quality, 0, 4 * HOUR, &[0.01], &[0.01]);
        check("concentration", quality.node(0), expected, 1e-3);
    }
}

#[test]
fn growth_ends_at_the_limit() {
    let mut rig = main_of(chemical(), 0.0);
    rig.spec.bulk[0] = 1e-3;
    rig.spec.limit = 5e-5;
    let mut quality = rig.build();
    advance(&mut quality, 0, 4 * HOUR, &[0.01], &[0.01]);
    let expected = 5e-5 * (1.0 - f64::exp(-1e-3 * 3_600.0));
    check("by-products", quality.node(0), expected, 1e-2);
}

#[test]
fn waters_mix_by_their_flows() {
    let mut rig = Rig::new(chemical(), 1, 2);
    rig.spec.initial = vec![0.0, 1e-3, 4e-4];
    rig.pipe_of(1, 0, 3.0);
    rig.pipe_of(0, 2, 3.0);
    let mut quality = rig.build();
    advance(&mut quality, 0, HOUR, &[0.01, -0.02], &[0.03]);
    check("mixed", quality.node(0), (1e-3 + 2.0 * 4e-4) / 3.0, 1e-12);
}

#[test]
fn the_traced_share_is_that_of_the_flows() {
    let mut rig = Rig::new(Analysis::Trace { node: 2 }, 1, 2);
    rig.pipe_of(1, 0, 3.0);
    rig.pipe_of(2, 0, 3.0);
    let mut quality = rig.build();
    advance(&mut quality, 0, HOUR, &[0.01, 0.03], &[0.04]);
    check("share", quality.node(0), 0.75, 1e-12);
    assert_eq!(quality.node(2), 1.0);
}

#[test]
fn a_stirred_tank_forgets_exponentially() {
    // 360 m³ turned over in ten hours: reservoir 1, tank 2, junction 0.
    let mut rig = Rig::new(Analysis::Age, 1, 1);
    rig.tank(400.0, 360.0, 0.0, Mixing::Complete);
    rig.pipe_of(1, 2, 0.1);
    rig.pipe_of(2, 0, 0.1);
    rig.spec.tolerance = 1.0;
    let mut quality = rig.build();
    let turnover = 36_000.0;
    for hour in 1..=48 {
        advance(
            &mut quality,
            (hour - 1) * HOUR,
            HOUR,
            &[0.01, 0.01],
            &[0.01, 0.0, 0.0],
        );
        let expected = turnover * (1.0 - f64::exp(-(hour as f64) / 10.0));
        check(&format!("hour {hour}"), quality.node(2), expected, 2e-3);
    }
}

#[test]
fn a_row_in_a_tank_ages_by_its_turnover() {
    let mut rig = Rig::new(Analysis::Age, 1, 1);
    rig.tank(400.0, 360.0, 0.0, Mixing::FirstInFirstOut);
    rig.pipe_of(1, 2, 0.1);
    rig.pipe_of(2, 0, 0.1);
    let mut quality = rig.build();
    let demands = [0.01, 0.0, 0.0];
    advance(&mut quality, 0, 48 * HOUR, &[0.01, 0.01], &demands);
    check("age", quality.node(2), 36_000.0, 5e-3);
}

#[test]
fn sources_add_what_their_kind_says() {
    let source = |kind, strength| Source {
        node: 1,
        kind,
        strength,
        pattern: None,
    };
    for (kind, strength, expected) in [
        (SourceKind::Concentration, 5e-4, 2e-4 * 0.75 + 5e-4 * 0.25),
        (SourceKind::Mass, 1e-6, 2e-4 * 0.75 + 1e-6 / 0.04),
        (SourceKind::Setpoint, 6e-4, 6e-4),
        (SourceKind::Setpoint, 1e-4, 2e-4 * 0.75),
        (SourceKind::FlowPaced, 3e-4, 2e-4 * 0.75 + 3e-4),
    ] {
        // Reservoir 2 feeds junction 1, where 10 L/s more come in, and it junction 0.
        let mut rig = Rig::new(chemical(), 2, 1);
        rig.spec.initial[2] = 2e-4;
        rig.spec.sources.push(source(kind, strength));
        rig.pipe_of(2, 1, 1.0);
        rig.pipe_of(1, 0, 1.0);
        let mut quality = rig.build();
        let demands = [0.04, -0.01, 0.0];
        advance(&mut quality, 0, HOUR, &[0.03, 0.04], &demands);
        let what = format!("{kind:?} {strength}");
        check(&what, quality.node(1), expected, 1e-12);
        check(&what, quality.node(0), expected, 1e-12);
    }
}

#[test]
fn a_told_volume_dilutes_as_it_says() {
    let mut rig = Rig::new(chemical(), 0, 1);
    rig.tank(1_000.0, 100.0, 0.0, Mixing::Complete);
    rig.spec.initial[0] = 1e-3;
    rig.pipe_of(0, 1, 0.1);
    let mut quality = rig.build();
    quality.set_tank_volume(0, 500.0);
    advance(&mut quality, 0, HOUR, &[0.01], &[0.0, 0.0]);
    check("diluted", quality.node(1), 1e-3 * 35.9 / 536.0, 1e-9);
}
