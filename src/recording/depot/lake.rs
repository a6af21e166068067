//! A depot in the cloud: S3, Google Cloud Storage, Azure, and what speaks like them.
//!
//! Credentials come from the environment, by the names that each cloud's own tools use
//! (`AWS_…`, `GOOGLE_…`, `AZURE_…`). They never stand in a URL, an error or a log.
//!
//! Limitations: the lock of a store is a file of a folder, so two recorders in one lake must
//! be told apart by name.

use std::env;
use std::future::{self, Future};
use std::io;
use std::ops::Range;
use std::str::FromStr;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStoreExt, RetryConfig, WriteMultipart};
use object_store::{Error as StoreError, ObjectStore};
use tokio::runtime::{Builder, Handle};
use tokio::task::AbortHandle;

use super::place::{PlaceError, Url};
use super::{Depot, DepotError, Entry, Piece};

/// A larger file goes up in parts of this size: each must fit into [`REQUEST_TIMEOUT`] on a
/// slow line, and one that fails is repeated alone.
const PART: usize = 8 << 20;
/// Parts that are under way at once.
const PARTS_AT_ONCE: usize = 4;
/// A request that takes longer is given up, and tried again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Tries after the first.
const RETRIES: usize = 4;
/// No try begins later than this after the first.
const RETRY_TIMEOUT: Duration = Duration::from_secs(60);
/// What a server says, as far as it goes into a message.
const LONGEST_REASON: usize = 400;

/// Files of a bucket, below a prefix.
#[derive(Clone)]
pub struct Lake {
    inside: Arc<Inside>,
}

struct Inside {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    place: String,
    worker: Worker,
}

/// The thread on which requests make progress.
struct Worker {
    handle: Handle,
    stop: AbortHandle,
}

struct OpenObject {
    lake: Lake,
    path: Path,
    bytes: u64,
}

impl Lake {
    /// The depot of a URL such as `s3://bucket/prefix`, `gs://bucket/prefix` or
    /// `az://container/prefix`, with what the environment says; `file:///folder` and
    /// `memory:///` are understood too.
    pub fn open(url: &str) -> Result<Self, PlaceError> {
        Self::open_with(url, env::vars())
    }

    /// As [`open`](Self::open), with these settings instead of the environment's.
    pub fn open_with(
        url: &str,
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, PlaceError> {
        let url = Url::parse(url)?;
        let refused = |source: StoreError| PlaceError::Refused {
            reason: reason_of(&source),
            place: url.text.to_owned(),
        };
        let settings: Vec<_> = settings.into_iter().collect();
        // Clients panic without one. An error says that there is one already.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let root = format!("{}://{}", url.scheme, url.bucket);
        let store: Arc<dyn ObjectStore> = match url.scheme {
            "s3" => {
                let builder = AmazonS3Builder::new()
                    .with_client_options(client_options())
                    .with_retry(retries())
                    .with_url(root);
                let builder = with_settings(builder, &settings, "AWS_", |builder, key, value| {
                    builder.with_config(key, value)
                });
                Arc::new(builder.build().map_err(refused)?)
            }
            "gs" => {
                let builder = GoogleCloudStorageBuilder::new()
                    .with_client_options(client_options())
                    .with_retry(retries())
                    .with_url(root);
                let builder =
                    with_settings(builder, &settings, "GOOGLE_", |builder, key, value| {
                        builder.with_config(key, value)
                    });
                Arc::new(builder.build().map_err(refused)?)
            }
            "az" => {
                let builder = MicrosoftAzureBuilder::new()
                    .with_client_options(client_options())
                    .with_retry(retries())
                    .with_url(root);
                let builder = with_settings(builder, &settings, "AZURE_", |builder, key, value| {
                    builder.with_config(key, value)
                });
                Arc::new(builder.build().map_err(refused)?)
            }
            "file" => return Self::over_folder(url.path, url.text),
            "memory" => Arc::new(InMemory::new()),
            _ => return Err(url.unknown()),
        };
        Self::over(store, url.path, url.text)
    }

    /// The depot of what lies below `prefix` in `store`; `place` is its name for people.
    pub fn over(
        store: Arc<dyn ObjectStore>,
        prefix: &str,
        place: &str,
    ) -> Result<Self, PlaceError> {
        let refused = |reason| PlaceError::Refused {
            reason,
            place: place.to_owned(),
        };
        let prefix = Path::parse(prefix.trim_end_matches('/'))
            .map_err(|error| refused(error.to_string()))?;
        let worker = Worker::start().map_err(|error| refused(error.to_string()))?;
        Ok(Self {
            inside: Arc::new(Inside {
                store,
                prefix,
                place: place.trim_end_matches('/').to_owned(),
                worker,
            }),
        })
    }

    fn over_folder(folder: &str, place: &str) -> Result<Self, PlaceError> {
        let refused = |reason: String| PlaceError::Refused {
            reason,
            place: place.to_owned(),
        };
        std::fs::create_dir_all(folder).map_err(|error| refused(error.to_string()))?;
        let store =
            LocalFileSystem::new_with_prefix(folder).map_err(|error| refused(error.to_string()))?;
        Self::over(Arc::new(store.with_fsync(true)), "", place)
    }

    /// Where a file of this depot stands in the store.
    fn path(&self, path: &str) -> Result<Path, DepotError> {
        let full = if self.inside.prefix.is_root() || path.is_empty() {
            format!("{}{path}", self.inside.prefix)
        } else {
            format!("{}/{path}", self.inside.prefix)
        };
        Path::parse(full).map_err(|error| self.refused(path, StoreError::from(error)))
    }

    /// Waits for what `ask` asks of the store.
    fn wait<T: Send + 'static, F>(
        &self,
        path: &str,
        ask: impl FnOnce(Arc<dyn ObjectStore>) -> F,
    ) -> Result<T, DepotError>
    where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let answer = self.inside.worker.wait(ask(Arc::clone(&self.inside.store)));
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.refused(path, error)),
            Err(source) => Err(DepotError {
                place: self.place_of(path),
                source,
            }),
        }
    }

    fn place_of(&self, path: &str) -> String {
        format!("{}/{path}", self.inside.place)
    }

    fn refused(&self, path: &str, error: StoreError) -> DepotError {
        let kind = match &error {
            StoreError::NotFound { .. } => io::ErrorKind::NotFound,
            StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
                io::ErrorKind::PermissionDenied
            }
            StoreError::InvalidPath { .. } => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::Other,
        };
        DepotError {
            place: self.place_of(path),
            source: io::Error::new(kind, reason_of(&error)),
        }
    }
}

impl Depot for Lake {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, DepotError> {
        let below = self.path(folder)?;
        let prefix = self.inside.prefix.clone();
        self.wait(folder, move |store| async move {
            let mut listed = store.list(Some(&below));
            let mut entries = Vec::new();
            while let Some(object) = listed.try_next().await? {
                let Some(parts) = object.location.prefix_match(&prefix) else {
                    continue;
                };
                let parts: Vec<_> = parts.collect();
                if parts.iter().any(|part| part.as_ref().starts_with('.')) {
                    continue; // a draft
                }
                let parts: Vec<_> = parts.iter().map(AsRef::as_ref).collect();
                entries.push(Entry {
                    path: parts.join("/"),
                    bytes: object.size,
                });
            }
            Ok(entries)
        })
    }

    fn open(&self, path: &str) -> Result<Arc<dyn Piece>, DepotError> {
        let full = self.path(path)?;
        let asked = full.clone();
        let about = self.wait(path, move |store| async move { store.head(&asked).await })?;
        Ok(Arc::new(OpenObject {
            lake: self.clone(),
            path: full,
            bytes: about.size,
        }))
    }

    fn put(&self, path: &str, bytes: Bytes) -> Result<(), DepotError> {
        let full = self.path(path)?;
        self.wait(path, move |store| async move {
            if bytes.len() <= PART {
                store.put(&full, bytes.into()).await?;
                return Ok(());
            }
            let upload = store.put_multipart(&full).await?;
            let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
            let mut start = 0;
            while start < bytes.len() {
                upload.wait_for_capacity(PARTS_AT_ONCE).await?;
                let end = bytes.len().min(start + PART);
                upload.put(bytes.slice(start..end));
                start = end;
            }
            // On an error this takes the parts away again.
            upload.finish().await?;
            Ok(())
        })
    }

    fn remove(&self, path: &str) -> Result<(), DepotError> {
        let full = self.path(path)?;
        self.wait(path, move |store| async move {
            match store.delete(&full).await {
                Err(StoreError::NotFound { .. }) => Ok(()),
                other => other,
            }
        })
    }

    fn place(&self) -> String {
        self.inside.place.clone()
    }
}

impl Piece for OpenObject {
    fn len(&self) -> u64 {
        self.bytes
    }

    fn read(&self, range: Range<u64>) -> Result<Bytes, DepotError> {
        let shown = self.path.to_string();
        let short = || DepotError {
            place: self.lake.place_of(&shown),
            source: io::ErrorKind::UnexpectedEof.into(),
        };
        if range.end > self.bytes {
            return Err(short());
        }
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let wanted = range.end - range.start;
        let path = self.path.clone();
        let bytes = self.lake.wait(&shown, move |store| async move {
            store.get_range(&path, range).await
        })?;
        // Put over by a shorter one since it was opened.
        if bytes.len() as u64 != wanted {
            return Err(short());
        }
        Ok(bytes)
    }
}

impl Worker {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let ever = runtime.spawn(future::pending::<()>());
        let stop = ever.abort_handle();
        thread::Builder::new()
            .name("lake".to_owned())
            .spawn(move || runtime.block_on(ever).ok())?;
        Ok(Self { handle, stop })
    }

    /// Waits for an answer, on a plain thread.
    fn wait<F>(&self, ask: F) -> io::Result<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (told, answer) = mpsc::sync_channel(1);
        self.handle.spawn(async move {
            // Nobody waits any more only if the program ends.
            told.send(ask.await).ok();
        });
        let ended = |_| io::Error::other("the request ended without an answer");
        answer.recv().map_err(ended)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.abort();
    }
}

fn client_options() -> ClientOptions {
    ClientOptions::new()
        .with_timeout(REQUEST_TIMEOUT)
        .with_connect_timeout(CONNECT_TIMEOUT)
}

fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(10),
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: RETRY_TIMEOUT,
    }
}

/// Applies the settings whose names begin as those of a cloud do, as far as they are known.
fn with_settings<B, K: FromStr>(
    builder: B,
    settings: &[(String, String)],
    start: &str,
    apply: impl Fn(B, K, &str) -> B,
) -> B {
    let ours = settings.iter().filter(|(name, _)| name.starts_with(start));
    ours.fold(builder, |builder, (name, value)| {
        match name.to_ascii_lowercase().parse() {
            Ok(key) => apply(builder, key, value),
            Err(_) => builder,
        }
    })
}

/// What a store says, without what stands behind a `?` in a URL: it may be a signature.
fn reason_of(error: &StoreError) -> String {
    let text = match error {
        StoreError::NotFound { .. } => "it is not there".to_owned(),
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
            format!("check the credentials in the environment, and what they allow ({error})")
        }
        other => other.to_string(),
    };
    let mut told = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        match word.split_once('?') {
            Some((before, _)) if before.contains("://") => {
                told.push_str(before);
                told.push_str("?… ");
            }
            _ => told.push_str(word),
        }
    }
    told.chars().take(LONGEST_REASON).collect()
}
