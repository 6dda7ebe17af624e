//! Untyped property values: JSON in which any part may be a token.
//!
//! [`Json`] is what every typed value becomes before synthesis. It differs from plain JSON in one
//! variant, [`Json::Token`]: a CloudFormation expression that is resolved once the whole tree is
//! known. A token is a node of its own, never text inside a string, so nothing has to search
//! strings for hidden references.

use std::borrow::Cow;

use cloudwright_spec::sorted::sort_by;

use crate::expr::Token;

/// Text that is usually known at compile time, such as a property name.
pub type Text = Cow<'static, str>;

/// A JSON document whose parts may be CloudFormation expressions.
///
/// Build it with the [`json!`](crate::json!) macro or from any value by
/// [`IntoValue<Json>`](crate::IntoValue). It has neither `Debug` nor `Display`: a token has no text
/// until synthesis.
#[derive(Clone, PartialEq)]
pub enum Json {
    /// `null`; CloudFormation reads it as "property not set" nearly everywhere.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction; NaN and infinities are refused at synthesis.
    Float(f64),
    /// A string.
    Text(Text),
    /// An array.
    List(Vec<Json>),
    /// An object, in insertion order; synthesis sorts it by key.
    Map(Vec<(Text, Json)>),
    /// An expression, resolved at synthesis.
    Token(Token),
}

impl Json {
    /// An object of the given members.
    pub fn map<K: Into<Text>>(members: impl IntoIterator<Item = (K, Json)>) -> Self {
        // A loop compiles to far less than `collect`, and this is made anew for each kind of members.
        let mut map = Vec::new();
        for (key, value) in members {
            map.push((key.into(), value));
        }
        Self::Map(map)
    }

    /// The text, when this is a literal string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, when this is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Json]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members, when this is an object.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Text, Json)]> {
        match self {
            Self::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The document as plain JSON, when it holds no token.
    #[must_use]
    pub fn literal(&self) -> Option<serde_json::Value> {
        use serde_json::{Number, Value};
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Number((*value).into()),
            Self::Float(value) => Value::Number(Number::from_f64(*value)?),
            Self::Text(text) => Value::String(text.clone().into_owned()),
            Self::List(items) => {
                Value::Array(items.iter().map(Self::literal).collect::<Option<_>>()?)
            }
            Self::Map(members) => {
                let members = members
                    .iter()
                    .map(|(key, value)| Some((key.clone().into_owned(), value.literal()?)));
                by_key(members.collect::<Option<Vec<_>>>()?)
            }
            Self::Token(_) => return None,
        })
    }

    /// The member called `key`, when this is an object that has one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_map()?
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// Whether this is an expression rather than a literal.
    #[must_use]
    pub const fn is_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }

    /// Sets `key` of an object, replacing what was there; anything else becomes an object first.
    pub fn set(&mut self, key: impl Into<Text>, value: Json) {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(Vec::new());
        }
        if let Self::Map(members) = self {
            set_member(members, key.into(), value);
        }
    }

    /// Merges `other` in: objects member by member, anything else replaces what was there.
    pub fn merge(&mut self, other: Json) {
        match (self, other) {
            (Self::Map(mine), Self::Map(theirs)) => {
                for (key, value) in theirs {
                    match mine.iter_mut().find(|(name, _)| *name == key) {
                        Some((_, existing)) => existing.merge(value),
                        None => mine.push((key, value)),
                    }
                }
            }
            (mine, other) => *mine = other,
        }
    }
}

/// Sets `key` in an ordered list of members, replacing a member of that name.
pub(crate) fn set_member(members: &mut Vec<(Text, Json)>, key: Text, value: Json) {
    match members.iter_mut().find(|(name, _)| *name == key) {
        Some((_, existing)) => *existing = value,
        None => members.push((key, value)),
    }
}

/// A document whose objects are sorted by their keys, however `serde_json` keeps them: another crate of the program may
/// have turned on that it keeps the order of the program, and what is written must not depend on that.
#[doc(hidden)]
#[must_use]
pub fn in_order(document: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match document {
        Value::Object(members) => {
            let members = members.into_iter();
            by_key(members.map(|(key, value)| (key, in_order(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(in_order).collect()),
        other => other,
    }
}

/// An object of members that are sorted first.
fn by_key(mut members: Vec<(String, serde_json::Value)>) -> serde_json::Value {
    sort_by(&mut members, |a, b| a.0.cmp(&b.0));
    serde_json::Value::Object(members.into_iter().collect())
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(flag),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => Self::Int(whole),
                // CloudFormation reads numbers as text; a float would lose digits.
                (None, Some(huge)) => Self::Text(huge.to_string().into()),
                (None, None) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::Text(text.into()),
            serde_json::Value::Array(items) => {
                Self::List(items.into_iter().map(Self::from).collect())
            }
            serde_json::Value::Object(members) => Self::map(
                members
                    .into_iter()
                    .map(|(key, value)| (key, Self::from(value))),
            ),
        }
    }
}

impl serde_core::Serialize for Json {
    /// Writes the document; tokens are written as the intrinsic functions that they stand for.
    fn serialize<S: serde_core::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => out.serialize_unit(),
            Self::Bool(flag) => out.serialize_bool(*flag),
            Self::Int(number) => out.serialize_i64(*number),
            Self::Float(number) => out.serialize_f64(*number),
            Self::Text(text) => out.serialize_str(text),
            Self::List(items) => out.collect_seq(items),
            Self::Map(members) => out.collect_map(members.iter().map(|(key, value)| (key, value))),
            Self::Token(token) => token.serialize(out),
        }
    }
}

/// Writes a [`Json`] document in JSON's own notation; values may be tokens.
///
/// ```
/// use cloudwright_synth::{json, Pseudo};
/// let document = json!({
///     "Region": Pseudo::Region.value(),
///     "Sizes": [1, 2, 3],
///     "Enabled": true,
/// });
/// assert!(document.get("Region").is_some_and(|region| region.is_token()));
/// ```
#[macro_export]
macro_rules! json {
    (null) => { $crate::Json::Null };
    ([ $($items:tt)* ]) => { $crate::Json::List($crate::json_list!([] $($items)*)) };
    ({ $($members:tt)* }) => {{
        #[allow(unused_mut)]
        let mut members: ::std::vec::Vec<($crate::Text, $crate::Json)> = ::std::vec::Vec::new();
        $crate::json_map!(members $($members)*);
        $crate::Json::Map(members)
    }};
    ($value:expr) => { $crate::IntoValue::<$crate::Json>::into_json($value) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! json_list {
    ([$($done:expr),*]) => { ::std::vec![$($done),*] };
    ([$($done:expr),*] null $(, $($rest:tt)*)?) => {
        $crate::json_list!([$($done,)* $crate::json!(null)] $($($rest)*)?)
    };
    ([$($done:expr),*] [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::json_list!([$($done,)* $crate::json!([ $($inner)* ])] $($($rest)*)?)
    };
    ([$($done:expr),*] { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::json_list!([$($done,)* $crate::json!({ $($inner)* })] $($($rest)*)?)
    };
    ([$($done:expr),*] $next:expr $(, $($rest:tt)*)?) => {
        $crate::json_list!([$($done,)* $crate::json!($next)] $($($rest)*)?)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! json_map {
    ($members:ident) => {};
    ($members:ident $key:literal : null $(, $($rest:tt)*)?) => {
        $members.push(($key.into(), $crate::json!(null)));
        $crate::json_map!($members $($($rest)*)?);
    };
    ($members:ident $key:literal : [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $members.push(($key.into(), $crate::json!([ $($inner)* ])));
        $crate::json_map!($members $($($rest)*)?);
    };
    ($members:ident $key:literal : { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $members.push(($key.into(), $crate::json!({ $($inner)* })));
        $crate::json_map!($members $($($rest)*)?);
    };
    ($members:ident $key:literal : $value:expr $(, $($rest:tt)*)?) => {
        $members.push(($key.into(), $crate::json!($value)));
        $crate::json_map!($members $($($rest)*)?);
    };
}
