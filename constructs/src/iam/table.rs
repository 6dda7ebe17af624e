//! What each grant allows: one table for the code, the documentation and the tests.
//!
//! Actions are those that the SDK calls behind the verb need, and no more; the AWS
//! [service authorization reference](https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html)
//! names the resource each of them applies to.

use cloudwright_synth::Verb;

/// The rights that one grant method gives.
#[derive(Debug, PartialEq, Eq)]
pub struct GrantRule {
    /// The service module, such as `s3`.
    pub service: &'static str,
    /// The grant, as in `grant_read`.
    pub name: &'static str,
    /// How the grant is drawn.
    pub verb: Verb,
    /// Actions on the resource itself.
    pub on_itself: &'static [&'static str],
    /// Actions on what the resource holds, such as the objects of a bucket.
    pub on_content: &'static [&'static str],
    /// What the grantee needs of the resource's encryption key.
    pub key: KeyUse,
    /// Actions that go with these and that AWS allows on no narrower resource than `*`.
    pub on_everything: &'static [&'static str],
}

impl GrantRule {
    /// Whether a grant that is drawn as one to write lets its holder read as well.
    pub(crate) fn reads_too(&self) -> bool {
        matches!(self.verb, Verb::MayWrite) && self.on_content.contains(&"s3:GetObject")
    }
}

/// What a grantee does with the key of an encrypted resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Nothing.
    None,
    /// Decrypts.
    Decrypt,
    /// Has a service make data keys for what it hands over, which the service opens again to write more.
    DataKeys,
    /// Encrypts.
    Encrypt,
    /// Both.
    Both,
}

macro_rules! grants {
    (@all) => { &[] };
    (@all $all:tt) => { &$all };
    ($($name:ident: $service:literal $grant:literal $verb:ident $itself:tt $content:tt $key:ident $(+ $all:tt)?)*) => {
        $(pub(crate) static $name: GrantRule = GrantRule {
            service: $service,
            name: $grant,
            verb: Verb::$verb,
            on_itself: &$itself,
            on_content: &$content,
            key: KeyUse::$key,
            on_everything: grants!(@all $($all)?),
        };)*

        /// All grants, by service and name.
        pub static GRANTS: &[&GrantRule] = &[$(&$name),*];
    };
}

grants! {
    APIGATEWAYV2_INVOKE: "apigatewayv2" "invoke" Invokes [] ["execute-api:Invoke"] None
    DYNAMODB_READ: "dynamodb" "read" MayRead
        ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
        ["dynamodb:Query", "dynamodb:Scan"] Decrypt
    DYNAMODB_STREAM_READ: "dynamodb" "stream_read" Consumes
        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"] [] Decrypt
    DYNAMODB_WRITE: "dynamodb" "write" MayWrite
        ["dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        [] Both
    ECR_PULL: "ecr" "pull" MayRead
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        [] None + ["ecr:GetAuthorizationToken"]
    ECR_PUSH: "ecr" "push" MayWrite
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
        [] None + ["ecr:GetAuthorizationToken"]
    KMS_DATA_KEYS: "kms" "data_keys" MayUse ["kms:Decrypt", "kms:GenerateDataKey"] [] None
    KMS_DECRYPT: "kms" "decrypt" MayUse ["kms:Decrypt"] [] None
    KMS_ENCRYPT: "kms" "encrypt" MayUse ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"] [] None
    KMS_ENCRYPT_DECRYPT: "kms" "encrypt_decrypt" MayUse ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"] [] None
    LAMBDA_INVOKE: "lambda" "invoke" Invokes ["lambda:InvokeFunction"] [] None
    LAMBDA_INVOKE_URL: "lambda" "invoke_url" Invokes ["lambda:InvokeFunctionUrl"] [] None
    LOGS_READ: "logs" "read" MayRead
        ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogGroupFields"] [] None
    LOGS_WRITE: "logs" "write" LogsTo ["logs:CreateLogStream", "logs:PutLogEvents"] [] None
    S3_COPY_TO: "s3" "copy_to" MayWrite
        ["s3:ListBucket"]
        ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"] DataKeys
    S3_ERASE: "s3" "erase" MayWrite ["s3:ListBucketVersions"] ["s3:DeleteObjectVersion"] None
    S3_READ: "s3" "read" MayRead
        ["s3:GetBucketLocation", "s3:ListBucket"]
        ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"] Decrypt
    S3_READ_OBJECTS: "s3" "read_objects" MayRead
        []
        ["s3:GetObject", "s3:GetObjectTagging"] Decrypt
    S3_REPLICATE_FROM: "s3" "replicate_from" MayRead
        ["s3:ListBucket"]
        ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"] Decrypt
    S3_REPLICATE_TO: "s3" "replicate_to" MayWrite
        ["s3:ListBucket"]
        ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"] DataKeys
    S3_REPLICATION_DESTINATION: "s3" "replication_destination" MayWrite
        []
        ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"] Encrypt
    S3_REPLICATION_SOURCE: "s3" "replication_source" MayRead
        ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"] Decrypt
    S3_WRITE: "s3" "write" MayWrite
        []
        ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectTagging"] DataKeys
    S3_DELETE: "s3" "delete" MayWrite [] ["s3:DeleteObject"] None
    SCHEDULER_DELETE: "scheduler" "delete" MayWrite [] ["scheduler:DeleteSchedule"] None
    SCHEDULER_READ: "scheduler" "read" MayRead [] ["scheduler:GetSchedule"] None
    SCHEDULER_WRITE: "scheduler" "write" MayWrite [] ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"] None
    SECRETSMANAGER_READ: "secretsmanager" "read" MayRead
        ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"] [] Decrypt
    SECRETSMANAGER_WRITE: "secretsmanager" "write" MayWrite
        ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"] [] DataKeys
    SNS_PUBLISH: "sns" "publish" SendsTo ["sns:Publish"] [] DataKeys
    SQS_CONSUME: "sqs" "consume" Consumes
        ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"] [] Decrypt
    SQS_PURGE: "sqs" "purge" MayWrite ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:PurgeQueue"] [] None
    SQS_SEND: "sqs" "send" SendsTo ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"] [] DataKeys
    SSM_READ: "ssm" "read" MayRead ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters"] [] None
    SSM_RUN: "ssm" "run" Invokes ["ssm:SendCommand"] [] None
    SSM_WRITE: "ssm" "write" MayWrite ["ssm:PutParameter"] [] None
    STEPFUNCTIONS_ANSWER: "stepfunctions" "answer" SendsTo
        ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"] [] None
    STEPFUNCTIONS_READ: "stepfunctions" "read" MayRead ["states:DescribeStateMachine", "states:ListExecutions"] [] None
    STEPFUNCTIONS_READ_RUNS: "stepfunctions" "read_runs" MayRead
        ["states:DescribeExecution", "states:GetExecutionHistory"] [] None
    STEPFUNCTIONS_START: "stepfunctions" "start" Invokes ["states:StartExecution"] [] None
    STEPFUNCTIONS_START_AND_WAIT: "stepfunctions" "start_and_wait" Invokes ["states:StartSyncExecution"] [] None
    STEPFUNCTIONS_STOP: "stepfunctions" "stop" MayWrite ["states:StopExecution"] [] None
}

#[cfg(test)]
mod tests {
    use super::GRANTS;

    /// What the actions of a service begin with, where that is not its name.
    fn prefix(service: &str) -> &str {
        match service {
            "apigatewayv2" => "execute-api",
            "stepfunctions" => "states",
            _ => service,
        }
    }

    #[test]
    fn rows_are_sorted_and_their_actions_belong_to_the_service() {
        for rule in GRANTS {
            for actions in [rule.on_itself, rule.on_content, rule.on_everything] {
                assert!(actions.is_sorted(), "{} {}", rule.service, rule.name);
                let prefix = format!("{}:", prefix(rule.service));
                assert!(actions.iter().all(|action| action.starts_with(&prefix)));
            }
            assert!(!rule.on_itself.is_empty() || !rule.on_content.is_empty());
        }
    }
}
