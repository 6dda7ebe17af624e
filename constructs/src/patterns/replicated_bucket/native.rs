//! S3's own replication in place of the function
//! ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html)).
//!
//! One rule per replica and prefix, each with a priority of its own; metrics are always on, so that
//! alarms have something to watch. The role may read versions of the source and write replicas, no
//! more.

use cloudwright_contract::Deletion;
use cloudwright_synth::{Arn, IntoValue, Json, ResourceRef, Scope, Value, Verb};

use super::copier::Settings;
use super::places::{Site, role_name};
use crate::cfn::s3::bucket as l1;
use crate::iam::{Principal, Role, RoleRef, Statement};
use crate::s3::{BucketRef, Filter};
use crate::{cfn, rules};

/// The property of the source.
const CONFIGURATION: &str = "ReplicationConfiguration";
/// The only time limit that S3 offers, in minutes.
const LIMIT_MINUTES: i64 = 15;
/// What a program says about S3's own replication.
#[derive(Clone, Default)]
pub(super) struct Native {
    pub(super) time_control: bool,
}

/// A rule of the source, to be watched.
#[derive(Clone)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) destination: Value<String>,
}

impl Native {
    /// Tells the source to replicate, and S3 as whom.
    pub(super) fn connect(&self, home: &Site, replicas: &[Site], settings: &Settings) -> Vec<Rule> {
        let filters = settings.chosen();
        check(&home.place, home, replicas, settings);
        let Some(source) = home.bucket.cfn() else {
            return Vec::new();
        };
        let role = role(home, replicas);
        for filter in &filters {
            home.bucket
                .grant_replication_source_below(filter.beginning(), &role);
        }
        for site in replicas {
            site.bucket.grant_replication_destination(&role);
            if site.owner.is_some() {
                let hand_over = Statement::allow(["s3:ObjectOwnerOverrideToBucketOwner"]);
                role.add_statement(hand_over.on(site.bucket.objects("")));
            }
            if let Some(key) = &site.key {
                key.grant_encrypt(&role);
            }
        }
        let pairs = replicas
            .iter()
            .flat_map(|site| filters.iter().map(move |filter| (site, filter)));
        let pairs: Vec<_> = pairs.collect();
        for (site, filter) in &pairs {
            let objects = filter.describe();
            (home.bucket.scope()).edge(Verb::ReplicatesTo, site.bucket.scope(), objects);
        }
        let rules = (1..).zip(&pairs);
        let rules = rules.map(|(number, (site, filter))| self.rule(number, home, site, filter));
        let rules: Vec<_> = rules.collect();
        let arn: Value<Arn<cfn::iam::Role>> = role.arn();
        let configuration = l1::ReplicationConfiguration::new(arn, rules);
        let configuration = IntoValue::<l1::ReplicationConfiguration>::into_json(configuration);
        source.raw(CONFIGURATION, configuration);
        // Else objects could come before the rights to copy them.
        source.handle().scope().depends_on(role.scope());
        let watched = (1..).zip(&pairs).map(|(number, (site, _))| Rule {
            id: rule_id(number),
            destination: site.bucket.name(),
        });
        watched.collect()
    }

    fn rule(&self, number: i64, home: &Site, site: &Site, filter: &Filter) -> l1::ReplicationRule {
        let markers = l1::DeleteMarkerReplication::new().status(match site.deletion {
            Deletion::Keep => "Disabled",
            Deletion::Remove | Deletion::Erase => "Enabled",
        });
        let prefix = filter.beginning().to_owned();
        let rule = l1::ReplicationRule::new(self.destination(home, site), "Enabled")
            .id(rule_id(number))
            .priority(number)
            .filter(l1::ReplicationRuleFilter::new().prefix(prefix))
            .delete_marker_replication(markers);
        if key_of(site).is_none() {
            return rule;
        }
        let encrypted = l1::SseKmsEncryptedObjects::new("Enabled");
        let criteria = l1::SourceSelectionCriteria::new().sse_kms_encrypted_objects(encrypted);
        rule.source_selection_criteria(criteria)
    }

    fn destination(&self, home: &Site, site: &Site) -> l1::ReplicationDestination {
        let limit = || l1::ReplicationTimeValue::new(LIMIT_MINUTES);
        let mut metrics = l1::Metrics::new("Enabled");
        if self.time_control {
            metrics = metrics.event_threshold(limit());
        }
        let mut destination = l1::ReplicationDestination::new(&site.bucket).metrics(metrics);
        if self.time_control {
            destination =
                destination.replication_time(l1::ReplicationTime::new("Enabled", limit()));
        }
        let abroad = site.account().filter(|_| site.account() != home.account());
        if let Some(account) = site.owner.clone().or(abroad) {
            destination = destination.account(account);
        }
        if site.owner.is_some() {
            // Buckets that are made here own what is in them anyway.
            let owner = l1::AccessControlTranslation::new("Destination");
            destination = destination.access_control_translation(owner);
        }
        if let Some(class) = site.storage_class {
            destination = destination.storage_class(class.name());
        }
        match key_of(site) {
            Some(arn) => {
                destination.encryption_configuration(l1::EncryptionConfiguration::new(arn))
            }
            None => destination,
        }
    }
}

fn rule_id(number: i64) -> String {
    format!("Replica{number}")
}

/// The key of the copies.
fn key_of(site: &Site) -> Option<Value<String>> {
    let key = site.key.as_ref().or(site.bucket.key())?;
    Some(Value::from_json(key.arn().as_json().clone()))
}

/// The role that S3 acts as, for this bucket alone. Buckets of other accounts let it in by its name.
fn role(home: &Site, replicas: &[Site]) -> RoleRef {
    let place = &home.place;
    let trust = Statement::allow(["sts:AssumeRole"])
        .by(Principal::service("s3.amazonaws.com"))
        .when("StringEquals", "aws:SourceAccount", place.account())
        .when(
            "ArnEquals",
            "aws:SourceArn",
            home.bucket.arn().as_json().clone(),
        );
    let mut role = Role::trusting(trust);
    if replicas.iter().any(|site| site.account() != home.account()) {
        role = role.role_name(role_name(home, "s3"));
    }
    place.add("ReplicationRole", role)
}

/// Reports what S3 cannot do.
fn check(scope: &Scope, home: &Site, replicas: &[Site], settings: &Settings) {
    let unfit = |message: String, help: &'static str| {
        scope.error(&rules::UNFIT_REPLICATION, message, help);
    };
    if home.bucket.cfn().is_none() {
        let message = "S3's own replication is a property of the source, and this one is imported";
        unfit(
            message.to_owned(),
            "replicate with the function, or configure it where the bucket is defined",
        );
    }
    let has_rules = |cfn: &cfn::s3::BucketRef| cfn.handle().property(CONFIGURATION).is_some();
    if home.bucket.cfn().is_some_and(has_rules) {
        let path = home.bucket.scope().path();
        let message =
            format!("`{path}` is replicated by S3 already, and has one configuration of that");
        unfit(
            message,
            "say all replicas in one place: `ReplicatedBucket::to([..]).native()`",
        );
    }
    for bucket in std::iter::once(home)
        .chain(replicas)
        .map(|site| &site.bucket)
    {
        if is_unversioned(bucket) {
            let path = bucket.scope().path();
            let message = format!("S3's own replication is of versions, and `{path}` keeps none");
            unfit(
                message,
                "drop `.unversioned()`, or replicate with the function",
            );
        }
    }
    for site in replicas {
        check_replica(home, site, unfit);
    }
    let is_suffix = settings
        .chosen()
        .iter()
        .any(|filter| !filter.end().is_empty());
    if is_suffix || !settings.skip.is_empty() {
        let message = "S3's own replication chooses objects by prefix alone, and a suffix or `.skip(..)` is said";
        unfit(
            message.to_owned(),
            "drop it, or replicate with the function",
        );
    }
}

fn check_replica(home: &Site, site: &Site, unfit: impl Fn(String, &'static str)) {
    let path = site.bucket.scope().path();
    if !site.prefix.is_empty() {
        let message = format!(
            "S3's own replication keeps keys, and copies in `{path}` are said to be below \"{}\"",
            site.prefix
        );
        unfit(message, "drop the prefix, or replicate with the function");
    }
    if site.deletion == Deletion::Erase {
        let message = format!(
            "S3's own replication removes by delete markers, and what is removed is said to be erased from `{path}`"
        );
        unfit(
            message,
            "drop `.deletion(..)`, or replicate with the function",
        );
    }
    if home.bucket.key().is_some() && key_of(site).is_none() {
        let message = format!(
            "the source is encrypted with a key of its own, and S3 is not told which key of the other region encrypts the copies in `{path}`"
        );
        unfit(
            message,
            "name it: `Replica::in_region(..).encrypted_with(&key)`",
        );
    }
}

/// Whether the bucket is one of this app, without versions.
fn is_unversioned(bucket: &BucketRef) -> bool {
    let versioning = |cfn: &cfn::s3::BucketRef| cfn.handle().property("VersioningConfiguration");
    let enabled =
        |versioning: &Json| versioning.get("Status").and_then(Json::as_text) == Some("Enabled");
    bucket
        .cfn()
        .is_some_and(|cfn| !versioning(cfn).as_ref().is_some_and(enabled))
}
