//! Water quality under flows that are told: closed forms, EPANET 2.2 and the account.

mod account;
mod closed_form;
mod networks;
mod reference;

use std::sync::Arc;

use parallax::models::hydraulics::network::{
    Junction, Link, LinkKind, Network, Pipe, Reservoir, Status, Tank,
};
use parallax::models::hydraulics::quality::{Analysis, Flows, Mixing, Quality, QualitySpec};

const HOUR: i64 = 3_600;

/// A network whose quality is followed, in the making.
///
/// Nodes are junctions, then reservoirs, then tanks, as in [`Network`].
struct Rig {
    network: Network,
    spec: QualitySpec,
}

impl Rig {
    fn new(analysis: Analysis, junctions: usize, reservoirs: usize) -> Self {
        let mut network = Network {
            junctions: vec![Junction::default(); junctions],
            reservoirs: vec![Reservoir::default(); reservoirs],
            ..Network::default()
        };
        network.times.quality_step = 60;
        let spec = QualitySpec {
            analysis,
            tolerance: 0.0,
            diffusivity: 1.3e-8 * 0.3048 * 0.3048,
            bulk_order: 1.0,
            tank_order: 1.0,
            wall_first_order: true,
            limit: 0.0,
            initial: vec![0.0; junctions + reservoirs],
            bulk: Vec::new(),
            wall: Vec::new(),
            tank_bulk: Vec::new(),
            mixing: Vec::new(),
            sources: Vec::new(),
        };
        Self { network, spec }
    }

    /// A tank of 1 m² that is `full` m³ when full and holds `volume` m³ of `quality`.
    fn tank(&mut self, full: f64, volume: f64, quality: f64, mixing: Mixing) {
        self.network.tanks.push(Tank {
            area: 1.0,
            max: full,
            level: volume,
            ..Tank::default()
        });
        self.spec.initial.push(quality);
        self.spec.mixing.push(mixing);
        self.spec.tank_bulk.push(0.0);
    }

    /// A pipe of `length` and `diameter`, m.
    fn pipe(&mut self, from: usize, to: usize, length: f64, diameter: f64) {
        self.network.links.push(Link {
            tag: String::new(),
            from,
            to,
            kind: LinkKind::Pipe(Pipe {
                length,
                diameter,
                ..Pipe::default()
            }),
            status: Status::Open,
            setting: None,
        });
        self.spec.bulk.push(0.0);
        self.spec.wall.push(0.0);
    }

    /// A pipe that holds `volume` m³, with π/4 as EPANET has it.
    #[expect(clippy::approx_constant, reason = "as EPANET has it")]
    fn pipe_of(&mut self, from: usize, to: usize, volume: f64) {
        self.pipe(from, to, volume / 0.785398, 1.0);
    }

    fn build(self) -> Quality {
        let network = Network {
            quality: Some(self.spec),
            ..self.network
        };
        Quality::new(Arc::new(network)).expect("quality is asked for")
    }
}

fn chemical() -> Analysis {
    Analysis::Chemical {
        name: "chlorine".to_owned(),
        micrograms: false,
    }
}

/// Goes on for `dt` s.
fn advance(quality: &mut Quality, secs: i64, dt: i64, flows: &[f64], demands: &[f64]) {
    quality.advance(secs, dt, &Flows { flows, demands });
}

#[track_caller]
fn check(what: &str, found: f64, expected: f64, relative: f64) {
    assert!(
        (found - expected).abs() <= relative * expected.abs(),
        "{what}: {found} instead of {expected}"
    );
}
