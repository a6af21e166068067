//! The twin with its picture, on a window or on an image.

use std::path::PathBuf;

use bevy::camera::RenderTarget;
use bevy::camera::visibility::RenderLayers;
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::renderer::RenderAdapterInfo;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy_egui::{EguiContextSettings, EguiGlobalSettings, EguiPlugin, PrimaryEguiContext};

use super::action::Action;
use super::notices::Tell;
use super::settings::ViewSettings;
use super::{export, trend_picture, ui, view3d};

/// The image that stands for the window where there is none.
#[derive(Resource, Clone)]
pub struct WindowImage(pub Handle<Image>);

/// Adds the 3D view and the panels. Needs Bevy's render plugins.
pub fn plugin(app: &mut App) {
    app.add_plugins(EguiPlugin::default())
        .insert_resource(EguiGlobalSettings {
            auto_create_primary_context: false,
            ..default()
        })
        .insert_resource(ClearColor(Color::srgb_u8(24, 26, 29)))
        .add_plugins((
            view3d::plugin,
            ui::plugin,
            export::plugin,
            trend_picture::plugin,
        ))
        .add_systems(PreStartup, choose_shading)
        .add_systems(Startup, spawn_screen)
        .add_systems(Update, save_pictures.run_if(on_message::<Action>));
}

/// A processor that draws needs light shading.
pub(super) fn choose_shading(
    adapter: Option<Res<RenderAdapterInfo>>,
    mut settings: ResMut<ViewSettings>,
) {
    let Some(adapter) = adapter else { return };
    info!(
        "drawn by {} ({:?}, {:?})",
        adapter.name, adapter.device_type, adapter.backend
    );
    // `Cpu` of wgpu's device types, which Bevy does not re-export by name.
    // One that draws nothing stands for a graphics card.
    let is_processor = format!("{:?}", adapter.device_type) == "Cpu";
    settings.software = is_processor && adapter.backend != wgpu::Backend::Noop;
}

/// The camera that egui paints on: the window, or the image in its place.
fn spawn_screen(mut commands: Commands, image: Option<Res<WindowImage>>) {
    let mut screen = commands.spawn((
        Name::new("Screen"),
        PrimaryEguiContext,
        EguiContextSettings {
            run_manually: true,
            ..default()
        },
        Camera2d,
        Camera {
            order: 1,
            ..default()
        },
        Msaa::Off,
        RenderLayers::none(),
    ));
    if let Some(image) = image {
        screen.insert(RenderTarget::Image(image.0.clone().into()));
    }
}

/// An image that can be drawn on and read back.
pub fn target_image(size: (u32, u32)) -> Image {
    let mut image = Image::new_target_texture(size.0, size.1, TextureFormat::Rgba8UnormSrgb, None);
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image
}

fn save_pictures(
    mut actions: MessageReader<Action>,
    image: Option<Res<WindowImage>>,
    mut commands: Commands,
) {
    for action in actions.read() {
        if let Action::SavePicture(path) = action {
            let screenshot = match &image {
                Some(image) => Screenshot::image(image.0.clone()),
                None => Screenshot::primary_window(),
            };
            commands.spawn(screenshot).observe(write_png(path.clone()));
        }
    }
}

/// Writes what was captured, and says so or why not.
pub fn write_png(path: PathBuf) -> impl FnMut(On<ScreenshotCaptured>, MessageWriter<Tell>) {
    move |captured, mut tell| {
        let written = captured
            .image
            .clone()
            .try_into_dynamic()
            .map_err(|error| error.to_string())
            .and_then(|image| {
                image
                    .to_rgb8()
                    .save(&path)
                    .map_err(|error| error.to_string())
            });
        tell.write(match written {
            Ok(()) => Tell::done(format!("Picture written: {}", path.display())),
            Err(error) => Tell::warning(format!("No picture: {error}: {}", path.display())),
        });
    }
}
