//! The contact sheet: every shape that a scene can name, side by side, each with its name.

use std::path::Path;
use std::sync::Arc;

use image::{DynamicImage, RgbImage, Rgba, RgbaImage, imageops};

use super::super::action::{Action, Named};
use super::super::launch::{Launch, LaunchError, StoreChoice};
use super::super::panels::theme;
use super::super::scene;
use super::super::settings::ViewSettings;
use super::super::viewport::Look;
use super::stage::Stage;
use crate::problem::Problem;
use crate::scene::{Scene, Shape, parse};
use crate::session::{FeedPlan, Opened};
use crate::simulation::Plant;

/// Tiles of a row.
const ROW: u32 = 9;

/// Writes the sheet with tiles of this size.
pub fn contact_sheet(out: &Path, look: Look, tile: (u32, u32)) -> Result<(), LaunchError> {
    sheet_of_shapes(look, tile)?
        .save(out)
        .map_err(|error| LaunchError::Picture(format!("{error}: {}", out.display())))
}

/// The sheet with tiles of this size, nine in a row.
pub fn sheet_of_shapes(look: Look, tile: (u32, u32)) -> Result<RgbImage, LaunchError> {
    let shapes: Vec<Shape> = Shape::ALL
        .iter()
        .copied()
        .filter(|shape| *shape != Shape::Unseen)
        .collect();
    let mut stage: Option<Stage> = None;
    let [red, green, blue, alpha] = theme::window().to_array();
    let mut sheet = RgbaImage::from_pixel(
        tile.0 * ROW.min(shapes.len() as u32),
        tile.1 * (shapes.len() as u32).div_ceil(ROW),
        Rgba([red, green, blue, alpha]),
    );
    for (place, &shape) in (0..).zip(&shapes) {
        let scene = Arc::new(scene_of(shape)?);
        let stage = match &mut stage {
            Some(stage) => {
                scene::open(stage.app.world_mut(), scene);
                stage
            }
            none => none.insert(begin(scene, look, tile)?),
        };
        stage.panels().caption = Some(shape.title());
        stage.act(Action::Named(Named::FrameAll));
        let picture = stage.picture()?;
        let (x, y) = (place % ROW * tile.0, place / ROW * tile.1);
        imageops::replace(&mut sheet, &picture, i64::from(x), i64::from(y));
    }
    Ok(DynamicImage::ImageRgba8(sheet).to_rgb8())
}

/// The program with the first shape.
fn begin(scene: Arc<Scene>, look: Look, tile: (u32, u32)) -> Result<Stage, LaunchError> {
    let plant = Plant::build(&scene).map_err(first_of)?;
    let launch = Launch {
        opened: Opened {
            scene,
            plant: Arc::new(plant),
            file: "shapes".into(),
            folder: ".".into(),
            drawings: Vec::new(),
        },
        feed: FeedPlan::Sources { broker: None },
        store: StoreChoice::None,
    };
    let mut stage = Stage::new(launch, tile)?;
    let mut settings = stage.app.world_mut().resource_mut::<ViewSettings>();
    settings.look = look;
    settings.labels = false;
    let panels = stage.panels();
    (panels.view_only, panels.bare) = (true, true);
    Ok(stage)
}

/// A scene with one asset of this shape, in its usual size.
fn scene_of(shape: Shape) -> Result<Scene, LaunchError> {
    let size = shape.usual_size();
    let route = match shape {
        // A pipe shows its bends; what may run straight does.
        Shape::Pipe => ", route: [(-2, 0, 0.6), (1.2, 0, 0.6), (1.2, 1.6, 0.6), (1.2, 1.6, 1.8)]",
        _ => "",
    };
    let size = format!("({}, {}, {})", size[0], size[1], size[2]);
    let text = format!(
        r#"Scene(format: 1, name: "{}", types: {{"thing": (shape: {}, size: {size})}},
            assets: [(tag: "A", type: "thing"{route})])"#,
        shape.title(),
        shape.name(),
    );
    parse(&text).map_err(first_of)
}

fn first_of(problems: Vec<Problem>) -> LaunchError {
    let first = problems.into_iter().next();
    LaunchError::Picture(first.map_or_else(String::new, |problem| problem.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_a_scene() {
        for &shape in Shape::ALL {
            let scene = scene_of(shape).expect("a scene");
            assert_eq!(scene.assets[0].shape, shape);
        }
    }
}
