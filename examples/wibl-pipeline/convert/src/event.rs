//! What an event asks for.

use serde_json::Value;

use crate::decode_form;

/// An object that an event tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The name of its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
}

/// The objects of an event, however the bucket handed it over: as its own call, as a message of a queue or of a
/// topic with that inside, or by EventBridge.
///
/// # Errors
/// If the event is none of these.
pub fn objects(event: &Value) -> Result<Vec<Object>, String> {
    // EventBridge tells of one object, and writes its key as it is.
    if let (Some(bucket), Some(key)) = (
        event.pointer("/detail/bucket/name").and_then(Value::as_str),
        event.pointer("/detail/object/key").and_then(Value::as_str),
    ) {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        return Ok(vec![Object { bucket, key }]);
    }
    // What S3 sends when a notification is set up tells of no object.
    if event["Event"] == "s3:TestEvent" {
        return Ok(Vec::new());
    }
    let records = event["Records"].as_array();
    let records = records.ok_or_else(|| format!("an event without records: {event}"))?;
    let found: Result<Vec<_>, _> = records.iter().map(of_record).collect();
    Ok(found?.concat())
}

fn of_record(record: &Value) -> Result<Vec<Object>, String> {
    let message = record
        .pointer("/Sns/Message")
        .or_else(|| record.get("body"));
    if let Some(text) = message.and_then(Value::as_str) {
        let inner: Value = serde_json::from_str(text)
            .map_err(|mistake| format!("a message without an event in it: {mistake}"))?;
        return objects(&inner);
    }
    let text = |path: &str| {
        let text = record.pointer(path).and_then(Value::as_str);
        text.ok_or_else(|| format!("a record without {path}: {record}"))
    };
    let key = text("/s3/object/key")?;
    let key = decode_form(key).ok_or_else(|| format!("a key that is no text: {key}"))?;
    let bucket = text("/s3/bucket/name")?.to_owned();
    Ok(vec![Object { bucket, key }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_is_found_in_every_wrapping() {
        let records = |keys: &[&str]| {
            let record = |key: &&str| json!({ "s3": { "bucket": { "name": "in" }, "object": { "key": key } } });
            json!({ "Records": keys.iter().map(record).collect::<Vec<_>>() })
        };
        let plain = records(&["a+b.wibl", "c%2B.wibl"]);
        let topic = json!({ "Records": [{ "Sns": { "Message": plain.to_string() } }] });
        let queue = json!({ "Records": [{ "messageId": "1", "body": plain.to_string() }] });
        for event in [plain, topic, queue] {
            let keys: Vec<_> = objects(&event)
                .unwrap()
                .into_iter()
                .map(|o| o.key)
                .collect();
            assert_eq!(keys, ["a b.wibl", "c+.wibl"], "{event}");
        }
        let detail = json!({ "bucket": { "name": "in" }, "object": { "key": "a+b.wibl" } });
        let told = objects(&json!({ "detail": detail })).unwrap();
        assert_eq!((&*told[0].bucket, &*told[0].key), ("in", "a+b.wibl"));
    }

    #[test]
    fn an_event_of_another_kind_is_told_and_a_test_event_is_not() {
        assert_eq!(objects(&json!({ "Event": "s3:TestEvent" })), Ok(vec![]));
        let table = [
            (json!({}), "an event without records"),
            (
                json!({ "Records": [{}] }),
                "a record without /s3/object/key",
            ),
            (
                json!({ "Records": [{ "body": "hello" }] }),
                "a message without an event in it",
            ),
            (
                json!({ "Records": [{ "s3": { "object": { "key": "%ff" } } }] }),
                "a key that is no text: %ff",
            ),
        ];
        for (event, expected) in table {
            let mistake = objects(&event).unwrap_err();
            assert!(mistake.starts_with(expected), "{mistake}");
        }
    }
}
