//! Files of packages as a pypicloud index holds them.

use std::collections::BTreeMap;

use super::file_name;
use super::projection::{Moment, Projection, Row, Summary, Tags};
use crate::replicate::store::Object;

/// The entry of `data` that holds the object's key.
pub const PATH: &str = "path";

/// What `data` holds besides, if the object's metadata does.
const DATA: [&str; 4] = ["requires_python", "hash_sha256", "hash_md5", "uploader"];

/// One file of a package: an item of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name of the file, the item's key: the object's key after its last `/`.
    pub file: String,
    /// The package's normalized name.
    pub name: String,
    /// The package's version.
    pub version: String,
    /// When the object was written.
    pub modified: Moment,
    /// What the package is, in a line; none if nothing says it.
    pub summary: Option<String>,
    /// The object's key as `path`, and texts about the file, none of them empty.
    pub data: BTreeMap<String, String>,
}

impl Package {
    /// The package in an object; `None` if it is none.
    ///
    /// Name and version are those of the object's metadata, if it has both, else those of the file's
    /// name.
    #[must_use]
    pub fn of(key: &str, object: &Object) -> Option<Self> {
        let file = file_of(key);
        let metadata = |name: &str| {
            let found = object.metadata.get(name);
            let found = found.or_else(|| object.metadata.get(&name.replace('_', "-")));
            found.filter(|text| !text.is_empty()).cloned()
        };
        let told = metadata("name").zip(metadata("version"));
        let (name, version) = told.or_else(|| file_name::parse(file))?;
        let data = DATA
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), metadata(name)?)));
        let path = (PATH.to_owned(), key.to_owned());
        Some(Self {
            file: file.to_owned(),
            name: file_name::normalized(&name),
            version,
            modified: Moment::from_seconds(object.modified),
            summary: metadata("summary"),
            data: data.chain([path]).collect(),
        })
    }

    /// The key of the object that the item is about; empty if the item does not say.
    #[must_use]
    pub fn path(&self) -> &str {
        self.data.get(PATH).map_or("", String::as_str)
    }

    /// What the index would say about the name if this were its only file.
    #[must_use]
    pub fn as_summary(&self) -> Summary {
        Summary {
            modified: self.modified,
            text: self.summary.clone(),
        }
    }
}

impl Row for Package {
    fn id(&self) -> &str {
        &self.file
    }

    fn key(&self) -> &str {
        self.path()
    }

    fn modified(&self) -> Moment {
        self.modified
    }

    fn group(&self) -> Option<(&str, Summary)> {
        Some((&self.name, self.as_summary()))
    }
}

/// Packages of the objects below a prefix: a row is a file, and files of one name are a group.
#[derive(Clone, Debug)]
pub struct Packages {
    prefix: String,
}

impl Packages {
    /// Packages below this prefix.
    #[must_use]
    pub fn below(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
        }
    }
}

impl Projection for Packages {
    type Row = Package;

    fn id<'a>(&self, key: &'a str) -> &'a str {
        file_of(key)
    }

    fn row(&self, key: &str, object: &Object, _: &Tags) -> Option<Package> {
        Package::of(key, object)
    }

    fn is_likely(&self, id: &str) -> bool {
        name_of(id).is_some()
    }

    fn other_keys(&self, id: &str) -> Vec<String> {
        usual_keys(&self.prefix, id)
    }

    fn group(&self, id: &str) -> Option<String> {
        name_of(id)
    }
}

/// The name of the file that an object is: its key after the last `/`.
#[must_use]
pub fn file_of(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// The keys under which a pypicloud server stores a file: with and without the hash in front. A
/// server whose settings changed leaves files under both.
pub(super) fn usual_keys(prefix: &str, file: &str) -> Vec<String> {
    let Some((name, _)) = file_name::parse(file) else {
        return Vec::new();
    };
    let name = file_name::normalized(&name);
    let hash = format!("{:x}", md5::compute(file));
    vec![
        format!("{prefix}{}/{name}/{file}", &hash[..4]),
        format!("{prefix}{name}/{file}"),
    ]
}

/// The normalized name of the package that a file's name tells of.
pub(super) fn name_of(file: &str) -> Option<String> {
    file_name::parse(file).map(|(name, _)| file_name::normalized(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(metadata: &[(&str, &str)]) -> Object {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Object {
            modified: 1_714_564_800,
            metadata: metadata.iter().map(owned).collect(),
            ..Object::default()
        }
    }

    #[test]
    fn metadata_says_more_than_the_name_of_the_file() {
        let metadata = [
            ("name", "My_Pkg"),
            ("version", "2"),
            ("summary", "does things"),
            ("requires-python", ">=3"),
            ("hash_md5", "m"),
            ("hash-md5", "n"),
            ("uploader", ""),
            ("other", "x"),
        ];
        let package = Package::of("p/1a2b/my-pkg/six-1.0.zip", &object(&metadata)).unwrap();
        let data = [
            ("hash_md5", "m"),
            ("path", "p/1a2b/my-pkg/six-1.0.zip"),
            ("requires_python", ">=3"),
        ];
        let expected = Package {
            file: "six-1.0.zip".to_owned(),
            name: "my-pkg".to_owned(),
            version: "2".to_owned(),
            modified: Moment(1_714_564_800_000_000),
            summary: Some("does things".to_owned()),
            data: data
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        };
        assert_eq!(package, expected);
    }

    #[test]
    fn half_of_the_metadata_is_as_none() {
        let package = Package::of("six-1.0.zip", &object(&[("name", "other")])).unwrap();
        assert_eq!((&*package.name, &*package.version), ("six", "1.0"));
        assert_eq!(package.summary, None);
        assert_eq!(Package::of("readme", &object(&[("name", "other")])), None);
        assert_eq!(Package::of("six/", &object(&[])), None);
    }

    #[test]
    fn the_usual_keys_are_those_of_a_pypicloud_server() {
        let keys = usual_keys("pre-", "six-1.16.0.tar.gz");
        assert_eq!(
            keys,
            [
                "pre-b99c/six/six-1.16.0.tar.gz",
                "pre-six/six-1.16.0.tar.gz"
            ]
        );
        assert_eq!(usual_keys("", "readme"), Vec::<String>::new());
    }
}
