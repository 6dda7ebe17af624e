//! Parses the dialect of the judge's engine, as far as the small language can say it.

use super::set::{NAMED, Set};
use super::{Alternatives, Item, Sequence, What};

/// Parses `regex`; `None` when it uses something that the small language lacks.
pub(super) fn parse(regex: &str) -> Option<Alternatives> {
    let (flags, body) = flags(regex);
    let mut parser = Parser {
        chars: body.chars().collect(),
        at: 0,
        ignore_case: flags.contains('i'),
        dot_is_all: flags.contains('s'),
    };
    let alternatives = parser.alternatives()?;
    (parser.at == parser.chars.len()).then_some(alternatives)
}

/// Flags at the start speak about the whole pattern, also when they follow the anchor.
fn flags(regex: &str) -> (&str, String) {
    let (anchor, rest) = match regex.strip_prefix('^') {
        Some(rest) => ("^", rest),
        None => ("", regex),
    };
    let inner = rest
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'));
    match inner.filter(|(flags, _)| matches!(*flags, "i" | "s" | "is" | "si")) {
        Some((flags, body)) => (flags, format!("{anchor}{body}")),
        None => ("", regex.to_owned()),
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    ignore_case: bool,
    dot_is_all: bool,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek();
        self.at += 1;
        char
    }

    fn take(&mut self, text: &str) -> bool {
        let wanted: Vec<char> = text.chars().collect();
        let matches = self.chars[self.at.min(self.chars.len())..].starts_with(&wanted);
        if matches {
            self.at += wanted.len();
        }
        matches
    }

    fn alternatives(&mut self) -> Option<Alternatives> {
        let mut all = vec![self.sequence()?];
        while self.take("|") {
            all.push(self.sequence()?);
        }
        Some(all)
    }

    fn sequence(&mut self) -> Option<Sequence> {
        let mut items = Vec::new();
        while let Some(char) = self.peek() {
            if char == '|' || char == ')' {
                break;
            }
            let what = self.atom()?;
            items.push(self.counted(what)?);
        }
        Some(items)
    }

    fn atom(&mut self) -> Option<What> {
        let mut set = match self.next()? {
            '(' => return self.group(),
            '^' => return Some(What::Start),
            '$' => return Some(What::End),
            '[' => self.class()?,
            '.' if self.dot_is_all => Set::anything(),
            '.' => Set::any_but_newline(),
            '\\' => match self.peek()? {
                'A' | 'Z' | 'z' => return self.anchor(),
                _ => self.escape()?,
            },
            '*' | '+' | '?' => return None,
            plain => Set::one(plain),
        };
        if self.ignore_case {
            set.ignore_case();
        }
        Some(What::Set(set))
    }

    fn anchor(&mut self) -> Option<What> {
        Some(if self.next()? == 'A' {
            What::Start
        } else {
            What::End
        })
    }

    fn group(&mut self) -> Option<What> {
        let ahead = if self.take("?!") {
            Some(true)
        } else if self.take("?=") {
            Some(false)
        } else {
            self.group_head()?;
            None
        };
        let inner = self.alternatives()?;
        if !self.take(")") {
            return None;
        }
        Some(match ahead {
            Some(negative) => What::Ahead { negative, inner },
            None => What::Group(inner),
        })
    }

    /// `(?:` and named groups are plain groups; any other `(?` is not understood.
    fn group_head(&mut self) -> Option<()> {
        if !self.take("?") || self.take(":") {
            return Some(());
        }
        let named = self.take("P<") || self.take("<");
        let not_behind = !matches!(self.peek()?, '=' | '!');
        if !(named && not_behind) {
            return None;
        }
        while self.next()? != '>' {}
        Some(())
    }

    fn counted(&mut self, what: What) -> Option<Item> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.braces() {
                Some(counts) => return self.finish(what, counts),
                None => return Some(Item::once(what)),
            },
            _ => return Some(Item::once(what)),
        };
        self.at += 1;
        self.finish(what, (min, max))
    }

    /// A lazy count finds the same texts; a possessive one may not. Only sets and groups count.
    fn finish(&mut self, what: What, (min, max): (u32, Option<u32>)) -> Option<Item> {
        let countable = matches!(what, What::Set(_) | What::Group(_));
        if !countable || self.take("+") || max.is_some_and(|max| max < min) {
            return None;
        }
        self.take("?");
        Some(Item { what, min, max })
    }

    /// `{3}`, `{3,}`, `{3,5}` or `{,5}`; anything else is a plain brace.
    fn braces(&mut self) -> Option<(u32, Option<u32>)> {
        let close = self.chars[self.at..].iter().position(|char| *char == '}')?;
        let inner: String = self.chars[self.at + 1..self.at + close].iter().collect();
        let counts = match inner.split_once(',') {
            None => inner.parse().ok().map(|count| (count, Some(count))),
            Some((min, "")) => min.parse().ok().map(|min| (min, None)),
            Some(("", max)) => max.parse().ok().map(|max| (0, Some(max))),
            Some((min, max)) => min.parse().ok().zip(max.parse().ok().map(Some)),
        };
        if counts.is_some() {
            self.at += close + 1;
        }
        counts
    }

    fn class(&mut self) -> Option<Set> {
        let mut set = Set {
            negated: self.take("^"),
            ..Set::default()
        };
        let mut first = true;
        while first || self.peek()? != ']' {
            first = false;
            self.class_item(&mut set)?;
        }
        self.at += 1;
        set.normalise();
        Some(set)
    }

    fn class_item(&mut self, set: &mut Set) -> Option<()> {
        if self.peek()? == '[' && self.chars.get(self.at + 1) == Some(&':') {
            return None;
        }
        let low = self.class_char()?;
        let is_range =
            self.peek()? == '-' && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
        let (Some(first), true) = (low.single_code(), is_range) else {
            low.add_to(set);
            return Some(());
        };
        let dash = self.at;
        self.at += 1;
        let high = self.class_char()?;
        match high.single_code() {
            Some(last) if first <= last => add_range(set, first, last),
            Some(_) => return None,
            None => {
                self.at = dash;
                low.add_to(set);
            }
        }
        Some(())
    }

    fn class_char(&mut self) -> Option<ClassChar> {
        match self.next()? {
            '\\' if self.peek()? == 'b' => {
                self.at += 1;
                Some(ClassChar::Code(8))
            }
            '\\' => self.code_or_named(),
            plain => Some(ClassChar::Code(u32::from(plain))),
        }
    }

    fn escape(&mut self) -> Option<Set> {
        let mut set = Set::default();
        self.code_or_named()?.add_to(&mut set);
        Some(set)
    }

    fn code_or_named(&mut self) -> Option<ClassChar> {
        let letter = self.next()?;
        Some(ClassChar::Code(match letter {
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'f' => 0x0c,
            'v' => 0x0b,
            'a' => 0x07,
            'x' => self.hex(2)?,
            'u' => self.hex(4)?,
            'U' => self.hex(8)?,
            'd' | 'w' | 's' | 'D' | 'W' | 'S' => return Some(ClassChar::Named(letter.to_string())),
            'p' | 'P' => return self.category(letter),
            other if other.is_ascii_alphanumeric() => return None,
            other => u32::from(other),
        }))
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text: String = self.chars.get(self.at..self.at + digits)?.iter().collect();
        self.at += digits;
        u32::from_str_radix(&text, 16).ok()
    }

    fn category(&mut self, letter: char) -> Option<ClassChar> {
        if !self.take("{") {
            return None;
        }
        let mut name = String::new();
        loop {
            match self.next()? {
                '}' => break,
                char => name.push(char),
            }
        }
        match name.as_str() {
            "ASCII" if letter == 'p' => return Some(ClassChar::Ascii),
            "Cc" if letter == 'p' => return Some(ClassChar::Control),
            "Zs" => name = "Z".into(),
            _ => {}
        }
        let known = NAMED.contains(&format!("p{name}").as_str());
        known.then(|| ClassChar::Named(format!("{letter}{name}")))
    }
}

enum ClassChar {
    Code(u32),
    Named(String),
    Ascii,
    Control,
}

impl ClassChar {
    fn single_code(&self) -> Option<u32> {
        match self {
            ClassChar::Code(code) => Some(*code),
            _ => None,
        }
    }

    fn add_to(self, set: &mut Set) {
        match self {
            ClassChar::Code(code) => add_range(set, code, code),
            ClassChar::Named(name) => set.named.push(name),
            ClassChar::Ascii => add_range(set, 0, 0x7f),
            ClassChar::Control => {
                add_range(set, 0, 0x1f);
                add_range(set, 0x7f, 0x9f);
            }
        }
    }
}

/// Surrogates are no characters; they are cut out.
fn add_range(set: &mut Set, low: u32, high: u32) {
    for (from, to) in [(low, high.min(0xd7ff)), (low.max(0xe000), high)] {
        if from <= to
            && let (Some(from), Some(to)) = (char::from_u32(from), char::from_u32(to))
        {
            set.ranges.push((from, to));
        }
    }
}
