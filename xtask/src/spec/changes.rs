//! What a refresh changes, in counts and names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cloudwright_spec::{Fields, Resource};

use crate::Outcome;

type Files = BTreeMap<String, String>;

/// What one set of files says: type names, and one line per property, by type and path.
#[derive(Default)]
struct Facts {
    types: BTreeSet<String>,
    properties: BTreeMap<String, String>,
    attributes: BTreeMap<String, String>,
}

/// The summary that is printed after a refresh.
pub(crate) fn summary(old: &Files, fresh: &Files) -> Outcome<String> {
    let (before, after) = (facts(old)?, facts(fresh)?);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} services, {} types, {} properties, {} attributes, {} bytes",
        fresh.len(),
        after.types.len(),
        after.properties.len(),
        after.attributes.len(),
        fresh.values().map(String::len).sum::<usize>()
    );
    for added in after.types.difference(&before.types).take(MOST_NAMES) {
        let _ = writeln!(out, "+ {added}");
    }
    for removed in before.types.difference(&after.types).take(MOST_NAMES) {
        let _ = writeln!(out, "- {removed}");
    }
    let types = (
        after.types.difference(&before.types).count(),
        before.types.difference(&after.types).count(),
    );
    let _ = writeln!(out, "types: {} added, {} removed", types.0, types.1);
    out.push_str(&counts("properties", &before.properties, &after.properties));
    out.push_str(&counts("attributes", &before.attributes, &after.attributes));
    Ok(out)
}

/// A first run lists every type; that helps nobody.
const MOST_NAMES: usize = 50;

fn counts(what: &str, old: &BTreeMap<String, String>, fresh: &BTreeMap<String, String>) -> String {
    let added = fresh.keys().filter(|key| !old.contains_key(*key)).count();
    let removed = old.keys().filter(|key| !fresh.contains_key(*key)).count();
    let differs = |(key, line): &(&String, &String)| old.get(*key).is_some_and(|was| was != *line);
    let changed = fresh.iter().filter(differs).count();
    format!("{what}: {added} added, {removed} removed, {changed} changed\n")
}

fn facts(files: &Files) -> Outcome<Facts> {
    let mut facts = Facts::default();
    for (name, text) in files {
        let service = cloudwright_spec::parse(text).map_err(|e| format!("{name}.spec, {e}"))?;
        for resource in &service.resources {
            add(&mut facts, resource);
        }
    }
    Ok(facts)
}

fn add(facts: &mut Facts, resource: &Resource<'_>) {
    facts.types.insert(resource.type_name.to_owned());
    add_fields(facts, resource.type_name, &resource.fields);
    for item in &resource.structs {
        add_fields(
            facts,
            &format!("{}.{}", resource.type_name, item.name),
            &item.fields,
        );
    }
    for attribute in &resource.attributes {
        let key = format!("{}={}", resource.type_name, attribute.name);
        facts.attributes.insert(key, attribute.ty.to_string());
    }
}

fn add_fields(facts: &mut Facts, owner: &str, fields: &Fields<'_>) {
    for property in &fields.properties {
        facts
            .properties
            .insert(format!("{owner}.{}", property.name), property.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        BTreeMap::from([("T".to_owned(), text.to_owned())])
    }

    #[test]
    fn added_removed_and_changed_are_counted() {
        let old = files("resource AWS::T::A\n  A int\n  B int\nresource AWS::T::B\n");
        let fresh = files("resource AWS::T::A\n  B string\n  C int\nresource AWS::T::C\n");
        let summary = summary(&old, &fresh).unwrap();
        assert!(
            summary.contains("+ AWS::T::C\n- AWS::T::B\ntypes: 1 added, 1 removed"),
            "{summary}"
        );
        assert!(
            summary.contains("properties: 1 added, 1 removed, 1 changed"),
            "{summary}"
        );
    }
}
