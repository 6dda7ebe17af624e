//! Buckets: their defaults, their names, who may use them, and what they refuse.

use cloudwright::prelude::*;
use cloudwright::s3::{Encryption, LifecycleRule, StorageClass};
use serde_json::{Value as Plain, json};

/// The finished template of a program with one stack.
fn template(environment: Environment, program: impl FnOnce(&Stack)) -> Plain {
    let app = App::new();
    program(&app.stack("Files", environment));
    let assembly = app.synth().unwrap_or_else(|found| panic!("{found}"));
    serde_json::from_str(&assembly.stacks()[0].template().to_json()).unwrap()
}

/// The findings of a program that must not synthesize.
fn refused(program: impl FnOnce(&Stack)) -> String {
    let app = App::new();
    program(&app.stack("Files", frankfurt()));
    app.synth().err().expect("the program is wrong").to_string()
}

fn frankfurt() -> Environment {
    Environment::new("123456789012", "eu-central-1")
}

fn of_type<'a>(template: &'a Plain, kind: &str) -> Vec<&'a Plain> {
    let resources = template["Resources"].as_object().unwrap().values();
    resources
        .filter(|resource| resource["Type"] == kind)
        .collect()
}

fn bucket(template: &Plain) -> &Plain {
    of_type(template, "AWS::S3::Bucket")[0]
}

fn statements(template: &Plain, kind: &str) -> String {
    of_type(template, kind)[0]["Properties"]["PolicyDocument"]["Statement"].to_string()
}

#[test]
fn a_plain_bucket_is_private_encrypted_versioned_and_kept() {
    let template = template(frankfurt(), |stack| {
        stack.add("Uploads", s3::Bucket::new());
    });
    let bucket = bucket(&template);
    let properties = &bucket["Properties"];
    for flag in [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ] {
        assert_eq!(
            properties["PublicAccessBlockConfiguration"][flag], true,
            "{flag}"
        );
    }
    assert_eq!(
        properties["OwnershipControls"]["Rules"][0]["ObjectOwnership"],
        "BucketOwnerEnforced"
    );
    assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled");
    assert_eq!(properties["BucketNamespace"], "account-regional");
    let rule = &properties["LifecycleConfiguration"]["Rules"][0];
    assert_eq!(
        rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"],
        7
    );
    assert_eq!(rule["NoncurrentVersionExpiration"]["NoncurrentDays"], 90);
    let encryption = &properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
    assert_eq!(
        encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "AES256"
    );
    assert_eq!(bucket["DeletionPolicy"], "RetainExceptOnCreate");
    assert_eq!(bucket["UpdateReplacePolicy"], "Retain");
    let policy = statements(&template, "AWS::S3::BucketPolicy");
    assert!(
        policy.contains(r#""aws:SecureTransport":false"#),
        "{policy}"
    );
    assert!(policy.contains(r#""s3:TlsVersion":1.2"#), "{policy}");
}

#[test]
fn the_name_is_known_in_a_known_environment_and_made_at_deployment_in_another() {
    let known = template(frankfurt(), |stack| {
        stack.add("Uploads", s3::Bucket::new().prefix("acme-uploads"));
    });
    assert_eq!(
        bucket(&known)["Properties"]["BucketName"],
        "acme-uploads-123456789012-eu-central-1-an"
    );
    let anywhere = template(Environment::agnostic(), |stack| {
        stack.add("Uploads", s3::Bucket::new().prefix("acme-uploads"));
    });
    let name = json!({ "Fn::Sub": "acme-uploads-${AWS::AccountId}-${AWS::Region}-an" });
    assert_eq!(bucket(&anywhere)["Properties"]["BucketName"], name);
}

#[test]
fn default_names_fit_in_the_longest_region_and_differ_between_stages() {
    let app = App::new();
    let mut names = Vec::new();
    for stage in ["Development", "Production"] {
        let stack = app.stage(stage).stack(
            "AStackWithAVeryLongNameIndeed",
            Environment::new("123456789012", "us-isof-south-1"),
        );
        names.push(stack.add("ABucketWithAVeryLongNameToo", s3::Bucket::new()));
    }
    let assembly = app.synth().unwrap();
    let shown: Vec<String> = assembly
        .stacks()
        .iter()
        .map(|stack| {
            let mut buckets = stack
                .template()
                .resources()
                .filter(|resource| resource.kind() == "AWS::S3::Bucket");
            let name = buckets
                .next()
                .unwrap()
                .properties()
                .get("BucketName")
                .unwrap();
            name.as_text().unwrap().to_owned()
        })
        .collect();
    assert!(shown.iter().all(|name| name.len() <= 63), "{shown:?}");
    assert_ne!(shown[0], shown[1]);
}

#[test]
fn grants_become_one_minimal_policy_and_nothing_waits_for_the_bucket() {
    let template = template(frankfurt(), |stack| {
        let bucket = stack.add("Uploads", s3::Bucket::new());
        let role = stack.add(
            "Worker",
            iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
        );
        bucket
            .grant_read(&role)
            .grant_write(&role)
            .grant_read(&role)
            .grant_delete(&role);
    });
    let policies = of_type(&template, "AWS::IAM::Policy");
    assert_eq!(policies.len(), 1);
    let policy = policies[0].to_string();
    assert_eq!(policy.matches("\"Effect\"").count(), 2, "{policy}");
    for action in [
        "s3:ListBucket",
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
    ] {
        assert_eq!(
            policy.matches(&format!("\"{action}\"")).count(),
            1,
            "{action} in {policy}"
        );
    }
    assert!(
        !policy.contains("s3:*") && !policy.contains("UploadsResource"),
        "{policy}"
    );
}

#[test]
fn outsiders_come_in_by_the_bucket_policy() {
    let template = template(frankfurt(), |stack| {
        let bucket = stack.add("Uploads", s3::Bucket::new());
        bucket.grant_read(&Principal::account("210987654321"));
    });
    let policy = statements(&template, "AWS::S3::BucketPolicy");
    assert!(policy.contains("iam::210987654321:root"), "{policy}");
    assert!(of_type(&template, "AWS::IAM::Policy").is_empty());
}

#[test]
fn a_grant_on_an_encrypted_bucket_brings_the_key() {
    let template = template(frankfurt(), |stack| {
        let key = stack.add("Key", kms::Key::new());
        let bucket = stack.add(
            "Uploads",
            s3::Bucket::new().encryption(Encryption::Kms(key)),
        );
        let role = stack.add(
            "Worker",
            iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
        );
        bucket.grant_read(&role);
    });
    let policy = statements(&template, "AWS::IAM::Policy");
    assert!(
        policy.contains("kms:Decrypt") && !policy.contains("kms:Encrypt"),
        "{policy}"
    );
    let encryption = &bucket(&template)["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        [0];
    assert_eq!(encryption["BucketKeyEnabled"], true);
}

#[test]
fn strict_stacks_use_a_key_of_their_own_and_keep_access_logs() {
    let app = App::new();
    let stack = app.stack("Files", frankfurt()).strict();
    stack.add("Uploads", s3::Bucket::new());
    stack.add("Results", s3::Bucket::new());
    let assembly = app.synth().unwrap();
    let template: Plain = serde_json::from_str(&assembly.stacks()[0].template().to_json()).unwrap();
    assert_eq!(of_type(&template, "AWS::KMS::Key").len(), 1);
    let buckets = of_type(&template, "AWS::S3::Bucket");
    assert_eq!(buckets.len(), 3);
    let logged = buckets
        .iter()
        .filter(|bucket| bucket["Properties"]["LoggingConfiguration"].is_object());
    assert_eq!(logged.count(), 2);
}

#[test]
fn everything_that_can_be_said_is_written() {
    let template = template(frankfurt(), |stack| {
        let logs = stack.add("Logs", s3::Bucket::new().log_target());
        let rule = LifecycleRule::new()
            .id("Archive")
            .prefix("old/")
            .move_after(days(30), StorageClass::StandardInfrequentAccess)
            .move_noncurrent_after(days(7), StorageClass::GlacierInstantRetrieval)
            .expire_after(days(365));
        let bucket = s3::Bucket::new()
            .lifecycle(rule)
            .lifecycle(LifecycleRule::new().remove_expired_markers())
            .access_logs(&logs, "uploads/")
            .cors(&["https://example.com"], &["GET", "PUT"])
            .event_bridge()
            .transfer_acceleration()
            .object_lock()
            .removal_policy(RemovalPolicy::Destroy);
        stack.add("Uploads", bucket);
    });
    let buckets = of_type(&template, "AWS::S3::Bucket");
    let full = buckets
        .iter()
        .find(|bucket| bucket["DeletionPolicy"] == "Delete")
        .unwrap();
    for property in [
        "LoggingConfiguration",
        "CorsConfiguration",
        "NotificationConfiguration",
        "AccelerateConfiguration",
        "ObjectLockEnabled",
    ] {
        assert!(!full["Properties"][property].is_null(), "{property}");
    }
    assert_eq!(
        full["Properties"]["LifecycleConfiguration"]["Rules"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn each_word_about_pages_adds_to_the_others() {
    let template = template(frankfurt(), |stack| {
        let bucket = s3::Bucket::new()
            .cors(&["https://shop.example"], &["GET"])
            .cors(&["https://admin.example"], &["PUT"]);
        stack.add("Uploads", bucket);
    });
    let rules = &bucket(&template)["Properties"]["CorsConfiguration"]["CorsRules"];
    let said = |index: usize| {
        (
            &rules[index]["AllowedOrigins"],
            &rules[index]["AllowedMethods"],
        )
    };
    assert_eq!(said(0), (&json!(["https://shop.example"]), &json!(["GET"])));
    assert_eq!(
        said(1),
        (&json!(["https://admin.example"]), &json!(["PUT"]))
    );
    let told = |origins: [&'static str; 2]| {
        let app = App::new();
        let bucket = s3::Bucket::new()
            .cors(&[origins[0]], &["GET"])
            .cors(&[origins[1]], &["PUT"]);
        app.stack("S", frankfurt()).add("Uploads", bucket);
        app.synth().unwrap().warnings().to_string()
    };
    let found = told(["*", "https://shop.example"]);
    assert!(found.contains("CW1103"), "{found}");
    assert!(found.contains("https://shop.example are named"), "{found}");
    assert_eq!(told(["*", "*"]), "");
    assert_eq!(told(["https://shop.example", "https://admin.example"]), "");
    for (origins, methods) in [(&[][..], &["GET"][..]), (&["https://shop.example"], &[])] {
        let found = refused(|stack| {
            stack.add("Uploads", s3::Bucket::new().cors(origins, methods));
        });
        assert!(found.contains("at least one origin"), "{found}");
    }
}

#[test]
fn a_lifecycle_that_s3_refuses_is_reported() {
    use StorageClass::{GlacierDeepArchive as Archive, OneZoneInfrequentAccess as OneZone};
    let rule = LifecycleRule::new;
    for (refusal, wrong, right) in [
        (
            "nothing to do",
            rule().prefix("a/"),
            rule().expire_after(days(1)),
        ),
        (
            "got 0 days",
            rule().expire_after(days(0)),
            rule().expire_after(days(1)),
        ),
        (
            "got 0 days",
            rule().abort_uploads_after(days(0)),
            rule().abort_uploads_after(days(1)),
        ),
        (
            "ONEZONE_IA after 30 days or more, got 29",
            rule().move_after(days(29), OneZone),
            rule().move_after(days(30), OneZone),
        ),
        (
            "ONEZONE_IA after 30 days or more, got 29",
            rule().move_noncurrent_after(days(29), OneZone),
            rule().move_noncurrent_after(days(1), Archive),
        ),
        (
            "before or when it moves them to DEEP_ARCHIVE",
            rule().move_after(days(90), Archive).expire_after(days(90)),
            rule().move_after(days(90), Archive).expire_after(days(91)),
        ),
        (
            "before or when it moves them to DEEP_ARCHIVE",
            rule()
                .move_noncurrent_after(days(9), Archive)
                .expire_noncurrent_after(days(8)),
            rule()
                .move_noncurrent_after(days(9), Archive)
                .expire_noncurrent_after(days(10)),
        ),
        (
            "a rule of its own",
            rule().expire_after(days(1)).remove_expired_markers(),
            rule().move_after(days(0), Archive).remove_expired_markers(),
        ),
    ] {
        let found = refused(|stack| {
            stack.add("Uploads", s3::Bucket::new().lifecycle(wrong));
        });
        assert!(found.contains(refusal), "{found}");
        template(frankfurt(), |stack| {
            stack.add("Uploads", s3::Bucket::new().lifecycle(right));
        });
    }
}

#[test]
fn an_imported_bucket_takes_grants() {
    let template = template(frankfurt(), |stack| {
        let bucket = s3::Bucket::import(stack, "Theirs", "their-bucket");
        let role = stack.add(
            "Worker",
            iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
        );
        bucket.grant_read(&role);
    });
    assert!(statements(&template, "AWS::IAM::Policy").contains(":s3:::their-bucket/*"));
    assert!(of_type(&template, "AWS::S3::Bucket").is_empty());
}

#[test]
fn impossible_names_are_refused_with_the_budget() {
    let found = refused(|stack| {
        stack.add(
            "Long",
            s3::Bucket::new().prefix("a-prefix-that-is-far-too-long-for-a-bucket"),
        );
        stack.add("Upper", s3::Bucket::new().prefix("Upper_Case"));
        stack.add("Short", s3::Bucket::new().bucket_name("ab"));
    });
    assert!(found.contains("the prefix may have 34, got 42"), "{found}");
    assert!(
        found.contains("got \"Upper_Case\"") && found.contains("got 2 (\"ab\")"),
        "{found}"
    );
    assert!(
        found.contains("constructs/tests/s3.rs:") || found.contains("tests/s3.rs:"),
        "{found}"
    );
}

#[test]
fn the_policy_of_an_imported_bucket_is_its_owners() {
    let found = refused(|stack| {
        let bucket = s3::Bucket::import(stack, "Theirs", "their-bucket");
        bucket.add_statement(
            Statement::allow(["s3:GetObject"])
                .by(Principal::everyone())
                .on("*"),
        );
        bucket.grant_read(&Principal::account("210987654321"));
    });
    assert_eq!(found.matches("CW1005").count(), 2, "{found}");
}
