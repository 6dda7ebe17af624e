//! Values inside a token: spaces, `|` and line breaks are written as escapes.

use std::borrow::Cow;

/// The escapes: what is written after the backslash, and what it stands for.
const ESCAPES: [(char, char); 6] = [
    ('\\', '\\'),
    ('s', ' '),
    ('p', '|'),
    ('n', '\n'),
    ('r', '\r'),
    ('t', '\t'),
];

/// Appends `value` so that it is one token without `|`.
pub(crate) fn push_escaped(out: &mut String, value: &str) {
    for char in value.chars() {
        match ESCAPES.iter().find(|(_, plain)| *plain == char) {
            Some((letter, _)) => out.extend(['\\', *letter]),
            None => out.push(char),
        }
    }
}

/// Returns what an escaped token stands for; `None` for an unknown escape.
pub(crate) fn unescape(token: &str) -> Option<Cow<'_, str>> {
    if !token.contains('\\') {
        return Some(Cow::Borrowed(token));
    }
    let mut plain = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => plain.push(escaped(chars.next()?)?),
            other => plain.push(other),
        }
    }
    Some(Cow::Owned(plain))
}

fn escaped(letter: char) -> Option<char> {
    ESCAPES
        .iter()
        .find(|(written, _)| *written == letter)
        .map(|(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back() {
        for value in ["", "plain", "a b|c", "\\s", "tab\tline\r\n", "\\", "é|日本"] {
            let mut token = String::new();
            push_escaped(&mut token, value);
            assert!(!token.contains([' ', '|', '\n', '\r', '\t']), "{token}");
            assert_eq!(unescape(&token).unwrap(), value);
        }
    }

    #[test]
    fn an_unknown_escape_is_refused() {
        assert_eq!(unescape("a\\qb"), None);
        assert_eq!(unescape("a\\"), None);
    }
}
