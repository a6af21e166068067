//! Equal seeds leave nothing to compare; one change moves only what depends on it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parallax::history::{History, HistoryConfig};
use parallax::scene::{Effect, Override, Scenario};
use parallax::session::{self, Control, Opened};
use parallax::signal::{Origin, RunId, SignalId};
use parallax::simulation::{Difference, InitialState, RunPlan, difference};
use parallax::time::Timestamp;

use super::statistics::{chain, opened_chain};
use crate::scenes;

const START: Timestamp = Timestamp::from_secs(1_767_225_600);
const SPAN: Duration = Duration::from_secs(6 * 3_600);

/// Two runs of one seed beside each other in a history: as it is, and with `changes`.
fn compared(opened: &Opened, base: &Scenario, changes: &[Override]) -> Vec<Difference> {
    let mut history = History::new(
        opened.scene.signals.len(),
        HistoryConfig {
            window: Duration::MAX,
            ..HistoryConfig::default()
        },
    );
    for (run, changes) in [(1, &[][..]), (2, changes)] {
        let mut initial = InitialState::unknown(&opened.scene, START);
        chain::start(&opened.scene, &mut initial);
        let mut scenario = base.clone();
        scenario.overrides.extend(changes.iter().cloned());
        let plan = RunPlan {
            plant: Arc::clone(&opened.plant),
            initial,
            scenario,
            seed: 17,
        };
        let kept = plan.clone();
        let each = |chunk: &_, _: &_, _: &_| {
            for batch in session::sample_batches(RunId(run), &kept, chunk) {
                history.insert(&batch);
            }
            true
        };
        session::compute(plan, &opened.scene, 2, &Control::default(), each);
    }
    let origins = [1, 2].map(|run| Origin::Simulated(RunId(run)));
    let outputs = opened.plant.outputs().iter();
    let held = |signal: &SignalId| {
        let found = difference(
            &opened.scene,
            &history,
            *signal,
            origins,
            START,
            START + SPAN,
        );
        found.expect("both runs tell every output")
    };
    outputs.map(held).collect()
}

fn moved(differences: &[Difference]) -> BTreeSet<SignalId> {
    let moved = |one: &&Difference| one.rms > 0.0 || one.one.to_bits() != one.other.to_bits();
    differences
        .iter()
        .filter(moved)
        .map(|one| one.signal)
        .collect()
}

fn named(opened: &Opened, names: &[&str]) -> BTreeSet<SignalId> {
    let find = |name: &&str| {
        let found = opened.scene.find_signal(name);
        found.unwrap_or_else(|| panic!("the scene has `{name}`"))
    };
    names.iter().map(find).collect()
}

fn waterworks_day(opened: &Opened) -> Scenario {
    Scenario {
        members: 3,
        horizon: SPAN,
        ..session::baseline(&opened.scene)
    }
}

fn change(signal: SignalId, effect: Effect) -> [Override; 1] {
    [Override::always(signal, effect)]
}

#[test]
fn equal_seeds_leave_nothing_to_compare() {
    let opened = scenes::waterworks();
    let differences = compared(&opened, &waterworks_day(&opened), &[]);
    assert_eq!(differences.len(), opened.plant.outputs().len());
    for one in &differences {
        assert!(one.count > 1, "{one:?}");
        assert_eq!((one.rms, one.mean), (0.0, 0.0), "{one:?}");
    }
    assert!(moved(&differences).is_empty());
}

#[test]
fn a_change_moves_only_what_depends_on_it_in_a_chain_of_models() {
    let opened = opened_chain();
    let base = Scenario::plain("As is", SPAN, Duration::from_secs(600));
    for name in ["A-1.inlet", "C-1.inlet"] {
        let [signal]: [SignalId; 1] = Vec::from_iter(named(&opened, &[name]))
            .try_into()
            .expect("one");
        let wanted: BTreeSet<SignalId> = opened
            .plant
            .outputs()
            .iter()
            .copied()
            .filter(|output| opened.plant.starts_from(*output).contains(&signal))
            .collect();
        let found = moved(&compared(
            &opened,
            &base,
            &change(signal, Effect::Times(1.5)),
        ));
        assert_eq!(found, wanted, "{name}");
    }
    assert_eq!(opened.plant.outputs().len(), 5, "two inputs, three outputs");
}

#[test]
fn a_change_of_the_waterworks_moves_only_what_depends_on_it() {
    let opened = scenes::waterworks();
    let base = waterworks_day(&opened);
    let one = |name: &str| named(&opened, &[name]).into_iter().next().expect("one");

    // No model reads the coagulant's flow: it moves itself and what a connection copies.
    let coagulant = one("DP-502.flow");
    let mut wanted = BTreeSet::from([coagulant]);
    let copies = opened.scene.connections.iter();
    wanted.extend(
        copies
            .filter(|(from, _)| *from == coagulant)
            .map(|(_, to)| *to),
    );
    assert!(wanted.len() > 1, "the line carries what the pump gives");
    let halved = change(coagulant, Effect::Times(0.5));
    assert_eq!(moved(&compared(&opened, &base, &halved)), wanted);

    // A district's demand is felt in the whole network, by no other district's demand and by
    // nothing that the river brings.
    let found = moved(&compared(
        &opened,
        &base,
        &change(one("D-411.demand_factor"), Effect::Times(1.3)),
    ));
    let felt = [
        "D-411.demand_factor",
        "D-411.demand",
        "FT-411.flow",
        "TK-401.level",
        "PT-301.pressure",
    ];
    assert!(named(&opened, &felt).is_subset(&found), "{found:?}");
    let apart = [
        "D-412.demand",
        "D-413.demand",
        "D-412.demand_factor",
        "IN-101.level",
        "LT-101.level",
        "AT-101.turbidity",
        "AT-102.ph",
        "AT-302.ph",
        "TT-101.temperature",
        "M-201.running",
    ];
    let common: Vec<_> = named(&opened, &apart)
        .intersection(&found)
        .copied()
        .collect();
    let names = common.iter().map(|id| &opened.scene.signal(*id).full_name);
    assert!(common.is_empty(), "{:?}", Vec::from_iter(names));
}
