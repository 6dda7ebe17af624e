//! `replicate`: what arrives at the destinations, byte for byte and header for header.

use std::collections::BTreeMap;
use std::time::Duration;

use cloudwright_runtime::harness::{Function, Instance};
use cloudwright_runtime::replicate::marker;
use serde_json::{Value, json};

use crate::s3::{Fault, S3, Stored};
use crate::{created, function, record, start};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Copies of `source` in `near` and `far`, which are in regions of their own.
pub(crate) fn settings(s3: &S3) -> Function {
    function("replicate")
        .variable("AWS_ENDPOINT_URL", &s3.url())
        .variable("DESTINATION_1_BUCKET", "near")
        .variable("DESTINATION_1_REGION", "us-west-2")
        .variable("DESTINATION_2_BUCKET", "far")
        .variable("DESTINATION_2_REGION", "ap-south-1")
}

pub(crate) fn world() -> (S3, Instance) {
    let s3 = S3::start(&["source", "near", "far"]);
    let instance = start(&settings(&s3));
    (s3, instance)
}

pub(crate) fn object(etag: &str) -> Stored {
    Stored {
        etag: format!("\"{etag}\""),
        size: 3,
        headers: BTreeMap::from([("content-type".to_owned(), "text/plain".to_owned())]),
        ..Stored::default()
    }
}

/// What an object is besides its mark.
fn unmarked(s3: &S3, bucket: &str, key: &str) -> Option<Stored> {
    let mut stored = s3.get(bucket, key)?;
    let mark = format!("x-amz-meta-{}", marker::ENTRY);
    assert!(stored.headers.remove(&mark).is_some(), "{stored:?}");
    Some(stored)
}

#[test]
fn odd_keys_arrive_byte_for_byte() {
    let (s3, mut instance) = world();
    let long = format!("{}é", "x".repeat(1_022));
    let table = [
        ("a+b", "a b"),
        ("a++b", "a  b"),
        ("c%2B%2B/x%2By", "c++/x+y"),
        ("a%252Bb%25", "a%2Bb%"),
        ("%C3%BC/%D0%B9", "ü/й"),
        ("%F0%9F%8E%89", "🎉"),
        ("%3F%26%23%3D%3B%3A%40", "?&#=;:@"),
        ("%22%27%60%5C%7C%3C%3E", "\"'`\\|<>"),
        ("a//b", "a//b"),
        ("/a//", "/a//"),
        ("a/../b/./c", "a/../b/./c"),
        ("..", ".."),
        ("folder/", "folder/"),
        ("~.-_%21%28%29%2A%24%2C", "~.-_!()*$,"),
        (&*long.replace('é', "%C3%A9"), &*long),
    ];
    for (_, key) in table {
        s3.put("source", key, object("1"));
    }
    let written = table.map(|(written, _)| written);
    assert_eq!(instance.invoke(&created(&written)), Ok(Value::Null));
    let mut keys = table.map(|(_, key)| key.to_owned());
    keys.sort();
    for bucket in ["near", "far"] {
        assert_eq!(s3.keys(bucket), keys, "{bucket}");
    }
}

#[test]
fn everything_that_an_object_has_is_kept() {
    let (s3, mut instance) = world();
    let headers = [
        ("content-type", "image/png"),
        ("cache-control", "max-age=60"),
        ("content-disposition", "attachment; filename=\"a b.png\""),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("expires", "whenever"),
        ("x-amz-website-redirect-location", "/other"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-meta-camera", "=?UTF-8?B?w7w=?="),
    ];
    let owned = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let stored = Stored {
        headers: BTreeMap::from(owned),
        tags: "team=a%20b".to_owned(),
        ..object("1")
    };
    s3.put("source", "a", stored.clone());
    instance.invoke(&created(&["a"])).unwrap();
    assert_eq!(unmarked(&s3, "near", "a"), Some(stored.clone()));
    assert_eq!(unmarked(&s3, "far", "a"), Some(stored));
}

#[test]
fn requests_go_to_the_region_of_their_bucket_and_name_the_state_to_copy() {
    let s3 = S3::start(&["source", "near", "far"]);
    let with_key = settings(&s3)
        .variable("DESTINATION_1_PREFIX", "copies/")
        .variable("DESTINATION_1_KMS_KEY", "alias/art");
    let mut instance = start(&with_key);
    let versioned = Stored {
        version: Some("v/1".to_owned()),
        ..object("1")
    };
    s3.put("source", "a b", versioned);
    instance.invoke(&created(&["a+b"])).unwrap();
    assert_eq!(s3.keys("near"), ["copies/a b"]);
    for (text, scope) in [
        ("source/", "eu-central-1/s3"),
        ("near/", "us-west-2/s3"),
        ("far/", "ap-south-1/s3"),
    ] {
        let seen = s3.seen(text);
        assert!(!seen.is_empty());
        assert!(seen.iter().all(|seen| seen.scope == scope), "{seen:?}");
    }
    let copy = &s3.seen("PUT near/copies/a b")[0].request;
    let header = |name: &str| copy.header(name).unwrap_or_default();
    assert_eq!(header("x-amz-copy-source"), "source/a%20b?versionId=v%2F1");
    assert_eq!(header("x-amz-copy-source-if-match"), "\"1\"");
    assert_eq!(header("x-amz-server-side-encryption"), "aws:kms");
    assert_eq!(
        header("x-amz-server-side-encryption-aws-kms-key-id"),
        "alias/art"
    );
    assert_eq!(copy.header("x-amz-acl"), None);
    let plain = &s3.seen("PUT far/a b")[0].request;
    assert_eq!(plain.header("x-amz-server-side-encryption"), None);
}

#[test]
fn six_gibibytes_go_in_parts_with_metadata_and_tags() {
    let (s3, mut instance) = world();
    let large = Stored {
        size: 6 * GIB,
        tags: "team=a%20b&note=x%26y".to_owned(),
        ..object("large")
    };
    s3.put("source", "a", large.clone());
    instance.invoke(&created(&["a"])).unwrap();
    let mut ranges: Vec<_> = s3
        .seen("PUT near/a")
        .iter()
        .map(|seen| {
            seen.request
                .header("x-amz-copy-source-range")
                .unwrap()
                .to_owned()
        })
        .collect();
    ranges.sort();
    let mut expected: Vec<_> = (0..12)
        .map(|index| (index * 512 * MIB, (index + 1) * 512 * MIB - 1))
        .map(|(first, last)| format!("bytes={first}-{last}"))
        .collect();
    expected.sort();
    assert_eq!(ranges, expected);
    let copy = unmarked(&s3, "far", "a").unwrap();
    assert_eq!((copy.headers, copy.tags), (large.headers, large.tags));
    let body = s3.seen("POST far/a?uploadId")[0].request.text();
    assert_eq!(body.matches("<Part>").count(), 12, "{body}");
}

#[test]
fn what_is_gone_is_removed_once() {
    let (s3, mut instance) = world();
    s3.put("source", "a", object("1"));
    instance.invoke(&created(&["a"])).unwrap();
    s3.remove("source", "a");
    let removed = json!({"Records": [record("ObjectRemoved:DeleteMarkerCreated", "source", "a")]});
    assert_eq!(instance.invoke(&removed), Ok(Value::Null));
    assert_eq!((s3.keys("near").len(), s3.keys("far").len()), (0, 0));
    assert_eq!(instance.invoke(&removed), Ok(Value::Null));
    assert_eq!(s3.seen("DELETE").len(), 2);
}

#[test]
fn an_empty_object_is_copied_and_an_event_that_comes_twice_copies_once() {
    let (s3, mut instance) = world();
    let empty = Stored {
        size: 0,
        ..object("0")
    };
    s3.put("source", "a", empty);
    for _ in 0..2 {
        assert_eq!(instance.invoke(&created(&["a", "a"])), Ok(Value::Null));
    }
    assert_eq!((s3.copies("near"), s3.copies("far")), (1, 1));
}

/// The requests of one event that tells of an object, sorted.
fn requests(s3: &S3, instance: &mut Instance, key: &str) -> Vec<String> {
    let before = s3.seen("").len();
    instance.invoke(&created(&[key])).unwrap();
    let seen = s3.seen("").split_off(before);
    let mut lines: Vec<_> = seen.into_iter().map(|seen| seen.line).collect();
    lines.sort();
    lines
}

#[test]
fn the_copies_of_a_new_object_need_two_looks_at_the_source_and_nothing_else() {
    let (s3, mut instance) = world();
    s3.put("source", "a", object("1"));
    let expected = [
        "HEAD source/a?",
        "HEAD source/a?",
        "PUT far/a?x-id=CopyObject",
        "PUT near/a?x-id=CopyObject",
    ];
    assert_eq!(requests(&s3, &mut instance, "a"), expected);
    for copy in s3.seen("PUT") {
        assert_eq!(copy.request.header("if-none-match"), Some("*"));
    }
}

#[test]
fn an_object_that_replaces_one_is_copied_over_what_was_looked_at() {
    let (s3, mut instance) = world();
    s3.put("source", "a", object("1"));
    instance.invoke(&created(&["a"])).unwrap();
    let look_first = [
        "HEAD far/a?",
        "HEAD near/a?",
        "HEAD source/a?",
        "HEAD source/a?",
        "PUT far/a?x-id=CopyObject",
        "PUT near/a?x-id=CopyObject",
    ];
    s3.put("source", "a", object("2"));
    assert_eq!(requests(&s3, &mut instance, "a").len(), 8);
    s3.put("source", "a", object("3"));
    assert_eq!(requests(&s3, &mut instance, "a"), look_first);
    assert_eq!(s3.get("far", "a").unwrap().etag, "\"3\"");
    assert_eq!((s3.copies("near"), s3.copies("far")), (3, 3));
}

#[test]
fn objects_and_destinations_are_copied_at_the_same_time() {
    let (s3, mut instance) = world();
    let keys: Vec<_> = (0..20).map(|number| format!("k{number}")).collect();
    for key in &keys {
        s3.put("source", key, object("1"));
    }
    s3.fault(Fault {
        text: "",
        times: u32::MAX,
        delay: Duration::from_millis(200),
        reply: None,
    });
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    assert_eq!(instance.invoke(&created(&keys)), Ok(Value::Null));
    assert_eq!(s3.keys("far").len(), 20);
    // One object after another would have three open at most, for it and its two copies.
    assert!(s3.most_at_once() > 10, "{}", s3.most_at_once());
}

#[test]
fn skipped_objects_are_not_asked_about() {
    let s3 = S3::start(&["source", "near", "far"]);
    let skipping = settings(&s3)
        .variable("SKIP_1_PREFIX", "tmp/")
        .variable("SKIP_2_SUFFIX", ".part");
    let mut instance = start(&skipping);
    assert_eq!(
        instance.invoke(&created(&["tmp/a", "b.part"])),
        Ok(Value::Null)
    );
    assert!(s3.seen("").is_empty());
}
