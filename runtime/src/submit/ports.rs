//! What the handler needs of the buckets, of the table and of the archive, as small traits: the clients
//! have them, and so have the models of the tests.

use std::str::FromStr;

use super::answer::Answer;
use super::form::Form;
use crate::failure::Failure;

/// An object in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The version; only buckets with versions have it.
    pub version_id: Option<String>,
    /// The entity tag, with its quotes.
    pub etag: String,
    /// The size in bytes.
    pub size: u64,
    /// The content's type, if the object says it.
    pub content_type: Option<String>,
}

impl Head {
    /// What tells this object from others: bucket and key.
    #[must_use]
    pub fn object(&self) -> String {
        format!("{}/{}", self.bucket, self.key)
    }

    /// What tells this state of the object from its others: its version, or the entity tag of its
    /// content where there are no versions.
    #[must_use]
    pub fn version(&self) -> &str {
        let version = self.version_id.as_deref();
        version.filter(|_| self.has_version()).unwrap_or(&self.etag)
    }

    /// Whether its version is its own: all contents that a bucket gets while its versions are
    /// [suspended](https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html)
    /// have the version `null`.
    #[must_use]
    pub fn has_version(&self) -> bool {
        self.version_id.as_deref().is_some_and(|id| id != "null")
    }
}

/// An object with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Which one it is.
    pub head: Head,
    /// The content, unless it is larger than was asked for.
    pub content: Option<Vec<u8>>,
}

/// Where objects are.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Source {
    /// A version of an object, or the object as it is now, with its content if that has at most `largest` bytes; nothing
    /// if it is surely not there.
    ///
    /// # Errors
    /// If S3 does not give it, or not all of it.
    async fn fetch(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        largest: u64,
    ) -> Result<Option<Object>, Failure>;

    /// The tags.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn tags(&self, head: &Head) -> Result<Vec<(String, String)>, Failure>;

    /// Replaces all tags.
    ///
    /// # Errors
    /// If S3 does not.
    async fn set_tags(&self, head: &Head, tags: &[(String, String)]) -> Result<(), Failure>;
}

/// Where it is remembered what became of objects.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Ledger {
    /// What is known about an object in this state.
    ///
    /// # Errors
    /// If the table does not tell, or holds something else there.
    async fn read(&self, head: &Head) -> Result<Option<Delivery>, Failure>;

    /// Writes what is known now in the place of what was; false if that has changed.
    ///
    /// # Errors
    /// If the table does not take it.
    async fn write(
        &self,
        head: &Head,
        new: &Delivery,
        was: Option<&Delivery>,
    ) -> Result<bool, Failure>;
}

/// Where objects are handed in.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Archive {
    /// What proves to be the provider. It may be remembered for some minutes, but not if the archive `refused` it.
    ///
    /// # Errors
    /// If the secret cannot be read, or is not as expected.
    async fn token(&self, refused: Option<&str>) -> Result<String, Failure>;

    /// Posts a form once. It may be dropped at any time; then nobody knows its answer.
    async fn post(&self, form: &Form, token: &str) -> Answer;
}

/// What is known about an object in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What became of it.
    pub state: State,
    /// How many calls began to post it.
    pub attempts: u64,
    /// When the last of them has surely ended, in seconds since 1970.
    pub until: u64,
    /// Why it was not accepted.
    pub detail: Option<String>,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A call posts it.
    Sending,
    /// The archive has it.
    Accepted,
    /// The archive does not want it.
    Refused,
    /// The archive was away or too busy.
    Failed,
    /// The archive may have it.
    Unknown,
    /// It was not posted, as the function is set up.
    Local,
}

impl State {
    const ALL: [Self; 6] = [
        Self::Sending,
        Self::Accepted,
        Self::Refused,
        Self::Failed,
        Self::Unknown,
        Self::Local,
    ];

    /// The name, such as `accepted`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Local => "local",
        }
    }
}

/// A name that no state has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoState;

impl FromStr for State {
    type Err = NoState;

    fn from_str(name: &str) -> Result<Self, NoState> {
        let named = Self::ALL.into_iter().find(|state| state.name() == name);
        named.ok_or(NoState)
    }
}
