//! Books orders: messages of a queue such as `{"order": "A-1", "cents": 1999}`.
//!
//! A message that is no order is reported by its id, so that it alone comes back to the queue, and
//! ends in the dead-letter queue if it never gets better. The others of its batch are done.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let answer = |event: LambdaEvent<Value>| async move { Ok::<_, Error>(book(&event.payload)) };
    lambda_runtime::run(service_fn(answer)).await
}

/// Books every message of a batch, and answers with those that could not be booked.
fn book(batch: &Value) -> Value {
    let messages = batch["Records"].as_array().into_iter().flatten();
    let failures = messages.filter_map(|message| {
        let id = &message["messageId"];
        match order(message) {
            Ok((order, cents)) => {
                println!("{}", json!({ "booked": order, "cents": cents }));
                None
            }
            Err(reason) => {
                println!("{}", json!({ "refused": id, "reason": reason }));
                Some(json!({ "itemIdentifier": id }))
            }
        }
    });
    json!({ "batchItemFailures": failures.collect::<Vec<_>>() })
}

/// The order of a message: its name and its value.
fn order(message: &Value) -> Result<(String, u64), String> {
    let body = message["body"].as_str().unwrap_or_default();
    let body: Value = serde_json::from_str(body).map_err(|e| format!("no JSON: {e}"))?;
    let order = body["order"].as_str().ok_or("no order")?;
    let cents = body["cents"].as_u64().ok_or("no cents")?;
    Ok((order.to_owned(), cents))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_order_comes_back() {
        let batch = json!({ "Records": [
            { "messageId": "1", "body": "{\"order\": \"A-1\", \"cents\": 1999}" },
            { "messageId": "2", "body": "hello" },
            { "messageId": "3", "body": "{\"order\": \"A-2\", \"cents\": -5}" },
        ] });
        let expected = json!([{ "itemIdentifier": "2" }, { "itemIdentifier": "3" }]);
        assert_eq!(book(&batch)["batchItemFailures"], expected);
    }
}
