//! Objects that say that others are complete.

/// An object whose coming says that a batch is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Marker {
    /// What its key begins with; nothing in particular if it is empty.
    pub prefix: String,
    /// What follows the last `/` of its key, and all of a key without one: exactly this.
    pub name: String,
}

impl Marker {
    /// Whether a key is that of the marker.
    #[must_use]
    pub fn is(&self, key: &str) -> bool {
        let name = key.rsplit('/').next().unwrap_or(key);
        key.starts_with(&self.prefix) && name == self.name
    }
}
