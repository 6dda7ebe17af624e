//! A queue with a message for each object, the bucket that has the objects, and a NetStorage that lets in who signs as its API
//! says: one server.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use cloudwright_runtime::worker::sink::signature::sign;
use serde_json::{Value, json};

use crate::Outcome;

pub(super) const CP_CODE: &str = "123456";
pub(super) const USER: &str = "key1";
pub(super) const KEY: &str = "a key that nobody else has";

/// By how many seconds a signature may be too early or too late.
const SKEW: u64 = 30;

/// How much is to be carried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) objects: usize,
    /// Of each object.
    pub(super) bytes: usize,
}

/// Whose messages are in the queue.
#[derive(Clone, Copy, Debug)]
pub(super) enum Language {
    /// Those of `forward`.
    Rust,
    /// A list of records, as the original writes it.
    Python,
}

/// What became of everything.
#[derive(Default)]
struct State {
    given: usize,
    first: Option<Instant>,
    last: Option<Instant>,
    /// The numbers of the objects that are there.
    uploaded: BTreeSet<usize>,
    removed: BTreeSet<usize>,
    /// The signed data of every request: none comes twice.
    used: BTreeSet<String>,
    wrong: Option<String>,
}

pub(super) struct World {
    server: Server,
    load: Load,
    state: Arc<Mutex<State>>,
}

impl World {
    pub(super) fn start(load: Load, language: Language) -> Outcome<Self> {
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        let content = vec![b'x'; load.bytes];
        let server =
            Server::start(move |request| answer(request, &content, (load, language), &shared));
        let server = server.map_err(|e| format!("the stand-in of AWS and NetStorage: {e}"))?;
        Ok(Self {
            server,
            load,
            state,
        })
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// How long it took until everything was done, or why it was not.
    pub(super) fn seconds(&self) -> Outcome<f64> {
        let state = locked(&self.state);
        if let Some(wrong) = &state.wrong {
            return Err(wrong.clone());
        }
        let all = self.load.objects;
        let (uploaded, removed) = (state.uploaded.len(), state.removed.len());
        let (Some(first), Some(last), true) =
            (state.first, state.last, uploaded == all && removed == all)
        else {
            return Err(format!(
                "{uploaded} objects were uploaded and {removed} messages removed, expected {all}"
            ));
        };
        Ok((last - first).as_secs_f64())
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(
    request: &Request,
    content: &[u8],
    (load, language): (Load, Language),
    state: &Mutex<State>,
) -> Reply {
    if let Some(action) = request.header("x-akamai-acs-action") {
        return storage(request, action, content, state);
    }
    let asked = || serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
    match request.header("x-amz-target") {
        None => object(request, content),
        Some("AmazonSQS.ReceiveMessage") => as_json(&receive(&asked(), load, language, state)),
        Some("AmazonSQS.DeleteMessage") => {
            let mut state = locked(state);
            let number = asked()["ReceiptHandle"]
                .as_str()
                .and_then(|text| text.parse().ok());
            state.last = Some(Instant::now());
            match number.filter(|number| state.uploaded.contains(number)) {
                Some(number) => drop(state.removed.insert(number)),
                None => {
                    state.wrong =
                        Some("a message was removed before its object was there".to_owned());
                }
            }
            as_json(&json!({}))
        }
        Some("AmazonSQS.ChangeMessageVisibility") => as_json(&json!({})),
        Some(other) => {
            locked(state).wrong = Some(format!("nobody expected {other}"));
            Reply::new(400, "{}")
        }
    }
}

fn as_json(body: &Value) -> Reply {
    Reply::new(200, body.to_string()).with("Content-Type", "application/x-amz-json-1.0")
}

fn object(request: &Request, content: &[u8]) -> Reply {
    let reply = match &*request.method {
        "HEAD" => Reply::new(200, "").with("Content-Length", &content.len().to_string()),
        _ => Reply::new(200, content),
    };
    reply
        .with("ETag", "\"1\"")
        .with("Last-Modified", "Sat, 31 Jan 2026 12:00:00 GMT")
        .with("Content-Type", "video/mp4")
}

/// The next messages, each of another object and group.
fn receive(asked: &Value, load: Load, language: Language, state: &Mutex<State>) -> Value {
    let most = asked["MaxNumberOfMessages"].as_u64().unwrap_or(1);
    let most = usize::try_from(most).unwrap_or(1);
    let mut state = locked(state);
    state.first.get_or_insert_with(Instant::now);
    let numbers = state.given..load.objects.min(state.given + most);
    state.given = numbers.end;
    let messages: Vec<_> = numbers.map(|number| message(number, language)).collect();
    match &messages[..] {
        [] => json!({}),
        messages => json!({ "Messages": messages }),
    }
}

fn message(number: usize, language: Language) -> Value {
    let (name, key) = ("ObjectCreated:Put", format!("films/{number}"));
    let body = match language {
        Language::Rust => json!({
            "schemaVersion": 1, "eventName": name, "bucket": "media", "key": key, "keyEncoding": "none",
            "etag": "1", "size": 1, "versionId": null, "sequencer": "0055aed6dcd90281e5",
            "eventTime": "2026-01-31T12:00:00.000Z", "region": "eu-central-1",
        }),
        Language::Python => json!([{
            "eventName": name, "bucket": "media", "key": key, "etag": "1", "sequencer": "0055AED6DCD90281E5",
        }]),
    };
    let number = number.to_string();
    json!({
        "MessageId": number, "ReceiptHandle": number, "Body": body.to_string(),
        "Attributes": { "ApproximateReceiveCount": "1", "MessageGroupId": number },
    })
}

fn storage(request: &Request, action: &str, content: &[u8], state: &Mutex<State>) -> Reply {
    if !is_signed(request, action, state) {
        return Reply::new(403, "Unauthorized");
    }
    match action {
        "version=1&action=upload" if request.body == content => {
            let number = request.path().rsplit('/').next();
            let number: Option<usize> = number.and_then(|text| text.parse().ok());
            locked(state).uploaded.extend(number);
            Reply::new(200, "")
        }
        "version=1&action=stat&format=xml" => {
            Reply::new(200, "<stat><file type=\"dir\" name=\"top\"/></stat>")
        }
        _ => Reply::new(400, ""),
    }
}

/// Whether the request is signed for now, and was never seen before.
fn is_signed(request: &Request, action: &str, state: &Mutex<State>) -> bool {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let data = header("x-akamai-acs-auth-data");
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = since.unwrap_or_default().as_secs();
    let time = data.split(", ").nth(3).and_then(|text| text.parse().ok());
    let is_now = time.is_some_and(|time: u64| time.abs_diff(now) <= SKEW);
    let signature = sign(KEY, data, &request.target, action);
    is_now
        && header("x-akamai-acs-auth-sign") == signature
        && locked(state).used.insert(data.to_owned())
}
