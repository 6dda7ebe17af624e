//! Where replicas are: stacks of other regions, the buckets in them, and their names.

use cloudwright_contract::Deletion;
use cloudwright_synth::{Environment, Json, Scope, Text, Value};

use super::buckets::Buckets;
use super::replica::{Place, Replica};
use crate::kms;
use crate::s3::{Bucket, BucketRef, StorageClass};

/// The longest part of a role's name that is made of a path: 64 characters less a dash, the longest
/// region, and a dash with what the role is for.
const ROLE_NAME: usize = 64 - 1 - "us-isof-south-1".len() - "-all".len();
/// The longest prefix of a bucket's name that leaves room for account and region in every region.
const NAME: usize = 31;

/// A bucket that takes part, and what belongs to its side.
#[derive(Clone)]
pub(super) struct Site {
    /// Where what stands beside the bucket is added.
    pub(super) place: Scope,
    pub(super) bucket: BucketRef,
    pub(super) region: Value<String>,
    /// The name of the region, when it is known.
    pub(super) region_name: Option<Text>,
    pub(super) prefix: Text,
    /// The key for copies in a bucket that exists already, which keeps a setting of its own.
    pub(super) key: Option<kms::KeyRef>,
    /// The class of the copies, when it is not that of each object.
    pub(super) storage_class: Option<StorageClass>,
    /// What becomes of the copies of removed objects.
    pub(super) deletion: Deletion,
    /// The account that owns a bucket of somebody else.
    pub(super) owner: Option<Text>,
    /// Whether the bucket is the source.
    pub(super) is_source: bool,
}

impl Site {
    /// The side of the source.
    pub(super) fn source(scope: &Scope, bucket: &BucketRef) -> Self {
        Self {
            place: scope.clone(),
            bucket: bucket.clone(),
            region: scope.region(),
            region_name: region_of(scope),
            prefix: "".into(),
            key: None,
            storage_class: None,
            deletion: Deletion::Remove,
            owner: None,
            is_source: true,
        }
    }

    /// The account of the bucket, when it is known.
    pub(super) fn account(&self) -> Option<Text> {
        let environment = self.bucket.scope().environment();
        environment
            .account_id()
            .map(|id| Text::Owned(id.to_owned()))
    }
}

/// A fixed name for a role of a place. Roles of all regions of an account share their names, so that of
/// the region is part of it.
pub(super) fn role_name(site: &Site, of: &'static str) -> String {
    let name = site.place.physical_name(ROLE_NAME);
    let region = site.region_name.as_deref();
    let words = [Some(&*name), region, Some(of).filter(|of| !of.is_empty())];
    words.into_iter().flatten().collect::<Vec<_>>().join("-")
}

/// Makes the bucket of a replica, or takes the one that is there.
pub(super) fn settle(
    scope: &Scope,
    source: &BucketRef,
    replica: &Replica,
    (buckets, deletion): (&Buckets, Deletion),
) -> Site {
    let site = match &replica.place {
        Place::Made { account, region } => {
            let place = place_in(scope, account.as_ref(), region);
            let bucket = make(&place, scope, replica, buckets, region);
            Site {
                region: place.region(),
                region_name: Some(region.clone()),
                ..Site::source(&place, &bucket)
            }
        }
        Place::Existing { bucket, region } => existing(scope, bucket, region.as_ref()),
        Place::Source => Site::source(scope, source),
    };
    let is_made = matches!(replica.place, Place::Made { .. });
    Site {
        prefix: replica.prefix.clone(),
        key: replica.key.clone().filter(|_| !is_made),
        storage_class: replica.storage_class,
        deletion: replica.deletion.unwrap_or(deletion),
        owner: replica.owner.clone(),
        is_source: site.bucket.is_same(source),
        ..site
    }
}

fn existing(scope: &Scope, bucket: &BucketRef, region: Option<&Text>) -> Site {
    let (value, name) = match region {
        Some(name) => {
            let value = Value::from_json(Json::Text(name.clone()));
            (value, Some(name.clone()))
        }
        None => (bucket.scope().region(), region_of(bucket.scope())),
    };
    Site {
        region: value,
        region_name: name,
        ..Site::source(scope, bucket)
    }
}

fn make(
    place: &Scope,
    scope: &Scope,
    replica: &Replica,
    buckets: &Buckets,
    region: &str,
) -> BucketRef {
    // Of the path here, so that the names of all replicas differ in nothing but the region.
    let mut bucket = Bucket::new().prefix(scope.physical_name(NAME));
    if let Some(key) = &replica.key {
        bucket = bucket.encrypted_with(key);
    }
    let bucket = place.add("Replica", buckets.replica(bucket, region));
    buckets.let_in(&bucket);
    bucket
}

/// The place for what belongs to this construct in another region or account: below the same path as
/// here, in the stack of that environment. At home it is this construct itself.
fn place_in(scope: &Scope, account: Option<&Text>, region: &Text) -> Scope {
    let stack = match account {
        Some(account) => scope.sibling_stack_in(Environment::new(account.clone(), region.clone())),
        None => scope.sibling_stack(region.clone()),
    };
    if stack.path() == scope.stack().path() {
        return scope.clone();
    }
    let stack = if scope.is_strict() {
        stack.strict()
    } else {
        stack
    };
    let (stage, path) = (stack.parent().path(), scope.path());
    let below = path.strip_prefix(&stage).unwrap_or(&path);
    let ids = below.split('/').filter(|id| !id.is_empty());
    ids.fold((*stack).clone(), |at, id| {
        at.find(id).unwrap_or_else(|| at.place(id.to_owned()))
    })
}

fn region_of(scope: &Scope) -> Option<Text> {
    let environment = scope.environment();
    environment
        .region_name()
        .map(|name| Text::Owned(name.to_owned()))
}
