//! A stand-in of the table of two-way replication. It understands the requests that the handler makes
//! and no others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Map, Value, json};

use crate::sqs::scope;

#[derive(Default)]
struct State {
    items: BTreeMap<String, Map<String, Value>>,
    replies: Vec<Reply>,
    scopes: Vec<String>,
}

pub(crate) struct DynamoDb {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl DynamoDb {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| {
            let mut state = shared.lock().unwrap();
            state.scopes.push(scope(request));
            match state.replies.pop() {
                Some(reply) => reply,
                None => serve(request, &mut state),
            }
        });
        Self {
            server: server.unwrap(),
            state,
        }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Answers the next requests so, all of them alike.
    pub(crate) fn answer(&self, replies: Vec<Reply>) {
        self.state.lock().unwrap().replies = replies;
    }

    /// What the requests were signed for.
    pub(crate) fn scopes(&self) -> Vec<String> {
        self.state.lock().unwrap().scopes.clone()
    }
}

fn serve(request: &Request, state: &mut State) -> Reply {
    let body: Value = serde_json::from_str(&request.text()).unwrap();
    assert_eq!(body["TableName"], "changes");
    let key = body["Key"]["key"]["S"].as_str().unwrap();
    let target = request.header("x-amz-target").unwrap();
    let answer = match target.rsplit('.').next().unwrap() {
        "GetItem" => {
            assert_eq!(body["ConsistentRead"], true);
            state
                .items
                .get(key)
                .map_or(json!({}), |item| json!({"Item": item}))
        }
        "UpdateItem" => {
            let item = state.items.entry(key.to_owned()).or_default();
            item.insert("key".to_owned(), json!({"S": key}));
            if !update(item, &body) {
                let failed = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
                let body = json!({"__type": failed, "message": "The conditional request failed"});
                return Reply::new(400, body.to_string());
            }
            json!({"Attributes": item})
        }
        other => panic!("{other}"),
    };
    Reply::new(200, answer.to_string()).with("content-type", "application/x-amz-json-1.0")
}

/// Whether the condition held.
fn update(item: &mut Map<String, Value>, body: &Value) -> bool {
    let names = &body["ExpressionAttributeNames"];
    let values = &body["ExpressionAttributeValues"];
    if let Some(condition) = body["ConditionExpression"].as_str() {
        assert_eq!(
            condition,
            "attribute_not_exists(#site) OR #site.#sequencer < :sequencer"
        );
        let site = names["#site"].as_str().unwrap();
        let text = |value: &Value| value["S"].as_str().unwrap().to_owned();
        let held = item.get(site).map(|held| text(&held["M"]["sequencer"]));
        if held.is_some_and(|held| held >= text(&values[":sequencer"])) {
            return false;
        }
        item.insert(site.to_owned(), values[":entry"].clone());
        item.insert("expires".to_owned(), values[":expires"].clone());
    }
    let writers = item.entry("writers").or_insert(json!({"SS": []}));
    let writers = writers["SS"].as_array_mut().unwrap();
    let writer = &values[":writer"]["SS"][0];
    if !writers.contains(writer) {
        writers.push(writer.clone());
    }
    true
}
