//! What a message tells of: the objects that changed.

use cloudwright_contract::ObjectMessage;
use serde_json::Value;

use crate::failure::{Class, Failure};
use crate::intake::{self, Change, Delivery, epoch_millis};

/// An object that changed; how, it shows itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// When it changed, in milliseconds since 1970.
    pub time: Option<i64>,
}

/// The objects that a message tells of: of `forward`, or of S3 itself, in whatever wrapping. None if it is about something
/// else, such as tags.
///
/// # Errors
/// If the message is none of these.
pub fn read(body: &str) -> Result<Vec<Changed>, Failure> {
    let json: Value = serde_json::from_str(body)
        .map_err(|problem| unreadable(format!("the message is no JSON: {problem}")))?;
    if json["schemaVersion"].is_u64() {
        return Ok(vec![own(json)?]);
    }
    let items = match intake::read(&json) {
        Delivery::Invocation(items) => items,
        Delivery::Queue(messages) => messages.into_iter().flat_map(|one| one.items).collect(),
    };
    let mut changes = Vec::new();
    for item in items {
        let event = item.map_err(Failure::from)?;
        if event.change != Change::Other {
            changes.push(Changed {
                time: event.time.as_deref().and_then(epoch_millis),
                bucket: event.bucket,
                key: event.key,
            });
        }
    }
    Ok(changes)
}

fn own(json: Value) -> Result<Changed, Failure> {
    let message: ObjectMessage = serde_json::from_value(json)
        .map_err(|problem| unreadable(format!("no message of an object: {problem}")))?;
    let (got, known) = (message.schema_version, ObjectMessage::SCHEMA_VERSION);
    if got != known {
        let text = format!("a message of version {got}, this worker knows version {known}");
        return Err(unreadable(text));
    }
    Ok(Changed {
        time: message.event_time.as_deref().and_then(epoch_millis),
        bucket: message.bucket,
        key: message.key,
    })
}

fn unreadable(problem: String) -> Failure {
    Failure::new(Class::UnreadableEvent, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(body: &Value) -> Vec<(String, String)> {
        let changes = read(&body.to_string()).unwrap().into_iter();
        changes.map(|change| (change.bucket, change.key)).collect()
    }

    fn own(version: u32) -> Value {
        json!({"schemaVersion": version, "eventName": "ObjectCreated:Put", "bucket": "b", "key": "a+b%2B",
               "keyEncoding": "none", "etag": null, "size": null, "versionId": null, "sequencer": null,
               "eventTime": "1970-01-01T00:00:01.000Z", "region": null})
    }

    #[test]
    fn keys_are_decoded_where_they_are_encoded_and_nowhere_else() {
        let expected = [("b".to_owned(), "a+b%2B".to_owned())];
        assert_eq!(found(&own(1)), expected);
        assert_eq!(read(&own(1).to_string()).unwrap()[0].time, Some(1_000));
        let record = |name: &str| {
            json!({"eventSource": "aws:s3", "eventName": name, "awsRegion": "eu-central-1",
                   "s3": {"bucket": {"name": "b"}, "object": {"key": "a%2Bb%252B"}}})
        };
        assert_eq!(
            found(&json!({"Records": [record("ObjectCreated:Put")]})),
            expected
        );
        assert_eq!(
            found(&json!({"Records": [record("ObjectTagging:Put")]})),
            []
        );
        assert_eq!(found(&json!({"Event": "s3:TestEvent"})), []);
    }

    #[test]
    fn what_is_no_message_is_said_to_be() {
        for (body, problem) in [
            ("{", "no JSON"),
            ("{}", "an empty object"),
            ("{\"schemaVersion\": 1}", "no message of an object"),
            (
                &own(2).to_string(),
                "version 2, this worker knows version 1",
            ),
        ] {
            let failure = read(body).unwrap_err();
            assert_eq!(failure.class, Class::UnreadableEvent);
            assert!(failure.to_string().contains(problem), "{failure}");
        }
    }
}
