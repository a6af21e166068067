//! Where to connect and as whom: a source's broker with its secrets resolved.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use thiserror::Error;

use super::backoff::entropy;
use super::tls;
use crate::scene::spec::MqttSpec;
use crate::scene::{BrokerUrl, BrokerUrlError, MqttVersion, Secret};
use crate::time::{DurationError, parse_duration};

/// Everything that is needed to connect to a broker.
#[derive(Clone)]
pub struct Endpoint {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) version: MqttVersion,
    pub(super) client_id: String,
    pub(super) keep_alive: Duration,
    pub(super) credentials: Option<Credentials>,
    pub(super) tls: Option<Arc<ClientConfig>>,
}

/// A user and password. Never shown.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

/// Why a source cannot even try to connect.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// Not the address of a broker.
    #[error("{0}: `{1}`")]
    Broker(BrokerUrlError, String),
    /// An environment variable that is named in the scene is not set.
    #[error("the environment variable `{name}` is not set; it must hold the {what}")]
    MissingSecret {
        /// The variable.
        name: String,
        /// What it must hold.
        what: &'static str,
    },
    /// A password and no user.
    #[error("a password needs a `username`")]
    PasswordWithoutUser,
    /// The keep-alive interval cannot be read.
    #[error("`keep_alive`: {0}")]
    KeepAlive(#[from] DurationError),
    /// Certificates or keys for a broker that is reached without TLS.
    #[error("certificates need `mqtts://`, but the broker is `{url}`")]
    CertificateWithoutTls {
        /// The broker.
        url: String,
    },
    /// A certificate without its key, or a key without its certificate.
    #[error("`client_cert` and `client_key` belong together; only one is given")]
    HalfIdentity,
    /// A PEM file that cannot be read.
    #[error("cannot read PEM file: {reason}: {path}")]
    BadPem {
        /// What is wrong.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// This computer's list of authorities cannot be read.
    #[error("this computer has no list of authorities to trust ({0}); name a `ca_file`")]
    NoSystemRoots(String),
    /// The certificates do not make a TLS configuration.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The thread could not be started.
    #[error("cannot start the connection's thread: {0}")]
    Thread(#[from] io::Error),
}

impl Endpoint {
    /// Resolves what `spec` names: secrets by `environment`, files relative to `folder`.
    pub fn resolve(
        spec: &MqttSpec,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, EndpointError> {
        let (encrypted, host, port) = broker_address(&spec.broker)?;
        let certificates = [&spec.ca_file, &spec.client_cert, &spec.client_key];
        if !encrypted && certificates.iter().any(|file| file.is_some()) {
            return Err(EndpointError::CertificateWithoutTls {
                url: spec.broker.clone(),
            });
        }
        let tls = encrypted.then(|| tls::client_config(spec, folder));
        // MQTT counts whole seconds in 16 bits, and zero would switch the check off.
        let keep_alive = parse_duration(&spec.keep_alive)?.as_secs().clamp(1, 65_535);
        Ok(Self {
            host,
            port,
            version: spec.version,
            client_id: format!("{}-{:08x}", spec.client_id, entropy() >> 32),
            keep_alive: Duration::from_secs(keep_alive),
            credentials: credentials(spec, environment)?,
            tls: tls.transpose()?,
        })
    }

    /// As [`resolve`](Self::resolve), with the secrets of this process's environment.
    pub fn from_environment(spec: &MqttSpec, folder: &Path) -> Result<Self, EndpointError> {
        Self::resolve(spec, folder, &|name| std::env::var(name).ok())
    }

    /// The broker as a URL, without secrets.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "mqtts" } else { "mqtt" };
        format!("{scheme}://{}:{}", self.host, self.port)
    }

    /// The client identifier: the scene's prefix and a random tail.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where this client says whether it is online.
    pub fn status_topic(&self) -> String {
        format!("parallax/{}/status", self.client_id)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url())
            .field("version", &self.version)
            .field("client_id", &self.client_id)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(not shown)")
    }
}

/// `(encrypted, host, port)` of a broker's address, the host as the client wants it.
fn broker_address(url: &str) -> Result<(bool, String, u16), EndpointError> {
    let broker: BrokerUrl = url.parse().map_err(|cause| {
        // The text may hold a secret by mistake: then it is not repeated.
        let shown = if cause == BrokerUrlError::Secret {
            "..."
        } else {
            url
        };
        EndpointError::Broker(cause, shown.to_owned())
    })?;
    let host = if broker.host.contains(':') {
        format!("[{}]", broker.host)
    } else {
        broker.host
    };
    Ok((broker.tls, host, broker.port))
}

fn credentials(
    spec: &MqttSpec,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Credentials>, EndpointError> {
    let look_up = |secret: &Option<Secret>, what: &'static str| match secret {
        None => Ok(None),
        Some(Secret::Env(name)) => {
            environment(name)
                .map(Some)
                .ok_or_else(|| EndpointError::MissingSecret {
                    name: name.clone(),
                    what,
                })
        }
    };
    match (
        look_up(&spec.username, "user")?,
        look_up(&spec.password, "password")?,
    ) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(EndpointError::PasswordWithoutUser),
        (Some(user), password) => Ok(Some(Credentials {
            user,
            password: password.unwrap_or_default(),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Option<(bool, &str, u16)>) {
        let found = broker_address(url).ok();
        let found = found
            .as_ref()
            .map(|(encrypted, host, port)| (*encrypted, host.as_str(), *port));
        assert_eq!(found, expected, "{url}");
    }

    #[test]
    fn broker_urls_are_read_or_refused() {
        check("mqtt://127.0.0.1:1884", Some((false, "127.0.0.1", 1884)));
        check(
            "mqtt://plant.example/",
            Some((false, "plant.example", 1883)),
        );
        check("mqtts://plant.example", Some((true, "plant.example", 8883)));
        check("mqtt://[::1]:1900", Some((false, "[::1]", 1900)));
        check("mqtt://[::1]", Some((false, "[::1]", 1883)));
        for bad in [
            "",
            "localhost:1883",
            "http://localhost",
            "mqtt://",
            "mqtt://:1883",
            "mqtt://host:port",
            "mqtt://host:0",
            "mqtt://host:99999",
            "mqtt://host/path",
            "mqtt://user:secret@host",
        ] {
            check(bad, None);
        }
    }
}
