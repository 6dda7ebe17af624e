//! S3 by the SDK's client.
//!
//! Every request says whose bucket it expects: a bucket of the right name in somebody else's account is
//! refused instead of being filled.

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_s3 as sdk;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, Delete, ObjectIdentifier};
use futures_util::FutureExt;

use super::faults;
use crate::cloud::{Call, Content, Storage};
use crate::fault::{Class, Fault};

/// S3 in one account and region.
pub(super) struct Client {
    client: sdk::Client,
    region: String,
    account: String,
    /// Where requests go instead of AWS.
    endpoint: Option<String>,
}

impl Client {
    pub(super) fn new(config: &SdkConfig, region: &str, account: &str) -> Self {
        let endpoint = config.endpoint_url().map(str::to_owned);
        let endpoint = endpoint.or_else(|| {
            std::env::var("AWS_ENDPOINT_URL")
                .ok()
                .filter(|url| !url.is_empty())
        });
        let settings = sdk::config::Builder::from(config)
            // Whoever stands in for AWS on one machine has no name for each bucket.
            .force_path_style(endpoint.is_some())
            .retry_config(RetryConfig::standard())
            .timeout_config(super::waits(super::LONG))
            .build();
        Self {
            client: sdk::Client::from_conf(settings),
            region: region.to_owned(),
            account: account.to_owned(),
            endpoint,
        }
    }

    async fn find(&self, bucket: &str, key: &str) -> Result<Option<u64>, Fault> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(bucket)
            .prefix(key)
            .max_keys(1);
        let answer = request.expected_bucket_owner(&self.account).send().await;
        let answer = answer.map_err(|error| faults::of("ListObjectsV2", &error))?;
        let found = answer
            .contents()
            .iter()
            .find(|object| object.key() == Some(key));
        Ok(found.map(|object| object.size().unwrap_or_default().unsigned_abs()))
    }

    async fn put(
        &self,
        bucket: &str,
        key: &str,
        content: Content<'_>,
        replaces: bool,
    ) -> Result<(), Fault> {
        let (body, kind) = match content {
            Content::Json(bytes) => (ByteStream::from(bytes.to_vec()), "application/json"),
            Content::File(path) => {
                let unreadable = |error: &dyn std::fmt::Display| Fault {
                    class: Class::Refused,
                    operation: "PutObject",
                    code: String::new(),
                    message: format!("cannot read \"{}\": {error}", path.display()),
                };
                let body = ByteStream::from_path(path)
                    .await
                    .map_err(|error| unreadable(&error))?;
                let is_json = path
                    .extension()
                    .is_some_and(|extension| extension == "json");
                (
                    body,
                    if is_json {
                        "application/json"
                    } else {
                        "application/zip"
                    },
                )
            }
        };
        let request = self
            .client
            .put_object()
            .bucket(bucket)
            .key(key)
            .body(body)
            .content_type(kind);
        let request = request
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .set_if_none_match((!replaces).then(|| "*".to_owned()));
        match request.expected_bucket_owner(&self.account).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let fault = faults::of("PutObject", &error);
                match &*fault.code {
                    // Somebody else uploaded the same key in between, which has the same content.
                    "PreconditionFailed" => Ok(()),
                    // Somebody else is just uploading it: the next try sees what became of that.
                    "ConditionalRequestConflict" => Err(Fault {
                        class: Class::Unreachable,
                        ..fault
                    }),
                    _ => Err(fault),
                }
            }
        }
    }

    /// One page of versions and delete markers.
    async fn page(&self, bucket: &str) -> Result<Vec<ObjectIdentifier>, Fault> {
        let answer = self
            .client
            .list_object_versions()
            .bucket(bucket)
            .send()
            .await;
        let answer = match answer.map_err(|error| faults::of("ListObjectVersions", &error)) {
            Err(fault) if fault.class == Class::Missing => return Ok(Vec::new()),
            answer => answer?,
        };
        let versions = answer
            .versions()
            .iter()
            .map(|one| (one.key(), one.version_id()));
        let markers = answer
            .delete_markers()
            .iter()
            .map(|one| (one.key(), one.version_id()));
        let named = versions.chain(markers).filter_map(|(key, version)| {
            let version = version.map(str::to_owned);
            ObjectIdentifier::builder()
                .key(key?)
                .set_version_id(version)
                .build()
                .ok()
        });
        Ok(named.collect())
    }

    async fn delete_all(&self, bucket: &str) -> Result<usize, Fault> {
        let mut count = 0;
        loop {
            let page = self.page(bucket).await?;
            if page.is_empty() {
                return Ok(count);
            }
            count += page.len();
            let refused = |message: String| Fault {
                class: Class::Refused,
                operation: "DeleteObjects",
                code: String::new(),
                message,
            };
            let objects = Delete::builder()
                .set_objects(Some(page))
                .quiet(true)
                .build();
            let objects = objects.map_err(|error| refused(error.to_string()))?;
            let answer = self
                .client
                .delete_objects()
                .bucket(bucket)
                .delete(objects)
                .send()
                .await;
            let answer = answer.map_err(|error| faults::of("DeleteObjects", &error))?;
            if let Some(error) = answer.errors().first() {
                let why = error.message().unwrap_or_default();
                return Err(refused(format!(
                    "{}: {why}",
                    error.key().unwrap_or_default()
                )));
            }
        }
    }
}

impl Storage for Client {
    fn has_bucket<'a>(&'a self, bucket: &'a str) -> Call<'a, bool> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(bucket)
            .max_keys(1)
            .expected_bucket_owner(&self.account);
        async {
            match request
                .send()
                .await
                .map_err(|error| faults::of("ListObjectsV2", &error))
            {
                Ok(_) => Ok(true),
                Err(fault) if fault.class == Class::Missing => Ok(false),
                Err(fault) => Err(fault),
            }
        }
        .boxed_local()
    }

    fn size<'a>(&'a self, bucket: &'a str, key: &'a str) -> Call<'a, Option<u64>> {
        self.find(bucket, key).boxed_local()
    }

    fn upload<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        content: Content<'a>,
        replaces: bool,
    ) -> Call<'a, ()> {
        self.put(bucket, key, content, replaces).boxed_local()
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            None => {
                let china = if self.region.starts_with("cn-") {
                    ".cn"
                } else {
                    ""
                };
                format!(
                    "https://{bucket}.s3.{}.amazonaws.com{china}/{key}",
                    self.region
                )
            }
        }
    }

    fn count<'a>(&'a self, bucket: &'a str) -> Call<'a, usize> {
        async { Ok(self.page(bucket).await?.len()) }.boxed_local()
    }

    fn empty<'a>(&'a self, bucket: &'a str) -> Call<'a, usize> {
        self.delete_all(bucket).boxed_local()
    }
}
