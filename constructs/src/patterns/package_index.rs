//! Packages in several regions, with an index that follows in each.
//!
//! # How data flows
//!
//! ```text
//!  eu-central-1                                           us-west-2
//!  ┌──────────────────────────────────────┐               ┌───────────────────────────┐
//!  │ pypicloud ──> Packages/Source ───────┼── copies ─────┼─> Packages/Replica        │
//!  │     ^                 │ EventBridge  │               │        │ EventBridge      │
//!  │     └─── tables <── Index            │               │      Index ──> tables     │
//!  └──────────────────────────────────────┘               └──────────────────┼────────┘
//!                                                                     pypicloud (reads)
//! ```
//!
//! The buckets are a [`ReplicatedBucket`], and in each region, beside its bucket, a [`CacheSync`] keeps
//! the index that the pypicloud server of that region reads. With [`PackageIndex::two_way`] every
//! server may be written to. The functions that copy have the notifications of the buckets, so each
//! index takes its events from EventBridge.

use std::rc::Rc;

use cloudwright_synth::{Construct, Scope, Text};

use super::{CacheSync, CacheSyncRef, ReplicatedBucket, ReplicatedBucketRef};
use crate::s3::Filter;

/// What a program says about the index of a region.
type Say = Rc<dyn Fn(CacheSync, &str) -> CacheSync>;

/// Packages in several regions, with an index for a pypicloud server in each.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::patterns::PackageIndex;
/// # let app = App::new();
/// # let stack = app.stack("Packages", Environment::new("111111111111", "eu-central-1"));
/// let packages = PackageIndex::in_regions(["us-west-2"])
///     .two_way()
///     .prefix("packages/")
///     .index_with(|index, _region| index.rebuild_every(days(1)));
/// let packages = stack.add("PyPI", packages);
/// assert_eq!(packages.indexes().len(), 2);
/// # app.synth().unwrap();
/// ```
///
/// See the [module](self) for what is made where.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct PackageIndex {
    regions: Vec<Text>,
    two_way: bool,
    prefix: Text,
    packages: Vec<Rc<dyn Fn(ReplicatedBucket) -> ReplicatedBucket>>,
    index: Vec<Say>,
}

impl PackageIndex {
    /// Packages in the stack's own region and in each of these.
    pub fn in_regions<R: Into<Text>>(regions: impl IntoIterator<Item = R>) -> Self {
        Self {
            regions: regions.into_iter().map(Into::into).collect(),
            two_way: false,
            prefix: "".into(),
            packages: Vec::new(),
            index: Vec::new(),
        }
    }

    /// Packages may be uploaded in every region; else in the stack's own only.
    pub const fn two_way(mut self) -> Self {
        self.two_way = true;
        self
    }

    /// What the keys of packages begin with, as `storage.prefix` of pypicloud. Nothing unless said.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Says more about the buckets and how they are copied.
    pub fn packages_with(
        mut self,
        say: impl Fn(ReplicatedBucket) -> ReplicatedBucket + 'static,
    ) -> Self {
        self.packages.push(Rc::new(say));
        self
    }

    /// Says more about the index of each region, by its name.
    pub fn index_with(mut self, say: impl Fn(CacheSync, &str) -> CacheSync + 'static) -> Self {
        self.index.push(Rc::new(say));
        self
    }

    fn packages(&self, others: &[Text]) -> ReplicatedBucket {
        let mut packages = ReplicatedBucket::to(others.iter().cloned())
            .source_with(crate::s3::Bucket::event_bridge)
            .replicas_with(|bucket, _| bucket.event_bridge());
        if self.two_way {
            packages = packages.two_way();
        }
        if !self.prefix.is_empty() {
            packages = packages.only(Filter::prefix(self.prefix.clone()));
        }
        let said = self.packages.iter();
        said.fold(packages, |packages, say| say(packages))
    }

    fn index(&self, region: &str) -> CacheSync {
        let index = CacheSync::dynamodb().prefix(self.prefix.clone());
        let said = self.index.iter();
        said.fold(index, |index, say| say(index, region))
            .event_bridge()
    }
}

impl Construct for PackageIndex {
    type Handle = PackageIndexRef;

    fn construct(self, scope: &Scope) -> PackageIndexRef {
        let environment = scope.environment();
        let home = environment.region_name().unwrap_or_default();
        let others = self.regions.iter().filter(|region| *region != home);
        let others: Vec<Text> = others.cloned().collect();
        let packages = scope.add("Packages", self.packages(&others));
        let mut indexes = vec![scope.add("Index", self.index(home).bucket(packages.source()))];
        for (replica, region) in packages.replicas().iter().zip(&others) {
            // Beside the replica, in the stack of its region.
            let place = replica.bucket().scope().parent();
            indexes.push(place.add("Index", self.index(region).bucket(replica.bucket())));
        }
        PackageIndexRef {
            scope: scope.clone(),
            packages,
            indexes,
        }
    }
}

/// The handle of a [`PackageIndex`].
#[derive(Clone)]
pub struct PackageIndexRef {
    scope: Scope,
    packages: ReplicatedBucketRef,
    indexes: Vec<CacheSyncRef>,
}

impl PackageIndexRef {
    /// The construct's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The buckets of the packages, and what copies between them.
    #[must_use]
    pub const fn packages(&self) -> &ReplicatedBucketRef {
        &self.packages
    }

    /// The index of each region: the stack's own first, then in the order in which the program says the
    /// others.
    #[must_use]
    pub fn indexes(&self) -> &[CacheSyncRef] {
        &self.indexes
    }
}
