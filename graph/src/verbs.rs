//! What verbs mean in a picture.
//!
//! A line between two boxes is read from left to right, whoever acts: "Uploads notifies Jobs", "Jobs feeds Worker". So each
//! verb has two phrases. Heads of arrows follow what flows (events, messages, data), not who acts.

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// What fails goes there.
    Failure,
    /// Alarms and what they watch.
    Alarm,
    /// Something is allowed; whether it happens, a program decides.
    Grant,
    /// Something happens by itself.
    Trigger,
}

impl Look {
    /// The name of its class.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Alarm => "alarm",
            Self::Grant => "grant",
            Self::Trigger => "trigger",
        }
    }
}

/// A verb.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verb {
    name: &'static str,
    /// Read from who acts.
    pub(crate) active: &'static str,
    /// Read from what it is done to.
    pub(crate) passive: &'static str,
    /// Whether things flow towards who acts.
    pub(crate) flows_back: bool,
    pub(crate) look: Look,
    /// Whether its details are worth their place in a picture.
    pub(crate) tells: bool,
}

const fn verb(name: &'static str, active: &'static str, passive: &'static str, look: Look) -> Verb {
    Verb {
        name,
        active,
        passive,
        flows_back: false,
        look,
        tells: false,
    }
}

/// Things flow towards who acts.
const fn back(verb: Verb) -> Verb {
    Verb {
        flows_back: true,
        ..verb
    }
}

/// With its details.
const fn telling(verb: Verb) -> Verb {
    Verb {
        tells: true,
        ..verb
    }
}

const VERBS: &[Verb] = &[
    telling(verb(
        "notifies",
        "notifies",
        "is notified by",
        Look::Trigger,
    )),
    back(verb("may-read", "may read", "may be read by", Look::Grant)),
    verb("may-write", "may write", "may be written by", Look::Grant),
    back(telling(verb(
        "may-use",
        "may use",
        "may be used by",
        Look::Grant,
    ))),
    verb("sends-to", "sends to", "gets messages of", Look::Trigger),
    verb("invokes", "starts", "is started by", Look::Trigger),
    back(verb("consumes", "takes from", "feeds", Look::Trigger)),
    verb(
        "dead-letters-to",
        "gives up to",
        "keeps the failures of",
        Look::Failure,
    ),
    verb("alarms-to", "alarms", "is alarmed by", Look::Alarm),
    back(telling(verb(
        "watches",
        "watches",
        "is watched by",
        Look::Alarm,
    ))),
    telling(verb(
        "replicates-to",
        "replicates to",
        "is a copy of",
        Look::Trigger,
    )),
    verb(
        "encrypts-with",
        "is encrypted with",
        "encrypts",
        Look::Grant,
    ),
    verb("logs-to", "logs to", "keeps logs of", Look::Grant),
    verb("runs", "runs", "is run by", Look::Trigger),
    verb("scales", "scales", "is scaled by", Look::Trigger),
];

/// The verb of a name; one that is not known is a grant of that name.
pub(crate) fn of(name: &str) -> Verb {
    let known = VERBS.iter().find(|verb| verb.name == name);
    known.copied().unwrap_or(UNKNOWN)
}

/// A verb of a later version.
const UNKNOWN: Verb = telling(verb("", "acts on", "is acted on by", Look::Grant));

/// Verbs that decide what is drawn.
pub(crate) const WATCHES: &str = "watches";
pub(crate) const SENDS: &str = "sends-to";
pub(crate) const GIVES_UP: &str = "dead-letters-to";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_of_a_later_version_is_drawn_all_the_same() {
        assert_eq!(of("teaches").active, "acts on");
        assert_eq!(of("consumes").passive, "feeds");
    }
}
