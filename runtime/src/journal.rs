//! Structured logs and metrics, one JSON object per line.
//!
//! CloudWatch Logs makes fields of JSON lines, so a failure is found by its bucket or key; and it
//! makes metrics of lines in the
//! [embedded metric format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html),
//! so that a handler needs no right and no request to count what it did.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// The namespace of the metrics.
pub const NAMESPACE: &str = "Cloudwright";

/// Writes the lines of one function.
pub struct Journal {
    handler: String,
    function: String,
    out: Mutex<Box<dyn Write + Send>>,
}

/// What an invocation did, as metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Object events that were handled, those that needed nothing included.
    pub done: usize,
    /// Things that were not done.
    pub failed: usize,
    /// When the oldest event that was handled had happened, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

impl Journal {
    /// Writes to `out`; every line names the handler and the function.
    pub fn new(handler: &str, function: &str, out: impl Write + Send + 'static) -> Self {
        Self {
            handler: handler.to_owned(),
            function: function.to_owned(),
            out: Mutex::new(Box::new(out)),
        }
    }

    /// Tells of something that went as it should; `request` is empty where it is not known.
    pub fn info(&self, request: &str, message: &str, fields: Value) {
        self.line("INFO", request, message, fields);
    }

    /// Tells of a failure, with its parts as fields.
    pub fn failure(&self, request: &str, failure: &Failure) {
        let fields = json!({
            "errorType": failure.class.name(), "operation": failure.operation, "bucket": failure.bucket,
            "key": failure.key, "region": failure.region, "serviceRequestId": failure.request_id,
        });
        self.line("ERROR", request, &failure.to_string(), fields);
    }

    /// Counts what an invocation did and how long it took, and how long after it had happened the
    /// oldest event was done.
    pub fn metrics(&self, request: &str, counts: Counts, took: Duration) {
        let now = since_epoch();
        let whole = |count| u64::try_from(count).unwrap_or(u64::MAX);
        let mut values = vec![
            ("ObjectsDone", "Count", whole(counts.done)),
            ("ObjectsFailed", "Count", whole(counts.failed)),
            (
                "HandlingTime",
                "Milliseconds",
                u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            ),
        ];
        if let Some(oldest) = counts.oldest {
            // Clocks differ: what seems to have happened later than now was done at once.
            let oldest = u64::try_from(oldest).unwrap_or_default();
            values.push(("EventAge", "Milliseconds", now.saturating_sub(oldest)));
        }
        self.values(request, now, &values);
    }

    /// Counts, as metrics by their names.
    pub fn counts(&self, counts: &[(&str, u64)]) {
        let counts = counts.iter().map(|(name, count)| (*name, "Count", *count));
        let counts: Vec<_> = counts.collect();
        self.values("", since_epoch(), &counts);
    }

    /// Metrics by name and unit.
    fn values(&self, request: &str, now: u64, values: &[(&str, &str, u64)]) {
        let metric = |(name, unit, _): &(&str, &str, u64)| json!({"Name": name, "Unit": unit});
        let metrics: Vec<_> = values.iter().map(metric).collect();
        let directive = json!({
            "Namespace": NAMESPACE, "Dimensions": [["Handler", "FunctionName"]], "Metrics": metrics,
        });
        let mut line = json!({
            "_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]},
            "Handler": self.handler, "FunctionName": self.function,
        });
        if !request.is_empty() {
            line["requestId"] = request.into();
        }
        for (name, _, value) in values {
            line[*name] = (*value).into();
        }
        self.write(&line);
    }

    fn line(&self, level: &str, request: &str, message: &str, fields: Value) {
        let mut line = Map::new();
        for (name, text) in [
            ("level", level),
            ("handler", &self.handler),
            ("requestId", request),
            ("message", message),
        ] {
            if !text.is_empty() {
                line.insert(name.to_owned(), text.into());
            }
        }
        if let Value::Object(fields) = fields {
            line.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        }
        self.write(&Value::Object(line));
    }

    /// A log that cannot be written must not fail what it tells of.
    fn write(&self, line: &Value) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(out, "{line}");
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut journal = f.debug_struct("Journal");
        journal
            .field("handler", &self.handler)
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

fn since_epoch() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Class;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(tell: impl Fn(&Journal)) -> Value {
        let out = Shared::default();
        tell(&Journal::new("replicate", "copier", out.clone()));
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_failure_is_found_by_its_parts() {
        let failure = Failure::new(Class::NotFound, "NoSuchBucket")
            .during("S3 CopyObject")
            .about("b", "k\n");
        let expected = json!({
            "level": "ERROR", "handler": "replicate", "requestId": "r1", "errorType": "NotFound",
            "operation": "S3 CopyObject", "bucket": "b", "key": "k\n",
            "message": "S3 CopyObject, bucket b, key \"k\\n\": NoSuchBucket",
        });
        assert_eq!(written(|journal| journal.failure("r1", &failure)), expected);
    }

    #[test]
    fn metrics_are_in_the_embedded_format() {
        let counts = Counts {
            done: 3,
            failed: 1,
            oldest: Some(0),
        };
        let line = written(|journal| journal.metrics("r1", counts, Duration::from_millis(25)));
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], NAMESPACE);
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric}");
        }
        for dimension in directive["Dimensions"][0].as_array().unwrap() {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}");
        }
        assert!(line["_aws"]["Timestamp"].as_u64() > Some(1_700_000_000_000));
        assert_eq!(
            (&line["ObjectsDone"], &line["HandlingTime"]),
            (&json!(3), &json!(25))
        );
        assert!(line["EventAge"].as_u64() > Some(1_700_000_000_000));
    }

    #[test]
    fn an_event_that_seems_to_come_from_the_future_has_no_age() {
        let age = |oldest| {
            let counts = Counts {
                oldest,
                ..Counts::default()
            };
            written(|journal| journal.metrics("r1", counts, Duration::ZERO))["EventAge"].take()
        };
        assert_eq!(age(Some(i64::MAX)), json!(0));
        assert_eq!(age(None), Value::Null);
    }
}
