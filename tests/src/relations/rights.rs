//! What actions allow, in the words of pictures.

use std::collections::BTreeSet;

/// Actions by what they allow. What stands for nothing goes with others and tells nothing by itself.
const ACTIONS: &[(&str, &[&str])] = &[
    (
        "may-read",
        &[
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "ecr:BatchGetImage",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:GetObjectVersionForReplication",
            "secretsmanager:GetSecretValue",
            "ssm:GetParameter",
        ],
    ),
    (
        "may-write",
        &[
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "ecr:PutImage",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:PutObject",
            "s3:ReplicateObject",
            "secretsmanager:PutSecretValue",
            "sqs:PurgeQueue",
            "ssm:PutParameter",
        ],
    ),
    (
        "may-use",
        &[
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "s3:PutBucketNotification",
        ],
    ),
    ("sends-to", &["sns:Publish", "sqs:SendMessage"]),
    ("consumes", &["dynamodb:GetRecords", "sqs:DeleteMessage"]),
    (
        "invokes",
        &[
            "lambda:InvokeFunction",
            "ssm:SendCommand",
            "states:StartExecution",
        ],
    ),
    ("logs-to", &["logs:PutLogEvents"]),
    (
        "",
        &[
            "dynamodb:ConditionCheckItem",
            "dynamodb:DescribeTable",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "kms:ReEncryptFrom",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "s3:AbortMultipartUpload",
            "s3:GetBucketLocation",
            "s3:GetBucketNotification",
            "s3:GetObjectTagging",
            "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionTagging",
            "s3:GetReplicationConfiguration",
            "s3:ListBucketVersions",
            "s3:DeleteObjectTagging",
            "s3:DeleteObjectVersionTagging",
            "s3:PutObjectTagging",
            "s3:PutObjectVersionTagging",
            "s3:ReplicateDelete",
            "s3:ReplicateTags",
            "secretsmanager:DescribeSecret",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueUrl",
        ],
    ),
];

/// Actions that others bring along; alone they are worth a line of their own.
const LOOKS: &[(&str, &str)] = &[
    ("sqs:ReceiveMessage", "may-read"),
    ("s3:ListBucket", "may-use"),
    ("sqs:GetQueueAttributes", "may-use"),
];

/// What actions on one resource allow.
///
/// # Panics
/// If one is in no table: whoever adds a right says how it is drawn.
pub(super) fn verbs(actions: &BTreeSet<String>) -> BTreeSet<&'static str> {
    let mut verbs = BTreeSet::new();
    let looks = |action: &str| LOOKS.iter().position(|(name, _)| *name == action);
    for action in actions.iter().filter(|action| looks(action).is_none()) {
        let row = ACTIONS.iter().find(|(_, of)| of.contains(&action.as_str()));
        let (verb, _) = row.unwrap_or_else(|| panic!("say in rights.rs how {action} is drawn"));
        verbs.insert(*verb);
    }
    verbs.remove("");
    // Tags are written with their object; who may write only them does something of its own.
    if actions.contains("s3:PutObjectTagging") && !verbs.contains("may-write") {
        verbs.insert("may-use");
    }
    let most = actions.iter().filter_map(|action| looks(action)).min();
    if let Some(look) = most.filter(|_| verbs.is_empty()) {
        verbs.insert(LOOKS[look].1);
    }
    verbs
}
