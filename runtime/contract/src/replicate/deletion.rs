//! What becomes of copies whose object is no more.

/// What becomes of the copy of an object that was removed from the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Deletion {
    /// It is removed: by a
    /// [delete marker](https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html) where the
    /// bucket has versions, so that they stay, else for good.
    #[default]
    Remove,
    /// It is removed for good, with all its versions.
    Erase,
    /// It stays.
    Keep,
}

impl Deletion {
    /// All of them, by the names that a variable holds.
    const NAMES: [(&'static str, Self); 3] = [
        ("remove", Self::Remove),
        ("erase", Self::Erase),
        ("keep", Self::Keep),
    ];

    pub(super) fn named(text: &str) -> Option<Self> {
        let mut known = Self::NAMES.into_iter().filter(|(name, _)| *name == text);
        known.next().map(|(_, deletion)| deletion)
    }

    /// The name; nothing for the default.
    pub(super) fn text(self) -> String {
        let mut known = Self::NAMES.into_iter();
        let name = known.find(|(_, one)| *one == self && self != Self::default());
        name.map(|(name, _)| name.to_owned()).unwrap_or_default()
    }
}
