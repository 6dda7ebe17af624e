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
        stack.output("Queue", index.queue().url());
        let letters = index.queue().dead_letter_queue().expect("they are kept");
        stack.output("DeadLetters", letters.url());
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

/// The files that the tables of a region hold, with the seconds at which their objects were written.
fn rows(region: &str) -> BTreeMap<String, i64> {
    let table = expected!({ "TableName": "DynamoPackage", "ConsistentRead": true });
    let found = aws(region).call("dynamodb", "Scan", &table);
    let items = found["Items"].as_array().unwrap().iter();
    let row = |item: &Document| {
        let modified = item["last_modified"]["N"].as_str()?.parse().ok()?;
        Some((item["filename"]["S"].as_str()?.to_owned(), modified))
    };
    items.filter_map(row).collect()
}

/// The names of the files that the tables of a region hold.
fn files(region: &str) -> BTreeSet<String> {
    rows(region).into_keys().collect()
}

/// How many messages a queue has, those that somebody works on included.
fn waiting(region: &str, queue: &str) -> u64 {
    let names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
    ];
    let asked = expected!({ "QueueUrl": queue, "AttributeNames": names });
    let told = aws(region).call("sqs", "GetQueueAttributes", &asked);
    let count = |name: &str| {
        told["Attributes"][name]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    names.into_iter().map(count).sum()
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
        let answer = rebuild(&outputs[region]["Rebuild"], region, &expected!({}));
        assert_eq!(answer, expected!({ "files": 1, "changed": 0 }), "{region}");
    }

    let buckets = [HERE, THERE].map(|region| (region, outputs[region]["Bucket"].clone()));
    // What fails comes again after seconds, in place of six times the function's timeout.
    let hurry = expected!({ "VisibilityTimeout": "6" });
    let hurry = expected!({ "QueueUrl": outputs[HERE]["Queue"], "Attributes": hurry });
    aws(HERE).call("sqs", "SetQueueAttributes", &hurry);
    let unreadable = happen(&buckets, &outputs[HERE]["Queue"]);
    wait_for("the same packages in all buckets and indexes", || {
        let [here, there] = buckets
            .each_ref()
            .map(|(region, name)| listed(region, name));
        // Objects of the same name may be of different times: each index is as its own bucket.
        let same_names = here.keys().eq(there.keys());
        let are_same = rows(HERE) == here && rows(THERE) == there;
        let are_done = [HERE, THERE]
            .iter()
            .all(|region| waiting(region, &outputs[*region]["Queue"]) == 0);
        (same_names && are_same && are_done).then_some(())
    });
    // Before any rebuild: whatever it would have to change, an event was lost.
    for region in [HERE, THERE] {
        let all = expected!({ "thorough": true });
        let answer = rebuild(&outputs[region]["Rebuild"], region, &all);
        assert_eq!(answer["changed"], 0, "{region}: {answer}");
    }
    // What is no event is kept for people, and nothing else is given up.
    let letters = [HERE, THERE].map(|region| waiting(region, &outputs[region]["DeadLetters"]));
    assert_eq!(letters, [unreadable, 0]);
}

/// What a rebuild answers.
fn rebuild(function: &str, region: &str, command: &Document) -> Document {
    let payload = expected!({ "rebuild": command }).to_string();
    let call = expected!({ "FunctionName": function, "Payload": payload });
    let answer = aws(region).call("lambda", "Invoke", &call);
    serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap()
}

/// The files below the prefix in a bucket, with the seconds at which they were written.
fn listed(region: &str, bucket: &str) -> BTreeMap<String, i64> {
    let all = expected!({ "Bucket": bucket, "Prefix": "py/" });
    let found = aws(region).call("s3", "ListObjectsV2", &all);
    let objects = found["Contents"].as_array().cloned().unwrap_or_default();
    let file = |object: &Document| {
        let name = object["Key"].as_str()?.rsplit('/').next()?.to_owned();
        Some((name, seconds_of(object["LastModified"].as_str()?)))
    };
    objects.iter().filter_map(file).collect()
}

/// Seconds since 1970 of a moment such as `2026-01-31T12:00:00+00:00`.
fn seconds_of(text: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    // Days before a month, of years that begin in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leaps + (153 * month + 2) / 5 + day - 719_469;
    ((days * 24 + part(11..13)) * 60 + part(14..16)) * 60 + part(17..19)
}

/// Operations in both regions, in an order that is always the same. Some events come again when they are
/// old, and with them what is no event, whose number is given. On models the handler's own tests do a thousand, with
/// requests that fail.
fn happen(buckets: &[(&str, String); 2], queue: &str) -> u64 {
    const OPERATIONS: u64 = 150;
    const KEYS: u64 = 12;
    let mut dice = 0x2026_u64;
    let mut below = |limit: u64| {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % limit
    };
    let mut unreadable = 0;
    for _ in 0..OPERATIONS {
        let (region, bucket) = &buckets[usize::from(below(2) == 1)];
        let number = below(KEYS);
        let key = format!("py/p{}/p{}-{number}.0.tar.gz", number % 3, number % 3);
        let object = expected!({ "Bucket": bucket, "Key": key });
        match below(5) {
            0 | 1 => drop(aws(region).call("s3", "DeleteObject", &object)),
            _ => aws(region).put_object(bucket, &key, "content"),
        }
        if below(10) == 0 {
            unreadable += 1;
            let late = expected!({ "source": "aws.s3", "detail-type": "Object Created", "region": HERE,
                "detail": { "bucket": { "name": buckets[0].1 }, "object": { "key": key } } });
            for body in [late.to_string(), "no event".to_owned()] {
                let message = expected!({ "QueueUrl": queue, "MessageBody": body });
                aws(HERE).call("sqs", "SendMessage", &message);
            }
        }
    }
    unreadable
}
