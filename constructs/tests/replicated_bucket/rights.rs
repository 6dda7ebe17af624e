//! What the functions and S3's role may do: everything that they have to, and without any one statement
//! not. Keys are among it, which no local AWS looks at.

use cloudwright::patterns::{Deletion, Replica};
use cloudwright::prelude::*;
use serde_json::Value;

use crate::support::{home, templates_of};
use crate::{ReplicatedBucket, Template};

/// A statement that allows: its actions, and its resources as texts.
#[derive(Debug)]
struct Allowed {
    actions: Vec<String>,
    resources: Vec<String>,
}

/// One thing that has to be possible: an action, on a resource whose text ends so.
type Need = (&'static str, &'static str);

const SOURCE: &str = "s-artifacts-source-be0816a9-123456789012-eu-central-1-an";
const WEST: &str = "s-artifacts-7ac805ef-123456789012-us-west-2-an";

/// What of objects in the source is looked at, below `SOURCE` and `WEST`.
const READ: &[&str] = &[
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTagging",
];
const WRITE: &[&str] = &[
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:PutObject",
    "s3:PutObjectTagging",
];

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => match other["Fn::Sub"].as_str() {
            Some(text) => vec![text.to_owned()],
            None => vec![other.to_string()],
        },
    }
}

/// The statements of the policies of a role, whose ids begin so.
fn allowed(template: &Template, start: &str) -> Vec<Allowed> {
    let policies = template
        .resources()
        .filter(|(id, body)| body["Type"] == "AWS::IAM::Policy" && id.starts_with(start));
    let statements = policies.flat_map(|(_, policy)| {
        let statements = &policy["Properties"]["PolicyDocument"]["Statement"];
        statements.as_array().unwrap().iter()
    });
    let statements = statements.map(|statement| {
        assert_eq!(statement["Effect"], "Allow");
        Allowed {
            actions: texts(&statement["Action"]),
            resources: texts(&statement["Resource"]),
        }
    });
    statements.collect()
}

/// Whether a pattern of a policy matches; it has at most one `*`, at its end.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == pattern,
    }
}

/// Whether statements allow something; a resource is named by what is in its text, an object by its key.
fn allow<'a>(statements: impl IntoIterator<Item = &'a Allowed>, (action, on): Need) -> bool {
    statements.into_iter().any(|statement| {
        let is_action = statement.actions.iter().any(|one| matches(one, action));
        let is_on = |pattern: &String| {
            let of_s3 = pattern.split_once("s3:::").map(|(_, name)| name);
            match of_s3 {
                Some(name) => matches(name, on),
                None => pattern.contains(on),
            }
        };
        is_action && statement.resources.iter().any(is_on)
    })
}

/// A kind of replication: its stacks, the policies, and what has to be possible.
struct Variant {
    name: &'static str,
    build: fn(&App, &Stack) -> ReplicatedBucket,
    policies: &'static [&'static str],
    needs: Vec<Need>,
}

/// A key in a stack of its own, in a region.
fn key(app: &App, name: &'static str, region: &'static str) -> kms::KeyRef {
    let stack = app.stack(name, Environment::new("123456789012", region));
    stack.add("Key", kms::Key::new())
}

/// A source and a replica, each with its key.
fn encrypted(app: &App, _: &Stack) -> ReplicatedBucket {
    let [here, there] = [("HereKeys", "eu-central-1"), ("ThereKeys", "us-west-2")]
        .map(|(name, region)| key(app, name, region));
    let replica = Replica::in_region("us-west-2").encrypted_with(&there);
    ReplicatedBucket::to([replica]).source_with(move |bucket| bucket.encrypted_with(&here))
}

fn on(actions: &[&'static str], object: &'static str) -> Vec<Need> {
    actions.iter().map(|action| (*action, object)).collect()
}

const IN_SOURCE: &str = "s-artifacts-source-be0816a9-123456789012-eu-central-1-an/a b";
const IN_WEST: &str = "s-artifacts-7ac805ef-123456789012-us-west-2-an/a b";
const TABLE: &str = ":table/s-artifacts-7ac805ef";
const FUNCTIONS: &[&str] = &[
    "ArtifactsFunctionServiceRole",
    "ArtifactsReconcileServiceRole",
];

/// What each function of the kind has to do in the buckets, with these keys.
fn copying(more: &[Need]) -> Vec<Need> {
    let lists = [("s3:ListBucket", SOURCE), ("s3:ListBucket", WEST)];
    [&on(READ, IN_SOURCE), &on(WRITE, IN_WEST), &lists[..], more].concat()
}

fn variants() -> Vec<Variant> {
    const KEYS: [Need; 3] = [
        ("kms:Decrypt", "HereKeys"),
        ("kms:Decrypt", "ThereKeys"),
        ("kms:GenerateDataKey", "ThereKeys"),
    ];
    let remove = ("s3:DeleteObject", IN_WEST);
    let erase = [
        ("s3:ListBucketVersions", WEST),
        ("s3:DeleteObjectVersion", IN_WEST),
    ];
    let both = [on(READ, IN_WEST), on(WRITE, IN_SOURCE)].concat();
    let both = [
        &both[..],
        &KEYS,
        &[
            remove,
            ("s3:DeleteObject", IN_SOURCE),
            ("kms:GenerateDataKey", "HereKeys"),
            ("dynamodb:GetItem", TABLE),
            ("dynamodb:UpdateItem", TABLE),
        ],
    ]
    .concat();
    let native = [
        on(
            &[
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
            ],
            IN_SOURCE,
        ),
        on(
            &[
                "s3:ReplicateObject",
                "s3:ReplicateDelete",
                "s3:ReplicateTags",
            ],
            IN_WEST,
        ),
        on(&["s3:GetReplicationConfiguration", "s3:ListBucket"], SOURCE),
        vec![KEYS[0], KEYS[2]],
    ];
    vec![
        Variant {
            name: "one way",
            build: |app, stack| encrypted(app, stack).reconcile_on_demand(),
            policies: FUNCTIONS,
            needs: copying(&[&KEYS[..], &[remove]].concat()),
        },
        Variant {
            name: "keeping what is removed",
            build: |app, stack| encrypted(app, stack).keep_deleted().reconcile_on_demand(),
            policies: FUNCTIONS,
            needs: copying(&KEYS),
        },
        Variant {
            name: "erasing what is removed",
            build: |app, stack| {
                let artifacts = encrypted(app, stack).deletion(Deletion::Erase);
                artifacts.reconcile_on_demand()
            },
            policies: FUNCTIONS,
            needs: copying(&[&KEYS[..], &erase].concat()),
        },
        Variant {
            name: "both ways",
            build: |app, stack| encrypted(app, stack).two_way().reconcile_on_demand(),
            policies: FUNCTIONS,
            needs: copying(&both),
        },
        Variant {
            name: "S3's own",
            build: |app, stack| encrypted(app, stack).native(),
            policies: &["ArtifactsReplicationRole"],
            needs: native.concat(),
        },
    ]
}

fn template(build: fn(&App, &Stack) -> ReplicatedBucket) -> Template {
    let app = App::new();
    let stack = app.stack("S", home());
    let artifacts = build(&app, &stack);
    stack.add("Artifacts", artifacts);
    let [template] = templates_of(app, ["S"]);
    template
}

/// What is done with the queue of failed events; those who look at all objects have none.
const QUEUE: [Need; 3] = [
    ("sqs:SendMessage", "ArtifactsFailures"),
    ("sqs:ReceiveMessage", "ArtifactsFailures"),
    ("sqs:DeleteMessage", "ArtifactsFailures"),
];

#[test]
fn everything_is_allowed_that_has_to_be_and_without_any_one_statement_not() {
    for Variant {
        name,
        build,
        policies,
        needs,
    } in variants()
    {
        let template = template(build);
        for start in policies {
            let statements = allowed(&template, start);
            assert!(!statements.is_empty(), "{name}: {start}");
            let telling = [
                ("logs:CreateLogStream", "LogGroup"),
                ("logs:PutLogEvents", "LogGroup"),
                ("xray:PutTraceSegments", "*"),
                ("xray:PutTelemetryRecords", "*"),
            ];
            let mut all = needs.clone();
            if start.contains("FunctionServiceRole") {
                all.extend(QUEUE);
            }
            if start.contains("ServiceRole") {
                all.extend(telling);
            }
            for need in &all {
                assert!(
                    allow(&statements, *need),
                    "{name}: {start}: {need:?}\n{statements:#?}"
                );
            }
            for left_out in 0..statements.len() {
                let others = statements.iter().enumerate();
                let others = others.filter(|(index, _)| *index != left_out);
                let others: Vec<_> = others.map(|(_, one)| one).collect();
                let denied = all
                    .iter()
                    .filter(|need| !allow(others.iter().copied(), **need));
                assert_ne!(
                    denied.count(),
                    0,
                    "{name}: nothing needs {:?}",
                    statements[left_out]
                );
            }
            is_narrow(name, &statements, &all);
        }
    }
}

/// No action is allowed that nobody needs, and none of S3 on anything but the two buckets.
fn is_narrow(name: &str, statements: &[Allowed], needs: &[Need]) {
    for statement in statements {
        for action in &statement.actions {
            let is_needed = needs.iter().any(|(need, _)| matches(action, need));
            assert!(is_needed || is_usual(action), "{name}: {action}");
        }
        let of_s3 = statement
            .actions
            .iter()
            .any(|action| action.starts_with("s3:"));
        for resource in statement.resources.iter().filter(|_| of_s3) {
            let bucket = resource.rsplit(":::").next().unwrap();
            let bucket = bucket.trim_end_matches("/*");
            assert!([SOURCE, WEST].contains(&bucket), "{name}: {resource}");
        }
    }
}

/// What comes with encrypting by a key and with a queue.
fn is_usual(action: &str) -> bool {
    let of_a_key = [
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ];
    of_a_key.contains(&action) || action.starts_with("sqs:")
}
