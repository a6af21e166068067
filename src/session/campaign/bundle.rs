//! A scene with the files that it imports, as one thing that can be sent.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::files;
use crate::problem::Problem;
use crate::scene;
use crate::session::open::{import_text, open_with};
use crate::session::{OpenError, Opened};
use crate::simulation::{Fingerprint, Plant};

/// A scene's text and the files that it imports. Its address says what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The text of the scene.
    pub scene: String,
    /// What it imports: the path as the scene writes it, and the bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Bundle {
    /// A number made of all that is in it.
    pub fn address(&self) -> u64 {
        let mut print = Fingerprint::default();
        print.bytes(self.scene.as_bytes());
        for (path, bytes) in &self.files {
            print.bytes(path.as_bytes());
            print.bytes(bytes);
        }
        print.value()
    }

    /// Opens the scene from what is in the bundle alone: no file is read.
    pub fn open(&self) -> Result<Opened, OpenError> {
        let file = PathBuf::from("scene.ron");
        let missing = |name: &str| {
            let message = format!("`{name}` is not in the bundle");
            vec![Problem::new(None, message, "bundle the scene again")]
        };
        let parsed = scene::parse_with(&self.scene, &mut |import| {
            let scene::ImportSpec::Epanet(epanet) = import;
            let found = self.files.iter().find(|(path, _)| *path == epanet.file);
            let (_, bytes) = found.ok_or_else(|| missing(&epanet.file))?;
            import_text(bytes, import, &epanet.file)
        });
        let scene = parsed.map_err(|problems| files::OpenError::Invalid {
            file: file.clone(),
            problems,
        })?;
        let plant = Plant::build(&scene).map_err(|problems| OpenError::Models {
            problems,
            file: file.clone(),
        })?;
        Ok(Opened {
            scene: Arc::new(scene),
            plant: Arc::new(plant),
            file,
            folder: PathBuf::new(),
        })
    }
}

/// Opens the scene at `path`, or the shipped scene of that name, and keeps what was read.
pub(super) fn open_bundled(path: &Path) -> Result<(Opened, Bundle), OpenError> {
    let read = RefCell::new(Vec::new());
    let (opened, scene) = open_with(path, |file, bytes| {
        read.borrow_mut().push((file.to_owned(), bytes.to_vec()));
    })?;
    let files = read.into_inner();
    Ok((opened, Bundle { scene, files }))
}
