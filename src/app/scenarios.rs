//! Scenarios that people make are kept in a file beside the scene.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;

use super::TwinSystems;
use super::action::Action;
use super::deeds::Deed;
use super::notices::Tell;
use super::scene::OpenScene;
use crate::files;
use crate::scene::{Scenario, Scene};
use crate::session;

/// The file of the scene that is open. Written when a scene is opened.
#[derive(Resource)]
pub struct SceneFile(pub PathBuf);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        follow_actions
            .run_if(on_message::<Action>)
            .run_if(resource_exists::<SceneFile>)
            .in_set(TwinSystems::Steer),
    );
}

fn follow_actions(
    mut actions: MessageReader<Action>,
    file: Res<SceneFile>,
    mut open: ResMut<OpenScene>,
    mut deeds: MessageWriter<Deed>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let (done, deed) = match action {
            Action::KeepScenario(scenario) => (
                keep(&file.0, &open.scene, scenario),
                Deed::new("keep scenario", &scenario.name, ""),
            ),
            Action::RemoveScenario(name) => (
                remove(&file.0, &open.scene, name),
                Deed::new("remove scenario", name, ""),
            ),
            _ => continue,
        };
        match done {
            Ok((scenarios, told)) => {
                // Assets and signals are the same: nothing that follows the scene begins anew.
                let open = open.bypass_change_detection();
                Arc::make_mut(&mut open.scene).scenarios = scenarios;
                deeds.write(deed);
                tell.write(Tell::done(told));
            }
            Err(why) => {
                tell.write(Tell::warning(why));
            }
        }
    }
}

/// The scenarios once this one is kept, and what to tell.
fn keep(
    file: &Path,
    scene: &Scene,
    scenario: &Scenario,
) -> Result<(Vec<Scenario>, String), String> {
    let mut scenario = scenario.clone();
    scenario.kept = true;
    let mut scenarios = scene.scenarios.clone();
    let told = format!("Scenario \"{}\" kept", scenario.name);
    match scenarios.iter_mut().find(|one| one.name == scenario.name) {
        Some(known) => *known = scenario,
        None => scenarios.push(scenario),
    }
    write(file, scene, &scenarios)?;
    Ok((scenarios, told))
}

/// The scenarios without this one; one of the scene that it took the place of is there again.
fn remove(file: &Path, scene: &Scene, name: &str) -> Result<(Vec<Scenario>, String), String> {
    let based = |one: &&Scenario| one.kept && one.based_on.as_deref() == Some(name);
    if let Some(other) = scene.scenarios.iter().find(based) {
        return Err(format!(
            "\"{name}\" stays: \"{}\" is based on it",
            other.name
        ));
    }
    let mut scenarios = scene.scenarios.clone();
    scenarios.retain(|one| !(one.kept && one.name == name));
    write(file, scene, &scenarios)?;
    let again = session::open(file).map_err(|error| error.to_string())?;
    Ok((
        again.scene.scenarios.clone(),
        format!("Scenario \"{name}\" removed"),
    ))
}

fn write(file: &Path, scene: &Scene, scenarios: &[Scenario]) -> Result<(), String> {
    let kept: Vec<&Scenario> = scenarios.iter().filter(|one| one.kept).collect();
    files::keep_scenarios(file, scene, &kept).map_err(|error| error.to_string())
}
