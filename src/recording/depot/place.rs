//! From the name of a place, as a person writes it, to the depot there.

use thiserror::Error;

use super::{Depot, Folder};

/// Why there is no depot at a place.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// A password or a signature stands in the URL. It is not repeated here.
    #[error(
        "a URL of a store must not hold secrets; set AWS_…, GOOGLE_… or AZURE_… in the environment instead"
    )]
    Secret,
    /// The URL is of a kind that we do not know.
    #[error(
        "`{scheme}://` is no kind of store; write a folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
    )]
    Unknown {
        /// What stands before `://`.
        scheme: String,
    },
    /// The URL names no bucket.
    #[error("no bucket is named; write it as in s3://bucket/prefix: {place}")]
    NoBucket {
        /// The URL.
        place: String,
    },
    /// This program cannot speak to clouds.
    #[error(
        "this Parallax is built without the feature `lake`, and knows folders only; build it with `--features lake`: {place}"
    )]
    NoLake {
        /// The URL.
        place: String,
    },
    /// The store cannot be had.
    #[error("{reason}: {place}")]
    Refused {
        /// What the file system or the cloud's client says.
        reason: String,
        /// The URL.
        place: String,
    },
}

/// The parts of a URL of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Url<'u> {
    pub(super) text: &'u str,
    pub(super) scheme: &'u str,
    /// Empty for what is on this machine.
    pub(super) bucket: &'u str,
    /// A folder of this machine, or a prefix without a `/` in front.
    pub(super) path: &'u str,
}

/// The depot at `place`: a folder, `file:///folder`, or a URL such as `s3://bucket/prefix`.
///
/// Nothing is asked of the cloud yet.
pub fn open(place: &str) -> Result<Box<dyn Depot>, PlaceError> {
    if !place.contains("://") {
        return Ok(Box::new(Folder::new(place)));
    }
    let url = Url::parse(place)?;
    match url.scheme {
        "file" => Ok(Box::new(Folder::new(url.path))),
        "s3" | "gs" | "az" | "memory" => lake(place),
        _ => Err(url.unknown()),
    }
}

#[cfg(feature = "lake")]
fn lake(place: &str) -> Result<Box<dyn Depot>, PlaceError> {
    Ok(Box::new(super::Lake::open(place)?))
}

#[cfg(not(feature = "lake"))]
fn lake(place: &str) -> Result<Box<dyn Depot>, PlaceError> {
    let place = place.to_owned();
    Err(PlaceError::NoLake { place })
}

impl<'u> Url<'u> {
    /// Takes a URL apart. One that holds a secret is refused, and not told to anyone.
    pub(super) fn parse(text: &'u str) -> Result<Self, PlaceError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let host = rest.split('/').next().unwrap_or_default();
        let local = matches!(scheme, "file" | "memory");
        if host.contains('@') || !local && rest.contains(['?', '#']) {
            return Err(PlaceError::Secret);
        }
        let mut url = Self {
            text,
            scheme,
            bucket: "",
            path: rest,
        };
        if scheme == "memory" {
            url.path = rest.trim_start_matches('/');
        } else if scheme != "file" {
            let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
            (url.bucket, url.path) = (bucket, path);
            if bucket.is_empty() && matches!(scheme, "s3" | "gs" | "az") {
                let place = text.to_owned();
                return Err(PlaceError::NoBucket { place });
            }
        }
        Ok(url)
    }

    pub(super) fn unknown(&self) -> PlaceError {
        PlaceError::Unknown {
            scheme: self.scheme.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refusal(place: &str) -> String {
        match open(place) {
            Ok(_) => panic!("`{place}` is opened"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_url_is_taken_apart() {
        let parts = |text| Url::parse(text).map(|url| (url.scheme, url.bucket, url.path));
        for (text, expected) in [
            ("s3://plant/north/store", ("s3", "plant", "north/store")),
            ("gs://plant", ("gs", "plant", "")),
            ("file:///var/store", ("file", "", "/var/store")),
            ("memory:///a/b", ("memory", "", "a/b")),
        ] {
            assert_eq!(parts(text).expect("a place"), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_in_a_url_is_refused_and_not_repeated() {
        for place in [
            "s3://key:hunter2@bucket/store",
            "az://container/store?sig=hunter2",
            "https://user:hunter2@host/store",
        ] {
            let error = refusal(place);
            assert!(error.contains("must not hold secrets"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_place_that_is_none_is_told_in_words() {
        assert!(refusal("ftp://host/store").contains("`ftp://` is no kind of store"));
        assert!(refusal("s3:///store").contains("no bucket is named"));
        assert_eq!(
            open("file:///x/y").map(|it| it.place()).ok().as_deref(),
            Some("/x/y")
        );
        assert_eq!(
            open("x/y").map(|it| it.place()).ok().as_deref(),
            Some("x/y")
        );
    }

    #[cfg(not(feature = "lake"))]
    #[test]
    fn without_the_feature_a_cloud_is_refused() {
        assert!(refusal("s3://bucket/store").contains("feature `lake`"));
    }
}
