//! Simple patterns: letters, classes and counts, matched without a regular expression engine.
//!
//! Parameters take any Java regular expression. Nearly all that people write are a row of classes
//! with counts, such as `[a-z][a-z0-9-]{2,62}`; those are matched here, and anything else (groups,
//! alternatives, look-ahead, ..) is left to CloudFormation.

/// A pattern that can be matched.
pub(crate) struct Pattern(Vec<Atom>);

/// A class of letters, and how many of them follow each other.
struct Atom {
    negated: bool,
    ranges: Vec<(char, char)>,
    least: usize,
    most: usize,
}

impl Pattern {
    /// The pattern, when it is simple.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('^').unwrap_or(text);
        let text = match text.strip_suffix('$') {
            Some(inner) if !inner.ends_with('\\') => inner,
            _ => text,
        };
        let mut letters = text.chars().peekable();
        let mut atoms = Vec::new();
        while let Some(letter) = letters.next() {
            let (negated, ranges) = match letter {
                '[' => class(&mut letters)?,
                '.' => (true, vec![('\n', '\n'), ('\r', '\r')]),
                '\\' => (false, escape(letters.next()?)?),
                '(' | ')' | '|' | '*' | '+' | '?' | '{' | '}' | ']' | '^' | '$' => return None,
                plain => (false, vec![(plain, plain)]),
            };
            let (least, most) = count(&mut letters)?;
            atoms.push(Atom {
                negated,
                ranges,
                least,
                most,
            });
        }
        Some(Self(atoms))
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        let mut reached = vec![false; letters.len() + 1];
        reached[0] = true;
        for atom in &self.0 {
            reached = atom.advance(&reached, &letters);
        }
        reached[letters.len()]
    }
}

impl Atom {
    fn holds(&self, letter: char) -> bool {
        let inside = self
            .ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&letter));
        inside != self.negated
    }

    /// The places that can be reached from the given ones by this atom.
    fn advance(&self, from: &[bool], letters: &[char]) -> Vec<bool> {
        let mut reached = vec![false; from.len()];
        for start in (0..from.len()).filter(|start| from[*start]) {
            let run = letters[start..]
                .iter()
                .take_while(|letter| self.holds(**letter));
            let longest = run.take(self.most).count();
            for length in self.least..=longest {
                reached[start + length] = true;
            }
        }
        reached
    }
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;
type Ranges = Vec<(char, char)>;

fn escape(letter: char) -> Option<Ranges> {
    match letter {
        'd' => Some(vec![('0', '9')]),
        'w' => Some(vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]),
        's' => Some(vec![(' ', ' '), ('\t', '\r')]),
        letter if letter.is_ascii_alphanumeric() => None,
        letter => Some(vec![(letter, letter)]),
    }
}

/// The rest of a class after `[`.
fn class(letters: &mut Letters<'_>) -> Option<(bool, Ranges)> {
    let negated = letters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let first = match letters.next()? {
            ']' if ranges.is_empty() => return None,
            ']' => return Some((negated, ranges)),
            '[' | '&' => return None,
            '\\' => {
                let escaped = escape(letters.next()?)?;
                match escaped[..] {
                    [(only, last)] if only == last => only,
                    _ => {
                        ranges.extend(escaped);
                        continue;
                    }
                }
            }
            letter => letter,
        };
        ranges.push((first, range_end(first, letters)?));
    }
}

/// The end of a range that starts with `first`, or `first` itself.
fn range_end(first: char, letters: &mut Letters<'_>) -> Option<char> {
    let mut ahead = letters.clone();
    if ahead.next() != Some('-') || ahead.peek() == Some(&']') {
        return Some(first);
    }
    let last = match ahead.next()? {
        '\\' => ahead
            .next()
            .filter(|letter| !letter.is_ascii_alphanumeric())?,
        '[' => return None,
        letter => letter,
    };
    *letters = ahead;
    (first <= last).then_some(last)
}

/// The count after an atom: `*`, `+`, `?`, `{3}`, `{3,}`, `{3,8}`, or none.
fn count(letters: &mut Letters<'_>) -> Option<(usize, usize)> {
    let counts = match letters.peek() {
        Some('*') => (0, usize::MAX),
        Some('+') => (1, usize::MAX),
        Some('?') => (0, 1),
        Some('{') => {
            letters.next();
            return braces(letters);
        }
        _ => return Some((1, 1)),
    };
    letters.next();
    // A lazy or possessive count.
    if matches!(letters.peek(), Some('?' | '+')) {
        return None;
    }
    Some(counts)
}

fn braces(letters: &mut Letters<'_>) -> Option<(usize, usize)> {
    let inside: String = letters
        .by_ref()
        .take_while(|letter| *letter != '}')
        .collect();
    if matches!(letters.peek(), Some('?' | '+')) {
        return None;
    }
    match inside.split_once(',') {
        None => inside.parse().ok().map(|count| (count, count)),
        Some((least, "")) => Some((least.parse().ok()?, usize::MAX)),
        Some((least, most)) => Some((least.parse().ok()?, most.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn simple_patterns_match_as_java_would() {
        for (pattern, good, bad) in [
            ("[a-z][a-z0-9-]{2,5}", "ab-1", "1abc"),
            ("^[a-zA-Z0-9]*$", "", "a b"),
            (r"\d{3}-\d+", "123-4", "12-4"),
            (r"[\w.-]+@x\.y", "a.b@x.y", "a.b@xzy"),
            ("ab?c", "ac", "abbc"),
            ("[^/]+", "abc", "a/c"),
            (".*", "anything", "two\nlines"),
            ("a{2,}", "aaa", "a"),
            ("[a-c-]+", "a-b", "d"),
        ] {
            let parsed = Pattern::parse(pattern).unwrap();
            assert!(parsed.matches(good), "{pattern} {good}");
            assert!(!parsed.matches(bad), "{pattern} {bad}");
        }
    }

    #[test]
    fn everything_else_is_left_alone() {
        for pattern in [
            "(a|b)",
            "a|b",
            "(?i)a",
            r"\bword\b",
            r"\p{L}+",
            "[a&&b]",
            "a*?",
            "[",
            "a{",
        ] {
            assert!(Pattern::parse(pattern).is_none(), "{pattern}");
        }
    }
}
