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
    while let Some(one) = characters.next() {
        match one {
            // A class of all but some, and any character, hold quotes.
            '[' if !in_class => {
                in_class = true;
                if characters.peek() == Some(&'^') {
                    return false;
                }
            }
            ']' if in_class => in_class = false,
            '.' | '|' if !in_class => return false,
            '\\' if !characters.next().is_some_and(is_plain_escape) => return false,
            '\'' => return false,
            '-' if in_class && !is_plain_range(characters.peek()) => return false,
            one if !matches!(one, ' '..='~') => return false,
            _ => {}
        }
    }
    !in_class
}

/// `\w`, `\d`, or a character that stands for itself.
const fn is_plain_escape(one: char) -> bool {
    matches!(one, 'w' | 'd') || (one.is_ascii_punctuation() && one != '\'')
}

/// Whether a hyphen ends a class or a range of letters or digits: another range may run over a quote.
fn is_plain_range(end: Option<&char>) -> bool {
    end.is_some_and(|end| end.is_ascii_alphanumeric() || *end == ']')
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
            r"^[\w.@-]+$",
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
            "^[a-z",
            "^\u{2019}$",
        ] {
            assert!(!keeps_quotes_out(pattern), "{pattern}");
        }
    }
}
