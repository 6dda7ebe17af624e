//! Keys of objects: how results are called, and how texts are written as a form writes them.

/// How the names of raw files end.
const ENDING: &str = ".wibl";

/// The key of the result: the ending, in any case, is replaced, and nothing else of the key.
#[must_use]
pub fn output_key(key: &str) -> String {
    let start = key.len().saturating_sub(ENDING.len());
    match (key.get(..start), key.get(start..)) {
        (Some(name), Some(end)) if end.eq_ignore_ascii_case(ENDING) => format!("{name}.json"),
        _ => key.to_owned(),
    }
}

/// The text that a form writes like this; `None` if its bytes are no UTF-8. Keys in events of S3 are written so.
#[must_use]
pub fn decode_form(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (first, after.get(..2).and_then(byte)) {
            (b'+', _) => b' ',
            (b'%', Some(byte)) => {
                rest = &after[2..];
                byte
            }
            (other, _) => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The byte that two hexadecimal digits say.
fn byte(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(digits[at]).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Writes names and values as a form does: so they stand in the header that sets tags with an object.
#[must_use]
pub fn encode_form(fields: &[(&str, String)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        let gap = if form.is_empty() { "" } else { "&" };
        form.push_str(gap);
        form.push_str(&encode(name));
        form.push('=');
        form.push_str(&encode(value));
    }
    form
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ending_is_replaced_in_any_case() {
        let table = [
            ("a.wibl", "a.json"),
            ("2026/ship one+é.WIBL.wibl", "2026/ship one+é.WIBL.json"),
            ("in.wibl/a.Wibl", "in.wibl/a.json"),
            ("in.wibl/a.txt", "in.wibl/a.txt"),
            (".wibl", ".json"),
            ("awibl", "awibl"),
            // The byte before the ending would be in the middle of a character.
            ("éwibl", "éwibl"),
            ("", ""),
        ];
        for (key, expected) in table {
            assert_eq!(output_key(key), expected, "{key}");
        }
    }

    #[test]
    fn a_form_is_read_as_it_is_written() {
        let table = [
            ("a+b", Some("a b")),
            ("a%2Bb%C3%A9", Some("a+bé")),
            ("100%", Some("100%")),
            ("%+2", Some("% 2")),
            ("%zz", Some("%zz")),
            ("%252F", Some("%2F")),
            ("%ff", None),
        ];
        for (form, expected) in table {
            assert_eq!(decode_form(form).as_deref(), expected, "{form}");
        }
        let tags = [("SourceID", "a b&c=é".to_owned()), ("n", "1".to_owned())];
        assert_eq!(encode_form(&tags), "SourceID=a%20b%26c%3D%C3%A9&n=1");
    }
}
