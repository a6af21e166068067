//! How far each asset lies from what a run expected of it, in standard deviations: colours of the
//! view, as heat is.
//!
//! The present and the past only: in a simulated future nothing was measured.

use bevy::prelude::*;

use super::TwinSystems;
use super::scene::OpenScene;
use super::settings::ViewSettings;
use super::simulation::Runs;
use super::telemetry::Historian;
use super::timeline::{Frame, Playback};
use crate::history::FrameCursor;
use crate::scene::Scene;
use crate::signal::{Origin, RunId};
use crate::simulation::{Residual, judging_run};
use crate::timeline::Mode;

/// The residuals at the playhead. Written by [`judge`] alone.
#[derive(Resource, Default)]
pub struct Residuals {
    /// By asset; empty while there is nobody to compare with.
    pub assets: Vec<AssetResidual>,
    /// Who expects; `None` while the colours are off, or no run tells of the instant.
    pub run: Option<RunId>,
    /// What it says: the median and the edges of its band.
    said: [FrameCursor; 3],
}

/// How far an asset lies from what was expected of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum AssetResidual {
    /// Nothing of it can be told in standard deviations.
    #[default]
    None,
    /// The run expects values, but no reading of it is there to be compared.
    Doubtful,
    /// The largest of its signals' residuals, standard deviations, without its sign.
    Sigmas(f32),
}

impl AssetResidual {
    /// With that of one more signal.
    fn with(self, residual: Residual) -> Self {
        match (self, residual.sigmas()) {
            (Self::Sigmas(known), Some(more)) => Self::Sigmas(known.max(more.abs() as f32)),
            (_, Some(more)) => Self::Sigmas(more.abs() as f32),
            (Self::None, None) if matches!(residual, Residual::Doubtful { .. }) => Self::Doubtful,
            (known, None) => known,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Residuals>().add_systems(
        PreUpdate,
        judge
            .run_if(resource_exists::<OpenScene>)
            .after(super::timeline::sample_history)
            .in_set(TwinSystems::Sample),
    );
}

fn judge(
    open: Res<OpenScene>,
    settings: Res<ViewSettings>,
    history: Res<Historian>,
    playback: Res<Playback>,
    runs: Res<Runs>,
    frame: Res<Frame>,
    mut residuals: ResMut<Residuals>,
) {
    let quiet = residuals.bypass_change_detection();
    let at = playback.playhead();
    let looks_at_plant = matches!(playback.mode(), Mode::Live | Mode::History);
    let run = (settings.residuals && looks_at_plant)
        .then(|| judging_run(&runs.records, playback.selected_run(), at))
        .flatten()
        .map(|run| run.id);
    let Some(run) = run else {
        if quiet.run.is_some() {
            *quiet = Residuals::default();
            residuals.set_changed();
        }
        return;
    };
    let origins = [
        Origin::Simulated(run),
        Origin::BandLow(run),
        Origin::BandHigh(run),
    ];
    let mut moved = quiet.run != Some(run) || frame.is_changed() || open.is_changed();
    for (cursor, origin) in quiet.said.iter_mut().zip(origins) {
        // What a run says does not grow old.
        moved |= !cursor.advance(&history, Some(origin), at, &[]).is_empty();
    }
    if !moved {
        return;
    }
    let assets = of_assets(&open.scene, run, &frame.cursor, &quiet.said);
    if quiet.run != Some(run) || quiet.assets != assets {
        (quiet.run, quiet.assets) = (Some(run), assets);
        residuals.set_changed();
    }
}

fn of_assets(
    scene: &Scene,
    run: RunId,
    shown: &FrameCursor,
    said: &[FrameCursor; 3],
) -> Vec<AssetResidual> {
    let mut assets = vec![AssetResidual::None; scene.assets.len()];
    let row = |cursor: &FrameCursor, place: usize| cursor.rows().get(place).copied().flatten();
    for (place, signal) in scene.signals.iter().enumerate() {
        let of = |origin| {
            let cursor = match origin {
                Origin::BandLow(_) => &said[1],
                Origin::BandHigh(_) => &said[2],
                _ => &said[0],
            };
            Some(row(cursor, place)?.sample)
        };
        let measured = row(shown, place);
        let residual = Residual::of(signal, run, measured.as_ref(), of);
        if let Some(known) = assets.get_mut(signal.asset.index()) {
            *known = known.with(residual);
        }
    }
    assets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(off: f64, sigma: Option<f64>) -> Residual {
        Residual::Known {
            expected: 1.0,
            off,
            sigma,
        }
    }

    #[test]
    fn the_largest_residual_of_an_asset_counts_whatever_its_sign() {
        let doubtful = Residual::Doubtful { expected: 1.0 };
        let of = |all: &[Residual]| {
            let each = all.iter();
            each.fold(AssetResidual::None, |known, one| known.with(*one))
        };
        assert_eq!(of(&[]), AssetResidual::None);
        assert_eq!(of(&[Residual::None, known(3.0, None)]), AssetResidual::None);
        assert_eq!(of(&[known(3.0, None), doubtful]), AssetResidual::Doubtful);
        let two = [known(1.0, Some(1.0)), doubtful, known(-3.0, Some(0.5))];
        assert_eq!(of(&two), AssetResidual::Sigmas(6.0));
    }
}
