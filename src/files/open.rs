//! Opening a scene: where it lies, what it holds, and what to say when it does not.
//!
//! A file of another program that a scene could import is a scene by itself: one that
//! imports it and says nothing else.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::kept::{kept_mappings, kept_scenarios, kept_stories};
use crate::problem::{Problem, did_you_mean};
use crate::scene::{self, Fragment, ImportSpec, Scene, Story};

/// The file inside a scene's folder.
pub(super) const SCENE_FILE: &str = "scene.ron";
/// Endings of files that are scenes by themselves, and what imports them.
const IMPORTABLE: [(&str, &str); 1] = [("inp", "Epanet")];

/// A scene and where it came from.
#[derive(Debug)]
pub struct OpenScene {
    /// The checked scene.
    pub scene: Scene,
    /// What it was read from: the file's text, or the scene that imports the file.
    pub text: String,
    /// Its file.
    pub file: PathBuf,
    /// The folder that the file's own paths start from.
    pub folder: PathBuf,
}

/// Why a scene could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Neither a file nor a scene that is known by this name.
    #[error("there is no scene `{name}`; {hint}")]
    NotFound {
        /// What was asked for.
        name: String,
        /// What there is instead.
        hint: String,
    },
    /// A folder without a scene in it.
    #[error("no {SCENE_FILE} in this folder; a scene is a folder with a {SCENE_FILE}, or a .ron file: {}", path.display())]
    NoSceneInFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot read scene: {source}: {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// The text is not a valid scene.
    #[error("{} in the scene: {}", counted(problems.len()), file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// Everything that is wrong with it.
        problems: Vec<Problem>,
    },
}

impl OpenError {
    /// The message and, of an invalid scene, every problem with its line: for a terminal.
    pub fn report(&self) -> String {
        let Self::Invalid { file, problems } = self else {
            return self.to_string();
        };
        let file = file.display().to_string();
        let mut lines: Vec<String> = problems
            .iter()
            .map(|problem| problem.located(&file).to_string())
            .collect();
        lines.push(counted(problems.len()));
        lines.join("\n")
    }
}

fn counted(problems: usize) -> String {
    match problems {
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    }
}

/// Opens the scene at `path`: a folder with a `scene.ron`, the file itself, or a file that a
/// scene can import.
///
/// `importer` gets the scene's folder and each import line, and reads the file there.
pub fn open_scene(
    path: &Path,
    importer: &mut dyn FnMut(&Path, &ImportSpec) -> Result<Fragment, Vec<Problem>>,
) -> Result<OpenScene, OpenError> {
    let file = if path.is_dir() {
        path.join(SCENE_FILE)
    } else {
        path.to_owned()
    };
    if path.is_dir() && !file.is_file() {
        return Err(OpenError::NoSceneInFolder {
            path: path.to_owned(),
        });
    }
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => not_found(&path.display().to_string()),
        _ => OpenError::Read {
            path: file.clone(),
            source,
        },
    };
    let text = match import_of(&file) {
        Some(text) => {
            fs::metadata(&file).map_err(refused)?;
            text
        }
        None => read_text(&file).map_err(refused)?,
    };
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let kept = kept_scenarios(&file);
    let kept_text = read_kept(&kept)?;
    let kept_name = kept.display().to_string();
    let kept = kept_text.as_deref().map(|text| (kept_name.as_str(), text));
    match scene::parse_with_kept(&text, kept, &mut |import| importer(&folder, import)) {
        Ok(mut scene) => {
            let stories = kept_stories(&file);
            if let Some(text) = read_kept(&stories)? {
                scene.keep_stories(stories_of(&text, &stories, &scene)?);
            }
            let mappings = kept_mappings(&file);
            if let Some(text) = read_kept(&mappings)? {
                let read = scene::read_mappings(&text, &scene);
                scene.mappings = read.map_err(|problems| invalid(&mappings, problems))?;
            }
            Ok(OpenScene {
                scene,
                text,
                file,
                folder,
            })
        }
        Err(problems) => Err(OpenError::Invalid { file, problems }),
    }
}

/// The text of a file that is kept beside a scene, if there is one.
fn read_kept(path: &Path) -> Result<Option<String>, OpenError> {
    match read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Reads a file of stories about `scene`.
pub fn read_stories(path: &Path, scene: &Scene) -> Result<Vec<Story>, OpenError> {
    let text = read_text(path).map_err(|source| OpenError::Read {
        path: path.to_owned(),
        source,
    })?;
    stories_of(&text, path, scene)
}

fn stories_of(text: &str, path: &Path, scene: &Scene) -> Result<Vec<Story>, OpenError> {
    scene::read_stories(text, scene).map_err(|problems| invalid(path, problems))
}

/// What is wrong with a file that is kept beside a scene.
fn invalid(path: &Path, problems: Vec<Problem>) -> OpenError {
    let name = path.display().to_string();
    OpenError::Invalid {
        file: path.to_owned(),
        problems: problems
            .into_iter()
            .map(|problem| problem.in_file(&name))
            .collect(),
    }
}

/// The scene that imports `file` and says nothing else, if it is of a kind that can be.
fn import_of(file: &Path) -> Option<String> {
    let ending = file.extension()?.to_str()?;
    let (_, kind) = IMPORTABLE
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(ending))?;
    let name = file.file_name()?.to_string_lossy();
    // Rust and RON escape texts alike.
    Some(format!(
        "Scene(format: 1, name: \"\", imports: [{kind}(file: {name:?})], types: {{}}, assets: [])"
    ))
}

/// Reads no more than the parser would take, however large the file is.
fn read_text(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?
        .take(scene::MAX_BYTES as u64 + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// Reads a file that a scene imports: at most `limit` bytes, and one more if it is longer.
pub fn read_import(file: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The path of a scene that is given as a path, or by the name of a scene that ships.
pub fn find_scene(name_or_path: &str) -> Result<PathBuf, OpenError> {
    let path = Path::new(name_or_path);
    if path.exists() {
        return Ok(path.to_owned());
    }
    // `waterworks` is a name; `../waterworks` or `plant.ron` can only be a path.
    let is_name = path.components().count() == 1 && path.extension().is_none();
    is_name
        .then(|| shelves().map(|shelf| shelf.join(name_or_path)))
        .and_then(|mut places| places.find(|place| place.join(SCENE_FILE).is_file()))
        .ok_or_else(|| not_found(name_or_path))
}

/// The folders in which scenes lie side by side, the nearest first.
fn shelves() -> impl Iterator<Item = PathBuf> {
    let beside_program = env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join("scenes")));
    let shelves = [
        env::var_os("PARALLAX_SCENES").map(PathBuf::from),
        Some(PathBuf::from("scenes")),
        beside_program,
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes")),
    ];
    shelves.into_iter().flatten()
}

fn not_found(name: &str) -> OpenError {
    let known = names_on_shelves();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = match did_you_mean(name, known) {
        nothing if nothing.is_empty() => "give the path of a scene's folder".to_owned(),
        hint => hint,
    };
    OpenError::NotFound {
        name: name.to_owned(),
        hint,
    }
}

fn names_on_shelves() -> Vec<String> {
    let mut names: Vec<String> = shelves()
        .filter_map(|shelf| fs::read_dir(shelf).ok())
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let holds_scene = entry.path().join(SCENE_FILE).is_file();
            holds_scene.then(|| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
