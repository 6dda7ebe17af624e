//! `PackageIndex` as a program says it, in two regions: packages go both ways, and the tables of each
//! region follow its own bucket.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright::patterns::PackageIndex;
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::wait_for;

use crate::{ACCOUNT, HERE, THERE, aws, upload_handlers};

/// The stacks, deployed in their order: the outputs of each region.
fn deploy() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let app = App::new();
    app.set_context("cloudwright:architecture", "x86_64");
    let stack = app.stack("Everywhere", Environment::new(ACCOUNT, HERE));
    let packages = PackageIndex::in_regions([THERE])
        .two_way()
        .prefix("py/")
        .packages_with(|packages| packages.timeout(seconds(10)))
        .index_with(|index, _| index.timeout(seconds(10)));
    let packages = stack.add("PyPI", packages);
    for index in packages.indexes() {
        let stack = index.bucket().scope().stack();
        stack.output("Bucket", index.bucket().name());
        stack.output("Rebuild", index.rebuild_function().name().cast::<String>());
    }
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let regional = format!("Regional-{THERE}");
    let stacks = [("Everywhere", HERE), (&*regional, THERE)];
    let deployed = stacks.map(|(name, region)| {
        let template = assembly.stack(name).unwrap().template().to_json();
        let template: Document = serde_json::from_str(&template).unwrap();
        upload_handlers(&template, region);
        (region, aws(region).deploy(name, &template).outputs)
    });
    deployed.into()
}

/// The names of the files that the tables of a region hold.
fn files(region: &str) -> BTreeSet<String> {
    let table = expected!({ "TableName": "DynamoPackage", "ConsistentRead": true });
    let found = aws(region).call("dynamodb", "Scan", &table);
    let items = found["Items"].as_array().unwrap().iter();
    items
        .filter_map(|item| item["filename"]["S"].as_str().map(str::to_owned))
        .collect()
}

fn expect(wanted: &[&str]) {
    let wanted: BTreeSet<_> = wanted.iter().map(|name| (*name).to_owned()).collect();
    for region in [HERE, THERE] {
        wait_for(&format!("{wanted:?} in {region}"), || {
            (files(region) == wanted).then_some(())
        });
    }
}

#[test]
fn packages_of_every_region_are_in_the_index_of_each() {
    let outputs = deploy();
    let put = |region: &str, key: &str| {
        aws(region).put_object(&outputs[region]["Bucket"], key, "content");
    };
    put(HERE, "py/six-1.0.tar.gz");
    put(THERE, "py/pandas-2.0.tar.gz");
    put(THERE, "elsewhere/pandas-3.0.tar.gz");
    expect(&["six-1.0.tar.gz", "pandas-2.0.tar.gz"]);
    let object = expected!({ "Bucket": outputs[HERE]["Bucket"], "Key": "py/pandas-2.0.tar.gz" });
    aws(HERE).call("s3", "DeleteObject", &object);
    expect(&["six-1.0.tar.gz"]);
    for region in [HERE, THERE] {
        let call = expected!({ "FunctionName": outputs[region]["Rebuild"], "Payload": "{\"rebuild\":{}}" });
        let answer = aws(region).call("lambda", "Invoke", &call);
        let answer: Document = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
        assert_eq!(answer, expected!({ "files": 1, "changed": 0 }), "{region}");
    }
}
