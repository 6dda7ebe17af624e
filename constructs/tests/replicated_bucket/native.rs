//! S3's own replication.

use cloudwright::patterns::{Deletion, Replica};
use cloudwright::prelude::*;
use cloudwright::s3::StorageClass;
use serde_json::{Value, json as expected};

use crate::support::{ABROAD, assert_error, home, refusal_of, templates_of};
use crate::{ReplicatedBucket, add, templates};

const BUCKET: &str = "AWS::S3::Bucket";
const IDENTITY: &str = "AWS::IAM::Policy";

fn arn(of: &str) -> Value {
    expected!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::{of}") })
}

/// The rules of the source.
fn rules(source: &crate::Template) -> &Vec<Value> {
    let configuration = &source.properties(BUCKET)["ReplicationConfiguration"];
    configuration["Rules"].as_array().unwrap()
}

#[test]
fn each_replica_has_a_rule_and_nothing_runs() {
    let app = App::new();
    let artifacts = add(&app, |_| {
        ReplicatedBucket::to(["us-west-2", "ca-central-1"]).native()
    });
    assert!(artifacts.function().is_none() && artifacts.failure_queue().is_none());
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let stack = assembly.stack("S").unwrap();
    assert_eq!(
        stack.dependencies(),
        ["Regional-us-west-2", "Regional-ca-central-1"]
    );
    let source = crate::Template(serde_json::from_str(&stack.template().to_json()).unwrap());
    assert!(source.all("AWS::Lambda::Function").is_empty());
    let rule = |number: u8, region: &str| {
        let bucket = format!("s-artifacts-7ac805ef-123456789012-{region}-an");
        expected!({
            "Id": format!("Replica{number}"), "Priority": number, "Status": "Enabled",
            "Filter": { "Prefix": "" }, "DeleteMarkerReplication": { "Status": "Enabled" },
            "Destination": { "Bucket": arn(&bucket), "Metrics": { "Status": "Enabled" } },
        })
    };
    assert_eq!(
        *rules(&source),
        [rule(1, "us-west-2"), rule(2, "ca-central-1")]
    );
    let configuration = &source.properties(BUCKET)["ReplicationConfiguration"];
    let role = source.id("AWS::IAM::Role", "ArtifactsReplicationRole");
    assert_eq!(
        configuration["Role"],
        expected!({ "Fn::GetAtt": [role, "Arn"] })
    );
    let waits = source.one(BUCKET)["DependsOn"].as_str().unwrap();
    assert!(waits.starts_with("ArtifactsReplicationRoleDefaultPolicy"));
}

#[test]
fn s3_may_copy_from_here_to_there_and_no_more() {
    let [source, _] = templates(|_| {
        let artifacts = ReplicatedBucket::to(["us-west-2"]).native();
        artifacts.only(s3::Filter::prefix("out/"))
    });
    let bucket = "s-artifacts-source-be0816a9-123456789012-eu-central-1-an";
    let replica = "s-artifacts-7ac805ef-123456789012-us-west-2-an";
    let statement = |actions: &[&str], resource: Value| expected!({ "Action": actions, "Effect": "Allow", "Resource": resource });
    let statements = source.statements(IDENTITY);
    let expected = [
        statement(
            &[
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
            ],
            arn(&format!("{bucket}/out/*")),
        ),
        statement(
            &["s3:GetReplicationConfiguration", "s3:ListBucket"],
            arn(bucket),
        ),
        statement(
            &[
                "s3:ReplicateDelete",
                "s3:ReplicateObject",
                "s3:ReplicateTags",
            ],
            arn(&format!("{replica}/*")),
        ),
    ];
    assert_eq!(statements, expected.iter().collect::<Vec<_>>());
    let trust = &source.properties("AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(trust["Principal"]["Service"], "s3.amazonaws.com");
    assert_eq!(
        trust["Condition"]["StringEquals"]["aws:SourceAccount"],
        "123456789012"
    );
    assert_eq!(
        trust["Condition"]["ArnEquals"]["aws:SourceArn"],
        arn(bucket)
    );
}

#[test]
fn every_setting_reaches_the_rules() {
    let replica = Replica::in_region("us-west-2")
        .storage_class(StorageClass::GlacierInstantRetrieval)
        .deletion(Deletion::Keep);
    let [source, _] = templates(|_| {
        ReplicatedBucket::to([replica])
            .native()
            .time_control()
            .only(s3::Filter::prefix("a/"))
            .only(s3::Filter::prefix("b/"))
    });
    let prefixes: Vec<_> = rules(&source)
        .iter()
        .map(|rule| &rule["Filter"]["Prefix"])
        .collect();
    assert_eq!(prefixes, ["a/", "b/"]);
    for rule in rules(&source) {
        assert_eq!(rule["DeleteMarkerReplication"]["Status"], "Disabled");
        let destination = &rule["Destination"];
        assert_eq!(destination["StorageClass"], "GLACIER_IR");
        let limit = expected!({ "Minutes": 15 });
        assert_eq!(
            destination["Metrics"],
            expected!({ "Status": "Enabled", "EventThreshold": limit })
        );
        assert_eq!(
            destination["ReplicationTime"],
            expected!({ "Status": "Enabled", "Time": limit })
        );
    }
}

#[test]
fn encrypted_objects_are_encrypted_again_with_the_key_of_the_region() {
    let app = App::new();
    let west = app.stack("West", Environment::new("123456789012", "us-west-2"));
    let there = west.add("Key", kms::Key::new());
    add(&app, |stack| {
        let here = stack.add("Key", kms::Key::new());
        ReplicatedBucket::to([Replica::in_region("us-west-2").encrypted_with(&there)])
            .native()
            .source_with(move |bucket| bucket.encrypted_with(&here))
    });
    let [source] = templates_of(app, ["S"]);
    let [rule] = &rules(&source)[..] else {
        panic!("one rule")
    };
    let selected = &rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"]["Status"];
    assert_eq!(selected, "Enabled");
    let key = &rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"];
    assert_eq!(key["Fn::GetStackOutput"]["StackName"], "West");
    assert_eq!(source.allowing(IDENTITY, "kms:Decrypt").len(), 2);
    assert_eq!(source.allowing(IDENTITY, "kms:GenerateDataKey").len(), 1);
}

#[test]
fn another_account_lets_the_role_in_by_its_name() {
    let app = App::new();
    add(&app, |_| {
        ReplicatedBucket::to([Replica::in_account(ABROAD, "us-west-2")]).native()
    });
    let abroad = format!("Regional-{ABROAD}-us-west-2");
    let [source, replica] = templates_of(app, ["S", &abroad]);
    let name = "s-artifacts-7ac805ef-eu-central-1-s3";
    assert_eq!(source.properties("AWS::IAM::Role")["RoleName"], name);
    assert_eq!(rules(&source)[0]["Destination"]["Account"], ABROAD);
    let [statement] = replica.allowing("AWS::S3::BucketPolicy", "s3:ReplicateObject")[..] else {
        panic!("one statement for the role")
    };
    let role = format!("arn:${{AWS::Partition}}:iam::123456789012:role/{name}");
    assert_eq!(
        statement["Condition"]["ArnEquals"]["aws:PrincipalArn"],
        expected!({ "Fn::Sub": role })
    );
}

/// The sequences of deployments that the documentation names: no bucket is replaced or removed in them.
#[test]
fn every_bucket_stays_when_the_kind_of_replication_changes() {
    let kinds: [fn(ReplicatedBucket) -> ReplicatedBucket; 4] = [
        |artifacts| artifacts,
        |artifacts| artifacts.native(),
        |artifacts| artifacts.reconcile_on_demand(),
        |artifacts| artifacts.two_way(),
    ];
    let [first, others @ ..] = kinds.map(|kind| {
        templates(|_| kind(ReplicatedBucket::to(["us-west-2"]))).map(|template| {
            let buckets = template
                .resources()
                .filter(|(_, body)| body["Type"] == BUCKET);
            let kept = buckets.map(|(id, body)| {
                assert_eq!(body["DeletionPolicy"], "RetainExceptOnCreate");
                (id.to_owned(), body["Properties"]["BucketName"].clone())
            });
            kept.collect::<Vec<_>>()
        })
    });
    assert_eq!(first.each_ref().map(Vec::len), [1, 1]);
    for other in others {
        assert_eq!(other, first);
    }
}

#[test]
fn copies_in_a_bucket_of_somebody_else_are_theirs() {
    let app = App::new();
    add(&app, |stack| {
        let theirs = s3::Bucket::import(stack, "Theirs", "copies-for-them");
        let replica = Replica::in_bucket(&theirs)
            .region("us-west-2")
            .owned_by(ABROAD);
        ReplicatedBucket::to([replica]).native()
    });
    let [source] = templates_of(app, ["S"]);
    let destination = &rules(&source)[0]["Destination"];
    assert_eq!(destination["Account"], ABROAD);
    assert_eq!(
        destination["AccessControlTranslation"],
        expected!({ "Owner": "Destination" })
    );
    let action = "s3:ObjectOwnerOverrideToBucketOwner";
    let [statement] = source.allowing(IDENTITY, action)[..] else {
        panic!("one statement that hands copies over")
    };
    assert_eq!(statement["Resource"], arn("copies-for-them/*"));
}

#[test]
fn each_rule_has_alarms() {
    let app = App::new();
    let stack = app.stack("S", home());
    let operators = stack.add("Operators", sns::Topic::new());
    let artifacts = ReplicatedBucket::to(["us-west-2", "ca-central-1"]).native();
    let artifacts = stack.add("Artifacts", artifacts);
    assert_eq!(artifacts.alarms(&operators).len(), 4);
    let [template] = templates_of(app, ["S"]);
    for (id, metric, threshold) in [
        (
            "ArtifactsReplica2Failed",
            "OperationsFailedReplication",
            0.0,
        ),
        ("ArtifactsReplica2Late", "ReplicationLatency", 900.0),
    ] {
        let alarm = &template.named("AWS::CloudWatch::Alarm", id)["Properties"];
        assert_eq!(alarm["MetricName"], metric);
        assert_eq!(alarm["Threshold"].as_f64(), Some(threshold));
        let dimensions = alarm["Dimensions"].as_array().unwrap();
        assert!(dimensions.contains(&expected!({ "Name": "RuleId", "Value": "Replica2" })));
    }
}

/// Builds the wrong construct in a stack.
type Wrong = fn(&Stack) -> ReplicatedBucket;

/// What S3 cannot do, and what the message says.
const REFUSALS: &[(Wrong, &str)] = &[
    (
        |_| {
            ReplicatedBucket::to(["us-west-2"])
                .native()
                .replicas_with(|bucket, _| bucket.unversioned())
        },
        "`Regional-us-west-2/S/Artifacts/Replica` keeps none",
    ),
    (
        |stack| {
            let uploads = stack.add("Uploads", s3::Bucket::new().unversioned());
            ReplicatedBucket::to(["us-west-2"])
                .source(&uploads)
                .native()
        },
        "`S/Uploads` keeps none",
    ),
    (
        |stack| {
            let old = s3::Bucket::import(stack, "Old", "old");
            ReplicatedBucket::to(["us-west-2"]).source(&old).native()
        },
        "this one is imported",
    ),
    (
        |_| ReplicatedBucket::to([Replica::in_region("us-west-2").prefix("a/")]).native(),
        "keeps keys, and copies in `Regional-us-west-2/S/Artifacts/Replica` are said to be below \"a/\"",
    ),
    (
        |_| {
            ReplicatedBucket::to(["us-west-2"])
                .native()
                .only(s3::Filter::suffix(".zip"))
        },
        "chooses objects by prefix alone",
    ),
    (
        |_| {
            ReplicatedBucket::to(["us-west-2"])
                .native()
                .skip("tmp/", "")
        },
        "chooses objects by prefix alone",
    ),
    (
        |stack| {
            let key = stack.add("Key", kms::Key::new());
            let artifacts = ReplicatedBucket::to(["us-west-2"]).native();
            artifacts.source_with(move |bucket| bucket.encrypted_with(&key))
        },
        "not told which key of the other region",
    ),
    (
        |_| ReplicatedBucket::to(["us-west-2"]).time_control(),
        "`.time_control()` is a setting of S3's own",
    ),
    (
        |_| {
            ReplicatedBucket::to(["us-west-2"])
                .native()
                .deletion(Deletion::Erase)
        },
        "S3's own replication removes by delete markers",
    ),
];

#[test]
fn what_s3_cannot_do_is_said_at_the_line_that_adds_it() {
    for (wrong, part) in REFUSALS {
        let app = App::new();
        let stack = app.stack("S", home());
        let artifacts = wrong(&stack);
        let line = line!() + 1;
        stack.add("Artifacts", artifacts);
        let place = format!("tests/replicated_bucket/native.rs:{line}");
        assert_error(&refusal_of(app), "CW1403", &[part, &place]);
    }
}
