//! Work for many machines, through NATS JetStream (feature `cluster`). Floor 4.
//!
//! A [producer](produce()) puts tasks into a work queue, any number of [workers](work()) take
//! them; results come back through a second stream. What tasks are is not known here: bytes in,
//! bytes out. What many tasks share travels once, as a bundle in an object store.
//!
//! ```text
//! parallax.task.<version>.<session>   work queue; acknowledged after the result is safe
//! parallax.result.<session>           results; a large one lies in the object store
//! parallax.worker.<version>           who is there, every second
//! parallax.producer.<session>         whose work goes on, every second
//! parallax.told.<worker>              what a producer holds against a worker
//! ```
//!
//! Both streams drop what comes twice by its `Nats-Msg-Id`; a result that comes twice all the
//! same is counted once. A worker takes the tasks of its own version only, and leaves those of a
//! producer that is gone.

mod producer;
mod worker;

use std::env;
use std::fmt::Display;
use std::net::IpAddr;
use std::time::Duration;

use async_nats::jetstream::{self, Context, object_store, stream};
use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, HeaderMap, ServerAddr};
use thiserror::Error;
use tokio::io::AsyncReadExt;

pub use producer::{Job, Judge, News, Verdict, produce};
pub use worker::{Handler, work};

/// The stream of tasks, that of results, and where bundles lie.
const TASKS: &str = "PARALLAX_TASKS";
const RESULTS: &str = "PARALLAX_RESULTS";
const BUNDLES: &str = "PARALLAX_BUNDLES";
/// What nobody fetched after this long is dropped.
const KEPT: Duration = Duration::from_secs(86_400);
/// Each stream holds so much at most.
const MAX_STREAM_BYTES: i64 = 1 << 30;
/// A larger bundle is refused.
const MAX_BUNDLE_BYTES: usize = 64 << 20;
/// A larger result is refused.
const MAX_RESULT_BYTES: usize = 128 << 20;
/// A result of this size and more goes through the object store, as a message holds 1 MiB.
const LARGE_RESULT_BYTES: usize = 512 << 10;
/// A message that comes again within this time is dropped by the server.
const DUPLICATES: Duration = Duration::from_secs(120);
/// A task whose worker says nothing for so long goes to another.
const ACK_WAIT: Duration = Duration::from_secs(10);
/// Waits between tries grow from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(3);
/// How long the servers may be without a leader.
const PATIENCE: Duration = Duration::from_secs(60);

/// Header fields.
const ID: &str = "Nats-Msg-Id";
const BUNDLE: &str = "Parallax-Bundle";
const WORKER: &str = "Parallax-Worker";
const NOT_WORKER: &str = "Parallax-Not-Worker";
const TASK: &str = "Parallax-Task";
const FAILED: &str = "Parallax-Failed";
const OBJECT: &str = "Parallax-Object";

/// Why the cluster cannot be worked with.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// An address is none.
    #[error("`{text}` is no address of a NATS server: {why}; write nats://host:port")]
    Address {
        /// What was written, without secrets.
        text: String,
        /// What is wrong.
        why: String,
    },
    /// A server beyond this machine needs encryption.
    #[error(
        "`{host}` is another machine: write tls://, and name credentials in PARALLAX_NATS_CREDS"
    )]
    Unencrypted {
        /// The server.
        host: String,
    },
    /// The servers do not let us in, or are not whom we trust.
    #[error(
        "NATS refuses: {0}; name credentials in PARALLAX_NATS_CREDS and authorities in \
         PARALLAX_NATS_CA"
    )]
    Refused(String),
    /// Something failed for longer than we are patient.
    #[error("{what} failed for {} s: {why}", PATIENCE.as_secs())]
    GaveUp {
        /// What was tried.
        what: &'static str,
        /// What the last try said.
        why: String,
    },
    /// Something is larger than can be sent.
    #[error("{what} has {bytes} bytes, and {most} are the most")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// What is allowed.
        most: usize,
    },
    /// A task failed again and again.
    #[error("task {task} failed {tries} times, last: {why}")]
    Task {
        /// Which.
        task: String,
        /// How often.
        tries: u32,
        /// What was said last.
        why: String,
    },
    /// Nobody answers.
    #[error(
        "{open} of {tasks} tasks are open, {workers} workers may compute them, and no result came \
         for {secs} s{}; start workers with `parallax worker --nats URL`",
        if why.is_empty() { String::new() } else { format!(" ({why})") }
    )]
    Silent {
        /// Tasks without a result.
        open: usize,
        /// All tasks.
        tasks: usize,
        /// Workers that were heard of lately.
        workers: usize,
        /// Seconds since the last result.
        secs: u64,
        /// What the servers say.
        why: String,
    },
    /// The one who asked does not want more.
    #[error("{0}")]
    Stopped(String),
    /// This machine refused a runtime.
    #[error("no thread for the network: {0}")]
    Runtime(#[from] std::io::Error),
}

/// A connection, and how often what is stored is to be kept.
#[derive(Clone)]
struct Link {
    client: Client,
    stream: Context,
    replicas: usize,
}

/// Runs a future to its end on this thread.
fn block_on<T>(work: impl Future<Output = Result<T, ClusterError>>) -> Result<T, ClusterError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// Connects to the servers at `urls`, with commas between them.
///
/// Credentials come from the file that `PARALLAX_NATS_CREDS` names, authorities to trust from
/// `PARALLAX_NATS_CA`. They are never logged.
async fn connect(urls: &str, name: &str) -> Result<Link, ClusterError> {
    let mut addresses = Vec::new();
    let mut encrypted = false;
    for text in urls.split(',').map(str::trim) {
        let address: ServerAddr = text.parse().map_err(|why: std::io::Error| {
            let host = text.rsplit('@').next().unwrap_or_default();
            ClusterError::Address {
                text: host.to_owned(),
                why: why.to_string(),
            }
        })?;
        let host = address.host();
        let local = host == "localhost"
            || host
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback());
        if !local && !address.tls_required() {
            let host = host.to_owned();
            return Err(ClusterError::Unencrypted { host });
        }
        encrypted |= address.tls_required();
        addresses.push(address);
    }
    let mut options = ConnectOptions::new().name(name).require_tls(encrypted);
    if let Some(path) = env::var_os("PARALLAX_NATS_CREDS") {
        options = options.credentials_file(path).await?;
    }
    if let Some(path) = env::var_os("PARALLAX_NATS_CA") {
        options = options.add_root_certificates(path.into());
    }
    let options = &options;
    let client = patiently("connecting to NATS", async || {
        match options.clone().connect(addresses.clone()).await {
            // Waiting does not mend these.
            Err(error) if is_refusal(&error) => Ok(Err(error)),
            other => other.map(Ok),
        }
    })
    .await?;
    let client = client.map_err(|error| ClusterError::Refused(error.to_string()))?;
    // Servers of a cluster tell each other's addresses, but not before they have met.
    let servers = addresses.len().max(client.server_info().connect_urls.len());
    let replicas = if servers >= 3 { 3 } else { 1 };
    Ok(Link {
        stream: jetstream::new(client.clone()),
        client,
        replicas,
    })
}

fn is_refusal(error: &ConnectError) -> bool {
    let kind = error.kind();
    // A certificate that nobody here trusts comes as an error of the connection.
    let is_untrusted = kind == ConnectErrorKind::Io && error.to_string().contains("certificate");
    is_untrusted
        || matches!(
            kind,
            ConnectErrorKind::Authentication
                | ConnectErrorKind::AuthorizationViolation
                | ConnectErrorKind::Tls
        )
}

impl Link {
    /// The stream of tasks.
    async fn tasks(&self) -> Result<stream::Stream, ClusterError> {
        let config = stream::Config {
            name: TASKS.to_owned(),
            subjects: vec!["parallax.task.>".to_owned()],
            retention: stream::RetentionPolicy::WorkQueue,
            ..self.stream_config()
        };
        patiently("opening the tasks", async || {
            self.stream.get_or_create_stream(config.clone()).await
        })
        .await
    }

    /// The stream of results.
    async fn results(&self) -> Result<stream::Stream, ClusterError> {
        let config = stream::Config {
            name: RESULTS.to_owned(),
            subjects: vec!["parallax.result.>".to_owned()],
            ..self.stream_config()
        };
        patiently("opening the results", async || {
            self.stream.get_or_create_stream(config.clone()).await
        })
        .await
    }

    fn stream_config(&self) -> stream::Config {
        stream::Config {
            num_replicas: self.replicas,
            duplicate_window: DUPLICATES,
            max_age: KEPT,
            max_bytes: MAX_STREAM_BYTES,
            discard: stream::DiscardPolicy::New,
            ..stream::Config::default()
        }
    }

    /// Where bundles lie.
    async fn bundles(&self) -> Result<object_store::ObjectStore, ClusterError> {
        let config = || object_store::Config {
            bucket: BUNDLES.to_owned(),
            num_replicas: self.replicas,
            max_age: KEPT,
            max_bytes: MAX_STREAM_BYTES,
            ..object_store::Config::default()
        };
        patiently("opening the bundles", async || {
            match self.stream.get_object_store(BUNDLES).await {
                Ok(store) => Ok(store),
                Err(_) => self.stream.create_object_store(config()).await,
            }
        })
        .await
    }

    /// Puts bytes into the object store.
    async fn store(&self, name: &str, bytes: &[u8]) -> Result<(), ClusterError> {
        let store = self.bundles().await?;
        patiently("sending a large result", async || {
            let mut reader = bytes;
            store.put(name, &mut reader).await
        })
        .await?;
        Ok(())
    }

    /// Takes bytes out of the object store, where they are not kept.
    async fn fetch(&self, name: &str) -> Result<Vec<u8>, ClusterError> {
        let store = self.bundles().await?;
        let what = "fetching a large result";
        let bytes = patiently(what, async || read(&store, name, MAX_RESULT_BYTES).await).await?;
        store.delete(name).await.ok(); // it goes by its age
        Ok(bytes)
    }

    /// Publishes, and returns when the servers have it safe.
    async fn publish(
        &self,
        subject: &str,
        headers: &HeaderMap,
        payload: &[u8],
    ) -> Result<(), ClusterError> {
        let (bytes, most) = (payload.len(), self.client.server_info().max_payload);
        // Headers count as well.
        if most > 0 && bytes + 4_096 > most {
            let what = "a message";
            return Err(ClusterError::TooLarge { what, bytes, most });
        }
        patiently("publishing", async || {
            let (subject, headers) = (subject.to_owned(), headers.clone());
            let payload = payload.to_vec().into();
            let sent = self
                .stream
                .publish_with_headers(subject, headers, payload)
                .await?;
            sent.await
        })
        .await?;
        Ok(())
    }
}

/// Reads an object of `most` bytes at most.
async fn read(
    store: &object_store::ObjectStore,
    name: &str,
    most: usize,
) -> Result<Vec<u8>, String> {
    let object = store.get(name).await.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let mut object = object.take(most as u64 + 1);
    let done = object.read_to_end(&mut bytes).await;
    done.map_err(|error| error.to_string())?;
    match bytes.len() > most {
        true => Err(format!("it has more than {most} bytes")),
        false => Ok(bytes),
    }
}

/// Tries until it works, or until we are no longer patient.
async fn patiently<T, E: Display>(
    what: &'static str,
    mut work: impl AsyncFnMut() -> Result<T, E>,
) -> Result<T, ClusterError> {
    let (mut wait, mut waited) = (FIRST_WAIT, Duration::ZERO);
    loop {
        let error = match tokio::time::timeout(ACK_WAIT, work()).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                waited += ACK_WAIT;
                "no answer".to_owned()
            }
        };
        if waited >= PATIENCE {
            return Err(ClusterError::GaveUp { what, why: error });
        }
        tracing::debug!("{what}: {error}; trying again");
        tokio::time::sleep(wait).await;
        waited += wait;
        wait = (wait * 2).min(LAST_WAIT);
    }
}

/// A version as a part of a subject.
fn subject_of(version: &str) -> String {
    version.replace(['.', ' ', '*', '>'], "_")
}

/// A header's field as text.
fn text_of<'m>(headers: &'m HeaderMap, name: &str) -> &'m str {
    headers.get(name).map_or("", |value| value.as_str())
}
