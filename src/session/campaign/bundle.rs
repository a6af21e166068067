//! A scene with the files that it imports, as one thing that can be sent.

use std::cell::RefCell;
#[cfg(feature = "cluster")]
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[cfg(feature = "cluster")]
use serde::{Deserialize, Serialize};

use crate::files;
use crate::problem::Problem;
use crate::scene;
use crate::session::open::{import_text, open_with};
use crate::session::{OpenError, Opened};
use crate::simulation::{Fingerprint, Plant};

/// A bundle is no larger than this when it is unpacked.
#[cfg(feature = "cluster")]
const MAX_UNPACKED_BYTES: usize = 512 << 20;
/// How hard it is packed: quick, as scenes are text.
#[cfg(feature = "cluster")]
const LEVEL: i32 = 3;

/// A scene's text and the files that it imports. Its address says what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    /// Packed for sending: zstd around the length of a JSON head, the head, and the files' bytes.
    #[cfg(feature = "cluster")]
    pub fn pack(&self) -> std::io::Result<Vec<u8>> {
        let head = Head {
            scene: self.scene.clone(),
            files: self
                .files
                .iter()
                .map(|(path, bytes)| (path.clone(), bytes.len()))
                .collect(),
        };
        let head = serde_json::to_vec(&head)?;
        let mut all = (head.len() as u64).to_le_bytes().to_vec();
        all.extend(head);
        for (_, bytes) in &self.files {
            all.extend(bytes);
        }
        zstd::stream::encode_all(all.as_slice(), LEVEL)
    }

    /// What [`pack`](Self::pack) packed, or what is wrong with it.
    #[cfg(feature = "cluster")]
    pub fn unpack(packed: &[u8]) -> Result<Self, String> {
        let unpacked = zstd::stream::Decoder::new(packed);
        let unpacked = unpacked.map_err(|error| error.to_string())?;
        let mut all = Vec::new();
        let mut limited = unpacked.take(MAX_UNPACKED_BYTES as u64 + 1);
        let read = limited.read_to_end(&mut all);
        read.map_err(|error| format!("the bundle cannot be unpacked: {error}"))?;
        if all.len() > MAX_UNPACKED_BYTES {
            return Err(format!(
                "the bundle has more than {MAX_UNPACKED_BYTES} bytes"
            ));
        }
        let torn = || "the bundle ends too early".to_owned();
        let (length, rest) = all.split_first_chunk::<8>().ok_or_else(torn)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| torn())?;
        let (head, mut rest) = rest.split_at_checked(length).ok_or_else(torn)?;
        let head: Head = serde_json::from_slice(head)
            .map_err(|error| format!("the head of the bundle is none: {error}"))?;
        let mut files = Vec::with_capacity(head.files.len());
        for (path, length) in head.files {
            let (bytes, after) = rest.split_at_checked(length).ok_or_else(torn)?;
            files.push((path, bytes.to_vec()));
            rest = after;
        }
        Ok(Self {
            scene: head.scene,
            files,
        })
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
            drawings: Vec::new(),
        })
    }
}

/// What stands before the files of a packed bundle.
#[cfg(feature = "cluster")]
#[derive(Serialize, Deserialize)]
struct Head {
    scene: String,
    files: Vec<(String, usize)>,
}

/// Opens the scene at `path`, or the shipped scene of that name, and keeps what was read.
pub fn open_bundled(path: &Path) -> Result<(Opened, Bundle), OpenError> {
    let read = RefCell::new(Vec::new());
    let (opened, scene) = open_with(path, |file, bytes| {
        read.borrow_mut().push((file.to_owned(), bytes.to_vec()));
    })?;
    let files = read.into_inner();
    Ok((opened, Bundle { scene, files }))
}
