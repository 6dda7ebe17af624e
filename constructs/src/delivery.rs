//! How queues and topics deliver: standard, or first in, first out.

use cloudwright_synth::{Json, Scope, Text, Value};

use crate::rules;

mod sealed {
    pub trait Sealed {}
}

/// How a queue or a topic delivers; a type, so that a FIFO queue does not fit where AWS wants a
/// standard one.
pub trait Delivery: sealed::Sealed + Clone + 'static {
    /// Whether order is kept and duplicates are dropped.
    const FIFO: bool;
    /// What names end in.
    const SUFFIX: &'static str;
    /// What messages call it.
    const NAME: &'static str;
}

/// At least once, in about the order of sending, with nearly unlimited throughput.
#[derive(Clone, Copy, Debug)]
pub struct Standard;

/// Exactly once within five minutes, in the order of sending within each message group.
#[derive(Clone, Copy, Debug)]
pub struct Fifo;

impl sealed::Sealed for Standard {}
impl Delivery for Standard {
    const FIFO: bool = false;
    const SUFFIX: &'static str = "";
    const NAME: &'static str = "standard";
}

impl sealed::Sealed for Fifo {}
impl Delivery for Fifo {
    const FIFO: bool = true;
    const SUFFIX: &'static str = ".fifo";
    const NAME: &'static str = "FIFO";
}

/// The name of a queue or a topic as AWS wants it: checked, and with `.fifo` at the end where it
/// has to be. What a token holds is known at deployment only, so it is left as it is.
pub(crate) fn complete_name<K: Delivery>(
    scope: &Scope,
    what: &str,
    name: Json,
    limit: usize,
) -> Json {
    let Some(name) = name.as_text() else {
        return name;
    };
    let base = name.strip_suffix(K::SUFFIX).unwrap_or(name);
    let full = format!("{base}{}", K::SUFFIX);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if base.is_empty() || full.len() > limit || !base.bytes().all(allowed) {
        let message = format!(
            "a {} {what}'s name has 1 to {} letters, digits, `-` and `_`, got \"{base}\"",
            K::NAME,
            limit - K::SUFFIX.len()
        );
        let help = "shorten or clean the name, or leave it out to let one be made";
        scope.error(&rules::BAD_NAME, message, help);
    }
    Json::Text(Text::Owned(full))
}

/// Reports the name of something that exists already and delivers in the other way. A name that was
/// not found in its ARN is reported there; what a token holds is known at deployment only.
#[track_caller]
pub(crate) fn check_kind<K: Delivery>(
    scope: &Scope,
    what: &str,
    name: &Value<String>,
    help: &'static str,
) {
    if let Some(name) = name.literal()
        && !name.is_empty()
        && name.ends_with(Fifo::SUFFIX) != K::FIFO
    {
        let message = format!(
            "expected the ARN of a {} {what}, got that of \"{name}\"",
            K::NAME
        );
        scope.error(&rules::BAD_ARN, message, help);
    }
}
