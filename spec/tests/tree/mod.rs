//! A property tree for tests, read from JSON; `{"Ref": ...}` is a token.

use cloudwright_spec::{Literal, Shape};
use serde_json::Value;

/// A property value.
pub(crate) enum Tree {
    /// A scalar or `null`.
    Scalar(Value),
    /// An array.
    List(Vec<Tree>),
    /// An object.
    Map(Vec<(String, Tree)>),
    /// A token.
    Token,
}

impl Tree {
    /// Takes over a JSON value.
    pub(crate) fn new(value: Value) -> Self {
        match value {
            Value::Array(items) => Tree::List(items.into_iter().map(Tree::new).collect()),
            Value::Object(members) if members.len() == 1 && members.contains_key("Ref") => {
                Tree::Token
            }
            Value::Object(members) => Tree::Map(
                members
                    .into_iter()
                    .map(|(key, value)| (key, Tree::new(value)))
                    .collect(),
            ),
            scalar => Tree::Scalar(scalar),
        }
    }
}

impl Literal for Tree {
    type Key = String;

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Tree::List(items) => Shape::List(items),
            Tree::Map(members) => Shape::Map(members),
            Tree::Token => Shape::Opaque,
            Tree::Scalar(scalar) => match scalar {
                Value::Bool(bool) => Shape::Bool(*bool),
                Value::String(text) => Shape::Str(text),
                Value::Number(number) => match number.as_i64() {
                    Some(int) => Shape::Int(int),
                    None => Shape::Float(number.as_f64().unwrap_or_default()),
                },
                _ => Shape::Null,
            },
        }
    }
}
