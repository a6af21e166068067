//! Why nothing arrives from a source, in one sentence, and what to do about it.
//!
//! Reads a status and an instant, nothing else.

use super::fault::{FaultKind, LinkFault};
use super::status::{LinkState, RouteTally, SourceStatus};
use crate::time::{Timestamp, duration_text};

/// A link on which nothing came at all for so long is silent, s.
const NEVER_HEARD_SECS: f64 = 30.0;
/// The same of a link on which something came before: slow plants report once a minute.
const SILENT_SECS: f64 = 150.0;

/// What keeps samples from arriving, or would be worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// There is no link.
    Link(FaultKind),
    /// The broker did not let us subscribe.
    SubscriptionRefused,
    /// The link stands, and nothing comes.
    Silent,
    /// What comes fits no topic of the source.
    NoMatch,
    /// What comes on the source's topics cannot be read.
    Unreadable,
    /// The source was ended.
    Stopped,
}

/// How a source is, in one sentence, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// What is wrong; `None` if samples arrive, or may soon.
    pub trouble: Option<Trouble>,
    /// The sentence.
    pub sentence: String,
    /// What to do; empty if there is nothing to be done.
    pub fix: String,
}

/// Why nothing arrives from a source, or that all is well.
pub fn diagnose(status: &SourceStatus, now: Timestamp) -> Diagnosis {
    match status.link {
        LinkState::Stopped => told(
            Trouble::Stopped,
            "The source was ended",
            "Open the scene again",
        ),
        LinkState::Connecting | LinkState::Waiting { .. } => match &status.fault {
            Some(fault) => of_fault(fault, &status.broker),
            None => fine(format!("Looking for {}", status.broker)),
        },
        LinkState::Connected { since } => of_link(status, since, now),
    }
}

fn told(trouble: Trouble, sentence: impl Into<String>, fix: &str) -> Diagnosis {
    Diagnosis {
        trouble: Some(trouble),
        sentence: sentence.into(),
        fix: fix.to_owned(),
    }
}

fn fine(sentence: impl Into<String>) -> Diagnosis {
    Diagnosis {
        trouble: None,
        sentence: sentence.into(),
        fix: String::new(),
    }
}

fn of_fault(fault: &LinkFault, broker: &str) -> Diagnosis {
    let (sentence, fix) = match fault.kind {
        FaultKind::UnknownHost => (
            format!("Nobody knows the computer in {broker}"),
            "Correct the name in `broker`, or ask for it in the network's name server",
        ),
        FaultKind::NoRoute => (
            format!("No way leads to {broker}"),
            "Check cable, network and firewall between here and the broker",
        ),
        FaultKind::Refused => (
            format!("Nobody listens at {broker}"),
            "Start the broker, or correct the port in `broker`",
        ),
        FaultKind::NoAnswer => (
            format!("{broker} says nothing: {}", fault.words),
            "Check that a broker listens there, and that no firewall swallows the connection",
        ),
        FaultKind::Credentials => (
            format!("{broker} does not let us in: {}", fault.words),
            "Set the environment variables that `username` and `password` name",
        ),
        FaultKind::Tls => (
            format!("No trust between us and {broker}: {}", fault.words),
            "Check `ca_file`, `client_cert` and `client_key`, and mqtt:// against mqtts://",
        ),
        FaultKind::Closed => (
            format!("{broker} ends every connection: {}", fault.words),
            "Look into the broker's log; another client may use the same identifier",
        ),
        FaultKind::Other => (
            format!("No link to {broker}: {}", fault.words),
            "Look into the broker's log",
        ),
    };
    told(Trouble::Link(fault.kind), sentence, fix)
}

fn of_link(status: &SourceStatus, since: Timestamp, now: Timestamp) -> Diagnosis {
    if let Some(filter) = status.refused_filters.first() {
        let others = match status.refused_filters.len() - 1 {
            0 => String::new(),
            some => format!(" and {some} more"),
        };
        let sentence = format!("The broker does not let us subscribe to {filter}{others}");
        let fix = "Give this user the right to read these topics at the broker";
        return told(Trouble::SubscriptionRefused, sentence, fix);
    }
    let heard = status.last_message.filter(|last| *last >= since);
    let quiet = now.secs_since(heard.unwrap_or(since));
    let most = heard.map_or(NEVER_HEARD_SECS, |_| SILENT_SECS);
    if quiet > most {
        let sentence = format!("Connected, and nothing came for {}", duration_text(quiet));
        let fix = "See in the topics what the broker publishes, and whether the plant does";
        return told(Trouble::Silent, sentence, fix);
    }
    if status.messages == 0 {
        return fine("Connected; nothing came yet");
    }
    if status.samples == 0 {
        if let Some(route) = most_refused(status) {
            return unreadable(route);
        }
        if status.unmapped_messages > 0 {
            let topic = status.unmapped.keys().min();
            let example = topic.map_or_else(String::new, |topic| format!(", such as {topic}"));
            let sentence = format!(
                "{} messages came on topics that lead to no signal{example}",
                status.unmapped_messages
            );
            let fix = "Map a topic to its signal below, or correct `topics` in the scene";
            return told(Trouble::NoMatch, sentence, fix);
        }
    }
    // Samples arrive by some entries; one of which every message is refused is still wrong.
    let dead = |route: &&RouteTally| route.refused == route.messages && route.messages > 0;
    match status.routes.iter().find(dead) {
        Some(route) => unreadable(route),
        None => fine("Samples arrive"),
    }
}

fn most_refused(status: &SourceStatus) -> Option<&RouteTally> {
    let routes = status.routes.iter().filter(|route| route.refused > 0);
    routes.max_by_key(|route| route.refused)
}

fn unreadable(route: &RouteTally) -> Diagnosis {
    let last = route.last.as_ref();
    let why = last.map_or_else(String::new, |last| {
        format!(": {}, on {}", last.why, last.topic)
    });
    let sentence = format!(
        "{} of {} messages on {} cannot be read{why}",
        route.refused, route.messages, route.pattern
    );
    let fix =
        "Compare the payload below with `value`, `time` and `fields` of that topic in the scene";
    told(Trouble::Unreadable, sentence, fix)
}
