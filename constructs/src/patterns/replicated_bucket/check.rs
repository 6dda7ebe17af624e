//! What a program may say that cannot work, found before anything is made.

use cloudwright_contract::Deletion;
use cloudwright_synth::{Regions, Scope, Text};

use super::bucket::Kind;
use super::copier::Settings;
use super::places::Site;
use super::replica::{Place, Replica};
use crate::s3::BucketRef;
use crate::{kms, rules};

/// The replicas to make: those that the program says, each place once.
pub(super) fn distinct(scope: &Scope, replicas: Vec<Replica>) -> Vec<Replica> {
    if replicas.is_empty() {
        // Reports that none is named.
        scope.regions(&Regions::Only(Vec::new()));
    }
    let mut places = Vec::new();
    let mut kept = Vec::new();
    for replica in replicas {
        if let Some(setting) = replica.misplaced {
            let message = format!("`{setting}` is said of a replica whose bucket does not take it");
            let help = "say it of a bucket that exists already: `Replica::in_bucket(&bucket)`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        let place = place(&replica);
        if places.contains(&place) {
            let message = format!("two replicas are {place}, expected each place once");
            let help = "drop one of them; several copies in one bucket need a prefix each, of which none begins with another";
            scope.error(&rules::DUPLICATE_REPLICA, message, help);
        } else {
            places.push(place);
            kept.push(replica);
        }
    }
    kept
}

/// The place of a replica as people say it; no other replica has the same.
fn place(replica: &Replica) -> String {
    let prefix = &replica.prefix;
    match &replica.place {
        Place::Made {
            account: None,
            region,
        } => format!("in {region}"),
        Place::Made {
            account: Some(account),
            region,
        } => format!("in account {account} in {region}"),
        Place::Existing { bucket, .. } => {
            // One bucket may have been imported twice.
            let (name, path) = (bucket.name(), bucket.scope().path());
            let name = name.literal().unwrap_or(&path);
            format!("in `{name}` below \"{prefix}\"")
        }
        Place::Source => format!("in the source below \"{prefix}\""),
    }
}

/// Reports what the sites of a replicated bucket cannot be to each other.
pub(super) fn sites(scope: &Scope, kind: &Kind, source: &Site, replicas: &[Site]) {
    check_overlaps(scope, replicas);
    for site in replicas {
        if site.is_source && site.prefix.is_empty() {
            let path = site.bucket.scope().path();
            let message = format!(
                "`{path}` would get copies of its own objects under the same keys, expected another bucket or a prefix"
            );
            let help = "give the copies a prefix: `Replica::in_source(\"copies/\")`";
            scope.error(&rules::REPLICATION_LOOP, message, help);
        }
        if let Some(key) = site.key.as_ref().or(site.bucket.key()) {
            check_key(scope, site, key);
        }
        check_account(scope, source, site);
        if site.owner.is_some() && !matches!(kind, Kind::Native(_)) {
            let message = "only S3's own replication has to be told who owns a bucket";
            let help =
                "drop `.owned_by(..)`; the owner lets the function in by the bucket's policy";
            scope.error(&rules::UNFIT_REPLICATION, message, help);
        }
        if matches!(kind, Kind::TwoWay) {
            check_two_way(scope, source, site);
        }
    }
    if matches!(kind, Kind::TwoWay) && source.region_name.is_none() {
        let message = "in two-way replication every function has to know the region of the table, and this stack's region is not known";
        let help =
            "say where the stack goes: `Environment::new(\"111111111111\", \"eu-central-1\")`";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
}

/// Reports copies of two replicas that would lie among each other: each would look like something that
/// the other replica's source has not.
fn check_overlaps(scope: &Scope, replicas: &[Site]) {
    for (index, later) in replicas.iter().enumerate() {
        let overlaps = |earlier: &&Site| {
            let (one, other) = (&*earlier.prefix, &*later.prefix);
            let nested = one.starts_with(other) || other.starts_with(one);
            nested && earlier.bucket.is_same(&later.bucket)
        };
        if let Some(earlier) = replicas[..index].iter().find(overlaps) {
            let message = format!(
                "two replicas are in `{}`, below \"{}\" and below \"{}\", expected prefixes of which none begins with the other",
                later.bucket.scope().path(),
                earlier.prefix,
                later.prefix
            );
            let help = "choose prefixes such as \"a/\" and \"b/\"";
            scope.error(&rules::DUPLICATE_REPLICA, message, help);
        }
    }
}

/// Reports what is said about a source that would be made, when another one is given; and about buckets
/// that are made, when none is.
pub(super) fn made(
    scope: &Scope,
    source: Option<&BucketRef>,
    said: [bool; 2],
    makes_replicas: bool,
) {
    let Some(source) = source else { return };
    let path = source.scope().path();
    let [of_source, of_all] = said;
    if of_source {
        let message =
            format!("`{path}` is the source, and more is said about one that would be made");
        let help = "drop `.source_with(..)`, and say it where that bucket is made";
        scope.error(&rules::CONTRADICTION, message, help);
    }
    if of_all && !makes_replicas {
        let message =
            "every bucket here exists already, and something is said about buckets that are made";
        let help = "drop `.unversioned()`, `.removal_policy(..)`, `.replicas_with(..)` and `.replica_statement(..)`, and say it where the buckets are made";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// Reports settings of S3's own replication that were said of another kind.
pub(super) fn misplaced(scope: &Scope, names: &[&str]) {
    for name in names {
        let message =
            format!("`.{name}()` is a setting of S3's own replication, which is not chosen");
        let help = "say `.native()` before it, or drop it";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
}

/// A bucket is encrypted with a key of its own region.
fn check_key(scope: &Scope, site: &Site, key: &kms::KeyRef) {
    let there = region_of_key(key);
    let (Some(there), Some(here)) = (there, &site.region_name) else {
        return;
    };
    if there != *here {
        let message = format!(
            "the copies in {here} are encrypted with a key of that region, got `{}` in {there}",
            key.scope().path()
        );
        let help = "make a key in a stack of that region, or import one by its ARN";
        scope.error(&rules::TOO_FAR, message, help);
    }
}

fn region_of_key(key: &kms::KeyRef) -> Option<Text> {
    let arn = key.arn();
    let said = arn.literal().and_then(|arn| arn.split(':').nth(3));
    let environment = key.scope().environment();
    let region = said.or(environment.region_name())?;
    Some(Text::Owned(region.to_owned()))
}

/// Both sides of a border have to know on which side they are.
fn check_account(scope: &Scope, source: &Site, site: &Site) {
    if let (None, Some(account)) = (source.account(), site.account()) {
        let message = format!(
            "a replica is in account {account}, and the account of this stack is not known"
        );
        let help =
            "say where the stack goes: `Environment::new(\"111111111111\", \"eu-central-1\")`";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
}

fn check_two_way(scope: &Scope, source: &Site, site: &Site) {
    let path = site.bucket.scope().path();
    if !site.prefix.is_empty() {
        let message = format!(
            "in two-way replication an object has the same key everywhere, and copies in `{path}` are said to be below \"{}\"",
            site.prefix
        );
        let help = "drop the prefix, or replicate one way";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
    if site.storage_class.is_some() {
        let message = format!(
            "in two-way replication an object has the same storage class everywhere, and copies in `{path}` are said to have one of their own"
        );
        let help = "move them by the lifecycle of the replica: `.replicas_with(|bucket, _| bucket.lifecycle(..))`";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
    if site.deletion != Deletion::Remove {
        let message = format!(
            "in two-way replication a removal is one everywhere, and `{path}` is said to keep or erase what is removed"
        );
        let help = "drop `.deletion(..)`, or replicate one way";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
    if let Some(key) = site.bucket.key().filter(|key| key.cfn().is_some())
        && key.scope().stack().path() == site.bucket.scope().stack().path()
    {
        let message = format!(
            "every function needs the keys of all buckets, so the stack of `{path}` and this one would wait for each other for `{}`",
            key.scope().path()
        );
        let help =
            "make the key in a stack of its own: `Replica::in_region(..).encrypted_with(&key)`";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
    if site.account() != source.account() {
        let message =
            format!("two-way replication is within one account, and `{path}` is in another");
        let help = "replicate one way to other accounts";
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    }
}

/// Reports settings of the function that the handler would refuse.
pub(super) fn settings(scope: &Scope, settings: &Settings) {
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    if let Some(objects) = settings.at_once
        && !(1..=1000).contains(&objects)
    {
        let message = format!("a call copies 1 to 1000 objects at once, got {objects}");
        let help = "choose a number in this range; 32 unless said";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    let parts = [
        (
            "the size above which objects are copied in parts",
            settings.multipart.threshold_bytes,
        ),
        ("the size of a part", settings.multipart.part_bytes),
    ];
    for (what, bytes) in parts {
        if !(5 * MIB..=5 * GIB).contains(&bytes) {
            let message = format!("{what} is 5 MiB to 5 GiB, got {bytes} bytes");
            let help = "choose a size in this range, such as `MiB(512)`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
    }
}

/// Reports runs over all objects that no handler can do.
pub(super) fn no_native_runs(scope: &Scope) {
    let message = "runs over all objects are for replication by the function, and S3's own replication has batch jobs";
    let help = "drop `.reconcile_..`, or replicate with the function";
    scope.error(&rules::UNFIT_REPLICATION, message, help);
}
