//! Why there is no link to a broker: the kind, for whoever must mend it, and the words.

/// What stands between us and a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// Nobody knows a computer of that name.
    UnknownHost,
    /// No way leads to that address.
    NoRoute,
    /// The computer answers, and nobody listens at the port.
    Refused,
    /// Something takes the connection, or seems to, and says nothing.
    NoAnswer,
    /// The broker does not take user and password, or not from us.
    Credentials,
    /// The two sides do not trust each other, or one speaks no TLS.
    Tls,
    /// The broker ended the connection.
    Closed,
    /// Anything else.
    Other,
}

/// Why there is no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFault {
    /// The kind.
    pub kind: FaultKind,
    /// In words.
    pub words: String,
}

impl LinkFault {
    /// A fault of this kind.
    pub fn new(kind: FaultKind, words: impl Into<String>) -> Self {
        Self {
            kind,
            words: words.into(),
        }
    }
}
