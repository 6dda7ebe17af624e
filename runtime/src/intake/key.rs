//! How keys are written in events and in requests.
//!
//! S3 writes keys form-encoded into its notifications (`+` is a space, the rest `%XX`); EventBridge
//! gets them as they are. The `x-amz-copy-source` header wants them percent-encoded, which the SDK
//! leaves to its caller ([aws-sdk-rust#1357](https://github.com/awslabs/aws-sdk-rust/issues/1357)).

use std::fmt;

/// A key whose decoded bytes are not UTF-8, which no S3 key is. Replacing them would address another
/// object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8;

impl fmt::Display for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its decoded bytes are not UTF-8")
    }
}

impl std::error::Error for NotUtf8 {}

/// Decodes a form-encoded key, once: a key that really holds `%2F` comes as `%252F`. What only looks
/// like an escape (`%`, `%zz`) stays as it is.
///
/// # Errors
/// If the decoded bytes are not UTF-8.
pub fn decode_form(text: &str) -> Result<String, NotUtf8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => match escaped(after) {
                Some(byte) => {
                    rest = &after[2..];
                    byte
                }
                None => b'%',
            },
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| NotUtf8)
}

/// The byte that two hexadecimal digits name.
fn escaped(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

/// Percent-encodes a key for a path or for `x-amz-copy-source`: everything but letters, digits,
/// `-._~` and the `/` between segments, in upper case.
#[must_use]
pub fn encode_path(key: &str) -> String {
    encode(key, b"-._~/")
}

/// Percent-encodes a text for a query or for `x-amz-tagging`: everything but letters, digits and
/// `-._~`, in upper case.
#[must_use]
pub fn encode_form(text: &str) -> String {
    encode(text, b"-._~")
}

fn encode(text: &str, kept: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |value: u8| char::from(HEX[usize::from(value)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_decoded_once_and_only_where_they_are() {
        let table = [
            ("a+b", "a b"),
            ("a%20b%2Bc", "a b+c"),
            ("c%2B%2B/x%2By", "c++/x+y"),
            ("n/a+b%2B%C3%A9", "n/a b+é"),
            ("%252F", "%2F"),
            ("%", "%"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%f0%9F%8e%89", "🎉"),
            ("%+2", "% 2"),
            ("a&b=c", "a&b=c"),
            ("//a/../", "//a/../"),
            ("", ""),
        ];
        for (encoded, decoded) in table {
            assert_eq!(decode_form(encoded).as_deref(), Ok(decoded), "{encoded}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        for text in ["%ff", "a%C3", "%C3%28"] {
            assert_eq!(decode_form(text), Err(NotUtf8), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_key_survives_encoding(key in any::<String>()) {
            prop_assert_eq!(decode_form(&encode_path(&key)), Ok(key.clone()));
            prop_assert_eq!(decode_form(&encode_form(&key)), Ok(key));
        }

        #[test]
        fn no_text_is_too_odd_to_decode(text in "[%+0-9a-fA-Fz/]{0,40}") {
            let _ = decode_form(&text);
        }
    }
}
