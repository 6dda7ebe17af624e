//! Names of nested property types: unique within a resource type, usable as they are.

use std::collections::BTreeMap;

/// Hands out names. A definition keeps its name; an anonymous object gets one from its place.
#[derive(Default)]
pub(crate) struct Names {
    by_definition: BTreeMap<String, &'static str>,
    taken: BTreeMap<&'static str, ()>,
}

impl Names {
    /// Reserves the names of all definitions, so that an anonymous object never takes one.
    pub(crate) fn with_definitions<'a>(definitions: impl Iterator<Item = &'a String>) -> Self {
        let mut names = Names::default();
        for definition in definitions {
            let name = names.free(&capitalised(definition));
            names.by_definition.insert(definition.clone(), name);
        }
        names
    }

    /// The name of a definition, or of a property that something refers to.
    pub(crate) fn definition(&mut self, definition: &str) -> &'static str {
        if let Some(name) = self.by_definition.get(definition) {
            return name;
        }
        let name = self.free(&capitalised(definition));
        self.by_definition.insert(definition.to_owned(), name);
        name
    }

    /// A name for the anonymous object that is the value of `owner`'s `property`.
    pub(crate) fn anonymous(&mut self, owner: &str, property: &str) -> &'static str {
        let short = capitalised(property);
        if self.taken.contains_key(short.as_str()) {
            return self.free(&format!("{owner}{short}"));
        }
        self.free(&short)
    }

    fn free(&mut self, wanted: &str) -> &'static str {
        let mut name = wanted.to_owned();
        let mut count = 2;
        while self.taken.contains_key(name.as_str()) {
            name = format!("{wanted}{count}");
            count += 1;
        }
        let name: &'static str = name.leak();
        self.taken.insert(name, ());
        name
    }
}

/// Upper-case first letter, letters and digits only: never a scalar's name, never a directive.
fn capitalised(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut chars = plain.chars();
    match chars.next() {
        Some(first) if first.is_ascii_digit() => format!("V{plain}"),
        Some(first) => first.to_ascii_uppercase().to_string() + chars.as_str(),
        None => "Value".into(),
    }
}

/// The name of one element of a list property: `Rules` holds `Rule`s.
pub(crate) fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None if name.ends_with("ss") => name.to_owned(),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_capitalised_and_unique() {
        let definitions = ["tags".to_owned(), "Tags".to_owned(), "json".to_owned()];
        let mut names = Names::with_definitions(definitions.iter());
        assert_eq!(names.definition("tags"), "Tags");
        assert_eq!(names.definition("Tags"), "Tags2");
        assert_eq!(names.definition("json"), "Json");
        assert_eq!(names.anonymous("Queue", "Tags"), "QueueTags");
        assert_eq!(names.anonymous("Queue", "Rule"), "Rule");
    }

    #[test]
    fn elements_have_the_singular() {
        assert_eq!(singular("Rules"), "Rule");
        assert_eq!(singular("Policies"), "Policy");
        assert_eq!(singular("Access"), "Access");
    }
}
