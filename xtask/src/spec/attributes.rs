//! What `Fn::GetAtt` can read: the read-only properties, nested ones with dotted names.

use std::collections::BTreeMap;

use cloudwright_spec::{Attribute, Scalar, Type};
use serde_json::Value;

use super::paths;
use super::shape::Converter;
use super::view::View;

/// Collects the attributes, sorted by name: the paths that the schema lists (those through lists
/// or maps are none), and those of `known` that lead to something in the schema. The latter are
/// the members of read-only objects, and settable properties that can be read as well.
pub(crate) fn collect(
    schema: &'static Value,
    converter: &mut Converter,
    known: &[&str],
) -> Vec<Attribute<'static>> {
    let mut found = BTreeMap::new();
    let listed = paths::dotted(schema, "readOnlyProperties").into_iter();
    for path in listed.chain(known.iter().map(|path| (*path).to_owned())) {
        if let Some(node) = node_at(schema, &path) {
            let (ty, _) = converter.shape("Attribute", "Attribute", node);
            found.insert(path, plain(ty, converter));
        }
    }
    drop_wholes(&mut found);
    found
        .into_iter()
        .map(|(name, ty)| Attribute {
            name: name.leak(),
            ty,
        })
        .collect()
}

/// An object whose members can be read is not read as a whole.
fn drop_wholes(found: &mut BTreeMap<String, Type<'static>>) {
    let names: Vec<String> = found.keys().cloned().collect();
    found.retain(|name, _| {
        !names
            .iter()
            .any(|other| other.starts_with(&format!("{name}.")))
    });
}

fn node_at(schema: &'static Value, path: &str) -> Option<&'static Value> {
    let mut node = schema;
    for step in path.split('.') {
        node = View::new(schema, node)
            .all("properties")
            .find_map(|members| members.get(step))?;
    }
    Some(node)
}

/// Attributes are text, numbers, lists of them, or free JSON; a closed set of values that only
/// AWS writes is text.
fn plain(ty: Type<'static>, converter: &Converter) -> Type<'static> {
    match ty {
        Type::Scalar(_) => ty,
        Type::OneOf(_) => Type::Scalar(Scalar::String),
        Type::Named(name) if converter.enums.contains_key(name) => Type::Scalar(Scalar::String),
        Type::Named(_) | Type::Map(_) => Type::Scalar(Scalar::Json),
        Type::List(inner) => Type::List(Box::new(plain(*inner, converter))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::archive::leak_value;
    use serde_json::json;

    fn attributes(known: &[&str]) -> Vec<String> {
        let schema = leak_value(json!({
            "definitions": {
                "Endpoint": {"type": "object", "properties": {"Port": {"type": "integer"}}},
                "Status": {"type": "string", "enum": ["ACTIVE"]},
            },
            "properties": {
                "Arn": {"type": "string"},
                "Name": {"type": "string"},
                "State": {"$ref": "#/definitions/Status"},
                "Endpoint": {"$ref": "#/definitions/Endpoint"},
                "Rules": {"type": "array", "items": {"type": "object"}},
            },
            "readOnlyProperties": [
                "/properties/Arn", "/properties/State", "/properties/Endpoint",
                "/properties/Rules/*/Id", "/properties/Gone",
            ],
        }));
        let found = collect(schema, &mut Converter::new(schema), known);
        found
            .iter()
            .map(|attribute| format!("{} {}", attribute.name, attribute.ty))
            .collect()
    }

    #[test]
    fn listed_paths_are_attributes_but_not_through_lists() {
        assert_eq!(
            attributes(&[]),
            ["Arn string", "Endpoint json", "State string"]
        );
    }

    #[test]
    fn another_source_adds_members_and_settable_properties() {
        let found = attributes(&["Endpoint.Port", "Name", "Elsewhere"]);
        assert_eq!(
            found,
            [
                "Arn string",
                "Endpoint.Port int",
                "Name string",
                "State string"
            ]
        );
    }
}
