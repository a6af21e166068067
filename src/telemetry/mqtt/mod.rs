//! MQTT, 3.1.1 and 5, by rumqttc.
//!
//! ```text
//! Endpoint   where to connect and as whom, with secrets and certificates resolved
//! Link       one connection of either version; v4 and v5 are the two
//! listen     a source: messages to samples, on a thread of its own
//! browse     what a broker publishes, for whoever looks for a topic
//! Outbox     publishes with quality of service 1, until the broker has it
//! ```

mod backoff;
mod browse;
mod endpoint;
mod link;
mod outbox;
mod source;
mod tally;
mod tls;
mod v4;
mod v5;

pub use browse::{Browser, browse};
pub use endpoint::{Endpoint, EndpointError};
pub use outbox::{Outbox, PublishError};
pub use source::{SourceHandle, SourceSettings, listen};
