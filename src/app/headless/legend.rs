//! The legend as a file of its own, by the painter of the legend over the view.

use std::fs;
use std::path::Path;

use egui::{Context, RawInput, Rect};
use image::{DynamicImage, imageops};

use super::super::launch::LaunchError;
use super::super::panels::legend::{Sheet, sheet_ui};
use super::super::panels::theme;
use super::super::viewport::ViewPicture;
use super::stage::Stage;
use super::svg;

/// Writes what colours, shapes and patterns of the picture mean, as `.svg` or `.png`.
pub(super) fn write(stage: &mut Stage, file: &Path) -> Result<(), LaunchError> {
    let refused = |error: &dyn std::fmt::Display| {
        LaunchError::Picture(format!("{error}: {}", file.display()))
    };
    let scene = stage.scene();
    let picture = stage.app.world().resource::<ViewPicture>();
    let sheet = Sheet::of(&scene, picture.legend.as_ref());
    let ending = file.extension().unwrap_or_default();
    if ending.eq_ignore_ascii_case("svg") {
        return fs::write(file, drawn(&sheet)).map_err(|error| refused(&error));
    }
    let size = sheet.size();
    let (width, height) = (size.x as u32, size.y as u32);
    stage.resize((width, height));
    stage.panels().legend = Some(sheet);
    let image = stage.picture()?;
    stage.panels().legend = None;
    let image = imageops::crop_imm(&image, 0, 0, width, height).to_image();
    let image = DynamicImage::ImageRgba8(image).to_rgb8();
    image.save(file).map_err(|error| refused(&error))
}

/// The sheet as the text of an SVG file.
fn drawn(sheet: &Sheet) -> String {
    let context = Context::default();
    theme::install(&context);
    let input = || RawInput {
        screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, sheet.size())),
        ..RawInput::default()
    };
    // Fonts are there from the second frame on.
    drop(context.run_ui(input(), |_| ()));
    let output = context.run_ui(input(), |ui| sheet_ui(ui, sheet));
    svg::text(&output.shapes, sheet.size())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::viewport::HeatLegend;

    const SCENE: &str = r#"Scene(format: 1, name: "Tanks & towers",
        types: {"tank": (shape: Tank, size: (6, 6, 8), signals: [
            (name: "level", unit: "m", range: (0, 8), limits: [
                (kind: High, at: 7.5, priority: Urgent, message: "Full"),
                (kind: Low, at: 1, priority: Low, message: "Empty"),
            ]),
        ])},
        assets: [(tag: "TK-1", type: "tank"), (tag: "TK-2", type: "tank", at: (20, 0, 0))])"#;

    fn level() -> HeatLegend {
        HeatLegend {
            signal: "level".to_owned(),
            label: "Level".to_owned(),
            unit: "m".to_owned(),
            range: (0.0, 8.0),
        }
    }

    #[test]
    fn the_sheet_says_unit_limits_alarms_patterns_and_modes_within_its_size() {
        let scene = crate::scene::parse(SCENE).expect("valid");
        let sheet = Sheet::of(&scene, Some(&level()));
        let text = drawn(&sheet);
        for part in [
            "Tanks &amp; towers",
            "Level, m",
            "8.00",
            "H, alarm above 7.50 m",
            "L, alarm below 1.00 m",
            "% of range",
            "Priority 1, urgent",
            "Hatched",
            "SIMULATED",
            "NO DATA",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let size = sheet.size();
        let height = |line: &str| {
            let (_, rest) = line.split_once(" y=\"")?;
            rest.split('"').next()?.parse::<f32>().ok()
        };
        let lowest = text.lines().filter_map(height).fold(0.0, f32::max);
        assert!(
            lowest < size.y && lowest > size.y - 40.0,
            "{lowest} of {size}"
        );
    }

    #[test]
    fn without_colours_the_sheet_is_shorter_and_names_no_signal() {
        let scene = crate::scene::parse(SCENE).expect("valid");
        let (plain, full) = (Sheet::of(&scene, None), Sheet::of(&scene, Some(&level())));
        assert!(plain.size().y < full.size().y);
        assert!(!drawn(&plain).contains("Level, m"));
    }
}
