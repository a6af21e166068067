//! A scene file, the files that it imports and the models in it, ready to use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::{documents, drawings, forcing, tracks};
use crate::files;
use crate::import::gltf::Drawing;
use crate::import::{self, epanet};
use crate::problem::Problem;
use crate::scene::{Fragment, ImportSpec, Scene};
use crate::simulation::Plant;

/// A scene with its models.
#[derive(Clone)]
pub struct Opened {
    /// What exists.
    pub scene: Arc<Scene>,
    /// The models, wired.
    pub plant: Arc<Plant>,
    /// The scene file.
    pub file: PathBuf,
    /// Its folder, for files that the scene names.
    pub folder: PathBuf,
    /// What draws its assets, by the scene's drawings.
    pub drawings: Vec<Arc<Drawing>>,
}

/// Why a scene cannot be used.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file cannot be read or is no valid scene.
    #[error("{}", .0.report())]
    File(#[from] files::OpenError),
    /// Its models are not valid.
    #[error("{}", list(.problems, .file))]
    Models {
        /// All that is wrong.
        problems: Vec<Problem>,
        /// The scene file.
        file: PathBuf,
    },
    /// Its drawings cannot be read.
    #[error("{}", list(.problems, .file))]
    Drawings {
        /// All that is wrong.
        problems: Vec<Problem>,
        /// The scene file.
        file: PathBuf,
    },
    /// Files that its scenarios name are not valid.
    #[error("{}", list(.problems, .file))]
    Forcing {
        /// All that is wrong.
        problems: Vec<Problem>,
        /// The scene file.
        file: PathBuf,
    },
}

impl OpenError {
    /// True if the file was read, and what it says is wrong.
    pub fn is_about_content(&self) -> bool {
        match self {
            Self::File(error) => matches!(error, files::OpenError::Invalid { .. }),
            Self::Models { .. } | Self::Forcing { .. } | Self::Drawings { .. } => true,
        }
    }
}

/// Opens the scene at `path`, or the shipped scene of that name, and builds its models.
pub fn open(path: &Path) -> Result<Opened, OpenError> {
    open_with(path, |_, _| ()).map(|(opened, _)| opened)
}

/// Like [`open()`], and gives the scene's text; `each` gets every imported file as it is read.
pub(super) fn open_with(
    path: &Path,
    mut each: impl FnMut(&str, &[u8]),
) -> Result<(Opened, String), OpenError> {
    let path = files::find_scene(&path.to_string_lossy())?;
    let files::OpenScene {
        mut scene,
        text,
        file,
        folder,
    } = files::open_scene(&path, &mut |folder, spec| {
        read_import(folder, spec, &mut each)
    })?;
    let plant = match Plant::build(&scene) {
        Ok(plant) => plant,
        Err(problems) => return Err(OpenError::Models { problems, file }),
    };
    let problems = tracks::check(&scene, &plant, &text);
    if !problems.is_empty() {
        return Err(OpenError::Models { problems, file });
    }
    if forcing::names_files(&scene) {
        let problems = forcing::check_files(&scene, &folder, &text);
        if !problems.is_empty() {
            return Err(OpenError::Forcing { problems, file });
        }
    }
    documents::measure(&mut scene, &folder);
    let drawings = match drawings::read(&scene, &folder) {
        Ok(drawings) => drawings,
        Err(problems) => return Err(OpenError::Drawings { problems, file }),
    };
    let opened = Opened {
        scene: Arc::new(scene),
        plant: Arc::new(plant),
        file,
        folder,
        drawings,
    };
    Ok((opened, text))
}

/// What a file beside the scene adds to it.
fn read_import(
    folder: &Path,
    import: &ImportSpec,
    each: &mut impl FnMut(&str, &[u8]),
) -> Result<Fragment, Vec<Problem>> {
    let ImportSpec::Epanet(spec) = import;
    let path = folder.join(&spec.file);
    let name = path.display().to_string();
    let bytes = files::read_import(&path, import::MAX_BYTES).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", spec.file);
        let hint = "paths of imports start at the folder of the scene";
        vec![Problem::new(None, message, hint)]
    })?;
    each(&spec.file, &bytes);
    import_text(&bytes, import, &name)
}

/// What the bytes of a file called `name` add to the scene that imports it.
pub(super) fn import_text(
    bytes: &[u8],
    import: &ImportSpec,
    name: &str,
) -> Result<Fragment, Vec<Problem>> {
    let ImportSpec::Epanet(spec) = import;
    epanet::fragment(bytes, spec, name)
}

/// The problems as a compiler would print them.
fn list(problems: &[Problem], file: &Path) -> String {
    let file = file.display().to_string();
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| problem.located(&file).to_string())
        .collect();
    lines.join("\n")
}
