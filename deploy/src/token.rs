//! Names and tokens of operations, made of what the operation is: the same command run twice asks for the
//! same operation, and CloudFormation does it once.

use std::collections::BTreeMap;

use hmac_sha256::Hash;

/// The letters of the part that tells what is deployed.
const CONTENT: usize = 20;
/// The letters of the part that tells what it is deployed onto.
const BASE: usize = 12;
/// What every token of ours begins with, as the rule for names wants a letter first.
const PREFIX: &str = "cloudwright-";

/// A token: what is to be deployed, and the state of the stack that it is deployed onto.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    content: String,
    base: String,
}

impl Token {
    /// The token of these parts of an operation, on a stack in the state that `base` describes.
    pub(crate) fn of(content: &[&str], base: &[&str]) -> Self {
        Self {
            content: short(content, CONTENT),
            base: short(base, BASE),
        }
    }

    /// As it is sent: the name of the change set and the token of its operation.
    pub(crate) fn text(&self) -> String {
        format!("{PREFIX}{}-{}", self.content, self.base)
    }

    /// Whether a token of an operation under way asks for the same content, from whatever state.
    pub(crate) fn is_same_work(&self, other: &str) -> bool {
        other
            .strip_prefix(PREFIX)
            .is_some_and(|rest| rest.starts_with(&self.content))
    }
}

/// A map as one text, in which no two different maps are the same.
pub(crate) fn joined<V: AsRef<str>>(map: &BTreeMap<String, V>) -> String {
    map.iter()
        .map(|(key, value)| format!("{key:?}={:?};", value.as_ref()))
        .collect()
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Hash::hash(bytes))
}

fn short(parts: &[&str], letters: usize) -> String {
    let mut hash = Hash::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())[..letters].to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_depends_on_content_and_base_and_nothing_else() {
        let token = Token::of(&["{}", "a"], &["never"]);
        assert_eq!(token, Token::of(&["{}", "a"], &["never"]));
        assert_ne!(token, Token::of(&["{}a", ""], &["never"]));
        let later = Token::of(&["{}", "a"], &["2026-01-01"]);
        assert_ne!(token.text(), later.text());
        assert!(token.is_same_work(&later.text()));
        assert!(!token.is_same_work("cloudwright-00"));
        assert!(!token.is_same_work("somebody-else"));
    }

    #[test]
    fn a_token_is_a_name_that_cloudformation_takes() {
        let text = Token::of(&["x"], &[""]).text();
        assert!(text.len() <= 128);
        assert!(text.starts_with(|letter: char| letter.is_ascii_alphabetic()));
        assert!(
            text.chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        );
    }
}
