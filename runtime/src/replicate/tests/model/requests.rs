//! The requests that handlers make of the model.

use super::{Parts, Stored, World};
use crate::failure::Failure;
use crate::replicate::listing::{Entry, Listing, Page};
use crate::replicate::store::{Copy, Object, Origin, Over, Part, Stop, Store, Stores, Upload};

/// What is stored when `copy` is made of something with these tags.
fn copied(origin: &Origin<'_>, copy: &Copy<'_>, tags: Vec<(String, String)>) -> Stored {
    let object = Object {
        storage_class: copy.storage_class.map(str::to_owned),
        headers: copy.headers.clone(),
        metadata: copy.metadata.clone(),
        ..origin.object.clone()
    };
    Stored { object, tags }
}

impl Store for &World {
    async fn look(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<Object>, Failure> {
        let read = || match version {
            None => self.current(bucket, key).map(|stored| stored.object),
            Some(version) => self
                .version(bucket, key, version)
                .map(|stored| stored.object),
        };
        self.sure(format!("look {bucket}/{key}"), read, |_| {})
            .await
    }

    async fn peek(&self, bucket: &str, key: &str) -> Result<Option<Object>, Failure> {
        self.look(bucket, key, None).await
    }

    async fn tags(&self, origin: &Origin<'_>) -> Result<Vec<(String, String)>, Stop> {
        let read = || self.pinned(origin).map(|stored| stored.tags);
        self.request(format!("tags {}", origin.key), read, |_| Ok(()))
            .await
    }

    async fn copy(&self, origin: &Origin<'_>, copy: &Copy<'_>) -> Result<(), Stop> {
        let name = format!("copy {}/{}", copy.bucket, copy.key);
        let write = |found: &Stored| {
            self.allows(copy.over, copy.bucket, copy.key)?;
            let stored = copied(origin, copy, found.tags.clone());
            let version = self.write(copy.bucket, copy.key, Some(stored));
            self.echo("ObjectCreated:Copy", copy.bucket, copy.key, version);
            Ok(())
        };
        self.request(name, || self.pinned(origin), write).await?;
        Ok(())
    }

    async fn begin(&self, copy: &Copy<'_>, tags: &[(String, String)]) -> Result<String, Failure> {
        let object = Object {
            storage_class: copy.storage_class.map(str::to_owned),
            headers: copy.headers.clone(),
            metadata: copy.metadata.clone(),
            ..Object::default()
        };
        let stored = Stored {
            object,
            tags: tags.to_vec(),
        };
        let name = format!("begin {}/{}", copy.bucket, copy.key);
        let id = self.sure(name, || (), |()| {}).await;
        id.map(|()| {
            let mut state = self.state();
            state.writes += 1;
            let id = format!("u{}", state.writes);
            state.uploads.insert(id.clone(), Parts { stored, bytes: 0 });
            id
        })
    }

    async fn copy_part(
        &self,
        origin: &Origin<'_>,
        upload: &Upload<'_>,
        part: Part,
    ) -> Result<String, Stop> {
        let write = |found: &Stored| {
            let mut state = self.state();
            let parts = state.uploads.get_mut(upload.id).expect("it has begun");
            parts.stored.object.etag.clone_from(&found.object.etag);
            parts.bytes += part.last + 1 - part.first;
            Ok(())
        };
        let name = format!("part {}-{}", part.first, part.last);
        let found = self.request(name, || self.pinned(origin), write).await?;
        Ok(found.object.etag)
    }

    async fn complete(&self, upload: &Upload<'_>, parts: &[String]) -> Result<(), Stop> {
        let write = |(): &()| {
            self.allows(upload.over, upload.bucket, upload.key)?;
            let upload_state = self.state().uploads.remove(upload.id);
            let done = upload_state.expect("it has begun");
            let mut stored = done.stored;
            assert!(
                parts.iter().all(|etag| *etag == stored.object.etag),
                "parts of two states"
            );
            stored.object.size = done.bytes;
            let version = self.write(upload.bucket, upload.key, Some(stored));
            let name = "ObjectCreated:CompleteMultipartUpload";
            self.echo(name, upload.bucket, upload.key, version);
            Ok(())
        };
        let name = format!("complete {}/{}", upload.bucket, upload.key);
        self.request(name, || Ok(()), write).await
    }

    async fn abort(&self, upload: &Upload<'_>) -> Result<(), Failure> {
        let mut state = self.state();
        state.requests.push("abort".to_owned());
        state.uploads.remove(upload.id);
        Ok(())
    }

    async fn remove(&self, bucket: &str, key: &str, over: Over<'_>) -> Result<(), Stop> {
        let write = |(): &()| {
            self.allows(over, bucket, key)?;
            let version = self.write(bucket, key, None);
            self.echo(self.removal(), bucket, key, version);
            Ok(())
        };
        self.request(format!("remove {bucket}/{key}"), || Ok(()), write)
            .await
    }

    async fn erase(&self, bucket: &str, key: &str) -> Result<bool, Failure> {
        let listed = || self.versions(bucket, key);
        let write = |listed: &Vec<String>| self.forget(bucket, key, listed);
        let name = format!("erase {bucket}/{key}");
        let erased = self.sure(name, listed, write).await?;
        Ok(!erased.is_empty())
    }
}

impl Listing for &World {
    async fn list(&self, bucket: &str, prefix: &str, after: Option<&str>) -> Result<Page, Failure> {
        const PAGE: usize = 3;
        let read = || {
            let state = self.state();
            let keys = state.buckets.get(bucket).into_iter().flatten();
            let wanted =
                |key: &str| key.starts_with(prefix) && after.is_none_or(|after| key > after);
            let objects = keys.filter(|(key, _)| wanted(key));
            let entries = objects.filter_map(|(key, versions)| {
                let object = &versions.last()?.1.as_ref()?.object;
                Some(Entry {
                    key: key.clone(),
                    etag: object.etag.clone(),
                    size: object.size,
                    modified: object.modified,
                })
            });
            let mut entries: Vec<_> = entries.take(PAGE + 1).collect();
            let is_last = entries.len() <= PAGE;
            entries.truncate(PAGE);
            Page { entries, is_last }
        };
        self.sure(format!("list {bucket}"), read, |_| {}).await
    }
}

impl<'a> Stores for &'a World {
    type Store = &'a World;

    fn of(&self, _: &str) -> &'a World {
        self
    }

    fn own_region(&self) -> &str {
        "eu-central-1"
    }
}
