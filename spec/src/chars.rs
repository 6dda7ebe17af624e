//! The form of a text without a regular expression engine.
//!
//! `chars` patterns are written by the step that refreshes the facts, from the regular
//! expressions of the schemas. The language has no shorthands and must match the whole text:
//!
//! ```text
//! alternatives = sequence { "|" sequence }
//! sequence     = { item [ count ] }
//! item         = character | "." | set | "(" alternatives ")"
//!              | "(!" alternatives ")"      not followed by
//!              | "(=" alternatives ")"      followed by
//!              | "^" | "$"                  at the start, at the end
//! count        = "?" | "*" | "+" | "{" n "}" | "{" n ",}" | "{" n "," m "}"
//! set          = "[" [ "^" ] { character | character "-" character | named } "]"
//! named        = "\d" | "\w" | "\s" | "\pL" | "\pN" | "\pZ" | "\pP" | "\pS" | "\pM" | "\pC"
//! ```
//!
//! A named set in capitals is negated; a special character has a `\` in front; `\n`, `\r`, `\t`
//! and `\u{hex}` are characters. `.` is any character but a line feed, `[^]` any at all.
//!
//! Matching keeps the set of reachable positions, so that its time is bounded by the length of
//! the pattern times that of the text (times its length again for groups): no pattern and no
//! text makes it hang. Outside ASCII the categories are those of the standard library, which are
//! a little wider than Unicode's (`\pL` includes vowel signs, for example).

use crate::charset::Set;

/// A parsed pattern.
#[derive(Clone, Debug)]
pub struct Chars(Vec<Sequence>);

type Sequence = Vec<Item>;

#[derive(Clone, Debug)]
struct Item {
    what: What,
    min: usize,
    max: usize,
}

#[derive(Clone, Debug)]
enum What {
    Set(Set),
    Group(Vec<Sequence>),
    Ahead {
        negative: bool,
        inner: Vec<Sequence>,
    },
    Start,
    End,
}

const ENDLESS: usize = usize::MAX;

impl Chars {
    /// Parses a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: pattern };
        let all = parser.alternatives()?;
        match parser.rest {
            "" => Ok(Chars(all)),
            rest => Err(format!("got {rest:?}, expected the end of the pattern")),
        }
    }

    /// Whether the whole text has this form. As in the schemas' dialect, the end is also before
    /// a final line feed.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        if let Some(set) = self.lone_set() {
            let body = text.strip_suffix('\n').filter(|body| !body.is_empty());
            let all = |text: &str| text.chars().all(|char| set.contains(char));
            return body.is_some_and(all) || all(text);
        }
        let text = Text(text.chars().collect());
        let ends = text.alternatives(&self.0, &text.only(0));
        let last = text.0.len();
        ends[last] || (text.0.last() == Some(&'\n') && ends[last - 1])
    }

    /// The most frequent form, `[set]*`, needs no positions.
    fn lone_set(&self) -> Option<&Set> {
        let [sequence] = self.0.as_slice() else {
            return None;
        };
        match sequence.as_slice() {
            [
                Item {
                    what: What::Set(set),
                    min: 0,
                    max: ENDLESS,
                },
            ] => Some(set),
            _ => None,
        }
    }
}

/// Which positions can be reached; one more than there are characters.
type Positions = Vec<bool>;

struct Text(Vec<char>);

impl Text {
    fn none(&self) -> Positions {
        vec![false; self.0.len() + 1]
    }

    fn only(&self, position: usize) -> Positions {
        let mut positions = self.none();
        positions[position] = true;
        positions
    }

    fn alternatives(&self, all: &[Sequence], starts: &Positions) -> Positions {
        let mut ends = self.none();
        for sequence in all {
            add(&mut ends, &self.sequence(sequence, starts));
        }
        ends
    }

    fn sequence(&self, items: &[Item], starts: &Positions) -> Positions {
        let mut positions = starts.clone();
        for item in items {
            positions = self.item(item, &positions);
        }
        positions
    }

    fn item(&self, item: &Item, starts: &Positions) -> Positions {
        match &item.what {
            What::Set(set) => self.set(set, item, starts),
            What::Group(inner) => self.group(inner, item, starts),
            What::Ahead { negative, inner } => self.ahead(*negative, inner, starts),
            What::Start => self.keep(starts, |position| position == 0),
            What::End => self.keep(starts, |position| self.is_end(position)),
        }
    }

    fn is_end(&self, position: usize) -> bool {
        position == self.0.len() || (position + 1 == self.0.len() && self.0[position] == '\n')
    }

    fn keep(&self, starts: &Positions, holds: impl Fn(usize) -> bool) -> Positions {
        starts
            .iter()
            .enumerate()
            .map(|(position, set)| *set && holds(position))
            .collect()
    }

    fn ahead(&self, negative: bool, inner: &[Sequence], starts: &Positions) -> Positions {
        self.keep(starts, |position| {
            let found = self
                .alternatives(inner, &self.only(position))
                .contains(&true);
            found != negative
        })
    }

    /// From each start the run of members gives a stretch of ends.
    fn set(&self, set: &Set, item: &Item, starts: &Positions) -> Positions {
        let mut ends = self.none();
        let mut run_end = 0;
        for start in starts
            .iter()
            .enumerate()
            .filter_map(|(at, is_set)| is_set.then_some(at))
        {
            run_end = self.run_end(set, run_end.max(start));
            let last = run_end.min(start.saturating_add(item.max));
            let first = start.saturating_add(item.min);
            for end in ends.iter_mut().take(last + 1).skip(first) {
                *end = true;
            }
        }
        ends
    }

    fn run_end(&self, set: &Set, start: usize) -> usize {
        let rest = &self.0[start.min(self.0.len())..];
        start + rest.iter().take_while(|char| set.contains(**char)).count()
    }

    /// Repeats until the count is reached or nothing new is.
    fn group(&self, inner: &[Sequence], item: &Item, starts: &Positions) -> Positions {
        let mut frontier = starts.clone();
        for _ in 0..item.min {
            frontier = self.alternatives(inner, &frontier);
            if !frontier.contains(&true) {
                return frontier;
            }
        }
        let mut reached = frontier.clone();
        for _ in item.min..item.max {
            frontier = self.alternatives(inner, &frontier);
            if !add(&mut reached, &frontier) {
                break;
            }
        }
        reached
    }
}

/// Adds positions; returns whether any was new.
fn add(positions: &mut Positions, more: &Positions) -> bool {
    let mut grown = false;
    for (position, new) in positions.iter_mut().zip(more) {
        grown |= *new && !*position;
        *position |= new;
    }
    grown
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn alternatives(&mut self) -> Result<Vec<Sequence>, String> {
        let mut all = vec![self.sequence()?];
        while self.take("|") {
            all.push(self.sequence()?);
        }
        Ok(all)
    }

    fn sequence(&mut self) -> Result<Sequence, String> {
        let mut items = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            let what = self.what()?;
            let (min, max) = self.count()?;
            items.push(Item { what, min, max });
        }
        Ok(items)
    }

    fn what(&mut self) -> Result<What, String> {
        if self.take("(!") {
            return Ok(What::Ahead {
                negative: true,
                inner: self.group()?,
            });
        }
        if self.take("(=") {
            return Ok(What::Ahead {
                negative: false,
                inner: self.group()?,
            });
        }
        if self.take("(") {
            return self.group().map(What::Group);
        }
        if self.take("^") {
            return Ok(What::Start);
        }
        if self.take("$") {
            return Ok(What::End);
        }
        Set::parse(&mut self.rest).map(What::Set)
    }

    fn group(&mut self) -> Result<Vec<Sequence>, String> {
        let inner = self.alternatives()?;
        match self.take(")") {
            true => Ok(inner),
            false => Err("got a group without its closing parenthesis".into()),
        }
    }

    fn count(&mut self) -> Result<(usize, usize), String> {
        if self.take("?") {
            return Ok((0, 1));
        }
        if self.take("*") {
            return Ok((0, ENDLESS));
        }
        if self.take("+") {
            return Ok((1, ENDLESS));
        }
        if !self.take("{") {
            return Ok((1, 1));
        }
        let (inner, rest) = self.rest.split_once('}').ok_or("got a count without `}`")?;
        self.rest = rest;
        let number = |text: &str| text.parse().map_err(|_| format!("got count {inner:?}"));
        match inner.split_once(',') {
            None => number(inner).map(|count| (count, count)),
            Some((min, "")) => Ok((number(min)?, ENDLESS)),
            Some((min, max)) => Ok((number(min)?, number(max)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Chars::parse(pattern).unwrap().matches(text)
    }

    #[test]
    fn sets_and_counts() {
        assert!(matches("[a-z]*", ""));
        assert!(matches("[a-z]*", "abc"));
        assert!(!matches("[a-z]*", "aBc"));
        assert!(matches("a{2,3}b?", "aaab"));
        assert!(!matches("a{2,3}b?", "ab"));
        assert!(matches(r"[\d]{12}", "123456789012"));
        assert!(matches("[^/]+/.*", "a/b/c"));
    }

    #[test]
    fn groups_alternatives_and_looking_ahead() {
        assert!(matches("[a-z](-*[a-z])*", "a--b-c"));
        assert!(!matches("[a-z](-*[a-z])*", "a-"));
        assert!(matches("(https|s3)://[^/]+", "s3://x"));
        assert!(!matches("(!aws:)[a-z:]+", "aws:x"));
        assert!(matches("(!aws:)[a-z:]+", "awx:x"));
        assert!(matches("(=.*[0-9])[a-z0-9]+", "a1"));
        assert!(!matches("(![\\s]*$).*", "   "));
    }

    #[test]
    fn a_final_line_feed_is_passed_over() {
        assert!(matches("[a-z]*", "abc\n"));
        assert!(matches("a(b)*", "abb\n"));
        assert!(!matches("[a-z]*", "abc\n\n"));
    }

    #[test]
    fn hostile_patterns_end_soon() {
        let text = "a".repeat(2000) + "!";
        assert!(!matches("((a|aa)*)*", &text));
        assert!(!matches("(a*)*b", &text));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in ["(a", "a)", "[a", "a{2", "a{x}", "\\", "\\u{110000}", "*"] {
            assert!(Chars::parse(pattern).is_err(), "{pattern}");
        }
    }
}
