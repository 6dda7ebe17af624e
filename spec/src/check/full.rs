//! Patterns that need a regular expression engine (feature `full`).

use std::collections::HashMap;

use fancy_regex::Regex;

use super::{Finding, Literal, check_with};
use crate::model::Resource;

/// A regular expression engine that compiles each pattern once, which takes up to milliseconds.
#[derive(Default)]
pub struct Engine {
    /// Look-up only: never iterated. None is an expression that cannot be compiled.
    compiled: HashMap<String, Option<Regex>>,
}

impl Engine {
    /// As [`check`](crate::check), and checks every pattern.
    pub fn check<L: Literal>(
        &mut self,
        resource: &Resource<'_>,
        properties: &L,
        report: &mut dyn FnMut(Finding),
    ) {
        let mut matches = |pattern: &str, text: &str| self.matches(pattern, text);
        check_with(resource, properties, &mut matches, report);
    }

    /// Whether the pattern is found in the text. A pattern that the engine does not take, or gives
    /// up on, refuses nothing.
    fn matches(&mut self, pattern: &str, text: &str) -> bool {
        let compile = || Regex::new(pattern).ok();
        let regex = match self.compiled.get(pattern) {
            Some(regex) => regex,
            None => self
                .compiled
                .entry(pattern.to_owned())
                .or_insert_with(compile),
        };
        let found = regex.as_ref().map(|regex| regex.is_match(text));
        !matches!(found, Some(Ok(false)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::model::{Fields, Pattern};

    /// Patterns of the facts that hold what no engine of Rust takes; they refuse nothing.
    const BEYOND: [&str; 5] = [
        r"^(?! )[\p{L}\p{N}\p{Z}-_]*(?<! )$",
        r"^(\/|(\/(?!\.)+[^$#<>;;`|&?{}^*/\n]+){1,4})$",
        r"^(\/|(\/(?!\.)+[^$#<>;`|&?{}^*/\n]+){1,4})$",
        r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*$",
        r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*$",
    ];

    fn patterns() -> BTreeSet<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../constructs/cfn/spec");
        let mut patterns = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for resource in crate::parse(&text).unwrap().resources {
                let structs = resource.structs.iter().map(|one| &one.fields);
                structs
                    .chain([&resource.fields])
                    .for_each(|fields| collect(fields, &mut patterns));
            }
        }
        patterns
    }

    fn collect(fields: &Fields<'_>, patterns: &mut BTreeSet<String>) {
        for property in &fields.properties {
            for pattern in [property.facets.pattern, property.facets.keys] {
                if let Some(Pattern::Regex(regex)) = pattern {
                    patterns.insert(regex.to_owned());
                }
            }
        }
    }

    #[test]
    fn the_engine_takes_every_pattern_of_the_facts() {
        let patterns = patterns();
        assert!(patterns.len() > 20, "{}", patterns.len());
        let refused = patterns
            .iter()
            .filter(|pattern| Regex::new(pattern).is_err());
        assert_eq!(refused.collect::<Vec<_>>(), BEYOND);
    }

    #[test]
    fn patterns_are_searched_for() {
        let mut engine = Engine::default();
        assert!(engine.matches("^a+$", "aaa"));
        assert!(engine.matches("b", "abc"));
        assert!(!engine.matches("^b", "abc"));
        assert!(!engine.matches("^(?!aws)[a-z]+$", "awsome"));
        assert!(engine.matches("(", "no pattern refuses nothing"));
    }
}
