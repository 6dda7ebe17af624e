//! The example `solutions-constructs`, property by property against the AWS Solutions Constructs that it rebuilds: every line of
//! the table in its README has a check here, and each function of the program stays below 15 lines.

use std::fs;

use serde_json::{Value, json};
use tests::examples::{readme, repository, synth};

const EXAMPLE: &str = "solutions-constructs";

/// A line of the table, the stacks that it is about, and what is looked for in each of their resources of a type.
type Line = (&'static str, &'static [&'static str], fn(&Stack) -> bool);

const BOTH: &[&str] = &["S3Lambda", "S3Sqs"];
const QUEUES: &[&str] = &["S3Sqs", "SqsLambda"];
const FUNCTIONS: &[&str] = &["S3Lambda", "SqsLambda"];

/// The resources of a template.
struct Stack(Value);

impl Stack {
    fn resources(&self) -> impl Iterator<Item = &Value> {
        self.0["Resources"].as_object().unwrap().values()
    }

    fn all(&self, kind: &str) -> Vec<&Value> {
        let all: Vec<_> = self.resources().filter(|one| one["Type"] == kind).collect();
        assert!(!all.is_empty(), "no {kind}");
        all
    }

    /// Whether it holds of all resources of a type, of which there is at least one.
    fn every(&self, kind: &str, holds: impl Fn(&Value) -> bool) -> bool {
        self.all(kind)
            .into_iter()
            .all(|one| holds(&one["Properties"]))
    }

    fn some(&self, kind: &str, holds: impl Fn(&Value) -> bool) -> bool {
        self.all(kind)
            .into_iter()
            .any(|one| holds(&one["Properties"]))
    }

    fn count(&self, kind: &str) -> usize {
        self.resources().filter(|one| one["Type"] == kind).count()
    }
}

/// Whether a policy document has a statement that holds all of this text.
fn says(policy: &Value, parts: &[&str]) -> bool {
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    statements.iter().any(|one| {
        let text = one.to_string();
        parts.iter().all(|part| text.contains(part))
    })
}

const BUCKET: &str = "AWS::S3::Bucket";
const QUEUE: &str = "AWS::SQS::Queue";
const FUNCTION: &str = "AWS::Lambda::Function";

const LINES: &[Line] = &[
    ("S3: encryption at rest", BOTH, |stack| {
        stack.every(BUCKET, |bucket| {
            bucket["BucketEncryption"].to_string().contains("AES256")
        })
    }),
    ("S3: old versions of objects", BOTH, |stack| {
        stack.every(BUCKET, |bucket| {
            bucket["VersioningConfiguration"]["Status"] == "Enabled"
        })
    }),
    ("S3: public access", BOTH, |stack| {
        let closed = json!({ "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true,
            "RestrictPublicBuckets": true });
        stack.every(BUCKET, |bucket| {
            bucket["PublicAccessBlockConfiguration"] == closed
        })
    }),
    ("S3: requests without TLS", BOTH, |stack| {
        stack.count("AWS::S3::BucketPolicy") == stack.count(BUCKET)
            && stack.every("AWS::S3::BucketPolicy", |policy| {
                says(policy, &["Deny", "aws:SecureTransport"])
                    && says(policy, &["Deny", "s3:TlsVersion"])
            })
    }),
    ("S3: a bucket that leaves the template", BOTH, |stack| {
        let buckets = stack.all(BUCKET);
        buckets.iter().all(|one| {
            one["DeletionPolicy"] == "RetainExceptOnCreate"
                && one["UpdateReplacePolicy"] == "Retain"
        })
    }),
    ("S3: access logs", BOTH, |stack| {
        stack.count(BUCKET) == 2
            && stack.some(BUCKET, |bucket| {
                bucket["LoggingConfiguration"]["DestinationBucketName"].is_string()
            })
    }),
    ("S3: old versions", BOTH, |stack| {
        stack.every(BUCKET, |bucket| {
            let rules = bucket["LifecycleConfiguration"].to_string();
            rules.contains("NoncurrentVersionExpiration")
                && rules.contains("AbortIncompleteMultipartUpload")
        })
    }),
    ("S3: ACLs", BOTH, |stack| {
        stack.every(BUCKET, |bucket| {
            bucket["OwnershipControls"]
                .to_string()
                .contains("BucketOwnerEnforced")
        })
    }),
    ("S3: how it tells", BOTH, |stack| {
        let custom = |one: &Value| one["Type"].as_str().unwrap().starts_with("Custom::");
        stack.some(BUCKET, |bucket| {
            bucket["NotificationConfiguration"].is_object()
        }) && !stack.resources().any(custom)
    }),
    ("SQS: encryption at rest", QUEUES, |stack| {
        stack.every(QUEUE, |queue| queue["KmsMasterKeyId"].is_object())
    }),
    ("SQS: messages that fail", QUEUES, |stack| {
        stack.some(QUEUE, |queue| {
            queue["RedrivePolicy"]["maxReceiveCount"] == 5
        })
    }),
    ("SQS: requests without TLS", QUEUES, |stack| {
        stack.count("AWS::SQS::QueuePolicy") == stack.count(QUEUE)
            && stack.every("AWS::SQS::QueuePolicy", |policy| {
                says(policy, &["Deny", "aws:SecureTransport"])
            })
    }),
    ("SQS: who may send", &["S3Sqs"], |stack| {
        stack.some("AWS::SQS::QueuePolicy", |policy| {
            says(
                policy,
                &[
                    "sqs:SendMessage",
                    "aws:SourceArn",
                    "aws:SourceAccount",
                    "s3.amazonaws.com",
                ],
            )
        })
    }),
    ("KMS: rotation", QUEUES, |stack| {
        stack.every("AWS::KMS::Key", |key| key["EnableKeyRotation"] == true)
    }),
    ("Lambda: rights", FUNCTIONS, |stack| {
        let managed = |role: &Value| role["ManagedPolicyArns"].is_null();
        stack.every("AWS::IAM::Role", managed)
            && stack.every("AWS::IAM::Policy", |policy| {
                says(policy, &["logs:PutLogEvents", "Fn::GetAtt"])
                    && !policy.to_string().contains("logs:*")
            })
    }),
    ("Lambda: traces", FUNCTIONS, |stack| {
        stack.every(FUNCTION, |function| {
            function["TracingConfig"]["Mode"] == "Active"
        })
    }),
    ("Lambda: logs", FUNCTIONS, |stack| {
        stack.every("AWS::Logs::LogGroup", |group| {
            group["RetentionInDays"] == 30
        })
    }),
    ("Lambda: who may call", &["S3Lambda"], |stack| {
        stack.every("AWS::Lambda::Permission", |one| {
            !one["SourceArn"].is_null() && one["SourceAccount"] == "111111111111"
        })
    }),
    ("Lambda: events that are given up", &["S3Lambda"], |stack| {
        stack.every("AWS::Lambda::EventInvokeConfig", |one| {
            one["DestinationConfig"]["OnFailure"].is_object()
        }) && stack.some(QUEUE, |queue| {
            queue["MessageRetentionPeriod"] == 14 * 86_400
        })
    }),
    (
        "Lambda: batches that fail in part",
        &["SqsLambda"],
        |stack| {
            stack.every("AWS::Lambda::EventSourceMapping", |one| {
                one["FunctionResponseTypes"] == json!(["ReportBatchItemFailures"])
            })
        },
    ),
    (
        "Lambda: how long messages are hidden",
        &["SqsLambda"],
        |stack| {
            let seconds = |value: &Value| value.as_u64().unwrap();
            let function = &stack.all(FUNCTION)[0]["Properties"];
            stack.every(QUEUE, |queue| {
                seconds(&queue["VisibilityTimeout"]) >= 6 * seconds(&function["Timeout"])
            })
        },
    ),
    ("alarms", &["S3Lambda", "S3Sqs", "SqsLambda"], |stack| {
        stack.every("AWS::CloudWatch::Alarm", |alarm| {
            !alarm["AlarmActions"].as_array().unwrap().is_empty()
        })
    }),
];

#[test]
fn every_property_of_the_table_is_in_the_templates() {
    let assembly = synth(EXAMPLE);
    let stack = |name: &str| {
        let file = assembly.folder().join(format!("{name}.template.json"));
        Stack(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
    };
    for (line, stacks, holds) in LINES {
        for name in *stacks {
            assert!(holds(&stack(name)), "{line} does not hold in {name}");
        }
    }
}

#[test]
fn the_table_of_the_readme_has_these_lines_and_no_others() {
    let readme = readme(EXAMPLE);
    let table = readme.split("|---|---|---|\n").nth(1).unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let rows: Vec<_> = rows
        .map(|row| row.split('|').nth(1).unwrap().trim())
        .collect();
    let checked: Vec<_> = LINES.iter().map(|(line, _, _)| *line).collect();
    assert_eq!(rows, checked);
}

#[test]
fn each_construct_is_rebuilt_in_less_than_fifteen_lines() {
    let program =
        fs::read_to_string(repository().join("examples/solutions-constructs/main.rs")).unwrap();
    let functions: Vec<_> = program.split("\nfn ").skip(2).collect();
    assert_eq!(functions.len(), 3);
    for function in functions {
        let body = function.split("\n}").next().unwrap();
        let lines = body.lines().skip(1).count();
        assert!(lines < 15, "{lines} lines:\n{body}");
    }
}
