//! The view that a check has of a property value, whatever tree it lives in.

/// A property value: JSON in which any part may be a token.
pub trait Literal: Sized {
    /// The type of the keys of an object.
    type Key: AsRef<str>;

    /// Shows the value without copying it.
    fn shape(&self) -> Shape<'_, Self>;
}

/// One level of a property value.
pub enum Shape<'v, L: Literal> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Str(&'v str),
    /// An array.
    List(&'v [L]),
    /// An object.
    Map(&'v [(L::Key, L)]),
    /// A token: only AWS knows its value, so that it is always accepted.
    Opaque,
}

impl<L: Literal> Shape<'_, L> {
    /// What the value is, for a message: short scalars as they are, anything else by kind.
    pub(crate) fn describe(&self) -> String {
        match self {
            Shape::Null => "null".into(),
            Shape::Bool(bool) => bool.to_string(),
            Shape::Int(int) => int.to_string(),
            Shape::Float(float) => float.to_string(),
            Shape::Str(text) => quoted(text),
            Shape::List(items) => format!("a list of {}", items.len()),
            Shape::Map(_) => "an object".into(),
            Shape::Opaque => "a token".into(),
        }
    }

    /// The text of a scalar, as the schemas compare it.
    pub(crate) fn scalar_text(&self) -> Option<String> {
        match self {
            Shape::Bool(_) | Shape::Int(_) | Shape::Float(_) => Some(self.describe()),
            Shape::Str(text) => Some((*text).to_owned()),
            _ => None,
        }
    }
}

const LONGEST: usize = 60;

/// Text in quotes, cut where it is long.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?} (and more)", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// A dynamic reference is resolved by CloudFormation, so that its text says nothing.
pub(crate) fn is_dynamic(text: &str) -> bool {
    text.contains("{{resolve:")
}

/// Whether two values are the same for a list without duplicates. A token may stand for
/// anything, so that it equals nothing.
pub(crate) fn same<L: Literal>(one: &L, other: &L) -> bool {
    match (one.shape(), other.shape()) {
        (Shape::Null, Shape::Null) => true,
        (Shape::List(one), Shape::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        (Shape::Map(one), Shape::Map(other)) => same_members(one, other),
        (one, other) => match (one.scalar_text(), other.scalar_text()) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        },
    }
}

fn same_members<L: Literal>(one: &[(L::Key, L)], other: &[(L::Key, L)]) -> bool {
    let find = |key: &str| other.iter().find(|(name, _)| name.as_ref() == key);
    one.len() == other.len()
        && one
            .iter()
            .all(|(key, value)| find(key.as_ref()).is_some_and(|(_, found)| same(value, found)))
}

/// Whether two objects have the same members of these names; one without them is like no other.
pub(crate) fn same_by<L: Literal>(names: &[&str], one: &L, other: &L) -> bool {
    names
        .iter()
        .all(|name| match (member(one, name), member(other, name)) {
            (Some(one), Some(other)) => same(one, other),
            _ => false,
        })
}

fn member<'v, L: Literal>(value: &'v L, name: &str) -> Option<&'v L> {
    match value.shape() {
        Shape::Map(members) => members
            .iter()
            .find(|(key, _)| key.as_ref() == name)
            .map(|(_, value)| value),
        _ => None,
    }
}
