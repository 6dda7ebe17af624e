//! What can be accepted, and what each checker calls it.

/// What a checker finds about a resource, and an exception accepts.
///
/// Only what can be right somewhere has a name here. A bucket open to everyone or a statement that
/// allows everything has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// A function outside of any network.
    NoVpc,
    /// A function that shares the account's concurrency.
    NoReservedConcurrency,
    /// A function whose failures go to a destination, or to whoever polls for it, instead of a dead-letter queue.
    NoFunctionDeadLetterQueue,
    /// Environment variables encrypted with a key of AWS.
    UnencryptedVariables,
    /// A bucket without a copy elsewhere.
    NoReplication,
    /// A bucket whose objects can be deleted before a date.
    NoObjectLock,
    /// A bucket without an access control list.
    NoAccessControlList,
    /// A bucket whose requests are not logged.
    NoAccessLogs,
    /// A bucket that forgets old versions.
    NoVersioning,
    /// A bucket encrypted with keys of S3.
    S3ManagedKey,
    /// A policy statement about all resources.
    WildcardResource,
    /// A policy that is part of one role.
    InlinePolicy,
    /// A queue without a dead-letter queue.
    IsDeadLetterQueue,
    /// A queue encrypted with keys of SQS.
    SqsManagedKey,
    /// A topic that is not encrypted with a key of your own.
    NoTopicKey,
    /// A subscription that drops what cannot be delivered.
    NoSubscriptionDeadLetterQueue,
    /// A log group encrypted with keys of CloudWatch.
    NoLogGroupKey,
    /// A log group that keeps everything for ever.
    NoLogRetention,
    /// An alarm that tells nobody.
    NoAlarmAction,
    /// A function on a runtime that is not the latest, or no longer supported.
    OldRuntime,
    /// A function that sends no traces.
    NotTraced,
}

/// A finding as the table has it.
pub(super) struct Row {
    /// The resource types that it is found on.
    pub(super) kinds: &'static [&'static str],
    /// The property whose absence is what is found; empty when it is something else.
    pub(super) absent: &'static str,
    /// Its ids in the AWS Guard Rules Registry.
    pub(super) guard: &'static [&'static str],
    /// Its ids in checkov.
    pub(super) checkov: &'static [&'static str],
    /// Its ids in cfn-lint.
    pub(super) cfn_lint: &'static [&'static str],
    /// Its ids in cdk-nag, one per pack.
    pub(super) cdk_nag: &'static [&'static str],
    /// Why this library leaves it open where it does; empty where it never does.
    pub(super) residual: &'static str,
}

impl Finding {
    /// All findings.
    pub const ALL: &'static [Self] = &[
        Self::NoVpc,
        Self::NoReservedConcurrency,
        Self::NoFunctionDeadLetterQueue,
        Self::UnencryptedVariables,
        Self::NoReplication,
        Self::NoObjectLock,
        Self::NoAccessControlList,
        Self::NoAccessLogs,
        Self::NoVersioning,
        Self::S3ManagedKey,
        Self::WildcardResource,
        Self::InlinePolicy,
        Self::IsDeadLetterQueue,
        Self::SqsManagedKey,
        Self::NoTopicKey,
        Self::NoSubscriptionDeadLetterQueue,
        Self::NoLogGroupKey,
        Self::NoLogRetention,
        Self::NoAlarmAction,
        Self::OldRuntime,
        Self::NotTraced,
    ];

    pub(super) const fn row(self) -> &'static Row {
        match self {
            Self::NoVpc => &Row {
                kinds: &["AWS::Lambda::Function"],
                absent: "VpcConfig",
                guard: &["LAMBDA_INSIDE_VPC"],
                checkov: &["CKV_AWS_117"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-LambdaInsideVPC",
                    "NIST.800.53.R4-LambdaInsideVPC",
                    "NIST.800.53.R5-LambdaInsideVPC",
                    "PCI.DSS.321-LambdaInsideVPC",
                ],
                residual: "calls public AWS APIs only; a network adds cost and no isolation",
            },
            Self::NoReservedConcurrency => &Row {
                kinds: &["AWS::Lambda::Function"],
                absent: "ReservedConcurrentExecutions",
                guard: &["LAMBDA_CONCURRENCY_CHECK"],
                checkov: &["CKV_AWS_115"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-LambdaConcurrency",
                    "NIST.800.53.R5-LambdaConcurrency",
                ],
                residual: "reserving concurrency takes it from every other function of the account",
            },
            Self::NoFunctionDeadLetterQueue => &Row {
                kinds: &["AWS::Lambda::Function"],
                absent: "DeadLetterConfig",
                guard: &["LAMBDA_DLQ_CHECK"],
                checkov: &["CKV_AWS_116"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-LambdaDLQ",
                    "NIST.800.53.R5-LambdaDLQ",
                    "Serverless-LambdaDLQ",
                ],
                residual: "failures go to an on-failure destination, or back to the queue that they came from; a dead-letter queue would keep each twice",
            },
            Self::UnencryptedVariables => &Row {
                kinds: &["AWS::Lambda::Function"],
                absent: "KmsKeyArn",
                guard: &[],
                checkov: &["CKV_AWS_173"],
                cfn_lint: &[],
                cdk_nag: &[],
                residual: "",
            },
            Self::NoReplication => &Row {
                kinds: &["AWS::S3::Bucket"],
                absent: "ReplicationConfiguration",
                guard: &["S3_BUCKET_REPLICATION_ENABLED"],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-S3BucketReplicationEnabled",
                    "NIST.800.53.R4-S3BucketReplicationEnabled",
                    "NIST.800.53.R5-S3BucketReplicationEnabled",
                    "PCI.DSS.321-S3BucketReplicationEnabled",
                ],
                residual: "replication is a product of its own, asked for where a copy is needed",
            },
            Self::NoObjectLock => &Row {
                kinds: &["AWS::S3::Bucket"],
                absent: "ObjectLockConfiguration",
                guard: &["S3_BUCKET_DEFAULT_LOCK_ENABLED"],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &["NIST.800.53.R4-S3BucketDefaultLockEnabled"],
                residual: "a lock cannot be taken back, so it is asked for where records must stay",
            },
            Self::NoAccessControlList => &Row {
                kinds: &["AWS::S3::Bucket"],
                absent: "AccessControl",
                guard: &["S3_BUCKET_NO_PUBLIC_RW_ACL"],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &[],
                residual: "access control lists are off: the bucket owner owns every object",
            },
            Self::NoAccessLogs => &Row {
                kinds: &["AWS::S3::Bucket"],
                absent: "LoggingConfiguration",
                guard: &["S3_BUCKET_LOGGING_ENABLED"],
                checkov: &["CKV_AWS_18"],
                cfn_lint: &[],
                cdk_nag: &[
                    "AwsSolutions-S1",
                    "HIPAA.Security-S3BucketLoggingEnabled",
                    "NIST.800.53.R4-S3BucketLoggingEnabled",
                    "NIST.800.53.R5-S3BucketLoggingEnabled",
                    "PCI.DSS.321-S3BucketLoggingEnabled",
                ],
                residual: "it keeps the access logs, and logging to itself would never end",
            },
            Self::NoVersioning => &Row {
                kinds: &["AWS::S3::Bucket"],
                absent: "VersioningConfiguration",
                guard: &["S3_BUCKET_VERSIONING_ENABLED"],
                checkov: &["CKV_AWS_21"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-S3BucketVersioningEnabled",
                    "NIST.800.53.R4-S3BucketVersioningEnabled",
                    "NIST.800.53.R5-S3BucketVersioningEnabled",
                    "PCI.DSS.321-S3BucketVersioningEnabled",
                ],
                residual: "",
            },
            Self::S3ManagedKey => &Row {
                kinds: &["AWS::S3::Bucket"],
                absent: "",
                guard: &["S3_DEFAULT_ENCRYPTION_KMS"],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-S3DefaultEncryptionKMS",
                    "NIST.800.53.R5-S3DefaultEncryptionKMS",
                    "PCI.DSS.321-S3DefaultEncryptionKMS",
                ],
                residual: "log delivery cannot use a customer-managed key",
            },
            Self::WildcardResource => &Row {
                kinds: &[
                    "AWS::IAM::Policy",
                    "AWS::IAM::ManagedPolicy",
                    "AWS::IAM::Role",
                ],
                absent: "",
                guard: &["IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE"],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &["AwsSolutions-IAM5", "Serverless-LambdaStarPermissions"],
                residual: "the actions know no narrower resource",
            },
            Self::InlinePolicy => &Row {
                kinds: &["AWS::IAM::Policy"],
                absent: "",
                guard: &["IAM_NO_INLINE_POLICY_CHECK"],
                checkov: &["CKV_AWS_40"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-IAMNoInlinePolicy",
                    "NIST.800.53.R4-IAMNoInlinePolicy",
                    "NIST.800.53.R5-IAMNoInlinePolicy",
                    "PCI.DSS.321-IAMNoInlinePolicy",
                ],
                residual: "",
            },
            Self::IsDeadLetterQueue => &Row {
                kinds: &["AWS::SQS::Queue"],
                absent: "RedrivePolicy",
                guard: &[],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &["AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"],
                residual: "it is the queue for what others gave up",
            },
            Self::SqsManagedKey => &Row {
                kinds: &["AWS::SQS::Queue"],
                absent: "KmsMasterKeyId",
                guard: &["SQS_QUEUE_KMS_MASTER_KEY_ID_RULE"],
                checkov: &["CKV_AWS_27"],
                cfn_lint: &[],
                cdk_nag: &[],
                residual: "",
            },
            Self::NoTopicKey => &Row {
                kinds: &["AWS::SNS::Topic"],
                absent: "KmsMasterKeyId",
                guard: &["SNS_ENCRYPTED_KMS"],
                checkov: &["CKV_AWS_26"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-SNSEncryptedKMS",
                    "NIST.800.53.R4-SNSEncryptedKMS",
                    "NIST.800.53.R5-SNSEncryptedKMS",
                    "PCI.DSS.321-SNSEncryptedKMS",
                ],
                residual: "",
            },
            Self::NoSubscriptionDeadLetterQueue => &Row {
                kinds: &["AWS::SNS::Subscription"],
                absent: "RedrivePolicy",
                guard: &[],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &["Serverless-SNSRedrivePolicy"],
                residual: "",
            },
            Self::NoLogGroupKey => &Row {
                kinds: &["AWS::Logs::LogGroup"],
                absent: "KmsKeyId",
                guard: &["CLOUDWATCH_LOG_GROUP_ENCRYPTED"],
                checkov: &["CKV_AWS_158"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-CloudWatchLogGroupEncrypted",
                    "NIST.800.53.R4-CloudWatchLogGroupEncrypted",
                    "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
                    "PCI.DSS.321-CloudWatchLogGroupEncrypted",
                ],
                residual: "",
            },
            Self::NoLogRetention => &Row {
                kinds: &["AWS::Logs::LogGroup"],
                absent: "RetentionInDays",
                guard: &["CW_LOGGROUP_RETENTION_PERIOD_CHECK"],
                checkov: &["CKV_AWS_66"],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-CloudWatchLogGroupRetentionPeriod",
                    "NIST.800.53.R4-CloudWatchLogGroupRetentionPeriod",
                    "NIST.800.53.R5-CloudWatchLogGroupRetentionPeriod",
                    "PCI.DSS.321-CloudWatchLogGroupRetentionPeriod",
                    "Serverless-CloudWatchLogGroupRetentionPeriod",
                ],
                residual: "",
            },
            Self::NoAlarmAction => &Row {
                kinds: &["AWS::CloudWatch::Alarm"],
                absent: "AlarmActions",
                guard: &["CLOUDWATCH_ALARM_ACTION_CHECK"],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &[
                    "HIPAA.Security-CloudWatchAlarmAction",
                    "NIST.800.53.R4-CloudWatchAlarmAction",
                    "NIST.800.53.R5-CloudWatchAlarmAction",
                ],
                residual: "",
            },
            Self::OldRuntime => &Row {
                kinds: &["AWS::Lambda::Function"],
                absent: "",
                guard: &[],
                checkov: &["CKV_AWS_363"],
                cfn_lint: &["W2531", "E2531", "E2533"],
                cdk_nag: &["AwsSolutions-L1", "Serverless-LambdaLatestVersion"],
                residual: "",
            },
            Self::NotTraced => &Row {
                kinds: &["AWS::Lambda::Function"],
                absent: "",
                guard: &[],
                checkov: &[],
                cfn_lint: &[],
                cdk_nag: &["Serverless-LambdaTracing"],
                residual: "",
            },
        }
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
            assert!(!ids.is_empty(), "{finding:?}");
        }
    }
}
