//! The requests that `replicate` makes of S3.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{
    CompletedMultipartUpload, CompletedPart, EncodingType, MetadataDirective, ServerSideEncryption,
    StorageClass,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Headers as HttpHeaders;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::S3;
use crate::failure::{Class, Failure};
use crate::intake::{decode_form, encode_form, encode_path};
use crate::replicate::store::{Copy, Headers, Object, Origin, Over, Part, Stop, Store, Upload};
use crate::sdk;

impl Store for S3 {
    async fn look(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<Object>, Failure> {
        // A second time if the object came to be between two requests.
        for _ in 0..2 {
            if let Head::There(object) = self.head(bucket, key, version).await? {
                return Ok(Some(*object));
            }
            if self.is_missing(bucket, key, version).await? {
                return Ok(None);
            }
        }
        let failure = Failure::new(
            Class::KeepsChanging,
            "there for GetObject, not for HeadObject",
        );
        Err(self.about(failure.during(HEAD), bucket, key))
    }

    async fn peek(&self, bucket: &str, key: &str) -> Result<Option<Object>, Failure> {
        match self.head(bucket, key, None).await? {
            Head::There(object) => Ok(Some(*object)),
            Head::Missing => Ok(None),
            Head::Refused => self.look(bucket, key, None).await,
        }
    }

    async fn tags(&self, origin: &Origin<'_>) -> Result<Vec<(String, String)>, Stop> {
        let request = (self.client.get_object_tagging())
            .bucket(origin.bucket)
            .key(origin.key)
            .set_version_id(origin.object.version_id.clone());
        match request.send().await {
            Ok(output) => {
                let tags = output.tag_set.into_iter();
                Ok(tags.map(|tag| (tag.key, tag.value)).collect())
            }
            Err(error) => {
                Err(self.stopped("S3 GetObjectTagging", &error, origin.bucket, origin.key))
            }
        }
    }

    async fn copy(&self, origin: &Origin<'_>, copy: &Copy<'_>) -> Result<(), Stop> {
        let Headers {
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
            website_redirect,
        } = copy.headers.clone();
        let request = (self.client.copy_object())
            .bucket(copy.bucket)
            .key(copy.key)
            .copy_source(source(origin))
            .copy_source_if_match(&origin.object.etag)
            .metadata_directive(MetadataDirective::Replace)
            .set_metadata(Some(copy.metadata.clone().into_iter().collect()))
            .set_content_type(content_type)
            .set_cache_control(cache_control)
            .set_content_disposition(content_disposition)
            .set_content_encoding(content_encoding)
            .set_content_language(content_language)
            .set_website_redirect_location(website_redirect)
            .set_storage_class(copy.storage_class.map(StorageClass::from))
            .set_server_side_encryption(copy.kms_key.map(|_| ServerSideEncryption::AwsKms))
            .set_ssekms_key_id(copy.kms_key.map(str::to_owned))
            .set_if_match(copy.over.if_match())
            .set_if_none_match(copy.over.if_none_match());
        let request = request
            .customize()
            .mutate_request(move |request| set_expires(request.headers_mut(), expires.as_deref()));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.stopped("S3 CopyObject", &error, copy.bucket, copy.key)),
        }
    }

    async fn begin(&self, copy: &Copy<'_>, tags: &[(String, String)]) -> Result<String, Failure> {
        const OPERATION: &str = "S3 CreateMultipartUpload";
        let Headers {
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
            website_redirect,
        } = copy.headers.clone();
        let request = (self.client.create_multipart_upload())
            .bucket(copy.bucket)
            .key(copy.key)
            .set_metadata(Some(copy.metadata.clone().into_iter().collect()))
            .set_tagging(tagging(tags))
            .set_content_type(content_type)
            .set_cache_control(cache_control)
            .set_content_disposition(content_disposition)
            .set_content_encoding(content_encoding)
            .set_content_language(content_language)
            .set_website_redirect_location(website_redirect)
            .set_storage_class(copy.storage_class.map(StorageClass::from))
            .set_server_side_encryption(copy.kms_key.map(|_| ServerSideEncryption::AwsKms))
            .set_ssekms_key_id(copy.kms_key.map(str::to_owned));
        let request = request
            .customize()
            .mutate_request(move |request| set_expires(request.headers_mut(), expires.as_deref()));
        let output = request.send().await;
        let output =
            output.map_err(|error| self.failed(OPERATION, &error, copy.bucket, copy.key))?;
        output.upload_id.ok_or_else(|| {
            let silent = Failure::new(Class::ServiceFailed, "the answer has no upload id");
            self.about(silent.during(OPERATION), copy.bucket, copy.key)
        })
    }

    async fn copy_part(
        &self,
        origin: &Origin<'_>,
        upload: &Upload<'_>,
        part: Part,
    ) -> Result<String, Stop> {
        const OPERATION: &str = "S3 UploadPartCopy";
        let request = (self.client.upload_part_copy())
            .bucket(upload.bucket)
            .key(upload.key)
            .upload_id(upload.id)
            .part_number(part.number)
            .copy_source(source(origin))
            .copy_source_if_match(&origin.object.etag)
            .copy_source_range(format!("bytes={}-{}", part.first, part.last));
        let output = request.send().await;
        let output =
            output.map_err(|error| self.stopped(OPERATION, &error, upload.bucket, upload.key))?;
        let etag = output.copy_part_result.and_then(|result| result.e_tag);
        etag.ok_or_else(|| {
            let silent = Failure::new(Class::ServiceFailed, "the answer has no entity tag");
            Stop::Failed(self.about(silent.during(OPERATION), upload.bucket, upload.key))
        })
    }

    async fn complete(&self, upload: &Upload<'_>, parts: &[String]) -> Result<(), Stop> {
        let parts = (1..).zip(parts).map(|(number, etag)| {
            let part = CompletedPart::builder().part_number(number).e_tag(etag);
            part.build()
        });
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect()));
        let request = (self.client.complete_multipart_upload())
            .bucket(upload.bucket)
            .key(upload.key)
            .upload_id(upload.id)
            .multipart_upload(parts.build())
            .set_if_match(upload.over.if_match())
            .set_if_none_match(upload.over.if_none_match());
        let answer = request.send().await;
        answer.map(|_| ()).map_err(|error| {
            let operation = "S3 CompleteMultipartUpload";
            self.stopped(operation, &error, upload.bucket, upload.key)
        })
    }

    async fn abort(&self, upload: &Upload<'_>) -> Result<(), Failure> {
        let request = (self.client.abort_multipart_upload())
            .bucket(upload.bucket)
            .key(upload.key)
            .upload_id(upload.id);
        let answer = request.send().await;
        answer.map(|_| ()).map_err(|error| {
            self.failed("S3 AbortMultipartUpload", &error, upload.bucket, upload.key)
        })
    }

    async fn remove(&self, bucket: &str, key: &str, over: Over<'_>) -> Result<(), Stop> {
        let request = self.client.delete_object().bucket(bucket).key(key);
        let answer = request.set_if_match(over.if_match()).send().await;
        let answer = answer.map(|_| ());
        answer.map_err(|error| self.stopped("S3 DeleteObject", &error, bucket, key))
    }

    async fn erase(&self, bucket: &str, key: &str) -> Result<bool, Failure> {
        let mut was_there = false;
        loop {
            // What was listed is gone when the next page is asked for, so each is the first one.
            let versions = self.versions(bucket, key).await?;
            if versions.is_empty() {
                return Ok(was_there);
            }
            was_there = true;
            for version in versions {
                let request = self.client.delete_object().bucket(bucket).key(key);
                let answer = request.version_id(version).send().await;
                answer.map_err(|error| self.failed("S3 DeleteObject", &error, bucket, key))?;
            }
        }
    }
}

const HEAD: &str = "S3 HeadObject";

/// The answer to a HEAD, which explains nothing.
enum Head {
    There(Box<Object>),
    Missing,
    Refused,
}

impl S3 {
    /// Versions and delete markers of an object, as many as one request tells.
    async fn versions(&self, bucket: &str, key: &str) -> Result<Vec<String>, Failure> {
        let request = (self.client.list_object_versions())
            .bucket(bucket)
            .prefix(key)
            // XML cannot hold every key.
            .encoding_type(EncodingType::Url);
        let page = request.send().await;
        let page =
            page.map_err(|error| self.failed("S3 ListObjectVersions", &error, bucket, key))?;
        let is_encoded = page.encoding_type == Some(EncodingType::Url);
        // The prefix itself is the first of the keys that begin so.
        let is_it = |found: Option<String>| match found {
            Some(found) if is_encoded => decode_form(&found).is_ok_and(|found| found == key),
            found => found.as_deref() == Some(key),
        };
        let versions = page.versions.unwrap_or_default().into_iter();
        let versions = versions.map(|version| (version.key, version.version_id));
        let markers = page.delete_markers.unwrap_or_default().into_iter();
        let markers = markers.map(|marker| (marker.key, marker.version_id));
        let own = versions
            .chain(markers)
            .filter_map(|(found, version)| is_it(found).then_some(version).flatten());
        Ok(own.collect())
    }

    async fn head(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<Head, Failure> {
        let request = self.client.head_object().bucket(bucket).key(key);
        let request = request.set_version_id(version.map(str::to_owned));
        match request.send().await {
            Ok(output) => Ok(Head::There(Box::new(object(output)))),
            Err(SdkError::ServiceError(answer)) if answer.raw().status().as_u16() == 404 => {
                Ok(Head::Missing)
            }
            Err(SdkError::ServiceError(answer)) if answer.raw().status().is_client_error() => {
                Ok(Head::Refused)
            }
            Err(error) => Err(self.failed(HEAD, &error, bucket, key)),
        }
    }

    /// Whether an object is surely not there. The answer to a HEAD has no body, so it is the same
    /// for a missing object and a missing bucket; a GET of one byte tells, and explains a refusal.
    async fn is_missing(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<bool, Failure> {
        let request = self.client.get_object().bucket(bucket).key(key);
        let request = request.set_version_id(version.map(str::to_owned));
        match request.range("bytes=0-0").send().await {
            Ok(_) => Ok(false),
            Err(error) if is_no_such_key(&error) => Ok(true),
            // A version that is gone for good, or that is a delete marker.
            Err(error) if ["NoSuchVersion", "MethodNotAllowed"].contains(&sdk::code(&error)) => {
                Ok(true)
            }
            // There, but without any byte.
            Err(error) if sdk::code(&error) == "InvalidRange" => Ok(false),
            Err(error) => Err(self.failed("S3 GetObject", &error, bucket, key)),
        }
    }

    fn about(&self, failure: Failure, bucket: &str, key: &str) -> Failure {
        failure.about(bucket, key).within(&self.region)
    }

    fn failed<E>(
        &self,
        operation: &str,
        error: &SdkError<E, HttpResponse>,
        bucket: &str,
        key: &str,
    ) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.about(sdk::failure(operation, error), bucket, key)
    }

    /// As [`S3::failed`], for requests that depend on how an object is: it may be another one now.
    fn stopped<E>(
        &self,
        operation: &str,
        error: &SdkError<E, HttpResponse>,
        bucket: &str,
        key: &str,
    ) -> Stop
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match sdk::code(error) {
            "PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey" | "NoSuchVersion" => {
                Stop::Changed
            }
            _ => Stop::Failed(self.failed(operation, error, bucket, key)),
        }
    }
}

fn is_no_such_key(error: &SdkError<GetObjectError, HttpResponse>) -> bool {
    error
        .as_service_error()
        .is_some_and(GetObjectError::is_no_such_key)
}

fn object(output: HeadObjectOutput) -> Object {
    let headers = Headers {
        expires: output.expires_string().map(str::to_owned),
        content_type: output.content_type,
        cache_control: output.cache_control,
        content_disposition: output.content_disposition,
        content_encoding: output.content_encoding,
        content_language: output.content_language,
        website_redirect: output.website_redirect_location,
    };
    Object {
        etag: output.e_tag.unwrap_or_default(),
        version_id: output.version_id,
        size: output
            .content_length
            .and_then(|size| size.try_into().ok())
            .unwrap_or_default(),
        modified: output
            .last_modified
            .map(|time| time.secs())
            .unwrap_or_default(),
        storage_class: output
            .storage_class
            .map(|class| class.as_str().to_owned())
            .filter(|class| class != "STANDARD"),
        headers,
        metadata: output.metadata.unwrap_or_default().into_iter().collect(),
    }
}

/// The object to copy, in the version that was looked at.
fn source(origin: &Origin<'_>) -> String {
    let path = format!("{}/{}", origin.bucket, encode_path(origin.key));
    match &origin.object.version_id {
        Some(version) => format!("{path}?versionId={}", encode_form(version)),
        None => path,
    }
}

fn tagging(tags: &[(String, String)]) -> Option<String> {
    let tags = tags.iter();
    let pairs = tags.map(|(key, value)| format!("{}={}", encode_form(key), encode_form(value)));
    let pairs: Vec<_> = pairs.collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

/// As it was given: S3 takes any text, the SDK only a date.
fn set_expires(headers: &mut HttpHeaders, expires: Option<&str>) {
    if let Some(expires) = expires {
        // A text that S3 could send as a header can be sent back.
        let _ = headers.try_insert("expires", expires.to_owned());
    }
}
