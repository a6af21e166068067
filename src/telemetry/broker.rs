//! A broker inside the program, so that a demo needs no server.
//!
//! rumqttd, bound to the loopback interface only, with small buffers and nothing else:
//! no console, no metrics, no bridge.
//!
//! Limitations: rumqttd cannot be stopped; a broker lives until the program ends. Keep
//! one. A subscriber that falls behind by more than its buffer loses the oldest
//! messages. rumqttd logs ordinary disconnects as errors: filter the target `rumqttd`.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};
use thiserror::Error;

use crate::scene::MqttVersion;

/// One segment of a subscription's buffer, bytes.
const SEGMENT_BYTES: usize = 1 << 20;
/// How many segments a subscription's buffer has.
const SEGMENTS: usize = 32;
/// Clients at a time.
const MAX_CONNECTIONS: usize = 64;
/// Larger payloads cut their sender off.
const MAX_PAYLOAD_BYTES: usize = 16 << 20;
/// How long the broker may take to answer after its start.
const START_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the broker did not start.
#[derive(Debug, Error)]
pub enum BrokerError {
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The broker's thread could not be started.
    #[error("cannot start the broker: {0}")]
    Thread(#[from] io::Error),
    /// It was started and does not answer.
    #[error("the broker does not answer on 127.0.0.1:{port}")]
    Silent {
        /// The port.
        port: u16,
    },
}

/// A broker on the loopback interface, for both versions of the protocol.
#[derive(Debug)]
pub struct EmbeddedBroker {
    v4_port: u16,
    v5_port: u16,
}

impl EmbeddedBroker {
    /// Starts a broker. MQTT 3.1.1 is spoken on `port`, or on a free one if `None`;
    /// MQTT 5 on another free one.
    pub fn start(port: Option<u16>) -> Result<Self, BrokerError> {
        let (v4_port, v5_port) = choose_ports(port.unwrap_or(0))?;
        let mut broker = Broker::new(config(v4_port, v5_port));
        thread::Builder::new()
            .name("broker".to_owned())
            .spawn(move || {
                if let Err(error) = broker.start() {
                    tracing::error!(%error, "the embedded broker ended");
                }
            })?;
        await_answer(v4_port)?;
        await_answer(v5_port)?;
        Ok(Self { v4_port, v5_port })
    }

    /// Where clients of `version` connect.
    pub fn url(&self, version: MqttVersion) -> String {
        let port = match version {
            MqttVersion::V311 => self.v4_port,
            MqttVersion::V5 => self.v5_port,
        };
        format!("mqtt://127.0.0.1:{port}")
    }
}

/// Finds that `port` is free, or a free one if it is 0, and another free one.
fn choose_ports(port: u16) -> Result<(u16, u16), BrokerError> {
    let listen = |port| {
        let failed = |source| BrokerError::Listen { port, source };
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)
    };
    // Both are held until both are found, so that they differ.
    let (first, second) = (listen(port)?, listen(0)?);
    Ok((first.local_addr()?.port(), second.local_addr()?.port()))
}

fn config(v4_port: u16, v5_port: u16) -> Config {
    let server = |name: &str, port: u16| ServerSettings {
        name: name.to_owned(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        tls: None,
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: 5_000,
            max_payload_size: MAX_PAYLOAD_BYTES,
            max_inflight_count: 100,
            auth: None,
            external_auth: None,
            dynamic_filters: false,
        },
    };
    Config {
        router: RouterConfig {
            max_connections: MAX_CONNECTIONS,
            max_outgoing_packet_count: 200,
            max_segment_size: SEGMENT_BYTES,
            max_segment_count: SEGMENTS,
            ..RouterConfig::default()
        },
        v4: Some(HashMap::from([("v4".to_owned(), server("v4", v4_port))])),
        v5: Some(HashMap::from([("v5".to_owned(), server("v5", v5_port))])),
        ..Config::default()
    }
}

fn await_answer(port: u16) -> Result<(), BrokerError> {
    let deadline = Instant::now() + START_TIMEOUT;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if Instant::now() >= deadline {
            return Err(BrokerError::Silent { port });
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
