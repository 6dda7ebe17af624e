//! One set of characters of a `chars` pattern.

/// A set of characters: a bit per ASCII character, and what is listed beyond ASCII.
#[derive(Clone, Debug, Default)]
pub(crate) struct Set {
    negated: bool,
    ascii: u128,
    ranges: Vec<(char, char)>,
    named: Vec<(Named, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Digit,
    Word,
    Space,
    Letter,
    Number,
    Separator,
    Punctuation,
    Symbol,
    Mark,
    Other,
}

const NAMES: [(&str, Named); 10] = [
    ("d", Named::Digit),
    ("w", Named::Word),
    ("s", Named::Space),
    ("pL", Named::Letter),
    ("pN", Named::Number),
    ("pZ", Named::Separator),
    ("pP", Named::Punctuation),
    ("pS", Named::Symbol),
    ("pM", Named::Mark),
    ("pC", Named::Other),
];

impl Set {
    /// Takes one character, `.` or a bracketed set off `rest`.
    pub(crate) fn parse(rest: &mut &str) -> Result<Self, String> {
        let mut set = Set::default();
        match next(rest)? {
            '[' => set.brackets(rest)?,
            '.' => {
                set.negated = true;
                set.add('\n', '\n');
            }
            '\\' => {
                let char = escaped(rest)?;
                set.add(char, char);
            }
            special @ ('*' | '+' | '?' | '{' | ')') => {
                return Err(format!("got {special:?}, expected a character"));
            }
            plain => set.add(plain, plain),
        }
        Ok(set)
    }

    fn brackets(&mut self, rest: &mut &str) -> Result<(), String> {
        if let Some(tail) = rest.strip_prefix('^') {
            self.negated = true;
            *rest = tail;
        }
        loop {
            let low = match next(rest)? {
                ']' => return Ok(()),
                '\\' => match self.named(rest) {
                    true => continue,
                    false => escaped(rest)?,
                },
                plain => plain,
            };
            let high = match rest.strip_prefix('-') {
                Some(tail) => {
                    *rest = tail;
                    character(rest)?
                }
                None => low,
            };
            self.add(low, high);
        }
    }

    fn named(&mut self, rest: &mut &str) -> bool {
        for (name, named) in NAMES {
            let negated = name
                .strip_prefix('p')
                .map_or(name.to_uppercase(), |kind| format!("P{kind}"));
            for (written, positive) in [(name, true), (negated.as_str(), false)] {
                if let Some(tail) = rest.strip_prefix(written) {
                    *rest = tail;
                    self.add_named(named, positive);
                    return true;
                }
            }
        }
        false
    }

    fn add_named(&mut self, named: Named, positive: bool) {
        for code in 0..128u8 {
            if named.contains(char::from(code)) == positive {
                self.ascii |= 1 << code;
            }
        }
        self.named.push((named, positive));
    }

    fn add(&mut self, low: char, high: char) {
        for code in u32::from(low)..=u32::from(high).min(127) {
            self.ascii |= 1 << code;
        }
        if !high.is_ascii() {
            self.ranges.push((low, high));
        }
    }

    /// Whether the character belongs to the set.
    pub(crate) fn contains(&self, char: char) -> bool {
        let listed = match char.is_ascii() {
            true => self.ascii >> u32::from(char) & 1 == 1,
            false => self.contains_beyond_ascii(char),
        };
        listed != self.negated
    }

    fn contains_beyond_ascii(&self, char: char) -> bool {
        self.ranges
            .iter()
            .any(|(low, high)| (*low..=*high).contains(&char))
            || self
                .named
                .iter()
                .any(|(named, positive)| named.contains(char) == *positive)
    }
}

impl Named {
    fn contains(self, char: char) -> bool {
        match self {
            Named::Digit if char.is_ascii() => char.is_ascii_digit(),
            Named::Word => char.is_alphanumeric() || char == '_' || Named::Mark.contains(char),
            Named::Space => char.is_whitespace(),
            Named::Letter => char.is_alphabetic(),
            Named::Digit | Named::Number => char.is_numeric(),
            Named::Separator => char.is_whitespace() && !char.is_control(),
            Named::Punctuation => ascii_or_other(char, "!\"#%&'()*,-./:;?@[\\]_{}"),
            Named::Symbol => ascii_or_other(char, "$+<=>^`|~"),
            Named::Mark => ascii_or_other(char, ""),
            Named::Other => is_other(char),
        }
    }
}

/// The standard library does not tell marks, punctuation and symbols apart beyond ASCII.
fn ascii_or_other(char: char, ascii: &str) -> bool {
    match char.is_ascii() {
        true => ascii.contains(char),
        false => !char.is_alphanumeric() && !char.is_whitespace() && !is_other(char),
    }
}

/// Control characters, invisible format characters and private use.
fn is_other(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}')
        || matches!(char, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{f0000}'..)
}

fn next(rest: &mut &str) -> Result<char, String> {
    let mut chars = rest.chars();
    let char = chars
        .next()
        .ok_or("got the end of the pattern, expected a character")?;
    *rest = chars.as_str();
    Ok(char)
}

fn character(rest: &mut &str) -> Result<char, String> {
    match next(rest)? {
        '\\' => escaped(rest),
        plain => Ok(plain),
    }
}

fn escaped(rest: &mut &str) -> Result<char, String> {
    match next(rest)? {
        'n' => Ok('\n'),
        'r' => Ok('\r'),
        't' => Ok('\t'),
        'u' => code(rest),
        letter if letter.is_ascii_alphanumeric() => Err(format!("got unknown escape \\{letter}")),
        special => Ok(special),
    }
}

fn code(rest: &mut &str) -> Result<char, String> {
    let inner = rest.strip_prefix('{').and_then(|tail| tail.split_once('}'));
    let (hex, tail) = inner.ok_or("got \\u without {hex}")?;
    *rest = tail;
    let char = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
    char.ok_or_else(|| format!("got \\u{{{hex}}}, which is no character"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(pattern: &str, char: char) -> bool {
        let mut rest = pattern;
        Set::parse(&mut rest).unwrap().contains(char)
    }

    #[test]
    fn categories_beyond_ascii() {
        assert!(contains(r"[\pL]", 'é') && contains(r"[\pL]", '漢'));
        assert!(!contains(r"[\pL]", '1') && contains(r"[\pN]", '٣'));
        assert!(contains(r"[\pZ]", '\u{a0}') && !contains(r"[\pZ]", '\t'));
        assert!(contains(r"[\pS]", '€') && !contains(r"[\pS]", 'a'));
        assert!(contains(r"[\PC]", 'a') && !contains(r"[\PC]", '\0'));
        assert!(contains(r"[^\s]", 'a') && !contains(r"[\S]", ' '));
    }

    #[test]
    fn ranges_and_escapes() {
        assert!(contains(r"[\--:]", '.') && contains(r"[\]\\]", '\\'));
        assert!(contains("[\\u{20}-\\u{10ffff}]", '😀') && !contains("[\\u{20}-~]", 'é'));
        assert!(contains(".", 'x') && !contains(".", '\n') && contains("[^]", '\n'));
    }
}
