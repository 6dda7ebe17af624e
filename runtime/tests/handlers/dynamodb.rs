//! A stand-in of DynamoDB: tables with one key, conditional writes of equalities, and the faults that
//! a test asks for. It remembers every request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Map, Value, json};

type Items = BTreeMap<String, Value>;

#[derive(Default)]
struct State {
    /// The name of the key and the items of each table.
    tables: BTreeMap<String, (String, Items)>,
    faults: Vec<(String, u32, Reply)>,
    seen: Vec<(String, Value)>,
}

pub(crate) struct Dynamo {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl Dynamo {
    /// With these tables, given with the names of their keys.
    pub(crate) fn start(tables: &[(&str, &str)]) -> Self {
        let empty = |(name, key): &(&str, &str)| {
            let table = ((*key).to_owned(), Items::new());
            ((*name).to_owned(), table)
        };
        let state = State {
            tables: tables.iter().map(empty).collect(),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn item(&self, table: &str, key: &str) -> Option<Value> {
        self.state().tables[table].1.get(key).cloned()
    }

    pub(crate) fn plant(&self, table: &str, key: &str, item: Value) {
        let mut state = self.state();
        let items = &mut state.tables.get_mut(table).unwrap().1;
        items.insert(key.to_owned(), item);
    }

    /// Answers requests whose operation and body hold the text so, this often.
    pub(crate) fn answer(&self, text: &str, times: u32, reply: Reply) {
        self.state().faults.push((text.to_owned(), times, reply));
    }

    /// The bodies of the requests of this operation.
    pub(crate) fn seen(&self, operation: &str) -> Vec<Value> {
        let state = self.state();
        let wanted = state.seen.iter().filter(|(seen, _)| seen == operation);
        wanted.map(|(_, body)| body.clone()).collect()
    }
}

/// An error as DynamoDB writes it.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    let body = json!({"__type": kind, "message": "said DynamoDB"}).to_string();
    answer(status, body).with("x-amzn-requestid", "D1")
}

fn answer(status: u16, body: String) -> Reply {
    Reply::new(status, body).with("Content-Type", "application/x-amz-json-1.0")
}

fn handle(request: &Request, state: &mut State) -> Reply {
    let target = request.header("x-amz-target").unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap().to_owned();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let line = format!("{operation} {body}");
    state.seen.push((operation.clone(), body.clone()));
    let mut faults = state.faults.iter_mut();
    if let Some(fault) = faults.find(|(text, times, _)| *times > 0 && line.contains(&**text)) {
        fault.1 -= 1;
        return fault.2.clone();
    }
    if operation == "BatchGetItem" {
        return batch(&body, state);
    }
    let table = body["TableName"].as_str().unwrap();
    match state.tables.get_mut(table) {
        Some((key, items)) => serve(&operation, &body, key, items),
        None => error(400, "ResourceNotFoundException"),
    }
}

/// The items with these keys, whole, of those that are there.
fn batch(body: &Value, state: &State) -> Reply {
    let mut found = Map::new();
    for (table, wanted) in body["RequestItems"].as_object().unwrap() {
        let (key, items) = &state.tables[table];
        let keys = wanted["Keys"].as_array().unwrap().iter();
        let there = keys.filter_map(|one| items.get(one[key]["S"].as_str()?));
        found.insert(table.clone(), there.cloned().collect());
    }
    let found = json!({"Responses": found, "UnprocessedKeys": {}});
    answer(200, found.to_string())
}

fn serve(operation: &str, body: &Value, key: &str, items: &mut Items) -> Reply {
    let written = if operation == "PutItem" {
        "Item"
    } else {
        "Key"
    };
    let id = body[written][key]["S"].as_str().unwrap_or_default();
    let found = items.get(id).cloned();
    match operation {
        "GetItem" => answer(
            200,
            found
                .map_or(json!({}), |item| json!({"Item": item}))
                .to_string(),
        ),
        "Query" => {
            let condition = body["KeyConditionExpression"].as_str().unwrap();
            let matches = |item: &&Value| holds(condition, body, item);
            let found: Vec<_> = items.values().filter(matches).collect();
            answer(200, json!({"Items": found}).to_string())
        }
        "Scan" => {
            let all: Vec<_> = items.values().collect();
            answer(200, json!({"Items": all}).to_string())
        }
        "PutItem" | "DeleteItem" => {
            let nothing = Value::Object(Map::new());
            let condition = body["ConditionExpression"].as_str().unwrap();
            if !holds(condition, body, found.as_ref().unwrap_or(&nothing)) {
                let tells = body["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD";
                return refused(found.filter(|_| tells));
            }
            match operation {
                "PutItem" => items.insert(id.to_owned(), body["Item"].clone()),
                _ => items.remove(id),
            };
            answer(200, "{}".to_owned())
        }
        other => panic!("{other}"),
    }
}

/// A condition that did not hold, with the item that is there if that was asked for.
fn refused(there: Option<Value>) -> Reply {
    let code = "ConditionalCheckFailedException";
    let Some(item) = there else {
        return error(400, code);
    };
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    let said = json!({"__type": kind, "message": "said DynamoDB", "Item": item});
    answer(400, said.to_string())
}

/// Whether terms such as `#a = :v` and `attribute_not_exists(#a)`, joined by `AND`, hold.
fn holds(condition: &str, body: &Value, item: &Value) -> bool {
    let named = |place: &str| {
        let name = body["ExpressionAttributeNames"][place].as_str();
        &item[name.unwrap()]
    };
    condition.split(" AND ").all(|term| {
        let absent = term.strip_prefix("attribute_not_exists(");
        match (absent, term.split_once(" = ")) {
            (Some(place), _) => named(place.trim_end_matches(')')).is_null(),
            (None, Some((place, value))) => {
                *named(place) == body["ExpressionAttributeValues"][value]
            }
            (None, None) => panic!("{term}"),
        }
    })
}
