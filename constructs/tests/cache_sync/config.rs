//! The configuration file of a pypicloud server.

use cloudwright::prelude::*;
use serde_json::json as expected;
use tempfile::TempDir;

use crate::support::{assert_error, home, refusal_of};
use crate::{CacheSync, TABLE, Template, function, index, statements};

/// What a file with these settings makes.
fn of(settings: &str) -> CacheSync {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.ini");
    std::fs::write(
        &path,
        format!("[app:main]\nstorage.bucket = b\n{settings}\n[server:main]\nport = 1\n"),
    )
    .unwrap();
    CacheSync::from_config_ini(path)
}

fn variables(template: &Template) -> &serde_json::Value {
    &function(template, "IndexFunction")["Environment"]["Variables"]
}

const DYNAMO: &str = "
pypi.storage = s3
storage.bucket = wheels
storage.prefix = py/
storage.region_name = eu-central-1
pypi.db = dynamo
db.region_name = eu-central-1
db.aws_secret_access_key = hunter2
";

#[test]
fn an_index_in_tables_is_that_of_the_server() {
    let template = index(|_| of(DYNAMO));
    let said = expected!({ "PACKAGE_BUCKET": "wheels", "PACKAGE_PREFIX": "py/",
        "PACKAGE_TABLE": "DynamoPackage", "SUMMARY_TABLE": "PackageSummary" });
    assert_eq!(*variables(&template), said);
    assert!(template.all(TABLE).is_empty() && template.all("AWS::S3::Bucket").is_empty());
    let told = &template.properties("Custom::S3BucketNotifications")["BucketName"];
    assert_eq!(told, "wheels");
    assert!(!template.0.to_string().contains("hunter2"));
}

#[test]
fn other_names_and_another_region_are_read() {
    let more =
        "db.region_name = us-west-2\ndb.namespace = prod-\ndb.tablenames =\n    Files\n    Names";
    let template = index(|_| of(&format!("{DYNAMO}{more}")));
    let said = variables(&template);
    assert_eq!(said["PACKAGE_TABLE"], "prod-Files");
    assert_eq!(said["SUMMARY_TABLE"], "prod-Names");
    assert_eq!(said["TABLE_REGION"], "us-west-2");
    let arn =
        "arn:${AWS::Partition}:dynamodb:us-west-2:123456789012:table/prod-Files/index/name-index";
    let found = statements(&template, "IndexFunction", "dynamodb");
    assert_eq!(found[0]["Resource"], expected!({ "Fn::Sub": arn }));
}

#[test]
fn an_index_in_redis_is_that_of_the_server() {
    let redis = "pypi.storage = s3\nstorage.bucket = wheels\npypi.db = redis\ndb.url = redis://cache:6379/1";
    let template = index(|_| of(redis));
    assert_eq!(variables(&template)["REDIS_URL"], "redis://cache:6379/1");
}

#[test]
fn a_bucket_of_the_program_comes_before_that_of_the_file() {
    let template = index(|stack| {
        let bucket = stack.add("Wheels", s3::Bucket::new());
        let elsewhere = format!("{DYNAMO}storage.region_name = us-west-2");
        of(&elsewhere).bucket(&bucket)
    });
    assert_eq!(template.all("AWS::S3::Bucket").len(), 1);
    assert!(template.all("Custom::S3BucketNotifications").is_empty());
}

/// What a file says, the code, and what the message says.
const TABLE_OF_ERRORS: &[(&str, &str, &str)] = &[
    (
        "pypi.storage = s3",
        "CW1411",
        "a SQL database (`pypi.db = sql`, or nothing said)",
    ),
    (
        "pypi.storage = s3\npypi.db = sql\ndb.url = postgresql://h/d",
        "CW1411",
        "a SQL database",
    ),
    (
        "pypi.storage = s3\npypi.db = mongo",
        "CW1411",
        "got \"mongo\"",
    ),
    (
        "pypi.db = dynamo",
        "CW1411",
        "`pypi.storage = s3`, got \"file\"",
    ),
    (
        "pypi.storage = s3\npypi.db = dynamo\nstorage.bucket =",
        "CW1411",
        "no bucket is named",
    ),
    (
        "pypi.storage = gcs\npypi.db = dynamo",
        "CW1411",
        "got \"gcs\"",
    ),
    (
        "pypi.storage = s3\npypi.db = dynamo\ndb.host = localhost",
        "CW1411",
        "`db.host = localhost`",
    ),
    (
        "pypi.storage = s3\npypi.db = dynamo\ndb.tablenames = One",
        "CW1411",
        "got 1 names",
    ),
    (
        "pypi.storage = s3\npypi.db = dynamo\ndb.namespace = %(here)s",
        "CW1411",
        "`db.namespace` refers",
    ),
    (
        "pypi.storage = s3\npypi.db = redis",
        "CW1411",
        "needs the address of the server",
    ),
    (
        "pypi.storage = s3\npypi.db = redis\ndb.clustered = True",
        "CW1411",
        "a Redis cluster",
    ),
    (
        "pypi.storage = s3\npypi.db = redis\ndb.url = redis://:hunter2@h:1",
        "CW1202",
        "RedisServer::of_secret(&secret)",
    ),
    (
        "pypi.storage = s3\npypi.db = dynamo\nstorage.region_name = us-west-2",
        "CW1109",
        "in us-west-2 (`storage.region_name`), and the stack is in eu-central-1",
    ),
];

#[test]
fn what_cannot_be_kept_is_refused_by_its_name() {
    for (settings, code, said) in TABLE_OF_ERRORS {
        let app = App::new();
        let stack = app.stack("S", home());
        let line = line!() + 1;
        stack.add("Index", of(settings));
        let place = format!("tests/cache_sync/config.rs:{line}");
        let findings = refusal_of(app);
        assert_error(&findings, code, &[said, &place]);
        assert!(!findings.to_string().contains("hunter2"), "{findings}");
    }
}

#[test]
fn more_about_a_bucket_that_the_file_names_is_refused() {
    let app = App::new();
    let stack = app.stack("S", home());
    let index = of(DYNAMO).bucket_with(s3::Bucket::unversioned);
    stack.add("Index", index);
    let said = [
        "the packages are in `S/Index/Bucket`",
        "drop `.bucket_with(..)`",
    ];
    assert_error(&refusal_of(app), "CW1103", &said);
}

#[test]
fn a_cluster_is_one_however_it_is_said() {
    for (said, is_cluster) in [
        ("Y", true),
        ("t", true),
        ("ON", true),
        ("1", true),
        ("false", false),
        ("0", false),
    ] {
        let app = App::new();
        let stack = app.stack("S", home());
        let redis = format!(
            "pypi.storage = s3\npypi.db = redis\ndb.url = redis://h\ndb.clustered = {said}"
        );
        stack.add("Index", of(&redis));
        assert_eq!(app.synth().is_err(), is_cluster, "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_or_another_is_told() {
    let folder = TempDir::new().unwrap();
    let other = folder.path().join("other.ini");
    std::fs::write(&other, "[server:main]\nport = 1\n").unwrap();
    for (path, said) in [
        (folder.path().join("none.ini"), "none.ini` cannot be read"),
        (other, "other.ini` has no section [app:main]"),
    ] {
        let app = App::new();
        let stack = app.stack("S", home());
        stack.add("Index", CacheSync::from_config_ini(path));
        assert_error(&refusal_of(app), "CW1411", &[said]);
    }
}
