//! The JSON Schemas that are checked in are those of the types, and every type that has one is in them.

use std::collections::BTreeMap;

use syn::{Item, Visibility};

use super::repository::File;
use super::{Findings, Repository};
use crate::Outcome;
use crate::schema::{FOLDER, described, files};

/// The folders of types with schemas, and the file of each that lists them.
const SOURCES: [(&str, &str); 2] = [
    ("runtime/contract/src/", "runtime/contract/src/schema.rs"),
    ("deploy/src/documents/", "deploy/src/documents.rs"),
];

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut findings = Findings::default();
    let below = |folder| move |file: &&File| file.path.starts_with(folder);
    let written = repository.files().filter(below(FOLDER)).map(|file| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        (name.to_owned(), file.text.clone())
    });
    let written: BTreeMap<_, _> = written.collect();
    findings.errors.extend(drift(&written, &files()?));
    let described = described();
    for (source, list) in SOURCES {
        for File { path, text } in repository.rust().filter(below(source)) {
            for name in with_schema(text).map_err(|e| format!("{path}: {e}"))? {
                if !described.contains(&name) {
                    findings.errors.push(format!(
                        "{path}: {name} is in none of the schemas: add it to {list}"
                    ));
                }
            }
        }
    }
    Ok(findings)
}

/// What is checked in and not as it would be written.
fn drift(written: &BTreeMap<String, String>, made: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<_> = written.keys().chain(made.keys()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| written.get(*name) != made.get(*name));
    let advice = "is not what the types say: run `cargo xtask schema`";
    let error = |name: &String| format!("{FOLDER}/{name} {advice}");
    names.into_iter().map(error).collect()
}

/// The public types of a source that have a schema.
fn with_schema(text: &str) -> syn::Result<Vec<String>> {
    let items = syn::parse_file(text)?.items.into_iter();
    let named = items.filter_map(|item| match item {
        Item::Struct(item) => Some((item.attrs, item.vis, item.ident)),
        Item::Enum(item) => Some((item.attrs, item.vis, item.ident)),
        _ => None,
    });
    let has_schema = |attributes: &[syn::Attribute]| {
        attributes.iter().any(|attribute| match &attribute.meta {
            syn::Meta::List(list) => list.tokens.to_string().contains("JsonSchema"),
            _ => false,
        })
    };
    let public = named.filter(|(attributes, visibility, _)| {
        matches!(visibility, Visibility::Public(_)) && has_schema(attributes)
    });
    Ok(public.map(|(.., name)| name.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_other_or_too_many_is_an_error() {
        let files = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        let made = files(&[("a", "1"), ("b", "1")]);
        assert!(drift(&made, &made).is_empty());
        let found = drift(&files(&[("b", "2"), ("c", "1")]), &made);
        let names: Vec<_> = found
            .iter()
            .map(|error| error.split(' ').next().unwrap())
            .collect();
        assert_eq!(names, ["docs/schema/a", "docs/schema/b", "docs/schema/c"]);
    }

    #[test]
    fn a_public_type_with_a_schema_is_found() {
        let text = "
            #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema))] pub struct Yes<V>(V);
            #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema))] pub enum Also {}
            #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema))] struct Hidden;
            #[derive(Debug)] pub struct No;
        ";
        assert_eq!(with_schema(text).unwrap(), ["Yes", "Also"]);
    }
}
