//! The address of an MQTT broker, as a scene or a command line writes it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Where a broker listens: `mqtt://host:port`, or `mqtts://host:port` for TLS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BrokerUrl {
    /// True for `mqtts`.
    pub tls: bool,
    /// A name or an address; an IPv6 address without its brackets.
    pub host: String,
    /// The port; 1883, or 8883 with TLS, if the text gives none.
    pub port: u16,
}

/// Why a text is not the address of a broker.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BrokerUrlError {
    /// Not `mqtt://` or `mqtts://`.
    #[error("a broker's address is mqtt://host:port or mqtts://host:port")]
    Scheme,
    /// A user or password stands in the address.
    #[error("a broker's address may hold no user or password: secrets come from the environment")]
    Secret,
    /// No host.
    #[error("the broker's address names no host")]
    Host,
    /// Not a port number.
    #[error("the broker's port must be a number from 1 to 65535")]
    Port,
    /// A path, a query or a fragment.
    #[error("a broker's address ends with its port")]
    Tail,
}

impl FromStr for BrokerUrl {
    type Err = BrokerUrlError;

    fn from_str(text: &str) -> Result<Self, BrokerUrlError> {
        let (tls, rest) = match text.split_once("://") {
            Some(("mqtt", rest)) => (false, rest),
            Some(("mqtts", rest)) => (true, rest),
            _ => return Err(BrokerUrlError::Scheme),
        };
        if rest.contains('@') {
            return Err(BrokerUrlError::Secret);
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return Err(BrokerUrlError::Tail);
        }
        let (host, port) = split_port(rest)?;
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(BrokerUrlError::Host);
        }
        let port = match port {
            None if tls => 8883,
            None => 1883,
            Some(digits) => match digits.parse() {
                Ok(port) if port > 0 => port,
                _ => return Err(BrokerUrlError::Port),
            },
        };
        Ok(Self {
            tls,
            host: host.to_owned(),
            port,
        })
    }
}

/// `host` and the text of the port, if there is one.
fn split_port(text: &str) -> Result<(&str, Option<&str>), BrokerUrlError> {
    if let Some(inside) = text.strip_prefix('[') {
        let (host, rest) = inside.split_once(']').ok_or(BrokerUrlError::Host)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(BrokerUrlError::Host),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(BrokerUrlError::Host),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, BrokerUrlError>) {
        let url = text.parse::<BrokerUrl>().map(|url| url.to_string());
        assert_eq!(url, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        check("mqtt://127.0.0.1:1883", Ok("mqtt://127.0.0.1:1883"));
        check("mqtt://broker.plant", Ok("mqtt://broker.plant:1883"));
        check("mqtts://broker.plant/", Ok("mqtts://broker.plant:8883"));
        check("mqtt://[::1]:1884", Ok("mqtt://[::1]:1884"));
    }

    #[test]
    fn each_mistake_is_named() {
        check("tcp://host:1883", Err(BrokerUrlError::Scheme));
        check("host:1883", Err(BrokerUrlError::Scheme));
        check("mqtt://me:secret@host:1883", Err(BrokerUrlError::Secret));
        check("mqtt://:1883", Err(BrokerUrlError::Host));
        check("mqtt://", Err(BrokerUrlError::Host));
        check("mqtt://::1:1883", Err(BrokerUrlError::Host));
        check("mqtt://[::1", Err(BrokerUrlError::Host));
        check("mqtt://host:0", Err(BrokerUrlError::Port));
        check("mqtt://host:70000", Err(BrokerUrlError::Port));
        check("mqtt://host:", Err(BrokerUrlError::Port));
        check("mqtt://host:1883/topic", Err(BrokerUrlError::Tail));
    }
}
