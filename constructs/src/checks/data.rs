//! Data that a deployment would delete.

use cloudwright_synth::{Check, Found, TemplateResource, View};

use crate::rules::UNKEPT_DATA;

/// The types that hold data: what is lost with them cannot be made again.
pub(crate) const DATA: [&str; 27] = [
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::OpenSearchService::Domain",
    "AWS::Organizations::Account",
    "AWS::QLDB::Ledger",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SDB::Domain",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
];
/// Databases that leave a last snapshot behind unless they are told otherwise.
const SNAPSHOT_BY_DEFAULT: [&str; 2] = ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"];

/// Says that data has to be kept, or given up in so many words.
pub(super) struct Data;

impl Check for Data {
    fn kinds(&self) -> &[&'static str] {
        &DATA
    }

    fn resource(&self, resource: &TemplateResource, _: &View<'_>, found: &mut Found) {
        let said = |name| resource.attribute(name).is_some();
        let deletion = said("DeletionPolicy") || SNAPSHOT_BY_DEFAULT.contains(&resource.kind());
        let missing = match (deletion, said("UpdateReplacePolicy")) {
            (true, true) => return,
            (false, true) => "DeletionPolicy",
            (true, false) => "UpdateReplacePolicy",
            (false, false) => "DeletionPolicy and UpdateReplacePolicy",
        };
        let message = format!(
            "{} holds data and says nothing of {missing}: it would be deleted with all that is in it",
            resource.id()
        );
        let help = "call `.removal_policy(RemovalPolicy::RetainExceptOnCreate)`, or `RemovalPolicy::Destroy` where \
                    the data may go";
        found.tell(&UNKEPT_DATA, message, help);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::DATA;

    /// Types that the facts call stateful and that hold nothing themselves.
    const HOLDERS: [&str; 2] = ["AWS::CloudFormation::Stack", "AWS::EMR::Cluster"];

    #[test]
    fn the_list_is_that_of_the_facts() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cfn/spec");
        let mut stateful = Vec::new();
        for file in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            for resource in text.split("\nresource ").skip(1) {
                let (head, rest) = resource.split_once('\n').unwrap();
                if rest.lines().any(|line| line == "  stateful") {
                    stateful.push(head.to_owned());
                }
            }
        }
        stateful.retain(|kind| !HOLDERS.contains(&kind.as_str()));
        stateful.sort();
        assert_eq!(stateful, DATA);
    }
}
