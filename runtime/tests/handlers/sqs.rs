//! A stand-in of SQS: a queue that takes batches, and refuses what a test tells it to.

use std::sync::{Arc, Mutex};

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value, json};

/// What it answers to a message whose body holds the text, and how often.
struct Refusal {
    text: &'static str,
    is_final: bool,
    times: u32,
}

#[derive(Default)]
struct State {
    taken: Vec<Value>,
    batches: Vec<usize>,
    refusals: Vec<Refusal>,
    replies: Vec<Reply>,
    scopes: Vec<String>,
}

pub(crate) struct Sqs {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl Sqs {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| handle(request, &mut shared.lock().unwrap()));
        Self {
            server: server.unwrap(),
            state,
        }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Refuses messages that hold `text`, this often.
    pub(crate) fn refuse(&self, text: &'static str, is_final: bool, times: u32) {
        self.state.lock().unwrap().refusals.push(Refusal {
            text,
            is_final,
            times,
        });
    }

    /// Answers the next requests so.
    pub(crate) fn answer(&self, mut replies: Vec<Reply>) {
        replies.reverse();
        self.state.lock().unwrap().replies = replies;
    }

    /// The messages that it took, as they were sent.
    pub(crate) fn taken(&self) -> Vec<Value> {
        self.state.lock().unwrap().taken.clone()
    }

    /// The sizes of the batches that it looked into.
    pub(crate) fn batches(&self) -> Vec<usize> {
        self.state.lock().unwrap().batches.clone()
    }

    /// What the requests were signed for, such as `us-west-2/sqs`.
    pub(crate) fn scopes(&self) -> Vec<String> {
        self.state.lock().unwrap().scopes.clone()
    }
}

fn handle(request: &Request, state: &mut State) -> Reply {
    state.scopes.push(scope(request));
    if let Some(reply) = state.replies.pop() {
        return reply;
    }
    assert_eq!(
        request.header("x-amz-target"),
        Some("AmazonSQS.SendMessageBatch")
    );
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let entries = body["Entries"].as_array().unwrap();
    state.batches.push(entries.len());
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let text = entry["MessageBody"].as_str().unwrap();
        let mut refusals = state.refusals.iter_mut();
        match refusals.find(|refusal| refusal.times > 0 && text.contains(refusal.text)) {
            Some(refusal) => {
                refusal.times -= 1;
                failed.push(json!({"Id": entry["Id"], "SenderFault": refusal.is_final,
                    "Code": "InternalError", "Message": "try later"}));
            }
            None => {
                state.taken.push(entry.clone());
                successful
                    .push(json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"}));
            }
        }
    }
    let answer = json!({"Successful": successful, "Failed": failed}).to_string();
    Reply::new(200, answer).with("Content-Type", "application/x-amz-json-1.0")
}

/// Region and service of a signature.
pub(crate) fn scope(request: &Request) -> String {
    let header = request.header("authorization").unwrap_or_default();
    let words: Vec<_> = header.split('/').collect();
    words
        .get(2..4)
        .map(|words| words.join("/"))
        .unwrap_or_default()
}
