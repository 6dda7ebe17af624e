//! `cache-sync`: packages come into a bucket, their rows into the tables of a pypicloud server.

use cloudwright::iam::Statement;
use cloudwright::lambda::Handler;
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::wait_for;

use crate::{ACCOUNT, HERE, aws, deploy, handler, watch};

/// Everything that the handler needs of the tables, and for a rebuild.
const RIGHTS: [&str; 6] = [
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:DeleteItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:BatchGetItem",
];

fn table(stack: &Stack, name: &str, key: &str, index: Option<&str>) {
    let hash = |name: &str| json!([{ "AttributeName": name, "KeyType": "HASH" }]);
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let attributes: Vec<_> = [Some(key), index]
        .into_iter()
        .flatten()
        .map(attribute)
        .collect();
    let mut table = RawResource::new("AWS::DynamoDB::Table")
        .property("TableName", name)
        .property("BillingMode", "PAY_PER_REQUEST")
        .property("AttributeDefinitions", Json::List(attributes))
        .property("KeySchema", hash(key));
    if let Some(index) = index {
        let all = json!({ "ProjectionType": "ALL" });
        let by_name =
            json!({ "IndexName": "name-index", "KeySchema": hash(index), "Projection": all });
        table = table.property("GlobalSecondaryIndexes", json!([by_name]));
    }
    stack.add(name.to_owned(), table);
}

/// A bucket, tables whose names begin so, and a function for each list of rights, which has its name.
fn index(name: &'static str, functions: &[(&'static str, Vec<&'static str>)]) -> String {
    let app = App::new();
    let stack = app.stack(name, Environment::new(ACCOUNT, HERE));
    let bucket = stack.add("Packages", s3::Bucket::new());
    let [files, names] = ["Files", "Names"].map(|end| format!("{name}{end}"));
    table(&stack, &files, "filename", Some("name"));
    table(&stack, &names, "name", None);
    for (function, rights) in functions {
        let function = stack.add(
            *function,
            handler(Handler::CacheSync)
                .function_name(*function)
                .env("PACKAGE_BUCKET", bucket.name())
                .env("PACKAGE_PREFIX", "py/")
                .env("PACKAGE_TABLE", files.clone())
                .env("SUMMARY_TABLE", names.clone()),
        );
        bucket.grant_read(&function);
        let table = |end: &str| format!("arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/{name}{end}");
        let resources = [
            table("Files"),
            table("Names"),
            table("Files/index/name-index"),
        ];
        let statement = Statement::allow(rights.iter().copied());
        function.add_statement(resources.into_iter().fold(statement, Statement::on));
        if functions.len() == 1 {
            watch(&bucket, &function);
        }
    }
    stack.output("BucketName", bucket.name());
    deploy(app, &[(name, HERE)])["BucketName"].clone()
}

fn put(bucket: &str, key: &str, summary: &str) {
    let metadata = expected!({ "summary": summary, "requires-python": ">=3.9" });
    let object =
        expected!({ "Bucket": bucket, "Key": key, "Body": "content", "Metadata": metadata });
    aws(HERE).call("s3", "PutObject", &object);
}

fn delete(bucket: &str, key: &str) {
    let object = expected!({ "Bucket": bucket, "Key": key });
    aws(HERE).call("s3", "DeleteObject", &object);
}

fn row(table: &str, key: &str, value: &str) -> Option<Document> {
    let named =
        expected!({ "TableName": table, "Key": { key: { "S": value } }, "ConsistentRead": true });
    let mut answer = aws(HERE).call("dynamodb", "GetItem", &named);
    Some(answer["Item"].take()).filter(Document::is_object)
}

/// What a function answers to an event.
fn call(function: &str, event: &Document) -> Document {
    let call = expected!({ "FunctionName": function, "Payload": event.to_string() });
    let answer = aws(HERE).call("lambda", "Invoke", &call);
    serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap()
}

#[test]
fn packages_of_a_bucket_are_in_the_tables_until_they_are_gone() {
    let bucket = index("Index", &[("IndexSync", RIGHTS.to_vec())]);
    let (first, second) = ("py/1.0/six-1.0+l.zip", "py/six/six-2.0.tar.gz");
    put(&bucket, first, "one");
    let item = wait_for("the row", || row("IndexFiles", "filename", "six-1.0+l.zip"));
    assert_eq!(item["name"], expected!({ "S": "six" }));
    assert_eq!(item["version"], expected!({ "S": "1.0+l" }));
    assert_eq!(item["summary"], expected!({ "S": "one" }));
    let data = expected!({ "M": { "path": { "S": first }, "requires_python": { "S": ">=3.9" } } });
    assert_eq!(item["data"], data);
    assert!(item["last_modified"]["N"].is_string(), "{item}");
    let said = |summary: &'static str| {
        wait_for("what is said", || {
            let said = row("IndexNames", "name", "six")?;
            (said["summary"]["S"] == summary).then_some(())
        });
    };
    said("one");
    // S3 tells when an object was written in whole seconds: of two in one second either is the newest.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    put(&bucket, second, "two");
    said("two");
    delete(&bucket, second);
    said("one");
    delete(&bucket, first);
    wait_for("the removal", || {
        let left = row("IndexFiles", "filename", "six-1.0+l.zip");
        (left.is_none() && row("IndexNames", "name", "six").is_none()).then_some(())
    });
}

#[test]
fn a_rebuild_makes_the_tables_equal_to_the_bucket() {
    // Its rights are those of all of the handler, but nothing tells it of the objects.
    let functions = [
        ("Rebuilder", RIGHTS.to_vec()),
        ("Unused", Vec::from(["dynamodb:GetItem"])),
    ];
    let bucket = index("Rebuilding", &functions);
    for number in 0..12 {
        put(
            &bucket,
            &format!("py/a/p{number}-1.0.zip"),
            "told by nobody",
        );
    }
    put(&bucket, "elsewhere-1.0.zip", "not below the prefix");
    let ghost = expected!({
        "filename": { "S": "ghost-1.zip" }, "name": { "S": "ghost" }, "version": { "S": "1" },
        "last_modified": { "N": "1.5" }, "data": { "M": { "path": { "S": "py/ghost-1.zip" } } },
    });
    let planted = expected!({ "TableName": "RebuildingFiles", "Item": ghost });
    aws(HERE).call("dynamodb", "PutItem", &planted);
    let rebuild = expected!({ "rebuild": {} });
    assert_eq!(
        call("Rebuilder", &rebuild),
        expected!({ "files": 13, "changed": 13 })
    );
    assert_eq!(
        call("Rebuilder", &rebuild),
        expected!({ "files": 12, "changed": 0 })
    );
    let count = |table: &str| {
        let counted = expected!({ "TableName": table });
        aws(HERE).call("dynamodb", "Scan", &counted)["Count"].clone()
    };
    assert_eq!(
        (count("RebuildingFiles"), count("RebuildingNames")),
        (12.into(), 12.into())
    );
}

#[test]
fn every_right_to_the_tables_is_needed_and_a_missing_one_is_named() {
    let names = ["NoGet", "NoPut", "NoDelete", "NoQuery", "NoScan", "NoBatch"];
    let lacking = |lacking: &str| {
        RIGHTS
            .into_iter()
            .filter(|right| *right != lacking)
            .collect()
    };
    let functions: Vec<_> = names.into_iter().zip(RIGHTS.map(lacking)).collect();
    let bucket = index("Lacking", &functions);
    let event = |key: &str| {
        let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
            "s3": { "bucket": { "name": bucket }, "object": { "key": key } } });
        expected!({ "Records": [record] })
    };
    let failed = |function: &str, event: &Document, operation: &str| {
        let error = call(function, event);
        assert_eq!(error["errorType"], "AccessDenied", "{function}: {error}");
        let text = error["errorMessage"].as_str().unwrap();
        assert!(
            text.contains(&format!("DynamoDB {operation} on table Lacking")),
            "{text}"
        );
        let action = format!("dynamodb:{operation}").to_lowercase();
        assert!(text.to_lowercase().contains(&action), "{text}");
    };
    put(&bucket, "py/a-1.zip", "one");
    failed("NoBatch", &expected!({ "rebuild": {} }), "BatchGetItem");
    failed("NoGet", &event("py/a-1.zip"), "GetItem");
    failed("NoPut", &event("py/a-1.zip"), "PutItem");
    assert_eq!(call("NoDelete", &event("py/a-1.zip")), Document::Null);
    delete(&bucket, "py/a-1.zip");
    failed("NoDelete", &event("py/a-1.zip"), "DeleteItem");
    failed("NoQuery", &event("py/a-1.zip"), "Query");
    failed("NoScan", &expected!({ "rebuild": {} }), "Scan");
    assert_eq!(call("NoScan", &event("py/a-1.zip")), Document::Null);
    assert_eq!(row("LackingNames", "name", "a"), None);
}
