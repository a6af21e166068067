//! What drives each asset, packed side by side: of a whole scene only what a picture needs.
//!
//! A driver may look at a hundred thousand assets in a frame; what it reads lies in a row.

use bevy::prelude::Resource;

use crate::scene::{AssetIndex, DrivenPart, Scene, Shape, Signal};
use crate::signal::SignalId;

/// No signal.
const NONE: u32 = u32::MAX;
/// How many parts of an asset may be driven.
const PARTS: usize = 5;

/// A signal as far as a picture needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Gauge {
    /// Its ordinary range, SI.
    pub range: (f64, f64),
    /// True if an instrument measures it.
    pub measured: bool,
    /// True if it is one of the main values of its asset.
    pub shown: bool,
}

impl From<&Signal> for Gauge {
    fn from(signal: &Signal) -> Self {
        Self {
            range: signal.range,
            measured: signal.measured,
            shown: signal.shown,
        }
    }
}

impl Gauge {
    /// Where `si` lies in the range: 0 at its lower end, 1 at its upper end, not clamped.
    pub(super) fn fraction(&self, si: f64) -> f64 {
        (si - self.range.0) / (self.range.1 - self.range.0)
    }
}

/// An asset as far as its drivers need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Driven {
    /// How it looks.
    pub shape: Shape,
    /// Its first signal.
    first: u32,
    /// Past its last signal.
    end: u32,
    /// By part, the signal that drives it.
    drives: [u32; PARTS],
}

impl Driven {
    /// The signal that drives a part.
    pub(super) fn drive(&self, part: DrivenPart) -> Option<SignalId> {
        let id = self.drives[place(part)];
        (id != NONE).then_some(SignalId(id))
    }

    /// Its signals.
    pub(super) fn signals(&self) -> impl Iterator<Item = SignalId> {
        (self.first..self.end).map(SignalId)
    }
}

/// What drives the assets of the open scene.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Drivings {
    assets: Vec<Driven>,
    gauges: Vec<Gauge>,
    owners: Vec<AssetIndex>,
}

impl Drivings {
    /// Of a scene.
    pub(in super::super) fn of(scene: &Scene) -> Self {
        let assets = scene.assets.iter().map(|asset| {
            let mut drives = [NONE; PARTS];
            // The first of a part holds.
            for &(part, id) in asset.drives.iter().rev() {
                drives[place(part)] = id.0;
            }
            Driven {
                shape: asset.shape,
                first: asset.signals.start,
                end: asset.signals.end,
                drives,
            }
        });
        Self {
            assets: assets.collect(),
            gauges: scene.signals.iter().map(Gauge::from).collect(),
            owners: scene.signals.iter().map(|signal| signal.asset).collect(),
        }
    }

    /// An asset; `None` if the scene does not have it.
    pub(super) fn asset(&self, asset: AssetIndex) -> Option<&Driven> {
        self.assets.get(asset.index())
    }

    /// A signal of the scene.
    pub(super) fn gauge(&self, id: SignalId) -> Option<&Gauge> {
        self.gauges.get(id.index())
    }

    /// Whose signal it is.
    pub(in super::super) fn owner(&self, id: SignalId) -> Option<AssetIndex> {
        self.owners.get(id.index()).copied()
    }

    /// The assets of the scene.
    pub(in super::super) fn indices(&self) -> impl Iterator<Item = AssetIndex> + use<> {
        (0..self.assets.len() as u32).map(AssetIndex)
    }
}

fn place(part: DrivenPart) -> usize {
    match part {
        DrivenPart::Fill => 0,
        DrivenPart::Position => 1,
        DrivenPart::Running => 2,
        DrivenPart::Spin => 3,
        DrivenPart::Flow => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asset, scene, signal};
    use super::*;

    #[test]
    fn the_first_drive_of_a_part_holds() {
        let (one, two) = (SignalId(0), SignalId(1));
        let drives = vec![
            (DrivenPart::Spin, two),
            (DrivenPart::Spin, one),
            (DrivenPart::Running, one),
        ];
        let scene = scene(
            vec![asset(Shape::Pump, 0..2, drives)],
            vec![signal(0, "speed", 1.0), signal(0, "running", 1.0)],
        );
        let drivings = Drivings::of(&scene);
        let pump = drivings.asset(AssetIndex(0)).expect("there");
        assert_eq!(pump.drive(DrivenPart::Spin), Some(two));
        assert_eq!(pump.drive(DrivenPart::Running), Some(one));
        assert_eq!(pump.drive(DrivenPart::Fill), None);
        assert_eq!(pump.signals().count(), 2);
        assert_eq!(drivings.owner(two), Some(AssetIndex(0)));
        assert_eq!(drivings.asset(AssetIndex(1)), None);
    }
}
