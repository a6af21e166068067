//! The drawings of a scene: read from its folder, and matched with its assets.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files;
use crate::import::gltf::{Drawing, Piece};
use crate::problem::{Problem, did_you_mean};
use crate::scene::{AssetIndex, Scene};

/// Larger drawings are refused: 64 MiB.
const MAX_BYTES: usize = 64 << 20;

/// The drawings of a scene, as their files are now.
pub struct ReadDrawings {
    /// By the scene's drawings: what is in the file, or what is wrong with it.
    pub drawings: Vec<Result<Arc<Drawing>, Problem>>,
    /// Every file that was asked for: drawings, and buffers beside them.
    pub files: Vec<PathBuf>,
}

/// Reads the drawings of a scene, in its order, or says all that is wrong with them.
pub(super) fn read(scene: &Scene, folder: &Path) -> Result<Vec<Arc<Drawing>>, Vec<Problem>> {
    let (mut drawings, mut problems) = (Vec::new(), Vec::new());
    for drawing in read_drawings(scene, folder).drawings {
        match drawing {
            Ok(drawing) => drawings.push(drawing),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        problems.extend(nowhere(scene, &drawings));
    }
    if problems.is_empty() {
        Ok(drawings)
    } else {
        Err(problems)
    }
}

/// Nodes that types of the scene move and that are in none of the drawings of their assets.
fn nowhere(scene: &Scene, drawings: &[Arc<Drawing>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    let laid = || scene.drawings.iter().zip(drawings);
    let placed: Vec<&Drawing> = laid()
        .filter(|(file, _)| file.place.is_some())
        .map(|(_, drawing)| &**drawing)
        .collect();
    for asset in &scene.assets {
        if asset.moves.is_empty() || !seen.insert(asset.kind.as_str()) {
            continue;
        }
        let own = asset.drawing.and_then(|file| drawings.get(file));
        let own = own.map(|drawing| &**drawing);
        let all: Vec<&Drawing> = own.into_iter().chain(placed.iter().copied()).collect();
        let pieces = all.iter().flat_map(|drawing| &drawing.pieces);
        for one in asset.moves.iter() {
            if !pieces.clone().any(|piece| piece.names.contains(&one.node)) {
                let (node, kind) = (&one.node, &asset.kind);
                let message = format!(
                    "the type `{kind}` moves the node `{node}`, which is in no drawing of it"
                );
                let names = pieces.clone().flat_map(|piece| &piece.names);
                let hint = did_you_mean(node, names.map(String::as_str));
                problems.push(Problem::new(None, message, hint));
            }
        }
    }
    problems
}

/// Reads the drawings of a scene, in its order, each for itself.
pub fn read_drawings(scene: &Scene, folder: &Path) -> ReadDrawings {
    let asked = RefCell::new(Vec::new());
    let bytes_of = |path: PathBuf| {
        let bytes = files::read_import(&path, MAX_BYTES);
        asked.borrow_mut().push(path);
        bytes.map_err(|error| error.to_string())
    };
    let drawings = scene.drawings.iter().map(|drawing| {
        let path = folder.join(&drawing.file);
        let beside = |name: &Path| bytes_of(path.parent()?.join(name)).ok();
        let read = bytes_of(path.clone())
            .and_then(|bytes| Drawing::read(&bytes, beside).map_err(|error| error.to_string()));
        read.map(Arc::new).map_err(|error| {
            let message = format!("the drawing `{}` cannot be used: {error}", drawing.file);
            let hint = "paths of drawings start at the folder of the scene; write glTF 2.0";
            Problem::new(None, message, hint)
        })
    });
    ReadDrawings {
        drawings: drawings.collect(),
        files: asked.into_inner(),
    }
}

/// The asset that a piece of a drawing is a part of: the nearest of its names that is a tag.
pub fn asset_of(piece: &Piece, scene: &Scene) -> Option<AssetIndex> {
    piece.names.iter().find_map(|name| scene.find_asset(name))
}

/// What a drawing and a scene know of each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrawingMatch {
    /// The file.
    pub file: String,
    /// The tags of assets that are drawn by nodes of it, sorted.
    pub matched: Vec<String>,
    /// Names of nodes that are no asset, sorted: scenery.
    pub scenery: Vec<String>,
}

/// Each drawing that holds what is passed over, by its file, with that.
pub fn unread_of<'d>(
    scene: &'d Scene,
    drawings: &'d [Arc<Drawing>],
) -> impl Iterator<Item = (&'d str, &'d [String])> {
    let files = scene.drawings.iter().zip(drawings);
    let files = files.map(|(file, drawing)| (file.file.as_str(), &drawing.unread[..]));
    files.filter(|(_, unread)| !unread.is_empty())
}

/// What became of each drawing whose nodes are assets.
pub fn matches(scene: &Scene, drawings: &[Arc<Drawing>]) -> Vec<DrawingMatch> {
    let laid = scene.drawings.iter().zip(drawings);
    let laid = laid.filter(|(file, _)| file.place.is_some());
    laid.map(|(file, drawing)| {
        let mut found = DrawingMatch {
            file: file.file.clone(),
            ..DrawingMatch::default()
        };
        for piece in &drawing.pieces {
            match asset_of(piece, scene) {
                Some(asset) => found.matched.push(scene.asset(asset).tag.clone()),
                None => found.scenery.extend(piece.names.first().cloned()),
            }
        }
        for list in [&mut found.matched, &mut found.scenery] {
            list.sort_unstable();
            list.dedup();
        }
        found
    })
    .collect()
}
