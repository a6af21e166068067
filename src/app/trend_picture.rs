//! Writes the trends as they stand as a picture: PNG in twice the pixels, or SVG.

use std::path::Path;

use bevy::prelude::*;
use image::DynamicImage;

use super::action::Action;
use super::headless::{raster, svg};
use super::notices::Tell;
use super::panels::trend_sheet::Drawn;
use super::panels::{PanelState, Twin};
use super::scene::OpenScene;
use super::ui::{PanelMemory, TwinParam};

/// Pixels to a point of a PNG: sharp in a report.
const SCALE: f32 = 2.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        save.run_if(on_message::<Action>.and_then(resource_exists::<OpenScene>)),
    );
}

fn save(
    mut actions: MessageReader<Action>,
    twin: TwinParam,
    mut memory: ResMut<PanelMemory>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        if let Action::SaveTrendPicture(path) = action {
            tell.write(match write(&twin.twin(), &mut memory.state, path) {
                Ok(()) => Tell::done(format!("Picture of the trends written: {}", path.display())),
                Err(error) => Tell::warning(format!("{error}: {}", path.display())),
            });
        }
    }
}

/// Writes the trends as `.svg`, or as `.png` whatever else the file is called.
pub fn write(twin: &Twin<'_>, panels: &mut PanelState, path: &Path) -> Result<(), String> {
    let ending = path.extension().unwrap_or_default();
    let is_svg = ending.eq_ignore_ascii_case("svg");
    let scale = if is_svg { 1.0 } else { SCALE };
    let drawn = panels.draw_trends(twin, scale, is_svg);
    let Drawn { ctx, passes, size } = drawn.ok_or("The trends show no signal to draw")?;
    if is_svg {
        let text = svg::last_of(passes, size);
        return std::fs::write(path, text).map_err(|error| error.to_string());
    }
    let image = DynamicImage::ImageRgba8(raster::picture(&ctx, passes, size)).to_rgb8();
    let format = image::ImageFormat::Png;
    let written = image.save_with_format(path, format);
    written.map_err(|error| error.to_string())
}
