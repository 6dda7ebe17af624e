//! Every checked-in spec file follows the grammar in its canonical form.

use std::fs;
use std::path::PathBuf;

use cloudwright_spec::{Chars, Pattern};

fn texts() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../constructs/cfn/spec");
    let entries = fs::read_dir(&folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let specs = paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "spec")
    });
    specs
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn writing_what_was_parsed_gives_the_file() {
    let texts = texts();
    assert!(texts.len() > 300, "got {} spec files", texts.len());
    for (path, text) in &texts {
        let service = cloudwright_spec::parse(text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            cloudwright_spec::write(&service) == *text,
            "{} is not canonical",
            path.display()
        );
    }
}

#[test]
fn every_resource_is_found_alone() {
    for (path, text) in texts() {
        for resource in cloudwright_spec::parse(&text).unwrap().resources {
            let excerpt = cloudwright_spec::find_resource(&text, resource.type_name).unwrap();
            let alone = cloudwright_spec::parse_resource(excerpt).unwrap();
            assert!(
                alone == resource,
                "{} in {}",
                resource.type_name,
                path.display()
            );
        }
    }
}

#[test]
fn every_named_type_is_defined() {
    for (_, text) in texts() {
        for resource in cloudwright_spec::parse(&text).unwrap().resources {
            let nested = resource
                .structs
                .iter()
                .flat_map(|item| &item.fields.properties);
            for property in resource.fields.properties.iter().chain(nested) {
                let cloudwright_spec::Type::Named(name) = property.ty.leaf() else {
                    continue;
                };
                let known =
                    resource.structure(name).is_some() || resource.enumeration(name).is_some();
                assert!(
                    known,
                    "{}: {} has unknown type {name}",
                    resource.type_name, property.name
                );
            }
        }
    }
}

#[test]
fn every_chars_pattern_is_understood() {
    let mut count = 0;
    for (_, text) in texts() {
        for resource in cloudwright_spec::parse(&text).unwrap().resources {
            let nested = resource
                .structs
                .iter()
                .flat_map(|item| &item.fields.properties);
            for property in resource.fields.properties.iter().chain(nested) {
                for pattern in [property.facets.pattern, property.facets.keys] {
                    let Some(Pattern::Chars(chars)) = pattern else {
                        continue;
                    };
                    assert!(
                        Chars::parse(chars).is_ok(),
                        "{}: {chars}",
                        resource.type_name
                    );
                    count += 1;
                }
            }
        }
    }
    assert!(count > 6000, "{count} patterns");
}
