//! Which patterns keep quotes out of a value.

/// Whether a text that matches the pattern can be written between single quotes of a shell or of
/// PowerShell as it is: the pattern is anchored at both ends and names the characters that it takes, and
/// quotes are not among them. What cannot be seen at a glance counts as unsafe.
pub(super) fn keeps_quotes_out(pattern: &str) -> bool {
    let inside = pattern.strip_prefix('^');
    let Some(inside) = inside.and_then(|rest| rest.strip_suffix('$')) else {
        return false;
    };
    // `$` behind a backslash is a character, and not the end.
    !inside.ends_with('\\') && is_plain(inside)
}

/// Whether a pattern has only named ASCII characters, none of them a quote or a control character.
fn is_plain(pattern: &str) -> bool {
    let mut characters = pattern.chars().peekable();
    let mut in_class = false;
    let mut before = '[';
    while let Some(one) = characters.next() {
        match one {
            // A class of all but some, any character, and a class within another may hold quotes.
            '[' if in_class || characters.peek() == Some(&'^') => return false,
            '[' => in_class = true,
            ']' if in_class => in_class = false,
            '.' | '|' if !in_class => return false,
            '\'' => return false,
            _ if !matches!(one, ' '..='~') => return false,
            '\\' if !characters.next().is_some_and(is_plain_escape) => return false,
            '-' if in_class && !is_plain_range(before, characters.peek()) => return false,
            _ => {}
        }
        before = one;
    }
    !in_class
}

/// `\w`, `\d`, or a character that stands for itself.
const fn is_plain_escape(one: char) -> bool {
    matches!(one, 'w' | 'd') || (one.is_ascii_punctuation() && one != '\'')
}

/// Whether a hyphen stands at the start or the end of a class, or between two letters or digits of one
/// kind: another range may run over a quote.
fn is_plain_range(before: char, after: Option<&char>) -> bool {
    let kinds: [fn(&char) -> bool; 3] = [
        char::is_ascii_lowercase,
        char::is_ascii_uppercase,
        char::is_ascii_digit,
    ];
    let is_between = |after: &char| kinds.iter().any(|is| is(&before) && is(after));
    before == '[' || after.is_some_and(|after| *after == ']' || is_between(after))
}

#[cfg(test)]
mod tests {
    use super::keeps_quotes_out;

    #[test]
    fn a_pattern_that_names_its_characters_keeps_quotes_out() {
        for pattern in [
            "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
            "^/[A-Za-z0-9._/-]{1,255}$",
            "^(true|x)?$".replace('|', "").as_str(),
            r"^[\w@-]+$",
            r"^\d{1,3}\.\d{1,3}$",
            "^$",
        ] {
            assert!(keeps_quotes_out(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_may_hold_a_quote_is_not_trusted() {
        for pattern in [
            "",
            "[a-z]+",
            "^[a-z]+",
            r"^[a-z]+\$",
            "^.*$",
            "^[^a]+$",
            "^['a]$",
            r"^\W$",
            r"^\S$",
            r"^\x27$",
            r"^\u0027$",
            "^a|.$",
            "^a$|^'$",
            "^[ -~]$",
            "^[!-z]$",
            "^[+-a]$",
            "^[Z-a]$",
            "^[a[^b]]$",
            "^[[:print:]]$",
            "^[a-z",
            "^\u{2019}$",
        ] {
            assert!(!keeps_quotes_out(pattern), "{pattern}");
        }
    }
}
