//! `replicate` when S3 fails, refuses, slows down, hangs up or does not answer: what is told, what
//! is done all the same, and that the next delivery heals it.

use std::time::{Duration, Instant};

use cloudwright_runtime::harness::http::Reply;
use serde_json::{Value, json};

use crate::replicate::{object, settings, world};
use crate::s3::{Fault, S3, Stored, error};
use crate::{created, record, start};

#[test]
fn a_refused_destination_is_told_and_the_others_get_their_copies() {
    let (s3, mut instance) = world();
    for key in ["a", "b"] {
        s3.put("source", key, object("1"));
    }
    s3.answer("PUT near/a", 1, error(403, "AccessDenied"));
    let failed = instance.invoke(&created(&["a", "b"])).unwrap_err();
    let expected = json!({
        "errorType": "AccessDenied",
        "errorMessage": "1 of 2 failed; S3 CopyObject, bucket near, key \"a\", region us-west-2: \
                         AccessDenied: said S3 (request id R1)",
    });
    assert_eq!(failed.sent, expected);
    assert_eq!((s3.keys("near").len(), s3.keys("far").len()), (1, 2));
    assert_eq!(instance.invoke(&created(&["a", "b"])), Ok(Value::Null));
    assert_eq!(s3.keys("near"), ["a", "b"]);
    assert_eq!((s3.copies("near"), s3.copies("far")), (2, 2));
}

#[test]
fn each_class_of_failure_has_its_type_and_text() {
    let table = [
        (
            "PUT near",
            error(404, "NoSuchBucket"),
            1,
            "NotFound",
            "NoSuchBucket: said S3 (request id R1)",
        ),
        (
            "PUT near",
            error(503, "SlowDown"),
            3,
            "Throttled",
            "SlowDown: said S3 (request id R1)",
        ),
        (
            "PUT near",
            error(500, "InternalError"),
            3,
            "ServiceFailed",
            "InternalError: said S3 (request id R1)",
        ),
        (
            "PUT near",
            error(200, "InternalError"),
            3,
            "ServiceFailed",
            "InternalError: said S3 (request id R1)",
        ),
        (
            "PUT near",
            error(400, "MetadataTooLarge"),
            1,
            "Refused",
            "MetadataTooLarge: said S3 (request id R1)",
        ),
        (
            "PUT near",
            error(301, "PermanentRedirect"),
            1,
            "Refused",
            "PermanentRedirect: said S3 (request id R1)",
        ),
        (
            "PUT near",
            Reply::HangUp,
            3,
            "Unreachable",
            "dispatch failure: other: client error (SendRequest): connection closed before message \
             completed",
        ),
        (
            "PUT near",
            Reply::Break,
            3,
            "ServiceFailed",
            "response error: error reading a body from connection: end of file before message \
             length reached",
        ),
    ];
    let (s3, mut instance) = world();
    for (index, (text, reply, times, kind, end)) in table.into_iter().enumerate() {
        s3.put("source", "a", object(&index.to_string()));
        s3.answer(text, times, reply);
        let failed = instance.invoke(&created(&["a"])).unwrap_err();
        let start = "1 of 1 failed; S3 CopyObject, bucket near, key \"a\", region us-west-2: ";
        assert_eq!(failed.message, format!("{start}{end}"), "{index}");
        assert_eq!(failed.kind, kind, "{index}: {failed}");
        assert_eq!(
            instance.invoke(&created(&["a"])),
            Ok(Value::Null),
            "{index}"
        );
        assert_eq!(
            s3.get("near", "a").map(|copy| copy.etag),
            Some(format!("\"{index}\""))
        );
    }
}

#[test]
fn what_passes_is_tried_again_by_the_client() {
    for reply in [
        error(503, "SlowDown"),
        error(200, "InternalError"),
        Reply::HangUp,
        Reply::Break,
    ] {
        let (s3, mut instance) = world();
        s3.put("source", "a", object("1"));
        s3.answer("PUT near", 2, reply.clone());
        assert_eq!(
            instance.invoke(&created(&["a"])),
            Ok(Value::Null),
            "{reply:?}"
        );
        assert_eq!(s3.keys("near"), ["a"]);
    }
}

#[test]
fn a_missing_bucket_or_a_refused_look_removes_nothing() {
    let (s3, mut instance) = world();
    s3.put("near", "a", object("1"));
    let gone = |bucket: &str| json!({"Records": [record("ObjectRemoved:Delete", bucket, "a")]});
    let failed = instance.invoke(&gone("elsewhere")).unwrap_err();
    assert_eq!(failed.kind, "NotFound");
    assert!(failed.message.contains("NoSuchBucket: said S3"), "{failed}");

    // Without s3:ListBucket, S3 refuses to say that an object is missing.
    s3.answer("source/a", 2, error(403, "AccessDenied"));
    let failed = instance.invoke(&gone("source")).unwrap_err();
    let text = "S3 GetObject, bucket source, key \"a\", region eu-central-1: AccessDenied: said S3";
    assert!(failed.message.contains(text), "{failed}");

    // Somebody between here and S3 who does not know the path.
    s3.answer("source/a", 2, Reply::new(404, "<html>not here</html>"));
    assert!(instance.invoke(&gone("source")).is_err());
    assert_eq!(s3.keys("near"), ["a"]);
}

#[test]
fn a_destination_that_does_not_exist_is_named_for_copies_and_removals() {
    let s3 = S3::start(&["source", "near"]);
    let mut instance = start(&settings(&s3));
    s3.put("source", "a", object("1"));
    let failed = instance.invoke(&created(&["a"])).unwrap_err();
    let text = "S3 CopyObject, bucket far, key \"a\", region ap-south-1: NoSuchBucket";
    assert!(failed.message.contains(text), "{failed}");
    s3.remove("source", "a");
    let gone = json!({"Records": [record("ObjectRemoved:Delete", "source", "a")]});
    let failed = instance.invoke(&gone).unwrap_err();
    assert_eq!(failed.kind, "NotFound");
    assert!(failed.message.contains("bucket far, key \"a\""), "{failed}");
    assert!(s3.keys("near").is_empty());
}

#[test]
fn a_copy_in_parts_that_fails_is_given_up_and_healed() {
    let s3 = S3::start(&["source", "near", "far"]);
    let small_parts = settings(&s3)
        .variable("MULTIPART_THRESHOLD_BYTES", "5242880")
        .variable("MULTIPART_PART_BYTES", "5242880");
    let mut instance = start(&small_parts);
    let large = Stored {
        size: 6 << 20,
        ..object("1")
    };
    s3.put("source", "a", large);
    s3.answer("POST near/a?uploadId", 3, error(200, "InternalError"));
    let failed = instance.invoke(&created(&["a"])).unwrap_err();
    assert!(
        failed
            .message
            .contains("S3 CompleteMultipartUpload, bucket near"),
        "{failed}"
    );
    assert_eq!(s3.seen("DELETE near/a?").len(), 1);
    assert_eq!((s3.keys("near").len(), s3.keys("far").len()), (0, 1));
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
    assert_eq!(s3.keys("near"), ["a"]);
}

#[test]
fn an_object_that_changes_while_it_is_copied_is_copied_again() {
    let (s3, mut instance) = world();
    s3.put("source", "a", object("1"));
    s3.answer("PUT near", 2, error(412, "PreconditionFailed"));
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
    assert_eq!(
        s3.keys("near"),
        ["a"],
        "a copy that S3 did not make is made"
    );
}

#[test]
fn what_is_late_is_reported_before_the_function_ends() {
    let s3 = S3::start(&["source", "near", "far"]);
    let function = settings(&s3).timeout(Duration::from_secs(6));
    let mut instance = start(&function);
    s3.put("source", "a", object("1"));
    s3.fault(Fault {
        text: "PUT near",
        times: 1,
        delay: Duration::from_secs(8),
        reply: None,
    });
    let started = Instant::now();
    let failed = instance.invoke(&created(&["a"])).unwrap_err();
    assert!(
        started.elapsed() < Duration::from_secs(6),
        "{:?}",
        started.elapsed()
    );
    assert!(
        failed.message.contains("bucket near")
            && failed
                .message
                .contains("not finished when the time was over"),
        "{failed}"
    );
    assert_eq!(s3.keys("far"), ["a"]);
    assert_eq!(instance.invoke(&created(&["a"])), Ok(Value::Null));
    assert_eq!(s3.keys("near"), ["a"]);
}
