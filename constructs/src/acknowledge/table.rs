//! What can be accepted, and what each checker calls it.

use cloudwright_synth::Rule;

use crate::rules;

/// A finding as the table has it.
pub(super) struct Row {
    /// The resource types that it is found on.
    pub(super) kinds: &'static [&'static str],
    /// Which of the types have it only together with a property.
    pub(super) only_with: &'static [(&'static str, &'static str)],
    /// The property whose absence is what is found; empty when it is something else.
    pub(super) absent: &'static str,
    /// The code of the rule of this library that finds it; empty where there is none.
    pub(super) own: &'static str,
    /// Its ids in the AWS Guard Rules Registry.
    pub(super) guard: &'static [&'static str],
    /// Its ids in checkov.
    pub(super) checkov: &'static [&'static str],
    /// Its ids in cfn-lint.
    pub(super) cfn_lint: &'static [&'static str],
    /// Its ids in cdk-nag, one per pack.
    pub(super) cdk_nag: &'static [&'static str],
    /// Which findings of an id that tells several are meant, as regular expressions: else cdk-nag takes all of them as accepted.
    pub(super) cdk_nag_only: &'static [(&'static str, &'static str)],
    /// Why this library leaves it open where it does; empty where it never does.
    pub(super) residual: &'static str,
}

impl Row {
    /// The rule of this library that finds it.
    pub(super) fn rule(&self) -> Option<&'static Rule> {
        rules::ALL
            .iter()
            .copied()
            .find(|rule| rule.code == self.own)
    }
}

/// A row that says nothing: each row below states what differs.
const NOTHING: Row = Row {
    kinds: &[],
    only_with: &[],
    absent: "",
    own: "",
    guard: &[],
    checkov: &[],
    cfn_lint: &[],
    cdk_nag: &[],
    cdk_nag_only: &[],
    residual: "",
};

/// Makes the findings and their rows from one table.
macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident { $($row:tt)* })*) => {
        /// What a checker finds about a resource, and an exception accepts.
        ///
        /// Only what can be right somewhere has a name here: what AWS would refuse, or a statement that
        /// allows everything, has none. What a check of this library warns of is silenced by it, too.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Finding {
            $($(#[$doc])* $name,)*
        }

        impl Finding {
            /// All findings.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub(super) const fn row(self) -> &'static Row {
                match self {
                    $(Self::$name => &Row { $($row)* ..NOTHING },)*
                }
            }
        }
    };
}

findings! {
    /// A function outside of any network.
    NoVpc {
        kinds: &["AWS::Lambda::Function"],
        absent: "VpcConfig",
        guard: &["LAMBDA_INSIDE_VPC"],
        checkov: &["CKV_AWS_117"],
        cdk_nag: &[
            "HIPAA.Security-LambdaInsideVPC",
            "NIST.800.53.R4-LambdaInsideVPC",
            "NIST.800.53.R5-LambdaInsideVPC",
            "PCI.DSS.321-LambdaInsideVPC",
        ],
        residual: "calls public AWS APIs only; a network adds cost and no isolation",
    }
    /// A function that shares the account's concurrency.
    NoReservedConcurrency {
        kinds: &["AWS::Lambda::Function"],
        absent: "ReservedConcurrentExecutions",
        guard: &["LAMBDA_CONCURRENCY_CHECK"],
        checkov: &["CKV_AWS_115"],
        cdk_nag: &["HIPAA.Security-LambdaConcurrency", "NIST.800.53.R5-LambdaConcurrency"],
        residual: "reserving concurrency takes it from every other function of the account",
    }
    /// A function whose failures go to a destination, or to whoever polls for it, instead of a dead-letter queue.
    NoFunctionDeadLetterQueue {
        kinds: &["AWS::Lambda::Function"],
        absent: "DeadLetterConfig",
        guard: &["LAMBDA_DLQ_CHECK"],
        checkov: &["CKV_AWS_116"],
        cdk_nag: &["HIPAA.Security-LambdaDLQ", "NIST.800.53.R5-LambdaDLQ", "Serverless-LambdaDLQ"],
        residual: "no asynchronous caller is known, or what it gives up goes where the program says; what comes from a queue goes back to it",
    }
    /// Environment variables encrypted with a key of AWS.
    UnencryptedVariables {
        kinds: &["AWS::Lambda::Function"],
        absent: "KmsKeyArn",
        checkov: &["CKV_AWS_173"],
    }
    /// A bucket without a copy elsewhere.
    NoReplication {
        kinds: &["AWS::S3::Bucket"],
        absent: "ReplicationConfiguration",
        guard: &["S3_BUCKET_REPLICATION_ENABLED"],
        cdk_nag: &[
            "HIPAA.Security-S3BucketReplicationEnabled",
            "NIST.800.53.R4-S3BucketReplicationEnabled",
            "NIST.800.53.R5-S3BucketReplicationEnabled",
            "PCI.DSS.321-S3BucketReplicationEnabled",
        ],
        residual: "replication is a product of its own, asked for where a copy is needed",
    }
    /// A bucket whose objects can be deleted before a date.
    NoObjectLock {
        kinds: &["AWS::S3::Bucket"],
        absent: "ObjectLockConfiguration",
        guard: &["S3_BUCKET_DEFAULT_LOCK_ENABLED"],
        cdk_nag: &["NIST.800.53.R4-S3BucketDefaultLockEnabled"],
        residual: "a lock cannot be taken back, so it is asked for where records must stay",
    }
    /// A bucket without an access control list.
    NoAccessControlList {
        kinds: &["AWS::S3::Bucket"],
        absent: "AccessControl",
        guard: &["S3_BUCKET_NO_PUBLIC_RW_ACL"],
        residual: "access control lists are off: the bucket owner owns every object",
    }
    /// A bucket whose requests are not logged.
    NoAccessLogs {
        kinds: &["AWS::S3::Bucket"],
        absent: "LoggingConfiguration",
        guard: &["S3_BUCKET_LOGGING_ENABLED"],
        checkov: &["CKV_AWS_18"],
        cdk_nag: &[
            "AwsSolutions-S1",
            "HIPAA.Security-S3BucketLoggingEnabled",
            "NIST.800.53.R4-S3BucketLoggingEnabled",
            "NIST.800.53.R5-S3BucketLoggingEnabled",
            "PCI.DSS.321-S3BucketLoggingEnabled",
        ],
        residual: "it keeps the access logs, and logging to itself would never end",
    }
    /// A bucket that forgets old versions.
    NoVersioning {
        kinds: &["AWS::S3::Bucket"],
        absent: "VersioningConfiguration",
        guard: &["S3_BUCKET_VERSIONING_ENABLED"],
        checkov: &["CKV_AWS_21"],
        cdk_nag: &[
            "HIPAA.Security-S3BucketVersioningEnabled",
            "NIST.800.53.R4-S3BucketVersioningEnabled",
            "NIST.800.53.R5-S3BucketVersioningEnabled",
            "PCI.DSS.321-S3BucketVersioningEnabled",
        ],
    }
    /// A bucket encrypted with keys of S3.
    S3ManagedKey {
        kinds: &["AWS::S3::Bucket"],
        cdk_nag: &[
            "HIPAA.Security-S3DefaultEncryptionKMS",
            "NIST.800.53.R5-S3DefaultEncryptionKMS",
            "PCI.DSS.321-S3DefaultEncryptionKMS",
        ],
        residual: "log delivery cannot use a customer-managed key",
    }
    /// A policy statement about all resources.
    WildcardResource {
        kinds: &["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"],
        only_with: &[("AWS::IAM::Role", "Policies")],
        guard: &["IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE"],
        cdk_nag: &["AwsSolutions-IAM5", "Serverless-LambdaStarPermissions"],
        // Not actions such as `s3:*`.
        cdk_nag_only: &[("AwsSolutions-IAM5", r"/^Resource::/")],
        residual: "the actions know no narrower resource",
    }
    /// A policy that is part of one role.
    InlinePolicy {
        kinds: &["AWS::IAM::Policy"],
        guard: &["IAM_NO_INLINE_POLICY_CHECK"],
        checkov: &["CKV_AWS_40"],
        cdk_nag: &[
            "HIPAA.Security-IAMNoInlinePolicy",
            "NIST.800.53.R4-IAMNoInlinePolicy",
            "NIST.800.53.R5-IAMNoInlinePolicy",
            "PCI.DSS.321-IAMNoInlinePolicy",
        ],
    }
    /// A queue without a dead-letter queue.
    IsDeadLetterQueue {
        kinds: &["AWS::SQS::Queue"],
        absent: "RedrivePolicy",
        cdk_nag: &["AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"],
        residual: "it is the queue for what others gave up",
    }
    /// A queue encrypted with keys of SQS.
    SqsManagedKey {
        kinds: &["AWS::SQS::Queue"],
        absent: "KmsMasterKeyId",
        guard: &["SQS_QUEUE_KMS_MASTER_KEY_ID_RULE"],
        checkov: &["CKV_AWS_27"],
    }
    /// A topic that is not encrypted with a key of your own.
    NoTopicKey {
        kinds: &["AWS::SNS::Topic"],
        absent: "KmsMasterKeyId",
        guard: &["SNS_ENCRYPTED_KMS"],
        checkov: &["CKV_AWS_26"],
        cdk_nag: &[
            "HIPAA.Security-SNSEncryptedKMS",
            "NIST.800.53.R4-SNSEncryptedKMS",
            "NIST.800.53.R5-SNSEncryptedKMS",
            "PCI.DSS.321-SNSEncryptedKMS",
        ],
    }
    /// A subscription that drops what cannot be delivered.
    NoSubscriptionDeadLetterQueue {
        kinds: &["AWS::SNS::Subscription"],
        absent: "RedrivePolicy",
        cdk_nag: &["Serverless-SNSRedrivePolicy"],
    }
    /// A log group encrypted with keys of CloudWatch.
    NoLogGroupKey {
        kinds: &["AWS::Logs::LogGroup"],
        absent: "KmsKeyId",
        guard: &["CLOUDWATCH_LOG_GROUP_ENCRYPTED"],
        checkov: &["CKV_AWS_158"],
        cdk_nag: &[
            "HIPAA.Security-CloudWatchLogGroupEncrypted",
            "NIST.800.53.R4-CloudWatchLogGroupEncrypted",
            "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
            "PCI.DSS.321-CloudWatchLogGroupEncrypted",
        ],
    }
    /// A log group that keeps everything for ever.
    NoLogRetention {
        kinds: &["AWS::Logs::LogGroup"],
        absent: "RetentionInDays",
        own: "CW2004",
        guard: &["CW_LOGGROUP_RETENTION_PERIOD_CHECK"],
        checkov: &["CKV_AWS_66"],
        cdk_nag: &[
            "HIPAA.Security-CloudWatchLogGroupRetentionPeriod",
            "NIST.800.53.R4-CloudWatchLogGroupRetentionPeriod",
            "NIST.800.53.R5-CloudWatchLogGroupRetentionPeriod",
            "PCI.DSS.321-CloudWatchLogGroupRetentionPeriod",
            "Serverless-CloudWatchLogGroupRetentionPeriod",
        ],
    }
    /// An alarm that tells nobody.
    NoAlarmAction {
        kinds: &["AWS::CloudWatch::Alarm"],
        absent: "AlarmActions",
        own: "CW2005",
        guard: &["CLOUDWATCH_ALARM_ACTION_CHECK"],
        cdk_nag: &[
            "HIPAA.Security-CloudWatchAlarmAction",
            "NIST.800.53.R4-CloudWatchAlarmAction",
            "NIST.800.53.R5-CloudWatchAlarmAction",
        ],
    }
    /// A function on a runtime that is not the latest, or no longer supported.
    OldRuntime {
        kinds: &["AWS::Lambda::Function"],
        checkov: &["CKV_AWS_363"],
        cfn_lint: &["W2531", "E2531", "E2533"],
        cdk_nag: &["AwsSolutions-L1", "Serverless-LambdaLatestVersion"],
    }
    /// A function that sends no traces.
    NotTraced {
        kinds: &["AWS::Lambda::Function"],
        cdk_nag: &["Serverless-LambdaTracing"],
    }
    /// A table whose content of an earlier time cannot be brought back.
    NoTableRecovery {
        kinds: &["AWS::DynamoDB::Table"],
        absent: "PointInTimeRecoverySpecification",
        guard: &["DYNAMODB_PITR_ENABLED"],
        checkov: &["CKV_AWS_28"],
        cdk_nag: &[
            "AwsSolutions-DDB3",
            "HIPAA.Security-DynamoDBPITREnabled",
            "NIST.800.53.R4-DynamoDBPITREnabled",
            "NIST.800.53.R5-DynamoDBPITREnabled",
        ],
        residual: "holds what is forgotten by itself within a month, and what is lost of it is done once more",
    }
    /// A table that no plan of AWS Backup names.
    NoTableBackupPlan {
        kinds: &["AWS::DynamoDB::Table"],
        cdk_nag: &[
            "HIPAA.Security-DynamoDBInBackupPlan",
            "NIST.800.53.R4-DynamoDBInBackupPlan",
            "NIST.800.53.R5-DynamoDBInBackupPlan",
        ],
        residual: "AWS Backup is a product of its own, whose plans choose tables by tags",
    }
    /// A role with a policy that AWS keeps.
    AwsManagedPolicy {
        kinds: &["AWS::IAM::Role"],
        cdk_nag: &["AwsSolutions-IAM4"],
        residual: "AWS keeps the policy in step with the agent that needs it",
    }
    /// A key whose policy names everybody, and says by conditions who is meant.
    KeyByConditions {
        kinds: &["AWS::KMS::Key"],
        checkov: &["CKV_AWS_33"],
        residual: "one role of this account is meant, by conditions: a policy that names it is refused until the role is there",
    }
    /// A group of servers that tells nobody when it starts and ends some.
    NoScalingNotifications {
        kinds: &["AWS::AutoScaling::AutoScalingGroup"],
        absent: "NotificationConfigurations",
        cdk_nag: &["AwsSolutions-AS3"],
        residual: "servers come and go by themselves; alarms tell when too few serve",
    }
    /// A network whose default security group lets its members reach each other.
    DefaultGroupOpen {
        kinds: &["AWS::EC2::VPC"],
        cdk_nag: &[
            "HIPAA.Security-VPCDefaultSecurityGroupClosed",
            "NIST.800.53.R4-VPCDefaultSecurityGroupClosed",
            "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
            "PCI.DSS.321-VPCDefaultSecurityGroupClosed",
        ],
        residual: "CloudFormation cannot change the default group, and nothing has to be in it",
    }
    /// The way of a public subnet to the internet.
    PublicRoute {
        kinds: &["AWS::EC2::Route"],
        absent: "NatGatewayId",
        guard: &["NO_UNRESTRICTED_ROUTE_TO_IGW"],
        cdk_nag: &[
            "HIPAA.Security-VPCNoUnrestrictedRouteToIGW",
            "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",
            "PCI.DSS.321-VPCNoUnrestrictedRouteToIGW",
        ],
        residual: "the way of a public subnet, where the gateways of the private ones stand",
    }
    /// A function's source that hands what failed to nobody.
    NoSourceDestination {
        kinds: &["AWS::Lambda::EventSourceMapping"],
        absent: "DestinationConfig",
        cdk_nag: &["Serverless-LambdaEventSourceMappingDestination"],
        residual: "the queue keeps what failed, and gives it up to its dead letters",
    }
    /// A state machine that logs nothing itself.
    NoStateMachineLog {
        kinds: &["AWS::StepFunctions::StateMachine"],
        absent: "LoggingConfiguration",
        cdk_nag: &["AwsSolutions-SF1"],
        residual: "it only calls a function until that is through, which logs what it does; Step Functions keeps the history of each run",
    }
    /// A state machine that is not traced.
    NoStateMachineTrace {
        kinds: &["AWS::StepFunctions::StateMachine"],
        absent: "TracingConfiguration",
        cdk_nag: &[
            "AwsSolutions-SF2",
            "Serverless-StepFunctionStateMachineXray",
        ],
        residual: "its only step is a function, and that is traced",
    }
    /// A rule that tells nobody, where another rule looks for dead letters of whom it tells.
    NoRuleTarget {
        kinds: &["AWS::Events::Rule"],
        absent: "Targets",
        cdk_nag: &["Serverless-EventBusDLQ"],
        residual: "it tells nobody: what it matches is counted, and alarms watch the count",
    }
    /// Data that is deleted with its resource.
    UnkeptData {
        kinds: &crate::checks::DATA,
        own: "CW2001",
        cfn_lint: &["I3011"],
    }
    /// Data that lies unencrypted.
    Unencrypted {
        kinds: &crate::checks::DATA,
        own: "CW2002",
        checkov: &["CKV_AWS_3", "CKV_AWS_16", "CKV_AWS_42", "CKV_AWS_43"],
        cdk_nag: &["AwsSolutions-EC26", "AwsSolutions-EFS1", "AwsSolutions-KDS1", "AwsSolutions-RDS2"],
    }
    /// A bucket, queue or topic that answers to requests without TLS.
    NoTls {
        kinds: &["AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue"],
        own: "CW2003",
        cdk_nag: &[
            "AwsSolutions-S10",
            "AwsSolutions-SNS3",
            "AwsSolutions-SQS4",
            "HIPAA.Security-S3BucketSSLRequestsOnly",
            "NIST.800.53.R4-S3BucketSSLRequestsOnly",
            "NIST.800.53.R5-S3BucketSSLRequestsOnly",
            "PCI.DSS.321-S3BucketSSLRequestsOnly",
        ],
    }
    /// A role or a service whose right to the key of a queue the template does not show.
    KeyOutOfSight {
        kinds: &["AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function",
            "AWS::S3::Bucket", "AWS::SNS::Subscription"],
        own: "CW2023",
    }
    /// A function that writes to what calls it, and knows when to end.
    SelfTrigger {
        kinds: &["AWS::Lambda::Function"],
        own: "CW2024",
    }
    /// An action that is younger than the tables of this library.
    UnknownAction {
        kinds: &crate::checks::WITH_POLICIES,
        own: "CW2031",
        cfn_lint: &["W3037"],
    }
    /// An action on a resource that the tables of this library do not name for it.
    UnusualResource {
        kinds: &crate::checks::WITH_POLICIES,
        own: "CW2032",
    }
    /// Something that is meant for everybody.
    PublicAccess {
        kinds: &crate::checks::LETTING_IN,
        own: "CW2033",
        guard: &["LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED"],
    }
    /// A service of AWS that is let in whoever it acts for.
    AnySource {
        kinds: &crate::checks::LETTING_IN,
        own: "CW2034",
        guard: &["LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED"],
        checkov: &["CKV_AWS_364"],
    }
    /// A role that other accounts may become, whoever they are.
    OpenTrust {
        kinds: &["AWS::IAM::Role"],
        own: "CW2035",
        checkov: &["CKV_AWS_60"],
    }
}

#[cfg(test)]
mod tests {
    use super::Finding;

    #[test]
    fn every_finding_is_known_to_some_checker_and_its_ids_look_right() {
        for finding in Finding::ALL {
            let row = finding.row();
            assert!(!row.kinds.is_empty(), "{finding:?}");
            assert!(
                row.guard.iter().all(|id| id
                    .bytes()
                    .all(|b| b == b'_' || b.is_ascii_uppercase() || b.is_ascii_digit())),
                "{finding:?}"
            );
            assert!(
                row.checkov.iter().all(|id| id.starts_with("CKV_AWS_")),
                "{finding:?}"
            );
            assert!(row.cdk_nag.is_sorted(), "{finding:?}");
            let ids = [row.guard, row.checkov, row.cfn_lint, row.cdk_nag].concat();
            assert!(!ids.is_empty() || !row.own.is_empty(), "{finding:?}");
            assert_eq!(row.rule().is_some(), !row.own.is_empty(), "{finding:?}");
        }
    }
}
