//! The example `three-stages` as it is: convert, validate, submit, with a topic before each stage.

use tests::aws::Caller;
use tests::bundles::own_processor;
use tests::engine::Engine;
use tests::examples::{program, synth_in};
use tests::tools::bootstrap;

use super::*;

/// Where the example is deployed.
const OWNER: &str = "111111111111";
const REGION: &str = "us-east-1";
/// More than ten soundings that are deeper than any sea.
const DEEP: &str = "2026-01-01T00:00:00Z,8.1,54.2,17500\n";

/// A client of the example's account.
fn owner() -> Aws {
    let root = Caller {
        key: OWNER.to_owned(),
        secret: "test".to_owned(),
        token: None,
    };
    Aws::with_caller(&Engine::shared().endpoint(), REGION, root)
}

/// The template of the example, but that it posts to `url`, and that its subscriptions have no filters: the engine's
/// topics do not look into the lists of an event, as those of AWS do.
fn template(url: &str) -> Document {
    let assembly = synth_in(isolated(&program("three-stages")), &[own_processor()]);
    let mut template = assembly.stacks()["Bathymetry"].template.clone();
    for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
        let kind = resource["Type"].clone();
        let properties = &mut resource["Properties"];
        if kind == "AWS::SNS::Subscription" {
            let properties = properties.as_object_mut().unwrap();
            properties.remove("FilterPolicy");
            properties.remove("FilterPolicyScope");
        }
        if let Some(place) = properties.pointer_mut("/Environment/Variables/SUBMIT_URL") {
            *place = expected!(url);
        }
    }
    template
}

/// Uploads the packages of all functions.
fn upload(aws: &Aws, template: &Document) {
    let bucket = format!("cdk-hnb659fds-assets-{OWNER}-{REGION}");
    aws.call("s3", "CreateBucket", &expected!({ "Bucket": bucket }));
    let stand_in = tempfile::NamedTempFile::new().unwrap();
    fs::write(stand_in.path(), BOTO3).unwrap();
    let folder = PathBuf::from(example("three-stages/validate"));
    let (checks, settings) = (folder.join("validate.py"), folder.join("configure.json"));
    let handlers = bootstrap();
    for function in template["Resources"].as_object().unwrap().values() {
        let properties = &function["Properties"];
        let (Some(key), Some(handler)) = (
            properties["Code"]["S3Key"].as_str(),
            properties["Handler"].as_str(),
        ) else {
            continue;
        };
        match handler {
            "bootstrap" => put_archive(aws, &bucket, key, bundle()),
            "validate.handler" => {
                let files = [
                    (&*checks, "validate.py"),
                    (&*settings, "configure.json"),
                    (stand_in.path(), "boto3.py"),
                ];
                pack(aws, &bucket, key, &files);
            }
            _ => pack(aws, &bucket, key, &[(&handlers, "bootstrap")]),
        }
    }
}

#[test]
fn the_example_converts_validates_and_submits() {
    let archive = Archive::open();
    let aws = owner();
    let template = template(&format!("{}/upload", archive.server.url()));
    upload(&aws, &template);
    let stack = aws.deploy("Bathymetry", &template);
    let secret = expected!({ "SecretId": stack.outputs["TokenArn"], "SecretString": "s3cret" });
    aws.call("secretsmanager", "PutSecretValue", &secret);

    let incoming = &stack.outputs["IncomingBucket"];
    let deep = format!("WIBL PRO-8 logger-2\n{}", DEEP.repeat(11));
    aws.put_object(incoming, "2026/deep.wibl", &deep);
    aws.put_object(incoming, "2026/one +é.wibl", GOOD);
    // One sounding that makes no sense is dropped, and the rest passes.
    aws.put_object(incoming, "2026/two.wibl", &format!("{GOOD}{DEEP}"));
    let files = wait_for("both files at the archive", || {
        Some(archive.files()).filter(|files| files.len() == 2)
    });
    assert!(files.keys().eq(["one +é.json", "two.json"]), "{files:?}");
    for posts in files.values() {
        assert_eq!(posts.len(), 1, "{posts:?}");
        assert!(posts[0].contains("\"uniqueID\": \"UNHJHC-PRO-7\"") || posts[0].contains("PRO-7"));
        assert_eq!(
            posts[0].matches("\"coordinates\"").count(),
            1,
            "{}",
            posts[0]
        );
    }
    let named = expected!({ "Bucket": stack.outputs["ValidBucket"], "Key": "2026/two.json" });
    let tags = aws.call("s3", "GetObjectTagging", &named)["TagSet"].to_string();
    assert!(
        tags.contains("PRO-7") && tags.contains("logger-1"),
        "{tags}"
    );
    // The file with too many faults got as far as the second stage, and not further.
    let list = |bucket: &str| {
        let listed = aws.call("s3", "ListObjectsV2", &expected!({ "Bucket": bucket }));
        listed["KeyCount"].as_u64().unwrap()
    };
    assert_eq!(list(&stack.outputs["StagingBucket"]), 3);
    assert_eq!(list(&stack.outputs["ValidBucket"]), 2);
    let state = |object: &str| {
        let table = stack
            .resources
            .iter()
            .find(|(id, _)| id.contains("Deliveries"));
        let rows = aws.call(
            "dynamodb",
            "Scan",
            &expected!({ "TableName": table.unwrap().1 }),
        );
        rows["Items"].to_string().contains(object)
    };
    assert!(state("2026/one +é.json") && !state("2026/deep.json"));
}
