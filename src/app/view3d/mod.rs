//! The plant in three dimensions: readings in, a picture out.
//!
//! ```text
//! OpenScene ──build──► meshes, ground, pick tree        once per scene
//! Frame, AlarmMarks ──drivers──► Records ──upload──► shader         only what changed
//! ViewInput, Action ──steer──► Eye ──► camera ──► image ──► the tab
//! ```
//!
//! One shader paints everything; one record per asset tells it how the asset is. The
//! camera sleeps while nothing changes. Nothing here is asked by anybody: the tab reads
//! [`ViewPicture`] and writes [`ViewInput`].

mod adapt;
mod boxed;
mod bvh;
mod camera;
mod cells;
mod conceal;
mod counterpart;
mod daylight;
mod detail;
mod drive;
mod drivers;
mod fields;
mod framing;
mod labels;
mod levels;
mod looks;
mod material;
mod members;
mod mesh;
mod orbit;
mod outline;
mod paint;
mod part;
mod path;
mod picking;
mod places;
mod plant;
mod rebuild;
mod record;
mod redraw;
mod relief;
mod second_view;
mod shade;
mod shapes;
mod simplify;
mod steering;
mod surface;
mod terrain;
#[cfg(test)]
mod tests;
mod upload;

use bevy::prelude::*;

pub(super) use picking::time_picks;

use super::scene::OpenScene;
use super::selection::Selection;
use super::settings::ViewSettings;
use super::viewport::{ViewInput, ViewPicture};

/// True if pictures are for a file: the camera is where it is told to be at once, and
/// draws in every frame. Set once, before the first frame.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StillView(pub bool);

/// The order of the view within `Update`.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ViewSystems {
    /// Another scene becomes meshes.
    Build,
    /// The eye moves, the pointer points.
    Steer,
    /// What changed goes into the records.
    Drive,
    /// The camera draws or sleeps; buffers are written; the tab is told.
    Show,
}

/// How many materials there are.
pub(super) fn material_count(world: &World) -> usize {
    let materials = world.get_resource::<Assets<material::TwinMaterial>>();
    materials.map_or(0, Assets::len)
}

/// Adds the view. Without a graphics card its systems run all the same, and draw nothing.
pub fn plugin(app: &mut App) {
    use ViewSystems::{Build, Drive, Show, Steer};
    let opened = resource_exists_and_changed::<OpenScene>;
    let built = resource_exists_and_changed::<record::Records>;
    app.add_plugins((material::plugin, redraw::plugin, upload::plugin))
        .init_resource::<super::scene::AlarmMarks>()
        .init_resource::<super::alarms::Foreseen>()
        .init_resource::<super::timeline::Frame>()
        .init_resource::<super::differences::Differences>()
        .init_resource::<super::residuals::Residuals>()
        .init_resource::<StillView>()
        .init_resource::<counterpart::Counterpart>()
        .init_resource::<ViewInput>()
        .init_resource::<ViewPicture>()
        .init_resource::<super::reveal::Revealed>()
        .init_resource::<super::measure::Tool>()
        .init_resource::<super::measure::Ruler>()
        .init_resource::<conceal::Concealed>()
        .init_resource::<outline::Outlines>()
        .init_resource::<picking::Pointed>()
        .init_resource::<picking::RulerTip>()
        .init_resource::<drive::Heat>()
        .init_resource::<daylight::Daylight>()
        .init_resource::<adapt::Adapting>()
        .init_resource::<levels::Levels>()
        .init_resource::<members::Members>()
        .init_resource::<super::movement::Movement>()
        .init_resource::<fields::ShownFields>()
        .add_message::<super::notices::Tell>()
        .configure_sets(
            Update,
            (
                Build.run_if(rebuild::is_wanted),
                (Steer, Drive, Show)
                    .chain()
                    .run_if(resource_exists::<OpenScene>),
            )
                .chain(),
        )
        .add_systems(
            Startup,
            (make_canvas, camera::spawn, labels::hand_over).chain(),
        )
        .add_systems(
            Update,
            (
                rebuild::clear.run_if(not(opened)),
                plant::build,
                ApplyDeferred,
                camera::look_at_plant.run_if(opened),
                ApplyDeferred,
                second_view::look_at_plant.run_if(opened),
                rebuild::widen,
            )
                .chain()
                .in_set(Build),
        )
        .add_systems(
            Update,
            (
                (
                    second_view::arrange,
                    ApplyDeferred,
                    steering::steer,
                    picking::point,
                    camera::place,
                    second_view::place,
                    conceal::offer_section,
                )
                    .chain()
                    .in_set(Steer),
                (
                    drive::choose_heat,
                    drive::rewrite_all.run_if(drive::everything_changed),
                    drive::follow_readings,
                    fields::follow,
                    members::forget.run_if(opened),
                    members::follow,
                    drive::follow_selection.run_if(resource_changed::<Selection>.or_else(built)),
                    levels::follow,
                    counterpart::arrange,
                    counterpart::make_screen.run_if(counterpart::lacks_screen),
                    ApplyDeferred,
                    counterpart::follow,
                    conceal::apply.run_if(conceal::stale),
                    outline::follow.run_if(outline::stale),
                )
                    .chain()
                    .in_set(Drive),
                (
                    daylight::follow,
                    camera::light.run_if(
                        resource_changed::<ViewSettings>
                            .or_else(opened)
                            .or_else(resource_changed::<daylight::Daylight>)
                            .or_else(resource_exists_and_changed::<counterpart::SecondScreen>),
                    ),
                    camera::resize,
                    redraw::decide,
                    adapt::follow,
                    counterpart::follow_camera,
                    redraw::write_canvas,
                    labels::publish.run_if(labels::stale),
                )
                    .chain()
                    .in_set(Show),
            ),
        );
}

fn make_canvas(world: &mut World) {
    world.init_resource::<material::SharedCanvas>();
}
