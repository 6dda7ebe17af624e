//! What `Fn::GetAtt` can read: the read-only properties, nested ones with dotted names.

use std::collections::BTreeMap;

use cloudwright_spec::{Attribute, Scalar, Type};
use serde_json::Value;

use super::paths;
use super::shape::Converter;
use super::view::View;

/// Collects the attributes, sorted by name. Paths through lists or maps are none.
pub(crate) fn collect(
    schema: &'static Value,
    converter: &mut Converter,
) -> Vec<Attribute<'static>> {
    let mut found = BTreeMap::new();
    for path in paths::dotted(schema, "readOnlyProperties") {
        if let Some(node) = node_at(schema, &path) {
            expand(schema, converter, path, node, &mut found);
        }
    }
    found
        .into_iter()
        .map(|(name, ty)| Attribute {
            name: name.leak(),
            ty,
        })
        .collect()
}

/// An object is not readable as a whole, its members are.
fn expand(
    schema: &'static Value,
    converter: &mut Converter,
    path: String,
    node: &'static Value,
    found: &mut BTreeMap<String, Type<'static>>,
) {
    let view = View::new(schema, node);
    let members = view.first("properties").and_then(Value::as_object);
    match members.filter(|_| path.matches('.').count() < 3) {
        Some(members) => {
            for (name, member) in members {
                expand(schema, converter, format!("{path}.{name}"), member, found);
            }
        }
        None => {
            let (ty, _) = converter.shape("Attribute", "Attribute", node);
            found.insert(path, plain(ty));
        }
    }
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
fn plain(ty: Type<'static>) -> Type<'static> {
    match ty {
        Type::Scalar(_) => ty,
        Type::OneOf(_) => Type::Scalar(Scalar::String),
        Type::Named(_) | Type::Map(_) => Type::Scalar(Scalar::Json),
        Type::List(inner) => Type::List(Box::new(plain(*inner))),
    }
}
