//! The shipped scenes, for tests.

use std::path::Path;

use parallax::session::{self, Opened};

pub(crate) fn waterworks() -> Opened {
    open("waterworks")
}

pub(crate) fn open(name: &str) -> Opened {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenes")
        .join(name);
    session::open(&folder).unwrap_or_else(|error| panic!("{error}"))
}
