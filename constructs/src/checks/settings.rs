//! Settings that are off, and are on in every system that is safe: encryption, TLS, an end of logs,
//! somebody whom alarms tell.

use cloudwright_synth::{Check, Found, Json, TemplateResource, View};

use super::read::{at, each, is_false, is_true, meets};
use crate::rules::{ENDLESS_LOGS, PLAIN_TRANSPORT, SILENT_ALARM, UNENCRYPTED};

/// What encrypts a type at rest: a flag that has to be true, or a member that has to be there. S3 and DynamoDB
/// encrypt everything.
const ENCRYPTED: [(&str, &str); 11] = [
    ("AWS::DAX::Cluster", "SSESpecification.SSEEnabled"),
    ("AWS::DocDB::DBCluster", "StorageEncrypted"),
    ("AWS::EC2::Volume", "Encrypted"),
    ("AWS::EFS::FileSystem", "Encrypted"),
    (
        "AWS::ElastiCache::ReplicationGroup",
        "AtRestEncryptionEnabled",
    ),
    (
        "AWS::Elasticsearch::Domain",
        "EncryptionAtRestOptions.Enabled",
    ),
    ("AWS::Kinesis::Stream", "StreamEncryption"),
    ("AWS::Neptune::DBCluster", "StorageEncrypted"),
    (
        "AWS::OpenSearchService::Domain",
        "EncryptionAtRestOptions.Enabled",
    ),
    ("AWS::RDS::DBCluster", "StorageEncrypted"),
    ("AWS::Redshift::Cluster", "Encrypted"),
];
/// What a resource policy has to forbid without TLS, by the kind that it is for and the kind of the policy.
const TRANSPORT: [(&str, &str); 3] = [
    ("AWS::S3::Bucket", "AWS::S3::BucketPolicy"),
    ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"),
    ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy"),
];
/// The members of an alarm that name whom it tells.
const ACTIONS: [&str; 3] = ["AlarmActions", "OKActions", "InsufficientDataActions"];

/// Says which settings are off.
pub(super) struct Settings;

impl Check for Settings {
    fn kinds(&self) -> &[&'static str] {
        &[
            "AWS::CloudWatch::Alarm",
            "AWS::CloudWatch::CompositeAlarm",
            "AWS::DAX::Cluster",
            "AWS::DocDB::DBCluster",
            "AWS::EC2::Volume",
            "AWS::EFS::FileSystem",
            "AWS::ElastiCache::ReplicationGroup",
            "AWS::Elasticsearch::Domain",
            "AWS::Kinesis::Stream",
            "AWS::Logs::LogGroup",
            "AWS::Neptune::DBCluster",
            "AWS::OpenSearchService::Domain",
            "AWS::RDS::DBCluster",
            "AWS::RDS::DBInstance",
            "AWS::Redshift::Cluster",
            "AWS::S3::Bucket",
            "AWS::SNS::Topic",
            "AWS::SQS::Queue",
        ]
    }

    fn resource(&self, resource: &TemplateResource, view: &View<'_>, found: &mut Found) {
        match resource.kind() {
            "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => {
                alarm(resource, view, found);
            }
            "AWS::Logs::LogGroup" => log_group(resource, found),
            _ => {
                encryption(resource, found);
                transport(resource, view, found);
            }
        }
    }
}

fn alarm(alarm: &TemplateResource, view: &View<'_>, found: &mut Found) {
    let properties = alarm.properties();
    let tells = |name: &&str| !each(properties.get(name)).is_empty();
    let told = ACTIONS.iter().any(tells) && !is_false(properties.get("ActionsEnabled"));
    // An alarm that another one is made of tells that one.
    let is_part = || {
        let mut users = view.dependents(alarm);
        users.any(|user| user.kind() == "AWS::CloudWatch::CompositeAlarm")
    };
    if !told && !is_part() {
        let message = format!("the alarm {} tells nobody", alarm.id());
        let help = "name a topic in AlarmActions, and leave ActionsEnabled on";
        found.tell(&SILENT_ALARM, message, help);
    }
}

fn log_group(group: &TemplateResource, found: &mut Found) {
    // The class `DELIVERY` has an end of its own.
    if group.properties().get("RetentionInDays").is_none()
        && group
            .properties()
            .get("LogGroupClass")
            .and_then(Json::as_text)
            != Some("DELIVERY")
    {
        let message = format!("the logs in {} are kept for ever", group.id());
        found.tell(
            &ENDLESS_LOGS,
            message,
            "set RetentionInDays, such as 30 or 365",
        );
    }
}

fn encryption(resource: &TemplateResource, found: &mut Found) {
    let properties = resource.properties();
    let row = ENCRYPTED.iter().find(|(kind, _)| *kind == resource.kind());
    let (encrypted, wanted) = match (resource.kind(), row) {
        // An instance of a cluster has the cluster's storage.
        ("AWS::RDS::DBInstance", _) => (
            is_on(properties.get("StorageEncrypted"))
                || properties.get("DBClusterIdentifier").is_some()
                || properties.get("SourceDBInstanceIdentifier").is_some(),
            "StorageEncrypted",
        ),
        ("AWS::SQS::Queue", _) => (
            // SQS encrypts a queue that says nothing.
            properties.get("KmsMasterKeyId").is_some()
                || !is_false(properties.get("SqsManagedSseEnabled")),
            "SqsManagedSseEnabled",
        ),
        (_, Some((_, way))) => (is_on(at(properties, way)), *way),
        _ => return,
    };
    if !encrypted {
        let message = format!("{} does not say that it is encrypted", resource.id());
        found.tell(&UNENCRYPTED, message, format!("set {wanted}"));
    }
}

/// Whether a flag is on, or something is said that only the deployment knows, or a member is there.
fn is_on(value: Option<&Json>) -> bool {
    match value {
        None | Some(Json::Null) => false,
        Some(Json::Bool(_) | Json::Text(_)) => is_true(value),
        Some(_) => true,
    }
}

fn transport(resource: &TemplateResource, view: &View<'_>, found: &mut Found) {
    let kind = resource.kind();
    let Some((_, policy)) = TRANSPORT.iter().find(|(of, _)| *of == kind) else {
        return;
    };
    let mut policies = view
        .dependents(resource)
        .filter(|one| one.kind() == *policy);
    if !policies.any(requires_tls) {
        let message = format!(
            "no policy of {} refuses requests without TLS",
            resource.id()
        );
        let help = format!(
            "add an {policy} that denies all actions when aws:SecureTransport is false; the L2 construct has one"
        );
        found.tell(&PLAIN_TRANSPORT, message, help);
    }
}

fn requires_tls(policy: &TemplateResource) -> bool {
    let statements = each(at(policy.properties(), "PolicyDocument.Statement"));
    statements.iter().any(|statement| {
        let denies = statement.get("Effect").and_then(Json::as_text) == Some("Deny");
        let secure =
            at(statement, "Condition.Bool").and_then(|flags| flags.get("aws:SecureTransport"));
        let actions = each(statement.get("Action"));
        let main = |action: &Json| {
            action.as_text().is_some_and(|action| {
                ["s3:getobject", "sqs:sendmessage", "sns:publish"]
                    .iter()
                    .any(|main| meets(action.as_bytes(), main.as_bytes()))
            })
        };
        denies && each(secure).iter().any(|flag| is_false(Some(flag))) && actions.iter().any(main)
    })
}
