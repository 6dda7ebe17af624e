//! Uploads the files and pushes the images that stacks need: each once, made only when it is not there, never overwritten.
//!
//! The key is the hash of the source, so an object that is there is the right one. An archive of 22 bytes or
//! less is an empty one, which another tool may have left: it counts as missing. The tag of an image is such a hash, too.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use futures_util::future::{LocalBoxFuture, join_all};
use futures_util::lock::Mutex;

use crate::assembly::{Asset, ImageAsset, Source, in_place};
use crate::cloud::{Clock, Cloud, Content, ImageState, Images};
use crate::event::Event;
use crate::fault::{Class, Fault};
use crate::pace::patiently;
use crate::problem::Problem;
use crate::stack::Work;

/// The size of an archive without entries.
const EMPTY_ARCHIVE: u64 = 22;

/// Makes the files of assets whose source is a command.
pub trait Maker {
    /// Makes the file of a command of an assembly, and gives its path.
    fn make<'a>(&'a self, command: &'a [String]) -> LocalBoxFuture<'a, Result<PathBuf, Problem>>;
}

/// Makes the bucket for files of an account and region that has none.
pub trait Bootstrap {
    /// Makes the bucket of this name.
    fn make<'a>(
        &'a self,
        cloud: &'a Cloud,
        bucket: &'a str,
    ) -> LocalBoxFuture<'a, Result<(), Problem>>;
}

/// That there is no bucket, and nobody who may make it.
pub(crate) fn no_bucket(cloud: &Cloud, bucket: &str) -> Problem {
    let (account, region) = (&cloud.account, &cloud.region);
    Problem::failed(
        format!("there is no bucket {bucket} for files in {account} {region}"),
        "make it by `bootstrap`, once for this account and region",
    )
}

/// Why the bucket cannot be used. S3 answers alike where it is another account's and where the caller lacks the right.
pub(crate) fn unusable(cloud: &Cloud, bucket: &str, fault: Fault) -> Problem {
    if fault.class != Class::Denied {
        return fault.into();
    }
    let message = format!(
        "the bucket {bucket} is not that of account {}, or this caller may not list it ({})",
        cloud.account, fault.code
    );
    let help = "nothing was sent to it. If another account took the name, choose another qualifier \
                (`--context @aws-cdk/core:bootstrapQualifier=NAME`) and run `bootstrap`; else the caller needs s3:ListBucket";
    Problem::failed(message, help)
}

/// That there is no repository, and nobody who may make it.
pub(crate) fn no_repository(cloud: &Cloud, repository: &str) -> Problem {
    let (account, region) = (&cloud.account, &cloud.region);
    Problem::failed(
        format!("there is no repository {repository} for images in {account} {region}"),
        "make it by `bootstrap`, once for this account and region",
    )
}

fn no_images(name: &str) -> Problem {
    Problem::usage(
        format!("\"{name}\" is a container image, and this program pushes none"),
        "build it with the feature `images`, or use `cargo cloudwright publish` before",
    )
}

/// Uploads files, for all stacks of a run.
pub struct Publisher<'a> {
    clock: &'a dyn Clock,
    maker: &'a dyn Maker,
    /// Who makes buckets that are missing; without it that is a problem.
    bootstrap: Option<&'a dyn Bootstrap>,
    /// Buckets and keys, repositories and tags that are there; held while files are made, so that no two stacks make the same.
    done: Mutex<BTreeSet<(String, String)>>,
    /// Buckets that are there.
    buckets: RefCell<BTreeSet<String>>,
}

impl<'a> Publisher<'a> {
    /// A publisher that has published nothing yet.
    #[must_use]
    pub fn new(clock: &'a dyn Clock, maker: &'a dyn Maker) -> Self {
        Self {
            clock,
            maker,
            bootstrap: None,
            done: Mutex::default(),
            buckets: RefCell::default(),
        }
    }

    /// The same with somebody who makes buckets that are missing.
    #[must_use]
    pub fn with_bootstrap(self, bootstrap: &'a dyn Bootstrap) -> Self {
        Self {
            bootstrap: Some(bootstrap),
            ..self
        }
    }

    /// Uploads and pushes what a stack needs and its account has not.
    ///
    /// # Errors
    /// When there is no bucket or repository, when a file or image cannot be made, or when AWS refuses it.
    pub async fn publish(&self, work: &Work<'_>) -> Result<(), Problem> {
        if !work.stack.assets.is_empty() {
            self.files(work).await?;
        }
        for image in &work.stack.images {
            self.image(work, image).await?;
        }
        Ok(())
    }

    async fn files(&self, work: &Work<'_>) -> Result<(), Problem> {
        let mut done = self.done.lock().await;
        let mut missing = Vec::new();
        for asset in &work.stack.assets {
            let bucket = in_place(&asset.bucket, &work.cloud.account, &work.cloud.region);
            self.require_bucket(work.cloud, &bucket).await?;
            let place = (bucket, asset.key.clone());
            let size =
                patiently(self.clock, || work.cloud.storage.size(&place.0, &place.1)).await?;
            let is_empty =
                size.is_some_and(|size| size <= EMPTY_ARCHIVE && place.1.ends_with(".zip"));
            if done.contains(&place) || (size.is_some() && !is_empty) {
                done.insert(place);
            } else {
                missing.push((asset, place, is_empty));
            }
        }
        // Made one after the other, since each build uses the whole machine; uploaded together.
        let mut files = Vec::new();
        for (asset, place, replaces) in missing {
            work.host.event(
                work.stack,
                &Event::Publishing {
                    name: asset.name.clone(),
                },
            );
            files.push((asset, place, (self.file(asset).await?, replaces)));
        }
        let uploads = join_all(
            files
                .iter()
                .map(|(asset, place, file)| self.upload(work, asset, place, file)),
        );
        for uploaded in uploads.await {
            uploaded?;
        }
        done.extend(files.into_iter().map(|(_, place, _)| place));
        Ok(())
    }

    /// Makes and pushes an image that is not there.
    async fn image(&self, work: &Work<'_>, image: &ImageAsset) -> Result<(), Problem> {
        let cloud = work.cloud;
        let Some(images) = &cloud.images else {
            return Err(no_images(&image.name));
        };
        let mut done = self.done.lock().await;
        let repository = in_place(&image.repository, &cloud.account, &cloud.region);
        let place = (repository, image.tag.clone());
        if done.contains(&place) || self.has_image(work, &**images, &place).await? {
            done.insert(place);
            return Ok(());
        }
        let name = image.name.clone();
        work.host.event(work.stack, &Event::Publishing { name });
        let layout = self.maker.make(&image.command).await?;
        let pushed = patiently(self.clock, || images.push(&place.0, &place.1, &layout)).await;
        // Whoever pushed the same tag in between pushed the same source.
        if let Err(fault) = pushed
            && !self.has_image(work, &**images, &place).await?
        {
            return Err(fault.into());
        }
        let (name, key) = (image.name.clone(), place.1.clone());
        work.host.event(work.stack, &Event::Published { name, key });
        done.insert(place);
        Ok(())
    }

    /// Whether an image is there; its repository is made where that can be.
    async fn has_image(
        &self,
        work: &Work<'_>,
        images: &dyn Images,
        (repository, tag): &(String, String),
    ) -> Result<bool, Problem> {
        let cloud = work.cloud;
        let look = || patiently(self.clock, || images.find(repository, tag));
        let mut found = look().await?;
        if let (ImageState::NoRepository, Some(bootstrap)) = (found, self.bootstrap) {
            let bucket = in_place(&work.stack.bucket(), &cloud.account, &cloud.region);
            bootstrap.make(cloud, &bucket).await?;
            found = look().await?;
        }
        match found {
            ImageState::NoRepository => Err(no_repository(cloud, repository)),
            ImageState::Missing => Ok(false),
            ImageState::There => Ok(true),
        }
    }

    /// Refuses to go on without the bucket, unless it can be made.
    ///
    /// # Errors
    /// When there is none, or S3 cannot be asked.
    pub async fn require_bucket(&self, cloud: &Cloud, bucket: &str) -> Result<(), Problem> {
        if self.buckets.borrow().contains(bucket) {
            return Ok(());
        }
        let is_there = patiently(self.clock, || cloud.storage.has_bucket(bucket)).await;
        let is_there = is_there.map_err(|fault| unusable(cloud, bucket, fault))?;
        if let (false, Some(bootstrap)) = (is_there, self.bootstrap) {
            bootstrap.make(cloud, bucket).await?;
        } else if !is_there {
            return Err(no_bucket(cloud, bucket));
        }
        self.buckets.borrow_mut().insert(bucket.to_owned());
        Ok(())
    }

    async fn file(&self, asset: &Asset) -> Result<PathBuf, Problem> {
        match &asset.source {
            Source::File(path) => Ok(path.clone()),
            Source::Command(command) => self.maker.make(command).await,
        }
    }

    async fn upload(
        &self,
        work: &Work<'_>,
        asset: &Asset,
        (bucket, key): &(String, String),
        (file, replaces): &(PathBuf, bool),
    ) -> Result<(), Problem> {
        patiently(self.clock, || {
            work.cloud
                .storage
                .upload(bucket, key, Content::File(file), *replaces)
        })
        .await?;
        work.host.event(
            work.stack,
            &Event::Published {
                name: asset.name.clone(),
                key: key.clone(),
            },
        );
        Ok(())
    }
}
