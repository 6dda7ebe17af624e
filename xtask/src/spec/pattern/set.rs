//! A set of characters: ranges and Unicode categories, possibly negated.

/// The sets that have a name: the letters after the backslash, in both languages.
pub(super) const NAMED: [&str; 10] = ["d", "w", "s", "pL", "pN", "pZ", "pP", "pS", "pM", "pC"];

/// A set of characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    /// Everything but what is listed.
    pub(super) negated: bool,
    /// Sorted and merged.
    pub(super) ranges: Vec<(char, char)>,
    /// Named sets, a negated one in capitals (`\S`, `\PC`); sorted.
    pub(super) named: Vec<String>,
}

impl Set {
    pub(super) fn anything() -> Self {
        Set {
            negated: true,
            ..Set::default()
        }
    }

    pub(super) fn any_but_newline() -> Self {
        Set {
            negated: true,
            ranges: vec![('\n', '\n')],
            named: Vec::new(),
        }
    }

    pub(super) fn one(char: char) -> Self {
        Set {
            ranges: vec![(char, char)],
            ..Set::default()
        }
    }

    /// The one character it holds, if it is only one.
    pub(super) fn single(&self) -> Option<char> {
        match (self.negated, self.ranges.as_slice(), self.named.as_slice()) {
            (false, [(low, high)], []) if low == high => Some(*low),
            _ => None,
        }
    }

    /// Everything that any of the sets holds; negated sets cannot be put together.
    pub(super) fn union(sets: &[&Set]) -> Option<Set> {
        let mut all = Set::default();
        if let [only] = sets {
            return Some((*only).clone());
        }
        for set in sets {
            if set.negated {
                return None;
            }
            all.ranges.extend(&set.ranges);
            all.named.extend(set.named.iter().cloned());
        }
        all.normalise();
        Some(all)
    }

    /// Sorts and merges.
    pub(super) fn normalise(&mut self) {
        self.named.sort_unstable();
        self.named.dedup();
        if self.is_everything() {
            *self = Set {
                negated: !self.negated,
                ..Set::default()
            };
        }
        self.ranges.sort_unstable();
        let mut merged: Vec<(char, char)> = Vec::new();
        for &(low, high) in &self.ranges {
            match merged.last_mut() {
                Some(last) if u32::from(low) <= u32::from(last.1) + 1 => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        self.ranges = merged;
    }

    /// `[\s\S]` and its like.
    fn is_everything(&self) -> bool {
        let has = |name: &str| self.named.iter().any(|named| named == name);
        ["d", "w", "s"]
            .iter()
            .any(|name| has(name) && has(&name.to_uppercase()))
    }

    /// Adds the other case of every letter.
    pub(super) fn ignore_case(&mut self) {
        for (low, high) in self.ranges.clone() {
            let letters = (low..=high).take(256).filter(char::is_ascii_alphabetic);
            let other = |letter: char| {
                if letter.is_ascii_lowercase() {
                    letter.to_ascii_uppercase()
                } else {
                    letter.to_ascii_lowercase()
                }
            };
            self.ranges
                .extend(letters.map(other).map(|letter| (letter, letter)));
        }
        self.normalise();
    }
}
