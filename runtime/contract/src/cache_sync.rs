//! The environment and the command of the `cache-sync` handler.

use crate::environment::{
    EXPECTED_SECRET, EnvironmentError, Process, Reader, Variable, Variables, is_secret, missing,
};

const BUCKET: &str = "PACKAGE_BUCKET";
const PREFIX: &str = "PACKAGE_PREFIX";
const PACKAGES: &str = "PACKAGE_TABLE";
const SUMMARIES: &str = "SUMMARY_TABLE";
const REGION: &str = "TABLE_REGION";
const URL: &str = "REDIS_URL";
const URL_SECRET: &str = "REDIS_URL_SECRET";

const EXPECTED_TABLE: &str =
    "the name of a DynamoDB table (or set REDIS_URL or REDIS_URL_SECRET instead of tables)";
const EXPECTED_URL: &str = "redis://host:port or rediss://host:port, without a password: \
     an address with one belongs into a secret, named by REDIS_URL_SECRET";

/// How the `cache-sync` handler is set up: it keeps the package index of a
/// [pypicloud](https://pypicloud.readthedocs.io/) server equal to the bucket of the packages.
///
/// `V` is what a value is: text in the handler, text or a token in a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct CacheSync<V = String> {
    /// The name of the bucket, in the function's region.
    pub bucket: V,
    /// What the keys of packages begin with, as pypicloud's `storage.prefix`: plain text, to which no
    /// `/` is added. Nothing by default.
    pub prefix: String,
    /// Where the index is.
    pub index: PackageIndex<V>,
}

/// Where a package index is, in the form in which pypicloud reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum PackageIndex<V = String> {
    /// In two tables of DynamoDB.
    Tables(PackageTables<V>),
    /// In a Redis server that is no cluster, at this address, without a password.
    Redis(V),
    /// In a Redis server that is no cluster; its address, with user and password, is the text of the
    /// Secrets Manager secret with this ARN.
    RedisSecret(V),
}

/// The tables of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PackageTables<V = String> {
    /// The table of the files: partition key `filename`, and an index `name-index` of all attributes
    /// with the partition key `name`; all texts. pypicloud calls it `DynamoPackage`.
    pub packages: V,
    /// The table of the names: partition key `name`. pypicloud calls it `PackageSummary`.
    pub summaries: V,
    /// Their region; the function's by default.
    pub region: Option<V>,
}

/// The event that brings the whole index up to date with the whole bucket: `{"rebuild": {}}`. The function
/// needs its longest timeout; a rebuild may run beside everything else.
///
/// A call compares as much as it has time for. If that was not all, its answer is the event to go on with, and
/// nothing else has to be remembered; a call that breaks off is done again with the same event. The library's state
/// machine hands that answer on until the last call answers with what was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rebuild {
    /// The place to go on from, as an earlier rebuild that did not come to its end names it, such as
    /// `object:packages/six-1.0.tar.gz`; the beginning by default.
    #[cfg_attr(feature = "serde", serde(default))]
    pub from: Option<String>,
    /// Whether every object is asked for its metadata, which takes a request for each. By default only
    /// those are of which the bucket's list and the index say different times: that leaves alone a row that
    /// somebody else changed, and an object that was written twice in one second.
    #[cfg_attr(feature = "serde", serde(default))]
    pub thorough: bool,
}

/// The one member of the event, as a literal.
macro_rules! member {
    () => {
        "rebuild"
    };
}

impl Rebuild {
    /// The one member of the event.
    pub const MEMBER: &str = member!();
    /// The event that rebuilds everything from the beginning.
    pub const EVENT: &str = concat!("{\"", member!(), "\":{}}");

    /// The JSON Schema of this, for those who offer it to people: a test keeps it true.
    pub const SCHEMA: &str = include_str!("rebuild.json");
}

/// What a rebuild answers when it is through; when it is not, in the member `soFar` beside
/// [the event](Rebuild) to go on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Rebuilt {
    /// How many files were compared: those in the bucket, and those in the index only. One whose row was
    /// removed just when the time of a call was over may be missing here.
    pub files: usize,
    /// How many of them were not in the index as they are in the bucket.
    pub changed: usize,
    /// How many failed, which the log tells of; left out if none did.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_nothing"))]
    pub failed: usize,
}

impl Rebuilt {
    /// The member of an event or an answer that holds what was counted so far.
    pub const SO_FAR: &str = "soFar";
}

#[cfg(feature = "serde")]
#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_nothing(count: &usize) -> bool {
    *count == 0
}

impl<V> CacheSync<V> {
    /// Keeps the index of the packages of this bucket.
    #[must_use]
    pub const fn new(bucket: V, index: PackageIndex<V>) -> Self {
        Self {
            bucket,
            prefix: String::new(),
            index,
        }
    }

    /// The variables to set on the function; `literal` makes a value of plain text. What equals its
    /// default is left out.
    #[must_use]
    pub fn variables(self, literal: impl Fn(String) -> V) -> Vec<(String, V)> {
        let prefix = (!self.prefix.is_empty()).then(|| literal(self.prefix));
        let mut variables = vec![(BUCKET, Some(self.bucket)), (PREFIX, prefix)];
        match self.index {
            PackageIndex::Tables(tables) => variables.extend([
                (PACKAGES, Some(tables.packages)),
                (SUMMARIES, Some(tables.summaries)),
                (REGION, tables.region),
            ]),
            PackageIndex::Redis(url) => variables.push((URL, Some(url))),
            PackageIndex::RedisSecret(arn) => variables.push((URL_SECRET, Some(arn))),
        }
        let set = |(name, value): (&str, Option<V>)| Some((name.to_owned(), value?));
        variables.into_iter().filter_map(set).collect()
    }
}

impl CacheSync {
    /// The variables and what they hold.
    pub const VARIABLES: &[Variable] = &[
        variable(BUCKET, "the name of the bucket of the packages"),
        variable(
            PREFIX,
            "what the keys of packages begin with (pypicloud's storage.prefix); nothing by default",
        ),
        variable(PACKAGES, "DynamoDB: the name of the table of the files"),
        variable(SUMMARIES, "DynamoDB: the name of the table of the names"),
        variable(
            REGION,
            "DynamoDB: the region of the tables; the function's by default",
        ),
        variable(URL, "Redis: the address of the server, without a password"),
        variable(
            URL_SECRET,
            "Redis: the ARN of the secret that holds the address with its password",
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
    /// If a variable is missing or wrong, or there are two indexes.
    pub fn read(variables: &impl Variables) -> Result<Self, EnvironmentError> {
        let reader = Reader(variables);
        Ok(Self {
            bucket: reader.required(BUCKET, "the name of the bucket of the packages")?,
            prefix: reader.optional(PREFIX).unwrap_or_default(),
            index: index(&reader)?,
        })
    }
}

const fn variable(name: &'static str, holds: &'static str) -> Variable {
    Variable { name, holds }
}

fn index<E: Variables>(reader: &Reader<'_, E>) -> Result<PackageIndex, EnvironmentError> {
    let set: Vec<_> = [PACKAGES, URL, URL_SECRET]
        .into_iter()
        .filter(|name| reader.optional(name).is_some())
        .collect();
    match *set {
        [] => Err(missing(PACKAGES, EXPECTED_TABLE)),
        [URL] => url(reader).map(PackageIndex::Redis),
        [URL_SECRET] => {
            let is_arn = |text: &str| is_secret(text).then(|| text.to_owned());
            let arn = reader.parsed(URL_SECRET, EXPECTED_SECRET, is_arn)?;
            let arn = arn.ok_or_else(|| missing(URL_SECRET, EXPECTED_SECRET))?;
            Ok(PackageIndex::RedisSecret(arn))
        }
        [_] => Ok(PackageIndex::Tables(PackageTables {
            packages: reader.required(PACKAGES, EXPECTED_TABLE)?,
            summaries: reader.required(SUMMARIES, EXPECTED_TABLE)?,
            region: reader.optional(REGION),
        })),
        [first, second, ..] => Err(EnvironmentError {
            variable: second.to_owned(),
            held: Some("another index".to_owned()),
            expected: format!("nothing, since {first} is set: there is one index"),
        }),
    }
}

/// A password in the environment is read by everybody who may look at the function, and the error
/// does not repeat it.
fn url<E: Variables>(reader: &Reader<'_, E>) -> Result<String, EnvironmentError> {
    let held = reader.required(URL, EXPECTED_URL)?;
    let wrong = |held: &str| EnvironmentError {
        variable: URL.to_owned(),
        held: Some(held.to_owned()),
        expected: EXPECTED_URL.to_owned(),
    };
    let (scheme, address) = held.split_once("://").unwrap_or_default();
    if let Some((_, host)) = address.rsplit_once('@') {
        return Err(wrong(&format!("{scheme}://***@{host}")));
    }
    match (scheme, address) {
        (_, "") => Err(wrong(&held)),
        ("redis" | "rediss", _) => Ok(held),
        _ => Err(wrong(&held)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:redis-AbCdEf";

    fn read(variables: &[(&str, &str)]) -> Result<CacheSync, EnvironmentError> {
        let owned = variables
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()));
        CacheSync::read(&owned.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn what_a_construct_writes_the_handler_reads() {
        let tables = PackageTables {
            packages: "DynamoPackage".to_owned(),
            summaries: "PackageSummary".to_owned(),
            region: Some("us-west-2".to_owned()),
        };
        for index in [
            PackageIndex::Tables(tables),
            PackageIndex::Redis("rediss://cache:6379/1".to_owned()),
            PackageIndex::RedisSecret(ARN.to_owned()),
        ] {
            let plan = CacheSync {
                prefix: "wheels/".to_owned(),
                ..CacheSync::new("packages".to_owned(), index)
            };
            let written: BTreeMap<_, _> = plan.clone().variables(|text| text).into_iter().collect();
            assert_eq!(CacheSync::read(&written), Ok(plan));
        }
    }

    #[test]
    fn one_index_has_to_be_named() {
        let error = read(&[(BUCKET, "b")]).unwrap_err();
        assert_eq!((&*error.variable, &error.held), (PACKAGES, &None));
        let error = read(&[(BUCKET, "b"), (PACKAGES, "p")]).unwrap_err();
        assert_eq!(error.variable, SUMMARIES);
        let error = read(&[(BUCKET, "b"), (PACKAGES, "p"), (URL, "redis://h")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variable REDIS_URL: got \"another index\", expected nothing, since \
             PACKAGE_TABLE is set: there is one index"
        );
        let error = read(&[(URL, "redis://h")]).unwrap_err();
        assert_eq!(error.variable, BUCKET);
    }

    #[test]
    fn a_password_in_the_environment_is_refused_and_not_repeated() {
        let error = read(&[(BUCKET, "b"), (URL, "redis://user:hunter2@cache:6379")]).unwrap_err();
        assert_eq!(error.held.as_deref(), Some("redis://***@cache:6379"));
        for wrong in ["cache:6379", "http://cache", "redis://"] {
            let error = read(&[(BUCKET, "b"), (URL, wrong)]).unwrap_err();
            assert_eq!(error.held.as_deref(), Some(wrong));
        }
        for wrong in [
            "redis",
            "arn:aws:s3:::bucket",
            "arn:aws:secretsmanager:r:1:secret:",
        ] {
            let error = read(&[(BUCKET, "b"), (URL_SECRET, wrong)]).unwrap_err();
            assert_eq!(error.held.as_deref(), Some(wrong));
        }
    }
}
