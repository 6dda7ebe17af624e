//! How requests to NetStorage are signed.
//!
//! The signature covers who asks, when, a number that is used once, the path as it is sent, and the action with its
//! parameters. So it fits one request only, for some seconds: each try is signed anew.

use hmac_sha256::HMAC;

/// The header with the action.
pub const ACTION: &str = "x-akamai-acs-action";
/// The header with who asks and when.
pub const DATA: &str = "x-akamai-acs-auth-data";
/// The header with the signature.
pub const SIGN: &str = "x-akamai-acs-auth-sign";

/// Who signs: the name of an upload account's key, and the key.
#[derive(Clone)]
pub struct Signer {
    user: String,
    key: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// Signs with this key.
    #[must_use]
    pub const fn new(user: String, key: String) -> Self {
        Self { user, key }
    }

    /// The headers of one request for the path, at a time in seconds since 1970, with a number that no other
    /// request of this second has.
    #[must_use]
    pub fn headers(
        &self,
        path: &str,
        action: &str,
        time: i64,
        once: u32,
    ) -> Vec<(&'static str, String)> {
        let data = format!("5, 0.0.0.0, 0.0.0.0, {time}, {once}, {}", self.user);
        let signature = sign(&self.key, &data, path, action);
        vec![(ACTION, action.to_owned()), (DATA, data), (SIGN, signature)]
    }
}

/// The signature of a request.
#[must_use]
pub fn sign(key: &str, data: &str, path: &str, action: &str) -> String {
    let text = format!("{data}{path}\n{ACTION}:{action}\n");
    base64(&HMAC::mac(text, key))
}

/// Bytes in base64, with `=` at the end.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap_or_default();
            let is_there = at <= three.len();
            text.push(if is_there {
                char::from(LETTERS[letter])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Akamai's document of the HTTP API.
    #[test]
    fn the_published_example_is_signed_the_same() {
        let signer = Signer::new("key1".to_owned(), "abcdefghij".to_owned());
        let action =
            "version=1&action=upload&md5=0123456789abcdef0123456789abcdef&mtime=1260000000";
        let headers = signer.headers("/dir1/dir2/file.html", action, 1_280_000_000, 382_644_692);
        let expected = [
            (ACTION, action),
            (DATA, "5, 0.0.0.0, 0.0.0.0, 1280000000, 382644692, key1"),
            (SIGN, "vuCWPzdEW5OUlH1rLfHokWAZAWSdaGTM8yX3bgIDWtA="),
        ];
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, held)| (*name, &**held))
            .collect();
        assert_eq!(headers, expected);
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        let table = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        for (length, text) in table.into_iter().enumerate() {
            assert_eq!(base64(&b"foobar"[..length]), text);
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        let signer = Signer::new("key1".to_owned(), "abcdefghij".to_owned());
        assert_eq!(format!("{signer:?}"), "Signer { user: \"key1\", .. }");
    }
}
