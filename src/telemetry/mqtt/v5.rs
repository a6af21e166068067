//! MQTT 5 by rumqttc.

use std::mem;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnectReturnCode, Filter, LastWill, Packet, PubAckReason, Publish, SubscribeReasonCode,
};
use rumqttc::v5::{Client, Connection, ConnectionError, Event, MqttOptions, StateError};
use rumqttc::{NetworkOptions, Outgoing, TlsConfiguration, Transport};

use super::endpoint::Endpoint;
use super::link::{
    CONNECT_TIMEOUT_SECS, Link, MAX_IN_FLIGHT, MAX_PACKET_BYTES, Message, News, Purpose,
    RECEIVE_MAXIMUM, Requests, SESSION_EXPIRY_SECS, fault_of,
};
use crate::telemetry::fault::{FaultKind, LinkFault};

/// A connection that speaks MQTT 5.
pub(super) struct V5Link {
    client: Client,
    connection: Connection,
}

impl V5Link {
    /// A link that connects at its first poll.
    pub(super) fn new(endpoint: &Endpoint, purpose: Purpose, capacity: usize) -> Self {
        let (client, connection) = Client::new(options(endpoint, purpose), capacity);
        Self { client, connection }
    }
}

fn options(endpoint: &Endpoint, purpose: Purpose) -> MqttOptions {
    let mut options = MqttOptions::new(&endpoint.client_id, &endpoint.host, endpoint.port);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    options
        .set_keep_alive(endpoint.keep_alive)
        .set_max_packet_size(Some(MAX_PACKET_BYTES))
        .set_outgoing_inflight_upper_limit(MAX_IN_FLIGHT)
        .set_pending_throttle(Duration::ZERO)
        .set_connection_timeout(CONNECT_TIMEOUT_SECS)
        .set_network_options(network);
    if let Some(credentials) = &endpoint.credentials {
        options.set_credentials(&credentials.user, &credentials.password);
    }
    if let Some(config) = &endpoint.tls {
        let config = TlsConfiguration::Rustls(config.clone());
        options.set_transport(Transport::tls_with_config(config));
    }
    if purpose == Purpose::Listen {
        let topic = endpoint.status_topic();
        let will = LastWill::new(topic, "offline", QoS::AtLeastOnce, true, None);
        options
            .set_clean_start(false)
            .set_session_expiry_interval(Some(SESSION_EXPIRY_SECS))
            .set_receive_maximum(Some(RECEIVE_MAXIMUM))
            .set_manual_acks(true)
            .set_last_will(will);
    }
    options
}

impl Link for V5Link {
    fn next(&mut self) -> Result<News, LinkFault> {
        match self.connection.recv() {
            Ok(Ok(Event::Incoming(packet))) => Ok(incoming(packet)),
            Ok(Ok(Event::Outgoing(Outgoing::Publish(pkid)))) => Ok(News::Sent(pkid)),
            Ok(Ok(Event::Outgoing(Outgoing::Disconnect))) | Err(_) => Ok(News::Left),
            Ok(Ok(Event::Outgoing(_))) => Ok(News::Other),
            Ok(Err(error)) => Err(fault(&error)),
        }
    }

    fn has_more(&self) -> bool {
        !self.connection.eventloop.state.events.is_empty()
    }

    fn reset(&mut self) -> Vec<Message> {
        let eventloop = &mut self.connection.eventloop;
        eventloop.clean();
        eventloop.pending.clear();
        eventloop.state.collision = None;
        mem::take(&mut eventloop.state.events)
            .into_iter()
            .filter_map(|event| match event {
                Event::Incoming(Packet::Publish(publish)) => Some(Message::V5(publish)),
                _ => None,
            })
            .collect()
    }

    fn end_session(&mut self) {
        self.connection
            .eventloop
            .options
            .set_clean_start(true)
            .set_session_expiry_interval(Some(0));
    }

    fn requests(&self) -> Box<dyn Requests> {
        Box::new(self.client.clone())
    }
}

fn incoming(packet: Packet) -> News {
    match packet {
        Packet::ConnAck(_) => News::Up,
        Packet::Publish(publish) => News::Message(Message::V5(publish)),
        Packet::PubAck(ack) => {
            let accepted = matches!(
                ack.reason,
                PubAckReason::Success | PubAckReason::NoMatchingSubscribers
            );
            News::Settled {
                pkid: ack.pkid,
                refusal: (!accepted).then(|| format!("{:?}", ack.reason)),
            }
        }
        Packet::SubAck(ack) => {
            let codes = ack.return_codes.iter().enumerate();
            let failed = codes.filter(|(_, code)| !matches!(code, SubscribeReasonCode::Success(_)));
            News::Subscribed {
                refused: failed.map(|(place, _)| place).collect(),
            }
        }
        _ => News::Other,
    }
}

fn fault(error: &ConnectionError) -> LinkFault {
    let (kind, words) = match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) => (
            FaultKind::Credentials,
            "the broker refused the user or the password".to_owned(),
        ),
        ConnectionError::MqttState(StateError::AwaitPingResp) => (
            FaultKind::NoAnswer,
            "the broker no longer answers".to_owned(),
        ),
        ConnectionError::MqttState(StateError::ConnectionAborted) => (
            FaultKind::Closed,
            "the broker closed the connection".to_owned(),
        ),
        ConnectionError::ConnectionRefused(code) => {
            (FaultKind::Other, format!("the broker refused us: {code:?}"))
        }
        ConnectionError::Timeout(_) => (
            FaultKind::NoAnswer,
            "the broker did not answer in time".to_owned(),
        ),
        // rumqttc does not tell the cause of this one by itself.
        ConnectionError::MqttState(StateError::Deserialization(cause)) => return fault_of(cause),
        other => return fault_of(other),
    };
    LinkFault::new(kind, words)
}

impl Requests for Client {
    fn publish(&self, topic: &str, payload: &str, retain: bool) -> bool {
        self.try_publish(topic, QoS::AtLeastOnce, retain, payload.to_owned())
            .is_ok()
    }

    fn subscribe(&self, filters: &[String], at_least_once: bool) -> bool {
        let qos = match at_least_once {
            true => QoS::AtLeastOnce,
            false => QoS::AtMostOnce,
        };
        let filters = filters
            .iter()
            .map(|filter| Filter::new(filter.clone(), qos));
        self.try_subscribe_many(filters).is_ok()
    }

    fn unsubscribe(&self, filter: &str) -> bool {
        self.try_unsubscribe(filter).is_ok()
    }

    fn acknowledge(&self, pkid: u16) -> bool {
        // rumqttc reads nothing of it but these two.
        let mut publish = Publish::new("", QoS::AtLeastOnce, Vec::new(), None);
        publish.pkid = pkid;
        self.try_ack(&publish).is_ok()
    }

    fn disconnect(&self) -> bool {
        self.try_disconnect().is_ok()
    }
}
