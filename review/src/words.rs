//! Actions in words: `s3:GetObject` is to read.

use cloudwright_spec::sorted::sort;

/// What actions do, by the beginning of their names, the gravest first: that is the order in which they are said.
const WORDS: &[(&str, &str)] = &[
    ("s3:DeleteObject", "delete"),
    ("s3:DeleteBucket", "delete or open"),
    ("s3:PutBucket", "change the settings of"),
    ("s3:PutObject", "write"),
    ("s3:AbortMultipartUpload", "write"),
    ("s3:Replicate", "copy into"),
    ("s3:GetObject", "read"),
    ("s3:ListBucket", "list"),
    ("s3:ListMultipart", "list"),
    ("s3:GetBucket", LOOK),
    ("s3:GetReplicationConfiguration", LOOK),
    ("sqs:PurgeQueue", "empty"),
    ("sqs:SendMessage", "send messages to"),
    ("sqs:ReceiveMessage", "take messages from"),
    ("sqs:DeleteMessage", "take messages from"),
    ("sqs:ChangeMessageVisibility", "take messages from"),
    ("sqs:StartMessageMoveTask", "move messages from"),
    ("sqs:GetQueue", LOOK),
    ("sns:Publish", "publish to"),
    ("sns:Subscribe", "subscribe to"),
    ("dynamodb:DeleteItem", "delete items of"),
    ("dynamodb:DeleteTable", "delete"),
    ("dynamodb:BatchWriteItem", "write"),
    ("dynamodb:PutItem", "write"),
    ("dynamodb:UpdateItem", "write"),
    ("dynamodb:BatchGetItem", "read"),
    ("dynamodb:GetItem", "read"),
    ("dynamodb:GetRecords", "follow the changes of"),
    ("dynamodb:GetShardIterator", "follow the changes of"),
    ("dynamodb:Query", "read"),
    ("dynamodb:Scan", "read"),
    ("dynamodb:ConditionCheckItem", "read"),
    ("dynamodb:Describe", LOOK),
    ("ecr:PutImage", "push images to"),
    ("ecr:BatchGetImage", "pull images from"),
    ("ecr:GetDownloadUrlForLayer", "pull images from"),
    ("events:PutEvents", "send events to"),
    ("iam:PassRole", "hand on"),
    ("kms:Encrypt", "encrypt with"),
    ("kms:GenerateDataKey", "encrypt with"),
    ("kms:ReEncrypt", "encrypt with"),
    ("kms:Decrypt", "decrypt with"),
    ("lambda:InvokeFunction", "call"),
    ("logs:CreateLogStream", "write logs to"),
    ("logs:PutLogEvents", "write logs to"),
    ("logs:FilterLogEvents", "read"),
    ("logs:GetLogEvents", "read"),
    ("secretsmanager:PutSecretValue", "change the value of"),
    ("secretsmanager:GetSecretValue", "read the value of"),
    ("secretsmanager:Describe", LOOK),
    ("ssm:SendCommand", "run commands by"),
    ("ssm:PutParameter", "write"),
    ("ssm:GetParameter", "read"),
    ("states:StartExecution", "start"),
    ("sts:AssumeRole", "act as"),
    ("xray:Put", "send traces to"),
    ("cloudwatch:PutMetricData", "send metrics to"),
];

/// What is said of it only where there is nothing else.
const LOOK: &str = "look at the settings of";

/// What a list of actions lets do. An action that has no words here is named.
pub(crate) fn doing(actions: &[String]) -> String {
    let mut known: Vec<usize> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for action in actions {
        match WORDS.iter().position(|(name, _)| begins(action, name)) {
            Some(place) => known.push(place),
            None => others.push(other(action)),
        }
    }
    sort(&mut known);
    let mut phrases: Vec<String> = Vec::new();
    for place in known {
        add(&mut phrases, WORDS[place].1.to_owned());
    }
    if phrases.len() + others.len() > 1 {
        phrases.retain(|phrase| phrase != LOOK);
    }
    for phrase in others {
        add(&mut phrases, phrase);
    }
    joined(&phrases)
}

/// Whether a word stands for an action: `s3:GetObject` for `s3:GetObjectVersion`, but not for `s3:Get*`, which is more.
fn begins(action: &str, name: &str) -> bool {
    let start = action.get(..name.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn other(action: &str) -> String {
    if let Some(but) = action.strip_prefix('!') {
        return format!("do anything but {but} with");
    }
    match action.strip_suffix(":*") {
        _ if action == "*" => "do anything with".to_owned(),
        Some(service) => format!("do anything of {service} with"),
        None => format!("use {action} on"),
    }
}

fn add(phrases: &mut Vec<String>, phrase: String) {
    if !phrases.contains(&phrase) {
        phrases.push(phrase);
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(actions: &[&str]) -> String {
        doing(
            &actions
                .iter()
                .map(|action| (*action).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn the_gravest_is_said_first_and_nothing_twice() {
        assert_eq!(said(&["s3:GetObject", "s3:GetObjectTagging"]), "read");
        assert_eq!(
            said(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
            "delete, write and read"
        );
        assert_eq!(
            said(&["sqs:GetQueueUrl", "sqs:SendMessage"]),
            "send messages to"
        );
        assert_eq!(said(&["sqs:GetQueueUrl"]), LOOK);
    }

    #[test]
    fn what_has_no_words_or_is_more_than_they_say_is_named() {
        assert_eq!(said(&["s3:Get*"]), "use s3:Get* on");
        assert_eq!(said(&["s3:*"]), "do anything of s3 with");
        assert_eq!(said(&["*"]), "do anything with");
        assert_eq!(
            said(&["glue:GetTable", "s3:GetObject"]),
            "read and use glue:GetTable on"
        );
        assert_eq!(said(&["!iam:*"]), "do anything but iam:* with");
    }
}
