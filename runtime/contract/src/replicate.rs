//! The environment of the `replicate` handler.

mod deletion;

use crate::environment::{
    EnvironmentError, Process, Reader, Variable, Variables, missing, variable,
};
use crate::writer::{Writer, indexed};
pub use deletion::Deletion;

const MODE: &str = "REPLICATION_MODE";
const TABLE: &str = "TOMBSTONE_TABLE";
const TABLE_REGION: &str = "TOMBSTONE_REGION";
const THRESHOLD: &str = "MULTIPART_THRESHOLD_BYTES";
const PART: &str = "MULTIPART_PART_BYTES";
const CONCURRENCY: &str = "CONCURRENCY";

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// How the `replicate` handler is set up: it keeps copies of a bucket's objects in other buckets.
///
/// `V` is what a value is: text in the handler, text or a token in a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Replicate<V = String> {
    /// Whether the copies are only written here, or may be written anywhere.
    pub mode: Mode<V>,
    /// Where the copies are. At least one.
    pub destinations: Vec<Destination<V>>,
    /// The objects that are not copied.
    pub skip: Vec<Skip>,
    /// How large objects are copied.
    pub multipart: Multipart,
    /// How many objects are copied at the same time, 1 to 1000.
    pub concurrency: u32,
}

/// Who decides what an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Mode<V = String> {
    /// The source bucket decides: what is there now is copied, what is not there is removed.
    OneWay,
    /// Every bucket may be written to, the newest write decides. Each region runs its own handler
    /// with the other regions' buckets as destinations, all with the same table. Events have to come
    /// from S3's own notifications, which say who removed an object, and buckets should have versions.
    TwoWay(Tombstones<V>),
}

/// The DynamoDB table that remembers the newest changes of each object, removals above all, for
/// [`Mode::TwoWay`]: hash key `key` (text), time-to-live attribute `expires`. One table, in one region,
/// serves all regions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Tombstones<V = String> {
    /// The name of the table.
    pub table: V,
    /// The region that the table is in.
    pub region: V,
}

/// A bucket that gets copies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Destination<V = String> {
    /// The bucket's name.
    pub bucket: V,
    /// The bucket's region, such as `us-west-2`.
    pub region: V,
    /// What is put before the key of a copy; nothing by default. Not for [`Mode::TwoWay`].
    pub prefix: String,
    /// The KMS key that encrypts the copies; the bucket's own setting by default.
    pub kms_key: Option<V>,
    /// The [storage class](https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html) of
    /// the copies, such as `STANDARD_IA`; that of each object by default. Not for [`Mode::TwoWay`].
    pub storage_class: Option<String>,
    /// What becomes of the copy of an object that was removed. For [`Mode::TwoWay`] the default.
    pub deletion: Deletion,
}

/// Objects that are not copied: those whose key begins and ends like this.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Skip {
    /// The beginning of the key; empty for any.
    pub prefix: String,
    /// The end of the key; empty for any.
    pub suffix: String,
}

/// From which size on an object is copied in parts, and how large they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Multipart {
    /// Objects above this size in bytes are copied in parts: 5 MiB to 5 GiB, which is the most that
    /// [one request](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html) copies.
    pub threshold_bytes: u64,
    /// The size of a part in bytes, 5 MiB to 5 GiB; more if the object would need over 10,000 parts.
    pub part_bytes: u64,
}

impl Multipart {
    /// In parts of 512 MiB above 5 GiB.
    pub const DEFAULT: Self = Self {
        threshold_bytes: 5 * GIB,
        part_bytes: 512 * MIB,
    };
}

impl<V> Destination<V> {
    /// The bucket with this name in this region.
    #[must_use]
    pub const fn new(bucket: V, region: V) -> Self {
        Self {
            bucket,
            region,
            prefix: String::new(),
            kms_key: None,
            storage_class: None,
            deletion: Deletion::Remove,
        }
    }
}

impl Skip {
    /// Whether the object with this key is not to be copied.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        key.starts_with(&self.prefix) && key.ends_with(&self.suffix)
    }
}

impl<V> Replicate<V> {
    /// One-way copies in these buckets, 32 objects at a time.
    #[must_use]
    pub const fn new(destinations: Vec<Destination<V>>) -> Self {
        Self {
            mode: Mode::OneWay,
            destinations,
            skip: Vec::new(),
            multipart: Multipart::DEFAULT,
            concurrency: 32,
        }
    }

    /// The variables to set on the function; `literal` makes a value of plain text. What equals its
    /// default is left out, so that a template shows what was chosen.
    #[must_use]
    pub fn variables(self, literal: impl Fn(String) -> V) -> Vec<(String, V)> {
        let mut variables = Writer::new(literal);
        for (index, destination) in self.destinations.into_iter().enumerate() {
            let name = |field| indexed("DESTINATION", index, field);
            variables.value(name("BUCKET"), Some(destination.bucket));
            variables.value(name("REGION"), Some(destination.region));
            variables.text(name("PREFIX"), destination.prefix);
            variables.value(name("KMS_KEY"), destination.kms_key);
            variables.text(
                name("STORAGE_CLASS"),
                destination.storage_class.unwrap_or_default(),
            );
            variables.text(name("DELETION"), destination.deletion.text());
        }
        for (index, skip) in self.skip.into_iter().enumerate() {
            variables.text(indexed("SKIP", index, "PREFIX"), skip.prefix);
            variables.text(indexed("SKIP", index, "SUFFIX"), skip.suffix);
        }
        if let Mode::TwoWay(tombstones) = self.mode {
            variables.text(MODE.to_owned(), "two-way".to_owned());
            variables.value(TABLE.to_owned(), Some(tombstones.table));
            variables.value(TABLE_REGION.to_owned(), Some(tombstones.region));
        }
        let Multipart {
            threshold_bytes,
            part_bytes,
        } = self.multipart;
        variables.number(
            THRESHOLD,
            threshold_bytes,
            Multipart::DEFAULT.threshold_bytes,
        );
        variables.number(PART, part_bytes, Multipart::DEFAULT.part_bytes);
        variables.number(CONCURRENCY, self.concurrency.into(), 32);
        variables.written
    }
}

impl Replicate {
    /// The variables and what they hold.
    pub const VARIABLES: &[Variable] = &[
        variable(
            "DESTINATION_<n>_BUCKET",
            "the name of a bucket that gets copies",
        ),
        variable("DESTINATION_<n>_REGION", "the region of that bucket"),
        variable(
            "DESTINATION_<n>_PREFIX",
            "what is put before the key of a copy; nothing by default",
        ),
        variable(
            "DESTINATION_<n>_KMS_KEY",
            "the KMS key of the copies; the bucket's own setting by default",
        ),
        variable(
            "DESTINATION_<n>_STORAGE_CLASS",
            "the storage class of the copies; that of each object by default",
        ),
        variable(
            "DESTINATION_<n>_DELETION",
            "what becomes of the copy of a removed object: remove (the default), erase (with all versions) or keep",
        ),
        variable(
            "SKIP_<n>_PREFIX",
            "objects whose key begins so are not copied",
        ),
        variable("SKIP_<n>_SUFFIX", "and ends so, if both are set"),
        variable(MODE, "one-way (the default) or two-way"),
        variable(
            TABLE,
            "two-way: the DynamoDB table that remembers the newest changes",
        ),
        variable(TABLE_REGION, "two-way: the region of that table"),
        variable(
            THRESHOLD,
            "above this size an object is copied in parts; 5368709120 by default",
        ),
        variable(PART, "the size of a part; 536870912 by default"),
        variable(
            CONCURRENCY,
            "how many objects are copied at the same time; 32 by default",
        ),
    ];

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    #[inline]
    pub fn from_env() -> Result<Self, EnvironmentError> {
        Self::read(&Process)
    }

    /// Reads the given variables.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    pub fn read(variables: &impl Variables) -> Result<Self, EnvironmentError> {
        let reader = Reader(variables);
        let mode = mode(&reader)?;
        let destinations = destinations(&reader)?;
        if let Mode::TwoWay(_) = mode {
            two_way_only(&destinations)?;
        }
        let Multipart {
            threshold_bytes,
            part_bytes,
        } = Multipart::DEFAULT;
        Ok(Self {
            mode,
            destinations,
            skip: skips(&reader),
            multipart: Multipart {
                threshold_bytes: reader.number(THRESHOLD, 5 * MIB..=5 * GIB, threshold_bytes)?,
                part_bytes: reader.number(PART, 5 * MIB..=5 * GIB, part_bytes)?,
            },
            concurrency: reader.number(CONCURRENCY, 1..=1000, 32)?,
        })
    }
}

fn mode<E: Variables>(reader: &Reader<'_, E>) -> Result<Mode, EnvironmentError> {
    let known = |text: &str| {
        ["one-way", "two-way"]
            .into_iter()
            .find(|mode| *mode == text)
    };
    match reader.parsed(MODE, "one-way or two-way", known)? {
        Some("two-way") => Ok(Mode::TwoWay(Tombstones {
            table: reader.required(TABLE, "the name of a DynamoDB table")?,
            region: reader.required(TABLE_REGION, "the region of the table")?,
        })),
        _ => Ok(Mode::OneWay),
    }
}

/// Reports what only the copies of a source may have.
fn two_way_only(destinations: &[Destination]) -> Result<(), EnvironmentError> {
    let same = "in two-way mode an object is the same everywhere";
    for (index, to) in destinations.iter().enumerate() {
        let class = to.storage_class.clone().unwrap_or_default();
        let said = [
            ("PREFIX", to.prefix.clone()),
            ("STORAGE_CLASS", class),
            ("DELETION", to.deletion.text()),
        ];
        for (field, held) in said {
            if !held.is_empty() {
                return Err(EnvironmentError {
                    variable: indexed("DESTINATION", index, field),
                    held: Some(held),
                    expected: format!("nothing: {same}"),
                });
            }
        }
    }
    Ok(())
}

fn destinations<E: Variables>(
    reader: &Reader<'_, E>,
) -> Result<Vec<Destination>, EnvironmentError> {
    let mut found = Vec::new();
    loop {
        let index = found.len();
        let name = |field| indexed("DESTINATION", index, field);
        let Some(bucket) = reader.optional(&name("BUCKET")) else {
            break;
        };
        found.push(Destination {
            bucket,
            region: reader.required(
                &name("REGION"),
                "the region of the bucket, such as us-west-2",
            )?,
            prefix: reader.optional(&name("PREFIX")).unwrap_or_default(),
            kms_key: reader.optional(&name("KMS_KEY")),
            storage_class: reader.optional(&name("STORAGE_CLASS")),
            deletion: reader
                .parsed(&name("DELETION"), "remove, erase or keep", Deletion::named)?
                .unwrap_or_default(),
        });
    }
    if found.is_empty() {
        return Err(missing(
            "DESTINATION_1_BUCKET",
            "the name of a bucket that gets copies",
        ));
    }
    Ok(found)
}

fn skips<E: Variables>(reader: &Reader<'_, E>) -> Vec<Skip> {
    let skip = |index| {
        let text = |field| reader.optional(&indexed("SKIP", index, field));
        let (prefix, suffix) = (text("PREFIX"), text("SUFFIX"));
        // A rule without either would skip everything, so it ends the list.
        (prefix.is_some() || suffix.is_some()).then(|| Skip {
            prefix: prefix.unwrap_or_default(),
            suffix: suffix.unwrap_or_default(),
        })
    };
    (0..).map_while(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn full() -> Replicate {
        let plain = Destination::new("art-usw2".to_owned(), "us-west-2".to_owned());
        let mut encrypted = Destination::new("art-cac1".to_owned(), "ca-central-1".to_owned());
        encrypted.prefix = "copies/".to_owned();
        encrypted.kms_key = Some("alias/art".to_owned());
        encrypted.storage_class = Some("STANDARD_IA".to_owned());
        encrypted.deletion = Deletion::Keep;
        let mut replicate = Replicate::new(vec![plain, encrypted]);
        let skip = |prefix: &str, suffix: &str| Skip {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
        };
        replicate.skip = vec![skip("tmp/", ""), skip("", ".partial")];
        replicate.multipart = Multipart {
            threshold_bytes: 6 * MIB,
            part_bytes: 5 * MIB,
        };
        replicate.concurrency = 4;
        replicate
    }

    fn written(replicate: Replicate) -> BTreeMap<String, String> {
        replicate.variables(|literal| literal).into_iter().collect()
    }

    #[test]
    fn what_a_construct_writes_the_handler_reads() {
        assert_eq!(Replicate::read(&written(full())), Ok(full()));
        let mut two_way = full();
        two_way.destinations[1] = Destination {
            kms_key: Some("alias/art".to_owned()),
            ..Destination::new("art-cac1".to_owned(), "ca-central-1".to_owned())
        };
        two_way.mode = Mode::TwoWay(Tombstones {
            table: "tombstones".to_owned(),
            region: "eu-central-1".to_owned(),
        });
        assert_eq!(Replicate::read(&written(two_way.clone())), Ok(two_way));
    }

    #[test]
    fn defaults_are_not_written() {
        let bucket = Destination::new("copies".to_owned(), "us-west-2".to_owned());
        let names: Vec<_> = written(Replicate::new(vec![bucket])).into_keys().collect();
        assert_eq!(names, ["DESTINATION_1_BUCKET", "DESTINATION_1_REGION"]);
    }

    #[test]
    fn every_variable_that_is_written_is_documented() {
        for name in written(full()).keys() {
            let general = name.replace(['1', '2'], "<n>");
            assert!(
                Replicate::VARIABLES
                    .iter()
                    .any(|known| known.name == general),
                "{name}"
            );
        }
    }

    fn wrong(name: &str, value: &str) -> EnvironmentError {
        let mut variables = written(full());
        variables.insert(name.to_owned(), value.to_owned());
        Replicate::read(&variables).unwrap_err()
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            wrong("CONCURRENCY", "0").to_string(),
            "environment variable CONCURRENCY: got \"0\", expected a whole number from 1 to 1000"
        );
        assert_eq!(
            wrong("DESTINATION_2_REGION", "").variable,
            "DESTINATION_2_REGION"
        );
        assert_eq!(
            wrong("DESTINATION_1_BUCKET", "").variable,
            "DESTINATION_1_BUCKET"
        );
        assert_eq!(wrong(MODE, "both").expected, "one-way or two-way");
        assert_eq!(wrong(MODE, "two-way").variable, TABLE);
        let error = wrong("DESTINATION_1_DELETION", "marker");
        assert_eq!(error.expected, "remove, erase or keep");
    }

    #[test]
    fn two_way_copies_are_as_their_object() {
        let mut variables = written(full());
        for (name, value) in [(MODE, "two-way"), (TABLE, "t"), (TABLE_REGION, "us-west-2")] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        for field in ["PREFIX", "STORAGE_CLASS", "DELETION"] {
            let error = Replicate::read(&variables).unwrap_err();
            assert_eq!(error.variable, format!("DESTINATION_2_{field}"));
            variables.remove(&error.variable);
        }
        assert!(Replicate::read(&variables).is_ok());
    }

    #[test]
    fn a_skip_rule_matches_by_both_ends() {
        let rule = Skip {
            prefix: "tmp/".to_owned(),
            suffix: ".log".to_owned(),
        };
        assert!(rule.matches("tmp/a.log"));
        assert!(!rule.matches("tmp/a.txt"));
        assert!(!rule.matches("a.log"));
    }
}
