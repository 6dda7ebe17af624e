//! Rows of an index of one's own: items of a table whose partition key is the text `key`, the object's.

use std::collections::BTreeMap;

use super::projection::{Moment, Object, Row};

/// The attribute that holds the object's key, and the partition key of the table.
pub const KEY: &str = "key";
/// The attribute that says when the object was written, in seconds since 1970.
pub const MODIFIED: &str = "last_modified";

/// What an index holds of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The object's key.
    pub key: String,
    /// When the object was written.
    pub modified: Moment,
    /// What else it holds, by name; none of these is called [`KEY`] or [`MODIFIED`].
    pub attributes: BTreeMap<String, Attribute>,
}

/// An attribute of an [`Item`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Texts by name.
    Texts(BTreeMap<String, String>),
}

impl Item {
    /// What every row says of an object: its key, and when it was written.
    #[must_use]
    pub fn of(key: &str, object: &Object) -> Self {
        Self {
            key: key.to_owned(),
            modified: Moment::from_seconds(object.modified),
            attributes: BTreeMap::new(),
        }
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &str, text: impl Into<String>) -> Self {
        self.with(name, Attribute::Text(text.into()))
    }

    /// Adds a whole number; one that is too large for DynamoDB's reader, 2^63 and above, is the largest that is not.
    #[must_use]
    pub fn number(self, name: &str, number: impl TryInto<i64>) -> Self {
        let number = number.try_into().unwrap_or(i64::MAX);
        self.with(name, Attribute::Number(number))
    }

    /// Adds texts by name, such as tags.
    #[must_use]
    pub fn texts(self, name: &str, texts: BTreeMap<String, String>) -> Self {
        self.with(name, Attribute::Texts(texts))
    }

    /// Adds an attribute. What every row has is not overwritten.
    fn with(mut self, name: &str, attribute: Attribute) -> Self {
        if name != KEY && name != MODIFIED {
            self.attributes.insert(name.to_owned(), attribute);
        }
        self
    }
}

impl Row for Item {
    fn id(&self) -> &str {
        &self.key
    }

    fn key(&self) -> &str {
        &self.key
    }

    fn modified(&self) -> Moment {
        self.modified
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_what_is_said_and_always_its_key_and_time() {
        let object = Object {
            modified: 5,
            ..Object::default()
        };
        let item = Item::of("a", &object)
            .text("name", "b")
            .text(KEY, "not this")
            .number(MODIFIED, 7)
            .number("bytes", u64::MAX)
            .texts("tags", BTreeMap::new());
        assert_eq!((item.id(), item.modified()), ("a", Moment(5_000_000)));
        let expected = [
            ("bytes", Attribute::Number(i64::MAX)),
            ("name", Attribute::Text("b".to_owned())),
            ("tags", Attribute::Texts(BTreeMap::new())),
        ];
        let expected = expected.map(|(name, attribute)| (name.to_owned(), attribute));
        assert_eq!(item.attributes, expected.into());
        assert_eq!(item.group(), None);
    }
}
