//! The certificates of authorities, as programs in an image read them: those of Mozilla, in the version that
//! `Cargo.lock` has, so that an image does not depend on the machine that makes it.

use std::fmt::Write as _;

/// How long a line of PEM is.
const LINE: usize = 64;
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The certificates of all authorities that Mozilla trusts, one after another
/// ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468#section-5.1)): for [`Image::certificates`](super::Image::certificates).
#[must_use]
pub fn pem() -> Vec<u8> {
    let mut text = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        let digits = base64(certificate);
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let mut rest = &*digits;
        while !rest.is_empty() {
            let (line, next) = rest.split_at(rest.len().min(LINE));
            // Writing into a `String` cannot fail.
            let _ = writeln!(text, "{line}");
            rest = next;
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text.into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            digits.push(if place <= group.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 4648.
    #[test]
    fn base64_is_that_of_its_rfc() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn every_authority_is_there_in_lines_that_programs_read() {
        let text = String::from_utf8(pem()).unwrap();
        let count = webpki_root_certs::TLS_SERVER_ROOT_CERTS.len();
        assert!(count > 100, "{count}");
        assert_eq!(text.matches("-----BEGIN CERTIFICATE-----\n").count(), count);
        assert!(text.lines().all(|line| line.len() <= LINE));
        assert!(text.ends_with("-----END CERTIFICATE-----\n"));
    }
}
