//! An archive that is away, that drops connections, and that gets each file once all the same.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use cloudwright_runtime::harness::http::{Reply, Request, Server};

use super::*;

/// What the archive does with a post.
pub(super) enum Fate {
    /// It takes the file and says so.
    Accept,
    /// It does not take the file, and answers this.
    TurnAway(Reply),
    /// It takes the file, and whoever posted it hears this instead.
    TakeAndSay(Reply),
}

/// An archive that keeps what it was given.
pub(super) struct Archive {
    pub(super) server: Server,
    posts: Arc<Mutex<Vec<Request>>>,
    away: Arc<AtomicBool>,
}

impl Archive {
    /// One that accepts everything.
    pub(super) fn open() -> Self {
        Self::answering(|_, _| Fate::Accept)
    }

    /// One that decides by the name of the file and how often it came before.
    pub(super) fn answering(fate: impl Fn(&str, usize) -> Fate + Send + Sync + 'static) -> Self {
        let posts = Arc::<Mutex<Vec<Request>>>::default();
        let away = Arc::<AtomicBool>::default();
        let tries = Mutex::new(BTreeMap::<String, usize>::new());
        let (seen, is_away) = (Arc::clone(&posts), Arc::clone(&away));
        let server = Server::start(move |request| {
            if is_away.load(Ordering::SeqCst) {
                return Reply::new(503, "closed");
            }
            let name = name(request);
            let mut tries = tries.lock().unwrap();
            let before = tries.entry(name.clone()).or_default();
            *before += 1;
            let reply = match fate(&name, *before - 1) {
                Fate::TurnAway(reply) => return reply,
                Fate::TakeAndSay(reply) => reply,
                Fate::Accept => Reply::new(200, "{\"success\": true}"),
            };
            seen.lock().unwrap().push(request.clone());
            reply
        });
        Self {
            server: server.expect("a port on loopback"),
            posts,
            away,
        }
    }

    fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// How many posts it took.
    pub(super) fn taken(&self) -> usize {
        self.posts.lock().unwrap().len()
    }

    /// The names of the files that it took, each with what was posted, as the contract wants it.
    pub(super) fn files(&self) -> BTreeMap<String, Vec<String>> {
        let mut files = BTreeMap::<String, Vec<String>>::new();
        for post in &*self.posts.lock().unwrap() {
            assert_eq!((&*post.method, &*post.target), ("POST", "/upload"));
            assert_eq!(post.header("x-auth-token"), Some("s3cret"));
            let kind = post.header("content-type").unwrap_or_default();
            let boundary = kind.strip_prefix("multipart/form-data; boundary=");
            let text = post.text();
            let parts = text
                .matches(&format!("--{}\r\n", boundary.unwrap()))
                .count();
            assert_eq!(parts, 2, "{text}");
            assert!(text.contains("name=\"metadataInput\"\r\n\r\n{\n    \"uniqueID\": "));
            files.entry(name(post)).or_default().push(text);
        }
        files
    }
}

/// The name of the file in a post.
fn name(post: &Request) -> String {
    let text = post.text();
    let rest = text.split("filename=\"").nth(1);
    let name = rest.and_then(|rest| rest.split('"').next());
    name.unwrap_or_default().to_owned()
}

#[test]
fn an_archive_that_was_away_gets_each_file_once() {
    let archive = Archive::open();
    archive.set_away(true);
    let setup = Setup {
        name: "away",
        hand_over: HandOver::Queue,
        submission: |submission| submission.attempts(1),
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    pipeline.hurry("Deliver", 2);
    pipeline.put("one.wibl", GOOD);
    pipeline.put("two.wibl", GOOD);
    pipeline.await_states(2, "failed");
    archive.set_away(false);
    pipeline.await_states(2, "accepted");
    let files = archive.files();
    assert!(files.keys().eq(["one.json", "two.json"]), "{files:?}");
    assert!(files.values().all(|posts| posts.len() == 1), "{files:?}");
}

#[test]
fn what_was_given_up_is_delivered_once_when_it_is_given_again() {
    let archive = Archive::open();
    archive.set_away(true);
    let setup = Setup {
        name: "redrive",
        hand_over: HandOver::Queue,
        submission: |submission| submission.attempts(1),
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    pipeline.hurry("Deliver", 2);
    pipeline.put("one.wibl", GOOD);
    let dead = aws(HERE).await_messages(pipeline.output("DeliverFailures"));
    assert_eq!(dead.len(), 1, "{dead:?}");
    pipeline.await_states(1, "failed");
    archive.set_away(false);
    // What `aws sqs start-message-move-task` does, which the engine has not.
    let again =
        expected!({ "QueueUrl": pipeline.output("DeliverQueue"), "MessageBody": dead[0]["Body"] });
    for _ in 0..2 {
        aws(HERE).call("sqs", "SendMessage", &again);
        pipeline.await_states(1, "accepted");
    }
    assert_eq!(archive.files()["one.json"].len(), 1);
}

/// A file whose first post the archive takes and drops the connection: what the table says of it, and how often
/// the archive has it.
fn dropped(
    name: &'static str,
    hand_over: HandOver,
    submission: fn(Submission) -> Submission,
) -> (String, usize) {
    let archive = Archive::answering(|_, before| match before {
        0 => Fate::TakeAndSay(Reply::HangUp),
        _ => Fate::Accept,
    });
    let setup = Setup {
        name,
        hand_over,
        submission,
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    pipeline.put("one.wibl", GOOD);
    let states = wait_for("what became of it", || {
        Some(pipeline.states()).filter(|states| states.values().any(|state| state != "sending"))
    });
    if states.values().any(|state| state == "unknown") {
        // Lambda tries twice more, and each time it is held.
        let kept = aws(HERE).await_messages(pipeline.output("DeliverFailures"));
        let body = kept[0]["Body"].as_str().unwrap();
        assert!(
            body.contains("held, since the archive may have it"),
            "{body}"
        );
    }
    let posts = archive.files()["one.json"].len();
    (pipeline.states().into_values().next().unwrap(), posts)
}

#[test]
fn a_dropped_connection_is_held_or_tried_again_as_set() {
    let held = dropped("held", HandOver::Call, |submission| submission);
    assert_eq!(held, ("unknown".to_owned(), 1));
    // The engine's topics drop what a function failed at, so only the success comes by one.
    let again = dropped("retried", HandOver::Topic, Submission::retry_unknown);
    assert_eq!(again, ("accepted".to_owned(), 2));
}
