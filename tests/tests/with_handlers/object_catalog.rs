//! The example `object-catalog` on the local AWS: its own program, with the rights that the construct gives and no other.
//! Rows follow objects and their tags, and a rebuild finds what no event told.

use std::collections::BTreeMap;
use std::path::Path;

use cloudwright::dynamodb::{Attribute, Table};
use cloudwright::lambda::{Architecture, Code};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::{Deployed, wait_for};
use tests::tools::{catalog, isolated, require};

use crate::{ACCOUNT, HERE, aws, template_of};

/// What an action needs, and the call that fails without it.
type Needs = (&'static str, fn(&Catalog) -> Document);

struct Catalog {
    template: Document,
    deployed: Deployed,
}

impl Catalog {
    fn deploy(name: &'static str) -> Self {
        let app = App::new();
        app.set_context("cloudwright:architecture", "x86_64");
        let stack = app.stack(name, Environment::new(ACCOUNT, HERE));
        let rows = stack.add("Rows", Table::new(Attribute::string("key")));
        let folder = format!(
            "{}/../examples/object-catalog/catalog",
            env!("CARGO_MANIFEST_DIR")
        );
        let code = Code::cargo(folder).features(["function"]);
        let index = CacheSync::of(code, &rows)
            .tags()
            .prefix("in/")
            .timeout(seconds(10))
            .function_with(|function| function.architecture(Architecture::X86_64));
        let index = stack.add("Catalog", index);
        stack.output("Bucket", index.bucket().name());
        stack.output("Table", rows.name().cast::<String>());
        stack.output("Function", index.function().name().cast::<String>());
        stack.output("Rebuild", index.rebuild_function().name().cast::<String>());
        stack.output("Queue", index.queue().url());
        stack.output("Machine", index.reload().cast::<String>());
        let template = template_of(app, name);
        upload(&template);
        let deployed = aws(HERE).deploy(name, &template);
        Self { template, deployed }
    }

    fn output(&self, id: &str) -> &str {
        &self.deployed.outputs[id]
    }

    fn put(&self, key: &str, content: &str) {
        aws(HERE).put_object(self.output("Bucket"), key, content);
    }

    /// Tags an object. The local engine tells nobody of that, so the event that S3 sends is sent here.
    fn tag(&self, key: &str, tags: &Document) {
        let (bucket, tagging) = (self.output("Bucket"), expected!({ "TagSet": tags }));
        let object = expected!({ "Bucket": bucket, "Key": key, "Tagging": tagging });
        aws(HERE).call("s3", "PutObjectTagging", &object);
        let key = key.replace('+', "%2B").replace(' ', "+");
        let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectTagging:Put", "awsRegion": HERE,
            "s3": { "bucket": { "name": bucket }, "object": { "key": key } } });
        let body = expected!({ "Records": [record] }).to_string();
        let message = expected!({ "QueueUrl": self.output("Queue"), "MessageBody": body });
        aws(HERE).call("sqs", "SendMessage", &message);
    }

    fn delete(&self, key: &str) {
        let object = expected!({ "Bucket": self.output("Bucket"), "Key": key });
        aws(HERE).call("s3", "DeleteObject", &object);
    }

    /// The rows of the table, by key.
    fn rows(&self) -> BTreeMap<String, Document> {
        let table = expected!({ "TableName": self.output("Table"), "ConsistentRead": true });
        let found = aws(HERE).call("dynamodb", "Scan", &table);
        let rows = found["Items"].as_array().unwrap().iter();
        rows.map(|row| (row["key"]["S"].as_str().unwrap().to_owned(), row.clone()))
            .collect()
    }

    fn wait(&self, what: &str, is: impl Fn(&BTreeMap<String, Document>) -> bool) {
        wait_for(what, || is(&self.rows()).then_some(()));
    }

    fn call(&self, function: &str, event: &Document) -> Document {
        let call =
            expected!({ "FunctionName": self.output(function), "Payload": event.to_string() });
        let answer = aws(HERE).call("lambda", "Invoke", &call);
        serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap()
    }

    /// What the operation `reload` ends with.
    fn reload(&self, payload: &Document) -> Document {
        let machine = self.output("Machine");
        let start = expected!({ "stateMachineArn": machine, "input": payload.to_string() });
        let run = aws(HERE).call("stepfunctions", "StartExecution", &start);
        let run = expected!({ "executionArn": run["executionArn"] });
        let end = wait_for("the end of the run", || {
            let run = aws(HERE).call("stepfunctions", "DescribeExecution", &run);
            (run["status"] != "RUNNING").then_some(run)
        });
        assert_eq!(end["status"], "SUCCEEDED", "{end}");
        serde_json::from_str(end["output"].as_str().unwrap()).unwrap()
    }
}

/// Uploads what the command of the asset makes, from the quick build.
fn upload(template: &Document) {
    let resources = template["Resources"].as_object().unwrap().values();
    let functions = resources.filter(|one| one["Type"] == "AWS::Lambda::Function");
    let place = functions.map(|one| &one["Properties"]["Code"]).next();
    let place = place.expect("a function");
    let folder = tempfile::tempdir().expect("a folder for the archive");
    let (program, archive) = (folder.path().join("bootstrap"), folder.path().join("c.zip"));
    std::fs::copy(catalog(), &program).expect("the program is there");
    let packed = isolated(&require("ministack", "bin/python"))
        .args(["-m", "zipfile", "-c"])
        .args([&*archive, &*program] as [&Path; 2])
        .status();
    assert!(packed.is_ok_and(|status| status.success()));
    let bucket = place["S3Bucket"].as_str().unwrap();
    let location = expected!({ "LocationConstraint": HERE });
    let made = expected!({ "Bucket": bucket, "CreateBucketConfiguration": location });
    let _ = aws(HERE).try_call("s3", "CreateBucket", &made);
    let object = expected!({ "Bucket": bucket, "Key": place["S3Key"], "BodyFile": archive });
    aws(HERE).call("s3", "PutObject", &object);
}

#[test]
fn a_catalog_follows_objects_and_their_tags() {
    let catalog = Catalog::deploy("catalog-following");
    let key = "in/a b+é.txt";
    catalog.put(key, "content");
    catalog.put("elsewhere/b", "not below the prefix");
    catalog.wait("the row", |rows| rows.len() == 1);
    let row = catalog.rows()[key].clone();
    assert_eq!(row["size"], expected!({ "N": "7" }));
    assert_eq!(
        row["etag"],
        expected!({ "S": "9a0364b9e99bb480dd25e1f0284c8555" })
    );
    assert_eq!(row["tags"], expected!({ "M": {} }));
    assert!(row["last_modified"]["N"].is_string(), "{row}");

    catalog.tag(key, &expected!([{ "Key": "team", "Value": "maps" }]));
    let tagged = expected!({ "M": { "team": { "S": "maps" } } });
    catalog.wait("the tags", |rows| rows[key]["tags"] == tagged);
    catalog.put(key, "overwritten");
    let size = expected!({ "N": "11" });
    catalog.wait("the new size", |rows| rows[key]["size"] == size);
    catalog.delete(key);
    catalog.wait("no row", BTreeMap::is_empty);
}

#[test]
fn a_reload_makes_a_catalog_equal_to_its_bucket() {
    let catalog = Catalog::deploy("catalog-reload");
    for number in 0..5 {
        catalog.put(&format!("in/{number}"), "content");
    }
    catalog.wait("all rows", |rows| rows.len() == 5);
    let row = expected!({ "key": { "S": "in/ghost" }, "last_modified": { "N": "1" } });
    let ghost = expected!({ "TableName": catalog.output("Table"), "Item": row });
    aws(HERE).call("dynamodb", "PutItem", &ghost);
    let gone = expected!({ "key": { "S": "in/3" } });
    let gone = expected!({ "TableName": catalog.output("Table"), "Key": gone });
    aws(HERE).call("dynamodb", "DeleteItem", &gone);
    let all = expected!({});
    assert_eq!(
        catalog.reload(&all),
        expected!({ "files": 6, "changed": 2 })
    );
    let thorough = expected!({ "thorough": true });
    let equal = expected!({ "files": 5, "changed": 0 });
    assert_eq!(catalog.reload(&thorough), equal);
    assert_eq!(
        catalog.reload(&expected!({ "from": "object:in/1" }))["changed"],
        0
    );
}

fn told(catalog: &Catalog, key: &str) -> Document {
    let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
        "s3": { "bucket": { "name": catalog.output("Bucket") }, "object": { "key": key } } });
    catalog.call("Function", &expected!({ "Records": [record] }))
}

fn rebuild(catalog: &Catalog) -> Document {
    catalog.call("Rebuild", &expected!({ "rebuild": {} }))
}

/// Every right of the functions to bucket and table.
const NEEDED: [Needs; 8] = [
    ("s3:GetObject", |catalog| told(catalog, "in/a")),
    ("s3:GetObjectTagging", |catalog| told(catalog, "in/a")),
    ("s3:ListBucket", rebuild),
    ("dynamodb:PutItem", |catalog| told(catalog, "in/a")),
    // What is not in the bucket may be in the table.
    ("dynamodb:GetItem", |catalog| told(catalog, "in/ghost")),
    ("dynamodb:DeleteItem", |catalog| told(catalog, "in/ghost")),
    ("dynamodb:BatchGetItem", rebuild),
    ("dynamodb:Scan", rebuild),
];

#[test]
fn every_right_of_a_catalog_is_needed() {
    let catalog = Catalog::deploy("catalog-lacking");
    catalog.put("in/a", "content");
    catalog.wait("the row", |rows| rows.len() == 1);
    let row = expected!({ "key": { "S": "in/ghost" }, "last_modified": { "N": "1" } });
    let ghost = expected!({ "TableName": catalog.output("Table"), "Item": row });
    aws(HERE).call("dynamodb", "PutItem", &ghost);
    for (action, call) in NEEDED {
        let lacking = crate::cache_sync::without(&catalog.template, action);
        aws(HERE).deploy("catalog-lacking", &lacking);
        let error = call(&catalog);
        assert_eq!(error["errorType"], "AccessDenied", "{action}: {error}");
    }
    aws(HERE).deploy("catalog-lacking", &catalog.template);
    assert_eq!(rebuild(&catalog), expected!({ "files": 2, "changed": 1 }));
}
