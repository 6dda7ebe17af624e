//! One source, and copies that only the function writes.

use cloudwright::lambda::LogLevel;
use cloudwright::patterns::{Deletion, PacoName, Replica};
use cloudwright::prelude::*;
use serde_json::json as expected;

use crate::support::{ABROAD, assert_error, home, refusal_of, templates_of};
use crate::{ReplicatedBucket, add, templates, variables};

const BUCKET: &str = "AWS::S3::Bucket";
const FUNCTION: &str = "AWS::Lambda::Function";
const IDENTITY: &str = "AWS::IAM::Policy";

const SOURCE: &str = "s-artifacts-source-be0816a9-123456789012-eu-central-1-an";
const WEST: &str = "s-artifacts-7ac805ef-123456789012-us-west-2-an";
const CANADA: &str = "s-artifacts-7ac805ef-123456789012-ca-central-1-an";

fn arn(of: &str) -> serde_json::Value {
    expected!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::{of}") })
}

#[test]
fn each_region_has_a_bucket_in_a_stack_that_is_deployed_first() {
    let app = App::new();
    let artifacts = add(&app, |_| {
        ReplicatedBucket::to(["us-west-2", "ca-central-1"])
    });
    assert_eq!(artifacts.replicas().len(), 2);
    assert!(
        artifacts
            .replicas()
            .iter()
            .all(|one| one.prefix().is_empty())
    );
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let source = assembly.stack("S").unwrap();
    let needs: Vec<_> = source.dependencies().iter().collect();
    assert_eq!(needs, ["Regional-us-west-2", "Regional-ca-central-1"]);
    for (region, name) in [("us-west-2", WEST), ("ca-central-1", CANADA)] {
        let stack = assembly.stack(&format!("Regional-{region}")).unwrap();
        assert!(stack.dependencies().is_empty());
        let template = stack.template().to_json();
        let template: serde_json::Value = serde_json::from_str(&template).unwrap();
        let bucket = &template["Resources"]["SArtifactsReplica799ED2C6"]["Properties"];
        assert_eq!(bucket["BucketName"], name);
        assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    }
}

#[test]
fn the_function_is_called_for_every_change_and_knows_the_replicas() {
    let [source, _] = templates(|_| ReplicatedBucket::to(["us-west-2", "ca-central-1"]));
    assert_eq!(
        *variables(&source),
        expected!({
            "DESTINATION_1_BUCKET": WEST, "DESTINATION_1_REGION": "us-west-2",
            "DESTINATION_2_BUCKET": CANADA, "DESTINATION_2_REGION": "ca-central-1",
        })
    );
    let function = source.properties(FUNCTION);
    assert_eq!(function["Handler"], "replicate");
    assert_eq!(
        (&function["Timeout"], &function["MemorySize"]),
        (&900.into(), &256.into())
    );
    let bucket = source.properties(BUCKET);
    assert_eq!(bucket["BucketName"], SOURCE);
    let notifications = bucket["NotificationConfiguration"]["LambdaConfigurations"]
        .as_array()
        .unwrap();
    let events: Vec<_> = notifications.iter().map(|one| &one["Event"]).collect();
    let all = [
        "s3:LifecycleExpiration:*",
        "s3:ObjectCreated:*",
        "s3:ObjectRemoved:*",
    ];
    assert_eq!(events, all);
}

#[test]
fn the_function_may_do_what_it_does_and_no_more() {
    let [source, _] = templates(|_| {
        let replicas = [
            Replica::in_region("us-west-2").prefix("copies/"),
            Replica::in_region("ca-central-1"),
        ];
        ReplicatedBucket::to(replicas).only(s3::Filter::prefix("out/"))
    });
    let statements = source.statements(IDENTITY);
    let of_s3 = |statement: &&&serde_json::Value| statement["Action"].to_string().contains("s3:");
    let of_s3: Vec<_> = statements.iter().filter(of_s3).collect();
    let listed = expected!({ "Action": "s3:ListBucket", "Effect": "Allow",
        "Resource": [arn(CANADA), arn(WEST), arn(SOURCE)] });
    let read = expected!({
        "Action": ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"],
        "Effect": "Allow", "Resource": arn(&format!("{SOURCE}/out/*")),
    });
    let written = expected!({
        "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject",
            "s3:PutObjectTagging"],
        "Effect": "Allow",
        "Resource": [arn(&format!("{CANADA}/*")), arn(&format!("{WEST}/copies/*"))],
    });
    assert_eq!(of_s3, [&&listed, &&written, &&read]);
}

#[test]
fn what_failed_is_done_again_from_a_queue_and_given_up_to_another() {
    let [source, _] = templates(|_| ReplicatedBucket::to(["us-west-2"]).timeout(minutes(2)));
    let queue = source.named("AWS::SQS::Queue", "ArtifactsFailures8");
    assert_eq!(queue["Properties"]["VisibilityTimeout"], 720);
    assert_eq!(queue["Properties"]["RedrivePolicy"]["maxReceiveCount"], 5);
    let arn =
        expected!({ "Fn::GetAtt": [source.id("AWS::SQS::Queue", "ArtifactsFailures8"), "Arn"] });
    let config = source.properties("AWS::Lambda::EventInvokeConfig");
    assert_eq!(config["DestinationConfig"]["OnFailure"]["Destination"], arn);
    let mapping = source.properties("AWS::Lambda::EventSourceMapping");
    assert_eq!(mapping["EventSourceArn"], arn);
}

#[test]
fn every_setting_reaches_the_function() {
    let [source, _] = templates(|_| {
        ReplicatedBucket::to(["us-west-2"])
            .memory(MiB(512))
            .reserved_concurrency(20)
            .objects_at_once(8)
            .multipart(MiB(100), MiB(50))
            .skip("tmp/", ".partial")
            .only(s3::Filter::prefix("a/").and_suffix(".zip"))
            .only(s3::Filter::prefix("b/"))
            .function_with(|function| function.log_level(LogLevel::Debug))
    });
    let function = source.properties(FUNCTION);
    assert_eq!(function["MemorySize"], 512);
    assert_eq!(function["ReservedConcurrentExecutions"], 20);
    assert_eq!(function["LoggingConfig"]["ApplicationLogLevel"], "DEBUG");
    let variables = variables(&source);
    for (name, value) in [
        ("CONCURRENCY", "8"),
        ("MULTIPART_THRESHOLD_BYTES", "104857600"),
        ("MULTIPART_PART_BYTES", "52428800"),
        ("SKIP_1_PREFIX", "tmp/"),
        ("SKIP_1_SUFFIX", ".partial"),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    let bucket = source.properties(BUCKET);
    let notifications = &bucket["NotificationConfiguration"]["LambdaConfigurations"];
    assert_eq!(notifications.as_array().unwrap().len(), 6);
    let read = source.allowing(IDENTITY, "s3:GetObjectTagging");
    let objects = [arn(&format!("{SOURCE}/a/*")), arn(&format!("{SOURCE}/b/*"))];
    assert_eq!(read[0]["Resource"], expected!(objects));
}

#[test]
fn every_setting_reaches_the_buckets() {
    let reader = Principal::account(ABROAD);
    let [source, west] = templates(|_| {
        ReplicatedBucket::to(["us-west-2"])
            .unversioned()
            .removal_policy(RemovalPolicy::Destroy)
            .source_with(|bucket| bucket.prefix("originals"))
            .replicas_with(|bucket, region| bucket.prefix(format!("copies-{region}")))
            .replica_statement(move |replica| {
                Statement::allow(["s3:GetObject"])
                    .by(reader.clone())
                    .on(replica.objects(""))
            })
    });
    for (template, name) in [
        (&source, "originals-123456789012-eu-central-1-an"),
        (&west, "copies-us-west-2-123456789012-us-west-2-an"),
    ] {
        let bucket = template.one(BUCKET);
        assert_eq!(bucket["DeletionPolicy"], "Delete");
        assert_eq!(bucket["Properties"]["BucketName"], name);
        assert!(bucket["Properties"]["VersioningConfiguration"].is_null());
    }
    assert_eq!(
        west.allowing("AWS::S3::BucketPolicy", "s3:GetObject").len(),
        1
    );
    assert!(
        source
            .allowing("AWS::S3::BucketPolicy", "s3:GetObject")
            .is_empty()
    );
}

#[test]
fn what_a_removal_does_is_said_for_all_replicas_or_for_one() {
    let [source, _] = templates(|_| {
        ReplicatedBucket::to([
            Replica::in_region("us-west-2"),
            Replica::in_region("ca-central-1").deletion(Deletion::Erase),
            Replica::in_region("us-east-1")
                .deletion(Deletion::Remove)
                .storage_class(s3::StorageClass::StandardInfrequentAccess),
        ])
        .keep_deleted()
    });
    let variables = variables(&source);
    assert_eq!(variables["DESTINATION_1_DELETION"], "keep");
    assert_eq!(variables["DESTINATION_2_DELETION"], "erase");
    assert!(variables["DESTINATION_3_DELETION"].is_null());
    assert_eq!(variables["DESTINATION_3_STORAGE_CLASS"], "STANDARD_IA");
    // Versions are removed where that is wanted, and nowhere else.
    let bucket = "s-artifacts-7ac805ef-123456789012-ca-central-1-an";
    for (action, resource) in [
        ("s3:DeleteObjectVersion", format!("{bucket}/*")),
        ("s3:ListBucketVersions", bucket.to_owned()),
    ] {
        let [statement] = source.allowing(IDENTITY, action)[..] else {
            panic!("one statement for {action}")
        };
        assert_eq!(statement["Resource"], arn(&resource));
    }
}

#[test]
fn names_follow_the_rule_of_paco_where_that_is_wanted() {
    let name = |group| {
        let name = PacoName::new("mynet", "dev")
            .application("app")
            .group(group);
        name.resource("s3bucket").bucket("my_artifacts")
    };
    let [source, west] = templates(|_| {
        ReplicatedBucket::to(["us-west-2"]).paco_names(["original", "replica"].map(name))
    });
    for (template, expected) in [
        (
            &source,
            "ne-mynet-dev-app-app-original-s3bucket-my-artifacts-euc1",
        ),
        (
            &west,
            "ne-mynet-dev-app-app-replica-s3bucket-my-artifacts-usw2",
        ),
    ] {
        assert_eq!(template.properties(BUCKET)["BucketName"], expected);
    }
    assert_eq!(
        variables(&source)["DESTINATION_1_BUCKET"],
        "ne-mynet-dev-app-app-replica-s3bucket-my-artifacts-usw2"
    );
    let agnostic = App::new();
    let stack = agnostic.stack("S", Environment::agnostic());
    let artifacts = ReplicatedBucket::to([Replica::in_source("copies/")]);
    stack.add("Artifacts", artifacts.paco_names(["a", "b"].map(name)));
    assert_error(
        &refusal_of(agnostic),
        "CW1403",
        &["this stack's region is not known"],
    );
}

#[test]
fn a_replica_in_another_account_lets_the_function_in_by_the_name_of_its_role() {
    let app = App::new();
    add(&app, |_| {
        ReplicatedBucket::to([Replica::in_account(ABROAD, "us-west-2")])
    });
    let abroad = format!("Regional-{ABROAD}-us-west-2");
    let [source, replica] = templates_of(app, ["S", &abroad]);
    let name = "s-artifacts-7ac805ef-eu-central-1";
    assert_eq!(source.properties("AWS::IAM::Role")["RoleName"], name);
    let role = format!("arn:${{AWS::Partition}}:iam::123456789012:role/{name}");
    let statements = replica.allowing("AWS::S3::BucketPolicy", "s3:PutObject");
    let [statement] = statements[..] else {
        panic!("{statements:?}")
    };
    assert_eq!(
        statement["Condition"]["ArnEquals"]["aws:PrincipalArn"],
        expected!({ "Fn::Sub": role })
    );
    let bucket = format!("s-artifacts-7ac805ef-{ABROAD}-us-west-2-an");
    let own = source.allowing(IDENTITY, "s3:PutObject");
    assert_eq!(own[0]["Resource"], arn(&format!("{bucket}/*")));
}

#[test]
fn a_replica_at_home_and_copies_in_the_source_are_in_one_stack() {
    let app = App::new();
    add(&app, |_| {
        ReplicatedBucket::to([
            Replica::in_region("eu-central-1"),
            Replica::in_source("copies/"),
        ])
    });
    let [source] = templates_of(app, ["S"]);
    assert_eq!(source.all(BUCKET).len(), 2);
    let variables = variables(&source);
    assert_eq!(variables["DESTINATION_2_BUCKET"], SOURCE);
    assert_eq!(variables["DESTINATION_2_PREFIX"], "copies/");
    assert_eq!(variables["SKIP_1_PREFIX"], "copies/");
    let written = source.allowing(IDENTITY, "s3:PutObject");
    let copies = arn(&format!("{SOURCE}/copies/*"));
    assert!(written[0]["Resource"].as_array().unwrap().contains(&copies));
}

#[test]
fn buckets_that_exist_can_be_source_and_replica() {
    let app = App::new();
    let west = app.stack("West", Environment::new("123456789012", "us-west-2"));
    let archive = west.add("Archive", s3::Bucket::new().prefix("archive"));
    let old = s3::Bucket::import(&west, "Old", "old-copies");
    add(&app, |stack| {
        let uploads = stack.add("Uploads", s3::Bucket::new().prefix("uploads"));
        let key = "arn:aws:kms:us-west-2:123456789012:key/0a1b";
        let key = kms::Key::import(stack, "Key", key);
        let replicas = [
            Replica::in_bucket(&archive),
            Replica::in_bucket(&old).prefix("a/").encrypted_with(&key),
            Replica::in_bucket(&old).prefix("b/").region("us-east-1"),
        ];
        ReplicatedBucket::to(replicas).source(&uploads)
    });
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let source = assembly.stack("S").unwrap();
    assert_eq!(source.dependencies(), ["West"]);
    let template = serde_json::from_str(&source.template().to_json()).unwrap();
    let template = crate::Template(template);
    assert_eq!(
        *variables(&template),
        expected!({
            "DESTINATION_1_BUCKET": "archive-123456789012-us-west-2-an", "DESTINATION_1_REGION": "us-west-2",
            "DESTINATION_2_BUCKET": "old-copies", "DESTINATION_2_REGION": "us-west-2",
            "DESTINATION_2_PREFIX": "a/",
            "DESTINATION_2_KMS_KEY": "arn:aws:kms:us-west-2:123456789012:key/0a1b",
            "DESTINATION_3_BUCKET": "old-copies", "DESTINATION_3_REGION": "us-east-1",
            "DESTINATION_3_PREFIX": "b/",
        })
    );
    assert_eq!(template.allowing(IDENTITY, "kms:Decrypt").len(), 1);
    assert_eq!(template.all(BUCKET).len(), 1);
}

#[test]
fn each_region_can_have_a_key() {
    let app = App::new();
    let west = app.stack("West", Environment::new("123456789012", "us-west-2"));
    let key = west.add("Key", kms::Key::new());
    add(&app, |_| {
        ReplicatedBucket::to([Replica::in_region("us-west-2").encrypted_with(&key)])
    });
    let [source, replica] = templates_of(app, ["S", "Regional-us-west-2"]);
    let rules =
        &replica.properties(BUCKET)["BucketEncryption"]["ServerSideEncryptionConfiguration"];
    let algorithm = &rules[0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"];
    assert_eq!(algorithm, "aws:kms");
    let [statement] = source.allowing(IDENTITY, "kms:GenerateDataKey")[..] else {
        panic!("one statement for the key")
    };
    assert_eq!(
        statement["Resource"]["Fn::GetStackOutput"]["StackName"],
        "West"
    );
}

#[test]
fn a_strict_stack_has_strict_replicas() {
    let app = App::new();
    let stack = app.stack("S", home()).strict();
    stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    let [source, replica] = templates_of(app, ["S", "Regional-us-west-2"]);
    for template in [&source, &replica] {
        assert_eq!(template.all("AWS::KMS::Key").len(), 1);
    }
    assert_eq!(
        source
            .allowing("AWS::IAM::ManagedPolicy", "s3:PutObject")
            .len(),
        1
    );
}

#[test]
fn constructs_of_a_stage_share_the_stacks_of_regions() {
    let app = App::new();
    let prod = app.stage("Prod");
    for name in ["Data", "Code"] {
        let stack = prod.stack(name, home());
        stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    }
    let [shared] = templates_of(app, ["Prod-Regional-us-west-2"]);
    let names: Vec<_> = shared.resources().map(|(id, _)| id).collect();
    assert_eq!(
        names
            .iter()
            .filter(|id| id.starts_with("DataArtifacts"))
            .count(),
        2
    );
    assert_eq!(
        names
            .iter()
            .filter(|id| id.starts_with("CodeArtifacts"))
            .count(),
        2
    );
}

#[test]
fn the_regions_of_the_app_are_meant_without_the_own_one() {
    let app = App::new();
    app.active_regions(["us-west-2", "eu-central-1"]);
    let artifacts = add(&app, |_| ReplicatedBucket::to_active_regions());
    assert_eq!(artifacts.replicas().len(), 1);
    let [source, _] = templates_of(app, ["S", "Regional-us-west-2"]);
    assert_eq!(variables(&source)["DESTINATION_1_BUCKET"], WEST);
}

#[test]
fn the_handle_gives_what_was_made() {
    let app = App::new();
    let artifacts = add(&app, |_| ReplicatedBucket::to(["us-west-2"]));
    assert_eq!(artifacts.scope().path(), "S/Artifacts");
    assert_eq!(artifacts.source().scope().path(), "S/Artifacts/Source");
    let [replica] = artifacts.replicas() else {
        panic!("one replica")
    };
    assert_eq!(
        replica.bucket().scope().path(),
        "Regional-us-west-2/S/Artifacts/Replica"
    );
    let function = artifacts.function().unwrap();
    assert_eq!(function.scope().path(), "S/Artifacts/Function");
    assert_eq!(artifacts.functions().count(), 1);
    let failures = artifacts.failure_queue().unwrap();
    assert_eq!(failures.scope().path(), "S/Artifacts/Failures");
    artifacts
        .source()
        .scope()
        .output("Region", replica.region());
    let [stack] = templates_of(app, ["S"]);
    let [region] = &stack.0["Outputs"]
        .as_object()
        .unwrap()
        .values()
        .collect::<Vec<_>>()[..]
    else {
        panic!("one output")
    };
    assert_eq!(region["Value"], "us-west-2");
}
