//! Batches that are taken in part, order within groups, ids, and convergence of a worker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::failure::Class;
use crate::intake::{Delivery, Sequencer, read};

/// A queue that does with each message what its script says next, and then accepts.
#[derive(Default)]
struct Fake {
    script: Mutex<Vec<Answer>>,
    taken: Mutex<Vec<Message>>,
    batches: Mutex<Vec<usize>>,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Accept,
    Refuse { is_final: bool },
    Silent,
    FailAll,
}

impl Fake {
    fn scripted(script: impl IntoIterator<Item = Answer>) -> Self {
        let mut script: Vec<_> = script.into_iter().collect();
        script.reverse();
        Self {
            script: Mutex::new(script),
            ..Self::default()
        }
    }

    fn next(&self) -> Answer {
        self.script.lock().unwrap().pop().unwrap_or(Answer::Accept)
    }

    fn bodies(&self) -> Vec<Value> {
        let body = |message: &Message| serde_json::from_str(&message.body).unwrap();
        self.taken.lock().unwrap().iter().map(body).collect()
    }
}

impl Queue for &Fake {
    async fn send(&self, messages: &[Message]) -> Result<Receipt, Failure> {
        assert!((1..=BATCH_LIMIT).contains(&messages.len()));
        self.batches.lock().unwrap().push(messages.len());
        let mut receipt = Receipt::default();
        for message in messages {
            match self.next() {
                Answer::Accept => {
                    self.taken.lock().unwrap().push(message.clone());
                    receipt.accepted.push(message.id.clone());
                }
                Answer::Refuse { is_final } => receipt.refused.push(Refusal {
                    id: message.id.clone(),
                    code: "InternalError".to_owned(),
                    message: "try later".to_owned(),
                    is_final,
                }),
                Answer::Silent => {}
                Answer::FailAll => {
                    return Err(Failure::new(Class::Unreachable, "connection closed"));
                }
            }
        }
        Ok(receipt)
    }
}

fn event(key: &str, sequence: u32) -> ObjectEvent {
    ObjectEvent {
        change: Change::Created,
        name: "ObjectCreated:Put".to_owned(),
        bucket: "media".to_owned(),
        key: key.to_owned(),
        region: None,
        time: None,
        size: Some(1),
        etag: Some(format!("e{sequence}")),
        version_id: None,
        sequencer: Sequencer::new(&format!("00{sequence:06x}1")),
        principal: None,
    }
}

async fn forward(queue: &Fake, events: &[ObjectEvent]) -> Vec<Outcome> {
    let deadline = Deadline::within(Duration::from_secs(60));
    Forwarder::new(queue, true).handle(events, &deadline).await
}

#[tokio::test(start_paused = true)]
async fn a_message_is_what_the_contract_says() {
    let body = json!({"Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete", "awsRegion": "eu-central-1",
        "s3": {"bucket": {"name": "media"}, "object": {"key": "a+b%2B%C3%BC", "sequencer": "0055AED6DC00"}},
    }]});
    let Delivery::Invocation(items) = read(&body) else {
        panic!("not an invocation")
    };
    let events: Vec<_> = items.into_iter().flatten().collect();
    let queue = Fake::default();
    assert_eq!(forward(&queue, &events).await, [Ok(())]);
    let expected = json!({
        "schemaVersion": 1, "eventName": "ObjectRemoved:Delete", "bucket": "media", "key": "a b+ü",
        "keyEncoding": "none", "etag": null, "size": null, "versionId": null, "sequencer": "0055aed6dc",
        "eventTime": null, "region": "eu-central-1",
    });
    assert_eq!(queue.bodies(), [expected]);
}

#[tokio::test(start_paused = true)]
async fn ids_follow_the_object_and_the_event() {
    let long = "ü🎉 ".repeat(180);
    let events = [event("a", 1), event("a", 2), event("a", 1), event(&long, 1)];
    let queue = Fake::default();
    forward(&queue, &events).await;
    let orders: Vec<_> = queue
        .taken
        .lock()
        .unwrap()
        .iter()
        .map(|message| message.order.clone().unwrap())
        .collect();
    // One message of a group per batch: the long key goes with the first.
    let [first, other, second, again] = &orders[..] else {
        panic!("{orders:?}")
    };
    assert_eq!(first, again);
    assert_eq!(first.group, second.group);
    assert_ne!(first.deduplication, second.deduplication);
    assert_ne!(first.group, other.group);
    for id in [&other.group, &other.deduplication] {
        assert!(
            id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{id}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_standard_queue_gets_no_ids_and_full_batches() {
    let queue = Fake::default();
    let events: Vec<_> = (0..23).map(|sequence| event("same", sequence)).collect();
    let deadline = Deadline::within(Duration::from_secs(60));
    Forwarder::new(&queue, false)
        .handle(&events, &deadline)
        .await;
    assert_eq!(*queue.batches.lock().unwrap(), [10, 10, 3]);
    assert!(
        queue
            .taken
            .lock()
            .unwrap()
            .iter()
            .all(|message| message.order.is_none())
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_tried_again_and_what_stays_refused_fails() {
    use Answer::{Accept, Refuse, Silent};
    let later = Refuse { is_final: false };
    let queue = Fake::scripted([
        later,
        Silent,
        Refuse { is_final: true },
        Accept,
        later,
        Accept,
        later,
    ]);
    let events = [event("a", 1), event("b", 1), event("c", 1), event("d", 1)];
    let outcomes = forward(&queue, &events).await;
    let failed: Vec<_> = outcomes.iter().map(Result::is_err).collect();
    assert_eq!(failed, [true, false, true, false]);
    let failure = &outcomes[0].as_ref().unwrap_err()[0];
    assert_eq!(
        failure.to_string(),
        "SQS SendMessageBatch, bucket media, key \"a\": InternalError: try later"
    );
}

#[tokio::test(start_paused = true)]
async fn a_later_change_does_not_overtake_a_failed_one() {
    let queue = Fake::scripted([Answer::Refuse { is_final: true }]);
    let outcomes = forward(&queue, &[event("a", 1), event("b", 1), event("a", 2)]).await;
    assert!(outcomes[0].is_err() && outcomes[1].is_ok() && outcomes[2].is_err());
    assert_eq!(queue.bodies().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fails_fails_its_messages_only() {
    let queue = Fake::scripted([Answer::FailAll]);
    let events: Vec<_> = (0..12)
        .map(|number| event(&format!("k{number}"), 1))
        .collect();
    let outcomes = forward(&queue, &events).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_err()).count(),
        10
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_change_of_content_is_not_forwarded() {
    let mut tagged = event("a", 1);
    tagged.change = Change::Other;
    let queue = Fake::default();
    assert_eq!(forward(&queue, &[tagged]).await, [Ok(())]);
    assert!(queue.batches.lock().unwrap().is_empty());
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Accept),
        1 => Just(Answer::Refuse { is_final: false }),
        1 => Just(Answer::Refuse { is_final: true }),
        1 => Just(Answer::Silent),
        1 => Just(Answer::FailAll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// The log of a bucket, delivered in any order and twice, through a queue that fails, with every
    /// failed event delivered again: a worker that keeps the highest sequencer per key has the
    /// bucket's state, and a FIFO queue has each event's id, in the order in which they were given.
    #[test]
    fn a_worker_behind_the_queue_ends_with_the_state_of_the_bucket(
        log in prop::collection::vec(0..4_usize, 1..14),
        order in Just((0..28).collect::<Vec<usize>>()).prop_shuffle(),
        copies in prop::collection::vec(any::<bool>(), 14),
        script in prop::collection::vec(answer(), 0..40),
    ) {
        let keys = ["a b", "c++/x", "ü", "%2B"];
        let mut events: Vec<_> = log.iter().zip(1..).map(|(key, sequence)| event(keys[*key], sequence)).collect();
        let state: BTreeMap<_, _> = events.iter().map(|event| (event.key.clone(), event.etag.clone())).collect();
        let twice: Vec<_> = events.iter().zip(&copies).filter(|(_, copy)| **copy).map(|(event, _)| event.clone()).collect();
        events.extend(twice);
        let mut events: Vec<_> = order.iter().filter_map(|index| events.get(*index).cloned()).collect();
        let queue = Fake::scripted(script);
        let given = events.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            while !events.is_empty() {
                let outcomes = forward(&queue, &events).await;
                let failed = events.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_err());
                events = failed.map(|(event, _)| event.clone()).collect();
            }
        });
        let mut seen: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
        for body in queue.bodies() {
            let message: ObjectMessage = serde_json::from_value(body).unwrap();
            let sequencer = message.sequencer.unwrap();
            let newest = seen.entry(message.key).or_default();
            if sequencer > newest.0 {
                *newest = (sequencer, message.etag);
            }
        }
        let seen: BTreeMap<_, _> = seen.into_iter().map(|(key, (_, etag))| (key, etag)).collect();
        prop_assert_eq!(seen, state);
        let taken = queue.taken.lock().unwrap();
        for key in keys {
            let in_order: Vec<_> = given.iter().filter(|event| event.key == key).map(ids::deduplication).collect();
            let of_key = |message: &&Message| message.order.as_ref().unwrap().group == ids::group(&event(key, 0));
            let sent: Vec<_> = taken.iter().filter(of_key).map(|message| message.order.clone().unwrap().deduplication).collect();
            prop_assert_eq!(firsts(&sent), firsts(&in_order), "{}", key);
        }
    }
}

/// The ids in the order of their first occurrence.
fn firsts(ids: &[String]) -> Vec<&String> {
    let mut seen = BTreeSet::new();
    ids.iter().filter(|id| seen.insert(*id)).collect()
}
