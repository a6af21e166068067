//! The program as a person sees it.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::window::{MonitorSelection, PresentMode, WindowMode, WindowResolution};
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};

use super::action::{Action, Named};
use super::documents::DocumentViewer;
use super::launch::{Launch, LaunchError};
use super::notices::Tell;
use super::scene::OpenScene;
use super::settings::ViewSettings;
use super::sign_in::{self, Entrance};
use super::telemetry::Waker;
use super::ui::PanelMemory;
use super::view_memory::{self, ViewMemory};
use super::who::Who;
use super::window_place::{self, WindowPlace};
use super::{dialogs, horn, launch, picture};
use crate::files::Accounts;
use crate::session;

/// Opens the window, as a kiosk or not, and stays until it is closed.
pub fn run(launch: Launch, kiosk: bool) -> Result<AppExit, LaunchError> {
    launch::check_graphics()?;
    check_display()?;
    let mut app = App::new();
    let window = Window {
        title: "Parallax".to_owned(),
        name: Some("parallax".to_owned()),
        resolution: WindowResolution::new(1_600, 900),
        present_mode: PresentMode::AutoVsync,
        ..default()
    };
    app.add_plugins(launch::bevy_plugins().set(WindowPlugin {
        primary_window: Some(window),
        ..default()
    }))
    .add_plugins((super::twin, picture::plugin, dialogs::plugin))
    .add_plugins((window_place::plugin, view_memory::plugin))
    .insert_resource(PanelMemory::load(settings_file("layout.ron")))
    .insert_resource(WindowPlace::load(settings_file("window.ron")))
    .insert_resource(ViewMemory::load(settings_file("view.ron")))
    .add_systems(Startup, (pace_the_loop, horn::find_player))
    .add_systems(
        Update,
        (
            follow_actions.run_if(on_message::<Action>),
            fill_screen.run_if(resource_changed::<Who>),
            name_window.run_if(resource_exists_and_changed::<OpenScene>),
        ),
    );
    let waker = loop_waker(&app);
    app.insert_resource(waker);
    app.insert_resource(DocumentViewer::desktop());
    let file = Accounts::usual_file();
    let (who, told) = sign_in::at_start(file.as_ref(), session::desktop_user());
    app.insert_resource(Who { kiosk, ..who });
    app.world_mut().resource_mut::<Entrance>().file = file;
    if let Some(told) = told {
        app.world_mut().write_message(Tell::warning(told));
    }
    app.world_mut()
        .resource_scope(|world, memory: Mut<ViewMemory>| {
            memory.begin(&mut world.resource_mut::<ViewSettings>());
        });
    launch.enter(app.world_mut())?;
    Ok(app.run())
}

/// Finds out whether there is a desktop to open a window on, before the window's library would panic.
fn check_display() -> Result<(), LaunchError> {
    let names = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"];
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !names.into_iter().any(is_set) {
        return Err(LaunchError::NoDisplay);
    }
    Ok(())
}

/// Data that arrive wake the loop; without them a still plant costs nothing.
fn loop_waker(app: &App) -> Waker {
    let Some(proxy) = app.world().get_resource::<EventLoopProxyWrapper>() else {
        return Waker::default();
    };
    let proxy = (**proxy).clone();
    // A loop that has ended wakes nobody.
    Waker::new(Arc::new(move || {
        proxy.send_event(WinitUserEvent::WakeUp).ok();
    }))
}

/// Draws when something happens, and often enough for what moves by itself.
fn pace_the_loop(settings: Res<ViewSettings>, mut winit: ResMut<WinitSettings>) {
    let moving = if settings.software {
        Duration::from_millis(120)
    } else {
        Duration::from_millis(16)
    };
    *winit = WinitSettings {
        focused_mode: UpdateMode::reactive(moving),
        unfocused_mode: UpdateMode::reactive_low_power(Duration::from_millis(250)),
    };
}

fn name_window(open: Res<OpenScene>, mut windows: Query<&mut Window>) {
    for mut window in &mut windows {
        window.title = format!("{} · Parallax", open.scene.name);
    }
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    mut windows: Query<&mut Window>,
    mut exits: MessageWriter<AppExit>,
) {
    for action in actions.read() {
        match action {
            Action::Named(Named::Quit) => {
                exits.write(AppExit::Success);
            }
            Action::Named(Named::ToggleFullScreen) => {
                for mut window in &mut windows {
                    window.mode = match window.mode {
                        WindowMode::Windowed => {
                            WindowMode::BorderlessFullscreen(MonitorSelection::Current)
                        }
                        _ => WindowMode::Windowed,
                    };
                }
            }
            Action::Named(Named::Escape) => {
                for mut window in &mut windows {
                    if window.mode != WindowMode::Windowed {
                        window.mode = WindowMode::Windowed;
                    }
                }
            }
            _ => {}
        }
    }
}

/// A kiosk fills the screen; who leaves it gets the window back.
fn fill_screen(who: Res<Who>, mut was: Local<bool>, mut windows: Query<&mut Window>) {
    if std::mem::replace(&mut *was, who.kiosk) == who.kiosk {
        return;
    }
    for mut window in &mut windows {
        window.mode = match who.kiosk {
            true => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
            false => WindowMode::Windowed,
        };
    }
}

fn settings_file(name: &str) -> Option<std::path::PathBuf> {
    Some(dirs::config_dir()?.join("parallax").join(name))
}
