//! What the handler needs of S3, as a small trait: the SDK's client has it, and so has the model of
//! the tests.

use std::collections::BTreeMap;

use crate::failure::Failure;

/// The buckets of one region.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Store {
    /// The object as it is now, or one of its versions; nothing if it is surely not there. A bucket
    /// that is not there, or an answer that does not say, is a failure: what is missing is removed
    /// from the copies.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn look(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<Object>, Failure>;

    /// As [`look`](Self::look) at what is there now, in one request: nothing can also mean that there
    /// is no such bucket.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn peek(&self, bucket: &str, key: &str) -> Result<Option<Object>, Failure>;

    /// The tags of an object, in the state that was looked at.
    ///
    /// # Errors
    /// If it has changed since, or S3 does not tell.
    async fn tags(&self, origin: &Origin<'_>) -> Result<Vec<(String, String)>, Stop>;

    /// Copies an object in one request, with its tags.
    ///
    /// # Errors
    /// If it has changed since it was looked at, what is there is not what the copy may replace, or
    /// S3 does not copy it.
    async fn copy(&self, origin: &Origin<'_>, copy: &Copy<'_>) -> Result<(), Stop>;

    /// Begins a copy in parts and gives its id.
    ///
    /// # Errors
    /// If S3 does not accept it.
    async fn begin(&self, copy: &Copy<'_>, tags: &[(String, String)]) -> Result<String, Failure>;

    /// Copies one part and gives its entity tag.
    ///
    /// # Errors
    /// If the object has changed since it was looked at, or S3 does not copy it.
    async fn copy_part(
        &self,
        origin: &Origin<'_>,
        upload: &Upload<'_>,
        part: Part,
    ) -> Result<String, Stop>;

    /// Makes an object of the parts, given by their entity tags in order.
    ///
    /// # Errors
    /// If what is there is not what the copy may replace, or S3 does not.
    async fn complete(&self, upload: &Upload<'_>, parts: &[String]) -> Result<(), Stop>;

    /// Gives a copy in parts up, so that its parts are not kept and paid for.
    ///
    /// # Errors
    /// If S3 does not accept it.
    async fn abort(&self, upload: &Upload<'_>) -> Result<(), Failure>;

    /// Removes an object; in a bucket with versions, by a delete marker.
    ///
    /// # Errors
    /// If there is something else than what is to be removed, or S3 does not.
    async fn remove(&self, bucket: &str, key: &str, over: Over<'_>) -> Result<(), Stop>;

    /// Removes an object for good, with all versions and delete markers that it has when they are
    /// listed; tells whether there were any.
    ///
    /// # Errors
    /// If S3 does not do it for each of them.
    async fn erase(&self, bucket: &str, key: &str) -> Result<bool, Failure>;
}

/// The stores of all regions.
pub trait Stores {
    /// What a store is.
    type Store: Store;

    /// The store of a region: requests for a bucket go to its region, or S3 turns them away.
    fn of(&self, region: &str) -> Self::Store;

    /// The region that the function runs in, whose buckets send it events.
    fn own_region(&self) -> &str;
}

/// Why a step of a copy ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The object, or what it is to replace, is no longer as it was when it was looked at.
    Changed,
    /// It failed.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The state of an object, without its content. Two states are the same if all of it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// The entity tag, with the quotes that a condition wants.
    pub etag: String,
    /// The version; only buckets with versions have it.
    pub version_id: Option<String>,
    /// The size in bytes.
    pub size: u64,
    /// When it was written, in seconds since 1970.
    pub modified: i64,
    /// The storage class, if it is not `STANDARD`.
    pub storage_class: Option<String>,
    /// The headers that it is served with.
    pub headers: Headers,
    /// The user metadata.
    pub metadata: BTreeMap<String, String>,
}

/// The headers that an object is served with; what is not set is left out
/// ([system-defined metadata](https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Expires`, as it was given.
    pub expires: Option<String>,
    /// Where a website redirects to.
    pub website_redirect: Option<String>,
}

impl Headers {
    /// All of them.
    pub(super) const fn all(&self) -> [&Option<String>; 7] {
        [
            &self.content_type,
            &self.cache_control,
            &self.content_disposition,
            &self.content_encoding,
            &self.content_language,
            &self.expires,
            &self.website_redirect,
        ]
    }
}

/// What is copied: an object in the state in which it was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Its bucket.
    pub bucket: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its region.
    pub region: &'a str,
    /// Its state.
    pub object: &'a Object,
}

/// What a write may replace or remove; S3 refuses it if there is something else
/// ([conditional writes](https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over<'a> {
    /// Whatever is there.
    Anything,
    /// Nothing, or a delete marker.
    Nothing,
    /// The object with this entity tag.
    Etag(&'a str),
}

impl Over<'_> {
    /// The value of `If-Match`.
    #[must_use]
    pub fn if_match(self) -> Option<String> {
        match self {
            Self::Etag(etag) => Some(etag.to_owned()),
            Self::Anything | Self::Nothing => None,
        }
    }

    /// The value of `If-None-Match`.
    #[must_use]
    pub fn if_none_match(self) -> Option<String> {
        (self == Self::Nothing).then(|| "*".to_owned())
    }
}

/// What it is copied to.
#[derive(Clone, Copy, Debug)]
pub struct Copy<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The key.
    pub key: &'a str,
    /// The KMS key, if it is not the bucket's own setting.
    pub kms_key: Option<&'a str>,
    /// The storage class, if it is not `STANDARD`.
    pub storage_class: Option<&'a str>,
    /// The headers.
    pub headers: &'a Headers,
    /// The user metadata.
    pub metadata: &'a BTreeMap<String, String>,
    /// What it may replace.
    pub over: Over<'a>,
}

/// A copy in parts that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// The bucket that it goes to.
    pub bucket: &'a str,
    /// The key that it goes to.
    pub key: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What it may replace.
    pub over: Over<'a>,
}

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// 1 for the first.
    pub number: i32,
    /// Its first byte.
    pub first: u64,
    /// Its last byte.
    pub last: u64,
}
