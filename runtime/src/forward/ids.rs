//! Ids for a FIFO queue. Its ids have at most 128 characters of a small alphabet, so the texts that
//! they stand for are hashed, each with its length before it: no two lists of texts run together.

use std::fmt::Write as _;

use hmac_sha256::Hash;

use crate::intake::{ObjectEvent, Sequencer};

/// The same for every event of an object.
pub(super) fn group(event: &ObjectEvent) -> String {
    hash(&[&event.bucket, &event.key])
}

/// The same for an event that is delivered again, another for any other event.
pub(super) fn deduplication(event: &ObjectEvent) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let state = event.version_id.as_ref().or(event.etag.as_ref());
    // Without a sequencer only the time tells two writes of the same content apart.
    let moment = match &event.sequencer {
        Some(sequencer) => Sequencer::as_str(sequencer).to_owned(),
        None => text(&event.time),
    };
    let state = state.map(String::as_str).unwrap_or_default();
    hash(&[&event.bucket, &event.key, state, &moment, &event.name])
}

fn hash(texts: &[&str]) -> String {
    let mut hasher = Hash::new();
    for text in texts {
        hasher.update(text.len().to_string());
        hasher.update(" ");
        hasher.update(text);
    }
    let mut digits = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing into a `String` cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_do_not_run_together() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["a"]).len(), 64);
    }
}
