//! Nothing is lost, nothing depends on how time is cut, and no flow is too odd.

use proptest::prelude::*;

use parallax::models::ModelState;
use parallax::models::hydraulics::quality::{Analysis, Mixing, Quality, Source, SourceKind};

use super::{HOUR, Rig, advance, chemical};

/// Random pipes over random nodes; flows go down random potentials, another set each hour.
#[derive(Clone, Debug)]
struct Case {
    analysis: u8,
    junctions: usize,
    reservoirs: usize,
    mixing: Vec<u8>,
    /// `(from, to, length, diameter)`; ends are taken modulo the nodes there are.
    pipes: Vec<(usize, usize, f64, f64)>,
    potentials: Vec<Vec<f64>>,
    source: (u8, usize, f64),
    kinetics: (f64, f64, f64),
}

fn cases() -> impl Strategy<Value = Case> {
    let pipe = (0_usize..20, 0_usize..20, 10.0..2_000.0, 0.05..0.5);
    (
        0_u8..3,
        1_usize..8,
        1_usize..3,
        prop::collection::vec(0_u8..4, 1..3),
        prop::collection::vec(pipe, 1..12),
        prop::collection::vec(prop::collection::vec(0.0..1.0, 12), 1..8),
        (0_u8..4, 0_usize..20, 0.0..1e-3),
        (-1.0..2.5, -1e-4..1e-4, -1e-5..1e-5),
    )
        .prop_map(
            |(analysis, junctions, reservoirs, mixing, pipes, potentials, source, kinetics)| Case {
                analysis,
                junctions,
                reservoirs,
                mixing,
                pipes,
                potentials,
                source,
                kinetics,
            },
        )
}

impl Case {
    fn build(&self) -> (Quality, Vec<[usize; 2]>, usize) {
        let analysis = match self.analysis {
            0 => chemical(),
            1 => Analysis::Age,
            _ => Analysis::Trace {
                node: self.junctions,
            },
        };
        let mut rig = Rig::new(analysis, self.junctions, self.reservoirs);
        rig.network.times.quality_step = 300;
        rig.spec.initial.fill(1e-3);
        for &mixing in &self.mixing {
            let mixing = match mixing {
                0 => Mixing::Complete,
                1 => Mixing::TwoCompartments { share: 0.3 },
                2 => Mixing::FirstInFirstOut,
                _ => Mixing::LastInFirstOut,
            };
            rig.tank(1e6, 4e5, 5e-4, mixing);
        }
        let nodes = rig.spec.initial.len();
        let mut ends = Vec::new();
        // A chain through all nodes, so that each is reached, then the random pipes.
        let chain = (1..nodes).map(|node| (node - 1, node, 500.0, 0.2));
        for (from, to, length, diameter) in chain.chain(self.pipes.iter().copied()) {
            let pair = [from % nodes, to % nodes];
            if pair[0] != pair[1] {
                ends.push(pair);
                rig.pipe(pair[0], pair[1], length, diameter);
            }
        }
        let (order, bulk, wall) = self.kinetics;
        rig.spec.bulk_order = order;
        rig.spec.tank_order = order;
        rig.spec.limit = 5e-4;
        rig.spec.bulk.fill(bulk);
        rig.spec.wall.fill(wall);
        rig.spec.tank_bulk.fill(bulk);
        let (kind, node, strength) = self.source;
        let kinds = [
            SourceKind::Concentration,
            SourceKind::Mass,
            SourceKind::Setpoint,
            SourceKind::FlowPaced,
        ];
        rig.spec.sources.push(Source {
            node: node % nodes,
            kind: kinds[usize::from(kind)],
            strength,
            pattern: None,
        });
        (rig.build(), ends, nodes)
    }

    /// `(flows, demands)` of each hour; water is kept at every junction.
    fn hours(&self, ends: &[[usize; 2]], nodes: usize) -> Vec<(Vec<f64>, Vec<f64>)> {
        let hour = |potentials: &Vec<f64>| {
            let at = |node: usize| potentials[node % potentials.len()] + node as f64 * 1e-9;
            // A trickle has no direction, so its water could not be told from where it comes.
            let flows: Vec<f64> = (ends.iter())
                .map(|&[from, to]| 0.05 * (at(from) - at(to)))
                .map(|flow| if flow.abs() < 1e-6 { 0.0 } else { flow })
                .collect();
            let mut demands = vec![0.0; nodes];
            for (&[from, to], flow) in ends.iter().zip(&flows) {
                demands[from] -= flow;
                demands[to] += flow;
            }
            (flows, demands)
        };
        self.potentials.iter().map(hour).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_account_closes(case in cases()) {
        let (mut quality, ends, nodes) = case.build();
        for (index, (flows, demands)) in case.hours(&ends, nodes).iter().enumerate() {
            advance(&mut quality, index as i64 * HOUR, HOUR, flows, demands);
            let (account, stored) = (quality.balance(), quality.stored());
            let scale = account.initial + account.inflow + account.reacted.abs();
            let gap = (account.expected() - stored).abs();
            prop_assert!(gap <= 1e-9 * scale, "{gap:e} of {scale:e} in hour {index}");
            prop_assert!((account.ratio(stored) - 1.0).abs() < 1e-9);
            for node in 0..nodes {
                prop_assert!(quality.node(node) >= 0.0);
            }
        }
    }

    #[test]
    fn cuts_at_quality_steps_change_nothing(case in cases(), cut in 1_i64..12) {
        let (mut whole, ends, nodes) = case.build();
        let mut parted = whole.clone();
        for (index, (flows, demands)) in case.hours(&ends, nodes).iter().enumerate() {
            let start = index as i64 * HOUR;
            advance(&mut whole, start, HOUR, flows, demands);
            advance(&mut parted, start, 300 * cut, flows, demands);
            advance(&mut parted, start + 300 * cut, HOUR - 300 * cut, flows, demands);
        }
        prop_assert_eq!(state(&whole), state(&parted));
    }

    #[test]
    fn odd_flows_do_no_harm(
        case in cases(),
        odd in prop::collection::vec(prop::sample::select(vec![
            0.0, -0.0, 1e-30, -1e-7, 1e9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX,
        ]), 0..20),
    ) {
        let (mut quality, ends, nodes) = case.build();
        for (index, (flows, demands)) in case.hours(&ends, nodes).iter().enumerate() {
            let flows = if index % 2 == 0 { &odd } else { flows };
            advance(&mut quality, index as i64 * HOUR, HOUR, flows, demands);
        }
        for node in 0..nodes {
            prop_assert!(quality.node(node).is_finite());
        }
        prop_assert!(quality.segment_count() <= 1_000 * (ends.len() + case.mixing.len()));
    }
}

fn state(quality: &Quality) -> ModelState {
    let mut state = ModelState::default();
    quality.save(&mut state);
    state
}
