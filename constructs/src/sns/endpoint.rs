//! Where a topic delivers to.

use cloudwright_synth::{Json, Scope};

use super::TopicRefOf;
use crate::delivery::{Delivery, Standard};
use crate::iam::RoleRef;
use crate::lambda::FunctionRef;
use crate::rules;
use crate::sqs::QueueRefOf;

/// The service that topics deliver as.
pub(super) const SNS: &str = "sns.amazonaws.com";

/// A queue of either kind.
#[derive(Clone)]
pub(super) enum AnyQueue {
    Standard(QueueRefOf<Standard>),
    Fifo(QueueRefOf<crate::delivery::Fifo>),
}

impl AnyQueue {
    pub(super) const fn scope(&self) -> &Scope {
        match self {
            Self::Standard(queue) => queue.scope(),
            Self::Fifo(queue) => queue.scope(),
        }
    }

    pub(super) fn arn(&self) -> Json {
        match self {
            Self::Standard(queue) => queue.arn_json(),
            Self::Fifo(queue) => queue.arn_json(),
        }
    }

    /// Lets a topic send to the queue; gives what the subscription has to wait for.
    pub(super) fn let_in<T: Delivery>(&self, topic: &TopicRefOf<T>) -> Scope {
        match self {
            Self::Standard(queue) => let_in(queue, topic),
            Self::Fifo(queue) => let_in(queue, topic),
        }
    }
}

fn let_in<K: Delivery, T: Delivery>(queue: &QueueRefOf<K>, topic: &TopicRefOf<T>) -> Scope {
    let (service, account) = (SNS, topic.account());
    queue.let_in(service, topic.arn_json(), account, |statement| statement);
    queue.policy().place().clone()
}

/// Where a topic delivers to.
#[derive(Clone)]
pub(super) enum Endpoint {
    Queue(AnyQueue),
    Function(FunctionRef),
    Stream { arn: Json, role: RoleRef },
    Text { protocol: Protocol, endpoint: Json },
}

impl Endpoint {
    /// The subscriber, when it is a construct of the app that the topic has to be let in by.
    pub(super) const fn place(&self) -> Option<&Scope> {
        match self {
            Self::Queue(queue) => Some(queue.scope()),
            Self::Function(function) => Some(function.scope()),
            Self::Stream { .. } | Self::Text { .. } => None,
        }
    }
}

/// Protocols whose endpoints are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http,
    Https,
    Email,
    EmailJson,
    Sms,
    Application,
}

impl Protocol {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Sms => "sms",
            Self::Application => "application",
        }
    }

    /// Reports an endpoint that does not fit the protocol. What a token holds is known at
    /// deployment only.
    pub(super) fn check(self, scope: &Scope, endpoint: &Json) {
        let Some(text) = endpoint.as_text() else {
            return;
        };
        let (fits, expected) = match self {
            Self::Http => (
                is_url(text, "http://"),
                "a URL such as \"http://example.com/hook\"",
            ),
            Self::Https => (
                is_url(text, "https://"),
                "a URL such as \"https://example.com/hook\"",
            ),
            Self::Email | Self::EmailJson => {
                (is_address(text), "an address such as \"ops@example.com\"")
            }
            Self::Sms => (
                is_phone(text),
                "a phone number in E.164 form such as \"+4915112345678\"",
            ),
            Self::Application => (
                text.starts_with("arn:") && text.contains(":sns:") && text.contains(":endpoint/"),
                "the ARN of a platform endpoint such as \"arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/app/1\"",
            ),
        };
        if !fits {
            let message = format!(
                "a subscription by {} wants {expected}, got \"{text}\"",
                self.name()
            );
            let help = "fix the endpoint, or subscribe by another protocol";
            scope.error(&rules::BAD_ENDPOINT, message, help);
        }
    }
}

fn is_url(text: &str, start: &str) -> bool {
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic());
    clean
        && text
            .strip_prefix(start)
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

fn is_address(text: &str) -> bool {
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic());
    let parts = text.split_once('@');
    clean
        && parts.is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}
